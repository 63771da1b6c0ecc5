//! Many rows with one statement: each statement costs a way to the database and back.

/// How many rows one statement is about: a few sizes, so that few are prepared.
const AT_ONCE: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

/// Rows in as few statements as they take.
pub fn at_once<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = AT_ONCE.iter().find(|size| **size <= rest.len())?;
        let (these, others) = rest.split_at(*size);
        rest = others;
        Some(these)
    })
}

/// Whether so many rows go into one statement.
#[must_use]
pub fn fit_at_once(rows: usize) -> bool {
    AT_ONCE.contains(&rows)
}

/// So many places for parameters, from this one on.
#[must_use]
pub fn places(first: usize, count: usize) -> String {
    let places: Vec<_> = (first..first + count)
        .map(|place| format!("${place}"))
        .collect();
    places.join(", ")
}

/// The places of so many rows, each of so many columns, as `VALUES` takes them.
#[must_use]
pub fn rows_of_places(rows: usize, columns: usize) -> String {
    let rows: Vec<_> = (0..rows)
        .map(|row| format!("({})", places(row * columns + 1, columns)))
        .collect();
    rows.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_into_few_statements_of_few_sizes() {
        let sizes = |rows: usize| {
            at_once(&vec![(); rows])
                .map(<[()]>::len)
                .collect::<Vec<_>>()
        };
        assert!(sizes(0).is_empty());
        assert_eq!(sizes(32), [32]);
        assert_eq!(sizes(199), [128, 64, 4, 2, 1]);
        assert!(fit_at_once(16) && !fit_at_once(17));
    }

    #[test]
    fn places_go_on_from_row_to_row() {
        assert_eq!(places(3, 2), "$3, $4");
        assert_eq!(rows_of_places(2, 2), "($1, $2), ($3, $4)");
    }
}
