//! Takes out of a wasm module what its panics would say.
//!
//! A panic in a visitor's browser traps; nobody reads its message, and the
//! widget has no hook that would show it. Yet the standard library formats one:
//! code, the names of source files, and for every place that may panic a record
//! of file, line and column. Together that is a twentieth of the bundle. Here
//! the functions that only panic are left to trap at once (`wasm-opt` then drops
//! what only they called), and the records and file names become zeros, which
//! compress to nothing.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};

const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const CODE: u8 = 10;
const DATA: u8 = 11;

/// No locals, `unreachable`, `end`.
const TRAP: [u8; 3] = [0x00, 0x00, 0x0b];

/// Parts of the names of functions that do nothing but panic.
const PANICS: [&str; 9] = [
    "9panicking",
    "rust_panic",
    "unwrap_failed",
    "expect_failed",
    "16slice_index_fail",
    "16slice_error_fail",
    "panic_already_",
    "capacity_overflow",
    "handle_alloc_error",
];

/// Where the names of source files begin.
const SOURCES: [&str; 5] = ["/rustc/", "/rust/deps/", "/root/", "/home/", "app/"];

/// The module without its panics' words. It must still have its name section.
///
/// # Errors
/// When it is no wasm module.
pub(crate) fn silence(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut sections = sections(wasm)?;
    let imported = imported_functions(&sections)?;
    let names = function_names(&sections)?;
    for (id, content) in &mut sections {
        match *id {
            CODE => *content = trapping(content, imported, &names)?,
            DATA => erase_locations(content)?,
            _ => {}
        }
    }
    let mut silent = wasm[..8].to_vec();
    for (id, content) in sections {
        silent.push(id);
        silent.extend(number(content.len()));
        silent.extend(content);
    }
    Ok(silent)
}

type Section = (u8, Vec<u8>);

fn sections(wasm: &[u8]) -> Result<Vec<Section>> {
    if !wasm.starts_with(b"\0asm") || wasm.len() < 8 {
        bail!("this is no wasm module");
    }
    let mut reader = Reader { bytes: wasm, at: 8 };
    let mut sections = Vec::new();
    while reader.at < wasm.len() {
        let id = reader.byte()?;
        sections.push((id, reader.block()?.to_vec()));
    }
    Ok(sections)
}

/// How many functions come before the module's own.
fn imported_functions(sections: &[Section]) -> Result<usize> {
    let Some((_, imports)) = sections.iter().find(|(id, _)| *id == IMPORTS) else {
        return Ok(0);
    };
    let mut reader = Reader::new(imports);
    let mut functions = 0;
    for _ in 0..reader.number()? {
        reader.block()?;
        reader.block()?;
        match reader.byte()? {
            0 => {
                functions += 1;
                reader.number()?;
            }
            // A table has a type before its limits, a memory has not.
            kind @ (1 | 2) => {
                if kind == 1 {
                    reader.byte()?;
                }
                let has_maximum = reader.byte()? & 1 == 1;
                reader.number()?;
                if has_maximum {
                    reader.number()?;
                }
            }
            3 => {
                reader.byte()?;
                reader.byte()?;
            }
            kind => bail!("an import of the unknown kind {kind}"),
        }
    }
    Ok(functions)
}

/// From a function's index to its name.
fn function_names(sections: &[Section]) -> Result<HashMap<usize, String>> {
    let mut names = HashMap::new();
    for (_, custom) in sections.iter().filter(|(id, _)| *id == CUSTOM) {
        let mut reader = Reader::new(custom);
        if reader.block()? != b"name" {
            continue;
        }
        while reader.at < custom.len() {
            let (kind, part) = (reader.byte()?, reader.block()?);
            if kind != 1 {
                continue;
            }
            let mut part = Reader::new(part);
            for _ in 0..part.number()? {
                let index = part.number()?;
                let name = String::from_utf8_lossy(part.block()?).into_owned();
                names.insert(index, name);
            }
        }
    }
    if names.is_empty() {
        bail!("the module has no names");
    }
    Ok(names)
}

/// The code section, in which functions that only panic trap.
fn trapping(code: &[u8], imported: usize, names: &HashMap<usize, String>) -> Result<Vec<u8>> {
    let mut reader = Reader::new(code);
    let count = reader.number()?;
    let mut silent = number(count);
    for index in 0..count {
        let body = reader.block()?;
        let name = names.get(&(imported + index)).map_or("", String::as_str);
        let panics = PANICS.iter().any(|part| name.contains(part));
        let body = if panics { &TRAP[..] } else { body };
        silent.extend(number(body.len()));
        silent.extend(body);
    }
    Ok(silent)
}

