//! What was typed into forms and is not saved yet: it is not lost without a question.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::words::Lang;
use crate::words::kit::Texts;
use browser::ui::web;

thread_local! {
    static FORMS: RefCell<Vec<Weak<Cell<bool>>>> = const { RefCell::new(Vec::new()) };
}

/// Whether something was typed into a form, as long as there is the form.
#[derive(Clone, Default)]
pub(crate) struct Form(Rc<Cell<bool>>);

impl Form {
    /// One into which nothing was typed yet.
    pub(crate) fn new() -> Self {
        let form = Self::default();
        FORMS.with_borrow_mut(|forms| forms.push(Rc::downgrade(&form.0)));
        form
    }

    /// Something was typed, or what was typed is saved.
    pub(crate) fn set(&self, unsaved: bool) {
        self.0.set(unsaved);
    }
}

/// Whether something was typed that is not saved.
pub(crate) fn any() -> bool {
    FORMS.with_borrow_mut(|forms| {
        forms.retain(|form| form.strong_count() > 0);
        forms
            .iter()
            .any(|form| form.upgrade().is_some_and(|form| form.get()))
    })
}

/// Whether the page may be left: nothing would be lost, or the reader does not mind.
pub(crate) fn may_leave() -> bool {
    if !any() {
        return true;
    }
    let question = Texts::of(Lang::of_page()).unsaved();
    let leaves = web::window().confirm_with_message(question) == Ok(true);
    if leaves {
        FORMS.with_borrow_mut(Vec::clear);
    }
    leaves
}
