//! Calendars people already have, over CalDAV: which there are ([`Server::calendars`]), when
//! somebody is busy ([`Server::busy`]), and events of ours in them ([`Server::write`]).
//!
//! Servers differ in what they find in a narrow time, in what they expand and in what they
//! write back. So a wide time is asked for and the recurrences are expanded here ([`busy`],
//! pure); and an event of ours has a name that says whose it is: writing it once more finds
//! it there.

pub mod busy;
mod discover;
mod event;
mod multistatus;

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use outbound::{BadAddress, Checked, Failure, Limits};
use reqwest::Method;
use reqwest::header::{
    AUTHORIZATION, ETAG, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use url::Url;

pub use busy::{Busy, Reading};
pub use discover::Calendar;
pub use event::{Event, Feed};

/// How often a server may send us on.
const REDIRECTS: usize = 4;

/// All that a calendar may have written down of an event of ours (Unix ms).
const EVER: (i64, i64) = (0, 4_102_444_800_000);

/// What the client of [`Server`] is set up with: redirects are followed here, because the
/// next server is to be asked the same, and not for a page.
#[must_use]
pub fn limits(at_once: usize) -> Limits {
    Limits {
        time: Duration::from_secs(20),
        bytes: 8 * 1024 * 1024,
        at_once,
        redirects: 0,
    }
}

/// What somebody signs in with.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Where the server is, as it was entered.
    pub address: String,
    /// The user name.
    pub user: String,
    /// The password; most servers want one for this purpose alone.
    pub password: String,
}

impl fmt::Debug for Login {
    /// Leaves out everything but the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Login");
        shown.field("address", &self.address);
        shown.finish_non_exhaustive()
    }
}

/// Why something cannot be read or written. The texts are for people, and name nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address may not be asked, or nobody answers there.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The user name or the password is wrong, or passwords are not taken.
    #[error("The server does not accept this user name and password.")]
    Credentials,
    /// Somebody answers who knows nothing of calendars.
    #[error("There is no CalDAV server at this address.")]
    NotCaldav,
    /// The calendar is gone, or another user's.
    #[error("The calendar is not there, or not for this user.")]
    NoCalendar,
    /// The user may read it and not write, or not even that.
    #[error("The server does not allow this user to do that.")]
    Forbidden,
    /// Too much was asked; not before so long, where the server says.
    #[error("The server was asked too often.")]
    Limited(Option<Duration>),
    /// It is out of order, with this status.
    #[error("The server answered {0}.")]
    Broken(u16),
    /// It refuses, with this status.
    #[error("The server refused with {0}.")]
    Refused(u16),
    /// Somebody else has written it meanwhile.
    #[error("Somebody else has changed the event meanwhile.")]
    Changed,
    /// The name of the event is used already, or was: some keep what was deleted.
    #[error("The server keeps another event under this name.")]
    NameUsed,
    /// The answer cannot be read.
    #[error("The server answered with something else than it should.")]
    Odd,
    /// There are more events than are read.
    #[error("There is more in the calendar than can be read.")]
    TooMuch,
}

impl Error {
    /// Whether it may be otherwise in a while, without anybody doing anything.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Failure(Failure::Address(bad)) => *bad == BadAddress::Unknown,
            Self::Failure(Failure::TooLong) => false,
            Self::Failure(_) | Self::Limited(_) | Self::Broken(_) | Self::Changed => true,
            _ => false,
        }
    }
}

impl From<BadAddress> for Error {
    fn from(bad: BadAddress) -> Self {
        Self::Failure(bad.into())
    }
}

/// A server, as one user sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Server {
    http: Checked,
    base: Url,
    authorization: HeaderValue,
}

/// An answer.
#[derive(Debug)]
struct Reply {
    status: u16,
    /// Who answered, after having been sent on.
    url: Url,
    etag: Option<String>,
    retry_after: Option<Duration>,
    body: String,
}

/// What is sent besides an address.
#[derive(Debug, Clone, Copy)]
struct Ask<'a> {
    method: &'static str,
    headers: &'a [(&'static str, &'a str)],
    body: &'a str,
}

