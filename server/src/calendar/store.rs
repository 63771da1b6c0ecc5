//! The calendar: what can be booked. Bookings are beside this.

mod bookings;
mod found;
mod kept;

pub use bookings::{Changed, NewRow};
pub(crate) use found::after;
pub use found::{BookingCursor, BookingFilter};
pub(crate) use kept::KEEPS;

use api::calendar::{CalendarSettings, Service, ServiceDetails, StaffDetails, StaffMember};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::{Plan, rules};
use crate::deeds::{Author, Deed};
use crate::store::{
    Connection, Scope, Store, StoreError, Tenant, can_be_named, from_json, to_json,
};
use crate::tenants::BusinessHours;

/// What a calendar lists: a service, or a member of staff.
pub trait Listed: Serialize + DeserializeOwned {
    /// What it is called in the trail.
    const KIND: &'static str;
    /// Its table, and the column that says what it is.
    const TABLE: &'static str;
    /// See above.
    const COLUMN: &'static str;
    /// What the trail says when it is added, changed, removed.
    const DEEDS: [&'static str; 3];

    /// What people call it.
    fn name(&self) -> &str;
}

impl Listed for ServiceDetails {
    const KIND: &'static str = "service";
    const TABLE: &'static str = "calendar_services";
    const COLUMN: &'static str = "service";
    const DEEDS: [&'static str; 3] = ["service.added", "service.changed", "service.removed"];

    fn name(&self) -> &str {
        &self.name
    }
}

impl Listed for StaffDetails {
    const KIND: &'static str = "staff";
    const TABLE: &'static str = "calendar_staff";
    const COLUMN: &'static str = "member";
    const DEEDS: [&'static str; 3] = ["staff.added", "staff.changed", "staff.removed"];

    fn name(&self) -> &str {
        &self.name
    }
}

impl Store {
    /// Everything slots are found by, but what is booked.
    pub async fn calendar_plan(&self, tenant: &Tenant) -> Result<Plan, StoreError> {
        let business = self.tenant_settings(tenant).await?;
        let mut db = self.read(Scope::Of(tenant)).await?;
        let settings = settings(db.connection(), tenant).await?;
        let services = listed(db.connection(), tenant).await?;
        let staff = listed(db.connection(), tenant).await?;
        let staff = staff.into_iter().map(|(id, details)| member(id, details));
        Ok(Plan {
            zone: business.time_zone(),
            hours: business.hours,
            settings,
            services: services
                .into_iter()
                .map(|(id, details)| Service { id, details })
                .collect(),
            staff: staff.collect(),
        })
    }

    /// How the tenant's calendar is offered.
    pub async fn calendar_settings(&self, tenant: &Tenant) -> Result<CalendarSettings, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        settings(db.connection(), tenant).await
    }

    /// Says how the tenant's calendar is offered; the settings are checked already.
    pub async fn set_calendar_settings(
        &self,
        tenant: &Tenant,
        settings: &CalendarSettings,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO calendars (tenant_id, settings, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id) DO UPDATE SET settings = $2, updated_at = $3",
        )
        .bind(tenant.id())
        .bind(to_json(settings))
        .bind(now)
        .execute(write.connection())
        .await?;
        let deed = Deed::of_business("calendar.changed", json!(settings));
        Self::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(bookings::changed(tenant));
        write.commit().await
    }

    /// All of the tenant's services, or of its staff, in the order they were added.
    pub async fn calendar_list<T: Listed>(
        &self,
        tenant: &Tenant,
    ) -> Result<Vec<(String, T)>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        listed(db.connection(), tenant).await
    }

    /// Adds one; it is checked already. Returns its id.
    pub async fn add_to_calendar<T: Listed>(
        &self,
        tenant: &Tenant,
        one: &T,
        author: &Author,
        now: i64,
    ) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let mut write = self.write(Scope::Of(tenant)).await?;
        let sql = format!(
            "INSERT INTO {} (id, tenant_id, {}, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $4)",
            T::TABLE,
            T::COLUMN
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(&id)
            .bind(tenant.id())
            .bind(to_json(one))
            .bind(now)
            .execute(write.connection())
            .await?;
        let deed = Deed::on(T::KIND, &id, T::DEEDS[0]).with(json!({"name": one.name()}));
        Self::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(bookings::changed(tenant));
        write.commit().await?;
        Ok(id)
    }

    /// Says anew what one is; that is checked already. False when there is none.
    pub async fn change_in_calendar<T: Listed>(
        &self,
        tenant: &Tenant,
        id: &str,
        one: &T,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        if !can_be_named(id) {
            return Ok(false);
        }
        let mut write = self.write(Scope::Of(tenant)).await?;
        let sql = format!(
            "UPDATE {} SET {} = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
            T::TABLE,
            T::COLUMN
        );
        let done = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .bind(to_json(one))
            .bind(now)
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let deed = Deed::on(T::KIND, id, T::DEEDS[1]).with(json!({"name": one.name()}));
        Self::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(bookings::changed(tenant));
        write.commit().await?;
        Ok(true)
    }

    /// Removes one; what is booked stays. False when there is none.
    pub async fn remove_from_calendar<T: Listed>(
        &self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        if !can_be_named(id) {
            return Ok(false);
        }
        let mut write = self.write(Scope::Of(tenant)).await?;
        let sql = format!(
            "DELETE FROM {} WHERE tenant_id = $1 AND id = $2 RETURNING {} AS one",
            T::TABLE,
            T::COLUMN
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else { return Ok(false) };
        let one: T = from_json(row.try_get("one")?, T::TABLE, id)?;
        let deed = Deed::on(T::KIND, id, T::DEEDS[2]).with(json!({"name": one.name()}));
        Self::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(bookings::changed(tenant));
        write.commit().await?;
        Ok(true)
    }
}

async fn settings(
    connection: &mut Connection,
    tenant: &Tenant,
) -> Result<CalendarSettings, StoreError> {
    let row = sqlx::query("SELECT settings FROM calendars WHERE tenant_id = $1")
        .bind(tenant.id())
        .fetch_optional(connection)
        .await?;
    row.map_or_else(
        || Ok(CalendarSettings::default()),
        |row| from_json(row.try_get("settings")?, "calendars", tenant.id()),
    )
}

async fn listed<T: Listed>(
    connection: &mut Connection,
    tenant: &Tenant,
) -> Result<Vec<(String, T)>, StoreError> {
    let sql = format!(
        "SELECT id, {} AS one FROM {} WHERE tenant_id = $1 ORDER BY id",
        T::COLUMN,
        T::TABLE
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.id())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            let one = from_json(row.try_get("one")?, T::TABLE, &id)?;
            Ok((id, one))
        })
        .collect()
}

/// A member of staff with the hours of their own, which were checked when they were
/// kept.
fn member(id: String, details: StaffDetails) -> (StaffMember, Option<BusinessHours>) {
    let hours = details.hours.as_ref();
    let hours = hours.and_then(|hours| rules::own_hours(hours).ok());
    (StaffMember { id, details }, hours)
}
