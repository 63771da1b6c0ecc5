//! Deleting one call, or what was said in it.

use api::desk::{CallDetail, CallPage};
use api::keys::ApiScope;
use api::problem::slug;

use super::*;
use crate::support::{Desk, problem};
use crate::v1::program;

/// A server with two calls that are over, whose Retell deletes them with this answer.
async fn with_calls(scratch: Scratch, status: u16) -> (TestServer, MockServer) {
    let retell = MockServer::start().await;
    for id in ["call_1", "call_2"] {
        let path = format!("/v2/delete-call/{id}");
        answers(&retell, "DELETE", &path, ResponseTemplate::new(status)).await;
    }
    let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
    for id in ["call_1", "call_2"] {
        call_with(&server, id, &json!({"from_number": CALLER})).await;
    }
    (server, retell)
}

async fn ask(desk: &Desk<'_>, verb: &str, address: &str) -> reqwest::Response {
    desk.send(verb, address, Some(&json!({}))).await
}

/// How many rows of a table there are about a call.
async fn rows(server: &TestServer, table: &str, id: &str) -> i64 {
    let mut connection = raw_connection(&server.app().config.database).await;
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE call_id = '{id}'");
    let count = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    count
}

/// How long the bodies are that came about a call (bytes).
async fn bodies(server: &TestServer, id: &str) -> Vec<i64> {
    let mut connection = raw_connection(&server.app().config.database).await;
    let sql = format!(
        "SELECT CAST(LENGTH(body) AS BIGINT) FROM webhook_deliveries WHERE call_id = '{id}'"
    );
    let lengths = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    lengths
}

/// What was done to calls, the oldest first.
async fn deeds(desk: &Desk<'_>) -> Vec<String> {
    let trail: Value = desk.get("/api/desk/audit").await;
    let deeds = trail["items"].as_array().unwrap().iter().rev();
    let deeds = deeds.filter(|deed| deed["subject_kind"] == "call");
    deeds
        .map(|deed| format!("{} {}", deed["action"], deed["subject_id"]).replace('"', ""))
        .collect()
}

