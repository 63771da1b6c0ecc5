//! Setting the first business up, by the link in the log of an empty store.

use api::people::SetUp;
use api::problem::slug;
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;

use crate::people::http::session::{WithCookie, with_session};
use crate::people::http::staff::Origin;
use crate::people::{self, PeopleError};
use crate::tenants::{self, FirstBusiness, SettingsError, SetupError};
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    people::Context: FromRef<S>,
{
    Router::new().route(
        "/api/desk/setup/{token}",
        get(boxed(check)).post(boxed(set_up)),
    )
}

/// Says whether the link works, before anybody fills a form in.
async fn check(
    State(cx): State<people::Context>,
    Path(token): Path<String>,
) -> Result<StatusCode, ApiError> {
    tenants::check_setup_link(&cx, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_up(
    State(cx): State<people::Context>,
    Path(token): Path<String>,
    origin: Origin,
    Json(first): Json<SetUp>,
) -> Result<WithCookie<StatusCode>, ApiError> {
    let first = FirstBusiness {
        business: first.business,
        timezone: first.timezone,
        language: first.language,
        name: first.name,
        email: first.email,
        password: first.password,
    };
    let session = tenants::set_up(&cx, &token, first, &origin.0).await?;
    Ok((with_session(&cx, &session), StatusCode::CREATED))
}

impl From<SetupError> for ApiError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::LinkInvalid => PeopleError::LinkInvalid.into(),
            SetupError::Name => SettingsError::Name.into(),
            SetupError::Timezone => SettingsError::Timezone.into(),
            SetupError::Language => SettingsError::Languages.into(),
            SetupError::Admin(error) => error.into(),
            SetupError::Store(error) => error.into(),
        }
    }
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        let (field, slug, title) = match &error {
            SettingsError::Name => (
                "name",
                slug::NAME_INVALID,
                "A name has 1 to 100 characters.",
            ),
            SettingsError::Timezone => (
                "timezone",
                slug::TIMEZONE_UNKNOWN,
                "There is no time zone of this name.",
            ),
            SettingsError::Languages => (
                "languages",
                slug::LANGUAGE_INVALID,
                "The languages cannot be understood.",
            ),
            SettingsError::Agent => (
                "default_agent_id",
                slug::AGENT_UNKNOWN,
                "There is no such agent.",
            ),
            SettingsError::Hours(_) => (
                "hours",
                slug::HOURS_INVALID,
                "The business hours make no sense.",
            ),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title)
            .detail(format!("{error}."))
            .field(field)
    }
}
