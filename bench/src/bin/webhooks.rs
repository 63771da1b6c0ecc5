//! Webhooks per second, durable before they are answered: our server on SQLite
//! and on PostgreSQL, and a receiver as one would write it with Express and
//! better-sqlite3. The same bodies, from the same client, in the same run.

use std::collections::HashSet;
use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bench::client::Connection;
use bench::program::{API_KEY, Engine, Program, Scratch, busy_time, processor_time};
use bench::report::{heading, line, machine, ms, quantile, table};
use bench::seed::{self, AGENT};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::process::Command;

/// How many connections, and how many webhooks at most.
const LEVELS: [(usize, usize); 4] = [(1, 4_000), (16, 30_000), (64, 40_000), (256, 40_000)];
/// How long a level lasts at most.
const LEVEL: Duration = Duration::from_secs(8);
/// How many webhooks a second come in the long run, on so many connections.
const STEADY: (u32, usize) = (1_000, 64);
/// How long that goes on.
const STEADY_FOR: Duration = Duration::from_secs(60);
/// How long what was taken in may take to be worked off afterwards.
const CATCH_UP: Duration = Duration::from_secs(60);
/// About how long a body is (bytes).
const BODY: usize = 6_000;

struct Level {
    connections: usize,
    acknowledged: Vec<(usize, Duration)>,
    took: Duration,
    /// Processor time of the receiver, of this client, and of the whole machine.
    processor: [Duration; 3],
    resident_mib: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    machine();
    sqlx::any::install_default_drivers();
    let mut rows = Vec::new();
    let mut events = 0;
    let mut missing = 0;

    let scratch = Scratch::new()?;
    let file = scratch.path("express.db");
    let program = express(&scratch, &file).await?;
    let levels = run(&program, "/webhooks", &mut events).await?;
    program.stop().await;
    let mut db = AnyConnection::connect(&format!("sqlite://{}", file.display())).await?;
    missing += report(
        "Express 5 + better-sqlite3",
        &levels,
        &mut db,
        "events",
        &mut rows,
    )
    .await?;

    let mut steady_rows = Vec::new();
    for engine in Engine::each(&scratch).await? {
        let (store, _) = seed::business(&engine).await?;
        store.close().await;
        let program = Program::server(&scratch, &engine.url, "http://127.0.0.1:9").await?;
        steady_rows.push(steady(&program, &engine, &mut events).await?);
        let levels = run(&program, "/api/webhooks/retell", &mut events).await?;
        program.stop().await;
        let mut db = engine.connect().await?;
        let name = format!("Switchboard, {}", engine.name);
        missing += report(&name, &levels, &mut db, "webhook_deliveries", &mut rows).await?;
        sizes(&engine, &mut db).await?;
    }

    heading("webhooks");
    table(
        &[
            "receiver",
            "connections",
            "per second",
            "p50 ms",
            "p99 ms",
            "µs of a processor each: receiver",
            "client",
            "machine",
            "MiB resident",
            "acknowledged",
            "missing",
        ],
        &rows,
    );
    heading("webhooks, at a steady pace");
    table(
        &[
            "database",
            "per second",
            "for s",
            "p50 ms",
            "p99 ms",
            "longest ms",
            "furthest behind ms",
        ],
        &steady_rows,
    );
    anyhow::ensure!(missing == 0, "{missing} acknowledged events are not stored");
    Ok(())
}

async fn express(scratch: &Scratch, file: &std::path::Path) -> Result<Program> {
    let directory =
        env::var("SWITCHBOARD_BENCH_EXPRESS").context("start it with cargo xtask bench")?;
    let mut command = Command::new("node");
    command
        .arg(PathBuf::from(directory).join("receiver.mjs"))
        .env("NODE_ENV", "production")
        .env("DATABASE", file)
        .env("RETELL_API_KEY", API_KEY);
    Program::start(command, scratch, "/healthz").await
}

async fn run(program: &Program, path: &str, events: &mut usize) -> Result<Vec<Level>> {
    let mut levels = Vec::new();
    // What is compiled, connected and cached on first use.
    level(program, path, events, 4, 500).await?;
    for (connections, count) in LEVELS {
        levels.push(level(program, path, events, connections, count).await?);
    }
    Ok(levels)
}

