//! The webhook inbox, as programs look into it and replay it.

use api::inbox::{EntryDetail, EntryPage, Replayed};
use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};

use crate::support::{Scratch, TestServer, life_of_a_call, problem};
use crate::v1::{Program, program};

const BOTH: [ApiScope; 2] = [ApiScope::WebhooksRead, ApiScope::WebhooksWrite];

async fn page(program: &Program<'_>, query: &str) -> EntryPage {
    let answer = program.get(&format!("/api/v1/inbox{query}")).await;
    assert_eq!(answer.status(), 200, "{query}");
    answer.json().await.unwrap()
}

async fn one(program: &Program<'_>, id: &str) -> EntryDetail {
    let answer = program.get(&format!("/api/v1/inbox/{id}")).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_program_looks_through_the_inbox_and_replays_it() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let crm = program(&server, &BOTH).await;
        for webhook in life_of_a_call() {
            assert_eq!(server.webhook(&webhook).await.status(), 204);
        }
        let refused = server.post_webhook("{}", Some("v=1,d=abc")).await;
        assert_eq!(refused.status(), 401);
        server.settled().await;

        // Page by page, the newest first.
        let all = page(&crm, "").await;
        assert_eq!((all.items.len(), all.next_cursor), (5, None));
        let mut seen = Vec::new();
        let mut query = "?limit=2".to_owned();
        loop {
            let two = page(&crm, &query).await;
            seen.extend(two.items);
            let Some(next) = two.next_cursor else { break };
            query = format!("?limit=2&cursor={next}");
        }
        assert_eq!(seen, all.items);
        let ended = page(&crm, "?event=call_ended&state=done&call_id=call_1").await;
        assert_eq!(ended.items.len(), 1);
        let rejected = page(&crm, "?state=rejected&limit=10").await;
        assert_eq!(rejected.items.len(), 1);

        let id = ended.items[0].id.as_str();
        let detail = one(&crm, id).await;
        assert!(detail.body.contains("call_ended") && !detail.body.contains("token_1"));
        assert_eq!(detail.tries.len(), 1);

        // One again, several, and all that fit.
        let replay = async |path: &str, body: Value| {
            let answer = crm.send("POST", path, &body).await;
            let status = answer.status();
            assert_eq!(status, 200, "{path} {body}");
            server.settled().await;
            answer.json::<Replayed>().await.unwrap().count
        };
        let this = format!("/api/v1/inbox/{id}/replay");
        assert_eq!(replay(&this, Value::Null).await, 1);
        let detail = one(&crm, id).await;
        let by = detail.tries.last().unwrap();
        assert_eq!(
            (detail.tries.len(), by.outcome.as_str(), by.by_kind.as_str()),
            (2, "done", "api_key")
        );
        let many = "/api/v1/inbox/replay";
        assert_eq!(replay(many, json!({"ids": [id, "unknown"]})).await, 1);
        let call = json!({"filter": {"call_id": "call_1"}});
        assert_eq!(replay(many, call).await, 4);
        assert_eq!(one(&crm, id).await.tries.len(), 4);

        let refused = format!("/api/v1/inbox/{}/replay", rejected.items[0].id);
        for (path, body, status, slug) in [
            (refused.as_str(), json!({}), 409, slug::NOTHING_TO_REPLAY),
            (
                many,
                json!({"ids": ["unknown"]}),
                409,
                slug::NOTHING_TO_REPLAY,
            ),
            (many, json!({}), 400, slug::BODY_INVALID),
            ("/api/v1/inbox/x/replay", json!({}), 404, slug::NOT_FOUND),
        ] {
            let answer = crm.send("POST", path, &body).await;
            problem(answer, status, slug).await;
        }
        let trail = server
            .app()
            .store
            .audit_events()
            .page(&server.tenant, None, 10);
        let trail = trail.await.unwrap();
        let replays = trail.iter().filter(|it| it.action == "webhook.replayed");
        assert!(replays.clone().all(|it| it.actor_kind == "api_key"));
        assert_eq!(replays.count(), 3);
        server.stop().await;
    }
}
