//! The call list as data: pages from the server and changes from the event
//! stream, merged into one order.
//!
//! Pure. Answers and events race each other, so a row is only replaced by one
//! that is at least as far along.

use std::cmp::Reverse;
use std::collections::HashMap;

use api::desk::{CallPage, CallStatus, CallSummary};

/// The calls loaded so far: live ones first, then the newest first.
#[derive(Debug, Default)]
pub struct CallList {
    rows: Vec<CallSummary>,
    /// Whether each call is live and when it was created, which says where it stands.
    places: HashMap<String, (bool, i64)>,
    next_cursor: Option<String>,
    searched_to: Option<i64>,
}

/// What a change did to the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing to show.
    Nothing,
    /// A row has other contents in the same place.
    Contents,
    /// Rows came or moved.
    Order,
}

impl CallList {
    /// The rows in order.
    #[must_use]
    pub fn rows(&self) -> &[CallSummary] {
        &self.rows
    }

    /// A call.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&CallSummary> {
        self.position(id).map(|index| &self.rows[index])
    }

    fn position(&self, id: &str) -> Option<usize> {
        let (is_live, created_at) = *self.places.get(id)?;
        let place = (!is_live, Reverse(created_at), Reverse(id));
        self.rows.binary_search_by(|row| rank(row).cmp(&place)).ok()
    }

    /// When the oldest call was created that was looked at (Unix ms), where the list ends for
    /// want of matching ones among them.
    #[must_use]
    pub fn searched_to(&self) -> Option<i64> {
        self.searched_to
    }

    /// Where the next page begins; `None` when everything is loaded.
    #[must_use]
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    /// Starts over with the first page. `meanwhile` are the changes that came
    /// while it was on its way: the page may not know them. What was loaded of the pages after
    /// it stays, where it goes on from there.
    pub fn restart(&mut self, page: CallPage, meanwhile: Vec<CallSummary>) {
        let mut before = std::mem::take(self);
        self.append(page);
        let tail = self.goes_on_at(&before);
        let tail = tail.map(|from| before.rows.split_off(from));
        for row in before.rows {
            if let Some(line) = &row.about {
                self.said(&row.id, line);
            }
            if self
                .get(&row.id)
                .is_some_and(|it| progress(it) < progress(&row))
            {
                self.merge(row);
            }
        }
        if let Some(tail) = tail {
            for row in tail {
                self.place(&row);
                self.rows.push(row);
            }
            self.next_cursor = before.next_cursor;
            self.searched_to = before.searched_to;
        }
        for row in meanwhile {
            self.merge(row);
        }
    }

    /// Where an earlier list goes on after the end of this one, if the two meet and nothing can
    /// be missing between them.
    fn goes_on_at(&self, before: &Self) -> Option<usize> {
        let end = rank(self.next_cursor.as_ref().and(self.rows.last())?);
        let live = before.rows.partition_point(|row| row.status.is_live());
        // One that has ended since is somewhere further down.
        let all_live_here = before.rows[..live]
            .iter()
            .all(|row| self.get(&row.id).is_some());
        let from = before.rows.partition_point(|row| rank(row) <= end);
        (all_live_here && live < from && from < before.rows.len()).then_some(from)
    }

    fn place(&mut self, row: &CallSummary) {
        let place = (row.status.is_live(), row.created_at);
        self.places.insert(row.id.clone(), place);
    }

    /// Adds the next page.
    pub fn append(&mut self, page: CallPage) {
        // First, so that rows at the end of the page count as within reach.
        self.next_cursor = None;
        for row in page.items {
            self.merge(row);
        }
        self.next_cursor = page.next_cursor;
        self.searched_to = page.searched_to;
    }

    /// Takes in a new or changed call.
    pub fn merge(&mut self, mut row: CallSummary) -> Effect {
        if let Some(index) = self.position(&row.id) {
            let old = &self.rows[index];
            if row.status.is_live() {
                row.about = old.about.clone();
            }
            if progress(&row) < progress(old) || row == *old {
                return Effect::Nothing;
            }
            if rank(&row) == rank(old) {
                self.rows[index] = row;
                return Effect::Contents;
            }
            self.rows.remove(index);
        } else if self.next_cursor.is_some()
            && self.rows.last().is_some_and(|l| rank(&row) > rank(l))
        {
            // It belongs to a page that is not loaded and will come with it.
            return Effect::Nothing;
        }
        let index = self.rows.partition_point(|other| rank(other) < rank(&row));
        self.place(&row);
        self.rows.insert(index, row);
        Effect::Order
    }

    /// Takes in what is being said in a call; gives whether the list shows it.
    pub fn said(&mut self, id: &str, line: &str) -> bool {
        let row = self.position(id).map(|index| &mut self.rows[index]);
        let live = row.filter(|row| row.status.is_live());
        live.map(|row| row.about = Some(line.to_owned())).is_some()
    }

    /// Takes in that a call has become one the list does not show.
    pub fn leave(&mut self, row: &CallSummary) -> Effect {
        match self.position(&row.id) {
            // Old news of a call that has changed again since.
            Some(index) if progress(row) < progress(&self.rows[index]) => Effect::Nothing,
            Some(index) => {
                self.rows.remove(index);
                self.places.remove(&row.id);
                Effect::Order
            }
            None => Effect::Nothing,
        }
    }
}

