//! Results of build steps, kept by what went into them.
//!
//! A step is pure: the same inputs and the same build of this tool give the
//! same outputs, so the second build costs only reading them back.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use std::{env, fs};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// An entry nobody has made anew for this long is thrown away.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);

/// The directory of kept results.
#[derive(Debug)]
pub(crate) struct Cache {
    dir: PathBuf,
    /// Changes when this tool is built anew: it and its libraries are inputs too.
    build: String,
}

impl Cache {
    /// Opens or creates the cache.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub(crate) fn open(dir: PathBuf) -> Result<Self> {
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let tool = fs::metadata(env::current_exe()?)?;
        let made = tool.modified()?.duration_since(UNIX_EPOCH)?;
        Ok(Self {
            dir,
            build: format!("{} {}", tool.len(), made.as_nanos()),
        })
    }

    /// The outputs of a step, from the cache or else computed and kept.
    ///
    /// # Errors
    /// Those of the step, and when the cache cannot be written.
    pub(crate) fn memo<const N: usize>(
        &self,
        step: &str,
        inputs: &[&[u8]],
        compute: impl FnOnce() -> Result<[Vec<u8>; N]>,
    ) -> Result<[Vec<u8>; N]> {
        let made = self.memo_all(step, inputs, N, || compute().map(Vec::from))?;
        let made = <[Vec<u8>; N]>::try_from(made).ok();
        made.context("a step made more or less than it does")
    }

    /// The same for a step of `count` outputs.
    ///
    /// # Errors
    /// As [`Cache::memo`].
    pub(crate) fn memo_all(
        &self,
        step: &str,
        inputs: &[&[u8]],
        count: usize,
        compute: impl FnOnce() -> Result<Vec<Vec<u8>>>,
    ) -> Result<Vec<Vec<u8>>> {
        let mut hash = Sha256::new();
        for part in [self.build.as_bytes(), step.as_bytes()]
            .iter()
            .chain(inputs)
        {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let key = hex::encode(hash.finalize());
        let path = |n| self.dir.join(format!("{key}.{n}"));
        let paths: Vec<PathBuf> = (0..count).map(path).collect();

        let kept: Option<Vec<Vec<u8>>> = paths.iter().map(|path| fs::read(path).ok()).collect();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let made = compute()?;
        for (path, bytes) in paths.iter().zip(&made) {
            write_whole(path, bytes)?;
        }
        Ok(made)
    }

    /// Keeps the directory from growing without end.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn forget_old_entries(&self) -> Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
            if age > KEPT {
                // Another run may have been quicker.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

/// A reader sees the whole file or none, also when we are interrupted.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    fs::write(&draft, bytes)
        .and_then(|()| fs::rename(&draft, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_runs_once_for_the_same_inputs() {
        let dir = env::temp_dir().join(format!("switchboard-cache-{}", std::process::id()));
        let cache = Cache::open(dir.clone()).unwrap();
        let mut runs = 0;
        for input in [&b"a"[..], b"a", b"b", b"a"] {
            let [upper] = cache
                .memo("upper", &[input], || {
                    runs += 1;
                    Ok([input.to_ascii_uppercase()])
                })
                .unwrap();
            assert_eq!(upper, input.to_ascii_uppercase());
        }
        // Where one input ends and the next begins is part of the key.
        let [one] = cache
            .memo("join", &[b"ab", b"c"], || Ok([b"1".to_vec()]))
            .unwrap();
        let [two] = cache
            .memo("join", &[b"a", b"bc"], || Ok([b"2".to_vec()]))
            .unwrap();
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!((runs, one, two), (2, b"1".to_vec(), b"2".to_vec()));
    }
}
