//! What was typed into forms and is not saved yet, and whatever else would be lost with the
//! page: it is not lost without a question.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::words::Lang;
use crate::words::kit::Texts;
use browser::ui::web;

thread_local! {
    static FORMS: RefCell<Vec<Weak<Kept>>> = const { RefCell::new(Vec::new()) };
}

/// Whether something was typed into a form, as long as there is the form.
#[derive(Clone, Default)]
pub(crate) struct Form(Rc<Kept>);

#[derive(Default)]
struct Kept {
    unsaved: Cell<bool>,
    /// What was typed is on its way to the server.
    saving: Cell<bool>,
    /// What is asked instead of whether it may be lost.
    question: Cell<Option<&'static str>>,
    /// It is a call, which goes on when the page is left.
    is_call: Cell<bool>,
}

impl Kept {
    fn is_unsaved(&self) -> bool {
        self.unsaved.get() | self.saving.get()
    }
}

impl Form {
    /// One into which nothing was typed yet.
    pub(crate) fn new() -> Self {
        let form = Self::default();
        FORMS.with_borrow_mut(|forms| forms.push(Rc::downgrade(&form.0)));
        form
    }

    /// A call that goes on from page to page: it is lost with the desk, or by another call, and
    /// this is asked before.
    pub(crate) fn of_call(question: &'static str) -> Self {
        let form = Self::asking(question);
        form.0.is_call.set(true);
        form
    }

    /// Something else than what was typed would be lost with the page, and this is asked.
    pub(crate) fn asking(question: &'static str) -> Self {
        let form = Self::new();
        form.0.question.set(Some(question));
        form.set(true);
        form
    }

    /// Something was typed, or what was typed is saved.
    pub(crate) fn set(&self, unsaved: bool) {
        self.0.unsaved.set(unsaved);
    }

    /// Whether something was typed that is not saved.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.0.is_unsaved()
    }

    /// What was typed is being saved; what is typed from now on is not.
    pub(crate) fn begin(&self) {
        self.0.saving.set(self.0.unsaved.take());
    }

    /// It is saved, or it is not. Gives whether something was typed meanwhile.
    pub(crate) fn end(&self, saved: bool) -> bool {
        let typed = self.0.unsaved.get();
        self.set(typed | (self.0.saving.take() & !saved));
        typed
    }
}

/// Whether something would be lost with the desk.
pub(crate) fn any() -> bool {
    unsaved(|_| true).is_some()
}

/// The form of which something would be lost, of these; first one that asks something else.
fn unsaved(which: fn(&Kept) -> bool) -> Option<Rc<Kept>> {
    FORMS.with_borrow_mut(|forms| {
        forms.retain(|form| form.strong_count() > 0);
        let all = forms.iter().filter_map(Weak::upgrade);
        let unsaved = all.filter(|form| form.is_unsaved() && which(form));
        unsaved.max_by_key(|form| form.question.get().is_some())
    })
}

/// Whether the page may be left: nothing would be lost, or the reader does not mind.
pub(crate) fn may_leave() -> bool {
    may_lose(|form| !form.is_call.get())
}

/// Whether the desk may be left.
pub(crate) fn may_leave_desk() -> bool {
    may_lose(|_| true)
}

/// Whether the call the reader speaks in may end.
pub(crate) fn may_end_call() -> bool {
    may_lose(|form| form.is_call.get())
}

fn may_lose(which: fn(&Kept) -> bool) -> bool {
    let Some(form) = unsaved(which) else {
        return true;
    };
    let question = form.question.get();
    let question = question.unwrap_or_else(|| Texts::of(Lang::of_page()).unsaved());
    let leaves = web::window().confirm_with_message(question) == Ok(true);
    if leaves {
        FORMS.with_borrow_mut(|forms| {
            forms.retain(|form| form.upgrade().is_some_and(|form| !which(&form)));
        });
    }
    leaves
}
