//! What a section loads: one thing, or a list page by page.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::api_client;
use super::{Desk, Standing, is_signed_out};
use super::{Errand, Status, Words};
use crate::words::kit::Texts;
use browser::ui::http::{Failure, escape};

/// One thing the server has, read with a GET.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    desk: Desk,
    path: StoredValue<String>,
    words: Option<Words>,
    /// Here, or why not; `None` while it is on its way.
    pub(crate) value: RwSignal<Option<Result<T, Failure>>>,
    /// Whether it is being asked for: answers never overtake each other.
    asking: StoredValue<bool>,
    /// Whether that answer is out of date before it is here.
    again: StoredValue<bool>,
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
        Self::load(desk, path.into(), None)
    }

    /// The same, where failures mean something of their own.
    pub(crate) fn with_words(desk: Desk, path: impl Into<String>, words: Words) -> Self {
        Self::load(desk, path.into(), Some(words))
    }

    fn load(desk: Desk, path: String, words: Option<Words>) -> Self {
        let loaded = Self {
            desk,
            path: StoredValue::new(path),
            words,
            value: RwSignal::new(None),
            asking: StoredValue::new(false),
            again: StoredValue::new(false),
        };
        loaded.reload();
        loaded
    }

    /// Loads it again; what is shown stays until then.
    pub(crate) fn reload(self) {
        if self.asking.get_value() {
            self.again.set_value(true);
            return;
        }
        self.asking.set_value(true);
        let path = self.path.get_value();
        spawn_local(async move {
            let answer = api_client::get(&path).await;
            if self.asking.try_set_value(false).is_some() {
                // The page is gone.
                return;
            }
            match answer {
                Err(failure) if is_signed_out(&failure) => {
                    self.desk.become_(Standing::SignedOut);
                    return;
                }
                answer => self.value.set(Some(answer)),
            }
            if self.again.try_update_value(std::mem::take) == Some(true) {
                self.reload();
            }
        });
    }

    /// Puts in what another answer told.
    pub(crate) fn set(self, value: T) {
        self.value.set(Some(Ok(value)));
    }
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
        None => view! {
            <div class="sb-card" aria-busy="true">
                <p class="sb-hidden" role="status">{move || desk.texts().loading()}</p>
                {(0..3).map(|_| view! { <div class="sb-skeleton"></div> }).collect_view()}
            </div>
        }
        .into_any(),
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
    path: RwSignal<Arc<str>>,
    /// What is here so far; `None` before the first page.
    pub(crate) items: RwSignal<Option<Vec<T>>>,
    next: RwSignal<Option<String>>,
    /// Whether it is out of date before it is here.
    again: StoredValue<bool>,
    errand: Errand,
}

impl<T: Send + Sync + 'static> Clone for Pages<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Pages<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Pages<T> {
    /// Loads the first page. `path` may have a query: the filters.
    pub(crate) fn from(desk: Desk, path: &str) -> Self {
        let pages = Self {
            desk,
            path: RwSignal::new(path.into()),
            items: RwSignal::new(None),
            next: RwSignal::new(None),
            again: StoredValue::new(false),
            errand: Errand::new(),
        };
        pages.reload();
        pages
    }

    /// Starts over, with other filters.
    pub(crate) fn go(self, path: &str) {
        self.path.set(path.into());
        self.items.set(None);
        self.reload();
    }

    /// Starts over; what is shown stays until the first page is here.
    pub(crate) fn reload(self) {
        if !self.errand.is_free() {
            self.again.set_value(true);
            return;
        }
        let path = self.path.get_untracked();
        self.ask(path.to_string(), move |page: Page<T>| {
            self.items.set(Some(page.items));
            self.next.set(page.next_cursor);
        });
    }

    fn more(self) {
        let Some(cursor) = self.next.get_untracked() else {
            return;
        };
        let path = self.path.get_untracked();
        let sign = if path.contains('?') { '&' } else { '?' };
        let address = format!("{path}{sign}cursor={}", escape(&cursor));
        self.ask(address, move |page: Page<T>| {
            self.items
                .update(|items| items.get_or_insert_default().extend(page.items));
            self.next.set(page.next_cursor);
        });
    }

    fn ask(self, address: String, done: impl FnOnce(Page<T>) + 'static) {
        let asked = self.path.get_untracked();
        let work = async move { api_client::get(&address).await };
        let fresh = move || {
            if self.again.get_value() {
                self.again.set_value(false);
                self.reload();
            }
        };
        let done = move |page| {
            // Other filters were chosen meanwhile.
            if self.path.get_untracked() == asked {
                done(page);
                fresh();
            } else {
                self.again.set_value(false);
                self.reload();
            }
        };
        self.errand.run_then(self.desk, work, done, fresh);
    }
}

/// Below a list: loads its next page, and says why one did not come.
#[component]
pub(crate) fn LoadMore<T>(desk: Desk, pages: Pages<T>) -> impl IntoView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    let button = move || {
        pages.next.get().map(|_| {
            view! {
                <button
                    type="button"
                    class="sb-button"
                    aria-busy=move || pages.errand.is_busy().to_string()
                    on:click=move |_| pages.more()
                >
                    {move || Texts::of(desk.lang.get()).load_more()}
                </button>
            }
        })
    };
    view! {
        <div class="sb-more">
            <Status desk errand=pages.errand done=Signal::stored("") />
            {button}
        </div>
    }
}
