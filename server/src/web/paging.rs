//! Pages of a list: where one begins, and how long it is.

use serde::Deserialize;

/// How many rows a page has when nobody says, and at most.
const ROWS: u32 = 50;
const ROWS_MAX: u32 = 200;

/// Where a page begins.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

impl Page {
    /// What it begins after, as somebody sent it.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// How many rows it has, unless it is the last.
    pub(crate) fn rows(&self) -> u32 {
        self.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX)
    }

    /// How many rows to ask for: the one more tells whether there is a next page.
    pub(crate) fn one_more(&self) -> u32 {
        self.rows() + 1
    }

    /// Takes the one more away again. Returns where the next page begins.
    pub(crate) fn cut<T>(&self, rows: &mut Vec<T>, id: impl Fn(&T) -> &str) -> Option<String> {
        let more = rows.len() > self.rows() as usize;
        rows.truncate(self.rows() as usize);
        rows.last().filter(|_| more).map(|last| id(last).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_where_the_next_begins() {
        let page = Page {
            limit: Some(2),
            ..Page::default()
        };
        let cut = |rows: &[&str]| {
            let mut rows = rows.to_vec();
            let next = page.cut(&mut rows, |row| row);
            (rows.len(), next)
        };
        assert_eq!(page.one_more(), 3);
        assert_eq!(cut(&["c", "b", "a"]), (2, Some("b".to_owned())));
        assert_eq!(cut(&["c", "b"]), (2, None));
        assert_eq!(cut(&[]), (0, None));
    }

    #[test]
    fn a_page_has_some_rows_and_not_too_many() {
        let rows = |limit| {
            Page {
                limit,
                cursor: None,
            }
            .rows()
        };
        assert_eq!([rows(None), rows(Some(0)), rows(Some(9999))], [50, 1, 200]);
    }
}
