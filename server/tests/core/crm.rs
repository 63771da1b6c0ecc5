//! The business's CRM: every one there is, by doubles that ask for what the real ones do, in a
//! journey from a call's analysis to its record; what goes wrong on the way; and who calls,
//! while they do.

mod consent;
pub(crate) mod double;
mod generic;
mod hubspot;
mod pipedrive;
mod salesforce;

use std::slice::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use api::Page;
use api::calendar::BookingState;
use api::contacts::{Contact, Moment, MomentPage};
use api::crm::{
    CrmActivities, CrmConnection, CrmOutcome, CrmPeople, CrmProvider, CrmTest, CrmWrite,
    CrmWriteState,
};
use api::keys::ApiScope;
use serde_json::{Value, json};
use server::app::keepers;
use server::check::{self, State};
use server::clock::Clock;
use server::people::Role;
use server::person::Person;
use server::privacy;
use wiremock::ResponseTemplate;

use crate::bench::somebody;
use crate::support::{Desk, Scratch, TestServer, in_time};
use crate::v1::{Program, program};
use double::{Double, Fault, Vendor};

const ANA: &str = "+34612345678";
const BEN: &str = "+4915112345678";
const SCOPES: [ApiScope; 2] = [ApiScope::TenantRead, ApiScope::TenantWrite];

/// A server whose clock the test sets forward.
struct World {
    server: TestServer,
    ahead: Arc<AtomicI64>,
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
        Self { server, ahead }
    }

    fn pass(&self, seconds: i64) {
        self.ahead.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// A call of a number that is over, with its analysis.
    async fn call(&self, id: &str, number: &str) {
        let call = self.over(id, number);
        self.told("call_analyzed", call).await;
    }

    async fn told(&self, event: &str, call: Value) {
        let told = json!({"event": event, "call": call});
        assert_eq!(self.server.webhook(&told).await.status(), 204);
        self.server.settled().await;
    }

    /// What Retell says of it.
    fn over(&self, id: &str, number: &str) -> Value {
        let ended_at = self.server.app().clock.now_ms() - 1000;
        json!({
            "call_id": id, "call_type": "phone_call", "agent_id": "agent_1", "agent_name": "Emma",
            "direction": "inbound", "call_status": "ended", "from_number": number,
            "to_number": "+4930901820", "start_timestamp": ended_at - 61_500,
            "end_timestamp": ended_at, "duration_ms": 61_500,
            "disconnection_reason": "user_hangup", "call_cost": {"combined_cost": 12.5},
            "recording_url": "https://retell.example/expires.wav",
            "call_analysis": {
                "call_summary": "Wants <tea>.", "user_sentiment": "Positive",
                "call_successful": true,
            },
        })
    }

    async fn stop(self) {
        self.server.stop().await;
    }
}

async fn connect(crm: &Program<'_>, vendor: &Vendor, double: &Double) -> CrmConnection {
    let connection = (vendor.connection)(&double.url());
    let set = crm.send("PUT", "/api/v1/crm", &connection).await;
    assert_eq!(set.status(), 200, "{}", set.text().await.unwrap());
    crm.get("/api/v1/crm").await.json().await.unwrap()
}

async fn test(crm: &Program<'_>) -> CrmTest {
    let tested = crm.send("POST", "/api/v1/crm/test", &json!({})).await;
    assert_eq!(tested.status(), 200);
    tested.json().await.unwrap()
}

async fn writes(crm: &Program<'_>) -> Vec<CrmWrite> {
    let page = crm.get("/api/v1/crm/writes").await;
    let page: Page<CrmWrite> = page.json().await.unwrap();
    page.items
}

