//! Handing a call over to one of the business's destinations.
//!
//! Retell transfers no call because somebody outside asks for it: only its agent does, by a tool
//! of its own. So the agent is told to whom, by the variable that tool reads, and that it is to
//! do so now. Whether it does is known once Retell says that a transfer has begun.

use api::attend::HandOver;
use retell::models::{CallControl, FieldsToOverride, UpdateLiveCall};
use serde_json::json;

use super::{AttendError, going_on, update_call};
use crate::deeds::{Author, Deed};
use crate::invalid::Invalid;
use crate::live::Context;
use crate::routing::destinations::{TRANSFER_NOW, TRANSFER_TO};
use crate::store::Tenant;

/// Has the agent hand the call over. Only to whom the business has entered, and whatever their
/// hours are: who asks knows better.
///
/// # Errors
/// With the reason why the agent is not asked.
pub async fn hand_over(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    HandOver { destination }: &HandOver,
    author: &Author,
) -> Result<(), AttendError> {
    going_on(cx, tenant, call_id).await?;
    let all = cx.store.routing_rules().destinations(tenant).await?;
    let found = all.into_iter().find(|it| it.id == *destination);
    let found = found.filter(|it| it.details.active);
    let to =
        found.ok_or_else(|| Invalid::of("destination", "destination: there is no such one."))?;
    let name = &to.details.name;
    // To an agent, in the language its tools are described in.
    let note = format!(
        "A supervisor hands this call over to {name} now. Tell the caller so in one short \
         sentence, then call {TRANSFER_NOW} at once: whom it calls is set."
    );
    let variables = [(TRANSFER_TO.to_owned(), to.details.to.clone())];
    let update = UpdateLiveCall {
        fields_to_override: Some(FieldsToOverride {
            override_dynamic_variables: Some(Some(variables.into())),
            ..FieldsToOverride::default()
        }),
        call_control: Some(CallControl {
            additional_context: Some(note),
            trigger_response: Some(true),
        }),
    };
    let deed = Deed::on("call", call_id, "call.handed_over").with(json!({"to": name}));
    update_call(cx, tenant, &update, author, &deed).await
}
