//! The calendar over HTTP, on both databases, and a thousand who want the same time.

use std::time::Duration;

use api::calendar::{
    Booking, BookingPage, BookingState, CalendarSettings, ConfirmBooking, MoveBooking, NewBooking,
    ServiceDetails, SlotList, StaffFeed, StaffList,
};
use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};
use server::app::keepers;
use server::audit::AuditEvent;
use server::bus::{Signal, Topic};
use server::calendar::{self, CalendarError, NotFree, Sure};
use server::people::Role;
use server::person::Person;
use server::privacy::{self, retention};
use server::store::Tenant;

use crate::bench::{Bench, somebody};
use crate::privacy::copy_of;
use crate::support::{Desk, Scratch, TestServer, in_time, problem};
use crate::v1::{Program, program};

const ANA: &str = "+34612345678";
const MINUTE: Duration = Duration::from_secs(60);

async fn add(program: &Program<'_>, what: &str, body: &Value) -> String {
    let path = format!("/api/v1/calendar/{what}");
    let added = program.send("POST", &path, body).await;
    assert_eq!(added.status(), 201, "{what}");
    let added: Value = added.json().await.unwrap();
    added["id"].as_str().unwrap().to_owned()
}

async fn slots(program: &Program<'_>, query: &str) -> SlotList {
    let path = format!("/api/v1/calendar/slots?{query}");
    program.get(&path).await.json().await.unwrap()
}

