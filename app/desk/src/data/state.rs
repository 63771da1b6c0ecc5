//! What the pages of the desk share.

use std::collections::HashMap;
use std::time::Duration;

use api::calls::CallQuery;
use api::desk::{CallPage, CallSummary, Session, event};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys;
use wasm_bindgen::JsValue;

use super::api_client;
use super::cache;
use super::list::{CallList, Effect as ListEffect};
use super::version;
use crate::kit;
use crate::nav;
use crate::role::Role;
use crate::route::Route;
use crate::texts::Texts;
use crate::unsaved;
use crate::words::format;
use crate::words::{self, Lang};
use browser::ui::http::Failure;
use browser::ui::time;

const LANGUAGE_KEY: &str = "switchboard-language";
/// Where it is kept, in this browser, what somebody wants to be told of.
pub(crate) const NOTICES: &str = "switchboard-notices";
/// The calls that were given to the reader, who has not seen that yet.
pub(crate) const GIVEN: &str = "/api/desk/calls/given";

/// Who is at the desk.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Standing {
    /// Not known yet.
    Asking,
    /// Nobody.
    SignedOut,
    /// This person.
    SignedIn(Session),
    /// The server does not tell.
    Failed(Failure),
    /// Somebody who wants to leave and could not, and why.
    Staying(Failure),
}

/// Something that is being loaded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Load {
    /// On its way.
    Loading,
    /// Here.
    Done,
    /// It did not come.
    Failed(Failure),
}

/// Draws a call the reader is in.
pub(crate) type InCall = fn(Desk) -> AnyView;

/// The desk. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// The language of the reader.
    pub(crate) lang: RwSignal<Lang>,
    /// Who is signed in.
    pub(crate) standing: RwSignal<Standing>,
    /// Whether the person's session has ended over what they are typing.
    pub(crate) ended: RwSignal<bool>,
    /// Why something was not done whose page was left meanwhile.
    pub(crate) not_done: RwSignal<Option<Failure>>,
    /// Which page is open.
    pub(crate) route: RwSignal<Route>,
    /// The time (Unix ms), once a second.
    pub(crate) now: RwSignal<i64>,
    /// The business's day (`2026-11-21`).
    pub(crate) today: Memo<String>,
    /// Whether changes arrive.
    pub(crate) connected: RwSignal<bool>,
    /// Whether the server has a newer desk than this one.
    pub(crate) outdated: RwSignal<bool>,
    /// Notified when changes may have gone unheard.
    pub(crate) missed: Trigger,
    /// False once the page has been out of sight for a while.
    pub(crate) awake: Signal<bool>,
    /// Whether the stream is kept open though the page is out of sight: somebody wants to be told.
    pub(crate) attentive: StoredValue<bool>,
    /// The event (or none) with which the keys and the notices are loaded that the first page
    /// lacks.
    pub(crate) later: RwSignal<Option<StoredValue<JsValue, LocalStorage>>>,
    /// The calls that others flagged, until the reader, who is to look at such, is told.
    pub(crate) flagged: RwSignal<Vec<String>>,
    /// What shows the call of a visitor that the reader is in, above every page. Emptied, they
    /// leave it.
    pub(crate) in_call: RwSignal<Option<InCall>>,
    /// Which calls are listed; as the address bar says.
    pub(crate) filter: RwSignal<CallQuery>,
    /// The calls.
    pub(crate) calls: Calls,
}

