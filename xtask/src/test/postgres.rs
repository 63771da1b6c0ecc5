//! A PostgreSQL of our own for the time of the tests: a free port, a
//! temporary directory, nothing left behind.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use anyhow::{Context as _, Result, bail};

use super::install;
use crate::shell;

/// How long it may take to accept connections.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end.
const STOP: Duration = Duration::from_secs(20);
/// The superuser of the cluster; local connections need no password.
const USER: &str = "switchboard";
/// Who the tests connect as. No superuser: those are exempt from row-level
/// security, and the tests are to show that it holds.
const TESTER: &str = "switchboard_tests";

#[derive(Debug)]
pub(crate) struct Cluster {
    server: Child,
    dir: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts a cluster; installs PostgreSQL first where it is missing.
    ///
    /// # Errors
    /// When there is none and none can be installed, or it does not start.
    pub(crate) fn start() -> Result<Self> {
        // Nothing here outlives the tests.
        Self::start_with(&["fsync=off", "full_page_writes=off"])
    }

    /// Starts one that keeps what it acknowledges, for the benchmarks.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn start_durable() -> Result<Self> {
        Self::start_with(&["shared_buffers=1GB", "max_wal_size=8GB"])
    }

    fn start_with(settings: &[&str]) -> Result<Self> {
        let programs = programs()?;
        let owner = Owner::of_cluster()?;
        let dir = env::temp_dir().join(format!("switchboard-postgres-{}", std::process::id()));
        let data = dir.join("data");
        fs::create_dir_all(&data).with_context(|| format!("cannot create {}", dir.display()))?;
        for path in [&dir, &data] {
            owner.own(path)?;
        }
        let log = fs::File::create(dir.join("log"))?;
        owner.own(&dir.join("log"))?;

        let mut initdb = owner.command(&programs.join("initdb"), &dir);
        initdb
            .args([
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .args(["--username", USER, "--pgdata"])
            .arg(&data);
        shell::output(&mut initdb)?;

        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut postgres = owner.command(&programs.join("postgres"), &dir);
        let server = postgres
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-k"])
            .arg(&dir)
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=200",
            ])
            .args(settings.iter().flat_map(|setting| ["-c", *setting]))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start PostgreSQL")?;
        let mut cluster = Self { server, dir, port };
        cluster.wait_until_ready(&programs)?;
        cluster.create_tester(&programs)?;
        Ok(cluster)
    }

    fn create_tester(&self, programs: &Path) -> Result<()> {
        let port = self.port.to_string();
        let mut createuser = Command::new(programs.join("createuser"));
        createuser
            .args(["-h", "127.0.0.1", "-p", &port, "-U", USER])
            .args(["--createdb", "--no-superuser", TESTER]);
        shell::run(&mut createuser)
    }

    /// The address of its database, as the server takes it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{TESTER}@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self, programs: &Path) -> Result<()> {
        let deadline = Instant::now() + START;
        let port = self.port.to_string();
        loop {
            let mut ask = Command::new(programs.join("pg_isready"));
            ask.args([
                "-q",
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-U",
                USER,
                "-d",
                "postgres",
            ]);
            if ask.status().is_ok_and(|status| status.success()) {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                bail!("PostgreSQL does not start; it said:\n{}", log.trim_end());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's "fast" shutdown: clients are cut off.
        let id = self.server.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let deadline = Instant::now() + STOP;
        while matches!(self.server.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = self.server.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
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
            let text = shell::output(shell::command("id").args(args))?;
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

/// The directory of the newest PostgreSQL's programs.
fn programs() -> Result<PathBuf> {
    if let Some(found) = find_programs() {
        return Ok(found);
    }
    install::debian("PostgreSQL", &["postgresql"])?;
    find_programs().context("PostgreSQL is installed, but its program `initdb` is not to be found")
}

fn find_programs() -> Option<PathBuf> {
    let complete = |bin: &PathBuf| {
        ["initdb", "postgres", "pg_isready", "createuser"]
            .iter()
            .all(|program| bin.join(program).is_file())
    };
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
        let initdb = fs::canonicalize(shell::find("initdb")?).ok()?;
        initdb.parent().map(Path::to_path_buf).filter(complete)
    })
}
