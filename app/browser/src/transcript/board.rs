//! The transcript on the page: takes items, keeps the model, and touches
//! exactly the rows the model names.
//!
//! The list is a `log` that does not announce itself, because its words grow
//! many times a second. What is announced is what is finished, once each, by a
//! live region out of sight: to staff all of it, to a visitor only what nobody
//! says aloud. A screen reader's voice over the agent's is not understood, and
//! through a loudspeaker the agent hears it and takes it for the visitor.

mod rows;
mod screen;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use api::live::Item;
use web_sys::Element;

use super::model::{Audience, Change, Finished, Model, Row, RowKey, Source};
use super::texts::TranscriptTexts;
use crate::ui::{time, web};
pub use rows::{DrawOther, RowView, spoken};
use screen::Screen;

/// An utterance that did not change for this long is finished (ms).
const STABLE_MS: u32 = 1_500;

/// What rows' times lead to.
pub struct OnSeek {
    /// Before a time, says what a click on it does: "Play from".
    pub label: &'static str,
    /// Called with the time (ms) that was clicked.
    pub go: Box<dyn Fn(i64)>,
}

impl std::fmt::Debug for OnSeek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnSeek").finish_non_exhaustive()
    }
}

/// A transcript that is being read. Clones are the same transcript.
#[derive(Clone)]
pub struct Board {
    inner: Rc<Inner>,
}

impl std::fmt::Debug for Board {
    /// Nothing of what people said.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

struct Inner {
    audience: Audience,
    model: RefCell<Model>,
    screen: RefCell<Option<Screen>>,
    marked: Cell<Option<RowKey>>,
    /// Whether what was spoken is announced as well.
    reads: Cell<bool>,
    /// Whether a look for finished utterances is due anyway.
    checking: Cell<bool>,
}

impl Board {
    /// An empty transcript, not on the page yet.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        let inner = Inner {
            audience,
            model: RefCell::new(Model::new(audience)),
            screen: RefCell::new(None),
            marked: Cell::new(None),
            reads: Cell::new(audience == Audience::Staff),
            checking: Cell::new(false),
        };
        Self {
            inner: Rc::new(inner),
        }
    }

    /// Puts the transcript into an element, instead of where it was before.
    pub fn mount(
        &self,
        root: &Element,
        texts: TranscriptTexts,
        other: Option<DrawOther>,
        on_seek: Option<OnSeek>,
    ) {
        let model = self.inner.model.borrow();
        let mut screen = Screen::new(root, texts, other, on_seek, !model.has_ended());
        for (index, key) in model.keys().iter().enumerate() {
            screen.step(Change::Inserted { index, key: *key }, &model);
        }
        screen.settled(model.is_empty());
        self.inner.screen.replace(Some(screen));
    }

    /// Takes the transcript off the page; it goes on being kept.
    pub fn unmount(&self) {
        self.inner.screen.take();
    }

    /// Merges new or changed items.
    pub fn apply(&self, items: Vec<Item>) {
        let now = time::monotonic();
        self.change(|model, changes| {
            for item in items {
                model.apply(item, now, changes);
            }
        });
    }

    /// Has rows drawn again that show more than their items, which is not the same any more.
    pub fn redraw(&self, which: impl Fn(&Row) -> bool) {
        self.change(|model, changes| {
            let keys = model.keys().iter().copied().enumerate();
            let shown = keys.filter(|(_, key)| model.row(*key).is_some_and(&which));
            changes.extend(shown.map(|(index, key)| Change::Changed { index, key }));
        });
    }

    /// Announces what was spoken from now on, or leaves it to be heard.
    pub fn read(&self, aloud: bool) {
        self.inner.reads.set(aloud);
    }

    /// Replaces everything.
    pub fn snapshot(&self, items: Vec<Item>) {
        self.change(|model, changes| model.snapshot(items, time::monotonic(), changes));
    }

    /// The call is over: what was said last is finished.
    pub fn end(&self) {
        self.change(|model, _| model.end());
        if let Some(screen) = &*self.inner.screen.borrow() {
            screen.end();
        }
    }

    /// Another call begins: nothing was said yet.
    pub fn restart(&self) {
        self.change(|model, changes| model.snapshot(Vec::new(), 0, changes));
        self.inner.model.replace(Model::new(self.inner.audience));
        if let Some(screen) = &*self.inner.screen.borrow() {
            screen.restart();
        }
    }

    /// Whether there is nothing to read yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.model.borrow().is_empty()
    }

    /// Marks the row that was being said at this time (ms), and has it say which of its words;
    /// or none. Who reads along keeps it in sight.
    pub fn mark(&self, time_ms: Option<i64>) {
        let key = time_ms.and_then(|ms| self.inner.model.borrow().at_time(ms));
        let before = self.inner.marked.replace(key);
        if let Some(screen) = &*self.inner.screen.borrow() {
            if key != before {
                screen.mark(before, key);
            }
            screen.hear(key, time_ms);
        }
    }

    /// The rows that are like this, in their order.
    pub fn find(&self, which: impl Fn(&Row) -> bool) -> Vec<RowKey> {
        let model = self.inner.model.borrow();
        let keys = model.keys().iter().copied();
        keys.filter(|key| model.row(*key).is_some_and(&which))
            .collect()
    }

    /// Marks a row, and brings it into sight whatever the reader had there.
    pub fn show(&self, key: RowKey) {
        let before = self.inner.marked.replace(Some(key));
        if let Some(screen) = &*self.inner.screen.borrow() {
            screen.mark(before, None);
            screen.mark(None, Some(key));
        }
    }

    fn change(&self, work: impl FnOnce(&mut Model, &mut Vec<Change>)) {
        let mut changes = Vec::new();
        work(&mut self.inner.model.borrow_mut(), &mut changes);
        if !changes.is_empty()
            && let Some(screen) = &mut *self.inner.screen.borrow_mut()
        {
            let model = self.inner.model.borrow();
            for change in changes {
                screen.step(change, &model);
            }
            screen.settled(model.is_empty());
        }
        self.tell();
    }

    /// Announces what is finished, and comes back for what is not yet.
    fn tell(&self) {
        let mut model = self.inner.model.borrow_mut();
        let finished = model.take_finished(time::monotonic(), STABLE_MS.into());
        if let Some(screen) = &*self.inner.screen.borrow() {
            let told =
                |it: &&Finished| !matches!(it.source, Source::Voice(_)) || self.inner.reads.get();
            for words in finished.iter().filter(told) {
                screen.announce(words);
            }
        }
        if model.has_untold() && !self.inner.checking.replace(true) {
            let inner = Rc::downgrade(&self.inner);
            let again = move || {
                if let Some(inner) = inner.upgrade() {
                    inner.checking.set(false);
                    Self { inner }.tell();
                }
            };
            web::later(STABLE_MS as i32, again);
        }
    }
}
