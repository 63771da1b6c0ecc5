//! Numbers and the rules by which an inbound call finds its agent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::business::Hours as Week;

/// Who a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// A contact, important or not.
    Known,
    /// A contact that is marked as important.
    Vip,
    /// Nobody in the contacts, or nobody at all: the number is withheld.
    Unknown,
}

/// When a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hours {
    /// During business hours.
    Open,
    /// Outside of them.
    Closed,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum RuleAction {
    /// An agent answers.
    Agent {
        /// Which one, by Retell's id; the number's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent_id: Option<String>,
        /// Which of its versions: a number, or the name of an environment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent_version: Option<String>,
        /// Fill the agent's prompt. `{{contact.first_name}}` and the like are
        /// filled from what is known of the caller; a variable of which nothing
        /// is known is left out.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        variables: BTreeMap<String, String>,
        /// Retell's `agent_override`: changes of the agent for this call alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent_override: Option<Value>,
    },
    /// The call is declined.
    Reject,
}

/// A rule: it fits when every condition it has is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleBody {
    /// What people call it.
    pub name: String,
    /// Whether it counts.
    pub enabled: bool,
    /// Only calls to this number (E.164).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Only these callers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Only numbers of these countries (ISO 3166-1 alpha-2); empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Only callers who speak this (IETF tag; `de` means `de-AT` too). A caller
    /// nothing is known of speaks the business's first language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Only while at least so many calls of the business go on: what comes on top of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_from: Option<u32>,
    /// What happens.
    pub action: RuleAction,
}

/// A rule that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Which one.
    pub id: String,
    /// What it says.
    #[serde(flatten)]
    pub body: RuleBody,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// An agent a rule can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentName {
    /// Retell's id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The voice it speaks with, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<AgentVoice>,
}

/// A voice that an agent speaks with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentVoice {
    /// Retell's id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whose voice it is, such as `elevenlabs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Where a sample of it is, over HTTPS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<String>,
}

/// `GET /api/desk/routing-rules`: the rules in their order, and what they can name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleList {
    /// The first that fits decides.
    pub items: Vec<Rule>,
    /// The business's agents.
    pub agents: Vec<AgentName>,
}

/// `PUT /api/desk/routing-rules/order`: every rule once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOrder {
    /// The ids in their new order.
    pub ids: Vec<String>,
}

/// `POST /api/desk/routing-rules/test`: a call from here to there, now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteQuestion {
    /// Who calls, in international form; empty for a withheld number.
    pub from_number: String,
    /// Which number is called.
    pub to_number: String,
}

/// Why a rule did not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// It is switched off.
    Disabled,
    /// It is for another number.
    Number,
    /// It is for other callers.
    Caller,
    /// It is for other countries.
    Country,
    /// It is for another time.
    Hours,
    /// It is for another language.
    Language,
    /// It is for when more calls go on.
    Calls,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// A rule that did not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The rule's name.
    pub name: String,
    /// The first condition that was not met.
    pub because: Mismatch,
}

/// Where the call would go, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteAnswer {
    /// The rule that decides; absent when none fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Whether the call is declined.
    pub rejected: bool,
    /// Who answers; absent when nobody is named: the number's own agent at Retell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// What its prompt is filled with.
    pub variables: BTreeMap<String, String>,
    /// What the caller is called, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The country of the caller's number (ISO 3166-1 alpha-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The language the caller is taken to speak.
    pub language: String,
    /// Whether the business is open now.
    pub open: bool,
    /// The rules before it that did not fit.
    pub passed: Vec<Passed>,
}

/// A number of the business at Retell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// E.164.
    pub number: String,
    /// Its name at Retell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// Who answers when no rule says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Where Retell asks before it answers, as set there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound_webhook_url: Option<String>,
    /// When it was imported (Unix ms).
    pub imported_at: i64,
}

/// `GET /api/desk/numbers`: the business's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberList {
    /// In their order.
    pub items: Vec<Number>,
    /// What has to be entered at Retell as a number's inbound webhook, so that
    /// the rules are asked.
    pub webhook_url: String,
}

/// `POST /api/desk/numbers/import`: what Retell's list brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersImported {
    /// The numbers the business has now.
    pub numbers: u64,
    /// Numbers of an account that several businesses share, and that no agent
    /// of this one answers.
    pub of_others: u64,
}

/// Where a call can be transferred to: everything about it that can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationDetails {
    /// The person or department, as callers name it.
    pub name: String,
    /// A number in international form, or a SIP address (`sip:…`).
    pub to: String,
    /// The id of the person of the business who answers there: calls come only while they are
    /// ready for them. Absent where several people do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// When somebody is there; as the business's hours when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Week>,
    /// Those with a smaller one are tried before others.
    #[serde(default)]
    pub order: u32,
    /// Whether calls may be transferred to it at the moment.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// Where a call can be transferred to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Destination {
    /// Which one.
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub details: DestinationDetails,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// `GET /api/v1/transfer-destinations`: all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationList {
    /// In the order they are tried.
    pub items: Vec<Destination>,
}
