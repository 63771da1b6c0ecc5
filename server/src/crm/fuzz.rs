//! What is made of what a CRM answers, up to the database.

use serde_json::Value;

use super::{provider, rules};
use crate::phone::E164;

/// A number in the first line; then an answer.
pub fn crm(bytes: &[u8]) {
    let cut = bytes.iter().position(|byte| *byte == b'\n');
    let (number, answer) = cut.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 1..]));
    let answer: Value = lenient::from_slice(answer).unwrap_or_default();
    let number = E164::parse(&String::from_utf8_lossy(number));
    for found in provider::read(&answer) {
        assert!(!found.id.is_empty(), "what has no id is no record");
        let Ok(number) = &number else { continue };
        let is_theirs = rules::is_among(number, &found.phones);
        let written_so = found.phones.iter().any(|phone| phone == number.as_str());
        assert!(
            is_theirs || !written_so,
            "a number is found as it is written"
        );
    }
}
