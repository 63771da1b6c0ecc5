//! Rows only staff see: tool calls with their results, node transitions, and
//! context given to the agent from outside.

use api::functions::{FunctionCall, FunctionOutcome};
use api::live::ItemKind;
use web_sys::{Element, Text};

use super::feed::Feed;
use super::spoken;
use crate::words::staff_rows::Texts;
use crate::words::{Lang, format};
use browser::transcript::board::{DrawOther, RowView};
use browser::transcript::model::{Row, tool_call_id};
use browser::transcript::texts::TranscriptTexts;
use browser::ui::{dom, json};

/// Draws staff-only rows in a language, and with `seek_label`, which a click on a time does,
/// the words of what can be heard again.
#[must_use]
pub fn drawing(
    lang: Lang,
    transcript: TranscriptTexts,
    seek_label: Option<&'static str>,
    feed: Feed,
) -> DrawOther {
    let texts = Texts::of(lang);
    Box::new(move |row| match &row.item.kind {
        ItemKind::ToolCallInvocation { name, .. } => {
            Some(Box::new(ToolCall::new(row, name, lang, feed)))
        }
        ItemKind::ToolCallResult { .. } => {
            Some(Box::new(ToolCall::new(row, texts.result(), lang, feed)))
        }
        ItemKind::NodeTransition { .. } | ItemKind::Injected { .. } => {
            Some(Box::new(Note::new(row, texts)))
        }
        _ => spoken::draw(row, &transcript, seek_label?),
    })
}

/// A function the agent called, its arguments and what it answered; of ours, also what became
/// of it and how long it took. A result that came before its invocation is drawn the same way,
/// without arguments.
struct ToolCall {
    element: Element,
    outcome: Element,
    took: Text,
    arguments: Text,
    result: Text,
    lang: Lang,
    feed: Feed,
}

impl ToolCall {
    fn new(row: &Row, name: &str, lang: Lang, feed: Feed) -> Self {
        let texts = Texts::of(lang);
        let element = dom::element("li", "sb-row sb-row-tool");
        let details = dom::child(&element, "details", "");
        let summary = dom::child(&details, "summary", "");
        dom::text(
            &dom::child(&summary, "span", "sb-row-lead"),
            texts.tool_call(),
        );
        dom::text(&summary, " ");
        dom::text(&dom::child(&summary, "code", ""), name);
        dom::text(&summary, " ");
        let outcome = dom::child(&summary, "span", "sb-chip");
        dom::text(&summary, " ");
        let took = dom::text(&dom::child(&summary, "span", "sb-row-took"), "");
        let block = |label| {
            dom::text(&dom::child(&details, "p", "sb-row-label"), label);
            dom::text(&dom::child(&details, "pre", ""), "")
        };
        let (arguments, result) = (block(texts.arguments()), block(texts.result()));
        let mut view = Self {
            element,
            outcome,
            took,
            arguments,
            result,
            lang,
            feed,
        };
        view.update(row);
        view
    }

    fn show(&self, (class, word): (&str, &str), took: &str, arguments: &str, result: &str) {
        self.outcome.set_class_name(class);
        self.outcome.set_text_content(Some(word));
        self.took.set_node_value(Some(took));
        self.arguments.set_node_value(Some(arguments));
        self.result.set_node_value(Some(result));
    }

    /// As our server kept it.
    fn show_kept(&self, kept: &FunctionCall) {
        let written = serde_json::to_string_pretty(&kept.arguments).unwrap_or_default();
        let answer = kept.answer.as_ref();
        let answer = answer.and_then(|answer| serde_json::to_string_pretty(answer).ok());
        let took = kept.latency_ms;
        let took = took.map(|ms| format::milliseconds(ms as f64, self.lang));
        self.show(
            outcome(kept.outcome, Texts::of(self.lang)),
            &took.unwrap_or_default(),
            &written,
            answer.as_deref().unwrap_or(NOTHING),
        );
    }
}

/// What became of one of our functions: the chip's class, and its word.
fn outcome(outcome: FunctionOutcome, texts: Texts) -> (&'static str, &'static str) {
    match outcome {
        FunctionOutcome::Running => ("sb-chip sb-chip-accent", texts.running()),
        FunctionOutcome::Done => ("sb-chip sb-chip-good", texts.succeeded()),
        FunctionOutcome::Refused => ("sb-chip sb-chip-warn", texts.refused()),
        FunctionOutcome::Failed => ("sb-chip sb-chip-bad", texts.failed()),
        FunctionOutcome::Late => ("sb-chip sb-chip-bad", texts.late()),
        FunctionOutcome::Unknown => ("sb-chip", "–"),
    }
}

impl RowView for ToolCall {
    fn element(&self) -> &Element {
        &self.element
    }

    fn update(&mut self, row: &Row) {
        if let Some(kept) = tool_call_id(&row.item.kind).and_then(|id| self.feed.kept(id)) {
            return self.show_kept(&kept);
        }
        let texts = Texts::of(self.lang);
        let arguments = match &row.item.kind {
            ItemKind::ToolCallInvocation { arguments, .. } => pretty(arguments),
            _ => NOTHING.to_owned(),
        };
        let result = row.result.as_ref().unwrap_or(&row.item);
        let (chip, result) = match &result.kind {
            ItemKind::ToolCallResult {
                successful,
                content,
                ..
            } => {
                let chip = match successful {
                    Some(true) => ("sb-chip sb-chip-good", texts.succeeded()),
                    Some(false) => ("sb-chip sb-chip-bad", texts.failed()),
                    None => ("sb-chip", texts.answered()),
                };
                (chip, pretty(content))
            }
            _ => (("sb-chip", texts.pending()), NOTHING.to_owned()),
        };
        self.show(chip, "", &arguments, &result);
    }
}

/// A line about what happened behind the conversation.
struct Note {
    element: Element,
    texts: Texts,
}

impl Note {
    fn new(row: &Row, texts: Texts) -> Self {
        let element = dom::element("li", "sb-row sb-row-note");
        let mut view = Self { element, texts };
        view.update(row);
        view
    }
}

impl RowView for Note {
    fn element(&self) -> &Element {
        &self.element
    }

    fn update(&mut self, row: &Row) {
        let part = |tag, words: &str| {
            dom::text(&dom::child(&self.element, tag, ""), words);
            dom::text(&self.element, " ");
        };
        self.element.set_text_content(None);
        match &row.item.kind {
            ItemKind::NodeTransition { from, to } => {
                part("span", self.texts.transition());
                if let Some(from) = from {
                    part("span", from);
                    part("span", "→");
                }
                part("strong", to.as_deref().unwrap_or(NOTHING));
            }
            ItemKind::Injected { content } => {
                part("span", self.texts.injected());
                part("strong", content);
            }
            _ => {}
        }
    }
}

/// Stands where there is nothing.
const NOTHING: &str = "–";

/// JSON with line breaks; anything else as it is.
fn pretty(text: &str) -> String {
    json::parse(text)
        .filter(|value| value.is_object())
        .and_then(|value| json::stringify_indented(&value))
        .unwrap_or_else(|| text.to_owned())
}
