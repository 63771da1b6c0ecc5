//! A whole call against the emulator: minted, joined over WebRTC, read along by
//! visitors and staff, and listened to afterwards.

use std::path::PathBuf;

use api::public::CallAccess;
use emulator::Emulator;
use emulator::testing::Peer;
use futures_util::future::join_all;
use reqwest::header::{COOKIE, ORIGIN, RANGE};
use serde_json::{Value, json};
use server::config::{Config, Mode, Source, url_of_address};
use server::demo;
use server::serve::{self, Running};

use crate::stage::{cookie_in, in_time};
use crate::stream::Events;

struct World {
    running: Running,
    emulator: Emulator,
    url: String,
    cookie: String,
    http: reqwest::Client,
    dir: PathBuf,
}

impl World {
    async fn begin() -> Self {
        let dir = std::env::temp_dir().join(format!("switchboard-{}", uuid::Uuid::now_v7()));
        let database = format!("sqlite://{}", dir.join("switchboard.db").display());
        let source = |retell: &str| {
            Source::from_pairs([
                ("RETELL_BASE_URL", retell),
                ("SWITCHBOARD_LISTEN", "127.0.0.1:0"),
                ("SWITCHBOARD_DATABASE_URL", database.as_str()),
            ])
        };
        let unknown = Config::read(&source("http://127.0.0.1:1"), Mode::Demo).unwrap();
        let listener = serve::bind(&unknown).await.unwrap();
        let webhooks = url_of_address(listener.local_addr().unwrap())
            .join("/api/webhooks/retell")
            .unwrap();
        let emulator = Emulator::start(emulator::Config {
            api_key: unknown.retell.api_key.expose().to_owned(),
            webhook_url: Some(webhooks.into()),
            ..emulator::Config::default()
        })
        .await
        .unwrap();
        let config = Config::read(&source(emulator.url()), Mode::Demo).unwrap();
        let running = serve::start_on(listener, config).await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let link = demo::seed(running.app()).await.unwrap();
        let cookie = cookie_in(&http.get(link).send().await.unwrap());
        let url = running.app().config.url_of("");
        Self {
            running,
            emulator,
            url,
            cookie,
            http,
            dir,
        }
    }

    async fn mint(&self) -> CallAccess {
        let response = self
            .http
            .post(format!("{}/api/public/web-calls", self.url))
            .header(ORIGIN, &self.url)
            .json(&json!({"key": "pk_test", "agent_id": "agent_test_short"}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 201);
        response.json().await.unwrap()
    }

    async fn visitor(&self, call: &CallAccess) -> Events {
        let (id, stream) = (&call.call_id, &call.stream);
        let url = format!(
            "{}/api/public/web-calls/{id}/events?stream={stream}",
            self.url
        );
        Events::of(self.http.get(url).send().await.unwrap())
    }

    async fn staff(&self, path: &str) -> Events {
        let request = self
            .http
            .get(format!("{}{path}", self.url))
            .header(COOKIE, &self.cookie);
        Events::of(request.send().await.unwrap())
    }

    /// The emulator's own view of a call.
    async fn at_retell(&self, call_id: &str) -> Value {
        let url = format!("{}/_emulator/calls/{call_id}", self.emulator.url());
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn end(self) {
        self.running.stop().await;
        self.emulator.shutdown().await;
        // Left over in the temporary directory at worst.
        let _ = std::fs::remove_dir_all(self.dir);
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
        let row = desk.expect("call").await.data;
        if row["status"] == "ended" && row["has_recording"] == true {
            break row;
        }
    };
    assert_eq!(row["agent_id"], "agent_test_short");
    let recording = world
        .http
        .get(format!("{}{path}/recording", world.url))
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
