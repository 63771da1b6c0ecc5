//! The names of the actions, as connectors know them, and what they take.

use api::keys::ApiScope;
use serde_json::{Map, Value, json};

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    BuyNumber,
    PhoneCall,
    WebCall,
    DeleteNumber,
    ListNumbers,
    ListCalls,
    GetCall,
    GetNumber,
    GetVoice,
    UpdateNumber,
}

/// Name, what it does, required arguments, other arguments.
type Line = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

impl Action {
    pub(super) const ALL: [Self; 10] = [
        Self::BuyNumber,
        Self::PhoneCall,
        Self::WebCall,
        Self::DeleteNumber,
        Self::ListNumbers,
        Self::ListCalls,
        Self::GetCall,
        Self::GetNumber,
        Self::GetVoice,
        Self::UpdateNumber,
    ];

    fn line(self) -> Line {
        match self {
            Self::BuyNumber => (
                "RETELLAI_BUY_A_NEW_PHONE_NUMBER_BIND_AGENTS",
                "Buys a telephone number and binds agents to it.",
                &[],
                &[
                    "area_code",
                    "nickname",
                    "inbound_agent_id",
                    "outbound_agent_id",
                ],
            ),
            Self::PhoneCall => (
                "RETELLAI_CREATE_A_NEW_OUTBOUND_PHONE_CALL",
                "Calls a number.",
                &["to_number"],
                &[
                    "from_number",
                    "override_agent_id",
                    "metadata",
                    "retell_llm_dynamic_variables",
                ],
            ),
            Self::WebCall => (
                "RETELLAI_CREATE_A_NEW_WEB_CALL",
                "Starts a web call.",
                &["agent_id"],
                &["metadata", "retell_llm_dynamic_variables"],
            ),
            Self::DeleteNumber => (
                "RETELLAI_DELETE_PHONE_NUMBER",
                "Gives a telephone number back for good.",
                &["phone_number"],
                &[],
            ),
            Self::ListNumbers => (
                "RETELLAI_LIST_ALL_PHONE_NUMBERS",
                "Lists the telephone numbers.",
                &[],
                &[],
            ),
            Self::ListCalls => (
                "RETELLAI_RETRIEVE_CALL_DETAILS",
                "Lists calls, the newest first.",
                &[],
                &[
                    "limit",
                    "pagination_key",
                    "agent_id",
                    "after_start_timestamp",
                    "before_start_timestamp",
                ],
            ),
            Self::GetCall => (
                "RETELLAI_RETRIEVE_CALL_DETAILS_BY_ID",
                "Gets a call.",
                &["call_id"],
                &[],
            ),
            Self::GetNumber => (
                "RETELLAI_RETRIEVE_DETAILS_OF_A_SPECIFIC_PHONE_NUMBER",
                "Gets a telephone number.",
                &["phone_number"],
                &[],
            ),
            Self::GetVoice => (
                "RETELLAI_RETRIEVE_DETAILS_OF_A_SPECIFIC_VOICE",
                "Gets a voice.",
                &["voice_id"],
                &[],
            ),
            Self::UpdateNumber => (
                "RETELLAI_UPDATE_PHONE_NUMBER",
                "Renames a telephone number, or binds other agents to it.",
                &["phone_number"],
                &["nickname", "inbound_agent_id", "outbound_agent_id"],
            ),
        }
    }

    /// The action of this name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.line().0 == name)
    }

    /// What a key needs for it.
    pub(super) fn scope(self) -> ApiScope {
        match self {
            Self::PhoneCall | Self::WebCall => ApiScope::CallsWrite,
            Self::ListCalls | Self::GetCall => ApiScope::CallsRead,
            Self::ListNumbers | Self::GetNumber | Self::GetVoice => ApiScope::TenantRead,
            Self::BuyNumber | Self::DeleteNumber | Self::UpdateNumber => ApiScope::TenantWrite,
        }
    }

    /// For the catalogue: its arguments as a JSON schema.
    pub(super) fn describe(self) -> Value {
        let (name, description, required, optional) = self.line();
        let properties: Map<String, Value> = required
            .iter()
            .chain(optional)
            .map(|&argument| (argument.to_owned(), json!({ "type": kind(argument) })))
            .collect();
        json!({
            "name": name,
            "description": description,
            "scope": self.scope().name(),
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": required,
            },
        })
    }
}

fn kind(argument: &str) -> &'static str {
    match argument {
        "area_code" | "limit" | "after_start_timestamp" | "before_start_timestamp" => "integer",
        "metadata" | "retell_llm_dynamic_variables" => "object",
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_by_its_name() {
        for action in Action::ALL {
            let described = action.describe();
            let name = described["name"].as_str().unwrap();
            assert!(name.starts_with("RETELLAI_"));
            assert_eq!(Action::of_name(name), Some(action));
        }
        assert_eq!(Action::of_name("RETELLAI_NOTHING"), None);
    }
}
