//! The built front end: `target/site`, which the server reads or embeds.
//!
//! ```text
//! manifest.json              which hashed file is which
//! assets/widget.<hash>.js    the glue, starts itself; also .wasm and .css, and the same for `desk`
//! assets/desk_….<hash>.wasm  the parts of the desk that are loaded when they are visited
//! assets/desk_words_en.….json  the words of the desk's first page, one file for each language
//! assets/desk_later_en.….json  those of its other pages
//! assets/desk_later.….css      what those look like
//! assets/desk_tabs.….js      what shares one event stream among its tabs, loaded after the first page
//! widget.js, demo.html, …    everything of public/, as it is
//! *.br                       brotli, next to whatever is worth compressing
//! ```
//!
//! There is no gzip: only a secure context (HTTPS or localhost) may use a
//! microphone, and there every browser takes brotli.

mod bundle;
mod cache;
pub(crate) mod gallery;
mod names;
mod panics;
mod sizes;
mod split;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use words::{Catalog, Load};

use self::bundle::Tools;
use self::cache::Cache;
use self::split::Visits;
use crate::shell::{self, root};
use crate::toolchain;

/// How the bundles are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Sized for the wire.
    Release,
    /// The same, and our own code is linted on the way, so that nothing is read twice.
    Linted,
    /// Quick to build.
    Quick,
}

impl Profile {
    /// The Cargo profile.
    fn cargo(self) -> &'static str {
        match self {
            Self::Release | Self::Linted => "wasm-release",
            Self::Quick => "wasm-quick",
        }
    }
}

/// The two browser bundles: packages, each with a binary of its name.
const BUNDLES: [&str; 2] = ["widget", DESK];

/// The bundle that speaks the words of `app/texts`.
const DESK: &str = "desk";

/// The style sheet of the widget: files of `style/`, in order.
const WIDGET_STYLE: [&str; 5] = ["tokens", "reset", "shared", "transcript", "widget"];

/// The layers of the desk's, the weakest first, and their files: what a page says has the last
/// word, however it is said.
const DESK_STYLE: [(&str, &[&str]); 4] = [
    ("reset", &["reset"]),
    ("tokens", &["tokens"]),
    ("kit", &["shared", "kit"]),
    ("page", &["desk"]),
];

/// What pages look like that are loaded later; the first page has none of it.
const LATER_STYLE: [(&str, &[&str]); 2] = [
    ("kit", &["transcript", "forms"]),
    ("page", &["call", "calendar", "contacts", "settings"]),
];

/// The style sheet of a bundle, without what is loaded later.
fn style(bundle: &str) -> Result<Vec<u8>> {
    match bundle {
        "widget" => files(&WIDGET_STYLE),
        DESK => layered(&DESK_STYLE),
        _ => Ok([layered(&DESK_STYLE)?, layered(&LATER_STYLE)?].concat()),
    }
}

fn files(parts: &[&str]) -> Result<Vec<u8>> {
    let read = |part: &&str| read(&root().join(format!("style/{part}.css")));
    Ok(parts.iter().map(read).collect::<Result<Vec<_>>>()?.concat())
}

fn layered(layers: &[(&str, &[&str])]) -> Result<Vec<u8>> {
    let mut sheet = Vec::new();
    for (layer, parts) in layers {
        sheet.extend(format!("@layer {layer} {{\n").into_bytes());
        sheet.extend(files(parts)?);
        sheet.extend(b"}\n");
    }
    Ok(sheet)
}

/// Where the site is built to.
pub(crate) fn dir() -> PathBuf {
    shell::target().join("site")
}

/// One file of the site.
#[derive(Debug)]
struct File {
    /// Relative to the site, with `/`.
    path: String,
    raw: Vec<u8>,
    brotli: Option<Vec<u8>>,
}

/// A site as it was built.
#[derive(Debug)]
pub(crate) struct Site {
    files: Vec<File>,
    /// The keys and values of manifest.json.
    manifest: BTreeMap<String, String>,
    /// What is loaded when a page of the desk is visited, by their keys in the manifest.
    visits: Visits,
}

