//! The recording's player, tied to the transcript both ways.

mod load;
mod player;
mod sound;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::Element;
use wasm_bindgen::JsCast;

use super::follow::Call;
use crate::data::Desk;
use crate::data::api_client;
use crate::kit::icon::{Icon, icon};
use crate::kit::write_to_clipboard;
use crate::words::call::Texts as CallTexts;
use crate::words::format;
use crate::words::player::Texts;
use browser::ui::time;
pub(super) use player::Player;
use sound::{Sound, key_leads, press_leads};

/// How many bars a voice is drawn with.
const BARS: usize = 160;
/// How fast it can be played.
const SPEEDS: [f64; 5] = [0.75, 1.0, 1.25, 1.5, 2.0];

/// The recording, once there is one.
#[component]
pub(super) fn Recording(desk: Desk, call: Call, player: Player) -> impl IntoView {
    // The id, and nothing else about the call: a change of anything else must not interrupt
    // what is being listened to.
    let recorded = Memo::new(move |_| {
        call.detail.with(|detail| {
            let summary = &detail.as_ref()?.summary;
            summary.has_recording.then(|| summary.id.clone())
        })
    });
    let body = move || match recorded.get() {
        Some(id) => view! { <Controls desk player id /> }.into_any(),
        None => view! {
            <p class="sb-hint">
                {move || {
                    if call.status.get().is_live() {
                        CallTexts::of(desk.lang.get()).recording_later()
                    } else {
                        CallTexts::of(desk.lang.get()).recording_none()
                    }
                }}
            </p>
        }
        .into_any(),
    };
    view! {
        <section class="sb-card" aria-labelledby="recording-title">
            <h2 id="recording-title">{move || CallTexts::of(desk.lang.get()).recording()}</h2>
            {body}
        </section>
    }
}

#[component]
fn Controls(desk: Desk, player: Player, id: String) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let source = api_client::recording(&id);
    player.listen_through(id);
    let playing = player.playing;
    let press = move || {
        if playing.get() {
            (Icon::Pause, texts().pause())
        } else {
            (Icon::Play, texts().play())
        }
    };
    view! {
        <div class="sb-player" role="group" aria-label=move || CallTexts::of(desk.lang.get()).recording_of_call()>
            <audio
                preload="metadata"
                src=source
                node_ref=player.audio
                on:loadedmetadata=move |_| player.measure()
                on:durationchange=move |_| player.measure()
                on:play=move |_| {
                    playing.set(true);
                    player.look();
                }
                on:pause=move |_| playing.set(false)
                on:timeupdate=move |_| player.advance()
                on:ended=move |_| player.end()
            ></audio>
            <Position desk player />
            <div class="sb-player-controls">
                <button
                    type="button"
                    class="sb-button sb-button-primary sb-player-play"
                    aria-label=move || press().1
                    on:click=move |_| player.toggle()
                >
                    {move || icon(press().0)}
                </button>
                <span class="sb-player-time sb-figure">
                    {move || clock(player.at.get())} " / " {move || clock(player.length.get())}
                </span>
                <Speed desk player />
                <label class="sb-check">
                    <input
                        type="checkbox"
                        role="switch"
                        class="sb-tick"
                        prop:checked=player.skips
                        on:change=move |event| player.skips.set(event_target_checked(&event))
                    />
                    {move || texts().skip()}
                </label>
                <CopyLink desk player />
            </div>
        </div>
        <p class="sb-hint">{move || texts().hint()}</p>
    }
}

/// Copies the address of the moment that is heard.
#[component]
fn CopyLink(desk: Desk, player: Player) -> impl IntoView {
    let copied = RwSignal::new("");
    let copy = move |_| {
        let (link, texts) = (player.link(), Texts::of(desk.lang.get_untracked()));
        copied.set("");
        spawn_local(async move {
            let told = match write_to_clipboard(&link).await {
                true => texts.link_copied(),
                false => texts.link_not_copied(),
            };
            copied.try_set(told);
        });
    };
    view! {
        <button type="button" class="sb-button sb-button-small" on:click=copy>
            {move || Texts::of(desk.lang.get()).copy_link()}
        </button>
        <span class="sb-hint" role="status">{copied}</span>
    }
}

