//! The calendar: what can be booked. Bookings and linked calendars are beside this.

mod bookings;
mod calcom;
mod feeds;
mod found;
mod kept;
mod links;
mod writes;

pub(super) use self::calcom::{KeptAt, KeptConnection, REVISED_CALCOM};
pub use bookings::{Bookings, Changed, NewRow};
pub(super) use feeds::FeedOf;
pub(crate) use found::after;
pub use found::{BookingCursor, BookingFilter};
pub(crate) use kept::{BOOKED_IN_CALL, KEEPS};
pub(super) use links::KeptLink;
pub(super) use writes::{KeptWrite, Standing, Wrote};

use api::calendar::{CalendarSettings, Service, ServiceDetails, StaffDetails, StaffMember};
use serde_json::json;
use sqlx::Row;

use super::Plan;
use crate::bus::Signal;
use crate::deeds::{Author, Deed, Deeds};
use crate::listed::{self, Listed};
use crate::revisions::KeptRevisions;
use crate::store::{Connection, Scope, StoreError, Tenant, from_json, to_json};
use crate::tenants::BusinessHours;

/// What the revisions of how a calendar is offered are kept as.
pub(super) const REVISED: &str = "calendar";

impl Listed for ServiceDetails {
    const KIND: &'static str = "service";
    const TABLE: &'static str = "calendar_services";
    const COLUMN: &'static str = "service";
    const DEEDS: [&'static str; 3] = ["service.added", "service.changed", "service.removed"];

    fn name(&self) -> &str {
        &self.name
    }

    fn news(tenant: &Tenant) -> Option<Signal> {
        Some(bookings::changed(tenant))
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

    fn news(tenant: &Tenant) -> Option<Signal> {
        Some(bookings::changed(tenant))
    }
}

crate::store::part! {
    /// What each business offers, who does it, and when.
    calendars -> Calendars
}

impl Calendars<'_> {
    /// Everything slots are found by, but what is booked.
    pub async fn plan(self, tenant: &Tenant) -> Result<Plan, StoreError> {
        let business = self.0.tenants().settings(tenant).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let settings = settings(db.connection(), tenant).await?;
        let services = listed::all(db.connection(), tenant).await?;
        let staff = listed::all(db.connection(), tenant).await?;
        let staff = staff.into_iter().map(|(id, details)| member(id, details));
        Ok(Plan {
            zone: business.time_zone(),
            hours: business.hours,
            settings,
            services: services
                .into_iter()
                .map(|(id, details)| Service {
                    id,
                    details,
                    revision: 0,
                })
                .collect(),
            staff: staff.collect(),
        })
    }

    /// How the tenant's calendar is offered.
    pub async fn settings(self, tenant: &Tenant) -> Result<CalendarSettings, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        settings(db.connection(), tenant).await
    }

    /// Says how the tenant's calendar is offered; the settings are checked already, and a
    /// change of the revision `read`. Returns the new revision.
    pub async fn set_settings(
        self,
        tenant: &Tenant,
        settings: &CalendarSettings,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (REVISED, ""), read).await?;
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
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(bookings::changed(tenant));
        write.commit().await?;
        Ok(revision)
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

/// A member of staff with the hours of their own, which were checked when they were
/// kept.
fn member(id: String, details: StaffDetails) -> (StaffMember, Option<BusinessHours>) {
    let hours = details.hours.as_ref();
    let hours = hours.and_then(|hours| BusinessHours::try_from(hours).ok());
    let member = StaffMember {
        id,
        details,
        revision: 0,
        has_feed: false,
    };
    (member, hours)
}
