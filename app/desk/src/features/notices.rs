//! Telling people what happens while they do something else: in the page, by the browser, by a
//! sound. What is told and how is chosen in each browser ([`Choices`]).
//!
//! Every tab hears all of it; one of them tells it, the one in front if there is one.

mod choice;
mod choices;
mod news;
mod system;
mod tone;

use api::availability::Availability;
use api::callbacks::{Callback, CallbackPage};
use api::desk::{CallDetail, CallPage, CallSummary, GivenCalls};
use api::marks::CallFlag;
use api::warnings::Severity;
use browser::ui::json;
use browser::ui::web::{self, Listener};
use js_sys::{Function, Promise};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::data::staff::Staff;
use crate::data::{Desk, GIVEN, Loaded, NOTICES, api_client, cache};
use crate::kit::icon::{Icon, icon};
use crate::nav::{self, Link};
use crate::route::Route;
use crate::words::notices::Texts;
use choice::Choice;
pub(crate) use choices::Choices;
use news::{Seen, What};
use system::Shown;
use tone::Tones;

/// Calls that go on; the same address as where they are counted.
const LIVE: &str = "/api/desk/calls?status=live&limit=100";
/// Call-backs to be done, as on their page.
const TO_DO: &str = "/api/desk/callbacks?limit=100";

/// How long something is told in the page (ms) which somebody looks at.
const STAYS_MS: i64 = 12_000;
/// How much is told in the page at once.
const MOST: usize = 4;
/// How long (ms) nobody else tells what one tab has told. Timers of a tab that is out of sight
/// may be late by seconds.
const TOLD_MS: i32 = 30_000;
/// Where somebody speaks in this tab there is a button to be mute.
const SPEAKING: &str = "[data-key=mute]";

/// What is chosen in this browser.
fn kept() -> Choice {
    let storage = window().local_storage().ok().flatten();
    let text = storage.and_then(|storage| storage.get_item(NOTICES).ok().flatten());
    Choice::parse(&text.unwrap_or_default())
}

/// Keeps what is chosen.
fn keep(choice: Choice) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A browser without storage tells nothing once the page is loaded anew.
        let _ = match choice == Choice::default() {
            true => storage.remove_item(NOTICES),
            false => storage.set_item(NOTICES, &choice.to_text()),
        };
    }
}

/// News as they are told.
#[derive(Clone)]
struct Notice {
    what: What,
    /// The same in every tab, and no other news have it.
    key: String,
    title: String,
    body: String,
    to: Route,
}

/// Told in the page.
#[derive(Clone)]
struct Told {
    notice: Notice,
    /// Until when (Unix ms).
    until: i64,
}

/// What tells. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Teller {
    desk: Desk,
    staff: Staff,
    choice: RwSignal<Choice>,
    seen: StoredValue<Seen>,
    /// The newest last.
    told: RwSignal<Vec<Told>>,
    tones: StoredValue<Option<Tones>, LocalStorage>,
    /// Whether a sound was to be heard that the browser held back.
    held_back: RwSignal<bool>,
    shown: StoredValue<Vec<Shown>, LocalStorage>,
}

/// Tells what happens for as long as it is there.
#[component]
pub(crate) fn Notices(desk: Desk) -> impl IntoView {
    let teller = Teller {
        desk,
        staff: Staff::of(desk),
        choice: RwSignal::new(kept()),
        seen: StoredValue::new(Seen::default()),
        told: RwSignal::new(Vec::new()),
        tones: StoredValue::new_local(None),
        held_back: RwSignal::new(false),
        shown: StoredValue::new_local(Vec::new()),
    };
    // What is chosen here or in another tab.
    let stored = move |_| teller.choice.set(kept());
    StoredValue::new_local(Listener::new(&web::window(), "storage", stored));
    teller.listen();
    teller.wait_for_callbacks();
    teller.hear_of_given();
    teller.hear_of_flagged();
    teller.sound();
    // A tab that is told nothing lets go of the stream when nobody looks at it.
    Effect::new(move || {
        let far = teller.choice.get().reaches_far() && is_one_of_many();
        desk.attentive.set_value(far);
    });
    on_cleanup(move || desk.attentive.set_value(false));
    view! { <Place teller /> }
}

impl Teller {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn me(self) -> String {
        untrack(|| self.desk.me())
    }

