//! Clients that take their time, and what the others notice of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use crate::faults::storm::{Storm, add_endpoint};
use crate::support::{Scratch, TestServer, a_moment, in_time};

/// How long the server of this test waits for anything.
const PATIENCE: Duration = Duration::from_millis(500);
/// Connections an address may have here.
const SHARE: usize = 32;

/// Requests that go on and on: a head that never ends, and bodies that hardly come.
const HEAD: &str = "POST /api/webhooks/retell HTTP/1.1\r\nhost: localhost\r\nx-padding: ";
const WEBHOOK: &str = "POST /api/webhooks/retell HTTP/1.1\r\nhost: localhost\r\n\
    content-length: 4000\r\n\r\n{";
const MINT: &str = "POST /api/public/web-calls HTTP/1.1\r\nhost: localhost\r\n\
    content-length: 4000\r\n\r\n{";

/// A client at an address of its own, which says the beginning and then hardly
/// anything, again and again; counts how often it was cut off.
async fn dawdle(from: [u8; 4], server: SocketAddr, beginning: &str, cut_off: &AtomicUsize) {
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        let mut connection = socket.connect(server).await.unwrap();
        let talk = async {
            connection.write_all(beginning.as_bytes()).await?;
            let (mut answers, mut says) = connection.split();
            let mut answer = Vec::new();
            let ended = answers.read_to_end(&mut answer);
            let trickle = async {
                loop {
                    tokio::time::sleep(PATIENCE / 10).await;
                    says.write_all(b" ").await?;
                }
            };
            tokio::select! {
                ended = ended => ended.map(drop),
                broken = trickle => broken,
            }
        };
        // Whichever way, it is over.
        let _: std::io::Result<()> = talk.await;
        cut_off.fetch_add(1, Ordering::SeqCst);
        // Those beyond its share are cut off at once.
        tokio::time::sleep(PATIENCE / 10).await;
    }
}

#[tokio::test]
async fn who_dawdles_is_cut_off_and_costs_the_others_nothing() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
            config.edge.connections = 4 * SHARE;
            config.edge.connections_per_address = SHARE;
            config.edge.first_request = PATIENCE;
            config.edge.body = PATIENCE;
            config.webhooks.body_timeout = PATIENCE;
        })
        .await;
        add_endpoint(&server.app().store, &server.tenant).await;
        let mut dawdlers = JoinSet::new();
        let mut cut_off = Vec::new();
        for (place, beginning) in (2..).zip([HEAD, WEBHOOK, MINT]) {
            let count = Arc::new(AtomicUsize::new(0));
            // More than an address may have.
            for _ in 0..SHARE + SHARE / 4 {
                let (count, address) = (Arc::clone(&count), server.running.address());
                dawdlers.spawn(async move {
                    dawdle([127, 0, 0, place], address, beginning, &count).await;
                });
            }
            cut_off.push(count);
        }
        let storm = Storm::new();
        let senders = storm.blow(&server.url(""), 300).await;
        let each_was = async {
            for count in &cut_off {
                while count.load(Ordering::SeqCst) < 2 * SHARE {
                    a_moment().await;
                }
            }
        };
        in_time(each_was).await;
        drop((dawdlers, senders));
        let result = storm.found(&server.scratch, &server.tenant).await;
        println!(
            "{}: {} slow connections cut off, {} refused, {result}",
            server.scratch.engine(),
            cut_off
                .iter()
                .map(|count| count.load(Ordering::SeqCst))
                .sum::<usize>(),
            storm.refused()
        );
        assert_eq!(
            (storm.refused(), result.lost, result.doubled),
            (0, 0, 0),
            "{result}"
        );
        assert_eq!(result.found, result.acknowledged, "{result}");
        server.stop().await;
    }
}
