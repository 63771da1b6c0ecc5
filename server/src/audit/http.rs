//! The trail of who did what, for admins.

use api::desk::{AuditEntry, AuditPage};
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json, Router};

use super::AuditEvent;
use crate::ground::Ground;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::address::Query;
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let routes = Router::new().route("/api/desk/audit", get(boxed(page)));
    Routes::new().desk(routes)
}

async fn page(
    State(cx): State<Ground>,
    staff: Staff,
    Query(page): Query<PageQuery>,
) -> Result<Json<AuditPage>, ApiError> {
    staff.require(Role::Admin)?;
    let rows = cx
        .store
        .audit_events()
        .page(&staff.tenant, page.cursor(), page.one_more())
        .await?;
    Ok(Json(page.of(rows, |row| row.id.clone(), entry)))
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
