//! What a business does with its endpoints. Each of these is one deed in the
//! audit trail.

use std::collections::BTreeMap;

use outbound::BadAddress;
use reqwest::header::{HeaderName, HeaderValue};
use uuid::Uuid;

use super::deliver::{headers_purpose, previous_purpose, secret_purpose};
use super::event::EventType;
use super::sign::new_secret;
use super::{Endpoint, EndpointChange, NewEndpoint, Rotation};
use crate::clock::DAY_MS;
use crate::config::Secret;
use crate::deeds::Author;
use crate::notify::Context;
use crate::store::{StoreError, Tenant};
use crate::vault::VaultError;

/// How many endpoints a business may have.
const MAX_ENDPOINTS: usize = 20;
/// How many headers of its own an endpoint may have.
const MAX_HEADERS: usize = 10;
/// How long the value of a header may be.
const MAX_HEADER_CHARS: usize = 1000;
/// How long a description may be.
const MAX_DESCRIPTION_CHARS: usize = 200;
/// How long the previous secret signs, too, after a rotation (ms).
const GRACE_MS: i64 = DAY_MS;

/// Headers that are ours, or the connection's.
const RESERVED: [&str; 9] = [
    "host",
    "content-length",
    "content-type",
    "connection",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];

/// What is said of an endpoint by whoever creates or changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointForm {
    /// Where to send.
    pub url: String,
    /// What it is, in the business's words.
    pub description: String,
    /// The names of the event types it gets.
    pub events: Vec<String>,
}

/// Why an endpoint is not as somebody wants it. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// There is no such endpoint, or notification.
    #[error("There is no such endpoint or notification.")]
    Unknown,
    /// There are too many.
    #[error("A business can have 20 endpoints.")]
    TooMany,
    /// The address is not one we send to.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// An event type does not exist, or none is chosen.
    #[error("Choose at least one event. Events are named like call.ended.")]
    Events,
    /// The description is too long.
    #[error("The description is longer than 200 characters.")]
    Description,
    /// A header cannot be sent.
    #[error(
        "The header {0} cannot be sent. Up to 10 are possible, and not those of the notification itself."
    )]
    Header(String),
    /// The endpoint is switched off.
    #[error("The endpoint is switched off. Switch it on first.")]
    Disabled,
    /// The secret cannot be sealed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates an endpoint. Its secret is known only now.
///
/// # Errors
/// When the form is not right, or there are too many endpoints.
pub async fn create(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    form: EndpointForm,
    headers: &BTreeMap<String, String>,
) -> Result<(Endpoint, Secret), EndpointError> {
    let change = checked(cx, form).await?;
    if cx.store.endpoints().list(tenant).await?.len() >= MAX_ENDPOINTS {
        return Err(EndpointError::TooMany);
    }
    let id = format!("ep_{}", Uuid::now_v7().simple());
    let secret = new_secret();
    let (sealed_headers, header_names) = sealed_headers(cx, &id, headers)?;
    let new = NewEndpoint {
        secret: cx.vault.seal(&secret_purpose(&id), secret.expose())?,
        headers: sealed_headers,
        header_names,
        change,
        id,
    };
    let now = cx.clock.now_ms();
    cx.store
        .endpoints()
        .create(tenant, &new, author, now)
        .await?;
    Ok((get(cx, tenant, &new.id).await?, secret))
}

/// Changes where an endpoint is, what it is and what it gets: a change of the revision `read`.
///
/// # Errors
/// When the form is not right, or there is no such endpoint.
pub async fn change(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
    form: EndpointForm,
    read: Option<i64>,
) -> Result<Endpoint, EndpointError> {
    let change = checked(cx, form).await?;
    let now = cx.clock.now_ms();
    found(
        cx.store
            .endpoints()
            .change(tenant, id, &change, read, author, now)
            .await?,
    )?;
    get(cx, tenant, id).await
}

/// Replaces an endpoint's own headers.
///
/// # Errors
/// When one of them cannot be sent, or there is no such endpoint.
pub async fn set_headers(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
    headers: &BTreeMap<String, String>,
) -> Result<Endpoint, EndpointError> {
    let (sealed, names) = sealed_headers(cx, id, headers)?;
    let now = cx.clock.now_ms();
    found(
        cx.store
            .endpoints()
            .set_headers(tenant, id, sealed.as_deref(), &names, author, now)
            .await?,
    )?;
    get(cx, tenant, id).await
}

