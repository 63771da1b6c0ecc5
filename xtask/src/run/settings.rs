//! What the options, the environment and `.env` say about a local run.

use std::collections::BTreeMap;
use std::env;

use anyhow::{Context as _, Result};

use super::Options;
use crate::shell::root;

/// The API key of the local Retell. Not a secret: it opens nothing else.
pub(crate) const LOCAL_KEY: &str = "key_local_emulator";

/// Which Retell the server talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retell {
    /// The emulator, started by us.
    Local,
    /// Retell, with the API key of the person who runs it.
    Real,
}

#[derive(Debug)]
pub(crate) struct Settings {
    /// Never 0 once the services start: the local Retell is told it up front.
    pub(crate) port: u16,
    /// Never 0 either: it is printed.
    pub(crate) emulator_port: u16,
    pub(crate) retell: Retell,
}

impl Settings {
    /// # Errors
    /// When `.env` is there but cannot be read.
    pub(crate) fn read(options: &Options) -> Result<Self> {
        let path = root().join(".env");
        let file: BTreeMap<String, String> = if path.is_file() {
            dotenvy::from_path_iter(&path)
                .and_then(Iterator::collect)
                .with_context(|| format!("cannot read {}", path.display()))?
        } else {
            BTreeMap::new()
        };
        let key = env::var("RETELL_API_KEY")
            .ok()
            .or_else(|| file.get("RETELL_API_KEY").cloned());
        Ok(Self {
            port: options.port,
            emulator_port: options.emulator_port,
            retell: which(key.as_deref()),
        })
    }

    /// Where the local Retell delivers its webhooks.
    pub(crate) fn webhook_url(&self) -> String {
        format!("http://127.0.0.1:{}/api/webhooks/retell", self.port)
    }
}

fn which(key: Option<&str>) -> Retell {
    match key.map(str::trim) {
        None | Some("" | LOCAL_KEY) => Retell::Local,
        Some(_) => Retell::Real,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_of_ones_own_leads_to_retell() {
        assert_eq!(which(None), Retell::Local);
        assert_eq!(which(Some(" ")), Retell::Local);
        assert_eq!(which(Some(LOCAL_KEY)), Retell::Local);
        assert_eq!(which(Some("key_1234")), Retell::Real);
    }
}
