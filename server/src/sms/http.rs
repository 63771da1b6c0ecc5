//! Text messages, for people at the desk, for programs, and for who sends them.

mod hooks;

use api::keys::ApiScope;
use api::problem::{Problem, slug};
use api::sms::{
    NewSms, SaveSmsSettings, Sms, SmsConnection, SmsPage, SmsTemplate, SmsTemplateDetails,
    SmsTemplateList,
};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::rules::checked_template;
use super::{Context, SmsError};
use crate::invalid::Invalid;
use crate::listed::Listed;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::phone::E164;
use crate::sms;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/sms", get(boxed(list)).post(boxed(send)))
        .route(
            "/api/desk/sms-settings",
            get(boxed(settings)).put(boxed(set)),
        )
        .route(
            "/api/desk/sms-templates",
            get(boxed(templates)).post(boxed(add)),
        )
        .route(
            "/api/desk/sms-templates/{id}",
            put(boxed(change)).delete(boxed(remove)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(list, send))
        .routes(routes!(settings, set))
        .routes(routes!(templates, add))
        .routes(routes!(change, remove));
    Routes::new().open(hooks::routes()).desk(desk).v1(v1)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Only the conversation with this number, in international form.
    number: Option<String>,
}

/// Lists messages
///
/// The newest first. Scope `calls:read`.
#[utoipa::path(get, path = "/api/v1/sms", tag = "sms", params(Asked, PageQuery),
    responses((status = 200, body = SmsPage), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Context>,
    actor: Actor,
    Query(asked): Query<Asked>,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<SmsPage>, ApiError> {
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let number = asked.number.as_deref().map(E164::parse).transpose();
    let number = number.map_err(|error| Invalid::of("number", format!("number: {error}.")))?;
    let number = number.as_ref().map(E164::as_str);
    let rows = cx
        .store
        .text_messages()
        .page(&actor.tenant, number, page.cursor(), page.one_more())
        .await?;
    Ok(JsonAnswer(page.of(rows, |row| row.id.clone(), |row| row)))
}

/// Sends a message
///
/// In its turn, and not at night. Scope `calls:write`.
#[utoipa::path(post, path = "/api/v1/sms", tag = "sms", request_body = NewSms,
    responses((status = 202, body = Sms), (status = "default", body = Problem)))]
async fn send(
    State(cx): State<Context>,
    actor: Actor,
    Json(new): Json<NewSms>,
) -> Result<(StatusCode, JsonAnswer<Sms>), ApiError> {
    actor.require(Role::Agent, ApiScope::CallsWrite)?;
    let sms = sms::send(&cx, &actor.tenant, &actor.author, new, None).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(sms)))
}

/// Gets how messages are sent
///
/// Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/sms-settings", tag = "sms",
    responses((status = 200, body = SmsConnection), (status = "default", body = Problem)))]
async fn settings(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<SmsConnection>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    Ok(JsonAnswer(sms::settings(&cx, &actor.tenant).await?))
}

/// Changes how messages are sent
///
/// Secrets that are left out stay. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/sms-settings", tag = "sms", params(Revised),
    request_body = SaveSmsSettings,
    responses((status = 200, body = SmsConnection), (status = "default", body = Problem)))]
async fn set(
    State(cx): State<Context>,
    actor: Actor,
    Query(read): Query<Revised>,
    Json(save): Json<SaveSmsSettings>,
) -> Result<JsonAnswer<SmsConnection>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let set = sms::set(&cx, &actor.tenant, &actor.author, save, read.revision).await?;
    Ok(JsonAnswer(set))
}

/// Lists templates
///
/// In the order they were added. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/sms-templates", tag = "sms",
    responses((status = 200, body = SmsTemplateList), (status = "default", body = Problem)))]
async fn templates(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<SmsTemplateList>, ApiError> {
    actor.require(Role::Agent, ApiScope::TenantRead)?;
    let revisions = cx
        .store
        .revisions()
        .of_kind(&actor.tenant, SmsTemplateDetails::KIND)
        .await?;
    let all = cx.store.lists().all(&actor.tenant).await?.into_iter();
    let items = all.map(|(id, details)| SmsTemplate {
        revision: revisions.of(&id),
        id,
        details,
    });
    Ok(JsonAnswer(SmsTemplateList {
        items: items.collect(),
    }))
}

/// Adds a template
///
/// Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/sms-templates", tag = "sms",
    request_body = SmsTemplateDetails,
    responses((status = 201, body = SmsTemplate), (status = "default", body = Problem)))]
async fn add(
    State(cx): State<Context>,
    actor: Actor,
    Json(details): Json<SmsTemplateDetails>,
) -> Result<(StatusCode, JsonAnswer<SmsTemplate>), ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let details = checked_template(details)?;
    let now = cx.clock.now_ms();
    let id = cx
        .store
        .lists()
        .add(&actor.tenant, &details, &actor.author, now)
        .await?;
    let added = SmsTemplate {
        id,
        details,
        revision: 0,
    };
    Ok((StatusCode::CREATED, JsonAnswer(added)))
}

/// Replaces a template
///
/// Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/sms-templates/{id}", tag = "sms",
    params(("id" = String, Path), Revised), request_body = SmsTemplateDetails,
    responses((status = 200, body = SmsTemplate), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(details): Json<SmsTemplateDetails>,
) -> Result<JsonAnswer<SmsTemplate>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let details = checked_template(details)?;
    let now = cx.clock.now_ms();
    let (tenant, author) = (&actor.tenant, &actor.author);
    let changed = cx
        .store
        .lists()
        .change(tenant, &id, &details, read.revision, author, now)
        .await?;
    let revision = changed.ok_or_else(no_template)?;
    Ok(JsonAnswer(SmsTemplate {
        id,
        details,
        revision,
    }))
}

/// Removes a template
///
/// Scope `tenant:write`.
#[utoipa::path(delete, path = "/api/v1/sms-templates/{id}", tag = "sms",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let now = cx.clock.now_ms();
    let removed = cx
        .store
        .lists()
        .remove::<SmsTemplateDetails>(&actor.tenant, &id, &actor.author, now)
        .await?;
    removed
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(no_template)
}

fn no_template() -> ApiError {
    ApiError::not_found().detail("There is no such template.")
}

impl From<SmsError> for ApiError {
    fn from(error: SmsError) -> Self {
        let refused = |slug, title| Self::new(StatusCode::CONFLICT, slug, title);
        match error {
            SmsError::NoProvider => refused(
                slug::SMS_NOT_SET_UP,
                "The business has no provider of text messages.",
            ),
            SmsError::OptedOut => refused(
                slug::SMS_OPTED_OUT,
                "Whoever has this number does not want any messages.",
            ),
            SmsError::TooMany => refused(
                slug::SMS_USED_UP,
                "As many messages were sent today as may be.",
            ),
            SmsError::Invalid(invalid) => invalid.into(),
            SmsError::Vault(error) => {
                tracing::error!(%error, "secrets of text messages cannot be sealed or opened");
                Self::internal()
            }
            SmsError::Store(error) => error.into(),
        }
    }
}
