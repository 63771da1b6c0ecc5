//! Measuring both voices with Web Audio, at most ten times a second, and not
//! at all while nobody can see it.

use web_sys::{
    AnalyserNode, AudioContext, AudioContextState, MediaStream, MediaStreamAudioSourceNode,
};

use super::levels::{Voice, level};

/// Samples looked at per measurement: 21 ms at 48 kHz, and longer than a pitch period.
const WINDOW: usize = 1024;

/// How often to measure while levels are shown, in ms.
pub const INTERVAL_MS: u64 = 100;
/// How often to measure until the agent is heard for the first time, in ms.
pub const FIRST_INTERVAL_MS: u64 = 20;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Levels {
    /// The agent's loudness, 0 to 100.
    pub agent: u8,
    /// The visitor's loudness, 0 to 100.
    pub visitor: u8,
    /// Whether the agent is speaking.
    pub agent_speaks: bool,
    /// Whether this was measured at all.
    pub measured: bool,
}

/// Both voices of a call.
#[derive(Debug)]
pub struct Meter {
    context: AudioContext,
    visitor: Option<Probe>,
    agent: Option<Probe>,
}

#[derive(Debug)]
struct Probe {
    stream: MediaStream,
    source: MediaStreamAudioSourceNode,
    analyser: AnalyserNode,
    voice: Voice,
}

impl Probe {
    fn new(context: &AudioContext, stream: &MediaStream) -> Option<Self> {
        let source = context.create_media_stream_source(stream).ok()?;
        let analyser = context.create_analyser().ok()?;
        analyser.set_fft_size(WINDOW as u32);
        source.connect_with_audio_node(&analyser).ok()?;
        Some(Self {
            // Not `stream.clone()`: that is JavaScript's, and makes another stream.
            stream: Clone::clone(stream),
            source,
            analyser,
            voice: Voice::default(),
        })
    }

    fn measure(&mut self, now: u64) {
        let mut samples = [0.0; WINDOW];
        self.analyser.get_float_time_domain_data(&mut samples);
        self.voice.hear(level(&samples), now);
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // Fails only when it is disconnected already.
        let _ = self.source.disconnect();
    }
}

impl Meter {
    /// A meter that measures nothing yet; `None` where there is no Web Audio.
    #[must_use]
    pub fn new() -> Option<Self> {
        let context = AudioContext::new().ok()?;
        Some(Self {
            context,
            visitor: None,
            agent: None,
        })
    }

    /// Measures the visitor and the agent in these streams from now on; what
    /// is measured already goes on undisturbed.
    pub fn follow(&mut self, visitor: Option<&MediaStream>, agent: Option<&MediaStream>) {
        for (probe, stream) in [(&mut self.visitor, visitor), (&mut self.agent, agent)] {
            if probe.as_ref().map(|probe| &probe.stream) != stream {
                *probe = stream.and_then(|stream| Probe::new(&self.context, stream));
            }
        }
    }

    /// Lets a context run that rested, or that the browser held back until a
    /// tap. Whether it is suspended is not asked: the rest before may still be
    /// under way.
    pub fn resume(&self) {
        // Stays suspended without a tap; the next one tries again.
        let _ = self.context.resume();
    }

    /// Saves power between calls.
    pub fn rest(&mut self) {
        self.visitor = None;
        self.agent = None;
        let _ = self.context.suspend();
    }

    /// Measures both at `now` (ms); nothing while the context does not run: there
    /// may be no sound card, or some browsers take a second to start.
    pub fn measure(&mut self, now: u64) -> Levels {
        let mut levels = Levels {
            measured: self.context.state() == AudioContextState::Running,
            ..Levels::default()
        };
        if !levels.measured {
            return levels;
        }
        if let Some(probe) = &mut self.visitor {
            probe.measure(now);
            levels.visitor = probe.voice.level();
        }
        if let Some(probe) = &mut self.agent {
            probe.measure(now);
            levels.agent = probe.voice.level();
            levels.agent_speaks = probe.voice.is_speaking();
        }
        levels
    }
}
