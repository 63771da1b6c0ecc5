//! What a visitor's page may do: start a call, end it, and ask what became of
//! it.

use std::convert::Infallible;
use std::time::Duration;

use api::desk::CallStatus;
use api::public::{CallAccess, CallOutcome, NewWebCall, Waiting};
use axum::extract::{DefaultBodyLimit, FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;

use crate::calls::metrics::{self, Minter};
use crate::calls::{self, Context, MintError, Visitor, mint};
use crate::ground::Ground;
use crate::keys::PublicKey;
use crate::store::Tenant;
use crate::web::address::{Path, Query};
use crate::web::caller::bearer;
use crate::web::client_ip::ClientIp;
use crate::web::json::{BODY_LIMIT, Json};
use crate::web::lasting::to_the_end;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

/// The routes of this module.
pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    Ground: FromRef<S>,
{
    Router::new()
        .route("/api/public/web-calls", post(boxed(start)))
        .route("/api/public/web-calls/{id}", get(boxed(outcome)))
        .route("/api/public/web-calls/{id}/end", post(boxed(end)))
        .route(
            "/api/public/places/{id}",
            post(boxed(keep)).delete(boxed(leave)),
        )
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// How long a page that goes away has to leave its call at the gateway by itself:
/// then it is the visitor who hung up.
const LEAVES_BY_ITSELF: Duration = Duration::from_secs(1);

/// What opens a call to its visitor, as a bearer's token: an address would be written
/// down by every proxy on the way.
pub(super) struct Ticket(String);

impl<S: Send + Sync> FromRequestParts<S> for Ticket {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(bearer(&parts.headers).unwrap_or_default().to_owned()))
    }
}

impl Ticket {
    /// Checks it against the call it should open.
    pub(super) fn check(&self, cx: &Context, call_id: &str) -> Result<(), ApiError> {
        Ok(cx
            .signer
            .verify_call_ticket(&self.0, call_id, cx.clock.now_ms())?)
    }
}

async fn start(
    State(cx): State<Context>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Json(request): Json<NewWebCall>,
) -> Result<(StatusCode, JsonAnswer<CallAccess>), ApiError> {
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok());
    let minted = mint(&cx, Visitor { origin, ip }, request).await;
    let outcome = minted.as_ref().map_or_else(MintError::name, |_| "minted");
    metrics::minted(&cx.metrics, Minter::Visitor, outcome);
    let access = minted?;
    Ok((StatusCode::CREATED, JsonAnswer(access)))
}

