//! Calendars people have elsewhere, with a real CalDAV server: what is in one keeps its owner
//! from being booked, and what is booked stands in it, whatever becomes of either.

use api::Page;
use api::calendar::{Booking, BookingState, Slot, SlotList};
use api::keys::ApiScope;
use api::linked_calendars::{
    CalendarWrite, CalendarWriteState, LinkOutcome, LinkTest, LinkedCalendar, LinkedCalendarList,
};
use api::problem::slug;
use jiff::Timestamp;
use scratch_caldav::{Calendars, PASSWORD, USER};
use serde_json::{Value, json};
use server::check::{self, State};

use crate::support::{PATIENCE, Scratch, TestServer, a_moment, problem};
use crate::v1::{Program, program};

const SCOPES: [ApiScope; 2] = [ApiScope::CalendarRead, ApiScope::CalendarWrite];

async fn server_on(scratch: Scratch) -> TestServer {
    TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
        config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
    })
    .await
}

/// Nothing where there is none: that is told, and the test is over.
async fn dav() -> Option<Calendars> {
    Calendars::start("server").await.unwrap()
}

async fn add(to: &Program<'_>, what: &str, body: &Value) -> String {
    let added = to
        .send("POST", &format!("/api/v1/calendar/{what}"), body)
        .await;
    assert_eq!(added.status(), 201, "{what}");
    let added: Value = added.json().await.unwrap();
    added["id"].as_str().unwrap().to_owned()
}

/// Links the calendar `bookings` of the Radicale.
async fn link(to: &Program<'_>, dav: &Calendars, staff: Option<&str>) -> LinkedCalendar {
    let calendar = dav
        .make_calendar("bookings", "Bookings", "VEVENT")
        .await
        .unwrap();
    let mut save = json!({
        "staff_id": staff, "address": dav.url(), "user": USER, "password": PASSWORD,
    });
    let id = add(to, "links", &save).await;
    let tested = tried(to, &id).await;
    assert_eq!(tested.outcome, LinkOutcome::Works);
    let [one] = &tested.calendars[..] else {
        panic!("{tested:?}")
    };
    assert_eq!((&one.url, one.name.as_str()), (&calendar, "Bookings"));
    save["calendar"] = json!(calendar);
    save.as_object_mut().unwrap().remove("password");
    let path = format!("/api/v1/calendar/links/{id}");
    let set = to.send("PUT", &path, &save).await;
    assert_eq!(set.status(), 200, "{}", set.text().await.unwrap());
    let linked = links(to).await.pop().unwrap();
    assert_eq!(linked.name.as_deref(), Some("Bookings"));
    assert!(
        linked.read_at.is_some() && linked.failed_at.is_none(),
        "{linked:?}"
    );
    linked
}

async fn tried(to: &Program<'_>, id: &str) -> LinkTest {
    let path = format!("/api/v1/calendar/links/{id}/test");
    let tested = to.send("POST", &path, &json!({})).await;
    assert_eq!(tested.status(), 200);
    tested.json().await.unwrap()
}

async fn links(to: &Program<'_>) -> Vec<LinkedCalendar> {
    let list = to.get("/api/v1/calendar/links").await;
    list.json::<LinkedCalendarList>().await.unwrap().items
}

/// The first free times of a service, far enough ahead that they stay so.
async fn slots(to: &Program<'_>, service: &str) -> SlotList {
    let from = to.server.app().clock.now_ms() + 26 * 3_600_000;
    let path = format!("/api/v1/calendar/slots?service_id={service}&from={from}&limit=8");
    to.get(&path).await.json().await.unwrap()
}

async fn book(to: &Program<'_>, service: &str, slot: &Slot) -> reqwest::Response {
    let body = json!({"service_id": service, "starts_at": slot.starts_at, "name": "Ana"});
    to.send("POST", "/api/v1/calendar/bookings", &body).await
}

