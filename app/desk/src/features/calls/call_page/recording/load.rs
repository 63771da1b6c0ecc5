//! Listens through a recording for what the player shows of it.

use js_sys::{Array, Float32Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, RequestInit, Response};

use super::sound::Sound;
use crate::data::api_client;
use browser::ui::{json, web};

/// At how many samples a second: enough to see and to tell silence from speech.
const RATE: f64 = 8_000.0;
/// What is longer than this (bytes) would take a browser too much memory: more than half an
/// hour of two voices as Retell records them.
const LARGEST: f64 = 128.0 * 1024.0 * 1024.0;

/// How a call sounds: with a lane for each voice, where there is such a recording. `None`
/// where it cannot be told; it can be heard all the same.
pub(super) async fn sound(id: &str, signal: &AbortSignal) -> Option<Sound> {
    let address = api_client::recording(id);
    let response = match ask(&[&address, "?channels=multi"].concat(), signal).await {
        Some(response) => response,
        None => ask(&address, signal).await?,
    };
    let bytes = web::wait(response.array_buffer().ok()?).await.ok()?;
    decode(&bytes).await
}

async fn ask(address: &str, signal: &AbortSignal) -> Option<Response> {
    let init = RequestInit::new();
    init.set_signal(Some(signal));
    let sent = web::window().fetch_with_str_and_init(address, &init);
    let response: Response = web::wait(sent).await.ok()?.dyn_into().ok()?;
    let length = response.headers().get("content-length").ok()?;
    let length = length.and_then(|length| length.parse::<f64>().ok());
    (response.ok() && length.is_none_or(|length| length <= LARGEST)).then_some(response)
}

/// Has the browser decode what it can play.
async fn decode(bytes: &JsValue) -> Option<Sound> {
    let kind: Function = json::get(&web::window(), "OfflineAudioContext")
        .dyn_into()
        .ok()?;
    // Channels, length and rate; what is decoded is as long as it is.
    let given: Array = [1.0, 1.0, RATE]
        .into_iter()
        .map(JsValue::from_f64)
        .collect();
    let context = Reflect::construct(&kind, &given).ok()?;
    let decoding = web::call(&context, "decodeAudioData", bytes).ok()?;
    let buffer = web::wait(decoding.dyn_into().ok()?).await.ok()?;
    let channels = json::number(&buffer, "numberOfChannels")? as u32;
    let samples = (0..channels).filter_map(|channel| {
        let samples = web::call(&buffer, "getChannelData", &channel.into()).ok()?;
        Some(samples.dyn_into::<Float32Array>().ok()?.to_vec())
    });
    Some(Sound::of(samples, RATE))
}
