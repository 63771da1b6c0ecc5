//! The addresses at which calendars read what is booked with somebody.

use std::collections::HashSet;

use api::calendar::{Booking, StaffDetails};
use serde_json::json;
use sqlx::Row;

use super::bookings::{columns, from_row};
use crate::deeds::{Author, Deed, Deeds};
use crate::listed::Listed;
use crate::store::{Scope, StoreError, Tenant, from_json};

/// So many bookings are in a feed at most.
const MOST: i64 = 2_000;

/// Whose a feed is.
pub(in crate::calendar) struct FeedOf {
    pub(in crate::calendar) tenant: Tenant,
    pub(in crate::calendar) staff_id: String,
    /// Their name.
    pub(in crate::calendar) name: String,
}

crate::store::part! {
    /// The feeds of each business's staff.
    calendar_feeds -> CalendarFeeds
}

impl CalendarFeeds<'_> {
    /// Gives somebody an address that is known by `token_hash`, or none. One they had before is
    /// none any more. `false` where there is nobody of this id.
    pub(in crate::calendar) async fn set(
        self,
        tenant: &Tenant,
        staff_id: &str,
        token_hash: Option<&str>,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE calendar_staff SET feed_hash = $3 WHERE tenant_id = $1 AND id = $2 \
             RETURNING member",
        )
        .bind(tenant.id())
        .bind(staff_id)
        .bind(token_hash)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        let who: StaffDetails = from_json(row.try_get("member")?, "calendar_staff", staff_id)?;
        let what = match token_hash {
            Some(_) => "calendar_feed.given",
            None => "calendar_feed.taken_back",
        };
        let deed = Deed::on(StaffDetails::KIND, staff_id, what).with(json!({ "name": who.name }));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The ids of those who have one.
    pub(in crate::calendar) async fn given(
        self,
        tenant: &Tenant,
    ) -> Result<HashSet<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id FROM calendar_staff WHERE tenant_id = $1 AND feed_hash IS NOT NULL",
        )
        .bind(tenant.id())
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    /// Whose the feed with this hash is; nobody's of a tenant that was switched off.
    pub(in crate::calendar) async fn find(
        self,
        token_hash: &str,
    ) -> Result<Option<FeedOf>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT s.id, s.member, \
                 t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone \
             FROM calendar_staff s JOIN tenants t ON t.id = s.tenant_id \
             WHERE s.feed_hash = $1 AND t.disabled_at IS NULL",
        )
        .bind(token_hash)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let staff_id: String = row.try_get("id")?;
        let who: StaffDetails = from_json(row.try_get("member")?, "calendar_staff", &staff_id)?;
        Ok(Some(FeedOf {
            tenant: Tenant::from_row(&row)?,
            staff_id,
            name: who.name,
        }))
    }

    /// What is booked with them and begins then (Unix ms) or later, the earliest first.
    pub(in crate::calendar) async fn bookings(
        self,
        of: &FeedOf,
        from: i64,
    ) -> Result<Vec<Booking>, StoreError> {
        let mut db = self.0.read(Scope::Of(&of.tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM bookings WHERE tenant_id = $1 AND staff_id = $2 AND state = 'confirmed' \
                 AND starts_at >= $3 ORDER BY starts_at, id LIMIT $4"
        ))
        .bind(of.tenant.id())
        .bind(&of.staff_id)
        .bind(from)
        .bind(MOST)
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(from_row).collect()
    }
}
