//! Shorter-to-compress names between glue and wasm.
//!
//! `wasm-bindgen` ends the name of everything the two call each other by with a
//! hash of 16 hexadecimal digits, which no compression can shrink: 2 KB of the
//! widget's download. Here each hash becomes a number of as many digits, the
//! same in both files, so that no length in the binary changes.

use std::collections::BTreeMap;

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

#[cfg(test)]
mod tests {
    use super::number_hashes;

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
}
