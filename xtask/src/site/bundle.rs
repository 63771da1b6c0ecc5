//! From a compiled wasm binary to what a browser loads.
//!
//! `wasm-bindgen` runs as a library, so its version is the one of Cargo.lock.
//! The npm tools make the result smaller and are used when they are installed
//! (`npm ci` in the root of the checkout; `cargo xtask test` does it).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::cache::Cache;
use super::names::{number_hashes, shorten};
use super::panics;
use super::split::{self, Part, Visits};
use crate::shell::{self, root};

/// What Chromium, Firefox and Safari of 2023 and later all take. Named one by
/// one: `--all-features` makes files browsers refuse.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The bundles of which parts are loaded later. Their modules know each other by names
/// that must stay.
const SPLIT: [&str; 2] = ["desk", "gallery"];

/// The bundles whose panics nobody reads: those without a hook that shows them.
const SILENT: [&str; 1] = ["widget"];

/// What is done to a module. Rust keeps nothing below address 1024 but the end of
/// the stack.
const OPTIMISE: [&str; 4] = [
    "-Oz",
    "--low-memory-unused",
    "--strip-debug",
    "--strip-producers",
];

/// What is done besides where every byte has a budget: control flow put together
/// anew, functions for those who call them, and all of it until nothing changes.
const SQUEEZE: [&str; 7] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "--monomorphize",
    "-Os",
    "--gufa-optimizing",
    "--converge",
];

/// What is done besides to what is downloaded first: its control flow put together anew, until
/// nothing changes.
const AFRESH: [&str; 5] = ["--flatten", "--rereloop", "-Oz", "-Oz", "--converge"];

/// What is done to it once, in the end. Which features it uses is for tools to
/// read, and those have read it.
const LAST: [&str; 2] = [
    "--minify-imports-and-exports-and-modules",
    "--strip-target-features",
];

/// The optional npm tools.
#[derive(Debug)]
pub(crate) struct Tools {
    wasm_opt: Option<PathBuf>,
    esbuild: Option<PathBuf>,
    /// Their versions, as inputs of the steps.
    lock: Vec<u8>,
}

impl Tools {
    /// Those found in the checkout.
    pub(crate) fn installed() -> Self {
        let modules = root().join("node_modules");
        let tool = |name: &str| Some(modules.join(".bin").join(name)).filter(|it| it.is_file());
        Self {
            wasm_opt: tool("wasm-opt"),
            esbuild: tool("esbuild"),
            lock: fs::read(modules.join(".package-lock.json")).unwrap_or_default(),
        }
    }

    /// None at all, for quick builds.
    pub(crate) fn none() -> Self {
        Self {
            wasm_opt: None,
            esbuild: None,
            lock: Vec::new(),
        }
    }

    /// Minifies a module of which nothing is imported by others.
    pub(crate) fn minify_module(&self, code: Vec<u8>, cache: &Cache) -> Result<Vec<u8>> {
        self.minify(
            code,
            &["--loader=js", "--bundle", "--format=esm", "--target=es2022"],
            cache,
        )
    }

    /// Minifies a script of ours as it stands.
    pub(crate) fn minify_script(&self, code: Vec<u8>, cache: &Cache) -> Result<Vec<u8>> {
        self.minify(code, &["--loader=js", "--target=es2022"], cache)
    }

    /// Minifies a style sheet.
    pub(crate) fn minify_css(&self, code: Vec<u8>, cache: &Cache) -> Result<Vec<u8>> {
        self.minify(code, &["--loader=css"], cache)
    }

    /// Makes a module smaller; without the tool it stays as it is.
    fn optimise(&self, name: &str, wasm: &[u8], how: &[&str], cache: &Cache) -> Result<Vec<u8>> {
        let Some(wasm_opt) = &self.wasm_opt else {
            return Ok(wasm.to_vec());
        };
        let said = [how, &WASM_FEATURES].concat().join(" ");
        let [wasm] = cache.memo("wasm-opt", &[said.as_bytes(), &self.lock, wasm], || {
            shell::step(&format!("wasm: optimising {name}"));
            let dir = Scratch::new(&format!("wasm-opt-{name}"))?;
            let (input, output) = (dir.0.join("in.wasm"), dir.0.join("out.wasm"));
            fs::write(&input, wasm)?;
            let mut wasm_opt = shell::command(wasm_opt);
            wasm_opt.args(how).args(WASM_FEATURES);
            shell::run(wasm_opt.arg(&input).arg("-o").arg(&output))?;
            Ok([fs::read(&output)?])
        })?;
        Ok(wasm)
    }

