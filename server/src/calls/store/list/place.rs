//! Places in the call list.

use std::fmt::{self, Display};
use std::str::FromStr;

use api::desk::CallSummary;

use crate::web::paging::{self, NoPlace};

/// Where a page of the call list begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCursor {
    pub(super) live: bool,
    pub(super) place: Place,
}

/// A place in the order of the list, among the calls that go on or among the
/// others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) created_at: i64,
    pub(super) id: String,
}

impl CallCursor {
    /// After this row.
    pub(super) fn after(call: &CallSummary) -> Self {
        Self {
            live: call.status.is_live(),
            place: Place {
                created_at: call.created_at,
                id: call.id.clone(),
            },
        }
    }
}

impl Display for CallCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { created_at, id } = self.place.clone();
        let numbers = [i64::from(self.live), created_at];
        paging::Place { numbers, id }.fmt(f)
    }
}

impl FromStr for CallCursor {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let paging::Place { numbers, id } = text.parse()?;
        let [live @ (0 | 1), created_at] = numbers else {
            return Err(NoPlace);
        };
        let place = Place { created_at, id };
        Ok(Self {
            live: live == 1,
            place,
        })
    }
}

impl Place {
    /// Before every call.
    pub(super) fn top() -> Self {
        Self::at(i64::MAX)
    }

    /// Before every call that was created earlier than this (Unix ms).
    pub(super) fn at(created_at: i64) -> Self {
        Self {
            created_at,
            id: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = CallCursor {
            live: true,
            place: Place {
                created_at: -5,
                id: "call.with.dots".to_owned(),
            },
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1", "1.2", "2.0.x", "1.x.y", "1.99999999999999999999.x"] {
            assert_eq!(text.parse::<CallCursor>(), Err(NoPlace), "{text:?}");
        }
    }
}
