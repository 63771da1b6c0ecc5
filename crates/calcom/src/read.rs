//! What Cal.com's answers say. Pure.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Error, MARK, Me};

/// A time that is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// When it ends (Unix ms).
    pub ends_at: i64,
}

/// A slot that is kept for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// What it is known by.
    pub uid: String,
    /// Until when it is kept (Unix ms).
    pub until: i64,
    /// When the slot ends (Unix ms).
    pub ends_at: i64,
}

/// How a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is agreed on.
    Accepted,
    /// Whoever is booked has yet to agree.
    Pending,
    /// It is called off, or was moved and is another one now.
    Cancelled,
    /// Whoever is booked did not agree.
    Rejected,
}

impl Status {
    /// Whether it takes its time.
    #[must_use]
    pub fn stands(self) -> bool {
        matches!(self, Self::Accepted | Self::Pending)
    }
}

/// A booking.
#[derive(Clone, PartialEq, Eq)]
pub struct Booking {
    /// What it is known by.
    pub uid: String,
    /// How it stands.
    pub status: Status,
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// When it ends (Unix ms).
    pub ends_at: i64,
    /// Of which event type.
    pub event_type: Option<u64>,
    /// Who is booked.
    pub host: Option<String>,
    /// For whom.
    pub name: String,
    /// Their number, as Cal.com has it.
    pub phone: Option<String>,
    /// Which booking of ours it is.
    pub mark: Option<String>,
    /// Which one it was before it was moved.
    pub was: Option<String>,
    /// Which one it is since it was moved.
    pub became: Option<String>,
}

impl std::fmt::Debug for Booking {
    /// Leaves out for whom, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Booking")
            .field("uid", &self.uid)
            .field("status", &self.status)
            .field("starts_at", &self.starts_at)
            .finish_non_exhaustive()
    }
}

/// What can be booked there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventType {
    /// What it is known by.
    pub id: u64,
    /// What it is called, after the team whose it is.
    pub title: String,
    /// How long it takes.
    pub minutes: u16,
    /// What has to be said to book it that nobody says on the telephone: names of fields of its
    /// own, and a code that is sent by e-mail.
    pub wants: Vec<String>,
}

/// A moment (Unix ms) as it is sent.
pub(crate) fn utc(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn moment(text: &str) -> Result<i64, Error> {
    let at: Timestamp = text.parse().map_err(|_| Error::Odd)?;
    Ok(at.as_millisecond())
}

fn of<T: DeserializeOwned>(data: &Value) -> Result<T, Error> {
    T::deserialize(data).map_err(|_| Error::Odd)
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|it| !it.trim().is_empty())
}

