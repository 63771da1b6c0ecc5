//! All calls that pass the filters, as a file: how far it is while it is written, and a way to
//! call it off. What broke off is given to nobody: a file that is given out is whole.

use browser::ui::http::{self, Failure};
use browser::ui::{dom, json, web};
use js_sys::{Array, Uint8Array};
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::{AbortController, AbortSignal, RequestCredentials, RequestInit, Response};
use wasm_bindgen::{JsCast, JsValue};

use crate::data::files::give_out;
use crate::data::{Desk, Errand, Load, Status};
use crate::nav;
use crate::words::Lang;
use crate::words::history::Texts;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Jsonl,
}

impl Format {
    /// What it is called in an address and at the end of a file's name, and its media type.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("csv", "text/csv;charset=utf-8"),
            Self::Jsonl => ("jsonl", "application/jsonl;charset=utf-8"),
        }
    }
}

/// Counts the calls in a file while it comes, however it is cut.
#[derive(Debug)]
struct Counter {
    format: Format,
    lines: i64,
    /// Within a cell, which may have lines of its own.
    quoted: bool,
}

impl Counter {
    fn new(format: Format) -> Self {
        Self {
            format,
            lines: 0,
            quoted: false,
        }
    }

    fn read(&mut self, piece: &[u8]) {
        for byte in piece {
            match (byte, self.format) {
                (b'"', Format::Csv) => self.quoted = !self.quoted,
                (b'\n', _) if !self.quoted => self.lines += 1,
                _ => {}
            }
        }
    }

    /// How many calls; the first line of a table names its columns.
    fn calls(&self) -> i64 {
        match self.format {
            Format::Csv => (self.lines - 1).max(0),
            Format::Jsonl => self.lines,
        }
    }
}

/// Fetches the file and gives it out, and says how many calls it has; `None` when it was called
/// off. It needs no page: who goes elsewhere meanwhile gets it all the same.
async fn fetch(
    address: String,
    format: Format,
    signal: AbortSignal,
    calls: RwSignal<i64>,
) -> Result<Option<i64>, Failure> {
    let (ending, kind) = format.names();
    match read(&address, format, &signal, calls).await {
        Ok((parts, count)) => {
            give_out(&format!("calls.{ending}"), kind, &parts);
            Ok(Some(count))
        }
        Err(_) if signal.aborted() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The pieces of the file once all of them are here, and how many calls they hold.
async fn read(
    address: &str,
    format: Format,
    signal: &AbortSignal,
    calls: RwSignal<i64>,
) -> Result<(Array, i64), Failure> {
    let broke_off = |_: JsValue| Failure::Offline;
    let init = RequestInit::new();
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(Some(signal));
    let sent = web::window().fetch_with_str_and_init(address, &init);
    let response = web::wait(sent).await.map_err(broke_off)?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        let text = web::text(&response).await.unwrap_or_default();
        return Err(http::problem(response.status(), &text));
    }
    let body = json::get(&response, "body");
    let reader = web::call(&body, "getReader", &JsValue::UNDEFINED).map_err(broke_off)?;
    let (parts, mut counter) = (Array::new(), Counter::new(format));
    loop {
        let next = web::call(&reader, "read", &JsValue::UNDEFINED).map_err(broke_off)?;
        let next = web::wait(next.unchecked_into()).await.map_err(broke_off)?;
        if json::boolean(&next, "done") == Some(true) {
            return Ok((parts, counter.calls()));
        }
        let piece = json::get(&next, "value");
        parts.push(&piece);
        counter.read(&Uint8Array::new(&piece).to_vec());
        calls.try_set(counter.calls());
    }
}

/// What failures mean here.
fn in_words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    (*failure == Failure::Offline).then(|| Texts::of(lang).export_broke_off())
}

/// How many calls pass the filters, if the list has all of them.
fn total(desk: Desk) -> Option<i64> {
    let calls = desk.calls;
    let has_all = calls.first.get_untracked() == Load::Done && calls.more.get_untracked().is_none();
    has_all.then(|| calls.read(<[_]>::len) as i64)
}