/// The call list as the page shows it.
#[derive(Clone, Copy)]
pub(crate) struct Calls {
    list: StoredValue<CallList>,
    /// The changes since the first page was asked for, and whether each
    /// belongs into the list.
    meanwhile: StoredValue<Vec<(CallSummary, bool)>>,
    /// Numbers the loads of the first page.
    request: StoredValue<u32>,
    /// The last of them that was answered: an earlier one comes too late.
    answered: StoredValue<u32>,
    /// Notified when calls came, left or moved.
    pub(crate) order: Trigger,
    /// Notified when calls say something else.
    pub(crate) contents: Trigger,
    /// Whether the first page is here.
    pub(crate) first: RwSignal<Load>,
    /// Whether the next page is here; `None` when there is none.
    pub(crate) more: RwSignal<Option<Load>>,
    /// When the oldest call was created that was looked at (Unix ms), where
    /// the list ends for want of matching ones among them.
    pub(crate) searched_to: RwSignal<Option<i64>>,
    /// Why the rows could not be loaded anew: they may be out of date.
    pub(crate) trouble: RwSignal<Option<Failure>>,
    /// Whether the rows are those of another filter, until the answer is here.
    pub(crate) stale: RwSignal<bool>,
    /// Which calls go on and which do not, as told since they were counted.
    pub(crate) told: RwSignal<HashMap<String, bool>>,
    /// The last change that was told.
    pub(crate) changed: RwSignal<Option<CallSummary>>,
    /// The call whose row the keyboard is to return to.
    pub(crate) focus: StoredValue<Option<String>>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let standing = RwSignal::new(Standing::Asking);
        let now = RwSignal::new(time::now());
        let attentive = StoredValue::new(false);
        let desk = Self {
            lang: RwSignal::new(Lang::of_page()),
            standing,
            ended: RwSignal::new(false),
            not_done: RwSignal::new(None),
            route: RwSignal::new(nav::current()),
            now,
            today: Memo::new(move |_| format::day(now.get(), &zone(standing))),
            connected: RwSignal::new(true),
            outdated: RwSignal::new(false),
            missed: Trigger::new(),
            awake: awake(attentive),
            attentive,
            later: RwSignal::new(None),
            flagged: RwSignal::default(),
            in_call: RwSignal::new(None),
            filter: RwSignal::new(nav::current_filter()),
            calls: Calls::new(),
        };
        Effect::new(move || {
            if desk.route.get() == Route::Calls {
                desk.show_filter(nav::current_filter());
            }
        });
        kit::speak(desk.lang, desk.now);
        Effect::new(move || desk.lang.get().mark_page());
        let tick = move || desk.now.set(time::now());
        if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || ticking.clear());
        }
        nav::follow_history(desk.route);
        desk
    }

    /// The words in the reader's language; follows a change of it.
    pub(crate) fn texts(self) -> Texts {
        Texts::of(self.lang.get())
    }

    /// The business's time zone.
    pub(crate) fn timezone(self) -> String {
        zone(self.standing)
    }

    /// What the person may do; the least while nobody is signed in.
    pub(crate) fn role(self) -> Role {
        self.standing.with(|standing| match standing {
            Standing::SignedIn(session) => Role::parse(&session.role),
            _ => Role::Agent,
        })
    }

    /// The person's id; empty while nobody is signed in.
    pub(crate) fn me(self) -> String {
        self.standing.with(|standing| match standing {
            Standing::SignedIn(session) => session.user_id.clone(),
            _ => String::new(),
        })
    }

    /// Changes the language and remembers it in this browser.
    pub(crate) fn speak(self, lang: Lang) {
        spawn_local(async move {
            // The page that is open may need either.
            if words::load(lang).await && words::load_later(lang).await {
                self.lang.set(lang);
            }
        });
        if let Ok(Some(storage)) = window().local_storage() {
            // Without storage the choice lasts until the page is closed.
            let _ = storage.set_item(LANGUAGE_KEY, lang.tag());
        }
    }

    /// Asks who is signed in.
    pub(crate) fn ask_who(self) {
        spawn_local(async move {
            let standing = match api_client::session().await {
                Ok(session) => Standing::SignedIn(session),
                Err(failure) if is_signed_out(&failure) => Standing::SignedOut,
                // A connection that comes back need not interrupt the work.
                Err(_) if matches!(self.standing.get_untracked(), Standing::SignedIn(_)) => return,
                Err(failure) => Standing::Failed(failure),
            };
            self.become_(standing);
        });
    }

    /// Signs out.
    pub(crate) fn leave(self) {
        spawn_local(async move {
            let standing = match api_client::sign_out().await {
                Ok(()) => Standing::SignedOut,
                Err(failure) if is_signed_out(&failure) => Standing::SignedOut,
                // Nobody should go on reading at this screen, nor believe that they have
                // left: with the next page they would be back.
                Err(failure) => Standing::Staying(failure),
            };
            self.become_(standing);
        });
    }

    /// Finds out whether the server has a newer desk than this one.
    pub(crate) fn look_for_version(self) {
        spawn_local(async move {
            if version::is_outdated().await {
                self.outdated.set(true);
            }
        });
    }

    /// What cannot be read is perhaps for a newer desk than this one.
    pub(super) fn failed_by(self, failure: &Failure) {
        if api_client::is_unreadable(failure) {
            self.look_for_version();
        }
    }

    /// Somebody came or left.
    pub(crate) fn become_(self, standing: Standing) {
        let before = self.standing.get_untracked();
        let was_here = matches!(before, Standing::SignedIn(_));
        // What is being typed stays, and signing in is asked for above it.
        let ended = was_here && standing == Standing::SignedOut && unsaved::any();
        self.ended.set(ended);
        if ended || before == standing {
            return;
        }
        let is_same = match (&before, &standing) {
            (Standing::SignedIn(before), Standing::SignedIn(now)) => before.user_id == now.user_id,
            _ => false,
        };
        if !is_same {
            self.calls.forget();
            cache::forget();
            self.in_call.set(None);
            if before == Standing::SignedOut {
                self.not_done.set(None);
            }
        }
        self.standing.set(standing);
    }

    /// Lists the calls that pass a filter, under an address of its own.
    pub(crate) fn filter_by(self, filter: CallQuery) {
        if self.filter.with_untracked(|current| *current != filter) {
            nav::remember(&nav::calls_address(&filter));
            self.show_filter(filter);
        }
    }

    fn show_filter(self, filter: CallQuery) {
        if self.filter.with_untracked(|current| *current != filter) {
            self.calls.stale.set(true);
            self.filter.set(filter);
        }
    }

    /// Takes in a change from the event stream.
    pub(crate) fn call_changed(self, call: CallSummary) {
        let timezone = self.timezone();
        let day = |ms| format::day(ms, &timezone);
        // What its row does not tell is as it was when it was asked for.
        let is_listed = || {
            self.calls
                .list
                .with_value(|list| list.get(&call.id).is_some())
        };
        let wanted = self.filter.with_untracked(|filter| {
            filter.matches(&call, day, time::read_moment)
                && (filter.deeper.is_empty() || is_listed())
        });
        self.calls.merge(call, wanted);
    }

    /// Somebody was given a call, or flagged one: `told` is their id, a space, and the call's.
    pub(crate) fn call_marked(self, event: &str, told: &str) {
        let (Standing::SignedIn(session), Some((who, call_id))) =
            (self.standing.get_untracked(), told.split_once(' '))
        else {
            return;
        };
        match (event == event::GIVEN, session.user_id == who) {
            (true, true) => cache::changed(&[GIVEN]),
            (false, false) if self.role() >= Role::Supervisor => {
                self.flagged.update(|all| all.push(call_id.to_owned()));
            }
            _ => return,
        }
        self.load_later();
    }

    /// Loads the first page of calls; what is shown stays until it is here.
    pub(crate) fn load_calls(self) {
        let Calls {
            list,
            meanwhile,
            request,
            answered,
            first,
            ..
        } = self.calls;
        let number = request.get_value() + 1;
        // What was told since an earlier load that is still on its way, its answer lacks.
        if answered.get_value() == request.get_value() {
            meanwhile.set_value(Vec::new());
        }
        request.set_value(number);
        let filter = self.filter.get_untracked();
        let shown = if self.calls.stale.get_untracked() {
            0
        } else {
            list.with_value(|list| list.rows().len())
        };
        if list.with_value(|list| list.rows().is_empty()) {
            first.set(Load::Loading);
        }
        spawn_local(async move {
            let answer = api_client::first_calls(&filter, shown).await;
            // Somebody signed out, a newer answer is here, or other calls are
            // wanted by now.
            if answered.get_value() > number
                || self.filter.with_untracked(|current| *current != filter)
            {
                return;
            }
            answered.set_value(number);
            let answer = answer.inspect_err(|failure| self.failed_by(failure));
            match answer {
                Ok(page) => {
                    self.calls.restart(page);
                    let kept = window().local_storage();
                    let kept = kept.map(|it| it.map(|it| it.get_item(NOTICES)));
                    if let Ok(Some(Ok(Some(_)))) = kept {
                        self.load_later();
                    }
                }
                Err(failure) if is_signed_out(&failure) => self.become_(Standing::SignedOut),
                Err(failure) if shown == 0 => first.set(Load::Failed(failure)),
                // The list on screen is better than none, if it is said that it is old.
                Err(failure) => self.calls.trouble.set(Some(failure)),
            }
        });
    }

    /// Loads what the first page lacks, unless that is done.
    pub(crate) fn load_later(self) {
        self.load_later_for(JsValue::UNDEFINED);
    }

    /// The same, for an event of which it knows what to do.
    pub(crate) fn load_later_for(self, event: JsValue) {
        if self.later.with_untracked(Option::is_none) {
            self.later.set(Some(StoredValue::new_local(event)));
        }
    }

    /// Loads the next page of calls.
    pub(crate) fn load_more(self) {
        let Calls {
            list,
            request,
            more,
            ..
        } = self.calls;
        let Some(cursor) = list.with_value(|list| list.next_cursor().map(str::to_owned)) else {
            return;
        };
        if more.get_untracked() == Some(Load::Loading) {
            return;
        }
        more.set(Some(Load::Loading));
        let number = request.get_value();
        let filter = self.filter.get_untracked();
        spawn_local(async move {
            let answer = api_client::more_calls(&filter, cursor).await;
            if request.get_value() != number {
                // The list was started over, and may have no next page any more.
                self.calls.offer_more();
                return;
            }
            let answer = answer.inspect_err(|failure| self.failed_by(failure));
            match answer {
                Ok(page) => self.calls.append(page),
                Err(failure) if is_signed_out(&failure) => self.become_(Standing::SignedOut),
                Err(failure) => more.set(Some(Load::Failed(failure))),
            }
        });
    }
}

