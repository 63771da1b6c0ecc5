//! What a section loads: one thing, or a list page by page.

use std::sync::Arc;

use leptos::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::api_client;
use super::cache::{self, Answer, Asker};
use super::{Desk, Standing, is_signed_out};
use super::{Errand, Status, Words};
use crate::words::kit::Texts;
use browser::ui::http::{Failure, escape};

/// One thing the server has, read with a GET. What is known of it is here at once.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    words: Option<Words>,
    /// Here, or why not; `None` while it is on its way.
    pub(crate) value: RwSignal<Option<Result<T, Failure>>>,
    asker: StoredValue<Asker, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Loaded<T> {
    /// Loads it.
    pub(crate) fn from(desk: Desk, path: impl Into<String>) -> Self {
        Self::load(desk, &path.into(), None)
    }

    /// The same, where failures mean something of their own.
    pub(crate) fn with_words(desk: Desk, path: impl Into<String>, words: Words) -> Self {
        Self::load(desk, &path.into(), Some(words))
    }

    fn load(desk: Desk, path: &str, words: Option<Words>) -> Self {
        let value = RwSignal::new(None);
        let asker = cache::ask(
            path,
            hearing(desk, move |answer| {
                let read = answer.and_then(|text| api_client::read(&text));
                // Unless the page is gone.
                value.try_set(Some(read.inspect_err(|failure| desk.failed_by(failure))));
            }),
        );
        Self {
            words,
            value,
            asker: StoredValue::new_local(asker),
        }
    }

    /// Loads it again; what is shown stays until then.
    pub(crate) fn reload(self) {
        self.asker.try_with_value(Asker::again);
    }

    /// Puts in what another answer told.
    pub(crate) fn set(self, value: T) {
        self.value.set(Some(Ok(value)));
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Loaded<T> {
    /// Loads what a form shows, with what saves it, and what shows it as it is kept after all:
    /// what is typed stays until then, whatever is told of it meanwhile.
    pub(crate) fn for_form(desk: Desk, path: impl Into<String>) -> (Self, Errand, Callback<()>)
    where
        T: DeserializeOwned,
    {
        let (loaded, errand) = (Self::from(desk, path), Errand::new());
        let show = Callback::new(move |()| {
            errand.give_up();
            loaded.reload();
        });
        (loaded.kept_while(move || errand.is_unsaved()), errand, show)
    }

    /// What is shown was saved as this: it is not drawn anew for it, and what was typed meanwhile
    /// stays.
    pub(crate) fn saved(self, kept: T) {
        self.value.update_untracked(|shown| *shown = Some(Ok(kept)));
    }

    /// The same for a form: what it shows stays while something is `typed` into it, and where it
    /// cannot be loaded anew, of which [`Trouble`] tells.
    pub(crate) fn kept_while(self, typed: impl Fn() -> bool + 'static) -> Self {
        let value = RwSignal::new(self.value.get_untracked());
        Effect::new(move || {
            let new = self.value.get();
            let is_gone = matches!(new, Some(Err(Failure::Problem { status: 404, .. })));
            let is_trouble = matches!(new, Some(Err(_))) && !is_gone;
            let stays = value.with_untracked(|shown| {
                *shown == new || matches!(shown, Some(Ok(_))) && (is_trouble || typed())
            });
            if !stays {
                value.set(new);
            }
        });
        Self { value, ..self }
    }
}

/// Hears answers, unless it is that nobody is signed in any more.
fn hearing(desk: Desk, hear: impl Fn(Answer) + 'static) -> impl Fn(&Answer) + 'static {
    move |answer| match answer {
        Err(failure) if is_signed_out(failure) => desk.become_(Standing::SignedOut),
        answer => hear(answer.clone()),
    }
}

/// Stands where so many lines or more will be, and says so to who cannot see it.
pub(crate) fn coming(desk: Desk, lines: usize) -> AnyView {
    view! {
        <div class="sb-card" aria-busy="true">
            <p class="sb-hidden" role="status">{move || desk.texts().loading()}</p>
            {(0..lines).map(|_| view! { <div class="sb-skeleton"></div> }).collect_view()}
        </div>
    }
    .into_any()
}

/// Draws what was loaded; drawn anew whenever it is loaded again.
#[component]
pub(crate) fn Loading<T, V>(
    desk: Desk,
    loaded: Loaded<T>,
    /// Draws it.
    draw: impl Fn(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    move || match loaded.value.get() {
        None => coming(desk, 3),
        Some(Ok(value)) => draw(value).into_any(),
        Some(Err(failure)) => view! {
            <div class="sb-card sb-blank">
                <p role="alert">
                    {move || {
                        loaded
                            .words
                            .and_then(|words| words(&failure, desk.lang.get()))
                            .unwrap_or_else(|| desk.texts().failure(&failure))
                    }}
                </p>
                <button type="button" class="sb-button" on:click=move |_| loaded.reload()>
                    {move || desk.texts().retry()}
                </button>
            </div>
        }
        .into_any(),
    }
}

/// Says above what is shown that it could not be loaded anew, and why; `again` tries it once more.
#[component]
pub(crate) fn Trouble(
    desk: Desk,
    #[prop(into)] failure: Signal<Option<Failure>>,
    again: Callback<()>,
    /// What failures mean here.
    #[prop(optional)]
    words: Option<Words>,
) -> impl IntoView {
    let told = move || {
        let failure = failure.get()?;
        let text = move || {
            words
                .and_then(|words| words(&failure, desk.lang.get()))
                .unwrap_or_else(|| desk.texts().failure(&failure))
        };
        Some(view! {
            <p class="sb-problem">
                <span>{text}</span>
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    on:click=move |_| again.run(())
                >
                    {move || desk.texts().retry()}
                </button>
            </p>
        })
    };
    view! { <div role="alert">{told}</div> }
}

/// How many rows of a list the server gives at once.
const LONGEST: usize = 200;

/// Where a list is read whose first page is to have so many rows.
fn with_rows(path: &str, rows: usize) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut address = format!("{path}?limit={}", rows.min(LONGEST));
    let others = query.split('&');
    for other in others.filter(|it| !it.is_empty() && !it.starts_with("limit=")) {
        address.push('&');
        address.push_str(other);
    }
    address
}

/// A page of any list of ours.
#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

/// A list that is loaded page by page.
pub(crate) struct Pages<T: Send + Sync + 'static> {
    desk: Desk,
    /// With its filters, and without a cursor.
    path: StoredValue<Arc<str>>,
    /// What is here so far; `None` before the first page.
    pub(crate) items: RwSignal<Option<Vec<T>>>,
    next: RwSignal<Option<String>>,
    /// Why the first page did not come.
    failure: RwSignal<Option<Failure>>,
    /// Of the first page.
    asker: StoredValue<Option<Asker>, LocalStorage>,
    /// Loads the pages after it.
    errand: Errand,
}

impl<T: Send + Sync + 'static> Clone for Pages<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Pages<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Pages<T> {
    /// Loads the first page. `path` may have a query: the filters; nothing is loaded where it is
    /// empty.
    pub(crate) fn from(desk: Desk, path: &str) -> Self {
        let pages = Self {
            desk,
            path: StoredValue::new(path.into()),
            items: RwSignal::new(None),
            next: RwSignal::new(None),
            failure: RwSignal::new(None),
            asker: StoredValue::new_local(None),
            errand: Errand::new(),
        };
        pages.ask();
        pages
    }

    /// Starts over, with other filters.
    pub(crate) fn go(self, path: &str) {
        self.path.set_value(path.into());
        self.items.set(None);
        self.next.set(None);
        self.ask();
    }

    /// Loads what is shown anew; until it is here, that stays.
    pub(crate) fn reload(self) {
        self.asker
            .try_with_value(|asker| asker.as_ref().map(Asker::again));
    }

    /// Stands where so many of its rows or more will be, until they are here or did not come.
    pub(crate) fn coming(self, lines: usize) -> AnyView {
        match self.failure.with(Option::is_some) {
            true => ().into_any(),
            false => coming(self.desk, lines),
        }
    }

    fn ask(self) {
        let path = self.path.get_value();
        let asker = (!path.is_empty()).then(|| {
            let hear = move |page: Answer| match page
                .and_then(|text| api_client::read::<Page<T>>(&text))
            {
                Ok(page) => {
                    self.failure.try_set(None);
                    self.next.try_set(page.next_cursor);
                    self.items.try_set(Some(page.items));
                }
                Err(failure) => {
                    self.desk.failed_by(&failure);
                    self.failure.try_set(Some(failure));
                }
            };
            cache::ask(&path, hearing(self.desk, hear))
        });
        self.asker.set_value(asker);
    }

    fn more(self) {
        let Some(cursor) = self.next.get_untracked() else {
            return;
        };
        let path = self.path.get_value();
        let sign = if path.contains('?') { '&' } else { '?' };
        let address = format!("{path}{sign}cursor={}", escape(&cursor));
        let work = async move { api_client::get(&address).await };
        self.errand.run(self.desk, work, move |page: Page<T>| {
            // Unless the list was started over meanwhile.
            if self.path.get_value() == path && self.next.get_untracked().as_ref() == Some(&cursor)
            {
                self.items
                    .update(|items| items.get_or_insert_default().extend(page.items));
                self.next.set(page.next_cursor);
                self.wait_for_all();
            }
        });
    }

    /// From now on all that is shown is loaded anew, not only the first page.
    fn wait_for_all(self) {
        let items = self
            .items
            .with_untracked(|it| it.as_ref().map_or(0, Vec::len));
        let address = with_rows(&self.path.get_value(), items);
        self.asker.update_value(|asker| {
            *asker = asker.take().map(|asker| asker.moved(&address));
        });
    }
}

/// Below a list: loads its next page, and says why one did not come.
#[component]
pub(crate) fn LoadMore<T>(desk: Desk, pages: Pages<T>) -> impl IntoView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    more(
        desk,
        pages.errand,
        pages.failure,
        pages.next,
        Callback::new(move |()| pages.more()),
        Callback::new(move |()| pages.reload()),
    )
}

