//! What can be done with a call that goes on: listening, telling its agent something, taking
//! it over, ending it; and who else is in it.

mod hand_over;
mod variables;

use api::attend::{Attendant as Person, TellAgent, Whispers};
use api::desk::{CallDetail, CallStatus};
use browser::call::staff::session::{Phase, View, Voice};
use leptos::prelude::*;

use hand_over::HandOverTo;
use variables::Variables;

use super::follow::Call;
use super::marks::me;
use super::own::Own;
use crate::data::{Desk, Errand, Loaded, Status, api_client, whispers};
use crate::features::calls::headset::{Headset, ask_to_end, in_words, mute, play, problem, stands};
use crate::features::calls::telephone::Telephone;
use crate::kit::icon::{Icon, icon};
use crate::kit::{Confirm, Drawer, Question, TextArea, Volume};
use crate::role::Role;
use crate::words::attend::Texts;

/// The reader at the call of the page. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Mine {
    desk: Desk,
    call: Call,
    headset: Headset,
    /// Whether they are at this call, and no other one.
    is_here: Memo<bool>,
}

impl Mine {
    fn new(desk: Desk, call: Call) -> Self {
        let headset = Headset::of(desk);
        let mine = Self {
            desk,
            call,
            headset,
            is_here: Memo::new(move |_| call.id.with_value(|id| headset.is_at(id))),
        };
        on_cleanup(move || {
            if call.id.try_with_value(|id| headset.was_at(id)) == Some(true) {
                headset.page_left();
            }
        });
        mine
    }

    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn here(self) -> Option<Headset> {
        self.is_here.get().then_some(self.headset)
    }

    fn view(self) -> View {
        self.here().map(Headset::view).unwrap_or_default()
    }

    fn voice(self) -> Voice {
        self.view().voice
    }

    fn is_listening(self) -> bool {
        self.view().phase.is_active()
    }

    fn listen(self) {
        let summary = |detail: &Option<CallDetail>| Some(detail.as_ref()?.summary.clone());
        if let Some(summary) = self.call.detail.with_untracked(summary) {
            self.headset.listen(summary);
        }
    }
}

/// What can be done with a call while it goes on; nothing before and after. Of a call of one's
/// own, what one can do in it.
#[component]
pub(super) fn Attend(desk: Desk, call: Call) -> impl IntoView {
    let goes_on = Memo::new(move |_| call.status.get() == CallStatus::Ongoing);
    let own = Telephone::of_call(&call.id());
    // The page may know it before the list does.
    Effect::new(move || {
        if call.status.get() > CallStatus::Ongoing {
            Headset::of(desk).over(&call.id());
        }
    });
    // Our server may hear later than we do that it begins, and that it is over.
    let own_shown =
        Memo::new(move |_| own.is_some_and(|it| it.is_active() || it.trouble().is_some()));
    move || match own {
        Some(telephone) => own_shown
            .get()
            .then(|| view! { <Own desk call telephone /> }.into_any()),
        None => goes_on
            .get()
            .then(|| view! { <Bar desk call /> }.into_any()),
    }
}

