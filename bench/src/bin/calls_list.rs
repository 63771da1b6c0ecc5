//! The call list of a business with a million calls: the first page of every
//! filter and the thousandth, through the server's own route.

use std::env;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bench::client::Connection;
use bench::program::{Engine, Program, Scratch};
use bench::report::{heading, line, machine, ms, quantile, table};
use bench::seed::{self, TENANT};
use serde_json::Value;
use sqlx::AssertSqlSafe;

/// How often each page is asked for.
const ROUNDS: usize = 300;
/// How many rows a page has, and which page is the late one.
const PAGE: usize = 50;
const LATE: usize = 1_000;
/// How many calls are added at once.
const CHUNK: i64 = 50_000;

/// What was said, and in one of how many calls.
const WORDS: [(&str, i64); 4] = [
    ("hello", 1),
    ("appointment", 3),
    ("refund", 50),
    ("unicorn", 10_000),
];

/// The tags, and on one of how many calls.
const TAGS: [(&str, i64); 2] = [("gold", 9), ("platinum", 10_000)];

/// Filters, each on its own and then together.
const FILTERS: [(&str, &str); 47] = [
    ("none", ""),
    ("live", "status=live"),
    ("ended", "status=ended"),
    ("not connected", "status=not_connected"),
    ("error", "status=error"),
    ("web calls", "call_type=web_call"),
    ("phone calls", "call_type=phone_call"),
    ("outbound", "direction=outbound"),
    ("agent, busy", "agent_id=agent_0"),
    ("agent, 1 in 10,000", "agent_id=agent_rare"),
    ("agent, unknown", "agent_id=agent_none"),
    ("public key", "public_key_id=pk_1"),
    ("number, whole", "number=%2B49305004242"),
    ("number, 4 digits", "number=4242"),
    ("reason, common", "disconnection_reason=user_hangup"),
    ("reason, rare", "disconnection_reason=error_asr"),
    ("sentiment", "user_sentiment=Negative"),
    ("goal missed", "successful=false"),
    ("no recording", "has_recording=false"),
    ("one day", "from=2026-03-01&until=2026-03-01"),
    ("10 min and longer", "min_duration_s=600"),
    ("longer than any", "min_duration_s=36000"),
    ("said, in every call", "text=hello"),
    ("said, in 1 of 50", "text=refund"),
    ("said, in 1 of 10,000", "text=unicorn"),
    ("said, never", "text=dodo"),
    ("three words", "text=hello%20appointment%20refund"),
    (
        "said + agent + sentiment",
        "text=appointment&agent_id=agent_1&user_sentiment=Negative",
    ),
    ("said + cost", "text=refund&min_cost_cents=10"),
    ("at most 10 cents", "max_cost_cents=10"),
    ("claimed by one", "claimed_by=user_of_tenant_bench"),
    ("flagged", "flagged=true"),
    ("not flagged", "flagged=false"),
    ("warned of", "warned=true"),
    ("not warned of", "warned=false"),
    ("warned of, not flagged", "warned=true&flagged=false"),
    ("disposition", "disposition=Appointment"),
    ("disposition missing", "has_disposition=false"),
    ("tag", "tag=gold"),
    ("tag, 1 in 10,000", "tag=platinum"),
    ("appointment made", "has_booking=true"),
    (
        "said + tag + warned of",
        "text=appointment&tag=gold&warned=true",
    ),
    (
        "ended + positive + recorded",
        "status=ended&user_sentiment=Positive&has_recording=true",
    ),
    (
        "rare agent + negative",
        "agent_id=agent_rare&user_sentiment=Negative",
    ),
    (
        "busy agent + rare reason + one month",
        "agent_id=agent_0&disconnection_reason=error_asr&from=2026-03-01&until=2026-03-31",
    ),
    (
        "nothing is both: web + inbound",
        "call_type=web_call&direction=inbound",
    ),
    (
        "six at once",
        "status=ended&direction=inbound&agent_id=agent_1&user_sentiment=Negative&successful=false&has_recording=true",
    ),
];

