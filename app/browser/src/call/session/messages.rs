//! What goes into the session machine and what comes out.

use super::MicrophoneFault;
use crate::call::problem::Problem;

/// One try at joining one call. A click starts a new one, and so does the
/// silent retry with a fresh call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u32);

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The visitor wants to talk.
    Start,
    /// The same, where the browser has allowed the microphone before: nobody is asked.
    StartAllowed,
    /// The same, and it names one: it will open.
    StartAtHand,
    /// The same, where the browser has no WebRTC.
    StartUnable,
    /// The visitor is done, in whatever state.
    HangUp,
    /// The page goes away.
    Leave,
    /// The visitor wants to be heard or not.
    Mute(bool),
    /// The system keeps the open microphone silent: for a telephone call, or
    /// another program.
    MicrophoneSilenced,
    /// The system lets it be heard again.
    MicrophoneBack,
    /// The open microphone went away.
    MicrophoneLost,
    /// A microphone that went may be there again: devices changed, or the page
    /// is seen again.
    MicrophoneNear,
    /// [`Effect::ReopenMicrophone`] worked, or the visitor chose another one.
    MicrophoneOpened,
    /// The browser lost the network.
    Offline,
    /// The browser has the network again, or another one than before.
    NetworkChanged,
    /// The time asked for by [`Session::deadline`] has come.
    Tick,
    /// A result of something an attempt asked for.
    Of(Attempt, Happened),
}

/// What an attempt's effects led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// The microphone is open.
    MicrophoneGranted,
    /// It is not.
    MicrophoneRefused(MicrophoneFault),
    /// The offer is made and waits to be sent.
    OfferReady,
    /// The browser could not make a peer connection or an offer.
    PeerUnusable,
    /// Our server minted a call.
    Minted {
        /// Whether STUN or TURN servers are named with it.
        servers: bool,
        /// Whether the gateway took the offer that went along: there is a session, and
        /// an answer.
        answered: bool,
    },
    /// Our server did not.
    MintRefused(Problem),
    /// The gateway took the offer: there is a session, and an answer.
    Answered,
    /// The gateway refused the offer with this HTTP status.
    OfferRefused(u16),
    /// The gateway could not be reached.
    OfferUnsent,
    /// The browser looks for a path to the gateway by the answer.
    AnswerApplied,
    /// The browser could not use the answer.
    AnswerUnusable,
    /// The peer connection has one more candidate to tell.
    Candidate,
    /// The peer connection is connected.
    PeerConnected,
    /// The peer connection hears nothing at the moment.
    PeerDisconnected,
    /// The peer connection gave up.
    PeerFailed,
    /// The gateway answered the ICE restart, and the answer was applied.
    RestartAnswered,
    /// The gateway refused the ICE restart with this HTTP status.
    RestartRefused(u16),
    /// The ICE restart did not get through.
    RestartUnsent,
    /// The far end says, on the control channel or through our server, that the call is over.
    RemoteEnded,
    /// Another connection took this call over.
    Replaced,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Ask for the microphone.
    AskMicrophone(Attempt),
    /// Create the peer connection, its control channel and its offer.
    CreatePeer(Attempt),
    /// Open the microphone anew, or another one, and send that.
    ReopenMicrophone,
    /// Send the microphone through the peer connection.
    AttachMicrophone(Attempt),
    /// Ask our server for a call, and send the offer along.
    Mint(Attempt),
    /// Send the offer to the gateway from here (again, if it was refused before).
    PostOffer(Attempt),
    /// Give the answer to the peer connection.
    ApplyAnswer(Attempt),
    /// Tell the gateway the candidates collected since the last time.
    SendCandidates(Attempt),
    /// Follow the call's transcript.
    OpenEvents(Attempt),
    /// Make an offer that restarts ICE, with the call's servers, and send it to the
    /// gateway.
    RestartIce(Attempt),
    /// Stop or resume sending the visitor's voice.
    SetMuted(bool),
    /// Close the peer connection.
    ClosePeer(Attempt),
    /// Leave the gateway's session, even while the page goes away.
    DeleteSession(Attempt),
    /// Have our server end a call that was minted and not joined, or whose page goes away.
    EndCall(Attempt),
    /// Let the microphone go.
    ReleaseMicrophone,
}
