//! A [Radicale](https://radicale.org) of a test's own: one user, files of its own, gone with
//! the test. `cargo xtask test` installs it; where there is none, that is told and not hidden.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use outbound::Trusted;
use reqwest::Method;
use uuid::Uuid;

/// Who may sign in.
pub const USER: &str = "desk";
/// With what.
pub const PASSWORD: &str = "an app password";
/// Names the program, where it is not in the `target` directory.
pub const PROGRAM: &str = "SWITCHBOARD_TEST_RADICALE";

/// How often a port is tried.
const PORTS: usize = 5;
/// How long it may take to answer.
const START: Duration = Duration::from_secs(20);

/// A running Radicale. Dropped, it is gone, with all that is in it.
#[derive(Debug)]
pub struct Radicale {
    program: PathBuf,
    child: Child,
    dir: PathBuf,
    port: u16,
    http: Trusted,
}

/// Where its program is.
#[must_use]
pub fn program() -> Option<PathBuf> {
    let installed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/radicale/bin/radicale");
    let program = env::var_os(PROGRAM).map_or(installed, PathBuf::from);
    program.is_file().then_some(program)
}

impl Radicale {
    /// Starts one; nothing where there is no program, which is noted as a test of `of` that
    /// was not run.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(of: &str) -> Result<Option<Self>> {
        let Some(program) = program() else {
            not_run(of)?;
            return Ok(None);
        };
        let dir = env::temp_dir().join(format!("radicale-{}", Uuid::now_v7()));
        let http = Trusted::new(Some(START))?;
        for _ in 0..PORTS {
            // It cannot be given a port by the system.
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            fs::create_dir_all(&dir)?;
            fs::write(
                dir.join("users"),
                format!("{USER}:{PASSWORD}\nmaria:secret\n"),
            )?;
            fs::write(dir.join("settings"), settings_of(&dir, port))?;
            let child = spawn(&program, &dir)?;
            let (program, dir, http) = (program.clone(), dir.clone(), http.clone());
            let mut radicale = Self {
                program,
                child,
                dir,
                port,
                http,
            };
            if radicale.answers().await? {
                return Ok(Some(radicale));
            }
        }
        bail!("Radicale does not start")
    }

    /// Stops it. What is in it stays.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again where it was.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        self.child = spawn(&self.program, &self.dir)?;
        match self.answers().await? {
            true => Ok(()),
            false => bail!("Radicale does not start again"),
        }
    }

    /// Whether it does; not where somebody else has its port.
    async fn answers(&mut self) -> Result<bool> {
        let answer = async {
            while self.http.get(&self.url()).send().await.is_err() {
                if self.child.try_wait()?.is_some() {
                    return Ok(false);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(self.child.try_wait()?.is_none())
        };
        let answer = tokio::time::timeout(START, answer).await;
        answer.context("Radicale does not answer")?
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes a calendar for one kind of component; returns its address.
    ///
    /// # Errors
    /// When it is not made.
    pub async fn make_calendar(&self, path: &str, name: &str, kind: &str) -> Result<String> {
        let body = format!(
            r#"<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
            <set><prop><displayname>{name}</displayname><C:supported-calendar-component-set>
            <C:comp name="{kind}"/></C:supported-calendar-component-set></prop></set></C:mkcalendar>"#
        );
        self.ask("MKCALENDAR", &format!("{path}/"), body).await?;
        Ok(format!("{}/{USER}/{path}/", self.url()))
    }

    /// Puts an event there, of which these are the lines.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn put(&self, path: &str, lines: &str) -> Result<()> {
        let event = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nBEGIN:VEVENT\n\
             DTSTAMP:20261101T000000Z\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        self.ask("PUT", path, event.replace('\n', "\r\n"))
            .await
            .map(drop)
    }

    /// Every event of a calendar, as it is there.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn events(&self, path: &str) -> Result<String> {
        self.ask("GET", &format!("{path}/"), String::new()).await
    }

    /// Takes an event away.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn delete(&self, path: &str) -> Result<()> {
        self.ask("DELETE", path, String::new()).await.map(drop)
    }

    async fn ask(&self, method: &str, path: &str, body: String) -> Result<String> {
        let url = format!("{}/{USER}/{path}", self.url());
        let pair = BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}"));
        let request = self
            .http
            .request(Method::from_bytes(method.as_bytes())?, &url);
        let request = request.header("authorization", format!("Basic {pair}"));
        let answer = request.body(body).send().await?.error_for_status()?;
        Ok(answer.text().await?)
    }
}

impl Drop for Radicale {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn spawn(program: &Path, dir: &Path) -> Result<Child> {
    let mut command = Command::new(program);
    command.arg("--config").arg(dir.join("settings"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().context("cannot start Radicale")
}

fn settings_of(dir: &Path, port: u16) -> String {
    let dir = dir.display();
    format!(
        "[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\n\
         htpasswd_filename = {dir}/users\nhtpasswd_encryption = plain\ndelay = 0\n\
         [rights]\ntype = owner_only\n[storage]\nfilesystem_folder = {dir}/store\n\
         [web]\ntype = none\n"
    )
}

/// Tells that the calling test cannot be run here: `cargo xtask test` lists it.
fn not_run(of: &str) -> Result<()> {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or_default();
    let line = format!("{of} {name}: Radicale is not installed (PyPI: radicale)\n");
    match env::var_os("SWITCHBOARD_TEST_NOT_RUN") {
        Some(list) => fs::File::options()
            .append(true)
            .open(list)?
            .write_all(line.as_bytes())?,
        None => std::io::stderr().write_all(format!("not run: {line}").as_bytes())?,
    }
    Ok(())
}
