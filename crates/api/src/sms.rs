//! Text messages: how a business sends them, and what was sent and came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Page;
use crate::functions::TargetMethod;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SmsState {
    /// It waits: for its turn, or for the morning.
    Queued,
    /// The provider has it.
    Sent,
    /// It stands in the server's log and nowhere else: the provider is for development.
    Logged,
    /// It arrived.
    Delivered,
    /// It did not.
    Failed,
    /// The provider gave no answer, and nobody knows whether it was sent. It is not sent again.
    Unclear,
    /// Somebody sent it to the business.
    Received,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// A message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sms {
    /// Its id; ids sort by time.
    pub id: String,
    /// The number on the other side (E.164).
    pub number: String,
    /// What it says.
    pub body: String,
    /// Where it stands.
    pub state: SmsState,
    /// As how many it is counted.
    pub segments: u32,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The call in which it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// When it is sent at the earliest, or came (Unix ms).
    pub at: i64,
    /// When anything was last heard of it (Unix ms).
    pub updated_at: i64,
}

impl std::fmt::Debug for Sms {
    /// Leaves number and text out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/sms`: the newest first; with `number`, one conversation.
pub type SmsPage = Page<Sms>;

/// `POST /api/v1/sms`: a message to be sent.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NewSms {
    /// To which number, in international form.
    pub to: String,
    /// What it says, where no template does.
    pub body: String,
    /// The template that says it, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What the template's places are filled with.
    pub variables: BTreeMap<String, Value>,
    /// The template's language (IETF tag); the business's first when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl std::fmt::Debug for NewSms {
    /// Leaves number and text out, so that neither reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSms")
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

/// What is said again and again: everything about it that can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SmsTemplateDetails {
    /// What it is called.
    pub name: String,
    /// What it says, by the language's tag, with places such as `{{name}}`.
    pub texts: BTreeMap<String, String>,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SmsTemplate {
    /// Which one.
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub details: SmsTemplateDetails,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// `GET /api/v1/sms-templates`: all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SmsTemplateList {
    /// In the order they were added.
    pub items: Vec<SmsTemplate>,
}

/// How a gateway tells what became of a message, by paths into `query` (what follows the
/// question mark) and `body` (JSON or a form).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SmsReceipt {
    /// Where the state is.
    pub state: String,
    /// Where the gateway's id is; ours is in the address when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// States that mean it arrived.
    pub delivered: Vec<String>,
    /// States that mean it did not.
    pub failed: Vec<String>,
    /// Where the reason is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a gateway hands over what came, by paths into `query` and `body`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SmsInbound {
    /// Where the number is.
    pub number: String,
    /// Where the text is.
    pub text: String,
}

/// Who sends messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SmsProvider {
    /// Nobody: messages are kept and logged as if they were sent. For development.
    LogOnly,
    /// Twilio; its secret is `auth_token`.
    Twilio {
        /// `AC…`.
        account_sid: String,
        /// The number it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Or the service that chooses one, `MG…`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        messaging_service_sid: Option<String>,
        /// Where its API is, for another region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base_url: Option<String>,
    },
    /// Vonage, by its Messages API; its secrets are `api_secret` and `signature_secret`.
    Vonage {
        /// As the account's settings show it.
        api_key: String,
        /// The number it comes from, or a name of up to 11 letters and digits.
        from: String,
        /// Where its API is, for another region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base_url: Option<String>,
    },
    /// Any gateway that takes HTTP. In `url`, `headers` and `body`, `{{to}}`, `{{digits}}` (the
    /// number without its plus), `{{text}}`, `{{id}}` (ours), `{{receipt_url}}` and
    /// `{{secrets.name}}` are filled in.
    Gateway {
        /// How it is asked.
        #[serde(default)]
        method: TargetMethod,
        /// Where. The host is fixed.
        url: String,
        /// What goes along.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// What is sent: JSON, or a form where `form` says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// Whether the fields of `body` are sent as a form.
        #[serde(default)]
        form: bool,
        /// Where its id is in the answer, such as `data.id`; none is read when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Whether it takes a message once that it is handed twice, by `{{id}}`: then one that
        /// had no answer is sent again.
        #[serde(default)]
        once_by_id: bool,
        /// How it tells what became of a message.
        #[serde(default)]
        receipt: SmsReceipt,
        /// How it hands over what came.
        #[serde(default)]
        inbound: SmsInbound,
    },
}

/// When nobody is sent anything, by the clock on the business's wall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietHours {
    /// Such as `21:00`.
    pub from: String,
    /// Such as `08:00`; the next day's where it is earlier.
    pub to: String,
}

/// By which words people say, in one language, that they want no messages, or do again, beside
/// those that always count; and what they are answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SmsWords {
    /// They want none any more.
    pub stop: Vec<String>,
    /// They do again.
    pub start: Vec<String>,
    /// What is answered to the first; nothing when empty.
    pub stopped: String,
    /// What is answered to the second; nothing when empty.
    pub started: String,
}

/// How a business sends messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SmsSettings {
    /// Who sends them; nobody is sent any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<SmsProvider>,
    /// How many (segments) a day at most.
    #[serde(default = "two_hundred")]
    pub per_day: u32,
    /// When nobody is sent anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// By which words people say that they want none, by the language's tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, SmsWords>,
}

fn two_hundred() -> u32 {
    200
}

/// `PUT /api/v1/sms-settings`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveSmsSettings {
    /// What they are.
    #[serde(flatten)]
    pub settings: SmsSettings,
    /// What nobody is to see, kept sealed; those there are stay when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<BTreeMap<String, String>>,
}

impl std::fmt::Debug for SaveSmsSettings {
    /// Leaves the secrets out, so that none reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveSmsSettings")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/sms-settings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SmsConnection {
    /// What they are.
    #[serde(flatten)]
    pub settings: SmsSettings,
    /// The names of the secrets there are.
    pub secret_names: Vec<String>,
    /// Where the provider hands over what came; nobody else is to know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound_url: Option<String>,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// Whether a text can be the tag of a language (BCP 47), such as `es` or `pt-BR`.
#[must_use]
pub fn is_language_tag(tag: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (2..=20).contains(&tag.len()) && tag.bytes().all(plain)
}
