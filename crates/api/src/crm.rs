//! The business's CRM: how it is reached, and what was written into it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::functions::TargetMethod;

/// A request to a CRM. In `url` and `body`, and in the headers that go along, `{{name}}` and
/// the like are filled in: `secrets` always; `phone` (E.164), `digits` (without the plus),
/// `national` (without the country) and `email` of whoever is meant; `name`, `first_name`,
/// `last_name` and `language` of them; `record`, by its id; `activity` (`call_id`, `subject`,
/// `text`, `html`, `direction`, `outcome`, `started_at`, `date`, `time`, `duration_ms`,
/// `duration_s`, `duration_min`, `summary`, `sentiment`, `cost`, `url`, `from`, `to`, and its
/// `id` once it is there).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmRequest {
    /// How it is asked.
    #[serde(default)]
    pub method: TargetMethod,
    /// Where. The host is fixed.
    pub url: String,
    /// What is sent: JSON, or a form where `form` says so. A field for which there is nothing
    /// is left out, and so is an entry of a list of which only constants would be left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Whether the fields of `body` are sent as a form.
    #[serde(default)]
    pub form: bool,
}

/// How records are found, and where in the answer they are. The paths but the first begin at
/// a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmFind {
    /// How it is asked.
    #[serde(flatten)]
    pub request: CrmRequest,
    /// Where the list of records is, such as `data.items`; the answer itself when empty.
    #[serde(default)]
    pub records: String,
    /// Where a record's id is.
    pub id: String,
    /// Where the name is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the e-mail address is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where telephone numbers are: texts, or lists of texts. A record counts only when one of
    /// them is the number that is looked for.
    #[serde(default)]
    pub phones: Vec<String>,
}

/// How something is made, and where in the answer its id is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmCreate {
    /// How it is asked.
    #[serde(flatten)]
    pub request: CrmRequest,
    /// Where its id is, such as `data.id`.
    pub id: String,
}

/// How a record's activities are listed. The paths but the first begin at an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmList {
    /// How it is asked.
    #[serde(flatten)]
    pub request: CrmRequest,
    /// Where the list is; the answer itself when empty.
    #[serde(default)]
    pub items: String,
    /// Where an activity's id is.
    pub id: String,
    /// Where the call's id or its link stands: by it a call is found again.
    pub text: String,
}

/// Any CRM that has a REST API, as its business describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmGeneric {
    /// What goes along with every request, such as `authorization`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What answers with success where the secrets are right.
    pub test: CrmRequest,
    /// How a record is found by a number.
    pub find_by_phone: CrmFind,
    /// How it is found by an e-mail address; it is not when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find_by_email: Option<CrmFind>,
    /// How a record is made.
    pub create: CrmCreate,
    /// How it is changed; it is not when absent. What did not change is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<CrmRequest>,
    /// How a call is written down.
    pub add_activity: CrmCreate,
    /// How a call that was written down, `{{activity.id}}`, is said anew once more is known of
    /// it; it stays as it was when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_activity: Option<CrmRequest>,
    /// How calls that were written down are found again; without it, a call whose writing was
    /// not answered may be there twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activities: Option<CrmList>,
    /// Where people look at a record, with `{{record}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_url: Option<String>,
}

/// Which CRM it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CrmProvider {
    /// HubSpot; its secret is `service_key`, or `client_secret` where somebody connects it.
    Hubspot {
        /// Where its API is, where that is not `https://api.hubapi.com`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base_url: Option<String>,
        /// The id of the business's own app there, which somebody lets in at the desk; it is
        /// reached by a key when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
    },
    /// Salesforce, by an app; its secret is `client_secret`.
    Salesforce {
        /// The organisation's own address, `https://….my.salesforce.com`.
        base_url: String,
        /// The app's key.
        client_id: String,
        /// Whether somebody lets it in at the desk; it runs as a user of its own otherwise.
        #[serde(default)]
        consent: bool,
    },
    /// Pipedrive; its secret is `api_token`, or `client_secret` where somebody connects it.
    Pipedrive {
        /// Where its API is, where that is not `https://api.pipedrive.com`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base_url: Option<String>,
        /// The id of the business's own app there, which somebody lets in at the desk; it is
        /// reached by a key when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
    },
    /// Any other one. Boxed, because it says much.
    Generic(Box<CrmGeneric>),
}