#[derive(Deserialize)]
struct WireMe {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

pub(crate) fn me(data: &Value) -> Result<Me, Error> {
    let me: WireMe = of(data)?;
    let username = me.username.and_then(some);
    let name = me.name.and_then(some).or_else(|| username.clone());
    Ok(Me {
        name: name.or_else(|| me.email.and_then(some)).ok_or(Error::Odd)?,
        username,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEventType {
    id: u64,
    title: String,
    length_in_minutes: u16,
    #[serde(default)]
    booking_fields: Vec<WireField>,
    #[serde(default)]
    requires_booker_email_verification: Option<bool>,
    #[serde(default)]
    scheduling_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireField {
    #[serde(default)]
    slug: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    is_default: bool,
}

/// What is said of everybody who is booked.
const SAID: [&str; 4] = ["name", "email", "attendeePhoneNumber", "notes"];

/// A team somebody is in.
#[derive(Deserialize)]
pub(crate) struct Team {
    pub(crate) id: u64,
    pub(crate) name: String,
}

pub(crate) fn teams(data: &Value) -> Result<Vec<Team>, Error> {
    of(data)
}

/// The ids of webhooks, and where each goes.
pub(crate) fn hooks(data: &Value) -> Result<Vec<(String, String)>, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct WireHook {
        // A number in some versions.
        id: Value,
        subscriber_url: String,
    }
    let all: Vec<WireHook> = of(data)?;
    let hook = |it: WireHook| match it.id {
        Value::String(id) => (id, it.subscriber_url),
        id => (id.to_string(), it.subscriber_url),
    };
    Ok(all.into_iter().map(hook).collect())
}

/// Event types, of a team where it has a name. Those that a team has only for its members to copy
/// have no times of their own.
pub(crate) fn event_types(data: &Value, team: Option<&str>) -> Result<Vec<EventType>, Error> {
    let mut all: Vec<WireEventType> = of(data)?;
    all.retain(|it| it.scheduling_type.as_deref() != Some("managed") || team.is_none());
    let event_type = |it: WireEventType| {
        let own = it.booking_fields.into_iter();
        let own =
            own.filter(|it| it.required && !it.is_default && !SAID.contains(&it.slug.as_str()));
        let code = it.requires_booker_email_verification == Some(true);
        EventType {
            id: it.id,
            title: match team {
                Some(team) => format!("{team}: {}", it.title),
                None => it.title,
            },
            minutes: it.length_in_minutes,
            wants: own
                .map(|it| it.slug)
                .chain(code.then(|| "emailVerificationCode".to_owned()))
                .collect(),
        }
    };
    Ok(all.into_iter().map(event_type).collect())
}

#[derive(Deserialize)]
struct WireSlot {
    start: String,
    end: String,
}

pub(crate) fn slots(data: &Value, (from, to): (i64, i64)) -> Result<Vec<Slot>, Error> {
    // By their day; which day that is, depends on nobody here.
    let days: std::collections::BTreeMap<String, Vec<WireSlot>> = of(data)?;
    let mut all = Vec::new();
    for slot in days.into_values().flatten() {
        let slot = Slot {
            starts_at: moment(&slot.start)?,
            ends_at: moment(&slot.end)?,
        };
        if (from..to).contains(&slot.starts_at) && slot.ends_at > slot.starts_at {
            all.push(slot);
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReservation {
    reservation_uid: String,
    reservation_until: String,
    slot_end: String,
}

pub(crate) fn reservation(data: &Value) -> Result<Reservation, Error> {
    let reserved: WireReservation = of(data)?;
    Ok(Reservation {
        until: moment(&reserved.reservation_until)?,
        ends_at: moment(&reserved.slot_end)?,
        uid: reserved.reservation_uid,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBooking {
    uid: String,
    status: String,
    start: String,
    end: String,
    #[serde(default)]
    event_type: Option<WireId>,
    #[serde(default)]
    event_type_id: Option<u64>,
    #[serde(default)]
    hosts: Vec<WireName>,
    #[serde(default)]
    attendees: Vec<WireName>,
    #[serde(default)]
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    rescheduled_from_uid: Option<String>,
    #[serde(default)]
    rescheduled_to_uid: Option<String>,
}

#[derive(Deserialize)]
struct WireId {
    id: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireName {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    phone_number: Option<String>,
}

pub(crate) fn booking(data: &Value) -> Result<Booking, Error> {
    // Event types that repeat answer with each one there is.
    let one = data.as_array().map_or(Some(data), |all| all.first());
    let wire: WireBooking = of(one.ok_or(Error::Odd)?)?;
    let status = match wire.status.to_lowercase().as_str() {
        "accepted" => Status::Accepted,
        "pending" => Status::Pending,
        "cancelled" => Status::Cancelled,
        "rejected" => Status::Rejected,
        _ => return Err(Error::Odd),
    };
    let whom = wire.attendees.into_iter().next();
    let (name, phone) = whom.map_or((None, None), |it| (it.name, it.phone_number));
    let host = wire.hosts.into_iter().next().and_then(|it| it.name);
    let mark = wire
        .metadata
        .and_then(|it| Some(it.get(MARK)?.as_str()?.to_owned()));
    Ok(Booking {
        status,
        starts_at: moment(&wire.start)?,
        ends_at: moment(&wire.end)?,
        event_type: wire.event_type.map(|it| it.id).or(wire.event_type_id),
        host: host.and_then(some),
        name: name.unwrap_or_default(),
        phone: phone.and_then(some),
        mark,
        was: wire.rescheduled_from_uid.and_then(some),
        became: wire.rescheduled_to_uid.and_then(some),
        uid: some(wire.uid).ok_or(Error::Odd)?,
    })
}

pub(crate) fn bookings(data: &Value) -> Result<Vec<Booking>, Error> {
    let all = data.as_array().ok_or(Error::Odd)?;
    // One that cannot be read hides no other.
    Ok(all.iter().filter_map(|it| booking(it).ok()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slots_are_moments_of_the_time_that_was_asked_for() {
        let data = json!({
            "2050-09-05": [
                {"start": "2050-09-05T09:00:00.000+02:00", "end": "2050-09-05T09:30:00.000+02:00"},
            ],
            "2050-09-04": [{"start": "2050-09-04T23:30:00Z", "end": "2050-09-05T00:00:00Z"}],
        });
        let nine = moment("2050-09-05T07:00:00Z").unwrap();
        let day = (nine - 7 * 3_600_000, nine + 3_600_000);
        let ends_at = nine + 1_800_000;
        assert_eq!(
            slots(&data, day),
            Ok(vec![Slot {
                starts_at: nine,
                ends_at
            }])
        );
        assert_eq!(slots(&json!({}), day), Ok(Vec::new()));
        assert_eq!(slots(&json!([]), day), Err(Error::Odd));
        assert_eq!(utc(nine), "2050-09-05T07:00:00Z");
    }

    #[test]
    fn a_booking_tells_whose_it_is_and_what_became_of_it() {
        let data = json!({
            "id": 1, "uid": "b1", "status": "pending", "start": "2050-09-05T07:00:00.000Z",
            "end": "2050-09-05T07:30:00.000Z", "eventType": {"id": 7, "slug": "cut"},
            "hosts": [{"name": "Ada"}], "rescheduledFromUid": "b0", "metadata": {MARK: "ours"},
            "attendees": [{"name": "Ana", "phoneNumber": "+34612345678", "email": "x@sms.cal.com"}],
        });
        let read = booking(&data).unwrap();
        assert_eq!((read.status, read.event_type), (Status::Pending, Some(7)));
        assert_eq!(
            (read.mark.as_deref(), read.was.as_deref()),
            (Some("ours"), Some("b0"))
        );
        assert_eq!(
            (read.host.as_deref(), read.phone.as_deref()),
            (Some("Ada"), Some("+34612345678"))
        );
        assert_eq!(booking(&json!([data])).unwrap(), read);
        let mut unknown = data.clone();
        unknown["status"] = "moved".into();
        assert_eq!(booking(&unknown), Err(Error::Odd));
        assert_eq!(bookings(&json!([unknown, data])).unwrap(), [read]);
    }

    #[test]
    fn what_nobody_says_on_the_telephone_is_told() {
        let field = |slug: &str, required, is_default| json!({"type": "text", "slug": slug, "required": required, "isDefault": is_default});
        let fields = [
            field("email", true, true),
            field("plate", true, false),
            field("colour", false, false),
        ];
        let data = json!([
            {"id": 7, "title": "Cut", "lengthInMinutes": 30, "bookingFields": fields},
            {"id": 8, "title": "Dye", "lengthInMinutes": 60, "requiresBookerEmailVerification": true},
        ]);
        let read = event_types(&data, None).unwrap();
        assert_eq!(
            (read[0].minutes, read[0].wants.as_slice()),
            (30, &["plate".to_owned()][..])
        );
        assert_eq!(read[1].wants, ["emailVerificationCode"]);
    }
}
