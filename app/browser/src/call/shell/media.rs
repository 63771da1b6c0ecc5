//! The shell's dealings with microphone, speaker and meter.

use web_sys::MediaStream;

use super::{Attempt, Happened, Inner, Input};
use crate::call::devices::{self, Notice};
use crate::call::meter::{Levels, Meter};
use crate::call::microphone::{self, Microphone};
use crate::call::playback::{self, Playback};
use crate::ui::json;
use crate::ui::time::monotonic;
use crate::ui::web::spawn;

impl Inner {
    /// A number that stays current until the microphone is let go or replaced.
    fn next_microphone_turn(&self) -> u32 {
        let turn = self.microphone_turn.get() + 1;
        self.microphone_turn.set(turn);
        turn
    }

    /// Learns whether a microphone could be opened without a question.
    pub(super) fn look_for_microphone(&self) {
        let me = self.me.clone();
        spawn(async move {
            let permission = microphone::permission().await;
            let named = devices::list().await.names_a_microphone();
            if let Some(inner) = me.upgrade() {
                inner.permission.replace(permission);
                inner.named.set(named);
            }
        });
    }

    /// Whether the browser has allowed the microphone before.
    pub(super) fn microphone_is_allowed(&self) -> bool {
        let state = json::string(&self.permission.borrow(), "state");
        state.as_deref() == Some("granted")
    }

