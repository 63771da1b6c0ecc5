//! The ten actions of the connector catalogues: each takes its arguments as an
//! object and answers `{data, error, successful}`.

mod catalogue;

use std::collections::BTreeMap;

use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json as JsonAnswer};
use retell::models::PageQuery;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;

use crate::accounts::http::whole_account;
use crate::agents::mirror;
use crate::calls::outbound::{self, Wanted, WantedPhoneCall};
use crate::calls::{self, CallFilter};
use crate::keys::http::IdempotencyKey;
use crate::web::address::Path;
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::lenient::{Field, Fields, Kind, read};
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Shared, routes};
use catalogue::Action;

const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;
/// How many numbers are listed.
const NUMBERS: u32 = 1000;

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    calls::Context: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(run))
}

/// What became of an action.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Outcome {
    /// What it led to.
    data: Value,
    /// Why it failed.
    error: Option<String>,
    /// Whether it did not.
    successful: bool,
}

/// The actions there are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Catalogue {
    /// Each with its name, what it does, its scope and its arguments.
    items: Vec<Value>,
}

/// Lists actions
///
/// What connectors offer their users.
#[utoipa::path(get, path = "/api/v1/actions", tag = "actions",
    responses((status = 200, body = Catalogue), (status = "default", body = Problem)))]
async fn list(_caller: ApiCaller) -> JsonAnswer<Catalogue> {
    JsonAnswer(Catalogue {
        items: Action::ALL.into_iter().map(Action::describe).collect(),
    })
}

/// Runs an action
///
/// One that fails answers 200, with `successful` false and the reason in
/// `error`. The scope is in the catalogue.
#[utoipa::path(post, path = "/api/v1/actions/{name}", tag = "actions",
    params(("name" = String, Path, description = "As the catalogue says")), request_body = Object,
    responses((status = 200, body = Outcome), (status = "default", body = Problem)))]
async fn run(
    State(cx): State<calls::Context>,
    caller: ApiCaller,
    Path(name): Path<String>,
    key: Option<Extension<IdempotencyKey>>,
    Json(arguments): Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let action = Action::of_name(&name);
    let action = action.ok_or_else(|| ApiError::not_found().detail("There is no such action."))?;
    caller.require(action.scope())?;
    let key = key.map(|Extension(IdempotencyKey(key))| key);
    Ok(match act(&cx, &caller, action, arguments, key).await {
        Ok(data) => JsonAnswer(Outcome {
            data,
            error: None,
            successful: true,
        })
        .into_response(),
        // Whoever keeps answers has to know that this one is a failure's.
        Err(error) => (
            Extension(error.failure()),
            JsonAnswer(Outcome {
                data: json!({}),
                error: Some(error.sentence()),
                successful: false,
            }),
        )
            .into_response(),
    })
}

async fn act(
    cx: &calls::Context,
    caller: &ApiCaller,
    action: Action,
    arguments: Map<String, Value>,
    idempotency_key: Option<String>,
) -> Result<Value, ApiError> {
    match action {
        Action::BuyNumber => buy(cx, caller, read(arguments)?).await,
        Action::PhoneCall => phone_call(cx, caller, read(arguments)?, idempotency_key).await,
        Action::WebCall => web_call(cx, caller, read(arguments)?).await,
        Action::DeleteNumber => {
            let Number { phone_number } = read(arguments)?;
            let account = whole_account(cx, caller).await?;
            account.client.delete_phone_number(&phone_number).await?;
            Ok(json!({ "phone_number": phone_number }))
        }
        Action::ListNumbers => {
            let query = PageQuery {
                limit: Some(NUMBERS),
                ..PageQuery::default()
            };
            let account = whole_account(cx, caller).await?;
            value(&account.client.list_phone_numbers(&query).await?.items)
        }
        Action::ListCalls => list_calls(cx, caller, read(arguments)?).await,
        Action::GetCall => {
            let Call { call_id } = read(arguments)?;
            let call = cx.store.calls().find(&caller.tenant, &call_id).await?;
            Ok(Value::Object(
                call.ok_or_else(ApiError::call_unknown)?.retell,
            ))
        }
        Action::GetNumber => {
            let Number { phone_number } = read(arguments)?;
            let account = whole_account(cx, caller).await?;
            value(&account.client.get_phone_number(&phone_number).await?)
        }
        Action::GetVoice => {
            let Voice { voice_id } = read(arguments)?;
            let account = cx.account(&caller.tenant).await?;
            value(&account.client.get_voice(&voice_id).await?)
        }
        Action::UpdateNumber => {
            let BoundNumber { phone_number, bind } = read(arguments)?;
            let account = whole_account(cx, caller).await?;
            let fields = bind.fields();
            let bound = account
                .client
                .update_phone_number(&phone_number, &fields)
                .await?;
            mirror::ask_soon(cx, &caller.tenant).await;
            value(&bound)
        }
    }
}

#[derive(Deserialize)]
struct Number {
    phone_number: String,
}

impl Fields for Number {
    const FIELDS: &'static [Field] = &[Field("phone_number", Kind::Phone, &[])];
}

#[derive(Deserialize)]
struct Call {
    call_id: String,
}

impl Fields for Call {
    const FIELDS: &'static [Field] = &[Field("call_id", Kind::Text, &[])];
}

#[derive(Deserialize)]
struct Voice {
    voice_id: String,
}

impl Fields for Voice {
    const FIELDS: &'static [Field] = &[Field("voice_id", Kind::Text, &[])];
}

/// Who answers and who calls with a number.
#[derive(Default, Deserialize)]
struct Bind {
    nickname: Option<String>,
    inbound_agent_id: Option<String>,
    outbound_agent_id: Option<String>,
}

