//! Call-backs: what the widget's form and the desk's list exchange with the
//! server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Page;
use crate::public::Consent;

/// `POST /api/public/callbacks/form`: what the form of a key has to offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskForm {
    /// The public key, `pk_…`.
    pub key: String,
    /// As in [`crate::public::NewWebCall::nonce`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// The answer to [`AskForm`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackForm {
    /// Goes into [`NewCallback::form`]: proof of when the form was shown.
    pub form: String,
    /// How long a form takes to be filled in at least (ms); what is sent sooner
    /// may be a program's.
    pub wait_ms: u32,
    /// Whether the key takes call-backs at all, or only tells its hours.
    pub callback: bool,
    /// The countries whose numbers are called (ISO 3166-1 alpha-2), the
    /// business's own first.
    pub countries: Vec<String>,
    /// Whether it is called at once when nothing later is asked for.
    pub now: bool,
    /// When it can be called later (Unix ms), in order.
    pub slots: Vec<i64>,
    /// The business's IANA time zone.
    pub timezone: String,
    /// Whether calls in the browser are taken at this moment.
    pub open: bool,
    /// When the business opens next (Unix ms), if it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<i64>,
}

/// `POST /api/public/callbacks`: somebody wants to be called.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NewCallback {
    /// The public key, `pk_…`.
    pub key: String,
    /// As in [`crate::public::NewWebCall::nonce`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// One of the key's agents; the key's first agent when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// What [`CallbackForm::form`] was.
    #[serde(default)]
    pub form: String,
    /// Whom to ask for; at most [`NewCallback::NAME_MAX`] characters.
    pub name: String,
    /// The number, as it is written in `country` or in international form.
    pub phone: String,
    /// The number's country (ISO 3166-1 alpha-2); the first of
    /// [`CallbackForm::countries`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// One of [`CallbackForm::slots`]; at once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// What the visitor agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// The page it was asked on, without its query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    /// A number of the account to call from; otherwise one bound to the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_number: Option<String>,
    /// As in [`crate::public::NewWebCall::dynamic_variables`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dynamic_variables: BTreeMap<String, String>,
    /// As in [`crate::public::NewWebCall::metadata`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// As in [`crate::public::NewWebCall::captcha_token`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha_token: Option<String>,
    /// A field people do not see; whoever fills it in is a program, or has one
    /// that fills forms in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub left_blank: String,
}

impl NewCallback {
    /// The longest name, in characters.
    pub const NAME_MAX: usize = 100;
}

impl std::fmt::Debug for NewCallback {
    /// Leaves name and number out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCallback")
            .field("key", &self.key)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The answer to [`NewCallback`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackAccepted {
    /// When the call comes (Unix ms); now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

/// Where a call-back stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    /// It is to be placed at once, or was tried and is tried again.
    Pending,
    /// It is to be placed at its time.
    Scheduled,
    /// It is being placed.
    Calling,
    /// The call was placed.
    Placed,
    /// Nobody was reached as often as it was tried: people see to it.
    Unanswered,
    /// People see to it: nobody is called by itself.
    Open,
    /// People have seen to it.
    Done,
    /// It could not be placed.
    Failed,
    /// Somebody took it back.
    Cancelled,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// What came of a call-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallbackOutcome {
    /// They were talked with.
    Reached,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// A machine answered.
    Voicemail,
    /// The call did not come about, or broke down.
    CallFailed,
    /// The number is somebody else's.
    WrongNumber,
    /// It was settled without a call.
    Otherwise,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

impl CallbackOutcome {
    /// Those that people choose from.
    pub const CHOICES: [Self; 6] = [
        Self::Reached,
        Self::NoAnswer,
        Self::Busy,
        Self::Voicemail,
        Self::WrongNumber,
        Self::Otherwise,
    ];

    /// Whether nothing is left to be done.
    #[must_use]
    pub fn is_last(self) -> bool {
        matches!(self, Self::Reached | Self::WrongNumber | Self::Otherwise)
    }

    /// As it is on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Voicemail => "voicemail",
            Self::CallFailed => "call_failed",
            Self::WrongNumber => "wrong_number",
            Self::Otherwise => "otherwise",
            Self::Unknown => "unknown",
        }
    }

    /// The one with a [name](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Self {
        let all = Self::CHOICES.into_iter().chain([Self::CallFailed]);
        let mut named = all.filter(|it| it.name() == name);
        named.next().unwrap_or(Self::Unknown)
    }
}

/// `POST /api/desk/callbacks`: one of the staff notes that somebody is to be called, by people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnterCallback {
    /// Whom to ask for; may be empty.
    pub name: String,
    /// The number, as it is dialled in the business's country or in international form.
    pub phone: String,
    /// When it is due (Unix ms); now when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// What it is about, in at most [`CallbackChange::NOTE_MAX`] characters.
    pub note: String,
}

/// `PATCH /api/desk/callbacks/{id}`: what one of the staff says of a call-back; what is absent
/// stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallbackChange {
    /// What came of it. Where they were not reached it is due again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CallbackOutcome>,
    /// When it is due from now on (Unix ms).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// What the staff should know, in at most [`CallbackChange::NOTE_MAX`] characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl CallbackChange {
    /// How many characters a note may have.
    pub const NOTE_MAX: usize = 2_000;
}

/// One row of the desk's list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Callback {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: CallbackState,
    /// Whom to ask for; empty where nobody knows.
    pub name: String,
    /// The number (E.164); empty where it is withheld.
    pub phone: String,
    /// The agent's id at Retell.
    pub agent_id: String,
    /// The agent's name, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// The visitor's language (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The page it was asked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    /// When it is to be placed, or was (Unix ms).
    pub due_at: i64,
    /// When it was asked for (Unix ms).
    pub created_at: i64,
    /// The call it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Why it failed: a slug of [`crate::problem::slug`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What came of it so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CallbackOutcome>,
    /// How often nobody was reached.
    #[serde(default)]
    pub tries: u32,
    /// What the staff should know.
    #[serde(default)]
    pub note: String,
    /// The id of who of the staff sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
    /// Their name, as long as they are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by_name: Option<String>,
    /// What the visitor agreed to.
    pub consent: Consent,
}

impl std::fmt::Debug for Callback {
    /// Leaves name and number out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// `GET /api/desk/callbacks`: with `?over=true` those that are over, the newest
/// first; otherwise those to be done, the earliest first.
pub type CallbackPage = Page<Callback>;
