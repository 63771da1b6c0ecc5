//! Something a person asked the server to do, and what became of it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use api::problem::slug;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Desk, Standing, is_signed_out};
use crate::kit::Refused;
use crate::kit::icon::{Icon, icon};
use crate::unsaved::Form;
use crate::words::Lang;
use crate::words::kit::Texts;
use browser::ui::dom;
use browser::ui::http::Failure;
use browser::ui::web::Listener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlButtonElement, HtmlElement};

/// Says what a failure means here; `None` leaves it to the common words.
pub(crate) type Words = fn(&Failure, Lang) -> Option<&'static str>;

/// How an errand ended.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Done,
    /// What it was about, why it failed, and the id of the field where that is said.
    Failed(String, Failure, Option<String>),
}

/// One thing at a time; what is asked meanwhile waits for its turn. A handle of signals: copy
/// it freely.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Errand {
    /// What is under way, and what waits, by what it is about.
    doing: RwSignal<Vec<String>>,
    outcome: RwSignal<Option<Outcome>>,
    /// The things that say themselves what failed of them, see [`RowStatus`].
    rows: RwSignal<Vec<String>>,
    waiting: StoredValue<Queue, LocalStorage>,
    /// The form it saves, see [`guard`].
    form: StoredValue<Form, LocalStorage>,
    /// The form's button, and whether it was pressed while the last one was under way.
    again: StoredValue<(Option<HtmlButtonElement>, bool), LocalStorage>,
}

/// What is under way, and what waits, each taken when it begins. It outlives the page: what
/// somebody asked for is done, though they have gone elsewhere.
type Queue = Rc<RefCell<VecDeque<Option<Box<dyn FnOnce()>>>>>;

/// A request, and what is done once it has succeeded.
type Work = Pin<Box<dyn Future<Output = Result<Box<dyn FnOnce()>, Failure>>>>;

impl Errand {
    /// Nothing was asked yet.
    pub(crate) fn new() -> Self {
        Self {
            doing: RwSignal::new(Vec::new()),
            outcome: RwSignal::new(None),
            rows: RwSignal::new(Vec::new()),
            waiting: StoredValue::new_local(Queue::default()),
            form: StoredValue::new_local(Form::new()),
            again: StoredValue::new_local((None, false)),
        }
    }

    /// One that waits for what was asked of another one before: what is tried out is what was
    /// saved.
    pub(crate) fn in_line_with(other: Self) -> Self {
        let errand = Self::new();
        errand.waiting.set_value(other.waiting.get_value());
        errand
    }

    /// Whether the answer is on its way.
    pub(crate) fn is_busy(self) -> bool {
        self.doing.with(|doing| !doing.is_empty())
    }

    /// Whether the answer about this one is, see [`Errand::about`].
    pub(crate) fn is_doing(self, what: &str) -> bool {
        self.doing.with(|doing| doing.iter().any(|it| it == what))
    }

    /// Whether something was typed into its form that is not saved.
    pub(crate) fn is_unsaved(self) -> bool {
        self.form.try_with_value(Form::is_unsaved) == Some(true)
    }

    /// What was typed into its form is not asked about any more.
    pub(crate) fn give_up(self) {
        self.form.try_with_value(|form| form.set(false));
    }

    /// Where in its form that stands which the server did not take. The id of a field ends with
    /// the name that it has on the wire.
    fn field(self, failure: &Failure) -> Option<HtmlElement> {
        let Failure::Problem { field, .. } = failure else {
            return None;
        };
        let name = field.rsplit('.').next().filter(|name| !name.is_empty())?;
        let name = name.replace('_', "-");
        let button = self.again.try_with_value(|(button, _)| button.clone());
        let form = button??.closest("form").ok()??;
        let wanted = format!(":is(input,select,textarea):is([id='{name}'],[id$='-{name}'])");
        let field: HtmlElement = form.query_selector(&wanted).ok()??.dyn_into().ok()?;
        // One that is folded away says nothing.
        (field.offset_width() > 0).then_some(field)
    }

    /// The field that was not taken, and what it says.
    fn refused(self, desk: Desk, words: Option<Words>) -> Option<(String, &'static str)> {
        let Some(Outcome::Failed(_, failure, Some(id))) = self.outcome.get() else {
            return None;
        };
        // What is said of any value that is wrong does not say more of one that is known.
        let is_any = matches!(&failure, Failure::Problem { slug, .. }
            if [slug::VALUE_INVALID, slug::BODY_INVALID].contains(&slug.as_str()));
        let words = words.filter(|_| !is_any);
        Some((id, in_words(desk, words, &failure)))
    }

    /// What is typed anew may be right.
    fn typed_at(self, event: &JsValue) {
        let event: Option<&Event> = event.dyn_ref();
        let field = event.and_then(Event::target);
        let field: Option<Element> = field.and_then(|it| it.dyn_into().ok());
        let is_refused = self.outcome.with_untracked(|it| match (it, field) {
            (Some(Outcome::Failed(_, _, Some(id))), Some(field)) => *id == field.id(),
            _ => false,
        });
        if is_refused {
            self.forget();
        }
    }