async fn change(to: &Program<'_>, booking: &Booking, what: &str, body: &Value) -> Booking {
    let path = format!("/api/v1/calendar/bookings/{}/{what}", booking.id);
    let changed = to.send("POST", &path, body).await;
    assert_eq!(changed.status(), 200, "{what}");
    changed.json().await.unwrap()
}

fn utc(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap();
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// An event of somebody's at the time of a slot.
async fn occupy(dav: &Calendars, name: &str, slot: &Slot) {
    let (from, to) = (utc(slot.starts_at), utc(slot.ends_at));
    let lines = format!("UID:{name}\nSUMMARY:Dentist\nDTSTART:{from}\nDTEND:{to}");
    dav.put(&format!("bookings/{name}.ics"), &lines)
        .await
        .unwrap();
}

/// Waits until what stands in the calendar is as it should be.
async fn stands(dav: &Calendars, fits: impl Fn(&str) -> bool) {
    let looking = async {
        loop {
            let there = dav.events("bookings").await.unwrap();
            if fits(&there) {
                return;
            }
            a_moment().await;
        }
    };
    if tokio::time::timeout(PATIENCE, looking).await.is_err() {
        panic!("there is {}", dav.events("bookings").await.unwrap());
    }
}

/// Waits until what is to be written of a booking is as it should be.
async fn written(to: &Program<'_>, booking: &Booking, fits: impl Fn(&CalendarWrite) -> bool) {
    let mut last = None;
    let looking = async {
        loop {
            let page = to.get("/api/v1/calendar/writes").await;
            let page: Page<CalendarWrite> = page.json().await.unwrap();
            last = page.items.into_iter().find(|it| it.id == booking.id);
            if last.as_ref().is_some_and(&fits) {
                return;
            }
            a_moment().await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, looking).await;
    assert!(waited.is_ok(), "it is {last:?}");
}

fn is(state: CalendarWriteState) -> impl Fn(&CalendarWrite) -> bool {
    move |write| write.state == state
}

#[tokio::test]
async fn what_is_in_it_keeps_its_owner_and_what_is_booked_stands_in_it() {
    for scratch in Scratch::each().await {
        let Some(dav) = dav().await else {
            return;
        };
        let server = server_on(scratch).await;
        let crm = program(&server, &SCOPES).await;
        let ada = add(&crm, "staff", &json!({"name": "Ada"})).await;
        let cut = json!({"name": "Cut", "minutes": 30, "staff": [ada]});
        let cut = add(&crm, "services", &cut).await;
        link(&crm, &dav, Some(&ada)).await;

        let free = slots(&crm, &cut).await;
        assert_eq!((free.items.len(), free.as_of), (8, None));
        // It was not there when the calendar was read last.
        occupy(&dav, "theirs", &free.items[0]).await;
        problem(
            book(&crm, &cut, &free.items[0]).await,
            409,
            slug::SLOT_TAKEN,
        )
        .await;
        let now_free = slots(&crm, &cut).await.items;
        assert!(!now_free.contains(&free.items[0]), "{now_free:?}");

        let booked = book(&crm, &cut, &now_free[0]).await;
        assert_eq!(booked.status(), 201);
        let booked: Booking = booked.json().await.unwrap();
        written(&crm, &booked, is(CalendarWriteState::Written)).await;
        let there = dav.events("bookings").await.unwrap();
        assert!(there.contains("SUMMARY:Cut: Ana"), "{there}");
        assert!(there.contains(&utc(booked.starts_at)), "{there}");

        // Half an hour later is within what it takes itself.
        let to = now_free
            .iter()
            .find(|it| it.starts_at >= booked.ends_at)
            .unwrap();
        let moved = change(&crm, &booked, "move", &json!({"starts_at": to.starts_at})).await;
        stands(&dav, |there| {
            let begins = |ms| there.contains(&format!("DTSTART:{}", utc(ms)));
            begins(moved.starts_at) && !begins(booked.starts_at)
        })
        .await;
        written(&crm, &booked, is(CalendarWriteState::Written)).await;
        let back = slots(&crm, &cut).await.items;
        assert!(
            back.contains(&now_free[0]),
            "its old time is free: {back:?}"
        );

        change(&crm, &booked, "cancel", &json!({})).await;
        stands(&dav, |there| {
            !there.contains("Ana") && there.contains("Dentist")
        })
        .await;
        written(&crm, &booked, is(CalendarWriteState::Removed)).await;
        change(&crm, &booked, "restore", &json!({})).await;
        stands(&dav, |there| there.contains("Ana")).await;

        let shown = crm
            .get("/api/v1/calendar/links")
            .await
            .text()
            .await
            .unwrap();
        assert!(!shown.contains(PASSWORD), "{shown}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_held_time_is_looked_at_once_more_before_it_is_booked() {
    let Some(dav) = dav().await else {
        return;
    };
    let server = server_on(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    let cut = add(&crm, "services", &json!({"name": "Cut", "minutes": 30})).await;
    link(&crm, &dav, None).await;
    let free = slots(&crm, &cut).await.items;
    let held = json!({"service_id": cut, "starts_at": free[0].starts_at, "name": "Ana"});
    let held = crm.send("POST", "/api/v1/calendar/holds", &held).await;
    let held: Booking = held.json().await.unwrap();
    occupy(&dav, "meanwhile", &free[0]).await;
    let path = format!("/api/v1/calendar/holds/{}/confirm", held.id);
    let refused = crm.send("POST", &path, &json!({})).await;
    problem(refused, 409, slug::SLOT_TAKEN).await;
    dav.delete("bookings/meanwhile.ics").await.unwrap();
    let confirmed = crm.send("POST", &path, &json!({})).await;
    assert_eq!(confirmed.status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn the_business_s_calendar_keeps_everybody() {
    let Some(dav) = dav().await else {
        return;
    };
    let server = server_on(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    for name in ["Ada", "Ben"] {
        add(&crm, "staff", &json!({"name": name})).await;
    }
    let cut = add(&crm, "services", &json!({"name": "Cut", "minutes": 30})).await;
    let free = slots(&crm, &cut).await.items;
    // What was booked before is written once it is linked.
    let booked: Booking = book(&crm, &cut, &free[1]).await.json().await.unwrap();
    link(&crm, &dav, None).await;
    written(&crm, &booked, is(CalendarWriteState::Written)).await;
    occupy(&dav, "closed", &free[0]).await;
    problem(book(&crm, &cut, &free[0]).await, 409, slug::SLOT_TAKEN).await;
    // One of two is booked, and the event of that keeps nobody else.
    assert_eq!(book(&crm, &cut, &free[2]).await.status(), 201);
    server.stop().await;
}

#[tokio::test]
async fn one_that_is_away_is_taken_at_its_last_word() {
    let Some(mut dav) = dav().await else {
        return;
    };
    let server = server_on(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    let cut = add(&crm, "services", &json!({"name": "Cut", "minutes": 30})).await;
    let linked = link(&crm, &dav, None).await;
    let free = slots(&crm, &cut).await.items;
    occupy(&dav, "theirs", &free[0]).await;
    assert_eq!(tried(&crm, &linked.id).await.outcome, LinkOutcome::Works);
    dav.stop();
    let tested = tried(&crm, &linked.id).await;
    assert_eq!(tested.outcome, LinkOutcome::Silent, "{tested:?}");
    let booked = book(&crm, &cut, free.last().unwrap()).await;
    assert_eq!(booked.status(), 201);
    let booked: Booking = booked.json().await.unwrap();
    let now_free = slots(&crm, &cut).await;
    assert!(now_free.as_of.is_some(), "nobody says that it is away");
    assert!(
        !now_free.items.contains(&free[0]),
        "what it said last is forgotten"
    );
    written(&crm, &booked, |it| it.attempts > 0 && it.reason.is_some()).await;
    dav.start_again().await.unwrap();
    written(&crm, &booked, is(CalendarWriteState::Written)).await;
    stands(&dav, |there| there.contains("Ana")).await;
    assert_eq!(slots(&crm, &cut).await.as_of, None);
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_written_waits_for_a_person() {
    let Some(dav) = dav().await else {
        return;
    };
    let server = server_on(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    let cut = add(&crm, "services", &json!({"name": "Cut", "minutes": 30})).await;
    let linked = link(&crm, &dav, None).await;
    dav.delete("bookings/").await.unwrap();
    let tested = tried(&crm, &linked.id).await;
    assert_eq!(tested.outcome, LinkOutcome::Calendar, "{tested:?}");
    let free = slots(&crm, &cut).await;
    let booked: Booking = book(&crm, &cut, &free.items[0]).await.json().await.unwrap();
    written(&crm, &booked, is(CalendarWriteState::Parked)).await;
    dav.make_calendar("bookings", "Bookings", "VEVENT")
        .await
        .unwrap();
    let path = format!("/api/v1/calendar/writes/{}/replay", booked.id);
    let all = "/api/v1/calendar/writes/replay";
    assert_eq!(crm.send("POST", all, &json!({})).await.status(), 202);
    written(&crm, &booked, is(CalendarWriteState::Written)).await;
    assert_eq!(crm.send("POST", &path, &json!({})).await.status(), 404);
    server.stop().await;
}

/// A booking as it is now.
async fn now_is(to: &Program<'_>, booking: &Booking) -> Booking {
    let path = format!("/api/v1/calendar/bookings/{}", booking.id);
    to.get(&path).await.json().await.unwrap()
}

/// Somebody drags the event of a booking to another time.
async fn drag(dav: &Calendars, booking: &Booking, to: &Slot) {
    let id = &booking.id;
    let (from, until) = (utc(to.starts_at), utc(to.ends_at));
    let lines =
        format!("UID:{id}.0@tenant_1.switchboard\nSUMMARY:Cut: Ana\nDTSTART:{from}\nDTEND:{until}");
    let path = format!("bookings/switchboard-{id}-0.ics");
    dav.put(&path, &lines).await.unwrap();
}

#[tokio::test]
async fn a_booking_follows_what_somebody_does_with_its_event() {
    for scratch in Scratch::each().await {
        let Some(dav) = dav().await else {
            return;
        };
        let server = server_on(scratch).await;
        let crm = program(&server, &SCOPES).await;
        let cut = add(&crm, "services", &json!({"name": "Cut", "minutes": 30})).await;
        let linked = link(&crm, &dav, None).await;
        let free = slots(&crm, &cut).await.items;
        let mut booked = Vec::new();
        for slot in [&free[0], &free[2], &free[4]] {
            let one: Booking = book(&crm, &cut, slot).await.json().await.unwrap();
            written(&crm, &one, is(CalendarWriteState::Written)).await;
            booked.push(one);
        }
        let [first, second, third] = &booked[..] else {
            panic!("{booked:?}")
        };

        // One is dragged to a free time, and one is taken away.
        drag(&dav, first, &free[6]).await;
        let path = format!("bookings/switchboard-{}-0.ics", second.id);
        dav.delete(&path).await.unwrap();
        assert_eq!(tried(&crm, &linked.id).await.outcome, LinkOutcome::Works);
        let moved = now_is(&crm, first).await;
        assert_eq!(
            (moved.starts_at, moved.ends_at),
            (free[6].starts_at, free[6].ends_at)
        );
        assert_eq!(now_is(&crm, second).await.state, BookingState::Cancelled);
        let now_free = slots(&crm, &cut).await.items;
        assert!(now_free.contains(&free[0]) && now_free.contains(&free[2]));
        assert!(!now_free.contains(&free[6]), "{now_free:?}");
        let store = &server.app().store;
        let trail = store.audit_events().page(&server.tenant, None, 50).await;
        let trail = trail.unwrap();
        for (action, of) in [("booking.moved", first), ("booking.cancelled", second)] {
            let noted = trail.iter().filter(|it| it.action == action);
            let noted: Vec<_> = noted.map(|it| it.subject_id.as_deref()).collect();
            assert_eq!(noted, [Some(of.id.as_str())], "{action}");
        }

        // Another booking has that time: it stays, and its event goes back.
        drag(&dav, first, &free[4]).await;
        tried(&crm, &linked.id).await;
        assert_eq!(now_is(&crm, first).await.starts_at, free[6].starts_at);
        let back = format!("DTSTART:{}", utc(free[6].starts_at));
        stands(&dav, |there| there.contains(&back)).await;
        written(&crm, first, is(CalendarWriteState::Written)).await;

        // What is changed here afterwards is newer.
        drag(&dav, first, &free[2]).await;
        change(
            &crm,
            first,
            "move",
            &json!({"starts_at": free[0].starts_at}),
        )
        .await;
        written(&crm, first, is(CalendarWriteState::Written)).await;
        tried(&crm, &linked.id).await;
        assert_eq!(now_is(&crm, first).await.starts_at, free[0].starts_at);

        // Who makes the calendar anew cancels nothing.
        dav.delete("bookings/").await.unwrap();
        dav.make_calendar("bookings", "Bookings", "VEVENT")
            .await
            .unwrap();
        tried(&crm, &linked.id).await;
        for (one, slot) in [(first, &free[0]), (third, &free[4])] {
            assert_eq!(now_is(&crm, one).await.state, BookingState::Confirmed);
            let begins = format!("DTSTART:{}", utc(slot.starts_at));
            stands(&dav, |there| there.contains(&begins)).await;
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn a_link_is_checked_tried_out_and_taken_away() {
    let Some(dav) = dav().await else {
        return;
    };
    let server = server_on(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    let url = dav.url();
    for wrong in [
        json!({"address": url, "user": USER}),
        json!({"address": "", "user": USER, "password": "p"}),
        json!({"address": "ftp://example.com", "user": USER, "password": "p"}),
        json!({"address": "http://10.0.0.1", "user": USER, "password": "p"}),
        json!({"address": url, "user": USER, "password": "p", "staff_id": "nobody"}),
    ] {
        let refused = crm.send("POST", "/api/v1/calendar/links", &wrong).await;
        assert_eq!(refused.status(), 422, "{wrong}");
    }
    let save = json!({"address": url, "user": USER, "password": "wrong"});
    let id = add(&crm, "links", &save).await;
    let again = crm.send("POST", "/api/v1/calendar/links", &save).await;
    problem(again, 409, slug::CALENDAR_LINKED).await;
    assert_eq!(tried(&crm, &id).await.outcome, LinkOutcome::Credentials);
    let app = server.app();
    let found = async || {
        let findings = check::run(&app.config, &app.vault, app.clock.now_ms()).await;
        let mut findings = findings.into_iter();
        let what = "linked calendar (tenant_1, the business)";
        findings.find(|it| it.what == what).unwrap().state
    };
    assert_eq!(found().await, State::Failed);
    let path = format!("/api/v1/calendar/links/{id}");
    let right = json!({"address": url, "user": USER, "password": PASSWORD});
    assert_eq!(crm.send("PUT", &path, &right).await.status(), 200);
    // The user has none there yet.
    assert_eq!(tried(&crm, &id).await.outcome, LinkOutcome::Calendar);
    dav.make_calendar("bookings", "Bookings", "VEVENT")
        .await
        .unwrap();
    assert_eq!(tried(&crm, &id).await.outcome, LinkOutcome::Works);
    assert_eq!(found().await, State::Warning);
    let others = json!({"address": url, "user": USER, "calendar": dav.others()});
    assert_eq!(crm.send("PUT", &path, &others).await.status(), 422);
    let gone = crm.send("DELETE", &path, &Value::Null).await;
    assert_eq!(gone.status(), 204);
    assert_eq!(crm.send("DELETE", &path, &Value::Null).await.status(), 404);
    server.stop().await;
}
