//! Fifty calls at once, each of which books: who calls is looked up, free times are told, one is
//! held and booked, and the call ends. Once with what the server has by itself, and once with
//! appointments at Cal.com and callers in HubSpot, which take as long as they usually do. The same
//! calls are then answered by what one would write with Express and better-sqlite3.

use std::collections::{BTreeMap, HashSet};
use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bench::program::{API_KEY, Program, Scratch};
use bench::report::{heading, line, ms, quantile, table};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

use crate::caller::{Business, Caller};

/// So many businesses have calls, and each so many at once, all of which want the same time.
pub(super) const BUSINESSES: usize = 10;
const CALLS: usize = 5;
/// How often a caller tries to get a time.
const TRIES: usize = 8;
/// How long Cal.com takes to tell free times, and to hold and to book one; and HubSpot.
const READING: Duration = Duration::from_millis(300);
const CHANGING: Duration = Duration::from_millis(500);
const CRM: Duration = Duration::from_millis(50);

/// What is asked in a call, in order, and what people who wrote such functions say they take.
const ASKED: [(&str, &str); 5] = [
    ("initialize_call", "50–150"),
    ("check_availability", "300–800, cached 20–50"),
    ("start_booking", "200–500"),
    ("confirm_booking", "500–1,500"),
    ("end_call", "–"),
];

/// What is outside: the doubles of the tests, which refuse what the real ones would.
struct Outside {
    program: Child,
    told: Lines<BufReader<ChildStdout>>,
    /// Cal.com for each business.
    calcom: Vec<Value>,
    /// How HubSpot is connected.
    crm: Value,
}

