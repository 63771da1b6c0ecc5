//! Services that are kept at Cal.com, by a double as strict as its documentation: a caller books,
//! moves and cancels there; what goes wrong on the way; and what others do there meanwhile.

mod double;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use api::Page;
use api::calcom::{CalcomConnection, CalcomEventTypeList, CalcomHealth, CalcomTest};
use api::calendar::{Booking, BookingState, SlotList};
use api::callbacks::Callback;
use api::keys::ApiScope;
use api::linked_calendars::LinkOutcome;
use api::problem::slug;
use calcom::hook;
use serde_json::{Value, json};
use server::check::{self, State};
use server::clock::Clock;
use server::people::Role;

use crate::functions::ask;
use crate::functions::languages::is_spoken;
use crate::support::{Desk, PATIENCE, Scratch, TestServer, a_moment, in_time, problem};
use crate::v1::{Program, program};
use double::{Double, EVENT_TYPE, Fault, KEY};

const CALLER: &str = "+4915123456789";
const HOOK_SECRET: &str = "hook_secret_of_the_tests";
const SCOPES: [ApiScope; 2] = [ApiScope::CalendarRead, ApiScope::CalendarWrite];

/// A business with one service, which is kept at Cal.com; its clock is set forward.
struct World {
    server: TestServer,
    double: Double,
    ahead: Arc<AtomicI64>,
    service: String,
}

impl World {
    async fn on(scratch: Scratch) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let hand = Arc::clone(&ahead);
        let system = Clock::system();
        let clock = Clock::from_fn(move || system.now_ms() + hand.load(Ordering::SeqCst));
        let server = TestServer::start_by(clock, scratch, "http://127.0.0.1:9", |config| {
            config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let double = Double::start().await;
        let mut world = Self {
            server,
            double,
            ahead,
            service: String::new(),
        };
        let crm = world.program().await;
        let save = json!({
            "base_url": world.double.url(), "api_key": KEY, "webhook_secret": HOOK_SECRET,
        });
        let set = crm.send("PUT", "/api/v1/calendar/calcom", &save).await;
        assert_eq!(set.status(), 200, "{}", set.text().await.unwrap());
        let cut = json!({"name": "Cut", "minutes": 30, "event_type": EVENT_TYPE});
        let added = crm.send("POST", "/api/v1/calendar/services", &cut).await;
        let added: Value = added.json().await.unwrap();
        drop(crm);
        world.service = added["id"].as_str().unwrap().to_owned();
        world
    }

    async fn program(&self) -> Program<'_> {
        program(&self.server, &SCOPES).await
    }

    fn pass(&self, seconds: i64) {
        self.ahead.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// What a function answers in a call of `CALLER`.
    async fn ask(&self, name: &str, args: Value) -> Value {
        self.ask_in("en", name, args).await
    }

    /// The same in a call of this language.
    async fn ask_in(&self, language: &str, name: &str, args: Value) -> Value {
        let call = json!({
            "call_id": if language == "en" { "call_1" } else { language }, "call_type": "phone_call", "agent_id": "agent_1",
            "direction": "inbound", "call_status": "ongoing", "from_number": CALLER,
            "to_number": "+4930901820", "retell_llm_dynamic_variables": {"language": language},
        });
        ask(&self.server, name, &args, &call).await
    }

    /// The times an agent is told of tomorrow.
    async fn offered(&self) -> Vec<Value> {
        let found = self
            .ask("check_availability", json!({"relative_day": "tomorrow"}))
            .await;
        assert_eq!(found["ok"], true, "{found}");
        let slots = found["slots"].as_array().unwrap();
        slots.iter().map(|it| it["slot"].clone()).collect()
    }

    async fn bookings(&self) -> Vec<Booking> {
        let path = "/api/v1/calendar/bookings?cancelled=true";
        let page = self.program().await.get(path).await;
        page.json::<Page<Booking>>().await.unwrap().items
    }

    /// Waits until a booking of ours is as it should be.
    async fn becomes(&self, fits: impl Fn(&Booking) -> bool) -> Booking {
        let mut last = Vec::new();
        let looking = async {
            loop {
                last = self.bookings().await;
                if let Some(found) = last.iter().find(|it| fits(it)) {
                    return found.clone();
                }
                a_moment().await;
            }
        };
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(found) => found,
            Err(_) => panic!("there is {last:?}"),
        }
    }

