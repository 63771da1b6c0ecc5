//! The CRM, for people at the desk and for programs.

use api::Page;
use api::crm::{
    CrmActivities, CrmActivity, CrmConnection, CrmConsentPage, CrmNotConnected, CrmPeople,
    CrmPerson, CrmTest, CrmWrite, SaveCrmConnection,
};
use api::keys::ApiScope;
use api::problem::{Problem, slug};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use super::consent::{self, Back, CALLBACK_PATH, NotConnected};
use super::lookup::{self, Untold};
use super::provider::{Refusal, Who};
use super::{Context, CrmError, connection};
use crate::crm;
use crate::invalid::Invalid;
use crate::jobs::Parked as _;
use crate::people::http::Actor;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::phone::E164;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::lasting::to_the_end;
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

/// Where people see how their CRM is reached.
const PAGE: &str = "/desk/settings/crm";

/// The routes of this domain.
pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/crm",
            get(boxed(settings)).put(boxed(set)).delete(boxed(remove)),
        )
        .route("/api/desk/crm/test", post(boxed(test)))
        .route("/api/desk/crm/consent", post(boxed(consent)))
        .route(CALLBACK_PATH, get(boxed(back)))
        .route("/api/desk/crm/writes", get(boxed(writes)))
        .route("/api/desk/crm/writes/replay", post(boxed(replay_all)))
        .route("/api/desk/crm/writes/{id}/replay", post(boxed(replay)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(settings, set, remove))
        .routes(routes!(test))
        .routes(routes!(people_in_it))
        .routes(routes!(activities))
        .routes(routes!(writes))
        .routes(routes!(replay))
        .routes(routes!(replay_all));
    Routes::new().desk(desk).v1(v1)
}

/// Gets how the CRM is reached
///
/// Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/crm", tag = "crm",
    responses((status = 200, body = CrmConnection), (status = "default", body = Problem)))]
async fn settings(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<CrmConnection>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    Ok(JsonAnswer(crm::settings(&cx, &actor.tenant).await?))
}

/// Says how the CRM is reached
///
/// Secrets that are left out stay. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/crm", tag = "crm", params(Revised),
    request_body = SaveCrmConnection,
    responses((status = 200, body = CrmConnection), (status = "default", body = Problem)))]
async fn set(
    State(cx): State<Context>,
    actor: Actor,
    Query(read): Query<Revised>,
    Json(save): Json<SaveCrmConnection>,
) -> Result<JsonAnswer<CrmConnection>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let set = crm::set(&cx, &actor.tenant, &actor.author, save, read.revision).await?;
    Ok(JsonAnswer(set))
}

/// Takes the CRM away
///
/// What is there stays there. Scope `tenant:write`.
#[utoipa::path(delete, path = "/api/v1/crm", tag = "crm",
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(State(cx): State<Context>, actor: Actor) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let removed = crm::remove(&cx, &actor.tenant, &actor.author).await?;
    removed.then_some(StatusCode::NO_CONTENT).ok_or_else(none)
}

/// Tries the CRM out
///
/// Asks it who we are there; nothing is changed. Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/crm/test", tag = "crm",
    responses((status = 200, body = CrmTest), (status = "default", body = Problem)))]
async fn test(State(cx): State<Context>, actor: Actor) -> Result<JsonAnswer<CrmTest>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    Ok(JsonAnswer(crm::test(&cx, &actor.tenant).await?))
}

/// Who is wanted: by a number or by an address.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Whose number this is, in international form.
    phone: Option<String>,
    /// Whose e-mail address this is.
    email: Option<String>,
}

impl Wanted {
    fn who(self) -> Result<Who, Invalid> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        match (given(self.phone), given(self.email)) {
            (Some(phone), None) => {
                let phone = E164::parse(&phone);
                let phone = phone.map_err(|error| Invalid::of("phone", format!("phone: {error}.")));
                Ok(Who::Phone(phone?))
            }
            (None, Some(email)) => Ok(Who::Email(email.trim().to_lowercase())),
            _ => Err(Invalid::because("Either phone or email is needed.")),
        }
    }
}

/// Finds somebody in the CRM
///
/// By a number, which counts however somebody typed it there, or by an e-mail address. What it
/// answers is remembered for five minutes. Scope `contacts:read`.
#[utoipa::path(get, path = "/api/v1/crm/people", tag = "crm", params(Wanted),
    responses((status = 200, body = CrmPeople), (status = "default", body = Problem)))]
async fn people_in_it(
    State(cx): State<Context>,
    actor: Actor,
    Query(wanted): Query<Wanted>,
) -> Result<JsonAnswer<CrmPeople>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsRead)?;
    let known = lookup::who_is(&cx, &actor.tenant, &wanted.who()?).await?;
    let items = known.into_iter().map(|known| CrmPerson {
        id: known.id,
        name: known.name,
        email: known.email,
        phones: known.phones,
        url: known.url,
    });
    Ok(JsonAnswer(CrmPeople {
        items: items.collect(),
    }))
}

/// Lists what was written down of somebody in the CRM
///
/// The newest first, with the way to the record. Scope `contacts:read`.
#[utoipa::path(get, path = "/api/v1/crm/people/{id}/activities", tag = "crm",
    params(("id" = String, Path)),
    responses((status = 200, body = CrmActivities), (status = "default", body = Problem)))]
