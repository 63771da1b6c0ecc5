//! Public keys and secret API keys, as the desk and `/api/v1` carry them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a visitor may ask for with a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A call in the browser.
    Voice,
    /// To be called back by telephone.
    Callback,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// What a visitor gets while the business is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OutOfHours {
    /// A call, as at any other time.
    #[default]
    Call,
    /// A call-back only.
    Callback,
    /// The words that it is closed, and when it opens.
    Closed,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

impl OutOfHours {
    /// All that are known.
    pub const ALL: [Self; 3] = [Self::Call, Self::Callback, Self::Closed];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Callback => "callback",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Who tells people from programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaptchaKind {
    /// Cloudflare Turnstile.
    Turnstile,
    /// Google reCAPTCHA v3.
    #[serde(rename = "recaptcha_v3")]
    RecaptchaV3,
}

/// A captcha that is asked before a call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Captcha {
    /// Whose.
    pub kind: CaptchaKind,
    /// The key the page shows.
    pub site_key: String,
    /// The key only the server knows. Never sent out; when it is left out of a
    /// change, the one that is there stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// reCAPTCHA's score that is enough, 0 to 1; 0.5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f64>,
}

impl std::fmt::Debug for Captcha {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Captcha")
            .field("kind", &self.kind)
            .field("site_key", &self.site_key)
            .finish_non_exhaustive()
    }
}

/// What a public key allows: everything about it that can be changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeySettings {
    /// What the key is called among the staff.
    pub name: String,
    /// What the panel is titled; the name when empty.
    #[serde(default)]
    pub title: String,
    /// The agents it may call (ids at Retell); the first is the default.
    pub agents: Vec<String>,
    /// The pages it works on: `https://www.example.com`, or
    /// `https://*.example.com` for every subdomain.
    pub origins: Vec<String>,
    /// What a visitor may ask for.
    #[serde(default = "voice")]
    pub modes: Vec<Mode>,
    /// The dynamic variables a page may set.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Calls a minute with this key.
    #[serde(default = "sixty")]
    pub calls_per_minute: u32,
    /// Calls a minute with this key from one address.
    #[serde(default = "six")]
    pub calls_per_ip_per_minute: u32,
    /// Minutes of calls a day, from midnight in the business's time zone; no
    /// limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_per_day: Option<u32>,
    /// Calls at a time; no limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent: Option<u32>,
    /// What a visitor gets while the business is closed.
    #[serde(default)]
    pub out_of_hours: OutOfHours,
    /// The countries whose numbers are called back (ISO 3166-1 alpha-2); the
    /// business's own when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// How many call-backs may be asked for within 24 hours.
    #[serde(default = "fifty")]
    pub callbacks_per_day: u32,
    /// The captcha before a call, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha: Option<Captcha>,
    /// How the panel looks; given to it as it is.
    #[serde(default)]
    pub appearance: Map<String, Value>,
    /// Whether it is switched off.
    #[serde(default)]
    pub disabled: bool,
}

fn voice() -> Vec<Mode> {
    vec![Mode::Voice]
}

fn sixty() -> u32 {
    60
}

fn six() -> u32 {
    6
}

fn fifty() -> u32 {
    50
}

impl Default for PublicKeySettings {
    /// A key for voice calls with the usual limits, that works nowhere yet.
    fn default() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            agents: Vec::new(),
            origins: Vec::new(),
            modes: voice(),
            variables: Vec::new(),
            calls_per_minute: sixty(),
            calls_per_ip_per_minute: six(),
            minutes_per_day: None,
            max_concurrent: None,
            out_of_hours: OutOfHours::Call,
            countries: Vec::new(),
            callbacks_per_day: fifty(),
            captcha: None,
            appearance: Map::new(),
            disabled: false,
        }
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeyView {
    /// The key itself, `pk_…`: it goes into the page's code.
    pub id: String,
    /// What it allows.
    #[serde(flatten)]
    pub settings: PublicKeySettings,
    /// When it was made (Unix ms).
    pub created_at: i64,
    /// When it last started a call (Unix ms, to the minute).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<i64>,
    /// When it stops working (Unix ms), once it was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// The key that replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Minutes of calls today, of this key and those it replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_today: Option<u32>,
    /// Which revision of what it allows this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// The public keys, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeyList {
    /// The keys.
    pub items: Vec<PublicKeyView>,
}

