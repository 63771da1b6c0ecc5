//! The decision: the first rule whose every condition is met.

use std::collections::BTreeMap;

use api::routing::{Caller, Hours, Mismatch, Passed, Rule, RuleAction, RuleBody};
use serde_json::Value;

use super::{History, KnownCaller};
use crate::template;

/// How long a name may be (characters).
const NAME_MAX: usize = 100;
/// How many variables a rule may set.
const VARIABLES_MAX: usize = 50;
/// How long a variable's value may be (characters).
const VALUE_MAX: usize = 1_000;
/// What Retell lets a call change of its agent (retell-protocol B).
const OVERRIDES: [&str; 3] = ["agent", "retell_llm", "conversation_flow"];

/// What is known when a call comes in.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// The caller's number (E.164); `None` when it is withheld.
    pub from: Option<String>,
    /// Its country (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// The called number (E.164).
    pub to: String,
    /// What the business is called.
    pub business: String,
    /// Who calls.
    pub contact: Contact,
    /// What there was and will be with the caller.
    pub history: History,
    /// Whether the business is open.
    pub open: bool,
    /// The language the caller is taken to speak (IETF tag).
    pub language: String,
    /// How many calls of the business go on.
    pub live_calls: i64,
}

/// What the contacts say of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contact {
    /// It is this one.
    Known(KnownCaller),
    /// It is none of them.
    Unknown,
    /// They cannot be asked: no rule about who calls fits.
    Unclear,
}

impl Contact {
    /// The contact, where it is one.
    #[must_use]
    pub fn known(&self) -> Option<&KnownCaller> {
        match self {
            Self::Known(contact) => Some(contact),
            Self::Unknown | Self::Unclear => None,
        }
    }
}

impl Situation {
    /// The variables an agent gets of a caller it is told of: who it is, and what there was
    /// and will be.
    #[must_use]
    pub fn known(&self) -> BTreeMap<String, String> {
        let contact = self.contact.known();
        let name = contact.and_then(|contact| contact.field("name"));
        let language = contact.and_then(|contact| contact.field("language"));
        let of_contact = [("caller_name", &name), ("caller_language", &language)];
        let all = of_contact.into_iter().chain(self.history.named());
        all.filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect()
    }
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// An agent answers.
    Agent {
        /// The rule's id.
        rule_id: String,
        /// The rule's name.
        rule: String,
        /// Which agent; the number's own when `None`.
        agent_id: Option<String>,
        /// Which of its versions.
        agent_version: Option<String>,
        /// What its prompt is filled with.
        variables: BTreeMap<String, String>,
        /// Changes of the agent for this call.
        agent_override: Option<Value>,
        /// The rules before it.
        passed: Vec<Passed>,
    },
    /// The call is declined.
    Reject {
        /// The rule's name; none where the contact is blocked.
        rule: Option<String>,
        /// The rules before it.
        passed: Vec<Passed>,
    },
    /// No rule fits.
    NoRule {
        /// All of them.
        passed: Vec<Passed>,
    },
}

/// Finds the first rule that fits, unless the caller is blocked.
#[must_use]
pub fn decide(rules: &[Rule], situation: &Situation) -> Decision {
    let mut passed = Vec::new();
    if situation.contact.known().is_some_and(|it| it.blocked) {
        return Decision::Reject { rule: None, passed };
    }
    for Rule { id, body, .. } in rules {
        if let Some(because) = mismatch(body, situation) {
            passed.push(Passed {
                name: body.name.clone(),
                because,
            });
            continue;
        }
        let rule = body.name.clone();
        return match body.action.clone() {
            RuleAction::Reject => Decision::Reject {
                rule: Some(rule),
                passed,
            },
            RuleAction::Agent {
                agent_id,
                agent_version,
                variables,
                agent_override,
            } => Decision::Agent {
                rule_id: id.clone(),
                rule,
                agent_id,
                agent_version,
                variables: filled(variables, situation),
                agent_override,
                passed,
            },
        };
    }
    Decision::NoRule { passed }
}

/// The first condition of a rule that is not met.
fn mismatch(rule: &RuleBody, situation: &Situation) -> Option<Mismatch> {
    let country = situation.country.as_deref();
    let is_of =
        |wanted: &String| country.is_some_and(|country| wanted.eq_ignore_ascii_case(country));
    let fits = [
        (rule.enabled, Mismatch::Disabled),
        (
            rule.number
                .as_ref()
                .is_none_or(|number| *number == situation.to),
            Mismatch::Number,
        ),
        (
            rule.caller.is_none_or(|caller| is(caller, situation)),
            Mismatch::Caller,
        ),
        (
            rule.countries.is_empty() || rule.countries.iter().any(is_of),
            Mismatch::Country,
        ),
        (
            rule.hours
                .is_none_or(|hours| (hours == Hours::Open) == situation.open),
            Mismatch::Hours,
        ),
        (
            rule.language
                .as_ref()
                .is_none_or(|language| speaks(&situation.language, language)),
            Mismatch::Language,
        ),
        (
            rule.calls_from
                .is_none_or(|calls| situation.live_calls >= i64::from(calls)),
            Mismatch::Calls,
        ),
    ];
    fits.into_iter()
        .find_map(|(fits, mismatch)| (!fits).then_some(mismatch))
}