#[component]
fn Speed(desk: Desk, player: Player) -> impl IntoView {
    let choose = move |event| {
        if let Ok(speed) = event_target_value(&event).parse() {
            player.set_speed(speed);
        }
    };
    let option = move |speed: f64| {
        let name = move || format::decimal(speed, desk.lang.get()) + "×";
        view! {
            <option value=speed.to_string() selected=move || player.speed.get() == speed>
                {name}
            </option>
        }
    };
    view! {
        <select
            class="sb-select sb-figure"
            aria-label=move || Texts::of(desk.lang.get()).speed()
            on:change=choose
        >
            {SPEEDS.map(option).into_iter().collect_view()}
        </select>
    }
}

/// Where one is: the voices, what was heard of them, and a press or a key goes elsewhere.
#[component]
fn Position(desk: Desk, player: Player) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let Player { at, length, .. } = player;
    let told = move || texts().at(&clock(at.get()), &clock(length.get()));
    let played = move || {
        let share = if length.get() > 0.0 {
            at.get() / length.get()
        } else {
            0.0
        };
        format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0)
    };
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == " " {
            event.prevent_default();
            player.toggle();
        } else if let Some(to) = key_leads(&event.key(), at.get_untracked(), length.get_untracked())
        {
            event.prevent_default();
            player.seek(to);
        }
    };
    let go = move |event: &ev::PointerEvent| {
        let slider = event
            .current_target()
            .and_then(|it| it.dyn_into::<Element>().ok());
        if let Some(slider) = slider {
            let (x, width) = (event.offset_x().into(), slider.client_width().into());
            player.seek(press_leads(x, width, length.get_untracked()));
        }
    };
    let press = move |event: ev::PointerEvent| {
        let slider = event
            .current_target()
            .and_then(|it| it.dyn_into::<Element>().ok());
        if let (0, Some(slider)) = (event.button(), slider) {
            // Whoever moves on while it is pressed moves it along.
            let _ = slider.set_pointer_capture(event.pointer_id());
            go(&event);
        }
    };
    let drag = move |event: ev::PointerEvent| {
        if event.buttons() == 1 {
            go(&event);
        }
    };
    // The visitor above, the agent below; one lane where both are in one, or not known yet.
    let voices = move || {
        let voices = player
            .sound
            .with(|sound| sound.as_ref().map(paths))
            .unwrap_or_default();
        if voices.is_empty() {
            return view! { <div class="sb-voice sb-voice-flat"></div> }.into_any();
        }
        let drawn = voices.into_iter().map(|path| {
            let bars = |class| {
                let path = path.clone();
                view! {
                    <svg class=class viewBox=format!("0 0 {BARS} 2") preserveAspectRatio="none">
                        <path d=path />
                    </svg>
                }
            };
            view! {
                <div class="sb-voice">{bars("sb-voice-all")} {bars("sb-voice-played")}</div>
            }
        });
        drawn.collect_view().into_any()
    };
    view! {
        <div
            class="sb-wave"
            role="slider"
            tabindex="0"
            aria-label=move || texts().position()
            aria-valuemin="0"
            aria-valuemax=move || (length.get() as i64).to_string()
            aria-valuenow=move || (at.get() as i64).to_string()
            aria-valuetext=told
            style=("--sb-played", played)
            on:keydown=key
            on:pointerdown=press
            on:pointermove=drag
        >
            {voices}
        </div>
    }
}

/// How each voice is drawn.
fn paths(sound: &Sound) -> Vec<String> {
    (0..sound.voices())
        .map(|voice| sound.path(voice, BARS))
        .collect()
}

/// Seconds as a clock shows them.
fn clock(seconds: f64) -> String {
    time::duration((seconds * 1_000.0) as i64)
}
