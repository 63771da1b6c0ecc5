//! Where functions are asked for, and what was asked in a call.

mod own;
mod page;

use std::collections::HashMap;

use api::functions::FunctionCallList;
use api::keys::ApiScope;
use api::problem::Problem;
use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, HeaderName};
use axum::routing::{MethodRouter, get};
use axum::{Json as JsonAnswer, Router};
use serde_json::{Value, json};
use spoken::Language;
use utoipa_axum::router::OpenApiRouter;

use super::answer::No;
use super::asking;
use super::invoke::{self, InvokeError};
use super::request::{Around, Request};
use super::{Context, exported};
use crate::ground::Ground;
use crate::inbox::Reading;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::client_ip::ClientIp;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Routes, Shared, boxed, routes};

/// Addresses all functions are asked for at; the body names which.
const SHARED: [&str; 2] = ["/retell/functions", "/api/webhooks/retell/function"];

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let asked = Router::new().route("/api/functions/{name}", by_any(named));
    let asked = SHARED.iter().fold(asked, |router, address| {
        router.route(address, by_any(unnamed))
    });
    let desk = Router::new()
        .route("/api/desk/functions", get(boxed(list)))
        .route("/api/desk/calls/{id}/functions", get(boxed(of_call)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(of_call));
    Routes::new()
        .open(asked)
        .desk(desk)
        .v1(v1)
        .and(own::routes())
        .and(page::routes())
}

/// By the method that the agent says (retell-protocol C1).
fn by_any<S: Shared, T: 'static>(handler: impl Handler<T, S>) -> MethodRouter<S> {
    get(handler.clone())
        .post(handler.clone())
        .put(handler.clone())
        .patch(handler.clone())
        .delete(handler)
}

async fn named(
    State(cx): State<Context>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    ip: ClientIp,
    headers: HeaderMap,
    body: Body,
) -> Result<JsonAnswer<Value>, ApiError> {
    answer(&cx, Some(&name), &query, ip, &headers, body).await
}

async fn unnamed(
    State(cx): State<Context>,
    Query(query): Query<HashMap<String, String>>,
    ip: ClientIp,
    headers: HeaderMap,
    body: Body,
) -> Result<JsonAnswer<Value>, ApiError> {
    answer(&cx, None, &query, ip, &headers, body).await
}

async fn answer(
    cx: &Context,
    name: Option<&str>,
    query: &HashMap<String, String>,
    ClientIp(ip): ClientIp,
    headers: &HeaderMap,
    body: Body,
) -> Result<JsonAnswer<Value>, ApiError> {
    let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let signature = header(HeaderName::from_static(retell::signature::HEADER).as_str());
    let reading = Reading::new(cx, ip, signature.as_deref());
    let body = reading.read(headers, body).await?;
    let signers = cx.signed_by(&body.bytes, signature.as_deref()).await?;
    let around = Around {
        name,
        query,
        header: &header,
    };
    let request = Request::read(&body.bytes, around);
    // What stays is small.
    drop(body);
    let request = request.ok_or_else(|| body_invalid("The body names no function."))?;
    let wrapped = request.wrapped;
    let language = Language::of(&asking::language(&request).unwrap_or_default());
    let answer = match invoke::invoke(cx, &signers, request).await {
        // Whoever waits on the telephone has to be told something.
        Err(InvokeError::Store(error)) => {
            tracing::error!(%error, "a function cannot be asked for");
            No::from(error).into_json(language, false)
        }
        answer => answer?,
    };
    Ok(JsonAnswer(match wrapped {
        true => json!({"result": answer}),
        false => answer,
    }))
}

impl From<InvokeError> for ApiError {
    fn from(error: InvokeError) -> Self {
        match error {
            InvokeError::NobodysCall => Self::call_unknown(),
            InvokeError::Store(error) => error.into(),
        }
    }
}

/// Lists the functions
///
/// As Retell's `general_tools` has them, the business's own included. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/functions", tag = "functions",
    responses((status = 200, body = Vec<Value>), (status = "default", body = Problem)))]
async fn list(State(cx): State<Context>, actor: Actor) -> Result<JsonAnswer<Value>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let told = exported(&cx.config, &cx.store, &actor.tenant, None).await?;
    Ok(JsonAnswer(told))
}

/// Lists what was asked in a call
///
/// The functions the agent asked for, with their arguments, answers and latencies, in
/// their order. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/calls/{id}/functions", tag = "functions",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 200, body = FunctionCallList), (status = "default", body = Problem)))]
async fn of_call(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<FunctionCallList>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let items = cx.store.functions().of_call(&actor.tenant, &id).await?;
    if items.is_empty()
        && cx
            .store
            .calls()
            .summary(&actor.tenant, &id)
            .await?
            .is_none()
    {
        return Err(ApiError::call_unknown());
    }
    Ok(JsonAnswer(FunctionCallList { items }))
}
