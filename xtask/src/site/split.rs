//! Takes a bundle apart at its functions that are loaded when they are first called
//! (`wasm_split`): a main module, which starts, and a part for each of them, which the glue
//! fetches. What several parts share and the main module does not need is a part as well.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

use super::bundle::Scratch;

/// The module that the main one would import what fetches the parts from. It is put into the
/// glue instead: one request less.
const LINK: &str = "./__wasm_split.js";

/// From a page that is visited later to the files of the parts it takes, without their endings.
pub(crate) type Visits = BTreeMap<String, Vec<String>>;

/// A bundle, taken apart.
#[derive(Debug)]
pub(super) struct Split {
    /// What starts.
    pub(super) main: Vec<u8>,
    /// What fetches the parts, in JavaScript.
    pub(super) link: String,
    /// What is fetched.
    pub(super) parts: Vec<Part>,
    /// From a function that is loaded later to the names of the parts it takes.
    pub(super) visits: Visits,
}

/// What is loaded later.
#[derive(Debug)]
pub(crate) struct Part {
    /// As the glue fetches it: `split_callbacks.wasm`.
    pub(crate) file: String,
    pub(crate) wasm: Vec<u8>,
}

/// Takes a compiled bundle apart. It must have been linked with `--emit-relocs`.
///
/// # Errors
/// When it was not, or the disk cannot be written.
pub(super) fn split(name: &str, compiled: &[u8]) -> Result<Split> {
    let dir = Scratch::new(&format!("split-{name}"))?;
    let main = dir.path().join("main.wasm");
    let mut options = Options::new(compiled);
    options.output_dir = dir.path();
    options.main_out_path = &main;
    options.link_name = LINK;
    let split = transform(options)
        .map_err(|error| anyhow!("{error:#}"))
        .with_context(|| format!("the bundle `{name}` cannot be taken apart"))?;
    let mut parts = Vec::new();
    for path in split.split_modules {
        let file = path.file_name().unwrap_or_default();
        parts.push(Part {
            file: file.to_string_lossy().into_owned(),
            wasm: fs::read(&path)?,
        });
    }
    Ok(Split {
        main: fs::read(&main)?,
        link: fs::read_to_string(dir.path().join(LINK))?,
        parts,
        visits: split.prefetch_map.into_iter().collect(),
    })
}

/// The glue of the main module with what fetches the parts in it, so that neither imports the
/// other.
///
/// # Errors
/// When the two do not look as they are known to.
pub(super) fn join(glue: &str, link: &str) -> Result<String> {
    let (mut imports, mut code) = (0, String::new());
    for line in glue.lines() {
        // There is one for each part.
        if line.starts_with("import * as import") && line.contains(LINK) {
            imports += 1;
            continue;
        }
        let entry = format!("\"{LINK}\": import");
        if line.trim_start().starts_with(&entry) {
            continue;
        }
        code.push_str(line);
        code.push('\n');
    }
    let returned = "_bg.js\": import0,\n";
    let entry = format!("{returned}\"{LINK}\": parts,\n");
    if imports == 0 || !code.contains(returned) || !link.contains("initSync(undefined, undefined)")
    {
        return Err(anyhow!("the glue does not name its parts"));
    }
    let code = code.replacen(returned, &entry, 1);
    let link: String = link
        .lines()
        .filter(|line| !line.starts_with("import "))
        .map(|line| match line.strip_prefix("export const ") {
            Some(part) => format!("parts.{part}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    let link = link.replace("initSync(undefined, undefined)", "wasm");
    let (code, exports) = code
        .split_once("\nexport {")
        .context("the glue exports nothing")?;
    Ok(format!(
        "{code}\nconst parts = {{}};\n{link}\nexport {{{exports}"
    ))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn glue_and_parts_become_one_file() {
        let glue = r#"import * as import1 from "./__wasm_split.js"
import * as import2 from "./__wasm_split.js"
function __wbg_get_imports() {
    return {
        __proto__: null,
        "./desk_bg.js": import0,
        "./__wasm_split.js": import1,
        "./__wasm_split.js": import2,
    };
}

export { initSync, __wbg_init as default };
"#;
        let link = r#"import { initSync } from "./main.js";
const { memory, } = initSync(undefined, undefined);
export const __wasm_split_load_a = wrapAsyncCb(makeLoad(a, []));
"#;
        let joined = join(glue, link).unwrap();
        assert!(
            !joined.contains("import *") && !joined.contains("import {"),
            "{joined}"
        );
        assert!(
            joined.contains("\"./__wasm_split.js\": parts,\n"),
            "{joined}"
        );
        assert_eq!(joined.matches("__wasm_split.js").count(), 1, "{joined}");
        assert!(joined.contains("const { memory, } = wasm;"), "{joined}");
        assert!(
            joined.contains("\nparts.__wasm_split_load_a = wrap"),
            "{joined}"
        );
        assert!(joined.ends_with("export { initSync, __wbg_init as default };\n"));
        assert!(join("export {}", link).is_err());
    }
}