#[derive(Deserialize)]
struct BoundNumber {
    phone_number: String,
    #[serde(flatten)]
    bind: Bind,
}

impl Fields for BoundNumber {
    const FIELDS: &'static [Field] = &[
        Field("phone_number", Kind::Phone, &[]),
        Field("nickname", Kind::Text, &[]),
        Field("inbound_agent_id", Kind::Text, &[]),
        Field("outbound_agent_id", Kind::Text, &[]),
    ];
}

#[derive(Deserialize)]
struct NewNumber {
    area_code: Option<u32>,
    #[serde(flatten)]
    bind: Bind,
}

impl Fields for NewNumber {
    const FIELDS: &'static [Field] = &[
        Field("area_code", Kind::Whole, &[]),
        Field("nickname", Kind::Text, &[]),
        Field("inbound_agent_id", Kind::Text, &[]),
        Field("outbound_agent_id", Kind::Text, &[]),
    ];
}

impl Bind {
    /// In Retell's words of today (protocol H4).
    fn fields(self) -> Map<String, Value> {
        let one = |agent: String| json!([{ "agent_id": agent, "weight": 1 }]);
        [
            ("nickname", self.nickname.map(Value::from)),
            ("inbound_agents", self.inbound_agent_id.map(one)),
            ("outbound_agents", self.outbound_agent_id.map(one)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

async fn buy(cx: &calls::Context, caller: &ApiCaller, new: NewNumber) -> Result<Value, ApiError> {
    let account = whole_account(cx, caller).await?;
    let mut fields = new.bind.fields();
    if let Some(area_code) = new.area_code {
        fields.insert("area_code".to_owned(), area_code.into());
    }
    let bought = account.client.create_phone_number(&fields).await?;
    mirror::ask_soon(cx, &caller.tenant).await;
    value(&bought)
}

#[derive(Deserialize)]
struct NewPhoneCall {
    to_number: String,
    from_number: Option<String>,
    override_agent_id: Option<String>,
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    retell_llm_dynamic_variables: BTreeMap<String, String>,
}

impl Fields for NewPhoneCall {
    const FIELDS: &'static [Field] = &[
        Field("to_number", Kind::Phone, &[]),
        Field("from_number", Kind::Phone, &[]),
        Field("override_agent_id", Kind::Text, &["agent_id"]),
        Field("metadata", Kind::Object, &[]),
        Field("retell_llm_dynamic_variables", Kind::Texts, &[]),
    ];
}

async fn phone_call(
    cx: &calls::Context,
    caller: &ApiCaller,
    new: NewPhoneCall,
    idempotency_key: Option<String>,
) -> Result<Value, ApiError> {
    let wanted = WantedPhoneCall {
        to: new.to_number,
        from: new.from_number,
        call: Wanted {
            agent_id: new.override_agent_id,
            metadata: new.metadata.map(Value::Object),
            variables: new.retell_llm_dynamic_variables,
        },
        idempotency_key,
        public_key: None,
    };
    let call = outbound::phone_call(cx, &caller.tenant, &caller.author(), wanted).await?;
    Ok(Value::Object(call.retell))
}

#[derive(Deserialize)]
struct NewWebCall {
    agent_id: Option<String>,
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    retell_llm_dynamic_variables: BTreeMap<String, String>,
}

impl Fields for NewWebCall {
    const FIELDS: &'static [Field] = &[
        Field("agent_id", Kind::Text, &[]),
        Field("metadata", Kind::Object, &[]),
        Field("retell_llm_dynamic_variables", Kind::Texts, &[]),
    ];
}

async fn web_call(
    cx: &calls::Context,
    caller: &ApiCaller,
    new: NewWebCall,
) -> Result<Value, ApiError> {
    let wanted = Wanted {
        agent_id: new.agent_id,
        metadata: new.metadata.map(Value::Object),
        variables: new.retell_llm_dynamic_variables,
    };
    let (tenant, author) = (&caller.tenant, caller.author());
    let access = outbound::web_call(cx, tenant, &author, wanted, None).await?;
    value(&access)
}

#[derive(Deserialize)]
struct WantedCalls {
    limit: Option<u32>,
    pagination_key: Option<String>,
    agent_id: Option<String>,
    after_start_timestamp: Option<i64>,
    before_start_timestamp: Option<i64>,
}

impl Fields for WantedCalls {
    const FIELDS: &'static [Field] = &[
        Field("limit", Kind::Whole, &[]),
        Field("pagination_key", Kind::Text, &[]),
        Field("agent_id", Kind::Text, &[]),
        Field("after_start_timestamp", Kind::Whole, &[]),
        Field("before_start_timestamp", Kind::Whole, &[]),
    ];
}

/// From our own table, which has what Retell told us: never another business's.
async fn list_calls(
    cx: &calls::Context,
    caller: &ApiCaller,
    wanted: WantedCalls,
) -> Result<Value, ApiError> {
    let after = wanted
        .pagination_key
        .map(|cursor| cursor.parse())
        .transpose()
        .map_err(|_| body_invalid("pagination_key is not one this list gave."))?;
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let filter = CallFilter {
        agent_id: wanted.agent_id,
        since: wanted.after_start_timestamp,
        before: wanted.before_start_timestamp,
        ..CallFilter::default()
    };
    let rows = cx
        .store
        .calls()
        .page(&caller.tenant, &filter, after.as_ref(), limit)
        .await?;
    Ok(json!({
        "calls": rows.calls,
        "pagination_key": rows.next.map(|next| next.to_string()),
    }))
}

fn value(said: &impl Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(said).map_err(|_| ApiError::internal())
}
