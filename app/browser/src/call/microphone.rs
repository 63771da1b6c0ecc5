//! The microphone: asking for it, muting it, letting it go.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MediaStream, MediaStreamTrack};

use super::session::{Input, MicrophoneFault};
use crate::ui::json;
use crate::ui::web::{Listener, call, document, wait, window};

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
    _listeners: [Listener; 3],
}

/// What an open microphone tells, as events of its track.
const EVENTS: [(&str, Input); 3] = [
    ("ended", Input::MicrophoneLost),
    ("mute", Input::MicrophoneSilenced),
    ("unmute", Input::MicrophoneBack),
];

impl Microphone {
    /// Asks the browser for the microphone `device_id`, or the default one, before
    /// this returns. `report` is told when the device goes away, or is silenced.
    ///
    /// # Errors
    /// Which of the ways it can fail, it failed.
    pub fn open<F: Fn(Input) + Clone + 'static>(
        device_id: Option<&str>,
        report: F,
    ) -> impl Future<Output = Result<Self, MicrophoneFault>> + use<F> {
        // `exact`, because Chromium takes anything else for the default device.
        // Where that is refused (iOS does, and a device may be gone), a wish.
        let wish = device_id.map(|id| constraints(device("ideal", id)));
        let exact = device_id.map(|id| device("exact", id));
        let asked = ask(&constraints(exact.unwrap_or_default()));
        Self::opened(asked, wish, report)
    }

    async fn opened(
        asked: Result<Promise, MicrophoneFault>,
        wish: Option<JsValue>,
        report: impl Fn(Input) + Clone + 'static,
    ) -> Result<Self, MicrophoneFault> {
        let opened = match (wait(asked?).await, wish) {
            (Err(error), Some(wish)) if name(&error) == "OverconstrainedError" => {
                wait(ask(&wish)?).await
            }
            (opened, _) => opened,
        };
        let stream: MediaStream = opened.map_err(|error| fault(&error))?.unchecked_into();
        let track: MediaStreamTrack = stream.get_audio_tracks().get(0).unchecked_into();
        if track.is_undefined() {
            return Err(MicrophoneFault::Missing);
        }
        let listeners = EVENTS.map(|(name, input)| {
            let report = report.clone();
            Listener::new(&track, name, move |_| report(input))
        });
        Ok(Self {
            stream,
            track,
            _listeners: listeners,
        })
    }

    /// Whether the system keeps it silent.
    #[must_use]
    pub fn is_silenced(&self) -> bool {
        self.track.muted()
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

fn fault(error: &JsValue) -> MicrophoneFault {
    match MicrophoneFault::from_error_name(&name(error)) {
        MicrophoneFault::Denied if page_forbids() => MicrophoneFault::Forbidden,
        fault => fault,
    }
}

/// Whether the page around us keeps the microphone from us. Only Chromium tells.
fn page_forbids() -> bool {
    let policy = json::get(&document(), "featurePolicy");
    let allowed = call(&policy, "allowsFeature", &JsValue::from_str("microphone"));
    allowed == Ok(JsValue::FALSE)
}

fn name(error: &JsValue) -> String {
    json::string(error, "name").unwrap_or_default()
}
