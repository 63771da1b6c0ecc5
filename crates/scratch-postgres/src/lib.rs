//! A PostgreSQL of one's own for the time of a test: a free port, a temporary
//! directory, nothing left behind. It can be stopped and started again, as one
//! that tests share must not be.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use anyhow::{Context as _, Result, bail};

/// How long it may take to accept connections.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end.
const STOP: Duration = Duration::from_secs(20);
/// Where the ports of clusters begin, and how many there are.
const FIRST_TOLD: u16 = 20_000;
const TOLD: u16 = 12_000;
/// The superuser of the cluster; local connections need no password.
const USER: &str = "switchboard";
/// Who the tests connect as. No superuser: those are exempt from row-level
/// security, and the tests are to show that it holds.
const TESTER: &str = "switchboard_tests";

/// What of PostgreSQL is used here.
const PROGRAMS: [&str; 6] = [
    "initdb",
    "postgres",
    "pg_isready",
    "createuser",
    "psql",
    "pg_basebackup",
];

/// Nothing of a test outlives it.
const VOLATILE: [&str; 2] = ["fsync=off", "full_page_writes=off"];
/// What is acknowledged stays.
const DURABLE: [&str; 2] = ["shared_buffers=1GB", "max_wal_size=8GB"];

/// A running cluster. Gone when dropped.
#[derive(Debug)]
pub struct Cluster {
    server: Option<Child>,
    owner: Owner,
    programs: PathBuf,
    dir: PathBuf,
    port: u16,
    /// Beyond what every cluster needs.
    settings: &'static [&'static str],
}

impl Cluster {
    /// Starts a cluster of the newest PostgreSQL here.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub fn start() -> Result<Self> {
        Self::start_in(&own_directory())
    }

    /// The same in a directory of the caller's choice, which goes with it.
    ///
    /// # Errors
    /// When there is no PostgreSQL, or it does not start.
    pub fn start_in(dir: &Path) -> Result<Self> {
        Self::start_with(dir, &VOLATILE)
    }

    /// Starts one that keeps what it acknowledges, for benchmarks.
    ///
    /// # Errors
    /// When there is no PostgreSQL, or it does not start.
    pub fn start_durable() -> Result<Self> {
        Self::start_with(&own_directory(), &DURABLE)
    }

    fn start_with(dir: &Path, settings: &'static [&'static str]) -> Result<Self> {
        let mut cluster = Self::in_directory(dir, settings)?;
        cluster.run(
            cluster
                .program("initdb")
                .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
                .args(collation(&cluster.programs)?)
                .args(["--username", USER, "--pgdata"])
                .arg(cluster.data()),
        )?;
        cluster.resume()?;
        cluster.run(
            cluster
                .client("createuser")
                .args(["--createdb", "--no-superuser", TESTER]),
        )?;
        Ok(cluster)
    }

    /// One that does not run yet and has nothing.
    fn in_directory(dir: &Path, settings: &'static [&'static str]) -> Result<Self> {
        let cluster = Self {
            server: None,
            owner: Owner::of_cluster()?,
            programs: programs().context("PostgreSQL is not installed")?,
            dir: dir.to_owned(),
            port: free_port()?,
            settings,
        };
        let data = cluster.data();
        fs::create_dir_all(&data).with_context(|| format!("cannot create {}", dir.display()))?;
        for path in [dir, &data] {
            cluster.owner.own(path)?;
        }
        Ok(cluster)
    }

    /// A second one that has all of this one's data, and from now on whatever is
    /// committed here: no commit is told before it is there.
    ///
    /// # Errors
    /// When it does not start.
    pub fn follower(&self) -> Result<Self> {
        let mut follower = Self::in_directory(&own_directory(), self.settings)?;
        follower.run(
            follower
                .program("pg_basebackup")
                .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER])
                .args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-D"])
                .arg(follower.data()),
        )?;
        follower.resume()?;
        self.set("synchronous_standby_names", "*")?;
        Ok(follower)
    }

    /// Has a follower take over: it writes from now on, and follows nobody.
    ///
    /// # Errors
    /// When it does not.
    pub fn promote(&self) -> Result<()> {
        self.administer("SELECT pg_promote()")
    }

    /// Takes every write from it: it goes on answering, on the connections there
    /// are and on new ones.
    ///
    /// # Errors
    /// When it does not do so.
    pub fn only_read(&self) -> Result<()> {
        self.set("default_transaction_read_only", "on")
    }

    fn set(&self, setting: &str, value: &str) -> Result<()> {
        self.administer(&format!("ALTER SYSTEM SET {setting} = '{value}'"))?;
        self.administer("SELECT pg_reload_conf()")
    }

    fn administer(&self, sql: &str) -> Result<()> {
        self.run(
            self.client("psql")
                .args(["-q", "-d", "postgres", "-c", sql]),
        )
    }

    /// Starts it again after [`Cluster::stop`], where it was and with what it
    /// had.
    ///
    /// # Errors
    /// When it does not start.
    pub fn resume(&mut self) -> Result<()> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.dir.join("log"))?;
        self.owner.own(&self.dir.join("log"))?;
        let server = self
            .program("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-k"])
            .arg(&self.dir)
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=200",
            ])
            .args(self.settings.iter().flat_map(|setting| ["-c", *setting]))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start PostgreSQL")?;
        self.server = Some(server);
        self.wait_until_ready()
    }

    /// Stops it as an administrator in a hurry does: clients are cut off.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        // SIGINT is PostgreSQL's "fast" shutdown.
        let id = server.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let deadline = Instant::now() + STOP;
        while matches!(server.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = server.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The address of its database, as the server takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{TESTER}@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// One of PostgreSQL's programs, as the cluster's owner.
    fn program(&self, name: &str) -> Command {
        self.owner.command(&self.programs.join(name), &self.dir)
    }

    /// The same for one that connects, as the superuser.
    fn client(&self, name: &str) -> Command {
        let mut client = self.program(name);
        client.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER]);
        client
    }

    /// Runs a program to its end.
    fn run(&self, command: &mut Command) -> Result<()> {
        let name = command.get_program().to_string_lossy().into_owned();
        let ended = command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {name}"))?;
        if !ended.status.success() {
            bail!("{name} failed:\n{}", String::from_utf8_lossy(&ended.stderr));
        }
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            let mut ask = self.client("pg_isready");
            if ask
                .args(["-q", "-d", "postgres"])
                .status()
                .is_ok_and(|status| status.success())
            {
                return Ok(());
            }
            let ended = match &mut self.server {
                Some(server) => server.try_wait()?.is_some(),
                None => true,
            };
            if ended || Instant::now() > deadline {
                let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                bail!("PostgreSQL does not start; it said:\n{}", log.trim_end());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Has texts sorted as people sort them, which is what most installations do:
/// "~" before "0". Versions before 15 cannot be made so everywhere alike.
fn collation(programs: &Path) -> Result<&'static [&'static str]> {
    let help = Command::new(programs.join("initdb"))
        .arg("--help")
        .output()?;
    let knows_icu = String::from_utf8_lossy(&help.stdout).contains("--icu-locale");
    Ok(if knows_icu {
        &["--locale-provider=icu", "--icu-locale=en-US"]
    } else {
        &[]
    })
}

/// A port nobody listens on. PostgreSQL has to be told one, and again after it was stopped:
/// it lies below those the system gives out by itself, so that no connection and no other
/// server gets it meanwhile.
fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 1_000)?;
    (0..TOLD)
        .map(|_| FIRST_TOLD + (own * 12 + NEXT.fetch_add(1, Ordering::Relaxed)) % TOLD)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .context("no port is free for PostgreSQL")
}

