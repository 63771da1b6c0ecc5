//! Signing in by way of a provider of identities, and the accounts there that
//! people have linked.

use api::people::{Identities, Identity, LinkIdentity, SignInWays};
use api::problem::slug;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{delete, get};
use axum::{Json as JsonAnswer, Router};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use url::Url;

use super::session::{WithCookie, with_session};
use super::staff::{Origin, PENDING_COOKIE, Staff, no_pending_cookie, pending_cookie};
use crate::people::oidc::{self, Begun, CALLBACK_PATH, Callback, Finished};
use crate::people::{Context, OidcError, PeopleError};
use crate::web::address::{Path, Query};
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

/// Where people see what they have linked.
const ACCOUNT_PAGE: &str = "/desk/settings/me";

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route("/desk/oidc", get(boxed(begin)))
        .route(CALLBACK_PATH, get(boxed(finish)))
        .route("/api/desk/sign-in", get(boxed(ways)))
        .route(
            "/api/desk/me/identities",
            get(boxed(identities)).post(boxed(link)),
        )
        .route("/api/desk/me/identities/{id}", delete(boxed(unlink)))
}

async fn ways(State(cx): State<Context>) -> JsonAnswer<SignInWays> {
    JsonAnswer(SignInWays {
        provider: cx.oidc.as_ref().map(|it| it.label().to_owned()),
    })
}

#[derive(Deserialize)]
struct Begin {
    #[serde(default)]
    to: String,
}

/// A page, not a request for data: what fails is told where it would have ended.
async fn begin(
    State(cx): State<Context>,
    Query(Begin { to }): Query<Begin>,
    staff: Result<Staff, ApiError>,
    Origin(origin): Origin,
) -> Response {
    let page = oidc::safe_path(&to).unwrap_or_else(|| "/desk".to_owned());
    if staff.is_ok() {
        return Redirect::to(&page).into_response();
    }
    match oidc::begin(&cx, &to, None, origin.ip).await {
        Ok(begun) => (with_pending(&cx, &begun), Redirect::to(&begun.url)).into_response(),
        Err(error) => Redirect::to(&telling(&page, error)).into_response(),
    }
}

async fn finish(
    State(cx): State<Context>,
    jar: CookieJar,
    Query(callback): Query<Callback>,
    staff: Result<Staff, ApiError>,
    origin: Origin,
) -> Response {
    let kept = jar.get(PENDING_COOKIE).map(|cookie| cookie.value());
    let who = staff.ok().map(|staff| staff.who());
    let author = origin.author();
    let (page, end) = oidc::finish(&cx, callback, kept, who, author, &origin.0).await;
    // It is over, however it ended.
    let over = AppendHeaders([(header::SET_COOKIE, no_pending_cookie(cx.config.is_https()))]);
    match end {
        Ok(Finished::SignedIn(token)) => {
            let session = with_session(&cx, &token);
            (over, session, Redirect::to(&page)).into_response()
        }
        Ok(Finished::Linked | Finished::Before) => (over, Redirect::to(&page)).into_response(),
        Err(error) => (over, Redirect::to(&telling(&page, error))).into_response(),
    }
}

async fn identities(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<Identities>, ApiError> {
    let found = cx
        .store
        .identities()
        .list(&staff.tenant, &staff.user.id)
        .await?;
    let provider = cx.oidc.as_ref();
    let is_linked = found
        .iter()
        .any(|it| provider.is_some_and(|provider| provider.issuer() == it.issuer));
    let can_link = provider.filter(|_| !is_linked);
    Ok(JsonAnswer(Identities {
        can_link: can_link.map(|it| it.label().to_owned()),
        items: found.into_iter().map(|it| identity(&cx, it)).collect(),
    }))
}

fn identity(cx: &Context, identity: crate::people::Identity) -> Identity {
    let ours = cx
        .oidc
        .as_ref()
        .filter(|provider| provider.issuer() == identity.issuer);
    let provider = match ours {
        Some(provider) => provider.label().to_owned(),
        // One the server had before.
        None => Url::parse(&identity.issuer)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or(identity.issuer),
    };
    Identity {
        id: identity.id,
        provider,
        email: identity.email,
        linked_at: identity.linked_at,
    }
}

/// A write, so that no other site's page can begin it in somebody's name.
async fn link(
    State(cx): State<Context>,
    staff: Staff,
    Origin(origin): Origin,
) -> Result<WithCookie<JsonAnswer<LinkIdentity>>, ApiError> {
    let begun = oidc::begin(&cx, ACCOUNT_PAGE, Some(&staff.user), origin.ip).await?;
    let cookie = with_pending(&cx, &begun);
    Ok((cookie, JsonAnswer(LinkIdentity { url: begun.url })))
}

async fn unlink(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let was_there = cx
        .store
        .identities()
        .unlink(&staff.tenant, &staff.user.id, &id, &author, now)
        .await?;
    if was_there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(PeopleError::Unknown.into())
    }
}

fn with_pending(cx: &Context, begun: &Begun) -> AppendHeaders<[(header::HeaderName, String); 1]> {
    let cookie = pending_cookie(&begun.pending, cx.config.is_https());
    AppendHeaders([(header::SET_COOKIE, cookie)])
}

/// A page of ours that is to say what went wrong.
fn telling(page: &str, error: OidcError) -> String {
    let slug = ApiError::from(error).slug();
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}problem={slug}")
}

impl From<OidcError> for ApiError {
    fn from(error: OidcError) -> Self {
        let refused = |slug, title| Self::new(StatusCode::FORBIDDEN, slug, title);
        match error {
            OidcError::NotSetUp => Self::not_found(),
            OidcError::Unavailable(why) => {
                tracing::error!(why, "the provider of identities cannot be asked");
                Self::new(
                    StatusCode::BAD_GATEWAY,
                    slug::OIDC_UNAVAILABLE,
                    "The provider of identities cannot be asked.",
                )
            }
            OidcError::Untrusted(why) => {
                tracing::error!(why, "the provider of identities cannot be believed");
                refused(
                    slug::OIDC_UNTRUSTED,
                    "What the provider of identities says cannot be believed.",
                )
            }
            OidcError::Refused => refused(
                slug::OIDC_REFUSED,
                "The provider of identities signed nobody in.",
            ),
            OidcError::Stale => refused(slug::OIDC_STALE, "This sign-in is over."),
            OidcError::EmailUnverified => refused(
                slug::OIDC_EMAIL_UNVERIFIED,
                "The provider of identities does not vouch for the e-mail address.",
            ),
            OidcError::Uninvited => refused(
                slug::OIDC_UNINVITED,
                "Nobody was invited with this e-mail address.",
            ),
            OidcError::Taken => Self::new(
                StatusCode::CONFLICT,
                slug::OIDC_TAKEN,
                "The account, or the person, is linked already.",
            ),
            OidcError::TooManyAttempts(error) => error.into(),
            OidcError::Store(error) => error.into(),
            OidcError::Vault(error) => {
                tracing::error!(%error, "a sign-in cannot be sealed");
                Self::internal()
            }
        }
    }
}
