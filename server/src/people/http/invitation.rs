//! Choosing a password with a one-time link: after an invitation, or instead of
//! a forgotten one. Nobody is signed in yet.

use api::desk::Session;
use api::people::{ChoosePassword, Invitation};
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use super::session::{WithCookie, session, with_session};
use super::staff::Origin;
use crate::people::{self, Context, PeopleError, Token};
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new().route(
        "/api/desk/invitations/{token}",
        get(boxed(show)).post(boxed(choose)),
    )
}

fn parse(token: &str) -> Result<Token, PeopleError> {
    Token::parse(token).ok_or(PeopleError::LinkInvalid)
}

async fn show(
    State(cx): State<Context>,
    Path(token): Path<String>,
) -> Result<JsonAnswer<Invitation>, ApiError> {
    let (who, purpose) = people::of_password_link(&cx, &parse(&token)?).await?;
    Ok(JsonAnswer(Invitation {
        kind: purpose.name().to_owned(),
        tenant: who.tenant.name().to_owned(),
        name: who.user.name,
        email: who.user.email,
    }))
}

async fn choose(
    State(cx): State<Context>,
    Path(token): Path<String>,
    origin: Origin,
    Json(ChoosePassword { password }): Json<ChoosePassword>,
) -> Result<WithCookie<JsonAnswer<Session>>, ApiError> {
    let token = parse(&token)?;
    let author = origin.author();
    let begun = people::choose_password(&cx, &token, password, author, &origin.0).await?;
    Ok((
        with_session(&cx, &begun.token),
        JsonAnswer(session(begun.who)),
    ))
}