impl Server {
    /// A server at an address that somebody entered; a host alone will do. `http` has
    /// [`limits`].
    ///
    /// # Errors
    /// When the address may not be asked.
    pub fn new(http: &Checked, login: &Login) -> Result<Self, Error> {
        let address = login.address.trim();
        let base = match address.contains("://") {
            true => http.rules().parse(address)?,
            false => http.rules().parse(&format!("https://{address}"))?,
        };
        let pair = BASE64_STANDARD.encode(format!("{}:{}", login.user, login.password));
        let mut authorization =
            HeaderValue::try_from(format!("Basic {pair}")).map_err(|_| Error::Credentials)?;
        authorization.set_sensitive(true);
        let http = http.clone();
        Ok(Self {
            http,
            base,
            authorization,
        })
    }

    /// When the calendar is busy in a time (Unix ms). It is asked for whole days around it:
    /// what a server finds in less cannot be relied upon. `zone` is where days begin that
    /// have none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn busy(
        &self,
        calendar: &str,
        time: (i64, i64),
        zone: &jiff::tz::TimeZone,
    ) -> Result<Reading, Error> {
        let url = self.known(calendar)?;
        let wide = busy::whole_days(time);
        let body = busy::query(wide);
        let ask = Ask {
            method: "REPORT",
            headers: &[("depth", "1"), XML],
            body: &body,
        };
        let reply = self.ask(&url, ask).await?;
        if reply.status != 207 {
            return Err(reply.refused());
        }
        let zone = zone.clone();
        // Somebody's calendar of ten years takes a moment.
        let read = tokio::task::spawn_blocking(move || {
            busy::read(&multistatus::data_of_events(&reply.body)?, time, &zone)
        });
        read.await.map_err(|_| Error::Odd)?
    }

    /// When the event at a place keeps somebody busy, whenever that is; nothing where it is not
    /// there any more. `zone` is where days begin that have none.
    ///
    /// # Errors
    /// When nobody knows.
    pub async fn busy_by(
        &self,
        place: &Url,
        zone: &jiff::tz::TimeZone,
    ) -> Result<Option<Vec<Busy>>, Error> {
        let there = self.ask(place, Ask::new("GET")).await?;
        match there.status {
            200 => busy::read(&[there.body], EVER, zone).map(|read| Some(read.busy)),
            404 | 410 => Ok(None),
            _ => Err(there.refused()),
        }
    }

    /// Where an event of this name is in a calendar.
    ///
    /// # Errors
    /// When the calendar is none of this server.
    pub fn place(&self, calendar: &str, name: &str) -> Result<Url, Error> {
        let mut url = self.known(calendar)?;
        let mut path = url.path_segments_mut().map_err(|()| Error::NoCalendar)?;
        path.pop_if_empty().push(&format!("{name}.ics"));
        drop(path);
        Ok(url)
    }

    /// Writes an event that is not there yet.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is there.
    pub async fn add(&self, place: &Url, event: &Event) -> Result<(), Error> {
        self.put(place, Some(("if-none-match", "*")), event).await
    }

    /// Has an event stand as it is given, whether it is there already or not.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write(&self, place: &Url, event: &Event) -> Result<(), Error> {
        let there = self.ask(place, Ask::new("GET")).await?;
        match (there.status, there.etag.as_deref()) {
            (404 | 410, _) => self.add(place, event).await,
            // One that is weak never matches.
            (200, Some(etag)) if !etag.starts_with("W/") => {
                self.put(place, Some(("if-match", etag)), event).await
            }
            (200, _) => self.put(place, None, event).await,
            _ => Err(there.refused()),
        }
    }

    /// Takes an event away; one that is not there is.
    ///
    /// # Errors
    /// When it stays.
    pub async fn remove(&self, place: &Url) -> Result<(), Error> {
        let reply = self.ask(place, Ask::new("DELETE")).await?;
        match reply.status {
            200..=299 | 404 | 410 => Ok(()),
            _ => Err(reply.refused()),
        }
    }

    async fn put(
        &self,
        place: &Url,
        condition: Option<(&'static str, &str)>,
        event: &Event,
    ) -> Result<(), Error> {
        let body = event.to_string();
        let kind = ("content-type", "text/calendar; charset=utf-8");
        let headers: Vec<_> = condition.into_iter().chain([kind]).collect();
        let ask = Ask {
            method: "PUT",
            headers: &headers,
            body: &body,
        };
        let reply = self.ask(place, ask).await?;
        let used = || multistatus::says_name_used(&reply.body);
        match reply.status {
            200..=299 => Ok(()),
            400 | 403 | 409 | 412 if used() => Err(Error::NameUsed),
            412 => Err(Error::Changed),
            // Where it should go is not there.
            409 => Err(Error::NoCalendar),
            _ => Err(reply.refused()),
        }
    }

    /// An address that was kept of this server.
    fn known(&self, url: &str) -> Result<Url, Error> {
        let url = self.http.rules().parse(url)?;
        self.may(&url).map(|()| url)
    }

    /// Whether the server may send us there: no further than the address somebody entered,
    /// and never to where a password could be read on the way.
    fn may(&self, url: &Url) -> Result<(), Error> {
        let open = self.base.scheme() == "https" && url.scheme() != "https";
        if open || !self.http.rules().leads_no_further(&self.base, url) {
            return Err(BadAddress::Private.into());
        }
        Ok(())
    }

    async fn ask(&self, url: &Url, ask: Ask<'_>) -> Result<Reply, Error> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            self.may(&url)?;
            let reply = match self.ask_once(&url, ask).await {
                // Small servers have short queues.
                Err(Failure::Connect | Failure::Broken) if ask.repeatable() => {
                    self.ask_once(&url, ask).await?
                }
                asked => asked?,
            };
            match reply {
                Ok(reply) => return Ok(reply),
                Err(further) => url = further,
            }
        }
        Err(Error::NotCaldav)
    }

    /// The answer, or where to ask instead.
    async fn ask_once(&self, url: &Url, ask: Ask<'_>) -> Result<Result<Reply, Url>, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        for (name, value) in ask.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        // All of them are tokens.
        let method = Method::from_bytes(ask.method.as_bytes()).unwrap_or_default();
        let body = ask.body.to_owned();
        let answer = self.http.send(method, url.as_str(), headers, body).await?;
        let status = answer.status().as_u16();
        let header = |name| answer.headers().get(name)?.to_str().ok();
        let location = header(LOCATION).and_then(|it| url.join(it).ok());
        if let (301 | 302 | 307 | 308, Some(further)) = (status, location) {
            return Ok(Err(further));
        }
        let seconds = header(RETRY_AFTER).and_then(|it| it.trim().parse().ok());
        Ok(Ok(Reply {
            status,
            url: url.clone(),
            etag: header(ETAG).map(str::to_owned),
            retry_after: seconds.map(Duration::from_secs),
            body: String::from_utf8_lossy(&answer.whole().await?).into_owned(),
        }))
    }
}

const XML: (&str, &str) = ("content-type", "application/xml; charset=utf-8");

impl Ask<'_> {
    fn new(method: &'static str) -> Self {
        Self {
            method,
            headers: &[],
            body: "",
        }
    }

    fn repeatable(&self) -> bool {
        self.method != "PUT"
    }
}

impl Reply {
    /// What a refusal means.
    fn refused(&self) -> Error {
        match self.status {
            401 => Error::Credentials,
            403 => Error::Forbidden,
            404 | 410 => Error::NoCalendar,
            405 | 501 | 200..=399 => Error::NotCaldav,
            412 => Error::Changed,
            413 | 507 => Error::TooMuch,
            429 => Error::Limited(self.retry_after),
            503 if self.retry_after.is_some() => Error::Limited(self.retry_after),
            status @ (408 | 423 | 500..) => Error::Broken(status),
            status => Error::Refused(status),
        }
    }
}