    async fn callbacks(&self) -> Vec<Callback> {
        let desk = Desk::sign_in(&self.server, Role::Admin).await;
        desk.get::<Page<Callback>>("/api/desk/callbacks")
            .await
            .items
    }

    async fn health(&self) -> CalcomHealth {
        let health = self.program().await.get("/api/health/calcom").await;
        assert_eq!(health.status(), 200);
        health.json().await.unwrap()
    }

    /// What Cal.com tells; the status.
    async fn told(&self, path: &str, secret: &str, body: &Value) -> u16 {
        let body = body.to_string();
        let request = self.server.http.post(self.server.url(path));
        let request = request.header(hook::SIGNATURE, hook::sign(secret, body.as_bytes()));
        request.body(body).send().await.unwrap().status().as_u16()
    }

    async fn stop(self) {
        assert_eq!(self.double.refused(), Vec::<String>::new());
        self.server.stop().await;
    }
}

fn event(kind: &str, uid: &str) -> Value {
    json!({
        "triggerEvent": kind, "createdAt": "2026-01-01T00:00:00.000Z",
        "payload": {"uid": uid, "type": "cut", "status": "ACCEPTED"},
    })
}

fn ms(slot: &Value) -> i64 {
    let at: jiff::Timestamp = slot.as_str().unwrap().parse().unwrap();
    at.as_millisecond()
}

#[tokio::test]
async fn what_is_kept_there_is_spoken_of_in_the_language_of_the_call() {
    for language in ["en", "es", "de"] {
        let world = World::on(Scratch::sqlite()).await;
        let ask = async |name: &str, args: Value, ok: bool| {
            let answer = world.ask_in(language, name, args).await;
            assert!(is_spoken(language, &answer), "{language}: {answer}");
            assert_eq!(answer["ok"], ok, "{name}: {answer}");
            answer
        };
        let tomorrow = json!({"relative_day": "tomorrow"});
        let found = ask("check_availability", tomorrow.clone(), true).await;
        let slot = |at: usize| found["slots"][at]["slot"].clone();
        ask(
            "start_booking",
            json!({"slot": slot(0), "name": "Ana"}),
            true,
        )
        .await;
        ask("confirm_booking", json!({}), true).await;
        ask("check_availability", json!({"slot": slot(0)}), false).await;
        ask("reschedule_appointment", json!({"slot": slot(1)}), true).await;
        ask("cancel_appointment", json!({}), true).await;
        ask("check_availability", json!({"staff": "Zoe"}), false).await;
        // What was read last is told with its age, and nothing is booked.
        world.double.answers(Some(503));
        world.pass(6 * 60);
        ask("check_availability", tomorrow, true).await;
        ask(
            "book_appointment",
            json!({"slot": slot(2), "name": "Ana"}),
            false,
        )
        .await;
        world.stop().await;
    }
}

#[tokio::test]
async fn services_there_and_here_are_asked_at_once() {
    let world = World::on(Scratch::sqlite()).await;
    let crm = world.program().await;
    let here = json!({"name": "Wash", "minutes": 30});
    let added = crm.send("POST", "/api/v1/calendar/services", &here).await;
    assert_eq!(added.status(), 201);
    let asked = json!({"relative_day": "tomorrow"});
    let found = world.ask("check_availability", asked).await;
    let told = found["services"].as_array().unwrap();
    let told: Vec<_> = told.iter().map(|it| &it["service"]).collect();
    assert_eq!(told, ["Cut", "Wash"], "{found}");
    let message = found["message"].as_str().unwrap();
    assert!(message.contains("For Cut there is: ") && message.contains("For Wash there is: "));
    world.stop().await;
}

