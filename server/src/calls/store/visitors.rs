//! What visitors said about their calls: consents before, ratings after.

use api::desk::GivenConsent;
use api::public::{Consent, Rating};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Calls;
use crate::store::{Scope, StoreError, Tenant};

impl Calls<'_> {
    /// Keeps what a visitor agreed to before a call. What was kept first stays, and
    /// nothing is kept about a call that was deleted.
    pub async fn add_consent(
        self,
        tenant: &Tenant,
        call_id: &str,
        consent: &Consent,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO consents (call_id, tenant_id, words, language, given_at) \
             SELECT $1, $2, $3, $4, $5 \
             WHERE NOT EXISTS (SELECT 1 FROM erased_calls e WHERE e.call_id = $1) \
             ON CONFLICT (call_id) DO NOTHING",
        )
        .bind(call_id)
        .bind(tenant.id())
        .bind(&consent.text)
        .bind(consent.language.as_deref())
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// What the visitor of a call agreed to.
    pub async fn consent(
        self,
        tenant: &Tenant,
        call_id: &str,
    ) -> Result<Option<GivenConsent>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT words, language, given_at FROM consents WHERE tenant_id = $1 AND call_id = $2",
        )
        .bind(tenant.id())
        .bind(call_id)
        .fetch_optional(db.connection())
        .await?;
        Ok(row.as_ref().map(consent).transpose()?.flatten())
    }

    /// Keeps what a visitor thought of a call, instead of what they thought before.
    /// Nothing is kept about a call that was deleted.
    pub async fn rate(
        self,
        tenant: &Tenant,
        call_id: &str,
        rating: &Rating,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO ratings (call_id, tenant_id, stars, comment, rated_at) \
             SELECT $1, $2, $3, $4, $5 \
             WHERE NOT EXISTS (SELECT 1 FROM erased_calls e WHERE e.call_id = $1) \
             ON CONFLICT (call_id) DO UPDATE \
             SET stars = excluded.stars, comment = excluded.comment, rated_at = excluded.rated_at \
             WHERE ratings.tenant_id = excluded.tenant_id",
        )
        .bind(call_id)
        .bind(tenant.id())
        .bind(i64::from(rating.stars))
        .bind(rating.comment.as_deref())
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// What the visitor thought of a call.
    pub async fn rating(
        self,
        tenant: &Tenant,
        call_id: &str,
    ) -> Result<Option<Rating>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row =
            sqlx::query("SELECT stars, comment FROM ratings WHERE tenant_id = $1 AND call_id = $2")
                .bind(tenant.id())
                .bind(call_id)
                .fetch_optional(db.connection())
                .await?;
        Ok(row.as_ref().map(rating).transpose()?.flatten())
    }
}

/// The rating in a row that may hold one.
pub(super) fn rating(row: &AnyRow) -> Result<Option<Rating>, sqlx::Error> {
    let Some(stars) = row.try_get::<Option<i64>, _>("stars")? else {
        return Ok(None);
    };
    Ok(Some(Rating {
        stars: u8::try_from(stars).unwrap_or(0),
        comment: row.try_get("comment")?,
    }))
}

/// The consent in a row that may hold one.
pub(super) fn consent(row: &AnyRow) -> Result<Option<GivenConsent>, sqlx::Error> {
    let Some(given_at) = row.try_get("given_at")? else {
        return Ok(None);
    };
    let consent = Consent {
        text: row.try_get("words")?,
        language: row.try_get("language")?,
    };
    Ok(Some(GivenConsent { consent, given_at }))
}
