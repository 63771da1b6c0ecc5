//! Who did what: the trail a business can look through afterwards.
//!
//! An entry is written in the transaction of the deed, so that neither is there
//! without the other.

mod store;

use std::net::IpAddr;

use serde_json::Value;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doer {
    /// A person who is signed in.
    User {
        /// The person's id.
        id: String,
        /// The person's name, as it is now.
        name: String,
    },
    /// A program with a secret API key.
    ApiKey {
        /// The key's id, not the key.
        id: String,
        /// What it is called.
        name: String,
    },
    /// Somebody at the server's command line.
    Operator,
    /// The server by itself, such as retention.
    System,
}

impl Doer {
    /// Its kind, as it is stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::ApiKey { .. } => "api_key",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// Its id, where it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::User { id, .. } | Self::ApiKey { id, .. } => Some(id),
            Self::Operator | Self::System => None,
        }
    }

    /// Its name, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::User { name, .. } | Self::ApiKey { name, .. } => Some(name),
            Self::Operator | Self::System => None,
        }
    }
}

/// Who did something, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub actor: Doer,
    /// From where, when it came over the network.
    pub ip: Option<IpAddr>,
    /// The request's id, as in the log.
    pub request_id: Option<String>,
}

impl Author {
    /// Somebody at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            actor: Doer::Operator,
            ip: None,
            request_id: None,
        }
    }

    /// The server by itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            actor: Doer::System,
            ..Self::operator()
        }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed<'a> {
    /// Such as `user.invited`: one of [`api::audit::ACTIONS`].
    pub action: &'static str,
    /// What it was done to, such as `user`; empty for the business itself.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject_id: &'a str,
    /// What changed, as a JSON object. Never a secret.
    pub details: Value,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use api::audit::ACTIONS;

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

    /// What the store writes into the trail: every text that reads as an action,
    /// in a file that makes deeds.
    fn written() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let makers = sources(&folder)
            .into_iter()
            .filter(|path| !path.ends_with("src/deeds.rs"))
            .filter_map(|path| fs::read_to_string(path).ok())
            .filter(|source| source.contains("Deed") || source.contains("deed("));
        makers
            .flat_map(|source| {
                let source = source.split("#[cfg(test)]").next().unwrap().to_owned();
                let texts = source.split('"').filter(|text| is_action(text));
                texts.map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn everything_written_into_the_trail_is_in_the_list_the_desk_has_sentences_for() {
        let listed: BTreeSet<_> = ACTIONS.iter().map(|&action| action.to_owned()).collect();
        assert_eq!(listed.len(), ACTIONS.len(), "one is listed twice");
        let written = written();
        let unlisted: Vec<_> = written.difference(&listed).collect();
        assert!(
            unlisted.is_empty(),
            "{unlisted:?}: add them to ACTIONS in crates/api/src/audit.rs and to DEEDS in \
             app/src/desk/settings/audit/deeds.rs"
        );
        let never_written: Vec<_> = listed.difference(&written).collect();
        assert!(never_written.is_empty(), "{never_written:?}");
    }
}
