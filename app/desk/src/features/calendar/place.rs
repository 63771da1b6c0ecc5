//! Where bookings stand in a column: those at the same time beside each other. Pure.

use api::calendar::Booking;

/// The shortest that is drawn (minutes): a line has to be read in it.
const SHORTEST: i64 = 30;
/// The hours that are shown though nothing is booked in them.
const HOURS: (i64, i64) = (8, 18);

/// A booking in a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) booking: Booking,
    /// From when to when, in minutes since midnight.
    pub(super) from: i64,
    pub(super) to: i64,
    /// Which of so many beside each other.
    pub(super) lane: usize,
    pub(super) lanes: usize,
}

impl Placed {
    /// What is drawn anew when it changes.
    pub(super) fn key(&self) -> (String, i64, usize, usize) {
        let booking = &self.booking;
        (
            booking.id.clone(),
            booking.updated_at,
            self.lane,
            self.lanes,
        )
    }
}

/// Places the bookings of a column, each with when it begins (minutes since midnight).
pub(super) fn place(bookings: impl IntoIterator<Item = (Booking, i64)>) -> Vec<Placed> {
    let mut placed: Vec<_> = bookings
        .into_iter()
        .map(|(booking, from)| {
            let lasts = (booking.ends_at - booking.starts_at) / 60_000;
            Placed {
                booking,
                from,
                to: from + lasts,
                lane: 0,
                lanes: 1,
            }
        })
        .collect();
    placed.sort_by_key(|it| (it.from, -it.to));
    let drawn_to = |it: &Placed| it.to.max(it.from + SHORTEST);
    let mut begins = 0;
    // Until when each lane of those that touch each other is taken.
    let mut lanes: Vec<i64> = Vec::new();
    for nth in 0..placed.len() {
        let (from, to) = (placed[nth].from, drawn_to(&placed[nth]));
        if lanes.iter().all(|until| *until <= from) {
            lanes.clear();
            begins = nth;
        }
        let free = lanes.iter().position(|until| *until <= from);
        let lane = free.unwrap_or_else(|| {
            lanes.push(from);
            lanes.len() - 1
        });
        lanes[lane] = to;
        placed[nth].lane = lane;
        for it in &mut placed[begins..=nth] {
            it.lanes = lanes.len();
        }
    }
    placed
}

/// From which hour to which there is something to show.
pub(super) fn hours<'a>(placed: impl Iterator<Item = &'a Placed>) -> (i64, i64) {
    placed.fold(HOURS, |(first, last), it| {
        let until = it.to.max(it.from + SHORTEST);
        (first.min(it.from / 60), last.max((until + 59) / 60))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(id: &str, lasts: i64) -> Booking {
        serde_json::from_value(serde_json::json!({
            "id": id, "reference": "1", "state": "confirmed", "service_id": "s", "service": "Cut",
            "name": "", "notes": "", "starts_at": 0, "ends_at": lasts * 60_000, "created_at": 0,
            "updated_at": 0,
        }))
        .unwrap()
    }

    fn placed(all: &[(&str, i64, i64)]) -> Vec<(String, usize, usize)> {
        let all = all
            .iter()
            .map(|(id, from, lasts)| (booking(id, *lasts), *from));
        let placed = place(all).into_iter();
        placed
            .map(|it| (it.booking.id, it.lane, it.lanes))
            .collect()
    }

    #[test]
    fn those_at_the_same_time_stand_beside_each_other() {
        let found = placed(&[
            ("c", 600, 30),
            ("a", 540, 90),
            ("b", 540, 60),
            ("d", 700, 60),
        ]);
        let expected = [("a", 0, 2), ("b", 1, 2), ("c", 1, 2), ("d", 0, 1)];
        let expected = expected.map(|(id, lane, lanes)| (id.to_owned(), lane, lanes));
        assert_eq!(found, expected);
        // What is short is drawn longer than it is.
        assert_eq!(
            placed(&[("a", 540, 5), ("b", 550, 5)])[1],
            ("b".to_owned(), 1, 2)
        );
    }

    #[test]
    fn the_day_is_as_long_as_what_is_booked_in_it() {
        assert_eq!(hours([].iter()), HOURS);
        let early = place([(booking("a", 60), 390), (booking("b", 50), 1_150)]);
        assert_eq!(hours(early.iter()), (6, 20));
    }
}
