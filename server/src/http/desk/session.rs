//! Signing in and out.

use api::desk::{Session, SignIn};
use api::problem::slug;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use axum_extra::extract::CookieJar;
use std::time::Duration;

use crate::http::address::Path;
use crate::http::json::Json;
use crate::http::pages::{self, Trouble};
use crate::http::problem::ApiError;
use crate::http::staff::{Origin, Staff, no_session_cookie, session_cookie, session_token};
use crate::staff::{self, SignInError, SignedIn, Token};
use crate::state::App;

/// A session's answer, with its cookie.
pub(super) type WithCookie<T> = (AppendHeaders<[(header::HeaderName, String); 1]>, T);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/desk/session", get(who).post(sign_in).delete(sign_out))
        .route("/desk/sign-in/{token}", get(sign_in_by_link))
}

async fn who(State(app): State<App>, jar: CookieJar, staff: Staff) -> Result<Response, ApiError> {
    let session = JsonAnswer(session(SignedIn {
        tenant: staff.tenant,
        user: staff.user,
    }));
    // The browser forgets the cookie at its own time: it lives on as the
    // session does.
    Ok(match session_token(&jar) {
        Some(token) => (with_session(&app, &token), session).into_response(),
        None => session.into_response(),
    })
}

async fn sign_in(
    State(app): State<App>,
    Origin(origin): Origin,
    Json(SignIn { email, password }): Json<SignIn>,
) -> Result<WithCookie<JsonAnswer<Session>>, ApiError> {
    let now = app.clock.now_ms();
    let begun = staff::sign_in(&app.store, &app.throttle, &email, &password, &origin, now).await?;
    Ok((
        with_session(&app, &begun.token),
        JsonAnswer(session(begun.who)),
    ))
}

async fn sign_out(
    State(app): State<App>,
    jar: CookieJar,
) -> Result<WithCookie<StatusCode>, ApiError> {
    if let Some(token) = session_token(&jar) {
        staff::sign_out(&app.store, &token).await?;
    }
    let cookie = no_session_cookie(app.config.is_https());
    Ok((
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        StatusCode::NO_CONTENT,
    ))
}

async fn sign_in_by_link(
    State(app): State<App>,
    method: Method,
    Path(token): Path<String>,
    signed_in: Result<Staff, ApiError>,
    Origin(origin): Origin,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // Who was signed in by this link before may use it as a bookmark. And
    // whoever looks without fetching, such as a chat that shows a preview, must
    // not use it up.
    if signed_in.is_ok() || method == Method::HEAD {
        return Ok(Redirect::to("/desk").into_response());
    }
    let begun = match Token::parse(&token) {
        Some(token) => {
            staff::sign_in_by_link(&app.store, &token, &origin, app.clock.now_ms()).await
        }
        None => Err(SignInError::LinkInvalid),
    };
    match begun {
        Ok(begun) => Ok((with_session(&app, &begun.token), Redirect::to("/desk")).into_response()),
        Err(SignInError::LinkInvalid) => {
            Ok(pages::trouble(&app, Trouble::LinkInvalid, StatusCode::GONE, None, &headers).await)
        }
        Err(error) => Err(error.into()),
    }
}

/// The cookie of a session.
pub(super) fn with_session(
    app: &App,
    token: &Token,
) -> AppendHeaders<[(header::HeaderName, String); 1]> {
    AppendHeaders([(
        header::SET_COOKIE,
        session_cookie(token, app.config.is_https()),
    )])
}

/// Who is signed in, as the desk is told.
pub(super) fn session(SignedIn { tenant, user }: SignedIn) -> Session {
    Session {
        user_id: user.id,
        name: user.name,
        email: user.email,
        role: user.role.name().to_owned(),
        tenant: tenant.name().to_owned(),
        timezone: tenant.timezone().to_owned(),
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::CredentialsWrong => Self::new(
                StatusCode::UNAUTHORIZED,
                slug::CREDENTIALS_WRONG,
                "The e-mail address or the password is wrong.",
            ),
            SignInError::TooManyAttempts { retry_after_s } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::RATE_LIMITED,
                "Too many attempts to sign in.",
            )
            .retry_after(Some(Duration::from_secs(retry_after_s))),
            SignInError::LinkInvalid => Self::new(
                StatusCode::GONE,
                slug::LINK_INVALID,
                "The sign-in link is no longer valid.",
            ),
            SignInError::Store(error) => error.into(),
            SignInError::Password(error) => {
                tracing::error!(%error, "a password cannot be checked");
                Self::internal()
            }
        }
    }
}
