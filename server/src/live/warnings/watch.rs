//! What one call is watched for. Pure: items and times come in, warnings come out.
//!
//! What is due is judged before what came after it is heard, and dated to when it was due. So
//! it makes no difference when, or how often, somebody asks what the time is.

use std::collections::HashMap;

use api::live::{Item, ItemKind};
use api::warnings::{Severity, WarnWhen, WarningRuleDetails};
use serde_json::Value;

use crate::contacts::fold;

/// So long after it was begun, what is said is written down (ms).
const LATE_MS: i64 = 2_000;

/// What a rule warns of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The id of the rule.
    pub(super) rule_id: String,
    /// What it is called.
    pub(super) name: String,
    /// How much it matters.
    pub(super) severity: Severity,
    /// The moment it is about, in ms from the start of the call.
    pub(super) time_ms: i64,
}

/// The rules that have not warned yet, and what was heard. Times are ms since the call began.
#[derive(Debug)]
pub(super) struct Watch {
    rules: Vec<Rule>,
    found: Vec<Found>,
    /// Whose words are awaited; nothing while others speak.
    awaited: Option<Awaited>,
    /// Whether anything can be heard.
    hears: bool,
    /// How long the texts are that were heard, by the items' ids: they grow.
    said: HashMap<String, usize>,
    /// The functions' names, by what pairs a call of one with its result.
    called: HashMap<String, String>,
    /// The results that were no success, by the items' ids: which function.
    failed: HashMap<String, String>,
}

/// A rule, its words as they are compared.
#[derive(Debug)]
struct Rule {
    id: String,
    name: String,
    severity: Severity,
    when: When,
}

#[derive(Debug)]
enum When {
    Silent { by: Side, ms: i64 },
    Says { by: Side, phrases: Vec<String> },
    Omits { phrases: Vec<String>, ms: i64 },
    Fails { times: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Agent,
    Caller,
}

/// Whose turn it is to speak, and since when.
#[derive(Debug, Clone, Copy)]
struct Awaited {
    side: Side,
    since: i64,
}

impl Rule {
    fn new((id, details): (String, WarningRuleDetails)) -> Self {
        let ms = |seconds: u32| i64::from(seconds) * 1_000;
        let phrases = |words: Vec<String>| words.iter().map(|it| plain(it)).collect();
        let silent = |by, seconds| When::Silent {
            by,
            ms: ms(seconds),
        };
        let says = |by, words| When::Says {
            by,
            phrases: phrases(words),
        };
        Self {
            id,
            name: details.name,
            severity: details.severity,
            when: match details.when {
                WarnWhen::AgentSilent { seconds } => silent(Side::Agent, seconds),
                WarnWhen::CallerSilent { seconds } => silent(Side::Caller, seconds),
                WarnWhen::CallerSays { words } => says(Side::Caller, words),
                WarnWhen::AgentSays { words } => says(Side::Agent, words),
                WarnWhen::AgentOmits { words, seconds } => When::Omits {
                    phrases: phrases(words),
                    ms: ms(seconds),
                },
                WarnWhen::FunctionFails { times } => When::Fails {
                    times: times.try_into().unwrap_or(usize::MAX),
                },
            },
        }
    }

    /// When it is to be judged though nothing comes, and the moment it is about then.
    fn due(&self, awaited: Option<Awaited>) -> Option<(i64, i64)> {
        match self.when {
            When::Silent { by, ms } => {
                let awaited = awaited.filter(|it| it.side == by)?;
                let due = awaited.since + ms;
                Some((due, due))
            }
            When::Omits { ms, .. } => Some((ms + LATE_MS, ms)),
            When::Says { .. } | When::Fails { .. } => None,
        }
    }
}

impl Watch {
    /// Watches as soon as anything is heard.
    pub(super) fn new(rules: Vec<(String, WarningRuleDetails)>) -> Self {
        Self {
            rules: rules.into_iter().map(Rule::new).collect(),
            found: Vec::new(),
            awaited: Some(Awaited {
                side: Side::Agent,
                since: 0,
            }),
            hears: false,
            said: HashMap::new(),
            called: HashMap::new(),
            failed: HashMap::new(),
        }
    }

