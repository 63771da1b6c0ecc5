//! Shorter-to-compress names between glue and wasm.
//!
//! `wasm-bindgen` ends the name of everything the two call each other by with a
//! hash of 16 hexadecimal digits, which no compression can shrink: 2 KB of the
//! widget's download. Here each hash becomes a number of as many digits, the
//! same in both files, so that no length in the binary changes.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The digits of a hash.
const DIGITS: usize = 16;

/// Numbers the hashes that occur in the glue, in both files.
pub(super) fn number_hashes(glue: &mut [u8], wasm: &mut [u8]) {
    let mut numbers: BTreeMap<[u8; DIGITS], String> = BTreeMap::new();
    for at in hashes(glue) {
        let number = format!("{:0DIGITS$x}", numbers.len());
        numbers.entry(digits(glue, at)).or_insert(number);
    }
    for file in [glue, wasm] {
        for at in hashes(file) {
            if let Some(number) = numbers.get(&digits(file, at)) {
                file[at..at + DIGITS].copy_from_slice(number.as_bytes());
            }
        }
    }
}

/// Where hashes begin: 16 hexadecimal digits after an underscore.
fn hashes(file: &[u8]) -> Vec<usize> {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    file.windows(DIGITS + 1)
        .enumerate()
        .filter(|(_, window)| window[0] == b'_' && window[1..].iter().all(is_digit))
        .map(|(at, _)| at + 1)
        .collect()
}

fn digits(file: &[u8], at: usize) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    digits.copy_from_slice(&file[at..at + DIGITS]);
    digits
}

/// What `wasm-opt` calls the one module that is imported from.
const MODULE: &str = "a";

/// Calls things in the glue as `wasm-opt` calls them now: imports are members of
/// an object there, exports are members of `wasm`.
///
/// # Errors
/// When `names` is not what `wasm-opt` writes.
pub(super) fn shorten(glue: &[u8], names: &[u8]) -> Result<Vec<u8>> {
    let renamed: Value =
        serde_json::from_slice(names).context("wasm-opt does not say what it has renamed")?;
    // Lists of module, name and new name, and of name and new name.
    let list = |kind: &str| renamed[kind].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let names_of = |kind: &str, first: usize| -> HashMap<String, String> {
        list(kind)
            .iter()
            .map(|it| (text(&it[first]), text(&it[first + 1])))
            .collect()
    };
    let (imports, exports) = (names_of("imports", 1), names_of("exports", 0));
    let mut code = String::from_utf8(glue.to_vec())?;
    if let Some(import) = list("imports").first() {
        code = code.replace(
            &format!("\"{}\"", text(&import[0])),
            &format!("\"{MODULE}\""),
        );
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let (mut short, mut rest) = (String::with_capacity(code.len()), code.as_str());
    while let Some(at) = rest.find(is_part) {
        let (before, word) = rest.split_at(at);
        short.push_str(before);
        let (word, after) = word.split_at(word.find(|c| !is_part(c)).unwrap_or(word.len()));
        let is_export = short.ends_with("wasm.") || short.ends_with("instance.exports.");
        let new = if is_export {
            exports.get(word)
        } else if after.starts_with(':') {
            imports.get(word)
        } else {
            None
        };
        short.push_str(new.map_or(word, String::as_str));
        rest = after;
    }
    short.push_str(rest);
    Ok(short.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::{number_hashes, shorten};

    #[test]
    fn both_files_get_the_same_numbers_and_keep_their_lengths() {
        let mut glue =
            b"a: { __wbg_get_20f3a95b5e7c1d88: f, __wbg_get_ffffffffffffffff: g }".to_vec();
        let mut wasm =
            b"\0\x1a__wbg_get_ffffffffffffffff\0__wbg_get_20f3a95b5e7c1d88 _0123".to_vec();
        let lengths = (glue.len(), wasm.len());
        number_hashes(&mut glue, &mut wasm);
        assert_eq!(lengths, (glue.len(), wasm.len()));
        assert_eq!(
            glue,
            b"a: { __wbg_get_0000000000000000: f, __wbg_get_0000000000000001: g }"
        );
        assert_eq!(
            wasm,
            b"\0\x1a__wbg_get_0000000000000001\0__wbg_get_0000000000000000 _0123"
        );
    }

    #[test]
    fn what_the_glue_does_not_name_stays() {
        let mut glue = b"nothing here".to_vec();
        let mut wasm = b"data _20f3a95b5e7c1d88".to_vec();
        number_hashes(&mut glue, &mut wasm);
        assert_eq!(wasm, b"data _20f3a95b5e7c1d88");
    }

    #[test]
    fn glue_and_module_go_on_calling_each_other() {
        let glue = br#"const i = { __wbg_close_00: function(a) { a.close_00(memory); } };
return { "./widget_bg.js": i, memory: 1 }; wasm.memory.buffer; wasm.__wbindgen_malloc(1);"#;
        let names = br#"{"imports": [["./widget_bg.js", "__wbg_close_00", "b"]],
            "exports": [["memory", "c"], ["__wbindgen_malloc", "d"]]}"#;
        let short = String::from_utf8(shorten(glue, names).unwrap()).unwrap();
        assert_eq!(
            short,
            r#"const i = { b: function(a) { a.close_00(memory); } };
return { "a": i, memory: 1 }; wasm.c.buffer; wasm.d(1);"#
        );
        assert!(shorten(glue, b"").is_err());
    }
}
