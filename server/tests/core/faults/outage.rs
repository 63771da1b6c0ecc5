//! PostgreSQL stopped under load, and started again.

use api::problem::slug;
use scratch_postgres::Cluster;
use serde_json::json;

use crate::faults::storm::Storm;
use crate::sse::Events;
use crate::support::{PAGE, Scratch, TestServer, in_time, problem, session_cookie};

#[tokio::test]
async fn a_database_that_goes_away_costs_nothing_but_the_time_it_is_away() {
    if scratch_postgres::programs().is_none() {
        println!("skipped: PostgreSQL is not installed");
        return;
    }
    let mut cluster = tokio::task::spawn_blocking(|| Cluster::start().unwrap())
        .await
        .unwrap();
    let scratch = Scratch::on_postgres_at(&cluster.url()).await;
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let cookie = session_cookie(&server.app().store, &server.tenant).await;
    let get = |path: &str| server.http.get(server.url(path)).header("cookie", &cookie);
    let mut desk = Events::of(get("/api/desk/events").send().await.unwrap());
    let storm = Storm::new();
    let senders = storm.blow(&server.url(""), 50).await;

    let mut cluster = tokio::task::spawn_blocking(move || {
        cluster.stop();
        cluster
    })
    .await
    .unwrap();
    let mint = server
        .http
        .post(server.url("/api/public/web-calls"))
        .header("origin", PAGE)
        .body(json!({"key": "pk_open"}).to_string());
    let webhook = crate::support::life_of_a_call().remove(0);
    // Each waits for a connection for some seconds: all at once.
    let (calls, session, panel, mint, webhook) = tokio::join!(
        get("/api/desk/calls").send(),
        get("/api/desk/session").send(),
        get("/panel?key=pk_open").send(),
        mint.send(),
        server.webhook(&webhook),
    );
    for answer in [calls, session, mint] {
        let told = problem(answer.unwrap(), 503, slug::STORE_UNAVAILABLE).await;
        assert!(told.retry_after_s.is_some());
    }
    // A page for people.
    assert_eq!(panel.unwrap().status(), 503);
    problem(webhook, 503, slug::STORE_UNAVAILABLE).await;
    assert_eq!(get("/healthz").send().await.unwrap().status(), 200);
    assert_eq!(get("/readyz").send().await.unwrap().status(), 503);
    let cluster = tokio::task::spawn_blocking(move || {
        cluster.resume().unwrap();
        cluster
    })
    .await
    .unwrap();
    // The desk that stayed is told to load again, and hears of the next change.
    let resync = async { while desk.next().await.unwrap().name != "resync" {} };
    in_time(resync).await;
    let change = async { while desk.next().await.unwrap().name != "call" {} };
    in_time(change).await;
    // The senders never stopped: what was refused is taken now, and worked off.
    drop(senders);
    assert!(storm.refused() > 0);
    let result = storm.found(&server.scratch, &server.tenant).await;
    assert_eq!((result.lost, result.doubled), (0, 0), "{result}");
    println!(
        "PostgreSQL stopped and started: {} refused, {result}",
        storm.refused()
    );
    assert_eq!(get("/readyz").send().await.unwrap().status(), 200);
    assert_eq!(get("/api/desk/calls").send().await.unwrap().status(), 200);
    server.stop().await;
    drop(cluster);
}
