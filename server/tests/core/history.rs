//! Working the calls that were: what people say of them, on both databases, through the real
//! router.

use api::calls::{CallChoices, CallView, CallViewList, ExportedCall};
use api::keys::ApiScope;
use api::problem::slug;
use api::wrap_up::{CallNote, CallNotes, Dispositions, KeptWrapUp};
use serde_json::{Value, json};
use server::people::Role;
use server::person::Person;

use crate::privacy::copy_of;
use crate::support::{
    Desk, Scratch, TestServer, a_moment, in_time, life_of_a_call, next_change, problem,
    raw_connection, with,
};
use crate::v1::program;

/// A call that was and is over.
async fn over(server: &TestServer, id: &str, more: &Value) {
    for event in life_of_a_call() {
        let more = with(&json!({"call_id": id}), more);
        let event = json!({"event": event["event"], "call": with(&event["call"], &more)});
        assert_eq!(server.webhook(&event).await.status(), 204);
    }
    server.settled().await;
}

async fn say(desk: &Desk<'_>, path: &str, body: &Value) -> reqwest::Response {
    desk.send("PUT", path, Some(body)).await
}

#[tokio::test]
async fn how_a_call_came_out_is_said_kept_and_told() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        over(
            &server,
            "call_worked",
            &json!({"from_number": "+4930901820"}),
        )
        .await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let list = json!({
            "items": [{"name": "Sold ", "tone": "good"}, {"name": "Wrong number"}],
            "required": true,
        });
        let refused = say(&agent, "/api/desk/dispositions", &list).await;
        assert_eq!(refused.status(), 403);
        let set = say(&admin, "/api/desk/dispositions?revision=0", &list).await;
        let set: Dispositions = set.json().await.unwrap();
        assert_eq!((set.items[0].name.as_str(), set.revision), ("Sold", 1));
        let late = say(&admin, "/api/desk/dispositions?revision=0", &list).await;
        problem(late, 409, slug::CHANGED_MEANWHILE).await;

        let path = "/api/desk/calls/call_worked/wrap-up";
        let nothing: KeptWrapUp = agent.get(path).await;
        assert_eq!(nothing, KeptWrapUp::default());
        let missing = say(&agent, path, &json!({"note": "Liked it."})).await;
        problem(missing, 422, slug::DISPOSITION_MISSING).await;
        let unknown = say(&agent, path, &json!({"disposition": "Bought"})).await;
        problem(unknown, 422, slug::DISPOSITION_UNKNOWN).await;

        let mut changes = server.app().store.bus().subscribe();
        let said = json!({
            "disposition": "Sold", "tags": ["gold", " gold", "new"], "note": "Liked it.",
        });
        let kept = say(&agent, &format!("{path}?revision=0"), &said).await;
        let kept: KeptWrapUp = kept.json().await.unwrap();
        assert_eq!((kept.said.tags.len(), kept.revision), (2, 1));
        assert_eq!(next_change(&mut changes).await.call.id, "call_worked");
        assert_eq!(agent.get::<KeptWrapUp>(path).await, kept);
        let late = say(&agent, &format!("{path}?revision=0"), &said).await;
        problem(late, 409, slug::CHANGED_MEANWHILE).await;

        let choices: CallChoices = agent.get("/api/desk/calls/choices").await;
        assert_eq!(choices.tags, ["gold", "new"]);
        assert_eq!(choices.dispositions, set);

        // What it came to stays, though the list is another one by now.
        let list = json!({"items": [{"name": "Wrong number"}]});
        assert_eq!(
            say(&admin, "/api/desk/dispositions", &list).await.status(),
            200
        );
        let again = say(
            &agent,
            path,
            &json!({"disposition": "Sold", "tags": ["new"]}),
        )
        .await;
        assert_eq!(again.status(), 200);
        let choices: CallChoices = agent.get("/api/desk/calls/choices").await;
        assert_eq!(choices.tags, ["new"]);

        let trail = server.app().store.audit_events();
        let trail = trail.page(&server.tenant, None, 10).await.unwrap();
        let deeds: Vec<_> = trail.iter().map(|it| it.action.as_str()).collect();
        assert_eq!(
            deeds[..4],
            [
                "call.wrapped_up",
                "dispositions.changed",
                "call.wrapped_up",
                "dispositions.changed"
            ]
        );
        assert!(!format!("{trail:?}").contains("Liked"));
        server.stop().await;
    }
}