    /// Makes the parts of a bundle smaller; without the tool they stay as they are.
    fn optimise_parts(&self, mut parts: Vec<Part>, cache: &Cache) -> Result<Vec<Part>> {
        if self.wasm_opt.is_none() {
            return Ok(parts);
        }
        let script = root().join("xtask/src/site/optimise.mjs");
        let read = fs::read(&script)?;
        let mut inputs: Vec<&[u8]> = vec![&read, &self.lock];
        inputs.extend(parts.iter().map(|part| &*part.wasm));
        let made = cache.memo_all("wasm-opt-parts", &inputs, parts.len(), || {
            shell::step("wasm: optimising its parts");
            let dir = Scratch::new("wasm-opt-parts")?;
            let files: Vec<_> = parts.iter().map(|it| dir.0.join(&it.file)).collect();
            for (file, part) in files.iter().zip(&parts) {
                fs::write(file, &part.wasm)?;
            }
            shell::run(shell::command("node").arg(&script).args(&files))?;
            files.iter().map(|file| Ok(fs::read(file)?)).collect()
        })?;
        for (part, wasm) in parts.iter_mut().zip(made) {
            part.wasm = wasm;
        }
        Ok(parts)
    }

    /// Shortens what a module and its glue call each other by; gives the module, and what
    /// has become of which name.
    fn rename(&self, name: &str, wasm: &[u8], cache: &Cache) -> Result<[Vec<u8>; 2]> {
        let Some(wasm_opt) = &self.wasm_opt else {
            bail!("wasm-opt is not installed");
        };
        cache.memo("wasm-opt-names", &[&self.lock, wasm], || {
            let dir = Scratch::new(&format!("wasm-opt-names-{name}"))?;
            let (input, output) = (dir.0.join("in.wasm"), dir.0.join("out.wasm"));
            fs::write(&input, wasm)?;
            let mut wasm_opt = shell::command(wasm_opt);
            wasm_opt.args(LAST).args(WASM_FEATURES);
            let names = shell::output(wasm_opt.arg(&input).arg("-o").arg(&output))?;
            Ok([fs::read(&output)?, names.into_bytes()])
        })
    }

    fn minify(&self, code: Vec<u8>, args: &[&str], cache: &Cache) -> Result<Vec<u8>> {
        let Some(esbuild) = &self.esbuild else {
            return Ok(code);
        };
        let how = args.join(" ");
        let [small] = cache.memo("minify", &[how.as_bytes(), &self.lock, &code], || {
            let mut esbuild = shell::command(esbuild);
            esbuild.args(["--minify", "--legal-comments=none", "--log-level=warning"]);
            Ok([shell::pipe(esbuild.args(args), &code)?])
        })?;
        Ok(small)
    }
}

/// A bundle as a browser loads it.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The JavaScript around it.
    pub(crate) glue: Vec<u8>,
    /// The module that starts.
    pub(crate) wasm: Vec<u8>,
    /// What the glue loads later.
    pub(crate) parts: Vec<Part>,
    /// And when.
    pub(crate) visits: Visits,
}

/// Makes of a compiled bundle what a browser loads.
///
/// # Errors
/// When the tools refuse the file.
pub(crate) fn bind(name: &str, compiled: &[u8], cache: &Cache, tools: &Tools) -> Result<Bound> {
    if SPLIT.contains(&name) {
        return bind_parts(name, compiled, cache, tools);
    }
    let [mut glue, mut wasm] = bindgen(name, compiled, cache)?;
    number_hashes(&mut glue, &mut wasm);
    if tools.wasm_opt.is_none() {
        return Ok(Bound {
            glue,
            wasm,
            parts: Vec::new(),
            visits: Visits::new(),
        });
    }
    if SILENT.contains(&name) {
        wasm = panics::silence(&wasm).with_context(|| format!("the bundle `{name}`"))?;
    }
    let squeeze = if SILENT.contains(&name) {
        &SQUEEZE[..]
    } else {
        &[]
    };
    let how = [&OPTIMISE[..], squeeze].concat();
    let wasm = tools.optimise(name, &wasm, &how, cache)?;
    let [wasm, names] = tools.rename(name, &wasm, cache)?;
    Ok(Bound {
        glue: shorten(&glue, &names)?,
        wasm,
        parts: Vec::new(),
        visits: Visits::new(),
    })
}

