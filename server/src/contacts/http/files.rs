//! Files of contacts, for people at the desk.

use api::contact_files::{
    Column, ContactImport, ImportList, ImportPlan, ImportPreview, RefusedLine, RefusedPage,
};
use api::problem::slug;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;
use serde_json::json;

use super::Wanted;
use crate::contacts::file::{self, BYTES_MAX, Unreadable};
use crate::deeds::Deed;
use crate::ground::Ground;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::phone;
use crate::web::address::{Path, Query};
use crate::web::json::{Json, body};
use crate::web::lasting::to_the_end;
use crate::web::paging::{PageQuery, Place};
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Routes, Shared, boxed};

/// How many files are shown.
const SHOWN: u32 = 10;
/// How long the name of a file may be that is kept.
const NAME_MAX_CHARS: usize = 100;

/// The routes of files.
pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let prepare = post(prepare).layer(DefaultBodyLimit::max(BYTES_MAX));
    let desk = Router::new()
        .route("/api/desk/contacts/imports", prepare.get(boxed(list)))
        .route("/api/desk/contacts/imports/{id}", get(boxed(one)))
        .route(
            "/api/desk/contacts/imports/{id}/preview",
            post(boxed(preview)),
        )
        .route("/api/desk/contacts/imports/{id}/start", post(boxed(start)))
        .route(
            "/api/desk/contacts/imports/{id}/cancel",
            post(boxed(cancel)),
        )
        .route(
            "/api/desk/contacts/imports/{id}/refused",
            get(boxed(refused)),
        )
        .route("/api/desk/contacts/export", get(boxed(export)));
    Routes::new().desk(desk)
}

fn unknown() -> ApiError {
    ApiError::not_found().detail("There is no such file, or it is over.")
}

impl From<Unreadable> for ApiError {
    fn from(error: Unreadable) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::FILE_INVALID,
            "The file cannot be read.",
        )
        .detail(error.to_string())
    }
}

/// What the file is called.
#[derive(Debug, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

/// Reads the file that is the body, whatever its content type.
async fn prepare(
    State(cx): State<Ground>,
    staff: Staff,
    Query(named): Query<Named>,
    request: Request,
) -> Result<(StatusCode, JsonAnswer<ContactImport>), ApiError> {
    staff.require(Role::Supervisor)?;
    let bytes = body(request, &cx, BYTES_MAX).await?;
    let name: String = named.name.chars().take(NAME_MAX_CHARS).collect();
    let prepared = to_the_end(async move {
        // Nobody else is kept waiting by so much reading.
        let read = tokio::task::spawn_blocking(move || {
            let sheet = file::read(&bytes)?;
            let plan = file::guess(&sheet);
            Ok((sheet, plan))
        });
        let read: Result<_, Unreadable> = read.await.map_err(|error| {
            tracing::error!(%error, "a file was not read to its end");
            ApiError::internal()
        })?;
        let (sheet, plan) = read?;
        let (imports, now) = (cx.store.contact_imports(), cx.clock.now_ms());
        let tenant = &staff.tenant;
        let id = imports.prepare(tenant, &name, sheet, &plan, now).await?;
        Ok::<_, ApiError>(imports.find(tenant, &id).await?)
    });
    let import = prepared.await?.ok_or_else(unknown)?;
    Ok((StatusCode::CREATED, JsonAnswer(import)))
}

async fn list(State(cx): State<Ground>, staff: Staff) -> Result<JsonAnswer<ImportList>, ApiError> {
    staff.require(Role::Supervisor)?;
    let items = cx
        .store
        .contact_imports()
        .list(&staff.tenant, SHOWN)
        .await?;
    Ok(JsonAnswer(ImportList { items }))
}

async fn found(cx: &Ground, staff: &Staff, id: &str) -> Result<ContactImport, ApiError> {
    staff.require(Role::Supervisor)?;
    let import = cx.store.contact_imports().find(&staff.tenant, id).await?;
    import.ok_or_else(unknown)
}

async fn one(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<ContactImport>, ApiError> {
    Ok(JsonAnswer(found(&cx, &staff, &id).await?))
}

/// A plan for a file of so many columns.
fn checked(mut plan: ImportPlan, columns: usize) -> Result<ImportPlan, ApiError> {
    let country = plan.country.map(|it| it.trim().to_uppercase());
    plan.country = country.filter(|it| !it.is_empty());
    if plan
        .country
        .as_deref()
        .is_some_and(|it| !phone::is_country(it))
    {
        return Err(body_invalid("country is no code of a country such as DE."));
    }
    if plan.columns.len() != columns {
        return Err(body_invalid(format!("The file has {columns} columns.")));
    }
    let named = |column: &Column| match column {
        Column::Field(name) | Column::Json(name) => !name.is_empty(),
        _ => true,
    };
    if !plan.columns.iter().all(named) {
        return Err(body_invalid("A field needs a name."));
    }
    Ok(plan)
}

async fn preview(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Json(plan): Json<ImportPlan>,
) -> Result<JsonAnswer<ImportPreview>, ApiError> {
    let import = found(&cx, &staff, &id).await?;
    let plan = checked(plan, import.header.len())?;
    let which = (import.id.as_str(), import.created_at);
    let preview = file::preview(&cx, &staff.tenant, which, &plan).await?;
    Ok(JsonAnswer(preview))
}

async fn start(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Json(plan): Json<ImportPlan>,
) -> Result<(StatusCode, JsonAnswer<ContactImport>), ApiError> {
    let import = found(&cx, &staff, &id).await?;
    let plan = checked(plan, import.header.len())?;
    let (imports, now) = (cx.store.contact_imports(), cx.clock.now_ms());
    let (tenant, author) = (&staff.tenant, staff.author());
    if !imports.start(tenant, &id, &plan, &author, now).await? {
        return Err(unknown());
    }
    let started = found(&cx, &staff, &id).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(started)))
}

async fn cancel(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<ContactImport>, ApiError> {
    staff.require(Role::Supervisor)?;
    let (imports, now) = (cx.store.contact_imports(), cx.clock.now_ms());
    if !imports.cancel(&staff.tenant, &id, now).await? {
        return Err(unknown());
    }
    Ok(JsonAnswer(found(&cx, &staff, &id).await?))
}

async fn refused(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<RefusedPage>, ApiError> {
    let import = found(&cx, &staff, &id).await?;
    let after: Option<Place<1>> = page.after()?;
    let after = after.map_or(0, |place| place.numbers[0]);
    let imports = cx.store.contact_imports();
    let tenant = &staff.tenant;
    let rows = imports.refused(tenant, &id, after, page.one_more()).await?;
    let place = |line: &RefusedLine| Place {
        numbers: [i64::from(line.line)],
        id: import.id.clone(),
    };
    Ok(JsonAnswer(page.of(rows, place, |line| line)))
}

async fn export(
    State(cx): State<Ground>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    staff.require(Role::Supervisor)?;
    let filter = wanted.filter()?;
    let (tenant, now) = (&staff.tenant, cx.clock.now_ms());
    let written = file::export(&cx.store, tenant, filter).await?;
    let deed = Deed::of_business("contacts.exported", json!({}));
    let deeds = cx.store.deeds();
    deeds
        .record_deed(tenant, &staff.author(), &deed, now)
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"contacts.csv\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(written)).into_response())
}
