//! The secrets the server makes for itself when none are configured.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};

const BYTES: usize = 32;

/// A file of the data directory that holds a secret.
pub(crate) struct SecretFile {
    name: &'static str,
    /// The setting that is used instead.
    setting: &'static str,
    /// What is lost with the secret.
    loss: &'static str,
}

/// Signs tickets and nonces.
pub(crate) const SIGNING: SecretFile = SecretFile {
    name: "switchboard.secret",
    setting: "SWITCHBOARD_SECRET",
    loss: "links and open calls lose their access then",
};

/// Seals the secrets in the database.
pub(crate) const ENCRYPTION: SecretFile = SecretFile {
    name: "switchboard.encryption-key",
    setting: "SWITCHBOARD_ENCRYPTION_KEYS",
    loss: "the keys and secrets in the database cannot be read then",
};

impl SecretFile {
    /// The secret in the data directory; made, readable by its owner only, if
    /// there is none.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn read_or_make(&self, data_dir: &Path) -> anyhow::Result<String> {
        let path = data_dir.join(self.name);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let secret = text.trim().to_owned();
                ensure!(
                    secret.len() >= BYTES,
                    "{} is too short to be a secret. Delete it to have a new one made; {}.",
                    path.display(),
                    self.loss
                );
                return Ok(secret);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        }
        let secret = hex::encode(rand::random::<[u8; BYTES]>());
        write(&path, &secret).with_context(|| {
            format!(
                "{} cannot be written. Set {} instead",
                path.display(),
                self.setting
            )
        })?;
        tracing::info!(
            path = %path.display(),
            "made a secret; set {} to share one between servers",
            self.setting
        );
        Ok(secret)
    }
}

fn write(path: &Path, secret: &str) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{secret}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once() {
        let directory = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let made = SIGNING.read_or_make(&directory).unwrap();
        assert_eq!(made.len(), 64);
        assert_eq!(SIGNING.read_or_make(&directory).unwrap(), made);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(directory.join(SIGNING.name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(directory.join(SIGNING.name), "short").unwrap();
        assert!(SIGNING.read_or_make(&directory).is_err());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
