//! A file of contacts as programs and people make it: whatever its encoding and its separator.
//! And one as we write it, which this reads back.

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::columns::looks_like_data;

/// What a file may measure (bytes).
pub(in crate::contacts) const BYTES_MAX: usize = 32 * 1024 * 1024;
/// How many lines it may have.
const LINES_MAX: usize = 100_000;
/// How many columns.
const COLUMNS_MAX: usize = 200;
/// What stands between cells, the likeliest first.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// How a file begins that we write. Spreadsheets take one without it for one of their own
/// country's encoding.
pub(crate) const MARK: &str = "\u{feff}";
/// What a spreadsheet may take a cell for a formula by.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A line of a file: where it begins, the first is 1, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::contacts) struct Line {
    /// Where it begins.
    #[serde(rename = "n")]
    pub(in crate::contacts) number: u32,
    /// Its cells, without what keeps a spreadsheet from taking them for formulas.
    #[serde(rename = "c")]
    pub(in crate::contacts) cells: Vec<String>,
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::contacts) struct Sheet {
    /// What its columns are called.
    pub(in crate::contacts) header: Vec<String>,
    /// What is below that; lines with nothing in them are left out.
    pub(in crate::contacts) lines: Vec<Line>,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::contacts) enum Unreadable {
    /// There is no line below the header.
    #[error("The file has no line with anything in it.")]
    Empty,
    /// It is no text.
    #[error("The file is no text. Save it as CSV.")]
    NoText,
    /// It is too long.
    #[error("The file has more than {LINES_MAX} lines.")]
    Lines,
    /// It is too wide.
    #[error("The file has more than {COLUMNS_MAX} columns.")]
    Columns,
}

/// Reads a file.
///
/// # Errors
/// When it is none, or too large.
pub(in crate::contacts) fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let text = text(bytes)?;
    let separator = SEPARATORS
        .into_iter()
        // Of several that are as good the first.
        .rev()
        .max_by_key(|it| width(&text, *it))
        .unwrap_or(SEPARATORS[0]);
    let mut lines = Vec::new();
    let mut count = LineCount::default();
    for record in reader(&text, separator).records() {
        // Only what is no UTF-8 is an error here, and it is.
        let Ok(record) = record else { continue };
        if record.len() > COLUMNS_MAX {
            return Err(Unreadable::Columns);
        }
        if lines.len() > LINES_MAX {
            return Err(Unreadable::Lines);
        }
        let begins = record.position().map_or(0, csv::Position::byte);
        let number = count.at(
            text.as_bytes(),
            usize::try_from(begins).unwrap_or(usize::MAX),
        );
        let cells: Vec<_> = record.iter().map(bared).collect();
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            lines.push(Line { number, cells });
        }
    }
    let first = lines.first().ok_or(Unreadable::Empty)?;
    let header = match looks_like_data(&first.cells) {
        true => (1..=first.cells.len()).map(|nth| nth.to_string()).collect(),
        false => lines.remove(0).cells,
    };
    if lines.is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(Sheet { header, lines })
}

/// Counts lines as an editor does, from one place to the next.
#[derive(Debug, Default)]
struct LineCount {
    at: usize,
    ends: u32,
}

impl LineCount {
    /// In which line something begins that is here, or after line ends from here on.
    fn at(&mut self, text: &[u8], begins: usize) -> u32 {
        while let Some(byte) = text.get(self.at) {
            let is_end = matches!(byte, b'\r' | b'\n');
            if self.at >= begins && !is_end {
                break;
            }
            // Windows writes two for one.
            let is_half = *byte == b'\r' && text.get(self.at + 1) == Some(&b'\n');
            self.ends += u32::from(is_end && !is_half);
            self.at += 1;
        }
        self.ends + 1
    }
}

/// The text of a file: UTF-8 or what its mark says, and otherwise what Windows writes in the
/// west.
fn text(bytes: &[u8]) -> Result<String, Unreadable> {
    let text = match (Encoding::for_bom(bytes), std::str::from_utf8(bytes)) {
        (Some((encoding, mark)), _) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        (None, Ok(text)) => text.into(),
        (None, Err(_)) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    // What is no text has some in its first bytes, and no text has one.
    match text.contains('\0') {
        true => Err(Unreadable::NoText),
        false => Ok(text.into_owned()),
    }
}

/// How many cells the first lines have at least, with this separator.
fn width(text: &str, separator: u8) -> usize {
    let mut first = reader(text, separator).into_records().flatten();
    let header = first.next().map_or(0, |it| it.len());
    // A comma within a name is no separator: then other lines have fewer of them.
    let others = first.take(10).map(|it: StringRecord| it.len());
    others.min().unwrap_or(header).min(header)
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes())
}

