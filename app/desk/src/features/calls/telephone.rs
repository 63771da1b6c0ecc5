//! The reader's own telephone: a web call with an agent, held from the desk to try the agent or
//! to show it.
//!
//! It is the desk's and no page's, so that a call goes on from the page where it is begun to its
//! own. There is one, and it holds one call at a time: leaving the call's page ends it, after a
//! question.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use api::desk::NewTestCall;
use api::problem::slug;
use browser::call::devices::Devices;
use browser::call::events::CallEvent;
use browser::call::meter::Levels;
use browser::call::mint::{Access, Page};
use browser::call::session::{EndReason, MicrophoneFault, Phase, Unheard};
use browser::call::shell::{Call, State, Viewer};
use browser::ui::http::{self, Failure};
use browser::ui::json;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::data::{Desk, Standing, is_signed_out};
use crate::route::Route;
use crate::unsaved::{self, Form};
use crate::words::Lang;
use crate::words::attend::Texts as Attending;
use crate::words::test_call::Texts;

/// Where the staff's calls are minted.
const PATH: &str = "/api/desk/web-calls";

thread_local! {
    static TELEPHONE: Cell<Option<Telephone>> = const { Cell::new(None) };
}

/// What a call is held with. The page of a call knows no more of it, and so is loaded without the
/// call client.
trait Line {
    fn start(&self, request: JsValue);
    fn hang_up(&self);
    fn set_muted(&self, muted: bool);
    fn allow_sound(&self);
}

impl Line for Call {
    fn start(&self, request: JsValue) {
        self.start(request);
    }

    fn hang_up(&self) {
        self.hang_up();
    }

    fn set_muted(&self, muted: bool) {
        self.set_muted(muted);
    }

    fn allow_sound(&self) {
        self.allow_sound();
    }
}

/// The telephone. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Telephone {
    desk: Desk,
    line: StoredValue<Option<Rc<dyn Line>>, LocalStorage>,
    state: RwSignal<State>,
    levels: RwSignal<Levels>,
    /// Which call it is, or was last.
    id: RwSignal<Option<String>>,
    refused: RwSignal<Option<Failure>>,
}

/// What the call client tells.
struct Told(Telephone);

impl Viewer for Told {
    fn state_changed(&self, state: State) {
        self.0.state.set(state);
    }

    fn levels_changed(&self, levels: Levels) {
        self.0.levels.set(levels);
    }

    fn devices_changed(&self, _: &Devices) {}

    fn minted(&self, access: &Access) {
        self.0.id.set(Some(access.gateway.call_id.clone()));
    }

    fn refused(&self, problem: &JsValue) {
        let failure = match json::stringify(problem) {
            Some(text) => {
                // It is as large as a status is, or it is none.
                let status = json::number(problem, "status").unwrap_or(500.0) as u16;
                http::problem(status, &text)
            }
            None => Failure::Offline,
        };
        if is_signed_out(&failure) {
            self.0.desk.become_(Standing::SignedOut);
        }
        self.0.refused.set(Some(failure));
    }

    // The call's page reads it along like everybody's.
    fn heard(&self, _: CallEvent, _: &JsValue) {}
}

impl Telephone {
    /// The desk's.
    pub(super) fn of(desk: Desk) -> Self {
        if let Some(telephone) = TELEPHONE.get() {
            return telephone;
        }
        let telephone = lasting(|| Self::new(desk));
        TELEPHONE.set(Some(telephone));
        telephone
    }

    /// The desk's, if it holds this call, or held it last.
    pub(super) fn of_call(id: &str) -> Option<Self> {
        let telephone = TELEPHONE.get()?;
        let is_its = telephone
            .id
            .with_untracked(|own| own.as_deref() == Some(id));
        is_its.then_some(telephone)
    }

    fn new(desk: Desk) -> Self {
        let telephone = Self {
            desk,
            line: StoredValue::new_local(None),
            state: RwSignal::default(),
            levels: RwSignal::default(),
            id: RwSignal::new(None),
            refused: RwSignal::new(None),
        };
        let page = Page {
            mints: PATH,
            always: JsValue::UNDEFINED,
        };
        let line: Rc<dyn Line> = Rc::new(Call::new(page, Told(telephone)));
        telephone.line.set_value(Some(line));
        let active = Memo::new(move |_| telephone.is_active());
        ask_while(active, move || {
            Form::asking(telephone.texts().leave_question())
        });
        telephone
    }

    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// A copy is told: what it answers comes back here.
    fn act(self, act: impl FnOnce(&dyn Line)) {
        if let Some(line) = self.line.get_value() {
            act(&*line);
        }
    }

    /// Nothing is known of calls before, unless one goes on.
    pub(super) fn forget(self) {
        if !self.is_active_now() {
            self.state.set(State::default());
            self.id.set(None);
            self.refused.set(None);
        }
    }

    /// Calls an agent (its id at Retell), with these variables. The reader leaves the call they
    /// are in, after a question where they speak.
    pub(super) fn start(self, agent_id: String, dynamic_variables: BTreeMap<String, String>) {
        if !unsaved::may_end_call() {
            return;
        }
        self.desk.in_call.set(None);
        self.forget();
        let request = NewTestCall {
            agent_id,
            dynamic_variables,
            // The call client adds its own.
            offer: None,
        };
        let request = serde_json::to_string(&request).unwrap_or_default();
        let request = json::parse(&request).unwrap_or(JsValue::UNDEFINED);
        self.act(|line| line.start(request));
    }