#[tokio::test]
async fn a_caller_books_moves_and_cancels_there() {
    for scratch in Scratch::each().await {
        let world = World::on(scratch).await;
        let slots = world.offered().await;
        let [first, second] = [slots[0].clone(), slots[1].clone()];

        // Held: nobody else gets it, and it is no booking there yet.
        let held = world
            .ask("start_booking", json!({"slot": first, "name": "Ana"}))
            .await;
        assert_eq!(held["ok"], true, "{held}");
        assert_eq!(
            (world.double.reserved(), world.double.booked().len()),
            (1, 0)
        );
        assert!(!world.offered().await.contains(&first));
        let confirmed = world
            .ask("confirm_booking", json!({"notes": "Short"}))
            .await;
        assert_eq!(confirmed["ok"], true, "{confirmed}");
        assert_eq!(confirmed["booking"]["staff"], "Ada");
        let [there] = &world.double.booked()[..] else {
            panic!("it is booked once")
        };
        let ours = world.bookings().await;
        assert_eq!((ours.len(), ours[0].state), (1, BookingState::Confirmed));
        assert_eq!(
            (there.starts_at, ours[0].starts_at),
            (ms(&first), ms(&first))
        );
        assert_eq!(there.metadata["switchboard_booking"], ours[0].id);
        assert_eq!(there.metadata["call_id"], "call_1");
        assert_eq!(there.attendee["phoneNumber"], CALLER);
        assert_eq!(
            (&there.attendee["name"], &there.notes),
            (&json!("Ana"), &json!("Short"))
        );
        assert_eq!(world.double.reserved(), 0, "nothing is kept besides");
        let again = world.ask("confirm_booking", json!({})).await;
        assert_eq!(
            again["booking"]["reference"],
            confirmed["booking"]["reference"]
        );

        let moved = world
            .ask("reschedule_appointment", json!({"slot": second}))
            .await;
        assert_eq!(moved["ok"], true, "{moved}");
        assert_eq!(world.double.standing()[0].starts_at, ms(&second));
        assert!(
            world.offered().await.contains(&first),
            "its old time is free"
        );
        let listed = world.ask("list_appointments", json!({})).await;
        assert_eq!(listed["appointments"][0]["slot"], second);

        let cancelled = world.ask("cancel_appointment", json!({})).await;
        assert_eq!(cancelled["ok"], true, "{cancelled}");
        assert_eq!(world.double.standing().len(), 0);
        let ours = world.bookings().await;
        assert_eq!((ours.len(), ours[0].state), (1, BookingState::Cancelled));

        // At the desk it is taken back: it stands anew there, and is the same here.
        let path = format!("/api/v1/calendar/bookings/{}/restore", ours[0].id);
        let restored = world.program().await.send("POST", &path, &json!({})).await;
        let restored: Booking = restored.json().await.unwrap();
        assert_eq!(restored.reference, ours[0].reference);
        assert_eq!(world.double.standing().len(), 1);
        world.stop().await;
    }
}

#[tokio::test]
async fn a_time_that_is_gone_is_not_promised_and_others_are_offered() {
    let world = World::on(Scratch::sqlite()).await;
    let slots = world.offered().await;
    let held = world
        .ask("start_booking", json!({"slot": slots[0], "name": "Ana"}))
        .await;
    assert_eq!(held["ok"], true, "{held}");
    // A reservation keeps nobody from booking on the business's page.
    world.double.book_elsewhere(ms(&slots[0]));
    let gone = world.ask("confirm_booking", json!({})).await;
    assert_eq!(
        (&gone["ok"], &gone["reason"]),
        (&json!(false), &json!("taken")),
        "{gone}"
    );
    let others = gone["slots"].as_array().unwrap();
    assert!(
        others.iter().all(|it| it["slot"] != slots[0]) && !others.is_empty(),
        "{gone}"
    );
    assert_eq!(
        world.bookings().await,
        [],
        "what was only held was no appointment"
    );
    let booked = world
        .ask("book_appointment", json!({"slot": slots[1], "name": "Ana"}))
        .await;
    assert_eq!(booked["ok"], true, "{booked}");

    // At the desk: who is wanted is not to be had, and a number is needed.
    let crm = world.program().await;
    let mut new = json!({"service_id": world.service, "starts_at": ms(&slots[2]), "name": "Ben"});
    let refused = crm.send("POST", "/api/v1/calendar/bookings", &new).await;
    problem(refused, 422, slug::VALUE_INVALID).await;
    new["phone"] = CALLER.into();
    let booked = crm.send("POST", "/api/v1/calendar/bookings", &new).await;
    assert_eq!(booked.status(), 201, "{}", booked.text().await.unwrap());
    let taken = crm.send("POST", "/api/v1/calendar/bookings", &new).await;
    problem(taken, 409, slug::SLOT_TAKEN).await;
    let (ours, there) = (world.bookings().await.len(), world.double.standing().len());
    assert_eq!((ours, there), (2, 3), "what was refused left nothing");
    drop(crm);
    world.stop().await;
}

