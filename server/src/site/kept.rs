//! The bundles' files of earlier builds, and of the other servers: a page that was open
//! when a new build came goes on asking for its own, and a balancer may lead it to a server
//! of another build. Their names change with their content, so that builds share a directory.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio::fs::{self, File};

use super::{Context, Site, is_immutable};

/// How often a server says which files it uses.
pub(super) const EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a file is kept that no server uses any more: longer than a page stays open.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Keeps the files of this build for others.
pub(super) async fn run(cx: Context) {
    if let Err(error) = keep(&cx.site, SystemTime::now()).await {
        let dir = cx.config.assets_dir.display();
        tracing::warn!(%error, %dir, "pages that are open do not survive a new build: their files cannot be kept");
    }
}

/// Adds what is missing of this build, notes that it is used now, and removes what was not
/// used for long.
async fn keep(site: &Site, now: SystemTime) -> io::Result<()> {
    fs::create_dir_all(&site.kept).await?;
    for name in site.assets().await {
        let place = site.kept.join(&name);
        if !fs::try_exists(&place).await? {
            let Some(content) = site.built(&format!("assets/{name}")).await else {
                continue;
            };
            // Whole or not at all: another server may read it at once.
            let unfinished = site.kept.join(format!("{name}.{}", std::process::id()));
            fs::write(&unfinished, content).await?;
            fs::rename(unfinished, &place).await?;
        }
        touch(&place, now).await?;
    }
    let mut kept = fs::read_dir(&site.kept).await?;
    while let Some(file) = kept.next_entry().await? {
        let name = file.file_name();
        // What else is in the directory is none of ours.
        let ours = name.to_str().is_some_and(is_ours);
        let age = now.duration_since(file.metadata().await?.modified()?);
        if ours && age.is_ok_and(|age| age > KEPT) {
            fs::remove_file(file.path()).await?;
        }
    }
    Ok(())
}

/// Whether a file is one of a bundle, compressed or not.
pub(super) fn is_bundle(name: &str) -> bool {
    let plain = super::encoding::Encoding::ALL
        .iter()
        .find_map(|encoding| name.strip_suffix(encoding.suffix()));
    is_immutable(&format!("assets/{}", plain.unwrap_or(name)))
}

/// Whether we put a file there: one of a bundle, or what a server left that died while it
/// wrote one.
fn is_ours(name: &str) -> bool {
    let is_process = |id: &str| id.bytes().all(|byte| byte.is_ascii_digit());
    let unfinished = name.rsplit_once('.').filter(|(_, id)| is_process(id));
    is_bundle(unfinished.map_or(name, |(whole, _)| whole))
}

async fn touch(place: &Path, now: SystemTime) -> io::Result<()> {
    let file = File::options().append(true).open(place).await?;
    file.into_std().await.set_modified(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn site(dir: &Path, files: &[(&str, &str)]) -> Site {
        let _ = fs::remove_dir_all(dir.join("site")).await;
        fs::create_dir_all(dir.join("site/assets")).await.unwrap();
        for (name, content) in files {
            fs::write(dir.join("site/assets").join(name), content)
                .await
                .unwrap();
        }
        Site::open(dir.join("site"), dir.join("kept"))
    }

    async fn read(site: &Site, name: &str) -> Option<String> {
        let file = site.public_file(&format!("assets/{name}"), None).await?;
        Some(String::from_utf8(file.body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_files_of_a_build_outlive_it_for_a_month() {
        let dir = std::env::temp_dir().join(format!("kept-{}", uuid::Uuid::now_v7()));
        let (begun, day) = (SystemTime::now(), Duration::from_secs(24 * 60 * 60));
        let old = site(
            &dir,
            &[("desk.00000001.js", "old"), ("both.00000003.css", "both")],
        )
        .await;
        keep(&old, begun).await.unwrap();
        fs::write(dir.join("kept/notes.txt"), "somebody's")
            .await
            .unwrap();
        let unfinished = dir.join("kept/desk.00000001.js.4711");
        fs::write(&unfinished, "ol").await.unwrap();

        let new = site(
            &dir,
            &[("desk.00000002.js", "new"), ("both.00000003.css", "both")],
        )
        .await;
        for (days, is_there) in [(0, true), (29, true), (31, false)] {
            keep(&new, begun + days * day).await.unwrap();
            let expected = is_there.then(|| "old".to_owned());
            assert_eq!(
                read(&new, "desk.00000001.js").await,
                expected,
                "after {days} days"
            );
            assert_eq!(read(&new, "desk.00000002.js").await.as_deref(), Some("new"));
            assert_eq!(
                read(&new, "both.00000003.css").await.as_deref(),
                Some("both")
            );
        }
        assert!(fs::try_exists(dir.join("kept/notes.txt")).await.unwrap());
        assert!(!fs::try_exists(unfinished).await.unwrap());
        assert_eq!(read(&new, "notes.txt").await, None);
        fs::remove_dir_all(dir).await.unwrap();
    }
}
