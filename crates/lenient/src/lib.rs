//! JSON as it really comes. Some writers put into a body what the grammar has no place for:
//! half an emoji, cut out of a text by its UTF-16 units, or a mean of nothing, written `NaN`.
//! A strict reader refuses the whole body for it; this one loses no more than that value.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Reads JSON. What is valid is read as it is, but for NULs, which databases do not keep. What
/// can be no text becomes U+FFFD, what can be no number becomes null, and the rest is read all
/// the same.
///
/// # Errors
/// When it is not JSON even so, or JSON of another shape.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    if may_hold_nul(bytes) {
        return serde_json::from_str(&repaired(bytes));
    }
    serde_json::from_slice(bytes)
        .or_else(|error| serde_json::from_str(&repaired(bytes)).map_err(|_| error))
}

/// Whether there is a NUL, or the text of its escape.
fn may_hold_nul(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| text.contains("\\u0000"))
}

/// The text with every impossible value replaced.
fn repaired(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut whole = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(first) = rest.chars().next() {
        let (length, token) = match first {
            '"' => string(rest),
            _ if is_bare(first) => bare(rest),
            _ => (first.len_utf8(), Cow::Borrowed(&rest[..first.len_utf8()])),
        };
        whole.push_str(&token);
        rest = &rest[length..];
    }
    whole
}

/// The string a text begins with: how long it is there, and how it can be read.
fn string(text: &str) -> (usize, Cow<'_, str>) {
    let mut fixed = String::from("\"");
    let mut at = 1;
    while let Some(next) = text[at..].chars().next() {
        let length = match next {
            '"' => {
                fixed.push(next);
                return (at + 1, fixed.into());
            }
            '\\' => {
                let (length, escape) = escape(&text[at..]);
                fixed.push_str(escape);
                length
            }
            // A line break, say, that should have been escaped.
            next if next < ' ' => {
                fixed.push_str(&format!("\\u{:04x}", u32::from(next)));
                1
            }
            next => {
                fixed.push(next);
                next.len_utf8()
            }
        };
        at += length;
    }
    (text.len(), fixed.into())
}

/// The escape a text begins with, a pair of surrogates being one.
fn escape(text: &str) -> (usize, &str) {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    match (unit(0), unit(6)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, &text[..12]),
        (Some(0 | 0xd800..=0xdfff), _) => (6, "\\ufffd"),
        (Some(_), _) => (6, &text[..6]),
        (None, _) => {
            let escaped = text[1..].chars().next().map_or(0, char::len_utf8);
            (1 + escaped, &text[..1 + escaped])
        }
    }
}

/// Whether a word or a number can have this in it.
fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '+' | '-' | '.')
}

/// The bare word a text begins with, or null where it was meant to be a number.
fn bare(text: &str) -> (usize, Cow<'_, str>) {
    let length = text.find(|c| !is_bare(c)).unwrap_or(text.len());
    let word = &text[..length];
    let is_numeric = !word.starts_with(char::is_alphabetic)
        || ["nan", "inf", "infinity"].contains(&word.to_ascii_lowercase().as_str());
    let is_possible = || serde_json::from_str::<serde_json::Number>(word).is_ok();
    let read = if is_numeric && !is_possible() {
        "null"
    } else {
        word
    };
    (length, read.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> Value {
        from_slice(text.as_bytes()).unwrap()
    }

    #[test]
    fn half_a_pair_becomes_the_mark_of_what_cannot_be_read() {
        for (half, whole) in [
            (r#""Thanks \ud83d""#, "Thanks \u{fffd}"),
            (r#""User: \udc4d ok""#, "User: \u{fffd} ok"),
            (r#""\uD83D\ud83d\uDC4D""#, "\u{fffd}\u{1f44d}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
            (r#""\ud83dA""#, "\u{fffd}A"),
            (r#""A\u0000na""#, "A\u{fffd}na"),
            (r#""\\u0000""#, "\\u0000"),
        ] {
            assert_eq!(read(half), json!(whole), "{half}");
        }
        assert_eq!(
            read(r#"{"\ud83d":{"\"\udc4d\"":1}}"#),
            json!({"\u{fffd}": {"\"\u{fffd}\"": 1}})
        );
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        for word in [
            "NaN",
            "nan",
            "Infinity",
            "-Infinity",
            "-inf",
            "1e999",
            "-1e999",
            "01",
            "+1",
            ".5",
            "-",
        ] {
            let text = format!(r#"{{"p50":{word},"all":[{word} , 7,-2.5e3],"say":"{word}"}}"#);
            let expected = json!({"p50": null, "all": [null, 7, -2500.0], "say": word});
            assert_eq!(read(&text), expected);
        }
    }

    #[test]
    fn bytes_and_line_breaks_that_are_no_text_cost_no_more_than_themselves() {
        let read: Value = from_slice(b"{\"a\":\"one\ntwo\",\"b\":\"\xff!\",\"c\":7}").unwrap();
        assert_eq!(read, json!({"a": "one\ntwo", "b": "\u{fffd}!", "c": 7}));
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in [
            "",
            "{",
            "event",
            "{NaN:1}",
            "[1,]",
            "{\"a\":nano}",
            "\"\\",
            "\"\\ud83d",
            "\"\\x\"",
            "tru",
        ] {
            let strict = serde_json::from_slice::<Value>(text.as_bytes()).unwrap_err();
            let error = from_slice::<Value>(text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), strict.to_string(), "{text}");
        }
        assert!(from_slice::<Value>(b"\xff\xfe").is_err());
    }

    /// Any JSON, with the texts and numbers that are hard to read.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e15..1e15).prop_map(Value::from),
            "[^\0]*".prop_map(Value::from),
            "(NaN|-Infinity|1e999|\\\\|\\\\ud83d|\"|\u{1f44d}|\n|[{}\\[\\],: ]){0,6}"
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a\"\\\\\u{1f44d}]{0,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// As JSON whose every character of a text is escaped that can be.
    fn escaped(value: &Value) -> String {
        let mut text = String::new();
        for c in value.to_string().chars() {
            if c.is_ascii() {
                text.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        text
    }

    proptest! {
        #[test]
        fn what_was_valid_stays_equal(value in any_json()) {
            for text in [value.to_string(), escaped(&value)] {
                prop_assert_eq!(repaired(text.as_bytes()), text.as_str());
            }
        }

        #[test]
        fn what_is_beside_an_impossible_value_is_kept(value in any_json()) {
            // A number is read as near as may be, not as it was.
            let value: Value = serde_json::from_str(&value.to_string()).unwrap();
            let text = format!(r#"{{"a":{value},"n":NaN,"s":"\ud83d","z":{value}}}"#);
            let expected = json!({"a": value, "n": null, "s": "\u{fffd}", "z": value});
            prop_assert_eq!(&read(&text), &expected);
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[\"\\\\u0-9d-fN+.{}:, ]{0,40}") {
            let _ = from_slice::<Value>(&bytes);
            let _ = from_slice::<Value>(text.as_bytes());
        }
    }
}
