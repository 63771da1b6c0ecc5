//! The one conversion of errors to answers: RFC 9457 problem details.

use std::time::Duration;

use api::problem::{CONTENT_TYPE, Problem, TYPE_PREFIX, slug};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::request_id;
use crate::callbacks::{CallbackError, NumberError};
use crate::calls::MintError;
use crate::calls::end::EndError;
use crate::calls::outbound::OutboundError;
use crate::hooks::EndpointError;
use crate::hooks::address::BadAddress;
use crate::invalid::Invalid;
use crate::keys::admin::KeyError;
use crate::routing::RoutingError;
use crate::routing::numbers::NumbersError;
use crate::signed::TokenError;
use crate::store::StoreError;
use crate::tenants::AccountError;
use crate::webhooks::Refusal;

/// An error as the client sees it. What only we should know goes into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    slug: &'static str,
    title: &'static str,
    detail: Option<String>,
    retry_after: Option<Duration>,
}

impl ApiError {
    /// A problem of the kind `slug` (see [`api::problem::slug`]); the title is
    /// the same for every occurrence.
    #[must_use]
    pub fn new(status: StatusCode, slug: &'static str, title: &'static str) -> Self {
        Self {
            status,
            slug,
            title,
            detail: None,
            retry_after: None,
        }
    }

    /// Says what happened this time and what to do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says when a retry may succeed, here and in the `Retry-After` header.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// What it says, in a sentence or two.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} {detail}", self.title),
            None => self.title.to_owned(),
        }
    }

    /// Its kind (see [`api::problem::slug`]).
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.slug
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// No such page or resource.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            slug::NOT_FOUND,
            "There is nothing at this address.",
        )
    }

    /// No call of ours, or of this tenant, has this id.
    #[must_use]
    pub fn call_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            slug::CALL_UNKNOWN,
            "There is no such call.",
        )
    }

    /// The business shares the server's Retell account with others.
    #[must_use]
    pub fn own_account_required() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            slug::OWN_ACCOUNT_REQUIRED,
            "This takes a Retell account of the business's own.",
        )
        .detail("Others use the server's account, too. An admin can enter the business's own API key in the settings.")
    }

    /// A fault of ours.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            slug::INTERNAL,
            "Something went wrong on our side.",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after_s = self.retry_after.map(|wait| wait.as_secs().max(1));
        let problem = Problem {
            kind: format!("{TYPE_PREFIX}{}", self.slug),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            request_id: request_id::current(),
            retry_after_s,
        };
        let content_type = [(header::CONTENT_TYPE, CONTENT_TYPE)];
        let mut response = (self.status, content_type, axum::Json(problem)).into_response();
        // `Json` has set its own content type.
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        if !error.is_outage() {
            return Self::internal();
        }
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            slug::STORE_UNAVAILABLE,
            "The database cannot be used right now.",
        )
        .detail("Nothing was stored. Try again shortly.")
        .retry_after(Some(Duration::from_secs(5)))
    }
}

impl From<retell::Error> for ApiError {
    fn from(error: retell::Error) -> Self {
        // Not its message: that may quote what it was sent.
        let route = error.route().unwrap_or_default();
        tracing::warn!(route, status = error.status(), "Retell failed");
        match error {
            retell::Error::Connect { .. } | retell::Error::Transport { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                slug::RETELL_UNREACHABLE,
                "Retell cannot be reached.",
            )
            .detail("Calls cannot be started right now. Try again shortly.")
            .retry_after(Some(Duration::from_secs(10))),
            retell::Error::Timeout { .. } => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                slug::RETELL_TIMEOUT,
                "Retell did not answer in time.",
            )
            .retry_after(Some(Duration::from_secs(5))),
            retell::Error::Api {
                status,
                retry_after,
                ..
            } => from_status(status, retry_after),
            retell::Error::Argument { .. } => rejected(),
            _ => failed(),
        }
    }
}

