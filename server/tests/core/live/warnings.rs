//! People are warned by the rules of their business while calls go on, whether or not anybody
//! looks at them.

use api::desk::{CallDetail, CallPage};
use api::keys::ApiScope;
use api::problem::slug;
use api::warnings::{CallWarning, Severity, WarningRuleList};
use serde_json::{Value, json};
use server::config::Secret;
use server::deeds::Author;
use server::people::Role;

use crate::retell_stub::{RetellStub, Upstream, said};
use crate::support::{Desk, Scratch, TestServer, a_moment, in_time, next_change, problem};
use crate::v1::program;

/// Every server on a database has the same.
const SECRET: &str = "a secret that both servers of these tests share";
const PATH: &str = "/api/desk/warning-rules";

async fn start(scratch: Scratch, retell: &RetellStub) -> TestServer {
    TestServer::start_with(scratch, &retell.url, |config| {
        config.secret = Some(Secret::new(SECRET));
    })
    .await
}

/// A business with rules: that an agent says it is an AI within 15 s, that a caller wants a
/// human.
async fn with_rules(scratch: Scratch, retell: &RetellStub) -> TestServer {
    let server = start(scratch, retell).await;
    let admin = Desk::sign_in(&server, Role::Admin).await;
    for rule in [
        json!({"name": "Says it is an AI", "when": "agent_omits", "seconds": 15,
               "words": ["an AI", "eine KI"], "severity": "high"}),
        json!({"name": "Says hello", "when": "agent_omits", "seconds": 15, "words": ["hello"]}),
        json!({"name": "Asks for a human", "when": "caller_says", "words": ["a human"]}),
    ] {
        let _: Value = admin.post(PATH, &rule).await;
    }
    server
}

/// A call goes on since twenty seconds.
async fn begin(server: &TestServer, id: &str) {
    begin_with(server, id, "agent_1").await;
}

/// The same with another agent.
async fn begin_with(server: &TestServer, id: &str, agent: &str) {
    let began = server.app().clock.now_ms() - 20_000;
    let call = json!({
        "call_id": id, "call_type": "web_call", "agent_id": agent,
        "call_status": "ongoing", "start_timestamp": began,
    });
    let started = json!({"event": "call_started", "call": call});
    assert_eq!(server.webhook(&started).await.status(), 204);
}

async fn call(desk: &Desk<'_>, id: &str) -> CallDetail {
    desk.get(&format!("/api/desk/calls/{id}")).await
}

/// What was warned of, once it is so many.
async fn warned(desk: &Desk<'_>, id: &str, many: usize) -> Vec<CallWarning> {
    in_time(async {
        loop {
            let warnings = call(desk, id).await.warnings;
            if warnings.len() >= many {
                return warnings;
            }
            a_moment().await;
        }
    })
    .await
}

fn hello(upstream: &Upstream) {
    upstream.snapshot(&[said("1", "agent", "Hello!")]);
}

