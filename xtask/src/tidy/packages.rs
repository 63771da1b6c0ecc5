//! What Cargo knows: our packages with what they are built from, the licences of
//! everything that goes into a build, and the dependencies nobody uses.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::source::{self, Source};
use crate::shell;
use crate::toolchain::WASM;

/// What we may build on: each asks for its notice at most.
const LICENCES: [&str; 9] = [
    "Apache-2.0",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Our own packages.
///
/// # Errors
/// When Cargo fails.
pub(super) fn ours() -> Result<Vec<Package>> {
    Ok(packages(&["--no-deps"])?.iter().map(Package::of).collect())
}

/// The packages built here, for this machine or a browser, whose licence does not let us
/// build on them. Cargo downloads those that are not here yet.
///
/// # Errors
/// When Cargo fails.
pub(super) fn refused_licences() -> Result<Vec<String>> {
    let host = shell::output(shell::command("rustc").args(["--print", "host-tuple"]))?;
    let built = ["--filter-platform", host.trim(), "--filter-platform", WASM];
    let packages = packages(&built)?;
    let refused = packages.iter().filter_map(|package| {
        let licence = package["license"].as_str().unwrap_or_default();
        let told = || format!("{}: its licence is `{licence}`", text(&package["name"]));
        (!is_allowed(licence)).then(told)
    });
    Ok(refused.collect())
}

/// What Cargo says of packages.
fn packages(which: &[&str]) -> Result<Vec<Value>> {
    let ask = ["metadata", "--format-version", "1", "--locked"];
    let told = shell::output(shell::cargo(ask).args(which))?;
    let mut told: Value = serde_json::from_str(&told).context("Cargo speaks no JSON")?;
    match told["packages"].take() {
        Value::Array(packages) => Ok(packages),
        _ => bail!("Cargo tells no packages"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// One of our packages.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) dir: PathBuf,
    /// The roots of its library and its programs.
    roots: Vec<PathBuf>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug)]
struct Dependency {
    name: String,
    /// What sources call it.
    called: String,
    /// Whether only tests, or the script that prepares the build, may name it.
    aside: bool,
}

impl Package {
    fn of(told: &Value) -> Self {
        let all = |list: &str| told[list].as_array().into_iter().flatten();
        let shipped = |target: &&Value| {
            let kinds = target["kind"].as_array().into_iter().flatten();
            kinds
                .filter_map(Value::as_str)
                .any(|it| it == "lib" || it == "bin")
        };
        let dependency = |told: &Value| {
            let name = text(&told["name"]);
            let called = told["rename"].as_str().unwrap_or(&name).replace('-', "_");
            Dependency {
                called,
                name,
                aside: !told["kind"].is_null(),
            }
        };
        let manifest = PathBuf::from(text(&told["manifest_path"]));
        Self {
            name: text(&told["name"]),
            dir: manifest.parent().unwrap_or(Path::new(".")).to_owned(),
            roots: all("targets")
                .filter(shipped)
                .map(|it| text(&it["src_path"]).into())
                .collect(),
            dependencies: all("dependencies").map(dependency).collect(),
        }
    }

    /// The sources of its library and of each of its programs, tests left out.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn read(&self, checkout: &Path) -> Result<Vec<Vec<Source>>> {
        let roots = self.roots.iter();
        roots
            .map(|root| source::read_crate(checkout, root))
            .collect()
    }

    /// Dependencies that its sources do not name; those for tests may be named anywhere.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub(super) fn unused<'a>(
        &self,
        sources: impl Iterator<Item = &'a Source>,
    ) -> Result<Vec<String>> {
        let paths = sources.flat_map(|it| &it.paths);
        let shipped: BTreeSet<_> = paths.filter_map(|it| it.segments.first()).collect();
        let aside = self.dependencies.iter().filter(|it| it.aside);
        let mut unnamed: BTreeSet<_> = aside.map(|it| it.called.as_str()).collect();
        let mut files = vec![self.dir.join("build.rs")];
        for dir in ["src", "tests", "examples", "benches"] {
            files.extend(shell::files_below(&self.dir.join(dir))?);
        }
        files.retain(|it| it.is_file() && it.extension().is_some_and(|it| it == "rs"));
        for file in files {
            if unnamed.is_empty() {
                break;
            }
            let text = fs::read_to_string(file)?;
            if unnamed.iter().any(|it| text.contains(it)) {
                let named = source::first_names(&text);
                unnamed.retain(|it| !named.contains(*it));
            }
        }
        let unused = self.dependencies.iter().filter(|it| {
            if it.aside {
                unnamed.contains(it.called.as_str())
            } else {
                !shipped.contains(&it.called)
            }
        });
        let told = |it: &Dependency| {
            format!(
                "{}: nothing in it uses its dependency {}",
                self.name, it.name
            )
        };
        Ok(unused.map(told).collect())
    }
}