fn is(caller: Caller, situation: &Situation) -> bool {
    let contact = situation.contact.known();
    match caller {
        Caller::Known => contact.is_some(),
        Caller::Vip => contact.is_some_and(|contact| contact.vip),
        Caller::Unknown => situation.contact == Contact::Unknown,
    }
}

/// `de` is spoken by who speaks `de-AT`; `de-AT` only by who speaks just that.
fn speaks(spoken: &str, wanted: &str) -> bool {
    spoken.eq_ignore_ascii_case(wanted)
        || spoken
            .split_once('-')
            .is_some_and(|(language, _)| language.eq_ignore_ascii_case(wanted))
}

/// The variables with what is known filled in. One that names something
/// unknown is left out, so that the agent's own default counts.
fn filled(variables: BTreeMap<String, String>, situation: &Situation) -> BTreeMap<String, String> {
    variables
        .into_iter()
        .filter_map(|(name, text)| {
            let text = template::fill(&text, |name| value_of(name, situation))?;
            Some((name, text))
        })
        .collect()
}

fn value_of(name: &str, situation: &Situation) -> Option<String> {
    match name {
        "caller.number" => situation.from.clone(),
        "caller.country" => situation.country.clone(),
        "caller.language" => Some(situation.language.clone()),
        "number" => Some(situation.to.clone()),
        "business.name" => Some(situation.business.clone()),
        "business.open" => Some(if situation.open { "yes" } else { "no" }.to_owned()),
        name => match name.strip_prefix("contact.") {
            Some(field) => situation.contact.known()?.field(field),
            None => {
                let known = situation.history.named();
                let name = name.strip_prefix("caller.")?;
                known.into_iter().find(|(it, _)| *it == name)?.1.clone()
            }
        },
    }
}

