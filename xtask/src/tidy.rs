//! `tidy`: what the compiler lets pass and we do not.
//!
//! Reads the sources, and compiles nothing: no circles between the rooms of a crate, SQL
//! and HTTP clients in their places only, no table written by two rooms, no dependency that is not used, no licence that
//! we may not build on; and the rooms as the documentation lists them.

mod packages;
mod rooms;
mod rules;
mod source;
mod tables;
mod tokens;

use std::thread::ScopedJoinHandle;
use std::{fs, thread};

use anyhow::{Context as _, Result, bail};

use self::packages::Package;
use self::rooms::House;
use crate::shell;

/// Modules that are no rooms: those in them are.
const WINGS: [(&str, &[&str]); 1] = [("desk", &["features"])];

/// Whether a room may use another of its crate, circles aside: what the desk is made of
/// knows nothing of it but its words, and what people do there stands side by side.
fn may_use(package: &str, from: &str, to: &str) -> bool {
    let is_feature = |room: &str| room.starts_with("features::");
    package != "desk" || (from != "kit" || to == "words") && !(is_feature(from) && is_feature(to))
}

/// Where the server's rooms are listed, and between what.
const DOCUMENT: &str = "docs/architecture.md";
const BEGIN: &str = "<!-- rooms: written by `cargo xtask tidy --write` -->\n";
const END: &str = "<!-- /rooms -->\n";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Bring the list of rooms in the documentation up to date
    #[arg(long)]
    write: bool,
}

/// `cargo xtask tidy`
///
/// # Errors
/// When something is not tidy.
pub(crate) fn all(options: &Options) -> Result<()> {
    let found = look()?;
    for (name, house) in &found.houses {
        if house.size() > 1 {
            println!("{name}\n{}", house.in_order());
        }
    }
    if options.write {
        let path = shell::root().join(DOCUMENT);
        let written = written(&fs::read_to_string(&path)?, &found.server())?;
        fs::write(path, written)?;
    }
    check(found)
}

/// The same as a layer of the tests, which tells only what is wrong.
///
/// # Errors
/// When something is not tidy.
pub(crate) fn test() -> Result<()> {
    check(look()?)
}

/// What there is in the checkout.
struct Found {
    /// The rooms of each package: of its library first, and of its programs.
    houses: Vec<(String, House)>,
    wrong: Vec<String>,
}

impl Found {
    /// The server's rooms in order.
    fn server(&self) -> String {
        let server = self.houses.iter().find(|(name, _)| name == "server");
        server
            .map(|(_, house)| house.in_order())
            .unwrap_or_default()
    }
}

fn look() -> Result<Found> {
    let packages = packages::ours()?;
    let manifest = fs::read_to_string(shell::root().join("Cargo.toml"))?;
    let mut found = Found {
        houses: Vec::new(),
        wrong: packages::unnamed(&manifest, &packages),
    };
    thread::scope(|scope| {
        let licences = scope.spawn(packages::refused_licences);
        let looks = packages.iter().map(|it| (it, scope.spawn(|| look_at(it))));
        for (package, look) in looks.collect::<Vec<_>>() {
            let (houses, wrong) = joined(look)?;
            let houses = houses.into_iter().map(|it| (package.name.clone(), it));
            found.houses.extend(houses);
            found.wrong.extend(wrong);
        }
        found.wrong.extend(joined(licences)?);
        Ok(found)
    })
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    let done = thread.join();
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The rooms of a package, and what is wrong with it.
fn look_at(package: &Package) -> Result<(Vec<House>, Vec<String>)> {
    let crates = package.read(shell::root())?;
    let sources = || crates.iter().flatten();
    let mut wrong = package.unused(sources())?;
    wrong.extend(rules::out_of_place(&package.name, sources()));
    let schema = tables::of_schema(&package.dir.join("migrations"))?;
    let wings = of_package(&WINGS, &package.name).unwrap_or_default();
    let mut houses = Vec::new();
    for sources in &crates {
        let (readings, foreign) = tables::look(sources, &schema);
        houses.push(House::of(sources, wings, &readings));
        wrong.extend(foreign);
    }
    for house in &houses {
        wrong.extend(house.trespasses(|from, to| may_use(&package.name, from, to)));
    }
    for house in houses.iter().filter(|it| it.in_circles() > 0) {
        let told = house.told_circles();
        wrong.push(format!("{}: modules are in circles\n{told}", package.name));
    }
    Ok((houses, wrong))
}

fn of_package<T: Copy>(table: &[(&str, T)], package: &str) -> Option<T> {
    let mut entries = table.iter();
    entries
        .find(|(name, _)| *name == package)
        .map(|(_, it)| *it)
}

/// The document with these rooms in it.
///
/// # Errors
/// When it has no place for them.
fn written(document: &str, rooms: &str) -> Result<String> {
    let place = format!(
        "{DOCUMENT} has no lines `{}` and `{}`",
        BEGIN.trim(),
        END.trim()
    );
    let (before, rest) = document.split_once(BEGIN).context(place.clone())?;
    let (_, after) = rest.split_once(END).context(place)?;
    Ok(format!("{before}{BEGIN}```text\n{rooms}```\n{END}{after}"))
}

fn check(found: Found) -> Result<()> {
    let document = fs::read_to_string(shell::root().join(DOCUMENT))?;
    let current = written(&document, &found.server())? == document;
    let mut wrong = found.wrong;
    if !current {
        wrong.push(format!(
            "{DOCUMENT}: the server's rooms are others; run `cargo xtask tidy --write`"
        ));
    }
    for told in &wrong {
        println!("{}", told.trim_end());
    }
    if !wrong.is_empty() {
        bail!("something is not tidy: see above");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_rooms_where_the_document_has_a_place_for_them() {
        let document = format!("before\n{BEGIN}old\n{END}after\n");
        let new = written(&document, "  clock\n").unwrap();
        assert_eq!(
            new,
            format!("before\n{BEGIN}```text\n  clock\n```\n{END}after\n")
        );
        assert_eq!(written(&new, "  clock\n").unwrap(), new);
        assert!(written("before\nafter\n", "").is_err());
    }
}