/// Builds the site. Steps whose inputs have not changed are not repeated.
///
/// # Errors
/// When a tool is missing, a crate does not compile, or the disk cannot be written.
pub(crate) fn build(profile: Profile) -> Result<Site> {
    toolchain::require_wasm_target()?;
    let first = if compiled("desk", profile).is_file() {
        ""
    } else {
        " (the first time takes a few minutes)"
    };
    shell::step(&format!(
        "wasm: building the call widget and the desk{first}"
    ));
    compile(profile, &BUNDLES)?;

    let cache = Cache::open(shell::target().join("site-cache"))?;
    let tools = match profile {
        Profile::Release | Profile::Linted => Tools::installed(),
        Profile::Quick => Tools::none(),
    };
    let mut site = Site {
        files: Vec::new(),
        manifest: BTreeMap::new(),
        visits: Visits::new(),
    };
    for name in BUNDLES {
        site.add_bundle(name, profile, &cache, &tools)?;
    }
    site.add_extras(&cache, &tools)?;
    site.add_texts()?;
    site.add_public(&cache, &tools)?;
    if profile != Profile::Quick {
        site.compress(&cache)?;
    }
    site.write(&dir())?;
    cache.forget_old_entries()?;
    Ok(site)
}

/// Compiles bundles.
fn compile(profile: Profile, bundles: &[&str]) -> Result<()> {
    let build = ["build", "--target", toolchain::WASM];
    let mut cargo = match profile {
        Profile::Release | Profile::Linted => shell::cargo(build),
        // The server is built beside it, and at last one crate alone: then there is time.
        Profile::Quick => shell::patient_cargo(build),
    };
    cargo.args(["--profile", profile.cargo()]);
    for name in bundles {
        let package = if *name == gallery::NAME { "desk" } else { name };
        cargo.args(["--package", package, "--bin", name]);
    }
    match profile {
        Profile::Release => &mut cargo,
        Profile::Linted => shell::linting(&mut cargo),
        // The server's is shown, which is built beside it.
        Profile::Quick => cargo.env("CARGO_TERM_PROGRESS_WHEN", "never"),
    };
    shell::run(&mut cargo).context("the site does not compile")
}

/// Where a bundle is once it is compiled.
fn compiled(name: &str, profile: Profile) -> PathBuf {
    let directory = shell::target().join(toolchain::WASM).join(profile.cargo());
    directory.join(format!("{name}.wasm"))
}

impl Site {
    fn add_bundle(
        &mut self,
        name: &str,
        profile: Profile,
        cache: &Cache,
        tools: &Tools,
    ) -> Result<()> {
        let mut bound = bundle::bind(name, &read(&compiled(name, profile))?, cache, tools)?;
        let wasm = self.add_asset(name, "wasm", bound.wasm);
        for part in bound.parts {
            let part_name = part.file.trim_end_matches(".wasm");
            let file = self.add_asset(&format!("{name}_{part_name}"), "wasm", part.wasm);
            bound.glue = replaced(&bound.glue, &format!("./{}", part.file), &file)?;
        }
        let key = |part: String| format!("{name}_{part}_wasm");
        self.visits.extend(
            bound
                .visits
                .into_iter()
                .map(|(page, parts)| (page, parts.into_iter().map(&key).collect())),
        );
        let mut glue = program(&bound.glue, &wasm)?;
        if name == DESK {
            let later = tools.minify_css(layered(&LATER_STYLE)?, cache)?;
            let later = self.add_asset("desk_later", "css", later);
            let tabs = read(&root().join("app/desk/src/tabs.js"))?;
            let tabs = tools.minify_module(tabs, cache)?;
            let tabs = self.add_asset("desk_tabs", "js", tabs);
            glue = [self.start(&later, &tabs)?, glue].concat();
        }
        let glue = tools.minify_module(glue, cache)?;
        self.add_asset(name, "js", glue);

        let css = tools.minify_css(style(name)?, cache)?;
        self.add_asset(name, "css", css);
        Ok(())
    }

