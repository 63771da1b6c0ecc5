//! The browsers besides Chromium that the journeys run in.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::install;
use super::report::Budget;

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
    },
];

impl Engine {
    /// The settings that name its programs, installed now where one is missing.
    ///
    /// # Errors
    /// When they cannot be installed here.
    pub(super) fn programs(&self) -> Result<Vec<(&'static str, PathBuf)>> {
        if let Some(found) = self.find() {
            return Ok(found);
        }
        install::debian(self.name, self.packages)?;
        self.find()
            .with_context(|| format!("{} is installed, but not on the PATH", self.name))
    }

    fn find(&self) -> Option<Vec<(&'static str, PathBuf)>> {
        self.programs
            .iter()
            .map(|&(variable, names)| Some((variable, install::locate(variable, names)?)))
            .collect()
    }
}
