//! Signing in and out.

use api::desk::{Session, SignIn};
use api::problem::slug;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use axum_extra::extract::CookieJar;
use std::time::Duration;

use super::staff::{Origin, Staff, no_session_cookie, session_cookie, session_token};
use crate::people::{self, Context, SignInError, SignedIn, Token};
use crate::site::pages::{self, Trouble};
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

/// A session's answer, with its cookie.
pub(crate) type WithCookie<T> = (AppendHeaders<[(header::HeaderName, String); 1]>, T);

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route(
            "/api/desk/session",
            get(boxed(who)).post(boxed(sign_in)).delete(boxed(sign_out)),
        )
        .route("/desk/sign-in/{token}", get(boxed(sign_in_by_link)))
}

async fn who(
    State(cx): State<Context>,
    jar: CookieJar,
    staff: Staff,
) -> Result<Response, ApiError> {
    let session = JsonAnswer(session(SignedIn {
        tenant: staff.tenant,
        user: staff.user,
    }));
    // The browser forgets the cookie at its own time: it lives on as the
    // session does.
    Ok(match session_token(&jar, cx.config.is_https()) {
        Some(token) => (with_session(&cx, &token), session).into_response(),
        None => session.into_response(),
    })
}

async fn sign_in(
    State(cx): State<Context>,
    Origin(origin): Origin,
    Json(SignIn { email, password }): Json<SignIn>,
) -> Result<WithCookie<JsonAnswer<Session>>, ApiError> {
    let now = cx.clock.now_ms();
    let begun = people::sign_in(&cx.store, &cx.throttle, &email, &password, &origin, now).await?;
    Ok((
        with_session(&cx, &begun.token),
        JsonAnswer(session(begun.who)),
    ))
}

async fn sign_out(
    State(cx): State<Context>,
    jar: CookieJar,
) -> Result<WithCookie<StatusCode>, ApiError> {
    if let Some(token) = session_token(&jar, cx.config.is_https()) {
        people::sign_out(&cx.store, &token).await?;
    }
    let cookie = no_session_cookie(cx.config.is_https());
    Ok((
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        StatusCode::NO_CONTENT,
    ))
}

async fn sign_in_by_link(
    State(cx): State<Context>,
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
        Some(token) => people::sign_in_by_link(&cx.store, &token, &origin, cx.clock.now_ms()).await,
        None => Err(SignInError::LinkInvalid),
    };
    match begun {
        Ok(begun) => Ok((with_session(&cx, &begun.token), Redirect::to("/desk")).into_response()),
        Err(SignInError::LinkInvalid) => {
            Ok(pages::trouble(&cx, Trouble::LinkInvalid, StatusCode::GONE, None, &headers).await)
        }
        Err(error) => Err(error.into()),
    }
}

/// The cookie of a session.
pub(crate) fn with_session(
    cx: &Context,
    token: &Token,
) -> AppendHeaders<[(header::HeaderName, String); 1]> {
    AppendHeaders([(
        header::SET_COOKIE,
        session_cookie(token, cx.config.is_https()),
    )])
}

/// Who is signed in, as the desk is told.
pub(crate) fn session(SignedIn { tenant, user }: SignedIn) -> Session {
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
