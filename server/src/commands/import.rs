//! `import-calls`: asks Retell for the calls of a time.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anyhow::{Context, bail};
use api::inbox::CallImport;
use clap::Args;
use jiff::tz::TimeZone;
use server::app::App;
use server::calls::import::{self, ImportError};
use server::calls::{ClaimedImport, moment};
use server::config::Mode;
use server::serve;
use server::store::Tenant;

use super::{DatabaseOption, say, tell};

/// How long to wait for a run somebody works on, or that waits for Retell.
const PAUSE: Duration = Duration::from_secs(5);
/// How wide the bar is (characters).
const BAR: usize = 30;
/// How many of a tenant's newest runs are looked through for unfinished ones.
const RUNS: u32 = 100;

/// `switchboard import-calls`.
#[derive(Debug, Args)]
pub(crate) struct ImportCalls {
    /// From when: `24 hours ago`, `2026-01-01` (in the business's time zone) or
    /// `2026-01-01T08:00:00Z`.
    #[arg(long, value_name = "TIME")]
    from: String,
    /// Until when; now when absent.
    #[arg(long, value_name = "TIME", default_value = "now")]
    to: String,
    /// Only this business.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    #[command(flatten)]
    database: DatabaseOption,
}

impl ImportCalls {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = self.database.config(Mode::Production)?;
        let app = serve::beside(config).await?;
        let tenants = match &self.tenant {
            Some(id) => {
                let tenant = app.store.tenant(id).await?;
                vec![tenant.with_context(|| format!("There is no business {id}."))?]
            }
            None => app.store.every_tenant().await?,
        };
        for tenant in &tenants {
            import_of(&app, tenant, &self.from, &self.to).await?;
        }
        app.store.close().await;
        Ok(())
    }
}

async fn import_of(app: &App, tenant: &Tenant, from: &str, to: &str) -> anyhow::Result<()> {
    let now = app.clock.now_ms();
    let tz = TimeZone::get(tenant.timezone()).unwrap_or(TimeZone::UTC);
    let read = |text: &str| {
        moment(text, now, &tz).with_context(|| {
            format!("{text:?} is no time, such as \"24 hours ago\" or 2026-01-01.")
        })
    };
    let (mut from, to) = (read(from)?, read(to)?);
    // What was begun before is finished first, and not asked for again.
    for run in unfinished(app, tenant).await? {
        finish(app, tenant, &run.id).await?;
        if (run.from..=run.to).contains(&from) {
            from = run.to;
        }
    }
    if from >= to {
        return Ok(());
    }
    let range = (Some(from), Some(to));
    let id = import::begin(&app.calls, tenant, "operator", None, range).await?;
    finish(app, tenant, &id).await
}

async fn unfinished(app: &App, tenant: &Tenant) -> anyhow::Result<Vec<CallImport>> {
    let runs = app.store.imports().list(tenant, RUNS).await?;
    let is_ours = |run: &CallImport| run.origin == "operator" && run.state == "running";
    Ok(runs.into_iter().filter(is_ours).collect())
}

/// Works on a run to its end.
async fn finish(app: &App, tenant: &Tenant, id: &str) -> anyhow::Result<()> {
    let mut waiting = false;
    loop {
        let mut bar = Bar::new(tenant.name());
        let worked = import::finish_by_id(&app.calls, id, |run| bar.show(run)).await?;
        bar.end();
        match worked {
            Some((run, None)) => {
                let progress = &run.progress;
                say(&format!(
                    "{}: {} calls, {} of them news, {} of other businesses",
                    tenant.name(),
                    progress.seen,
                    progress.changed,
                    progress.of_others
                ));
                return Ok(());
            }
            Some((_, Some(error @ (ImportError::Account(_) | ImportError::Store(_))))) => {
                bail!("{error}. Run the same command again to go on.");
            }
            Some((_, Some(error))) => {
                if !unfinished(app, tenant)
                    .await?
                    .iter()
                    .any(|run| run.id == id)
                {
                    bail!("{error}");
                }
                tell(&format!("{error}; trying again…"));
            }
            None => {
                if !unfinished(app, tenant)
                    .await?
                    .iter()
                    .any(|run| run.id == id)
                {
                    return Ok(());
                }
                if !waiting {
                    tell("Somebody else worked on this a moment ago; waiting for it.");
                }
                waiting = true;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How far a run is: a bar at a terminal, else a line a page.
struct Bar<'a> {
    name: &'a str,
    at_terminal: bool,
    shown: bool,
}

impl<'a> Bar<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name,
            at_terminal: std::io::stderr().is_terminal(),
            shown: false,
        }
    }

    fn show(&mut self, run: &ClaimedImport) {
        let text = format!("{} {}", self.name, drawn(run));
        if self.at_terminal {
            let mut out = std::io::stderr();
            // A terminal that is gone is no reason to stop.
            let _ = write!(out, "\r{text}\u{1b}[K").and_then(|()| out.flush());
        } else {
            tell(&text);
        }
        self.shown = true;
    }

    fn end(&mut self) {
        if self.at_terminal && self.shown {
            tell("");
        }
    }
}

fn drawn(run: &ClaimedImport) -> String {
    let seen = run.progress.seen;
    let Some(total) = run.progress.total.filter(|total| *total > 0) else {
        return format!("{seen} calls");
    };
    let done = usize::try_from(seen.min(total)).unwrap_or(0) * BAR;
    let filled = done / usize::try_from(total).unwrap_or(1).max(1);
    format!("[{:<BAR$}] {seen}/{total}", "#".repeat(filled))
}
