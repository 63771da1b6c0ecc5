//! Calendars people have elsewhere, which a member of staff or the business is linked to.

use serde::{Deserialize, Serialize};

/// A calendar at a CalDAV server: what is in it keeps its owner from being booked, and what is
/// booked is written into it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkedCalendar {
    /// Its id.
    pub id: String,
    /// Whose it is; the business's own when absent, which then keeps everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
    /// Where the server is, as it was entered.
    pub address: String,
    /// The user name there.
    pub user: String,
    /// Which of the user's calendars, by its address; absent until one is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// What that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was last read (Unix ms).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<i64>,
    /// Since when it cannot be read (Unix ms): what it said last holds meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<i64>,
    /// Why, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl std::fmt::Debug for LinkedCalendar {
    /// Leaves out the user, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkedCalendar")
            .field("id", &self.id)
            .field("staff_id", &self.staff_id)
            .field("failed_at", &self.failed_at)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkedCalendarList {
    /// In the order they were linked.
    pub items: Vec<LinkedCalendar>,
}

/// How a calendar is linked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveLinkedCalendar {
    /// Whose it is; the business's own when absent. It stays whose it is when it is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
    /// Where the server is: its host, or a longer address.
    pub address: String,
    /// The user name there.
    pub user: String,
    /// The password, mostly one for this purpose alone. It stays when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Which calendar, by its address, as trying it out named it. It stays when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

impl std::fmt::Debug for SaveLinkedCalendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveLinkedCalendar")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// What came of trying a server out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkOutcome {
    /// It works.
    Works,
    /// The user name or the password is wrong.
    Credentials,
    /// There is no CalDAV server there, or it may not be asked.
    Address,
    /// The user has no calendar there, or not this one.
    Calendar,
    /// It refuses.
    Refused,
    /// It gives no answer, or says it is out of order.
    Silent,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// A server, tried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkTest {
    /// What came of it.
    pub outcome: LinkOutcome,
    /// The calendars there are to choose from.
    pub calendars: Vec<FoundCalendar>,
    /// What is wrong, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A calendar that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundCalendar {
    /// Its address.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// Whether bookings can be written into it.
    pub writable: bool,
}

/// Where a booking stands that is to be in a linked calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalendarWriteState {
    /// It waits for its turn, or is tried again.
    Waiting,
    /// It is there.
    Written,
    /// It is not there any more, as it should be.
    Removed,
    /// It cannot be written: somebody has to look at it.
    Parked,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// A booking that is to be in a linked calendar, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarWrite {
    /// The booking's id.
    pub id: String,
    /// What the booking is called on the telephone.
    pub reference: String,
    /// What was booked.
    pub service: String,
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// Where it stands.
    pub state: CalendarWriteState,
    /// Why it is not there; or, of one that is there, what is in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often it failed.
    pub attempts: u32,
    /// When it last changed (Unix ms).
    pub updated_at: i64,
}