/// Whether a cell would be taken for a formula, or is one that [`guarded`] would make.
fn needs_guard(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// A cell no spreadsheet takes for a formula. [`bared`] gives back what it was.
pub(in crate::contacts) fn guarded(cell: &str) -> String {
    match needs_guard(cell) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

fn bared(cell: &str) -> String {
    match cell.strip_prefix('\'').filter(|rest| needs_guard(rest)) {
        Some(rest) => rest.to_owned(),
        None => cell.to_owned(),
    }
}

/// One line of a file, with its end.
pub(crate) fn written<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // In memory nothing fails, and what is written was text.
    let done = writer.write_record(cells.into_iter().map(guarded));
    let bytes = done.ok().and_then(|()| writer.into_inner().ok());
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let sheet = read(bytes).unwrap();
        let lines = sheet.lines.into_iter().map(|it| it.cells);
        std::iter::once(sheet.header).chain(lines).collect()
    }

    #[test]
    fn separators_encodings_quotes_and_line_breaks_are_told_apart() {
        for bytes in [
            "Name,Notes\r\nAna,\"a, \"\"b\"\"\nc\"\r\n".as_bytes(),
            b"\xef\xbb\xbfName;Notes\nAna;\"a, \"\"b\"\"\nc\"\n",
            b"Name\tNotes\rAna\t\"a, \"\"b\"\"\nc\"",
            b"\n;\nName;Notes\n\n;;\nAna;\"a, \"\"b\"\"\nc\"\n",
        ] {
            let found = cells(bytes);
            assert_eq!(
                found,
                [["Name", "Notes"], ["Ana", "a, \"b\"\nc"]],
                "{bytes:?}"
            );
        }
        let windows = b"Nombre;Correo\nJos\xe9 \x80;jose@example.com";
        assert_eq!(cells(windows)[1][0], "José €");
        let utf16: Vec<u8> = "\u{feff}Name\tTag\nÉva\tx"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(cells(&utf16)[1], ["Éva", "x"]);
        // One column has no separator, and a comma in a name is none.
        assert_eq!(cells(b"Name\nAna\nBen"), [["Name"], ["Ana"], ["Ben"]]);
        assert_eq!(
            cells(b"Name, whole;Phone\nAna;1")[0],
            ["Name, whole", "Phone"]
        );
        // Lines are counted as an editor does.
        let sheet = read(b"Name,Notes\nAna,\"a\nb\"\n\nBen,c\n").unwrap();
        let numbers: Vec<_> = sheet.lines.iter().map(|it| it.number).collect();
        assert_eq!(numbers, [2, 5]);
        let sheet = read(b"\r\nName,Notes\r\nAna,\"a\r\nb\"\r\n\r\nBen,c\r\n").unwrap();
        let numbers: Vec<_> = sheet.lines.iter().map(|it| it.number).collect();
        assert_eq!(numbers, [3, 6]);
    }

    #[test]
    fn a_file_without_a_header_loses_no_line() {
        let sheet = read(b"Ana;+34 911 23 01 00\nBen;+34911230101").unwrap();
        assert_eq!(sheet.header, ["1", "2"]);
        assert_eq!(sheet.lines.len(), 2);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (bytes, why) in [
            (&b""[..], Unreadable::Empty),
            (b"Name,Phone\n", Unreadable::Empty),
            (b"\n;;\n", Unreadable::Empty),
            (b"PK\x03\x04\0\0", Unreadable::NoText),
        ] {
            assert_eq!(read(bytes), Err(why), "{bytes:?}");
        }
        let wide = ",".repeat(COLUMNS_MAX);
        assert_eq!(
            read(format!("a{wide}").as_bytes()),
            Err(Unreadable::Columns)
        );
        let long = format!("Name\n{}", "Ana\n".repeat(LINES_MAX + 1));
        assert_eq!(read(long.as_bytes()), Err(Unreadable::Lines));
    }

    #[test]
    fn no_cell_is_a_formula_and_each_comes_back() {
        let all = [
            "=1+1",
            "+34911230100",
            "-2",
            "@SUM(A1)",
            "\tx",
            "'=1",
            "''+2",
            "'tis",
            "plain",
            "",
            "a;b,c\"d\ne",
            " spaced ",
        ];
        let text = written(all);
        let guarded = reader(&text, b',').into_records().next().unwrap().unwrap();
        for cell in &guarded {
            assert!(!cell.starts_with(FORMULA), "{cell:?}");
        }
        let back: Vec<_> = guarded.iter().map(bared).collect();
        assert_eq!(back, all);
    }
}
