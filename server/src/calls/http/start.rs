//! Calls: starting them.

use std::collections::BTreeMap;

use api::desk::{CallSummary, Dial};
use api::keys::ApiScope;
use api::problem::Problem;
use api::public::{CallAccess, Sdp};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Extension, Json as JsonAnswer, Router};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;

use crate::calls::Context;
use crate::calls::outbound::{self, Wanted, WantedPhoneCall};
use crate::invalid::Invalid;
use crate::keys::http::IdempotencyKey;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/web-calls", post(boxed(web_call)))
        .route("/api/desk/phone-calls", post(boxed(phone_call)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(web_call))
        .routes(routes!(phone_call));
    Routes::new().desk(desk).v1(v1)
}

/// A call to be started.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewCall {
    /// The agent's id at Retell; the business's default one when absent.
    #[serde(default)]
    agent_id: Option<String>,
    /// Stored with the call; at most 50 kB.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// Fills the agent's prompt.
    #[serde(default)]
    dynamic_variables: BTreeMap<String, String>,
}

/// A web call to be started.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewWebCall {
    /// The browser's offer: with it the server joins the call at once, and the answer
    /// comes with the access to it.
    #[serde(default)]
    offer: Option<Sdp>,
    #[serde(flatten)]
    call: NewCall,
}

/// A telephone call to be started.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewPhoneCall {
    /// Whom to call, in international form.
    to_number: String,
    /// A number of the Retell account; one that calls with the agent when absent.
    #[serde(default)]
    from_number: Option<String>,
    /// Tells one wish from another where there is no `Idempotency-Key`: said again with
    /// the same one, nobody is called twice. At most 64 characters.
    #[serde(default)]
    request_id: Option<String>,
    #[serde(flatten)]
    call: NewCall,
}

/// What either call is read by.
const CALL: [Field; 3] = [
    Field("agent_id", Kind::Text, &[]),
    Field("metadata", Kind::Object, &[]),
    Field(
        "dynamic_variables",
        Kind::Texts,
        &["retell_llm_dynamic_variables"],
    ),
];

impl Fields for NewWebCall {
    const FIELDS: &'static [Field] = &CALL;
}

impl Fields for NewPhoneCall {
    const FIELDS: &'static [Field] = &[
        Field("to_number", Kind::Phone, &[]),
        Field("from_number", Kind::Phone, &[]),
        Field("request_id", Kind::Text, &[]),
        CALL[0],
        CALL[1],
        CALL[2],
    ];
}

impl From<NewCall> for Wanted {
    fn from(new: NewCall) -> Self {
        Self {
            agent_id: new.agent_id,
            metadata: new.metadata.map(Value::Object),
            variables: new.dynamic_variables,
        }
    }
}

/// Starts a web call
///
/// Hand the answer to a page of your own: it joins with it, once, within half a
/// minute. Scope `calls:write`.
#[utoipa::path(post, path = "/api/v1/web-calls", tag = "calls", request_body = NewWebCall,
    responses((status = 201, body = CallAccess), (status = "default", body = Problem)))]
async fn web_call(
    State(cx): State<Context>,
    actor: Actor,
    Lenient(NewWebCall { offer, call }): Lenient<NewWebCall>,
) -> Result<(StatusCode, JsonAnswer<CallAccess>), ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let access = outbound::web_call(&cx, tenant, author, call.into(), offer.as_ref()).await?;
    Ok((StatusCode::CREATED, JsonAnswer(access)))
}

/// Calls a number
///
/// With an `Idempotency-Key` a lost answer does not dial twice. Scope
/// `calls:write`.
#[utoipa::path(post, path = "/api/v1/phone-calls", tag = "calls", request_body = NewPhoneCall,
    responses((status = 201, body = CallSummary), (status = "default", body = Problem)))]
async fn phone_call(
    State(cx): State<Context>,
    actor: Actor,
    key: Option<Extension<IdempotencyKey>>,
    Lenient(new): Lenient<NewPhoneCall>,
) -> Result<(StatusCode, JsonAnswer<CallSummary>), ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let is_long = |id: &String| id.chars().count() > Dial::REQUEST_ID_MAX;
    if new.request_id.as_ref().is_some_and(is_long) {
        return Err(Invalid::of("request_id", "request_id has at most 64 characters.").into());
    }
    // Another person's wish is another one. Retell takes letters, digits, `_` and `-`.
    let who = actor.author.actor.id().unwrap_or_default();
    let of_wish = |id| hex::encode(Sha256::digest(format!("{who}-{id}")));
    let wanted = WantedPhoneCall {
        to: new.to_number,
        from: new.from_number,
        call: new.call.into(),
        idempotency_key: key
            .map(|Extension(IdempotencyKey(key))| key)
            .or_else(|| new.request_id.map(of_wish)),
        public_key: None,
    };
    let mut call = outbound::phone_call(&cx, &actor.tenant, &actor.author, wanted).await?;
    super::seen_by(|scope| actor.require(Role::Agent, scope), &mut call.summary);
    Ok((StatusCode::CREATED, JsonAnswer(call.summary)))
}
