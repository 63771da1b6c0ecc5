//! A receiver that takes its time.

use api::jobs::JobQueue;
use receiver::Receiver;
use serde_json::Map;
use server::calls::Observation;
use server::notify::{self, EndpointForm};
use server::people::Role;
use tokio_util::sync::CancellationToken;

use super::mint;
use crate::bench::{Bench, somebody};
use crate::support::{Desk, Scratch, TestServer, a_moment, in_time};

/// Takes connections and never answers; tells of each.
async fn never_answers() -> (String, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (came, coming) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
            if came.send(()).is_err() {
                return;
            }
        }
    });
    (url, coming)
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_keeps_nobody_elses_events_waiting() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let (url, mut coming) = never_answers().await;
    bench.endpoint(&url, &["call.created"]).await;
    for number in 0..40 {
        mint(&bench, &format!("call_{number}")).await;
    }
    let receiver = Receiver::start().await;
    bench.endpoint(&receiver.url, &["call.created"]).await;
    mint(&bench, "call_last").await;

    let runner = bench.runner.clone();
    let running = tokio::spawn(async move { runner.run(CancellationToken::new()).await });
    assert_eq!(receiver.next().await.json()["call_id"], "call_last");
    // It has what an endpoint may have at once, and no more.
    for _ in 0..8 {
        in_time(coming.recv()).await.unwrap();
    }
    assert!(coming.try_recv().is_err());
    running.abort();
    drop(running.await);
    bench.clear().await;
}

#[tokio::test]
async fn the_desk_says_who_keeps_jobs_waiting() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
            config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let receiver = Receiver::start().await;
        receiver.answer_with(429, &[("retry-after", "600")], "not now");
        let form = EndpointForm {
            url: receiver.url.clone(),
            description: "CRM".to_owned(),
            events: vec!["call.created".to_owned()],
        };
        let (app, tenant) = (server.app(), &server.tenant);
        notify::create(&app.notify, tenant, &somebody(), form, &Default::default())
            .await
            .unwrap();
        let happens = async |number: usize| {
            let (id, now) = (format!("call_{number}"), app.clock.now_ms());
            let minted = Observation::minted(&id, "agent_1", Map::new(), Map::new(), now);
            let healing = &app.config.healing;
            app.store
                .calls()
                .observe(tenant, &minted, now, healing)
                .await
                .unwrap();
        };
        happens(0).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let looked = async {
            for number in 1.. {
                let queue: JobQueue = desk.get("/api/desk/jobs").await;
                let resting = queue.items.into_iter().find(|jobs| jobs.state == "resting");
                match resting {
                    Some(jobs) => return jobs,
                    // The first that finds the pause has the others wait for its end.
                    None => happens(number).await,
                }
                a_moment().await;
            }
            unreachable!("there are always more")
        };
        let jobs = in_time(looked).await;
        assert_eq!(
            (jobs.kind.as_str(), jobs.whom.as_deref()),
            ("hook.deliver", Some("CRM"))
        );
        server.stop().await;
    }
}