/// What is wrong with a rule, in a sentence; `None` for a good one.
#[must_use]
pub fn fault(rule: &RuleBody) -> Option<(&'static str, &'static str)> {
    let RuleBody {
        name, countries, ..
    } = rule;
    if name.trim().is_empty() || name.chars().count() > NAME_MAX {
        return Some(("name", "A rule needs a name of at most 100 characters."));
    }
    let is_country =
        |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !countries.iter().all(is_country) {
        return Some((
            "countries",
            "Countries are given by their two letters, such as DE.",
        ));
    }
    if rule.calls_from == Some(0) {
        return Some((
            "calls_from",
            "A rule is for when one call goes on, or more.",
        ));
    }
    let RuleAction::Agent {
        variables,
        agent_override,
        ..
    } = &rule.action
    else {
        return None;
    };
    let fits = |(name, value): (&String, &String)| {
        !name.trim().is_empty() && name.len() <= NAME_MAX && value.chars().count() <= VALUE_MAX
    };
    if variables.len() > VARIABLES_MAX || !variables.iter().all(fits) {
        return Some((
            "action.variables",
            "A rule sets at most 50 variables of at most 1,000 characters each.",
        ));
    }
    let is_override = |changes: &Value| {
        changes
            .as_object()
            .is_some_and(|object| object.keys().all(|key| OVERRIDES.contains(&key.as_str())))
    };
    if !agent_override.as_ref().is_none_or(is_override) {
        return Some((
            "action.agent_override",
            "Changes are an object of agent, retell_llm and conversation_flow.",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rule(id: &str, body: &Value) -> Rule {
        let mut rule = json!({"id": id, "name": id, "enabled": true,
                              "action": {"do": "agent", "agent_id": id}});
        for (name, value) in body.as_object().unwrap() {
            rule[name] = value.clone();
        }
        serde_json::from_value(rule).unwrap()
    }

    fn situation() -> Situation {
        Situation {
            from: Some("+491701234567".to_owned()),
            country: Some("DE".to_owned()),
            to: "+4930901820".to_owned(),
            business: "Sunrise".to_owned(),
            contact: Contact::Unknown,
            history: History::default(),
            open: true,
            language: "en".to_owned(),
            live_calls: 0,
        }
    }

    fn vip() -> Situation {
        Situation {
            contact: Contact::Known(KnownCaller {
                name: "Ada Lovelace".to_owned(),
                vip: true,
                blocked: false,
                language: Some("de-AT".to_owned()),
                fields: [("first_name".to_owned(), "Ada".to_owned())].into(),
            }),
            language: "de-AT".to_owned(),
            ..situation()
        }
    }

    /// The name of the rule that decides.
    fn chosen(rules: &[Rule], situation: &Situation) -> Option<String> {
        match decide(rules, situation) {
            Decision::Agent { rule, .. } => Some(rule),
            Decision::Reject { rule, .. } => rule,
            Decision::NoRule { .. } => None,
        }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = [
            rule("off", &json!({"enabled": false})),
            rule("other number", &json!({"number": "+1"})),
            rule("vip", &json!({"caller": "vip"})),
            rule("at night", &json!({"hours": "closed"})),
            rule("any", &json!({})),
            rule("never reached", &json!({})),
        ];
        assert_eq!(chosen(&rules, &situation()).as_deref(), Some("any"));
        assert_eq!(chosen(&rules, &vip()).as_deref(), Some("vip"));
        let night = Situation {
            open: false,
            ..situation()
        };
        assert_eq!(chosen(&rules, &night).as_deref(), Some("at night"));
        let Decision::Agent { passed, .. } = decide(&rules, &situation()) else {
            panic!("no agent")
        };
        let reasons: Vec<_> = passed.iter().map(|passed| passed.because).collect();
        assert_eq!(
            reasons,
            [
                Mismatch::Disabled,
                Mismatch::Number,
                Mismatch::Caller,
                Mismatch::Hours
            ]
        );
    }

    #[test]
    fn every_condition_tells_those_it_is_for() {
        let withheld = Situation {
            from: None,
            country: None,
            ..situation()
        };
        for (condition, fits, does_not) in [
            (json!({"caller": "known"}), vip(), situation()),
            (json!({"caller": "unknown"}), withheld.clone(), vip()),
            (json!({"countries": ["ch", "de"]}), situation(), withheld),
            (json!({"language": "de"}), vip(), situation()),
            (
                json!({"calls_from": 3}),
                Situation {
                    live_calls: 3,
                    ..situation()
                },
                Situation {
                    live_calls: 2,
                    ..situation()
                },
            ),
            (
                json!({"number": "+4930901820"}),
                situation(),
                Situation {
                    to: "+1".to_owned(),
                    ..situation()
                },
            ),
        ] {
            let rules = [rule("one", &condition)];
            assert!(chosen(&rules, &fits).is_some(), "{condition}");
            assert!(chosen(&rules, &does_not).is_none(), "{condition}");
        }
        assert!(chosen(&[rule("one", &json!({"language": "de-AT"}))], &vip()).is_some());
        assert!(chosen(&[rule("one", &json!({"language": "de-CH"}))], &vip()).is_none());
    }

    #[test]
    fn nobody_is_taken_for_unknown_while_the_contacts_cannot_be_asked() {
        let unclear = Situation {
            contact: Contact::Unclear,
            ..situation()
        };
        for caller in ["known", "vip", "unknown"] {
            let rules = [rule("one", &json!({"caller": caller}))];
            assert!(chosen(&rules, &unclear).is_none(), "{caller}");
        }
        assert!(chosen(&[rule("one", &json!({}))], &unclear).is_some());
    }

    #[test]
    fn variables_are_filled_from_what_is_known_and_left_out_otherwise() {
        let rules = [rule(
            "one",
            &json!({"action": {"do": "agent", "variables": {
                "greeting": "Hello {{contact.first_name}} at {{ business.name }}",
                "plain": "as {it} is }}",
                "unclosed": "a {{ b",
                "number": "{{caller.number}}",
                "unheard_of": "{{contact.shoe_size}}",
            }}}),
        )];
        let variables = |situation: &Situation| match decide(&rules, situation) {
            Decision::Agent { variables, .. } => variables,
            other => panic!("{other:?}"),
        };
        let known = variables(&vip());
        assert_eq!(known["greeting"], "Hello Ada at Sunrise");
        assert_eq!(known["plain"], "as {it} is }}");
        assert_eq!(known["unclosed"], "a {{ b");
        assert_eq!(known["number"], "+491701234567");
        assert!(!known.contains_key("unheard_of"));
        assert!(!variables(&situation()).contains_key("greeting"));
    }

    #[test]
    fn a_rule_is_checked_before_it_is_kept() {
        let fault_of = |body: Value| fault(&rule("one", &body).body);
        assert_eq!(fault_of(json!({})), None);
        assert_eq!(fault_of(json!({"action": {"do": "reject"}})), None);
        for body in [
            json!({"name": " "}),
            json!({"countries": ["Germany"]}),
            json!({"calls_from": 0}),
            json!({"action": {"do": "agent", "variables": {"": "x"}}}),
            json!({"action": {"do": "agent", "agent_override": {"prompt": "x"}}}),
            json!({"action": {"do": "agent", "agent_override": "x"}}),
        ] {
            assert!(fault_of(body.clone()).is_some(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn a_template_never_breaks(template in "[a{} .]{0,20}(\\{\\{contact.first_name\\}\\})?[a{}]{0,9}") {
            let vip = vip();
            let filled = template::fill(&template, |name| value_of(name, &vip));
            if !template.contains("{{") {
                prop_assert_eq!(filled, Some(template));
            }
        }
    }
}