    /// What to tell of the open microphone.
    fn report_microphone(&self) -> impl Fn(Input) + Clone + 'static {
        let me = self.me.clone();
        move |input| {
            if let Some(inner) = me.upgrade() {
                inner.feed(input);
            }
        }
    }

    pub(super) fn ask_microphone(&self, attempt: Attempt) {
        self.heard.set(false);
        // The call before is not heard any more: its last words are not this one's.
        self.events.take();
        self.last_words.clear();
        self.change(|state| {
            state.notice = None;
            state.words_missing = false;
            state.remote = None;
        });
        self.resume_meter();
        let turn = self.next_microphone_turn();
        let (me, report) = (self.me.clone(), self.report_microphone());
        // The device chosen in an earlier call is asked for again.
        let chosen = self.devices.borrow().microphone.clone();
        let chosen = (!chosen.is_empty()).then_some(chosen);
        let opening = Microphone::open(chosen.as_deref(), report);
        spawn(async move {
            let opened = opening.await;
            let Some(inner) = me.upgrade() else { return };
            // Hung up meanwhile: dropping the microphone turns it off.
            if inner.microphone_turn.get() != turn {
                return;
            }
            match opened {
                Ok(microphone) => {
                    let silenced = microphone.is_silenced();
                    inner.microphone.replace(Some(microphone));
                    inner.happened(attempt, Happened::MicrophoneGranted);
                    // Some browsers let only who is recorded be played to.
                    inner.play_on();
                    if silenced {
                        inner.feed(Input::MicrophoneSilenced);
                    }
                    inner.list_devices();
                }
                Err(fault) => {
                    // Named and allowed, and yet it does not open: the next call
                    // is not minted beside it.
                    inner.named.set(false);
                    inner.happened(attempt, Happened::MicrophoneRefused(fault));
                }
            }
        });
    }

    pub(super) fn attach_microphone(&self, attempt: Attempt) {
        let microphone = self.microphone.borrow();
        let Some(microphone) = &*microphone else {
            return;
        };
        microphone.set_muted(self.session.borrow().view().muted);
        self.legs
            .peer(attempt, |peer| peer.send_track(microphone.track()));
    }

    /// How loud both are now.
    pub(super) fn measured(&self) -> Levels {
        let mut meter = self.meter.borrow_mut();
        if meter.is_none() {
            *meter = Meter::new().inspect(Meter::resume);
        }
        let Some(meter) = meter.as_mut() else {
            return Levels::default();
        };
        let microphone = self.microphone.borrow();
        meter.follow(
            microphone.as_ref().map(Microphone::stream),
            self.agent.borrow().as_ref(),
        );
        meter.measure(monotonic())
    }

    /// Lets the meter run again after its rest, or after a tap.
    pub(super) fn resume_meter(&self) {
        if let Some(meter) = &*self.meter.borrow() {
            meter.resume();
        }
    }

    pub(super) fn release_microphone(&self) {
        self.next_microphone_turn();
        if self.microphone.take().is_none() {
            // It may never open: the next call is not minted beside it.
            self.named.set(false);
        }
    }

    pub(super) fn play(&self, stream: &MediaStream) {
        let mut playback = self.playback.borrow_mut();
        if playback.is_none() {
            let me = self.me.clone();
            *playback = Playback::new(move |blocked| {
                if let Some(inner) = me.upgrade() {
                    inner.change(|state| state.sound_blocked = blocked);
                }
            })
            .ok();
        }
        if let Some(playback) = &*playback {
            playback.play(stream);
        }
        drop(playback);
        // Not `stream.clone()`: that is JavaScript's, and makes another stream.
        self.agent.replace(Some(Clone::clone(stream)));
        let speaker = self.devices.borrow().speaker.clone();
        if !speaker.is_empty() {
            self.switch_speaker(speaker, None);
        }
    }

    fn is_talking(&self) -> bool {
        self.session.borrow().attempt().is_some() && self.microphone.borrow().is_some()
    }

    /// Opens the microphone anew: the same, or another one where that is gone.
    pub(super) fn reopen_microphone(&self) {
        let used = std::mem::take(&mut self.devices.borrow_mut().microphone);
        self.switch_microphone(&used, false);
    }

    /// Opens another microphone and sends it in place of the present one,
    /// without renegotiation.
    pub(super) fn switch_microphone(&self, id: &str, chosen: bool) {
        if !self.is_talking() {
            return;
        }
        let turn = self.next_microphone_turn();
        let (me, report) = (self.me.clone(), self.report_microphone());
        let wanted = id.to_owned();
        let opening = Microphone::open(Some(id).filter(|id| !id.is_empty()), report);
        spawn(async move {
            let opened = opening.await;
            let Some(inner) = me.upgrade() else { return };
            if inner.microphone_turn.get() != turn {
                return;
            }
            match opened {
                Ok(microphone) => {
                    // Or the one before would be missed in the list below, and
                    // taken for lost.
                    let mut devices = inner.devices.borrow().clone();
                    devices.microphone = microphone.device_id();
                    let other = devices.microphone != wanted;
                    inner.change_devices(devices);
                    let silenced = microphone.is_silenced();
                    inner.microphone.replace(Some(microphone));
                    let attempt = inner.session.borrow().attempt();
                    if let Some(attempt) = attempt {
                        inner.attach_microphone(attempt);
                    }
                    let notice = (!chosen && other).then_some(Notice::MicrophoneSwitched);
                    inner.change(|state| state.notice = notice);
                    inner.feed(Input::MicrophoneOpened);
                    if silenced {
                        inner.feed(Input::MicrophoneSilenced);
                    }
                }
                Err(_) if chosen => {
                    inner.change(|state| state.notice = Some(Notice::MicrophoneRefused));
                }
                // The session knows that it is gone.
                Err(_) => {}
            }
            inner.list_devices();
        });
    }

    pub(super) fn switch_speaker(&self, id: String, notice: Option<Notice>) {
        let me = self.me.clone();
        spawn(async move {
            let Some(inner) = me.upgrade() else { return };
            let playback = inner.playback.borrow().clone();
            let Some(playback) = playback else { return };
            if playback.choose_speaker(&id).await.is_ok() {
                let mut devices = inner.devices.borrow().clone();
                devices.speaker = id;
                inner.change_devices(devices);
                inner.change(|state| state.notice = notice);
            }
        });
    }

    /// A device came or went.
    pub(super) fn devices_changed(&self) {
        if self.is_talking() {
            self.feed(Input::MicrophoneNear);
            self.list_devices();
        } else {
            self.look_for_microphone();
        }
    }

    /// Reads the devices again, and moves away from those that are gone.
    pub(super) fn list_devices(&self) {
        let me = self.me.clone();
        spawn(async move {
            let mut fresh = devices::list().await;
            let Some(inner) = me.upgrade() else { return };
            inner.named.set(fresh.names_a_microphone());
            let before = inner.devices.borrow().clone();
            let microphone_gone = before.microphone_gone(&fresh);
            let speaker_gone = before.speaker_gone(&fresh);
            if !playback::can_choose_speaker() {
                fresh.speakers.clear();
            }
            fresh.microphone = inner
                .microphone
                .borrow()
                .as_ref()
                .map(Microphone::device_id)
                .unwrap_or_default();
            fresh.speaker = if speaker_gone {
                String::new()
            } else {
                before.speaker
            };
            inner.change_devices(fresh);
            if microphone_gone {
                inner.feed(Input::MicrophoneLost);
            }
            if speaker_gone {
                inner.switch_speaker(String::new(), Some(Notice::SpeakerSwitched));
            }
        });
    }
}
