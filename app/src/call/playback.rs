//! The agent's voice: one `<audio>` element. Chromium keeps a remote stream
//! silent, in Web Audio too, unless an element plays it.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAudioElement, MediaStream};

use crate::ui::json;
use crate::ui::web::{call, spawn, wait};

/// The element, and who wants to know whether it may be heard. A cheap handle.
#[derive(Clone)]
pub struct Playback {
    element: HtmlAudioElement,
    on_blocked: Rc<dyn Fn(bool)>,
}

impl std::fmt::Debug for Playback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Playback")
    }
}

impl Playback {
    /// An element that plays nothing; `on_blocked` is told whether the browser
    /// refuses to play without a tap.
    ///
    /// # Errors
    /// When the browser has no audio.
    pub fn new(on_blocked: impl Fn(bool) + 'static) -> Result<Self, JsValue> {
        Ok(Self {
            element: HtmlAudioElement::new()?,
            on_blocked: Rc::new(on_blocked),
        })
    }

    /// Plays the stream.
    pub fn play(&self, stream: &MediaStream) {
        self.element.set_src_object(Some(stream));
        self.resume();
    }

    /// Tries to play again, best from a tap.
    pub fn resume(&self) {
        let Ok(played) = self.element.play() else {
            return;
        };
        let on_blocked = self.on_blocked.clone();
        spawn(async move {
            match wait(played).await {
                Ok(_) => on_blocked(false),
                // Other refusals mean that something else was played instead.
                Err(error) => {
                    if json::string(&error, "name").as_deref() == Some("NotAllowedError") {
                        on_blocked(true);
                    }
                }
            }
        });
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

/// Whether the browser lets a page choose the speaker.
#[must_use]
pub fn can_choose_speaker() -> bool {
    let element = json::get(&js_sys::global(), "HTMLMediaElement");
    json::get(&json::get(&element, "prototype"), "setSinkId").is_function()
}