#[component]
fn Bar(desk: Desk, call: Call) -> impl IntoView {
    let mine = Mine::new(desk, call);
    let texts = move || mine.texts();
    let may_act = move || desk.role() >= Role::Supervisor;
    let is_taken = Memo::new(move |_| call.attending.with(|it| it.taken_over.is_some()));
    let has_call = Memo::new(move |_| mine.voice().has_call());
    let question = asking(mine);
    let ending = Errand::new();
    let end = move |_| ask_to_end(desk, call.id(), ending, question);
    let listen = move || {
        let (label, act): (_, fn(Mine)) = match mine.is_listening() {
            true => (texts().stop(), |mine| mine.headset.stop()),
            false => (texts().listen(), Mine::listen),
        };
        view! {
            <button type="button" class="sb-button" data-key="listen" on:click=move |_| act(mine)>
                {label}
            </button>
        }
    };
    let mute = move || {
        let headset = mine.headset;
        view! {
            {mute(headset)}
            <button
                type="button"
                class="sb-button"
                data-key="hold"
                aria-pressed=move || headset.on_hold.get().to_string()
                on:click=move |_| headset.hold(!headset.on_hold.get_untracked())
            >
                {move || texts().hold()}
            </button>
        }
    };
    // What can be pressed first, and what is pressed last.
    let mine_to_do = move || match has_call.get() {
        true => mute().into_any(),
        false => listen.into_any(),
    };
    let take_over = move || {
        let shown = may_act() && !has_call.get() && !is_taken.get();
        let waits = move || mine.view().phase != Phase::Listening || mine.voice() != Voice::Silent;
        shown.then(|| {
            view! {
                <button
                    type="button"
                    class="sb-button"
                    data-key="take"
                    disabled=waits
                    on:click=move |_| mine.headset.want_voice()
                >
                    {move || texts().take_over()}
                </button>
            }
        })
    };
    let end_button = move || {
        may_act().then(|| {
            view! {
                <button type="button" class="sb-button sb-button-danger" data-key="end" on:click=end>
                    {move || texts().end()}
                </button>
            }
        })
    };
    let problem = move || mine.here().and_then(problem);
    let play = move || mine.here().and_then(play);
    let has_agent = move || may_act() && !is_taken.get() && !has_call.get();
    let drawers = move || has_agent().then(|| view! { <Drawers desk call /> });
    let note = move || has_agent().then(|| view! { <Note desk call /> });
    view! {
        <section
            class="sb-card sb-attend"
            aria-labelledby="attend-title"
            data-state=move || mine.view().phase.name()
            data-voice=move || mine.voice().name()
        >
            <div class="sb-attend-do">
                <h2 id="attend-title">{move || texts().title()}</h2>
                <div class="sb-actions">{mine_to_do} {play} {take_over} {drawers} {end_button}</div>
                <Sound mine />
            </div>
            <div role="status">
                {move || mine.here().and_then(stands)}
            </div>
            <div role="status"><Others desk call /></div>
            <div role="alert">{problem}</div>
            <Status desk errand=ending done=Signal::stored("") words=in_words />
            {note}
            <Confirm question />
        </section>
    }
}

/// Asks once the microphone is open: whoever puts the question away only listens on.
fn asking(mine: Mine) -> RwSignal<Option<Question>> {
    let question = RwSignal::new(None::<Question>);
    let voice = Memo::new(move |_| mine.voice());
    Effect::new(move || {
        if voice.get() != Voice::Ready {
            return;
        }
        let texts = untrack(move || mine.texts());
        question.set(Some(Question {
            title: texts.take_over_title().to_owned(),
            text: texts.take_over_text().to_owned(),
            yes: texts.take_over(),
            act: Callback::new(move |()| mine.headset.confirm()),
        }));
    });
    Effect::new(move |asked: Option<bool>| {
        let asks = question.with(Option::is_some);
        if asked == Some(true) && !asks {
            mine.headset.think_again();
        }
        asks
    });
    // What it was about is no more: the call is over, or the microphone is gone.
    Effect::new(move |before: Option<Voice>| {
        let now = voice.get();
        if before == Some(Voice::Ready) && now == Voice::Silent {
            question.set(None);
        }
        now
    });
    question
}

/// What takes a form of its own: handing the call over, and the agent's variables.
#[component]
pub(super) fn Drawers(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    // Drawn when it is opened first: most calls need neither.
    let (handing, changing) = (RwSignal::new(false), RwSignal::new(false));
    view! {
        <button
            type="button"
            class="sb-button"
            data-key="hand_over"
            popovertarget="hand-over"
            on:click=move |_| handing.set(true)
        >
            {move || texts().hand_over()}
        </button>
        <button
            type="button"
            class="sb-button"
            data-key="variables"
            popovertarget="variables"
            on:click=move |_| changing.set(true)
        >
            {move || texts().variables()}
        </button>
        <Drawer id="hand-over" label=Signal::derive(move || texts().hand_over())>
            {move || handing.get().then(|| view! { <HandOverTo desk call /> })}
        </Drawer>
        <Drawer id="variables" label=Signal::derive(move || texts().variables())>
            {move || changing.get().then(|| view! { <Variables desk call /> })}
        </Drawer>
    }
}

