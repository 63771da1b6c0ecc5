//! Who gets in, how fast, and the document of what there is.

use api::keys::{ApiScope, Rotate};
use api::problem::slug;
use serde_json::Value;
use server::deeds::Author;
use server::keys::admin;
use sqlx::Connection as _;

use crate::support::{Scratch, TestServer, problem, raw_connection};
use crate::v1::{Program, make, program, retell};

#[tokio::test]
async fn a_database_that_takes_nothing_more_is_still_read() {
    let scratch = Scratch::sqlite();
    let database = scratch.database.clone();
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let reader = program(&server, &[ApiScope::CallsRead]).await;
    let mut connection = raw_connection(&database).await;
    let full = "CREATE TRIGGER full BEFORE UPDATE ON api_keys \
                BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
    sqlx::raw_sql(full).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    assert_eq!(reader.get("/api/v1/calls").await.status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn only_a_key_that_works_and_may_gets_in() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let (app, tenant, author) = (server.app(), &server.tenant, Author::operator());
    let nobody = server
        .http
        .get(server.url("/api/v1/calls"))
        .send()
        .await
        .unwrap();
    assert_eq!(nobody.headers()["www-authenticate"], "Bearer");
    problem(nobody, 401, slug::API_KEY_INVALID).await;
    for wrong in ["sk_short", "pk_open", &format!("sk_{}", "A".repeat(43))] {
        let wrong = Program {
            server: &server,
            secret: wrong.to_owned(),
        };
        problem(wrong.get("/api/v1/calls").await, 401, slug::API_KEY_INVALID).await;
    }
    let made = make(&server, tenant, &[ApiScope::CallsRead]).await;
    let reader = Program {
        server: &server,
        secret: made.secret.clone(),
    };
    assert_eq!(reader.get("/api/v1/calls").await.status(), 200);
    problem(
        reader.get("/api/v1/contacts").await,
        403,
        slug::SCOPE_MISSING,
    )
    .await;
    let by_header = server.http.get(server.url("/api/v1/calls"));
    let by_header = by_header
        .header("x-api-key", &made.secret)
        .send()
        .await
        .unwrap();
    assert_eq!(by_header.status(), 200);

    // Rotated: both work. The old one revoked: only the new one does.
    let rotate = Rotate::default();
    let new = admin::rotate_api_key(app, tenant, &made.key.id, rotate, &author)
        .await
        .unwrap();
    let newer = Program {
        server: &server,
        secret: new.secret,
    };
    assert_eq!(reader.get("/api/v1/calls").await.status(), 200);
    assert_eq!(newer.get("/api/v1/calls").await.status(), 200);
    admin::revoke_api_key(app, tenant, &made.key.id, &author)
        .await
        .unwrap();
    problem(
        reader.get("/api/v1/calls").await,
        401,
        slug::API_KEY_INVALID,
    )
    .await;
    assert_eq!(newer.get("/api/v1/calls").await.status(), 200);

    let listed = app.store.api_keys().list(tenant).await.unwrap();
    assert!(listed.iter().all(|key| key.last_used_at.is_some()));
    let trail = app
        .store
        .audit_events()
        .page(tenant, None, 10)
        .await
        .unwrap();
    let deeds: Vec<_> = trail.iter().map(|event| event.action.as_str()).collect();
    let ours = [
        "api_key.revoked",
        "api_key.rotated",
        "api_key.created",
        "agent.assigned",
    ];
    assert_eq!(deeds, ours);
    assert!(
        trail
            .iter()
            .all(|event| !event.details.to_string().contains("sk_"))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_told_its_rate_and_stopped_above_it() {
    let retell = retell().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.limits.api_requests_per_minute = 2;
    })
    .await;
    let program = program(&server, &[ApiScope::CallsRead]).await;
    for left in ["1", "0"] {
        let answer = program.get("/api/v1/calls").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["ratelimit-limit"], "2");
        assert_eq!(answer.headers()["ratelimit-remaining"], left);
        assert!(answer.headers().contains_key("ratelimit-reset"));
    }
    let stopped = program.get("/api/v1/calls").await;
    assert_eq!(stopped.headers()["ratelimit-remaining"], "0");
    assert!(
        problem(stopped, 429, slug::RATE_LIMITED)
            .await
            .retry_after_s
            .is_some()
    );
    server.stop().await;
}

#[tokio::test]
async fn the_document_is_served_to_programs_and_people() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let document = server
        .http
        .get(server.url("/api/v1/openapi.json"))
        .send()
        .await
        .unwrap();
    let document: Value = document.json().await.unwrap();
    assert_eq!(document["info"]["title"], "Switchboard");
    let page = server
        .http
        .get(server.url("/api/docs"))
        .send()
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("style-src 'self'"), "{policy}");
    assert!(page.text().await.unwrap().contains("/api/v1/phone-calls"));
    let style = server
        .http
        .get(server.url("/api/docs/style.css"))
        .send()
        .await
        .unwrap();
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    server.stop().await;
}
