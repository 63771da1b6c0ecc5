//! Records the agent's lines of the shipped scenarios, so that the demo speaks
//! on machines without a synthesizer: `cargo run -p emulator --example ship_audio`.
//!
//! Needs `espeak-ng`. Files of lines that no scenario has any more are removed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use emulator::scenario::Library;
use emulator::voice::{file_name, ship};

fn main() -> Result<()> {
    let audio = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio");
    let mut shipped = BTreeSet::new();
    let mut bytes = 0;
    for scenario in Library::embedded()?.iter() {
        for line in scenario.agent_lines() {
            let path = audio.join(file_name(&line, &scenario.language));
            if !path.exists() {
                let file = ship(&line, &scenario.language)
                    .context("espeak-ng is needed to record speech, and was not found")?;
                let folder = path.parent().context("a file is in a folder")?;
                std::fs::create_dir_all(folder)?;
                std::fs::write(&path, file)?;
            }
            bytes += std::fs::metadata(&path)?.len();
            shipped.insert(path);
        }
    }
    for path in recorded(&audio)? {
        if !shipped.contains(&path) {
            std::fs::remove_file(&path)?;
        }
    }
    eprintln!("{} lines, {} KB", shipped.len(), bytes / 1_000);
    Ok(())
}

/// Every recording there is, two levels down.
fn recorded(audio: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in std::fs::read_dir(audio)? {
        let folder = folder?.path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder)? {
            files.push(file?.path());
        }
    }
    Ok(files)
}
