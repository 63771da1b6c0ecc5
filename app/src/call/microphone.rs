//! The microphone: asking for it, muting it, letting it go.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MediaStream, MediaStreamTrack};

use super::session::MicrophoneFault;
use crate::ui::json;
use crate::ui::web::{Listener, call, wait, window};

/// What the browser says about microphones here: a `PermissionStatus`, which
/// stays true to what it says; `undefined` where there is none.
pub async fn permission() -> JsValue {
    let permissions = json::get(&window().navigator(), "permissions");
    let asked = call(
        &permissions,
        "query",
        &json::object(&[("name", JsValue::from_str("microphone"))]),
    );
    match asked.and_then(JsCast::dyn_into::<Promise>) {
        // Rejected by browsers that know no such permission.
        Ok(asked) => wait(asked).await.unwrap_or_default(),
        Err(_) => JsValue::UNDEFINED,
    }
}

/// An open microphone; dropping it turns it off.
#[derive(Debug)]
pub struct Microphone {
    stream: MediaStream,
    track: MediaStreamTrack,
    _ended: Listener,
}

impl Microphone {
    /// Asks the browser for the microphone `device_id`, or the default one.
    /// `on_lost` is called when the device goes away.
    ///
    /// # Errors
    /// Which of the ways it can fail, it failed.
    pub async fn open(
        device_id: Option<&str>,
        on_lost: impl Fn() + 'static,
    ) -> Result<Self, MicrophoneFault> {
        let devices = window().navigator().media_devices();
        // Absent outside secure contexts, whatever the bindings say.
        let devices = devices.map_err(|_| MicrophoneFault::Unsupported)?;
        if devices.is_undefined() {
            return Err(MicrophoneFault::Unsupported);
        }
        let ask = async |constraints: JsValue| {
            let asked = devices.get_user_media_with_constraints(constraints.unchecked_ref())?;
            wait(asked).await
        };
        // `exact`, because Chromium takes anything else for the default device.
        // Where that is refused (iOS does, and a device may be gone), a wish.
        let opened = match device_id {
            None => ask(constraints(JsValue::UNDEFINED)).await,
            Some(id) => match ask(constraints(device("exact", id))).await {
                Err(error) if name(&error) == "OverconstrainedError" => {
                    ask(constraints(device("ideal", id))).await
                }
                opened => opened,
            },
        };
        let stream: MediaStream = opened
            .map_err(|error| MicrophoneFault::from_error_name(&name(&error)))?
            .unchecked_into();
        let track: MediaStreamTrack = stream.get_audio_tracks().get(0).unchecked_into();
        if track.is_undefined() {
            return Err(MicrophoneFault::Missing);
        }
        let ended = Listener::new(&track, "ended", move |_| on_lost());
        Ok(Self {
            stream,
            track,
            _ended: ended,
        })
    }

    /// The track to send.
    #[must_use]
    pub fn track(&self) -> &MediaStreamTrack {
        &self.track
    }

    /// The stream to measure.
    #[must_use]
    pub fn stream(&self) -> &MediaStream {
        &self.stream
    }

    /// The device's id, where the browser tells it.
    #[must_use]
    pub fn device_id(&self) -> String {
        let settings = call(&self.track, "getSettings", &JsValue::UNDEFINED);
        settings
            .ok()
            .and_then(|settings| json::string(&settings, "deviceId"))
            .unwrap_or_default()
    }

    /// Sends silence, or the voice again.
    pub fn set_muted(&self, muted: bool) {
        self.track.set_enabled(!muted);
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        // `stop` fires no `ended`, so nobody takes this for a lost device.
        self.track.stop();
    }
}

fn device(how: &str, id: &str) -> JsValue {
    json::object(&[(how, JsValue::from_str(id))])
}

/// Mono, with the browser's echo cancellation, noise suppression and gain control.
fn constraints(device: JsValue) -> JsValue {
    let audio = json::object(&[
        ("channelCount", JsValue::from_f64(1.0)),
        ("echoCancellation", JsValue::TRUE),
        ("noiseSuppression", JsValue::TRUE),
        ("autoGainControl", JsValue::TRUE),
        ("deviceId", device),
    ]);
    json::object(&[("audio", audio)])
}

fn name(error: &JsValue) -> String {
    json::string(error, "name").unwrap_or_default()
}
