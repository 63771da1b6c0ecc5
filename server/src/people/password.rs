//! Passwords: argon2id with the crate's recommended cost (19 MiB, two passes),
//! away from the threads that serve requests.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// How many passwords are hashed at once: each takes 19 MiB and a core.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The stored hash cannot be read, or hashing failed.
    #[error(transparent)]
    Hash(#[from] password_hash::Error),
    /// The stored hash is no PHC string.
    #[error("the stored hash is malformed")]
    Malformed,
    /// The server is going down.
    #[error("the hashing was cut short")]
    Interrupted,
}

/// The PHC string to be stored for a password.
///
/// # Errors
/// When the system gives no randomness, or the server is going down.
pub async fn hash(password: String) -> Result<String, PasswordError> {
    in_turn(move || hash_now(&password)).await
}

/// Whether the password is the stored one. Without a stored hash it is not, but
/// finding out takes as long.
///
/// # Errors
/// When the stored hash cannot be read, or the server is going down.
pub(super) async fn verify(
    password: String,
    stored: Option<String>,
) -> Result<bool, PasswordError> {
    in_turn(move || {
        let known = stored.is_some();
        let hash = match stored {
            Some(hash) => hash,
            None => decoy()?,
        };
        let hash = PasswordHash::new(&hash).map_err(|_| PasswordError::Malformed)?;
        match Argon2::default().verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(known),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    let _turn = TURNS
        .acquire()
        .await
        .map_err(|_| PasswordError::Interrupted)?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| PasswordError::Interrupted)?
}

fn hash_now(password: &str) -> Result<String, PasswordError> {
    Ok(Argon2::default()
        .hash_password(password.as_bytes())?
        .to_string())
}

/// A hash of nobody's password, with the cost of a real one.
fn decoy() -> Result<String, PasswordError> {
    static DECOY: OnceLock<String> = OnceLock::new();
    if let Some(decoy) = DECOY.get() {
        return Ok(decoy.clone());
    }
    let decoy = hash_now("nobody's password")?;
    Ok(DECOY.get_or_init(|| decoy).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let stored = hash("correct horse".to_owned()).await.unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(
            verify("correct horse".to_owned(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !verify("Correct horse".to_owned(), Some(stored))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn without_a_stored_hash_no_password_is_right() {
        for password in ["", "nobody's password"] {
            assert!(!verify(password.to_owned(), None).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_read_is_an_error() {
        let verdict = verify(String::new(), Some("plain text".to_owned())).await;
        assert!(matches!(verdict, Err(PasswordError::Malformed)));
    }
}
