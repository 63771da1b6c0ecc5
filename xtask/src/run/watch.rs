//! Notices that source files change, by their modification times.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use tokio::time::sleep;

use crate::shell::{files_below, root};

/// How often the files are looked at.
const POLL: Duration = Duration::from_millis(400);

/// Sources of the server and the local Retell.
const NATIVE: [&str; 2] = ["server", "crates"];
/// Sources of the site. What both are made of is in both lists.
const SITE: [&str; 5] = ["app", "crates/api", "crates/retell", "public", "style"];

/// What has to be built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) native: bool,
    pub(crate) site: bool,
}

type Times = BTreeMap<PathBuf, SystemTime>;

#[derive(Debug)]
pub(crate) struct Watch {
    native: Times,
    site: Times,
}

impl Watch {
    /// # Errors
    /// When a source directory cannot be read.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            native: times(&NATIVE)?,
            site: times(&SITE)?,
        })
    }

    /// Waits for the next change that has settled: an editor's "save all"
    /// counts as one.
    pub(crate) async fn next(&mut self) -> Result<Change> {
        let mut seen = Change {
            native: false,
            site: false,
        };
        loop {
            sleep(POLL).await;
            let now = Self::new()?;
            let change = Change {
                native: now.native != self.native,
                site: now.site != self.site,
            };
            *self = now;
            let quiet = !change.native && !change.site;
            seen.native |= change.native;
            seen.site |= change.site;
            if quiet && (seen.native || seen.site) {
                return Ok(seen);
            }
        }
    }
}

fn times(dirs: &[&str]) -> Result<Times> {
    let mut times = Times::new();
    for dir in dirs {
        for path in files_below(&root().join(dir))? {
            // A file that vanishes meanwhile is a change all the same.
            if let Ok(modified) = path.metadata().and_then(|it| it.modified()) {
                times.insert(path, modified);
            }
        }
    }
    Ok(times)
}
