//! Who calls, as far as the telephone network tells: of a withheld number it tells a
//! word, nothing, or the digits that spell the word on a telephone's keys.

/// What stands for a number that is withheld.
const WITHHELD: [&str; 7] = [
    "anonymous",
    "blocked",
    "private",
    "restricted",
    "unavailable",
    "unknown",
    "withheld",
];
/// The letters on each key, from 2 on.
const KEYS: [&str; 8] = ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"];

/// The number of who calls, as it was told; `None` where it is withheld, or is an
/// address of another kind. Those who withhold it are not one person: nobody is
/// looked up, found or called by what stands in its place.
#[must_use]
pub fn number(told: &str) -> Option<&str> {
    let told = told.trim();
    let digits: String = told.chars().filter(char::is_ascii_digit).collect();
    let is_written_so = |c: char| c.is_ascii_digit() || "+-()/. ".contains(c);
    let is_number = !digits.is_empty() && told.chars().all(is_written_so);
    (is_number && !WITHHELD.iter().any(|word| keyed(word) == digits)).then_some(told)
}

/// The keys that spell a word.
fn keyed(word: &str) -> String {
    word.chars()
        .filter_map(|letter| KEYS.iter().zip('2'..).find(|(on, _)| on.contains(letter)))
        .map(|(_, key)| key)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_nobody_s() {
        for told in [
            "anonymous",
            "Anonymous",
            "",
            " ",
            "+266696687",
            "266696687",
            "+7378742833",
            "+8656696",
            "Restricted",
            "unknown",
            "sip:1000@10.0.0.1",
            "sip:+4930901820@trunk.example",
            "null",
            "********43",
        ] {
            assert_eq!(number(told), None, "{told}");
        }
        for told in ["+491701234567", "+1 202-555-0143", "030 901820", "1000"] {
            assert_eq!(number(told), Some(told));
        }
    }
}
