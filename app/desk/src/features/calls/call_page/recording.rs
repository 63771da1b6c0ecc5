//! The recording's player, tied to the transcript both ways.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::follow::Call;
use crate::data::Desk;
use crate::data::api_client;

/// The recording, once there is one.
#[component]
pub(super) fn Recording(desk: Desk, call: Call, player: NodeRef<html::Audio>) -> impl IntoView {
    // The address, and nothing else about the call: a change of anything else
    // must not interrupt what is being listened to.
    let source = Memo::new(move |_| {
        call.detail.with(|detail| {
            let summary = &detail.as_ref()?.summary;
            summary
                .has_recording
                .then(|| api_client::recording(&summary.id))
        })
    });
    let mark = move |_| {
        if let Some(player) = player.get_untracked() {
            call.feed
                .mark(Some((player.current_time() * 1000.0) as i64));
        }
    };
    let body = move || match source.get() {
        Some(source) => view! {
            <audio
                controls
                preload="metadata"
                src=source
                aria-label=move || desk.texts().recording_of_call()
                node_ref=player
                on:timeupdate=mark
                on:ended=move |_| call.feed.mark(None)
            ></audio>
            <p class="sb-hint">{move || desk.texts().recording_hint()}</p>
        }
        .into_any(),
        None => view! {
            <p class="sb-hint">
                {move || {
                    if call.status.get().is_live() {
                        desk.texts().recording_later()
                    } else {
                        desk.texts().recording_none()
                    }
                }}
            </p>
        }
        .into_any(),
    };
    view! {
        <section class="sb-card" aria-labelledby="recording-title">
            <h2 id="recording-title">{move || desk.texts().recording()}</h2>
            {body}
        </section>
    }
}

/// Plays the recording from a time of the call (ms).
pub(super) fn play_from(player: NodeRef<html::Audio>, ms: i64) {
    if let Some(player) = player.get_untracked() {
        player.set_current_time(ms as f64 / 1000.0);
        if let Ok(playing) = player.play() {
            spawn_local(async move {
                // A refusal to play (no sound yet, another click) leaves the
                // position; the player says the rest.
                let _ = JsFuture::from(playing).await;
            });
        }
    }
}