#[tokio::test]
async fn a_time_is_found_booked_moved_and_cancelled() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let crm = program(&server, &[ApiScope::CalendarRead, ApiScope::CalendarWrite]).await;
        let ada = add(&crm, "staff", &json!({"name": "Ada"})).await;
        let ben = add(&crm, "staff", &json!({"name": "Ben"})).await;
        let cut = json!({
            "name": "Cut", "minutes": 45, "after_minutes": 15,
            "price": {"cents": 4500, "currency": "eur"}, "staff": [ada],
        });
        let cut = add(&crm, "services", &cut).await;
        // Far enough ahead that it stays so, however long this takes.
        let from = server.app().clock.now_ms() + 3 * 3_600_000;
        let free = slots(&crm, &format!("service_id={cut}&from={from}&limit=3"))
            .await
            .items;
        assert_eq!(free.len(), 3);
        assert_eq!(free[0].staff_id.as_deref(), Some(ada.as_str()));
        assert_eq!(free[0].ends_at - free[0].starts_at, 45 * 60_000);

        let at = |starts_at: i64| {
            json!({"service_id": cut, "starts_at": starts_at.to_string(), "name": "Ana",
                   "phone": "0034 612 34 56 78", "notes": "First visit"})
        };
        let book = async |starts_at| {
            let body = at(starts_at);
            crm.send("POST", "/api/v1/calendar/bookings", &body).await
        };
        let booked = book(free[0].starts_at).await;
        assert_eq!(booked.status(), 201);
        let booked: Booking = booked.json().await.unwrap();
        assert_eq!(booked.phone.as_deref(), Some(ANA));
        assert_eq!(booked.staff.as_deref(), Some("Ada"));
        assert!(booked.reference.len() == 6, "{}", booked.reference);
        // Fifteen minutes later is within it, and the buffer after it is taken, too.
        let again = book(free[1].starts_at).await;
        problem(again, 409, slug::SLOT_TAKEN).await;
        problem(book(1_000_000).await, 422, slug::SLOT_NOT_OFFERED).await;
        let nobody = json!({"service_id": cut, "staff_id": ben, "starts_at": free[0].starts_at});
        let nobody = crm.send("POST", "/api/v1/calendar/bookings", &nobody).await;
        let nobody = problem(nobody, 422, slug::VALUE_INVALID).await;
        assert_eq!(nobody.field.as_deref(), Some("staff_id"));
        let dear = json!({"name": "Cut", "minutes": 30, "price": {"cents": 1, "currency": "?"}});
        let dear = crm.send("POST", "/api/v1/calendar/services", &dear).await;
        let dear = problem(dear, 422, slug::VALUE_INVALID).await;
        assert_eq!(dear.field.as_deref(), Some("price.currency"));

        let one = format!("/api/v1/calendar/bookings/{}", booked.id);
        let now_free = slots(&crm, &format!("service_id={cut}&from={from}&limit=1"))
            .await
            .items;
        let to = json!({"starts_at": now_free[0].starts_at});
        let moved = crm.send("POST", &format!("{one}/move"), &to).await;
        let moved: Booking = moved.json().await.unwrap();
        assert_eq!(moved.starts_at, now_free[0].starts_at);
        assert_eq!(moved.reference, booked.reference);
        assert_eq!(
            book(free[0].starts_at).await.status(),
            201,
            "its old time is free"
        );

        let mut found = Vec::new();
        let mut address = "/api/v1/calendar/bookings?limit=1&phone=%2B34612345678".to_owned();
        loop {
            let page: BookingPage = crm.get(&address).await.json().await.unwrap();
            found.extend(page.items.into_iter().map(|booking| booking.starts_at));
            let Some(next) = page.next_cursor else { break };
            address =
                format!("/api/v1/calendar/bookings?limit=1&phone=%2B34612345678&cursor={next}");
        }
        assert_eq!(found, [free[0].starts_at, moved.starts_at]);

        // People at the desk do the same by the same handlers.
        let desk = Desk::sign_in(&server, Role::Agent).await;
        let path = format!("/api/desk/calendar/bookings/{}", booked.id);
        let cancelled: Booking = desk.post(&format!("{path}/cancel"), &json!({})).await;
        assert_eq!(cancelled.state, BookingState::Cancelled);
        let again: Booking = desk.post(&format!("{path}/cancel"), &json!({})).await;
        assert_eq!(again, cancelled);
        let to = json!({"starts_at": moved.starts_at});
        let gone = desk.send("POST", &format!("{path}/move"), Some(&to)).await;
        problem(gone, 409, slug::BOOKING_NOT_OPEN).await;

        // Taken back, unless somebody else has the time by now.
        let (app, mine) = (server.app(), server.tenant.id().to_owned());
        let mut told = app.store.bus().listen(Topic::Desks);
        let restored: Booking = desk.post(&format!("{path}/restore"), &json!({})).await;
        assert_eq!(
            (restored.state, &restored.reference),
            (BookingState::Confirmed, &booked.reference)
        );
        assert_eq!(in_time(told.next()).await, Signal::BookingsChanged(mine));
        let once: Booking = desk.post(&format!("{path}/restore"), &json!({})).await;
        assert_eq!(once, restored);
        let _: Booking = desk.post(&format!("{path}/cancel"), &json!({})).await;
        assert_eq!(book(moved.starts_at).await.status(), 201);
        let late = desk.send("POST", &format!("{path}/restore"), None).await;
        problem(late, 409, slug::SLOT_TAKEN).await;
        let shave = json!({"name": "Shave", "minutes": 15});
        let path = "/api/desk/calendar/services";
        let named = desk.send("POST", path, Some(&shave)).await;
        assert_eq!(named.status(), 403, "services are an admin's");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_calendar_reads_what_is_booked_with_somebody_until_its_address_is_taken_back() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let crm = program(&server, &[ApiScope::CalendarRead, ApiScope::CalendarWrite]).await;
        let ada = add(&crm, "staff", &json!({"name": "Ada"})).await;
        let ben = add(&crm, "staff", &json!({"name": "Ben"})).await;
        let cut = add(&crm, "services", &json!({"name": "Cut", "minutes": 45})).await;
        let from = server.app().clock.now_ms() + 3 * 3_600_000;
        let free = slots(&crm, &format!("service_id={cut}&from={from}&limit=1")).await;
        let at = free.items[0].starts_at;
        for (who, name) in [(&ada, "Ana"), (&ben, "Bea")] {
            let new = json!({"service_id": cut, "staff_id": who, "starts_at": at, "name": name});
            let booked = crm.send("POST", "/api/v1/calendar/bookings", &new).await;
            assert_eq!(booked.status(), 201);
        }
        let of_ada = format!("/api/v1/calendar/staff/{ada}/feed");
        let give = async || {
            let given = crm.send("POST", &of_ada, &json!({})).await;
            assert_eq!(given.status(), 201);
            let given: StaffFeed = given.json().await.unwrap();
            given.url
        };
        let read = async |url: &str| reqwest::get(url).await.unwrap();

        let first = give().await;
        let file = read(&first).await;
        assert_eq!(
            file.headers()["content-type"],
            "text/calendar; charset=utf-8"
        );
        let file = file.text().await.unwrap();
        assert!(file.contains("SUMMARY:Cut: Ana\r\n"), "{file}");
        assert_eq!(
            file.matches("BEGIN:VEVENT").count(),
            1,
            "Ben's is not hers: {file}"
        );
        let listed: StaffList = crm
            .get("/api/v1/calendar/staff")
            .await
            .json()
            .await
            .unwrap();
        let fed: Vec<_> = listed.items.iter().map(|it| it.has_feed).collect();
        assert_eq!(fed, [true, false]);

        let second = give().await;
        assert_eq!(read(&first).await.status(), 404, "there is a newer one");
        assert_eq!(read(&second).await.status(), 200);
        let taken_back = crm.send("DELETE", &of_ada, &json!({})).await;
        assert_eq!(taken_back.status(), 204);
        assert_eq!(read(&second).await.status(), 404);
        let nobody = crm
            .send("POST", "/api/v1/calendar/staff/nobody/feed", &json!({}))
            .await;
        problem(nobody, 404, slug::NOT_FOUND).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    let crm = program(&server, &[ApiScope::CalendarRead, ApiScope::CalendarWrite]).await;
    for (verb, path, body) in [
        ("POST", "services", json!({"name": "Cut", "minutes": 7})),
        ("POST", "staff", json!({"name": " "})),
        ("PUT", "settings", json!({"step_minutes": 7})),
        (
            "POST",
            "bookings",
            json!({"service_id": "none", "starts_at": 1}),
        ),
    ] {
        let answer = crm
            .send(verb, &format!("/api/v1/calendar/{path}"), &body)
            .await;
        problem(answer, 422, slug::VALUE_INVALID).await;
    }
    let far = crm
        .get("/api/v1/calendar/slots?service_id=x&from=0&to=9999999999999")
        .await;
    problem(far, 400, slug::REQUEST_INVALID).await;
    let settings = json!({"step_minutes": 30, "capacity": 3});
    let kept = crm
        .send("PUT", "/api/v1/calendar/settings", &settings)
        .await;
    let kept: CalendarSettings = kept.json().await.unwrap();
    assert_eq!((kept.capacity, kept.hold_minutes), (3, 5));
    let reader = program(&server, &[ApiScope::CalendarRead]).await;
    let refused = reader
        .send("PUT", "/api/v1/calendar/settings", &settings)
        .await;
    problem(refused, 403, slug::SCOPE_MISSING).await;
    let shown: CalendarSettings = reader
        .get("/api/v1/calendar/settings")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(shown, kept);
    server.stop().await;
}

