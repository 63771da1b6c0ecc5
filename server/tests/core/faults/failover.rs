//! A PostgreSQL that another one takes over from.

use api::problem::slug;
use serde_json::json;
use server::bus::{Signal, Topic};
use server::people::Role;

use crate::faults::outage::{cluster, on};
use crate::faults::proxy::Proxy;
use crate::faults::silence::{impatient, ready_again, refused_in_time};
use crate::faults::storm::{Storm, add_endpoint};
use crate::sse::Events;
use crate::support::{Desk, Scratch, in_time, key, problem, session_cookie};

#[tokio::test]
async fn what_was_acknowledged_is_there_once_another_one_took_over() {
    let Some(first) = cluster().await else {
        return;
    };
    let (first, mut second) = on(first, |first| first.follower().unwrap()).await;
    let mut scratch = Scratch::on_postgres_at(&first.url()).await;
    let proxy = Proxy::before(&mut scratch).await;
    let server = impatient(scratch).await;
    add_endpoint(&server.app().store, &server.tenant).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    // The follower is away: a commit waits for it, and what is acknowledged before it
    // comes back may be gone with this one.
    (second, ()) = on(second, |second| second.stop()).await;
    let zoe = json!({"name": "Zoe"});
    let written = desk.send("POST", "/api/desk/contacts", Some(&zoe)).await;
    problem(written, 503, slug::STORE_UNAVAILABLE).await;
    refused_in_time(&server).await;
    (second, ()) = on(second, |second| second.resume().unwrap()).await;
    let cookie = session_cookie(&server.app().store, &server.tenant).await;
    let events = server.http.get(server.url("/api/desk/events"));
    let mut events = Events::of(events.header("cookie", cookie).send().await.unwrap());
    // Read all along: a stream that nobody reads is ended.
    let told_to_load_again =
        tokio::spawn(async move { while events.next().await.unwrap().name != "resync" {} });
    let storm = Storm::new();
    let mut senders = vec![storm.blow(&server.url(""), 100).await];

    // The first one is deposed and does not know: whoever is connected stays so.
    let (first, ()) = on(first, |first| first.only_read().unwrap()).await;
    (second, ()) = on(second, |second| second.promote().unwrap()).await;
    proxy.lead_to(&second.url());
    ready_again(&server).await;
    senders.push(storm.blow(&server.url(""), 100).await);

    drop(senders);
    let result = storm.found(&server.scratch, &server.tenant).await;
    println!(
        "PostgreSQL failed over: {} refused, {result}",
        storm.refused()
    );
    assert_eq!((result.lost, result.doubled), (0, 0), "{result}");
    // What another server says by the new one is heard, and that something was missed is told.
    in_time(told_to_load_again).await.unwrap();
    let other = server.scratch.store().await;
    let mut keys = server.app().store.bus().listen(Topic::Keys);
    let new = key("pk_new");
    let upserted = other.public_keys().upsert(&server.tenant, &new, 0).await;
    upserted.unwrap();
    assert_eq!(in_time(keys.next()).await, Signal::KeysChanged);
    // Its database goes with the two.
    let scratch = server.stop_for_now().await;
    std::fs::remove_dir_all(scratch.directory).unwrap();
    drop((first, second));
}
