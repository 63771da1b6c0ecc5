//! The people of the business, for admins.

use api::people::{ChangePerson, Invite, PasswordLink, PeoplePage, Person};
use api::problem::slug;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post};
use axum::{Json as JsonAnswer, Router};

use super::staff::Staff;
use crate::people::{
    self, Context, INVITATION_LIFE_MS, LinkPurpose, NewUser, PASSWORD_CHARS_MIN, PeopleError,
    PersonChange, Role,
};
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::PageQuery;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/people", get(boxed(page)).post(boxed(invite)))
        .route("/api/desk/people/{id}", patch(boxed(change)))
        .route("/api/desk/people/{id}/link", post(boxed(link)))
}

async fn page(
    State(cx): State<Context>,
    staff: Staff,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<PeoplePage>, ApiError> {
    staff.require(Role::Admin)?;
    let rows = cx
        .store
        .people()
        .page(&staff.tenant, page.cursor(), page.one_more())
        .await?;
    Ok(JsonAnswer(page.of(rows, |row| row.id.clone(), person)))
}

async fn invite(
    State(cx): State<Context>,
    staff: Staff,
    Json(Invite { email, name, role }): Json<Invite>,
) -> Result<(StatusCode, JsonAnswer<PasswordLink>), ApiError> {
    staff.require(Role::Admin)?;
    let new = NewUser::checked(&email, &name, parse_role(&role)?)?;
    let token = people::invite(&cx, &staff.tenant, &new, &staff.author()).await?;
    let purpose = LinkPurpose::Invitation;
    let link = PasswordLink {
        url: cx.config.url_of(&people::password_path(&token, purpose)),
        kind: purpose.name().to_owned(),
        expires_at: cx.clock.now_ms() + INVITATION_LIFE_MS,
    };
    Ok((StatusCode::CREATED, JsonAnswer(link)))
}

async fn change(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
    Json(change): Json<ChangePerson>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    let change = PersonChange {
        name: change.name,
        role: change.role.as_deref().map(parse_role).transpose()?,
        disabled: change.disabled,
    };
    people::change(&cx, &staff.tenant, &id, change, &staff.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn link(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonAnswer<PasswordLink>), ApiError> {
    staff.require(Role::Admin)?;
    let (token, purpose, expires_at) =
        people::password_link(&cx, &staff.tenant, &id, &staff.author()).await?;
    let link = PasswordLink {
        url: cx.config.url_of(&people::password_path(&token, purpose)),
        kind: purpose.name().to_owned(),
        expires_at,
    };
    Ok((StatusCode::CREATED, JsonAnswer(link)))
}

fn person(person: people::Person) -> Person {
    Person {
        invited: person.is_invited(),
        disabled: person.disabled_at.is_some(),
        id: person.id,
        email: person.email,
        name: person.name,
        role: person.role.name().to_owned(),
        last_sign_in_at: person.last_sign_in_at,
    }
}

fn parse_role(text: &str) -> Result<Role, ApiError> {
    text.parse()
        .map_err(|error: people::NoSuchRole| body_invalid(format!("{error}.")).field("role"))
}

impl std::convert::From<PeopleError> for ApiError {
    fn from(error: PeopleError) -> Self {
        let refused = |slug, title| Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title);
        match error {
            PeopleError::EmailInvalid => {
                refused(slug::EMAIL_INVALID, "This is no e-mail address.").field("email")
            }
            PeopleError::NameInvalid => {
                refused(slug::NAME_INVALID, "A name has 1 to 100 characters.").field("name")
            }
            PeopleError::EmailTaken => Self::new(
                StatusCode::CONFLICT,
                slug::EMAIL_TAKEN,
                "Somebody has this e-mail address already.",
            )
            .field("email"),
            PeopleError::PasswordUnfit => {
                refused(slug::PASSWORD_UNFIT, "This password cannot be used.").detail(format!(
                    "It needs at least {PASSWORD_CHARS_MIN} characters, and must not be the \
                     e-mail address."
                ))
            }
            PeopleError::PasswordWrong => {
                refused(slug::PASSWORD_WRONG, "The current password is another.").field("current")
            }
            PeopleError::Unknown => Self::new(
                StatusCode::NOT_FOUND,
                slug::PERSON_UNKNOWN,
                "There is nobody and nothing of this id.",
            ),
            PeopleError::LastAdmin => Self::new(
                StatusCode::CONFLICT,
                slug::LAST_ADMIN,
                "The business needs an admin.",
            )
            .detail("Make somebody else an admin first, who has signed in before."),
            PeopleError::LinkInvalid => Self::new(
                StatusCode::GONE,
                slug::LINK_INVALID,
                "The link is no longer valid.",
            ),
            PeopleError::Store(error) => error.into(),
            PeopleError::Password(error) => {
                tracing::error!(%error, "a password cannot be hashed");
                Self::internal()
            }
        }
    }
}