    /// Hears of calls: what is listed at first is known, what is listed or told after that is news.
    fn listen(self) {
        let live = Loaded::<CallPage>::from(self.desk, LIVE);
        let mine = format!("/api/desk/calls?claimed_by={}&limit=100", self.me());
        let mine = Loaded::<CallPage>::from(self.desk, mine);
        let is_known = StoredValue::new(false);
        Effect::new(move || {
            let (live, mine) = (live.value.get(), mine.value.get());
            let (Some(Ok(live)), Some(Ok(mine))) = (live, mine) else {
                return;
            };
            if is_known.get_value() {
                for call in &live.items {
                    self.calls(call, Seen::read);
                }
            } else {
                self.seen.update_value(|seen| {
                    for call in live.items.iter().chain(&mine.items) {
                        seen.know(call);
                    }
                });
                is_known.set_value(true);
            }
        });
        self.desk.calls.hear(move |call| {
            if is_known.get_value() {
                self.calls(&call, Seen::hear);
            }
        });
    }

    /// Whoever is given a call is told so, whatever they chose.
    /// And when they come back, until they have seen it: opened the call, or put that away.
    fn hear_of_given(self) {
        let given = Loaded::<GivenCalls>::from(self.desk, GIVEN);
        let calls = move || given.value.get().and_then(Result::ok).map(|it| it.items);
        Effect::new(move |told: Option<Vec<String>>| {
            let told = told.unwrap_or_default();
            let Some(calls) = calls() else { return told };
            for call in calls.iter().filter(|call| !told.contains(&call.id)) {
                self.tell(self.of_call(What::Given, call));
            }
            calls.into_iter().map(|call| call.id).collect()
        });
        Effect::new(move || {
            let (Route::Call(open), Some(calls)) = (self.desk.route.get().page(), calls()) else {
                return;
            };
            if calls.iter().any(|call| call.id == open) {
                see(&open);
            }
        });
    }

    /// Whoever is to look at flagged calls is told of each, and who flagged it.
    fn hear_of_flagged(self) {
        Effect::new(move || {
            let ids = self.desk.flagged.get();
            if ids.is_empty() {
                return;
            }
            self.desk.flagged.set(Vec::new());
            for id in ids {
                web::spawn(async move {
                    let call = api_client::get::<CallDetail>(&api_client::call(&id)).await;
                    // Where it fails, or was taken off by now, the list says how it stands.
                    if let Ok(CallDetail {
                        summary,
                        flag: Some(flag),
                        ..
                    }) = call
                    {
                        self.tell(self.of_flag(&summary, &flag));
                    }
                });
            }
        });
    }

    fn of_flag(self, call: &CallSummary, flag: &CallFlag) -> Notice {
        let texts = untrack(|| self.texts());
        let why = flag.reason.as_ref();
        let why = why.map_or_else(String::new, |reason| format!(" · {reason}"));
        Notice {
            what: What::Flagged,
            key: format!("{}-flagged-{}", call.id, flag.since),
            title: match flag.name.as_str() {
                "" => texts.flagged_somehow().to_owned(),
                name => texts.flagged(name),
            },
            body: untrack(|| self.desk.texts().other_side(call)) + &why,
            to: Route::Call(call.id.clone()),
        }
    }

    fn calls(self, call: &CallSummary, how: fn(&mut Seen, &CallSummary, &str) -> Vec<What>) {
        let me = self.me();
        let news = self.seen.try_update_value(|seen| how(seen, call, &me));
        for what in news.unwrap_or_default() {
            self.tell(self.of_call(what, call));
        }
    }

    fn of_call(self, what: What, call: &CallSummary) -> Notice {
        let texts = untrack(|| self.texts());
        let whose = call.claimed_by.as_deref().unwrap_or_default();
        let name = || untrack(|| self.staff.one(whose)).map(|it| it.name);
        let warning = call.warning.as_deref().unwrap_or_default();
        let (title, of) = match what {
            What::Begun | What::Due | What::Flagged => (texts.begun().to_owned(), String::new()),
            What::Warned(_) => {
                let at = call.warned_at.unwrap_or_default();
                (texts.warned(warning), at.to_string())
            }
            What::Given => (texts.given().to_owned(), whose.to_owned()),
            What::Taken => {
                let title = name().map(|name| texts.taken(&name));
                (
                    title.unwrap_or_else(|| texts.gone().to_owned()),
                    whose.to_owned(),
                )
            }
        };
        Notice {
            what,
            key: format!("{}-{what:?}-{of}", call.id),
            title,
            body: untrack(|| self.desk.texts().other_side(call)),
            to: Route::Call(call.id.clone()),
        }
    }

