//! The page of every component in every state: `target/gallery`. Beside the
//! site, not in it: nobody downloads it, and nothing embeds it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use words::Load;

use super::bundle::{self, Tools};
use super::cache::Cache;
use super::{Profile, compiled, read, style};
use crate::shell::{self, root};
use crate::toolchain;

/// The bundle: another binary of the desk's package.
pub(super) const NAME: &str = "gallery";

/// Builds it from what the desk's bundle is built from; gives its directory.
///
/// # Errors
/// When a crate does not compile or the disk cannot be written.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    toolchain::require_wasm_target()?;
    shell::step("wasm: building the page of all components");
    super::compile(profile, &[NAME])?;
    let cache = Cache::open(shell::target().join("site-cache"))?;
    let compiled = read(&compiled(NAME, profile))?;
    let mut bound = bundle::bind(NAME, &compiled, &cache, &Tools::none())?;
    let words = super::desk_words()?;
    let mut files = Vec::new();
    let mut addresses = BTreeMap::new();
    for tag in words.tags() {
        let named = [
            (format!("{tag}.json"), Load::First),
            (format!("{tag}.later.json"), Load::Later),
        ];
        let add = |(name, when): (String, Load)| {
            files.push((name.clone(), words.packed(tag, when).into_bytes()));
            name
        };
        addresses.insert(tag, named.map(add));
    }
    // All of the style is here at once.
    let start = super::start(&addresses, "", "")?;
    let page = String::from_utf8(read(&root().join("public/desk.html"))?)?
        .replace("{{lang}}", "en")
        .replace("{{title}}", "Gallery")
        .replace("{{desk_", "/{{")
        .replace("{{wasm}}", "gallery.wasm")
        .replace("{{js}}", "gallery.js")
        .replace("{{css}}", "gallery.css");

    let dir = shell::target().join(NAME);
    fs::create_dir_all(&dir)?;
    for part in bound.parts.drain(..) {
        files.push((part.file, part.wasm));
    }
    let glue = super::program(&bound.glue, "gallery.wasm")?;
    files.extend(
        [
            ("index.html", page.into_bytes()),
            ("gallery.js", [start, glue].concat()),
            ("gallery.wasm", bound.wasm),
            ("gallery.css", style(NAME)?),
            ("icon.svg", read(&root().join("public/icon.svg"))?),
        ]
        .map(|(file, bytes)| (file.to_owned(), bytes)),
    );
    for (file, bytes) in files {
        let path = dir.join(file);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(dir)
}
