//! Between the event stream and the page: takes items, keeps the model, and
//! touches exactly the rows the model names.
//!
//! Rows are mounted one by one next to their neighbour, instead of comparing
//! lists of keys: the work for one update is the work for one row.

use std::time::Duration;

use api::live::Item;
use leptos::prelude::*;
use leptos::tachys::view::Mountable;
use leptos::tachys::view::any_view::AnyViewState;

use super::model::{Audience, Change, Finished, Model, Row, RowKey};
use crate::ui::time;

/// An utterance that did not change for this long is finished (ms).
const STABLE_MS: u64 = 1_500;

/// A transcript being fed. A cheap handle: copy it to where items come from
/// and give it to [`Transcript`](super::view::Transcript) to be shown.
#[derive(Debug, Clone, Copy)]
pub struct Feed {
    state: StoredValue<State, LocalStorage>,
    empty: RwSignal<bool>,
}

struct State {
    model: Model,
    screen: Option<Screen>,
    /// Scratch space for the model's answers.
    changes: Vec<Change>,
    current: Option<RowKey>,
    checking: bool,
}

/// What a view gives the feed to work with while it is mounted.
pub(super) struct Screen {
    /// Owns the signals and effects of the rows.
    pub(super) owner: Owner,
    /// The element whose children are the rows.
    pub(super) list: web_sys::Element,
    /// Draws a row: one element.
    pub(super) draw: Box<dyn Fn(RwSignal<Row>) -> AnyView>,
    /// Called when rows changed, to follow the newest.
    pub(super) changed: Box<dyn Fn()>,
    /// Tells listeners what was said.
    pub(super) announce: Box<dyn Fn(&Finished)>,
    /// In the model's order.
    pub(super) rows: Vec<ScreenRow>,
}

pub(super) struct ScreenRow {
    key: RowKey,
    /// `None` for a row that a later step of the same change removes again:
    /// it only keeps the indices right until then.
    drawn: Option<Drawn>,
}

struct Drawn {
    contents: RwSignal<Row>,
    element: web_sys::Element,
    state: AnyViewState,
    owner: Owner,
}

impl ScreenRow {
    fn element(&self) -> Option<&web_sys::Element> {
        Some(&self.drawn.as_ref()?.element)
    }
}

impl Feed {
    /// An empty transcript, living as long as the current component.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        let state = State {
            model: Model::new(audience),
            screen: None,
            changes: Vec::new(),
            current: None,
            checking: false,
        };
        Self {
            state: StoredValue::new_local(state),
            empty: RwSignal::new(true),
        }
    }

    /// Merges new or changed items.
    pub fn apply(self, items: Vec<Item>) {
        self.change(|model, changes| {
            let now = time::monotonic();
            for item in items {
                model.apply(item, now, changes);
            }
        });
    }

    /// Replaces everything.
    pub fn snapshot(self, items: Vec<Item>) {
        self.change(|model, changes| model.snapshot(items, time::monotonic(), changes));
    }

    /// The call is over: what was said last is finished.
    pub fn end(self) {
        self.change(|model, _| model.end());
    }

    /// Whether there is nothing to read yet.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.empty.get()
    }

    /// Marks the row that was being said at this time (ms), or none.
    pub fn mark(self, time_ms: Option<i64>) {
        self.state.try_update_value(|state| {
            let key = time_ms.and_then(|ms| state.model.at_time(ms));
            if key == state.current {
                return;
            }
            let before = std::mem::replace(&mut state.current, key);
            let Some(screen) = &state.screen else { return };
            for (key, current) in [(before, false), (key, true)] {
                let row = key.and_then(|key| screen.rows.iter().find(|row| row.key == key));
                if let Some(element) = row.and_then(ScreenRow::element) {
                    set_current(element, current);
                }
            }
        });
    }

    /// Draws what there is and everything that comes.
    pub(super) fn attach(self, screen: Screen) {
        self.state.try_update_value(|state| {
            let mut screen = screen;
            for (index, key) in state.model.keys().iter().enumerate() {
                screen.insert(index, *key, &state.model);
            }
            (screen.changed)();
            state.screen = Some(screen);
        });
    }

    /// The view is gone.
    pub(super) fn detach(self) {
        self.state.try_update_value(|state| state.screen = None);
    }

    fn change(self, work: impl FnOnce(&mut Model, &mut Vec<Change>)) {
        let outcome = self.state.try_update_value(|state| {
            state.changes.clear();
            work(&mut state.model, &mut state.changes);
            if let Some(screen) = &mut state.screen
                && !state.changes.is_empty()
            {
                for change in &state.changes {
                    screen.follow(*change, &state.model);
                }
                (screen.changed)();
            }
            state.model.is_empty()
        });
        let Some(empty) = outcome else { return };
        if self.empty.get_untracked() != empty {
            self.empty.set(empty);
        }
        self.tell();
    }

    /// Announces what is finished, and comes back for what is not yet.
    fn tell(self) {
        let wait = self.state.try_update_value(|state| {
            for finished in state.model.take_finished(time::monotonic(), STABLE_MS) {
                if let Some(screen) = &state.screen {
                    (screen.announce)(&finished);
                }
            }
            state.model.has_untold() && !std::mem::replace(&mut state.checking, true)
        });
        if wait == Some(true) {
            let again = move || {
                self.state.try_update_value(|state| state.checking = false);
                self.tell();
            };
            set_timeout(again, Duration::from_millis(STABLE_MS));
        }
    }
}

impl Screen {
    fn follow(&mut self, change: Change, model: &Model) {
        match change {
            Change::Inserted { index, key } => self.insert(index, key, model),
            Change::Changed { index, key } => {
                let drawn = self.rows.get(index).and_then(|row| row.drawn.as_ref());
                if let (Some(drawn), Some(row)) = (drawn, model.row(key)) {
                    drawn.contents.set(row.clone());
                }
            }
            Change::Removed { index, .. } => self.remove(index),
        }
    }

    fn insert(&mut self, index: usize, key: RowKey, model: &Model) {
        let next = self.rows[index..].iter().find_map(ScreenRow::element);
        let drawn = model.row(key).cloned().and_then(|row| {
            let owner = self.owner.child();
            let (contents, mut state) = owner.with(|| {
                let contents = RwSignal::new(row);
                (contents, (self.draw)(contents).build())
            });
            state.mount(&self.list, next.map(AsRef::as_ref));
            let element = state.elements().into_iter().next()?;
            Some(Drawn {
                contents,
                element,
                state,
                owner,
            })
        });
        self.rows.insert(index, ScreenRow { key, drawn });
    }

    fn remove(&mut self, index: usize) {
        if let Some(mut drawn) = self.rows.remove(index).drawn {
            drawn.state.unmount();
            drawn.owner.cleanup();
        }
    }
}

fn set_current(element: &web_sys::Element, current: bool) {
    // Both fail only for names that are no attribute.
    let _ = if current {
        element.set_attribute("aria-current", "true")
    } else {
        element.remove_attribute("aria-current")
    };
}
