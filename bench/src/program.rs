//! Programs under test, and what they take of the machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use server::config::{Database, Secret};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tokio::process::Command;

use crate::client::Connection;

/// The key of the account at Retell.
pub const API_KEY: &str = "key_of_the_benchmarks";
/// How long a program may take to answer.
const START: Duration = Duration::from_secs(60);

/// A directory of this run; gone with it.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new one, on the disk where temporary files are.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new() -> Result<Self> {
        let path = env::temp_dir().join(format!("switchboard-bench-{}", rand::random::<u64>()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// A path in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An engine with an empty database.
#[derive(Debug)]
pub struct Engine {
    /// What it is called.
    pub name: &'static str,
    /// The address, as the server takes it.
    pub url: String,
}

impl Engine {
    /// SQLite in the scratch directory, and PostgreSQL if the environment names
    /// a server (`SWITCHBOARD_BENCH_POSTGRES_URL`), durable both.
    ///
    /// # Errors
    /// When a database cannot be made.
    pub async fn each(scratch: &Scratch) -> Result<Vec<Self>> {
        let mut all = vec![Self {
            name: "SQLite",
            url: format!("sqlite://{}", scratch.path("switchboard.db").display()),
        }];
        if let Ok(url) = env::var("SWITCHBOARD_BENCH_POSTGRES_URL") {
            sqlx::any::install_default_drivers();
            let name = format!("bench_{}", rand::random::<u32>());
            let mut admin = AnyConnection::connect(&url).await?;
            sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
                .execute(&mut admin)
                .await?;
            let (server, _) = url.rsplit_once('/').context("the URL names no database")?;
            all.push(Self {
                name: "PostgreSQL",
                url: format!("{server}/{name}"),
            });
        }
        Ok(all)
    }

    /// As the server's configuration has it.
    #[must_use]
    pub fn database(&self) -> Database {
        match self.url.strip_prefix("sqlite://") {
            Some(file) => Database::Sqlite(file.into()),
            None => Database::Postgres(Secret::new(self.url.as_str())),
        }
    }

    /// A connection of our own, which sees every tenant's rows.
    ///
    /// # Errors
    /// When there is none.
    pub async fn connect(&self) -> Result<AnyConnection> {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.url).await?;
        if !self.is_sqlite() {
            sqlx::raw_sql("SET switchboard.tenant = '*'")
                .execute(&mut connection)
                .await?;
        }
        Ok(connection)
    }

    /// Whether it is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

/// A running program.
#[derive(Debug)]
pub struct Program {
    program: program::Program,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Program {
    /// Our server, on a database.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn server(scratch: &Scratch, database_url: &str, retell_url: &str) -> Result<Self> {
        let programs =
            env::var("SWITCHBOARD_BIN_DIR").context("start it with cargo xtask bench")?;
        let mut command = Command::new(PathBuf::from(programs).join("switchboard"));
        command
            .arg("serve")
            .current_dir(&scratch.0)
            .env("SWITCHBOARD_LISTEN", "127.0.0.1:0")
            .env("SWITCHBOARD_DATABASE_URL", database_url)
            .env("SWITCHBOARD_DATA_DIR", &scratch.0)
            .env("SWITCHBOARD_LOG", "warn")
            .env("SWITCHBOARD_HEAL_INTERVAL_SECONDS", "3600")
            // What functions ask is on this machine.
            .env("SWITCHBOARD_ALLOW_PRIVATE", "127.0.0.1")
            // One machine stands for many here.
            .env("SWITCHBOARD_CONNECTIONS_PER_ADDRESS", "10000")
            .env("SWITCHBOARD_CONNECTIONS", "10000")
            .env("SWITCHBOARD_STREAMS_PER_ADDRESS", "10000")
            .env("SWITCHBOARD_STREAMS_PER_SESSION", "10000")
            .env("RETELL_API_KEY", API_KEY)
            .env("RETELL_BASE_URL", retell_url);
        // It is alive before its tables are up to date, and takes nothing till then.
        Self::start(command, scratch, "/readyz").await
    }

    /// Any program that takes `--ready-file`, once `probe` is answered well.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(mut command: Command, scratch: &Scratch, probe: &str) -> Result<Self> {
        command.stdout(Stdio::null());
        let ready = scratch.path("ready.json");
        let mut program = program::Program::start("the program", command, &ready)?;
        let said = program.ready(START).await?;
        let url = said["url"].as_str().unwrap_or_default();
        let address = url.trim_start_matches("http://").parse()?;
        let deadline = Instant::now() + START;
        loop {
            if let Ok(mut connection) = Connection::open(address).await
                && let Ok(answer) = connection.get(probe, "").await
                && answer.status == 200
            {
                return Ok(Self { program, address });
            }
            if Instant::now() > deadline {
                bail!("{url} does not answer");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it, and waits for that.
    pub async fn stop(self) {
        self.program.stop().await;
    }

    /// Resident memory (MiB).
    #[must_use]
    pub fn resident_mib(&self) -> f64 {
        let path = format!("/proc/{}/status", self.id());
        let status = fs::read_to_string(path).unwrap_or_default();
        let kb = status.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        });
        kb.unwrap_or(0.0_f64) / 1024.0
    }

    /// Processor time it has had.
    #[must_use]
    pub fn processor_time(&self) -> Duration {
        processor_time(&self.id().to_string())
    }

    fn id(&self) -> u32 {
        self.program.id().unwrap_or_default()
    }
}

/// What Linux counts processor time in, everywhere.
const TICKS_PER_SECOND: u64 = 100;

/// Processor time that a process has had, by its id, or this one (`self`).
#[must_use]
pub fn processor_time(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // After the name, which may hold anything, come the fields from the third on.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    ticks(fields.split_whitespace().skip(11).take(2))
}

/// Processor time that all processes of this machine have had, and the kernel for them.
#[must_use]
pub fn busy_time() -> Duration {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let all = stat.lines().next().unwrap_or_default();
    // All but what it was idle or waited for the disk, and what guests had twice.
    let fields = all.split_whitespace().skip(1).enumerate();
    ticks(
        fields
            .filter(|(index, _)| ![3, 4, 8, 9].contains(index))
            .map(|(_, field)| field),
    )
}

fn ticks<'a>(fields: impl Iterator<Item = &'a str>) -> Duration {
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}
