//! The trail of who did what, for admins.

use api::desk::{AuditEntry, AuditPage};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use crate::http::address::Query;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;
use crate::store::AuditEvent;

/// How many entries a page has.
const PAGE: u32 = 100;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/desk/audit", get(page))
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

async fn page(
    State(app): State<App>,
    staff: Staff,
    Query(from): Query<From>,
) -> Result<Json<AuditPage>, ApiError> {
    staff.require(Role::Admin)?;
    let before = from.cursor.filter(|cursor| !cursor.contains('\0'));
    let events = app
        .store
        .audit_page(&staff.tenant, before.as_deref(), PAGE)
        .await?;
    let full = events.len() == PAGE as usize;
    let next_cursor = events.last().filter(|_| full).map(|last| last.id.clone());
    Ok(Json(AuditPage {
        items: events.into_iter().map(entry).collect(),
        next_cursor,
    }))
}

fn entry(event: AuditEvent) -> AuditEntry {
    AuditEntry {
        id: event.id,
        at: event.at,
        actor_kind: event.actor_kind,
        actor_name: event.actor_name,
        action: event.action,
        subject_kind: event.subject_kind,
        subject_id: event.subject_id,
        details: event.details,
        remote_ip: event.remote_ip,
    }
}