#[tokio::main]
async fn main() -> Result<()> {
    let count: i64 = env::var("SWITCHBOARD_BENCH_CALLS")
        .ok()
        .map_or(Ok(1_000_000), |text| text.parse())?;
    machine();
    let scratch = Scratch::new()?;
    for engine in Engine::each(&scratch).await? {
        let (store, tenant) = seed::business(&engine).await?;
        let other = store
            .tenants()
            .upsert("tenant_other", "Other", "Europe/Berlin", seed::now())
            .await?;
        let link = seed::sign_in_path(&store, &tenant).await?;
        store.close().await;
        let began = Instant::now();
        fill(&engine, TENANT, count).await?;
        fill(&engine, other.id(), count / 10).await?;
        settle(&engine).await?;
        heading(&format!("calls-list, {}", engine.name));
        line(&format!(
            "{count} calls, and {} of another business, added in {} s.\n",
            count / 10,
            began.elapsed().as_secs()
        ));
        let server = Program::server(&scratch, &engine.url, "http://127.0.0.1:9").await?;
        let cookie = seed::cookie(&server, &link).await?;
        let mut rows = Vec::new();
        let mut slowest = Duration::ZERO;
        for (name, filter) in FILTERS {
            let first = measure(&server, &cookie, filter, None).await?;
            let late = late_cursor(&server, &cookie, filter).await?;
            let late = match &late {
                Some(cursor) => Some(measure(&server, &cookie, filter, Some(cursor)).await?),
                None => None,
            };
            slowest = slowest
                .max(first.p99)
                .max(late.as_ref().map_or(Duration::ZERO, |it| it.p99));
            let cell = |time: fn(&Times) -> Duration| {
                late.as_ref()
                    .map_or_else(|| "–".to_owned(), |late| ms(time(late)))
            };
            rows.push(vec![
                name.to_owned(),
                format!("{}{}", first.found, if first.short { "…" } else { "" }),
                ms(first.p50),
                ms(first.p99),
                cell(|times| times.p50),
                cell(|times| times.p99),
            ]);
        }
        table(
            &[
                "filter",
                "rows",
                "first page p50 ms",
                "p99 ms",
                "page 1,000 p50 ms",
                "p99 ms",
            ],
            &rows,
        );
        line(&format!(
            "Slowest p99: {} ms. Server: {:.0} MiB resident.",
            ms(slowest),
            server.resident_mib()
        ));
        sizes(&engine).await?;
        server.stop().await;
    }
    Ok(())
}

struct Times {
    p50: Duration,
    p99: Duration,
    found: usize,
    short: bool,
}

