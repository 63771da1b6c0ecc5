//! The phases of a call that is over on one line of time: who spoke, how long the agent thought
//! before it did, and what its functions took; and the same as a table.

use std::collections::HashMap;

use api::live::{Item, ItemKind};
use leptos::prelude::*;

use super::follow::Call;
use crate::data::Desk;
use crate::kit::{Cell, Table};
use crate::words::format;
use crate::words::phases::Texts;
use browser::ui::time;

/// What the agent did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Doing {
    /// The caller spoke.
    Listening,
    /// Nobody did, until the agent answered.
    Thinking,
    /// It spoke.
    Speaking,
    /// It waited for one of its functions.
    Function,
}

impl Doing {
    const ALL: [Self; 4] = [
        Self::Listening,
        Self::Thinking,
        Self::Speaking,
        Self::Function,
    ];

    fn name(self, texts: Texts) -> &'static str {
        match self {
            Self::Listening => texts.listening(),
            Self::Thinking => texts.thinking(),
            Self::Speaking => texts.speaking(),
            Self::Function => texts.function(),
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Listening => "sb-phase sb-phase-listening",
            Self::Thinking => "sb-phase sb-phase-thinking",
            Self::Speaking => "sb-phase sb-phase-speaking",
            Self::Function => "sb-phase sb-phase-function",
        }
    }
}

/// A phase of a call (ms from its start).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phase {
    doing: Doing,
    from: i64,
    to: i64,
    /// Of a function: what it is called.
    function: String,
}

impl Phase {
    fn of(doing: Doing, from: i64, to: i64) -> Self {
        Self {
            doing,
            from,
            to,
            function: String::new(),
        }
    }

    fn lasts(&self) -> i64 {
        self.to - self.from
    }
}

/// The phases of what was said and done, the earliest first. What was said without its times
/// has none.
fn phases(items: &[Item]) -> Vec<Phase> {
    let mut all = Vec::new();
    let mut asked = HashMap::new();
    for item in items {
        match &item.kind {
            ItemKind::Agent { .. } => all.extend(spoken(Doing::Speaking, item)),
            ItemKind::User { .. } => all.extend(spoken(Doing::Listening, item)),
            ItemKind::ToolCallInvocation {
                tool_call_id, name, ..
            } => drop(asked.insert(tool_call_id, (item.time_ms, name))),
            ItemKind::ToolCallResult { tool_call_id, .. } => {
                if let Some((from, name)) = asked.remove(tool_call_id)
                    && item.time_ms > from
                {
                    all.push(Phase {
                        function: name.clone(),
                        ..Phase::of(Doing::Function, from, item.time_ms)
                    });
                }
            }
            _ => {}
        }
    }
    all.sort_by_key(|it| (it.from, it.to));
    let mut spoken = all.iter().filter(|it| it.doing != Doing::Function);
    let mut thought = Vec::new();
    let mut before = spoken.next();
    for phase in spoken {
        if let Some(before) = before
            && (before.doing, phase.doing) == (Doing::Listening, Doing::Speaking)
            && phase.from > before.to
        {
            thought.push(Phase::of(Doing::Thinking, before.to, phase.from));
        }
        before = Some(phase);
    }
    all.extend(thought);
    all.sort_by_key(|it| (it.from, it.to));
    all
}

fn spoken(doing: Doing, item: &Item) -> Option<Phase> {
    let (first, last) = (item.words.first()?, item.words.last()?);
    (last.end_ms > first.start_ms).then(|| Phase::of(doing, first.start_ms, last.end_ms))
}

/// How long the agent did each (ms), of those it did.
fn sums(phases: &[Phase]) -> Vec<(Doing, i64)> {
    let sum = |doing| {
        let those = phases.iter().filter(|it| it.doing == doing);
        those.map(Phase::lasts).sum()
    };
    let all = Doing::ALL.map(|doing| (doing, sum(doing)));
    all.into_iter().filter(|(_, ms)| *ms > 0).collect()
}