impl Outside {
    async fn start() -> Result<Self> {
        let doubles =
            env::var("SWITCHBOARD_BENCH_DOUBLES").context("start it with cargo xtask bench")?;
        let numbers = [BUSINESSES as u128]
            .into_iter()
            .chain([READING, CHANGING, CRM].map(|it| it.as_millis()));
        let mut program = Command::new(doubles)
            .args(numbers.map(|it| it.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut told = BufReader::new(program.stdout.take().context("no output")?).lines();
        let mut there = heard(&mut told).await?;
        let calcom = there["calcom"].as_array().context("no Cal.com")?.clone();
        let crm = there["hubspot"]["connection"].take();
        Ok(Self {
            program,
            told,
            calcom,
            crm,
        })
    }

    /// How many stand there, and at how many times; nothing was asked that is not taken.
    async fn booked(mut self) -> Result<(usize, usize)> {
        drop(self.program.stdin.take());
        let told = heard(&mut self.told).await?;
        self.program.wait().await?;
        let (mut all, mut times) = (0, 0);
        for of in told["calcom"].as_object().context("no Cal.com")?.values() {
            ensure!(of["refused"] == json!([]), "refused was: {}", of["refused"]);
            let standing = of["standing"].as_array().context("no bookings")?;
            all += standing.len();
            let apart: HashSet<_> = standing.iter().map(Value::as_i64).collect();
            times += apart.len();
        }
        let crm = &told["hubspot"]["refused"];
        ensure!(*crm == json!([]), "refused was: {crm}");
        Ok((all, times))
    }
}

async fn heard(told: &mut Lines<BufReader<ChildStdout>>) -> Result<Value> {
    let line = told.next_line().await?.context("the doubles are gone")?;
    Ok(serde_json::from_str(&line)?)
}

/// What became of calls.
#[derive(Default)]
struct Told {
    /// How long each function took, sorted.
    times: BTreeMap<&'static str, Vec<Duration>>,
    took: Duration,
    held: usize,
    /// The business and the time.
    booked: Vec<(usize, Value)>,
}

/// What is compared: whose it is, and what became of the calls.
#[derive(Default)]
pub(super) struct Compared {
    alone: Vec<(&'static str, Told)>,
    outside: Vec<(&'static str, Told)>,
}

impl Compared {
    /// Has our server answer.
    ///
    /// # Errors
    /// When a time is booked twice, or what was held is not booked.
    pub(super) async fn ours(
        &mut self,
        name: &'static str,
        server: &Program,
        alone: &[Business],
        outside: &[Business],
    ) -> Result<()> {
        let service = json!({"name": "Check-up", "minutes": 30});
        for business in alone {
            let mut desk = business.desk(server).await?;
            desk.send("POST", "/api/desk/calendar/services", &service)
                .await?;
        }
        let agents = |of: &[Business]| of.iter().map(|it| it.agent.clone()).collect::<Vec<_>>();
        let told = all(server.address, &agents(alone)).await?;
        told.is_sound(name)?;
        self.alone.push((name, told));

        let there = Outside::start().await?;
        for (business, calcom) in outside.iter().zip(&there.calcom) {
            let mut desk = business.desk(server).await?;
            let account = json!({
                "base_url": calcom["url"], "api_key": calcom["key"], "webhook_secret": "the bench's",
            });
            desk.send("PUT", "/api/desk/calendar/calcom", &account)
                .await?;
            let mut service = service.clone();
            service["event_type"] = calcom["event_type"].clone();
            desk.send("POST", "/api/desk/calendar/services", &service)
                .await?;
            desk.send("PUT", "/api/desk/crm", &there.crm).await?;
        }
        let told = all(server.address, &agents(outside)).await?;
        told.is_sound(name)?;
        let (standing, times) = there.booked().await?;
        ensure!(standing == times, "{standing} at {times} times at Cal.com");
        self.outside.push((name, told));
        Ok(())
    }

    /// Has Express answer.
    ///
    /// # Errors
    /// When it is not there, or does not answer.
    pub(super) async fn express(&mut self, scratch: &Scratch) -> Result<()> {
        let agents: Vec<_> = (0..BUSINESSES).map(|nth| format!("agent_{nth}")).collect();
        let program = express(scratch, "alone.db", None).await?;
        self.alone
            .push(("Express", all(program.address, &agents).await?));
        program.stop().await;

        let there = Outside::start().await?;
        let calcom = agents.iter().cloned().zip(there.calcom.clone());
        let calcom: Map<_, _> = calcom.collect();
        let outside = json!({"calcom": calcom, "crm": there.crm});
        let program = express(scratch, "outside.db", Some(&outside)).await?;
        self.outside
            .push(("Express", all(program.address, &agents).await?));
        program.stop().await;
        there.booked().await.map(drop)
    }

    /// Prints it.
    pub(super) fn report(&self) {
        heading("functions, 50 calls at once that book");
        line("What the server has by itself:\n");
        shown(&self.alone);
        line("Appointments at Cal.com, callers in HubSpot:\n");
        shown(&self.outside);
    }
}

fn shown(compared: &[(&'static str, Told)]) {
    let mut head = vec!["p50 / p99 ms"];
    head.extend(compared.iter().map(|(name, _)| *name));
    head.push("people report");
    let line_of = |name: &str, of: &dyn Fn(&Told) -> String, reported: &str| {
        let cells = compared.iter().map(|(_, told)| of(told));
        let mut row = vec![name.to_owned()];
        row.extend(cells.chain([reported.to_owned()]));
        row
    };
    let mut rows: Vec<_> = ASKED
        .iter()
        .map(|(name, reported)| {
            let of = |told: &Told| {
                let times = told.times.get(name).map_or(&[][..], Vec::as_slice);
                format!(
                    "{} / {}",
                    ms(quantile(times, 0.5)),
                    ms(quantile(times, 0.99))
                )
            };
            line_of(name, &of, reported)
        })
        .collect();
    let counted =
        |told: &Told| format!("{} / {} / {}", told.booked.len(), told.twice(), told.lost());
    rows.push(line_of("all 50 calls, ms", &|told| ms(told.took), ""));
    rows.push(line_of("booked / twice / held and lost", &counted, ""));
    table(&head, &rows);
}

impl Told {
    fn twice(&self) -> usize {
        let times: HashSet<_> = self
            .booked
            .iter()
            .map(|it| (it.0, it.1.to_string()))
            .collect();
        self.booked.len() - times.len()
    }

    fn lost(&self) -> usize {
        self.held - self.booked.len()
    }

    fn is_sound(&self, of: &str) -> Result<()> {
        let (twice, lost) = (self.twice(), self.lost());
        ensure!(
            twice == 0 && lost == 0,
            "{of}: {twice} booked twice, {lost} lost"
        );
        let (booked, wanted) = (self.booked.len(), BUSINESSES * CALLS);
        ensure!(booked == wanted, "{of}: {booked} of {wanted} booked");
        Ok(())
    }
}

async fn express(scratch: &Scratch, database: &str, outside: Option<&Value>) -> Result<Program> {
    let directory =
        env::var("SWITCHBOARD_BENCH_EXPRESS").context("start it with cargo xtask bench")?;
    let mut command = Command::new("node");
    command
        .arg(PathBuf::from(directory).join("functions.mjs"))
        .env("NODE_ENV", "production")
        .env("DATABASE", scratch.path(database))
        .env("RETELL_API_KEY", API_KEY);
    if let Some(outside) = outside {
        command.env("OUTSIDE", outside.to_string());
    }
    Program::start(command, scratch, "/healthz").await
}

/// Has every business's calls come at once, after one by itself, so that what is read once is
/// there.
async fn all(address: SocketAddr, agents: &[String]) -> Result<Told> {
    for agent in agents {
        let one = Caller::of(address, Business::call_of(agent, 0)).await?;
        talk(one, 0).await?;
    }
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    for (business, agent) in agents.iter().enumerate() {
        for nth in 1..=CALLS {
            let call = Business::call_of(agent, nth);
            calls.spawn(async move {
                let caller = Caller::of(address, call).await?;
                Ok((business, talk(caller, nth).await?))
            });
        }
    }
    let mut told = Told::default();
    for talked in calls
        .join_all()
        .await
        .into_iter()
        .collect::<Result<Vec<_>>>()?
    {
        let (business, talk) = talked;
        for (name, took) in talk.times {
            told.times.entry(name).or_default().push(took);
        }
        told.held += usize::from(talk.held);
        told.booked.extend(talk.booked.map(|slot| (business, slot)));
    }
    told.took = begun.elapsed();
    for times in told.times.values_mut() {
        times.sort_unstable();
    }
    Ok(told)
}

/// What became of one call.
#[derive(Default)]
struct Talk {
    times: Vec<(&'static str, Duration)>,
    held: bool,
    booked: Option<Value>,
}

/// One call: everybody wants the first time they are told of, and one of those that are left
/// where somebody was quicker.
async fn talk(mut caller: Caller, nth: usize) -> Result<Talk> {
    let mut talk = Talk::default();
    let [hello, free, start, confirm, bye] = ASKED.map(|(name, _)| name);
    let mut ask = async |name: &'static str, args: Value| {
        let (answer, took) = caller.ask(name, &args).await?;
        talk.times.push((name, took));
        anyhow::Ok(answer)
    };
    ask(hello, json!({})).await?;
    let mut told = ask(free, json!({"in_days": 2})).await?;
    let mut wanted = 0;
    let mut hold = None;
    for _ in 0..TRIES {
        let slots = told["slots"].as_array().filter(|it| !it.is_empty());
        let slots = slots.with_context(|| format!("nothing is free: {told}"))?;
        let slot = slots[wanted % slots.len()]["slot"].clone();
        told = ask(start, json!({"slot": slot})).await?;
        if let Some(id) = told["hold"].as_str() {
            hold = Some(id.to_owned());
            break;
        }
        ensure!(told["reason"] == "taken", "{told}");
        wanted += nth;
    }
    let booked = match &hold {
        Some(hold) => ask(confirm, json!({"hold": hold, "name": "Ana García"})).await?,
        None => Value::Null,
    };
    ask(bye, json!({})).await?;
    talk.held = hold.is_some();
    talk.booked = (booked["ok"] == true).then(|| booked["booking"]["slot"].clone());
    Ok(talk)
}
