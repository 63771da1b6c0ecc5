//! A file of contacts, of any bytes.

use api::contact_files::ImportPlan;

use super::columns::{guess, read_line};
use super::sheet;

/// Reads a file, and writes what was read of it, which reads as the same.
pub fn contacts(bytes: &[u8]) {
    let Ok(read) = sheet::read(bytes) else { return };
    let plan: ImportPlan = guess(&read);
    assert_eq!(plan.columns.len(), read.header.len());
    for line in &read.lines {
        let _ = read_line(&plan, &line.cells);
        // One cell with nothing in it is a line with nothing in it.
        let text = sheet::written(line.cells.iter().map(String::as_str));
        assert!(text.ends_with("\r\n"));
        let header = sheet::written(vec!["name"; line.cells.len()]);
        let Ok(again) = sheet::read(format!("{header}{text}").as_bytes()) else {
            panic!("a line with something in it is read");
        };
        assert_eq!(again.lines[0].cells, line.cells);
    }
}
