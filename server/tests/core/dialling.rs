//! Numbers that the staff have an agent call, from the desk.

use api::contacts::Contact;
use api::desk::{CallSummary, Dial};
use api::problem::slug;
use serde_json::{Value, json};
use server::people::Role;
use wiremock::MockServer;

use crate::support::{Desk, Scratch, TestServer, asked, problem};
use crate::v1::retell;

const PATH: &str = "/api/desk/phone-calls";

#[tokio::test]
async fn whoever_works_calls_has_an_agent_call_a_number() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let wanted = json!({"to_number": "+34 911 230 100", "agent_id": "agent_1",
                            "request_id": "one"});
        let call: CallSummary = agent.post(PATH, &wanted).await;
        assert_eq!(
            (call.id.as_str(), call.call_type.as_str()),
            ("call_phone", "phone_call")
        );
        let placed = &dialled(&retell).await[0];
        assert_eq!(placed["to_number"], "+34911230100");
        assert_eq!(placed["override_agent_id"], "agent_1");

        for (body, kind) in [
            (json!({"to_number": "12"}), slug::VALUE_INVALID),
            (
                json!({"to_number": "+34803123456"}),
                slug::NUMBER_NOT_DIALABLE,
            ),
            (
                json!({"to_number": "+34911230100", "request_id": "x".repeat(Dial::REQUEST_ID_MAX + 1)}),
                slug::VALUE_INVALID,
            ),
        ] {
            let refused = agent.send("POST", PATH, Some(&body)).await;
            problem(refused, 422, kind).await;
        }

        // The trail has who had it made, and no number.
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let trail: Value = admin.get("/api/desk/audit").await;
        let deed = trail["items"].as_array().unwrap().iter();
        let deed = deed.filter(|deed| deed["action"] == "call.dialled");
        let deeds: Vec<_> = deed.collect();
        assert_eq!(deeds.len(), 1);
        assert_eq!(deeds[0]["subject_id"], "call_phone");
        assert!(!deeds[0].to_string().contains("911230100"));

        // Pressed twice, or after an answer that was lost, it is one call to Retell, which takes
        // keys of few characters only; for another person it is another one.
        let again = agent.send("POST", PATH, Some(&wanted)).await;
        assert_eq!(again.status(), 201);
        let other = admin.send("POST", PATH, Some(&wanted)).await;
        assert_eq!(other.status(), 201);
        let placed = dialled(&retell).await;
        let keys = placed
            .iter()
            .map(|it| it["idempotency_key"].as_str().unwrap());
        let [first, again, other] = keys.collect::<Vec<_>>()[..] else {
            panic!("{} calls were placed", placed.len());
        };
        assert_eq!(first, again);
        assert_ne!(first, other);
        assert!(first.bytes().all(|it| it.is_ascii_alphanumeric()));

        // Whoever wants no calls gets none, under none of their numbers and however it is written.
        let marked = json!({"phone": "+34612345678", "more_phones": ["+34911230199"],
                            "do_not_call": true});
        let ana: Contact = agent.post("/api/desk/contacts", &marked).await;
        for number in ["+34612345678", "0034 911 23 01 99"] {
            let refused = agent
                .send("POST", PATH, Some(&json!({"to_number": number})))
                .await;
            problem(refused, 422, slug::DO_NOT_CALL).await;
        }
        assert_eq!(dialled(&retell).await.len(), 3);
        let fine = json!({"phone": "+34612345678", "more_phones": ["+34911230199"]});
        let path = format!("/api/desk/contacts/{}", ana.id);
        let ana = agent.send("PUT", &path, Some(&fine)).await;
        assert!(!ana.json::<Contact>().await.unwrap().details.do_not_call);
        let trail: Value = admin.get("/api/desk/audit").await;
        let deeds = trail["items"].as_array().unwrap().iter();
        let deeds: Vec<_> = deeds.filter_map(|deed| deed["action"].as_str()).collect();
        assert_eq!(
            deeds[..4],
            [
                "contact.callable",
                "contact.changed",
                "contact.do_not_call",
                "contact.created"
            ]
        );

        // As it is dialled where the business is.
        let home = json!({"to_number": "030 / 901820"});
        assert_eq!(agent.send("POST", PATH, Some(&home)).await.status(), 201);
        assert_eq!(dialled(&retell).await[3]["to_number"], "+4930901820");
        server.stop().await;
    }
}

/// What Retell was asked for, of calls.
async fn dialled(retell: &MockServer) -> Vec<Value> {
    let asked = asked(retell).await;
    let calls = asked
        .iter()
        .filter(|it| it.url.path() == "/v2/create-phone-call");
    calls.map(|it| it.body_json().unwrap()).collect()
}

#[tokio::test]
async fn numbers_are_called_as_often_as_agents_are_tried() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let wanted = json!({"to_number": "+34911230100"});
        for _ in 0..10 {
            let done = agent.send("POST", PATH, Some(&wanted)).await;
            assert_eq!(done.status(), 201);
        }
        let refused = agent.send("POST", PATH, Some(&wanted)).await;
        problem(refused, 429, slug::RATE_LIMITED).await;
        server.stop().await;
    }
}