/// The same for a bundle of which parts are loaded later.
fn bind_parts(name: &str, compiled: &[u8], cache: &Cache, tools: &Tools) -> Result<Bound> {
    shell::step(&format!("wasm: taking {name} apart"));
    let split = split::split(name, compiled)?;
    let [mut glue, mut wasm] = bindgen(name, &split.main, cache)?;
    number_hashes(&mut glue, &mut wasm);
    if !split.parts.is_empty() {
        glue = split::join(&String::from_utf8(glue)?, &split.link)?.into_bytes();
    }
    let how = [&OPTIMISE[..], &AFRESH].concat();
    let wasm = tools.optimise(name, &wasm, &how, cache)?;
    Ok(Bound {
        glue,
        wasm,
        parts: tools.optimise_parts(split.parts, cache)?,
        visits: split.visits,
    })
}

fn bindgen(name: &str, compiled: &[u8], cache: &Cache) -> Result<[Vec<u8>; 2]> {
    cache.memo("wasm-bindgen", &[name.as_bytes(), compiled], || {
        shell::step(&format!("wasm: binding {name}"));
        generate(name, compiled)
    })
}

fn generate(name: &str, compiled: &[u8]) -> Result<[Vec<u8>; 2]> {
    let dir = Scratch::new(&format!("bindgen-{name}"))?;
    Bindgen::new()
        .input_bytes(name, compiled.to_vec())
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // Parts of the bundle import what the linker exported for them.
        .keep_lld_exports(SPLIT.contains(&name))
        .remove_producers_section(true)
        .generate(&dir.0)
        .with_context(|| format!("wasm-bindgen does not take the bundle `{name}`"))?;
    if dir.0.join("snippets").exists() {
        bail!(
            "the bundle `{name}` has a dependency with JavaScript files of its own (wasm-bindgen \
             snippets); the site has no place for them"
        );
    }
    Ok([
        fs::read(dir.0.join(format!("{name}.js")))?,
        fs::read(dir.0.join(format!("{name}_bg.wasm")))?,
    ])
}

/// Makes the glue load its wasm by itself, from next to it: the page needs no
/// inline script, and so its CSP no `'unsafe-inline'`. The glue's own loader knows
/// ways our server does not need; a minifier drops it.
pub(crate) fn self_starting(glue: &[u8], wasm_file: &str) -> Vec<u8> {
    let glue = String::from_utf8_lossy(glue);
    // Nobody imports the glue. Without its exports a minifier can drop what
    // only they use.
    let code = glue
        .trim_end()
        .rsplit_once("\nexport {")
        .filter(|(_, exports)| exports.contains("__wbg_init as default"))
        .map_or(glue.trim_end(), |(code, _)| code);
    format!(
        "{code}\nconst started = await WebAssembly.instantiateStreaming(\
         fetch(new URL(\"{wasm_file}\", import.meta.url)), __wbg_get_imports());\n\
         __wbg_finalize_init(started.instance, started.module);\n"
    )
    .into_bytes()
}

/// A directory that goes away with its owner.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn new(name: &str) -> Result<Self> {
        let dir = shell::target()
            .join("site-scratch")
            .join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Under target/, so a leftover is harmless.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glue_starts_itself_and_exports_nothing() {
        let glue =
            b"async function __wbg_init(m) {}\n\nexport { initSync, __wbg_init as default };\n";
        let started = String::from_utf8(self_starting(glue, "widget.1.wasm")).unwrap();
        assert!(!started.contains("export"), "{started}");
        assert!(started.contains("new URL(\"widget.1.wasm\", import.meta.url)"));
        assert!(started.ends_with("__wbg_finalize_init(started.instance, started.module);\n"));
    }

    #[test]
    fn an_export_of_another_kind_is_left_alone() {
        let glue = b"async function __wbg_init(m) {}\nexport { other };\n";
        let started = String::from_utf8(self_starting(glue, "w.wasm")).unwrap();
        assert!(started.contains("export { other };"));
    }
}
