//! Joining a call for the panel that asked for it: its offer came with the request, and
//! this server's connection to the gateway is open already, where a browser's costs
//! several round trips on a telephone's network.

use std::time::Duration;

use api::public::{Answer, CallAccess, Sdp};

use crate::calls::Context;
use crate::store::Tenant;

/// How long the panel waits for the gateway's answer with its call; then it asks the
/// gateway itself, which may be better to reach from there.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// The pause before a room is asked for again that is not there yet.
const PAUSE: Duration = Duration::from_millis(50);

/// The gateway's answer to the offer, if it gives one soon.
pub(in crate::calls) async fn answer(
    cx: &Context,
    tenant: &Tenant,
    access: &CallAccess,
    offer: &Sdp,
) -> Option<Answer> {
    let client = cx.account(tenant).await.ok()?.client.clone();
    let (id, token) = (&access.call_id, &access.access_token);
    let joining = async {
        loop {
            match client.join_web_call(id, token, &offer.0).await {
                Err(error) if error.status() == Some(404) => tokio::time::sleep(PAUSE).await,
                joined => return joined,
            }
        }
    };
    match tokio::time::timeout(PATIENCE, joining).await {
        Ok(Ok(joined)) => Some(Answer {
            session_id: joined.session_id,
            sdp: Sdp(joined.sdp),
        }),
        // Not the gateway's words: they may quote the offer.
        Ok(Err(error)) => {
            let status = error.status();
            tracing::warn!(call_id = %id, status, "the gateway did not take the offer");
            None
        }
        Err(_) => {
            tracing::warn!(call_id = %id, "the gateway is slow to take the offer");
            None
        }
    }
}
