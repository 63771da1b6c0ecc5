//! Calls: starting them, for programs.

use std::collections::BTreeMap;

use api::desk::CallSummary;
use api::keys::ApiScope;
use api::problem::Problem;
use api::public::CallAccess;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::{Extension, Json as JsonAnswer};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::calls::Context;
use crate::calls::outbound::{self, Wanted, WantedPhoneCall};
use crate::keys::http::IdempotencyKey;
use crate::web::Shared;
use crate::web::caller::ApiCaller;
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    Context: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(web_call))
        .routes(routes!(phone_call))
}

/// A web call to be started.
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

/// A telephone call to be started.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewPhoneCall {
    /// Whom to call, in international form.
    to_number: String,
    /// A number of the Retell account; one that calls with the agent when absent.
    #[serde(default)]
    from_number: Option<String>,
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

impl Fields for NewCall {
    const FIELDS: &'static [Field] = &CALL;
}

impl Fields for NewPhoneCall {
    const FIELDS: &'static [Field] = &[
        Field("to_number", Kind::Phone, &[]),
        Field("from_number", Kind::Phone, &[]),
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
#[utoipa::path(post, path = "/api/v1/web-calls", tag = "calls", request_body = NewCall,
    responses((status = 201, body = CallAccess), (status = "default", body = Problem)))]
async fn web_call(
    State(cx): State<Context>,
    caller: ApiCaller,
    Lenient(new): Lenient<NewCall>,
) -> Result<(StatusCode, JsonAnswer<CallAccess>), ApiError> {
    caller.require(ApiScope::CallsWrite)?;
    let access = outbound::web_call(&cx, &caller.tenant, new.into()).await?;
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
    caller: ApiCaller,
    key: Option<Extension<IdempotencyKey>>,
    Lenient(new): Lenient<NewPhoneCall>,
) -> Result<(StatusCode, JsonAnswer<CallSummary>), ApiError> {
    caller.require(ApiScope::CallsWrite)?;
    let wanted = WantedPhoneCall {
        to: new.to_number,
        from: new.from_number,
        call: new.call.into(),
        idempotency_key: key.map(|Extension(IdempotencyKey(key))| key),
        public_key: None,
    };
    let mut call = outbound::phone_call(&cx, &caller.tenant, wanted).await?;
    super::seen_by(|scope| caller.require(scope), &mut call.summary);
    Ok((StatusCode::CREATED, JsonAnswer(call.summary)))
}
