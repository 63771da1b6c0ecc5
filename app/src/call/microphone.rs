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
    /// Asks the browser for the microphone `device_id`, or the default one, before
    /// this returns. `on_lost` is called when the device goes away.
    ///
    /// # Errors
    /// Which of the ways it can fail, it failed.
    pub fn open<F: Fn() + 'static>(
        device_id: Option<&str>,
        on_lost: F,
    ) -> impl Future<Output = Result<Self, MicrophoneFault>> + use<F> {
        // `exact`, because Chromium takes anything else for the default device.
        // Where that is refused (iOS does, and a device may be gone), a wish.
        let wish = device_id.map(|id| constraints(device("ideal", id)));
        let exact = device_id.map(|id| device("exact", id));
        let asked = ask(&constraints(exact.unwrap_or_default()));
        Self::opened(asked, wish, on_lost)
    }

    async fn opened(
        asked: Result<Promise, MicrophoneFault>,
        wish: Option<JsValue>,
        on_lost: impl Fn() + 'static,
    ) -> Result<Self, MicrophoneFault> {
        let opened = match (wait(asked?).await, wish) {
            (Err(error), Some(wish)) if name(&error) == "OverconstrainedError" => {
                wait(ask(&wish)?).await
            }
            (opened, _) => opened,
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

fn ask(constraints: &JsValue) -> Result<Promise, MicrophoneFault> {
    let devices = json::get(&window().navigator(), "mediaDevices");
    // Absent outside secure contexts.
    let asked = call(&devices, "getUserMedia", constraints).and_then(JsCast::dyn_into);
    asked.map_err(|_| MicrophoneFault::Unsupported)
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