    /// Ends the call.
    pub(super) fn hang_up(self) {
        self.act(|line| line.hang_up());
    }

    /// Is heard or not.
    pub(super) fn set_muted(self, muted: bool) {
        self.act(|line| line.set_muted(muted));
    }

    /// Plays what the browser held back; to be called from a press.
    pub(super) fn allow_sound(self) {
        self.act(|line| line.allow_sound());
    }

    /// A page that shows the call goes away, and the call with it, unless the call's own comes
    /// next.
    pub(super) fn page_left(self) {
        let goes_on = self.desk.route.with_untracked(|route| match route {
            Route::Call(id) => self.id.with_untracked(|own| own.as_ref() == Some(id)),
            _ => false,
        });
        if !goes_on {
            self.hang_up();
        }
    }

    /// Where the call stands.
    pub(super) fn state(self) -> State {
        self.state.get()
    }

    /// How loud both are.
    pub(super) fn levels(self) -> Levels {
        self.levels.get()
    }

    /// Whether a call is made or held.
    pub(super) fn is_active(self) -> bool {
        self.state.with(|state| state.view.phase.is_active())
    }

    /// The same, asked once.
    pub(super) fn is_active_now(self) -> bool {
        self.state
            .with_untracked(|state| state.view.phase.is_active())
    }

    /// Which call is held, once both hear each other.
    pub(super) fn live(self) -> Option<String> {
        let live = self.state.with(|state| state.view.phase == Phase::Live);
        self.id.get().filter(|_| live)
    }

    /// Where the call stands, in words.
    pub(super) fn stands(self) -> Option<&'static str> {
        let lang = self.desk.lang.get();
        let (texts, attending) = (Texts::of(lang), Attending::of(lang));
        let state = self.state.get();
        Some(match state.view.phase {
            Phase::Idle | Phase::Ended(_) => return None,
            Phase::AskingMicrophone => texts.asking(),
            Phase::Minting | Phase::Connecting => attending.joining(),
            Phase::Reconnecting => attending.reconnecting(),
            Phase::Live => match state.view.unheard {
                Some(Unheard::Lost) => attending.unheard(),
                Some(Unheard::Silenced) => texts.silent(),
                None if state.view.muted => texts.muted(),
                None if state.silent => texts.silent(),
                None => texts.talking(),
            },
        })
    }

    /// Why there is no call, or not any more, in words; nothing where somebody ended it.
    pub(super) fn trouble(self) -> Option<&'static str> {
        let Phase::Ended(reason) = self.state.with(|state| state.view.phase) else {
            return None;
        };
        let lang = self.desk.lang.get();
        let (texts, attending) = (Texts::of(lang), Attending::of(lang));
        Some(match reason {
            EndReason::HungUp
            | EndReason::PageLeft
            | EndReason::RemoteEnded
            | EndReason::Replaced => return None,
            EndReason::Microphone(fault) => microphone(fault, lang),
            EndReason::Refused(_) => match self.refused.get() {
                Some(failure) => {
                    refused(&failure, lang).unwrap_or_else(|| self.desk.texts().failure(&failure))
                }
                None => texts.not_started(),
            },
            EndReason::MediaBlocked => attending.blocked(),
            EndReason::ConnectionLost => texts.lost(),
            EndReason::BrowserUnable => attending.unable(),
            EndReason::RoomMissing
            | EndReason::TokenExpired
            | EndReason::Rejected
            | EndReason::GatewayUnreachable => attending.rejected(),
        })
    }
}

/// Makes what outlives the page that asks for it first.
pub(super) fn lasting<T>(make: impl FnOnce() -> T) -> T {
    let mut owner = Owner::current();
    while let Some(above) = owner.as_ref().and_then(Owner::parent) {
        owner = Some(above);
    }
    match owner {
        Some(owner) => owner.with(make),
        None => make(),
    }
}

/// Asks before a call is lost, as long as there is one. One question for each: whoever has said
/// yes to one is asked of the next.
pub(super) fn ask_while(active: Memo<bool>, form: impl Fn() -> Form + 'static) {
    let kept = StoredValue::new_local(None::<Form>);
    Effect::new(move || {
        let form = active.get().then(&form);
        kept.set_value(form);
    });
}

/// What it means that no call was started.
pub(super) fn refused(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    let texts = Texts::of(lang);
    Some(match slug.as_str() {
        slug::AGENT_UNKNOWN => texts.agent_gone(),
        slug::LINES_BUSY | slug::RETELL_BUSY => texts.lines_busy(),
        slug::RATE_LIMITED => texts.too_many(),
        slug::RETELL_PAYMENT_REQUIRED => texts.unpaid(),
        slug::RETELL_UNREACHABLE
        | slug::RETELL_TIMEOUT
        | slug::RETELL_UNAUTHORIZED
        | slug::RETELL_REJECTED
        | slug::RETELL_FAILED
        | slug::ACCOUNT_UNUSABLE => texts.not_started(),
        _ => return None,
    })
}

/// Why there is no microphone, and what to do about it.
pub(super) fn microphone(fault: MicrophoneFault, lang: Lang) -> &'static str {
    let texts = Attending::of(lang);
    match fault {
        MicrophoneFault::Denied | MicrophoneFault::Forbidden => texts.microphone_denied(),
        MicrophoneFault::Missing => texts.microphone_missing(),
        MicrophoneFault::Unsupported => texts.microphone_unsupported(),
        MicrophoneFault::Busy | MicrophoneFault::Unanswering => texts.microphone_busy(),
    }
}
