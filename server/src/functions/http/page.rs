//! The page of the functions: how they fare, for which agents they are on, trying one, and
//! putting them into an agent.

use api::functions::{
    AgentTools, FunctionRun, FunctionRunPage, FunctionUseList, SwitchFunction, TryFunction,
};
use api::keys::ApiScope;
use api::problem::{Problem, slug};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json as JsonAnswer, Router};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;

use crate::deeds::Deed;
use crate::functions::function::Function;
use crate::functions::install::{self, InstallError};
use crate::functions::request::Request;
use crate::functions::usage::{self, Told};
use crate::functions::{Context, general_tools, invoke, tools};
use crate::ground::Ground;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::tenants::day;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

/// Of how many of the business's days what was asked is counted; the last of them is today.
const DAYS: u32 = 7;

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/functions/use", get(boxed(list_use)))
        .route("/api/desk/functions/{name}/runs", get(boxed(runs)))
        .route("/api/desk/functions/{name}/try", post(boxed(try_it)))
        .route(
            "/api/desk/agents/{id}/functions",
            get(boxed(difference)).put(boxed(write)),
        )
        .route("/api/desk/agents/{id}/functions/{name}", put(boxed(switch)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list_use))
        .routes(routes!(runs))
        .routes(routes!(try_it))
        .routes(routes!(difference, write))
        .routes(routes!(switch));
    Routes::new().desk(desk).v1(v1)
}

impl From<InstallError> for ApiError {
    fn from(error: InstallError) -> Self {
        match error {
            InstallError::Store(error) => error.into(),
            InstallError::Account(error) => error.into(),
            InstallError::Retell(error) => error.into(),
            InstallError::NoTools => Self::new(
                StatusCode::CONFLICT,
                slug::AGENT_WITHOUT_TOOLS,
                "This agent has no tools that could be written.",
            )
            .detail("Only an agent that thinks with a Retell LLM has some."),
        }
    }
}

fn unknown() -> ApiError {
    ApiError::not_found().detail("There is no such function.")
}

/// The function of this name that the business's agents may ask for.
async fn find(cx: &Context, actor: &Actor, name: &str) -> Result<Function, ApiError> {
    let found = Function::find(cx, &actor.tenant, name).await?;
    found.ok_or_else(unknown)
}

/// The agent, if it is the business's.
async fn own_agent(cx: &Context, actor: &Actor, id: &str) -> Result<(), ApiError> {
    let usable = cx
        .store
        .agents()
        .whose(&actor.tenant, id)
        .await?
        .is_usable();
    let missing = || ApiError::not_found().detail("There is no such agent.");
    usable.then_some(()).ok_or_else(missing)
}

/// Lists how functions fare
///
/// All functions, for which agents each is off, and how the last seven days of the business went,
/// all in all and each. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/functions/use", tag = "functions",
    responses((status = 200, body = FunctionUseList), (status = "default", body = Problem)))]
async fn list_use(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<FunctionUseList>, ApiError> {
    actor.require(Role::Admin, ApiScope::CallsRead)?;
    let days = day::last(DAYS, actor.tenant.timezone(), cx.clock.now_ms());
    let off = cx.store.functions().off(&actor.tenant).await?;
    let (fared, days) = cx.store.functions().fared(&actor.tenant, days).await?;
    let ours = tools::ALL
        .iter()
        .map(|it| usage::of(it.told(), &off, &fared, &days));
    let own = cx.store.own_functions().list(&actor.tenant).await?;
    let own = own.iter().map(|it| &it.details).filter(|it| it.active);
    let own = own.map(|it| {
        let told = Told {
            names: &[&it.name],
            about: &it.description,
            parameters: it.parameters.clone(),
            changes: it.changes,
        };
        usage::of(told, &off, &fared, &days)
    });
    Ok(JsonAnswer(FunctionUseList {
        items: ours.chain(own).collect(),
        agents: cx.store.agents().names(&actor.tenant).await?,
        days: DAYS,
    }))
}

/// Lists what a function was asked
///
/// With what it answered, the newest first. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/functions/{name}/runs", tag = "functions",
    params(("name" = String, Path), PageQuery),
    responses((status = 200, body = FunctionRunPage), (status = "default", body = Problem)))]
