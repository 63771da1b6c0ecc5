//! The business itself.

use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};

use crate::support::{Scratch, TestServer, problem};
use crate::v1::program;

#[tokio::test]
async fn a_program_changes_what_it_names_and_nothing_else() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let erp = program(&server, &[ApiScope::TenantRead, ApiScope::TenantWrite]).await;
        let change = async |body: Value| {
            let answer = erp.send("PATCH", "/api/v1/tenant", &body).await;
            assert_eq!(answer.status(), 200, "{body}");
            answer.json::<Value>().await.unwrap()
        };
        let always = change(json!({})).await;
        assert_eq!(
            (&always["name"], &always["open_now"]),
            (&json!("Sunrise"), &json!(true))
        );
        let closed = json!({"week": [[], [], [], [], [], [], []]});
        let closed = change(json!({"name": "Sunset", "hours": closed})).await;
        assert_eq!(closed["open_now"], false);
        let changed = change(json!({
            "timezone": "europe/madrid", "languages": ["es", "en"], "default_agent_id": "agent_1",
        }))
        .await;
        assert_eq!(changed["name"], "Sunset", "kept");
        assert_eq!(changed["hours"], closed["hours"], "kept");
        assert_eq!(changed["timezone"], "Europe/Madrid");
        assert_eq!(changed["default_agent_id"], "agent_1");
        let shown: Value = erp.get("/api/v1/tenant").await.json().await.unwrap();
        assert_eq!(shown, changed);
        let none = change(json!({"default_agent_id": ""})).await;
        assert_eq!(none["default_agent_id"], Value::Null);

        for (wrong, slug) in [
            (json!({"name": " "}), slug::NAME_INVALID),
            (json!({"timezone": "Mars"}), slug::TIMEZONE_UNKNOWN),
            (json!({"languages": []}), slug::LANGUAGE_INVALID),
            (json!({"default_agent_id": "other"}), slug::AGENT_UNKNOWN),
        ] {
            let answer = erp.send("PATCH", "/api/v1/tenant", &wrong).await;
            problem(answer, 422, slug).await;
        }
        let trail = server
            .app()
            .store
            .audit_events()
            .page(&server.tenant, None, 10);
        let trail = trail.await.unwrap();
        let changes = trail.iter().filter(|it| it.action == "tenant.changed");
        let changes: Vec<_> = changes.map(|it| it.details["changed"].clone()).collect();
        assert_eq!(
            changes,
            [
                json!(["default_agent"]),
                json!(["timezone", "languages", "default_agent"]),
                json!(["name", "hours"]),
            ]
        );
        let reader = program(&server, &[ApiScope::TenantRead]).await;
        let refused = reader.send("PATCH", "/api/v1/tenant", &json!({})).await;
        problem(refused, 403, slug::SCOPE_MISSING).await;
        server.stop().await;
    }
}
