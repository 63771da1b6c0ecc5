//! Call-backs as a queue that people share, and those that reach nobody.

use std::time::Duration;

use api::callbacks::{Callback, CallbackOutcome, CallbackPage, CallbackState};
use api::problem::slug;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::callbacks;
use server::calls::Observation;
use server::people::Role;
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

use super::{HOUR, VISITOR, bench, dialled, over, request, retell, to_do};
use crate::bench::{Bench, somebody};
use crate::support::{Desk, Scratch, TestServer, problem};

const PATH: &str = "/api/desk/callbacks";

/// What Retell tells of the end of a call of a call-back.
async fn ends(bench: &Bench, call_id: &str, callback: &str, reason: &str) {
    let call = json!({
        "call_id": call_id, "call_type": "phone_call", "direction": "outbound",
        "from_number": "+34911230100", "to_number": "+34612345678", "call_status": "ended",
        "end_timestamp": bench.now(), "disconnection_reason": reason,
        "metadata": {"switchboard_callback": callback},
    });
    let call = call.as_object().unwrap().clone();
    let seen = Observation::from_event("call_ended", call, bench.now()).unwrap();
    let (calls, healing) = (bench.app.store.calls(), &bench.app.config.healing);
    let told = calls.observe(&bench.tenant, &seen, bench.now(), healing);
    told.await.unwrap();
    bench.work_off().await;
}

#[tokio::test]
async fn whoever_does_not_answer_is_called_again_and_then_left_to_people() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        for nth in 1..=4 {
            let call = json!({
                "call_id": format!("call_{nth}"), "call_type": "phone_call",
                "direction": "outbound", "agent_id": "agent_demo_es",
                "call_status": "registered", "from_number": "+34911230100",
                "to_number": "+34612345678",
            });
            Mock::given(method("POST"))
                .and(path("/v2/create-phone-call"))
                .respond_with(ResponseTemplate::new(201).set_body_json(call))
                .up_to_n_times(1)
                .mount(&retell)
                .await;
        }
        let bench = bench(scratch, &retell).await;
        let app = &bench.app;
        callbacks::ask(&app.calls, VISITOR, request(app))
            .await
            .unwrap();
        bench.work_off().await;
        let id = over(&bench).await.remove(0).id;
        for (nth, reason, outcome) in [
            (1, "dial_no_answer", CallbackOutcome::NoAnswer),
            (2, "dial_busy", CallbackOutcome::Busy),
        ] {
            ends(&bench, &format!("call_{nth}"), &id, reason).await;
            let waiting = to_do(&bench).await.remove(0);
            assert_eq!(
                (waiting.state, waiting.outcome, waiting.tries),
                (CallbackState::Scheduled, Some(outcome), nth)
            );
            let wait = waiting.due_at - bench.now();
            assert!(wait >= 30 * 60 * 1000, "{wait}");
            assert_eq!(dialled(&retell).await.len(), nth as usize);
            bench.pass(Duration::from_millis(u64::try_from(wait).unwrap()));
            bench.work_off().await;
            assert_eq!(dialled(&retell).await.len(), nth as usize + 1);
        }
        // Each is a call of its own to Retell.
        let dials = dialled(&retell).await;
        assert_ne!(dials[1]["idempotency_key"], dials[2]["idempotency_key"]);
        ends(&bench, "call_3", &id, "voicemail_reached").await;
        let left = to_do(&bench).await.remove(0);
        assert_eq!(
            (left.state, left.outcome, left.tries),
            (
                CallbackState::Unanswered,
                Some(CallbackOutcome::Voicemail),
                3
            )
        );
        bench.pass(24 * HOUR);
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 3);
        // People have it called once more, and this time somebody is there.
        callbacks::call_now(app, &bench.tenant, &id, &somebody())
            .await
            .unwrap();
        bench.work_off().await;
        ends(&bench, "call_4", &id, "user_hangup").await;
        let reached = over(&bench).await.remove(0);
        assert_eq!(
            (reached.state, reached.outcome),
            (CallbackState::Placed, Some(CallbackOutcome::Reached))
        );
        bench.clear().await;
    }
}

