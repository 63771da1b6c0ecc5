//! Where values and their names lie, as shares of the room there is. Pure.

/// From zero to a round number that none of some values exceeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Linear {
    step: f64,
    steps: u32,
}

impl Linear {
    /// So many steps at most.
    const STEPS: f64 = 4.0;

    /// For values up to the largest of these, in steps of 1, 2 or 5 times a power of ten that are
    /// not less than one: what is counted has no halves. What is no number, or less than zero,
    /// counts as zero.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let largest = finite.fold(0.0, f64::max);
        let least = (largest / Self::STEPS).max(1.0);
        let power = 10_f64.powf(least.log10().floor());
        let round = [1.0, 2.0, 5.0].map(|digit| digit * power);
        let step = round.into_iter().find(|step| *step >= least);
        let step = step.unwrap_or(10.0 * power);
        // There is a first step where there is no value: an axis has two ends.
        let steps = (largest / step).ceil().max(1.0) as u32;
        Self { step, steps }
    }

    /// The number at its upper end.
    pub(super) fn top(self) -> f64 {
        self.step * f64::from(self.steps)
    }

    /// The numbers that are written beside it, the least first.
    pub(super) fn ticks(self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(move |nth| self.step * f64::from(nth))
    }

    /// How far up a value lies, from 0 to 1.
    pub(super) fn share(self, value: f64) -> f64 {
        (value / self.top()).clamp(0.0, 1.0)
    }
}

/// So many names beside each other, each with the same room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Band(usize);

impl Band {
    /// How much of a name's room lies between it and its neighbours.
    const GAP: f64 = 0.4;

    /// For so many names.
    pub(super) fn of(names: usize) -> Self {
        Self(names.max(1))
    }

    /// How much room each has, from 0 to 1.
    pub(super) fn step(self) -> f64 {
        1.0 / self.0 as f64
    }

    /// Where the room of the nth begins, from 0 to 1.
    pub(super) fn begins(self, nth: usize) -> f64 {
        nth as f64 * self.step()
    }

    /// Where its middle is.
    pub(super) fn middle(self, nth: usize) -> f64 {
        self.begins(nth) + self.step() / 2.0
    }

    /// Where what is drawn in it begins, and how wide that is.
    pub(super) fn inner(self, nth: usize) -> (f64, f64) {
        let width = self.step() * (1.0 - Self::GAP);
        (self.middle(nth) - width / 2.0, width)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_axis_ends_with_a_round_number() {
        for (largest, ticks) in [
            (0.0, vec![0.0, 1.0]),
            (1.0, vec![0.0, 1.0]),
            (3.0, vec![0.0, 1.0, 2.0, 3.0]),
            (7.0, vec![0.0, 2.0, 4.0, 6.0, 8.0]),
            (12.0, vec![0.0, 5.0, 10.0, 15.0]),
            (204.0, vec![0.0, 100.0, 200.0, 300.0]),
            (8_000.0, vec![0.0, 2_000.0, 4_000.0, 6_000.0, 8_000.0]),
            (f64::NAN, vec![0.0, 1.0]),
            (-3.0, vec![0.0, 1.0]),
        ] {
            let found: Vec<_> = Linear::of([largest]).ticks().collect();
            assert_eq!(found, ticks, "{largest}");
        }
        assert_eq!(Linear::of([]).top(), 1.0);
        assert_eq!(Linear::of([2.0, f64::INFINITY]).top(), 2.0);
        let scale = Linear::of([5.0, 8.0]);
        assert_eq!(
            [-1.0, 0.0, 4.0, 9.0].map(|it| scale.share(it)),
            [0.0, 0.0, 0.5, 1.0]
        );
    }

    proptest! {
        #[test]
        fn every_value_has_room_and_the_room_is_used(largest in 0.0..1e15_f64) {
            let scale = Linear::of([largest]);
            let ticks: Vec<_> = scale.ticks().collect();
            prop_assert!(scale.top() >= largest * (1.0 - 1e-9));
            prop_assert!((2..=5).contains(&ticks.len()), "{ticks:?}");
            prop_assert!(largest <= 1.0 || largest > scale.top() / 2.0 - 1e-9, "{ticks:?}");
        }
    }

    #[test]
    fn names_share_the_room() {
        let near = |one: f64, other: f64| (one - other).abs() < 1e-12;
        let four = Band::of(4);
        assert!(near(four.begins(3), 0.75) && near(four.middle(0), 0.125));
        let (begins, width) = four.inner(1);
        assert!(near(begins, 0.3) && near(width, 0.15));
        let (begins, width) = Band::of(1).inner(0);
        assert!(near(begins, 0.2) && near(width, 0.6));
        assert_eq!(Band::of(0), Band::of(1));
    }
}
