//! The secret the server makes for itself when none is configured.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};

const NAME: &str = "switchboard.secret";
const BYTES: usize = 32;

/// The secret in the data directory; made, readable by its owner only, if there
/// is none.
///
/// # Errors
/// When the file cannot be read or written.
pub(crate) fn read_or_make(data_dir: &Path) -> anyhow::Result<String> {
    let path = data_dir.join(NAME);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let secret = text.trim().to_owned();
            ensure!(
                secret.len() >= BYTES,
                "{} is too short to be a secret. Delete it to have a new one made; links and open calls lose their access then.",
                path.display()
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
            "{} cannot be written. Set SWITCHBOARD_SECRET instead",
            path.display()
        )
    })?;
    tracing::info!(path = %path.display(), "made a secret; set SWITCHBOARD_SECRET to share one between servers");
    Ok(secret)
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
        let made = read_or_make(&directory).unwrap();
        assert_eq!(made.len(), 64);
        assert_eq!(read_or_make(&directory).unwrap(), made);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(directory.join(NAME))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(directory.join(NAME), "short").unwrap();
        assert!(read_or_make(&directory).is_err());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