#[tokio::test]
async fn what_somebody_sees_to_is_not_dialled_until_they_let_go() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        super::takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        callbacks::ask(&app.calls, VISITOR, request(app))
            .await
            .unwrap();
        let id = to_do(&bench).await.remove(0).id;
        callbacks::claim(app, tenant, &id, "user_1", &somebody())
            .await
            .unwrap();
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 0);
        callbacks::release(app, tenant, &id, None, &somebody())
            .await
            .unwrap();
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 1);
        bench.clear().await;
    }
}

async fn first(desk: &Desk<'_>, query: &str) -> Callback {
    let page: CallbackPage = desk.get(&format!("{PATH}{query}")).await;
    page.items.into_iter().next().unwrap()
}

#[tokio::test]
async fn people_share_call_backs_and_say_what_came_of_them() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        let new = json!({"name": "Ana", "phone": "030 901820", "note": "About the bill."});
        let entered = agent.send("POST", PATH, Some(&new)).await;
        assert_eq!(entered.status(), StatusCode::CREATED);
        for wrong in [
            json!({"phone": "12"}),
            json!({"phone": "030 901820", "note": "x".repeat(2_001)}),
        ] {
            let refused = agent.send("POST", PATH, Some(&wrong)).await;
            problem(refused, 422, slug::VALUE_INVALID).await;
        }
        let ana = first(&agent, "").await;
        assert_eq!(
            (ana.state, ana.phone.as_str(), ana.note.as_str()),
            (CallbackState::Open, "+4930901820", "About the bill.")
        );

        // Of two who want it at once, one is told.
        let path = format!("{PATH}/{}", ana.id);
        let claim = format!("{path}/claim");
        let (one, other) = tokio::join!(
            agent.send("PUT", &claim, None),
            supervisor.send("PUT", &claim, None)
        );
        let (holder, late, refused) = match one.status() == StatusCode::NO_CONTENT {
            true => (&agent, &supervisor, other),
            false => (&supervisor, &agent, one),
        };
        problem(refused, 409, slug::CALLBACK_CLAIMED).await;
        let said = json!({"outcome": "no_answer"});
        let refused = late.send("PATCH", &path, Some(&said)).await;
        problem(refused, 409, slug::CALLBACK_CLAIMED).await;
        for what in ["call-now", "cancel"] {
            let refused = late.send("POST", &format!("{path}/{what}"), None).await;
            problem(refused, 409, slug::CALLBACK_CLAIMED).await;
        }
        let done = holder.send("PATCH", &path, Some(&said)).await;
        assert_eq!(done.status(), StatusCode::NO_CONTENT);
        let tried = first(&agent, "").await;
        assert_eq!(
            (tried.state, tried.outcome, tried.tries),
            (CallbackState::Open, Some(CallbackOutcome::NoAnswer), 1)
        );
        assert!(tried.due_at > ana.due_at + 29 * 60_000);
        assert!(tried.claimed_by_name.is_some());

        // Who let go of it leaves it to the other; what is not said stays.
        let released = holder.send("DELETE", &claim, None).await;
        assert_eq!(released.status(), StatusCode::NO_CONTENT);
        let later = json!({"due_at": tried.due_at + 60_000});
        let done = late.send("PATCH", &path, Some(&later)).await;
        assert_eq!(done.status(), StatusCode::NO_CONTENT);
        let moved = first(&agent, "").await;
        assert_eq!(
            (moved.due_at, moved.tries, moved.note.as_str()),
            (tried.due_at + 60_000, 1, "About the bill.")
        );
        let said = json!({"outcome": "wrong_number", "note": "A bakery."});
        let done = late.send("PATCH", &path, Some(&said)).await;
        assert_eq!(done.status(), StatusCode::NO_CONTENT);
        let over = first(&agent, "?over=true").await;
        assert_eq!(
            (over.state, over.outcome, over.note.as_str()),
            (
                CallbackState::Done,
                Some(CallbackOutcome::WrongNumber),
                "A bakery."
            )
        );
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let trail: Value = admin.get("/api/desk/audit").await;
        let deeds = trail["items"].as_array().unwrap().iter();
        let deeds: Vec<_> = deeds.filter_map(|deed| deed["action"].as_str()).collect();
        for deed in ["entered", "claimed", "released", "changed"] {
            assert!(
                deeds.contains(&format!("callback.{deed}").as_str()),
                "{deed}"
            );
        }
        server.stop().await;
    }
}
