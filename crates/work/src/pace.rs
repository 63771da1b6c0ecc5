//! A budget of so much a second. Pure: time comes in.

use std::time::Duration;

/// When the next one may be, of what comes no closer together than a given time but
/// for a few at once (the "generic cell rate algorithm": one number, whatever the
/// rate). Nothing is refused; what comes too early is for later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// When all that came would be through, one after the other (Unix µs).
    through_at: i64,
}

impl Pace {
    /// When the next one may be (Unix ms): `now`, or later.
    #[must_use]
    pub fn next(&self, now: i64, apart: Duration, at_once: u32) -> i64 {
        let ahead = micros(apart).saturating_mul(i64::from(at_once.saturating_sub(1)));
        let at = self.through_at.saturating_sub(ahead);
        // The first whole millisecond in which it is true.
        now.max(at.saturating_add(999).div_euclid(1000))
    }

    /// The same, for one that comes now.
    pub fn take(&mut self, now: i64, apart: Duration, at_once: u32) -> i64 {
        let at = self.next(now, apart, at_once);
        self.through_at = self
            .through_at
            .max(now.saturating_mul(1000))
            .saturating_add(micros(apart));
        at
    }

    /// Whether nothing of before counts any more.
    #[must_use]
    pub fn is_over(&self, now: i64) -> bool {
        self.through_at <= now.saturating_mul(1000)
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_few_may_come_at_once_and_the_others_one_after_the_other() {
        let mut pace = Pace::default();
        let mut take = |now| pace.take(now, Duration::from_millis(100), 3);
        let first: Vec<_> = (0..5).map(|_| take(1000)).collect();
        assert_eq!(first, [1000, 1000, 1000, 1100, 1200]);
        assert_eq!(take(1250), 1300);
        assert_eq!([take(9000), take(9000), take(9000)], [9000; 3]);
        assert_eq!(take(9000), 9100);
        assert!(!pace.is_over(9300));
        assert!(pace.is_over(9400));
    }

    proptest! {
        /// Whenever they come, there are never more in any time than the rate allows.
        #[test]
        fn no_more_than_the_rate(
            pauses in prop::collection::vec(0_i64..400, 1..60),
            apart in 1_u64..300, at_once in 1_u32..6,
        ) {
            let mut pace = Pace::default();
            let apart = Duration::from_millis(apart);
            let mut now = 1_000_000;
            let mut times = Vec::new();
            for pause in pauses {
                now += pause;
                times.push(pace.take(now, apart, at_once));
            }
            prop_assert!(times.is_sorted());
            let step = i64::try_from(apart.as_millis()).unwrap();
            for (index, first) in times.iter().enumerate() {
                for (more, last) in times[index..].iter().enumerate() {
                    let allowed = (last - first) / step + i64::from(at_once);
                    prop_assert!(i64::try_from(more).unwrap() < allowed);
                }
            }
        }
    }
}
