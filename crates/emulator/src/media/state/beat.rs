//! One beat of a room: 20 ms of everybody heard, recorded and sent.

use std::sync::Arc;
use std::time::Instant;

use super::{NO_LEG, State};
use crate::audio::FRAME;
use crate::media::leg::Packet;
use crate::media::mix::{Encoded, Voice, mix};
use crate::media::noise::comfort_noise;
use crate::media::playback::Beat;
use crate::media::{FRAME_MS, LegRole, MediaEvent};
use crate::voice::{Frame, Speech};

impl State {
    /// The 20 ms that end with the current beat.
    pub(super) fn beat(&mut self, now: Instant) {
        let at_ms = self.beats * FRAME_MS;
        let voices = self.hear(at_ms);
        let played = self.agent(at_ms);
        let agent = played
            .as_ref()
            .and_then(|(speech, index)| speech.frame(*index));
        self.record(&voices, agent.map(|frame| frame.pcm));
        self.send(now, &voices, agent);
    }

    /// Everybody's voice and level.
    fn hear(&mut self, at_ms: u64) -> Vec<Voice> {
        let mut voices = Vec::new();
        for leg in &mut self.legs {
            let pcm = leg.beat();
            if !leg.may_publish || !leg.is_connected() {
                continue;
            }
            let (id, dbov) = (leg.id, leg.heard.last());
            self.output.events.push(MediaEvent::Level {
                leg: id,
                dbov,
                at_ms,
            });
            if let Some(pcm) = pcm {
                voices.push(Voice {
                    leg: id,
                    role: leg.role,
                    pcm,
                });
            }
        }
        if let Beat::Packet { speech, index } = self.caller.beat()
            && let Some(frame) = speech.frame(index)
        {
            voices.push(Voice {
                leg: NO_LEG,
                role: LegRole::Client,
                pcm: frame.pcm.to_vec(),
            });
        }
        voices
    }

    /// The agent's packet that is due, if it is speaking.
    fn agent(&mut self, at_ms: u64) -> Option<(Arc<Speech>, usize)> {
        match self.playback.beat() {
            Beat::Idle => None,
            Beat::Packet { speech, index } => {
                if index == 0 {
                    self.output
                        .events
                        .push(MediaEvent::PlaybackStarted { at_ms });
                }
                Some((speech, index))
            }
            Beat::Finished(ended) => {
                self.playback_ended(Some(ended));
                None
            }
        }
    }

    fn record(&mut self, voices: &[Voice], agent: Option<&[i16]>) {
        if self.closing.is_some() {
            return;
        }
        let Some(unrecorded) = self.unrecorded else {
            return;
        };
        let at = (self.beats - unrecorded - 1) as usize * FRAME;
        let user = mix(voices.iter().filter(|v| v.role == LegRole::Client), None);
        let taker = mix(voices.iter().filter(|v| v.role == LegRole::Listener), agent);
        self.recording.put(at, user.as_deref(), taker.as_deref());
    }

    fn send(&mut self, now: Instant, voices: &[Voice], agent: Option<Frame<'_>>) {
        let taken_over = self.is_taken_over();
        let noise = comfort_noise(self.beats);
        let pcm = agent.map(|frame| frame.pcm);
        let mut for_listeners: Option<Encoded> = None;
        for leg in &mut self.legs {
            let beat = self.beats;
            if !leg.is_connected() {
                continue;
            }
            if leg.role == LegRole::Client && !taken_over {
                let packet = agent.map_or(noise, |frame| Packet {
                    data: frame.packet,
                    dbov: frame.dbov,
                });
                leg.send_audio(now, beat, packet);
            } else if leg.may_publish {
                let others = mix(voices.iter().filter(|voice| voice.leg != leg.id), pcm);
                let encoded = Encoded::of(&mut leg.encoder, others);
                leg.send_audio(now, beat, encoded.packet());
            } else {
                let encoded = for_listeners
                    .get_or_insert_with(|| Encoded::of(&mut self.listeners, mix(voices, pcm)));
                leg.send_audio(now, beat, encoded.packet());
            }
        }
    }
}