fn from_status(status: u16, retry_after: Option<Duration>) -> ApiError {
    match status {
        401 | 403 => ApiError::new(
            StatusCode::BAD_GATEWAY,
            slug::RETELL_UNAUTHORIZED,
            "Retell refused this server's API key.",
        )
        .detail("The operator of this site has to check its Retell API key."),
        402 => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            slug::RETELL_PAYMENT_REQUIRED,
            "The Retell account cannot pay for calls.",
        )
        .detail("The operator of this site has to check the billing of its Retell account."),
        408 => ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            slug::RETELL_TIMEOUT,
            "Retell did not answer in time.",
        )
        .retry_after(Some(Duration::from_secs(5))),
        429 => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            slug::RETELL_BUSY,
            "All lines are busy.",
        )
        .detail("Retell's limit of calls is reached. Try again shortly.")
        .retry_after(Some(retry_after.unwrap_or(Duration::from_secs(10)))),
        400..=499 => rejected(),
        _ => failed(),
    }
}

fn rejected() -> ApiError {
    ApiError::new(
        StatusCode::BAD_GATEWAY,
        slug::RETELL_REJECTED,
        "Retell refused the request.",
    )
}

fn failed() -> ApiError {
    ApiError::new(
        StatusCode::BAD_GATEWAY,
        slug::RETELL_FAILED,
        "Retell failed.",
    )
    .retry_after(Some(Duration::from_secs(5)))
}

impl From<MintError> for ApiError {
    fn from(error: MintError) -> Self {
        match error {
            // 404 rather than 401: a public key is an address, not a password.
            MintError::KeyUnknown => Self::new(
                StatusCode::NOT_FOUND,
                slug::KEY_UNKNOWN,
                "There is no such public key.",
            )
            .detail("Check the key in the page's code."),
            MintError::KeyDisabled => Self::new(
                StatusCode::FORBIDDEN,
                slug::KEY_DISABLED,
                "This key is switched off.",
            ),
            MintError::VoiceOff => Self::new(
                StatusCode::FORBIDDEN,
                slug::MODE_NOT_ALLOWED,
                "This key is not for voice calls.",
            ),
            MintError::CallbackOff => Self::new(
                StatusCode::FORBIDDEN,
                slug::MODE_NOT_ALLOWED,
                "This key is not for call-backs.",
            ),
            MintError::OutOfHours { retry_after } => Self::new(
                StatusCode::FORBIDDEN,
                slug::OUT_OF_HOURS,
                "The business is closed.",
            )
            .detail("With this key no calls are taken out of its hours.")
            .retry_after(retry_after),
            MintError::CaptchaFailed => Self::new(
                StatusCode::FORBIDDEN,
                slug::CAPTCHA_FAILED,
                "The captcha was not solved.",
            )
            .detail("Solve the captcha again, or reload the page."),
            MintError::CaptchaUnavailable(why) => {
                tracing::warn!(why, "a captcha cannot be checked");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    slug::CAPTCHA_UNAVAILABLE,
                    "The captcha cannot be checked right now.",
                )
                .retry_after(Some(Duration::from_secs(10)))
            }
            MintError::LinesBusy => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::LINES_BUSY,
                "All lines are busy.",
            )
            .detail("As many calls as this key allows are going on. Try again shortly.")
            .retry_after(Some(Duration::from_secs(15))),
            MintError::MinutesUsedUp { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::MINUTES_USED_UP,
                "No more calls can be held today.",
            )
            .detail("The minutes this key allows for a day are used up.")
            .retry_after(Some(retry_after)),
            MintError::OriginNotAllowed => Self::new(
                StatusCode::FORBIDDEN,
                slug::ORIGIN_NOT_ALLOWED,
                "This page may not start calls.",
            )
            .detail("The page's origin is not on the key's list of allowed origins."),
            MintError::NonceInvalid(_) => Self::new(
                StatusCode::FORBIDDEN,
                slug::NONCE_INVALID,
                "This page is too old to start calls.",
            )
            .detail("Reload the page and try again."),
            MintError::AgentNotAllowed | MintError::AgentUnknown => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::AGENT_UNKNOWN,
                "There is no such agent.",
            )
            .detail("The agent does not exist, or the key may not call it."),
            MintError::RateLimited { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                slug::RATE_LIMITED,
                "Too many calls were started.",
            )
            .retry_after(Some(retry_after)),
            MintError::MetadataInvalid(reason) => body_invalid(reason),
            MintError::Retell(error) => error.into(),
            MintError::TransportUnsupported => {
                tracing::error!("Retell offered a web call over LiveKit, which it has retired");
                failed()
            }
            MintError::Account(error) => error.into(),
            MintError::Store(error) => error.into(),
        }
    }
}

