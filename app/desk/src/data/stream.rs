//! Event streams that notice when they have fallen silent: of a connection that is half open
//! neither side hears that nothing comes any more.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use api::desk::event::HEARTBEAT;
use browser::ui::events::{EventStream, Signal};
use browser::ui::web::Timer;

/// How long nothing may come (ms): three heartbeats of the server.
const SILENCE_MS: u64 = 45_000;

/// An event stream that is opened anew once nothing has come for too long. It ends with its
/// owner.
pub(crate) struct Stream {
    _inner: Rc<Inner>,
}

struct Inner {
    url: String,
    names: &'static [&'static str],
    handler: Box<dyn Fn(Signal<'_>)>,
    stream: RefCell<Option<EventStream>>,
    silence: Timer,
}

impl Stream {
    /// Opens it and tells `handler` what happens on it. `names` has the heartbeat among them,
    /// which the handler does not hear of.
    pub(crate) fn open(
        url: String,
        names: &'static [&'static str],
        handler: impl Fn(Signal<'_>) + 'static,
    ) -> Self {
        debug_assert!(names.contains(&HEARTBEAT));
        let inner = Rc::new_cyclic(|silent: &Weak<Inner>| {
            let silent = silent.clone();
            let reopen = move || {
                if let Some(inner) = silent.upgrade() {
                    (inner.handler)(Signal::Lost);
                    inner.connect();
                }
            };
            Inner {
                url,
                names,
                handler: Box::new(handler),
                stream: RefCell::new(None),
                silence: Timer::new(reopen),
            }
        });
        inner.connect();
        Self { _inner: inner }
    }
}

impl Inner {
    fn connect(self: &Rc<Self>) {
        self.silence.set(SILENCE_MS);
        let hears = Rc::downgrade(self);
        let stream = EventStream::open(self.url.clone(), self.names, move |signal| {
            let Some(inner) = hears.upgrade() else { return };
            inner.silence.set(SILENCE_MS);
            if !matches!(
                signal,
                Signal::Event {
                    name: HEARTBEAT,
                    ..
                }
            ) {
                (inner.handler)(signal);
            }
        });
        self.stream.replace(Some(stream));
    }
}
