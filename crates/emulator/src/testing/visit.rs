//! A whole call, held by a peer that is as polite as a visitor: it lets the agent
//! finish, then says something.

use std::time::Duration;

use tokio::time::sleep;

use super::{Peer, PeerError, VOICE_DBOV, View};

/// How long it speaks: longer than a cough, so that it is a turn.
const SAYING: Duration = Duration::from_millis(1_200);
/// How long the agent is silent when it has finished (ms).
const PAUSE_MS: usize = 700;
/// A visitor's pitch (Hz).
const PITCH: f32 = 440.0;
/// How often the room of a new call is looked for.
const KNOCK: Duration = Duration::from_millis(50);
/// For how many of them: a token that joins nothing is worth 30 seconds.
const KNOCKS: usize = 600;

/// Joins a call and answers the agent up to `turns` times, until the agent hangs
/// up or says nothing more; then it hangs up itself.
///
/// # Errors
/// When the gateway refuses or cannot be reached, or the agent never speaks.
pub async fn visit(
    base_url: &str,
    access_token: &str,
    call_id: &str,
    turns: usize,
) -> Result<(), PeerError> {
    let visitor = enter(base_url, access_token, call_id).await?;
    for turn in 0..=turns {
        let heard = visitor
            .wait_for("the agent to speak", |view| {
                is_over(view) || view.level(200) > VOICE_DBOV
            })
            .await;
        match heard {
            Ok(_) => {}
            Err(PeerError::Timeout { .. }) if turn > 0 => break,
            Err(error) => return Err(error),
        }
        let view = visitor
            .wait_for("the agent to finish", |view| {
                is_over(view) || view.is_quiet(PAUSE_MS)
            })
            .await?;
        if is_over(&view) {
            return Ok(());
        }
        if turn < turns {
            visitor.forget().await;
            visitor.hum(Some(PITCH));
            sleep(SAYING).await;
            visitor.hum(None);
        }
    }
    visitor.hang_up().await
}

/// The room of a call appears a moment after the call.
pub(super) async fn enter(
    base_url: &str,
    access_token: &str,
    call_id: &str,
) -> Result<Peer, PeerError> {
    let mut knocks = 0;
    loop {
        match Peer::connect(base_url, access_token, call_id).await {
            Err(PeerError::Refused { status: 404, .. }) if knocks < KNOCKS => {
                knocks += 1;
                sleep(KNOCK).await;
            }
            entered => return entered,
        }
    }
}

/// Whether the agent hung up (retell-protocol F4).
fn is_over(view: &View) -> bool {
    view.closed || view.control.iter().any(|frame| frame.contains("\"ended\""))
}
