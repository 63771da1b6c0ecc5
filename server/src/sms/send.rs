//! Sending: a job for a message.

use std::time::Duration;

use api::sms::{SmsProvider, SmsState};
use axum::extract::FromRef;

use super::provider::{self, Outgoing, Refusal};
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
    let Some(connection) = connection(cx, tenant).await? else {
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
    let sent = hand_over(cx, tenant, id, &waiting, connection).await;
    let now = cx.clock.now_ms();
    match sent {
        Ok(provider_id) => {
            cx.store
                .text_messages()
                .note_sent(tenant, id, (provider_id.as_deref(), became), now)
                .await?;
            tracing::info!(
                sms_id = id,
                tenant_id = tenant.id(),
                ?became,
                "text message handed over"
            );
            Ok(Outcome::Done)
        }
        Err(Refusal::Never(why)) => fail(cx, tenant, id, &why).await,
        Err(Refusal::OptedOut) => {
            cx.store
                .text_messages()
                .set_opted_out(tenant, &waiting.number, true, now)
                .await?;
            fail(cx, tenant, id, "opted-out").await
        }
        Err(Refusal::Later { why, .. }) if job.attempts >= MAX_ATTEMPTS => {
            cx.store
                .text_messages()
                .note_failed(tenant, id, &why, now)
                .await?;
            Ok(Outcome::Park(why))
        }
        Err(Refusal::Later { hangs: true, .. }) => Ok(Outcome::Unanswered(now + HANGS_MS)),
        Err(Refusal::Later { why, .. }) => Ok(Outcome::Retry(why)),
    }
}

async fn hand_over(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    waiting: &Waiting,
    connection: Connection,
) -> Result<Option<String>, Refusal> {
    let never = |why: &str| Refusal::Never(why.to_owned());
    let to = E164::parse(&waiting.number).map_err(|_| never("The number is none."))?;
    let receipt_url = connection.url(cx, tenant, &format!("receipt?id={id}"));
    let provider = provider::of(connection).ok_or_else(|| never("The provider is gone."))?;
    let message = Outgoing {
        id,
        to: &to,
        body: &waiting.body,
        receipt_url: &receipt_url,
    };
    provider.send(&cx.http, message).await
}

async fn fail(cx: &Context, tenant: &Tenant, id: &str, why: &str) -> Result<Outcome, SmsError> {
    let now = cx.clock.now_ms();
    cx.store
        .text_messages()
        .note_failed(tenant, id, why, now)
        .await?;
    Ok(Outcome::Done)
}