    /// Adds the desk's words, two files for each language, and gives what chooses one and
    /// knows the later style sheet and script.
    fn start(&mut self, style: &str, tabs: &str) -> Result<Vec<u8>> {
        let words = desk_words()?;
        let mut files = BTreeMap::new();
        for tag in words.tags() {
            let mut add = |name, when| {
                let packed = words.packed(tag, when).into_bytes();
                self.add_asset(&format!("{name}_{tag}"), "json", packed)
            };
            let first = add("desk_words", Load::First);
            files.insert(tag, [first, add("desk_later", Load::Later)]);
        }
        start(&files, style, tabs)
    }

    /// What the widget loads when it is needed and not before.
    fn add_extras(&mut self, cache: &Cache, tools: &Tools) -> Result<()> {
        for part in ["before", "extras", "callback"] {
            let script = read(&root().join(format!("app/widget/src/{part}.js")))?;
            self.add_asset(part, "js", tools.minify_module(script, cache)?);
            let style = read(&root().join(format!("style/{part}.css")))?;
            self.add_asset(part, "css", tools.minify_css(style, cache)?);
        }
        Ok(())
    }

    /// The widget's words, one file for each language: `app/widget/texts/en.json` … Those
    /// that are needed later, or for call-backs, go into files of their own.
    fn add_texts(&mut self) -> Result<()> {
        let mut names: Option<Vec<String>> = None;
        for path in shell::files_below(&root().join("app/widget/texts"))? {
            let tag = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let texts: BTreeMap<String, String> = serde_json::from_slice(&read(&path)?)
                .with_context(|| format!("{} is no object of texts", path.display()))?;
            let own: Vec<String> = texts.keys().cloned().collect();
            let known = names.get_or_insert_with(|| own.clone());
            if *known != own {
                let differs = |a: &[String], b: &[String]| {
                    a.iter()
                        .filter(|it| !b.contains(it))
                        .cloned()
                        .collect::<Vec<_>>()
                        .join(", ")
                };
                bail!(
                    "the texts of `{tag}` are not those of the other languages; missing: {}; unknown: {}",
                    differs(known, &own),
                    differs(&own, known),
                );
            }
            let (later, now): (BTreeMap<_, _>, BTreeMap<_, _>) = texts
                .into_iter()
                .filter(|(name, _)| !name.starts_with(LAUNCHER))
                .partition(|(name, _)| name.starts_with(LATER));
            let (callback, now): (BTreeMap<_, _>, BTreeMap<_, _>) = now
                .into_iter()
                .partition(|(name, _)| name.starts_with(CALLBACK));
            for (part, texts) in [
                ("texts", now),
                ("later", later),
                ("callback_texts", callback),
            ] {
                let file = self.add_asset(part, "json", serde_json::to_vec(&texts)?);
                self.manifest.remove(&format!("{part}_json"));
                self.manifest
                    .insert(format!("{part}_{tag}"), format!("/assets/{file}"));
            }
        }
        Ok(())
    }

    /// Adds a file under a name that changes with its content; gives back the
    /// name without its directory.
    fn add_asset(&mut self, name: &str, extension: &str, raw: Vec<u8>) -> String {
        // Long enough to tell builds of one file apart; the names of a hundred parts are
        // downloaded with the first page.
        let hash = hex::encode(&Sha256::digest(&raw)[..4]);
        let file = format!("{name}.{hash}.{extension}");
        self.manifest
            .insert(format!("{name}_{extension}"), format!("/assets/{file}"));
        self.files.push(File {
            path: format!("assets/{file}"),
            raw,
            brotli: None,
        });
        file
    }