/// Apart from [`LoadMore`], so that there is one for all lists.
fn more(
    desk: Desk,
    errand: Errand,
    failure: RwSignal<Option<Failure>>,
    next: RwSignal<Option<String>>,
    more: Callback<()>,
    again: Callback<()>,
) -> AnyView {
    let texts = move || Texts::of(desk.lang.get());
    let failed = move || {
        let failure = failure.get()?;
        Some(view! {
            <p class="sb-problem">
                <span>{move || desk.texts().failure(&failure)}</span>
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    on:click=move |_| again.run(())
                >
                    {move || desk.texts().retry()}
                </button>
            </p>
        })
    };
    let button = move || {
        next.get().map(|_| {
            view! {
                <button
                    type="button"
                    class="sb-button"
                    aria-busy=move || errand.is_busy().to_string()
                    on:click=move |_| more.run(())
                >
                    {move || texts().load_more()}
                </button>
            }
        })
    };
    view! {
        <div class="sb-more">
            <div role="alert">{failed}</div>
            <Status desk errand done=Signal::stored("") />
            {button}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::with_rows;

    #[test]
    fn what_was_read_on_to_is_asked_for_at_once_as_far_as_the_server_gives_it() {
        for (path, rows, expected) in [
            ("/runs", 20, "/runs?limit=20"),
            ("/runs?limit=10", 20, "/runs?limit=20"),
            (
                "/all?limit=10&q=a%26b&over=true",
                999,
                "/all?limit=200&q=a%26b&over=true",
            ),
        ] {
            assert_eq!(with_rows(path, rows), expected, "{path}");
        }
    }
}
