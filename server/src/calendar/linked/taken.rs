//! What a linked calendar takes of its owner's time. Pure.

use std::collections::HashMap;

use api::calendar::Booking;
use caldav::Busy;

/// Times somebody is busy, each its beginning and its end (Unix ms), in their order and apart.
pub(crate) type Times = Vec<(i64, i64)>;

/// What an event of ours is known by. `copy` is another one where the name is used up.
pub(crate) fn uid(tenant_id: &str, booking_id: &str, copy: u32) -> String {
    format!("{booking_id}.{copy}@{tenant_id}.switchboard")
}

/// The booking an event is of, where it is one of ours.
fn booking_of<'a>(tenant_id: &str, uid: &'a str) -> Option<&'a str> {
    let (ours, host) = uid.split_once('@')?;
    let of_tenant = host.strip_suffix(".switchboard")? == tenant_id;
    of_tenant.then(|| ours.split_once('.').map_or(ours, |(id, _)| id))
}

/// The bookings that have an event somewhere: when they are, or nothing where the event is
/// about to be changed.
pub(crate) type Booked = HashMap<String, Option<(i64, i64)>>;

/// When a calendar is busy besides what is booked here. A booking's event that somebody has
/// moved there is where they have moved it to.
pub(crate) fn besides(tenant_id: &str, read: Vec<Busy>, booked: &Booked) -> Times {
    let others = read.into_iter().filter(|busy| {
        let booking = booking_of(tenant_id, &busy.uid).and_then(|id| booked.get(id));
        booking.is_none_or(|time| time.is_some_and(|time| time != (busy.from, busy.to)))
    });
    apart(others.map(|busy| (busy.from, busy.to)).collect())
}

/// The times kept before, of which one stretch (Unix ms) was read anew.
pub(crate) fn replaced(before: &Times, (from, to): (i64, i64), anew: Times) -> Times {
    let outside = before
        .iter()
        .flat_map(|&(begins, ends)| [(begins, ends.min(from)), (begins.max(to), ends)]);
    apart(outside.chain(anew).collect())
}

/// The same times in their order, with nothing said twice.
fn apart(mut times: Times) -> Times {
    times.retain(|(from, to)| from < to);
    times.sort_unstable();
    let mut apart: Times = Vec::with_capacity(times.len());
    for (from, to) in times {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// Whether something besides a booking is in its time.
pub(crate) fn is_in_the_way(busy: &Times, booking: &Booking) -> bool {
    busy.iter()
        .any(|&(from, to)| from < booking.ends_at && to > booking.starts_at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn busy(uid: &str, from: i64, to: i64) -> Busy {
        Busy {
            uid: uid.to_owned(),
            from,
            to,
        }
    }

    #[test]
    fn a_booking_is_not_in_its_own_way() {
        let booked = [("b1", Some((10, 20))), ("b2", Some((30, 40))), ("b3", None)];
        let booked = booked.map(|(id, time)| (id.to_owned(), time)).into();
        let read = vec![
            busy(&uid("t1", "b1", 0), 10, 20),
            // Somebody has moved it there.
            busy(&uid("t1", "b2", 1), 50, 60),
            // It has been moved here, which is to be written.
            busy(&uid("t1", "b3", 0), 70, 80),
            // It is another business's.
            busy(&uid("t2", "b1", 0), 10, 20),
            busy("theirs", 18, 25),
        ];
        assert_eq!(besides("t1", read, &booked), [(10, 25), (50, 60)]);
    }

    #[test]
    fn what_is_read_anew_takes_the_place_of_what_was_there() {
        let before = vec![(0, 10), (20, 30), (40, 90)];
        assert_eq!(
            replaced(&before, (5, 50), vec![(45, 48)]),
            [(0, 5), (45, 48), (50, 90)]
        );
        assert_eq!(replaced(&before, (100, 110), Vec::new()), before);
    }

    proptest! {
        #[test]
        fn a_moment_is_busy_as_it_was_read_last(
            before in proptest::collection::vec((0..100i64, 1..20i64), 0..6),
            anew in proptest::collection::vec((30..60i64, 1..20i64), 0..6),
        ) {
            let times = |some: Vec<(i64, i64)>| -> Times {
                some.into_iter().map(|(from, lasts)| (from, from + lasts)).collect()
            };
            let (before, anew) = (apart(times(before)), times(anew));
            let anew: Times = anew.into_iter().map(|(from, to)| (from, to.min(60))).collect();
            let now = replaced(&before, (30, 60), anew.clone());
            let holds = |times: &Times, at| times.iter().any(|&(from, to)| (from..to).contains(&at));
            for at in 0..130 {
                let expected = if (30..60).contains(&at) { holds(&anew, at) } else { holds(&before, at) };
                prop_assert_eq!(holds(&now, at), expected, "{}", at);
            }
            prop_assert!(now.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
