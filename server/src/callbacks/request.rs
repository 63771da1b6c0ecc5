//! What the form offers, and taking a request in.

use std::time::Duration;

use api::callbacks::{CallbackAccepted, CallbackForm, NewCallback};
use api::keys::{Mode, OutOfHours};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::{
    Asked, CallbackError, CallbackRequest, FILL_MS, NewCallbackRow, PER_NUMBER, events, number,
    slots,
};
use crate::calls::{self, MintError, Visitor, visitor as visitors};
use crate::ground::Ground;
use crate::keys::PublicKey;
use crate::phone::E164;
use crate::store::{StoreError, Tenant};
use crate::tenants::{BusinessHours, TenantSettings};

/// The longest address of a page that is kept, in characters.
const PAGE_MAX: usize = 500;
/// How soon somebody who asked too often may come again.
pub(super) const TOO_OFTEN: Duration = Duration::from_secs(60 * 60);

/// What the form of a key offers at this moment.
///
/// # Errors
/// When the key or the page may not, or too often.
pub async fn form(
    cx: &calls::Context,
    visitor: Visitor<'_>,
    key: &str,
    nonce: Option<&str>,
) -> Result<CallbackForm, CallbackError> {
    let (tenant, key) = calls::admit(cx, visitor, key, nonce).await?;
    let business = Business::of(cx, &tenant, &key.countries).await?;
    let now = cx.clock.now_ms();
    let callback = key.modes.contains(&Mode::Callback);
    let own_account = callback && cx.has_account_to_itself(&tenant).await?;
    let open = business.hours.is_open(now, &business.zone);
    Ok(CallbackForm {
        form: cx.signer.callback_form(&key.id, now),
        wait_ms: FILL_MS,
        callback: own_account && !business.countries.is_empty(),
        now: business.calls_at(now, &key),
        slots: slots::slots(&business.hours, &business.zone, now),
        timezone: tenant.timezone().to_owned(),
        open,
        opens_at: (!open)
            .then(|| business.hours.next_opening(now, &business.zone))
            .flatten(),
        countries: business.countries,
    })
}

/// Takes a request in.
///
/// # Errors
/// With the reason why not.
pub async fn ask(
    cx: &calls::Context,
    visitor: Visitor<'_>,
    request: NewCallback,
) -> Result<CallbackAccepted, CallbackError> {
    let (tenant, key) = calls::admit(cx, visitor, &request.key, request.nonce.as_deref()).await?;
    if !key.modes.contains(&Mode::Callback) {
        return Err(MintError::CallbackOff.into());
    }
    let now = cx.clock.now_ms();
    let age = cx
        .signer
        .verify_callback_form(&request.form, &key.id, now)?;
    let doubtful = !request.left_blank.is_empty() || age < i64::from(FILL_MS);
    let captcha = request.captcha_token.clone();
    let row = NewCallbackRow {
        doubtful,
        ..row(cx, &tenant, &key, request, now).await?
    };
    // Late, so that only a request that could be taken counts as one.
    cx.mint_limits.check_key(&key, visitor.ip)?;
    calls::check_captcha(cx, &key, captcha.as_deref(), visitor.ip).await?;
    let told = events::callback_requested(&row, now);
    let most = (PER_NUMBER, key.callbacks_per_day);
    match cx
        .store
        .callbacks()
        .add(&tenant, &row, &told, most, now)
        .await?
    {
        Asked::New => {
            tracing::info!(
                callback_id = row.request.id,
                tenant_id = tenant.id(),
                doubtful,
                "call-back asked"
            );
            Ok(CallbackAccepted { at: row.at() })
        }
        Asked::Before { at } => Ok(CallbackAccepted { at }),
        Asked::TooOften => Err(MintError::RateLimited {
            retry_after: TOO_OFTEN,
        }
        .into()),
    }
}

