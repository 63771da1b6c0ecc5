//! Rows only staff see: tool calls with their results, node transitions, and
//! context given to the agent from outside.

mod texts;

use api::live::ItemKind;
use leptos::prelude::*;

use super::model::Row;
use crate::ui::i18n::Lang;
use crate::ui::icon::{Icon, icon};
use crate::ui::json;
pub use texts::StaffTexts;

/// Draws a staff-only row in the language of the context's `RwSignal<Lang>`;
/// `None` for a row visitors see as well.
#[must_use]
pub fn draw(row: RwSignal<Row>) -> Option<AnyView> {
    let lang =
        use_context::<RwSignal<Lang>>().map_or_else(Lang::default, |lang| lang.get_untracked());
    let texts = StaffTexts::of(lang);
    match row.get_untracked().item.kind {
        ItemKind::ToolCallInvocation { name, .. } => Some(tool_call(row, name, texts)),
        ItemKind::ToolCallResult { content, .. } => Some(orphan(&content, texts)),
        ItemKind::NodeTransition { from, to } => Some(transition(from, to, texts)),
        ItemKind::Injected { content } => Some(
            view! {
                <li class="sb-row sb-row-note">
                    {texts.injected} " " <span class="sb-row-value">{content}</span>
                </li>
            }
            .into_any(),
        ),
        _ => None,
    }
}

/// How a tool call stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Pending,
    Succeeded,
    Failed,
    /// It answered, and nobody says whether well.
    Answered,
}

fn outcome(row: &Row) -> Outcome {
    match row.result.as_ref().map(|result| &result.kind) {
        Some(ItemKind::ToolCallResult { successful, .. }) => match successful {
            Some(true) => Outcome::Succeeded,
            Some(false) => Outcome::Failed,
            None => Outcome::Answered,
        },
        _ => Outcome::Pending,
    }
}

fn tool_call(row: RwSignal<Row>, name: String, texts: &'static StaffTexts) -> AnyView {
    let standing = Memo::new(move |_| row.with(outcome));
    let word = move || match standing.get() {
        Outcome::Pending => texts.pending,
        Outcome::Succeeded => texts.succeeded,
        Outcome::Failed => texts.failed,
        Outcome::Answered => texts.answered,
    };
    let class = move || match standing.get() {
        Outcome::Pending | Outcome::Answered => "sb-chip",
        Outcome::Succeeded => "sb-chip sb-chip-good",
        Outcome::Failed => "sb-chip sb-chip-bad",
    };
    let arguments = move || {
        row.with(|row| match &row.item.kind {
            ItemKind::ToolCallInvocation { arguments, .. } => pretty(arguments),
            _ => String::new(),
        })
    };
    let result = move || {
        row.with(|row| match row.result.as_ref().map(|result| &result.kind) {
            Some(ItemKind::ToolCallResult { content, .. }) => pretty(content),
            _ => "–".to_owned(),
        })
    };
    view! {
        <li class="sb-row sb-row-tool">
            <details>
                <summary>
                    {icon(Icon::Tool)} <span class="sb-hidden">{texts.tool_call} " "</span>
                    <code>{name}</code> " " <span class=class>{word}</span>
                </summary>
                <p class="sb-row-label">{texts.arguments}</p>
                <pre>{arguments}</pre>
                <p class="sb-row-label">{texts.result}</p>
                <pre>{result}</pre>
            </details>
        </li>
    }
    .into_any()
}

/// A result whose invocation has not arrived.
fn orphan(content: &str, texts: &'static StaffTexts) -> AnyView {
    view! {
        <li class="sb-row sb-row-tool">
            <details>
                <summary>{icon(Icon::Tool)} " " {texts.result}</summary>
                <pre>{pretty(content)}</pre>
            </details>
        </li>
    }
    .into_any()
}

fn transition(from: Option<String>, to: Option<String>, texts: &'static StaffTexts) -> AnyView {
    view! {
        <li class="sb-row sb-row-note sb-row-step">
            <span class="sb-hidden">{texts.transition} " "</span>
            {from}
            " "
            {icon(Icon::Step)}
            " "
            <strong>{to}</strong>
        </li>
    }
    .into_any()
}

/// JSON with line breaks; anything else as it is.
fn pretty(text: &str) -> String {
    json::parse(text)
        .filter(|value| value.is_object())
        .and_then(|value| json::stringify_indented(&value))
        .unwrap_or_else(|| text.to_owned())
}
