//! What the agent desk reads and writes, behind a staff session.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Page;
pub use crate::live::CallStatus;
use crate::live::Item;

/// `POST /api/desk/session`: sign in.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// The e-mail address, in any case.
    pub email: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

/// `GET /api/desk/session`: who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The person's id.
    pub user_id: String,
    /// The person's name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// `agent`, `supervisor` or `admin`.
    pub role: String,
    /// The business's name.
    pub tenant: String,
    /// The business's IANA time zone.
    pub timezone: String,
}

/// The names of the events on `GET /api/desk/events`.
pub mod event {
    /// A call is new or changed. Data: [`CallSummary`](super::CallSummary).
    pub const CALL: &str = "call";
    /// A call-back is new or changed: load their list again. Data: `{}`.
    pub const CALLBACKS: &str = "callbacks";
    /// A booking is new or changed, or what can be booked is: load them again. Data: `{}`.
    pub const BOOKINGS: &str = "bookings";
    /// A function was asked for in a call, or has answered. Data: the call's id; `-` outside of
    /// any.
    pub const FUNCTIONS: &str = "functions";
    /// Who of the staff takes calls is not as before: ask again. Data: `{}`.
    pub const STAFF: &str = "staff";
    /// Somebody was given a call. Data: their id, a space, and the call's.
    pub const GIVEN: &str = "given";
    /// Somebody marked a call for a supervisor to look at. Data: their id, nothing for a program; a
    /// space, and the call's.
    pub const FLAGGED: &str = "flagged";
    /// What is being said in a call that goes on, or the function its agent asks for. Data: the
    /// call's id, a space, and the line.
    pub const SAID: &str = "said";
    /// Too much was missed to catch up: load the list again. Data: `{}`.
    pub const RESYNC: &str = "resync";
    /// The server is going down; reconnect. Data: `{}`.
    pub const CLOSING: &str = "closing";
    /// The stream is alive, though nothing is new. On every stream of ours. Data: `{}`.
    pub const HEARTBEAT: &str = "heartbeat";
}

/// One row of the call list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallSummary {
    /// Retell's call id.
    pub id: String,
    /// `web_call` or `phone_call`.
    pub call_type: String,
    /// `inbound` or `outbound`, for phone calls; `internal` for web calls in which one of the
    /// staff tried an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// The caller's number (E.164), for phone calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_number: Option<String>,
    /// The called number (E.164), for phone calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_number: Option<String>,
    /// What the contact with the other side's number is called. Programs are told with the
    /// scope `contacts:read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// What it was about: how its analysis begins, once there is one. A desk keeps here what is
    /// being said while it goes on, see [`event::SAID`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The agent's id at Retell.
    pub agent_id: String,
    /// The agent's name, when Retell told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// The public key that started it, for calls from a web page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key_id: Option<String>,
    /// Where the call stands.
    pub status: CallStatus,
    /// When it was minted or dialled (Unix ms).
    pub created_at: i64,
    /// When it connected (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When it ended (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// How long it lasted (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Retell's `disconnection_reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnection_reason: Option<String>,
    /// `Positive`, `Neutral`, `Negative` or `Unknown`, once analysed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_sentiment: Option<String>,
    /// Whether the call reached its aim, once analysed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successful: Option<bool>,
    /// Whether a recording can be played.
    pub has_recording: bool,
    /// The id of the person who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
    /// What that person is called; absent where they are no longer there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by_name: Option<String>,
    /// When it was marked for a supervisor to look at (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flagged_at: Option<i64>,
    /// What people were last warned of in it: the name of one of the business's rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// How much that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_severity: Option<crate::warnings::Severity>,
    /// When that was told (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_at: Option<i64>,
}

impl CallSummary {
    /// The number (E.164) of whoever is not us.
    #[must_use]
    pub fn other_number(&self) -> Option<&str> {
        if self.direction.as_deref() == Some("outbound") {
            self.to_number.as_deref()
        } else {
            self.from_number.as_deref()
        }
    }

    /// Whether somebody called by telephone who does not tell the number.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.direction.as_deref() == Some("inbound") && self.from_number.is_none()
    }
}

/// `GET /api/desk/calls`: a page of the call list, live calls first, then newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallPage {
    /// The rows.
    pub items: Vec<CallSummary>,
    /// Goes into `?cursor=` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Set where the page is short because few calls match: every call created
    /// since then (Unix ms) was looked at, the next page goes on from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searched_to: Option<i64>,
}

