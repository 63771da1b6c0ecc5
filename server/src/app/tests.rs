//! What the domains registered, against what they do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::notify::EventType;

#[test]
fn every_type_of_event_has_an_example() {
    for kind in EventType::ALL {
        assert!(
            examples().iter().any(|of| of(kind.name(), 0).is_some()),
            "{kind:?}"
        );
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .collect()
}

/// Whether a text reads as an action does.
fn is_action(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    text.split_once('.')
        .is_some_and(|(subject, deed)| word(subject) && word(deed))
}

/// What is written into the trail, and in which room: every text that reads as an
/// action, in a file that makes deeds.
fn written() -> BTreeSet<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut written = BTreeSet::new();
    for path in sources(&folder) {
        let source = fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        if !["Deed", "DEEDS", "deed("]
            .iter()
            .any(|it| source.contains(it))
        {
            continue;
        }
        let inside = path.strip_prefix(&folder).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap();
        let room = room.trim_end_matches(".rs");
        let actions = source.split('"').filter(|text| is_action(text));
        written.extend(actions.map(|action| (room.to_owned(), action.to_owned())));
    }
    written
}

#[test]
fn everything_written_into_the_trail_is_registered_and_has_its_sentence_at_the_desk() {
    let registered = deeds();
    let all: BTreeSet<_> = registered
        .iter()
        .map(|(_, action)| (*action).to_owned())
        .collect();
    assert_eq!(registered.len(), all.len(), "one is registered twice");
    let sentences = include_str!("../../../app/texts/desk/en/later.deeds.json");
    let sentences: BTreeMap<String, String> = serde_json::from_str(sentences).unwrap();
    let told = sentences.into_keys();
    let told: BTreeSet<_> = told.filter(|it| !it.starts_with("setting.")).collect();
    assert_eq!(all, told, "app/texts/desk/*/later.deeds.json have others");
    let mut never_written = all.clone();
    for (room, action) in written() {
        never_written.remove(&action);
        let known = match DOMAINS.iter().any(|domain| domain.name == room) {
            true => registered.contains(&(room.as_str(), action.as_str())),
            // The ground writes for whoever asks it to.
            false => all.contains(&action),
        };
        assert!(known, "{room} writes {action} and does not register it");
    }
    assert!(never_written.is_empty(), "{never_written:?}");
}

/// The rows of the documented table: name, kind and labels.
fn documented() -> BTreeSet<(String, String, String)> {
    include_str!("../../../docs/metrics.md")
        .lines()
        .filter(|line| line.starts_with("| `switchboard_"))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let plain = |cell: &str| cell.replace('`', "");
            (plain(cells[1]), plain(cells[2]), plain(cells[3]))
        })
        .collect()
}

#[test]
fn the_documentation_lists_what_there_is() {
    let there: BTreeSet<_> = metrics()
        .iter()
        .map(|metric| {
            let kind = format!("{:?}", metric.kind).to_lowercase();
            (metric.name.to_owned(), kind, metric.labels.join(", "))
        })
        .collect();
    assert_eq!(documented(), there);
}
