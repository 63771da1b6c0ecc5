//! What is typed of a rule, and what is wrong with it.

use std::collections::BTreeSet;

use api::warnings::{Severity, WarnWhen, WarningRuleDetails};
use leptos::prelude::*;

use crate::words::warnings::Texts;

/// When a rule warns, as it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AgentOmits,
    CallerSays,
    AgentSays,
    AgentSilent,
    CallerSilent,
    FunctionFails,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::AgentOmits,
        Self::CallerSays,
        Self::AgentSays,
        Self::AgentSilent,
        Self::CallerSilent,
        Self::FunctionFails,
    ];

    /// Its value in the form.
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::AgentOmits => "agent_omits",
            Self::CallerSays => "caller_says",
            Self::AgentSays => "agent_says",
            Self::AgentSilent => "agent_silent",
            Self::CallerSilent => "caller_silent",
            Self::FunctionFails => "function_fails",
        }
    }

    fn of(value: &str) -> Self {
        let found = Self::ALL.into_iter().find(|kind| kind.value() == value);
        found.unwrap_or(Self::AgentOmits)
    }

    pub(super) fn name(self, texts: Texts) -> &'static str {
        match self {
            Self::AgentOmits => texts.agent_omits(),
            Self::CallerSays => texts.caller_says(),
            Self::AgentSays => texts.agent_says(),
            Self::AgentSilent => texts.agent_silent(),
            Self::CallerSilent => texts.caller_silent(),
            Self::FunctionFails => texts.function_fails(),
        }
    }

    pub(super) fn has_words(self) -> bool {
        matches!(self, Self::AgentOmits | Self::CallerSays | Self::AgentSays)
    }

    pub(super) fn has_seconds(self) -> bool {
        matches!(
            self,
            Self::AgentOmits | Self::AgentSilent | Self::CallerSilent
        )
    }
}

/// A rule of which nothing is said yet.
pub(super) fn empty() -> WarningRuleDetails {
    WarningRuleDetails {
        name: String::new(),
        when: WarnWhen::AgentOmits {
            words: Vec::new(),
            seconds: 15,
        },
        agents: Vec::new(),
        severity: Severity::Low,
    }
}

/// What is typed. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Typed {
    pub(super) name: RwSignal<String>,
    pub(super) kind: RwSignal<String>,
    pub(super) seconds: RwSignal<String>,
    pub(super) times: RwSignal<String>,
    pub(super) words: RwSignal<String>,
    pub(super) agents: RwSignal<BTreeSet<String>>,
    pub(super) flags: RwSignal<bool>,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) name: bool,
    pub(super) seconds: bool,
    pub(super) times: bool,
    pub(super) words: bool,
}

impl Typed {
    pub(super) fn of(details: WarningRuleDetails) -> Self {
        let (mut seconds, mut times, mut said) = (15, 3, Vec::new());
        let kind = match details.when {
            WarnWhen::AgentOmits { words, seconds: it } => {
                (said, seconds) = (words, it);
                Kind::AgentOmits
            }
            WarnWhen::CallerSays { words } => {
                said = words;
                Kind::CallerSays
            }
            WarnWhen::AgentSays { words } => {
                said = words;
                Kind::AgentSays
            }
            WarnWhen::AgentSilent { seconds: it } => {
                seconds = it;
                Kind::AgentSilent
            }
            WarnWhen::CallerSilent { seconds: it } => {
                seconds = it;
                Kind::CallerSilent
            }
            WarnWhen::FunctionFails { times: it } => {
                times = it;
                Kind::FunctionFails
            }
        };
        Self {
            name: RwSignal::new(details.name),
            kind: RwSignal::new(kind.value().to_owned()),
            seconds: RwSignal::new(seconds.to_string()),
            times: RwSignal::new(times.to_string()),
            words: RwSignal::new(said.join("\n")),
            agents: RwSignal::new(details.agents.into_iter().collect()),
            flags: RwSignal::new(details.severity == Severity::High),
        }
    }

    pub(super) fn kind(self) -> Kind {
        self.kind.with(|kind| Kind::of(kind))
    }

    /// What is sent; what is wrong where something lacks or cannot be.
    pub(super) fn read(self) -> Result<WarningRuleDetails, Wrong> {
        let kind = self.kind();
        let name = self.name.with(|name| name.trim().to_owned());
        let number = |text: RwSignal<String>| text.with(|text| text.trim().parse().unwrap_or(0));
        let (seconds, times) = (number(self.seconds), number(self.times));
        let words: Vec<String> = self.words.with(|words| {
            let lines = words.lines().map(str::trim);
            lines
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
                .collect()
        });
        let fits = |it: &String| it.chars().count() <= WarningRuleDetails::WORDS_CHARS;
        let many = 1..=WarningRuleDetails::WORDS_MOST;
        let wrong = Wrong {
            name: !(1..=WarningRuleDetails::NAME_CHARS).contains(&name.chars().count()),
            seconds: kind.has_seconds() && !WarningRuleDetails::SECONDS.contains(&seconds),
            times: kind == Kind::FunctionFails && !WarningRuleDetails::TIMES.contains(&times),
            words: kind.has_words() && !(many.contains(&words.len()) && words.iter().all(fits)),
        };
        if wrong != Wrong::default() {
            return Err(wrong);
        }
        Ok(WarningRuleDetails {
            name,
            when: match kind {
                Kind::AgentOmits => WarnWhen::AgentOmits { words, seconds },
                Kind::CallerSays => WarnWhen::CallerSays { words },
                Kind::AgentSays => WarnWhen::AgentSays { words },
                Kind::AgentSilent => WarnWhen::AgentSilent { seconds },
                Kind::CallerSilent => WarnWhen::CallerSilent { seconds },
                Kind::FunctionFails => WarnWhen::FunctionFails { times },
            },
            agents: self.agents.get().into_iter().collect(),
            severity: match self.flags.get() {
                true => Severity::High,
                false => Severity::Low,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_sent_once_all_that_its_kind_asks_for_is_right() {
        let _owner = Owner::new();
        let typed = Typed::of(empty());
        let wrong = Wrong {
            name: true,
            words: true,
            ..Wrong::default()
        };
        assert_eq!(typed.read(), Err(wrong));
        typed.name.set(" AI ".to_owned());
        typed.words.set("an AI\n\n virtual assistant ".to_owned());
        let words = vec!["an AI".to_owned(), "virtual assistant".to_owned()];
        let rule = typed.read().unwrap();
        assert_eq!(rule.name, "AI");
        let omits = WarnWhen::AgentOmits {
            words: words.clone(),
            seconds: 15,
        };
        assert_eq!(rule.when, omits);
        assert_eq!(Typed::of(rule.clone()).read(), Ok(rule));
        typed.seconds.set("2".to_owned());
        assert!(typed.read().is_err_and(|wrong| wrong.seconds));
        typed.kind.set(Kind::CallerSays.value().to_owned());
        let says = typed.read().map(|rule| rule.when);
        assert_eq!(says, Ok(WarnWhen::CallerSays { words }));
        typed.kind.set(Kind::FunctionFails.value().to_owned());
        typed.words.set(String::new());
        typed.flags.set(true);
        let fails = typed.read().unwrap();
        assert_eq!(fails.when, WarnWhen::FunctionFails { times: 3 });
        assert_eq!(fails.severity, Severity::High);
    }
}
