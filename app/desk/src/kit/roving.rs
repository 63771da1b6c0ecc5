//! Which of several things a key moves on to, of which only one is in the order of the tab key.
//! Pure.

/// Which way the arrows lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Along {
    /// Beside each other; `reversed` where lines begin at the right.
    Line { reversed: bool },
    /// Below each other.
    Column,
}

/// The one of `count` that a key leads to from the nth; `None` for any other key. After the last
/// comes the first.
pub(super) fn moved(key: &str, nth: usize, count: usize, along: Along) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let (before, after) = match along {
        Along::Line { reversed: false } => ("ArrowLeft", "ArrowRight"),
        Along::Line { reversed: true } => ("ArrowRight", "ArrowLeft"),
        Along::Column => ("ArrowUp", "ArrowDown"),
    };
    match key {
        "Home" => Some(0),
        "End" => Some(last),
        _ if key == after => Some(if nth >= last { 0 } else { nth + 1 }),
        _ if key == before => Some(nth.min(count).checked_sub(1).unwrap_or(last)),
        _ => None,
    }
}

/// The next after the nth whose name begins like that, whatever its case; the nth itself comes
/// last, unless more than one letter was typed: then it may still be the one.
pub(super) fn named<'a>(
    typed: &str,
    nth: usize,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<usize> {
    let typed = typed.to_lowercase();
    let names: Vec<_> = names.into_iter().map(str::to_lowercase).collect();
    let first = if typed.chars().count() > 1 {
        nth
    } else {
        nth + 1
    };
    let order = (0..names.len()).map(|step| (first + step) % names.len());
    let mut order = order;
    order.find(|at| !typed.is_empty() && names[*at].starts_with(&typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_lead_on_and_around() {
        let ltr = Along::Line { reversed: false };
        let rtl = Along::Line { reversed: true };
        for (key, nth, along, expected) in [
            ("ArrowRight", 0, ltr, Some(1)),
            ("ArrowRight", 2, ltr, Some(0)),
            ("ArrowLeft", 0, ltr, Some(2)),
            ("ArrowLeft", 0, rtl, Some(1)),
            ("ArrowRight", 0, rtl, Some(2)),
            ("ArrowDown", 0, ltr, None),
            ("ArrowDown", 1, Along::Column, Some(2)),
            ("ArrowUp", 0, Along::Column, Some(2)),
            ("Home", 2, Along::Column, Some(0)),
            ("End", 0, ltr, Some(2)),
            ("a", 0, ltr, None),
        ] {
            assert_eq!(moved(key, nth, 3, along), expected, "{key} {nth} {along:?}");
        }
        assert_eq!(moved("End", 0, 0, ltr), None);
    }

    #[test]
    fn letters_find_the_next_name() {
        let names = ["Copy the link", "Delete the call", "Download", "Élan"];
        for (typed, nth, expected) in [
            ("d", 0, Some(1)),
            ("d", 1, Some(2)),
            ("D", 2, Some(1)),
            ("do", 1, Some(2)),
            ("c", 0, Some(0)),
            ("é", 0, Some(3)),
            ("x", 0, None),
            ("", 0, None),
        ] {
            assert_eq!(named(typed, nth, names), expected, "{typed} {nth}");
        }
        assert_eq!(named("a", 0, []), None);
    }
}