#[tokio::test]
async fn programs_say_how_a_call_came_out_and_are_told() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        over(&server, "call_program", &json!({})).await;
        let scopes = [
            ApiScope::CallsRead,
            ApiScope::CallsWrite,
            ApiScope::WebhooksRead,
            ApiScope::WebhooksWrite,
        ];
        let crm = program(&server, &scopes).await;
        let hook = json!({"url": "https://hook.test/", "events": ["call.disposition"]});
        let hook = crm.send("POST", "/api/v1/webhook-endpoints", &hook).await;
        assert_eq!(hook.status(), 201);
        let hook: Value = hook.json().await.unwrap();
        let path = "/api/v1/calls/call_program/wrap-up";
        // Nothing is required, and nothing has to be on a list for who says nothing of it.
        let said = json!({"tags": ["gold"], "note": "Calls again."});
        let kept = crm.send("PUT", path, &said).await;
        assert_eq!(kept.status(), 200);
        let kept: KeptWrapUp = crm.get(path).await.json().await.unwrap();
        assert_eq!(kept.said.note, "Calls again.");
        let none = crm.send("PUT", "/api/v1/calls/none/wrap-up", &said).await;
        problem(none, 404, slug::CALL_UNKNOWN).await;
        let id = hook["endpoint"]["id"].as_str().unwrap();
        let sent = crm
            .get(&format!("/api/v1/webhook-endpoints/{id}/notifications"))
            .await;
        let sent: Value = sent.json().await.unwrap();
        assert_eq!(sent["items"][0]["event_type"], "call.disposition");
        server.stop().await;
    }
}

#[tokio::test]
async fn notes_on_a_call_are_several_and_each_is_its_authors() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let number = json!({"from_number": "+4930901820"});
        over(&server, "call_noted", &number).await;
        let ada = Desk::sign_in(&server, Role::Agent).await;
        let ben = Desk::sign_in(&server, Role::Supervisor).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let path = "/api/desk/calls/call_noted/notes";
        let add = async |desk: &Desk<'_>, text: &str| -> CallNote {
            let added = desk.send("POST", path, Some(&json!({"text": text}))).await;
            assert_eq!(added.status(), 201);
            added.json().await.unwrap()
        };
        let empty = ada.send("POST", path, Some(&json!({"text": " "}))).await;
        problem(empty, 422, slug::VALUE_INVALID).await;
        let first = add(&ada, " Likes tea.\n").await;
        assert_eq!(first.text, "Likes tea.");
        assert!(first.written.user_id.is_some() && !first.written.name.is_empty());
        let second = add(&ben, "Calls again.").await;

        // One program's way of saying it adds to them, says nothing twice, and takes none away.
        let wrap_up = "/api/desk/calls/call_noted/wrap-up";
        for said in [
            json!({"note": "Calls again."}),
            json!({"note": "Comes on Tuesday."}),
            json!({}),
        ] {
            let kept: KeptWrapUp = say(&admin, wrap_up, &said).await.json().await.unwrap();
            assert!(!kept.said.note.is_empty());
        }
        let texts = async || -> Vec<String> {
            let notes: CallNotes = ada.get(path).await;
            notes.items.into_iter().map(|note| note.text).collect()
        };
        let all = ["Likes tea.", "Calls again.", "Comes on Tuesday."];
        assert_eq!(texts().await, all);

        // The first is Ada's to change, and hers or an admin's to remove.
        let of = |note: &CallNote| format!("{path}/{}", note.id);
        let anew = json!({"text": "Likes coffee."});
        for desk in [&ben, &admin] {
            let refused = say(desk, &of(&first), &anew).await;
            problem(refused, 403, slug::ROLE_TOO_LOW).await;
        }
        assert_eq!(say(&ada, &of(&first), &anew).await.status(), 204);
        let refused = ada.send("DELETE", &of(&second), None).await;
        problem(refused, 403, slug::ROLE_TOO_LOW).await;
        let removed = admin.send("DELETE", &of(&second), None).await;
        assert_eq!(removed.status(), 204);
        let notes: CallNotes = ben.get(path).await;
        assert_eq!(texts().await, ["Likes coffee.", "Comes on Tuesday."]);
        assert!(notes.items[0].edited_at.is_some() && notes.items[1].edited_at.is_none());

        // They stand in the line of time of whoever called.
        let contact = json!({"name": "Zoe", "phone": "+4930901820"});
        let contact = ada.send("POST", "/api/desk/contacts", Some(&contact)).await;
        let contact: Value = contact.json().await.unwrap();
        let moments = format!(
            "/api/desk/contacts/{}/moments",
            contact["id"].as_str().unwrap()
        );
        let moments: Value = ada.get(&moments).await;
        assert_eq!(moments["items"][0]["notes"][0]["text"], "Likes coffee.");
        assert_eq!(moments["items"][0]["id"], "call_noted");
        let trail = server.app().store.audit_events();
        let trail = trail.page(&server.tenant, None, 10).await.unwrap();
        assert!(trail.iter().any(|it| it.action == "call.note_removed"));
        assert!(!format!("{trail:?}").contains("Likes"));
        server.stop().await;
    }
}

