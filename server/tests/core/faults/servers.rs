//! Two servers on one PostgreSQL behave as one.

use std::collections::BTreeSet;

use api::public::CallAccess;
use emulator::testing::{Peer, PeerError};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use server::bus::{Signal, Topic};
use server::keys::PublicKey;
use server::people::{self, Token};

use crate::faults::process::{Process, SECRET};
use crate::sse::{Event, Events};
use crate::support::{
    PAGE, Scratch, TestServer, a_moment, in_time, key, life_of_a_call, session_cookie,
};

/// A second server on the same database.
async fn beside(server: &TestServer, retell_url: &str) -> TestServer {
    TestServer::start_with(server.scratch.beside(), retell_url, |config| {
        config.secret = Some(server::config::Secret::new(SECRET));
    })
    .await
}

async fn open(request: RequestBuilder, last_event_id: Option<&str>) -> Events {
    let request = match last_event_id {
        Some(id) => request.header("last-event-id", id),
        None => request,
    };
    Events::of(request.send().await.unwrap())
}

/// What a reader has: every event applied as the browser does.
#[derive(Default)]
struct Transcript(Vec<Value>);

impl Transcript {
    fn apply(&mut self, event: &Event) {
        let items = event.data["items"].as_array().unwrap();
        if event.name == "snapshot" {
            self.0.clear();
        }
        for item in items {
            match self.0.iter_mut().find(|known| known["id"] == item["id"]) {
                Some(known) => *known = item.clone(),
                None => self.0.push(item.clone()),
            }
        }
    }

    fn text(&self) -> String {
        let by_voice = |item: &&Value| item["role"] == "agent" || item["role"] == "user";
        let said = self.0.iter().filter(by_voice);
        let said: Vec<_> = said.map(|item| item["content"].as_str().unwrap()).collect();
        said.join("|")
    }

    /// Reads on until this was said.
    async fn read_until(&mut self, events: &mut Events, said: &str) {
        while !self.text().contains(said) {
            let event = events.next().await.expect("the stream goes on");
            if matches!(event.name.as_str(), "snapshot" | "items") {
                self.apply(&event);
            }
        }
    }
}

#[tokio::test]
async fn a_call_is_one_call_on_two_servers_and_survives_one_of_them() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return;
    };
    // B takes the webhooks in; A, a process, is the one that dies.
    let (b, emulator) = TestServer::emulated_on(scratch, |config| {
        config.secret = Some(server::config::Secret::new(SECRET));
    })
    .await;
    let test = PublicKey {
        agents: vec!["agent_test_hangup".to_owned()],
        ..key("pk_test")
    };
    let store = &b.app().store;
    store
        .public_keys()
        .upsert(&b.tenant, &test, 0)
        .await
        .unwrap();
    let cookie = session_cookie(store, &b.tenant).await;
    let a = Process::start(&b.scratch, emulator.url()).await;

    let at = |server: &str, path: &str| {
        b.http
            .get(format!("{server}{path}"))
            .header("cookie", cookie.clone())
    };
    let mut desk = open(at(&a.url, "/api/desk/events"), None).await;
    let minted = b.http.post(format!("{}/api/public/web-calls", a.url));
    let minted = minted
        .header("origin", PAGE)
        .body(json!({"key": "pk_test"}).to_string());
    let access: CallAccess = minted.send().await.unwrap().json().await.unwrap();
    assert_eq!(desk.until("call").await.data["status"], "registered");

    let visitor = loop {
        let joined = Peer::connect(&access.gateway_url, &access.access_token, &access.call_id);
        match joined.await {
            // The room appears a moment after the call.
            Err(PeerError::Refused { status: 404, .. }) => a_moment().await,
            joined => break joined.unwrap(),
        }
    };
    // The webhook went to B.
    while desk.until("call").await.data["status"] != "ongoing" {}

    // The ticket opens the visitor's; staff have their cookie.
    let ticket = &access.ticket;
    let visit = format!("/api/public/web-calls/{}/events", access.call_id);
    let look = format!("/api/desk/calls/{}/events", access.call_id);
    let mut streams = Vec::new();
    for path in [&visit, &look] {
        let mut events = open(at(&a.url, path).bearer_auth(ticket), None).await;
        let mut transcript = Transcript::default();
        transcript
            .read_until(&mut events, "this call will be short.")
            .await;
        streams.push((path, events.last_id.clone(), transcript));
    }
    let last_seen = desk.last_id.clone();
    a.kill().await;

    let mut desk = open(at(&b.url(""), "/api/desk/events"), last_seen.as_deref()).await;
    desk.expect("resync").await;
    let mut resumed = Vec::new();
    for (path, last_id, transcript) in streams {
        resumed.push((
            open(at(&b.url(""), path).bearer_auth(ticket), last_id.as_deref()).await,
            transcript,
        ));
    }
    visitor
        .wait_for("the end of the greeting", |view| view.is_quiet(400))
        .await
        .unwrap();
    visitor.hum(Some(440.0));
    for (events, transcript) in &mut resumed {
        transcript.read_until(events, "That").await;
    }
    visitor.hum(None);
    for (events, transcript) in &mut resumed {
        transcript.read_until(events, "Thank you, goodbye.").await;
        assert_eq!(
            transcript.text(),
            "Hello, this call will be short.|That is fine, goodbye.|Thank you, goodbye."
        );
    }
    let ended = async { while desk.until("call").await.data["status"] != "ended" {} };
    in_time(ended).await;
    emulator.shutdown().await;
    b.stop().await;
}