/// Waits until the newest thing to be written is as it should be.
async fn becomes(crm: &Program<'_>, fits: impl Fn(&CrmWrite) -> bool) -> CrmWrite {
    let newest = async {
        loop {
            let newest = writes(crm).await.into_iter().next();
            if let Some(newest) = newest.filter(&fits) {
                return newest;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(30), newest).await {
        Ok(newest) => newest,
        Err(_) => panic!("it is {:?}", writes(crm).await.first()),
    }
}

async fn until(is_so: impl Fn() -> bool) {
    in_time(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

async fn is_written(crm: &Program<'_>, call_id: &str) -> CrmWrite {
    becomes(crm, |it| {
        it.call_id.as_deref() == Some(call_id) && it.state == CrmWriteState::Written
    })
    .await
}

/// The journey, with one of them: a caller who is there under a number somebody typed, one who
/// is not, and all that goes wrong on the way.
async fn journey(vendor: &Vendor, scratch: Scratch) {
    let world = World::on(scratch).await;
    let crm = program(&world.server, &SCOPES).await;
    let double = Double::start(vendor).await;
    // Somebody else, whose number ends alike.
    double.add("Bea", "bea@example.com", "+44 612345678");
    let ana = double.add("Ana Sol", "ana@example.com", "612 34 56 78");
    let connection = connect(&crm, vendor, &double).await;
    assert_eq!(connection.secret_names, [vendor.secret]);
    assert_eq!(test(&crm).await.outcome, CrmOutcome::Works);

    world.call("call_1", ANA).await;
    let written = is_written(&crm, "call_1").await;
    assert_eq!(written.record_id.as_deref(), Some(ana.as_str()));
    let link = written.record_url.unwrap();
    assert!(link.contains(&ana) && link.starts_with("http"), "{link}");
    let [(of, activity)] = double.activities().try_into().unwrap();
    assert_eq!(of, ana);
    (vendor.check)(&activity);
    let text = activity.to_string();
    assert!(text.contains("/desk/calls/call_1"), "{text}");
    assert!(text.contains("Outcome: answered, aim reached"), "{text}");
    assert!(text.contains("0.12 USD"), "{text}");
    assert!(
        !text.contains("retell.example"),
        "Retell's addresses expire: {text}"
    );
    // The same news once more: it is written once.
    world.call("call_1", ANA).await;
    // Her record is known: nobody searches for it again.
    let searches = double.searches();
    world.call("call_2", ANA).await;
    is_written(&crm, "call_2").await;
    assert_eq!(
        (double.searches(), double.activities().len()),
        (searches, 2)
    );

    // A program asks by the same way who it is: once, for some minutes.
    let reads = program(&world.server, &[ApiScope::ContactsRead]).await;
    let people = async |asked: &str| {
        let answer = reads.get(&format!("/api/v1/crm/people?{asked}")).await;
        let people: CrmPeople = answer.json().await.unwrap();
        people.items
    };
    let of_ana = format!("phone={}", ANA.replace('+', "%2B"));
    for _ in 0..2 {
        let [found] = people(&of_ana).await.try_into().unwrap();
        assert_eq!((&found.id, found.url.as_ref()), (&ana, Some(&link)));
        assert_eq!(found.name.as_deref(), Some("Ana Sol"));
    }
    assert_eq!(double.searches(), searches + 1);
    let by_email = people("email=Ana@Example.com").await;
    let by_email: Vec<_> = by_email.into_iter().map(|it| it.id).collect();
    // The one that is described here cannot be asked by it.
    let is_described = matches!(connection.provider, Some(CrmProvider::Generic(_)));
    let ids: &[String] = if is_described { &[] } else { from_ref(&ana) };
    assert_eq!(by_email, ids);
    assert_eq!(people("phone=%2B34612000000").await, []);
    let path = format!("/api/v1/crm/people/{ana}/activities");
    let listed: CrmActivities = reads.get(&path).await.json().await.unwrap();
    assert_eq!(listed.url, Some(link.clone()));
    let listed: Vec<_> = listed.items.into_iter().map(|it| it.text).collect();
    assert_eq!(listed.len(), 2);
    for call in ["call_1", "call_2"] {
        assert!(listed.iter().any(|it| it.contains(call)), "{listed:?}");
    }
    let both = format!("/api/v1/crm/people?{of_ana}&email=a@b.c");
    assert_eq!(reads.get(&both).await.status(), 422);
    assert_eq!(
        crm.get("/api/v1/crm/people?email=a@b.c").await.status(),
        403
    );

    // Who is not there is made, and is there for the next call.
    world.call("call_3", BEN).await;
    let ben = is_written(&crm, "call_3").await.record_id.unwrap();
    world.call("call_4", BEN).await;
    assert_eq!(
        is_written(&crm, "call_4").await.record_id,
        Some(ben.clone())
    );
    assert_eq!(double.numbers_of(&ben), [BEN]);

    // It is written, and the answer is lost: looked for before it is written again.
    double.fails(Fault::After(503));
    world.call("call_5", BEN).await;
    let waits = becomes(&crm, |it| it.attempts == 1).await;
    assert_eq!(waits.state, CrmWriteState::Waiting);
    let reason = waits.reason.unwrap();
    assert!(reason.contains("answered 503"), "{reason}");
    assert_eq!(double.activities().len(), 5);
    world.pass(20);
    is_written(&crm, "call_5").await;
    assert_eq!(double.activities().len(), 5, "once is once");
    // It is not written, and no answer says so: written again.
    double.fails(Fault::Instead(ResponseTemplate::new(502)));
    world.call("call_6", BEN).await;
    becomes(&crm, |it| it.attempts == 1).await;
    world.pass(20);
    is_written(&crm, "call_6").await;
    assert_eq!(double.activities().len(), 6);

    // Too much was asked: not before the time it says.
    double.fails(Fault::Instead((vendor.limited)()));
    world.call("call_7", BEN).await;
    let waits = becomes(&crm, |it| it.reason.is_some()).await;
    assert_eq!((waits.state, waits.attempts), (CrmWriteState::Waiting, 0));
    let asked = double.asked().await;
    world.call("call_8", BEN).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(double.asked().await, asked, "nor any other of the business");
    world.pass(vendor.rests_s);
    is_written(&crm, "call_8").await;
    until(|| double.activities().len() == 8).await;

    // The key is taken away: it waits for a person, who is told why.
    double.lock_out();
    world.call("call_9", BEN).await;
    let parked = becomes(&crm, |it| it.state == CrmWriteState::Parked).await;
    let reason = parked.reason.unwrap();
    assert!(reason.contains(vendor.locked_out), "{reason}");
    let tested = test(&crm).await;
    assert_eq!(tested.outcome, CrmOutcome::Key);
    assert_eq!(tested.reason, Some(reason));
    let replay = format!("/api/v1/crm/writes/{}/replay", parked.id);
    double.let_in();
    let all = "/api/v1/crm/writes/replay";
    assert_eq!(crm.send("POST", all, &json!({})).await.status(), 202);
    is_written(&crm, "call_9").await;
    assert_eq!(
        crm.send("POST", &replay, &json!({})).await.status(),
        404,
        "it is there"
    );
    assert_eq!(double.activities().len(), 9);
    assert_eq!(
        double.refused(),
        [""; 0],
        "nothing but what was meant to go wrong"
    );
    // It stands on her line of time, with the way to her record.
    let whole = program(&world.server, &ApiScope::ALL).await;
    let contact = json!({"name": "Ana Sol", "phone": ANA});
    let contact = whole.send("POST", "/api/v1/contacts", &contact).await;
    let contact: Contact = contact.json().await.unwrap();
    let moments = format!("/api/v1/contacts/{}/moments", contact.id);
    let moments: MomentPage = whole.get(&moments).await.json().await.unwrap();
    let of_crm = moments.items.into_iter().filter_map(|it| match it {
        Moment::Crm(write) => Some((write.call_id.unwrap(), write.record_url)),
        _ => None,
    });
    let of_crm: Vec<_> = of_crm.collect();
    let written = |call: &str| (call.to_owned(), Some(link.clone()));
    assert_eq!(of_crm, [written("call_2"), written("call_1")]);
    world.stop().await;
}

/// What is known only hours after a call, and what becomes of its appointment, is said in what
/// was written of it, and not beside that.
async fn afterwards(vendor: &Vendor, scratch: Scratch) {
    let world = World::on(scratch).await;
    let server = &world.server;
    crate::functions::furnish(server).await;
    let crm = program(server, &ApiScope::ALL).await;
    let double = Double::start(vendor).await;
    double.add("Ana Sol", "ana@example.com", "612 34 56 78");
    connect(&crm, vendor, &double).await;
    let ask = async |name: &str, args: Value| ask(server, name, args, ANA, "call_1").await;
    let found = ask(
        "check_availability",
        json!({"relative_day": "day_after_tomorrow"}),
    )
    .await;
    let slot = |at: usize| found["slots"][at]["slot"].clone();
    // Held, and given back: no appointment.
    ask("start_booking", json!({"slot": slot(0)})).await;
    ask("start_booking", json!({"slot": slot(1)})).await;
    let booked = json!({"slot": slot(1), "name": "Ana Sol"});
    let booked = ask("book_appointment", booked).await;
    let reference = booked["booking"]["reference"].as_str().unwrap().to_owned();

    let analyzed = world.over("call_1", ANA);
    let mut ended = analyzed.clone();
    ended.as_object_mut().unwrap().remove("call_analysis");
    world.told("call_ended", ended).await;
    world.pass(11 * 60);
    is_written(&crm, "call_1").await;
    let written = async || {
        let [(_, activity)] = double.activities().try_into().unwrap();
        activity.to_string()
    };
    let text = written().await;
    assert!(!text.contains("Mood: Positive"), "{text}");
    assert_eq!(text.matches("Check-up").count(), 1, "{text}");
    assert!(text.contains("Booked: Check-up"), "{text}");

    world.pass(5 * 60 * 60);
    world.told("call_analyzed", analyzed).await;
    until(|| double.renewed() == 1).await;
    is_written(&crm, "call_1").await;
    let text = written().await;
    assert!(text.contains("Mood: Positive") && text.contains("Outcome: answered, aim reached"));

    // Cancelled in another call; and what is there cannot be reached just then.
    double.lock_out();
    let gone = json!({"reference": reference});
    let cancelled = self::ask(server, "cancel_appointment", gone, ANA, "call_2").await;
    assert_eq!(cancelled["ok"], true, "{cancelled}");
    let parked = becomes(&crm, |it| it.state == CrmWriteState::Parked).await;
    double.let_in();
    let replay = format!("/api/v1/crm/writes/{}/replay", parked.id);
    assert_eq!(crm.send("POST", &replay, &json!({})).await.status(), 202);
    until(|| double.renewed() == 2).await;
    let written_again = is_written(&crm, "call_1").await;
    assert_eq!(written_again.attempts, 0);
    let text = written().await;
    assert!(text.contains(&format!("({reference})")), "{text}");
    assert!(
        text.contains("Cancelled: Check-up") && !text.contains("Booked"),
        "{text}"
    );
    assert_eq!(double.refused(), [""; 0]);

    // So it stands on her line of time, once each.
    let contact = format!("/api/v1/contacts?phone={}", ANA.replace('+', "%2B"));
    let contact: Page<Contact> = crm.get(&contact).await.json().await.unwrap();
    let [contact] = contact.items.as_slice() else {
        panic!("{:?}", contact.items)
    };
    let moments = format!("/api/v1/contacts/{}/moments", contact.id);
    let moments: MomentPage = crm.get(&moments).await.json().await.unwrap();
    let appointments = moments.items.iter().filter_map(|it| match it {
        Moment::Booking(booking) => Some((booking.state, booking.reference.as_str())),
        _ => None,
    });
    let appointments: Vec<_> = appointments.collect();
    assert_eq!(
        appointments,
        [(BookingState::Cancelled, reference.as_str())]
    );
    let of_crm = moments
        .items
        .iter()
        .filter(|it| matches!(it, Moment::Crm(_)));
    assert_eq!(of_crm.count(), 1);
    world.stop().await;
}

#[tokio::test]
async fn what_comes_after_a_call_is_said_in_hubspot_where_the_call_is() {
    for scratch in Scratch::each().await {
        afterwards(&hubspot::VENDOR, scratch).await;
    }
}

#[tokio::test]
async fn what_comes_after_a_call_is_said_in_any_other_crm_where_the_call_is() {
    for vendor in [&salesforce::VENDOR, &pipedrive::VENDOR, &generic::VENDOR] {
        afterwards(vendor, Scratch::sqlite()).await;
    }
}

#[tokio::test]
async fn a_call_is_written_into_hubspot() {
    for scratch in Scratch::each().await {
        journey(&hubspot::VENDOR, scratch).await;
    }
}

#[tokio::test]
async fn a_call_is_written_into_salesforce() {
    journey(&salesforce::VENDOR, Scratch::sqlite()).await;
}

#[tokio::test]
async fn a_call_is_written_into_pipedrive() {
    journey(&pipedrive::VENDOR, Scratch::sqlite()).await;
}

#[tokio::test]
async fn a_call_is_written_into_any_crm_that_is_described() {
    journey(&generic::VENDOR, Scratch::sqlite()).await;
}

#[tokio::test]
async fn a_call_in_which_the_staff_try_an_agent_is_none_of_the_crms_concern() {
    let world = World::on(Scratch::sqlite()).await;
    let crm = program(&world.server, &SCOPES).await;
    let double = Double::start(&hubspot::VENDOR).await;
    connect(&crm, &hubspot::VENDOR, &double).await;
    let ended_at = world.server.app().clock.now_ms() - 1000;
    let tried = json!({
        "call_id": "call_tried", "call_type": "web_call", "agent_id": "agent_1",
        "call_status": "ended", "start_timestamp": ended_at - 5_000, "end_timestamp": ended_at,
        "disconnection_reason": "user_hangup",
        "metadata": {"switchboard_tenant": "tenant_1", "switchboard_tester": "user_1"},
        "call_analysis": {"call_summary": "Tried the greeting.", "call_successful": true},
    });
    let told = json!({"event": "call_analyzed", "call": tried});
    assert_eq!(world.server.webhook(&told).await.status(), 204);
    world.server.settled().await;
    world.call("call_1", ANA).await;
    is_written(&crm, "call_1").await;
    let of_tried = writes(&crm).await;
    let of_tried = of_tried
        .iter()
        .find(|it| it.call_id.as_deref() == Some("call_tried"));
    assert_eq!(of_tried, None);
    world.stop().await;
}

/// What a function answers, asked for in a call of this number.
async fn ask(server: &TestServer, name: &str, args: Value, number: &str, id: &str) -> Value {
    let call = json!({
        "call_id": id, "call_type": "phone_call", "agent_id": "agent_1", "direction": "inbound",
        "call_status": "ongoing", "from_number": number, "to_number": "+4930901820",
        "retell_llm_dynamic_variables": {"language": "en"},
    });
    crate::functions::ask(server, name, &args, &call).await
}

#[tokio::test]
async fn the_crm_tells_who_calls_and_nobody_waits_for_it() {
    let world = World::on(Scratch::sqlite()).await;
    let server = &world.server;
    let crm = program(server, &SCOPES).await;
    let double = Double::start(&hubspot::VENDOR).await;
    double.add("Ana Sol", "ana@example.com", "612 34 56 78");
    connect(&crm, &hubspot::VENDOR, &double).await;
    let hello = ask(server, "initialize_call", json!({}), ANA, "call_1").await;
    assert!(
        hello["message"].as_str().unwrap().contains("Hello Ana Sol"),
        "{hello}"
    );
    let known = ask(server, "check_customer", json!({}), ANA, "call_1").await;
    assert_eq!(
        (&known["found"], &known["name"]),
        (&json!(true), &json!("Ana Sol"))
    );
    assert_eq!(double.searches(), 1, "it is remembered");
    let other = ask(server, "get_customer_info", json!({}), BEN, "call_2").await;
    assert_eq!(other["found"], false);
    // Who is in the business's own list is not asked for.
    ask(
        server,
        "collect_customer_info",
        json!({"name": "Ben"}),
        BEN,
        "call_2",
    )
    .await;
    becomes(&crm, |it| it.state == CrmWriteState::Written).await;
    let asked = double.searches();
    // One that hangs is not waited for, and after five is left alone for a minute.
    double.hangs(Duration::from_secs(30));
    let began = Instant::now();
    let silent = ask(
        server,
        "check_customer",
        json!({}),
        "+34611000001",
        "call_3",
    )
    .await;
    assert_eq!(silent["found"], false);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    double.hangs(Duration::ZERO);
    double.lock_out();
    for number in 2..6 {
        let number = format!("+3461100000{number}");
        ask(server, "check_customer", json!({}), &number, "call_4").await;
    }
    let before = double.asked().await;
    assert!(double.searches() > asked);
    let left_alone = ask(
        server,
        "check_customer",
        json!({}),
        "+34611000009",
        "call_5",
    )
    .await;
    assert_eq!(
        (&left_alone["found"], double.asked().await),
        (&json!(false), before)
    );
    double.let_in();
    world.pass(61);
    ask(
        server,
        "check_customer",
        json!({}),
        "+34611000009",
        "call_6",
    )
    .await;
    assert!(double.asked().await > before);
    world.stop().await;
}

#[tokio::test]
async fn what_a_caller_says_of_themselves_is_changed_in_the_crm_and_nothing_else() {
    for scratch in Scratch::each().await {
        let world = World::on(scratch).await;
        let server = &world.server;
        let crm = program(server, &SCOPES).await;
        let double = Double::start(&hubspot::VENDOR).await;
        let ana = double.add("Ana María Sol", "", "612 34 56 78");
        connect(&crm, &hubspot::VENDOR, &double).await;
        ask(
            server,
            "collect_customer_info",
            json!({"name": "Ana"}),
            ANA,
            "call_1",
        )
        .await;
        let written = becomes(&crm, |it| it.state == CrmWriteState::Written).await;
        assert_eq!(written.record_id.as_deref(), Some(ana.as_str()));
        assert!(written.contact_id.is_some() && written.call_id.is_none());
        let said = json!({"email": "ana@example.com"});
        ask(server, "update_customer", said, ANA, "call_2").await;
        until(|| double.changes().len() == 2).await;
        let changes = double.changes();
        assert_eq!(changes[0], json!({"firstname": "Ana"}));
        assert_eq!(
            changes[1],
            json!({"email": "ana@example.com"}),
            "and no name"
        );
        // Who changes something in the CRM afterwards is right: neither a call nor what a caller
        // says of other things takes it back, though it is otherwise here.
        double.enter_email(&ana, "sol@example.com");
        world.call("call_4", ANA).await;
        is_written(&crm, "call_4").await;
        assert_eq!(
            double.changes().len(),
            2,
            "a call changes nothing of a record"
        );
        let said = json!({"name": "Ana Sol"});
        ask(server, "update_customer", said, ANA, "call_5").await;
        until(|| double.changes().len() == 3).await;
        let name = json!({"firstname": "Ana", "lastname": "Sol"});
        assert_eq!(double.changes()[2], name);
        assert_eq!(double.email_of(&ana), "sol@example.com");
        // What they say of the same thing later is the newer word.
        let said = json!({"email": "new@example.com"});
        ask(server, "update_customer", said, ANA, "call_5").await;
        until(|| double.email_of(&ana) == "new@example.com").await;
        // A note is the business's own; and who is not there is made with all of it.
        ask(
            server,
            "add_note",
            json!({"note": "Likes tea."}),
            ANA,
            "call_2",
        )
        .await;
        let said = json!({"name": "Ben Mond", "email": "ben@example.com"});
        ask(server, "collect_customer_info", said, BEN, "call_3").await;
        let ben = becomes(&crm, |it| {
            it.record_id.as_deref().is_some_and(|it| it != ana)
        })
        .await;
        assert_eq!(writes(&crm).await.len(), 6);
        assert_eq!(double.numbers_of(&ben.record_id.unwrap()), [BEN]);

        // What is known here of somebody is found and erased; what is there is the business's.
        let (store, tenant) = (&server.app().store, &server.tenant);
        let person = Person::parse(ANA).unwrap();
        let found = privacy::find(&keepers(), store, tenant, &person)
            .await
            .unwrap();
        assert_eq!(found.found.crm, 1);
        let copy = crate::privacy::copy_of(store, tenant, &person).await;
        assert_eq!(copy["crm"][0], json!({"who": ANA, "record_id": ana}));
        privacy::erase(&keepers(), store, tenant, &person, None, &somebody(), 2)
            .await
            .unwrap();
        let found = privacy::find(&keepers(), store, tenant, &person)
            .await
            .unwrap();
        assert_eq!(found.found.crm, 0);
        assert_eq!(writes(&crm).await.len(), 1);
        world.stop().await;
    }
}

#[tokio::test]
async fn what_a_caller_says_reaches_who_they_were_merged_into_and_is_never_taken_for_written() {
    let world = World::on(Scratch::sqlite()).await;
    let server = &world.server;
    let crm = program(server, &SCOPES).await;
    let double = Double::start(&hubspot::VENDOR).await;
    let ana = double.add("Ana Sol", "", "612 34 56 78");
    let merged = double.add("Ana María Sol", "", "");
    let ben = double.add("Ben Mond", "ben@example.com", "");
    connect(&crm, &hubspot::VENDOR, &double).await;
    let said = json!({"name": "Ana Sol"});
    ask(server, "collect_customer_info", said, ANA, "call_1").await;
    let is_written = |it: &CrmWrite| it.state == CrmWriteState::Written;
    let written = becomes(&crm, is_written).await;
    assert_eq!(written.record_id.as_deref(), Some(ana.as_str()));
    double.merges(&ana, &merged);
    let said = json!({"email": "ana@example.com"});
    ask(server, "update_customer", said, ANA, "call_2").await;
    let is_there = |it: &CrmWrite| is_written(it) && it.record_id.as_ref() == Some(&merged);
    becomes(&crm, is_there).await;
    assert_eq!(double.email_of(&merged), "ana@example.com");
    // Somebody else there has that address: it is for a person to look at.
    let said = json!({"email": "ben@example.com"});
    ask(server, "update_customer", said, ANA, "call_3").await;
    becomes(&crm, |it| it.state == CrmWriteState::Parked).await;
    assert_eq!(double.email_of(&merged), "ana@example.com");
    assert_eq!(double.email_of(&ben), "ben@example.com");
    world.stop().await;
}

#[tokio::test]
async fn a_connection_is_checked_tried_out_and_taken_away() {
    let world = World::on(Scratch::sqlite()).await;
    let server = &world.server;
    let crm = program(server, &SCOPES).await;
    let none: CrmConnection = crm.get("/api/v1/crm").await.json().await.unwrap();
    assert_eq!(none, CrmConnection::default());
    assert_eq!(
        crm.send("POST", "/api/v1/crm/test", &json!({}))
            .await
            .status(),
        422
    );
    // Without a CRM nothing is to be written.
    world.call("call_1", ANA).await;
    assert_eq!(writes(&crm).await, []);
    let double = Double::start(&hubspot::VENDOR).await;
    let mut no_phones = (generic::VENDOR.connection)(&double.url());
    no_phones["provider"]["find_by_phone"]["phones"] = json!([]);
    let mut elsewhere = (generic::VENDOR.connection)(&double.url());
    elsewhere["provider"]["create"]["url"] = json!("https://{{phone}}/");
    for wrong in [
        json!({"provider": {"kind": "hubspot"}}),
        json!({"provider": {"kind": "hubspot", "base_url": "hubspot"}, "secrets": {"service_key": "k"}}),
        json!({"provider": {"kind": "hubspot", "base_url": "http://10.0.0.1"}, "secrets": {"service_key": "k"}}),
        json!({"provider": {"kind": "salesforce", "base_url": double.url(), "client_id": " "}, "secrets": {"client_secret": "s"}}),
        no_phones,
        elsewhere,
    ] {
        let refused = crm.send("PUT", "/api/v1/crm", &wrong).await;
        assert_eq!(refused.status(), 422, "{wrong}");
    }
    connect(&crm, &hubspot::VENDOR, &double).await;
    let tested = test(&crm).await;
    assert_eq!(tested.account.as_deref(), Some("62515"));
    let shown = crm.get("/api/v1/crm").await.text().await.unwrap();
    assert!(
        shown.contains("62515") && !shown.contains(hubspot::KEY),
        "{shown}"
    );
    let app = server.app();
    let found = async || {
        let findings = check::run(&app.config, &app.vault, app.clock.now_ms()).await;
        let crm = findings
            .into_iter()
            .find(|it| it.what == "CRM (tenant_1)")
            .unwrap();
        (crm.state, crm.words)
    };
    assert_eq!(
        found().await,
        (State::Ok, "the key is good (62515)".to_owned())
    );
    double.lock_out();
    assert_eq!(found().await.0, State::Failed);
    // Nothing is at that address.
    let away = json!({"provider": {"kind": "hubspot", "base_url": "http://127.0.0.1:9"}});
    assert_eq!(crm.send("PUT", "/api/v1/crm", &away).await.status(), 200);
    assert_eq!(test(&crm).await.outcome, CrmOutcome::Silent);
    // A withheld number is nobody's.
    world.call("call_2", "anonymous").await;
    let skipped = becomes(&crm, |it| it.state == CrmWriteState::Skipped).await;
    assert_eq!(
        skipped.reason.as_deref(),
        Some("Nobody is known who called.")
    );
    let desk = Desk::sign_in(server, Role::Admin).await;
    let page: Page<CrmWrite> = desk.get("/api/desk/crm/writes").await;
    assert_eq!(page.items.len(), 1);
    let gone = crm.send("DELETE", "/api/v1/crm", &Value::Null).await;
    assert_eq!(gone.status(), 204);
    let gone = crm.send("DELETE", "/api/v1/crm", &Value::Null).await;
    assert_eq!(gone.status(), 404);
    world.stop().await;
}
