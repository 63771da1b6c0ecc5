//! A rule as a form holds it: text only, and what is wrong with it.

use std::collections::BTreeMap;

use api::routing::{Caller, Hours, RuleAction, RuleBody};

/// What is typed and chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) number: String,
    pub(super) caller: String,
    pub(super) countries: Vec<String>,
    pub(super) hours: String,
    pub(super) language: String,
    /// How many calls go on, at least; or nothing.
    pub(super) calls_from: String,
    pub(super) reject: bool,
    pub(super) agent_id: String,
    pub(super) agent_version: String,
    /// One `name = value` a line.
    pub(super) variables: String,
    /// JSON, or nothing.
    pub(super) agent_override: String,
}

/// A field that cannot be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Name,
    Countries,
    Calls,
    Variables,
    Override,
}

impl Form {
    /// For a new rule.
    pub(super) fn empty() -> Self {
        Self {
            enabled: true,
            ..Self::default()
        }
    }

    pub(super) fn of(rule: &RuleBody) -> Self {
        let mut form = Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            number: rule.number.clone().unwrap_or_default(),
            caller: match rule.caller {
                None => "",
                Some(Caller::Known) => "known",
                Some(Caller::Vip) => "vip",
                Some(Caller::Unknown) => "unknown",
            }
            .to_owned(),
            countries: rule.countries.clone(),
            hours: match rule.hours {
                None => "",
                Some(Hours::Open) => "open",
                Some(Hours::Closed) => "closed",
            }
            .to_owned(),
            language: rule.language.clone().unwrap_or_default(),
            calls_from: rule
                .calls_from
                .map(|calls| calls.to_string())
                .unwrap_or_default(),
            ..Self::default()
        };
        match &rule.action {
            RuleAction::Reject => form.reject = true,
            RuleAction::Agent {
                agent_id,
                agent_version,
                variables,
                agent_override,
            } => {
                form.agent_id = agent_id.clone().unwrap_or_default();
                form.agent_version = agent_version.clone().unwrap_or_default();
                let lines: Vec<_> = variables
                    .iter()
                    .map(|(name, value)| format!("{name} = {value}"))
                    .collect();
                form.variables = lines.join("\n");
                form.agent_override = agent_override
                    .as_ref()
                    .and_then(|changes| serde_json::to_string_pretty(changes).ok())
                    .unwrap_or_default();
            }
        }
        form
    }

    /// The rule, or every field that is wrong.
    pub(super) fn read(&self) -> Result<RuleBody, Vec<Fault>> {
        let mut faults = Vec::new();
        let given = |text: &str| {
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        if self.name.trim().is_empty() {
            faults.push(Fault::Name);
        }
        let is_code =
            |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !self.countries.iter().all(is_code) {
            faults.push(Fault::Countries);
        }
        let calls_from = given(&self.calls_from).map(|text| text.parse().unwrap_or(0));
        if calls_from == Some(0) {
            faults.push(Fault::Calls);
        }
        let variables = variables(&self.variables);
        if variables.is_none() && !self.reject {
            faults.push(Fault::Variables);
        }
        let changes = given(&self.agent_override).map(|text| serde_json::from_str(&text));
        if matches!(changes, Some(Err(_))) && !self.reject {
            faults.push(Fault::Override);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(RuleBody {
            name: self.name.trim().to_owned(),
            enabled: self.enabled,
            number: given(&self.number),
            caller: match self.caller.as_str() {
                "known" => Some(Caller::Known),
                "vip" => Some(Caller::Vip),
                "unknown" => Some(Caller::Unknown),
                _ => None,
            },
            countries: self.countries.clone(),
            hours: match self.hours.as_str() {
                "open" => Some(Hours::Open),
                "closed" => Some(Hours::Closed),
                _ => None,
            },
            language: given(&self.language),
            calls_from,
            action: if self.reject {
                RuleAction::Reject
            } else {
                RuleAction::Agent {
                    agent_id: given(&self.agent_id),
                    agent_version: given(&self.agent_version),
                    variables: variables.unwrap_or_default(),
                    agent_override: changes.and_then(Result::ok),
                }
            },
        })
    }
}

/// `None` for a line without a name or without `=`.
fn variables(text: &str) -> Option<BTreeMap<String, String>> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (name, value) = line.split_once('=')?;
            let name = name.trim();
            (!name.is_empty()).then(|| (name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule() -> RuleBody {
        RuleBody {
            name: "Germans at night".into(),
            enabled: false,
            number: Some("+4930901820".into()),
            caller: Some(Caller::Vip),
            countries: vec!["DE".into(), "AT".into()],
            hours: Some(Hours::Closed),
            language: Some("de".into()),
            calls_from: Some(3),
            action: RuleAction::Agent {
                agent_id: Some("agent_1".into()),
                agent_version: Some("3".into()),
                variables: [("name".to_owned(), "{{contact.name}}".to_owned())].into(),
                agent_override: Some(json!({"agent": {"voice_id": "v"}})),
            },
        }
    }

    #[test]
    fn a_rule_comes_out_of_the_form_as_it_went_in() {
        let reject = RuleBody {
            action: RuleAction::Reject,
            ..rule()
        };
        for rule in [rule(), reject] {
            assert_eq!(Form::of(&rule).read(), Ok(rule));
        }
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let form = Form {
            name: " ".into(),
            countries: vec!["Germany".into()],
            calls_from: "none".into(),
            variables: "no equals sign".into(),
            agent_override: "{".into(),
            ..Form::empty()
        };
        assert_eq!(
            form.read(),
            Err(vec![
                Fault::Name,
                Fault::Countries,
                Fault::Calls,
                Fault::Variables,
                Fault::Override
            ])
        );
    }

    #[test]
    fn variables_are_read_generously() {
        let form = Form {
            name: "x".into(),
            variables: "\n a=1 \n\nb = x = y".into(),
            ..Form::empty()
        };
        let rule = form.read().unwrap();
        let RuleAction::Agent { variables, .. } = rule.action else {
            panic!("no agent")
        };
        assert_eq!(variables["a"], "1");
        assert_eq!(variables["b"], "x = y");
    }
}