/// The request as it is kept, if all of it is possible.
async fn row(
    cx: &calls::Context,
    tenant: &Tenant,
    key: &PublicKey,
    request: NewCallback,
    now: i64,
) -> Result<NewCallbackRow, CallbackError> {
    let agent_id = match &request.agent_id {
        Some(agent_id) => key.agents.iter().find(|allowed| *allowed == agent_id),
        None => key.agents.first(),
    }
    .ok_or(MintError::AgentNotAllowed)?;
    let name = name(&request.name).ok_or(CallbackError::Name)?;
    let business = Business::of(cx, tenant, &key.countries).await?;
    let home = business.countries.first().map_or("", String::as_str);
    let country = request.country.as_deref().unwrap_or(home);
    let phone = number::check(
        &request.phone,
        &country.to_ascii_uppercase(),
        &business.countries,
        &business.numbers,
    )?;
    let consent = visitors::consent(request.consent).ok_or(CallbackError::Consent)?;
    match request.at {
        Some(at) if !slots::is_slot(&business.hours, &business.zone, at, now) => {
            return Err(CallbackError::Slot);
        }
        None if !business.calls_at(now, key) => return Err(CallbackError::Slot),
        _ => {}
    }
    if !cx.has_account_to_itself(tenant).await? {
        return Err(CallbackError::OwnAccountRequired);
    }
    // The rest of the metadata's rules are those of any call.
    let metadata = calls::metadata(request.metadata, tenant, Some(key))?;
    let from_number = request
        .from_number
        .and_then(|number| E164::parse(&number).ok());
    let form_hash = hex::encode(Sha256::digest(&request.form));
    let scheduled = request.at.is_some();
    let request = CallbackRequest {
        id: uuid::Uuid::now_v7().to_string(),
        public_key_id: Some(key.id.clone()),
        name,
        phone,
        agent_id: agent_id.clone(),
        from_number,
        language: consent.language.clone(),
        page_url: request.page_url.and_then(|url| page(&url)),
        variables: request
            .dynamic_variables
            .into_iter()
            .filter(|(name, _)| key.variables.contains(name))
            .collect(),
        metadata,
        consent: consent.text,
        due_at: request.at.unwrap_or(now),
    };
    Ok(NewCallbackRow {
        request,
        form_hash,
        scheduled,
        doubtful: false,
    })
}

/// A name in one line, as far as it is one.
pub(super) fn name(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=NewCallback::NAME_MAX).contains(&name.chars().count());
    (fits && !name.chars().any(char::is_control)).then_some(name)
}

/// The address of a page without its query, which may say more about the
/// visitor than anybody should keep.
fn page(url: &str) -> Option<String> {
    let mut url = url::Url::parse(url).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for addresses without a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let url = String::from(url);
    (url.chars().count() <= PAGE_MAX).then_some(url)
}

/// What the business's settings mean for its call-backs.
pub(super) struct Business {
    pub(super) hours: BusinessHours,
    pub(super) zone: TimeZone,
    /// Whose numbers are called, the business's own country first.
    pub(super) countries: Vec<String>,
    pub(super) numbers: Vec<E164>,
}

impl Business {
    /// With the countries that are listed, if any are.
    pub(super) async fn of(
        cx: &Ground,
        tenant: &Tenant,
        listed: &[String],
    ) -> Result<Self, StoreError> {
        let settings: TenantSettings = cx.store.tenants().settings(tenant).await?;
        let numbers = cx.store.numbers().list(tenant).await?;
        let numbers: Vec<E164> = numbers
            .iter()
            .filter_map(|number| number.number.parse().ok())
            .collect();
        Ok(Self {
            zone: settings.time_zone(),
            countries: number::countries(listed, &settings.timezone, &numbers),
            hours: settings.hours,
            numbers,
        })
    }

    /// Whether somebody is called at once at this moment.
    fn calls_at(&self, now: i64, key: &PublicKey) -> bool {
        key.out_of_hours == OutOfHours::Call || self.hours.is_open(now, &self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name("  Ana \n María  ").as_deref(), Some("Ana María"));
        assert_eq!(name(" \t"), None);
        assert_eq!(name("a\u{0}"), None);
        assert_eq!(name(&"x".repeat(101)), None);
    }

    #[test]
    fn a_page_s_query_is_not_kept() {
        let kept = page("https://me:secret@www.example.com/prices?email=a@b.c#top");
        assert_eq!(kept.as_deref(), Some("https://www.example.com/prices"));
        assert_eq!(page("javascript:alert(1)"), None);
        assert_eq!(page("prices"), None);
    }
}
