//! What the client does, against a real server: Radicale, or the one that is asked for.

#![expect(clippy::unwrap_used, reason = "a failing test says where")]

use caldav::{Error, Event, Login, Server};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use outbound::Checked;
use scratch_caldav::{Calendars, PASSWORD, USER};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

/// Nothing where there is none: that is told, and the test is over.
async fn dav() -> Option<Calendars> {
    Calendars::start("caldav").await.unwrap()
}

fn http() -> Checked {
    let rules = outbound::Rules {
        allow_private: vec!["127.0.0.1".parse().unwrap()],
        ..outbound::Rules::default()
    };
    Checked::new(rules, caldav::limits(4)).unwrap()
}

fn server(address: &str, password: &str) -> Server {
    let login = Login {
        address: address.to_owned(),
        user: USER.to_owned(),
        password: password.to_owned(),
    };
    Server::new(&http(), &login).unwrap()
}

fn at(moment: &str) -> i64 {
    moment.parse::<Timestamp>().unwrap().as_millisecond()
}

fn event(uid: &str, from: &str, to: &str) -> Event {
    Event {
        uid: uid.to_owned(),
        from: at(from),
        to: at(to),
        changed_at: at("2026-11-29T00:00:00Z"),
        summary: "Haircut: Ana".to_owned(),
        description: String::new(),
    }
}

