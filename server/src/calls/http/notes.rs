//! What people write down of calls, for everybody at the desk and for programs.

use api::keys::ApiScope;
use api::problem::{Problem, slug};
use api::wrap_up::{CallNote, CallNotes, NewCallNote};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::calls::Noting;
use crate::calls::wrap_up::checked_note;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::store::Tenant;
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

/// How many a call has at most.
const MOST: usize = 200;

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/calls/{id}/notes",
            get(boxed(notes)).post(boxed(add_note)),
        )
        .route(
            "/api/desk/calls/{id}/notes/{note}",
            put(boxed(change_note)).delete(boxed(remove_note)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(notes, add_note))
        .routes(routes!(change_note, remove_note));
    Routes::new().desk(desk).v1(v1)
}

/// Lists the notes of a call
///
/// The oldest first, each with who wrote it and when. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/calls/{id}/notes", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")),
    responses((status = 200, body = CallNotes), (status = "default", body = Problem)))]
async fn notes(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<CallNotes>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let items = of(&cx, &actor.tenant, &id).await?;
    Ok(JsonAnswer(CallNotes { items }))
}

/// Adds a note to a call
///
/// While it goes on, or afterwards. Scope `calls:write`.
#[utoipa::path(post, path = "/api/v1/calls/{id}/notes", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id")), request_body = NewCallNote,
    responses((status = 201, body = CallNote), (status = "default", body = Problem)))]
async fn add_note(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Json(new): Json<NewCallNote>,
) -> Result<(StatusCode, JsonAnswer<CallNote>), ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let text = checked_note("text", &new.text)?;
    let tenant = &actor.tenant;
    if of(&cx, tenant, &id).await?.len() >= MOST {
        let full = format!("The call has {MOST} notes: remove one first.");
        return Err(Invalid::because(full).into());
    }
    let (notes, now) = (cx.store.call_notes(), cx.clock.now_ms());
    let added = notes.add(tenant, &id, text, &actor.author, now).await?;
    let added = added.ok_or_else(ApiError::call_unknown)?;
    let mut all = notes.of(tenant, &id).await?.into_iter();
    let note = all.rfind(|note| note.id == added);
    // It may have been removed just now.
    let note = note.ok_or_else(unknown)?;
    Ok((StatusCode::CREATED, JsonAnswer(note)))
}

/// Says a note of a call anew
///
/// Whoever wrote it does; of programs, each those of all of them. Scope `calls:write`.
#[utoipa::path(put, path = "/api/v1/calls/{id}/notes/{note}", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id"),
        ("note" = String, Path, description = "The note's id")),
    request_body = NewCallNote,
    responses((status = 204), (status = "default", body = Problem)))]
async fn change_note(
    State(cx): State<Ground>,
    actor: Actor,
    Path((id, note)): Path<(String, String)>,
    Json(new): Json<NewCallNote>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let text = checked_note("text", &new.text)?;
    let (notes, now) = (cx.store.call_notes(), cx.clock.now_ms());
    let (tenant, author) = (&actor.tenant, &actor.author);
    let changed = notes
        .change(tenant, (&id, &note), text, author, now)
        .await?;
    noted(changed, "Only who wrote a note changes it.")
}

/// Removes a note of a call
///
/// People remove their own, admins and programs all. Scope `calls:write`.
#[utoipa::path(delete, path = "/api/v1/calls/{id}/notes/{note}", tag = "calls",
    params(("id" = String, Path, description = "Retell's call id"),
        ("note" = String, Path, description = "The note's id")),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_note(
    State(cx): State<Ground>,
    actor: Actor,
    Path((id, note)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let may_all = actor.require(Role::Admin, ApiScope::CallsWrite).is_ok();
    let only_of = actor.author.actor.person().filter(|_| !may_all);
    let (notes, now) = (cx.store.call_notes(), cx.clock.now_ms());
    let (tenant, author) = (&actor.tenant, &actor.author);
    let removed = notes
        .remove(tenant, (&id, &note), only_of, author, now)
        .await?;
    noted(removed, "Only who wrote a note, and admins, remove it.")
}

/// Those of a call of the tenant.
async fn of(cx: &Ground, tenant: &Tenant, id: &str) -> Result<Vec<CallNote>, ApiError> {
    let call = cx.store.calls().summary(tenant, id).await?;
    call.ok_or_else(ApiError::call_unknown)?;
    Ok(cx.store.call_notes().of(tenant, id).await?)
}

fn unknown() -> ApiError {
    ApiError::not_found().detail("The call has no such note.")
}

/// What became of a note; `whose` says who may do that.
fn noted(became: Noting, whose: &'static str) -> Result<StatusCode, ApiError> {
    match became {
        Noting::Done => Ok(StatusCode::NO_CONTENT),
        Noting::NotTheirs => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            slug::ROLE_TOO_LOW,
            whose,
        )),
        Noting::Unknown => Err(unknown()),
    }
}
