//! What the server answered, by address: asked once for all who wait for it, shown again at once
//! to who comes back, and called off when nobody waits for it any more.

use std::cell::RefCell;
use std::rc::Rc;

use browser::ui::http::{self, Abort, Failure};
use browser::ui::web;

/// How many answers are kept.
const KEPT: usize = 40;

/// An answer as it came.
pub(super) type Answer = Result<Rc<str>, Failure>;
type Hear = Rc<dyn Fn(&Answer)>;

thread_local! {
    /// Those asked for last are the last.
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// What is at an address.
struct Entry {
    path: Rc<str>,
    /// The last answer that came.
    text: Option<Rc<str>>,
    /// Whether that is not to be shown any more, only compared with what comes.
    forgotten: bool,
    waiting: Vec<Waiting>,
    /// The request that is on its way.
    request: Option<Abort>,
    /// Whether its answer is out of date before it is here.
    again: bool,
}

/// Somebody who waits for it.
struct Waiting {
    hear: Hear,
    /// Whether they have heard of the last answer that came, and need not hear the same again.
    knows: bool,
}

/// Somebody who waits for what is at an address, as long as this is not dropped.
pub(super) struct Asker {
    path: Rc<str>,
    hear: Hear,
}

/// Asks for what is at an address. `hear` is told what is known of it at once, and every answer
/// that says something else.
pub(super) fn ask(path: &str, hear: impl Fn(&Answer) + 'static) -> Asker {
    let (asker, known) = wait(path, Rc::new(hear));
    if let Some(text) = known {
        (asker.hear)(&Ok(text));
    }
    send(&asker.path);
    asker
}

/// Waits for what is at an address, of which this is known.
fn wait(path: &str, hear: Hear) -> (Asker, Option<Rc<str>>) {
    let (path, known) = ENTRIES.with_borrow_mut(|entries| {
        let at = entries.iter().position(|entry| *entry.path == *path);
        let mut entry = at.map_or_else(|| Entry::of(path), |at| entries.remove(at));
        let known = entry.text.clone().filter(|_| !entry.forgotten);
        entry.waiting.push(Waiting {
            hear: Rc::clone(&hear),
            knows: known.is_some(),
        });
        let asked = (Rc::clone(&entry.path), known);
        entries.push(entry);
        if entries.len() > KEPT
            && let Some(unused) = entries.iter().position(|entry| entry.waiting.is_empty())
        {
            entries.remove(unused);
        }
        asked
    });
    (Asker { path, hear }, known)
}

/// Something below these addresses has changed: who waits for it is told, if it says
/// something else now.
pub(crate) fn changed(below: &[&str]) {
    let begins = |path: &str| below.iter().any(|it| path.starts_with(it));
    let paths: Vec<_> = ENTRIES.with_borrow(|entries| {
        let wanted = entries
            .iter()
            .filter(|entry| !entry.waiting.is_empty() && begins(&entry.path));
        wanted.map(|entry| Rc::clone(&entry.path)).collect()
    });
    for path in paths {
        again(&path);
    }
}

/// Nothing that was answered is to be shown again.
pub(crate) fn forget() {
    ENTRIES.with_borrow_mut(|entries| {
        entries.retain(|entry| !entry.waiting.is_empty());
        for entry in entries {
            entry.forgotten = true;
        }
    });
}

fn with<T>(path: &str, read: impl FnOnce(&mut Entry) -> T) -> Option<T> {
    ENTRIES.with_borrow_mut(|entries| {
        let entry = entries.iter_mut().find(|entry| *entry.path == *path);
        entry.map(read)
    })
}

/// Asks now, or once more when the answer that is on its way is here.
fn again(path: &Rc<str>) {
    with(path, |entry| entry.again = entry.request.is_some());
    send(path);
}

/// Asks, unless that is on its way.
fn send(path: &Rc<str>) {
    let abort = Abort::new();
    let signal = abort.signal();
    let is_new = with(path, |entry| {
        let is_new = entry.request.is_none();
        if is_new {
            entry.request = Some(abort);
        }
        is_new
    });
    if is_new == Some(true) {
        let path = Rc::clone(path);
        web::spawn(async move {
            let answer = http::read(&path, &signal).await;
            if !signal.aborted() {
                tell(&path, &answer.map(Rc::from));
            }
        });
    }
}

fn tell(path: &Rc<str>, answer: &Answer) {
    let told = with(path, |entry| {
        entry.request = None;
        let is_same = entry.text.is_some() && entry.text.as_ref() == answer.as_ref().ok();
        if let Ok(text) = answer {
            entry.text = Some(Rc::clone(text));
            entry.forgotten = false;
        }
        let mut told = Vec::new();
        for waiting in &mut entry.waiting {
            if !(is_same && waiting.knows) {
                told.push(Rc::clone(&waiting.hear));
            }
            waiting.knows = answer.is_ok();
        }
        (told, std::mem::take(&mut entry.again))
    });
    let Some((told, again)) = told else { return };
    for hear in told {
        hear(answer);
    }
    if again {
        send(path);
    }
}

impl Entry {
    fn of(path: &str) -> Self {
        Self {
            path: path.into(),
            text: None,
            forgotten: false,
            waiting: Vec::new(),
            request: None,
            again: false,
        }
    }
}

impl Asker {
    /// Asks again; its answer is heard whatever it says.
    pub(super) fn again(&self) {
        with(&self.path, |entry| {
            let mut all = entry.waiting.iter_mut();
            if let Some(own) = all.find(|it| Rc::ptr_eq(&it.hear, &self.hear)) {
                own.knows = false;
            }
        });
        again(&self.path);
    }

    /// Waits at another address instead, and asks there only for what was asked for here.
    pub(super) fn moved(self, path: &str) -> Self {
        if *self.path == *path {
            return self;
        }
        let (asker, _) = wait(path, Rc::clone(&self.hear));
        // What was known of it is not what is shown now.
        with(path, |entry| entry.forgotten = true);
        if with(&self.path, |entry| entry.request.is_some()) == Some(true) {
            asker.again();
        }
        asker
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        with(&self.path, |entry| {
            entry.waiting.retain(|it| !Rc::ptr_eq(&it.hear, &self.hear));
            if entry.waiting.is_empty() {
                entry.request = None;
                entry.again = false;
            }
        });
    }
}
