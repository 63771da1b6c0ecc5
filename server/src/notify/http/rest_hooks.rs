//! REST hooks: how Zapier, and triggers of n8n like it, subscribe themselves to
//! an event and leave again. A subscription is an endpoint with one event.

use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use crate::notify::{self, Context, EndpointForm, EventType, event};
use crate::web::address::Path;
use crate::web::caller::ApiCaller;
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::problem::ApiError;
use crate::web::{Shared, routes};

/// What the desk shows such an endpoint as.
const DESCRIPTION: &str = "REST hook";

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    Context: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(subscribe))
        .routes(routes!(unsubscribe))
        .routes(routes!(sample))
}

/// Where to send an event.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Subscribe {
    /// The address; `hookUrl` and `targetUrl` do as well.
    target_url: String,
    /// The event type, such as `call.ended`.
    event: String,
}

impl Fields for Subscribe {
    const FIELDS: &'static [Field] = &[
        Field("target_url", Kind::Text, &["targetUrl", "hookUrl"]),
        Field("event", Kind::Text, &[]),
    ];
}

/// A subscription.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Subscription {
    /// Ends it; also the endpoint's id.
    id: String,
    /// The event type.
    event: String,
    /// Verifies what is sent. Told only here.
    secret: String,
}

/// Subscribes to an event
///
/// Adds an endpoint that gets this event only. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/hooks", tag = "REST hooks", request_body = Subscribe,
    responses((status = 201, body = Subscription), (status = "default", body = Problem)))]
async fn subscribe(
    State(cx): State<Context>,
    caller: ApiCaller,
    Lenient(wanted): Lenient<Subscribe>,
) -> Result<(StatusCode, JsonAnswer<Subscription>), ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    let form = EndpointForm {
        url: wanted.target_url,
        description: DESCRIPTION.to_owned(),
        events: vec![wanted.event.clone()],
    };
    let none = std::collections::BTreeMap::new();
    let author = caller.author();
    let (endpoint, secret) = notify::create(&cx, &caller.tenant, &author, form, &none).await?;
    let subscription = Subscription {
        id: endpoint.id,
        event: wanted.event,
        secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, JsonAnswer(subscription)))
}

/// Unsubscribes
///
/// Scope `webhooks:write`.
#[utoipa::path(delete, path = "/api/v1/hooks/{id}", tag = "REST hooks",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn unsubscribe(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require(ApiScope::WebhooksWrite)?;
    super::remove(&cx, &caller.tenant, &caller.author(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows what an event looks like
///
/// A list of one, made up, with the fields a real one has. Scope
/// `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/events/{type}/sample", tag = "REST hooks",
    params(("type" = String, Path, description = "Such as `call.ended`")),
    responses((status = 200, body = Vec<Object>), (status = "default", body = Problem)))]
async fn sample(
    State(cx): State<Context>,
    caller: ApiCaller,
    Path(kind): Path<String>,
) -> Result<JsonAnswer<[Value; 1]>, ApiError> {
    caller.require(ApiScope::WebhooksRead)?;
    let kind = EventType::parse(&kind)
        .ok_or_else(|| ApiError::not_found().detail("There is no such event type."))?;
    let event = cx.example(kind, cx.clock.now_ms());
    let link = |path: &str| cx.config.url_of(path);
    let body = event::body(
        "evt_example",
        kind.name(),
        event.happened_at,
        &event.payload,
        link,
    );
    let body = serde_json::from_str(&body).map_err(|_| ApiError::internal())?;
    Ok(JsonAnswer([body]))
}