async fn page(
    connection: &mut Connection,
    cookie: &str,
    filter: &str,
    limit: usize,
    cursor: Option<&str>,
) -> Result<(Vec<u8>, Duration)> {
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
    let path = format!("/api/desk/calls?limit={limit}{cursor}&{filter}");
    let asked = Instant::now();
    let answer = connection.get(&path, cookie).await?;
    let took = asked.elapsed();
    ensure!(
        answer.status == 200,
        "{path}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    Ok((answer.body, took))
}

async fn measure(
    server: &Program,
    cookie: &str,
    filter: &str,
    cursor: Option<&str>,
) -> Result<Times> {
    let mut connection = Connection::open(server.address).await?;
    let mut times = Vec::with_capacity(ROUNDS);
    let mut body = Vec::new();
    for _ in 0..ROUNDS {
        let (answer, took) = page(&mut connection, cookie, filter, PAGE, cursor).await?;
        body = answer;
        times.push(took);
    }
    times.sort_unstable();
    let answer: Value = serde_json::from_slice(&body)?;
    Ok(Times {
        p50: quantile(&times, 0.5),
        p99: quantile(&times, 0.99),
        found: answer["items"].as_array().map_or(0, Vec::len),
        short: answer["searched_to"].is_i64(),
    })
}

/// Where the thousandth page begins, by turning pages; `None` if there are not
/// as many.
async fn late_cursor(server: &Program, cookie: &str, filter: &str) -> Result<Option<String>> {
    /// The most the server gives at once.
    const STEP: usize = 200;
    let mut connection = Connection::open(server.address).await?;
    let mut cursor: Option<String> = None;
    let mut passed = 0;
    // A page that looked far and found little counts too: it is turned like any.
    for _ in 0..LATE {
        let (body, _) = page(&mut connection, cookie, filter, STEP, cursor.as_deref()).await?;
        let answer: Value = serde_json::from_slice(&body)?;
        passed += answer["items"].as_array().map_or(0, Vec::len);
        let Some(next) = answer["next_cursor"].as_str() else {
            return Ok(None);
        };
        cursor = Some(next.to_owned());
        if passed >= (LATE - 1) * PAGE {
            break;
        }
    }
    Ok(cursor)
}

/// Adds calls over two years, up to now. Everything about a call is a function
/// of its number, so that every run has the same calls.
async fn fill(engine: &Engine, tenant: &str, count: i64) -> Result<()> {
    let sqlite = engine.is_sqlite();
    let mut db = engine.connect().await?;
    if sqlite {
        sqlx::raw_sql(
            "PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA cache_size = -400000",
        )
        .execute(&mut db)
        .await?;
    } else {
        sqlx::raw_sql("SET synchronous_commit = off")
            .execute(&mut db)
            .await?;
    }
    // What does not compress, as the words of people do not.
    let noise = if sqlite {
        "hex(randomblob(600))".to_owned()
    } else {
        (0..38)
            .map(|part| format!("md5(n || '{part}')"))
            .collect::<Vec<_>>()
            .join(" || ")
    };
    let series = |from: i64, to: i64| {
        if sqlite {
            format!(
                "(WITH RECURSIVE s (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {to}) SELECT n FROM s)"
            )
        } else {
            format!(
                "(SELECT n FROM generate_series({from}::bigint, {}::bigint) n)",
                to - 1
            )
        }
    };
    let two_years: i64 = 2 * 365 * 86_400_000;
    let (begin, step) = (seed::now() - two_years, two_years / count);
    for from in (0..count).step_by(usize::try_from(CHUNK)?) {
        let to = (from + CHUNK).min(count);
        let sql = format!(
            "INSERT INTO calls (id, tenant_id, public_key_id, live, status, stage, call_type, direction, \
               from_number, to_number, agent_id, agent_name, created_at, started_at, ended_at, duration_ms, \
               disconnection_reason, user_sentiment, successful, has_recording, cost_cents, latency_p50_ms, \
               retell, stamps, updated_at, checks, denials, failures, number_tail, \
               claimed_by, flagged, warning, disposition) \
             SELECT '{prefix}' || substr('000000000000' || n, length('000000000000' || n) - 11) || 'c0ffee00c0ffee00', '{tenant}', \
               CASE WHEN kind = 'web' THEN 'pk_' || (a % 3) END, live, \
               CASE WHEN live = 1 THEN 'ongoing' WHEN b < 920 THEN 'ended' WHEN b < 970 THEN 'not_connected' ELSE 'error' END, \
               CASE WHEN live = 1 THEN 'ongoing' ELSE 'analyzed' END, \
               CASE kind WHEN 'web' THEN 'web_call' ELSE 'phone_call' END, \
               CASE kind WHEN 'web' THEN NULL ELSE kind END, \
               CASE kind WHEN 'inbound' THEN theirs WHEN 'outbound' THEN '+4930555000' END, \
               CASE kind WHEN 'outbound' THEN theirs WHEN 'inbound' THEN '+4930555000' END, \
               CASE WHEN c = 77 THEN 'agent_rare' WHEN a < 500 THEN 'agent_0' ELSE 'agent_' || (a % 7) END, \
               'Agent', at, at, CASE WHEN live = 0 THEN at + lasted END, CASE WHEN live = 0 THEN lasted END, \
               CASE WHEN live = 1 THEN NULL WHEN b < 700 THEN 'user_hangup' WHEN b < 900 THEN 'agent_hangup' \
                 WHEN b < 920 THEN 'inactivity' WHEN b < 970 THEN 'dial_no_answer' WHEN b < 999 THEN 'error_user_not_joined' \
                 ELSE 'error_asr' END, \
               CASE WHEN live = 0 AND b < 920 THEN CASE WHEN a < 550 THEN 'Positive' WHEN a < 850 THEN 'Neutral' \
                 WHEN a < 950 THEN 'Negative' ELSE 'Unknown' END END, \
               CASE WHEN live = 0 AND b < 920 THEN CASE WHEN a * 7 % 1000 < 700 THEN 1 ELSE 0 END END, \
               CASE WHEN live = 0 AND b < 880 THEN 1 ELSE 0 END, 12.5, 810.0, \
               '{{\"call_id\":\"' || n || '\",\"metadata\":\"' || {noise} || '\"}}', \
               '{{\"call_status\":\"ended\",\"end_timestamp\":\"ended\",\"call_analysis\":\"analyzed\",\"recording_url\":\"ended\"}}', \
               at, 0, 0, 0, CASE WHEN kind <> 'web' THEN substr(theirs, length(theirs) - 3) END, \
               CASE WHEN n % 50 = 1 THEN 'user_of_{TENANT}' END, CASE WHEN n % 200 = 3 THEN 1 END, \
               CASE WHEN n % 100 = 3 THEN 'Asks for a human' END, CASE WHEN n % 9 = 4 THEN 'Appointment' END \
             FROM (SELECT n, (n * 7919 + 13) % 1000 AS a, (n * 104729 + 7) % 1000 AS b, (n * 31 + 5) % 10007 AS c, \
                 CASE WHEN n >= {live_from} THEN 1 ELSE 0 END AS live, {begin} + n * {step} AS at, \
                 (n * 15485863) % 1800 * 1000 * ((n * 31) % 10 + 1) / 10 AS lasted, \
                 CASE WHEN (n * 611953) % 100 < 40 THEN 'web' WHEN (n * 611953) % 100 < 85 THEN 'inbound' ELSE 'outbound' END AS kind, \
                 '+4930' || (5000000 + (n * 7907) % 200003) AS theirs \
               FROM {series} s) x",
            prefix = if tenant == TENANT { "call_a" } else { "call_b" },
            live_from = count - 30,
            series = series(from, to),
        );
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut db)
            .await
            .context("seeding")?;
        let words = WORDS.map(|(word, every)| format!("SELECT '{word}' AS word, {every} AS every"));
        // Of no word that is looked for there are as many rows besides.
        let fill = "SELECT 'word' || f AS word, 1 AS every FROM (SELECT 1 AS f UNION ALL SELECT 2 \
             UNION ALL SELECT 3 UNION ALL SELECT 4) g";
        let sql = format!(
            "INSERT INTO said_words (tenant_id, word, created_at, call_id) \
             SELECT c.tenant_id, w.word, c.created_at, c.id FROM calls c \
             JOIN ({} UNION ALL {fill}) w ON (c.created_at - {begin}) / {step} % w.every = 0 \
             WHERE c.tenant_id = '{tenant}' AND c.live = 0 \
               AND c.created_at >= {} AND c.created_at < {}",
            words.join(" UNION ALL "),
            begin + from * step,
            begin + to * step
        );
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut db)
            .await
            .context("seeding what was said")?;
        let sql = format!(
            "INSERT INTO call_tags (tenant_id, tag, created_at, call_id) \
             SELECT c.tenant_id, t.tag, c.created_at, c.id FROM calls c \
             JOIN ({}) t ON (c.created_at - {begin}) / {step} % t.every = 0 \
             WHERE c.tenant_id = '{tenant}' AND c.created_at >= {} AND c.created_at < {}",
            TAGS.map(|(tag, every)| format!("SELECT '{tag}' AS tag, {every} AS every"))
                .join(" UNION ALL "),
            begin + from * step,
            begin + to * step
        );
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut db)
            .await
            .context("seeding tags")?;
    }
    Ok(())
}

