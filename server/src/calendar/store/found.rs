//! Bookings as they are found.

use api::calendar::Booking;
use sqlx::{AssertSqlSafe, Row};

use super::bookings::{Bookings, columns, from_row};
use super::links;
use crate::calendar::Taken;
use crate::clock::DAY_MS;
use crate::phone::E164;
use crate::store::{Connection, Scope, StoreError, Tenant};
use crate::web::paging::Place;

/// A held slot that nobody confirmed in time is no booking.
const STANDS: &str = "(state = 'confirmed' OR (state = 'held' AND held_until > $2))";

/// Where a page of bookings begins: when one starts, and its id.
pub type BookingCursor = Place<1>;

/// Which bookings are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookingFilter {
    /// Those that begin then or later (Unix ms).
    pub from: Option<i64>,
    /// Those that begin before (Unix ms).
    pub to: Option<i64>,
    /// Those of this number.
    pub phone: Option<E164>,
    /// Those made in this call.
    pub call_id: Option<String>,
    /// Those that are cancelled, too.
    pub cancelled: bool,
}

/// Where a booking is in its list.
pub(crate) fn after(booking: &Booking) -> BookingCursor {
    BookingCursor {
        numbers: [booking.starts_at],
        id: booking.id.clone(),
    }
}

impl Bookings<'_> {
    /// What is taken between two moments (Unix ms).
    pub async fn taken(
        self,
        tenant: &Tenant,
        time: (i64, i64),
        now: i64,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        taken(db.connection(), tenant, time, &[] as &[&str], now).await
    }

    /// One of the tenant's bookings.
    pub async fn find(self, tenant: &Tenant, id: &str) -> Result<Option<Booking>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        find(db.connection(), tenant, id).await
    }

    /// The tenant's booking with a reference.
    pub async fn by_reference(
        self,
        tenant: &Tenant,
        reference: &str,
    ) -> Result<Option<Booking>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM bookings WHERE tenant_id = $1 AND reference = $2"
        ))
        .bind(tenant.id())
        .bind(reference)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The last appointment under a number that is over (Unix ms).
    pub async fn last_of(
        self,
        tenant: &Tenant,
        phone: &E164,
        now: i64,
    ) -> Result<Option<Booking>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM bookings WHERE tenant_id = $1 AND phone = $2 AND state = 'confirmed' \
                 AND ends_at <= $3 ORDER BY starts_at DESC, id DESC LIMIT 1"
        ))
        .bind(tenant.id())
        .bind(phone.as_str())
        .bind(now)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// A page of the tenant's bookings, the earliest first, after one of them.
    pub async fn page(
        self,
        tenant: &Tenant,
        filter: &BookingFilter,
        after: Option<&BookingCursor>,
        rows: u32,
        now: i64,
    ) -> Result<Vec<Booking>, StoreError> {
        let cancelled = if filter.cancelled {
            " OR (state = 'cancelled' AND held_until IS NULL)"
        } else {
            ""
        };
        let (of_phone, of_call) = match (&filter.phone, &filter.call_id) {
            (None, None) => ("", ""),
            (Some(_), None) => (" AND phone = $8", ""),
            (None, Some(_)) => ("", " AND call_id = $8"),
            (Some(_), Some(_)) => (" AND phone = $8", " AND call_id = $9"),
        };
        let sql = format!(
            "SELECT {} FROM bookings WHERE tenant_id = $1 AND ({STANDS}{cancelled}) \
                 AND starts_at >= $3 AND starts_at < $4 AND (starts_at, id) > ($5, $6) \
                 {of_phone}{of_call} ORDER BY starts_at, id LIMIT $7",
            columns!()
        );
        let after = after.map(|place| (place.numbers[0], place.id.as_str()));
        let (starts_at, id) = after.unwrap_or((i64::MIN, ""));
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(now)
            .bind(filter.from.unwrap_or(i64::MIN))
            .bind(filter.to.unwrap_or(i64::MAX))
            .bind(starts_at)
            .bind(id)
            .bind(i64::from(rows));
        if let Some(phone) = &filter.phone {
            query = query.bind(phone.as_str());
        }
        if let Some(call_id) = &filter.call_id {
            query = query.bind(call_id);
        }
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = query.fetch_all(db.connection()).await?;
        rows.iter().map(from_row).collect()
    }
}

/// What is taken between two moments (Unix ms), but for some bookings: by others, and by what
/// is in linked calendars.
pub(super) async fn taken(
    connection: &mut Connection,
    tenant: &Tenant,
    (from, to): (i64, i64),
    but: &[impl AsRef<str>],
    now: i64,
) -> Result<Vec<Taken>, StoreError> {
    let elsewhere = links::taken(&mut *connection, tenant, (from, to)).await?;
    let mut taken = booked(connection, tenant, (from, to), but, now).await?;
    taken.extend(elsewhere);
    Ok(taken)
}

/// What is taken by bookings between two moments (Unix ms), but for some of them.
pub(super) async fn booked(
    connection: &mut Connection,
    tenant: &Tenant,
    (from, to): (i64, i64),
    but: &[impl AsRef<str>],
    now: i64,
) -> Result<Vec<Taken>, StoreError> {
    // No booking takes longer than a day.
    let others = (0..but.len()).map(|at| format!(" AND id <> ${}", at + 6));
    let others: String = others.collect();
    let sql = format!(
        "SELECT staff_id, busy_from, busy_to FROM bookings \
         WHERE tenant_id = $1 AND {STANDS} AND busy_from < $3 AND busy_from > $4 \
             AND busy_to > $5{others}"
    );
    let mut query = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.id())
        .bind(now)
        .bind(to)
        .bind(from.saturating_sub(DAY_MS + 1))
        .bind(from);
    for id in but {
        query = query.bind(id.as_ref());
    }
    let rows = query.fetch_all(connection).await?;
    let booked = rows.iter().map(|row| {
        Ok(Taken {
            staff_id: row.try_get("staff_id")?,
            everybody: false,
            from: row.try_get("busy_from")?,
            to: row.try_get("busy_to")?,
        })
    });
    booked.collect()
}

/// One of the tenant's bookings.
pub(super) async fn find(
    connection: &mut Connection,
    tenant: &Tenant,
    id: &str,
) -> Result<Option<Booking>, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        columns!(),
        " FROM bookings WHERE tenant_id = $1 AND id = $2"
    ))
    .bind(tenant.id())
    .bind(id)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(from_row).transpose()
}
