//! Errors on the wire: RFC 9457 problem details.

use serde::{Deserialize, Serialize};

use crate::public::Waiting;

/// The media type of a [`Problem`] body.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// The path under which problem types live: a `type` is this followed by a slug.
pub const TYPE_PREFIX: &str = "/problems/";

/// What went wrong, for programs (`type`) and for people (`title`, `detail`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI reference naming the kind of problem: [`TYPE_PREFIX`] and a slug from [`slug`].
    #[serde(rename = "type")]
    pub kind: String,
    /// One line, the same for every occurrence.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What happened this time and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The member of what was sent that is wrong: its JSON name, with dots where it is nested
    /// (`price.currency`). None where it is several, or all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The request's id, as in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Seconds after which a retry may succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// The visitor's place in line, where all lines are busy and they wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
}

impl Problem {
    /// The slug of the problem's type: the part after [`TYPE_PREFIX`].
    #[must_use]
    pub fn slug(&self) -> &str {
        self.kind.strip_prefix(TYPE_PREFIX).unwrap_or(&self.kind)
    }
}

/// What `POST /api/public/web-calls` can answer instead of a call. The widget has
/// a sentence for each, with the next step.
pub const OF_NEW_CALLS: [&str; 26] = [
    slug::KEY_UNKNOWN,
    slug::KEY_DISABLED,
    slug::ORIGIN_NOT_ALLOWED,
    slug::NONCE_INVALID,
    slug::AGENT_UNKNOWN,
    slug::MODE_NOT_ALLOWED,
    slug::OUT_OF_HOURS,
    slug::CAPTCHA_FAILED,
    slug::CAPTCHA_UNAVAILABLE,
    slug::LINES_BUSY,
    slug::MINUTES_USED_UP,
    slug::RATE_LIMITED,
    slug::RETELL_UNREACHABLE,
    slug::RETELL_TIMEOUT,
    slug::RETELL_UNAUTHORIZED,
    slug::RETELL_PAYMENT_REQUIRED,
    slug::RETELL_BUSY,
    slug::RETELL_REJECTED,
    slug::RETELL_FAILED,
    slug::ACCOUNT_UNUSABLE,
    slug::BODY_NOT_JSON,
    slug::BODY_INVALID,
    slug::BODY_TOO_LARGE,
    slug::BODY_TIMEOUT,
    slug::STORE_UNAVAILABLE,
    slug::INTERNAL,
];

