//! The lines that were refused, as a file that can be put right and read again. Pure.

use api::contact_files::{Refusal, RefusedLine};

use super::Texts;

/// Spreadsheets take a file without it for one of their own country's encoding.
pub(super) const MARK: &str = "\u{feff}";
/// What a spreadsheet may take a cell for a formula by.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Why a line was refused.
pub(super) fn why(reason: Refusal, texts: Texts) -> &'static str {
    match reason {
        Refusal::Nobody => texts.refusal_nobody(),
        Refusal::Phone => texts.refusal_phone(),
        Refusal::Extension => texts.refusal_extension(),
        Refusal::Email => texts.refusal_email(),
        Refusal::Language => texts.refusal_language(),
        Refusal::TooLong => texts.refusal_long(),
        Refusal::TooMany => texts.refusal_many(),
        Refusal::Ambiguous => texts.refusal_ambiguous(),
        Refusal::Cells => texts.refusal_cells(),
        Refusal::Json => texts.refusal_json(),
        Refusal::YesOrNo => texts.refusal_yes_or_no(),
        Refusal::Unknown => texts.something(),
    }
}

/// Them, each with its number and why, below a header.
pub(super) fn report(header: &[String], lines: &[RefusedLine], texts: Texts) -> String {
    let head = [texts.line(), texts.why()].map(str::to_owned);
    let mut report = row(head.iter().chain(header));
    for line in lines {
        let first = [line.line.to_string(), why(line.reason, texts).to_owned()];
        report.push_str(&row(first.iter().chain(&line.cells)));
    }
    report
}

fn row<'a>(cells: impl Iterator<Item = &'a String>) -> String {
    let cells: Vec<_> = cells.map(|cell| written(cell)).collect();
    cells.join(",") + "\r\n"
}

/// A cell in quotes, which no spreadsheet takes for a formula.
fn written(cell: &str) -> String {
    let guard = match cell.trim_start_matches('\'').starts_with(FORMULA) {
        true => "'",
        false => "",
    };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn a_report_has_every_line_and_no_formula() {
        let line = RefusedLine {
            line: 7,
            reason: Refusal::Nobody,
            cells: ["=1+1", "a \"b\", c", "'tis"].map(str::to_owned).to_vec(),
        };
        let report = report(&["Name".to_owned()], &[line], Texts::of(Lang::default()));
        let mut lines = report.split("\r\n");
        assert!(lines.next().is_some_and(|it| it.ends_with(",\"Name\"")));
        let second = lines.next().unwrap_or_default();
        assert!(second.starts_with("\"7\","), "{second}");
        assert!(
            second.ends_with(",\"'=1+1\",\"a \"\"b\"\", c\",\"'tis\""),
            "{second}"
        );
    }
}
