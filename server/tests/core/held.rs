//! A Retell that mints when the test says so.

use std::sync::Arc;

use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc};

use crate::support::in_time;

pub(crate) struct Held {
    pub(crate) url: String,
    asked: mpsc::UnboundedReceiver<()>,
    answers: Arc<Semaphore>,
}

impl Held {
    pub(crate) async fn start() -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        let answers = Arc::new(Semaphore::new(0));
        let gate = Arc::clone(&answers);
        let mint = post(async move || {
            ask.send(()).unwrap();
            gate.acquire().await.unwrap().forget();
            let access = json!({"call_id": "call_1", "access_token": "t", "transport": "gateway"});
            (axum::http::StatusCode::CREATED, Json(access))
        });
        let router = Router::new().route("/v3/create-web-call", mint);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            url,
            asked,
            answers,
        }
    }

    /// Waits until a call is asked for.
    pub(crate) async fn asked(&mut self) {
        in_time(self.asked.recv()).await.unwrap();
    }

    /// Lets one call be minted.
    pub(crate) fn answer(&self) {
        self.answers.add_permits(1);
    }
}