/// `GET /api/v1/crm`: how the business's CRM is reached.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmConnection {
    /// Which it is; the business has none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<CrmProvider>,
    /// The names of the secrets there are.
    #[serde(default)]
    pub secret_names: Vec<String>,
    /// What the CRM calls the account, as of the last test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether somebody let the app in; nothing where it is reached otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<CrmConsent>,
    /// Which revision of it this is; a change says which one it is of.
    #[serde(default)]
    pub revision: i64,
}

/// Whether somebody let the business's own app into its CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CrmConsent {
    /// Nobody has yet.
    Missing,
    /// Somebody has.
    Given,
    /// The CRM takes it back: somebody has to do so again.
    Refused,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// `POST /api/desk/crm/consent`: begins to let the app in. Answered with where to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmConsentPage {
    /// The page of the CRM's.
    pub url: String,
}

/// What the page of the desk is told in its address, as `problem`, of somebody who is back from
/// the CRM's and did not let the app in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmNotConnected {
    /// They said no, or the CRM did.
    Refused,
    /// It began in another session, too long ago, or the connection was changed meanwhile.
    Stale,
    /// The CRM does not answer as it should.
    Failed,
}

impl CrmNotConnected {
    /// As it stands in the address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "crm-refused",
            Self::Stale => "crm-stale",
            Self::Failed => "crm-failed",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Refused, Self::Stale, Self::Failed];
        all.into_iter().find(|it| it.name() == name)
    }
}

/// `PUT /api/v1/crm`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveCrmConnection {
    /// Which it is.
    pub provider: CrmProvider,
    /// What nobody is to see, kept sealed; those there are stay when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<BTreeMap<String, String>>,
}

impl std::fmt::Debug for SaveCrmConnection {
    /// Leaves the secrets out, so that none reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveCrmConnection").finish_non_exhaustive()
    }
}

/// What came of trying a CRM out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CrmOutcome {
    /// It works.
    Works,
    /// The key is wrong, or may not do enough.
    Key,
    /// There is nothing of the kind at the address.
    Address,
    /// It was asked too often; later it may work.
    Limited,
    /// No answer came, or one that says it does not work now.
    Silent,
    /// It refuses for another reason.
    Refused,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// `POST /api/v1/crm/test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmTest {
    /// What came of it.
    pub outcome: CrmOutcome,
    /// What the CRM calls the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is wrong, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Somebody, as the CRM knows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmPerson {
    /// The record's id there.
    pub id: String,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Their numbers, as somebody typed them.
    #[serde(default)]
    pub phones: Vec<String>,
    /// Where people look at the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl std::fmt::Debug for CrmPerson {
    /// Leaves who it is out, so that nobody reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CrmPerson")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/crm/people`: who has a number or an address; nobody when empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmPeople {
    /// Whose it is.
    pub items: Vec<CrmPerson>,
}

/// Something that was written down of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmActivity {
    /// Its id there.
    pub id: String,
    /// What it says, as the CRM has it.
    pub text: String,
}

/// `GET /api/v1/crm/people/{id}/activities`: what was written down last of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmActivities {
    /// The newest first, at most 20; nothing where the CRM cannot be asked for them.
    pub items: Vec<CrmActivity>,
    /// Where people look at the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Where something that is to be written into the CRM stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CrmWriteState {
    /// It waits for its turn, or is tried again.
    Waiting,
    /// It is there.
    Written,
    /// There was nothing to write: nobody is known who called.
    Skipped,
    /// It cannot be written: somebody has to look at it.
    Parked,
    /// One of a newer server's, to who does not know it.
    #[serde(other)]
    Unknown,
}

/// Something that is to be written into the CRM: a call, or what a contact said in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrmWrite {
    /// Its id; ids sort by time.
    pub id: String,
    /// The call, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The contact, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
    /// Where it stands.
    pub state: CrmWriteState,
    /// Why it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often it failed.
    pub attempts: u32,
    /// The record it was written to, by its id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// Where people look at that record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_url: Option<String>,
    /// When it came up (Unix ms).
    pub created_at: i64,
    /// When it last changed (Unix ms).
    pub updated_at: i64,
}