/// Gives an endpoint a new secret. The previous one signs too for a day, so that
/// the receiver can change over without losing anything.
///
/// # Errors
/// When there is no such endpoint.
pub async fn rotate(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<(Endpoint, Secret), EndpointError> {
    let secret = new_secret();
    let now = cx.clock.now_ms();
    let before = cx.store.endpoints().secret(tenant, id).await?;
    let before = before.ok_or(EndpointError::Unknown)?;
    // One that cannot be opened signs nothing: then the new one is all there is.
    let previous = cx.vault.open(&secret_purpose(id), &before).ok();
    let previous = previous
        .map(|previous| cx.vault.seal(&previous_purpose(id), previous.expose()))
        .transpose()?;
    let rotation = Rotation {
        before,
        secret: cx.vault.seal(&secret_purpose(id), secret.expose())?,
        previous_until: previous.is_some().then_some(now + GRACE_MS),
        previous,
    };
    found(
        cx.store
            .endpoints()
            .rotate_secret(tenant, id, &rotation, author, now)
            .await?,
    )?;
    Ok((get(cx, tenant, id).await?, secret))
}

/// Switches an endpoint off. What is on its way to it is given up, and can be
/// replayed.
///
/// # Errors
/// When there is no such endpoint.
pub async fn switch_off(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<Endpoint, EndpointError> {
    let now = cx.clock.now_ms();
    found(
        cx.store
            .endpoints()
            .switch_off(tenant, id, author, now)
            .await?,
    )?;
    get(cx, tenant, id).await
}

/// Switches an endpoint on again, as if it had never failed.
///
/// # Errors
/// When there is no such endpoint.
pub async fn switch_on(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<Endpoint, EndpointError> {
    let now = cx.clock.now_ms();
    found(
        cx.store
            .endpoints()
            .switch_on(tenant, id, author, now)
            .await?,
    )?;
    get(cx, tenant, id).await
}

/// Sends an endpoint a test, whatever events it asked for. Returns the
/// notification's id.
///
/// # Errors
/// When there is no such endpoint, or it is switched off.
pub async fn send_test(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<String, EndpointError> {
    check_switched_on(cx, tenant, id).await?;
    let now = cx.clock.now_ms();
    let event = cx.example(EventType::TestPing, now);
    Ok(cx
        .store
        .notifications()
        .send_test(tenant, id, &event, author, now)
        .await?)
}

/// Sends a notification that is over once more, with the same event id.
///
/// # Errors
/// When there is no such notification, or its endpoint is switched off.
pub async fn replay(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    endpoint_id: &str,
    id: &str,
) -> Result<(), EndpointError> {
    check_switched_on(cx, tenant, endpoint_id).await?;
    let now = cx.clock.now_ms();
    found(
        cx.store
            .notifications()
            .replay(tenant, endpoint_id, id, author, now)
            .await?,
    )
}

/// Sends everything once more that was given up for an endpoint since then
/// (Unix ms). Returns how many notifications that are.
///
/// # Errors
/// When there is no such endpoint, or it is switched off.
pub async fn replay_failed(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    endpoint_id: &str,
    since: i64,
) -> Result<u64, EndpointError> {
    check_switched_on(cx, tenant, endpoint_id).await?;
    let now = cx.clock.now_ms();
    Ok(cx
        .store
        .notifications()
        .replay_failed(tenant, endpoint_id, since, author, now)
        .await?)
}

async fn get(cx: &Context, tenant: &Tenant, id: &str) -> Result<Endpoint, EndpointError> {
    cx.store
        .endpoints()
        .find(tenant, id)
        .await?
        .ok_or(EndpointError::Unknown)
}

async fn check_switched_on(cx: &Context, tenant: &Tenant, id: &str) -> Result<(), EndpointError> {
    match get(cx, tenant, id).await?.disabled_at {
        None => Ok(()),
        Some(_) => Err(EndpointError::Disabled),
    }
}

fn found(found: bool) -> Result<(), EndpointError> {
    found.then_some(()).ok_or(EndpointError::Unknown)
}

async fn checked(cx: &Context, form: EndpointForm) -> Result<EndpointChange, EndpointError> {
    let rules = cx.sender.rules();
    let url = rules.parse(&form.url)?;
    rules.look_ahead(&url).await?;
    let description = form.description.trim().to_owned();
    if description.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(EndpointError::Description);
    }
    let known: Option<Vec<_>> = form
        .events
        .iter()
        .map(|name| EventType::parse(name))
        .collect();
    let wanted = known.ok_or(EndpointError::Events)?;
    // In the order they are offered, each once.
    let events: Vec<_> = EventType::ALL
        .into_iter()
        .filter(|kind| wanted.contains(kind))
        .map(|kind| kind.name().to_owned())
        .collect();
    if events.is_empty() {
        return Err(EndpointError::Events);
    }
    Ok(EndpointChange {
        url: url.into(),
        description,
        events,
    })
}

fn sealed_headers(
    cx: &Context,
    id: &str,
    headers: &BTreeMap<String, String>,
) -> Result<(Option<String>, Vec<String>), EndpointError> {
    check_headers(headers)?;
    if headers.is_empty() {
        return Ok((None, Vec::new()));
    }
    let json = serde_json::json!(headers).to_string();
    let sealed = cx.vault.seal(&headers_purpose(id), &json)?;
    Ok((Some(sealed), headers.keys().cloned().collect()))
}

fn check_headers(headers: &BTreeMap<String, String>) -> Result<(), EndpointError> {
    for (index, (name, value)) in headers.iter().enumerate() {
        let can_be_sent = index < MAX_HEADERS
            && HeaderName::try_from(name).is_ok()
            && HeaderValue::from_str(value).is_ok()
            && value.len() <= MAX_HEADER_CHARS
            && !RESERVED.contains(&name.to_ascii_lowercase().as_str());
        if !can_be_sent {
            return Err(EndpointError::Header(name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_not_be_one_of_the_notification() {
        let check = |name: &str, value: &str| {
            check_headers(&BTreeMap::from([(name.to_owned(), value.to_owned())])).is_ok()
        };
        assert!(check("x-make-apikey", "secret"));
        assert!(check("Authorization", "Bearer abc"));
        for name in [
            "Webhook-Signature",
            "Host",
            "content-length",
            "a b",
            "",
            "ü",
        ] {
            assert!(!check(name, "x"), "{name}");
        }
        assert!(!check("x-key", "two\r\nlines"));
        assert!(!check("x-key", &"a".repeat(1001)));
        let eleven = (0..11).map(|n| (format!("x-{n}"), String::new())).collect();
        assert!(check_headers(&eleven).is_err());
    }
}