/// How loud somebody is, 0 to 100, with its name and a short one.
pub(super) fn meter(
    desk: Desk,
    label: fn(Texts) -> &'static str,
    short: fn(Texts) -> &'static str,
    read: impl Fn() -> u8 + Send + 'static,
) -> AnyView {
    let texts = move || Texts::of(desk.lang.get());
    view! {
        <span class="sb-attend-meter">
            <span aria-hidden="true">{move || short(texts())}</span>
            <meter
                class="sb-meter"
                min="0"
                max="100"
                aria-label=move || label(texts())
                prop:value=move || f64::from(read())
            ></meter>
        </span>
    }
    .into_any()
}

/// How loud it is, and how loud it is played.
#[component]
fn Sound(mine: Mine) -> impl IntoView {
    let texts = move || mine.texts();
    let listening = Memo::new(move |_| mine.is_listening());
    let has_call = Memo::new(move |_| mine.voice().has_call());
    move || {
        listening.get().then(|| {
            view! {
                <div class="sb-attend-sound">
                    {meter(
                        mine.desk,
                        |texts| texts.heard(),
                        |texts| texts.heard_short(),
                        move || mine.headset.loudness.get().heard,
                    )}
                    <Volume
                        label=Signal::derive(move || texts().volume())
                        volume=mine.headset.volume
                    />
                    {move || {
                        let said = move || {
                            meter(
                                mine.desk,
                                |texts| texts.said(),
                                |texts| texts.said_short(),
                                move || mine.headset.loudness.get().said,
                            )
                        };
                        has_call.get().then(said)
                    }}
                </div>
            }
        })
    }
}

/// Who else is in the call.
#[component]
pub(super) fn Others(desk: Desk, call: Call) -> impl IntoView {
    let me = me(desk);
    move || {
        let (texts, attending) = (Texts::of(desk.lang.get()), call.attending.get());
        let is_other = |person: &&Person| me.with(|me| person.user_id != *me);
        let mut said = Vec::new();
        if let Some(person) = attending.taken_over.as_ref().filter(is_other) {
            said.push(texts.has_call(&person.name));
        }
        for person in attending.listeners.iter().filter(is_other) {
            let says = texts.listens(&person.name);
            if !said.contains(&says) {
                said.push(says);
            }
        }
        let said = said.into_iter();
        said.map(|says| view! { <p class="sb-attend-other">{icon(Icon::Person)} {says}</p> })
            .collect_view()
    }
}

/// Something for the agent.
#[component]
pub(super) fn Note(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let note = RwSignal::new(String::new());
    let errand = Errand::new();
    let tell = move |speak_now: bool| {
        let text = note.get_untracked().trim().to_owned();
        if text.is_empty() {
            return;
        }
        let what = TellAgent {
            note: Some(text),
            speak_now,
        };
        let path = call.path() + "/tell";
        let work = async move { api_client::post::<()>(&path, &what).await };
        errand.run(desk, work, move |()| note.set(String::new()));
    };
    let kept = Loaded::<Whispers>::from(desk, whispers::PATH);
    let template = move |text: String| {
        let shown = text.clone();
        view! {
            <button
                type="button"
                class="sb-button sb-button-small"
                on:click=move |_| {
                    errand.forget();
                    note.set(text.clone());
                }
            >
                {shown}
            </button>
        }
    };
    let templates = move || {
        let kept = kept.value.get()?.unwrap_or_default();
        let all = whispers::offered(kept, texts()).into_iter();
        Some(all.map(template).collect_view())
    };
    let empty = move || note.with(|note| note.trim().is_empty());
    view! {
        <form
            class="sb-attend-note"
            on:submit=move |event| {
                event.prevent_default();
                tell(false);
            }
        >
            <TextArea
                id="attend-note"
                label=Signal::derive(move || texts().note())
                hint=Signal::derive(move || Some(texts().note_hint()))
                value=note
                rows=2
            />
            <div class="sb-actions" role="group" aria-label=move || texts().templates()>
                {templates}
            </div>
            <div class="sb-actions">
                <button
                    type="submit"
                    class="sb-button sb-button-primary"
                    aria-disabled=move || empty().to_string()
                >
                    {move || texts().tell()}
                </button>
                <button
                    type="button"
                    class="sb-button"
                    aria-disabled=move || empty().to_string()
                    on:click=move |_| tell(true)
                >
                    {move || texts().say_now()}
                </button>
            </div>
            <Status desk errand done=Signal::derive(move || texts().told()) words=in_words />
        </form>
    }
}
