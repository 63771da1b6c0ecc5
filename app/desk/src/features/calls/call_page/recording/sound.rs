//! How loud a recording is, when it is silent, and where a key leads in it.
//!
//! Pure: samples and times in, pictures and times out.

/// How long a step is, of which the loudest sample is kept (s).
const STEP_S: f64 = 0.05;
/// What is quieter than this, of the loudest there is, is silence.
const QUIET: f32 = 0.05;
/// A pause that is shorter belongs to speech (s).
const PAUSE_S: f64 = 1.0;
/// How much of a silence is left at either end (s).
const MARGIN_S: f64 = 0.2;

/// How loud each voice is, from step to step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sound {
    /// The loudest of each step, 0 to 1; a lane for each voice.
    lanes: Vec<Vec<f32>>,
}

impl Sound {
    /// Of the samples of each channel, at `rate` a second. There are at most two voices.
    pub(super) fn of(channels: impl IntoIterator<Item = Vec<f32>>, rate: f64) -> Self {
        let step = ((rate * STEP_S) as usize).max(1);
        let loudest =
            |samples: &[f32]| samples.iter().fold(0.0, |most: f32, it| most.max(it.abs()));
        let lane = |samples: Vec<f32>| samples.chunks(step).map(loudest).collect();
        Self {
            lanes: channels.into_iter().take(2).map(lane).collect(),
        }
    }

    /// How many voices there are.
    pub(super) fn voices(&self) -> usize {
        self.lanes.len()
    }

    /// Puts the voice first that is louder while others than the agent speak, in these spans
    /// of time (ms): which channel is whose, nobody promises.
    pub(super) fn visitor_first(mut self, spoken: &[(i64, i64)]) -> Self {
        let loudness = |lane: &Vec<f32>| -> f32 {
            let steps = spoken.iter().map(|(from, to)| step(*from)..step(*to));
            steps.flatten().filter_map(|step| lane.get(step)).sum()
        };
        if let [first, second] = self.lanes.as_slice()
            && loudness(second) > loudness(first)
        {
            self.lanes.reverse();
        }
        self
    }

    /// Draws a voice as that many bars around a middle line: a path, a unit a bar, 2 high.
    pub(super) fn path(&self, voice: usize, bars: usize) -> String {
        use std::fmt::Write;

        let lane = &self.lanes[voice];
        let most = self.loudest().max(f32::MIN_POSITIVE);
        let mut path = String::new();
        for bar in 0..bars {
            let end = ((bar + 1) * lane.len()).div_ceil(bars);
            let steps = &lane[bar * lane.len() / bars..end];
            let loud = steps.iter().fold(0.0, |most: f32, it| most.max(*it)) / most;
            let half = loud.max(0.04);
            // Writing into a text does not fail.
            let _ = write!(path, "M{bar}.5 {:.2}v{:.2}", 1.0 - half, 2.0 * half);
        }
        path
    }

    /// When nobody speaks for long: from when to when (s), without what is left of it.
    pub(super) fn silences(&self) -> Vec<(f64, f64)> {
        let quiet = self.loudest() * QUIET;
        let length = self.lanes.iter().map(Vec::len).max().unwrap_or(0);
        let is_silent = |step| {
            let mut lanes = self
                .lanes
                .iter()
                .filter_map(|lane: &Vec<f32>| lane.get(step));
            lanes.all(|loud| *loud <= quiet)
        };
        let mut silences = Vec::new();
        let mut began = None;
        for step in 0..=length {
            if step < length && is_silent(step) {
                began.get_or_insert(step);
            } else if let Some(from) = began.take() {
                let (from, to) = (from as f64 * STEP_S, step as f64 * STEP_S);
                if to - from > PAUSE_S {
                    silences.push((from + MARGIN_S, to - MARGIN_S));
                }
            }
        }
        silences
    }

    fn loudest(&self) -> f32 {
        self.lanes
            .iter()
            .flatten()
            .fold(0.0, |most, it| most.max(*it))
    }
}

/// The step of a time (ms).
fn step(ms: i64) -> usize {
    // `as` makes 0 of what is before the beginning.
    (ms as f64 / 1_000.0 / STEP_S) as usize
}

/// Where a silence ends at this time (s), if there is one.
pub(super) fn after_silence(silences: &[(f64, f64)], at: f64) -> Option<f64> {
    let next = silences.partition_point(|(_, to)| *to <= at);
    let (from, to) = silences.get(next)?;
    (*from <= at).then_some(*to)
}

