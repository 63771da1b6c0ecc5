//! The WebRTC peer: one audio line both ways and the `control` data channel.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    MediaStream, MediaStreamTrack, RtcDataChannel, RtcPeerConnection, RtcPeerConnectionState,
    RtcRtpSender, RtcSignalingState,
};

use crate::ui::json;
use crate::ui::web::{Listener, call, spawn, wait};

/// What a peer reports.
#[derive(Debug)]
pub enum PeerEvent {
    /// One more candidate, as `RTCIceCandidateInit`.
    Candidate(JsValue),
    /// The connection's state changed.
    State(RtcPeerConnectionState),
    /// The gateway reports a state on the control channel (retell-protocol F3).
    Control(String),
}

/// A peer connection; dropping it closes it.
#[derive(Debug)]
pub struct Peer {
    connection: RtcPeerConnection,
    sender: RtcRtpSender,
    agent: MediaStream,
    _control: RtcDataChannel,
    _listeners: [Listener; 3],
}

impl Peer {
    /// Creates the connection with its audio line and control channel; nothing
    /// is gathered or sent yet.
    ///
    /// # Errors
    /// When the browser cannot, or may not, do WebRTC.
    pub fn new(report: impl Fn(PeerEvent) + Clone + 'static) -> Result<Self, JsValue> {
        Self::with("sendrecv", report)
    }

    /// The same for who only hears, until [`Peer::speak`].
    ///
    /// # Errors
    /// As [`Peer::new`].
    pub fn listening(report: impl Fn(PeerEvent) + Clone + 'static) -> Result<Self, JsValue> {
        Self::with("recvonly", report)
    }

    fn with(
        direction: &str,
        report: impl Fn(PeerEvent) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        if !is_possible() {
            return Err(JsValue::UNDEFINED);
        }
        let configuration = configuration(&JsValue::UNDEFINED);
        let connection = RtcPeerConnection::new_with_configuration(configuration.unchecked_ref())?;
        // The microphone comes later, by `replaceTrack`: the offer is made
        // while the visitor still answers the browser's question.
        let streams = Array::of1(&MediaStream::new()?.into());
        let line = json::object(&[
            ("direction", JsValue::from_str(direction)),
            ("streams", streams.into()),
        ]);
        let transceiver =
            connection.add_transceiver_with_str_and_init("audio", line.unchecked_ref());
        let control = connection.create_data_channel("control");

        // The line's far end is there before anybody speaks on it.
        let agent = MediaStream::new_with_tracks(&Array::of1(&transceiver.receiver().track()))?;

        let on_candidate = report.clone();
        let on_state = report.clone();
        let of = connection.clone();
        let listeners = [
            Listener::new(&connection, "icecandidate", move |event| {
                let candidate = json::get(&event, "candidate");
                // The end of them comes as none, or as one of no text, which
                // some gateways refuse.
                if json::string(&candidate, "candidate").is_some_and(|it| !it.is_empty()) {
                    on_candidate(PeerEvent::Candidate(candidate));
                }
            }),
            Listener::new(&connection, "connectionstatechange", move |_| {
                on_state(PeerEvent::State(of.connection_state()));
            }),
            Listener::new(&control, "message", move |event| {
                let frame = json::string(&event, "data").and_then(|text| json::parse(&text));
                if let Some(frame) = frame
                    && json::string(&frame, "type").as_deref() == Some("status")
                    && let Some(state) = json::string(&frame, "state")
                {
                    report(PeerEvent::Control(state));
                }
            }),
        ];
        let sender = transceiver.sender();
        Ok(Self {
            connection,
            sender,
            agent,
            _control: control,
            _listeners: listeners,
        })
    }

    /// Has the browser make what an offer needs and takes time, its certificate
    /// above all. Nothing is gathered or sent.
    pub fn warm_up(&self) {
        let offer = self.connection.create_offer();
        spawn(async move {
            // It is the attempt that counts.
            let _ = wait(offer).await;
        });
    }

    /// The connection, for what takes time: an exchange holds on to this and
    /// not to the peer, which may be closed meanwhile.
    #[must_use]
    pub fn connection(&self) -> RtcPeerConnection {
        self.connection.clone()
    }

    /// The agent's audio; silent until the gateway sends some.
    #[must_use]
    pub fn agent(&self) -> MediaStream {
        // Not `self.agent.clone()`: that is JavaScript's, and makes another stream.
        Clone::clone(&self.agent)
    }

