//! Who may ask: the key, the page, the hours, the captcha. The same for calls
//! in the browser and for call-backs.

use std::net::IpAddr;
use std::time::Duration;

use api::keys::OutOfHours;

use super::{MintError, Visitor};
use crate::calls::Context;
use crate::keys::{PublicKey, captcha, origins};
use crate::store::Tenant;

/// The key and whose it is, if the page may use it now. Counts as a request of
/// the visitor's address.
pub(crate) async fn admit(
    cx: &Context,
    visitor: Visitor<'_>,
    key: &str,
    nonce: Option<&str>,
) -> Result<(Tenant, PublicKey), MintError> {
    cx.mint_limits.check_address(visitor.ip)?;
    let found = cx.store.public_keys().find(key).await?;
    let (tenant, key) = found.ok_or(MintError::KeyUnknown)?;
    if !key.works(cx.clock.now_ms()) {
        return Err(MintError::KeyDisabled);
    }
    check_page(cx, &key, visitor.origin, nonce)?;
    Ok((tenant, key))
}

/// Whether a call may be held at this hour.
pub(super) async fn check_hours(
    cx: &Context,
    tenant: &Tenant,
    key: &PublicKey,
) -> Result<(), MintError> {
    if key.out_of_hours == OutOfHours::Call {
        return Ok(());
    }
    let settings = cx.store.tenants().settings(tenant).await?;
    let (now, zone) = (cx.clock.now_ms(), settings.time_zone());
    if settings.hours.is_open(now, &zone) {
        return Ok(());
    }
    let opens_at = settings.hours.next_opening(now, &zone);
    let closed_for = opens_at.and_then(|at| u64::try_from(at - now).ok());
    Err(MintError::OutOfHours {
        retry_after: closed_for.map(Duration::from_millis),
    })
}

/// Has the key's captcha checked, if it has one.
pub(crate) async fn check_captcha(
    cx: &Context,
    key: &PublicKey,
    token: Option<&str>,
    ip: IpAddr,
) -> Result<(), MintError> {
    let Some(sealed) = &key.captcha else {
        return Ok(());
    };
    let secret = cx
        .vault
        .open(&captcha::secret_purpose(&key.id), &sealed.secret)
        .map_err(|error| MintError::CaptchaUnavailable(error.to_string()))?;
    match cx.keys.captchas.check(sealed, &secret, token, ip).await {
        Ok(()) => Ok(()),
        Err(captcha::CaptchaError::Failed) => Err(MintError::CaptchaFailed),
        Err(captcha::CaptchaError::Unavailable(why)) => Err(MintError::CaptchaUnavailable(why)),
    }
}

/// A page may start calls when its own origin is on the key's list, or when it
/// is our panel: then the nonce in it proves that we made it for this key, and
/// `frame-ancestors` keeps it off pages that are not on the list.
fn check_page(
    cx: &Context,
    key: &PublicKey,
    origin: Option<&str>,
    nonce: Option<&str>,
) -> Result<(), MintError> {
    let origin = origin.ok_or(MintError::OriginNotAllowed)?;
    if origins::allows(&key.origins, origin) {
        return Ok(());
    }
    if origin != cx.config.origin() {
        return Err(MintError::OriginNotAllowed);
    }
    cx.signer
        .verify_panel_nonce(nonce.unwrap_or_default(), &key.id, cx.clock.now_ms())
        .map_err(MintError::NonceInvalid)
}