/// The time zone of the business whose person is there.
fn zone(standing: RwSignal<Standing>) -> String {
    standing.with(|standing| match standing {
        Standing::SignedIn(session) => session.timezone.clone(),
        _ => String::new(),
    })
}

/// Whether the server says that nobody is signed in.
pub(crate) fn is_signed_out(failure: &Failure) -> bool {
    matches!(failure, Failure::Problem { status: 401, .. })
}

impl Calls {
    fn new() -> Self {
        Self {
            list: StoredValue::new(CallList::default()),
            meanwhile: StoredValue::new(Vec::new()),
            request: StoredValue::new(0),
            answered: StoredValue::new(0),
            order: Trigger::new(),
            contents: Trigger::new(),
            first: RwSignal::new(Load::Loading),
            more: RwSignal::new(None),
            searched_to: RwSignal::new(None),
            trouble: RwSignal::new(None),
            stale: RwSignal::new(false),
            told: RwSignal::new(HashMap::new()),
            changed: RwSignal::new(None),
            focus: StoredValue::new(None),
        }
    }

    /// Reads the calls, in their order.
    pub(crate) fn read<T>(self, read: impl FnOnce(&[CallSummary]) -> T) -> T {
        self.list.with_value(|list| read(list.rows()))
    }

    /// A call, as it is now.
    pub(crate) fn get(self, id: &str) -> Option<CallSummary> {
        self.contents.track();
        self.list.with_value(|list| list.get(id).cloned())
    }