/// The line, what it adds up to, and the table.
#[component]
pub(super) fn Phases(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let all = Memo::new(move |_| {
        if call.status.get().is_live() {
            return Vec::new();
        }
        call.detail.with(|detail| {
            let items = detail.as_ref().map(|detail| detail.transcript.as_slice());
            phases(items.unwrap_or_default())
        })
    });
    let is_open = RwSignal::new(false);
    // A long call has thousands: they are drawn for who asks for them.
    let toggled = move |_| is_open.set(true);
    let ms = move |ms: i64| format::milliseconds(ms as f64, desk.lang.get());
    let line = move || {
        let all = all.get();
        let whole = all.iter().map(|it| it.to).max().unwrap_or_default().max(1) as f64;
        let draw = move |phase: &Phase| {
            let share = |ms: i64| format!("{:.3}%", ms as f64 / whole * 100.0);
            view! {
                <span
                    class=phase.doing.class()
                    style=("--from", share(phase.from))
                    style=("--lasts", share(phase.lasts()))
                ></span>
            }
        };
        all.iter().map(draw).collect_view()
    };
    let legend = move || {
        let draw = |(doing, sum): (Doing, i64)| {
            view! {
                <li>
                    <span class=doing.class() aria-hidden="true"></span>
                    {move || doing.name(texts())}
                    " "
                    <strong class="sb-figure">{move || ms(sum)}</strong>
                </li>
            }
        };
        all.with(|all| sums(all))
            .into_iter()
            .map(draw)
            .collect_view()
    };
    let rows = move || {
        let row = |phase: Phase| {
            let (from, lasts) = (time::duration(phase.from), phase.lasts());
            let (doing, function) = (phase.doing, phase.function);
            view! {
                <tr role="row">
                    <Cell column=Signal::derive(move || texts().since())>{from}</Cell>
                    <Cell column=Signal::derive(move || texts().phase())>
                        {move || doing.name(texts())} " " <code>{function}</code>
                    </Cell>
                    <Cell column=Signal::derive(move || texts().lasted()) number=true>{move || ms(lasts)}</Cell>
                </tr>
            }
        };
        all.get().into_iter().map(row).collect_view()
    };
    let columns = move || vec![texts().since(), texts().phase(), texts().lasted()];
    let some = Memo::new(move |_| all.with(|all| !all.is_empty()));
    move || {
        some.get().then(|| {
            view! {
                <section class="sb-card" aria-labelledby="phases-title">
                    <h2 id="phases-title">{move || texts().title()}</h2>
                    <div class="sb-phases" aria-hidden="true">{line}</div>
                    <ul class="sb-phases-sums" role="list">{legend}</ul>
                    <details class="sb-phases-each" on:toggle=toggled>
                        <summary>{move || texts().each()}</summary>
                        {move || {
                            is_open.get().then(|| {
                                view! {
                                    <Table
                                        label=Signal::derive(move || texts().title())
                                        columns=Signal::derive(columns)
                                        numbers=&[2]
                                    >
                                        {rows}
                                    </Table>
                                }
                            })
                        }}
                    </details>
                </section>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn said(role: &str, from: i64, to: i64) -> Item {
        let words = json!([{"word": "so", "start_ms": from, "end_ms": to}]);
        let item = json!({"id": format!("{role} {from}"), "time_ms": from, "role": role,
            "content": "so", "words": words});
        from_value(item).unwrap()
    }

    #[test]
    fn the_agent_thinks_from_the_callers_last_word_to_its_first() {
        let mut items = vec![
            said("agent", 0, 900),
            said("user", 1_500, 2_000),
            said("agent", 2_800, 4_000),
            said("agent", 4_500, 5_000),
            // Whom it interrupts, it does not think about.
            said("user", 6_000, 7_000),
            said("agent", 6_900, 8_000),
        ];
        let call = json!({"id": "t", "time_ms": 2_100, "role": "tool_call_invocation",
            "tool_call_id": "1", "name": "find", "arguments": "{}"});
        let result = json!({"id": "r", "time_ms": 2_500, "role": "tool_call_result",
            "tool_call_id": "1", "content": "{}"});
        items.push(from_value(call).unwrap());
        items.push(from_value(result).unwrap());
        let all = phases(&items);
        let of = |doing| {
            let those = all.iter().filter(move |it| it.doing == doing);
            those.map(|it| (it.from, it.to)).collect::<Vec<_>>()
        };
        assert_eq!(of(Doing::Thinking), [(2_000, 2_800)]);
        assert_eq!(of(Doing::Function), [(2_100, 2_500)]);
        assert_eq!(of(Doing::Listening), [(1_500, 2_000), (6_000, 7_000)]);
        assert!(all.is_sorted_by_key(|it| it.from));
        let expected = [
            (Doing::Listening, 1_500),
            (Doing::Thinking, 800),
            (Doing::Speaking, 3_700),
            (Doing::Function, 400),
        ];
        assert_eq!(sums(&all), expected);
    }

    #[test]
    fn what_has_no_times_has_no_phases() {
        let item = json!({"id": "a", "time_ms": 1, "role": "agent", "content": "Hi"});
        assert_eq!(phases(&[from_value(item).unwrap()]), []);
    }
}