    /// These items are new, or say more than before.
    pub(super) fn hear(&mut self, items: &[Item], now: i64) {
        if self.hears {
            self.at(now);
        } else {
            // What was missed may have been said in time; of silence nobody knows.
            self.hears = true;
            if let Some(awaited) = &mut self.awaited {
                awaited.since = now;
            }
        }
        for item in items {
            match &item.kind {
                ItemKind::Agent { content } => self.say(item, content, now, Side::Agent),
                ItemKind::User { content } => self.say(item, content, now, Side::Caller),
                ItemKind::Dtmf { digit } => self.await_after(item, digit, now, Side::Caller),
                // The agent is out of it.
                ItemKind::TransferTarget { .. } => self.awaited = None,
                ItemKind::ToolCallInvocation {
                    tool_call_id, name, ..
                } => {
                    self.called.insert(tool_call_id.clone(), name.clone());
                }
                ItemKind::ToolCallResult {
                    tool_call_id,
                    content,
                    successful,
                } if is_failure(content, *successful) => {
                    let name = self.called.get(tool_call_id).cloned().unwrap_or_default();
                    self.fail(item, &name);
                }
                _ => {}
            }
        }
        self.at(now);
    }

    /// From now on the transcript cannot be read.
    pub(super) fn hears_nothing(&mut self, now: i64) {
        self.at(now);
        self.hears = false;
    }

    /// When a rule is to be judged next though nothing comes.
    pub(super) fn due(&self) -> Option<i64> {
        let due = self.rules.iter().filter_map(|it| it.due(self.awaited));
        due.map(|(due, _)| due).min().filter(|_| self.hears)
    }

    /// It is this time.
    pub(super) fn at(&mut self, now: i64) {
        if self.hears {
            let awaited = self.awaited;
            self.find(|rule| {
                let (_, about) = rule.due(awaited).filter(|(due, _)| *due <= now)?;
                Some(about)
            });
        }
    }

    /// Whether no rule can warn any more.
    pub(super) fn is_done(&self) -> bool {
        self.rules.is_empty()
    }

    /// What was found since this was last asked, the earliest first.
    pub(super) fn found(&mut self) -> Vec<Found> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|it| it.time_ms);
        found
    }

    /// One of them said this, whose text may have grown.
    fn say(&mut self, item: &Item, content: &str, now: i64, side: Side) {
        self.await_after(item, content, now, side);
        let said = plain(content);
        let has = |phrases: &[String]| phrases.iter().any(|it| said.contains(it.as_str()));
        if side == Side::Agent {
            // What was said in time need not be watched for any longer.
            self.rules.retain(|rule| {
                !matches!(&rule.when, When::Omits { phrases, ms }
                    if item.time_ms <= *ms && has(phrases))
            });
        }
        self.find(|rule| {
            let is_said =
                matches!(&rule.when, When::Says { by, phrases } if *by == side && has(phrases));
            is_said.then_some(item.time_ms)
        });
    }

    /// One of them is heard: the other one's words are awaited, unless this was heard before.
    fn await_after(&mut self, item: &Item, content: &str, now: i64, heard: Side) {
        if self.said.insert(item.id.clone(), content.len()) == Some(content.len()) {
            return;
        }
        let side = match heard {
            Side::Agent => Side::Caller,
            Side::Caller => Side::Agent,
        };
        self.awaited = Some(Awaited { side, since: now });
    }

    fn fail(&mut self, item: &Item, function: &str) {
        self.failed.insert(item.id.clone(), function.to_owned());
        let failures = self.failed.values().filter(|it| *it == function).count();
        self.find(|rule| {
            let is_met = matches!(rule.when, When::Fails { times } if failures >= times);
            is_met.then_some(item.time_ms)
        });
    }

    /// The rules for which this names a moment warn of it, and are done.
    fn find(&mut self, met: impl Fn(&Rule) -> Option<i64>) {
        let found = &mut self.found;
        self.rules.retain(|rule| {
            let Some(time_ms) = met(rule) else {
                return true;
            };
            found.push(Found {
                rule_id: rule.id.clone(),
                name: rule.name.clone(),
                severity: rule.severity,
                // What ran before the call has a time of its own.
                time_ms: time_ms.max(0),
            });
            false
        });
    }
}