    fn merge(self, row: CallSummary, wanted: bool) {
        // A load that is on its way lacks it.
        if self.answered.get_value() != self.request.get_value() {
            self.meanwhile
                .update_value(|meanwhile| meanwhile.push((row.clone(), wanted)));
        }
        let effect = self.list.try_update_value(|list| {
            if wanted {
                list.merge(row.clone())
            } else {
                list.leave(&row)
            }
        });
        match effect {
            Some(ListEffect::Order) => self.show(),
            Some(ListEffect::Contents) => self.contents.notify(),
            Some(ListEffect::Nothing) | None => {}
        }
        self.told.update(|told| {
            told.insert(row.id.clone(), row.status.is_live());
        });
        self.changed.set(Some(row));
    }

    /// Hears of every change that is told, for as long as the current component lives: of several
    /// that are told together an effect would see the last.
    pub(crate) fn hear(self, hear: impl Fn(CallSummary) + Send + Sync + 'static) {
        ImmediateEffect::new_scoped(move || {
            if let Some(call) = self.changed.get() {
                untrack(|| hear(call));
            }
        });
    }

    /// Somebody says something in a call: `told` is its id, a space, and the line.
    pub(crate) fn said(self, told: &str) {
        let said = |(id, line)| self.list.try_update_value(|list| list.said(id, line));
        if told.split_once(' ').and_then(said) == Some(true) {
            self.contents.notify();
        }
    }

