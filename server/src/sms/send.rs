//! Sending: a job for a message.

use std::time::Duration;

use api::sms::{SmsProvider, SmsState};
use axum::extract::FromRef;

use super::provider::{self, Outgoing, Refusal, Trace};
use super::store::Waiting;
use super::{Connection, Context, SmsError, connection, rules};
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::phone::E164;
use crate::store::Tenant;
use crate::web::Shared;

/// The kind of the jobs that send.
pub const KIND: &str = "sms.send";
/// How often sending is tried.
pub(super) const MAX_ATTEMPTS: u32 = 6;
/// How long an attempt may take in all.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);
/// Carriers take one a second from an ordinary number.
pub(super) const TERMS: Terms = Terms {
    at_once: 8,
    each: 1,
    patience: Some(Duration::from_secs(2)),
    apart: Some(Duration::from_millis(250)),
    limit: Duration::from_secs(60),
};
/// What was to be sent so long ago is worth nothing any more (ms).
const LATE_MS: i64 = 12 * 60 * 60 * 1000;
/// How long a provider that gives no answer is left alone (ms).
const HANGS_MS: i64 = 60_000;

/// Sends messages.
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Context, tenant, job| async move {
        match run(&cx, &tenant, &job).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
    .reaching_out()
    .while_switched_on()
}

async fn run(cx: &Context, tenant: &Tenant, job: &Job) -> Result<Outcome, SmsError> {
    let Some(id) = job.payload["sms_id"].as_str() else {
        return Ok(Outcome::Park("The job names no message.".to_owned()));
    };
    // Sent already by a server that died before it could say so, failed, or erased.
    let Some(waiting) = cx.store.text_messages().to_send(tenant, id).await? else {
        return Ok(Outcome::Done);
    };
    let now = cx.clock.now_ms();
    let Some(connection) = connection(&cx.store, &cx.vault, tenant).await? else {
        return fail(cx, tenant, id, "The provider is gone.").await;
    };
    let quiet = connection.settings.quiet.as_ref();
    let at = rules::after_quiet(quiet, tenant.timezone(), now);
    // Who wrote just now is answered just now.
    if at > now && !waiting.answers {
        return Ok(Outcome::Later(at));
    }
    if now - waiting.at > LATE_MS {
        return fail(cx, tenant, id, "The provider took it too late.").await;
    }
    if waiting.opted_out && !waiting.answers {
        return fail(cx, tenant, id, "opted-out").await;
    }
    let became = match connection.settings.provider {
        Some(SmsProvider::LogOnly) => SmsState::Logged,
        _ => SmsState::Sent,
    };
    let messages = cx.store.text_messages();
    let sent = hand_over(cx, tenant, id, &waiting, connection).await?;
    let now = cx.clock.now_ms();
    let is_last = job.attempts >= MAX_ATTEMPTS;
    match sent {
        Ok(provider_id) => {
            let news = (provider_id.as_deref(), became);
            messages.note_sent(tenant, id, news, now).await?;
            tracing::info!(
                sms_id = id,
                tenant_id = tenant.id(),
                ?became,
                "text message handed over"
            );
            Ok(Outcome::Done)
        }
        Err(NotSent::Unclear) => {
            messages.note_unclear(tenant, id, now).await?;
            Ok(Outcome::Done)
        }
        Err(NotSent::Refused(Refusal::Never(why))) => fail(cx, tenant, id, &why).await,
        Err(NotSent::Refused(Refusal::OptedOut)) => {
            let number = &waiting.number;
            messages.set_opted_out(tenant, number, true, now).await?;
            fail(cx, tenant, id, "opted-out").await
        }
        Err(NotSent::Refused(Refusal::Later(why))) => {
            if is_last {
                messages.note_failed(tenant, id, &why, now).await?;
                return Ok(Outcome::Park(why));
            }
            Ok(Outcome::Retry(why))
        }
        Err(NotSent::Refused(Refusal::Unsure { why, .. })) if is_last => {
            messages.note_unclear(tenant, id, now).await?;
            Ok(Outcome::Park(why))
        }
        Err(NotSent::Refused(Refusal::Unsure { hangs: true, .. })) => {
            Ok(Outcome::Unanswered(now + HANGS_MS))
        }
        Err(NotSent::Refused(Refusal::Unsure { why, .. })) => Ok(Outcome::Retry(why)),
    }
}

/// Why a message was not handed over.
enum NotSent {
    /// The provider did not take it, or nobody knows.
    Refused(Refusal),
    /// It may have been taken before, and nobody can say: sent again, it might arrive twice.
    Unclear,
}

/// Hands a message over; what may have been handed over before without an answer is looked for
/// first. Returns the provider's id, where it tells one.
async fn hand_over(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    waiting: &Waiting,
    connection: Connection,
) -> Result<Result<Option<String>, NotSent>, SmsError> {
    let never = |why: &str| Ok(Err(NotSent::Refused(Refusal::Never(why.to_owned()))));
    let Ok(to) = E164::parse(&waiting.number) else {
        return never("The number is none.");
    };
    let receipt_url = connection.url(cx, tenant, &format!("receipt?id={id}"));
    let Some(provider) = provider::of(connection) else {
        return never("The provider is gone.");
    };
    let message = Outgoing {
        id,
        to: &to,
        body: &waiting.body,
        receipt_url: &receipt_url,
    };
    let messages = cx.store.text_messages();
    let mut since = waiting.tried_at;
    if let Some(since) = since {
        match provider.look(&cx.http, message.clone(), since).await {
            Ok(Trace::There(ids)) => {
                // One like it may be another one of ours.
                let found = messages.of_nobody(tenant, ids).await?;
                if found.is_some() {
                    return Ok(Ok(found));
                }
            }
            Ok(Trace::Nowhere) => {}
            Ok(Trace::Unknowable) => return Ok(Err(NotSent::Unclear)),
            // It is as unclear as before.
            Err(Refusal::Later(why) | Refusal::Never(why)) => {
                let hangs = false;
                return Ok(Err(NotSent::Refused(Refusal::Unsure { why, hangs })));
            }
            Err(refusal) => return Ok(Err(NotSent::Refused(refusal))),
        }
    }
    since = since.or(Some(cx.clock.now_ms()));
    messages.note_tried(tenant, id, since).await?;
    let sent = provider.send(&cx.http, message).await;
    if let Err(Refusal::Later(_)) = sent {
        messages.note_tried(tenant, id, None).await?;
    }
    Ok(sent.map_err(NotSent::Refused))
}

async fn fail(cx: &Context, tenant: &Tenant, id: &str, why: &str) -> Result<Outcome, SmsError> {
    let now = cx.clock.now_ms();
    cx.store
        .text_messages()
        .note_failed(tenant, id, why, now)
        .await?;
    Ok(Outcome::Done)
}