async fn outcome(
    State(cx): State<Context>,
    Path(id): Path<String>,
    ticket: Ticket,
) -> Result<JsonAnswer<CallOutcome>, ApiError> {
    ticket.check(&cx, &id)?;
    let tenant = cx
        .store
        .calls()
        .tenant_of(&id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    let call = cx
        .store
        .calls()
        .summary(&tenant, &id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    Ok(JsonAnswer(CallOutcome {
        status: call.status,
        duration_ms: call.duration_ms,
        disconnection_reason: call.disconnection_reason,
    }))
}

/// Ends the call. A page that is going away sends this without waiting, so it
/// may come late, twice, or for a call nobody joined: all of that is fine. One that goes
/// on is left at the gateway as well, where that request gets through.
async fn end(
    State(cx): State<Context>,
    Path(id): Path<String>,
    ticket: Ticket,
) -> Result<StatusCode, ApiError> {
    ticket.check(&cx, &id)?;
    let tenant = cx
        .store
        .calls()
        .tenant_of(&id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    to_the_end(async move {
        let call = cx.store.calls().summary(&tenant, &id).await?;
        if call.is_some_and(|call| call.status == CallStatus::Ongoing) {
            tokio::time::sleep(LEAVES_BY_ITSELF).await;
        }
        calls::end::end(&cx, &tenant, &id).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// With which key a visitor waits.
#[derive(Deserialize)]
struct Waiter {
    key: String,
}

impl Waiter {
    async fn find(&self, cx: &Context) -> Result<(Tenant, PublicKey), ApiError> {
        let found = cx.store.public_keys().find(&self.key).await?;
        let found = found.filter(|(_, key)| key.works(cx.clock.now_ms()));
        found.ok_or_else(ApiError::not_found)
    }
}

/// Keeps a place in line and tells how it stands. Whoever has its id holds it.
async fn keep(
    State(cx): State<Context>,
    Path(id): Path<String>,
    Query(waiter): Query<Waiter>,
) -> Result<JsonAnswer<Waiting>, ApiError> {
    let (tenant, key) = waiter.find(&cx).await?;
    let now = cx.clock.now_ms();
    let place = cx.store.places().keep(&tenant, &key, &id, now).await?;
    let place = place.ok_or_else(ApiError::not_found)?;
    Ok(JsonAnswer(
        calls::mint::waiting(&cx, &tenant, &key, place).await?,
    ))
}

/// Gives a place in line up. A page that is going away sends this without waiting.
async fn leave(
    State(cx): State<Context>,
    Path(id): Path<String>,
    Query(waiter): Query<Waiter>,
) -> Result<StatusCode, ApiError> {
    let (tenant, _) = waiter.find(&cx).await?;
    cx.store.places().leave(&tenant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use api::problem::OF_NEW_CALLS;

    use super::*;
    use crate::accounts::AccountError;
    use crate::signed::TokenError;
    use crate::store::StoreError;
    use crate::web::pace::Pace;

    /// One of each, and what can be inside it. A new one does not compile until
    /// it is here.
    fn refusals() -> Vec<MintError> {
        let wait = Duration::from_secs(1);
        let route = "POST /v3/create-web-call";
        let api = |status| {
            MintError::Retell(retell::Error::Api {
                route,
                status,
                message: String::new(),
                retry_after: None,
            })
        };
        let stored = || StoreError::Unavailable(sqlx::Error::PoolTimedOut);
        let mut all = vec![
            MintError::KeyUnknown,
            MintError::KeyDisabled,
            MintError::VoiceOff,
            MintError::CallbackOff,
            MintError::OutOfHours {
                retry_after: Some(wait),
            },
            MintError::CaptchaFailed,
            MintError::CaptchaUnavailable(String::new()),
            MintError::LinesBusy(None),
            MintError::MinutesUsedUp { retry_after: wait },
            MintError::OriginNotAllowed,
            MintError::NonceInvalid(TokenError::Expired),
            MintError::AgentNotAllowed,
            MintError::AgentUnknown,
            MintError::RateLimited { retry_after: wait },
            MintError::MetadataInvalid("It is no object."),
            MintError::TransportUnsupported,
            MintError::Store(stored()),
            MintError::Store(StoreError::Refused(sqlx::Error::RowNotFound)),
            MintError::Account(AccountError::Store(stored())),
            MintError::Account(AccountError::Client(retell::Error::Config(String::new()))),
            MintError::Retell(retell::Error::Timeout { route }),
            MintError::Retell(retell::Error::Connect {
                route,
                source: "refused".into(),
            }),
        ];
        all.extend([400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 503].map(api));
        for refusal in &all {
            match refusal {
                MintError::KeyUnknown
                | MintError::KeyDisabled
                | MintError::VoiceOff
                | MintError::CallbackOff
                | MintError::OutOfHours { .. }
                | MintError::CaptchaFailed
                | MintError::CaptchaUnavailable(_)
                | MintError::LinesBusy(_)
                | MintError::MinutesUsedUp { .. }
                | MintError::OriginNotAllowed
                | MintError::NonceInvalid(_)
                | MintError::AgentNotAllowed
                | MintError::AgentUnknown
                | MintError::RateLimited { .. }
                | MintError::MetadataInvalid(_)
                | MintError::Retell(_)
                | MintError::TransportUnsupported
                | MintError::Account(_)
                | MintError::Store(_) => {}
            }
        }
        all
    }

    const PACE: Pace = Pace {
        pause: Duration::from_secs(1),
        whole: Duration::from_secs(2),
    };

    #[test]
    fn the_widget_knows_every_way_a_call_is_refused() {
        let mut told: Vec<&str> = refusals()
            .into_iter()
            .map(|refusal| ApiError::from(refusal).slug())
            .collect();
        // What the body itself can be refused for.
        told.extend([
            crate::web::problem::body_not_json("").slug(),
            crate::web::problem::body_invalid("").slug(),
            crate::web::problem::body_too_large(BODY_LIMIT).slug(),
            crate::web::problem::body_timeout(PACE).slug(),
        ]);
        for slug in &told {
            assert!(
                OF_NEW_CALLS.contains(slug),
                "the widget is not told of `{slug}`"
            );
        }
        for slug in OF_NEW_CALLS {
            assert!(told.contains(&slug), "nothing answers `{slug}` any more");
        }
    }
}
