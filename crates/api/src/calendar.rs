//! The business's calendar: what can be booked, and what is.

use serde::{Deserialize, Serialize};

use crate::Page;
use crate::business::Hours;

/// What can be booked: everything about a service that can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceDetails {
    /// What it is called.
    pub name: String,
    /// What callers may be told of it.
    #[serde(default)]
    pub description: String,
    /// How long it takes: a multiple of five minutes.
    pub minutes: u16,
    /// How long nobody else is booked before it, and after it.
    #[serde(default)]
    pub before_minutes: u16,
    /// See `before_minutes`.
    #[serde(default)]
    pub after_minutes: u16,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Who does it, by their ids; everybody when empty.
    #[serde(default)]
    pub staff: Vec<String>,
    /// The event type at Cal.com that keeps its times, and what is booked of it; kept here when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<u64>,
    /// Whether it can be booked.
    #[serde(default = "yes")]
    pub active: bool,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Price {
    /// In hundredths of the currency.
    pub cents: u32,
    /// Three letters (ISO 4217).
    pub currency: String,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Service {
    /// Which one.
    pub id: String,
    /// What is known of it.
    #[serde(flatten)]
    pub details: ServiceDetails,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// Somebody who can be booked: everything that can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffDetails {
    /// The name.
    pub name: String,
    /// When they work, within the business's hours; throughout them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Whether they can be booked.
    #[serde(default = "yes")]
    pub active: bool,
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffMember {
    /// Which one.
    pub id: String,
    /// What is known of them.
    #[serde(flatten)]
    pub details: StaffDetails,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
    /// Whether an address was given out at which a calendar reads what is booked with them.
    #[serde(default)]
    pub has_feed: bool,
}

/// Where a calendar reads what is booked with somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffFeed {
    /// The address of an iCalendar file. Whoever knows it reads that.
    pub url: String,
}

/// How the calendar is offered. When it is open is said by the business's hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct CalendarSettings {
    /// How far apart slots begin, by the clock: 5, 10, 15, 20, 30 or 60.
    pub step_minutes: u16,
    /// Nothing is booked to begin sooner than in so many minutes.
    pub notice_minutes: u32,
    /// Nor later than in so many days.
    pub horizon_days: u16,
    /// How long a slot is held for somebody who makes up their mind.
    pub hold_minutes: u16,
    /// How many are served at once by a business without staff.
    pub capacity: u16,
}

impl Default for CalendarSettings {
    fn default() -> Self {
        Self {
            step_minutes: 15,
            notice_minutes: 60,
            horizon_days: 60,
            hold_minutes: 5,
            capacity: 1,
        }
    }
}

/// How the calendar is offered, as it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarOffer {
    /// What is said of it.
    #[serde(flatten)]
    pub settings: CalendarSettings,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// A list of all there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceList {
    /// In the order they were added.
    pub items: Vec<Service>,
}

/// The same of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffList {
    /// In the order they were added.
    pub items: Vec<StaffMember>,
}

/// A time that is free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slot {
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// When it ends (Unix ms).
    pub ends_at: i64,
    /// Who is free then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
}

/// Times that are free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotList {
    /// In their order.
    pub items: Vec<Slot>,
    /// Where a calendar that is kept elsewhere cannot be read: when what it said last was read
    /// (Unix ms), of the one that is away the longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
}

/// What is to be booked, or held.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewBooking {
    /// Which service.
    pub service_id: String,
    /// With whom; anybody who is free when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// For whom.
    #[serde(default)]
    pub name: String,
    /// Their number, in international form; kept as E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What the staff should know.
    #[serde(default)]
    pub notes: String,
    /// The call it is made in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
}

impl std::fmt::Debug for NewBooking {
    /// Leaves out for whom, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewBooking")
            .field("service_id", &self.service_id)
            .field("starts_at", &self.starts_at)
            .finish_non_exhaustive()
    }
}

/// Who a held slot is confirmed for, where that was not said when it was held.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmBooking {
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their number, in international form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What the staff should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl std::fmt::Debug for ConfirmBooking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfirmBooking").finish_non_exhaustive()
    }
}

/// Where a booking is moved to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MoveBooking {
    /// When it begins then (Unix ms).
    pub starts_at: i64,
    /// With whom; when absent with the same, or with anybody who is free where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
}

/// How a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    /// Nobody else gets the slot until `held_until`.
    Held,
    /// It is agreed on.
    Confirmed,
    /// It is called off.
    Cancelled,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// A booking.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Booking {
    /// Which one; of a held slot, what it is confirmed by.
    pub id: String,
    /// What it is called on the telephone: six digits.
    pub reference: String,
    /// How it stands.
    pub state: BookingState,
    /// Until when it is held (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<i64>,
    /// Whether whoever is booked has yet to agree.
    #[serde(default)]
    pub pending: bool,
    /// Which service.
    pub service_id: String,
    /// What that was called when it was booked.
    pub service: String,
    /// With whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
    /// What they were called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
    /// For whom.
    pub name: String,
    /// Their number (E.164).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What the staff should know.
    pub notes: String,
    /// The call it was made in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// When it ends (Unix ms).
    pub ends_at: i64,
    /// When it was made (Unix ms).
    pub created_at: i64,
    /// When it last changed (Unix ms).
    pub updated_at: i64,
}

impl std::fmt::Debug for Booking {
    /// Leaves out for whom, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Booking")
            .field("id", &self.id)
            .field("state", &self.state)
            .field("starts_at", &self.starts_at)
            .finish_non_exhaustive()
    }
}

/// A page of bookings, the earliest first.
pub type BookingPage = Page<Booking>;

fn yes() -> bool {
    true
}
