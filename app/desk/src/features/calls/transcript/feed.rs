//! The handle between an event stream and the transcript on the page.

use api::functions::FunctionCall;
use api::live::{Item, ItemKind};
use leptos::prelude::*;

use super::functions::Functions;
use browser::transcript::board::Board;
use browser::transcript::model::{Audience, Row, RowKey};

/// A transcript being fed. A cheap handle: copy it to where items come from
/// and give it to [`Transcript`](super::view::Transcript) to be shown.
#[derive(Debug, Clone, Copy)]
pub struct Feed {
    board: StoredValue<Board, LocalStorage>,
    functions: StoredValue<Functions>,
}

impl Feed {
    /// An empty transcript, living as long as the current component.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        Self {
            board: StoredValue::new_local(Board::new(audience)),
            functions: StoredValue::new(Functions::default()),
        }
    }

    /// Merges new or changed items.
    pub fn apply(self, items: Vec<Item>) {
        let items = self.known(|functions| functions.apply(items));
        self.with(|board| board.apply(items));
    }

    /// Replaces everything.
    pub fn snapshot(self, items: Vec<Item>) {
        let items = self.known(|functions| functions.snapshot(items));
        self.with(|board| board.snapshot(items));
    }

    /// Takes in what our server kept of the functions of a call that began then (Unix ms).
    pub fn keep(self, kept: Vec<FunctionCall>, begun_at: i64) {
        let alone = self.known(|functions| functions.keep(kept, begun_at));
        self.with(|board| {
            board.apply(alone);
            board.redraw(|row| {
                matches!(
                    row.item.kind,
                    ItemKind::ToolCallInvocation { .. } | ItemKind::ToolCallResult { .. }
                )
            });
        });
    }

    /// What our server kept of a function, by what pairs its invocation with its result.
    pub(super) fn kept(self, tool_call_id: &str) -> Option<FunctionCall> {
        let functions = self.functions;
        functions.try_with_value(|functions| functions.find(tool_call_id).cloned())?
    }

    fn known(self, work: impl FnOnce(&mut Functions) -> Vec<Item>) -> Vec<Item> {
        let functions = self.functions;
        functions.try_update_value(work).unwrap_or_default()
    }

    /// The call is over: what was said last is finished.
    pub fn end(self) {
        self.with(Board::end);
    }

    /// Marks the row that was being said at this time (ms), or none.
    pub fn mark(self, time_ms: Option<i64>) {
        self.with(|board| board.mark(time_ms));
    }

    /// The rows that are like this, in their order.
    pub fn find(self, which: impl Fn(&Row) -> bool) -> Vec<RowKey> {
        let board = self.board.try_get_value();
        board.map(|board| board.find(which)).unwrap_or_default()
    }

    /// Marks a row, and brings it into sight.
    pub fn show(self, key: RowKey) {
        self.with(|board| board.show(key));
    }

    /// What comes after the component has gone is for nobody.
    pub(super) fn with(self, work: impl FnOnce(&Board)) {
        if let Some(board) = self.board.try_get_value() {
            work(&board);
        }
    }
}
