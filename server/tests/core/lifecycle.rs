//! Starting and stopping.

use serde_json::json;
use server::config::{Config, Mode, Source};
use server::serve;
use wiremock::MockServer;

use crate::held::Held;
use crate::support::{PAGE, Scratch, TestServer, a_moment, life_of_a_call};

#[tokio::test]
async fn a_stop_finishes_what_is_under_way() {
    let mut retell = Held::start().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.url, |_| {}).await;
    let request = server.http.post(server.url("/api/public/web-calls"));
    let request = request
        .header("origin", PAGE)
        .body(json!({"key": "pk_open"}).to_string());
    let under_way = tokio::spawn(request.send());
    retell.asked().await;
    let url = server.url("/healthz");
    let tenant = server.tenant.clone();
    let stop = tokio::spawn(server.stop_for_now());
    // It takes nothing in any more before it has answered.
    while reqwest::get(&url).await.is_ok() {
        a_moment().await;
    }
    retell.answer();
    assert_eq!(under_way.await.unwrap().unwrap().status(), 201);
    let scratch = stop.await.unwrap();
    let store = scratch.store().await;
    assert!(
        store
            .calls()
            .summary(&tenant, "call_1")
            .await
            .unwrap()
            .is_some()
    );
    store.close().await;
    scratch.remove().await;
}

#[tokio::test]
async fn a_stop_works_off_what_was_taken_in() {
    let server = TestServer::start(&MockServer::start().await).await;
    for webhook in life_of_a_call() {
        assert_eq!(server.webhook(&webhook).await.status(), 204);
    }
    let scratch = server.stop_for_now().await;
    let store = scratch.store().await;
    assert_eq!(store.inbox_entries().next_due().await.unwrap(), None);
    store.close().await;
    scratch.remove().await;
}

#[tokio::test]
async fn a_start_that_fails_says_why() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let source = Source::from_pairs([("RETELL_API_KEY", "key"), ("SWITCHBOARD_LISTEN", &address)]);
    let scratch = Scratch::sqlite();
    let mut config = Config::read(&source, Mode::Production).unwrap();
    config.database = scratch.database.clone();
    config.data_dir = scratch.directory.clone();
    let error = serve::start(config.clone()).await.unwrap_err();
    assert!(format!("{error:#}").contains(&address), "{error:#}");

    let file = scratch.directory.join("a file");
    std::fs::write(&file, "no database ".repeat(1000)).unwrap();
    config.database = server::config::Database::Sqlite(file);
    config.listen.set_port(0);
    let error = serve::start(config).await.unwrap_err();
    assert!(
        format!("{error:#}").contains("The database cannot be opened"),
        "{error:#}"
    );
    scratch.remove().await;
}
