//! How rows look: what was said, pressed and texted.

use api::live::ItemKind;
use web_sys::{Element, Text};

use crate::transcript::model::{Row, Speaker, utterance};
use crate::transcript::texts::TranscriptTexts;
use crate::ui::{dom, time};

/// A row on the page.
pub trait RowView {
    /// Its element.
    fn element(&self) -> &Element;
    /// Its item changed, or its result came.
    fn update(&mut self, row: &Row);
    /// It is heard at this time of the call (ms); with none, no longer.
    fn hear(&self, _time_ms: Option<i64>) {}
}

/// Draws rows of a kind of its own; `None` leaves a row to the transcript.
pub type DrawOther = Box<dyn Fn(&Row) -> Option<Box<dyn RowView>>>;

/// A row whose text may change: an utterance, or a line about what happened.
struct Line {
    element: Element,
    words: Text,
}

impl RowView for Line {
    fn element(&self) -> &Element {
        &self.element
    }

    fn update(&mut self, row: &Row) {
        self.words.set_node_value(Some(words(&row.item.kind)));
    }
}

/// Draws any row visitors may see.
pub(super) fn draw(
    row: &Row,
    texts: &TranscriptTexts,
    seek_label: Option<&str>,
) -> Box<dyn RowView> {
    let kind = &row.item.kind;
    let (element, place) = match utterance(kind) {
        Some((speaker, _)) => spoken(row, speaker, texts, seek_label),
        None => {
            let element = dom::element("li", class(kind));
            let lead = match kind {
                ItemKind::Dtmf { .. } => texts.key_pressed,
                ItemKind::Sms { .. } => texts.text_message,
                _ => "",
            };
            dom::text(&element, lead);
            dom::text(&element, " ");
            let place = dom::child(&element, "span", "sb-row-value");
            (element, place)
        }
    };
    let words = dom::text(&place, words(kind));
    Box::new(Line { element, words })
}

/// Draws an utterance but for its words; gives the row, and where the words go.
pub fn spoken(
    row: &Row,
    speaker: Speaker,
    texts: &TranscriptTexts,
    seek_label: Option<&str>,
) -> (Element, Element) {
    let element = dom::element("li", class(&row.item.kind));
    let head = dom::child(&element, "p", "sb-row-head");
    dom::text(
        &dom::child(&head, "span", "sb-row-name"),
        texts.speaker(speaker),
    );
    dom::text(&head, " ");
    moment(&head, row.item.time_ms, seek_label);
    let place = dom::child(&element, "p", "sb-row-text");
    (element, place)
}

fn class(kind: &ItemKind) -> &'static str {
    match utterance(kind) {
        Some((Speaker::Agent, _)) => "sb-row sb-row-agent",
        Some((Speaker::User, _)) => "sb-row sb-row-user",
        Some((Speaker::TransferTarget, _)) => "sb-row sb-row-other",
        None => "sb-row sb-row-note",
    }
}

fn words(kind: &ItemKind) -> &str {
    match kind {
        ItemKind::Agent { content }
        | ItemKind::User { content }
        | ItemKind::TransferTarget { content }
        | ItemKind::Sms { content }
        | ItemKind::Injected { content }
        | ItemKind::ToolCallResult { content, .. } => content,
        ItemKind::Dtmf { digit } => digit,
        ItemKind::ToolCallInvocation { name, .. } => name,
        ItemKind::NodeTransition { to, .. } => to.as_deref().unwrap_or_default(),
        ItemKind::Unknown => "",
    }
}

/// A row's time, as a button when the recording can be played from there.
fn moment(parent: &Element, time_ms: i64, seek_label: Option<&str>) {
    let tag = if seek_label.is_some() {
        "button"
    } else {
        "span"
    };
    let element = dom::child(parent, tag, "sb-row-time");
    let text = time::duration(time_ms);
    if let Some(label) = seek_label {
        dom::attribute(&element, "type", "button");
        dom::attribute(&element, "data-ms", &time_ms.to_string());
        let label = [label, &text].join(" ");
        dom::attribute(&element, "aria-label", &label);
    }
    dom::text(&element, &text);
}
