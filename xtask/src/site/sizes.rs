//! What a browser downloads, and the budgets on it.

use anyhow::{Result, bail};

use super::{File, Site};

/// What a page pays before its visitor shows intent: the launcher.
const LAUNCHER_BUDGET: usize = 4 * 1024;
/// Everything downloaded until the call is live, the launcher included, also
/// where the host page asks for consent and has colours of its own.
const UNTIL_LIVE_BUDGET: usize = 64 * 1024;

/// Everything downloaded until somebody who is signed in sees their calls.
const DESK_BUDGET: usize = 200 * 1024;
/// What any other page of the desk downloads when it is the first that is visited.
const VISIT_BUDGET: usize = 380 * 1024;

/// The files of the desk's first page, without the page itself, which the server fills.
const DESK: [&str; 4] = [
    "desk_css",
    "desk_js",
    "desk_wasm",
    // One language is downloaded; German is the longest.
    "desk_words_de_json",
];

/// The words of its other pages, and what those look like.
const LATER: [&str; 2] = ["desk_later_de_json", "desk_later_css"];

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
        println!(
            "{:<40} {:>10} {:>10}",
            "the desk's first page",
            "",
            self.total(&DESK)?
        );
        for (page, bytes) in self.visits()? {
            println!(
                "{:<40} {:>10} {bytes:>10}",
                format!("  then its page `{page}`"),
                ""
            );
        }
        println!();
        Ok(())
    }

    /// What each page of the desk downloads when it is visited, with the words and the style
    /// that come with the first of them.
    fn visits(&self) -> Result<Vec<(&str, usize)>> {
        let later = self.total(&LATER)?;
        let visits = self.visits.iter().map(|(page, parts)| {
            let parts: Vec<_> = parts.iter().map(String::as_str).collect();
            Ok((page.as_str(), later + self.total(&parts)?))
        });
        visits.collect()
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
        let desk = self.total(&DESK)?;
        if desk > DESK_BUDGET {
            bail!("the desk's first page has {desk} bytes; its budget is {DESK_BUDGET}");
        }
        let visits = self.visits()?;
        if visits.is_empty() {
            bail!("no page of the desk is loaded when it is visited");
        }
        if let Some((page, bytes)) = visits.iter().find(|(_, bytes)| *bytes > VISIT_BUDGET) {
            bail!(
                "the page `{page}` of the desk has {bytes} bytes of its own; the budget of each is \
                 {VISIT_BUDGET}"
            );
        }
        let largest = visits.iter().map(|(_, bytes)| bytes).max().unwrap_or(&0);
        println!(
            "budgets: the desk's first page {desk} of {DESK_BUDGET}, its largest other page \
             {largest} of {VISIT_BUDGET} bytes"
        );
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

    /// A site with a widget and a desk of given sizes, and `then` when a page is visited.
    fn site_of(launcher: usize, wasm: usize, desk: usize, then: usize) -> Site {
        let file = |path: &str, size: usize| File {
            path: path.to_owned(),
            raw: vec![0; size * 2],
            brotli: Some(vec![0; size]),
        };
        let bundle = ["css", "js", "wasm"].map(|it| (format!("widget_{it}"), format!("/{it}")));
        let before = ["css", "js"].map(|it| (format!("before_{it}"), "/before".to_owned()));
        let texts = ("texts_de".to_owned(), "/texts".to_owned());
        let desk_files = DESK.map(|key| (key.to_owned(), "/desk".to_owned()));
        let part = ("desk_part_wasm".to_owned(), "/part".to_owned());
        let later = LATER.map(|key| (key.to_owned(), "/later".to_owned()));
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
                file("desk", desk / DESK.len()),
                // Every page comes with the words and the style of the first of them.
                file("later", 5),
                file("part", then - 10),
            ],
            manifest: bundle
                .into_iter()
                .chain(before)
                .chain(desk_files)
                .chain(later)
                .chain([texts, part])
                .collect(),
            visits: [("page".to_owned(), vec!["desk_part_wasm".to_owned()])].into(),
        }
    }

    fn site(launcher: usize, wasm: usize) -> Site {
        site_of(launcher, wasm, 400, 10)
    }

    #[test]
    fn the_desk_has_a_budget_for_its_first_page_and_for_each_later_one() {
        assert!(
            site_of(100, 10, DESK_BUDGET, VISIT_BUDGET)
                .check_budgets()
                .is_ok()
        );
        assert!(
            site_of(100, 10, DESK_BUDGET + 4, 10)
                .check_budgets()
                .is_err()
        );
        assert!(
            site_of(100, 10, 400, VISIT_BUDGET + 1)
                .check_budgets()
                .is_err()
        );
        let mut whole = site(100, 10);
        whole.visits.clear();
        assert!(whole.check_budgets().is_err());
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