async fn activities(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<CrmActivities>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsRead)?;
    let (listed, url) = lookup::activities(&cx, &actor.tenant, &id).await?;
    let items = listed.into_iter().map(|one| CrmActivity {
        id: one.id,
        text: one.text,
    });
    Ok(JsonAnswer(CrmActivities {
        items: items.collect(),
        url,
    }))
}

/// A write, so that no other site's page can begin it in somebody's name.
async fn consent(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<CrmConsentPage>, ApiError> {
    staff.require(Role::Admin)?;
    let url = consent::begin(&cx, &staff.tenant, staff.session.hash()).await?;
    Ok(JsonAnswer(CrmConsentPage { url }))
}

/// A page, not a request for data: what fails is told where it ends.
async fn back(
    State(cx): State<Context>,
    staff: Result<Staff, ApiError>,
    Query(back): Query<Back>,
) -> Result<Redirect, ApiError> {
    let admin = |staff: &Staff| staff.require(Role::Admin).is_ok();
    let Some(staff) = staff.ok().filter(admin) else {
        return Ok(told(Err(CrmNotConnected::Stale)));
    };
    // A code is good once: who hangs up meanwhile is connected all the same.
    let end = to_the_end(async move {
        let (session, author) = (staff.session.hash(), staff.author());
        let end = consent::finish(&cx, &staff.tenant, &session, back, &author).await;
        match end {
            Ok(()) => Ok(Ok(())),
            Err(NotConnected::Refused) => Ok(Err(CrmNotConnected::Refused)),
            Err(NotConnected::Stale) => Ok(Err(CrmNotConnected::Stale)),
            Err(NotConnected::Failed(refusal)) => {
                tracing::warn!(tenant_id = staff.tenant.id(), %refusal, "a CRM is not connected");
                Ok(Err(CrmNotConnected::Failed))
            }
            Err(NotConnected::Ours(error)) => Err(error),
        }
    });
    Ok(told(end.await?))
}

/// The page it ends at, however it ends.
fn told(end: Result<(), CrmNotConnected>) -> Redirect {
    match end {
        Ok(()) => Redirect::to(PAGE),
        Err(why) => Redirect::to(&format!("{PAGE}?problem={}", why.name())),
    }
}

/// Lists what was to be written into the CRM
///
/// The newest first, with what became of it. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/crm/writes", tag = "crm", params(PageQuery),
    responses((status = 200, body = Page<CrmWrite>), (status = "default", body = Problem)))]
async fn writes(
    State(cx): State<Context>,
    actor: Actor,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<Page<CrmWrite>>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    let tenant = &actor.tenant;
    let rows = cx
        .store
        .crm_writes()
        .page(tenant, page.cursor(), page.one_more());
    let mut rows = rows.await?;
    if let Some(connection) = connection(&cx.store, &cx.vault, tenant).await? {
        let provider = cx.client.open(tenant, connection);
        for row in &mut rows {
            // As the CRM is reached now; what was written to another one has the link it had.
            let link = row.record_id.as_deref().and_then(|id| provider.link(id));
            row.record_url = link.or(row.record_url.take());
        }
    }
    Ok(JsonAnswer(page.of(rows, |row| row.id.clone(), |row| row)))
}

/// Writes into the CRM after all
///
/// What is parked, or was skipped. What may be there already is looked for first. Scope
/// `tenant:write`.
#[utoipa::path(post, path = "/api/v1/crm/writes/{id}/replay", tag = "crm",
    params(("id" = String, Path)),
    responses((status = 202), (status = "default", body = Problem)))]
async fn replay(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let now = cx.clock.now_ms();
    let replayed = cx
        .store
        .crm_writes()
        .replay(&actor.tenant, &id, &actor.author, now)
        .await?;
    let nothing = || ApiError::not_found().detail("Nothing of that name is parked or was skipped.");
    replayed.then_some(StatusCode::ACCEPTED).ok_or_else(nothing)
}

/// Writes all that is parked into the CRM after all
///
/// The oldest first, up to 500 of it. Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/crm/writes/replay", tag = "crm",
    responses((status = 202), (status = "default", body = Problem)))]
async fn replay_all(State(cx): State<Context>, actor: Actor) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let (writes, now) = (cx.store.crm_writes(), cx.clock.now_ms());
    writes.replay_all(&actor.tenant, &actor.author, now).await?;
    Ok(StatusCode::ACCEPTED)
}

fn none() -> ApiError {
    ApiError::not_found().detail("The business has no CRM.")
}

impl From<Untold> for ApiError {
    fn from(untold: Untold) -> Self {
        let away = || {
            Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                slug::CRM_AWAY,
                "The CRM does not answer as it should.",
            )
        };
        match untold {
            Untold::Ours(CrmError::None) => none(),
            Untold::Ours(error) => error.into(),
            Untold::LeftAlone(wait) => away().retry_after(Some(wait)),
            Untold::Refused(Refusal::Gone(why)) => Self::not_found().detail(why),
            Untold::Refused(Refusal::Limited(why, wait)) => {
                away().detail(why).retry_after(Some(wait))
            }
            Untold::Refused(refusal) => away().detail(refusal.to_string()),
            Untold::Late => away().detail("No answer came in time."),
        }
    }
}

impl From<CrmError> for ApiError {
    fn from(error: CrmError) -> Self {
        match error {
            CrmError::None => Invalid::because(error.to_string()).into(),
            CrmError::Invalid(invalid) => invalid.into(),
            CrmError::Vault(error) => {
                tracing::error!(%error, "secrets of a CRM cannot be sealed or opened");
                Self::internal()
            }
            CrmError::Store(error) => error.into(),
        }
    }
}
