//! Short tones, made where they are heard: no file is downloaded for them.

use browser::ui::{json, web};
use js_sys::{Array, Function, Reflect};
use leptos::web_sys::{AudioContext, AudioContextState};
use wasm_bindgen::{JsCast, JsValue};

use super::news::What;

/// From one tone to the next (s).
const STEP: f64 = 0.16;
/// How long one is heard (s).
const HEARD: f64 = 0.15;
/// How long it takes to be as loud as it becomes (s): what begins at once clicks.
const RISES: f64 = 0.02;
/// How long a browser may take to let sound through (ms).
const PATIENCE_MS: i32 = 300;

/// What plays them; it is silent until the browser lets it be heard, which mostly takes somebody
/// who has pressed something in the page.
#[derive(Clone)]
pub(super) struct Tones(AudioContext);

impl Tones {
    /// Where the browser makes sounds at all.
    pub(super) fn new() -> Option<Self> {
        AudioContext::new().ok().map(Self)
    }

    /// Asks the browser to be heard.
    pub(super) fn wake(&self) {
        // A promise that may never be kept; whether it was is asked for.
        let _ = self.0.resume();
    }

    /// Plays what is said of news, so loud (percent); `heard` is told whether it could be.
    pub(super) fn play(&self, what: What, percent: u8, heard: impl FnOnce(bool) + 'static) {
        let tones = self.clone();
        let play = move || {
            let is_heard = tones.0.state() == AudioContextState::Running;
            if is_heard {
                // Fails only where the browser lacks what it is made of.
                let _ = tones.melody(melody(what), percent);
            }
            heard(is_heard);
        };
        if self.0.state() == AudioContextState::Running {
            play();
        } else {
            self.wake();
            web::later(PATIENCE_MS, play);
        }
    }

    fn melody(&self, pitches: &[f64], percent: u8) -> Result<(), JsValue> {
        // The ear hears half of it as much more than half as loud.
        let loud = (f64::from(percent) / 100.0).powi(2);
        let mut from = self.0.current_time();
        for hertz in pitches {
            let tone = web::call(&self.0, "createOscillator", &JsValue::UNDEFINED)?;
            json::set(&json::get(&tone, "frequency"), "value", &(*hertz).into());
            let gain = web::call(&self.0, "createGain", &JsValue::UNDEFINED)?;
            let level = json::get(&gain, "gain");
            level_at(&level, "setValueAtTime", 0.0, from)?;
            level_at(&level, "linearRampToValueAtTime", loud, from + RISES)?;
            level_at(&level, "linearRampToValueAtTime", 0.0, from + HEARD)?;
            web::call(&tone, "connect", &gain)?;
            web::call(&gain, "connect", &json::get(&self.0, "destination"))?;
            web::call(&tone, "start", &from.into())?;
            web::call(&tone, "stop", &(from + HEARD).into())?;
            from += STEP;
        }
        Ok(())
    }
}

fn level_at(level: &JsValue, method: &str, value: f64, at: f64) -> Result<(), JsValue> {
    let method: Function = json::get(level, method).dyn_into()?;
    let arguments = Array::of2(&value.into(), &at.into());
    Reflect::apply(&method, level, &arguments).map(drop)
}

/// The pitches (Hz) by which one hears what it is.
fn melody(what: What) -> &'static [f64] {
    match what {
        What::Begun => &[659.0, 880.0],
        What::Warned(_) => &[988.0, 740.0, 988.0],
        What::Due => &[523.0, 523.0],
        What::Given => &[587.0, 784.0, 988.0],
        What::Flagged => &[740.0, 740.0, 988.0],
        What::Taken => &[784.0, 587.0],
    }
}
