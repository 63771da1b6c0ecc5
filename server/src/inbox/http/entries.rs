//! What Retell posted and what became of it, for admins, since bodies carry what was
//! said, and for programs.

use api::Page;
use api::inbox::{EntryDetail, EntryFilter, EntrySummary, Replay, Replayed};
use api::keys::ApiScope;
use api::problem::{Problem, slug};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::deeds::Author;
use crate::inbox::{Context, InboxScope};
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::store::Tenant;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::PageQuery;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Routes, Shared, boxed, lasting, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let entries = || {
        Router::new()
            .route("/", get(boxed(list)))
            .route("/replay", post(boxed(replay)))
            .route("/{id}", get(boxed(one)))
    };
    let desk = Router::new().nest("/api/desk/inbox", entries());
    let entries = entries().route("/{id}/replay", post(boxed(replay_one)));
    let aliases = Router::new().nest("/api/v1/deliveries", entries);
    let v1 = OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(replay))
        .routes(routes!(one))
        .routes(routes!(replay_one));
    Routes::new().desk(desk).v1(v1).aliases(aliases)
}

/// How many entries may be named at once.
const REPLAY_IDS_MAX: usize = 500;

/// A page of the tenant's entries.
async fn page_of(
    cx: &Context,
    tenant: &Tenant,
    page: &PageQuery,
    filter: &EntryFilter,
) -> Result<Page<EntrySummary>, ApiError> {
    let scope = InboxScope::Of(tenant);
    let rows = cx
        .store
        .inbox_entries()
        .page(scope, filter, page.cursor(), page.one_more())
        .await?;
    Ok(page.of(rows, |row| row.summary.id.clone(), |row| row.summary))
}

/// One of the tenant's entries.
async fn entry(cx: &Context, tenant: &Tenant, id: &str) -> Result<EntryDetail, ApiError> {
    let entry = cx
        .store
        .inbox_entries()
        .find(InboxScope::Of(tenant), id)
        .await?;
    entry.ok_or_else(ApiError::not_found)
}

/// Has entries of the tenant worked on again.
async fn replayed(
    cx: &Context,
    tenant: &Tenant,
    replay: Replay,
    author: &Author,
) -> Result<Replayed, ApiError> {
    let (scope, now) = (InboxScope::Of(tenant), cx.clock.now_ms());
    let store = &cx.store;
    let count = match (replay.ids, replay.filter) {
        (Some(ids), None) if (1..=REPLAY_IDS_MAX).contains(&ids.len()) => {
            store
                .inbox_entries()
                .replay(scope, &ids, author, now)
                .await?
        }
        (None, Some(filter)) => {
            let (store, tenant, author) = (store.clone(), tenant.clone(), author.clone());
            lasting::to_the_end(async move {
                let scope = InboxScope::Of(&tenant);
                store
                    .inbox_entries()
                    .replay_matching(scope, &filter, &author, now)
                    .await
            })
            .await?
        }
        _ => {
            return Err(body_invalid(
                "Name 1 to 500 entries of the inbox, or a filter.",
            ));
        }
    };
    if count == 0 {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            slug::NOTHING_TO_REPLAY,
            "None of these webhooks can be worked on again.",
        )
        .detail("What was refused is never acted on, and a question is answered only once."));
    }
    Ok(Replayed { count })
}

/// Lists incoming webhooks
///
/// The newest first. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "incoming webhooks",
    params(PageQuery, EntryFilter),
    responses((status = 200, body = Page<EntrySummary>), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    actor: Actor,
    Query(page): Query<PageQuery>,
    Query(filter): Query<EntryFilter>,
) -> Result<JsonAnswer<Page<EntrySummary>>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksRead)?;
    let page = page_of(&cx, &actor.tenant, &page, &filter).await?;
    Ok(JsonAnswer(page))
}

/// Gets an incoming webhook
///
/// With its body and every time it was worked on. Scope `webhooks:read`.
#[utoipa::path(get, path = "/api/v1/inbox/{id}", tag = "incoming webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = EntryDetail), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<EntryDetail>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksRead)?;
    Ok(JsonAnswer(entry(&cx, &actor.tenant, &id).await?))
}

/// Replays an incoming webhook
///
/// Its handler runs again; what had its effect has no second one. 409 for what
/// was refused, for an answered question, and for what waits anyway. Scope
/// `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/replay", tag = "incoming webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = Replayed), (status = "default", body = Problem)))]
async fn replay_one(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Replayed>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let entry = entry(&cx, &actor.tenant, &id).await?;
    let this = Replay {
        ids: Some(vec![entry.summary.id]),
        filter: None,
    };
    let replayed = replayed(&cx, &actor.tenant, this, &actor.author).await?;
    Ok(JsonAnswer(replayed))
}

/// Replays incoming webhooks
///
/// Those that are named, up to 500, or all that fit a filter. What cannot be
/// replayed is left out. Scope `webhooks:write`.
#[utoipa::path(post, path = "/api/v1/inbox/replay", tag = "incoming webhooks",
    request_body = Replay,
    responses((status = 200, body = Replayed), (status = "default", body = Problem)))]
async fn replay(
    State(cx): State<Context>,
    actor: Actor,
    Json(replay): Json<Replay>,
) -> Result<JsonAnswer<Replayed>, ApiError> {
    actor.require(Role::Admin, ApiScope::WebhooksWrite)?;
    let replayed = replayed(&cx, &actor.tenant, replay, &actor.author).await?;
    Ok(JsonAnswer(replayed))
}
