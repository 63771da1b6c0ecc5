//! An amount of money as it is typed. Pure.

/// Reads `45`, `45.5` or `45,50`, in hundredths.
pub(super) fn read(text: &str) -> Option<u32> {
    let text = text.trim().replace(',', ".");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || cents.len() > 2 || !digits(whole) || !digits(cents) {
        return None;
    }
    let cents: u32 = format!("{cents:0<2}").parse().ok()?;
    whole
        .parse::<u32>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)
}

/// Writes hundredths as `45.50`; whole amounts as `45`.
pub(super) fn write(cents: u32) -> String {
    match cents % 100 {
        0 => (cents / 100).to_string(),
        rest => format!("{}.{rest:02}", cents / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written() {
        for (text, cents, written) in [
            ("45", 4_500, "45"),
            (" 45.5", 4_550, "45.50"),
            ("0,05", 5, "0.05"),
        ] {
            assert_eq!(read(text), Some(cents), "{text}");
            assert_eq!(write(cents), written);
        }
        for wrong in ["", ".", "-1", "4.505", "free", "99999999"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
