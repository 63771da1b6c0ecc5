//! What our server's refusals mean to a visitor.

use api::problem::slug;
use wasm_bindgen::JsValue;

use crate::ui::json;

/// Why our server gave no call: the slugs of [`api::problem::slug`] a visitor
/// can meet, and the two cases without an answer of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// No such public key.
    KeyUnknown,
    /// The public key was switched off.
    KeyDisabled,
    /// This website may not use the key.
    OriginNotAllowed,
    /// The panel page is too old.
    NonceInvalid,
    /// The agent does not exist, or the key may not use it.
    AgentUnknown,
    /// Retell cannot be reached.
    RetellUnreachable,
    /// Retell did not answer in time.
    RetellTimeout,
    /// Retell refused the server's API key.
    RetellUnauthorized,
    /// Retell wants to be paid.
    RetellPaymentRequired,
    /// Retell has no free line.
    RetellBusy,
    /// Retell refused the request.
    RetellRejected,
    /// Retell failed.
    RetellFailed,
    /// Too many calls from here.
    RateLimited,
    /// The key is not for calls in the browser.
    ModeNotAllowed,
    /// The business is closed, and takes no calls then.
    OutOfHours,
    /// The captcha was not solved.
    CaptchaFailed,
    /// The captcha cannot be checked.
    CaptchaUnavailable,
    /// The key holds as many calls as it may.
    LinesBusy,
    /// The minutes of the day are used up.
    MinutesUsedUp,
    /// The host page asked for something the server does not take.
    BodyInvalid,
    /// The server's database is away.
    StoreUnavailable,
    /// The server itself failed, or answered something unknown.
    Internal,
    /// The server could not be reached.
    Unreachable,
}

impl Problem {
    /// Every one of them.
    pub const ALL: [Self; 23] = [
        Self::KeyUnknown,
        Self::KeyDisabled,
        Self::OriginNotAllowed,
        Self::NonceInvalid,
        Self::AgentUnknown,
        Self::RetellUnreachable,
        Self::RetellTimeout,
        Self::RetellUnauthorized,
        Self::RetellPaymentRequired,
        Self::RetellBusy,
        Self::RetellRejected,
        Self::RetellFailed,
        Self::RateLimited,
        Self::ModeNotAllowed,
        Self::OutOfHours,
        Self::CaptchaFailed,
        Self::CaptchaUnavailable,
        Self::LinesBusy,
        Self::MinutesUsedUp,
        Self::BodyInvalid,
        Self::StoreUnavailable,
        Self::Internal,
        Self::Unreachable,
    ];

    /// Reads the `type` of a problem+json body: a slug, with or without its path.
    #[must_use]
    pub fn from_kind(kind: &str) -> Self {
        let name = kind.rsplit('/').next().unwrap_or(kind);
        match name {
            slug::ACCOUNT_UNUSABLE => Self::RetellUnauthorized,
            slug::BODY_NOT_JSON | slug::BODY_TOO_LARGE | slug::REQUEST_INVALID => Self::BodyInvalid,
            slug::BODY_TIMEOUT => Self::Unreachable,
            _ => Self::ALL
                .into_iter()
                .find(|it| it.slug() == name)
                .unwrap_or(Self::Internal),
        }
    }

    /// Reads what our server answered instead of a call; `undefined` for nothing.
    pub(super) fn from_json(answer: &JsValue) -> Self {
        match json::string(answer, "type") {
            Some(kind) => Self::from_kind(&kind),
            None if answer.is_undefined() => Self::Unreachable,
            None => Self::Internal,
        }
    }

    /// The problem's slug.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::KeyUnknown => slug::KEY_UNKNOWN,
            Self::KeyDisabled => slug::KEY_DISABLED,
            Self::OriginNotAllowed => slug::ORIGIN_NOT_ALLOWED,
            Self::NonceInvalid => slug::NONCE_INVALID,
            Self::AgentUnknown => slug::AGENT_UNKNOWN,
            Self::RetellUnreachable => slug::RETELL_UNREACHABLE,
            Self::RetellTimeout => slug::RETELL_TIMEOUT,
            Self::RetellUnauthorized => slug::RETELL_UNAUTHORIZED,
            Self::RetellPaymentRequired => slug::RETELL_PAYMENT_REQUIRED,
            Self::RetellBusy => slug::RETELL_BUSY,
            Self::RetellRejected => slug::RETELL_REJECTED,
            Self::RetellFailed => slug::RETELL_FAILED,
            Self::RateLimited => slug::RATE_LIMITED,
            Self::ModeNotAllowed => slug::MODE_NOT_ALLOWED,
            Self::OutOfHours => slug::OUT_OF_HOURS,
            Self::CaptchaFailed => slug::CAPTCHA_FAILED,
            Self::CaptchaUnavailable => slug::CAPTCHA_UNAVAILABLE,
            Self::LinesBusy => slug::LINES_BUSY,
            Self::MinutesUsedUp => slug::MINUTES_USED_UP,
            Self::BodyInvalid => slug::BODY_INVALID,
            Self::StoreUnavailable => slug::STORE_UNAVAILABLE,
            Self::Internal => slug::INTERNAL,
            Self::Unreachable => "server-unreachable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slug_comes_back_as_itself() {
        for kind in [
            slug::KEY_UNKNOWN,
            slug::KEY_DISABLED,
            slug::ORIGIN_NOT_ALLOWED,
            slug::NONCE_INVALID,
            slug::AGENT_UNKNOWN,
            slug::RETELL_UNREACHABLE,
            slug::RETELL_TIMEOUT,
            slug::RETELL_UNAUTHORIZED,
            slug::RETELL_PAYMENT_REQUIRED,
            slug::RETELL_BUSY,
            slug::RETELL_REJECTED,
            slug::RETELL_FAILED,
            slug::RATE_LIMITED,
            slug::MODE_NOT_ALLOWED,
            slug::CAPTCHA_FAILED,
            slug::CAPTCHA_UNAVAILABLE,
            slug::LINES_BUSY,
            slug::MINUTES_USED_UP,
            slug::BODY_INVALID,
            slug::STORE_UNAVAILABLE,
            slug::INTERNAL,
        ] {
            let mut path = String::from(api::problem::TYPE_PREFIX);
            path.push_str(kind);
            assert_eq!(Problem::from_kind(&path).slug(), kind);
            assert_eq!(Problem::from_kind(kind).slug(), kind);
        }
    }

    #[test]
    fn a_visitor_is_told_more_than_something_went_wrong() {
        for kind in api::problem::OF_NEW_CALLS {
            assert_eq!(
                Problem::from_kind(kind) == Problem::Internal,
                kind == slug::INTERNAL,
                "no sentence for `{kind}`"
            );
        }
    }

    #[test]
    fn an_unknown_kind_is_the_servers_fault() {
        assert_eq!(
            Problem::from_kind("/problems/from-the-future"),
            Problem::Internal
        );
        assert_eq!(Problem::from_kind(""), Problem::Internal);
    }
}
