//! What can be booked at the demo's practice, and a few who are.

use anyhow::Context;
use api::business::{Hours, Interval};
use api::calendar::{NewBooking, Price, Service, ServiceDetails, StaffDetails};

use crate::app::App;
use crate::calendar::{self, Sure};
use crate::clock::DAY_MS;
use crate::deeds::Author;
use crate::store::Tenant;

/// Who works there.
const STAFF: [&str; 2] = ["Doctor Reed", "Doctor Vidal"];
/// What they do: its name, the minutes, the minutes after it, and the price in euros.
const SERVICES: [(&str, u16, u16, u32); 3] = [
    ("Check-up", 30, 0, 45),
    ("Cleaning", 45, 15, 80),
    ("Whitening", 60, 15, 190),
];
/// Who is booked already: the name, which service, and after how many of its free times.
const BOOKED: [(&str, usize, usize); 5] = [
    ("Lucía Fernández", 0, 2),
    ("Jonas Weber", 1, 9),
    ("Maya Okafor", 2, 18),
    ("Ana García", 0, 31),
    ("Felix Brandt", 1, 40),
];

/// Creates it, unless somebody has set something up there.
pub(super) async fn furnish(app: &App, tenant: &Tenant, now: i64) -> anyhow::Result<()> {
    let (store, author) = (&app.store, Author::system());
    let known: Vec<(String, ServiceDetails)> = store.lists().all(tenant).await?;
    if !known.is_empty() {
        return Ok(());
    }
    for name in STAFF {
        let member = StaffDetails {
            name: name.to_owned(),
            hours: Some(weekdays()),
            active: true,
        };
        store.lists().add(tenant, &member, &author, now).await?;
    }
    let mut services = Vec::new();
    for (name, minutes, after_minutes, euros) in SERVICES {
        let details = ServiceDetails {
            name: name.to_owned(),
            description: String::new(),
            minutes,
            before_minutes: 0,
            after_minutes,
            price: Some(Price {
                cents: euros * 100,
                currency: "EUR".to_owned(),
            }),
            staff: Vec::new(),
            event_type: None,
            active: true,
        };
        let id = store.lists().add(tenant, &details, &author, now).await?;
        services.push(Service {
            id,
            details,
            revision: 0,
        });
    }
    let plan = store.calendars().plan(tenant).await?;
    for (name, service, nth) in BOOKED {
        let service = services.get(service).context("a service of the demo")?;
        let week = (now, now + 7 * DAY_MS);
        let free = calendar::free_slots(&app.calendar, tenant, &plan, service, None, week, nth + 1)
            .await?;
        let Some(slot) = free.items.last() else {
            continue;
        };
        let new = NewBooking {
            service_id: service.id.clone(),
            staff_id: None,
            starts_at: slot.starts_at,
            name: name.to_owned(),
            phone: None,
            notes: String::new(),
            call_id: None,
        };
        calendar::book(&app.calendar, tenant, new, Sure::Confirmed, &author).await?;
    }
    Ok(())
}

/// From Monday to Friday, with a break.
fn weekdays() -> Hours {
    let day = [("09:00", "13:00"), ("14:00", "18:00")].map(|(from, to)| Interval {
        from: from.to_owned(),
        to: to.to_owned(),
    });
    let mut week: [Vec<Interval>; 7] = Default::default();
    week[..5].fill(day.to_vec());
    Hours {
        week: Some(week),
        exceptions: Vec::new(),
    }
}