async fn runs(
    State(cx): State<Context>,
    actor: Actor,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<FunctionRunPage>, ApiError> {
    actor.require(Role::Admin, ApiScope::CallsRead)?;
    let function = find(&cx, &actor, &name).await?;
    let names = function.names();
    let rows = cx
        .store
        .functions()
        .runs(&actor.tenant, &names, page.cursor(), page.one_more())
        .await?;
    let place = |it: &FunctionRun| it.call.id.clone();
    Ok(JsonAnswer(page.of(rows, place, |row| row)))
}

/// Tries a function
///
/// It really does what it is asked, outside of any call. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/functions/{name}/try", tag = "functions",
    params(("name" = String, Path)), request_body = TryFunction,
    responses((status = 200, body = FunctionRun), (status = "default", body = Problem)))]
async fn try_it(
    State(cx): State<Context>,
    actor: Actor,
    Path(name): Path<String>,
    Json(trial): Json<TryFunction>,
) -> Result<JsonAnswer<FunctionRun>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let function = find(&cx, &actor, &name).await?;
    let request = Request {
        name,
        arguments: trial.arguments,
        language: trial.language,
        ..Request::default()
    };
    if function.changes() {
        let deed = Deed::on("function", function.name(), "function.tried");
        let now = cx.clock.now_ms();
        cx.store
            .functions()
            .note_of_functions(&actor.tenant, &deed, &actor.author, now)
            .await?;
    }
    let run = invoke::attempt(&cx, &actor.tenant, &function, request).await?;
    Ok(JsonAnswer(run))
}

/// Switches a function on or off for an agent
///
/// An agent that asks for one that is off is told that it cannot be done. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/agents/{id}/functions/{name}", tag = "functions",
    params(("id" = String, Path, description = "Retell's agent id"), ("name" = String, Path)),
    request_body = SwitchFunction,
    responses((status = 200, body = SwitchFunction), (status = "default", body = Problem)))]
async fn switch(
    State(cx): State<Context>,
    actor: Actor,
    Path((id, name)): Path<(String, String)>,
    Json(switch): Json<SwitchFunction>,
) -> Result<JsonAnswer<SwitchFunction>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    own_agent(&cx, &actor, &id).await?;
    let function = find(&cx, &actor, &name).await?;
    let now = cx.clock.now_ms();
    cx.store
        .functions()
        .switch(
            &actor.tenant,
            (&id, function.name()),
            switch.on,
            &actor.author,
            now,
        )
        .await?;
    Ok(JsonAnswer(switch))
}

/// What an agent's tools would be: what it thinks with, the tools, and the difference.
async fn prepared(
    cx: &Context,
    actor: &Actor,
    id: &str,
) -> Result<(retell::Client, install::Mind, Vec<Value>, AgentTools), ApiError> {
    own_agent(cx, actor, id).await?;
    let client = cx.account(&actor.tenant).await?.client.clone();
    let (mind, theirs) = install::tools_of(&client, id).await?;
    let off = cx.store.functions().off(&actor.tenant).await?;
    let is_off = |name: &str| off.iter().any(|(agent, of)| agent == id && of == name);
    let own = cx.store.own_functions().list(&actor.tenant).await?;
    let ours = match general_tools(&cx.config, &own) {
        Value::Array(tools) => tools,
        _ => Vec::new(),
    };
    let (tools, difference) = install::joined(&theirs, &ours, is_off);
    Ok((client, mind, tools, difference))
}

/// Compares an agent's tools with ours
///
/// What writing our functions into the agent would change. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/agents/{id}/functions", tag = "functions",
    params(("id" = String, Path, description = "Retell's agent id")),
    responses((status = 200, body = AgentTools), (status = "default", body = Problem)))]
async fn difference(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<AgentTools>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    let (_, _, _, difference) = prepared(&cx, &actor, &id).await?;
    Ok(JsonAnswer(difference))
}

/// Puts our functions into an agent
///
/// Those that are on; tools of its own stay. Answers what was changed. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/agents/{id}/functions", tag = "functions",
    params(("id" = String, Path, description = "Retell's agent id")),
    responses((status = 200, body = AgentTools), (status = "default", body = Problem)))]
async fn write(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<AgentTools>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let (client, mind, tools, difference) = prepared(&cx, &actor, &id).await?;
    install::write(&client, &mind, tools).await?;
    let deed = Deed::on("agent", &id, "functions.written").with(json!({
        "tools": difference.items.iter().map(|it| &it.name).collect::<Vec<_>>(),
    }));
    let now = cx.clock.now_ms();
    cx.store
        .functions()
        .note_of_functions(&actor.tenant, &deed, &actor.author, now)
        .await?;
    Ok(JsonAnswer(difference))
}
