//! Cal.com by its API, version 2: an [`Account`] has event types, and each of those free slots
//! and bookings. What its answers say is read without the network (`read`), and so are its
//! webhooks ([`hook`]).
//!
//! Every endpoint has a version of its own, which is sent with each request: one that is missing
//! is served as the oldest there is, without a word. Those here are known to the hosted Cal.com
//! and to the one people host themselves.

pub mod hook;
mod read;

use std::fmt;
use std::time::Duration;

use outbound::{BadAddress, Checked, Failure, Limits};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use url::Url;

pub use read::{Booking, EventType, Reservation, Slot, Status};

/// Where the hosted one is.
pub const HOSTED: &str = "https://api.cal.com/v2";

/// The key in a booking's `metadata` that says which of ours it is.
pub const MARK: &str = "switchboard_booking";

const VERSION: HeaderName = HeaderName::from_static("cal-api-version");
const OF_SLOTS: Option<&str> = Some("2024-09-04");
const OF_BOOKINGS: Option<&str> = Some("2024-08-13");
const OF_EVENT_TYPES: Option<&str> = Some("2024-06-14");

/// Who asked too often is blocked for so long; what the headers say of it cannot be relied upon.
const BLOCKED: Duration = Duration::from_secs(60);
/// So many bookings at one time are looked through for one of ours.
const LOOKED_THROUGH: u32 = 100;

/// What the client of an [`Account`] is set up with: whoever waits for it is on the telephone.
#[must_use]
pub fn limits(at_once: usize) -> Limits {
    Limits {
        time: Duration::from_secs(4),
        bytes: 4 * 1024 * 1024,
        at_once,
        redirects: 0,
    }
}

/// Why something is not known, or not done. The texts are for people, and name nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address may not be asked, or nobody answers there.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The key is wrong, or may not do this.
    #[error("Cal.com does not accept this key.")]
    Key,
    /// Somebody answers who is no Cal.com, or there is no such thing.
    #[error("There is nothing of Cal.com at this address.")]
    Gone,
    /// Somebody else has the time.
    #[error("Somebody else has this time.")]
    Taken,
    /// It refuses, with this status.
    #[error("Cal.com refused with {0}.")]
    Refused(u16),
    /// Too much was asked; not before so long.
    #[error("Cal.com was asked too often.")]
    Limited(Duration),
    /// It is out of order, with this status.
    #[error("Cal.com answered {0}.")]
    Broken(u16),
    /// The answer cannot be read.
    #[error("Cal.com answered with something else than it should.")]
    Odd,
}

impl Error {
    /// Whether it may be otherwise in a while, without anybody doing anything.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Failure(Failure::Address(bad)) => *bad == BadAddress::Unknown,
            Self::Failure(Failure::TooLong) => false,
            Self::Failure(_) | Self::Limited(_) | Self::Broken(_) => true,
            _ => false,
        }
    }

    /// Whether what was asked for may have been done all the same.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Failure(failure) => !matches!(failure, Failure::Address(_) | Failure::Connect),
            Self::Broken(_) | Self::Odd => true,
            _ => false,
        }
    }
}

impl From<BadAddress> for Error {
    fn from(bad: BadAddress) -> Self {
        Self::Failure(bad.into())
    }
}

/// What is to be booked.
#[derive(Clone, PartialEq, Eq)]
pub struct NewBooking {
    /// Of which event type.
    pub event_type: u64,
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// For whom.
    pub name: String,
    /// Their number (E.164): this or their e-mail address is needed.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their time zone (IANA).
    pub timezone: String,
    /// What they are written to in: a language without its region.
    pub language: String,
    /// What whoever is booked should know; may be empty.
    pub notes: String,
    /// Which booking of ours it is, by which it is found again ([`MARK`]).
    pub mark: String,
    /// The call it is made in.
    pub call_id: Option<String>,
}

impl fmt::Debug for NewBooking {
    /// Leaves out for whom, so that it reaches no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewBooking")
            .field("event_type", &self.event_type)
            .field("starts_at", &self.starts_at)
            .finish_non_exhaustive()
    }
}

