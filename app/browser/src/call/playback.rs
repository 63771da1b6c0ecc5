//! The agent's voice: one `<audio>` element. Chromium keeps a remote stream
//! silent, in Web Audio too, unless an element plays it.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAudioElement, MediaStream};

use crate::ui::json;
use crate::ui::web::{Listener, call, spawn, wait};

/// The element, and who wants to know whether it may be heard. A cheap handle.
#[derive(Clone)]
pub struct Playback {
    element: HtmlAudioElement,
    on_blocked: Rc<dyn Fn(bool)>,
    _paused: Rc<Listener>,
}

impl std::fmt::Debug for Playback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Playback")
    }
}

impl Playback {
    /// An element that plays nothing; `on_blocked` is told whether the browser
    /// refuses to play without a tap. Paused from outside (a headset's button,
    /// another program's sound) it plays on.
    ///
    /// # Errors
    /// When the browser has no audio.
    pub fn new(on_blocked: impl Fn(bool) + 'static) -> Result<Self, JsValue> {
        let element = HtmlAudioElement::new()?;
        let on_blocked: Rc<dyn Fn(bool)> = Rc::new(on_blocked);
        let resumed = (element.clone(), on_blocked.clone());
        let paused = Listener::new(&element, "pause", move |_| resume(&resumed.0, &resumed.1));
        Ok(Self {
            element,
            on_blocked,
            _paused: Rc::new(paused),
        })
    }

    /// Plays the stream.
    pub fn play(&self, stream: &MediaStream) {
        self.element.set_src_object(Some(stream));
        self.resume();
    }

    /// Tries to play again, best from a tap.
    pub fn resume(&self) {
        resume(&self.element, &self.on_blocked);
    }

    /// How loud it is, 0 to 1.
    pub fn set_volume(&self, volume: f64) {
        self.element.set_volume(volume.clamp(0.0, 1.0));
    }

    /// Plays nothing.
    pub fn stop(&self) {
        self.element.set_src_object(None);
        (self.on_blocked)(false);
    }

    /// Plays through this speaker; the empty id is the system's default.
    ///
    /// # Errors
    /// When the browser lets nobody choose, or the speaker is gone.
    pub async fn choose_speaker(&self, id: &str) -> Result<(), JsValue> {
        let chosen: Promise =
            call(&self.element, "setSinkId", &JsValue::from_str(id))?.dyn_into()?;
        wait(chosen).await?;
        Ok(())
    }
}

fn resume(element: &HtmlAudioElement, on_blocked: &Rc<dyn Fn(bool)>) {
    if element.src_object().is_none() {
        return;
    }
    let Ok(played) = element.play() else {
        return;
    };
    let (element, on_blocked) = (element.clone(), on_blocked.clone());
    spawn(async move {
        // A refusal of an element that plays means that it was asked again.
        let refused = wait(played).await.is_err();
        on_blocked(refused && element.paused() && element.src_object().is_some());
    });
}

/// Whether the browser lets a page choose the speaker.
#[must_use]
pub fn can_choose_speaker() -> bool {
    let element = json::get(&js_sys::global(), "HTMLMediaElement");
    json::get(&json::get(&element, "prototype"), "setSinkId").is_function()
}