/// Offers the file.
#[component]
pub(super) fn Export(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let errand = Errand::new();
    // So far, of how many if that is known, and of the last one that was called off or came.
    let (calls, of) = (RwSignal::new(0), RwSignal::new(None::<i64>));
    let ended = RwSignal::new(None::<Option<i64>>);
    let under_way = StoredValue::new_local(None::<AbortController>);
    let (first, cancel) = (
        NodeRef::<html::Button>::new(),
        NodeRef::<html::Button>::new(),
    );
    // The button that has the focus goes away.
    let keep_focus = move || {
        let focused = document().active_element();
        let had = cancel.get_untracked().map(|it| it.unchecked_into()) == focused;
        if let (true, Some(_), Some(first)) = (had, focused, first.get_untracked()) {
            dom::focus(&first);
        }
    };
    let begin = move |format: Format| {
        if untrack(|| errand.is_busy()) {
            return;
        }
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let (ending, _) = format.names();
        let query = desk.filter.with_untracked(nav::query).replacen('?', "&", 1);
        let address = format!("/api/desk/calls/export?format={ending}{query}");
        calls.set(0);
        ended.set(None);
        of.set(total(desk));
        let work = fetch(address, format, controller.signal(), calls);
        under_way.set_value(Some(controller));
        let done = move |count| {
            ended.set(Some(count));
            keep_focus();
        };
        let about = errand.about("");
        about.run_then(desk, work, done, move |_| keep_focus());
    };
    let call_off = move |_| {
        under_way.with_value(|it| it.as_ref().map(AbortController::abort));
    };
    let so_far = move || match of.get() {
        Some(total) => texts().export_so_far_of(calls.get(), total.max(calls.get())),
        None => texts().export_so_far(calls.get()),
    };
    let coming = move || {
        errand.is_busy().then(|| {
            view! {
                <progress
                    max=move || of.get().filter(|total| *total > 0)
                    value=move || of.get().filter(|total| *total > 0).map(|_| calls.get())
                    aria-label=move || texts().export()
                ></progress>
                <p class="sb-hint">{so_far}</p>
                <div class="sb-actions">
                    <button type="button" class="sb-button" node_ref=cancel on:click=call_off>
                        {move || texts().export_cancel()}
                    </button>
                </div>
            }
        })
    };
    let said = move || {
        Some(match ended.get()? {
            Some(count) => texts().export_done(count),
            None => texts().export_cancelled().to_owned(),
        })
    };
    view! {
        <section class="sb-form" aria-labelledby="export-title">
            <h3 id="export-title">{move || texts().export()}</h3>
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button"
                    node_ref=first
                    on:click=move |_| begin(Format::Csv)
                >
                    {move || texts().export_csv()}
                </button>
                <button type="button" class="sb-button" on:click=move |_| begin(Format::Jsonl)>
                    {move || texts().export_jsonl()}
                </button>
            </div>
            {coming}
            <p role="status">{said}</p>
            <Status desk errand done=Signal::stored("") words=in_words as _ />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_wherever_the_file_is_cut_and_lines_of_a_note_are_none() {
        let table = b"\"id\",\"note\"\r\n\"1\",\"a \"\"b\"\"\nc\"\r\n\"2\",\"\"\r\n";
        let objects = b"{\"note\":\"a \\\"b\\nc\"}\n{\"note\":\"\\\"\"}\n";
        for (format, file) in [(Format::Csv, &table[..]), (Format::Jsonl, &objects[..])] {
            for cut in 0..file.len() {
                let mut counter = Counter::new(format);
                let (one, other) = file.split_at(cut);
                counter.read(one);
                assert!(counter.calls() <= 2);
                counter.read(other);
                assert_eq!(counter.calls(), 2, "{format:?} cut at {cut}");
            }
        }
    }
}