    fn add_public(&mut self, cache: &Cache, tools: &Tools) -> Result<()> {
        let launcher_texts = launcher_texts()?;
        let public = root().join("public");
        for path in shell::files_below(&public)? {
            let mut raw =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let path = slashed(path.strip_prefix(&public).unwrap_or(&path));
            if path == "widget.js" {
                let text = String::from_utf8(raw)?;
                let (before, rest) = text
                    .split_once(LAUNCHER_TEXTS)
                    .context("the launcher has no place for its texts")?;
                let (_, after) = rest.split_once("};").unwrap_or_default();
                raw = format!("{before}const TEXTS = {launcher_texts};{after}").into_bytes();
            }
            if path.ends_with(".js") {
                raw = tools.minify_script(raw, cache)?;
            }
            self.files.push(File {
                path,
                raw,
                brotli: None,
            });
        }
        Ok(())
    }

    /// Compresses at the highest quality, on all cores.
    fn compress(&mut self, cache: &Cache) -> Result<()> {
        let mut todo: Vec<&mut File> = self.files.iter_mut().filter(|it| it.compresses()).collect();
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let share = todo.len().div_ceil(workers).max(1);
        // Large and small files alternate between the workers.
        todo.sort_by_key(|file| file.raw.len());
        let mut shares: Vec<Vec<&mut File>> = Vec::new();
        shares.resize_with(workers, || Vec::with_capacity(share));
        for (index, file) in todo.into_iter().enumerate() {
            shares[index % workers].push(file);
        }
        std::thread::scope(|scope| {
            let workers: Vec<_> = shares
                .into_iter()
                .map(|share| {
                    scope.spawn(move || -> Result<()> {
                        for file in share {
                            let [small] = cache
                                .memo("brotli-11", &[&file.raw], || Ok([brotli(&file.raw)?]))?;
                            file.brotli = (small.len() < file.raw.len()).then_some(small);
                        }
                        Ok(())
                    })
                })
                .collect();
            workers
                .into_iter()
                .try_for_each(|worker| match worker.join() {
                    Ok(done) => done,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
        })
    }

    /// Makes the directory hold exactly this site; files already right are left alone.
    fn write(&self, dir: &Path) -> Result<()> {
        let mut wanted: BTreeMap<PathBuf, &[u8]> = BTreeMap::new();
        for file in &self.files {
            wanted.insert(dir.join(&file.path), &file.raw);
            if let Some(brotli) = &file.brotli {
                wanted.insert(dir.join(format!("{}.br", file.path)), brotli);
            }
        }
        let manifest = serde_json::to_vec_pretty(&self.manifest)?;
        wanted.insert(dir.join("manifest.json"), &manifest);

        for (path, bytes) in &wanted {
            if fs::read(path).is_ok_and(|there| there == *bytes) {
                continue;
            }
            let parent = path.parent().unwrap_or(dir);
            fs::create_dir_all(parent)?;
            fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        for path in shell::files_below(dir)? {
            if !wanted.contains_key(&path) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// How the names of texts begin that are needed with `extras.js` only.
const LATER: &str = "later.";

/// How the names of texts begin that are needed with `callback.js` only.
const CALLBACK: &str = "callback.";

/// How the names of texts begin that the launcher alone shows.
const LAUNCHER: &str = "launcher.";

/// Where the launcher's texts begin, in `public/widget.js`.
const LAUNCHER_TEXTS: &str = "const TEXTS = {";

/// The few texts the launcher shows, of every language, as JSON.
fn launcher_texts() -> Result<String> {
    let mut all = BTreeMap::new();
    for path in shell::files_below(&root().join("app/widget/texts"))? {
        let tag = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let texts: BTreeMap<String, String> = serde_json::from_slice(&read(&path)?)?;
        let text = |name: &str| texts.get(name).cloned().unwrap_or_default();
        all.insert(
            tag,
            [
                "default_title",
                "launcher.back_to_call",
                "close",
                "launcher.offline",
            ]
            .map(text),
        );
    }
    Ok(serde_json::to_string(&all)?)
}

/// The words of the desk.
fn desk_words() -> Result<Catalog> {
    Catalog::read(&root().join("app/texts/desk")).context("the words of the desk")
}

/// What reads event streams for a bundle, and its glue, which starts itself.
fn program(glue: &[u8], wasm_file: &str) -> Result<Vec<u8>> {
    let stream = read(&root().join("app/browser/src/ui/stream.js"))?;
    Ok([stream, bundle::self_starting(glue, wasm_file)].concat())
}

/// What runs before the desk's glue: `start.js`, told where the words of each language are,
/// the style sheet of later pages, and what shares a stream among tabs.
fn start(files: &BTreeMap<&str, [String; 2]>, style: &str, tabs: &str) -> Result<Vec<u8>> {
    let script = read(&root().join("app/desk/src/start.js"))?;
    let words = format!("const WORDS = {};", serde_json::to_string(files)?);
    let script = replaced(&script, "const WORDS = {};", &words)?;
    let style = format!("const STYLE = {style:?};");
    let script = replaced(&script, "const STYLE = \"\";", &style)?;
    replaced(
        &script,
        "const TABS = \"\";",
        &format!("const TABS = {tabs:?};"),
    )
}

/// A script in which a name that must be there is another one.
fn replaced(script: &[u8], name: &str, new: &str) -> Result<Vec<u8>> {
    let script = std::str::from_utf8(script)?;
    if !script.contains(name) {
        bail!("a script has no place for `{name}`");
    }
    Ok(script.replace(name, new).into_bytes())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

impl File {
    /// Text and wasm, but no page the server fills before it sends it.
    fn compresses(&self) -> bool {
        let kind = self.path.rsplit_once('.').map(|(_, extension)| extension);
        match kind {
            Some("html") => !self.is_template(),
            Some(kind) => [
                "css",
                "js",
                "json",
                "svg",
                "txt",
                "wasm",
                "webmanifest",
                "xml",
            ]
            .contains(&kind),
            None => false,
        }
    }

    fn is_template(&self) -> bool {
        self.raw.windows(2).any(|pair| pair == b"{{")
    }
}

fn brotli(raw: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: raw.len(),
        ..Default::default()
    };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &raw[..], &mut small, &params)?;
    Ok(small)
}

/// A relative path as it stands in a URL.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, raw: &[u8]) -> File {
        File {
            path: path.to_owned(),
            raw: raw.to_vec(),
            brotli: None,
        }
    }

    #[test]
    fn pages_the_server_fills_are_not_compressed_ahead() {
        assert!(!file("panel.html", b"<html lang={{lang}}>").compresses());
        assert!(file("demo.html", b"<html lang=en>").compresses());
        assert!(file("assets/desk.1.wasm", b"").compresses());
        assert!(!file("photo.jpg", b"").compresses());
    }

    #[test]
    fn an_asset_is_named_by_its_content() {
        let mut site = Site {
            files: Vec::new(),
            manifest: BTreeMap::new(),
            visits: Visits::new(),
        };
        let one = site.add_asset("widget", "js", b"1".to_vec());
        let two = site.add_asset("widget", "js", b"2".to_vec());
        assert_ne!(one, two);
        assert_eq!(site.manifest["widget_js"], format!("/assets/{two}"));
        assert_eq!(site.files[1].path, format!("assets/{two}"));
    }

    #[test]
    fn writing_leaves_exactly_the_site() {
        let dir = std::env::temp_dir().join(format!("switchboard-site-{}", std::process::id()));
        fs::create_dir_all(dir.join("assets")).unwrap();
        fs::write(dir.join("assets/old.js"), "old").unwrap();
        let site = Site {
            files: vec![File {
                brotli: Some(b"small".to_vec()),
                ..file("assets/new.js", b"new")
            }],
            manifest: BTreeMap::from([("widget_js".to_owned(), "/assets/new.js".to_owned())]),
            visits: Visits::new(),
        };
        site.write(&dir).unwrap();
        let left: Vec<String> = shell::files_below(&dir)
            .unwrap()
            .iter()
            .map(|path| slashed(path.strip_prefix(&dir).unwrap()))
            .collect();
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(left, ["assets/new.js", "assets/new.js.br", "manifest.json"]);
    }
}