async fn busy(server: &Server, calendar: &str) -> Vec<(String, i64)> {
    let time = (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let zone = TimeZone::get("Europe/Copenhagen").unwrap();
    let read = server.busy(calendar, time, &zone).await.unwrap();
    read.busy.into_iter().map(|it| (it.uid, it.from)).collect()
}

#[tokio::test]
async fn calendars_are_found_from_whatever_leads_to_them() {
    let Some(dav) = dav().await else {
        return;
    };
    dav.make_calendar("bookings", "Bookings", "VEVENT")
        .await
        .unwrap();
    dav.make_calendar("tasks", "Tasks", "VTODO").await.unwrap();
    let url = dav.url();
    for address in [
        url.clone(),
        format!("{url}/.well-known/caldav"),
        dav.home(),
        dav.home() + "bookings/",
    ] {
        let found = server(&address, PASSWORD).calendars().await.unwrap();
        let [one] = &found[..] else {
            panic!("{address}: {found:?}")
        };
        assert_eq!(
            (one.name.as_str(), one.writable),
            ("Bookings", true),
            "{address}"
        );
        assert_eq!(one.url, dav.home() + "bookings/", "{address}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let Some(dav) = dav().await else {
        return;
    };
    let url = dav.url();
    let wrong = server(&url, "another").calendars().await;
    assert_eq!(wrong, Err(Error::Credentials));
    let right = server(&url, PASSWORD);
    let (gone, time) = (dav.home() + "none/", (0, 1));
    let read = right.busy(&gone, time, &TimeZone::UTC).await;
    assert_eq!(read, Err(Error::NoCalendar));
    let others = right.busy(&dav.others(), time, &TimeZone::UTC).await;
    // Some do not say that there is such a user.
    let kept_out = matches!(others, Err(Error::Forbidden | Error::NoCalendar));
    assert!(kept_out, "{others:?}");
    let elsewhere = right
        .busy("https://127.0.0.2/x/", time, &TimeZone::UTC)
        .await;
    assert!(matches!(elsewhere, Err(Error::Failure(_))), "{elsewhere:?}");
    let place = right.place(&gone, "a").unwrap();
    let one = event("a", "2026-12-07T09:00:00Z", "2026-12-07T09:30:00Z");
    let into = right.write(&place, &one);
    let refused = into.await.unwrap_err();
    assert!(!refused.passes(), "{refused:?}");
    drop(dav);
    let away = right.calendars().await.unwrap_err();
    assert!(away.passes(), "{away:?}");
}

#[tokio::test]
async fn a_server_of_something_else_is_none() {
    let Some(dav) = dav().await else {
        return;
    };
    let url = dav.url() + "/.web/nothing";
    // Whose other addresses all lead to a calendar server: that one is found.
    assert!(server(&url, PASSWORD).calendars().await.is_ok());
    let page = MockServer::start().await;
    let shop = ResponseTemplate::new(200).set_body_string("<html>Shop</html>");
    Mock::given(matchers::any())
        .respond_with(shop)
        .mount(&page)
        .await;
    assert_eq!(
        server(&page.uri(), PASSWORD).calendars().await,
        Err(Error::NotCaldav)
    );
}

#[tokio::test]
async fn busy_times_are_those_of_what_people_put_there() {
    let Some(dav) = dav().await else {
        return;
    };
    let calendar = dav
        .make_calendar("bookings", "Bookings", "VEVENT")
        .await
        .unwrap();
    dav.put(
        "bookings/week.ics",
        "UID:week\nDTSTART;TZID=Europe/Copenhagen:20261005T080000\nDURATION:PT1H\n\
             RRULE:FREQ=WEEKLY;BYDAY=MO\nEXDATE;TZID=Europe/Copenhagen:20261214T080000",
    )
    .await
    .unwrap();
    let day = "UID:day\nDTSTART;VALUE=DATE:20261210";
    dav.put("bookings/day.ics", day).await.unwrap();
    let off = "UID:off\nDTSTART:20261211T100000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT";
    dav.put("bookings/off.ics", off).await.unwrap();
    let server = server(&dav.url(), PASSWORD);
    let expected = [
        ("week", "2026-12-07T07:00:00Z"),
        ("day", "2026-12-09T23:00:00Z"),
        ("week", "2026-12-21T07:00:00Z"),
        ("week", "2026-12-28T07:00:00Z"),
    ];
    let expected = expected.map(|(uid, from)| (uid.to_owned(), at(from)));
    assert_eq!(busy(&server, &calendar).await, expected);
}

#[tokio::test]
async fn an_event_is_written_moved_and_taken_away() {
    let Some(dav) = dav().await else {
        return;
    };
    let calendar = dav
        .make_calendar("bookings", "Bookings", "VEVENT")
        .await
        .unwrap();
    let server = server(&dav.url(), PASSWORD);
    let place = server.place(&calendar, "one").unwrap();
    let first = event("one@x", "2026-12-07T09:00:00Z", "2026-12-07T09:30:00Z");
    // Once more is once.
    for _ in 0..2 {
        server.write(&place, &first).await.unwrap();
    }
    assert_eq!(
        busy(&server, &calendar).await,
        [(first.uid.clone(), first.from)]
    );
    let moved = event("one@x", "2026-12-08T09:00:00Z", "2026-12-08T09:30:00Z");
    server.write(&place, &moved).await.unwrap();
    assert_eq!(
        busy(&server, &calendar).await,
        [(moved.uid.clone(), moved.from)]
    );
    let zone = TimeZone::UTC;
    let by = server.busy_by(&place, &zone).await.unwrap().unwrap();
    assert_eq!((by[0].from, by[0].to), (moved.from, moved.to));
    let other = server.place(&calendar, "two").unwrap();
    assert_eq!(server.busy_by(&other, &zone).await, Ok(None));
    assert_eq!(server.write(&other, &moved).await, Err(Error::NameUsed));
    for _ in 0..2 {
        server.remove(&place).await.unwrap();
    }
    assert_eq!(busy(&server, &calendar).await, []);
}

#[tokio::test]
async fn of_many_who_add_under_one_name_one_does() {
    let Some(dav) = dav().await else {
        return;
    };
    let calendar = dav
        .make_calendar("bookings", "Bookings", "VEVENT")
        .await
        .unwrap();
    let server = server(&dav.url(), PASSWORD);
    let place = server.place(&calendar, "slot").unwrap();
    let one = event("slot@x", "2026-12-07T09:00:00Z", "2026-12-07T09:30:00Z");
    let adding = (0..5).map(|_| {
        let (server, place, one) = (server.clone(), place.clone(), one.clone());
        tokio::spawn(async move { server.add(&place, &one).await })
    });
    let mut done = 0;
    for added in adding.collect::<Vec<_>>() {
        match added.await.unwrap() {
            Ok(()) => done += 1,
            Err(error) => assert_eq!(error, Error::Changed),
        }
    }
    assert_eq!(done, 1);
}
