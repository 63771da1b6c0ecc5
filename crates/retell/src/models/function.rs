//! What Retell posts to a custom function (protocol C2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Call;

/// The default body of a custom function call. With `args_at_root` only the
/// arguments are sent, and this type does not apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionCall {
    /// The function's name.
    pub name: String,
    /// The arguments the agent chose.
    #[serde(default)]
    pub args: Map<String, Value>,
    /// The call so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
}
