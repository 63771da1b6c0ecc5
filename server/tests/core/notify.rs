//! Outgoing webhooks: what is told, how it is signed, repeated, given up and
//! replayed.

mod addresses;
mod retries;
mod servers;
mod slow;
mod telling;

use std::time::Duration;

use serde_json::{Value, json};
use server::calls::Observation;
use server::notify::{Endpoint, NotificationDetail};

use crate::bench::Bench;
use crate::support::{life_of_a_call, with};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub(crate) const CALLS: [&str; 4] = [
    "call.created",
    "call.started",
    "call.ended",
    "call.analyzed",
];

/// A call that happened just now, as Retell's webhooks tell it.
pub(crate) fn fresh_life(now: i64) -> Vec<Value> {
    let mut life = life_of_a_call();
    for webhook in &mut life {
        let times = json!({"start_timestamp": now - 40_000, "end_timestamp": now - 10_000});
        if webhook["call"]["start_timestamp"].is_i64() {
            let ended = webhook["call"]["end_timestamp"].is_i64();
            webhook["call"] = with(&webhook["call"], &times);
            if !ended {
                webhook["call"]
                    .as_object_mut()
                    .unwrap()
                    .remove("end_timestamp");
            }
        }
    }
    life
}

/// Lets the call `id` be minted, which is an event.
pub(crate) async fn mint(bench: &Bench, id: &str) {
    let minted = Observation::minted(
        id,
        "agent_1",
        serde_json::Map::new(),
        serde_json::Map::new(),
        bench.now(),
    );
    bench
        .app
        .store
        .calls()
        .observe(
            &bench.tenant,
            &minted,
            bench.now(),
            &bench.app.config.healing,
        )
        .await
        .unwrap();
}

pub(crate) async fn detail(
    bench: &Bench,
    endpoint: &Endpoint,
    notification: &str,
) -> NotificationDetail {
    bench
        .app
        .store
        .notifications()
        .find(&bench.tenant, &endpoint.id, notification)
        .await
        .unwrap()
        .unwrap()
}