impl From<EndError> for ApiError {
    fn from(error: EndError) -> Self {
        match error {
            EndError::Unknown => Self::call_unknown(),
            EndError::Retell(error) => error.into(),
            EndError::Account(error) => error.into(),
            EndError::Store(error) => error.into(),
        }
    }
}

impl From<CallbackError> for ApiError {
    fn from(error: CallbackError) -> Self {
        let refused = |slug, title| Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title);
        match error {
            CallbackError::Mint(error) => error.into(),
            CallbackError::Form(_) => Self::new(
                StatusCode::FORBIDDEN,
                slug::FORM_INVALID,
                "This form was open for too long.",
            )
            .detail("Ask for the form again."),
            CallbackError::Name => refused(slug::CALLBACK_NAME_INVALID, "A name is needed.")
                .detail("It has 1 to 100 characters."),
            CallbackError::Consent => {
                refused(slug::CONSENT_MISSING, "The visitor's consent is needed.")
            }
            CallbackError::Number(NumberError::NotANumber) => refused(
                slug::PHONE_INVALID,
                "This is no telephone number of the country.",
            ),
            CallbackError::Number(NumberError::Country) => refused(
                slug::COUNTRY_NOT_ALLOWED,
                "Numbers of this country are not called back.",
            ),
            CallbackError::Number(NumberError::NotDialable) => {
                refused(slug::NUMBER_NOT_DIALABLE, "This number is not dialled.")
            }
            CallbackError::Slot => refused(
                slug::SLOT_UNAVAILABLE,
                "The business cannot call back at this time.",
            )
            .detail("Ask for the form again: it has the times there are."),
            CallbackError::OwnAccountRequired => Self::own_account_required(),
            CallbackError::Unknown => Self::not_found(),
            CallbackError::NotOpen => Self::new(
                StatusCode::CONFLICT,
                slug::CALLBACK_NOT_OPEN,
                "The call-back is being placed, or is over.",
            ),
        }
    }
}

impl From<OutboundError> for ApiError {
    fn from(error: OutboundError) -> Self {
        let invalid = |detail: String| Self::from(Invalid::because(detail));
        match error {
            OutboundError::NoAgent => {
                invalid("Name an agent, or choose the business's default one.".to_owned())
            }
            OutboundError::AgentUnknown => MintError::AgentUnknown.into(),
            OutboundError::Number(what, error) => invalid(format!("{what}: {error}.")),
            OutboundError::NotDialable => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::NUMBER_NOT_DIALABLE,
                "This number is not dialled.",
            )
            .detail("Only ordinary numbers in ranges that are given out are; no premium, shared-cost or satellite ones."),
            OutboundError::NoNumber => {
                invalid("The Retell account has no number to call from.".to_owned())
            }
            OutboundError::OwnAccountRequired => Self::own_account_required(),
            OutboundError::Mint(error) => error.into(),
        }
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::VALUE_INVALID,
            "A value is not possible.",
        )
        .detail(invalid.0)
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Invalid(invalid) => invalid.into(),
            KeyError::Unknown => Self::new(
                StatusCode::NOT_FOUND,
                slug::KEY_UNKNOWN,
                "There is no such key.",
            ),
            KeyError::Over => Self::new(
                StatusCode::CONFLICT,
                slug::KEY_DISABLED,
                "This key was replaced or revoked already.",
            ),
            KeyError::Vault(error) => {
                tracing::error!(%error, "a key's secret cannot be sealed or opened");
                Self::internal()
            }
            KeyError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            error => {
                tracing::error!(%error, "a tenant's account cannot be used");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    slug::ACCOUNT_UNUSABLE,
                    "The business's Retell account cannot be used.",
                )
                .detail("An admin of the business has to enter its Retell API key again.")
            }
        }
    }
}