/// A server whose clock stands at noon of a Monday in Berlin.
async fn bench(scratch: Scratch) -> Bench {
    let bench = Bench::set(scratch).await;
    let monday = "2027-01-11T11:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let ahead = monday.as_millisecond() - bench.now();
    bench.pass(Duration::from_millis(ahead.try_into().unwrap()));
    bench
}

/// A service of half an hour, and the first time it is free.
async fn service(bench: &Bench, capacity: u16) -> (String, i64) {
    let (store, tenant) = (&bench.app.store, &bench.tenant);
    let settings = CalendarSettings {
        capacity,
        ..CalendarSettings::default()
    };
    store
        .calendars()
        .set_settings(tenant, &settings, None, &somebody(), 1)
        .await
        .unwrap();
    let details: ServiceDetails =
        serde_json::from_value(json!({"name": "Cut", "minutes": 30})).unwrap();
    let id = store
        .lists()
        .add(tenant, &details, &somebody(), 1)
        .await
        .unwrap();
    let plan = store.calendars().plan(tenant).await.unwrap();
    let of = plan.bookable(&id).unwrap();
    // In two hours: some of what is held expires meanwhile.
    let soon = bench.now() + 2 * 3_600_000;
    let week = (soon, soon + 7 * 24 * 3_600_000);
    let free = calendar::free_slots(&bench.app.calendar, tenant, &plan, of, None, week, 1);
    let starts_at = free.await.unwrap().items[0].starts_at;
    (id, starts_at)
}

fn new(service_id: &str, starts_at: i64) -> NewBooking {
    NewBooking {
        service_id: service_id.to_owned(),
        staff_id: None,
        starts_at,
        name: "Ana".to_owned(),
        phone: Some(ANA.to_owned()),
        notes: String::new(),
        call_id: Some("call_1".to_owned()),
    }
}

