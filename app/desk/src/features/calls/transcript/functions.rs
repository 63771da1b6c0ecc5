//! The functions of a call in its one time line: as Retell tells of them, and as our server
//! kept them, which knows of each what became of it and how long it took.
//!
//! Pure. Either may be first: a function stands where Retell says, and until it does, where our
//! server was asked.

use std::collections::HashMap;

use api::functions::FunctionCall;
use api::live::{Item, ItemKind};
use serde_json::{Map, Value};

/// What is known of the functions of a call.
#[derive(Debug, Default)]
pub(super) struct Functions {
    kept: Vec<FunctionCall>,
    /// When the call began (Unix ms).
    begun_at: i64,
    /// Retell's invocations.
    told: Vec<Told>,
    /// From Retell's id of an invocation to the id of its row, which it keeps.
    rows: HashMap<String, String>,
}

/// An invocation Retell told of.
#[derive(Debug)]
struct Told {
    tool_call_id: String,
    name: String,
    arguments: Option<Map<String, Value>>,
    /// Which of those that were kept it is.
    kept_id: Option<String>,
}

impl Functions {
    /// Takes in all that Retell tells; gives the time line, with what it does not tell of.
    pub(super) fn snapshot(&mut self, items: Vec<Item>) -> Vec<Item> {
        self.told.clear();
        let mut items = self.apply(items);
        items.extend(self.alone());
        items
    }

    /// Takes in what Retell tells besides; gives it as it stands in the time line.
    pub(super) fn apply(&mut self, mut items: Vec<Item>) -> Vec<Item> {
        for item in &mut items {
            let ItemKind::ToolCallInvocation {
                tool_call_id,
                name,
                arguments,
            } = &item.kind
            else {
                continue;
            };
            if self.told.iter().all(|it| it.tool_call_id != *tool_call_id) {
                self.told.push(Told {
                    tool_call_id: tool_call_id.clone(),
                    name: name.clone(),
                    arguments: serde_json::from_str(arguments).ok(),
                    kept_id: None,
                });
                self.pair();
            }
            let own = || self.find(tool_call_id).map(row);
            let id = self.rows.get(tool_call_id).cloned().or_else(own);
            let id = id.unwrap_or_else(|| named(tool_call_id));
            self.rows.insert(tool_call_id.clone(), id.clone());
            item.id = id;
        }
        items
    }

    /// Takes in what our server kept of a call that began then (Unix ms); gives what Retell does
    /// not tell of.
    pub(super) fn keep(&mut self, kept: Vec<FunctionCall>, begun_at: i64) -> Vec<Item> {
        self.kept = kept;
        self.begun_at = begun_at;
        self.pair();
        self.alone().collect()
    }

    /// What was kept of an invocation.
    pub(super) fn find(&self, tool_call_id: &str) -> Option<&FunctionCall> {
        let mut told = self.told.iter();
        let told = told.find(|it| it.tool_call_id == tool_call_id);
        let kept_id = told.and_then(|it| it.kept_id.as_deref());
        let mut kept = self.kept.iter();
        kept.find(|it| called(it) == tool_call_id || Some(it.id.as_str()) == kept_id)
    }

    /// Those that were kept and that Retell does not tell of.
    fn alone(&self) -> impl Iterator<Item = Item> {
        let alone = self.kept.iter().filter(|kept| !self.is_told(kept));
        alone.map(|kept| Item {
            id: row(kept),
            time_ms: (kept.at - self.begun_at).max(0),
            kind: ItemKind::ToolCallInvocation {
                tool_call_id: called(kept).to_owned(),
                name: kept.name.clone(),
                arguments: Value::Object(kept.arguments.clone()).to_string(),
            },
            words: Vec::new(),
        })
    }

    fn is_told(&self, kept: &FunctionCall) -> bool {
        self.told.iter().any(|it| {
            it.tool_call_id == called(kept) || it.kept_id.as_deref() == Some(kept.id.as_str())
        })
    }

