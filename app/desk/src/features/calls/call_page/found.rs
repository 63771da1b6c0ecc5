//! Where a call is opened: at the part or the moment its address names, or at the line that has
//! what was looked for among all calls.

use leptos::prelude::*;
use leptos::web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use wasm_bindgen::{JsCast, JsValue};

use super::follow::Call;
use super::recording::Player;
use crate::data::Desk;
use crate::data::call_actions::CallPart;
use crate::kit::icon::{Icon, icon};
use crate::nav;
use crate::words::player::Texts;
use browser::transcript::model::{RowKey, utterance};
use browser::ui::{dom, web};

/// What the moment is called in an address: `?at=1:05`.
pub(super) const AT: &str = "at";
/// What the call list's words are called in an address.
const WORDS: &str = "text";

/// Opens the call there, and leads from one line that was looked for to the next.
#[component]
pub(super) fn Found(desk: Desk, call: Call, player: Player) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let words = desk.filter.with_untracked(|filter| {
        let mut deeper = filter.deeper.iter();
        let text = deeper.find(|(name, _)| *name == WORDS);
        text.map(|(_, text)| text.clone()).unwrap_or_default()
    });
    let wanted = StoredValue::new(folded_words(&fold(&words)));
    let moment = StoredValue::new(nav::asked(AT).and_then(|text| moment_ms(&text)));
    if let Some(ms) = moment.get_value() {
        player.start_at(ms);
    }
    open_part(call);
    let (lines, nth) = (RwSignal::new(Vec::<RowKey>::new()), RwSignal::new(0));
    let show = move |at: usize| {
        nth.set(at);
        if let Some(key) = lines.with_untracked(|lines| lines.get(at).copied()) {
            call.feed.show(key);
            bring_into_sight();
        }
    };
    // The transcript comes with the details, and again when there is more of it.
    Effect::new(move || {
        let has_words = call.detail.with(|detail| {
            let detail = detail.as_ref();
            detail.is_some_and(|detail| !detail.transcript.is_empty())
        });
        if !has_words {
            return;
        }
        // Its rows are drawn by then.
        request_animation_frame(move || {
            let Some(wanted) = wanted.try_get_value() else {
                return;
            };
            let found = best_lines(call, &wanted);
            let is_news = lines.try_with_untracked(|lines| *lines != found) == Some(true);
            if is_news {
                lines.set(found);
            }
            if let Some(ms) = moment.try_update_value(Option::take).flatten() {
                call.feed.mark(Some(ms));
                bring_into_sight();
            } else if is_news && nav::asked(AT).is_none() {
                show(0);
            }
        });
    });
    let total = Memo::new(move |_| lines.with(Vec::len));
    let step = move |by: usize| {
        let total = total.get_untracked();
        if total > 0 {
            show((nth.get_untracked() + by) % total);
        }
    };
    let before = move |_| step(total.get_untracked().saturating_sub(1));
    move || {
        let words = words.clone();
        (total.get() > 0).then(|| {
            view! {
                <div class="sb-found">
                    <p role="status">
                        {move || {
                            let (nth, total) = (nth.get() as i64 + 1, total.get() as i64);
                            texts().found(nth, total, &words)
                        }}
                    </p>
                    <button
                        type="button"
                        class="sb-button sb-button-quiet sb-found-before"
                        aria-label=move || texts().found_before()
                        on:click=before
                    >
                        {icon(Icon::Back)}
                    </button>
                    <button
                        type="button"
                        class="sb-button sb-button-quiet sb-found-next"
                        aria-label=move || texts().found_next()
                        on:click=move |_| step(1)
                    >
                        {icon(Icon::Back)}
                    </button>
                </div>
            }
        })
    }
}

/// Goes to the part of the page that the address names, once it is there.
fn open_part(call: Call) {
    let part = StoredValue::new(CallPart::asked());
    Effect::new(move || {
        if call.detail.with(Option::is_none) {
            return;
        }
        let Some(part) = part.try_update_value(Option::take).flatten() else {
            return;
        };
        // It is drawn by then, and the page's heading has had the focus.
        request_animation_frame(move || {
            let selector = match part {
                CallPart::Recording => ".sb-player-play",
                CallPart::Transcript => ".sb-call-transcript [role=log]",
                CallPart::HandOver => "[data-key=hand_over]",
            };
            let Ok(Some(place)) = document().query_selector(selector) else {
                return;
            };
            dom::focus(&place);
            if let (CallPart::Recording, Some(play)) = (part, place.dyn_ref::<HtmlElement>()) {
                play.click();
            }
        });
    });
}

/// The lines that have the most of these words: those of a search may stand in several.
fn best_lines(call: Call, wanted: &[String]) -> Vec<RowKey> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let has = |row: &browser::transcript::model::Row| {
        utterance(&row.item.kind).map_or(0, |(_, said)| matches(&fold(said), wanted))
    };
    let most = std::cell::Cell::new(1);
    call.feed.find(|row| {
        most.set(most.get().max(has(row)));
        false
    });
    call.feed.find(|row| has(row) == most.get())
}

/// How many of the words a text has; both are folded.
fn matches(said: &str, wanted: &[String]) -> usize {
    let said = folded_words(said);
    wanted.iter().filter(|word| said.contains(word)).count()
}

/// The words of a folded text, each once.
fn folded_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A text without its case and its accents, as the server looks for words.
fn fold(text: &str) -> String {
    let plain = web::call(&JsValue::from_str(text), "normalize", &"NFKD".into());
    let plain = plain.ok().and_then(|plain| plain.as_string());
    plain
        .unwrap_or_else(|| text.to_owned())
        .chars()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .replace('ß', "ss")
}

/// Reads a moment of a call as clocks show it, `1:05` or `1:02:03`, in milliseconds.
fn moment_ms(text: &str) -> Option<i64> {
    let parts = text.split(':').map(|part| part.parse::<u32>().ok());
    let parts = parts.collect::<Option<Vec<_>>>()?;
    if parts.len() > 3 || parts.iter().skip(1).any(|part| *part > 59) {
        return None;
    }
    let seconds = parts
        .iter()
        .fold(0, |sum, part| sum * 60 + i64::from(*part));
    Some(seconds * 1_000)
}

/// Has the page show the marked line, where it does not already.
pub(super) fn bring_into_sight() {
    let marked = document().query_selector(".sb-call-transcript .sb-row[aria-current='true']");
    if let Ok(Some(marked)) = marked {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        marked.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_clocks_show_it() {
        for (text, ms) in [
            ("0:00", Some(0)),
            ("1:05", Some(65_000)),
            ("90:00", Some(5_400_000)),
            ("1:02:03", Some(3_723_000)),
            ("42", Some(42_000)),
            ("1:60", None),
            ("-1:00", None),
            ("1:2:3:4", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(moment_ms(text), ms, "{text:?}");
        }
    }

    #[test]
    fn a_line_has_whole_words() {
        let wanted = folded_words("refund grosse");
        assert_eq!(matches("the refund, in grosse 42", &wanted), 2);
        assert_eq!(matches("refunded", &wanted), 0);
        assert_eq!(matches("a refund a refund", &wanted), 1);
    }
}