/// `POST /api/desk/web-calls`: one of the staff wants to talk with an agent. The answer is a
/// [`CallAccess`](crate::public::CallAccess).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewTestCall {
    /// The agent's id at Retell: one of the business's.
    pub agent_id: String,
    /// Fills the agent's prompt.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dynamic_variables: BTreeMap<String, String>,
    /// The browser's offer: with it the server joins the call at once, and the answer
    /// comes with the access to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<crate::public::Sdp>,
}

/// `POST /api/desk/phone-calls`: has an agent call a number. The answer is the call's
/// [`CallSummary`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// Whom to call, in international form or as it is written in the business's country.
    pub to_number: String,
    /// The agent's id at Retell: one of the business's; whichever calls from the number that is
    /// called from, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Tells one wish from another: said again with the same one, nobody is called twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Dial {
    /// How many characters a `request_id` may have.
    pub const REQUEST_ID_MAX: usize = 64;
}

/// `GET /api/desk/calls/given`: the calls that were given to the reader, who has not seen that yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GivenCalls {
    /// The newest first.
    pub items: Vec<CallSummary>,
}

/// `GET /api/desk/agents`: the business's agents, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentList {
    /// All of them.
    pub items: Vec<crate::routing::AgentName>,
}

/// `GET /api/desk/agents/{id}/variables`: what stands in an agent's prompt where a call says
/// nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentVariables {
    /// By the names of its dynamic variables.
    pub defaults: BTreeMap<String, String>,
}

/// `GET /api/desk/calls/{id}`: everything about one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub summary: CallSummary,
    /// The transcript as known: final once the call has ended.
    pub transcript: Vec<Item>,
    /// What the analysis says in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis_summary: Option<String>,
    /// What the analysis extracted: name to value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub analysis_data: BTreeMap<String, Value>,
    /// What the call cost, in US cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_cents: Option<f64>,
    /// The median time from the caller's last word to the agent's first (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_p50_ms: Option<f64>,
    /// What that cost is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<ProductCost>,
    /// How quick each part of the agent was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latencies: Vec<PartLatency>,
    /// The variables the agent's prompt was given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dynamic_variables: BTreeMap<String, String>,
    /// What was stored with the call at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Who of the staff tried the agent with it (the person's id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_by: Option<String>,
    /// What the visitor thought of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<crate::public::Rating>,
    /// What the visitor agreed to before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<GivenConsent>,
    /// Who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<crate::marks::CallClaim>,
    /// That a supervisor should look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<crate::marks::CallFlag>,
    /// Who took it over, and spoke instead of the agent from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over: Option<crate::attend::DoneBy>,
    /// Who ended it, where neither the caller nor the agent did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<crate::attend::DoneBy>,
    /// What people were warned of in it, in the order they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<crate::warnings::CallWarning>,
    /// When what was said in it was deleted for good (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted_at: Option<i64>,
}

/// What a product of Retell's took of a call's cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductCost {
    /// Retell's name of it, such as `elevenlabs_tts`.
    pub product: String,
    /// US cents.
    pub cents: f64,
}

/// How quick a part of the agent was, over all its turns in a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartLatency {
    /// Retell's name of it, such as `llm`; `e2e` is all of them together.
    pub part: String,
    /// The median (ms).
    pub p50_ms: f64,
    /// What nine of ten turns took at most (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_ms: Option<f64>,
    /// The slowest turn (ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ms: Option<f64>,
}

/// A visitor's consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GivenConsent {
    /// What it was to.
    #[serde(flatten)]
    pub consent: crate::public::Consent,
    /// When it was given (Unix ms).
    pub given_at: i64,
}

/// `GET /api/desk/audit`: a page of the trail, the newest first.
pub type AuditPage = Page<AuditEntry>;

/// Who did what, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Which entry.
    pub id: String,
    /// When (Unix ms).
    pub at: i64,
    /// `user`, `api_key`, `operator` or `system`.
    pub actor_kind: String,
    /// The actor's name as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// Such as `user.invited`.
    pub action: String,
    /// What it was done to; absent for the business itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_kind: Option<String>,
    /// Which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// What changed.
    pub details: Value,
    /// The address it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<String>,
}

/// `GET /api/desk/account`: whose Retell account the business uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetellAccount {
    /// Its own, rather than the server's.
    pub own: bool,
    /// Whether its webhooks are signed with another key than its API key.
    pub own_webhook_key: bool,
    /// How often it was changed.
    pub revision: i64,
}

/// `PUT /api/desk/account`: the keys of the business's own account. Without an
/// API key the server's account is used.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChangeAccount {
    /// The API key.
    pub retell_key: Option<String>,
    /// The key with the webhook badge, where it is another.
    pub webhook_key: Option<String>,
}

impl std::fmt::Debug for ChangeAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeAccount").finish_non_exhaustive()
    }
}