    /// Forgets what became of the last one.
    pub(crate) fn forget(self) {
        self.outcome.set(None);
    }

    /// The errand about one of the many things it serves: a row of a list, and what is to
    /// become of it.
    pub(crate) fn about(self, what: impl Into<String>) -> About {
        About {
            errand: self,
            what: what.into(),
        }
    }

    /// Does it, and calls `done` when it succeeded and the page is still open. Pressed again
    /// while it is under way it is the same errand, not a second one, unless something was typed
    /// since: that is saved after it.
    pub(crate) fn run<T: 'static>(
        self,
        desk: Desk,
        work: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.about("").run(desk, work, done);
    }

    /// Begins this, now or when it is its turn; nothing when the same is to be done already.
    fn ask(self, queue: &Queue, about: String, begin: Box<dyn FnOnce()>) {
        let doing = self.doing.try_get_untracked().unwrap_or_default();
        if doing.contains(&about) {
            self.again.try_update_value(|again| again.1 = true);
            return;
        }
        if doing.is_empty() {
            self.outcome.try_set(None);
        }
        self.doing.try_update(|doing| doing.push(about));
        queue.borrow_mut().push_back(Some(begin));
        if queue.borrow().len() == 1 {
            begin_first(queue);
        }
    }

    /// Saves what was typed while something was saved, if that was asked for.
    fn press_again(self, typed: bool) {
        let again = self.again.try_update_value(|(button, again)| {
            let is_asked = std::mem::take(again) & typed;
            button.clone().filter(|_| is_asked)
        });
        if let Some(button) = again.flatten() {
            button.click();
        }
    }

    /// What was under way is over; gives `false` when the page is gone.
    fn end(self, queue: &Queue) -> bool {
        queue.borrow_mut().pop_front();
        self.doing
            .try_update(|doing| drop(doing.remove(0)))
            .is_some()
    }
}

/// Begins what is at the head of the line.
fn begin_first(queue: &Queue) {
    let first = queue.borrow_mut().front_mut().and_then(Option::take);
    if let Some(begin) = first {
        begin();
    }
}

/// An [`Errand`] about one of several things.
#[derive(Debug)]
pub(crate) struct About {
    errand: Errand,
    what: String,
}

impl About {
    /// Does it when it is its turn, and calls `done` when it succeeded and the page is still
    /// open.
    pub(crate) fn run<T: 'static>(
        self,
        desk: Desk,
        work: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.run_then(desk, work, done, |_| {});
    }

    /// The same, and calls `failed` when it did not succeed.
    pub(crate) fn run_then<T: 'static>(
        self,
        desk: Desk,
        work: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
        failed: impl FnOnce(&Failure) + 'static,
    ) {
        // What is done with an answer differs; all around it is there once.
        let work = Box::pin(async move {
            let value = work.await?;
            Ok(Box::new(move || done(value)) as Box<dyn FnOnce()>)
        });
        self.go(desk, work, Box::new(failed));
    }

    fn go(self, desk: Desk, work: Work, failed: Box<dyn FnOnce(&Failure)>) {
        let errand = self.errand;
        let Some(queue) = errand.waiting.try_get_value() else {
            return;
        };
        let asked = Rc::clone(&queue);
        let what = self.what.clone();
        let begin = move || {
            errand.form.try_with_value(Form::begin);
            spawn_local(async move {
                let answer = work.await;
                let is_here = errand.end(&asked);
                // Before anything is done with the answer: perhaps that leaves the page.
                let saved = answer.is_ok();
                let typed = errand.form.try_with_value(|form| form.end(saved)) == Some(true);
                match answer {
                    Ok(done) if is_here => {
                        // That another of them failed is still to be read.
                        errand.outcome.update(|it| {
                            it.get_or_insert(Outcome::Done);
                        });
                        done();
                        errand.press_again(typed);
                    }
                    Ok(_) => {}
                    Err(failure) => {
                        desk.failed_by(&failure);
                        let is_signed_out = is_signed_out(&failure);
                        if is_here {
                            let field = errand.field(&failure);
                            let id = field.as_ref().map(|it| it.id());
                            let outcome = Outcome::Failed(what, failure.clone(), id);
                            errand.outcome.set(Some(outcome));
                            if let Some(field) = field {
                                // Once it says so.
                                request_animation_frame(move || dom::focus(&field));
                            }
                            failed(&failure);
                        } else {
                            desk.not_done.set(Some(failure));
                        }
                        if is_signed_out {
                            desk.become_(Standing::SignedOut);
                        }
                    }
                }
                begin_first(&asked);
            });
        };
        errand.ask(&queue, self.what, Box::new(begin));
    }
}