impl From<RoutingError> for ApiError {
    fn from(error: RoutingError) -> Self {
        match error {
            RoutingError::Store(error) => error.into(),
        }
    }
}

impl From<NumbersError> for ApiError {
    fn from(error: NumbersError) -> Self {
        match error {
            NumbersError::Store(error) => error.into(),
            NumbersError::Account(error) => error.into(),
            NumbersError::Retell(error) => error.into(),
        }
    }
}

/// The body is JSON of another shape than expected.
pub(super) fn body_invalid(reason: impl Into<String>) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        slug::BODY_INVALID,
        "The request does not say what it should.",
    )
    .detail(reason)
}

/// The address, or its query, cannot be read.
pub(super) fn request_invalid(reason: impl Into<String>) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        slug::REQUEST_INVALID,
        "The address cannot be understood.",
    )
    .detail(reason)
}

/// The body is not JSON.
pub(super) fn body_not_json(reason: impl Into<String>) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        slug::BODY_NOT_JSON,
        "The body is not JSON.",
    )
    .detail(reason)
}

/// The body is larger than we take.
pub(super) fn body_too_large(limit: usize) -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        slug::BODY_TOO_LARGE,
        "The body is too large.",
    )
    .detail(format!("At most {limit} bytes are taken."))
}

/// The body did not come in time.
pub(super) fn body_timeout(limit: Duration) -> ApiError {
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        slug::BODY_TIMEOUT,
        "The body did not come in time.",
    )
    .detail(format!("It has {} seconds.", limit.as_secs_f32()))
}

impl From<EndpointError> for ApiError {
    fn from(error: EndpointError) -> Self {
        let told = error.to_string();
        let refused = |slug, title| Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title);
        match error {
            EndpointError::Unknown => Self::not_found(),
            EndpointError::TooMany => refused(
                slug::ENDPOINT_LIMIT,
                "There are as many endpoints as there can be.",
            )
            .detail(told),
            EndpointError::Address(BadAddress::Private) => refused(
                slug::ENDPOINT_ADDRESS_PRIVATE,
                "Events are not sent into private networks.",
            )
            .detail("The operator can allow a network with SWITCHBOARD_HOOKS_ALLOW_PRIVATE."),
            EndpointError::Address(_) => refused(
                slug::ENDPOINT_ADDRESS_INVALID,
                "Events cannot be sent to this address.",
            )
            .detail(told),
            EndpointError::Header(_) => {
                refused(slug::ENDPOINT_HEADER_INVALID, "A header cannot be sent.").detail(told)
            }
            EndpointError::Disabled => Self::new(
                StatusCode::CONFLICT,
                slug::ENDPOINT_DISABLED,
                "The endpoint is switched off.",
            )
            .detail("Switch it on first."),
            EndpointError::Events | EndpointError::Description => body_invalid(told),
            EndpointError::Vault(error) => {
                tracing::error!(%error, "an endpoint's secret cannot be sealed");
                Self::internal()
            }
            EndpointError::Store(error) => error.into(),
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            slug::TICKET_INVALID,
            "This ticket does not open the call.",
        )
        .detail(format!("{error}."))
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::SignatureMissing => Self::new(
                StatusCode::UNAUTHORIZED,
                slug::SIGNATURE_MISSING,
                "The webhook is not signed.",
            ),
            Refusal::SignatureInvalid => Self::new(
                StatusCode::UNAUTHORIZED,
                slug::SIGNATURE_INVALID,
                "The webhook's signature is not valid.",
            )
            .detail("RETELL_WEBHOOK_SECRET must be the API key with the webhook badge."),
            Refusal::SignatureStale => Self::new(
                StatusCode::UNAUTHORIZED,
                slug::SIGNATURE_STALE,
                "The webhook's signature is too old or too new.",
            )
            .detail("It must not be more than five minutes off this server's clock."),
            Refusal::NotJson => body_not_json("A webhook must be a JSON object."),
            Refusal::NotAnEvent => body_invalid("A webhook must be an object with an event."),
            Refusal::Account(error) => error.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}