async fn level(
    program: &Program,
    path: &str,
    events: &mut usize,
    connections: usize,
    count: usize,
) -> Result<Level> {
    let first = *events;
    *events += count;
    // Signed now: a signature holds for five minutes.
    let requests: Arc<Vec<Vec<u8>>> = Arc::new(
        (first..first + count)
            .map(|event| request(path, event))
            .collect(),
    );
    let next = Arc::new(AtomicUsize::new(0));
    let processor = || {
        [
            program.processor_time(),
            processor_time("self"),
            busy_time(),
        ]
    };
    let before = processor();
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        let address = program.address;
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut acknowledged = Vec::new();
            while began.elapsed() < LEVEL {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(request) = requests.get(index) else {
                    break;
                };
                let sent = Instant::now();
                let answer = connection.send(request).await?;
                anyhow::ensure!(
                    answer.status == 204,
                    "answered {}{}",
                    answer.head,
                    String::from_utf8_lossy(&answer.body)
                );
                acknowledged.push((first + index, sent.elapsed()));
            }
            Ok(acknowledged)
        }));
    }
    let mut acknowledged = Vec::new();
    for task in tasks {
        acknowledged.extend(task.await??);
    }
    let (took, after) = (began.elapsed(), processor());
    Ok(Level {
        connections,
        acknowledged,
        took,
        processor: [0, 1, 2].map(|of| after[of].saturating_sub(before[of])),
        resident_mib: program.resident_mib(),
    })
}

/// Webhooks at an even pace, each timed from when it was due: one that waits for those
/// before it is late, too. Then how long after its arrival the last one was worked off.
async fn steady(program: &Program, engine: &Engine, events: &mut usize) -> Result<Vec<String>> {
    let (rate, connections) = STEADY;
    let count = rate as usize * usize::try_from(STEADY_FOR.as_secs())?;
    let first = *events;
    *events += count;
    let next = Arc::new(AtomicUsize::new(0));
    let since = seed::now();
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (next, address) = (Arc::clone(&next), program.address);
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut times = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return anyhow::Ok(times);
                }
                let request = request("/api/webhooks/retell", first + index);
                let due = began + Duration::from_secs_f64(index as f64 / f64::from(rate));
                tokio::time::sleep_until(due.into()).await;
                let answer = connection.send(&request).await?;
                anyhow::ensure!(
                    answer.status == 204,
                    "answered {}{}",
                    answer.head,
                    String::from_utf8_lossy(&answer.body)
                );
                times.push(due.elapsed());
            }
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let took = began.elapsed();
    times.sort_unstable();
    let behind = behind(engine, since).await?;
    Ok(vec![
        engine.name.to_owned(),
        format!("{:.0}", times.len() as f64 / took.as_secs_f64()),
        format!("{:.0}", took.as_secs_f64()),
        ms(quantile(&times, 0.5)),
        ms(quantile(&times, 0.99)),
        ms(times.last().copied().unwrap_or_default()),
        behind,
    ])
}

