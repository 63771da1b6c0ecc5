//! A hundred live calls and a thousand readers of their transcripts, on one
//! server: how much later a reader has the words than Retell said them, and
//! what a reader costs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::routing::get;
use bench::client::Connection;
use bench::program::{Engine, Program, Scratch};
use bench::report::{heading, line, machine, ms, quantile, table};
use bench::seed::{self, AGENT};
use serde_json::{Map, json};
use server::calls::Observation;
use server::config::Healing;
use tokio::sync::mpsc;

const CALLS: usize = 100;
/// Readers of each call: first one, then ten.
const READERS: [usize; 2] = [1, 10];
/// How often somebody says something in a call.
const PACE: Duration = Duration::from_millis(500);
/// How long is measured.
const SPAN: Duration = Duration::from_secs(20);

/// Stands in for Retell's monitor: every socket speaks at the pace, and what it
/// says is when it said it.
struct Monitor {
    sockets: AtomicUsize,
    began: Instant,
}

#[tokio::main]
async fn main() -> Result<()> {
    machine();
    let scratch = Scratch::new()?;
    let engine = Engine::each(&scratch)
        .await?
        .into_iter()
        .next()
        .context("there is always SQLite")?;
    let (store, tenant) = seed::business(&engine).await?;
    let link = seed::sign_in_path(&store, &tenant).await?;
    for call in 0..CALLS {
        let minted = Observation::minted(&id(call), AGENT, Map::new(), Map::new(), seed::now());
        store
            .calls()
            .observe(&tenant, &minted, seed::now(), &Healing::default())
            .await?;
    }
    store.close().await;

    let monitor = Arc::new(Monitor {
        sockets: AtomicUsize::new(0),
        began: Instant::now(),
    });
    let retell = serve(Arc::clone(&monitor)).await?;
    let server = Program::server(&scratch, &engine.url, &format!("http://{retell}")).await?;
    let cookie = seed::cookie(&server, &link).await?;
    let at_rest = server.resident_mib();

    let (heard, mut latencies) = mpsc::unbounded_channel();
    let mut rows = vec![vec![
        "0".to_owned(),
        "0".to_owned(),
        format!("{at_rest:.1}"),
        "–".to_owned(),
        "–".to_owned(),
        "–".to_owned(),
        "–".to_owned(),
    ]];
    let mut open = 0;
    let mut resident = Vec::new();
    for readers in READERS {
        while open < readers * CALLS {
            let path = format!("/api/desk/calls/{}/events", id(open % CALLS));
            let connection = Connection::open(server.address).await?;
            let stream = connection.stream(&path, &cookie).await?;
            tokio::spawn(read(stream, heard.clone(), monitor.began));
            open += 1;
        }
        // Everybody is there and hears something before it counts.
        tokio::time::sleep(PACE * 4).await;
        while latencies.try_recv().is_ok() {}
        let (cpu, began) = (server.processor_time(), Instant::now());
        tokio::time::sleep(SPAN).await;
        let busy = (server.processor_time() - cpu).as_secs_f64() / began.elapsed().as_secs_f64();
        let mut times = Vec::new();
        while let Ok(time) = latencies.try_recv() {
            times.push(time);
        }
        times.sort_unstable();
        let mib = server.resident_mib();
        resident.push(mib);
        rows.push(vec![
            open.to_string(),
            monitor.sockets.load(Ordering::SeqCst).to_string(),
            format!("{mib:.1}"),
            format!("{:.0} %", busy * 100.0),
            format!("{:.0}", times.len() as f64 / SPAN.as_secs_f64()),
            ms(quantile(&times, 0.5)),
            ms(quantile(&times, 0.99)),
        ]);
    }
    heading("live");
    table(
        &[
            "readers",
            "upstream sockets opened",
            "MiB resident",
            "of one processor",
            "updates/s delivered",
            "p50 ms",
            "p99 ms",
        ],
        &rows,
    );
    if let [few, many] = resident[..] {
        let added = (READERS[1] - READERS[0]) * CALLS;
        line(&format!(
            "A reader takes {:.1} KiB.",
            (many - few) * 1024.0 / added as f64
        ));
    }
    Ok(())
}

fn id(call: usize) -> String {
    format!("call_{call:04}")
}

async fn read(
    mut stream: bench::client::Stream,
    heard: mpsc::UnboundedSender<Duration>,
    began: Instant,
) {
    /// Before the time (µs since the benchmark began) in what is said.
    const MARK: &str = "said at ";
    while let Ok(event) = stream.next().await {
        if !event.contains("event: items") && !event.contains("event:items") {
            continue;
        }
        let Some((_, rest)) = event.rsplit_once(MARK) else {
            continue;
        };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(said) = digits.parse::<u64>() {
            let latency = began.elapsed().saturating_sub(Duration::from_micros(said));
            if heard.send(latency).is_err() {
                return;
            }
        }
    }
}

async fn serve(monitor: Arc<Monitor>) -> Result<SocketAddr> {
    let router = Router::new()
        .route("/v2/monitor-call/{id}", get(watch))
        .with_state(monitor);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(address)
}

async fn watch(
    State(monitor): State<Arc<Monitor>>,
    Path(call_id): Path<String>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    upgrade.on_upgrade(async move |socket| {
        let number = monitor.sockets.fetch_add(1, Ordering::SeqCst);
        // Calls do not all speak at once.
        tokio::time::sleep(PACE / CALLS as u32 * (number % CALLS) as u32).await;
        // The server goes away at the end.
        let _ = speak(socket, &monitor, &call_id).await;
    })
}

async fn speak(mut socket: WebSocket, monitor: &Monitor, call_id: &str) -> Result<()> {
    let mut pace = tokio::time::interval(PACE);
    let mut snapshot = true;
    for turn in 0_u32.. {
        pace.tick().await;
        let said = monitor.began.elapsed().as_micros();
        let words = format!("Some words of {call_id} as people say them, said at {said}");
        // A sentence grows four times and is then over.
        let item = json!({
            "id": format!("item_{}", turn / 4), "time_sec": f64::from(turn / 4),
            "role": if turn / 4 % 2 == 0 { "agent" } else { "user" }, "content": words,
        });
        let kind = if snapshot {
            "transcript_snapshot"
        } else {
            "transcript_updated"
        };
        snapshot = false;
        let frame = json!({"type": kind, "transcripts": [item]});
        socket.send(Message::Text(frame.to_string().into())).await?;
    }
    Ok(())
}
