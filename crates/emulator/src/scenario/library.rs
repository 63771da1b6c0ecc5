//! All the scenarios an emulator knows: the embedded ones and a directory's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Scenario;
use super::parse::{ScenarioError, parse};

/// The scenarios in the binary: file name and text.
const EMBEDDED: &[(&str, &str)] = &[
    (
        "dental-en.toml",
        include_str!("../../scenarios/dental-en.toml"),
    ),
    (
        "dental-es.toml",
        include_str!("../../scenarios/dental-es.toml"),
    ),
    (
        "dental-de.toml",
        include_str!("../../scenarios/dental-de.toml"),
    ),
    (
        "reminder-call-en.toml",
        include_str!("../../scenarios/reminder-call-en.toml"),
    ),
    (
        "test-short.toml",
        include_str!("../../scenarios/test-short.toml"),
    ),
    (
        "test-hangup.toml",
        include_str!("../../scenarios/test-hangup.toml"),
    ),
    (
        "test-long.toml",
        include_str!("../../scenarios/test-long.toml"),
    ),
    (
        "test-silent.toml",
        include_str!("../../scenarios/test-silent.toml"),
    ),
    (
        "test-tools.toml",
        include_str!("../../scenarios/test-tools.toml"),
    ),
    (
        "test-transfer.toml",
        include_str!("../../scenarios/test-transfer.toml"),
    ),
];

/// Scenarios by id.
#[derive(Debug, Clone)]
pub struct Library(BTreeMap<String, Arc<Scenario>>);

/// A directory of scenarios that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A file of it cannot be used.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// It, or a file of it, cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// What was to be read.
        path: String,
        /// Why it was not.
        source: std::io::Error,
    },
}

impl Library {
    /// The scenarios that come with the emulator.
    ///
    /// # Errors
    /// Never for the files as committed; a test reads them all.
    pub fn embedded() -> Result<Self, ScenarioError> {
        let mut library = Self(BTreeMap::new());
        for (file, text) in EMBEDDED {
            library.insert(parse(file, text)?);
        }
        Ok(library)
    }

    /// Adds every `*.toml` of a directory; one of the same id replaces.
    ///
    /// # Errors
    /// When the directory or a file cannot be read, or a file is wrong.
    pub fn add_directory(&mut self, directory: &Path) -> Result<(), LibraryError> {
        let unreadable = |path: &Path, source| LibraryError::Read {
            path: path.display().to_string(),
            source,
        };
        let entries = std::fs::read_dir(directory).map_err(|e| unreadable(directory, e))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|e| unreadable(directory, e))?.path());
        }
        paths.sort();
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        {
            let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, e))?;
            self.insert(parse(&path.display().to_string(), &text)?);
        }
        Ok(())
    }

    /// Adds a scenario, replacing one of the same id.
    pub fn insert(&mut self, scenario: Scenario) {
        self.0.insert(scenario.id.clone(), Arc::new(scenario));
    }

    /// A scenario by its id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Scenario>> {
        self.0.get(id).cloned()
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Scenario>> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Step;

    #[test]
    fn every_embedded_scenario_is_valid() {
        let library = Library::embedded().unwrap();
        assert_eq!(library.iter().count(), EMBEDDED.len());
    }

    #[test]
    fn the_demo_speaks_three_languages_with_the_same_course() {
        let library = Library::embedded().unwrap();
        let course = |id: &str| -> Vec<_> {
            let scenario = library.get(id).expect("a demo scenario");
            assert!(
                scenario.reminder.is_some() && scenario.nudge.is_some(),
                "{id}"
            );
            assert!(
                scenario
                    .agent_lines()
                    .iter()
                    .all(|line| !line.contains("{{")),
                "{id}"
            );
            scenario.steps.iter().map(std::mem::discriminant).collect()
        };
        assert_eq!(course("dental-en"), course("dental-es"));
        assert_eq!(course("dental-en"), course("dental-de"));
        let end = library
            .get("dental-de")
            .and_then(|s| s.steps.last().cloned());
        assert_eq!(end, Some(Step::End("agent_hangup".to_owned())));
    }

    #[test]
    fn every_line_of_the_agents_is_shipped_as_audio() {
        let audio = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio");
        for scenario in Library::embedded().unwrap().iter() {
            for line in scenario
                .agent_lines()
                .iter()
                .filter(|line| !line.contains("{{"))
            {
                let file = audio.join(crate::voice::file_name(line, &scenario.language));
                assert!(
                    file.exists(),
                    "{}: `{line}` has no {}",
                    scenario.id,
                    file.display()
                );
            }
        }
    }

    #[test]
    fn a_directory_adds_and_replaces() {
        let directory = tempdir();
        let text = "name = \"Mine\"\n[[steps]]\nagent = \"Hi\"\n";
        std::fs::write(directory.join("mine.toml"), text).unwrap();
        std::fs::write(directory.join("test-short.toml"), text).unwrap();
        std::fs::write(directory.join("notes.txt"), "no scenario").unwrap();
        let mut library = Library::embedded().unwrap();
        library.add_directory(&directory).unwrap();
        assert_eq!(library.get("mine").unwrap().name, "Mine");
        assert_eq!(library.get("test-short").unwrap().name, "Mine");

        std::fs::write(directory.join("bad.toml"), "name = 1").unwrap();
        let error = library.add_directory(&directory).unwrap_err().to_string();
        assert!(error.contains("bad.toml:1:"), "{error}");
        std::fs::remove_dir_all(&directory).unwrap();
        assert!(library.add_directory(&directory).is_err());
    }

    fn tempdir() -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("scenarios-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        path
    }
}