#[tokio::test]
async fn what_got_no_answer_is_looked_up_and_never_booked_twice() {
    for scratch in Scratch::each().await {
        let world = World::on(scratch).await;
        let slots = world.offered().await;
        let book = async |slot: &Value| {
            world
                .ask("book_appointment", json!({"slot": slot, "name": "Ana"}))
                .await
        };
        for (nth, fault) in [Fault::After(504), Fault::Late(Duration::from_secs(6))]
            .into_iter()
            .enumerate()
        {
            world.double.fails(fault);
            let booked = book(&slots[nth]).await;
            assert_eq!(booked["ok"], true, "{booked}");
            assert_eq!(world.double.booked().len(), nth + 1);
        }

        // It is not there: somebody calls back, and it is let go.
        world.double.fails(Fault::Instead(500));
        let away = book(&slots[2]).await;
        assert_eq!(
            (&away["reason"], &away["callback"]),
            (&json!("calendar_away"), &json!(true))
        );
        assert_eq!(world.callbacks().await.len(), 1);
        // The caller insists: it is looked for, and only then sent again.
        let insists = world.ask("confirm_booking", json!({})).await;
        assert_eq!(insists["ok"], true, "{insists}");
        assert_eq!(world.double.booked().len(), 3);

        world.double.fails(Fault::Instead(500));
        assert_eq!(book(&slots[3]).await["reason"], "calendar_away");
        world.pass(61);
        // It is let go: held no more, and no appointment that was cancelled.
        let at = ms(&slots[3]);
        in_time(async {
            while world.bookings().await.iter().any(|it| it.starts_at == at) {
                a_moment().await;
            }
        })
        .await;

        // Moves and cancellations as well.
        let ours = world.becomes(|it| it.starts_at == ms(&slots[0])).await;
        world.double.fails(Fault::After(502));
        let to = json!({"reference": ours.reference, "slot": slots[4]});
        let moved = world.ask("reschedule_appointment", to).await;
        assert_eq!(moved["ok"], true, "{moved}");
        world.double.fails(Fault::After(502));
        let which = json!({"reference": ours.reference});
        let cancelled = world.ask("cancel_appointment", which).await;
        assert_eq!(cancelled["ok"], true, "{cancelled}");
        assert_eq!(world.double.standing().len(), 2);
        world.stop().await;
    }
}

#[tokio::test]
async fn who_fails_again_and_again_is_left_alone_and_what_was_seen_is_told_with_its_age() {
    let world = World::on(Scratch::sqlite()).await;
    let slots = world.offered().await;
    let read = world.double.asked_for_slots();
    world.offered().await;
    assert_eq!(world.double.asked_for_slots(), read, "it is remembered");
    let health = world.health().await;
    assert_eq!(
        (health.breaker.as_str(), health.connected),
        ("closed", true)
    );
    assert!(
        health.last_success_at.is_some() && health.cache_hit_rate > Some(0.0),
        "{health:?}"
    );

    world.pass(301);
    world.double.answers(Some(503));
    let tomorrow = json!({"relative_day": "tomorrow"});
    for _ in 0..5 {
        let told = world.ask("check_availability", tomorrow.clone()).await;
        assert_eq!(told["ok"], true, "{told}");
        assert!(told["as_of"].is_string(), "{told}");
    }
    let health = world.health().await;
    assert_eq!(health.breaker, "open", "{health:?}");
    let asked = world.double.asked_for_slots();
    let at = world
        .ask("check_availability", json!({"slot": slots[0]}))
        .await;
    assert!(at["as_of"].is_string(), "{at}");
    assert!(
        at["message"].as_str().unwrap().contains("cannot check it"),
        "{at}"
    );
    let crm = world.program().await;
    let (from, to) = (ms(&slots[0]), ms(&slots[0]) + 3_600_000);
    let path = format!(
        "/api/v1/calendar/slots?service_id={}&from={from}&to={to}",
        world.service
    );
    let told: SlotList = crm.get(&path).await.json().await.unwrap();
    assert!(told.as_of.is_some() && !told.items.is_empty(), "{told:?}");
    assert_eq!(world.double.asked_for_slots(), asked, "it is left alone");
    let away = world
        .ask("book_appointment", json!({"slot": slots[0], "name": "Ana"}))
        .await;
    assert_eq!(away["reason"], "calendar_away", "{away}");
    assert_eq!(world.callbacks().await.len(), 1);
    let new = json!({"service_id": world.service, "starts_at": from, "phone": CALLER});
    let refused = crm.send("POST", "/api/v1/calendar/bookings", &new).await;
    problem(refused, 503, slug::CALENDAR_AWAY).await;
    assert_eq!(world.bookings().await.len(), 0);

    world.pass(61);
    world.double.answers(None);
    let told = world.ask("check_availability", tomorrow).await;
    assert_eq!((&told["ok"], &told["as_of"]), (&json!(true), &Value::Null));
    assert_eq!(world.health().await.breaker, "closed");

    // Whoever says how long is not asked before.
    world.pass(301);
    world.double.answers(Some(429));
    world.offered().await;
    assert_eq!(world.health().await.breaker, "open");
    drop(crm);
    world.stop().await;
}

