//! A CalDAV server of a test's own: one user, files of its own, gone with the test. It is
//! [Radicale](https://radicale.org), which `cargo xtask test` installs; where there is none, that
//! is told and not hidden. With `SWITCHBOARD_TEST_CALDAV` it is another one ([`Kind`]), which then
//! has to be there: `cargo xtask judge` has the same tests run on each.

mod cyrus;
mod kind;

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use outbound::Trusted;
use reqwest::Method;
use uuid::Uuid;

pub use kind::Kind;

/// Who may sign in.
pub const USER: &str = "desk";
/// With what.
pub const PASSWORD: &str = "an app password";
/// Somebody else who may.
const OTHER: (&str, &str) = ("maria", "secret");

/// How often a port is tried.
const PORTS: usize = 5;
/// How long it may take to answer.
const START: Duration = Duration::from_secs(60);

/// A running server of calendars. Dropped, it is gone, with all that is in it.
#[derive(Debug)]
pub struct Calendars {
    kind: Kind,
    child: Child,
    dir: PathBuf,
    port: u16,
    http: Trusted,
}

impl Calendars {
    /// Starts one; nothing where Radicale is not installed, which is noted as a test of `of` that
    /// was not run.
    ///
    /// # Errors
    /// When it does not start, or another one is asked for that is not there.
    pub async fn start(of: &str) -> Result<Option<Self>> {
        let kind = Kind::wanted()?;
        match kind.missing() {
            Some(_) if kind == Kind::Radicale => return not_run(of).map(|()| None),
            Some(why) => bail!("{why}"),
            None => {}
        }
        let dir = env::temp_dir().join(format!("caldav-{}", Uuid::now_v7()));
        let http = Trusted::new(Some(START))?;
        for _ in 0..PORTS {
            // None of them can be given a port by the system. It is kept until another one that
            // is wanted besides is another.
            let kept = TcpListener::bind("127.0.0.1:0")?;
            let port = kept.local_addr()?.port();
            fs::create_dir_all(&dir)?;
            kind.prepare(&dir, port)?;
            drop(kept);
            let child = spawn(kind.command(&dir, port)?)?;
            let (dir, http) = (dir.clone(), http.clone());
            let mut started = Self {
                kind,
                child,
                dir,
                port,
                http,
            };
            if started.answers().await? {
                kind.add_users(&started.dir)?;
                return Ok(Some(started));
            }
        }
        bail!("{kind:?} does not start")
    }

    /// Stops it. What is in it stays.
    pub fn stop(&mut self) {
        // With those it has started, some of which wait for whoever asked them last.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }

    /// Starts it again where it was.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        self.child = spawn(self.kind.command(&self.dir, self.port)?)?;
        match self.answers().await? {
            true => Ok(()),
            false => bail!("{:?} does not start again", self.kind),
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
        answer.with_context(|| format!("{:?} does not answer", self.kind))?
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.kind.scheme(), self.port)
    }

    /// Where the user's calendars are.
    #[must_use]
    pub fn home(&self) -> String {
        self.url() + &self.kind.home(USER)
    }

    /// A calendar that is another user's.
    #[must_use]
    pub fn others(&self) -> String {
        format!("{}{}bookings/", self.url(), self.kind.home(OTHER.0))
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
        let path = format!("{path}/");
        self.ask("MKCALENDAR", &path, (XML, body)).await?;
        Ok(self.home() + &path)
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
        let event = ("text/calendar; charset=utf-8", event.replace('\n', "\r\n"));
        self.ask("PUT", path, event).await.map(drop)
    }

    /// Every event of a calendar, as it is there, within the answer that tells them.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn events(&self, path: &str) -> Result<String> {
        let all = r#"<?xml version="1.0"?><C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
            <prop><C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR">
            <C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>"#;
        self.ask("REPORT", &format!("{path}/"), (XML, all.to_owned()))
            .await
    }

    /// Takes an event away.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn delete(&self, path: &str) -> Result<()> {
        let nothing = (XML, String::new());
        self.ask("DELETE", path, nothing).await.map(drop)
    }

    async fn ask(&self, method: &str, path: &str, (kind, body): (&str, String)) -> Result<String> {
        let url = self.home() + path;
        let pair = BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}"));
        let request = self
            .http
            .request(Method::from_bytes(method.as_bytes())?, &url)
            .header("authorization", format!("Basic {pair}"))
            .header("content-type", kind)
            .header("depth", "1");
        let answer = request.body(body).send().await?.error_for_status()?;
        Ok(answer.text().await?)
    }
}

const XML: &str = "application/xml; charset=utf-8";

impl Drop for Calendars {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn spawn(mut command: Command) -> Result<Child> {
    command.stdout(std::process::Stdio::null());
    command.stderr(std::process::Stdio::null());
    command.process_group(0);
    command
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
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
