//! Keeps one call's page in step with the server: the details by asking again
//! when the list says that something changed, the transcript by its stream.

use api::attend::Attending;
use api::desk::{CallDetail, CallStatus};
use api::functions::FunctionCallList;
use api::live::{Items, Unavailable, event};
use api::problem::slug;
use leptos::prelude::*;

use crate::data::api_client;
use crate::data::list::same_progress;
use crate::data::{Desk, Loaded};
use crate::features::calls::transcript::feed::Feed;
use browser::transcript::model::Audience;

use browser::ui::events::{EventStream, Signal};
use browser::ui::http::Failure;

/// What there is to see.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// Nothing yet.
    Loading,
    /// The call.
    Here,
    /// No such call.
    Missing,
    /// It could not be loaded.
    Failed(Failure),
}

/// Why the transcript cannot be read while the call goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untold {
    /// Retell does not let us.
    Refused,
    /// People talk with each other: it is not written down.
    TakenOver,
}

/// An open call. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Call {
    desk: Desk,
    pub(super) id: StoredValue<String>,
    stream: StoredValue<Option<EventStream>, LocalStorage>,
    pub(super) loaded: Loaded<CallDetail>,
    /// What there is to see.
    pub(super) shown: RwSignal<Shown>,
    /// All that is known.
    pub(super) detail: RwSignal<Option<CallDetail>>,
    /// Where the call stands; ahead of the details when the stream knows first.
    pub(super) status: RwSignal<CallStatus>,
    /// Why there is no more of the live transcript.
    pub(super) unavailable: RwSignal<Option<Untold>>,
    /// Who of the staff is in it.
    pub(super) attending: RwSignal<Attending>,
    /// The transcript.
    pub(super) feed: Feed,
}

impl Call {
    /// Opens a call for as long as the current component lives.
    pub(super) fn open(desk: Desk, id: String) -> Self {
        let call = Self {
            desk,
            loaded: Loaded::from(desk, api_client::call(&id)),
            id: StoredValue::new(id),
            stream: StoredValue::new_local(None),
            shown: RwSignal::new(Shown::Loading),
            detail: RwSignal::new(None),
            status: RwSignal::new(CallStatus::Registered),
            unavailable: RwSignal::new(None),
            attending: RwSignal::default(),
            feed: Feed::new(Audience::Staff),
        };
        on_cleanup(move || {
            call.stream.try_set_value(None);
        });
        call.show_what_is_loaded();
        call.load_on_change();
        call.stream_while_live();
        call.keep_functions();
        call
    }

    /// Which one it is.
    pub(super) fn id(self) -> String {
        self.id.get_value()
    }

    /// Where it is at our server.
    pub(super) fn path(self) -> String {
        self.id.with_value(|id| api_client::call(id))
    }

    /// Shows it as it will be once the server has done what was asked of it.
    pub(super) fn expect(self, change: impl FnOnce(&mut CallDetail)) {
        self.detail.update(|detail| {
            if let Some(detail) = detail {
                change(detail);
            }
        });
    }

    /// Loads everything about the call.
    pub(super) fn load(self) {
        self.loaded.reload();
    }

    fn show_what_is_loaded(self) {
        Effect::new(move || match self.loaded.value.get() {
            Some(Ok(detail)) => untrack(|| self.take(detail)),
            Some(Err(Failure::Problem { status: 404, .. })) => self.shown.set(Shown::Missing),
            Some(Err(failure)) if self.detail.with_untracked(Option::is_none) => {
                self.shown.set(Shown::Failed(failure));
            }
            // What is shown is better than nothing; that it is old is said above it.
            Some(Err(_)) | None => {}
        });
    }

    fn take(self, detail: CallDetail) {
        self.set_status(detail.summary.status);
        let live = self.status.get_untracked().is_live();
        if !live {
            self.feed.end();
        }
        // While the call is held the stream knows more; and the details of a
        // call that has just ended may come before its final transcript.
        if detail.redacted_at.is_some() {
            // With what our server kept of its functions, which was told before.
            self.feed.keep(Vec::new(), 0);
            self.feed.snapshot(Vec::new());
        } else if !live && !detail.transcript.is_empty() {
            self.feed.snapshot(detail.transcript.clone());
        }
        self.detail.set(Some(detail));
        self.shown.set(Shown::Here);
    }

