//! What the people of a business mark a call with: whose it is, and that a supervisor should
//! look at it.

use serde::{Deserialize, Serialize};

/// Who sees to a call, and to what comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallClaim {
    /// The person's id.
    pub user_id: String,
    /// The person's name; empty where they are no longer there.
    pub name: String,
    /// Since when (Unix ms).
    pub since: i64,
    /// The id of who gave it to them; absent where they claimed it themselves, or a program did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_by: Option<String>,
    /// The name of who gave it to them; empty where nobody did, or is no longer there.
    #[serde(default)]
    pub given_by_name: String,
}

/// That a supervisor should look at a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallFlag {
    /// Why, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who says so; absent where a program does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Their name; empty for a program, and where they are no longer there.
    pub name: String,
    /// Since when (Unix ms).
    pub since: i64,
}

/// Whose a call is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ClaimCall {
    /// The id of one of the business's people. Who is signed in claims it for themselves by
    /// leaving it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Whether it is taken from whoever has it.
    pub take: bool,
    /// The id of whom it is taken from: nothing is, where it is somebody else's by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// Why a supervisor should look at a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct FlagCall {
    /// In at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl FlagCall {
    /// How many characters a reason may have.
    pub const REASON_MAX: usize = 500;
}