#[tokio::test]
async fn what_others_do_there_is_followed() {
    for scratch in Scratch::each().await {
        let world = World::on(scratch).await;
        let slots = world.offered().await;
        let booked = world
            .ask("book_appointment", json!({"slot": slots[0], "name": "Ana"}))
            .await;
        assert_eq!(booked["ok"], true, "{booked}");
        let uid = world.double.booked()[0].uid.clone();
        let path = format!("/api/calcom/webhook/{}", world.server.tenant.id());

        // Moved, told twice; the first news is older than what is there.
        let moved = world.double.move_elsewhere(&uid, ms(&slots[3]));
        for _ in 0..2 {
            let told = event("BOOKING_RESCHEDULED", &moved);
            assert_eq!(world.told(&path, HOOK_SECRET, &told).await, 204);
        }
        let created = event("BOOKING_CREATED", &uid);
        assert_eq!(
            world
                .told("/api/calcom/webhook", HOOK_SECRET, &created)
                .await,
            204
        );
        world.becomes(|it| it.starts_at == ms(&slots[3])).await;
        assert!(
            world.offered().await.contains(&slots[0]),
            "what was seen is read anew"
        );

        world.double.cancel_elsewhere(&moved);
        let told = event("BOOKING_CANCELLED", &moved);
        assert_eq!(world.told(&path, HOOK_SECRET, &told).await, 204);
        world
            .becomes(|it| it.state == BookingState::Cancelled)
            .await;

        // Booked on the business's page.
        let theirs = world.double.book_elsewhere(ms(&slots[1]));
        let told = event("BOOKING_CREATED", &theirs);
        assert_eq!(world.told(&path, HOOK_SECRET, &told).await, 204);
        let eve = world.becomes(|it| it.name == "Eve").await;
        assert_eq!(
            (eve.service.as_str(), eve.phone.as_deref()),
            ("Cut", Some("+4930123456"))
        );
        assert_eq!(world.bookings().await.len(), 2);

        // Only who has the secret is believed.
        world.double.cancel_elsewhere(&theirs);
        let told = event("BOOKING_CANCELLED", &theirs);
        assert_eq!(world.told(&path, "another", &told).await, 401);
        let unsigned = world.server.http.post(world.server.url(&path));
        let unsigned = unsigned.header(hook::SIGNATURE, "no-secret-provided");
        let unsigned = unsigned.body(told.to_string()).send().await.unwrap();
        problem(unsigned, 401, slug::SIGNATURE_INVALID).await;
        let nobody = "/api/calcom/webhook/tenant_of_nobody";
        assert_eq!(world.told(nobody, HOOK_SECRET, &told).await, 401);
        world.stop().await;
    }
}

#[tokio::test]
async fn who_has_to_agree_first_is_told_to_the_caller() {
    let world = World::on(Scratch::sqlite()).await;
    world.double.asks_the_host();
    let slots = world.offered().await;
    let asked = world
        .ask("book_appointment", json!({"slot": slots[0], "name": "Ana"}))
        .await;
    let message = asked["message"].as_str().unwrap();
    assert!(message.starts_with("That is asked for: "), "{message}");
    assert_eq!(asked["booking"]["pending"], true);
    let ours = world.bookings().await;
    assert!(ours[0].pending && ours[0].state == BookingState::Confirmed);
    // Somebody has to tell them, as is said.
    assert!(message.contains("You hear from us"), "{message}");
    let left = world.callbacks().await;
    assert!(left[0].note.contains(&ours[0].reference), "{left:?}");
    world.stop().await;
}