/// The problem slugs both sides know. The browser has a sentence for each that
/// a person can meet.
pub mod slug {
    /// No such public key.
    pub const KEY_UNKNOWN: &str = "key-unknown";
    /// The public key was switched off.
    pub const KEY_DISABLED: &str = "key-disabled";
    /// The page is not on the key's list of origins.
    pub const ORIGIN_NOT_ALLOWED: &str = "origin-not-allowed";
    /// The page's nonce is missing, expired or made for another key: reload the page.
    pub const NONCE_INVALID: &str = "nonce-invalid";
    /// Retell has no such agent, or the key may not use it.
    pub const AGENT_UNKNOWN: &str = "agent-unknown";
    /// The public key is not for what was asked: voice calls, or call-backs.
    pub const MODE_NOT_ALLOWED: &str = "mode-not-allowed";
    /// The captcha was not solved, or says that a program asks.
    pub const CAPTCHA_FAILED: &str = "captcha-failed";
    /// The captcha's provider cannot be asked.
    pub const CAPTCHA_UNAVAILABLE: &str = "captcha-unavailable";
    /// The key holds as many calls as it may.
    pub const LINES_BUSY: &str = "lines-busy";
    /// The key's minutes of the day are used up.
    pub const MINUTES_USED_UP: &str = "minutes-used-up";
    /// A value is not possible; the detail says which and why.
    pub const VALUE_INVALID: &str = "value-invalid";
    /// The secret API key is missing, wrong, revoked or expired.
    pub const API_KEY_INVALID: &str = "api-key-invalid";
    /// The secret API key lacks a scope.
    pub const SCOPE_MISSING: &str = "scope-missing";
    /// Another request was sent with this `Idempotency-Key`.
    pub const IDEMPOTENCY_KEY_REUSED: &str = "idempotency-key-reused";
    /// The first request with this `Idempotency-Key` is still worked on.
    pub const IDEMPOTENCY_IN_PROGRESS: &str = "idempotency-in-progress";
    /// It is unknown whether the first request with this `Idempotency-Key` was done.
    pub const IDEMPOTENCY_OUTCOME_UNKNOWN: &str = "idempotency-outcome-unknown";
    /// The `Idempotency-Key` is too long, or not of plain characters.
    pub const IDEMPOTENCY_KEY_INVALID: &str = "idempotency-key-invalid";
    /// Another contact has this telephone number.
    pub const PHONE_TAKEN: &str = "phone-taken";
    /// What is said of a call that is over has to say how it came out.
    pub const DISPOSITION_MISSING: &str = "disposition-missing";
    /// No call of the business comes out like this.
    pub const DISPOSITION_UNKNOWN: &str = "disposition-unknown";
    /// The file is no table, or too large a one; the detail says why.
    pub const FILE_INVALID: &str = "file-invalid";
    /// The business has no provider of text messages.
    pub const SMS_NOT_SET_UP: &str = "sms-not-set-up";
    /// Whoever has the number wants no text messages.
    pub const SMS_OPTED_OUT: &str = "sms-opted-out";
    /// As many text messages were sent today as may be.
    pub const SMS_USED_UP: &str = "sms-used-up";
    /// The number cannot be dialled from here.
    pub const NUMBER_NOT_DIALABLE: &str = "number-not-dialable";
    /// Whoever has the number does not want to be called.
    pub const DO_NOT_CALL: &str = "do-not-call";
    /// A colleague sees to the call-back.
    pub const CALLBACK_CLAIMED: &str = "callback-claimed";
    /// The business has no Retell account of its own, and the server's is not
    /// its alone.
    pub const OWN_ACCOUNT_REQUIRED: &str = "own-account-required";
    /// The business is closed, and the key takes no calls then.
    pub const OUT_OF_HOURS: &str = "out-of-hours";
    /// The call-back form is not one of ours, or was open for too long.
    pub const FORM_INVALID: &str = "form-invalid";
    /// A call-back needs a name.
    pub const CALLBACK_NAME_INVALID: &str = "callback-name-invalid";
    /// The text is no telephone number of the country.
    pub const PHONE_INVALID: &str = "phone-invalid";
    /// The telephone number has an extension, which cannot be dialled.
    pub const PHONE_EXTENSION: &str = "phone-extension";
    /// Numbers of this country are not called back.
    pub const COUNTRY_NOT_ALLOWED: &str = "country-not-allowed";
    /// A call-back needs the visitor's consent.
    pub const CONSENT_MISSING: &str = "consent-missing";
    /// The business cannot call back at this time (any more).
    pub const SLOT_UNAVAILABLE: &str = "slot-unavailable";
    /// Nothing can be booked to begin then: closed, past, too soon or too far ahead.
    pub const SLOT_NOT_OFFERED: &str = "slot-not-offered";
    /// Somebody else has the slot.
    pub const SLOT_TAKEN: &str = "slot-taken";
    /// The calendar that keeps the service, elsewhere, does not answer.
    pub const CALENDAR_AWAY: &str = "calendar-away";
    /// The business's CRM does not answer, or not as it should.
    pub const CRM_AWAY: &str = "crm-away";
    /// Whose calendar is to be linked has one linked already.
    pub const CALENDAR_LINKED: &str = "calendar-linked";
    /// The slot was not held, or is not any more.
    pub const HOLD_GONE: &str = "hold-gone";
    /// The booking is cancelled, or not confirmed.
    pub const BOOKING_NOT_OPEN: &str = "booking-not-open";
    /// The agent thinks with something that has no functions, or not with a Retell LLM.
    pub const AGENT_WITHOUT_TOOLS: &str = "agent-without-tools";
    /// A program may have asked for the call-back: a person looks at it first.
    pub const LOOKS_AUTOMATIC: &str = "looks-automatic";
    /// The call-back is being placed, or is over.
    pub const CALLBACK_NOT_OPEN: &str = "callback-not-open";
    /// The Retell account has no number to call from.
    pub const NO_NUMBER: &str = "no-number";
    /// Retell cannot be reached.
    pub const RETELL_UNREACHABLE: &str = "retell-unreachable";
    /// Retell did not answer in time.
    pub const RETELL_TIMEOUT: &str = "retell-timeout";
    /// Retell refused our API key (401, 403).
    pub const RETELL_UNAUTHORIZED: &str = "retell-unauthorized";
    /// Retell wants to be paid (402).
    pub const RETELL_PAYMENT_REQUIRED: &str = "retell-payment-required";
    /// Retell's rate or concurrency limit (429).
    pub const RETELL_BUSY: &str = "retell-busy";
    /// Retell refused the request itself (400, 422).
    pub const RETELL_REJECTED: &str = "retell-rejected";
    /// Retell failed (5xx).
    pub const RETELL_FAILED: &str = "retell-failed";
    /// Too many calls from this address or with this key.
    pub const RATE_LIMITED: &str = "rate-limited";
    /// No call of ours has this id.
    pub const CALL_UNKNOWN: &str = "call-unknown";
    /// The call has not begun, or is over.
    pub const CALL_NOT_LIVE: &str = "call-not-live";
    /// The call goes on.
    pub const CALL_NOT_OVER: &str = "call-not-over";
    /// One of the staff has taken the call over, or is about to.
    pub const TAKEN_OVER: &str = "taken-over";
    /// Retell lets nobody take the call over now: a payment is taken in it, or somebody has
    /// it from elsewhere.
    pub const TAKE_OVER_REFUSED: &str = "take-over-refused";
    /// Who wants to take the call over does not listen to it (any more).
    pub const NOT_LISTENING: &str = "not-listening";
    /// Somebody else has claimed the call.
    pub const CALL_CLAIMED: &str = "call-claimed";
    /// The ticket is missing, expired or for another call.
    pub const TICKET_INVALID: &str = "ticket-invalid";
    /// The live transcript cannot be read at Retell.
    pub const MONITOR_REFUSED: &str = "monitor-refused";
    /// The call has no recording (yet).
    pub const RECORDING_UNAVAILABLE: &str = "recording-unavailable";
    /// The webhook carries no usable signature.
    pub const SIGNATURE_MISSING: &str = "signature-missing";
    /// The webhook's signature does not match its body.
    pub const SIGNATURE_INVALID: &str = "signature-invalid";
    /// The webhook's signature is older or newer than five minutes.
    pub const SIGNATURE_STALE: &str = "signature-stale";
    /// The body is not JSON.
    pub const BODY_NOT_JSON: &str = "body-not-json";
    /// The body is JSON of another shape than expected.
    pub const BODY_INVALID: &str = "body-invalid";
    /// The address, or its query, cannot be read.
    pub const REQUEST_INVALID: &str = "request-invalid";
    /// The body is larger than we take.
    pub const BODY_TOO_LARGE: &str = "body-too-large";
    /// The body is compressed in a way that is not understood.
    pub const CODING_UNSUPPORTED: &str = "coding-unsupported";
    /// As much is open from here as may be: streams, recordings.
    pub const TOO_MANY_OPEN: &str = "too-many-open";
    /// The server has too much to do right now.
    pub const SERVER_BUSY: &str = "server-busy";
    /// The body did not come in time.
    pub const BODY_TIMEOUT: &str = "body-timeout";
    /// The person's role does not allow it.
    pub const ROLE_TOO_LOW: &str = "role-too-low";
    /// The tenant's Retell key is stored, but cannot be used.
    pub const ACCOUNT_UNUSABLE: &str = "account-unusable";
    /// None of the webhooks can be worked on again.
    pub const NOTHING_TO_REPLAY: &str = "nothing-to-replay";
    /// Somebody else changed it since the revision the request is based on.
    pub const CHANGED_MEANWHILE: &str = "changed-meanwhile";
    /// The routing rules are others than the request says.
    pub const RULES_CHANGED: &str = "rules-changed";
    /// Events cannot be sent to this address: not HTTPS, or not an address.
    pub const ENDPOINT_ADDRESS_INVALID: &str = "endpoint-address-invalid";
    /// Events are not sent to this address: it leads into a private network.
    pub const ENDPOINT_ADDRESS_PRIVATE: &str = "endpoint-address-private";
    /// A header of an endpoint cannot be sent.
    pub const ENDPOINT_HEADER_INVALID: &str = "endpoint-header-invalid";
    /// The business has as many endpoints as it can have.
    pub const ENDPOINT_LIMIT: &str = "endpoint-limit";
    /// The endpoint is switched off.
    pub const ENDPOINT_DISABLED: &str = "endpoint-disabled";
    /// Nobody is signed in.
    pub const SIGN_IN_REQUIRED: &str = "sign-in-required";
    /// The e-mail address or the password is wrong.
    pub const CREDENTIALS_WRONG: &str = "credentials-wrong";
    /// The provider of identities cannot be asked, or answers nonsense.
    pub const OIDC_UNAVAILABLE: &str = "oidc-unavailable";
    /// The provider of identities signed nobody in.
    pub const OIDC_REFUSED: &str = "oidc-refused";
    /// The sign-in at the provider began too long ago, in another browser, or
    /// was finished before.
    pub const OIDC_STALE: &str = "oidc-stale";
    /// What the provider of identities says cannot be believed.
    pub const OIDC_UNTRUSTED: &str = "oidc-untrusted";
    /// The provider of identities does not vouch for the e-mail address.
    pub const OIDC_EMAIL_UNVERIFIED: &str = "oidc-email-unverified";
    /// Nobody was invited with the e-mail address of the provider's account.
    pub const OIDC_UNINVITED: &str = "oidc-uninvited";
    /// Somebody else has the provider's account, or the person another one.
    pub const OIDC_TAKEN: &str = "oidc-taken";
    /// The one-time link was used already or is too old.
    pub const LINK_INVALID: &str = "link-invalid";
    /// The text is no e-mail address.
    pub const EMAIL_INVALID: &str = "email-invalid";
    /// Somebody has the e-mail address already.
    pub const EMAIL_TAKEN: &str = "email-taken";
    /// A name is empty or too long.
    pub const NAME_INVALID: &str = "name-invalid";
    /// The new password is too short or too long.
    pub const PASSWORD_UNFIT: &str = "password-unfit";
    /// The current password is another.
    pub const PASSWORD_WRONG: &str = "password-wrong";
    /// The business has no such person, or session.
    pub const PERSON_UNKNOWN: &str = "person-unknown";
    /// The business would be left without an admin.
    pub const LAST_ADMIN: &str = "last-admin";
    /// There is no time zone of this name.
    pub const TIMEZONE_UNKNOWN: &str = "timezone-unknown";
    /// A text is no language tag, or there is none at all.
    pub const LANGUAGE_INVALID: &str = "language-invalid";
    /// The business hours make no sense.
    pub const HOURS_INVALID: &str = "hours-invalid";
    /// A write came from a page of another origin.
    pub const CROSS_ORIGIN_WRITE: &str = "cross-origin-write";
    /// No such page or resource.
    pub const NOT_FOUND: &str = "not-found";
    /// The resource does not take this method.
    pub const METHOD_NOT_ALLOWED: &str = "method-not-allowed";
    /// The database cannot be used right now; nothing was stored.
    pub const STORE_UNAVAILABLE: &str = "store-unavailable";
    /// The text is neither a telephone number nor an e-mail address.
    pub const PERSON_INVALID: &str = "person-invalid";
    /// What was typed to confirm is not what was asked for.
    pub const CONFIRMATION_WRONG: &str = "confirmation-wrong";
    /// A fault of ours.
    pub const INTERNAL: &str = "internal";
}
