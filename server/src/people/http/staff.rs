//! Who is asking: the session cookie, and the guard against writes from other
//! sites' pages.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRef, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::CookieJar;

use api::problem::slug;

use crate::deeds::{Author, Doer};
use crate::ground::Ground;
use crate::people::oidc::PENDING_LIFE_MS;
use crate::people::{self, Context, Role, SESSION_LIFE_MS, SessionOrigin, SignedIn, Token, User};
use crate::request_id;
use crate::store::Tenant;
use crate::web::client_ip::ClientIp;
use crate::web::problem::ApiError;

/// What the session's cookie is called. Where there is TLS no page of a neighbouring host
/// can set one of this name: browsers refuse it.
const fn cookie_name(https: bool) -> &'static str {
    match https {
        true => "__Host-switchboard_session",
        false => "switchboard_session",
    }
}

/// Holds a sign-in by way of a provider, until it is back.
pub(crate) const PENDING_COOKIE: &str = "switchboard_oidc";

/// The person who is signed in. A handler that takes it answers everybody else
/// with the problem `sign-in-required`.
#[derive(Debug)]
pub(crate) struct Staff {
    /// The business; every query is scoped by it.
    pub(crate) tenant: Tenant,
    /// The person.
    pub(crate) user: User,
    /// Proves that they are.
    pub(crate) session: Token,
    /// Where they are.
    pub(crate) ip: IpAddr,
}

impl Staff {
    /// Lets only people with this role, or one above it, go on.
    ///
    /// # Errors
    /// For everybody else.
    pub(crate) fn require(&self, role: Role) -> Result<(), ApiError> {
        if self.user.role >= role {
            return Ok(());
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            slug::ROLE_TOO_LOW,
            "Your role does not allow this.",
        )
        .detail(format!("It takes the role {}.", role.name())))
    }

    fn of(
        who: Option<SignedIn>,
        session: Token,
        parts: &Parts,
        cx: &Context,
    ) -> Result<Self, ApiError> {
        let SignedIn { tenant, user } = who.ok_or_else(sign_in_required)?;
        let ClientIp(ip) = ClientIp::of(parts, cx);
        Ok(Self {
            tenant,
            user,
            session,
            ip,
        })
    }

    /// The person as the author of what this request does.
    pub(crate) fn author(&self) -> Author {
        Author {
            actor: Doer::User {
                id: self.user.id.clone(),
                name: self.user.name.clone(),
            },
            ip: Some(self.ip),
            request_id: request_id::current(),
        }
    }

    /// The person with their business.
    pub(crate) fn who(&self) -> SignedIn {
        SignedIn {
            tenant: self.tenant.clone(),
            user: self.user.clone(),
        }
    }

    /// Waits until the session is over: what stays open longer than a request
    /// has to end with it.
    pub(crate) fn signed_out(&self, cx: &Context) -> impl Future<Output = ()> + Send + use<> {
        let (cx, session) = (cx.clone(), self.session.clone());
        async move { people::session_over(&cx.store, &cx.sessions, &session, &cx.clock).await }
    }
}

impl<S> FromRequestParts<S> for Staff
where
    Context: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let cx = Context::from_ref(state);
        let (session, now) = (session_of(parts, &cx)?, cx.clock.now_ms());
        let who = people::signed_in(&cx.store, &session, now).await?;
        Self::of(who, session, parts, &cx)
    }
}

/// The person whose browser asks this by itself: for that alone a session does not live on.
#[derive(Debug)]
pub(crate) struct Unattended(pub(crate) Staff);

impl<S> FromRequestParts<S> for Unattended
where
    Context: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let cx = Context::from_ref(state);
        let (session, now) = (session_of(parts, &cx)?, cx.clock.now_ms());
        let who = people::whose_session(&cx.store, &session, now).await?;
        Staff::of(who, session, parts, &cx).map(Self)
    }
}

/// The session a request names.
fn session_of(parts: &Parts, cx: &Context) -> Result<Token, ApiError> {
    let jar = CookieJar::from_headers(&parts.headers);
    session_token(&jar, cx.config.is_https()).ok_or_else(sign_in_required)
}

/// Where a session that begins with this request is.
#[derive(Debug)]
pub(crate) struct Origin(pub(crate) SessionOrigin);

impl<S> FromRequestParts<S> for Origin
where
    Context: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let ClientIp(ip) = ClientIp::of(parts, &Context::from_ref(state));
        let user_agent = parts.headers.get(header::USER_AGENT);
        Ok(Self(SessionOrigin {
            ip: Some(ip),
            user_agent: user_agent
                .and_then(|text| text.to_str().ok())
                .map(str::to_owned),
        }))
    }
}

