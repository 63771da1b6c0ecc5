//! Who of the staff takes calls, as colleagues see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::availability::{Availability, Colleague, Colleagues};
use api::problem::slug;
use serde_json::{Value, json};
use server::clock::Clock;
use server::live::availability::AWAY_AFTER_MS;
use server::people::Role;

use crate::sse::Events;
use crate::support::{Desk, Scratch, TestServer, in_time, problem};

const PATH: &str = "/api/desk/availability";

async fn say(desk: &Desk<'_>, said: &str) {
    let body = json!({"availability": said});
    let done = desk.send("PUT", "/api/desk/me/availability", Some(&body));
    assert_eq!(done.await.status(), 204);
}

fn agent(all: Colleagues) -> Colleague {
    let mut all = all.items.into_iter();
    all.find(|it| it.user_id == "user_agent_1").unwrap()
}

async fn told(events: &mut Events) {
    in_time(async { while events.next().await.expect("the stream goes on").name != "staff" {} })
        .await;
}

#[tokio::test]
async fn colleagues_see_who_takes_calls_at_once() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let ana = Desk::sign_in(&server, Role::Agent).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let invited = json!({"email": "eve@example.com", "name": "Eve", "role": "agent"});
        let _: Value = admin.post("/api/desk/people", &invited).await;
        let all: Colleagues = admin.get(PATH).await;
        assert_eq!(all.items.len(), 2, "who was invited only is nobody yet");
        let before = agent(all);
        assert_eq!(
            (before.availability, before.said, before.since),
            (Availability::Away, None, None)
        );

        let stream = admin.send("GET", "/api/desk/events", None).await;
        let mut events = Events::of(stream);
        for (said, is) in [
            ("ready", Availability::Ready),
            ("busy", Availability::Busy),
            ("away", Availability::Away),
        ] {
            say(&ana, said).await;
            told(&mut events).await;
            let now = agent(ana.get(PATH).await);
            assert_eq!((now.availability, now.said), (is, Some(is)));
            assert!(now.since.is_some());
        }
        let odd = json!({"availability": "asleep"});
        let odd = ana.send("PUT", "/api/desk/me/availability", Some(&odd));
        assert_eq!(odd.await.status(), 422);
        drop(events);
        server.stop().await;
    }
}

#[tokio::test]
async fn who_closes_their_desk_is_away_by_themselves_and_comes_back_as_they_were() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let ana = Desk::sign_in(&server, Role::Agent).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        let staff = store.availability_of_staff();
        say(&ana, "ready").await;
        let begun = server.app().clock.now_ms();
        let at = async |after: i64| {
            let items = staff.colleagues(tenant, begun + after).await.unwrap();
            agent(Colleagues { items }).availability
        };
        assert_eq!(at(AWAY_AFTER_MS - 10_000).await, Availability::Ready);
        assert_eq!(at(AWAY_AFTER_MS).await, Availability::Away);

        let stream = admin.send("GET", "/api/desk/events", None).await;
        let mut events = Events::of(stream);
        let closed = begun + AWAY_AFTER_MS + 1;
        staff.tell_who_left(closed).await.unwrap();
        told(&mut events).await;
        // A desk that nobody looks at is enough.
        let here = ana.send("POST", "/api/desk/me/here", None).await;
        assert_eq!(here.status(), 204);
        told(&mut events).await;
        assert_eq!(at(0).await, Availability::Ready);
        staff.tell_who_left(closed + AWAY_AFTER_MS).await.unwrap();
        told(&mut events).await;
        // And so is one that is opened.
        let back = ana.send("GET", "/api/desk/events", None).await;
        told(&mut events).await;
        drop((back, events));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_session_lives_on_while_somebody_uses_it_and_not_while_a_desk_stands_open() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    for scratch in Scratch::each().await {
        let ahead = Arc::new(AtomicI64::new(0));
        let (hand, system) = (Arc::clone(&ahead), Clock::system());
        let clock = Clock::from_fn(move || system.now_ms() + hand.load(Ordering::SeqCst));
        let server = TestServer::start_by(clock, scratch, "http://127.0.0.1:9", |_| {}).await;
        let used = Desk::sign_in(&server, Role::Agent).await;
        let open = Desk::sign_in(&server, Role::Agent).await;
        for _ in 0..3 {
            ahead.fetch_add(6 * DAY_MS, Ordering::SeqCst);
            assert_eq!(
                used.send("GET", "/api/desk/session", None).await.status(),
                200
            );
            open.send("POST", "/api/desk/me/here", None).await;
        }
        let gone = open.send("POST", "/api/desk/me/here", None).await;
        problem(gone, 401, slug::SIGN_IN_REQUIRED).await;
        assert_eq!(
            used.send("GET", "/api/desk/session", None).await.status(),
            200
        );
        server.stop().await;
    }
}
