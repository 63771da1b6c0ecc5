//! What a visitor can do during a call: mute, hang up, choose devices.

use leptos::html;
use leptos::prelude::*;

use super::icons::{self, icon};
use super::panel::Panel;
use crate::call::devices::Device;

/// Draws the row of round buttons, and the device menu above it.
pub(super) fn controls(panel: Panel) -> impl IntoView {
    let Panel {
        texts,
        signals,
        call,
        ..
    } = panel;
    let muted = move || signals.view.get().muted;
    let mute_text = move || if muted() { texts.unmute } else { texts.mute };
    let inactive = move || !panel.phase.get().is_active();
    view! {
        {device_menu(panel)}
        <div class="sbw-controls" hidden=inactive>
            <button
                type="button"
                class="sbw-round"
                aria-pressed=move || if muted() { "true" } else { "false" }
                on:click=move |_| call.with_value(|call| call.set_muted(!muted()))
            >
                <span class="sbw-disc">
                    {icon(move || if muted() { icons::MICROPHONE_OFF } else { icons::MICROPHONE })}
                </span>
                <span>{mute_text}</span>
            </button>
            <button
                type="button"
                class="sbw-round sbw-hang-up"
                on:click=move |_| call.with_value(|call| call.hang_up())
            >
                <span class="sbw-disc">{icon(|| icons::HANG_UP)}</span>
                <span>{texts.hang_up}</span>
            </button>
            <button
                type="button"
                class="sbw-round"
                node_ref=panel.menu_button
                aria-expanded=move || if panel.menu_open.get() { "true" } else { "false" }
                aria-controls="sbw-devices"
                on:click=move |_| panel.menu_open.update(|open| *open = !*open)
            >
                <span class="sbw-disc">{icon(|| icons::SLIDERS)}</span>
                <span>{texts.devices}</span>
            </button>
        </div>
    }
}

fn device_menu(panel: Panel) -> impl IntoView {
    let Panel {
        texts,
        signals,
        call,
        ..
    } = panel;
    let devices = signals.devices;
    let microphones = Memo::new(move |_| devices.get().microphones);
    let speakers = Memo::new(move |_| devices.get().speakers);
    let microphone = Memo::new(move |_| devices.get().microphone);
    let speaker = Memo::new(move |_| devices.get().speaker);
    let closed = move || !panel.menu_open.get() || !panel.phase.get().is_active();
    view! {
        <div class="sbw-devices" id="sbw-devices" hidden=closed>
            {chooser(texts.microphone, texts.unnamed_device, texts.default_device, microphones, microphone, move |id| {
                call.with_value(|call| call.choose_microphone(id));
            })}
            <div hidden=move || speakers.get().is_empty()>
                {chooser(texts.speaker, texts.unnamed_device, texts.default_device, speakers, speaker, move |id| {
                    call.with_value(|call| call.choose_speaker(id));
                })}
            </div>
        </div>
    }
}

/// A labelled list of devices. The browser's own "default" entry stands for
/// the device in use when nothing was chosen.
fn chooser(
    label: &'static str,
    unnamed: &'static str,
    default: &'static str,
    devices: Memo<Vec<Device>>,
    used: Memo<String>,
    choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let select = NodeRef::<html::Select>::new();
    let options = move || {
        devices
            .get()
            .into_iter()
            .map(|Device { id, label }| {
                let of = id.clone();
                let chosen =
                    move || used.with(|used| *used == of || (used.is_empty() && of == "default"));
                let name = match (label.is_empty(), id == "default") {
                    (true, true) => default.to_owned(),
                    (true, false) => unnamed.to_owned(),
                    (false, _) => label,
                };
                view! {
                    <option value=id selected=chosen>
                        {name}
                    </option>
                }
            })
            .collect_view()
    };
    let chosen = move |_| {
        if let Some(select) = select.get_untracked() {
            choose(select.value());
        }
    };
    view! {
        <label class="sbw-device">
            <span>{label}</span>
            <select node_ref=select on:change=chosen>
                {options}
            </select>
        </label>
    }
}
