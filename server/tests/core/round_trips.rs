//! How often a request waits for the database: each time costs a way through a network.

use crate::support::{Scratch, TestServer, life_of_a_call, not_run, session_cookie};

/// How often a page of the desk may: for whose session it is and for what it shows, each
/// after the connection was told whose rows it is for.
const PAGES: [(&str, u64); 6] = [
    ("/api/desk/calls/call_1", 4),
    // The calls that go on, and those that are over.
    ("/api/desk/calls", 5),
    ("/api/desk/contacts", 4),
    ("/api/desk/callbacks", 4),
    ("/api/desk/inbox", 4),
    ("/api/desk/audit", 4),
];

#[tokio::test]
async fn a_page_waits_for_postgresql_as_seldom_as_it_can() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return not_run("SWITCHBOARD_TEST_POSTGRES_URL names no server");
    };
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let store = &server.app().store;
    let cookie = session_cookie(store, &server.tenant).await;
    for event in life_of_a_call() {
        assert_eq!(server.webhook(&event).await.status(), 204);
    }
    server.settled().await;
    let mut wrong = Vec::new();
    for (path, most) in PAGES {
        // Others work too: the least of some is the request's own.
        let mut least = u64::MAX;
        for _ in 0..8 {
            let before = store.round_trips();
            let request = server.http.get(server.url(path));
            let answer = request.header("cookie", &cookie).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            least = least.min(store.round_trips() - before);
        }
        if least > most {
            wrong.push(format!("{path}: {least} instead of {most}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    server.stop().await;
}