/// A directory no other cluster has.
fn own_directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("switchboard-postgres-{}-{count}", std::process::id());
    env::temp_dir().join(name)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Who runs the cluster: PostgreSQL refuses to be root.
#[derive(Debug)]
enum Owner {
    Ourselves,
    Other { uid: u32, gid: u32 },
}

impl Owner {
    fn of_cluster() -> Result<Self> {
        let id = |args: &[&str]| -> Result<u32> {
            let told = Command::new("id").args(args).output()?;
            let text = String::from_utf8_lossy(&told.stdout).into_owned();
            text.trim().parse().context("`id` does not print a number")
        };
        if id(&["-u"])? != 0 {
            return Ok(Self::Ourselves);
        }
        // Made by Debian's package; `nobody` is everywhere.
        for name in ["postgres", "nobody"] {
            if let (Ok(uid), Ok(gid)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Self::Other { uid, gid });
            }
        }
        bail!("PostgreSQL cannot run as root, and there is neither a user postgres nor nobody")
    }

    fn own(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
        if let Self::Other { uid, gid } = *self {
            chown(path, Some(uid), Some(gid))?;
        }
        Ok(())
    }

    fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(dir).env("HOME", dir);
        if let Self::Other { uid, gid } = *self {
            command.uid(uid).gid(gid);
        }
        command
    }
}

/// The directory of the newest PostgreSQL's programs, if it is installed.
#[must_use]
pub fn programs() -> Option<PathBuf> {
    let complete = |bin: &PathBuf| PROGRAMS.iter().all(|program| bin.join(program).is_file());
    // Debian keeps one directory for each version, off the PATH.
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, bin)| complete(bin))
        .collect();
    versions.sort();
    versions.pop().map(|(_, bin)| bin).or_else(|| {
        let found = env::split_paths(&env::var_os("PATH")?)
            .map(|dir| dir.join("initdb"))
            .find(|initdb| initdb.is_file())?;
        let bin = fs::canonicalize(found).ok()?.parent()?.to_path_buf();
        Some(bin).filter(complete)
    })
}
