//! What the desk's privacy page and the server say to each other.

use serde::{Deserialize, Serialize};

/// `GET, PUT /api/desk/privacy/retention`: for how many days what is kept. What
/// is absent is kept for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Retention {
    /// What was said, since the call's last news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcripts_days: Option<u32>,
    /// Where recordings are heard, since the call began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recordings_days: Option<u32>,
    /// Calls with everything about them, since they began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_days: Option<u32>,
    /// Webhooks, since they came, and events sent out. The latter are
    /// kept for 30 days at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhooks_days: Option<u32>,
    /// The trail of who did what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_days: Option<u32>,
    /// Which revision of it this is; a change says which one it is of. Ignored when sent.
    #[serde(default)]
    pub revision: i64,
}

/// `POST /api/desk/privacy/person`: whom to look for.
#[derive(Clone, Serialize, Deserialize)]
pub struct WhichPerson {
    /// A telephone number in international form, or an e-mail address.
    pub person: String,
}

impl std::fmt::Debug for WhichPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WhichPerson").finish_non_exhaustive()
    }
}

/// The answer of `POST /api/desk/privacy/person`, and of `GET
/// /api/desk/privacy/searches/{id}`: looking through everything takes as long as it takes.
/// Then `…/searches/{id}/copy` is all that was found, for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonSearch {
    /// Where to ask for it.
    pub id: String,
    /// What there is, once it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<PersonFound>,
}

/// What there is about somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFound {
    /// The number in E.164, or the address in lower case: what has to be typed
    /// to erase.
    pub person: String,
    /// How much there is.
    pub found: Traces,
    /// Calls that go on: they are not erased before they have ended.
    pub live_calls: u32,
}

impl std::fmt::Debug for PersonFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonFound")
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}

/// How much there is, or was, about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Traces {
    /// Calls.
    pub calls: u32,
    /// Transcripts of them.
    pub transcripts: u32,
    /// Links to recordings of them.
    pub recordings: u32,
    /// Webhooks about them.
    #[serde(alias = "deliveries")]
    pub webhooks: u32,
    /// Events about them, told to the business's endpoints.
    pub events: u32,
    /// What they agreed to before calls.
    pub consents: u32,
    /// What they thought of calls.
    pub ratings: u32,
    /// What the business's people said of calls.
    #[serde(default)]
    pub wrap_ups: u32,
    /// Notes they wrote on calls.
    #[serde(default)]
    pub notes: u32,
    /// Entries of the contact list.
    pub contacts: u32,
    /// Call-backs asked for.
    #[serde(default)]
    pub callbacks: u32,
    /// Bookings in the calendar.
    #[serde(default)]
    pub bookings: u32,
    /// Text messages.
    #[serde(default)]
    pub sms: u32,
    /// Records of theirs in the business's CRM, as they are known here.
    #[serde(default)]
    pub crm: u32,
    /// Accounts at this desk.
    pub accounts: u32,
}

impl std::ops::AddAssign for Traces {
    fn add_assign(&mut self, more: Self) {
        let Self {
            calls,
            transcripts,
            recordings,
            webhooks,
            events,
            consents,
            ratings,
            wrap_ups,
            notes,
            contacts,
            callbacks,
            bookings,
            sms,
            crm,
            accounts,
        } = more;
        self.calls += calls;
        self.transcripts += transcripts;
        self.recordings += recordings;
        self.webhooks += webhooks;
        self.events += events;
        self.consents += consents;
        self.ratings += ratings;
        self.wrap_ups += wrap_ups;
        self.notes += notes;
        self.contacts += contacts;
        self.callbacks += callbacks;
        self.bookings += bookings;
        self.sms += sms;
        self.crm += crm;
        self.accounts += accounts;
    }
}

/// `POST /api/desk/privacy/erase`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ErasePerson {
    /// A telephone number in international form, or an e-mail address.
    pub person: String,
    /// The same once more, as [`PersonFound::person`] wrote it.
    pub confirm: String,
    /// Whether Retell is to delete the calls, too.
    #[serde(default)]
    pub at_retell: bool,
}

impl std::fmt::Debug for ErasePerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ErasePerson")
            .field("at_retell", &self.at_retell)
            .finish_non_exhaustive()
    }
}

/// The answer of `POST /api/desk/privacy/erase`, and of `GET
/// /api/desk/privacy/erasures/{id}`: erasing somebody takes as long as it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Where to ask how far it is.
    pub id: String,
    /// How it stands.
    pub state: ErasureState,
    /// What is done so far.
    pub so_far: Erased,
}

/// How an [`Erasure`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErasureState {
    /// It goes on.
    Running,
    /// It is over.
    Done,
    /// It stopped: nobody could administer the business any more.
    LastAdmin,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// What became of [`ErasePerson`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Erased {
    /// What is gone.
    pub erased: Traces,
    /// Calls that go on, and were left.
    pub live_calls: u32,
    /// Calls that Retell did not delete: they were left here too, so that it can
    /// be tried again.
    pub refused_by_retell: Vec<String>,
}