#[tokio::test]
async fn what_was_said_of_a_call_goes_with_it() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        over(
            &server,
            "call_of_zoe",
            &json!({"from_number": "+4930901820"}),
        )
        .await;
        let desk = Desk::sign_in(&server, Role::Agent).await;
        let path = "/api/desk/calls/call_of_zoe/wrap-up";
        let said = json!({"tags": ["gold"], "note": "Likes tea."});
        assert_eq!(say(&desk, path, &said).await.status(), 200);
        let (store, tenant) = (&server.app().store, &server.tenant);
        let person = Person::parse("+4930901820").unwrap();
        let copy = copy_of(store, tenant, &person).await;
        assert_eq!(copy["calls"][0]["wrap_up"]["note"], "Likes tea.");
        assert_eq!(copy["calls"][0]["notes"][0]["text"], "Likes tea.");
        let keepers = server::app::keepers();
        let author = server::deeds::Author::operator();
        let erased = server::privacy::erase(&keepers, store, tenant, &person, None, &author, 2);
        let erased = erased.await.unwrap().erased;
        assert_eq!((erased.wrap_ups, erased.notes), (1, 1));
        let gone = desk.send("GET", path, None).await;
        problem(gone, 404, slug::CALL_UNKNOWN).await;
        let choices: CallChoices = desk.get("/api/desk/calls/choices").await;
        assert!(choices.tags.is_empty());
        server.stop().await;
    }
}

/// The ids of the calls that pass a filter.
async fn found(desk: &Desk<'_>, filter: &str) -> Vec<String> {
    let page: api::desk::CallPage = desk.get(&format!("/api/desk/calls?{filter}")).await;
    page.items.into_iter().map(|call| call.id).collect()
}

/// Waits until a call is found.
async fn becomes(desk: &Desk<'_>, filter: &str, ids: &[&str]) {
    in_time(async {
        while found(desk, filter).await != ids {
            a_moment().await;
        }
    })
    .await;
}

/// What was said in a call, as Retell tells it.
fn transcript(texts: &[&str]) -> Value {
    let said = texts.iter().map(|text| {
        let words = json!([{"word": text, "start": 0.5, "end": 0.9}]);
        json!({"role": "user", "content": text, "words": words})
    });
    json!({"transcript_with_tool_calls": said.collect::<Vec<_>>()})
}

