//! A whole call against the emulator: minted, joined over WebRTC, read along by
//! visitors and staff, and listened to afterwards.

use api::public::CallAccess;
use emulator::Emulator;
use emulator::testing::Peer;
use futures_util::future::join_all;
use reqwest::header::{COOKIE, RANGE};
use serde_json::{Value, json};
use server::deeds::Author;
use server::keys::PublicKey;

use crate::sse::Events;
use crate::support::{TestServer, in_time, key, session_cookie};

const AGENT: &str = "agent_test_short";

struct World {
    server: TestServer,
    emulator: Emulator,
    cookie: String,
}

impl World {
    async fn begin() -> Self {
        let (server, emulator) = TestServer::emulated(|_| {}).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        store
            .agents()
            .assign(tenant, AGENT, "Short", &Author::operator(), 0)
            .await
            .unwrap();
        let key = PublicKey {
            agents: vec![AGENT.to_owned()],
            ..key("pk_test")
        };
        store.public_keys().upsert(tenant, &key, 0).await.unwrap();
        let cookie = session_cookie(store, tenant).await;
        Self {
            server,
            emulator,
            cookie,
        }
    }

    async fn mint(&self) -> CallAccess {
        let response = self.server.mint(&json!({"key": "pk_test"})).await;
        assert_eq!(response.status(), 201);
        response.json().await.unwrap()
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let request = self.server.http.get(self.server.url(path));
        let request = request.header(COOKIE, &self.cookie);
        request.send().await.unwrap()
    }

    async fn visitor(&self, call: &CallAccess) -> Events {
        let path = format!("/api/public/web-calls/{}/events", call.call_id);
        let request = self.server.http.get(self.server.url(&path));
        Events::of(request.bearer_auth(&call.ticket).send().await.unwrap())
    }

    async fn staff(&self, path: &str) -> Events {
        Events::of(self.get(path).await)
    }

    /// The emulator's own view of a call.
    async fn at_retell(&self, call_id: &str) -> Value {
        let url = format!("{}/_emulator/calls/{call_id}", self.emulator.url());
        let answer = self.server.http.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }

    async fn end(self) {
        self.server.stop().await;
        self.emulator.shutdown().await;
    }
}

/// Reads until an item says all of `text`, and tells in how many steps.
async fn read_until(events: &mut Events, text: &str) -> usize {
    let mut steps = 0;
    loop {
        let event = events.next().await.unwrap();
        assert!(
            matches!(event.name.as_str(), "snapshot" | "items"),
            "{event:?}"
        );
        steps += 1;
        let items = event.data["items"].as_array().unwrap();
        if items.iter().any(|item| item["content"] == text) {
            return steps;
        }
    }
}

async fn read_to_the_end(events: &mut Events) -> Value {
    loop {
        let event = events.next().await.unwrap();
        if event.name == "ended" {
            events.expect_end().await;
            return event.data;
        }
        assert_eq!(event.name, "items");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_held_read_along_and_listened_to() {
    let world = World::begin().await;
    let mut desk = world.staff("/api/desk/events").await;
    let call = world.mint().await;
    let path = format!("/api/desk/calls/{}", call.call_id);
    let mut readers = join_all((0..5).map(|_| world.visitor(&call))).await;
    let staff = (0..25).map(|_| format!("{path}/events"));
    readers.extend(join_all(staff.map(async |path| world.staff(&path).await)).await);

    let visitor = Peer::connect(&call.gateway_url, &call.access_token, &call.call_id)
        .await
        .unwrap();
    let mut most_steps = 0;
    for events in &mut readers {
        let steps = in_time(read_until(events, "A short test call.")).await;
        most_steps = most_steps.max(steps);
    }
    assert!(most_steps > 2, "the text grows word by word");
    assert_eq!(world.at_retell(&call.call_id).await["watchers"], 1);

    visitor.hum(Some(440.0));
    in_time(async {
        for events in &mut readers {
            read_until(events, "Hello, can you hear me?").await;
        }
    })
    .await;
    visitor.hum(None);
    for events in &mut readers {
        in_time(read_until(events, "Yes, I can hear you well.")).await;
    }
    visitor.hang_up().await.unwrap();
    for events in &mut readers {
        assert_eq!(
            in_time(read_to_the_end(events)).await,
            json!({"reason": "user_hangup"})
        );
    }

    let row = loop {
        let row = desk.until("call").await.data;
        if row["status"] == "ended" && row["has_recording"] == true {
            break row;
        }
    };
    assert_eq!(row["agent_id"], AGENT);
    let recording = world
        .server
        .http
        .get(world.server.url(&format!("{path}/recording")))
        .header(COOKIE, &world.cookie)
        .header(RANGE, "bytes=0-43")
        .send()
        .await
        .unwrap();
    assert_eq!(recording.headers()["content-type"], "audio/wav");
    let head = recording.bytes().await.unwrap();
    assert!(head.starts_with(b"RIFF"), "{head:?}");
    world.end().await;
}
