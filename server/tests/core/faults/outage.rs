//! PostgreSQL stopped under load, and started again.

use api::keys::ApiScope;
use api::problem::slug;
use futures_util::future::join_all;
use reqwest::header::COOKIE;
use scratch_postgres::Cluster;
use serde_json::json;

use crate::crossing::{BEFORE_SIGN_IN, methods, paths};
use crate::faults::storm::{Storm, add_endpoint};
use crate::sse::Events;
use crate::support::{PAGE, Scratch, TestServer, in_time, not_run, problem, session_cookie};
use crate::v1::program;

/// A PostgreSQL of the test's own, where it is installed.
pub(super) async fn cluster() -> Option<Cluster> {
    if scratch_postgres::programs().is_none() {
        not_run("PostgreSQL is not installed");
        return None;
    }
    let started = tokio::task::spawn_blocking(|| Cluster::start().unwrap());
    Some(started.await.unwrap())
}

/// Does something to it that takes a while.
pub(super) async fn on<T: Send + 'static>(
    mut cluster: Cluster,
    act: impl FnOnce(&mut Cluster) -> T + Send + 'static,
) -> (Cluster, T) {
    let done = tokio::task::spawn_blocking(move || {
        let result = act(&mut cluster);
        (cluster, result)
    });
    done.await.unwrap()
}

#[tokio::test]
async fn a_database_that_goes_away_costs_nothing_but_the_time_it_is_away() {
    let Some(cluster) = cluster().await else {
        return;
    };
    let scratch = Scratch::on_postgres_at(&cluster.url()).await;
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let cookie = session_cookie(&server.app().store, &server.tenant).await;
    let get = |path: &str| server.http.get(server.url(path)).header("cookie", &cookie);
    let mut desk = Events::of(get("/api/desk/events").send().await.unwrap());
    let storm = Storm::new();
    add_endpoint(&server.app().store, &server.tenant).await;
    let senders = storm.blow(&server.url(""), 50).await;

    let (cluster, ()) = on(cluster, Cluster::stop).await;
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
    let (cluster, ()) = on(cluster, |cluster| cluster.resume().unwrap()).await;
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

/// What the desk and the API answer without the database, and need not ask it.
const WITHOUT_THE_DATABASE: [&str; 1] = ["/api/v1/openapi.json"];
/// Where Retell posts; tried above.
const OF_RETELL: [&str; 2] = ["/api/retell/webhook", "/api/webhooks/retell"];

#[tokio::test]
async fn every_route_of_the_desk_and_the_api_says_that_the_database_is_away() {
    let Some(cluster) = cluster().await else {
        return;
    };
    let scratch = Scratch::on_postgres_at(&cluster.url()).await;
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
        config.limits.api_requests_per_minute = 100_000;
    })
    .await;
    let cookie = session_cookie(&server.app().store, &server.tenant).await;
    let program = program(&server, &ApiScope::ALL).await;
    let mut routes = Vec::new();
    for path in paths(&server) {
        let of_programs = ["/api/v1/", "/api/retell/", "/crm/"];
        let ours = path.starts_with("/api/desk/")
            || of_programs.iter().any(|start| path.starts_with(start));
        let apart = [&WITHOUT_THE_DATABASE[..], &OF_RETELL].concat();
        if !ours || apart.contains(&path.as_str()) {
            continue;
        }
        for method in methods(&program, &path).await {
            // Who is not signed in yet shows a link; signing in is tried below.
            if !BEFORE_SIGN_IN.contains(&(method.as_str(), path.as_str())) {
                routes.push((method, path.replace(['{', '}'], "")));
            }
        }
    }
    assert!(routes.len() > 100, "{}", routes.len());
    let (cluster, ()) = on(cluster, Cluster::stop).await;
    // Each waits for a connection for some seconds: all at once.
    let person = json!({"email": "emma@example.com", "password": "correct horse"});
    let sign_in = server.http.post(server.url("/api/desk/session"));
    let sign_in = sign_in.body(person.to_string()).send();
    let asked = routes.iter().map(|(method, path)| {
        let request = program.request(method, path).header(COOKIE, &cookie);
        request.body("{}")
    });
    let asked: Vec<_> = asked.collect();
    let answers = join_all(asked.into_iter().map(reqwest::RequestBuilder::send));
    let (answers, sign_in) = tokio::join!(answers, sign_in);
    for ((method, path), answer) in routes.iter().zip(answers) {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 503, "{method} {path}");
        let told = problem(answer, 503, slug::STORE_UNAVAILABLE).await;
        assert!(told.retry_after_s.is_some(), "{method} {path}");
    }
    problem(sign_in.unwrap(), 503, slug::STORE_UNAVAILABLE).await;
    let (cluster, ()) = on(cluster, |cluster| cluster.resume().unwrap()).await;
    assert_eq!(program.get("/api/v1/contacts").await.status(), 200);
    server.stop().await;
    drop(cluster);
}