#[tokio::test]
async fn calls_are_found_by_what_was_said_in_them_until_it_is_deleted() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let zoe = with(
            &transcript(&["¿Cuánto CUESTA?", "I want a refund, please"]),
            &json!({"from_number": "+4930901820", "start_timestamp": 1_790_000_001_000_i64}),
        );
        over(&server, "call_zoe", &zoe).await;
        let ben = with(
            &transcript(&["A refund for my room"]),
            &json!({"start_timestamp": 1_790_000_002_000_i64, "call_cost": {"combined_cost": 50}}),
        );
        over(&server, "call_ben", &ben).await;
        let desk = Desk::sign_in(&server, Role::Agent).await;
        becomes(&desk, "text=refund", &["call_ben", "call_zoe"]).await;
        assert_eq!(found(&desk, "text=REFUND%20cuanto").await, ["call_zoe"]);
        assert_eq!(found(&desk, "text=the%20room%21").await, ["call_ben"]);
        assert!(found(&desk, "text=refund%20dog").await.is_empty());
        let agent = "text=refund&agent_id=agent_1&user_sentiment=Positive";
        assert_eq!(found(&desk, agent).await, ["call_ben", "call_zoe"]);
        assert_eq!(found(&desk, "min_cost_cents=20").await, ["call_ben"]);
        assert_eq!(
            found(&desk, "text=refund&max_cost_cents=20").await,
            ["call_zoe"]
        );
        assert!(
            found(&desk, "text=refund&has_booking=true")
                .await
                .is_empty()
        );
        // As far as it is typed, also where very many words begin so.
        assert_eq!(found(&desk, "text=refu").await, ["call_ben", "call_zoe"]);
        assert_eq!(found(&desk, "text=refund%20cuan").await, ["call_zoe"]);
        assert!(found(&desk, "text=cuanx").await.is_empty());
        let nothing = desk.send("GET", "/api/desk/calls?text=%3F", None).await;
        problem(nothing, 400, slug::REQUEST_INVALID).await;
        // By the name of the contact, or what was said; also by one of very many.
        let zoe = json!({"phone": "+4930901820", "name": "Zoë Roomer"});
        let _: Value = desk.post("/api/desk/contacts", &zoe).await;
        assert_eq!(found(&desk, "text=zoe").await, ["call_zoe"]);
        assert_eq!(found(&desk, "text=ro%20zo").await, ["call_zoe"]);
        assert_eq!(found(&desk, "text=room").await, ["call_ben", "call_zoe"]);
        assert_eq!(
            found(&desk, "text=room&min_cost_cents=20").await,
            ["call_ben"]
        );
        for nth in 0..15 {
            let other = json!({"phone": format!("+49309018{nth:02}00"), "name": "Room Zoltan"});
            let _: Value = desk.post("/api/desk/contacts", &other).await;
        }
        assert_eq!(found(&desk, "text=zo").await, ["call_zoe"]);
        assert_eq!(found(&desk, "text=roo").await, ["call_ben", "call_zoe"]);
        let first: api::desk::CallPage = desk.get("/api/desk/calls?text=roo&limit=1").await;
        assert_eq!(first.items[0].id, "call_ben");
        let next = format!("text=roo&limit=1&cursor={}", first.next_cursor.unwrap());
        assert_eq!(found(&desk, &next).await, ["call_zoe"]);
        // Page by page.
        let first: api::desk::CallPage = desk.get("/api/desk/calls?text=refund&limit=1").await;
        let next = first.next_cursor.unwrap();
        let next = format!("text=refund&limit=1&cursor={next}");
        assert_eq!(found(&desk, &next).await, ["call_zoe"]);
        // What is said anew is found, and what was taken back is not.
        let ben = with(&ben, &transcript(&["A credit for my room"]));
        over(&server, "call_ben", &ben).await;
        becomes(&desk, "text=credit", &["call_ben"]).await;
        assert_eq!(found(&desk, "text=refund").await, ["call_zoe"]);

        let (store, tenant) = (&server.app().store, &server.tenant);
        let person = Person::parse("+4930901820").unwrap();
        let keepers = server::app::keepers();
        let author = server::deeds::Author::operator();
        let erased = server::privacy::erase(&keepers, store, tenant, &person, None, &author, 2);
        assert_eq!(erased.await.unwrap().erased.calls, 1);
        let mut connection = raw_connection(&server.app().config.database).await;
        let left = sqlx::query("SELECT COUNT(*) AS n FROM said_words WHERE call_id = 'call_zoe'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(sqlx::Row::get::<i64, _>(&left, "n"), 0);
        sqlx::Connection::close(connection).await.unwrap();
        assert!(found(&desk, "text=refund").await.is_empty());
        server.stop().await;
    }
}

