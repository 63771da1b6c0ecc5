//! What a visitor does with a call of theirs, by its ticket: typing to the
//! agent while it is live, rating it afterwards.

use api::problem::slug;
use api::public::{Rating, TypedMessage};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;

use super::public::Ticket;
use crate::calls::{Context, visitor};
use crate::store::Tenant;
use crate::web::address::Path;
use crate::web::json::{BODY_LIMIT, Json};
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

/// The routes of this module.
pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route("/api/public/web-calls/{id}/messages", post(boxed(message)))
        .route("/api/public/web-calls/{id}/rating", post(boxed(rating)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

async fn message(
    State(cx): State<Context>,
    Path(id): Path<String>,
    ticket: Ticket,
    Json(message): Json<TypedMessage>,
) -> Result<StatusCode, ApiError> {
    let tenant = opened(&cx, &ticket, &id).await?;
    visitor::tell_agent(&cx, &tenant, &id, &message).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rating(
    State(cx): State<Context>,
    Path(id): Path<String>,
    ticket: Ticket,
    Json(rating): Json<Rating>,
) -> Result<StatusCode, ApiError> {
    let tenant = opened(&cx, &ticket, &id).await?;
    visitor::rate(&cx, &tenant, &id, rating).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tenant of the call that the ticket opens.
async fn opened(cx: &Context, ticket: &Ticket, id: &str) -> Result<Tenant, ApiError> {
    ticket.check(cx, id)?;
    let tenant = cx.store.calls().tenant_of(id).await?;
    tenant.ok_or_else(ApiError::call_unknown)
}

impl From<visitor::VisitorError> for ApiError {
    fn from(error: visitor::VisitorError) -> Self {
        use visitor::VisitorError;
        match error {
            VisitorError::Unusable(detail) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::BODY_INVALID,
                "The body cannot be used.",
            )
            .detail(detail),
            VisitorError::NotLive => Self::new(
                StatusCode::CONFLICT,
                slug::CALL_NOT_LIVE,
                "The call is not live.",
            ),
            VisitorError::TooFast { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::RATE_LIMITED,
                "Too many messages in a short time.",
            )
            .retry_after(Some(retry_after)),
            VisitorError::Store(error) => error.into(),
            VisitorError::Account(error) => error.into(),
            VisitorError::Retell(error) => error.into(),
        }
    }
}