/// Replaces a key by a new one with the same rights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rotate {
    /// When the old one stops working (Unix ms); a week from now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub works_until: Option<i64>,
}

/// What a secret API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ApiScope {
    /// Read calls.
    #[serde(rename = "calls:read")]
    CallsRead,
    /// Start and end calls.
    #[serde(rename = "calls:write")]
    CallsWrite,
    /// Read contacts.
    #[serde(rename = "contacts:read")]
    ContactsRead,
    /// Change contacts.
    #[serde(rename = "contacts:write")]
    ContactsWrite,
    /// Read the calendar: services, staff, free times and bookings.
    #[serde(rename = "calendar:read")]
    CalendarRead,
    /// Change it: book, move and cancel, too.
    #[serde(rename = "calendar:write")]
    CalendarWrite,
    /// Read public keys.
    #[serde(rename = "keys:read")]
    KeysRead,
    /// Change public keys.
    #[serde(rename = "keys:write")]
    KeysWrite,
    /// Read the inbox, and the endpoints of outgoing webhooks.
    #[serde(rename = "webhooks:read")]
    WebhooksRead,
    /// Replay webhooks, change endpoints.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// Read the business's settings, its agents and its numbers.
    #[serde(rename = "tenant:read")]
    TenantRead,
    /// Change them.
    #[serde(rename = "tenant:write")]
    TenantWrite,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::CallsRead,
        Self::CallsWrite,
        Self::ContactsRead,
        Self::ContactsWrite,
        Self::CalendarRead,
        Self::CalendarWrite,
        Self::KeysRead,
        Self::KeysWrite,
        Self::WebhooksRead,
        Self::WebhooksWrite,
        Self::TenantRead,
        Self::TenantWrite,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CallsRead => "calls:read",
            Self::CallsWrite => "calls:write",
            Self::ContactsRead => "contacts:read",
            Self::ContactsWrite => "contacts:write",
            Self::CalendarRead => "calendar:read",
            Self::CalendarWrite => "calendar:write",
            Self::KeysRead => "keys:read",
            Self::KeysWrite => "keys:write",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::TenantRead => "tenant:read",
            Self::TenantWrite => "tenant:write",
        }
    }
}

impl std::str::FromStr for ApiScope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.name() == text)
            .ok_or(())
    }
}

/// A secret API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyView {
    /// Which one; not the key.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The last four characters of the key.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// When it was made (Unix ms).
    pub created_at: i64,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// When it stops working (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// When it was revoked (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    /// The key that replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// When it was last used (Unix ms, to the minute).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<i64>,
}

/// The secret API keys, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyList {
    /// The keys.
    pub items: Vec<ApiKeyView>,
}

/// Makes a secret API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApiKey {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// When it stops working (Unix ms); never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// A secret API key that was just made: the only time its secret is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedApiKey {
    /// The key, `sk_…`.
    pub secret: String,
    /// What is kept of it.
    pub key: ApiKeyView,
}

impl std::fmt::Debug for CreatedApiKey {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedApiKey")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_s_name_is_what_the_wire_says() {
        for scope in ApiScope::ALL {
            let wire = serde_json::to_value(scope).unwrap();
            assert_eq!(wire, scope.name());
            assert_eq!(scope.name().parse(), Ok(scope));
        }
        assert_eq!("calls".parse::<ApiScope>(), Err(()));
    }

    #[test]
    fn what_is_left_out_of_a_key_has_a_default() {
        let given = r#"{"name": "Site", "agents": ["a"], "origins": ["https://x.test"]}"#;
        let settings: PublicKeySettings = serde_json::from_str(given).unwrap();
        assert_eq!(settings.modes, [Mode::Voice]);
        assert!(settings.calls_per_minute > 0 && settings.minutes_per_day.is_none());
    }
}
