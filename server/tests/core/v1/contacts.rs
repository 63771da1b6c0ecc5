//! Contacts.

use api::contacts::{AlikeBy, AlikeList, Contact, ContactPage, Moment, MomentPage};
use api::desk::{CallDetail, CallPage};
use api::keys::ApiScope;
use api::problem::slug;
use api::routing::RouteAnswer;
use serde_json::{Value, json};
use server::calls::Observation;
use server::config::Healing;
use server::people::Role;
use sqlx::{Connection as _, Row as _};

use crate::support::{Desk, Scratch, TestServer, a_moment, in_time, problem, raw_connection};
use crate::v1::{program, retell};

/// Somebody writes from a number.
async fn write(server: &TestServer, number: &str, at: i64) {
    let mut connection = raw_connection(&server.scratch.database).await;
    sqlx::query(
        "INSERT INTO sms_messages (id, tenant_id, number, body, state, segments, at, created_at, \
             updated_at) \
         VALUES ($1, $2, $3, 'Hello', 'received', 1, $4, $4, $4)",
    )
    .bind(format!("sms_{at}"))
    .bind(server.tenant.id())
    .bind(number)
    .bind(at)
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn contacts_are_kept_by_their_number() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let crm = program(&server, &[ApiScope::ContactsRead, ApiScope::ContactsWrite]).await;
        let ana = json!({"name": "Ana", "phone": "0034 911 23 01 00", "vip": true,
                         "fields": {"plan": "gold"}});
        let added = crm.send("POST", "/api/v1/contacts", &ana).await;
        assert_eq!(added.status(), 201);
        let added: Contact = added.json().await.unwrap();
        assert_eq!(added.details.phone.as_deref(), Some("+34911230100"));
        let again = crm.send("POST", "/api/v1/contacts", &ana).await;
        let again = problem(again, 409, slug::PHONE_TAKEN).await;
        assert_eq!(again.field.as_deref(), Some("phone"));
        for (wrong, field) in [
            (json!({"phone": "call me"}), "phone"),
            (
                json!({"name": "Al", "more_phones": ["+34911230102", "1"]}),
                "more_phones",
            ),
            (json!({"email": "ana"}), "email"),
        ] {
            let wrong = crm.send("POST", "/api/v1/contacts", &wrong).await;
            let wrong = problem(wrong, 422, slug::VALUE_INVALID).await;
            assert_eq!(wrong.field.as_deref(), Some(field));
        }
        for name in ["Ben", "Cleo", "Dana"] {
            let body = json!({"name": name});
            assert_eq!(
                crm.send("POST", "/api/v1/contacts", &body).await.status(),
                201
            );
        }
        let found = crm
            .get("/api/v1/contacts?phone=%2B34%20911%20230%20100")
            .await;
        let found: ContactPage = found.json().await.unwrap();
        assert_eq!(found.items, std::slice::from_ref(&added));

        let mut names = Vec::new();
        let mut address = "/api/v1/contacts?limit=3".to_owned();
        loop {
            let page: ContactPage = crm.get(&address).await.json().await.unwrap();
            names.extend(page.items.into_iter().map(|contact| contact.details.name));
            let Some(next) = page.next_cursor else { break };
            address = format!("/api/v1/contacts?limit=3&cursor={next}");
        }
        assert_eq!(names, ["Dana", "Cleo", "Ben", "Ana"]);

        let one = format!("/api/v1/contacts/{}", added.id);
        let renamed = json!({"name": "Ana María", "phone": "+34911230100"});
        let changed: Contact = crm.send("PUT", &one, &renamed).await.json().await.unwrap();
        assert_eq!(
            (changed.details.name.as_str(), changed.details.vip),
            ("Ana María", false)
        );
        let ben = json!({"name": "Ben", "phone": "+34911230101"});
        let ben: Contact = crm
            .send("POST", "/api/v1/contacts", &ben)
            .await
            .json()
            .await
            .unwrap();
        let taken = crm
            .send("PUT", &format!("/api/v1/contacts/{}", ben.id), &renamed)
            .await;
        problem(taken, 409, slug::PHONE_TAKEN).await;
        assert_eq!(crm.send("DELETE", &one, &Value::Null).await.status(), 204);
        problem(crm.get(&one).await, 404, slug::NOT_FOUND).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn contacts_are_found_by_what_somebody_remembers_of_them() {
    for scratch in Scratch::each_sorted().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let crm = program(&server, &[ApiScope::ContactsRead, ApiScope::ContactsWrite]).await;
        for body in [
            json!({"name": "Ana María", "phone": "+34911230100", "tags": ["key account"]}),
            json!({"name": "Ben 100%", "email": "ben@example.com"}),
            json!({"name": "Cleo", "phone": "+34911239999", "tags": ["100"]}),
            json!({"name": "ÉLODIE GROẞ", "tags": ["ÜBERSEE"], "phone": "+33140205050",
                   "more_phones": ["+33 1 40 20 50 51"]}),
        ] {
            let added = crm.send("POST", "/api/v1/contacts", &body).await;
            assert_eq!(added.status(), 201);
        }
        for (text, found) in [
            ("ana", &["Ana María"][..]),
            ("MAR%C3%8DA", &["Ana María"]),
            ("mar%C3%ADa", &["Ana María"]),
            ("EXAMPLE", &["Ben 100%"]),
            ("911%2023-01%2000", &["Ana María"]),
            ("%2B34%20911", &["Cleo", "Ana María"]),
            ("key%20acc", &["Ana María"]),
            ("0%25", &["Ben 100%"]),
            ("_", &[]),
            // Capitals and accents are the same to both databases.
            ("elodie%20gross", &["ÉLODIE GROẞ"]),
            ("%C3%A9lodie", &["ÉLODIE GROẞ"]),
            ("%C3%BCbersee", &["ÉLODIE GROẞ"]),
            ("maria", &["Ana María"]),
            // Each of their numbers.
            ("%2B33%201%2040%2020%2050%2051", &["ÉLODIE GROẞ"]),
            ("", &["ÉLODIE GROẞ", "Cleo", "Ben 100%", "Ana María"]),
        ] {
            let page = crm.get(&format!("/api/v1/contacts?q={text}")).await;
            let page: ContactPage = page.json().await.unwrap();
            let names: Vec<_> = page
                .items
                .iter()
                .map(|it| it.details.name.as_str())
                .collect();
            assert_eq!(names, found, "{text}");
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn what_happened_with_a_contact_is_one_line_of_time() {
    const DAY: i64 = 24 * 3_600_000;
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let scopes = [
            ApiScope::ContactsRead,
            ApiScope::ContactsWrite,
            ApiScope::CallsRead,
            ApiScope::CalendarRead,
            ApiScope::CalendarWrite,
        ];
        let crm = program(&server, &scopes).await;
        let ana = json!({"name": "Ana", "phone": "+34911230100"});
        let ana = crm.send("POST", "/api/v1/contacts", &ana).await;
        let ana: Contact = ana.json().await.unwrap();
        let (store, tenant) = (&server.app().store, &server.tenant);
        let now = server.app().clock.now_ms();
        for (id, from, to, at) in [
            ("call_1", "+34911230100", "+4930555000", now - 3 * DAY),
            ("call_2", "+34911230100", "+4930555000", now - 2 * DAY),
            // Both at once, and one with another who has the same last digits.
            ("call_3", "+34911230100", "+4930555000", now - 2 * DAY),
            ("call_4", "+4930550100", "+4930555000", now - DAY),
        ] {
            let call = json!({
                "call_id": id, "call_type": "phone_call", "direction": "inbound",
                "agent_id": "agent_1", "from_number": from, "to_number": to,
                "start_timestamp": at, "end_timestamp": at + 1, "call_status": "ended",
                "call_analysis": {"call_summary": "Asked for the price."},
            });
            let call = call.as_object().unwrap().clone();
            let seen = Observation::from_event("call_analyzed", call, at).unwrap();
            let healing = Healing::default();
            store
                .calls()
                .observe(tenant, &seen, at, &healing)
                .await
                .unwrap();
        }
        let service = json!({"name": "Check-up", "minutes": 30});
        let service = crm
            .send("POST", "/api/v1/calendar/services", &service)
            .await;
        let service: Value = service.json().await.unwrap();
        let slots = format!(
            "/api/v1/calendar/slots?service_id={}&from={}&limit=1",
            service["id"].as_str().unwrap(),
            now + DAY
        );
        let slots: Value = crm.get(&slots).await.json().await.unwrap();
        let booking = json!({
            "service_id": service["id"], "starts_at": slots["items"][0]["starts_at"],
            "name": "Ana", "phone": "+34911230100",
        });
        let booked = crm
            .send("POST", "/api/v1/calendar/bookings", &booking)
            .await;
        assert_eq!(booked.status(), 201);

        let mut seen = Vec::new();
        let path = format!("/api/v1/contacts/{}/moments?limit=2", ana.id);
        let mut address = path.clone();
        loop {
            let page: MomentPage = crm.get(&address).await.json().await.unwrap();
            assert!(page.items.is_sorted_by(|a, b| a.at() >= b.at()));
            for moment in page.items {
                seen.push(match moment {
                    Moment::Call(call) => call.call.id,
                    Moment::Booking(booking) => booking.service,
                    other => panic!("{other:?}"),
                });
            }
            let Some(next) = page.next_cursor else { break };
            address = format!("{path}&cursor={next}");
        }
        assert_eq!(seen, ["Check-up", "call_3", "call_2", "call_1"]);

        // So much was written since that the last call is far down that line.
        for nth in 0..60 {
            write(&server, "+34911230100", now - DAY + nth).await;
        }
        // An agent that answers her is told of it.
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let numbers = json!({"from_number": "+34911230100", "to_number": "+4930555000"});
        let told: RouteAnswer = desk.post("/api/desk/routing-rules/test", &numbers).await;
        assert_eq!(told.variables["caller_name"], "Ana");
        assert_eq!(told.variables["last_call_about"], "Asked for the price.");
        assert!(told.variables["next_appointment"].starts_with("Check-up, "));

        let blind = program(&server, &[ApiScope::ContactsRead]).await;
        problem(blind.get(&path).await, 403, slug::SCOPE_MISSING).await;
        let nobody = crm.get("/api/v1/contacts/nobody/moments").await;
        problem(nobody, 404, slug::NOT_FOUND).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_call_has_the_name_of_its_contact_for_those_who_may_read_contacts() {
    const NOW: i64 = 1_790_000_000_000;
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let scopes = [
            ApiScope::ContactsRead,
            ApiScope::ContactsWrite,
            ApiScope::CallsRead,
        ];
        let crm = program(&server, &scopes).await;
        let ana = json!({"name": "Ana", "phone": "+34911230100"});
        assert_eq!(
            crm.send("POST", "/api/v1/contacts", &ana).await.status(),
            201
        );
        let (store, tenant) = (&server.app().store, &server.tenant);
        for (id, direction, from, to) in [
            ("call_in", "inbound", "+34911230100", "+4930555000"),
            ("call_out", "outbound", "+4930555000", "+34911230100"),
            ("call_other", "outbound", "+34911230100", "+4930555000"),
        ] {
            let call = json!({
                "call_id": id, "call_type": "phone_call", "direction": direction,
                "agent_id": "agent_1", "from_number": from, "to_number": to,
                "start_timestamp": NOW, "end_timestamp": NOW + 1, "call_status": "ended",
                "call_analysis": {"call_summary": "Moved\nthe check-up."},
            });
            let call = call.as_object().unwrap().clone();
            let seen = Observation::from_event("call_analyzed", call, NOW).unwrap();
            let healing = Healing::default();
            store
                .calls()
                .observe(tenant, &seen, NOW, &healing)
                .await
                .unwrap();
        }
        let blind = program(&server, &[ApiScope::CallsRead]).await;
        for (program, name) in [(&crm, Some("Ana")), (&blind, None)] {
            let page: CallPage = program.get("/api/v1/calls").await.json().await.unwrap();
            assert_eq!(page.items.len(), 3);
            for call in &page.items {
                let name = name.filter(|_| call.id != "call_other");
                assert_eq!(call.contact_name.as_deref(), name, "{}", call.id);
                assert_eq!(call.about.as_deref(), Some("Moved the check-up."));
            }
            let call = program.get("/api/v1/calls/call_in").await;
            let call: CallDetail = call.json().await.unwrap();
            assert_eq!(call.summary.contact_name.as_deref(), name);
        }
    }
}

#[tokio::test]
async fn a_contact_has_several_numbers_and_each_is_theirs_alone() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let scopes = [
            ApiScope::ContactsRead,
            ApiScope::ContactsWrite,
            ApiScope::CallsRead,
        ];
        let crm = program(&server, &scopes).await;
        let ana = json!({
            "name": "Ana", "phone": "+34 911 23 01 00",
            "more_phones": ["0034 612 345 678", "+34911230100"],
        });
        let ana = crm.send("POST", "/api/v1/contacts", &ana).await;
        let ana: Contact = ana.json().await.unwrap();
        assert_eq!(ana.details.more_phones, ["+34612345678"]);
        let ben = json!({"name": "Ben", "phone": "+34612345678"});
        let taken = crm.send("POST", "/api/v1/contacts", &ben).await;
        problem(taken, 409, slug::PHONE_TAKEN).await;
        let found = crm.get("/api/v1/contacts?phone=%2B34612345678").await;
        let found: ContactPage = found.json().await.unwrap();
        assert_eq!(found.items, std::slice::from_ref(&ana));

        let (store, tenant) = (&server.app().store, &server.tenant);
        for (id, from) in [("call_1", "+34911230100"), ("call_2", "+34612345678")] {
            let call = json!({
                "call_id": id, "call_type": "phone_call", "direction": "inbound",
                "agent_id": "agent_1", "from_number": from, "to_number": "+4930555000",
                "start_timestamp": 1_790_000_000_000_i64, "call_status": "ended",
                "end_timestamp": 1_790_000_000_001_i64,
            });
            let call = call.as_object().unwrap().clone();
            let seen = Observation::from_event("call_ended", call, 1_790_000_000_002).unwrap();
            let healing = Healing::default();
            let seen = store.calls().observe(tenant, &seen, 1, &healing).await;
            seen.unwrap();
        }
        let path = format!("/api/v1/contacts/{}", ana.id);
        let moments = crm.get(&format!("{path}/moments")).await;
        let moments: MomentPage = moments.json().await.unwrap();
        let ids: Vec<_> = moments.items.iter().map(Moment::id).collect();
        assert_eq!(ids, ["call_2", "call_1"]);
        let calls: CallPage = crm.get("/api/v1/calls").await.json().await.unwrap();
        for call in &calls.items {
            assert_eq!(call.contact_name.as_deref(), Some("Ana"), "{}", call.id);
        }
        // The number she gave up is anybody's.
        let fewer = json!({"name": "Ana", "phone": "+34911230100"});
        assert_eq!(crm.send("PUT", &path, &fewer).await.status(), 200);
        let added = crm.send("POST", "/api/v1/contacts", &ben).await;
        assert_eq!(added.status(), 201);
        server.stop().await;
    }
}

#[tokio::test]
async fn two_contacts_that_are_one_person_become_one() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let crm = program(&server, &ApiScope::ALL).await;
        let add = async |body: Value| -> Contact {
            let added = crm.send("POST", "/api/v1/contacts", &body).await;
            assert_eq!(added.status(), 201, "{body}");
            added.json().await.unwrap()
        };
        let old = json!({"name": "Ana", "phone": "+34911230100", "email": "ana@example.com"});
        let old = add(old).await;
        let new = json!({
            "name": "ANA", "phone": "+34612345678", "email": "ana@example.com", "blocked": true,
        });
        let new = add(new).await;
        add(json!({"name": "Ánă"})).await;
        add(json!({"name": "Ben", "phone": "+34911230101"})).await;
        let alike = crm.get("/api/v1/contacts/alike").await;
        let alike: AlikeList = alike.json().await.unwrap();
        let by = alike.items.iter().map(|it| (it.by, it.contacts.len()));
        let by: Vec<_> = by.collect();
        assert_eq!(by, [(AlikeBy::Email, 2), (AlikeBy::Name, 3)]);

        let now = server.app().clock.now_ms();
        write(&server, "+34612345678", now).await;
        write(&server, "+34911230100", now + 1).await;
        let mut connection = raw_connection(&server.scratch.database).await;
        sqlx::query("INSERT INTO sms_opt_outs (tenant_id, number, at) VALUES ($1, $2, 1)")
            .bind(server.tenant.id())
            .bind("+34612345678")
            .execute(&mut connection)
            .await
            .unwrap();
        let path = format!("/api/v1/contacts/{}", old.id);
        let details = json!({"name": "Ana García", "phone": "+34612345678", "blocked": true});
        let merge = json!({"other": new.id, "other_revision": 0, "details": details});
        // Somebody else has changed the other one since it was read.
        let changed = json!({"name": "Ana G.", "phone": "+34612345678"});
        let other = format!("/api/v1/contacts/{}", new.id);
        assert_eq!(crm.send("PUT", &other, &changed).await.status(), 200);
        let late = crm.send("POST", &format!("{path}/merge"), &merge).await;
        problem(late, 409, slug::CHANGED_MEANWHILE).await;
        let merge = json!({"other": new.id, "other_revision": 1, "details": details});
        let address = format!("{path}/merge?revision=0");
        let merged = crm.send("POST", &address, &merge).await;
        let merged: Contact = merged.json().await.unwrap();
        assert_eq!(merged.id, old.id);
        assert_eq!(merged.details.phone.as_deref(), Some("+34612345678"));
        assert_eq!(merged.details.more_phones, ["+34911230100"]);
        assert!(merged.details.blocked);
        problem(crm.get(&other).await, 404, slug::NOT_FOUND).await;
        let moments = crm.get(&format!("{path}/moments")).await;
        let moments: MomentPage = moments.json().await.unwrap();
        assert_eq!(moments.items.len(), 2);
        // Who wants no messages wants none to the other number either.
        let row = sqlx::query("SELECT COUNT(*) AS n FROM sms_opt_outs")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(row.get::<i64, _>("n"), 2);
        connection.close().await.unwrap();
        let again = crm.send("POST", &address, &merge).await;
        problem(again, 404, slug::NOT_FOUND).await;
        let deeds: Value = Desk::sign_in(&server, Role::Admin)
            .await
            .get("/api/desk/audit")
            .await;
        let deeds = deeds["items"].as_array().unwrap();
        assert!(deeds.iter().any(|it| it["action"] == "contact.merged"));
        server.stop().await;
    }
}