    /// Calls only move forward.
    fn set_status(self, status: CallStatus) {
        if status > self.status.get_untracked() {
            self.status.set(status);
        }
    }

    /// Reads the live transcript while there is one and somebody looks.
    fn stream_while_live(self) {
        let wanted = Memo::new(move |_| {
            self.desk.awake.get() && self.shown.get() == Shown::Here && self.status.get().is_live()
        });
        Effect::new(move || {
            let stream = wanted.get().then(|| self.stream());
            self.stream.set_value(stream);
        });
    }

    fn stream(self) -> EventStream {
        let url = self.id.with_value(|id| api_client::call_events(id));
        EventStream::open(&url, None, move |signal| match signal {
            Signal::Event { name, data } => match name {
                event::SNAPSHOT => {
                    // Retell lets nobody read along before: its webhook may come later.
                    self.set_status(CallStatus::Ongoing);
                    self.items(data, Feed::snapshot);
                }
                event::ITEMS => self.items(data, Feed::apply),
                event::UNAVAILABLE => {
                    let told = serde_json::from_str::<Unavailable>(data);
                    let is_taken = told.is_ok_and(|told| told.problem == slug::TAKEN_OVER);
                    self.unavailable.set(Some(match is_taken {
                        true => Untold::TakenOver,
                        false => Untold::Refused,
                    }));
                }
                event::ATTENDING => {
                    self.attending
                        .set(serde_json::from_str(data).unwrap_or_default());
                }
                event::ENDED => {
                    self.feed.end();
                    self.set_status(CallStatus::Ended);
                    self.load();
                }
                // The server closes the stream after this, and it is opened anew.
                _ => {}
            },
            // Perhaps the call ended while we were away: the details know.
            Signal::Refused => self.load(),
            // Who is in it is told next; of nobody, nothing is.
            Signal::Open { .. } => self.attending.set(Attending::default()),
            Signal::Lost => {}
        })
    }

    fn items(self, data: &str, take: fn(Feed, Vec<api::live::Item>)) {
        match serde_json::from_str(data) {
            Ok(Items { items }) => {
                take(self.feed, items);
                self.unavailable.set(None);
            }
            // Perhaps it is for a newer desk than this one.
            Err(_) => self.desk.look_for_version(),
        }
    }

    /// Shows what our server kept of the call's functions, anew with each that is asked for or
    /// answers.
    fn keep_functions(self) {
        let path = self.id.with_value(|id| api_client::call(id)) + "/functions";
        let functions = Loaded::<FunctionCallList>::from(self.desk, path);
        let begun_at = Memo::new(move |_| {
            self.detail.with(|detail| {
                let summary = &detail.as_ref()?.summary;
                Some(summary.started_at.unwrap_or(summary.created_at))
            })
        });
        Effect::new(move || {
            let is_redacted = |detail: &CallDetail| detail.redacted_at.is_some();
            let words_are_gone = self
                .detail
                .with_untracked(|detail| detail.as_ref().is_some_and(is_redacted));
            if !words_are_gone
                && let (Some(Ok(kept)), Some(begun_at)) = (functions.value.get(), begun_at.get())
            {
                self.feed.keep(kept.items, begun_at);
            }
        });
    }

    /// The list's stream tells when the call is answered, over or analysed.
    fn load_on_change(self) {
        self.desk.calls.hear(move |changed| {
            let news = self.id.with_value(|id| *id == changed.id)
                && self.detail.with_untracked(|detail| {
                    let is_known = |detail: &CallDetail| same_progress(&detail.summary, &changed);
                    // Who ended it may be told after the end, and stands in no row.
                    !changed.status.is_live() || !detail.as_ref().is_some_and(is_known)
                });
            if news {
                self.set_status(changed.status);
                self.load();
            }
        });
    }
}
