//! The built front end: where its files come from, in which form a browser
//! gets them, and how page templates are filled.
//!
//! A development build reads the site from disk, so that a rebuilt page is
//! there on reload. With the feature `embed` the site is inside the binary.

pub(crate) mod csp;
pub mod encoding;
pub(crate) mod http;
mod kept;
pub(crate) mod language;
pub mod manifest;
pub(crate) mod pages;
pub mod template;
mod texts;

use std::ops::Deref;
use std::path::PathBuf;

use axum::extract::FromRef;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::web::Shared;

use encoding::Encoding;
use manifest::Manifest;

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Context: FromRef<S>,
{
    Domain {
        tasks: || vec![Task::every("assets", kept::EVERY, kept::run)],
        ..Domain::new("site", http::routes)
    }
}

/// What our pages are made of. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What every room stands on.
    pub ground: Ground,
    /// The built front end.
    pub site: Site,
}

impl Deref for Context {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

/// What builds the site, for people who find it missing.
pub const BUILD_COMMAND: &str = "cargo xtask build";

/// Files of the site that are no pages of their own.
const INTERNAL: [&str; 4] = ["panel.html", "desk.html", "index.html", "manifest.json"];

/// The built site.
#[derive(Debug, Clone)]
pub struct Site {
    source: Source,
    /// Where the bundles' files of earlier builds are.
    kept: PathBuf,
}

#[derive(Debug, Clone)]
enum Source {
    #[cfg_attr(
        feature = "embed",
        expect(dead_code, reason = "an embedding binary reads no site")
    )]
    Disk(PathBuf),
    #[cfg(feature = "embed")]
    Embedded,
}

/// One file in the form in which it goes out.
#[derive(Debug, Clone)]
pub struct File {
    /// The body, encoded as [`File::encoding`] says.
    pub body: Bytes,
    /// How the body is compressed, if it is.
    pub encoding: Option<Encoding>,
    /// The media type, from the name.
    pub media_type: &'static str,
    /// Whether the name changes with the content, so that it can be kept for good.
    pub immutable: bool,
}

#[cfg(feature = "embed")]
#[derive(rust_embed::Embed)]
#[folder = "../target/site"]
struct Embedded;

impl Site {
    /// The site in a directory, with the bundles' files of earlier builds in another one.
    #[cfg(not(feature = "embed"))]
    #[must_use]
    pub fn open(dir: impl Into<PathBuf>, kept: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::Disk(dir.into()),
            kept: kept.into(),
        }
    }

    /// The site in this binary; the first directory does not matter.
    #[cfg(feature = "embed")]
    #[must_use]
    pub fn open(_dir: impl Into<PathBuf>, kept: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::Embedded,
            kept: kept.into(),
        }
    }

    /// A file that any browser may ask for, in the best form it takes.
    /// `accept` is the request's `Accept-Encoding`.
    pub async fn public_file(&self, path: &str, accept: Option<&str>) -> Option<File> {
        let compressed = Encoding::ALL
            .iter()
            .any(|encoding| path.ends_with(encoding.suffix()));
        if compressed || INTERNAL.contains(&path) {
            return None;
        }
        let raw = self.read(path).await?;
        let mut file = File {
            body: raw,
            encoding: None,
            media_type: media_type(path),
            immutable: is_immutable(path),
        };
        for encoding in encoding::accepted(accept.unwrap_or_default()) {
            if let Some(body) = self.read(&format!("{path}{}", encoding.suffix())).await {
                file.body = body;
                file.encoding = Some(encoding);
                break;
            }
        }
        Some(file)
    }

    /// A page template, as text.
    pub async fn template(&self, name: &str) -> Option<String> {
        String::from_utf8(self.read(name).await?.into()).ok()
    }

    /// The names of the bundles' files, or `None` while the site is not built.
    pub async fn manifest(&self) -> Option<Manifest> {
        Manifest::parse(&self.read("manifest.json").await?)
    }

    async fn read(&self, path: &str) -> Option<Bytes> {
        if !is_plain(path) {
            return None;
        }
        let built = self.built(path).await;
        match path.strip_prefix("assets/") {
            Some(name) if built.is_none() && kept::is_bundle(name) => {
                read(self.kept.join(name)).await
            }
            _ => built,
        }
    }

    /// A file of this build.
    async fn built(&self, path: &str) -> Option<Bytes> {
        match &self.source {
            Source::Disk(dir) => read(dir.join(path)).await,
            #[cfg(feature = "embed")]
            Source::Embedded => Embedded::get(path).map(|file| match file.data {
                std::borrow::Cow::Borrowed(data) => Bytes::from_static(data),
                std::borrow::Cow::Owned(data) => Bytes::from(data),
            }),
        }
    }

    /// The names of this build's files in `assets`.
    async fn assets(&self) -> Vec<String> {
        match &self.source {
            Source::Disk(dir) => {
                let mut names = Vec::new();
                // There are none as long as the site is not built.
                if let Ok(mut files) = tokio::fs::read_dir(dir.join("assets")).await {
                    while let Ok(Some(file)) = files.next_entry().await {
                        names.extend(file.file_name().into_string());
                    }
                }
                names
            }
            #[cfg(feature = "embed")]
            Source::Embedded => Embedded::iter()
                .filter_map(|path| path.strip_prefix("assets/").map(str::to_owned))
                .collect(),
        }
    }
}

async fn read(file: PathBuf) -> Option<Bytes> {
    tokio::fs::read(file).await.ok().map(Bytes::from)
}

impl File {
    /// A tag for this very form of this content.
    #[must_use]
    pub fn etag(&self) -> String {
        let digest = hex::encode(&Sha256::digest(&self.body)[..12]);
        format!("\"{digest}\"")
    }
}

/// Whether a path stays inside the site on every system: names of letters,
/// digits and `._-`, none of them hidden or a step up.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    path.split('/')
        .all(|name| !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain))
}

/// Bundles are named `<name>.<hash>.<extension>`.
fn is_immutable(path: &str) -> bool {
    let Some(name) = path.strip_prefix("assets/") else {
        return false;
    };
    let mut parts = name.rsplit('.');
    let (_extension, hash) = (parts.next(), parts.next());
    hash.is_some_and(|hash| hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The media type by the name's extension.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("wav") => "audio/wav",
        Some("ogg" | "opus") => "audio/ogg",
        Some("txt") => "text/plain; charset=utf-8",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cannot_leave_the_site() {
        for path in [
            "widget.js",
            "assets/widget.0123456789ab.js",
            "demo/a-b_c.webp",
        ] {
            assert!(is_plain(path), "{path}");
        }
        for path in [
            "",
            "/",
            "../secret",
            "a/../b",
            "a//b",
            "/etc/passwd",
            "a/.env",
            ".env",
            "a\\b",
            "a%2fb",
            "a b",
            "a\0b",
            "c:/x",
            "a/",
            "ä",
        ] {
            assert!(!is_plain(path), "{path:?}");
        }
    }

    #[test]
    fn only_hashed_names_are_kept_for_good() {
        assert!(is_immutable("assets/widget.0123456789ab.wasm"));
        assert!(!is_immutable("assets/widget.wasm"));
        assert!(!is_immutable("assets/widget.min.wasm"));
        assert!(!is_immutable("widget.0123456789ab.js"));
    }
}