/// What a database does by itself in the hours after so many inserts.
async fn settle(engine: &Engine) -> Result<()> {
    let mut db = engine.connect().await?;
    let sql = if engine.is_sqlite() {
        "PRAGMA wal_checkpoint(TRUNCATE)"
    } else {
        "VACUUM ANALYZE calls; VACUUM ANALYZE said_words; VACUUM ANALYZE call_tags"
    };
    sqlx::raw_sql(sql).execute(&mut db).await?;
    Ok(())
}

/// What a call takes, with its indexes.
async fn sizes(engine: &Engine) -> Result<()> {
    use sqlx::Row as _;
    let mut db = engine.connect().await?;
    let rows: i64 = sqlx::query("SELECT COUNT(*) AS n FROM calls")
        .fetch_one(&mut db)
        .await?
        .try_get("n")?;
    let sql = if engine.is_sqlite() {
        "SELECT s.name AS name, SUM(s.pgsize) AS bytes FROM dbstat s JOIN sqlite_schema m ON m.name = s.name \
         WHERE m.tbl_name = 'calls' GROUP BY s.name ORDER BY s.name"
    } else {
        "SELECT 'calls' AS name, pg_table_size('calls') AS bytes UNION ALL \
         SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index \
         WHERE indrelid = 'calls'::regclass ORDER BY name"
    };
    let Ok(all) = sqlx::query(sql).fetch_all(&mut db).await else {
        // This SQLite was built without the table of pages.
        return Ok(());
    };
    let cells: Vec<Vec<String>> = all
        .iter()
        .map(|row| {
            let bytes: i64 = row.try_get("bytes")?;
            Ok(vec![
                row.try_get("name")?,
                (bytes / rows.max(1)).to_string(),
            ])
        })
        .collect::<Result<_, sqlx::Error>>()?;
    table(&["table or index", "bytes a call"], &cells);
    Ok(())
}