impl NewBooking {
    fn body(&self) -> Value {
        let mut attendee = json!({
            "name": self.name, "timeZone": self.timezone, "language": self.language,
        });
        for (name, value) in [("phoneNumber", &self.phone), ("email", &self.email)] {
            if let Some(value) = value {
                attendee[name] = value.as_str().into();
            }
        }
        let mut metadata = json!({MARK: self.mark});
        if let Some(call_id) = &self.call_id {
            metadata["call_id"] = call_id.as_str().into();
        }
        let mut body = json!({
            "start": read::utc(self.starts_at), "eventTypeId": self.event_type,
            "attendee": attendee, "metadata": metadata,
        });
        if !self.notes.is_empty() {
            body["bookingFieldsResponses"] = json!({"notes": self.notes});
        }
        body
    }
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// What they are called.
    pub name: String,
    /// Their user name; absent where they chose none.
    pub username: Option<String>,
}

/// An account at Cal.com, as a key sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Account {
    http: Checked,
    base: Url,
    authorization: HeaderValue,
}

/// An answer.
struct Reply {
    status: u16,
    body: Vec<u8>,
}

impl Account {
    /// The account of a key at an address that somebody entered, such as [`HOSTED`]. `http` has
    /// [`limits`].
    ///
    /// # Errors
    /// When the address may not be asked, or the key is none.
    pub fn new(http: &Checked, address: &str, key: &str) -> Result<Self, Error> {
        let base = http.rules().parse(address)?;
        let value = HeaderValue::try_from(format!("Bearer {key}"));
        let mut authorization = value.map_err(|_| Error::Key)?;
        authorization.set_sensitive(true);
        Ok(Self {
            http: http.clone(),
            base,
            authorization,
        })
    }

    /// Whose key it is.
    ///
    /// # Errors
    /// When it is nobody's.
    pub async fn me(&self) -> Result<Me, Error> {
        read::me(&self.get("me", &[], None).await?)
    }