    /// Finds by name and arguments what our server was told no id of.
    fn pair(&mut self) {
        for nth in 0..self.told.len() {
            let told = &self.told[nth];
            if self.find(&told.tool_call_id).is_some() {
                continue;
            }
            let is_it = |kept: &&FunctionCall| {
                kept.tool_call_id.is_none()
                    && kept.name == told.name
                    && Some(&kept.arguments) == told.arguments.as_ref()
                    && !self.is_told(kept)
            };
            let kept = self.kept.iter().find(is_it);
            self.told[nth].kept_id = kept.map(|kept| kept.id.clone());
        }
    }
}

/// Retell's id of an invocation, else our own.
fn called(kept: &FunctionCall) -> &str {
    kept.tool_call_id.as_deref().unwrap_or(&kept.id)
}

fn row(kept: &FunctionCall) -> String {
    named(called(kept))
}

/// The id of a row that no item of Retell's has.
fn named(invocation: &str) -> String {
    format!("function {invocation}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(id: &str, tool_call_id: Option<&str>, day: u8) -> FunctionCall {
        serde_json::from_value(json!({
            "id": id, "tool_call_id": tool_call_id, "name": "book", "arguments": {"day": day},
            "outcome": "done", "latency_ms": 12, "at": 5_000,
        }))
        .unwrap()
    }

    fn told(id: &str, tool_call_id: &str, day: u8) -> Item {
        serde_json::from_value(json!({
            "id": id, "time_ms": 3_900, "role": "tool_call_invocation",
            "tool_call_id": tool_call_id, "name": "book", "arguments": format!("{{\"day\":{day}}}"),
        }))
        .unwrap()
    }

    fn rows(items: &[Item]) -> Vec<(&str, i64)> {
        items
            .iter()
            .map(|it| (it.id.as_str(), it.time_ms))
            .collect()
    }

    #[test]
    fn a_function_has_one_row_whoever_tells_of_it_first() {
        let mut functions = Functions::default();
        let first = functions.keep(vec![kept("f1", Some("t1"), 1)], 1_000);
        assert_eq!(rows(&first), [("function t1", 4_000)]);
        let then = functions.apply(vec![told("7", "t1", 1)]);
        assert_eq!(rows(&then), [("function t1", 3_900)]);

        let mut functions = Functions::default();
        let first = functions.apply(vec![told("7", "t1", 1)]);
        assert_eq!(rows(&first), [("function t1", 3_900)]);
        assert_eq!(functions.find("t1"), None);
        assert_eq!(functions.keep(vec![kept("f1", Some("t1"), 1)], 1_000), []);
        assert_eq!(functions.find("t1").unwrap().id, "f1");
    }

    #[test]
    fn what_has_no_id_of_retell_s_is_found_by_what_was_asked() {
        let all = || {
            vec![
                kept("f1", None, 1),
                kept("f2", None, 1),
                kept("f3", None, 3),
            ]
        };
        let mut functions = Functions::default();
        assert_eq!(functions.keep(all(), 5_000).len(), 3);
        let then = functions.apply(vec![told("7", "t1", 1), told("8", "t2", 1)]);
        assert_eq!(
            rows(&then),
            [("function f1", 3_900), ("function f2", 3_900)]
        );
        // It keeps its row, though more is told of it.
        let again = functions.apply(vec![told("8", "t2", 1)]);
        assert_eq!(rows(&again), [("function f2", 3_900)]);
        assert_eq!(functions.find("t2").unwrap().id, "f2");

        let mut functions = Functions::default();
        functions.apply(vec![told("7", "t1", 1), told("9", "t4", 4)]);
        let alone = functions.keep(all(), 5_000);
        assert_eq!(rows(&alone), [("function f2", 0), ("function f3", 0)]);
        assert_eq!(functions.find("t4"), None);
    }

    #[test]
    fn what_retell_does_not_tell_of_in_the_end_stays() {
        let mut functions = Functions::default();
        functions.apply(vec![told("7", "t1", 1)]);
        functions.keep(vec![kept("f1", Some("t1"), 1)], 1_000);
        assert_eq!(rows(&functions.snapshot(vec![])), [("function t1", 4_000)]);
    }
}
