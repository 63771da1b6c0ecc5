//! The browsers besides Chromium that the journeys run in.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::install;
use super::report::Budget;
use crate::shell;

/// A browser, and what it takes to drive it.
#[derive(Debug)]
pub(super) struct Engine {
    /// What the report calls its journeys.
    pub(super) layer: &'static str,
    /// What Playwright calls them.
    pub(super) project: &'static str,
    pub(super) budget: Budget,
    name: &'static str,
    /// Debian's packages of it.
    packages: &'static [&'static str],
    /// Its programs: the setting that names each, and its usual names.
    programs: &'static [(&'static str, &'static [&'static str])],
    /// The oldest version of the first of them that can be driven.
    since: Option<u32>,
}

pub(super) const ENGINES: [Engine; 2] = [
    Engine {
        layer: "journeys in Firefox",
        project: "firefox",
        budget: Budget(120),
        name: "Firefox",
        packages: &["firefox-esr", "pulseaudio", "fonts-dejavu-core"],
        programs: &[
            ("SWITCHBOARD_FIREFOX", &["firefox-esr", "firefox"]),
            ("SWITCHBOARD_PULSEAUDIO", &["pulseaudio"]),
        ],
        // `network.addDataCollector`, of WebDriver BiDi.
        since: Some(143),
    },
    Engine {
        layer: "journeys in WebKit",
        project: "webkit",
        budget: Budget(90),
        name: "WebKit",
        packages: &["webkit2gtk-driver", "xvfb", "fonts-dejavu-core"],
        programs: &[
            ("SWITCHBOARD_WEBKIT_DRIVER", &["WebKitWebDriver"]),
            ("SWITCHBOARD_XVFB", &["Xvfb"]),
        ],
        since: None,
    },
];

impl Engine {
    /// The settings that name its programs, installed now where one is missing or too old.
    ///
    /// # Errors
    /// When they cannot be installed here.
    pub(super) fn programs(&self) -> Result<Vec<(&'static str, PathBuf)>> {
        if let Some(found) = self.find()
            && found
                .first()
                .is_none_or(|(_, first)| self.is_new_enough(first))
        {
            return Ok(found);
        }
        install::debian(self.name, self.packages)?;
        self.find()
            .with_context(|| format!("{} is installed, but not on the PATH", self.name))
    }

    fn is_new_enough(&self, program: &Path) -> bool {
        let Some(since) = self.since else { return true };
        let told = shell::output(shell::command(program).arg("--version")).unwrap_or_default();
        major(&told).is_none_or(|version| version >= since)
    }

    fn find(&self) -> Option<Vec<(&'static str, PathBuf)>> {
        self.programs
            .iter()
            .map(|&(variable, names)| Some((variable, install::locate(variable, names)?)))
            .collect()
    }
}

/// The first number of a version a program tells.
fn major(told: &str) -> Option<u32> {
    let mut words = told.split_whitespace();
    words.find_map(|word| word.split('.').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_it_is_told() {
        assert_eq!(major("Mozilla Firefox 140.10.2esr\n"), Some(140));
        assert_eq!(major("no version"), None);
    }
}
