//! Retell's REST API: one [table](table) of operations, and what those of them
//! do that more than keep [resources](crate::resources).

mod agents;
mod apps;
mod asked;
pub(crate) mod calls;
mod chats;
mod conformance;
mod contacts;
mod knowledge;
mod live;
mod numbers;
mod table;
mod trials;
mod voices;
mod workspace;

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::resources::Kind;
use crate::resources::pages::page;
use crate::unkind;

use self::asked::Asked;
use self::table::{Act, GROUPS, Line};

/// What an operation answers: a body ([`Value::Null`] is none), or why not.
type Outcome = Result<Value, ApiError>;

/// The routes of all operations.
pub(crate) fn routes() -> Router<App> {
    let lines = GROUPS
        .iter()
        .flat_map(|(group, lines)| lines.iter().map(move |line| (*group, line)));
    lines.fold(Router::new(), |router, (group, line)| {
        let (method, path) = line.name.split_once(' ').unwrap_or_default();
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
        let answer =
            move |State(app): State<App>, request: Request| answer(app, group, line, request);
        router.route(path, on(filter, answer))
    })
}

async fn answer(
    app: App,
    group: &'static str,
    line: &'static Line,
    request: Request,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let workspace = app.workspaces().opened_by(&parts.headers)?;
    workspace.admit(app.clock.now_ms())?;
    let reads = parts.method == Method::GET || line.name.contains("/list-");
    let access = if reads { "Read" } else { "Write" };
    workspace.check_right(&format!("{group}.{access}"))?;
    if line.paid {
        workspace.check_payment()?;
    }
    let path = axum::RequestPartsExt::extract_with_state::<RawPathParams, _>(&mut parts, &app)
        .await
        .map_err(|rejection| ApiError::new(rejection.status(), rejection.body_text()))?;
    let path = path.iter().map(|(_, value)| value.to_owned()).collect();
    let operation = retell_spec::operation(line.name);
    let mut asked = Asked::read(app, workspace, path, operation, &parts, body).await?;
    let _turn = conformance::prepare(&mut asked, line).await;
    let gentle = asked.app.config.gentle;
    let (body, revision) = match line.act {
        Act::Later(act) => (act(asked).await?, None),
        act => {
            let body = carry_out(act, &asked)?;
            let revision = revision_of(act, &asked, &body);
            (body, revision)
        }
    };
    if cfg!(debug_assertions)
        && let Some(Err(wrong)) = operation.map(|it| it.check_answer(&body))
    {
        tracing::error!(operation = line.name, %wrong, %body, "an answer is not as it must be");
        let message = format!("The answer is not as it must be: {wrong}");
        return Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message));
    }
    let mut response = match body {
        Value::Null => line.status.into_response(),
        body => {
            let json = [(CONTENT_TYPE, "application/json")];
            (line.status, json, unkind::text(&body, gentle)).into_response()
        }
    };
    if let Some(tag) = revision.and_then(|it| HeaderValue::from_str(&format!("\"{it}\"")).ok()) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

/// What an operation of the table does.
fn carry_out(act: Act, asked: &Asked) -> Outcome {
    let (store, now_ms) = (|| asked.workspace.store(), asked.now_ms());
    if let Act::Create(kind) | Act::Update(kind) = act {
        let kept = (kind.rule)(&asked.body).map_err(ApiError::bad_request);
        let kept = kept.and_then(|()| store().check_versions(kind, &asked.body));
        kept.or_else(|error| asked.refuse(error))?;
    }
    match act {
        Act::Create(kind) => {
            let made = store().create(kind, asked.body.clone(), now_ms)?;
            Ok(Value::Object(made))
        }
        Act::Get(kind) => {
            let found = store().get(kind, asked.id(), asked.version())?;
            Ok(Value::Object(found))
        }
        Act::Update(kind) => {
            let (id, version, changes) = (asked.id(), asked.version(), asked.body.clone());
            let if_match = asked.if_match.as_deref();
            let changed = store().update(kind, id, version, if_match, changes, now_ms)?;
            Ok(Value::Object(changed))
        }
        Act::Delete(kind) => {
            let forced = asked.query.get("force_delete") == Some(&Value::Bool(true))
                || asked.workspace.setup.conformance;
            store().remove(kind, asked.id(), forced)?;
            Ok(Value::Null)
        }
        Act::List(kind) => {
            let rows = store().all(kind).into_iter();
            let rows = rows.map(|(made, fields)| (made, Value::Object(fields)));
            page(kind.name, rows.collect(), &asked.list())
        }
        Act::Array(kind) => {
            let rows = store().all(kind).into_iter();
            Ok(rows.map(|(_, fields)| Value::Object(fields)).collect())
        }
        Act::Own(act) => act(asked),
        // Done where it is waited for.
        Act::Later(_) => Ok(Value::Null),
    }
}

/// The revision of what an operation answers with, where it may be asked for
/// again by it.
fn revision_of(act: Act, asked: &Asked, body: &Value) -> Option<u64> {
    let revision = |kind: &Kind, id: &str| asked.workspace.store().revision(kind, id);
    match act {
        Act::Create(kind) => revision(kind, body.get(kind.id)?.as_str()?),
        Act::Get(kind) | Act::Update(kind) => revision(kind, asked.id()),
        Act::Own(_) if body.get("tags").is_some() => {
            let kind = agents::kind_of(asked).ok()?;
            revision(kind, asked.id())
        }
        _ => None,
    }
}

/// What is answered where something was set off.
fn success() -> Value {
    json!({ "success": true })
}
