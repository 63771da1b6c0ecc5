//! Reads a Server-Sent Events stream the way a browser does.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::Response;
use serde_json::Value;

/// Longer than anything here takes; reached only by a failing test.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Events {
    pub(crate) response_headers: reqwest::header::HeaderMap,
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    buffer: String,
    pub(crate) retry_ms: Option<u64>,
    pub(crate) last_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

impl Event {
    /// The ids of the items it carries.
    pub(crate) fn items(&self) -> Vec<&str> {
        let items = self.data["items"].as_array().expect("an event with items");
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap())
            .collect()
    }
}

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response_headers: response.headers().clone(),
            body: Box::pin(response.bytes_stream()),
            buffer: String::new(),
            retry_ms: None,
            last_id: None,
        }
    }

    /// The next event; `None` once the stream is over.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let next = async {
            loop {
                while let Some((block, rest)) = self.buffer.split_once("\n\n") {
                    let (block, rest) = (block.to_owned(), rest.to_owned());
                    self.buffer = rest;
                    if let Some(event) = self.parse(&block) {
                        return Some(event);
                    }
                }
                let chunk = self.body.next().await?.expect("the stream breaks");
                self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, next)
            .await
            .expect("this takes too long")
    }

    /// The next event, which must have this name.
    pub(crate) async fn expect(&mut self, name: &str) -> Event {
        let event = self
            .next()
            .await
            .unwrap_or_else(|| panic!("over before `{name}`"));
        assert_eq!(event.name, name, "{event:?}");
        event
    }

    /// The next event of this name, whatever else comes before it.
    pub(crate) async fn until(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await;
            let event = event.unwrap_or_else(|| panic!("over before `{name}`"));
            if event.name == name {
                return event;
            }
        }
    }

    /// The stream must end here.
    pub(crate) async fn expect_end(&mut self) {
        let event = self.next().await;
        assert_eq!(event, None, "nothing more");
    }

    fn parse(&mut self, block: &str) -> Option<Event> {
        let (mut name, mut id, mut data) = (None, None, None);
        for line in block.lines() {
            let Some((field, value)) = line.split_once(':') else {
                panic!("{line:?}")
            };
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "" => {}
                "event" => name = Some(value.to_owned()),
                "id" => id = Some(value.to_owned()),
                // Some events say an id, and no JSON.
                "data" => data = Some(serde_json::from_str(value).unwrap_or_else(|_| value.into())),
                "retry" => self.retry_ms = Some(value.parse().unwrap()),
                other => panic!("field {other:?}"),
            }
        }
        if id.is_some() {
            self.last_id.clone_from(&id);
        }
        Some(Event {
            name: name?,
            id,
            data: data?,
        })
    }
}
