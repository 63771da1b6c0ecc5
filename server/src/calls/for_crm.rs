//! What the business's CRM is told of a call.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use api::desk::CallStatus;

use super::facts::{self, Facts};
use super::status;
use crate::crm::{CallFacts, Ended};
use crate::phone::E164;
use crate::store::{Store, StoreError, Tenant};

/// What there is to tell of a call of the tenant; nothing when there is no such call.
pub(crate) fn facts_for_crm<'a>(
    store: &'a Store,
    tenant: &'a Tenant,
    id: &'a str,
) -> BoxFuture<'a, Result<Option<CallFacts>, StoreError>> {
    async move {
        let Some(call) = store.calls().find(tenant, id).await? else {
            return Ok(None);
        };
        let facts = Facts::of(&call.retell);
        let outbound = facts.direction.as_deref() == Some("outbound");
        let number = facts
            .other_side()
            .and_then(|number| E164::parse(number).ok());
        let began = facts.started_at.or(facts.ended_at);
        Ok(Some(CallFacts {
            call_id: id.to_owned(),
            outbound,
            number,
            name: call.summary.contact_name,
            agent: call.summary.agent_name,
            started_at: began.unwrap_or(call.summary.created_at),
            duration_ms: facts.duration_ms.unwrap_or(0),
            ended: ended(facts.disconnection_reason.as_deref()),
            successful: facts.successful,
            sentiment: facts.user_sentiment,
            summary: facts::analysis_summary(&call.retell),
            cost_cents: facts.cost_cents,
            from: facts.from_number,
            to: facts.to_number,
        }))
    }
    .boxed()
}

/// How a call ended, of which Retell tells this reason.
pub(crate) fn ended(reason: Option<&str>) -> Ended {
    match (reason, status::from_reason(reason)) {
        (Some("dial_busy"), _) => Ended::Busy,
        (Some("voicemail_reached"), _) => Ended::Voicemail,
        (_, CallStatus::NotConnected) => Ended::NoAnswer,
        (_, CallStatus::Error) => Ended::Failed,
        _ => Ended::Connected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crm_is_told_how_a_call_ended() {
        for (reason, expected) in [
            (None, Ended::Connected),
            (Some("user_hangup"), Ended::Connected),
            (Some("voicemail_reached"), Ended::Voicemail),
            (Some("dial_busy"), Ended::Busy),
            (Some("dial_no_answer"), Ended::NoAnswer),
            (Some("credit_exhausted"), Ended::Failed),
        ] {
            assert_eq!(ended(reason), expected, "{reason:?}");
        }
    }
}