/// The workspace's dependencies that no package of ours names.
pub(super) fn unnamed(manifest: &str, packages: &[Package]) -> Vec<String> {
    let named: BTreeSet<_> = packages
        .iter()
        .flat_map(|it| &it.dependencies)
        .map(|it| it.name.as_str())
        .collect();
    let lines = manifest
        .lines()
        .skip_while(|it| *it != "[workspace.dependencies]")
        .skip(1);
    let lines = lines.take_while(|it| !it.starts_with('['));
    let names = lines
        .filter_map(|it| it.split_once('='))
        .map(|(name, _)| name.trim());
    let unnamed = names.filter(|it| !it.starts_with('#') && !named.contains(it));
    unnamed
        .map(|it| format!("Cargo.toml: no package uses the dependency {it}"))
        .collect()
}

/// Whether a licence, as SPDX writes it, lets us build on what has it.
fn is_allowed(licence: &str) -> bool {
    let spaced = licence
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let allowed = any(&mut words);
    allowed && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>) -> bool {
    let mut allowed = all(words);
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all(words);
    }
    allowed
}

fn all(words: &mut Words<'_>) -> bool {
    let mut allowed = one(words);
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words);
    }
    allowed
}

fn one(words: &mut Words<'_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let allowed = any(words);
        return words.next() == Some(")") && allowed;
    }
    let allowed = words.next().is_some_and(|it| LICENCES.contains(&it));
    // An exception only allows more.
    if words.next_if_eq(&"WITH").is_some() {
        words.next();
    }
    allowed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package() -> Package {
        Package::of(&json!({
            "name": "shop",
            "manifest_path": "/nowhere/shop/Cargo.toml",
            "targets": [
                {"kind": ["lib"], "src_path": "/nowhere/shop/src/lib.rs"},
                {"kind": ["test"], "src_path": "/nowhere/shop/tests/all.rs"},
            ],
            "dependencies": [
                {"name": "serde-json", "rename": null, "kind": null},
                {"name": "bytes", "rename": "octets", "kind": null},
                {"name": "rand", "rename": null, "kind": "dev"},
            ],
        }))
    }

    #[test]
    fn reads_a_package_as_cargo_tells_of_it() {
        let package = package();
        assert_eq!(package.name, "shop");
        assert_eq!(package.roots, [Path::new("/nowhere/shop/src/lib.rs")]);
    }

    #[test]
    fn tells_the_dependencies_that_no_source_names() {
        let unused = |text: &str| {
            package()
                .unused([source::read("a.rs", &[], text)].iter())
                .unwrap()
        };
        let rand = "shop: nothing in it uses its dependency rand";
        assert_eq!(
            unused("use serde_json::json; // octets::Bytes"),
            ["shop: nothing in it uses its dependency bytes", rand]
        );
        // What only tests use is a dependency for tests.
        let text = "fn f(_: octets::Bytes) {}\n#[cfg(test)]\nmod tests { use serde_json::json; }";
        assert_eq!(
            unused(text),
            ["shop: nothing in it uses its dependency serde-json", rand]
        );
    }

    #[test]
    fn tells_what_the_workspace_names_for_nobody() {
        let manifest = "[workspace]\n[workspace.dependencies]\nbytes = \"1\"\n# moka = \"0\"\nmoka = { version = \"1\" }\n[profile.dev]\nx = 1\n";
        assert_eq!(
            unnamed(manifest, &[package()]),
            ["Cargo.toml: no package uses the dependency moka"]
        );
    }

    #[test]
    fn reads_licences_as_spdx_and_older_packages_write_them() {
        for allowed in [
            "MIT",
            "MIT/Apache-2.0",
            "Unlicense OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "GPL-3.0 OR Apache-2.0 WITH LLVM-exception",
            "ISC AND (Apache-2.0 OR ISC) AND MIT",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT)",
            "MIT Apache-2.0",
        ] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }
}
