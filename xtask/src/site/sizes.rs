//! What a browser downloads, and the budgets on it.

use anyhow::{Result, bail};

use super::{File, Site};

/// What a page pays before its visitor shows intent: the launcher.
const LAUNCHER_BUDGET: usize = 4 * 1024;
/// Everything downloaded until the call is live, the launcher included, also
/// where the host page asks for consent and has colours of its own.
const UNTIL_LIVE_BUDGET: usize = 64 * 1024;

/// The files on the way to a live call. The panel page is filled by the server
/// and counts as it stands.
const UNTIL_LIVE: [&str; 7] = [
    "widget.js",
    "widget-panel.js",
    "panel.html",
    // One language is downloaded; German is the longest.
    "texts_de",
    "widget_css",
    "widget_js",
    "widget_wasm",
];

/// What is downloaded besides, where the visitor is asked for consent (or a
/// captcha) before the call, or the host page or the key has a theme.
const BEFORE: [&str; 2] = ["before_css", "before_js"];

/// What a key with call-backs loads at once that others load into a call, and its
/// own. In no budget: its visitor has a choice to make first.
const CALLBACK: [&str; 6] = [
    "extras_css",
    "extras_js",
    "later_de",
    "callback_css",
    "callback_js",
    "callback_texts_de",
];

impl Site {
    /// Prints every file with its size as it is and as it is sent.
    ///
    /// # Errors
    /// When the site lacks a file of the widget.
    pub(crate) fn print_sizes(&self) -> Result<()> {
        println!("\n{:<40} {:>10} {:>10}", "", "bytes", "brotli");
        let mut files: Vec<&File> = self.files.iter().collect();
        files.sort_by_key(|file| &file.path);
        for file in files {
            let sent = file
                .brotli
                .as_ref()
                .map_or_else(|| "–".to_owned(), |brotli| brotli.len().to_string());
            println!("{:<40} {:>10} {sent:>10}", file.path, file.raw.len());
        }
        let (launcher, until_live) = (self.sent("widget.js")?, self.total(&UNTIL_LIVE)?);
        let dressed = until_live + self.total(&BEFORE)?;
        println!();
        println!("{:<40} {:>10} {launcher:>10}", "launcher", "");
        println!(
            "{:<40} {:>10} {until_live:>10}",
            "until the call is live", ""
        );
        println!(
            "{:<40} {:>10} {dressed:>10}",
            "the same, with consent and theme", ""
        );
        let callbacks = dressed + self.total(&CALLBACK)?;
        println!(
            "{:<40} {:>10} {callbacks:>10}",
            "the same, where call-backs are offered", ""
        );
        println!();
        Ok(())
    }

    /// # Errors
    /// When a budget is exceeded.
    pub(crate) fn check_budgets(&self) -> Result<()> {
        let launcher = self.sent("widget.js")?;
        let until_live = self.total(&UNTIL_LIVE)? + self.total(&BEFORE)?;
        if launcher > LAUNCHER_BUDGET {
            bail!("the launcher has {launcher} bytes; its budget is {LAUNCHER_BUDGET}");
        }
        if until_live > UNTIL_LIVE_BUDGET {
            bail!(
                "{until_live} bytes are downloaded until a call with consent and theme is live; \
                 the budget is {UNTIL_LIVE_BUDGET} (is `npm ci` done in the root of the checkout?)"
            );
        }
        println!(
            "budgets: launcher {launcher} of {LAUNCHER_BUDGET}, until live (with consent and theme) \
             {until_live} of {UNTIL_LIVE_BUDGET} bytes"
        );
        Ok(())
    }

    fn total(&self, names: &[&str]) -> Result<usize> {
        names.iter().map(|name| self.sent(name)).sum()
    }

    /// The bytes sent for a file, by its path or by its key in the manifest.
    fn sent(&self, name: &str) -> Result<usize> {
        let path = self
            .manifest
            .get(name)
            .map_or(name, |path| path.trim_start_matches('/'));
        let Some(file) = self.files.iter().find(|file| file.path == path) else {
            bail!("the site has no file `{path}`");
        };
        Ok(file.brotli.as_ref().unwrap_or(&file.raw).len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(launcher: usize, wasm: usize) -> Site {
        let file = |path: &str, size: usize| File {
            path: path.to_owned(),
            raw: vec![0; size * 2],
            brotli: Some(vec![0; size]),
        };
        let bundle = ["css", "js", "wasm"].map(|it| (format!("widget_{it}"), format!("/{it}")));
        let before = ["css", "js"].map(|it| (format!("before_{it}"), "/before".to_owned()));
        let texts = ("texts_de".to_owned(), "/texts".to_owned());
        Site {
            files: vec![
                file("widget.js", launcher),
                file("widget-panel.js", 10),
                file("panel.html", 10),
                file("texts", 10),
                file("before", 10),
                file("css", 10),
                file("js", 10),
                file("wasm", wasm),
            ],
            manifest: bundle.into_iter().chain(before).chain([texts]).collect(),
        }
    }

    #[test]
    fn a_budget_counts_every_byte_until_live() {
        assert!(site(100, UNTIL_LIVE_BUDGET - 170).check_budgets().is_ok());
        assert!(site(100, UNTIL_LIVE_BUDGET - 169).check_budgets().is_err());
    }

    #[test]
    fn the_launcher_has_a_budget_of_its_own() {
        assert!(site(LAUNCHER_BUDGET, 10).check_budgets().is_ok());
        assert!(site(LAUNCHER_BUDGET + 1, 10).check_budgets().is_err());
    }
}
