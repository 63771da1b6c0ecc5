//! Pages of a list: where one begins, and how long it is.

use std::fmt::{self, Display};
use std::str::FromStr;

use api::Page;
use serde::Deserialize;

use super::problem::{ApiError, request_invalid};

/// How many rows a page has when nobody says, and at most.
const ROWS: u32 = 50;
const ROWS_MAX: u32 = 200;

/// Where a page begins.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

impl PageQuery {
    /// The id of the row it begins after, as somebody sent it.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// The place it begins after, in a list whose rows have more of a place than an
    /// id.
    ///
    /// # Errors
    /// When the cursor names none.
    pub(crate) fn after<P: FromStr>(&self) -> Result<Option<P>, ApiError> {
        let after = self.cursor.as_deref().map(str::parse).transpose();
        after.map_err(|_| request_invalid("The cursor is not one this list gave."))
    }

    /// How many rows it has, unless it is the last.
    pub(crate) fn rows(&self) -> u32 {
        self.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX)
    }

    /// How many rows to ask for: the one more tells whether there is a next page.
    pub(crate) fn one_more(&self) -> u32 {
        self.rows() + 1
    }

    /// The page of these rows, of which there is one more if it is not the last: where
    /// each is in the list, and how it is shown.
    pub(crate) fn of<T, P: Display, U>(
        &self,
        mut rows: Vec<T>,
        place: impl Fn(&T) -> P,
        shown: impl Fn(T) -> U,
    ) -> Page<U> {
        let more = rows.len() > self.rows() as usize;
        rows.truncate(self.rows() as usize);
        let last = rows.last().filter(|_| more);
        Page {
            next_cursor: last.map(|last| place(last).to_string()),
            items: rows.into_iter().map(shown).collect(),
        }
    }
}

/// The place of a row in a list: the numbers it is sorted by, then its id. Written with
/// dots in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<const N: usize> {
    /// What the list is sorted by.
    pub numbers: [i64; N],
    /// Tells rows apart that have the same numbers.
    pub id: String,
}

impl<const N: usize> Display for Place<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for number in self.numbers {
            write!(f, "{number}.")?;
        }
        f.write_str(&self.id)
    }
}

/// The text is no place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in a list")]
pub struct NoPlace;

impl<const N: usize> FromStr for Place<N> {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let mut parts = text.splitn(N + 1, '.');
        let mut numbers = [0; N];
        for number in &mut numbers {
            let part = parts.next().ok_or(NoPlace)?;
            *number = part.parse().map_err(|_| NoPlace)?;
        }
        let id = parts.next().ok_or(NoPlace)?;
        Ok(Self {
            numbers,
            id: id.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_where_the_next_begins() {
        let page = PageQuery {
            limit: Some(2),
            ..PageQuery::default()
        };
        let cut = |rows: &[&str]| {
            let page = page.of(rows.to_vec(), |row| row.to_owned(), |row| row);
            (page.items.len(), page.next_cursor)
        };
        assert_eq!(page.one_more(), 3);
        assert_eq!(cut(&["c", "b", "a"]), (2, Some("b".to_owned())));
        assert_eq!(cut(&["c", "b"]), (2, None));
        assert_eq!(cut(&[]), (0, None));
    }

    #[test]
    fn a_place_survives_being_written() {
        let place = Place {
            numbers: [1, -7],
            id: "call.1".to_owned(),
        };
        assert_eq!(place.to_string(), "1.-7.call.1");
        assert_eq!(place.to_string().parse(), Ok(place));
        for odd in ["", "1", "1.2", "1.x.call"] {
            assert_eq!(odd.parse::<Place<2>>(), Err(NoPlace), "{odd:?}");
        }
    }

    #[test]
    fn a_page_has_some_rows_and_not_too_many() {
        let rows = |limit| {
            PageQuery {
                limit,
                cursor: None,
            }
            .rows()
        };
        assert_eq!([rows(None), rows(Some(0)), rows(Some(9999))], [50, 1, 200]);
    }
}