    /// The user's event types, and those of the teams they are in.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn event_types(&self, me: &Me) -> Result<Vec<EventType>, Error> {
        // Asked for by name, hidden ones are among them as well.
        let username = me.username.as_deref().map(|it| ("username", it.to_owned()));
        let query: Vec<_> = username.into_iter().collect();
        let own = self.get("event-types", &query, OF_EVENT_TYPES).await?;
        let mut all = read::event_types(&own, None)?;
        let teams = match self.get("teams", &[], None).await {
            Ok(teams) => read::teams(&teams)?,
            // Without any, a key may not ask, and some who host it themselves have none.
            Err(Error::Key | Error::Gone | Error::Refused(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        for team in teams {
            let path = self.path(&["teams", &team.id.to_string(), "event-types"])?;
            match self.get(&path, &[], OF_EVENT_TYPES).await {
                Ok(of_team) => all.extend(read::event_types(&of_team, Some(&team.name))?),
                // It may be a team the user was only asked into.
                Err(Error::Key | Error::Gone) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// Has webhooks about bookings come to an address, signed with a secret; one that comes there
    /// already is signed so from now on.
    ///
    /// # Errors
    /// When they do not.
    pub async fn hook_up(&self, to: &str, secret: &str) -> Result<(), Error> {
        let mut body = json!({"triggers": hook::TRIGGERS, "active": true, "secret": secret});
        let (method, path) = match self.hooked(to).await? {
            Some(id) => (Method::PATCH, self.path(&["webhooks", &id])?),
            None => {
                body["subscriberUrl"] = to.into();
                (Method::POST, "webhooks".to_owned())
            }
        };
        let reply = self.send(method, &path, &[], None, Some(&body)).await?;
        reply.data().map(drop)
    }

    /// Has no webhooks come to an address any more.
    ///
    /// # Errors
    /// When they still do.
    pub async fn unhook(&self, from: &str) -> Result<(), Error> {
        let Some(id) = self.hooked(from).await? else {
            return Ok(());
        };
        let path = self.path(&["webhooks", &id])?;
        let reply = self.send(Method::DELETE, &path, &[], None, None).await?;
        match reply.data() {
            Ok(_) | Err(Error::Gone | Error::Odd) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The id of the webhook that comes to an address.
    async fn hooked(&self, to: &str) -> Result<Option<String>, Error> {
        let all = read::hooks(&self.get("webhooks", &[], None).await?)?;
        let mut to_it = all.into_iter().filter(|(_, address)| address == to);
        Ok(to_it.next().map(|(id, _)| id))
    }

    /// The free slots of an event type that begin in a time (Unix ms), in their order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn slots(&self, event_type: u64, time: (i64, i64)) -> Result<Vec<Slot>, Error> {
        let query = [
            ("eventTypeId", event_type.to_string()),
            ("start", read::utc(time.0)),
            ("end", read::utc(time.1 - 1)),
            ("timeZone", "UTC".to_owned()),
            ("format", "range".to_owned()),
        ];
        read::slots(&self.get("slots", &query, OF_SLOTS).await?, time)
    }

    /// Keeps a slot for some minutes. Whether it is one of [`Account::slots`] is not asked there.
    ///
    /// # Errors
    /// [`Error::Taken`] when somebody else keeps or has it.
    pub async fn reserve(
        &self,
        event_type: u64,
        starts_at: i64,
        minutes: u16,
    ) -> Result<Reservation, Error> {
        let body = json!({
            "eventTypeId": event_type, "slotStart": read::utc(starts_at),
            "reservationDuration": minutes,
        });
        let reply = self.send(
            Method::POST,
            "slots/reservations",
            &[],
            OF_SLOTS,
            Some(&body),
        );
        match reply.await?.data() {
            Err(Error::Refused(422)) => Err(Error::Taken),
            data => read::reservation(&data?),
        }
    }

    /// Gives a reserved slot back; one that is not reserved is free.
    ///
    /// # Errors
    /// When it stays reserved.
    pub async fn release(&self, reservation: &str) -> Result<(), Error> {
        let path = self.path(&["slots", "reservations", reservation])?;
        match self
            .send(Method::DELETE, &path, &[], OF_SLOTS, None)
            .await?
            .data()
        {
            // Some answer without a body.
            Ok(_) | Err(Error::Gone | Error::Odd) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Books a slot. No two requests are one to Cal.com: what may be done ([`Error::may_be_done`])
    /// is looked for by [`Account::find`] before it is sent once more.
    ///
    /// # Errors
    /// When it is not booked, or nobody knows.
    pub async fn book(&self, new: &NewBooking) -> Result<Booking, Error> {
        let body = new.body();
        let reply = self.send(Method::POST, "bookings", &[], OF_BOOKINGS, Some(&body));
        read::booking(&reply.await?.data()?)
    }

    /// One booking.
    ///
    /// # Errors
    /// [`Error::Gone`] when there is none.
    pub async fn booking(&self, uid: &str) -> Result<Booking, Error> {
        let path = self.path(&["bookings", uid])?;
        read::booking(&self.get(&path, &[], OF_BOOKINGS).await?)
    }

    /// The booking of ours with this mark that stands at a time (Unix ms), if it is there.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn find(
        &self,
        event_type: u64,
        (from, to): (i64, i64),
        mark: &str,
    ) -> Result<Option<Booking>, Error> {
        let query = [
            ("eventTypeId", event_type.to_string()),
            ("afterStart", read::utc(from)),
            ("beforeEnd", read::utc(to)),
            ("take", LOOKED_THROUGH.to_string()),
        ];
        let all = read::bookings(&self.get("bookings", &query, OF_BOOKINGS).await?)?;
        let ours = |it: &Booking| it.mark.as_deref() == Some(mark) && it.status.stands();
        Ok(all.into_iter().find(ours))
    }

    /// Moves a booking, which is another one then, with a `uid` of its own.
    ///
    /// # Errors
    /// When it is not moved, or nobody knows.
    pub async fn reschedule(&self, uid: &str, starts_at: i64) -> Result<Booking, Error> {
        let path = self.path(&["bookings", uid, "reschedule"])?;
        let body = json!({"start": read::utc(starts_at)});
        let reply = self.send(Method::POST, &path, &[], OF_BOOKINGS, Some(&body));
        read::booking(&reply.await?.data()?)
    }

    /// Cancels a booking.
    ///
    /// # Errors
    /// When it is not cancelled, or nobody knows.
    pub async fn cancel(&self, uid: &str) -> Result<Booking, Error> {
        let path = self.path(&["bookings", uid, "cancel"])?;
        let body = json!({});
        let reply = self.send(Method::POST, &path, &[], OF_BOOKINGS, Some(&body));
        read::booking(&reply.await?.data()?)
    }

    /// A path of these parts, whatever is in them.
    fn path(&self, parts: &[&str]) -> Result<String, Error> {
        let mut url = self.base.clone();
        url.set_path("");
        let mut path = url.path_segments_mut().map_err(|()| Error::Gone)?;
        path.pop_if_empty().extend(parts);
        drop(path);
        Ok(url.path().trim_start_matches('/').to_owned())
    }

    /// Asks, once more where the connection broke: nothing is changed by it.
    async fn get(
        &self,
        path: &str,
        query: &[(&str, String)],
        version: Option<&str>,
    ) -> Result<Value, Error> {
        let once = || self.send(Method::GET, path, query, version, None);
        let reply = match once().await {
            Err(Error::Failure(Failure::Connect | Failure::Broken)) => once().await?,
            asked => asked?,
        };
        reply.data()
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        version: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Reply, Error> {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(version) = version.and_then(|it| HeaderValue::from_str(it).ok()) {
            headers.insert(VERSION, version);
        }
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.http.send(method, url.as_str(), headers, body).await?;
        Ok(Reply {
            status: answer.status().as_u16(),
            body: answer.whole().await?,
        })
    }
}

impl Reply {
    /// What it says, or what its refusal means.
    fn data(&self) -> Result<Value, Error> {
        let said: Value = lenient::from_slice(&self.body).unwrap_or_default();
        match (self.status, said) {
            (200..=299, Value::Object(mut said)) => said.remove("data").ok_or(Error::Odd),
            (200..=299, _) => Err(Error::Odd),
            (401 | 403, _) => Err(Error::Key),
            (404 | 410 | 300..=399, _) => Err(Error::Gone),
            (409, _) => Err(Error::Taken),
            (400, Value::Object(said)) if is_taken(&said) => Err(Error::Taken),
            (429, _) => Err(Error::Limited(BLOCKED)),
            (status @ (408 | 500..), _) => Err(Error::Broken(status)),
            (status, _) => Err(Error::Refused(status)),
        }
    }
}

/// Whether a refusal says that the time is somebody else's, or is not offered (any more). Only its
/// words tell.
fn is_taken(said: &Map<String, Value>) -> bool {
    let message = said.get("error").and_then(|it| it["message"].as_str());
    let says = |words: &str| message.is_some_and(|it| it.contains(words));
    [
        "already has booking",
        "is not available",
        "\"start\"",
        "'start'",
    ]
    .into_iter()
    .any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Result<Value, Error> {
        let body = body.as_bytes().to_vec();
        Reply { status, body }.data()
    }

    #[test]
    fn a_refusal_means_what_cal_com_means_by_it() {
        let message =
            |text: &str| json!({"status": "error", "error": {"message": text}}).to_string();
        let taken = [
            "User either already has booking at this time or is not available",
            "Attempting to book a meeting in the past: \"start\" cannot be booked",
        ];
        for text in taken {
            assert_eq!(said(400, &message(text)), Err(Error::Taken), "{text}");
        }
        let missing = message("responses - {plate}error_required_field");
        assert_eq!(said(400, &missing), Err(Error::Refused(400)));
        assert_eq!(said(409, "{}"), Err(Error::Taken));
        assert_eq!(said(401, ""), Err(Error::Key));
        assert_eq!(said(404, "<html>"), Err(Error::Gone));
        assert_eq!(said(429, "{}"), Err(Error::Limited(BLOCKED)));
        assert_eq!(said(502, "<html>"), Err(Error::Broken(502)));
        assert_eq!(said(200, "<html>"), Err(Error::Odd));
        assert_eq!(
            said(200, r#"{"status": "success", "data": 1}"#),
            Ok(json!(1))
        );
        assert_eq!(
            said(200, r#"{"data": {"title": "\ud83d", "uid": "b1"}}"#),
            Ok(json!({"title": "\u{fffd}", "uid": "b1"}))
        );
    }

    #[test]
    fn only_what_was_never_sent_is_surely_not_done() {
        let failure = |it| Error::Failure(it);
        for error in [
            failure(Failure::Timeout),
            failure(Failure::Broken),
            Error::Broken(500),
            Error::Odd,
        ] {
            assert!(error.may_be_done(), "{error}");
        }
        for error in [
            failure(Failure::Connect),
            Error::Limited(BLOCKED),
            Error::Taken,
            Error::Key,
        ] {
            assert!(!error.may_be_done(), "{error}");
        }
    }
}
