//! Joining and holding a web call from the browser.
//!
//! [`session`] decides: a pure state machine that takes inputs and the time
//! and returns effects. [`shell`] carries the effects out and feeds the
//! results back; it uses one module per browser facility: [`peer`] (WebRTC),
//! [`signalling`] (the gateway's HTTP exchange), [`mint`] (our server),
//! [`microphone`], [`devices`], [`playback`], [`meter`] and [`events`] (the
//! live transcript). The decisions worth testing without a browser stay out
//! of those: [`levels`] (loudness and who is speaking) and [`problem`] (what a
//! refusal means) are pure as well. [`staff`] is for who listens to a call of
//! somebody else's, and takes it over: with a machine and a shell of its own, on the same facilities.
//! What belongs to an attempt of either is kept in `legs`.

pub mod devices;
pub mod events;
mod legs;
pub mod levels;
pub mod meter;
pub mod microphone;
pub mod mint;
pub mod peer;
pub mod playback;
pub mod problem;
pub mod session;
pub mod shell;
pub mod signalling;
pub mod staff;
