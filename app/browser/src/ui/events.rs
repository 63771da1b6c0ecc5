//! A Server-Sent Events stream that keeps itself open until it is dropped.
//!
//! The browser reconnects by itself, with `Last-Event-ID`, while the server is
//! merely away. When the server answers with an error the browser gives up for
//! good; then this opens a new stream after a pause that grows, and says so,
//! because what happened in between is unknown.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use super::web::Timer;

/// The first pause before a new stream (ms); it doubles up to [`LONGEST_PAUSE_MS`].
const FIRST_PAUSE_MS: u64 = 1_000;
const LONGEST_PAUSE_MS: u64 = 15_000;

/// What a stream tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal<'a> {
    /// It is open. When not `resumed`, events may have been missed before.
    Open {
        /// The server was told the last event we had.
        resumed: bool,
    },
    /// An event of one of the names asked for.
    Event {
        /// Its name.
        name: &'a str,
        /// Its data, usually JSON.
        data: &'a str,
    },
    /// The connection is lost; the browser is opening it again.
    Lost,
    /// The server answered with an error or with "no more"; a new stream is
    /// tried after a pause, unless this one is dropped.
    Refused,
}

type Handler = Rc<dyn Fn(Signal<'_>)>;

/// An open stream. Dropping it closes it and stops every retry.
pub struct EventStream {
    shared: Rc<Shared>,
}

impl std::fmt::Debug for EventStream {
    /// Leaves the address out: it may carry a ticket.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

struct Shared {
    url: String,
    names: &'static [&'static str],
    handler: Handler,
    source: RefCell<Option<Source>>,
    retry: Cell<Option<Timer>>,
    failures: Cell<u32>,
}

/// The browser's stream with the closures it calls.
struct Source {
    inner: EventSource,
    _on_open: Closure<dyn Fn()>,
    _on_error: Closure<dyn Fn()>,
    _on_event: Closure<dyn Fn(MessageEvent)>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.inner.set_onopen(None);
        self.inner.set_onerror(None);
        self.inner.close();
    }
}

impl EventStream {
    /// Opens the stream and tells `handler` what happens on it.
    pub fn open(
        url: String,
        names: &'static [&'static str],
        handler: impl Fn(Signal<'_>) + 'static,
    ) -> Self {
        let shared = Rc::new(Shared {
            url,
            names,
            handler: Rc::new(handler),
            source: RefCell::new(None),
            retry: Cell::new(None),
            failures: Cell::new(0),
        });
        shared.connect();
        Self { shared }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.shared.retry.take();
        // A handler that drops its own stream is still running: the closures
        // are released by wasm-bindgen once it returns.
        self.shared.source.take();
    }
}

impl Shared {
    fn connect(self: &Rc<Self>) {
        let Ok(source) = EventSource::new(&self.url) else {
            // Only an address that cannot be parsed; it would not get better.
            return;
        };
        let resumed = Cell::new(false);
        let weak = Rc::downgrade(self);
        let on_open = Closure::<dyn Fn()>::new(move || {
            if let Some(shared) = weak.upgrade() {
                shared.failures.set(0);
                (shared.handler.clone())(Signal::Open {
                    resumed: resumed.replace(true),
                });
            }
        });
        let weak = Rc::downgrade(self);
        let on_error = Closure::<dyn Fn()>::new(move || Self::failed(&weak));
        let weak = Rc::downgrade(self);
        let on_event = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let (Some(shared), Some(data)) = (weak.upgrade(), event.data().as_string()) {
                (shared.handler.clone())(Signal::Event {
                    name: &event.type_(),
                    data: &data,
                });
            }
        });
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        for name in self.names {
            // Adding a listener to a live object cannot fail.
            let _ =
                source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        }
        let source = Source {
            inner: source,
            _on_open: on_open,
            _on_error: on_error,
            _on_event: on_event,
        };
        self.source.replace(Some(source));
    }

    fn failed(weak: &Weak<Self>) {
        let Some(shared) = weak.upgrade() else { return };
        let gave_up = shared
            .source
            .borrow()
            .as_ref()
            .is_some_and(|source| source.inner.ready_state() == EventSource::CLOSED);
        if !gave_up {
            (shared.handler.clone())(Signal::Lost);
            return;
        }
        let failures = shared.failures.get();
        shared.failures.set(failures.saturating_add(1));
        let pause = (FIRST_PAUSE_MS << failures.min(8)).min(LONGEST_PAUSE_MS);
        let weak = weak.clone();
        let retry = Timer::new(move || {
            if let Some(shared) = weak.upgrade() {
                shared.connect();
            }
        });
        retry.set(pause);
        shared.retry.set(Some(retry));
        (shared.handler.clone())(Signal::Refused);
    }
}