#[tokio::test]
async fn calls_are_found_by_what_people_say_of_them_and_given_out_as_files() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        for (id, second) in [("call_a", 1), ("call_b", 2), ("call_c", 3)] {
            let at = 1_790_000_000_000_i64 + second * 1_000;
            over(
                &server,
                id,
                &json!({"start_timestamp": at, "from_number": "+4930901820"}),
            )
            .await;
        }
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let list = json!({"items": [{"name": "Sold"}, {"name": "Lost"}]});
        assert_eq!(
            say(&admin, "/api/desk/dispositions", &list).await.status(),
            200
        );
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let say_of = |id: &str, said: Value| {
            let (desk, path) = (&desk, format!("/api/desk/calls/{id}/wrap-up"));
            async move { assert_eq!(say(desk, &path, &said).await.status(), 200) }
        };
        let note = "=1+1, \"two\"\nlines";
        say_of(
            "call_a",
            json!({"disposition": "Sold", "tags": ["gold", "new"], "note": note}),
        )
        .await;
        say_of("call_b", json!({"disposition": "Lost", "tags": ["gold"]})).await;
        assert_eq!(found(&desk, "disposition=Sold").await, ["call_a"]);
        assert_eq!(found(&desk, "tag=gold").await, ["call_b", "call_a"]);
        assert_eq!(found(&desk, "tag=gold&disposition=Lost").await, ["call_b"]);
        assert_eq!(found(&desk, "has_disposition=false").await, ["call_c"]);
        let first: api::desk::CallPage = desk.get("/api/desk/calls?tag=gold&limit=1").await;
        let next = format!("tag=gold&limit=1&cursor={}", first.next_cursor.unwrap());
        assert_eq!(found(&desk, &next).await, ["call_a"]);

        let path = "/api/desk/calls/export?tag=gold";
        let file = desk.send("GET", path, None).await;
        let kind = file.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(
            (file.status().as_u16(), kind.as_str()),
            (200, "text/csv; charset=utf-8")
        );
        let text = file.text().await.unwrap();
        let mut lines = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let lines: Vec<_> = lines.records().map(Result::unwrap).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[1][0], &lines[1][6]), ("call_a", "'+4930901820"));
        assert_eq!((&lines[1][18], &lines[1][19]), ("Sold", "gold, new"));
        assert_eq!(lines[1][20], format!("'{note}"));
        let file = desk
            .send("GET", &format!("{path}&format=jsonl"), None)
            .await;
        let text = file.text().await.unwrap();
        let lines: Vec<ExportedCall> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!((lines.len(), lines[1].said.note.as_str()), (2, note));
        assert_eq!(lines[1].cost_cents, Some(7.5));
        let agent = Desk::sign_in(&server, Role::Agent).await;
        assert_eq!(agent.send("GET", path, None).await.status(), 403);
        let trail = server.app().store.audit_events();
        let trail = trail.page(&server.tenant, None, 1).await.unwrap();
        assert_eq!(trail[0].action, "calls.exported");
        server.stop().await;
    }
}

#[tokio::test]
async fn views_are_ones_own_or_everybodys() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let boss = Desk::sign_in(&server, Role::Supervisor).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let path = "/api/desk/call-views";
        let own = json!({"name": " Refunds ", "query": "text=refund&color=red&status=ended"});
        let own: CallView = agent.post(path, &own).await;
        assert_eq!((own.name.as_str(), own.shared), ("Refunds", false));
        assert_eq!(own.query, "status=ended&text=refund");
        let shared = json!({"name": "Gold", "query": "tag=gold", "shared": true});
        problem(
            agent.send("POST", path, Some(&shared)).await,
            403,
            slug::ROLE_TOO_LOW,
        )
        .await;
        let shared: CallView = boss.post(path, &shared).await;
        for refused in [
            json!({"name": "", "query": ""}),
            json!({"name": "x", "query": "text=%3F"}),
            json!({"name": "x", "query": "number=%2B491701234567"}),
        ] {
            let refused = agent.send("POST", path, Some(&refused)).await;
            assert!(refused.status().is_client_error());
        }
        let seen: CallViewList = agent.get(path).await;
        assert_eq!(seen.items, [shared.clone(), own.clone()]);
        let seen: CallViewList = boss.get(path).await;
        assert_eq!(seen.items, std::slice::from_ref(&shared));
        let of = |view: &CallView| format!("{path}/{}", view.id);
        let theirs = agent.send("DELETE", &of(&shared), None).await;
        problem(theirs, 403, slug::ROLE_TOO_LOW).await;
        assert_eq!(boss.send("DELETE", &of(&own), None).await.status(), 404);
        assert_eq!(agent.send("DELETE", &of(&own), None).await.status(), 204);
        assert_eq!(boss.send("DELETE", &of(&shared), None).await.status(), 204);
        assert!(agent.get::<CallViewList>(path).await.items.is_empty());
        server.stop().await;
    }
}
