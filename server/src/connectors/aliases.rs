//! The addresses and shapes that existing integrations use already; what they
//! do is what `/api/v1` does. `docs/api.md` lists them.

use std::collections::BTreeMap;

use api::keys::ApiScope;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Extension, Json as JsonAnswer, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::calls;
use crate::calls::outbound::{self, PhoneCall, Wanted, WantedPhoneCall};
use crate::keys::http::IdempotencyKey;
use crate::web::caller::ApiCaller;
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    calls::Context: FromRef<S>,
{
    Router::new()
        .route("/crm/make-call", post(boxed(make_call)))
        .route("/crm/create-web-call", post(boxed(web_call)))
        .route("/api/retell/status", get(boxed(status)))
        .route("/api/retell/test-call", post(boxed(test_call)))
}

/// A call in whichever words: Retell's own, or those of older integrations.
#[derive(Debug, Default, Deserialize)]
struct AnyCall {
    to_number: Option<String>,
    from_number: Option<String>,
    agent_id: Option<String>,
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    retell_llm_dynamic_variables: BTreeMap<String, String>,
}

impl Fields for AnyCall {
    const FIELDS: &'static [Field] = &[
        Field(
            "to_number",
            Kind::Phone,
            &["phoneNumber", "number", "phone", "toNumber"],
        ),
        Field("from_number", Kind::Phone, &["fromNumber"]),
        Field(
            "agent_id",
            Kind::Text,
            &["agentId", "override_agent_id", "agent"],
        ),
        Field("metadata", Kind::Object, &[]),
        Field(
            "retell_llm_dynamic_variables",
            Kind::Texts,
            &["dynamicVariables", "dynamic_variables"],
        ),
    ];
}

impl AnyCall {
    fn split(self) -> (Option<String>, Option<String>, Wanted) {
        let wanted = Wanted {
            agent_id: self.agent_id,
            metadata: self.metadata.map(Value::Object),
            variables: self.retell_llm_dynamic_variables,
        };
        (self.to_number, self.from_number, wanted)
    }
}

/// Answers with Retell's call object, as these integrations expect it.
async fn make_call(
    State(cx): State<calls::Context>,
    caller: ApiCaller,
    key: Option<Extension<IdempotencyKey>>,
    Lenient(call): Lenient<AnyCall>,
) -> Result<(StatusCode, JsonAnswer<Value>), ApiError> {
    caller.require(ApiScope::CallsWrite)?;
    let (to, from, wanted) = call.split();
    let key = key.map(|Extension(IdempotencyKey(key))| key);
    let call = dial(&cx, &caller, to.unwrap_or_default(), from, wanted, key).await?;
    Ok((StatusCode::CREATED, JsonAnswer(Value::Object(call.retell))))
}

async fn web_call(
    State(cx): State<calls::Context>,
    caller: ApiCaller,
    Lenient(call): Lenient<AnyCall>,
) -> Result<(StatusCode, JsonAnswer<Value>), ApiError> {
    caller.require(ApiScope::CallsWrite)?;
    let (_, _, wanted) = call.split();
    Ok((
        StatusCode::CREATED,
        JsonAnswer(web(&cx, &caller, wanted).await?),
    ))
}

/// A telephone call where there is a number, else a web call.
async fn test_call(
    State(cx): State<calls::Context>,
    caller: ApiCaller,
    key: Option<Extension<IdempotencyKey>>,
    Lenient(call): Lenient<AnyCall>,
) -> Result<(StatusCode, JsonAnswer<Value>), ApiError> {
    caller.require(ApiScope::CallsWrite)?;
    let call = match call.split() {
        (Some(to), from, wanted) if !to.is_empty() => {
            let key = key.map(|Extension(IdempotencyKey(key))| key);
            Value::Object(dial(&cx, &caller, to, from, wanted, key).await?.retell)
        }
        (_, _, wanted) => web(&cx, &caller, wanted).await?,
    };
    Ok((StatusCode::CREATED, JsonAnswer(call)))
}

async fn status(
    State(cx): State<calls::Context>,
    caller: ApiCaller,
) -> Result<JsonAnswer<Value>, ApiError> {
    caller.require(ApiScope::CallsRead)?;
    let account = cx.account(&caller.tenant).await?;
    let reachable = match account.client.api_key_info().await {
        Ok(_) => true,
        // It answers; a restricted key may not be allowed to look at itself.
        Err(error) => error.status() == Some(403),
    };
    Ok(JsonAnswer(json!({
        "status": if reachable { "ok" } else { "degraded" },
        "retell_reachable": reachable,
        "last_webhook_at": cx.store.inbox_entries().last_webhook_at(&caller.tenant).await?,
        "live_calls": cx.store.calls().count_live(&caller.tenant).await?,
    })))
}

async fn dial(
    cx: &calls::Context,
    caller: &ApiCaller,
    to: String,
    from: Option<String>,
    call: Wanted,
    idempotency_key: Option<String>,
) -> Result<PhoneCall, ApiError> {
    let wanted = WantedPhoneCall {
        to,
        from,
        call,
        idempotency_key,
        public_key: None,
    };
    Ok(outbound::phone_call(cx, &caller.tenant, &caller.author(), wanted).await?)
}

async fn web(cx: &calls::Context, caller: &ApiCaller, wanted: Wanted) -> Result<Value, ApiError> {
    let (tenant, author) = (&caller.tenant, caller.author());
    let access = outbound::web_call(cx, tenant, &author, wanted, None).await?;
    serde_json::to_value(access).map_err(|_| ApiError::internal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::lenient;

    #[test]
    fn a_call_is_understood_in_every_shape_of_the_field() {
        for body in [
            json!({"phoneNumber": "+1", "agentId": "a", "metadata": {"lead_id": "7"}}),
            json!({"to_number": "+1", "agent_id": "a", "metadata": {"lead_id": "7"}}),
            json!({"to_number": "+1", "override_agent_id": "a", "metadata": {"lead_id": "7"}}),
        ] {
            let Value::Object(fields) = body else {
                panic!("no object");
            };
            let (to, from, wanted) = lenient::read::<AnyCall>(fields).unwrap().split();
            assert_eq!((to.as_deref(), from), (Some("+1"), None));
            assert_eq!(wanted.agent_id.as_deref(), Some("a"));
            assert_eq!(wanted.metadata, Some(json!({"lead_id": "7"})));
        }
    }
}
