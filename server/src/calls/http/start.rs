//! Calls: starting them, for programs, and for the staff who try an agent.

use std::collections::BTreeMap;

use api::desk::{CallSummary, Dial, NewTestCall};
use api::keys::ApiScope;
use api::problem::Problem;
use api::public::CallAccess;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Extension, Json as JsonAnswer, Router};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;

use crate::calls::outbound::{self, Wanted, WantedPhoneCall};
use crate::calls::{Context, mint};
use crate::deeds::Deed;
use crate::invalid::Invalid;
use crate::keys::http::IdempotencyKey;
use crate::people::http::Staff;
use crate::people::{self, Role};
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/web-calls", post(boxed(test_call)))
        .route("/api/desk/phone-calls", post(boxed(dial)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(web_call))
        .routes(routes!(phone_call));
    Routes::new().desk(desk).v1(v1)
}

/// Whoever may have an agent call somebody back may talk with it.
async fn test_call(
    State(cx): State<Context>,
    staff: Staff,
    Json(new): Json<NewTestCall>,
) -> Result<(StatusCode, JsonAnswer<CallAccess>), ApiError> {
    staff.require(Role::Agent)?;
    let author = staff.author();
    let access = mint::test_call(&cx, &staff.tenant, &staff.user.id, &author, new).await?;
    Ok((StatusCode::CREATED, JsonAnswer(access)))
}

/// Whoever may have an agent call somebody back may have it call any number, as often as they may
/// talk with one themselves. The number is no part of the trail, which outlives its erasure.
async fn dial(
    State(cx): State<Context>,
    staff: Staff,
    Json(Dial {
        to_number,
        agent_id,
        request_id,
    }): Json<Dial>,
) -> Result<(StatusCode, JsonAnswer<CallSummary>), ApiError> {
    staff.require(Role::Agent)?;
    let is_long = |id: &String| id.chars().count() > Dial::REQUEST_ID_MAX;
    if request_id.as_ref().is_some_and(is_long) {
        return Err(Invalid::because("request_id has at most 64 characters.").into());
    }
    if let Some(agent_id) = &agent_id
        && !cx
            .store
            .agents()
            .whose(&staff.tenant, agent_id)
            .await?
            .is_usable()
    {
        return Err(mint::MintError::AgentUnknown.into());
    }
    cx.mint_limits.check_person(&staff.user.id)?;
    let wanted = WantedPhoneCall {
        to: to_number,
        call: Wanted {
            agent_id,
            ..Wanted::default()
        },
        // Another person's wish is another one. Retell takes letters, digits, `_` and `-`.
        idempotency_key: request_id
            .map(|id| hex::encode(Sha256::digest(format!("{}-{id}", staff.user.id)))),
        ..WantedPhoneCall::default()
    };
    let call = outbound::phone_call(&cx, &staff.tenant, wanted).await?;
    let deed = Deed::on("call", &call.summary.id, "call.dialled");
    let (deeds, now) = (cx.store.deeds(), cx.clock.now_ms());
    deeds
        .record_deed(&staff.tenant, &staff.author(), &deed, now)
        .await?;
    Ok((StatusCode::CREATED, JsonAnswer(call.summary)))
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