/// How long after its arrival a webhook was worked off at most that came since then
/// (ms), once all are; or how many are not after a while.
async fn behind(engine: &Engine, since: i64) -> Result<String> {
    let mut db = engine.connect().await?;
    let deadline = Instant::now() + CATCH_UP;
    loop {
        let row = sqlx::query(
            "SELECT COUNT(*) - COUNT(processed_at) AS waiting, \
                 COALESCE(MAX(processed_at - received_at), 0) AS behind \
             FROM webhook_deliveries WHERE received_at >= $1",
        )
        .bind(since)
        .fetch_one(&mut db)
        .await?;
        let waiting: i64 = row.try_get("waiting")?;
        if waiting == 0 {
            return Ok(row.try_get::<i64, _>("behind")?.to_string());
        }
        if Instant::now() >= deadline {
            let after = CATCH_UP.as_secs();
            return Ok(format!("{waiting} left after {after} s"));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Every call ends and is analysed: two events.
fn identity(event: usize) -> (&'static str, String) {
    let kind = if event.is_multiple_of(2) {
        "call_ended"
    } else {
        "call_analyzed"
    };
    (kind, format!("call_{:032x}", event / 2))
}

fn request(path: &str, event: usize) -> Vec<u8> {
    let body = body(event).to_string();
    let now = u64::try_from(seed::now()).unwrap_or(0);
    let signature = retell::signature::sign(body.as_bytes(), API_KEY, now);
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         x-retell-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// As Retell sends it, of the usual length: most of it is the transcript.
fn body(event: usize) -> Value {
    let (kind, call_id) = identity(event);
    let start = 1_790_000_000_000_i64 + event as i64 * 500;
    let mut items = Vec::new();
    let mut length = 0;
    for turn in 0.. {
        let role = if turn % 2 == 0 { "agent" } else { "user" };
        let said = format!("This is what the {role} says in turn {turn} of call {call_id}.");
        let words: Vec<Value> = said
            .split(' ')
            .enumerate()
            .map(|(index, word)| {
                let at = f64::from(turn) * 5.0 + index as f64 * 0.3;
                json!({"word": word, "start": at, "end": at + 0.25})
            })
            .collect();
        let item = json!({"role": role, "content": said, "words": words});
        length += item.to_string().len();
        items.push(item);
        if length > BODY - 1_200 {
            break;
        }
    }
    let mut call = json!({
        "call_id": call_id, "call_type": "phone_call", "agent_id": AGENT, "agent_name": "Agent 0",
        "agent_version": 3, "call_status": "ended", "direction": "inbound",
        "from_number": format!("+4930{:07}", event / 2 % 10_000_000), "to_number": "+4930555000",
        "start_timestamp": start, "end_timestamp": start + 95_000, "duration_ms": 95_000,
        "disconnection_reason": "user_hangup",
        "recording_url": format!("https://storage.example.com/{call_id}/recording.wav"),
        "public_log_url": format!("https://storage.example.com/{call_id}/public.log"),
        "latency": {"e2e": {"p50": 810.0, "p90": 1190.0, "p95": 1260.0, "p99": 1400.0, "num": 12}},
        "call_cost": {"combined_cost": 21.5, "total_duration_seconds": 95,
            "product_costs": [{"product": "elevenlabs_tts", "cost": 12.0}, {"product": "gpt_4_1", "cost": 9.5}]},
        "transcript_with_tool_calls": items,
    });
    if kind == "call_analyzed" {
        call["call_analysis"] = json!({"call_summary": "The caller booked a check-up.",
            "user_sentiment": "Positive", "call_successful": true, "in_voicemail": false,
            "custom_analysis_data": {"slot": "Thursday 10:00"}});
    }
    json!({"event": kind, "call": call})
}

/// Adds the rows of a receiver, and counts what it acknowledged and does not have.
async fn report(
    name: &str,
    levels: &[Level],
    db: &mut AnyConnection,
    events: &str,
    rows: &mut Vec<Vec<String>>,
) -> Result<usize> {
    let sql = format!("SELECT event, call_id FROM {events}");
    let stored: HashSet<(String, String)> = sqlx::query(sqlx::AssertSqlSafe(sql))
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| Ok((row.try_get("event")?, row.try_get("call_id")?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let mut all = 0;
    for level in levels {
        let missing = level
            .acknowledged
            .iter()
            .filter(|(event, _)| {
                let (kind, call_id) = identity(*event);
                !stored.contains(&(kind.to_owned(), call_id))
            })
            .count();
        all += missing;
        let mut times: Vec<Duration> = level.acknowledged.iter().map(|(_, time)| *time).collect();
        times.sort_unstable();
        let per_second = level.acknowledged.len() as f64 / level.took.as_secs_f64();
        let each = |of: usize| {
            let count = level.acknowledged.len().max(1) as f64;
            format!("{:.0}", level.processor[of].as_secs_f64() * 1e6 / count)
        };
        rows.push(vec![
            name.to_owned(),
            level.connections.to_string(),
            format!("{per_second:.0}"),
            ms(quantile(&times, 0.5)),
            ms(quantile(&times, 0.99)),
            each(0),
            each(1),
            each(2),
            format!("{:.0}", level.resident_mib),
            level.acknowledged.len().to_string(),
            missing.to_string(),
        ]);
    }
    Ok(all)
}

/// What the rows take, with their indexes.
async fn sizes(engine: &Engine, db: &mut AnyConnection) -> Result<()> {
    let mut rows = Vec::new();
    for name in ["calls", "transcripts", "webhook_deliveries"] {
        let count: i64 = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT COUNT(*) AS n FROM {name}"
        )))
        .fetch_one(&mut *db)
        .await?
        .try_get("n")?;
        let [own, indexes] = if engine.is_sqlite() {
            let sql = "SELECT COALESCE(SUM(CASE WHEN s.name = $1 THEN s.pgsize END), 0) AS own, \
                 COALESCE(SUM(CASE WHEN s.name <> $1 THEN s.pgsize END), 0) AS indexes \
                 FROM dbstat s JOIN sqlite_schema m ON m.name = s.name WHERE m.tbl_name = $1";
            match sqlx::query(sql).bind(name).fetch_one(&mut *db).await {
                Ok(row) => [row.try_get("own")?, row.try_get("indexes")?],
                // This SQLite was built without the table of pages.
                Err(_) => [0, 0],
            }
        } else {
            let sql = "SELECT pg_table_size($1::regclass) AS own, pg_indexes_size($1::regclass) AS indexes";
            let row = sqlx::query(sql).bind(name).fetch_one(&mut *db).await?;
            [row.try_get("own")?, row.try_get::<i64, _>("indexes")?]
        };
        let each = |bytes: i64| (bytes / count.max(1)).to_string();
        rows.push(vec![
            name.to_owned(),
            count.to_string(),
            each(own),
            each(indexes),
        ]);
    }
    heading(&format!("rows on {}", engine.name));
    table(&["table", "rows", "bytes a row", "of indexes a row"], &rows);
    line("While webhooks were still being worked off: calls are as many as were reached.");
    Ok(())
}