#[tokio::test]
async fn a_supervisor_deletes_a_call_here_and_at_retell_and_it_stays_deleted() {
    for scratch in Scratch::each().await {
        let (server, retell) = with_calls(scratch, 204).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let address = "/api/desk/calls/call_1";
        problem(
            ask(&agent, "DELETE", address).await,
            403,
            slug::ROLE_TOO_LOW,
        )
        .await;
        let mut told = server.app().store.bus().listen(Topic::Calls);
        assert_eq!(ask(&supervisor, "DELETE", address).await.status(), 204);
        let deleted = Signal::CallsDeleted(server.tenant.id().to_owned());
        assert_eq!(in_time(told.next()).await, deleted);
        let asked = retell.received_requests().await.unwrap();
        let asked = asked.iter().filter(|it| it.method.as_str() == "DELETE");
        let asked: Vec<_> = asked.map(|it| it.url.path()).collect();
        assert_eq!(asked, ["/v2/delete-call/call_1"]);
        problem(
            ask(&supervisor, "DELETE", address).await,
            404,
            slug::CALL_UNKNOWN,
        )
        .await;
        for table in ["transcripts", "webhook_deliveries"] {
            assert_eq!(rows(&server, table, "call_1").await, 0, "{table}");
            assert!(rows(&server, table, "call_2").await > 0, "{table}");
        }

        // A late webhook does not bring it back.
        let mut late = life_of_a_call().remove(3);
        late["call"]["call_id"] = "call_1".into();
        late["call"]["late"] = true.into();
        assert_eq!(server.webhook(&late).await.status(), 204);
        server.settled().await;
        let page: CallPage = admin.get("/api/desk/calls").await;
        let left: Vec<_> = page.items.iter().map(|call| call.id.as_str()).collect();
        assert_eq!(left, ["call_2"]);

        let program = program(&server, &[ApiScope::CallsWrite]).await;
        let by_program = program.send("DELETE", "/api/v1/calls/call_2", &Value::Null);
        assert_eq!(by_program.await.status(), 204);
        assert_eq!(
            deeds(&admin).await,
            ["call.deleted call_1", "call.deleted call_2"]
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn a_redacted_call_keeps_its_figures_and_no_words() {
    for scratch in Scratch::each().await {
        let (server, _retell) = with_calls(scratch, 204).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        let rating = Rating {
            stars: 2,
            comment: Some("My card is 4111.".to_owned()),
        };
        store
            .calls()
            .rate(tenant, "call_1", &rating, 1)
            .await
            .unwrap();
        let agent = Desk::sign_in(&server, Role::Agent).await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let (call, redact) = ("/api/desk/calls/call_1", "/api/desk/calls/call_1/redact");
        let before: CallDetail = agent.get(call).await;
        assert!(before.summary.has_recording && before.analysis_summary.is_some());
        problem(ask(&agent, "POST", redact).await, 403, slug::ROLE_TOO_LOW).await;
        assert_eq!(ask(&supervisor, "POST", redact).await.status(), 204);
        // Once more is nothing new.
        assert_eq!(ask(&supervisor, "POST", redact).await.status(), 204);

        // Told again, it tells nothing of what was said.
        let mut late = life_of_a_call().remove(3);
        late["call"] = with(
            &late["call"],
            &json!({"call_id": "call_1", "from_number": CALLER, "late": true}),
        );
        assert_eq!(server.webhook(&late).await.status(), 204);
        server.settled().await;
        let after: CallDetail = agent.get(call).await;
        assert!(after.redacted_at.is_some());
        assert_eq!(after.transcript, []);
        assert!(!after.summary.has_recording);
        assert_eq!((after.analysis_summary, after.summary.about), (None, None));
        assert!(after.analysis_data.is_empty());
        assert_eq!(
            (after.summary.duration_ms, after.summary.user_sentiment),
            (before.summary.duration_ms, before.summary.user_sentiment)
        );
        assert_eq!(after.cost_cents, before.cost_cents);
        let rating = after.rating.unwrap();
        assert_eq!((rating.stars, rating.comment), (2, None));
        assert_eq!(rows(&server, "transcripts", "call_1").await, 0);
        // Of such a webhook only the fact is kept.
        assert_eq!(bodies(&server, "call_1").await, [0]);
        let found: CallPage = agent.get("/api/desk/calls?text=hello").await;
        let found: Vec<_> = found.items.iter().map(|call| call.id.as_str()).collect();
        assert!(!found.contains(&"call_1"), "{found:?}");
        assert_eq!(deeds(&admin).await, ["call.redacted call_1"]);
        let other: CallDetail = agent.get("/api/desk/calls/call_2").await;
        assert!(other.summary.has_recording && !other.transcript.is_empty());
        server.stop().await;
    }
}

#[tokio::test]
async fn what_retell_does_not_delete_and_what_goes_on_stays() {
    for scratch in Scratch::each().await {
        let (server, _retell) = with_calls(scratch, 500).await;
        let mut live = life_of_a_call().remove(0);
        live["call"]["call_id"] = "call_live".into();
        assert_eq!(server.webhook(&live).await.status(), 204);
        server.settled().await;
        let supervisor = Desk::sign_in(&server, Role::Supervisor).await;
        for (verb, more) in [("DELETE", ""), ("POST", "/redact")] {
            let address = format!("/api/desk/calls/call_1{more}");
            problem(
                ask(&supervisor, verb, &address).await,
                502,
                slug::RETELL_FAILED,
            )
            .await;
            let address = format!("/api/desk/calls/call_live{more}");
            problem(
                ask(&supervisor, verb, &address).await,
                409,
                slug::CALL_NOT_OVER,
            )
            .await;
        }
        let call: CallDetail = supervisor.get("/api/desk/calls/call_1").await;
        assert!(call.summary.has_recording && call.redacted_at.is_none());
        assert!(!call.transcript.is_empty());
        server.stop().await;
    }
}
