//! The handle between an event stream and the transcript on the page.

use api::live::Item;
use leptos::prelude::*;

use browser::transcript::board::Board;
use browser::transcript::model::Audience;

/// A transcript being fed. A cheap handle: copy it to where items come from
/// and give it to [`Transcript`](super::view::Transcript) to be shown.
#[derive(Debug, Clone, Copy)]
pub struct Feed {
    board: StoredValue<Board, LocalStorage>,
}

impl Feed {
    /// An empty transcript, living as long as the current component.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        Self {
            board: StoredValue::new_local(Board::new(audience)),
        }
    }

    /// Merges new or changed items.
    pub fn apply(self, items: Vec<Item>) {
        self.with(|board| board.apply(items));
    }

    /// Replaces everything.
    pub fn snapshot(self, items: Vec<Item>) {
        self.with(|board| board.snapshot(items));
    }

    /// The call is over: what was said last is finished.
    pub fn end(self) {
        self.with(Board::end);
    }

    /// Marks the row that was being said at this time (ms), or none.
    pub fn mark(self, time_ms: Option<i64>) {
        self.with(|board| board.mark(time_ms));
    }

    /// What comes after the component has gone is for nobody.
    pub(super) fn with(self, work: impl FnOnce(&Board)) {
        if let Some(board) = self.board.try_get_value() {
            work(&board);
        }
    }
}