    /// Call-backs become due while nothing is told.
    fn wait_for_callbacks(self) {
        let to_do = Loaded::<CallbackPage>::from(self.desk, TO_DO);
        let since = self.desk.now.get_untracked();
        Effect::new(move || {
            let now = self.desk.now.get();
            let due = to_do.value.with(|to_do| match to_do {
                Some(Ok(page)) => {
                    let due = |seen: &mut Seen| seen.due(&page.items, since, now);
                    self.seen.try_update_value(due)
                }
                _ => None,
            });
            for callback in due.unwrap_or_default() {
                untrack(|| self.tell(self.of_callback(callback)));
            }
        });
    }

    fn of_callback(self, callback: Callback) -> Notice {
        Notice {
            what: What::Due,
            key: format!("{}-{}", callback.id, callback.due_at),
            title: self.texts().due().to_owned(),
            body: callback.name,
            to: Route::Callbacks,
        }
    }

    /// Tells it, unless another tab does.
    fn tell(self, notice: Notice) {
        if !self.choice.get_untracked().wants(notice.what) {
            return;
        }
        // Who is in front is first.
        let wait = match (has_focus(), web::is_hidden()) {
            (true, _) => 0,
            (_, false) => 100,
            _ => 300,
        };
        let key = notice.key.clone();
        let told = move || {
            let told = move || self.tell_here(notice);
            first_of_tabs(&key, told);
        };
        web::later(wait, told);
    }

    fn tell_here(self, notice: Notice) {
        let (Some(choice), route) = (
            self.choice.try_get_untracked(),
            self.desk.route.get_untracked(),
        ) else {
            return;
        };
        // Whoever looks at it sees it.
        if has_focus() && route.page() == notice.to {
            return;
        }
        if choice.sound && !self.is_to_be_quiet() {
            self.play(notice.what, choice.volume);
        }
        if choice.browser && !has_focus() {
            let (to, route) = (notice.to.clone(), self.desk.route);
            let open = move || nav::go(route, to.clone());
            let shown = system::show(&notice.title, &notice.body, &notice.key, open);
            self.shown.update_value(|all| {
                all.extend(shown);
                // Older ones are gone, or nobody presses them any more.
                let old = all.len().saturating_sub(20);
                all.drain(..old);
            });
        }
        let is_given = notice.what == What::Given;
        if choice.page || is_given || notice.what == What::Flagged {
            let until = match is_given {
                true => i64::MAX,
                false => self.desk.now.get_untracked() + STAYS_MS,
            };
            self.told.update(|told| {
                told.retain(|it| it.notice.key != notice.key);
                told.push(Told { notice, until });
                let old = told.len().saturating_sub(MOST);
                told.drain(..old);
            });
        }
    }

    /// Whether the reader is away, as they said, or speaks with somebody.
    fn is_to_be_quiet(self) -> bool {
        let reader = untrack(|| self.staff.reader());
        let speaks = document().query_selector(SPEAKING);
        speaks.is_ok_and(|it| it.is_some())
            || reader.is_some_and(|it| it.in_call || it.said == Some(Availability::Away))
    }

    fn play(self, what: What, volume: u8) {
        self.tones.with_value(|tones| {
            if let Some(tones) = tones {
                tones.play(what, volume, move |heard| {
                    self.held_back.try_set(!heard);
                });
            }
        });
    }

    /// Sounds are heard once somebody has pressed something in the page.
    fn sound(self) {
        let wanted = Memo::new(move |_| self.choice.get().sound);
        Effect::new(move || {
            let tones = wanted.get().then(Tones::new).flatten();
            self.tones.set_value(tones);
            self.held_back.set(false);
        });
        for event in ["keydown", "pointerup"] {
            let wake = move |_| {
                self.tones
                    .with_value(|tones| tones.as_ref().map(Tones::wake));
                self.held_back.set(false);
            };
            StoredValue::new_local(Listener::new(&web::window(), event, wake));
        }
    }
}

/// The reader has seen that this call was given to them.
fn see(call_id: &str) {
    let path = format!("{}/claim/seen", api_client::call(call_id));
    web::spawn(async move {
        // Where it fails they are told once more.
        let _ = api_client::put::<()>(&path, &()).await;
        cache::changed(&[GIVEN]);
    });
}