/// Where a key leads from `at` in what is `length` long (s); `None` for a key that leads
/// nowhere.
pub(super) fn key_leads(key: &str, at: f64, length: f64) -> Option<f64> {
    let to = match key {
        "ArrowRight" | "ArrowUp" => at + 5.0,
        "ArrowLeft" | "ArrowDown" => at - 5.0,
        "PageUp" => at + 30.0,
        "PageDown" => at - 30.0,
        "Home" => 0.0,
        "End" => length,
        _ => return None,
    };
    Some(to.clamp(0.0, length.max(0.0)))
}

/// Where a press `x` pixels into what is `width` wide leads (s).
pub(super) fn press_leads(x: f64, width: f64, length: f64) -> f64 {
    if width > 0.0 {
        (x / width).clamp(0.0, 1.0) * length
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One sample a step, so that a step is a sample.
    const RATE: f64 = 20.0;

    /// A voice of so many steps each as loud as this.
    fn voice(parts: &[(usize, f32)]) -> Vec<f32> {
        parts
            .iter()
            .flat_map(|(steps, loud)| vec![*loud; *steps])
            .collect()
    }

    #[test]
    fn the_loudest_of_each_step_is_kept_whichever_its_sign() {
        let sound = Sound::of([vec![0.1, -0.9, 0.2, 0.3, 0.0]], 40.0);
        assert_eq!(sound.lanes, [vec![0.9, 0.3, 0.0]]);
        assert_eq!(Sound::of(vec![vec![0.0]; 3], RATE).voices(), 2);
    }

    #[test]
    fn bars_are_as_high_as_what_they_stand_for_is_loud() {
        let sound = Sound::of([vec![0.25, 0.5, 0.0, 0.0], vec![0.125; 4]], RATE);
        assert_eq!(sound.path(0, 2), "M0.5 0.00v2.00M1.5 0.96v0.08");
        assert_eq!(sound.path(1, 1), "M0.5 0.75v0.50");
        // More bars than steps, and no steps at all.
        assert_eq!(sound.path(0, 8).matches('M').count(), 8);
        assert_eq!(Sound::of([vec![]], RATE).path(0, 3).matches('M').count(), 3);
    }

    #[test]
    fn silence_is_when_no_voice_is_heard_for_long() {
        let visitor = voice(&[
            (20, 1.0),
            (60, 0.01),
            (20, 0.6),
            (20, 0.0),
            (10, 0.5),
            (30, 0.0),
        ]);
        let agent = voice(&[(40, 0.4), (120, 0.02)]);
        let silences = Sound::of([visitor, agent], RATE).silences();
        // From 2 s to 4 s nobody speaks; the pause from 5 s to 6 s is too short; after 6.5 s
        // comes nothing any more.
        let rounded: Vec<_> = silences
            .iter()
            .map(|it| ((it.0 * 10.0).round(), (it.1 * 10.0).round()))
            .collect();
        assert_eq!(rounded, [(22.0, 38.0), (67.0, 78.0)]);
        assert_eq!(Sound::of([], RATE).silences(), []);
    }

    #[test]
    fn what_is_silent_is_skipped_to_its_end() {
        let silences = [(2.0, 4.0), (7.0, 8.0)];
        for (at, to) in [
            (0.0, None),
            (1.9, None),
            (2.0, Some(4.0)),
            (3.9, Some(4.0)),
            (4.0, None),
            (7.5, Some(8.0)),
            (9.0, None),
        ] {
            assert_eq!(after_silence(&silences, at), to, "{at}");
        }
    }

    #[test]
    fn the_visitor_s_voice_is_the_one_that_is_loud_when_the_visitor_speaks() {
        let agent = voice(&[(20, 0.5), (20, 0.0)]);
        let visitor = voice(&[(20, 0.0), (20, 0.2)]);
        let sound = Sound::of([agent.clone(), visitor.clone()], RATE);
        let spoken = [(1_000, 2_000)];
        assert_eq!(sound.clone().visitor_first(&spoken).lanes, [visitor, agent]);
        assert_eq!(sound.clone().visitor_first(&[(-100, 0)]), sound);
    }

    #[test]
    fn keys_and_presses_lead_into_the_recording_and_not_beyond() {
        for (key, at, to) in [
            ("ArrowRight", 10.0, Some(15.0)),
            ("ArrowDown", 2.0, Some(0.0)),
            ("PageUp", 50.0, Some(60.0)),
            ("PageDown", 50.0, Some(20.0)),
            ("Home", 50.0, Some(0.0)),
            ("End", 0.0, Some(60.0)),
            ("a", 0.0, None),
        ] {
            assert_eq!(key_leads(key, at, 60.0), to, "{key}");
        }
        assert_eq!(press_leads(50.0, 200.0, 60.0), 15.0);
        assert_eq!(press_leads(900.0, 200.0, 60.0), 60.0);
        assert_eq!(press_leads(1.0, 0.0, 60.0), 0.0);
    }
}