    /// Sends this track from the next offer on, also who only heard so far.
    pub fn speak(&self, track: &MediaStreamTrack) {
        let both = JsValue::from_str("sendrecv");
        for line in self.connection.get_transceivers() {
            // There is one line, whose direction can be set.
            let _ = Reflect::set(&line, &JsValue::from_str("direction"), &both);
        }
        self.send_track(track);
    }

    /// Sends this track from now on. Needs no renegotiation.
    pub fn send_track(&self, track: &MediaStreamTrack) {
        let replaced = self.sender.replace_track(Some(track));
        spawn(async move {
            // Rejected only when the peer was closed meanwhile.
            let _ = wait(replaced).await;
        });
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.connection.close();
    }
}

/// Whether this browser has WebRTC, and has not switched it off.
#[must_use]
pub fn is_possible() -> bool {
    json::get(&js_sys::global(), "RTCPeerConnection").is_function()
}

fn configuration(ice_servers: &JsValue) -> JsValue {
    json::object(&[
        ("bundlePolicy", JsValue::from_str("max-bundle")),
        ("iceServers", ice_servers.clone()),
    ])
}

fn description(kind: &str, sdp: &str) -> JsValue {
    json::object(&[
        ("type", JsValue::from_str(kind)),
        ("sdp", JsValue::from_str(sdp)),
    ])
}

/// Makes the first offer and starts gathering, with whatever ICE servers the
/// browser has by itself: those of the call are known only once it is minted, and
/// most calls need none ([`restart_offer`]). The browser is at it before this returns.
///
/// # Errors
/// When the browser cannot.
pub fn create_offer(
    connection: &RtcPeerConnection,
) -> impl Future<Output = Result<(), JsValue>> + use<> {
    let (offering, connection) = (connection.create_offer(), connection.clone());
    async move { set_local(&connection, &wait(offering).await?).await }
}

/// The offer that was made last, with the candidates found since.
#[must_use]
pub fn offer(connection: &RtcPeerConnection) -> Option<String> {
    json::string(&json::get(connection, "localDescription"), "sdp")
}

/// Takes the call's ICE servers, for the next offer to gather with. What the browser
/// does not know is left out.
fn take_servers(connection: &RtcPeerConnection, ice_servers: &JsValue) {
    let takes =
        |servers: &JsValue| call(connection, "setConfiguration", &configuration(servers)).is_ok();
    let Some(all) = ice_servers.dyn_ref::<Array>() else {
        return;
    };
    if !takes(all) {
        let good = Array::new();
        for server in all.iter() {
            if takes(&Array::of1(&server)) {
                good.push(&server);
            }
        }
        takes(&good);
    }
}

async fn set_local(connection: &RtcPeerConnection, offer: &JsValue) -> Result<(), JsValue> {
    wait(connection.set_local_description(offer.unchecked_ref())).await?;
    Ok(())
}

/// Gives the gateway's answer to the connection.
///
/// # Errors
/// When the browser cannot use it.
pub async fn apply_answer(connection: &RtcPeerConnection, sdp: &str) -> Result<(), JsValue> {
    let answer = description("answer", sdp);
    wait(connection.set_remote_description(answer.unchecked_ref())).await?;
    Ok(())
}

/// Makes another offer on the same path: what is sent has changed.
///
/// # Errors
/// When the connection is closed.
pub async fn another_offer(connection: &RtcPeerConnection) -> Result<(), JsValue> {
    let offer = wait(connection.create_offer()).await?;
    set_local(connection, &offer).await
}

/// Makes an offer that restarts ICE and starts gathering, now with the call's servers.
///
/// # Errors
/// When the connection is closed.
pub async fn restart_offer(
    connection: &RtcPeerConnection,
    ice_servers: &JsValue,
) -> Result<(), JsValue> {
    take_servers(connection, ice_servers);
    let options = json::object(&[("iceRestart", JsValue::TRUE)]);
    let offer =
        wait(connection.create_offer_with_rtc_offer_options(options.unchecked_ref())).await?;
    set_local(connection, &offer).await
}

/// Takes an offer back that got no answer, so that another can be made.
pub async fn take_back_offer(connection: &RtcPeerConnection) {
    if connection.signaling_state() == RtcSignalingState::HaveLocalOffer {
        let rollback = json::object(&[("type", JsValue::from_str("rollback"))]);
        let _ = wait(connection.set_local_description(rollback.unchecked_ref())).await;
    }
}
