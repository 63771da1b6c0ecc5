//! Public keys: what a web page may start calls with.

mod api_keys;
mod change;
mod idempotency;

pub use api_keys::{ApiKey, ApiKeys};
pub(super) use change::PUBLIC_KEY;
pub(crate) use idempotency::KEEPS;
pub use idempotency::{IdempotencyKeys, Repeat};

use api::keys::{CaptchaKind, Mode, OutOfHours};
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::SealedCaptcha;
use crate::accounts::{Asked, Owner, select_owners};
use crate::store::{Connection, Scope, StoreError, Tenant, from_json};

/// How many of a tenant's keys are listed.
const LISTED: i64 = 500;

/// The columns [`PublicKey::from_row`] reads, of `public_keys k`.
macro_rules! key_columns {
    () => {
        "k.id, k.name, k.title, k.agents, k.origins, k.variables, k.modes, k.calls_per_minute, \
         k.calls_per_ip_per_minute, k.minutes_per_day, k.max_concurrent, k.countries, \
         k.out_of_hours, k.callbacks_per_day, k.captcha, \
         k.captcha_secret, k.appearance, k.family, k.created_at, k.disabled_at, k.expires_at, k.replaced_by, \
         k.last_used_at"
    };
}

/// A public key and what it allows.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicKey {
    /// The key itself, `pk_…`.
    pub id: String,
    /// What it is called among the staff.
    pub name: String,
    /// What the panel is titled.
    pub title: String,
    /// The agents it may call; the first is the default.
    pub agents: Vec<String>,
    /// The pages it works on, see [`crate::keys::origins`].
    pub origins: Vec<String>,
    /// The dynamic variables a page may set.
    pub variables: Vec<String>,
    /// What a visitor may ask for.
    pub modes: Vec<Mode>,
    /// Calls a minute with this key.
    pub calls_per_minute: u32,
    /// Calls a minute with this key from one address.
    pub calls_per_ip_per_minute: u32,
    /// Minutes of calls a day, in the tenant's time zone.
    pub minutes_per_day: Option<u32>,
    /// Calls at a time.
    pub max_concurrent: Option<u32>,
    /// What a visitor gets while the business is closed.
    pub out_of_hours: OutOfHours,
    /// The countries whose numbers are called back; the business's own when empty.
    pub countries: Vec<String>,
    /// How many call-backs may be asked for within 24 hours.
    pub callbacks_per_day: u32,
    /// The captcha before a call.
    pub captcha: Option<SealedCaptcha>,
    /// How the panel looks.
    pub appearance: Map<String, Value>,
    /// The first of the keys that replaced each other: their calls count
    /// together. Empty for a new key, which is its own.
    pub family: String,
    /// When it was made (Unix ms).
    pub created_at: i64,
    /// When it stops working (Unix ms).
    pub expires_at: Option<i64>,
    /// The key that replaced it.
    pub replaced_by: Option<String>,
    /// When it last started a call (Unix ms, to the minute).
    pub last_used_at: Option<i64>,
    /// Whether it was switched off.
    pub disabled: bool,
}

impl Default for PublicKey {
    /// A key for voice calls that works nowhere yet.
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            title: String::new(),
            agents: Vec::new(),
            origins: Vec::new(),
            variables: Vec::new(),
            modes: vec![Mode::Voice],
            calls_per_minute: 60,
            calls_per_ip_per_minute: 6,
            minutes_per_day: None,
            max_concurrent: None,
            out_of_hours: OutOfHours::Call,
            countries: Vec::new(),
            callbacks_per_day: 50,
            captcha: None,
            appearance: Map::new(),
            family: String::new(),
            created_at: 0,
            expires_at: None,
            replaced_by: None,
            last_used_at: None,
            disabled: false,
        }
    }
}

impl PublicKey {
    /// Whether it works at a time (Unix ms).
    #[must_use]
    pub fn works(&self, now: i64) -> bool {
        !self.disabled && self.expires_at.is_none_or(|at| now < at)
    }