#[tokio::test]
async fn the_account_is_connected_tried_out_and_taken_away() {
    let world = World::on(Scratch::sqlite()).await;
    let crm = world.program().await;
    let path = "/api/v1/calendar/calcom";
    let shown = crm.get(path).await.text().await.unwrap();
    assert!(
        !shown.contains(KEY) && !shown.contains(HOOK_SECRET),
        "{shown}"
    );
    let test = async || -> CalcomTest {
        let tested = crm.send("POST", &format!("{path}/test"), &json!({})).await;
        tested.json().await.unwrap()
    };
    let tested = test().await;
    assert_eq!(
        (tested.outcome, tested.account.as_deref()),
        (LinkOutcome::Works, Some("Ada"))
    );
    let all = crm.get(&format!("{path}/event-types")).await;
    let all: CalcomEventTypeList = all.json().await.unwrap();
    assert_eq!((all.items[0].id, all.items[0].wants.len()), (EVENT_TYPE, 0));
    assert_eq!(
        all.items[1].wants,
        ["plate"],
        "nobody says that on the telephone"
    );
    // Of its team, what can be booked there, and not what others are to copy.
    let of_team = all.items[2..].iter();
    let of_team: Vec<_> = of_team.map(|it| (it.id, it.title.as_str())).collect();
    assert_eq!(of_team, [(9, "Front desk: Anybody")]);

    // Another key, and one that is none.
    let base = world.double.url();
    let save = json!({"base_url": base, "api_key": "cal_live_wrong"});
    let set = crm.send("PUT", path, &save).await;
    let set: CalcomConnection = set.json().await.unwrap();
    assert!(set.has_webhook_secret && set.account.is_none(), "{set:?}");
    assert_eq!(test().await.outcome, LinkOutcome::Credentials);
    let config = &world.server.app().config;
    let finding = async || {
        let found = check::run(config, &world.server.app().vault, 0).await;
        found.into_iter().find(|it| it.what.starts_with("Cal.com"))
    };
    assert_eq!(finding().await.unwrap().state, State::Failed);
    // The key there is goes nowhere else.
    let elsewhere = json!({"base_url": "http://127.0.0.1:9/v2"});
    problem(
        crm.send("PUT", path, &elsewhere).await,
        422,
        slug::VALUE_INVALID,
    )
    .await;
    let good = json!({"base_url": base, "api_key": KEY});
    // Without a secret that is given, it sets its webhook up by itself, and once.
    for _ in 0..2 {
        assert_eq!(crm.send("PUT", path, &good).await.status(), 200);
    }
    let hooks = world.double.hooks();
    let [(address, secret)] = &hooks[..] else {
        panic!("{hooks:?}")
    };
    let shown: CalcomConnection = crm.get(path).await.json().await.unwrap();
    assert_eq!(
        (address, shown.has_webhook_secret),
        (&shown.webhook_url, true)
    );
    let news = json!({"triggerEvent": "BOOKING_CREATED", "payload": {"uid": "booking_0"}});
    let own = "/api/calcom/webhook/tenant_1";
    assert_eq!(world.told(own, secret, &news).await, 204);
    assert_eq!(world.told(own, HOOK_SECRET, &news).await, 401);
    let found = finding().await.unwrap();
    assert_eq!(
        (found.state, found.words.as_str()),
        (State::Ok, "the key is good (Ada)")
    );

    assert_eq!(crm.send("DELETE", path, &Value::Null).await.status(), 204);
    assert_eq!(crm.send("DELETE", path, &Value::Null).await.status(), 404);
    assert_eq!(world.double.hooks(), []);
    assert_eq!(world.double.refused(), [""; 0]);
    let away = world
        .ask("check_availability", json!({"relative_day": "tomorrow"}))
        .await;
    assert_eq!(
        away["reason"], "calendar_away",
        "its service is kept there still"
    );
    assert!(finding().await.is_none());
    drop(crm);
    world.stop().await;
}