/// What the list is ordered by.
fn rank(row: &CallSummary) -> (bool, Reverse<i64>, Reverse<&str>) {
    (
        !row.status.is_live(),
        Reverse(row.created_at),
        Reverse(&row.id),
    )
}

/// How far along a call is: this only grows (see `CallStatus`).
fn progress(row: &CallSummary) -> (CallStatus, bool, bool, bool) {
    (
        row.status,
        row.disconnection_reason.is_some(),
        row.has_recording,
        row.user_sentiment.is_some(),
    )
}

/// How much there is to know about a call; when it changes, the page of the
/// call has something to load.
#[must_use]
pub fn same_progress(a: &CallSummary, b: &CallSummary) -> bool {
    let rest = |call: &CallSummary| (call.successful, call.flagged_at);
    let told = |call: &CallSummary| (call.claimed_by.clone(), call.warning.clone());
    progress(a) == progress(b) && rest(a) == rest(b) && told(a) == told(b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(id: &str, created_at: i64, status: CallStatus) -> CallSummary {
        CallSummary {
            id: id.into(),
            call_type: "web_call".into(),
            direction: None,
            from_number: None,
            to_number: None,
            contact_name: None,
            about: None,
            agent_id: "agent".into(),
            agent_name: None,
            public_key_id: None,
            status,
            created_at,
            started_at: None,
            ended_at: None,
            duration_ms: None,
            disconnection_reason: None,
            user_sentiment: None,
            successful: None,
            has_recording: false,
            claimed_by: None,
            claimed_by_name: None,
            flagged_at: None,
            warning: None,
            warning_severity: None,
            warned_at: None,
        }
    }

    fn page(items: &[CallSummary], next: Option<&str>) -> CallPage {
        CallPage {
            items: items.to_vec(),
            next_cursor: next.map(Into::into),
            searched_to: None,
        }
    }

    fn ids(list: &CallList) -> Vec<&str> {
        list.rows().iter().map(|row| row.id.as_str()).collect()
    }

    use CallStatus::{Ended, Ongoing, Registered};

    #[test]
    fn live_calls_come_first_then_the_newest() {
        let mut list = CallList::default();
        for row in [
            call("old", 1, Ended),
            call("new", 9, Ended),
            call("live", 5, Ongoing),
        ] {
            assert_eq!(list.merge(row), Effect::Order);
        }
        assert_eq!(ids(&list), ["live", "new", "old"]);
        assert_eq!(list.merge(call("live", 5, Ended)), Effect::Order);
        assert_eq!(ids(&list), ["new", "live", "old"]);
    }

    #[test]
    fn a_call_never_goes_back() {
        let mut list = CallList::default();
        let mut analysed = call("a", 1, Ended);
        analysed.user_sentiment = Some("Positive".into());
        list.merge(analysed.clone());
        assert_eq!(list.merge(call("a", 1, Ongoing)), Effect::Nothing);
        assert_eq!(list.merge(call("a", 1, Ended)), Effect::Nothing);
        assert_eq!(list.rows(), [analysed]);
    }

    #[test]
    fn what_is_being_said_stays_until_the_call_is_over() {
        let mut list = CallList::default();
        list.merge(call("a", 1, Ongoing));
        let about = |list: &CallList| list.get("a").unwrap().about.clone();
        assert!(list.said("a", "Hello?"));
        assert!(!list.said("b", "Hello?"));
        let mut warned = call("a", 1, Ongoing);
        warned.warning = Some("Asks for a human".to_owned());
        list.merge(warned);
        assert_eq!(about(&list).as_deref(), Some("Hello?"));
        list.restart(page(&[call("a", 1, Ongoing)], None), Vec::new());
        assert_eq!(about(&list).as_deref(), Some("Hello?"));
        list.merge(call("a", 1, Ended));
        assert_eq!(about(&list), None);
        assert!(!list.said("a", "Goodbye."));
    }

    #[test]
    fn a_call_leaves_a_list_it_no_longer_fits_unless_that_is_old_news() {
        let mut list = CallList::default();
        list.merge(call("a", 1, Ongoing));
        assert_eq!(list.leave(&call("b", 1, Ended)), Effect::Nothing);
        assert_eq!(list.leave(&call("a", 1, Registered)), Effect::Nothing);
        assert_eq!(ids(&list), ["a"]);
        assert_eq!(list.leave(&call("a", 1, Ended)), Effect::Order);
        assert!(list.rows().is_empty());
    }

    #[test]
    fn a_change_in_place_keeps_the_order() {
        let mut list = CallList::default();
        list.merge(call("a", 1, Registered));
        assert_eq!(list.merge(call("a", 1, Ongoing)), Effect::Contents);
        assert_eq!(list.merge(call("a", 1, Ongoing)), Effect::Nothing);
    }

    #[test]
    fn a_change_beyond_the_loaded_pages_waits_for_its_page() {
        let mut list = CallList::default();
        list.append(page(
            &[call("c", 30, Ended), call("b", 20, Ended)],
            Some("x"),
        ));
        assert_eq!(list.merge(call("a", 10, Ended)), Effect::Nothing);
        assert_eq!(list.merge(call("z", 5, Ongoing)), Effect::Order);
        list.append(page(&[call("a", 10, Ended)], None));
        assert_eq!(ids(&list), ["z", "c", "b", "a"]);
    }

    #[test]
    fn starting_over_forgets_what_is_gone_and_keeps_what_came_meanwhile() {
        let mut list = CallList::default();
        list.merge(call("gone", 1, Ended));
        list.merge(call("kept", 2, Ended));
        let meanwhile = call("fresh", 3, Registered);
        list.merge(meanwhile.clone());
        list.restart(page(&[call("kept", 2, Ongoing)], None), vec![meanwhile]);
        assert_eq!(ids(&list), ["fresh", "kept"]);
        assert_eq!(list.rows()[1].status, Ended);
    }

    #[test]
    fn starting_over_keeps_the_pages_after_the_first_where_they_go_on_from_it() {
        let loaded = || {
            let mut list = CallList::default();
            let rows: Vec<_> = (1..=9)
                .rev()
                .map(|n| call(&n.to_string(), n, Ended))
                .collect();
            list.append(page(&rows[..5], Some("5")));
            list.append(page(&rows[5..], Some("1")));
            list
        };
        let first = |from: i64, to: i64| {
            let rows: Vec<_> = (to..=from)
                .rev()
                .map(|n| call(&n.to_string(), n, Ended))
                .collect();
            page(&rows, Some("first"))
        };
        let mut list = loaded();
        list.restart(first(11, 7), Vec::new());
        assert_eq!(
            ids(&list),
            ["11", "10", "9", "8", "7", "6", "5", "4", "3", "2", "1"]
        );
        assert_eq!(list.next_cursor(), Some("1"));
        // So much has happened that nobody knows what is between them.
        list.restart(first(30, 20), Vec::new());
        assert_eq!((list.rows().len(), list.next_cursor()), (11, Some("first")));
        // Where it ended, one that was live may be anywhere below.
        let mut list = loaded();
        list.merge(call("long", 0, Ongoing));
        list.restart(first(10, 7), Vec::new());
        assert_eq!(ids(&list), ["10", "9", "8", "7"]);
    }

    #[test]
    fn starting_over_brings_what_changed_beside_a_call() {
        let mut list = CallList::default();
        list.merge(call("a", 1, Ended));
        let mut named = call("a", 1, Ended);
        named.contact_name = Some("Ana".into());
        list.restart(page(&[named.clone()], None), Vec::new());
        assert_eq!(list.rows(), [named]);
    }

    proptest! {
        #[test]
        fn any_order_of_changes_gives_the_same_list(
            mut changes in prop::collection::vec((0u8..8, 0u8..3), 1..40),
            seed in any::<prop::sample::Index>(),
        ) {
            let row = |(n, s): (u8, u8)| {
                let status = [Registered, Ongoing, Ended][usize::from(s)];
                call(&n.to_string(), i64::from(n % 4), status)
            };
            let build = |changes: &[(u8, u8)]| {
                let mut list = CallList::default();
                for change in changes {
                    list.merge(row(*change));
                }
                list
            };
            let list = build(&changes);
            let rotate_by = seed.index(changes.len());
            changes.rotate_left(rotate_by);
            let rotated = build(&changes);
            prop_assert_eq!(list.rows(), rotated.rows());
            prop_assert!(list.rows().windows(2).all(|w| rank(&w[0]) < rank(&w[1])));
        }
    }
}