/// Overwrites, in a data section, the names of source files and the records
/// (`core::panic::Location`: address and length of the file's name, line,
/// column) that point at them.
fn erase_locations(data: &mut [u8]) -> Result<()> {
    let segments = segments(data)?;
    let mut files = HashMap::new();
    for (address, range) in &segments {
        for (at, length) in source_files(&data[range.clone()]) {
            files.insert(address + at, (range.start + at, length));
        }
    }
    let word = |data: &[u8], at: usize| -> usize {
        let bytes = [data[at], data[at + 1], data[at + 2], data[at + 3]];
        // Addresses of wasm have 32 bits.
        u32::from_le_bytes(bytes) as usize
    };
    for (address, range) in &segments {
        // Records are aligned in memory.
        let mut at = range.start + (4 - address % 4) % 4;
        while at + 16 <= range.end {
            let (file, length) = (word(data, at), word(data, at + 4));
            if files.get(&file).is_some_and(|(_, known)| *known == length) {
                data[at..at + 16].fill(0);
                at += 12;
            }
            at += 4;
        }
    }
    for (at, length) in files.into_values() {
        data[at..at + length].fill(0);
    }
    Ok(())
}

/// Where each segment goes in memory, and where it is in the section.
fn segments(data: &[u8]) -> Result<Vec<(usize, std::ops::Range<usize>)>> {
    const I32_CONST: u8 = 0x41;
    let mut reader = Reader::new(data);
    let mut segments = Vec::new();
    for _ in 0..reader.number()? {
        let mut address = None;
        if reader.number()? == 0 {
            if reader.byte()? != I32_CONST {
                bail!("a data segment has no fixed place");
            }
            address = Some(reader.number()?);
            reader.byte()?;
        }
        let length = reader.block()?.len();
        if let Some(address) = address {
            segments.push((address, reader.at - length..reader.at));
        }
    }
    Ok(segments)
}

/// Where names of source files begin in some bytes, and how long they are.
fn source_files(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let begins = SOURCES.iter().any(|it| rest.starts_with(it.as_bytes()));
        let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./".contains(byte);
        let run = rest.iter().take_while(|it| is_path(it)).count();
        let end = rest[..run].windows(3).position(|it| it == b".rs");
        match end {
            Some(end) if begins => {
                found.push((at, end + 3));
                at += end + 3;
            }
            _ => at += 1,
        }
    }
    found
}

/// An unsigned LEB128 number.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        // Seven bits of it.
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn byte(&mut self) -> Result<u8> {
        let byte = self.bytes.get(self.at).context("the module breaks off")?;
        self.at += 1;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        bail!("a number is too long")
    }

    /// Bytes after their length.
    fn block(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        let end = self.at.checked_add(length).context("a length is wrong")?;
        let block = self
            .bytes
            .get(self.at..end)
            .context("the module breaks off")?;
        self.at = end;
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(content: &[u8]) -> Vec<u8> {
        [number(content.len()), content.to_vec()].concat()
    }

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        [vec![id], block(content)].concat()
    }

    /// One imported function and two of its own, with names; data with a file's
    /// name at address 8 and a record of it behind.
    fn module() -> Vec<u8> {
        let import = [block(b"env"), block(b"f"), vec![0, 0]].concat();
        let body = [0x00, 0x01, 0x01, 0x0b];
        let mut names = vec![2];
        for (index, name) in [(1, "core::9panicking::panic"), (2, "app::useful")] {
            names.extend([vec![index], block(name.as_bytes())].concat());
        }
        let names = [block(b"name"), vec![1], block(&names)].concat();
        let mut memory = b"app/a/src.rs".to_vec();
        for word in [8u32, 12, 41, 7, 99] {
            memory.extend(word.to_le_bytes());
        }
        let data = [vec![1, 0, 0x41, 8, 0x0b], block(&memory)].concat();
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(IMPORTS, &[vec![1], import].concat()),
            section(CODE, &[vec![2], block(&body), block(&body)].concat()),
            section(DATA, &data),
            section(CUSTOM, &names),
        ]
        .concat()
    }

    #[test]
    fn what_only_panics_traps_and_the_rest_stays() {
        let silent = silence(&module()).unwrap();
        let sections = sections(&silent).unwrap();
        let code = &sections.iter().find(|(id, _)| *id == CODE).unwrap().1;
        assert_eq!(code[..], [2, 3, 0, 0, 0x0b, 4, 0, 1, 1, 0x0b]);
        let data = &sections.iter().find(|(id, _)| *id == DATA).unwrap().1;
        assert_eq!(data[data.len() - 4..], 99u32.to_le_bytes());
        assert!(
            data[6..data.len() - 4].iter().all(|byte| *byte == 0),
            "{data:?}"
        );
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(silence(b"<html>").is_err());
        assert!(silence(&module()[..20]).is_err());
    }

    #[test]
    fn numbers_come_back_as_they_went() {
        for value in [0, 1, 127, 128, 300, 70_000, 4_000_000_000] {
            let bytes = number(value);
            assert_eq!(Reader::new(&bytes).number().unwrap(), value);
        }
    }
}
