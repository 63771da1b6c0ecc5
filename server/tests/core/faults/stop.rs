//! SIGTERM while webhooks stream in and people look on.

use crate::faults::process::Process;
use crate::faults::storm::{Storm, add_endpoint};
use crate::sse::Events;
use crate::support::{Scratch, in_time, seed, session_cookie};

#[tokio::test]
async fn a_stop_under_load_loses_nothing_and_is_told_to_whoever_looks_on() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = seed(&store, 0).await;
        add_endpoint(&store, &tenant).await;
        let cookie = session_cookie(&store, &tenant).await;
        let server = Process::start(&scratch, "http://127.0.0.1:9").await;
        let desk = reqwest::Client::new()
            .get(format!("{}/api/desk/events", server.url))
            .header("cookie", cookie);
        let mut desk = Events::of(desk.send().await.unwrap());
        let storm = Storm::new();
        let senders = storm.blow(&server.url, 50).await;
        server.terminate().await;
        let told = async { while desk.next().await.expect("the end is told").name != "closing" {} };
        in_time(told).await;
        server.ended_well().await;
        senders.join_all().await;
        // Worked off before it ended: nobody is there now who could.
        assert_eq!(store.inbox_entries().next_due().await.unwrap(), None);
        let result = storm.found(&scratch, &tenant).await;
        assert_eq!(result.found, result.acknowledged, "{result}");
        assert_eq!(result.doubled, 0, "{result}");
        println!("{}: SIGTERM, {result}", scratch.engine());
        store.close().await;
        scratch.remove().await;
    }
}
