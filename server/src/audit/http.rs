//! The trail of who did what, for admins.

use api::desk::{AuditEntry, AuditPage};
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::AuditEvent;
use crate::ground::Ground;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::address::Query;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared};

/// How many entries a page has.
const PAGE: u32 = 100;

pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let routes = Router::new().route("/api/desk/audit", get(page));
    Routes::new().desk(routes)
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

async fn page(
    State(cx): State<Ground>,
    staff: Staff,
    Query(from): Query<From>,
) -> Result<Json<AuditPage>, ApiError> {
    staff.require(Role::Admin)?;
    let before = from.cursor.filter(|cursor| !cursor.contains('\0'));
    let events = cx
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
