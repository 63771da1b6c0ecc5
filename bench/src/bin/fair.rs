//! One business has thousands of events for an endpoint that never answers; how long
//! after something happens do the other businesses hear of it? On each engine, the
//! server in this process.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use bench::program::{API_KEY, Engine, Scratch};
use bench::report::{heading, line, machine, ms, quantile, table};
use bench::seed;
use serde_json::{Map, Value};
use server::app::App;
use server::calls::Observation;
use server::config::{Config, Mode, Source};
use server::deeds::Author;
use server::notify::{self, EndpointForm};
use server::serve;
use server::store::Tenant;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Events of the business whose endpoint hangs, when nobody says.
const HANGING: usize = 10_000;
/// The other businesses.
const OTHERS: usize = 5;
/// How often something happens at each of them.
const PACE: Duration = Duration::from_millis(100);
/// How long that is measured: several of the hanging endpoint's time limits.
const SPAN: Duration = Duration::from_secs(60);
/// The longest time that 99 of 100 events may wait.
const BUDGET: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<()> {
    machine();
    let hanging = match std::env::var("SWITCHBOARD_BENCH_FAIR_JOBS") {
        Ok(count) => count
            .parse()
            .context("SWITCHBOARD_BENCH_FAIR_JOBS is a number")?,
        Err(_) => HANGING,
    };
    let scratch = Scratch::new()?;
    let mut rows = Vec::new();
    let mut worst = Duration::ZERO;
    for engine in Engine::each(&scratch).await? {
        let (row, p99) = measure(&scratch, &engine, hanging).await?;
        rows.push(row);
        worst = worst.max(p99);
    }
    heading("fair");
    table(
        &[
            "engine",
            "events that hang",
            "asked meanwhile",
            "events of others",
            "p50 ms",
            "p99 ms",
            "longest ms",
        ],
        &rows,
    );
    line(&format!("{OTHERS} other businesses, for {SPAN:?} each."));
    ensure!(worst <= BUDGET, "the others wait longer than {BUDGET:?}");
    Ok(())
}

async fn measure(
    scratch: &Scratch,
    engine: &Engine,
    hanging: usize,
) -> Result<(Vec<String>, Duration)> {
    let data = scratch.path(engine.name);
    std::fs::create_dir_all(&data)?;
    let source = Source::from_pairs([
        ("SWITCHBOARD_LISTEN", "127.0.0.1:0"),
        ("SWITCHBOARD_DATABASE_URL", engine.url.as_str()),
        ("SWITCHBOARD_DATA_DIR", &data.to_string_lossy()),
        ("SWITCHBOARD_ALLOW_PRIVATE", "127.0.0.0/8"),
        ("RETELL_API_KEY", API_KEY),
        // Nobody is there: the mirror is not what is measured.
        ("RETELL_BASE_URL", "http://127.0.0.1:9"),
    ]);
    let running = serve::start(Config::read(&source, Mode::Production)?).await?;
    let app = running.app().clone();

    let (hole, asked) = never_answers().await?;
    let hog = business(&app, "hog", &format!("http://{hole}")).await?;
    for call in 0..hanging {
        happens(&app, &hog, &format!("hog_{call}")).await?;
    }

    let (receiver, mut arrived) = answers().await?;
    let mut others = Vec::new();
    for other in 0..OTHERS {
        let url = format!("http://{receiver}/{other}");
        others.push(business(&app, &format!("other_{other}"), &url).await?);
    }
    let asked_before = asked.load(Ordering::SeqCst);
    let mut happened = HashMap::new();
    let began = Instant::now();
    let mut pace = tokio::time::interval(PACE);
    while began.elapsed() < SPAN {
        pace.tick().await;
        for (number, other) in others.iter().enumerate() {
            let id = format!("other_{number}_{}", happened.len());
            happened.insert(id.clone(), Instant::now());
            happens(&app, other, &id).await?;
        }
    }
    let mut waited = Vec::new();
    while waited.len() < happened.len() {
        let next = tokio::time::timeout(Duration::from_secs(120), arrived.recv()).await;
        let (id, at) = next?.context("the receiver ended")?;
        let happened = happened.get(&id).context("an event of nobody")?;
        waited.push(at.saturating_duration_since(*happened));
    }
    waited.sort_unstable();
    let asked = asked.load(Ordering::SeqCst) - asked_before;
    running.stop().await;
    let p99 = quantile(&waited, 0.99);
    let row = vec![
        engine.name.to_owned(),
        hanging.to_string(),
        asked.to_string(),
        waited.len().to_string(),
        ms(quantile(&waited, 0.5)),
        ms(p99),
        ms(quantile(&waited, 1.0)),
    ];
    Ok((row, p99))
}

/// A business with an agent and an endpoint for calls that begin.
async fn business(app: &App, id: &str, url: &str) -> Result<Tenant> {
    let (store, author) = (&app.store, Author::operator());
    let now = seed::now();
    let tenant = store.tenants().upsert(id, id, "Europe/Berlin", now).await?;
    store
        .agents()
        .assign(&tenant, &agent(&tenant), "Agent", &author, now)
        .await?;
    let form = EndpointForm {
        url: url.to_owned(),
        description: String::new(),
        events: vec!["call.created".to_owned()],
    };
    notify::create(&app.notify, &tenant, &author, form, &Default::default()).await?;
    Ok(tenant)
}

fn agent(tenant: &Tenant) -> String {
    format!("agent_of_{}", tenant.id())
}

/// A call begins, which is an event.
async fn happens(app: &App, tenant: &Tenant, call_id: &str) -> Result<()> {
    let now = seed::now();
    let minted = Observation::minted(call_id, &agent(tenant), Map::new(), Map::new(), now);
    let store = &app.store;
    store
        .calls()
        .observe(tenant, &minted, now, &app.config.healing)
        .await?;
    Ok(())
}

/// Takes connections and never answers; counts them.
async fn never_answers() -> Result<(SocketAddr, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    Ok((address, asked))
}

/// Answers at once, and tells which call it heard of, and when.
async fn answers() -> Result<(SocketAddr, mpsc::UnboundedReceiver<(String, Instant)>)> {
    let (tell, told) = mpsc::unbounded_channel();
    let take = move |body: Bytes| {
        let tell = tell.clone();
        async move {
            let at = Instant::now();
            let event: Value = serde_json::from_slice(&body).unwrap_or_default();
            if let Some(id) = event["call_id"].as_str() {
                let _ = tell.send((id.to_owned(), at));
            }
        }
    };
    let router = Router::new().route("/{other}", post(take));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok((address, told))
}
