//! Whom a booking is for, with whom it is, and how they are reached.

use api::calendar::StaffDetails;
use jiff::{Timestamp, ToSpan as _};

use super::*;
use crate::support::{raw_connection, refuse, run};

/// A server whose business has two people, who both do the check-up. Only Ada fills teeth.
async fn staffed() -> TestServer {
    let server = server(Scratch::sqlite()).await;
    let (store, tenant) = (&server.app().store, &server.tenant);
    let mut ids = Vec::new();
    for name in ["Ada", "Ben"] {
        let details: StaffDetails = serde_json::from_value(json!({"name": name})).unwrap();
        let added = store.lists().add(tenant, &details, &somebody(), 1).await;
        ids.push(added.unwrap());
    }
    let filling = json!({"name": "Filling", "minutes": 30, "staff": [ids[0]]});
    let filling: ServiceDetails = serde_json::from_value(filling).unwrap();
    let added = store.lists().add(tenant, &filling, &somebody(), 1).await;
    added.unwrap();
    server
}

/// So many minutes after the first time tomorrow that is free.
async fn slot(server: &TestServer, minutes: i64) -> String {
    let tomorrow = json!({"service": "Check-up", "relative_day": "tomorrow"});
    let found = ask(
        server,
        "check_availability",
        &tomorrow,
        &call("call_0", "en"),
    )
    .await;
    let first: Timestamp = found["slots"][0]["slot"].as_str().unwrap().parse().unwrap();
    (first + minutes.minutes()).to_string()
}

fn wish(slot: &str, more: &Value) -> Value {
    with(&json!({"service": "Check-up", "slot": slot}), more)
}

