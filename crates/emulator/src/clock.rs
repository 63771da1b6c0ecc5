//! The emulator's clock: real time of day, and timers that can be sped up.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::time::Instant;

/// A clock whose timers run `speed` times as fast as real time.
#[derive(Debug)]
pub(crate) struct Clock {
    speed: watch::Sender<f64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            speed: watch::Sender::new(1.0),
        }
    }
}

impl Clock {
    /// Unix milliseconds; never sped up.
    #[must_use]
    pub(crate) fn now_ms(&self) -> u64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// How fast timers run.
    #[must_use]
    pub(crate) fn speed(&self) -> f64 {
        *self.speed.borrow()
    }

    /// Sets how fast timers run, also those that are running. False for what
    /// is no positive number.
    pub(crate) fn set_speed(&self, speed: f64) -> bool {
        let valid = speed.is_finite() && speed > 0.0;
        if valid {
            self.speed.send_replace(speed);
        }
        valid
    }

    /// Tells of changes of the speed.
    #[must_use]
    pub(crate) fn subscribe(&self) -> watch::Receiver<f64> {
        self.speed.subscribe()
    }

    /// Waits for this many milliseconds of this clock.
    pub(crate) async fn sleep(&self, ms: u64) {
        let mut changes = self.speed.subscribe();
        let mut left = Duration::from_millis(ms).as_secs_f64();
        while left > 0.0 {
            let speed = *changes.borrow_and_update();
            let begun = Instant::now();
            // A year at most: the sum of two instants must exist.
            let real = Duration::try_from_secs_f64(left / speed)
                .unwrap_or(YEAR)
                .min(YEAR);
            tokio::select! {
                () = tokio::time::sleep(real) => return,
                changed = changes.changed() => {
                    left -= begun.elapsed().as_secs_f64() * speed;
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_running_timer_feels_a_change_of_speed() {
        let clock = Clock::default();
        let wait = clock.sleep(3_600_000);
        let speed_up = async {
            tokio::task::yield_now().await;
            assert!(clock.set_speed(1e9));
        };
        tokio::join!(wait, speed_up);
        assert!(clock.speed() > 1.0);
    }

    #[test]
    fn nonsense_is_no_speed() {
        let clock = Clock::default();
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(!clock.set_speed(speed));
        }
        assert!((clock.speed() - 1.0).abs() < f64::EPSILON);
    }
}
