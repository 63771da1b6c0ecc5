//! Working the calls that were: what people say of them, on both databases, through the real
//! router.

use api::calls::CallChoices;
use api::keys::ApiScope;
use api::problem::slug;
use api::wrap_up::{Dispositions, KeptWrapUp};
use serde_json::{Value, json};
use server::people::Role;
use server::person::Person;

use crate::privacy::copy_of;
use crate::support::{Desk, Scratch, TestServer, life_of_a_call, next_change, problem, with};
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
            .get(&format!("/api/v1/webhook-endpoints/{id}/deliveries"))
            .await;
        let sent: Value = sent.json().await.unwrap();
        assert_eq!(sent["items"][0]["event_type"], "call.disposition");
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
        let keepers = server::app::keepers();
        let author = server::deeds::Author::operator();
        let erased = server::privacy::erase(&keepers, store, tenant, &person, None, &author, 2);
        assert_eq!(erased.await.unwrap().erased.wrap_ups, 1);
        let gone = desk.send("GET", path, None).await;
        problem(gone, 404, slug::CALL_UNKNOWN).await;
        let choices: CallChoices = desk.get("/api/desk/calls/choices").await;
        assert!(choices.tags.is_empty());
        server.stop().await;
    }
}