impl Origin {
    /// Somebody who is not signed in yet, as an author; `actor` is put in once
    /// it is known who they are.
    pub(crate) fn author(&self) -> Author {
        Author {
            ip: self.0.ip,
            request_id: request_id::current(),
            ..Author::system()
        }
    }
}

fn sign_in_required() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        slug::SIGN_IN_REQUIRED,
        "Nobody is signed in.",
    )
}

/// The session's token, if the request has one.
pub(crate) fn session_token(jar: &CookieJar, https: bool) -> Option<Token> {
    Token::parse(jar.get(cookie_name(https))?.value())
}

/// The `Set-Cookie` of a session. Scripts cannot read it, and other sites'
/// pages cannot send it along with a write.
pub(crate) fn session_cookie(token: &Token, https: bool) -> String {
    cookie(&token.expose(), SESSION_LIFE_MS / 1000, https)
}

/// The `Set-Cookie` that takes a session away.
pub(crate) fn no_session_cookie(https: bool) -> String {
    cookie("", 0, https)
}

/// The `Set-Cookie` of a sign-in that goes by way of a provider. Only the page
/// it comes back to sees it.
pub(crate) fn pending_cookie(sealed: &str, https: bool) -> String {
    let max_age_s = PENDING_LIFE_MS / 1000;
    limited_cookie(PENDING_COOKIE, sealed, "/desk/oidc", max_age_s, https)
}

/// The `Set-Cookie` that takes it away.
pub(crate) fn no_pending_cookie(https: bool) -> String {
    limited_cookie(PENDING_COOKIE, "", "/desk/oidc", 0, https)
}

fn cookie(value: &str, max_age_s: i64, https: bool) -> String {
    limited_cookie(cookie_name(https), value, "/", max_age_s, https)
}

fn limited_cookie(name: &str, value: &str, path: &str, max_age_s: i64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

/// Lets a write pass only from our own pages, or from what is no browser: a
/// browser tells where a write comes from, and a page cannot lie about it.
pub(crate) async fn guard_writes(
    State(ground): State<Ground>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || is_ours(request.headers(), &ground.config.origin()) {
        return Ok(next.run(request).await);
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        slug::CROSS_ORIGIN_WRITE,
        "A page of another site may not do this.",
    ))
}

fn is_ours(headers: &HeaderMap, own_origin: &str) -> bool {
    if let Some(origin) = headers.get(header::ORIGIN) {
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        // The address the browser itself used counts too: a page cannot choose
        // the `Host` of a request to us.
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let same_host = origin.split_once("://").is_some_and(|(scheme, authority)| {
            own_origin.starts_with(&format!("{scheme}://")) && host == Some(authority)
        });
        return origin == own_origin || same_host;
    }
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        is_ours(&headers, "https://calls.example.com")
    }

    #[test]
    fn only_our_own_pages_may_write() {
        assert!(ours(&[("origin", "https://calls.example.com")]));
        assert!(ours(&[
            ("origin", "https://other.name"),
            ("host", "other.name")
        ]));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[]), "no browser at all");
        for headers in [
            &[
                ("origin", "https://evil.test"),
                ("host", "calls.example.com"),
            ][..],
            &[
                ("origin", "http://calls.example.com"),
                ("host", "calls.example.com"),
            ],
            &[("origin", "https://calls.example.com:8443")],
            &[("origin", "https://calls.example.com.evil.test")],
            &[("origin", "null"), ("host", "null")],
            &[("origin", "")],
            &[
                ("origin", "https://evil.test"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
        ] {
            assert!(!ours(headers), "{headers:?}");
        }
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_and_other_sites_and_neighbours() {
        let token = Token::random();
        let cookie = session_cookie(&token, true);
        for attribute in [
            "HttpOnly",
            "SameSite=Lax",
            "Secure",
            "Path=/",
            "Max-Age=1209600",
            "__Host-",
        ] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!session_cookie(&token, false).contains("Secure"));
        // What a neighbouring host set under the name of old is nobody's session.
        let jar = |cookie: &str| {
            let value = HeaderValue::from_str(cookie.split(';').next().unwrap()).unwrap();
            CookieJar::from_headers(&[(header::COOKIE, value)].into_iter().collect())
        };
        assert!(session_token(&jar(&cookie), true).is_some());
        assert!(session_token(&jar(&session_cookie(&token, false)), true).is_none());
        assert!(no_session_cookie(false).contains("Max-Age=0"));
    }
}