#[tokio::test]
async fn a_rule_that_is_broken_is_told_and_kept_and_one_that_is_kept_is_not() {
    for scratch in Scratch::each().await {
        let retell = RetellStub::start().await;
        let server = with_rules(scratch, &retell).await;
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        begin(&server, "call_1").await;
        // Nobody has looked at it.
        let upstream = retell.accepted().await;
        let mut changes = server.app().store.bus().subscribe();
        hello(&upstream);
        let told = next_change(&mut changes).await.call;
        assert_eq!(told.warning.as_deref(), Some("Says it is an AI"));
        assert!(told.flagged_at.is_some());
        assert_eq!(told.warning_severity, Some(Severity::High));
        assert_eq!(told.warned_at, told.flagged_at);
        let flagged = call(&desk, "call_1").await;
        assert_eq!(
            flagged.flag.unwrap().reason.as_deref(),
            Some("Says it is an AI")
        );

        upstream.update(&[said("2", "agent", "Shall I get a human? I am an AI.")]);
        upstream.update(&[said("3", "user", "Get me")]);
        upstream.update(&[said("3", "user", "Get me A HÜMAN, please")]);
        upstream.update(&[said("3", "user", "Get me a Human, please")]);
        let warnings = warned(&desk, "call_1", 2).await;
        let told: Vec<_> = warnings
            .iter()
            .map(|it| (it.name.as_str(), it.severity, it.time_ms))
            .collect();
        assert_eq!(
            told,
            [
                ("Says it is an AI", Severity::High, 15_000),
                ("Asks for a human", Severity::Low, 1_000),
            ]
        );
        let row = async |query: &str| {
            let page: CallPage = desk.get(&format!("/api/desk/calls?{query}")).await;
            let call = &page.items[0];
            assert_eq!(call.warning_severity, Some(Severity::Low));
            assert_eq!(call.warned_at, Some(warnings[1].at));
            call.warning.clone()
        };
        for query in ["flagged=true", "warned=true"] {
            assert_eq!(row(query).await.as_deref(), Some("Asks for a human"));
        }

        // Every rule that can warn has warned, but for one that was kept: nobody reads along.
        let mut upstream = upstream;
        upstream.closed().await;
        let programs = program(&server, &[ApiScope::CallsRead]).await;
        let read = programs.get("/api/v1/calls/call_1").await;
        let read: CallDetail = read.json().await.unwrap();
        assert_eq!(read.warnings, warnings);
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let rules: WarningRuleList = admin.get(PATH).await;
        for rule in &rules.items {
            let path = format!("{PATH}/{}", rule.id);
            assert_eq!(admin.send("DELETE", &path, None).await.status(), 204);
        }
        assert_eq!(
            warned(&desk, "call_1", 2).await,
            warnings,
            "they stay with it"
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn who_starts_again_goes_on_watching_and_warns_of_nothing_twice() {
    for scratch in Scratch::each().await {
        let retell = RetellStub::start().await;
        let server = with_rules(scratch, &retell).await;
        begin(&server, "call_1").await;
        // Whose socket is gone would open it again.
        let upstream = retell.accepted().await;
        hello(&upstream);
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let before = warned(&desk, "call_1", 1).await;
        let scratch = server.stop_for_now().await;
        let server = start(scratch, &retell).await;
        let upstream = retell.accepted().await;
        upstream.snapshot(&[
            said("1", "agent", "Hello!"),
            said("2", "user", "I want a human."),
        ]);
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let after = warned(&desk, "call_1", 2).await;
        assert_eq!((&after[..1], after.len()), (&before[..], 2));
        server.stop().await;
    }
}

#[tokio::test]
async fn two_servers_watch_a_call_and_warn_once() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return;
    };
    let retell = RetellStub::start().await;
    let a = with_rules(scratch, &retell).await;
    let b = start(a.scratch.beside(), &retell).await;
    begin(&a, "call_1").await;
    let (one, other) = (retell.accepted().await, retell.accepted().await);
    for upstream in [&one, &other] {
        hello(upstream);
    }
    let (at_a, at_b) = (
        Desk::sign_in(&a, Role::Supervisor).await,
        Desk::sign_in(&b, Role::Supervisor).await,
    );
    warned(&at_a, "call_1", 1).await;
    // One of them is cut off: the other one hears it.
    one.lose();
    other.update(&[said("2", "user", "A human!")]);
    let warnings = warned(&at_b, "call_1", 2).await;
    assert_eq!(warnings.len(), 2);
    assert_eq!(warned(&at_a, "call_1", 2).await, warnings);
    b.running.stop().await;
    a.stop().await;
}

#[tokio::test]
async fn calls_of_agents_no_rule_is_for_are_not_read_along() {
    for scratch in Scratch::each().await {
        let retell = RetellStub::start().await;
        let server = start(scratch, &retell).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let rule = |agent: &str| json!({"name": "A", "when": "agent_silent", "seconds": 60, "agents": [agent]});
        let refused = admin
            .send("POST", PATH, Some(&rule("agent_of_nobody")))
            .await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;
        let agents = server.app().store.agents();
        let operator = Author::operator();
        let noa = agents.assign(&server.tenant, "agent_2", "Noa", &operator, 0);
        noa.await.unwrap();
        let _: Value = admin.post(PATH, &rule("agent_2")).await;
        begin(&server, "call_1").await;
        server.settled().await;
        begin_with(&server, "call_2", "agent_2").await;
        // Once this one is read along, the one before would have been.
        assert_eq!(retell.accepted().await.call_id, "call_2");
        assert_eq!(retell.connections(), 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn rules_are_checked_and_only_so_many() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    let admin = Desk::sign_in(&server, Role::Admin).await;
    let rule = json!({"name": " Fails ", "when": "function_fails", "times": 3});
    let kept: Value = admin.post(PATH, &rule).await;
    assert_eq!(
        (&kept["name"], &kept["severity"]),
        (&json!("Fails"), &json!("low"))
    );
    let wrong = json!({"name": "A", "when": "agent_silent", "seconds": 2});
    let refused = admin.send("POST", PATH, Some(&wrong)).await;
    problem(refused, 422, slug::VALUE_INVALID).await;
    for _ in 1..20 {
        let _: Value = admin.post(PATH, &rule).await;
    }
    let refused = admin.send("POST", PATH, Some(&rule)).await;
    problem(refused, 422, slug::VALUE_INVALID).await;
    let agent = Desk::sign_in(&server, Role::Agent).await;
    let refused = agent.send("GET", PATH, None).await;
    assert_eq!(refused.status(), 403);
    server.stop().await;
}