#[tokio::test]
async fn everybody_of_a_call_is_booked_and_the_same_person_once() {
    let server = staffed().await;
    let at = slot(&server, 0).await;
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    let book = async |name: &str| ask("book_appointment", wish(&at, &json!({"name": name}))).await;
    let ana = book("Ana").await;
    let lucia = book("Lucía Sol").await;
    assert_eq!(lucia["booking"]["name"], "Lucía Sol", "{lucia}");
    assert_ne!(lucia["booking"]["reference"], ana["booking"]["reference"]);
    for (name, of) in [("Ana Sol", &ana), ("lucía", &lucia)] {
        let again = book(name).await;
        assert_eq!(again["booking"]["reference"], of["booking"]["reference"]);
    }
    assert_eq!(bookings(&server).await.len(), 2);
    // Who was booked first is known by that name from then on.
    let hello = ask("initialize_call", json!({})).await;
    assert_eq!(hello["customer"]["name"], "Ana", "{hello}");

    // So are those for whom a time is held.
    let later = slot(&server, 60).await;
    let hold = async |name: &str| {
        let held = ask("start_booking", wish(&later, &json!({"name": name}))).await;
        held["hold"].clone()
    };
    let held = [hold("Ana").await, hold("Lucía").await];
    assert_ne!(held[0], held[1]);
    for hold in &held {
        let done = ask("confirm_booking", json!({"hold": hold})).await;
        assert_eq!(done["ok"], true, "{done}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_yes_is_to_the_time_held_last_and_to_no_other() {
    let server = staffed().await;
    let (first, second) = (slot(&server, 0).await, slot(&server, 60).await);
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    ask("book_appointment", wish(&first, &json!({"name": "Ana"}))).await;
    ask("start_booking", wish(&second, &json!({"name": "Ana"}))).await;
    let database = &server.app().config.database;
    let mut database = raw_connection(database).await;
    run(
        &mut database,
        "UPDATE bookings SET held_until = 1 WHERE state = 'held'",
    )
    .await;
    let gone = ask("confirm_booking", json!({})).await;
    assert_eq!(gone["reason"], "hold_gone", "{gone}");
    server.stop().await;
}

#[tokio::test]
async fn a_time_stays_held_until_the_next_one_is_had() {
    let server = staffed().await;
    let (first, second) = (slot(&server, 0).await, slot(&server, 60).await);
    let other = call("call_2", "en");
    for name in ["Ben", "Zoe"] {
        let taken = wish(&second, &json!({"name": name}));
        let taken = ask(&server, "book_appointment", &taken, &other).await;
        assert_eq!(taken["ok"], true, "{taken}");
    }
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    let ana = json!({"name": "Ana", "staff": "Ada"});
    let held = ask("start_booking", wish(&first, &ana)).await;
    let refused = ask("start_booking", wish(&second, &ana)).await;
    assert_eq!(refused["reason"], "taken", "{refused}");
    // It does not stand in the way of one that begins while it goes on.
    let next = slot(&server, 15).await;
    let moved = ask("start_booking", wish(&next, &ana)).await;
    assert_eq!(
        (&moved["ok"], &moved["staff"]),
        (&json!(true), &json!("Ada")),
        "{moved}"
    );
    let gone = ask("confirm_booking", json!({"hold": held["hold"]})).await;
    assert_eq!(gone["reason"], "hold_gone", "{gone}");
    let done = ask("confirm_booking", json!({})).await;
    assert_eq!(done["booking"]["spoken"], moved["spoken"], "{done}");
    server.stop().await;
}

#[tokio::test]
async fn a_moved_appointment_stays_with_whoever_it_is_with() {
    let server = staffed().await;
    let mut slots = Vec::new();
    for minutes in [0, 60, 120] {
        slots.push(slot(&server, minutes).await);
    }
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    let ana = json!({"name": "Ana", "staff": "Ben"});
    let booked = ask("book_appointment", wish(&slots[0], &ana)).await;
    let reference = &booked["booking"]["reference"];
    let to = async |at: usize| {
        let to = json!({"reference": reference, "slot": slots[at]});
        ask("reschedule_appointment", to).await
    };
    let moved = to(1).await;
    assert_eq!(moved["booking"]["staff"], "Ben", "{moved}");
    assert!(
        !moved["message"].as_str().unwrap().contains("with"),
        "{moved}"
    );
    let zoe = wish(&slots[2], &json!({"name": "Zoe", "staff": "Ben"}));
    ask("book_appointment", zoe).await;
    let moved = to(2).await;
    assert_eq!(moved["booking"]["staff"], "Ada", "{moved}");
    let message = moved["message"].as_str().unwrap();
    assert!(message.ends_with(", with Ada."), "{message}");

    // Who does not do a service is said so, whatever is asked for.
    let filling = json!({"service": "Filling", "staff": "Ben", "slot": slots[0], "name": "Ana"});
    for name in ["check_availability", "book_appointment", "start_booking"] {
        let refused = ask(name, filling.clone()).await;
        assert_eq!(refused["reason"], "no_staff", "{name} {refused}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_number_is_taken_as_it_is_said_and_asked_for_where_it_is_none() {
    let server = staffed().await;
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    let mut minutes = 0;
    for (phone, reached) in [
        ("030 23125 100", "+493023125100"),
        ("+34 911 23 01 00", "+34911230100"),
        ("5678", CALLER),
        ("the same", CALLER),
    ] {
        let at = slot(&server, minutes).await;
        let wish = wish(&at, &json!({"name": "Ana", "phone": phone}));
        let booked = ask("book_appointment", wish).await;
        assert_eq!(booked["ok"], true, "{phone} {booked}");
        let all = bookings(&server).await;
        let reference = booked["booking"]["reference"].as_str();
        let booking = all
            .iter()
            .find(|it| Some(it.reference.as_str()) == reference);
        assert_eq!(booking.unwrap().phone.as_deref(), Some(reached), "{phone}");
        minutes += 60;
    }
    let at = slot(&server, 600).await;
    let wrong = json!({"name": "Ana", "phone": "12 34", "to": "12 34", "body": "Hello"});
    for name in [
        "book_appointment",
        "check_customer",
        "collect_customer_info",
        "request_callback",
        "send_sms",
    ] {
        let asked = ask(name, wish(&at, &wrong)).await;
        assert_eq!(asked["reason"], "phone", "{name} {asked}");
    }
    ask("collect_customer_info", json!({"name": "Ana"})).await;
    let asked = ask("update_customer", json!({"new_phone": "12 34"})).await;
    assert_eq!(asked["reason"], "phone", "{asked}");
    let changed = ask("update_customer", json!({"new_phone": "030 23125 111"})).await;
    assert_eq!(changed["ok"], true, "{changed}");
    let contacts = server.app().store.contacts();
    let number = "+493023125111".parse().unwrap();
    let found = contacts.by_phone(&server.tenant, &number).await.unwrap();
    assert_eq!(found.unwrap().details.name, "Ana");
    server.stop().await;
}

#[tokio::test]
async fn what_is_said_at_the_same_time_is_kept_all() {
    let server = staffed().await;
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    ask("collect_customer_info", json!({"name": "Ana"})).await;
    let email = json!({"email": "ana@example.com"});
    let note = |note: &str| ask("add_note", json!({"note": note}));
    let told = tokio::join!(
        note("Tea."),
        note("Milk."),
        note("Sugar."),
        ask("update_customer", email)
    );
    for answer in <[Value; 4]>::from(told) {
        assert_eq!(answer["ok"], true, "{answer}");
    }
    let contacts = server.app().store.contacts();
    let number = CALLER.parse().unwrap();
    let kept = contacts.by_phone(&server.tenant, &number).await.unwrap();
    let kept = kept.unwrap().details;
    for note in ["Tea.", "Milk.", "Sugar."] {
        assert!(kept.notes.contains(note), "{}", kept.notes);
    }
    assert_eq!(kept.email.as_deref(), Some("ana@example.com"));
    server.stop().await;
}

#[tokio::test]
async fn a_database_that_fails_is_a_sentence_and_what_was_done_is_said() {
    for (verb, done) in [("INSERT", false), ("UPDATE", true)] {
        let server = staffed().await;
        let at = slot(&server, 0).await;
        let database = &server.app().config.database;
        let mut database = raw_connection(database).await;
        refuse(
            &mut database,
            &server.scratch,
            verb,
            "function_calls",
            "TRUE",
        )
        .await;
        let wish = wish(&at, &json!({"name": "Ana"}));
        let told = ask(&server, "book_appointment", &wish, &call("call_1", "de")).await;
        assert_eq!(told["ok"], done, "{told}");
        let begins = if done {
            "Das ist gebucht"
        } else {
            "Es tut mir leid"
        };
        assert!(
            told["message"].as_str().unwrap().starts_with(begins),
            "{told}"
        );
        assert_eq!(bookings(&server).await.len(), usize::from(done));
        server.stop().await;
    }
}

#[tokio::test]
async fn whoever_books_without_a_number_is_asked_for_one() {
    let server = staffed().await;
    let (first, second) = (slot(&server, 0).await, slot(&server, 60).await);
    for (language, asked) in [
        ("en", "Which number can we reach you at?"),
        ("es", "¿En qué número podemos localizarle?"),
        ("de", "Unter welcher Nummer erreichen wir Sie?"),
    ] {
        let mut web = call(&format!("call_{language}"), language);
        web["from_number"] = Value::Null;
        web["call_type"] = "web_call".into();
        let ask = async |name: &str, args: Value| ask(&server, name, &args, &web).await;
        let ana = json!({"name": "Ana"});
        let refused = ask("book_appointment", wish(&first, &ana)).await;
        assert_eq!(
            (&refused["reason"], &refused["message"]),
            (&json!("phone"), &json!(asked)),
            "{refused}"
        );
        let held = ask("start_booking", wish(&second, &ana)).await;
        assert_eq!(held["missing"], json!(["phone"]), "{held}");
        assert!(held["message"].as_str().unwrap().ends_with(asked), "{held}");
        assert_eq!(ask("confirm_booking", json!({})).await["message"], asked);
        let phone = json!({"phone": CALLER});
        let done = ask("confirm_booking", phone).await;
        assert_eq!(done["ok"], true, "{done}");
        let gone = json!({"reference": done["booking"]["reference"]});
        assert_eq!(ask("cancel_appointment", gone).await["ok"], true);
    }
    server.stop().await;
}

#[tokio::test]
async fn who_names_no_service_hears_which_is_free_when() {
    let server = staffed().await;
    let at = slot(&server, 0).await;
    for (language, begins, and, nothing) in [
        (
            "en",
            "For Check-up there is: ",
            ". For Filling there is: ",
            "Nothing is free then. ",
        ),
        (
            "es",
            "Para Check-up hay: ",
            ". Para Filling hay: ",
            "A esa hora no hay nada libre. ",
        ),
        (
            "de",
            "Für Check-up ist frei: ",
            ". Für Filling ist frei: ",
            "Da ist nichts frei. ",
        ),
    ] {
        let of = call(&format!("call_{language}"), language);
        let check = async |args: Value| ask(&server, "check_availability", &args, &of).await;
        let found = check(json!({"relative_day": "tomorrow"})).await;
        let message = found["message"].as_str().unwrap();
        assert!(
            message.starts_with(begins) && message.contains(and),
            "{found}"
        );
        let [checks, fills] = &found["services"].as_array().unwrap()[..] else {
            panic!("{found}")
        };
        assert_eq!(
            (&checks["service"], &fills["service"]),
            (&json!("Check-up"), &json!("Filling"))
        );
        assert_eq!(fills["slots"].as_array().unwrap().len(), 2, "{found}");
        // Ben does no fillings.
        let with_ben = check(json!({"slot": at, "staff": "Ben"})).await;
        let told = with_ben["services"].as_array().unwrap();
        assert_eq!(
            (told.len(), &told[0]["service"]),
            (1, &json!("Check-up")),
            "{with_ben}"
        );
        // Nobody begins at such a time: what comes after it is told.
        let odd = slot(&server, 7).await;
        let odd = check(json!({"slot": odd})).await;
        assert_eq!(
            (&odd["ok"], &odd["reason"]),
            (&json!(false), &json!("taken")),
            "{odd}"
        );
        let message = odd["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{nothing}{begins}")), "{odd}");
        assert!(message.contains(and), "{odd}");
    }
    server.stop().await;
}