/// Who wants the same time, all at once: how many got it. Who is not served for want of a
/// connection asks again.
async fn storm(bench: &Bench, wants: &NewBooking, many: usize, sure: Sure) -> usize {
    let wishes = (0..many).map(|_| {
        let (app, tenant, wants) = (bench.app.clone(), bench.tenant.clone(), wants.clone());
        tokio::spawn(async move {
            loop {
                let author = somebody();
                let wish = calendar::book(&app.calendar, &tenant, wants.clone(), sure, &author);
                match wish.await {
                    Ok(_) => return 1,
                    Err(CalendarError::NotFree(NotFree::Taken)) => return 0,
                    Err(CalendarError::Store(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    let mut got = 0;
    for wish in wishes.collect::<Vec<_>>() {
        got += wish.await.unwrap();
    }
    got
}

async fn standing(bench: &Bench, tenant: &Tenant) -> Vec<Booking> {
    let (store, now) = (&bench.app.store, bench.now());
    let filter = calendar::BookingFilter::default();
    let all = store.bookings().page(tenant, &filter, None, 2_000, now);
    all.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_who_want_the_same_time_at_once_get_it_once() {
    for scratch in Scratch::each().await {
        let bench = bench(scratch).await;
        let (id, starts_at) = service(&bench, 1).await;
        let wants = new(&id, starts_at);
        assert_eq!(storm(&bench, &wants, 1_000, Sure::Confirmed).await, 1);
        assert_eq!(standing(&bench, &bench.tenant).await.len(), 1);
        bench.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn as_many_get_it_as_there_are_places_whether_they_hold_or_book() {
    for scratch in Scratch::each().await {
        let bench = bench(scratch).await;
        let (id, starts_at) = service(&bench, 3).await;
        let wants = new(&id, starts_at);
        assert_eq!(storm(&bench, &wants, 50, Sure::Held).await, 3);
        let held = standing(&bench, &bench.tenant).await;
        assert_eq!(held.len(), 3);
        // A thousand confirmations of one of them are one booking.
        let token = held[0].id.clone();
        let confirmations = (0..1_000).map(|_| {
            let (app, tenant, token) = (bench.app.clone(), bench.tenant.clone(), token.clone());
            tokio::spawn(async move {
                let (who, author) = (ConfirmBooking::default(), somebody());
                loop {
                    match calendar::confirm(&app.calendar, &tenant, &token, &who, &author).await {
                        Err(CalendarError::Store(_)) => {}
                        other => return other,
                    }
                }
            })
        });
        for confirmation in confirmations.collect::<Vec<_>>() {
            let booking = confirmation.await.unwrap().unwrap();
            assert_eq!(booking.reference, held[0].reference);
        }
        let trail = bench
            .app
            .store
            .audit_events()
            .page(&bench.tenant, None, 50)
            .await;
        let made = |entry: &&AuditEvent| entry.action == "booking.made";
        assert_eq!(trail.unwrap().iter().filter(made).count(), 1);
        // What the others held and did not confirm is free again.
        bench.pass(6 * MINUTE);
        assert_eq!(standing(&bench, &bench.tenant).await.len(), 1);
        assert_eq!(storm(&bench, &wants, 20, Sure::Confirmed).await, 2);
        let (who, author) = (ConfirmBooking::default(), somebody());
        let late = calendar::confirm(
            &bench.app.calendar,
            &bench.tenant,
            &held[1].id,
            &who,
            &author,
        );
        assert!(matches!(late.await, Err(CalendarError::HoldGone)));
        retention::apply(&keepers(), &bench.app.store, bench.now())
            .await
            .unwrap();
        let gone = bench
            .app
            .store
            .bookings()
            .find(&bench.tenant, &held[1].id)
            .await;
        assert_eq!(gone.unwrap(), None);
        bench.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_moved_to_the_same_time_one_is() {
    for scratch in Scratch::each().await {
        let bench = bench(scratch).await;
        let (id, starts_at) = service(&bench, 1).await;
        let day = 24 * 3_600_000;
        let mut moves = Vec::new();
        for days in 1..=10 {
            let wants = new(&id, starts_at + days * day);
            let author = somebody();
            let booked = calendar::book(
                &bench.app.calendar,
                &bench.tenant,
                wants,
                Sure::Confirmed,
                &author,
            );
            let (booked, app) = (booked.await.unwrap(), bench.app.clone());
            let tenant = bench.tenant.clone();
            moves.push(tokio::spawn(async move {
                let to = MoveBooking {
                    starts_at,
                    staff_id: None,
                };
                calendar::reschedule(&app.calendar, &tenant, &booked.id, &to, &somebody()).await
            }));
        }
        let mut moved = 0;
        for one in moves {
            match one.await.unwrap() {
                Ok(booking) => moved += usize::from(booking.starts_at == starts_at),
                Err(CalendarError::NotFree(NotFree::Taken)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(moved, 1);
        let mut begins: Vec<_> = standing(&bench, &bench.tenant)
            .await
            .iter()
            .map(|booking| booking.starts_at)
            .collect();
        begins.dedup();
        assert_eq!(begins.len(), 10, "nobody lost theirs");
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_persons_bookings_are_found_exported_and_erased() {
    for scratch in Scratch::each().await {
        let bench = bench(scratch).await;
        let (id, starts_at) = service(&bench, 1).await;
        let wants = new(&id, starts_at);
        calendar::book(
            &bench.app.calendar,
            &bench.tenant,
            wants,
            Sure::Confirmed,
            &somebody(),
        )
        .await
        .unwrap();
        let (store, tenant) = (&bench.app.store, &bench.tenant);
        let ana = Person::parse(ANA).unwrap();
        let found = privacy::find(&keepers(), store, tenant, &ana)
            .await
            .unwrap();
        assert_eq!(found.found.bookings, 1);
        let copy = copy_of(store, tenant, &ana).await;
        assert_eq!(copy["bookings"][0]["service"], "Cut");
        let erased = privacy::erase(&keepers(), store, tenant, &ana, None, &somebody(), 2)
            .await
            .unwrap();
        assert_eq!(erased.erased.bookings, 1);
        assert_eq!(standing(&bench, tenant).await.len(), 0);
        bench.clear().await;
    }
}