#[tokio::test]
async fn what_one_server_does_the_other_knows() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return;
    };
    let a = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let b = beside(&a, "http://127.0.0.1:9").await;
    let store = &a.app().store;

    // Signed out at A: the stream at B ends.
    let cookie = session_cookie(store, &a.tenant).await;
    let token = Token::parse(cookie.split_once('=').unwrap().1).unwrap();
    let desk = b
        .http
        .get(b.url("/api/desk/events"))
        .header("cookie", &cookie);
    let mut desk = open(desk, None).await;
    people::sign_out(store, &token).await.unwrap();
    desk.expect_end().await;

    // A page allowed at A may read B's answers at once, though B had just looked.
    let origin = "https://new.example.net";
    let allows = async || {
        let asked = b
            .http
            .get(b.url("/api/public/web-calls/call_1"))
            .header("origin", origin);
        let answer = asked.send().await.unwrap();
        answer.headers().contains_key("access-control-allow-origin")
    };
    assert!(!allows().await);
    let mut keys = b.app().store.bus().listen(Topic::Keys);
    let new = PublicKey {
        origins: vec![origin.to_owned()],
        ..key("pk_new")
    };
    store
        .public_keys()
        .upsert(&a.tenant, &new, 0)
        .await
        .unwrap();
    assert_eq!(in_time(keys.next()).await, Signal::KeysChanged);
    assert!(allows().await);

    // Each change of a call is told once on each server, to the end.
    let mut at_both = [
        a.app().store.bus().subscribe(),
        b.app().store.bus().subscribe(),
    ];
    for webhook in life_of_a_call() {
        assert_eq!(a.webhook(&webhook).await.status(), 204);
    }
    for changes in &mut at_both {
        let sentiment =
            async { while changes.recv().await.unwrap().call.user_sentiment.is_none() {} };
        in_time(sentiment).await;
    }
    b.stop().await;
    a.stop().await;
}

#[tokio::test]
async fn two_servers_share_the_work_and_double_none_of_it() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return;
    };
    let a = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let b = beside(&a, "http://127.0.0.1:9").await;
    let now = a.app().clock.now_ms();
    let webhooks = (0..400).map(|n| {
        let server = [&a, &b][n % 2];
        // A few calls, so that both servers have news of the same ones.
        let call = json!({"call_id": format!("call_{}", n % 7), "agent_id": "agent_1", "n": n});
        let body = json!({"event": "call_started", "call": call}).to_string();
        let signature = crate::support::sign(body.as_bytes(), now);
        async move { server.post_webhook(body, Some(&signature)).await.status() }
    });
    let answers = futures_util::future::join_all(webhooks).await;
    assert!(answers.iter().all(|status| *status == 204), "{answers:?}");
    a.settled().await;
    let kept = a
        .app()
        .store
        .inbox_entries()
        .inbox_entries(1000)
        .await
        .unwrap();
    let ids: BTreeSet<_> = kept.iter().map(|one| &one.id).collect();
    assert_eq!((kept.len(), ids.len()), (400, 400));
    // Neither lock made the other server give up.
    assert!(
        kept.iter()
            .all(|one| one.state == "done" && one.attempts == 1),
        "{kept:?}"
    );
    b.stop().await;
    a.stop().await;
}