/// Whether somebody is at this tab.
fn has_focus() -> bool {
    document().has_focus().unwrap_or_default()
}

/// Whether tabs can agree on which of them does something.
fn is_one_of_many() -> bool {
    !json::get(&web::window().navigator(), "locks").is_undefined()
}

/// Does it in the first tab that wants to, where tabs can agree on that.
fn first_of_tabs(key: &str, act: impl FnOnce() + 'static) {
    let locks = json::get(&web::window().navigator(), "locks");
    let Ok(request) = json::get(&locks, "request").dyn_into::<Function>() else {
        return act();
    };
    let granted = Closure::once_into_js(move |lock: JsValue| {
        if lock.is_null() {
            return JsValue::UNDEFINED;
        }
        act();
        let mut told = |done: Function, _| {
            let done = move || drop(done.call0(&JsValue::UNDEFINED));
            web::later(TOLD_MS, done);
        };
        Promise::new(&mut told).into()
    });
    let name = format!("switchboard-told-{key}");
    let options = json::object(&[("ifAvailable", true.into())]);
    // What it gives is that all is over.
    let _ = request.call3(&locks, &name.into(), &options, &granted);
}

/// Where it is told in the page: in sight on every page, and in nobody's way.
#[component]
fn Place(teller: Teller) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    // Nothing goes while somebody is at it, or cannot see it.
    Effect::new(move || {
        let now = teller.desk.now.get();
        if teller.told.with_untracked(Vec::is_empty) {
            return;
        }
        let place = place.get_untracked();
        let is_there = place.and_then(|it| it.matches(":hover, :focus-within").ok());
        if is_there == Some(true) || web::is_hidden() {
            let until = now + STAYS_MS;
            teller.told.update_untracked(|told| {
                for it in told {
                    it.until = it.until.max(until);
                }
            });
        } else if teller
            .told
            .with_untracked(|told| told.iter().any(|it| it.until <= now))
        {
            teller.told.update(|told| told.retain(|it| it.until > now));
        }
    });
    // Whoever opens it need not be told of it any more.
    Effect::new(move || {
        let open = teller.desk.route.get().page();
        if teller
            .told
            .with_untracked(|told| told.iter().any(|it| it.notice.to == open))
        {
            teller
                .told
                .update(|told| told.retain(|it| it.notice.to != open));
        }
    });
    let those = move |urgent: bool| {
        let all = teller.told.get().into_iter().map(|it| it.notice);
        all.filter(|it| is_urgent(it) == urgent).collect::<Vec<_>>()
    };
    let list = move |urgent: bool| {
        view! {
            <For
                each=move || those(urgent)
                key=|notice| notice.key.clone()
                children=move |notice| line(teller, notice)
            />
        }
    };
    let held_back = move || {
        let text = move || teller.texts().held_back();
        teller
            .held_back
            .get()
            .then(|| view! { <p class="sb-toast"><span>{text}</span></p> })
    };
    view! {
        <div class="sb-notices" node_ref=place>
            <div role="alert">{list(true)}</div>
            <div role="status">{list(false)} {held_back}</div>
        </div>
    }
}

/// What is said at once, whatever a screen reader is reading.
fn is_urgent(notice: &Notice) -> bool {
    matches!(notice.what, What::Warned(Severity::High) | What::Flagged)
}

fn line(teller: Teller, notice: Notice) -> impl IntoView {
    let kit = move || crate::words::kit::Texts::of(teller.desk.lang.get());
    let Notice {
        what,
        key,
        title,
        body,
        to,
    } = notice;
    let given = match (what, &to) {
        (What::Given, Route::Call(id)) => Some(id.clone()),
        _ => None,
    };
    let close = move |_| {
        if let Some(id) = &given {
            see(id);
        }
        teller
            .told
            .update(|told| told.retain(|it| it.notice.key != key));
    };
    view! {
        <div class="sb-toast">
            <span>
                <strong>{title}</strong>
                " "
                <Link route=teller.desk.route to>{body}</Link>
            </span>
            <button
                type="button"
                class="sb-button sb-button-quiet"
                aria-label=move || kit().close()
                on:click=close
            >
                {icon(Icon::Close)}
            </button>
        </div>
    }
}
