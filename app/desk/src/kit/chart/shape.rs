//! What a chart draws of its values, on a square of 100 by 100 whose origin is above. Pure.

use super::scale::{Band, Linear};

/// What is drawn of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Bars, each series on top of the one before.
    Bars,
    /// A line for each series; it breaks where there is no value.
    Lines,
}

impl Shape {
    /// The axis that has room for all of it.
    pub(super) fn axis(self, all: &[Vec<Option<f64>>]) -> Linear {
        match self {
            Self::Lines => Linear::of(all.iter().flatten().copied().flatten()),
            Self::Bars => {
                let columns = all.iter().map(Vec::len).max().unwrap_or_default();
                Linear::of((0..columns).map(|nth| below(all, all.len(), nth)))
            }
        }
    }

    /// The path of the nth series.
    pub(super) fn path(self, all: &[Vec<Option<f64>>], nth: usize, axis: Linear) -> String {
        let Some(values) = all.get(nth) else {
            return String::new();
        };
        let band = Band::of(values.len());
        let values = values.iter().enumerate();
        let known = values.filter_map(|(at, value)| Some((at, (*value)?)));
        match self {
            Self::Bars => known
                .filter(|(_, value)| *value > 0.0)
                .map(|(at, value)| {
                    let (left, width) = band.inner(at);
                    let foot = below(all, nth, at);
                    let (foot, head) = (up(axis, foot), up(axis, foot + value));
                    let (left, right) = (100.0 * left, 100.0 * (left + width));
                    format!("M{left:.2} {foot:.2}V{head:.2}H{right:.2}V{foot:.2}Z")
                })
                .collect(),
            Self::Lines => {
                let mut before = None;
                known
                    .map(|(at, value)| {
                        let goes_on = before.replace(at).is_some_and(|it| it + 1 == at);
                        let (x, y) = (100.0 * band.middle(at), up(axis, value));
                        format!("{}{x:.2} {y:.2}", if goes_on { "L" } else { "M" })
                    })
                    .collect()
            }
        }
    }
}

/// A dot for each value of a line, so that one alone can be seen: lines of no length.
pub(super) fn dots(values: &[Option<f64>], axis: Linear) -> String {
    let band = Band::of(values.len());
    let values = values.iter().enumerate();
    let known = values.filter_map(|(at, value)| Some((at, (*value)?)));
    known
        .map(|(at, value)| format!("M{:.2} {:.2}h0", 100.0 * band.middle(at), up(axis, value)))
        .collect()
}

/// What of a column lies below the nth series.
fn below(all: &[Vec<Option<f64>>], nth: usize, column: usize) -> f64 {
    let lower = all.iter().take(nth);
    let values = lower.filter_map(|values| values.get(column).copied().flatten());
    values.filter(|value| *value > 0.0).sum()
}

fn up(axis: Linear, value: f64) -> f64 {
    100.0 * (1.0 - axis.share(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_each_other_and_nothing_is_drawn_of_nothing() {
        let all = [
            vec![Some(3.0), Some(0.0), None],
            vec![Some(1.0), Some(2.0), None],
        ];
        let axis = Shape::Bars.axis(&all);
        assert_eq!(axis.top(), 4.0);
        let [came, failed] = [0, 1].map(|nth| Shape::Bars.path(&all, nth, axis));
        assert_eq!(came, "M6.67 100.00V25.00H26.67V100.00Z");
        assert_eq!(
            failed,
            "M6.67 25.00V0.00H26.67V25.00ZM40.00 100.00V50.00H60.00V100.00Z"
        );
        assert_eq!(Shape::Bars.path(&all, 2, axis), "");
    }

    #[test]
    fn a_line_breaks_where_there_is_no_value_and_each_value_has_a_dot() {
        let all = [vec![Some(10.0), Some(0.0), None, Some(5.0)]];
        let axis = Shape::Lines.axis(&all);
        assert_eq!(axis.top(), 10.0);
        assert_eq!(
            Shape::Lines.path(&all, 0, axis),
            "M12.50 0.00L37.50 100.00M87.50 50.00"
        );
        assert_eq!(
            dots(&all[0], axis),
            "M12.50 0.00h0M37.50 100.00h0M87.50 50.00h0"
        );
        let one = [vec![Some(2.0)]];
        assert_eq!(dots(&one[0], Shape::Lines.axis(&one)), "M50.00 0.00h0");
        let none = [vec![None, None]];
        let axis = Shape::Lines.axis(&none);
        assert_eq!(
            Shape::Lines.path(&none, 0, axis) + &dots(&none[0], axis),
            ""
        );
    }
}