/// Says how an errand ended, to screen readers too. What is wrong with one field of its form is said
/// there.
#[component]
pub(crate) fn Status(
    desk: Desk,
    errand: Errand,
    /// What to say when it succeeded; nothing when it is empty.
    #[prop(optional, into)]
    done: Option<Signal<&'static str>>,
    /// What failures mean here.
    #[prop(optional)]
    words: Option<Words>,
) -> impl IntoView {
    if let Some(at_fields) = use_context::<Refused>() {
        let said = Signal::derive(move || errand.refused(desk, words).map(|(_, said)| said));
        Effect::new(move || {
            if let Some((id, _)) = errand.refused(desk, words) {
                at_fields.set(Some((id, said)));
            }
        });
    }
    let success = move || {
        let text = match done {
            Some(done) => done.get(),
            None => Texts::of(desk.lang.get()).saved(),
        };
        let shown = errand.outcome.get() == Some(Outcome::Done) && !text.is_empty();
        shown.then(|| view! { <p class="sb-done">{text}</p> })
    };
    let failure = move || {
        let Some(Outcome::Failed(what, failure, field)) = errand.outcome.get() else {
            return None;
        };
        let is_said = errand
            .rows
            .with(|rows| rows.iter().any(|row| is_of(row, &what)));
        let is_said = is_said | field.is_some();
        let problem = || {
            view! {
                <p class="sb-problem">
                    {icon(Icon::Alert)}
                    <span>{in_words(desk, words, &failure)}</span>
                </p>
            }
        };
        (!is_said).then(problem)
    };
    view! {
        <div class="sb-status">
            <div role="status">{success}</div>
            <div role="alert">{failure}</div>
        </div>
    }
}

/// Whether something is about a row, which is an address, or about something below it.
fn is_of(row: &str, what: &str) -> bool {
    let rest = what.strip_prefix(row);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a failure means.
fn in_words(desk: Desk, words: Option<Words>, failure: &Failure) -> &'static str {
    words
        .and_then(|words| words(failure, desk.lang.get()))
        .unwrap_or_else(|| desk.texts().failure(failure))
}

/// Says in one of many rows what failed of it, beside what was pressed. The [`Status`] of them all
/// says the rest: of a row that is gone, too.
#[component]
pub(crate) fn RowStatus(
    desk: Desk,
    errand: Errand,
    /// The row's address; what is asked about it is about this or an address below it.
    row: String,
    /// What failures mean here.
    #[prop(optional)]
    words: Option<Words>,
) -> impl IntoView {
    errand.rows.update(|rows| rows.push(row.clone()));
    let own = row.clone();
    on_cleanup(move || {
        errand.rows.try_update(|rows| {
            let place = rows.iter().position(|it| *it == own);
            place.map(|place| rows.swap_remove(place))
        });
    });
    let failure = move || {
        let Some(Outcome::Failed(what, failure, _)) = errand.outcome.get() else {
            return None;
        };
        let problem = || {
            view! {
                <p class="sb-field-error">
                    {icon(Icon::Alert)}
                    <span>{in_words(desk, words, &failure)}</span>
                </p>
            }
        };
        is_of(&row, &what).then(problem)
    };
    view! { <div role="alert">{failure}</div> }
}

/// Hears what is typed into the form of a button. Where something is kept by it, that is not lost
/// without a question, until it is saved.
fn guard(button: NodeRef<html::Button>, errand: Errand, keeps: bool) {
    let typed = errand.form.get_value();
    button.on_load(move |button| {
        if let Ok(Some(form)) = button.closest("form") {
            let heard = Listener::new(&form, "input", move |event| {
                typed.set(keeps);
                errand.typed_at(&event);
            });
            StoredValue::new_local(heard);
        }
        errand.again.set_value((Some(button), false));
    });
    // What is put away unsaved is not asked about any more.
    on_cleanup(move || errand.give_up());
}

/// Submits the form it is in.
#[component]
pub(crate) fn SaveButton(
    desk: Desk,
    errand: Errand,
    /// What it does; "Save" when nothing is said.
    #[prop(optional, into)]
    label: Option<Signal<&'static str>>,
    /// Nothing is kept by it, and nothing would be lost: it finds, or tries.
    #[prop(optional)]
    keeps_nothing: bool,
) -> impl IntoView {
    let text = move || {
        let texts = Texts::of(desk.lang.get());
        if errand.is_busy() {
            return texts.saving();
        }
        label.map_or(texts.save(), |label| label.get())
    };
    let button = NodeRef::<html::Button>::new();
    guard(button, errand, !keeps_nothing);
    view! {
        <button
            type="submit"
            class="sb-button sb-button-primary"
            aria-busy=move || errand.is_busy().to_string()
            node_ref=button
        >
            {text}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn what_is_done_with_a_row_is_about_it() {
        assert!(is_of("/keys/1", "/keys/1"));
        assert!(is_of("/keys/1", "/keys/1/rotate"));
        assert!(!is_of("/keys/1", "/keys/12/rotate"));
        assert!(!is_of("/keys/1", ""));
    }
}