    /// Lists the first page anew.
    pub(crate) fn restart(self, page: CallPage) {
        let meanwhile = self.meanwhile.get_value();
        // An answer that is still on its way lacks it, too.
        if self.answered.get_value() == self.request.get_value() {
            self.meanwhile.set_value(Vec::new());
        }
        let (wanted, others): (Vec<_>, Vec<_>) =
            meanwhile.into_iter().partition(|(_, wanted)| *wanted);
        let wanted = wanted.into_iter().map(|(row, _)| row).collect();
        self.list.update_value(|list| {
            if self.stale.get_untracked() {
                *list = CallList::default();
            }
            list.restart(page, wanted);
            for (row, _) in &others {
                list.leave(row);
            }
        });
        self.stale.set(false);
        self.show();
    }

    fn append(self, page: CallPage) {
        self.list.update_value(|list| list.append(page));
        self.show();
    }

    fn forget(self) {
        self.request.update_value(|number| *number += 1);
        self.answered.set_value(self.request.get_value());
        self.list.set_value(CallList::default());
        self.told.update(HashMap::clear);
        self.show();
        self.first.set(Load::Loading);
    }

    /// Puts the list on the screen.
    fn show(self) {
        // Moving a row takes the focus from it, so who has it is asked now.
        let focused = document()
            .active_element()
            .and_then(|element| element.get_attribute("data-call"));
        if focused.is_some() {
            self.focus.set_value(focused);
        }
        self.contents.notify();
        self.order.notify();
        let searched_to = self.list.with_value(CallList::searched_to);
        self.searched_to.set(searched_to);
        self.offer_more();
        self.trouble.set(None);
        self.first.set(Load::Done);
    }

    /// Offers the next page, if there is one.
    fn offer_more(self) {
        let next = self.list.with_value(|list| list.next_cursor().is_some());
        self.more.set(next.then_some(Load::Done));
    }
}

/// A browser keeps six connections to a server (over HTTP/1.1), for all tabs
/// together, and every stream holds one. So a tab that nobody has looked at
/// for a while lets go of its streams, and catches up when it is looked at.
fn awake(attentive: StoredValue<bool>) -> Signal<bool> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let awake = RwSignal::new(true);
    let falling_asleep = StoredValue::new(None::<TimeoutHandle>);
    let changed = move |_: web_sys::Event| {
        if let Some(timer) = falling_asleep.get_value() {
            timer.clear();
        }
        if document().hidden() {
            let asleep = move || awake.set(attentive.get_value());
            falling_asleep.set_value(set_timeout_with_handle(asleep, PATIENCE).ok());
        } else if !awake.get_untracked() {
            awake.set(true);
        }
    };
    let listening = window_event_listener_untyped("visibilitychange", changed);
    on_cleanup(move || listening.remove());
    awake.into()
}