/// Our own functions say so in their answer.
fn is_failure(content: &str, successful: Option<bool>) -> bool {
    let refused = || {
        let answer: Value = serde_json::from_str(content).unwrap_or_default();
        answer["ok"] == false
    };
    successful == Some(false) || refused()
}

/// The words of a text, folded, between spaces: what is written around them does not count.
pub(super) fn plain(text: &str) -> String {
    let folded = fold(text);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |all, word| all + word + " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOTHING: [i64; 0] = [];

    fn watch(rule: &Value) -> Watch {
        let mut rule = rule.clone();
        rule["name"] = "Rule".into();
        Watch::new(vec![(
            "rule".to_owned(),
            serde_json::from_value(rule).unwrap(),
        )])
    }

    fn item(item: Value) -> Vec<Item> {
        vec![serde_json::from_value(item).unwrap()]
    }

    fn said(role: &str, id: &str, at: i64, content: &str) -> Vec<Item> {
        item(json!({"id": id, "time_ms": at, "role": role, "content": content}))
    }

    fn times(watch: &mut Watch) -> Vec<i64> {
        watch.found().iter().map(|it| it.time_ms).collect()
    }

    #[test]
    fn silence_is_of_whoever_is_to_speak_and_counted_from_the_last_word() {
        let mut agent = watch(&json!({"when": "agent_silent", "seconds": 20}));
        let mut caller = watch(&json!({"when": "caller_silent", "seconds": 20}));
        assert_eq!(agent.due(), None, "nothing can be heard yet");
        for it in [&mut agent, &mut caller] {
            it.hear(&[], 0);
        }
        assert_eq!((agent.due(), caller.due()), (Some(20_000), None));
        for it in [&mut agent, &mut caller] {
            it.hear(&said("agent", "1", 0, "Hello"), 1_000);
            // The same again is no new word.
            it.hear(&said("agent", "1", 0, "Hello"), 9_000);
        }
        assert_eq!((agent.due(), caller.due()), (None, Some(21_000)));
        caller.at(20_999);
        assert_eq!(times(&mut caller), NOTHING);
        agent.hear(&said("user", "2", 2_000, "Yes"), 21_500);
        assert_eq!(agent.due(), Some(41_500));
        // It was silent for long enough, though nobody asked then.
        caller.hear(&said("user", "2", 2_000, "Yes"), 21_500);
        assert_eq!(times(&mut caller), [21_000]);
        agent.hears_nothing(22_000);
        agent.at(60_000);
        assert_eq!((times(&mut agent), agent.due()), (vec![], None));
        agent.hear(&[], 61_000);
        agent.at(200_000);
        assert_eq!(times(&mut agent), [81_000]);
        assert!(agent.is_done());
        agent.at(400_000);
        assert_eq!(times(&mut agent), NOTHING, "once in a call");
    }

    #[test]
    fn the_same_function_fails_so_often_and_each_result_counts_once() {
        let mut watch = watch(&json!({"when": "function_fails", "times": 2}));
        let call = |id: &str, name: &str| {
            item(json!({
                "id": id, "time_ms": 0, "role": "tool_call_invocation",
                "tool_call_id": id, "name": name, "arguments": "{}",
            }))
        };
        let result = |id: &str, of: &str, content: &str, successful: Value| {
            item(json!({
                "id": id, "time_ms": 7_000, "role": "tool_call_result",
                "tool_call_id": of, "content": content, "successful": successful,
            }))
        };
        watch.hear(&call("a", "book"), 0);
        watch.hear(&call("b", "find"), 0);
        watch.hear(&call("c", "book"), 0);
        let failed = result("ra", "a", "", json!(false));
        watch.hear(&failed, 0);
        watch.hear(&failed, 0);
        watch.hear(&result("rb", "b", "", json!(false)), 0);
        watch.hear(&result("rc", "c", r#"{"ok": true}"#, Value::Null), 0);
        assert_eq!(times(&mut watch), NOTHING);
        watch.hear(&call("d", "book"), 0);
        watch.hear(&result("rd", "d", r#"{"ok": false}"#, json!(true)), 0);
        assert_eq!(times(&mut watch), [7_000]);
    }

    #[test]
    fn whole_words_are_heard_of_whom_they_are_awaited_however_they_are_written() {
        let words = ["a human", "persona", "Gespräch mit Menschen"];
        let mut watch = watch(&json!({"when": "caller_says", "words": words}));
        watch.hear(&said("agent", "1", 0, "Shall I get a human?"), 0);
        watch.hear(&said("user", "2", 0, "It is a humane, personal thing."), 0);
        watch.hear(&said("user", "3", 8_000, "Ein GESPRACH mit"), 9_000);
        assert_eq!(times(&mut watch), NOTHING);
        watch.hear(
            &said("user", "3", 8_000, "Ein GESPRACH, mit … Menschen!"),
            9_500,
        );
        assert_eq!(times(&mut watch), [8_000]);
    }

    #[test]
    fn what_the_agent_has_to_say_is_begun_in_time_or_warned_of() {
        let rule = || {
            watch(&json!({
                "when": "agent_omits", "seconds": 15, "words": ["virtual assistant", "an AI"],
            }))
        };
        let mut says = rule();
        says.hear(&said("agent", "1", 2_000, "Hi! Call me A.I."), 3_000);
        says.hear(&said("user", "2", 4_000, "an AI?"), 5_000);
        assert_eq!(says.due(), Some(17_000), "neither said it");
        says.hear(&said("agent", "3", 14_000, "I am an AI."), 16_000);
        says.at(20_000);
        assert_eq!(times(&mut says), NOTHING);
        assert!(says.is_done());
        let mut late = rule();
        late.hear(&[], 0);
        late.hear(&said("agent", "1", 15_001, "I am an AI."), 16_000);
        late.at(17_000);
        assert_eq!(times(&mut late), [15_000]);
        // Who comes late knows what was said before, and judges nothing until then.
        let mut restarted = rule();
        restarted.at(40_000);
        restarted.hear(&said("agent", "1", 1_000, "I am an AI."), 41_000);
        assert_eq!(times(&mut restarted), NOTHING);
        let mut restarted = rule();
        restarted.hear(&said("agent", "1", 30_000, "I am an AI."), 41_000);
        assert_eq!(times(&mut restarted), [15_000]);
    }

    fn all_rules() -> Watch {
        let rules = [
            json!({"when": "agent_silent", "seconds": 5}),
            json!({"when": "caller_silent", "seconds": 7}),
            json!({"when": "caller_says", "words": ["human"]}),
            json!({"when": "agent_says", "words": ["sorry"]}),
            json!({"when": "agent_omits", "words": ["sorry"], "seconds": 10}),
        ];
        let rules = (0..).zip(rules).map(|(id, mut rule): (u8, _)| {
            rule["name"] = "Rule".into();
            (id.to_string(), serde_json::from_value(rule).unwrap())
        });
        Watch::new(rules.collect())
    }

    proptest! {
        /// However often somebody asks in between, the same is found.
        #[test]
        fn a_judgement_does_not_depend_on_when_it_is_asked(
            steps in prop::collection::vec((0..4_000_i64, 0..6_u8, any::<bool>()), 1..40),
            asked in prop::collection::vec(0..4_000_i64, 40),
        ) {
            let (mut seldom, mut often) = (all_rules(), all_rules());
            let (mut now, mut found) = (0, Vec::new());
            for (n, ((after, what, more), ask)) in steps.into_iter().zip(asked).enumerate() {
                let id = (n / 2).to_string();
                let content = if more { "Sorry, a human" } else { "Well" };
                often.at(now + ask.min(after));
                found.extend(often.found());
                now += after;
                for watch in [&mut seldom, &mut often] {
                    match what {
                        0 => watch.hears_nothing(now),
                        1 => watch.hear(&[], now),
                        2 | 3 => watch.hear(&said("agent", &id, now - 100, content), now),
                        _ => watch.hear(&said("user", &id, now - 100, content), now),
                    }
                }
                found.extend(often.found());
            }
            for watch in [&mut seldom, &mut often] {
                watch.at(now + 100_000);
            }
            found.extend(often.found());
            let mut all = seldom.found();
            for found in [&mut all, &mut found] {
                found.sort_by(|a, b| a.rule_id.cmp(&b.rule_id));
            }
            prop_assert_eq!(all, found);
        }
    }
}
