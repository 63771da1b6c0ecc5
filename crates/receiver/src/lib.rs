//! A program of somebody else's that takes what is posted to it: webhooks and
//! functions, ours and Retell's. A test says what it answers, and reads what came.

// Whoever uses it is a test.
#![expect(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Longer than anything takes; only what never comes is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request that came.
#[derive(Debug, Clone)]
pub struct Got {
    /// The path, with its query if it had one.
    pub path: String,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body, byte by byte.
    pub body: Bytes,
}

impl Got {
    /// The body, read as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The event that Retell's webhooks name; empty if it names none.
    ///
    /// # Panics
    /// When the body is no JSON.
    #[must_use]
    pub fn event(&self) -> String {
        self.json()["event"].as_str().unwrap_or_default().to_owned()
    }

    /// What Standard Webhooks tells repeats apart by.
    ///
    /// # Panics
    /// When it was sent without.
    #[must_use]
    pub fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    /// Whether the reference library of Standard Webhooks accepts it with this secret.
    ///
    /// # Panics
    /// When the secret is none.
    #[must_use]
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let receiver = Webhook::new(secret).unwrap();
        receiver.verify(&self.body, &self.headers).is_ok()
    }
}

type Answer = (StatusCode, HeaderMap, String);

#[derive(Debug)]
struct Inbox {
    got: Mutex<VecDeque<Got>>,
    news: Notify,
    answer: Mutex<Answer>,
}

/// The program. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where it listens, without a path.
    pub url: String,
    inbox: Arc<Inbox>,
}

impl Receiver {
    /// Starts one that takes everything.
    ///
    /// # Panics
    /// When it can not listen.
    pub async fn start() -> Self {
        let inbox = Arc::new(Inbox {
            got: Mutex::default(),
            news: Notify::new(),
            answer: Mutex::new((StatusCode::OK, HeaderMap::new(), String::new())),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inbox }
    }

    /// The address of a path there.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// How requests are answered from now on.
    ///
    /// # Panics
    /// When that is no HTTP status.
    pub fn answer(&self, status: u16, body: &str) {
        self.answer_with(status, &[], body);
    }

    /// The same, with headers.
    ///
    /// # Panics
    /// When that is no HTTP status, or no header can look so.
    pub fn answer_with(&self, status: u16, headers: &[(&'static str, &str)], body: &str) {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()));
        let status = StatusCode::from_u16(status).unwrap();
        *self.inbox.answer.lock().unwrap() = (status, headers.collect(), body.to_owned());
    }

    /// The next request, in the order they came.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(&self) -> Got {
        let waiting = async {
            loop {
                let news = self.inbox.news.notified();
                let got = self.inbox.got.lock().unwrap().pop_front();
                if let Some(got) = got {
                    return got;
                }
                news.await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, waiting).await;
        came.unwrap_or_else(|_| panic!("nothing came to {}", self.url))
    }

    /// What has come and was not looked at.
    ///
    /// # Panics
    /// Never, as no reader of it does.
    pub fn rest(&self) -> Vec<Got> {
        self.inbox.got.lock().unwrap().drain(..).collect()
    }
}

async fn take(
    State(inbox): State<Arc<Inbox>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let got = Got {
        path: uri.to_string(),
        headers,
        body,
    };
    inbox.got.lock().unwrap().push_back(got);
    inbox.news.notify_waiters();
    inbox.answer.lock().unwrap().clone()
}
