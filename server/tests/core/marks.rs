//! Whose a call is, and that a supervisor should look at it.

use api::desk::{CallDetail, CallPage, GivenCalls};
use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};
use server::people::Role;

use crate::sse::Events;
use crate::support::{
    Desk, Scratch, TestServer, in_time, life_of_a_call, next_change, problem, retell_that_mints,
};
use crate::v1::program;

const CALL: &str = "/api/desk/calls/call_1";

/// A server that knows of a call which goes on.
async fn with_a_call(scratch: Scratch) -> TestServer {
    let retell = retell_that_mints().await;
    let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
    assert_eq!(server.webhook(&life_of_a_call()[0]).await.status(), 204);
    server.settled().await;
    server
}

async fn put(desk: &Desk<'_>, what: &str, body: &Value) -> reqwest::Response {
    desk.send("PUT", &format!("{CALL}/{what}"), Some(body))
        .await
}

async fn delete(desk: &Desk<'_>, what: &str) -> reqwest::Response {
    desk.send("DELETE", &format!("{CALL}/{what}"), None).await
}

async fn found(desk: &Desk<'_>, query: &str) -> usize {
    let page: CallPage = desk.get(&format!("/api/desk/calls?{query}")).await;
    page.items.len()
}

#[tokio::test]
async fn a_call_is_one_persons_and_a_supervisor_takes_it_from_them() {
    for scratch in Scratch::each().await {
        let server = with_a_call(scratch).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let mut changes = server.app().store.bus().subscribe();

        assert_eq!(put(&agent, "claim", &json!({})).await.status(), 204);
        let told = next_change(&mut changes).await.call;
        assert_eq!(told.claimed_by.as_deref(), Some("user_agent_1"));
        let call: CallDetail = supervisor.get(CALL).await;
        let claim = call.claim.unwrap();
        assert_eq!(
            (claim.user_id.as_str(), claim.name.as_str()),
            ("user_agent_1", "Robin")
        );
        assert!(claim.since > 0);
        // Theirs already: that is nothing new to anybody.
        assert_eq!(put(&agent, "claim", &json!({})).await.status(), 204);

        let refused = problem(
            put(&supervisor, "claim", &json!({})).await,
            409,
            slug::CALL_CLAIMED,
        );
        assert_eq!(refused.await.detail.as_deref(), Some("It is Robin's."));
        let take = json!({"take": true});
        assert_eq!(put(&supervisor, "claim", &take).await.status(), 204);
        problem(put(&agent, "claim", &take).await, 403, slug::ROLE_TOO_LOW).await;
        problem(delete(&agent, "claim").await, 403, slug::ROLE_TOO_LOW).await;
        let nobody = json!({"user_id": "user_nobody", "take": true});
        problem(
            put(&supervisor, "claim", &nobody).await,
            422,
            slug::VALUE_INVALID,
        )
        .await;
        // A call that went on meanwhile is still theirs.
        for webhook in &life_of_a_call()[2..] {
            assert_eq!(server.webhook(webhook).await.status(), 204);
        }
        server.settled().await;
        assert_eq!(found(&admin, "claimed_by=user_supervisor_1").await, 1);
        assert_eq!(found(&admin, "claimed_by=user_agent_1").await, 0);
        assert_eq!(delete(&admin, "claim").await.status(), 204);
        assert_eq!(delete(&agent, "claim").await.status(), 204);
        assert_eq!(found(&admin, "claimed_by=user_supervisor_1").await, 0);

        // A program says whose.
        let program = program(&server, &[ApiScope::CallsWrite]).await;
        let address = "/api/v1/calls/call_1/claim";
        let unsaid = program.send("PUT", address, &json!({})).await;
        problem(unsaid, 422, slug::VALUE_INVALID).await;
        let for_agent = json!({"user_id": "user_agent_1"});
        assert_eq!(program.send("PUT", address, &for_agent).await.status(), 204);
        assert_eq!(found(&agent, "claimed_by=user_agent_1").await, 1);

        let trail: Value = admin.get("/api/desk/audit").await;
        let deeds: Vec<_> = trail["items"].as_array().unwrap().iter().rev().collect();
        let deeds = deeds.iter().filter(|deed| deed["subject_id"] == "call_1");
        let deeds: Vec<_> = deeds.map(|deed| deed["action"].as_str().unwrap()).collect();
        let expected = [
            "call.claimed",
            "call.claimed",
            "call.released",
            "call.claimed",
        ];
        assert_eq!(deeds, expected);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_call_is_given_to_a_colleague_who_is_told_and_taken_back_until_it_was_given_on() {
    for scratch in Scratch::each().await {
        let server = with_a_call(scratch).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        let _admin = Desk::sign_in(&server, Role::Admin).await;
        let (me, them, other) = ("user_agent_1", "user_supervisor_1", "user_admin_1");
        let to = |user_id: &str| json!({"user_id": user_id, "take": true, "from": me});
        let stream = supervisor.send("GET", "/api/desk/events", None).await;
        let mut events = Events::of(stream);

        // Nobody's is nobody's to give, but for a supervisor.
        let given = put(&agent, "claim", &json!({"user_id": them})).await;
        problem(given, 403, slug::ROLE_TOO_LOW).await;
        assert_eq!(put(&agent, "claim", &json!({})).await.status(), 204);
        assert_eq!(put(&agent, "claim", &to(them)).await.status(), 204);
        let told = in_time(async {
            loop {
                let event = events.next().await.expect("the stream goes on");
                if event.name == "given" {
                    return event.data;
                }
            }
        });
        assert_eq!(told.await, format!("{them} call_1"));
        let call: CallDetail = supervisor.get(CALL).await;
        assert_eq!(call.summary.claimed_by_name.as_deref(), Some("Robin"));
        let claim = call.claim.unwrap();
        let given = (claim.user_id.as_str(), claim.given_by.as_deref());
        assert_eq!(given, (them, Some(me)));
        assert_eq!(claim.given_by_name, "Robin");

        // Who was not there is told when they are, until they have seen it.
        let given = async || -> GivenCalls { supervisor.get("/api/desk/calls/given").await };
        assert_eq!(given().await.items[0].id, "call_1");
        let later = supervisor.send("GET", "/api/desk/events", None).await;
        let told = Events::of(later).expect("given").await;
        assert_eq!(told.data, format!("{them} call_1"));
        let seen = json!({});
        assert_eq!(put(&agent, "claim/seen", &seen).await.status(), 204);
        assert_eq!(given().await.items.len(), 1, "it is not theirs to see");
        assert_eq!(put(&supervisor, "claim/seen", &seen).await.status(), 204);
        assert_eq!(given().await.items, []);

        // Who gave it takes it back, as long as it was not given on.
        let back = json!({"take": true, "from": them});
        assert_eq!(put(&agent, "claim", &back).await.status(), 204);
        let call: CallDetail = agent.get(CALL).await;
        assert_eq!(call.claim.unwrap().given_by, None);
        assert_eq!(put(&agent, "claim", &to(them)).await.status(), 204);
        let on = json!({"user_id": other, "take": true, "from": them});
        assert_eq!(put(&supervisor, "claim", &on).await.status(), 204);
        let late = problem(put(&agent, "claim", &back).await, 409, slug::CALL_CLAIMED).await;
        assert_eq!(late.detail.as_deref(), Some("It is Robin's."));
        // Nor does a supervisor take it from whom they do not mean.
        let late = put(&supervisor, "claim", &json!({"take": true, "from": them})).await;
        problem(late, 409, slug::CALL_CLAIMED).await;
        assert_eq!(found(&agent, &format!("claimed_by={other}")).await, 1);
        assert_eq!(delete(&supervisor, "claim").await.status(), 204);
        let call: CallDetail = agent.get(CALL).await;
        assert_eq!((call.claim, call.summary.claimed_by_name), (None, None));
        server.stop().await;
    }
}

#[tokio::test]
async fn of_two_who_give_a_call_at_once_one_does() {
    for scratch in Scratch::each().await {
        let server = with_a_call(scratch).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        let _admin = Desk::sign_in(&server, Role::Admin).await;
        assert_eq!(put(&agent, "claim", &json!({})).await.status(), 204);
        let to = |user: &str| json!({"user_id": user, "take": true, "from": "user_agent_1"});
        let (one, other) = (to("user_supervisor_1"), to("user_admin_1"));
        let (first, second) = tokio::join!(
            put(&agent, "claim", &one),
            put(&supervisor, "claim", &other)
        );
        let mut both = [first.status().as_u16(), second.status().as_u16()];
        both.sort_unstable();
        // The agent may take back what they gave; not what somebody else did.
        assert_eq!(both, [204, 409]);
        server.stop().await;
    }
}

#[tokio::test]
async fn of_two_who_claim_a_call_at_once_one_has_it() {
    for scratch in Scratch::each().await {
        let server = with_a_call(scratch).await;
        let one = Desk::sign_in(&server, Role::Agent).await;
        let other = Desk::sign_in(&server, Role::Admin).await;
        let nothing = json!({});
        let (first, second) =
            tokio::join!(put(&one, "claim", &nothing), put(&other, "claim", &nothing));
        let mut both = [first.status().as_u16(), second.status().as_u16()];
        both.sort_unstable();
        assert_eq!(both, [204, 409]);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_call_is_flagged_for_a_supervisor_until_it_was_looked_at() {
    for scratch in Scratch::each().await {
        let server = with_a_call(scratch).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        let why = json!({"reason": "  Wants the manager. "});
        assert_eq!(put(&agent, "flag", &why).await.status(), 204);
        let call: CallDetail = supervisor.get(CALL).await;
        let flag = call.flag.unwrap();
        assert_eq!(flag.reason.as_deref(), Some("Wants the manager."));
        assert_eq!(flag.user_id.as_deref(), Some("user_agent_1"));
        assert_eq!(flag.since, call.summary.flagged_at.unwrap());
        let long = json!({"reason": "x".repeat(501)});
        problem(put(&agent, "flag", &long).await, 422, slug::VALUE_INVALID).await;

        for webhook in &life_of_a_call()[2..] {
            assert_eq!(server.webhook(webhook).await.status(), 204);
        }
        server.settled().await;
        assert_eq!(found(&agent, "flagged=true").await, 1);
        assert_eq!(found(&agent, "flagged=false").await, 0);
        assert_eq!(put(&supervisor, "flag", &json!({})).await.status(), 204);
        problem(delete(&agent, "flag").await, 403, slug::ROLE_TOO_LOW).await;
        assert_eq!(delete(&supervisor, "flag").await.status(), 204);
        assert_eq!(delete(&agent, "flag").await.status(), 204);
        assert_eq!(found(&agent, "flagged=true").await, 0);
        let call: CallDetail = agent.get(CALL).await;
        assert_eq!((call.flag, call.summary.flagged_at), (None, None));
        server.stop().await;
    }
}
