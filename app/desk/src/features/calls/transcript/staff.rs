//! Rows only staff see: tool calls with their results, node transitions, and
//! context given to the agent from outside.

use api::live::ItemKind;
use web_sys::{Element, Text};

use super::spoken;
use crate::words::Lang;
use crate::words::staff_rows::Texts;
use browser::transcript::board::{DrawOther, RowView};
use browser::transcript::model::Row;
use browser::transcript::texts::TranscriptTexts;
use browser::ui::{dom, json};

/// Draws staff-only rows in a language, and with `seek_label`, which a click on a time does,
/// the words of what can be heard again.
#[must_use]
pub fn drawing(
    lang: Lang,
    transcript: TranscriptTexts,
    seek_label: Option<&'static str>,
) -> DrawOther {
    let texts = Texts::of(lang);
    Box::new(move |row| match &row.item.kind {
        ItemKind::ToolCallInvocation { name, .. } => {
            Some(Box::new(ToolCall::new(row, name, texts)))
        }
        ItemKind::ToolCallResult { .. } => {
            Some(Box::new(ToolCall::new(row, texts.result(), texts)))
        }
        ItemKind::NodeTransition { .. } | ItemKind::Injected { .. } => {
            Some(Box::new(Note::new(row, texts)))
        }
        _ => spoken::draw(row, &transcript, seek_label?),
    })
}

/// A function the agent called, its arguments and what it answered. A result
/// that came before its invocation is drawn the same way, without arguments.
struct ToolCall {
    element: Element,
    outcome: Element,
    arguments: Text,
    result: Text,
    texts: Texts,
}

impl ToolCall {
    fn new(row: &Row, name: &str, texts: Texts) -> Self {
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
        let block = |label| {
            dom::text(&dom::child(&details, "p", "sb-row-label"), label);
            dom::text(&dom::child(&details, "pre", ""), "")
        };
        let (arguments, result) = (block(texts.arguments()), block(texts.result()));
        let mut view = Self {
            element,
            outcome,
            arguments,
            result,
            texts,
        };
        view.update(row);
        view
    }
}

impl RowView for ToolCall {
    fn element(&self) -> &Element {
        &self.element
    }

    fn update(&mut self, row: &Row) {
        let arguments = match &row.item.kind {
            ItemKind::ToolCallInvocation { arguments, .. } => pretty(arguments),
            _ => NOTHING.to_owned(),
        };
        let result = row.result.as_ref().unwrap_or(&row.item);
        let (class, word, result) = match &result.kind {
            ItemKind::ToolCallResult {
                successful,
                content,
                ..
            } => {
                let (class, word) = match successful {
                    Some(true) => ("sb-chip sb-chip-good", self.texts.succeeded()),
                    Some(false) => ("sb-chip sb-chip-bad", self.texts.failed()),
                    None => ("sb-chip", self.texts.answered()),
                };
                (class, word, pretty(content))
            }
            _ => ("sb-chip", self.texts.pending(), NOTHING.to_owned()),
        };
        self.outcome.set_class_name(class);
        self.outcome.set_text_content(Some(word));
        self.arguments.set_node_value(Some(&arguments));
        self.result.set_node_value(Some(&result));
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
