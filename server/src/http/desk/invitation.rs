//! Choosing a password with a one-time link: after an invitation, or instead of
//! a forgotten one. Nobody is signed in yet.

use api::desk::Session;
use api::people::{ChoosePassword, Invitation};
use axum::extract::State;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use super::session::{WithCookie, session, with_session};
use crate::http::address::Path;
use crate::http::json::Json;
use crate::http::problem::ApiError;
use crate::http::staff::Origin;
use crate::staff::{self, PeopleError, Token};
use crate::state::App;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/desk/invitations/{token}", get(show).post(choose))
}

fn parse(token: &str) -> Result<Token, PeopleError> {
    Token::parse(token).ok_or(PeopleError::LinkInvalid)
}

async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<JsonAnswer<Invitation>, ApiError> {
    let (who, purpose) = staff::of_password_link(&app, &parse(&token)?).await?;
    Ok(JsonAnswer(Invitation {
        kind: purpose.name().to_owned(),
        tenant: who.tenant.name().to_owned(),
        name: who.user.name,
        email: who.user.email,
    }))
}

async fn choose(
    State(app): State<App>,
    Path(token): Path<String>,
    origin: Origin,
    Json(ChoosePassword { password }): Json<ChoosePassword>,
) -> Result<WithCookie<JsonAnswer<Session>>, ApiError> {
    let token = parse(&token)?;
    let author = origin.author();
    let begun = staff::choose_password(&app, &token, password, author, &origin.0).await?;
    Ok((
        with_session(&app, &begun.token),
        JsonAnswer(session(begun.who)),
    ))
}