    /// What the page shows of its captcha.
    #[must_use]
    pub fn captcha_site(&self) -> Option<(CaptchaKind, &str)> {
        let captcha = self.captcha.as_ref()?;
        Some((captcha.kind, &captcha.site_key))
    }

    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        const TABLE: &str = "public_keys";
        let id: String = row.try_get("id")?;
        let list = |column: &str| -> Result<Vec<String>, StoreError> {
            from_json(row.try_get::<&str, _>(column)?, TABLE, &id)
        };
        let number = |column: &str| -> Result<u32, StoreError> {
            let number: i64 = row.try_get(column)?;
            Ok(u32::try_from(number).unwrap_or(0))
        };
        let limit = |column: &str| -> Result<Option<u32>, StoreError> {
            let number: Option<i64> = row.try_get(column)?;
            Ok(number.map(|number| u32::try_from(number).unwrap_or(0)))
        };
        let captcha = row.try_get::<Option<&str>, _>("captcha")?;
        let captcha_secret: Option<String> = row.try_get("captcha_secret")?;
        Ok(Self {
            name: row.try_get("name")?,
            title: row.try_get("title")?,
            agents: list("agents")?,
            origins: list("origins")?,
            variables: list("variables")?,
            modes: from_json(row.try_get("modes")?, TABLE, &id)?,
            calls_per_minute: number("calls_per_minute")?,
            calls_per_ip_per_minute: number("calls_per_ip_per_minute")?,
            minutes_per_day: limit("minutes_per_day")?,
            max_concurrent: limit("max_concurrent")?,
            out_of_hours: OutOfHours::parse(row.try_get("out_of_hours")?).unwrap_or_default(),
            countries: list("countries")?,
            callbacks_per_day: number("callbacks_per_day")?,
            captcha: captcha
                .map(|captcha| {
                    let captcha: SealedCaptcha = from_json(captcha, TABLE, &id)?;
                    Ok::<_, StoreError>(SealedCaptcha {
                        secret: captcha_secret.unwrap_or_default(),
                        ..captcha
                    })
                })
                .transpose()?,
            appearance: from_json(row.try_get("appearance")?, TABLE, &id)?,
            family: row.try_get("family")?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            replaced_by: row.try_get("replaced_by")?,
            last_used_at: row.try_get("last_used_at")?,
            disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
            id,
        })
    }
}

/// Those who have a public key, which is one at most.
pub(crate) async fn owners_of_key<'a>(
    connection: &mut Connection,
    asked: &'a mut Asked,
    id: &str,
) -> Result<&'a [Owner], StoreError> {
    let sql =
        select_owners!("FROM public_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = $1");
    asked.owners(connection, sql, Some(id)).await
}

crate::store::part! {
    /// The public keys of each business.
    public_keys -> PublicKeys
}

impl PublicKeys<'_> {
    /// The public key with this id, whether it works or not, and whose it is.
    pub async fn find(self, id: &str) -> Result<Option<(Tenant, PublicKey)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            key_columns!(),
            ", t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone, \
                 t.disabled_at AS tenant_disabled_at \
             FROM public_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = $1"
        ))
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        row.map(|row| {
            let mut key = PublicKey::from_row(&row)?;
            // With the business, its keys are off, too.
            key.disabled |= row
                .try_get::<Option<i64>, _>("tenant_disabled_at")?
                .is_some();
            Ok((Tenant::from_row(&row)?, key))
        })
        .transpose()
    }

    /// The tenant's public keys, the newest first.
    pub async fn list(self, tenant: &Tenant) -> Result<Vec<PublicKey>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            key_columns!(),
            " FROM public_keys k WHERE k.tenant_id = $1 \
             ORDER BY k.created_at DESC, k.id DESC LIMIT $2"
        ))
        .bind(tenant.id())
        .bind(LISTED)
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(PublicKey::from_row).collect()
    }

    /// One of the tenant's public keys.
    pub async fn own(self, tenant: &Tenant, id: &str) -> Result<Option<PublicKey>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            key_columns!(),
            " FROM public_keys k WHERE k.tenant_id = $1 AND k.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(PublicKey::from_row).transpose()
    }

    /// Writes down that a key was used.
    pub async fn touch(self, tenant: &Tenant, id: &str, now: i64) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE public_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .bind(now)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Every origin some key that works allows: what a CORS preflight is
    /// answered from, which does not say its key.
    pub async fn allowed_origins(self, now: i64) -> Result<Vec<String>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT DISTINCT origins FROM public_keys \
             WHERE disabled_at IS NULL AND (expires_at IS NULL OR expires_at > $1)",
        )
        .bind(now)
        .fetch_all(db.connection())
        .await?;
        let mut all = Vec::new();
        for row in rows {
            let origins: Vec<String> =
                from_json(row.try_get::<&str, _>("origins")?, "public_keys", "")?;
            all.extend(origins);
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}