#[tokio::test]
async fn who_tells_their_name_in_a_call_is_a_contact_afterwards() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let crm = program(&server, &[ApiScope::ContactsRead]).await;
        for (id, number, analysis) in [
            ("call_1", "+34612345678", json!({"caller_name": "Unknown"})),
            (
                "call_2",
                "+34612345679",
                json!({"caller_name": "Ana García"}),
            ),
            ("call_3", "anonymous", json!({"caller_name": "Ben"})),
        ] {
            let now = server.app().clock.now_ms();
            let call = json!({
                "call_id": id, "call_type": "phone_call", "direction": "inbound",
                "agent_id": "agent_1", "call_status": "ended", "from_number": number,
                "to_number": "+14155550100", "start_timestamp": now - 60_000,
                "end_timestamp": now, "disconnection_reason": "user_hangup",
                "call_analysis": {"custom_analysis_data": analysis},
            });
            let told = json!({"event": "call_analyzed", "call": call});
            assert_eq!(server.webhook(&told).await.status(), 204);
        }
        let known = in_time(async {
            loop {
                let page = crm.get("/api/v1/contacts").await;
                let page: ContactPage = page.json().await.unwrap();
                if !page.items.is_empty() {
                    break page.items;
                }
                a_moment().await;
            }
        })
        .await;
        let known = known.iter().map(|it| it.details.name.as_str());
        assert_eq!(known.collect::<Vec<_>>(), ["Ana García"]);
        server.stop().await;
    }
}
