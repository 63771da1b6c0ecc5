//! `check`: whether everything is in place.

use anyhow::bail;
use clap::Args;
use server::check::{self, Finding, State};
use server::clock::Clock;
use server::config::Mode;
use server::serve;

use super::{DatabaseOption, say};

/// `switchboard check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Prints JSON, for programs.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseOption,
}

impl Check {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let found = self.database.config(Mode::Production).and_then(|config| {
            let vault = serve::vault(&config)?;
            Ok((config, vault))
        });
        let findings = match found {
            Ok((config, vault)) => {
                let mut findings = vec![Finding::ok("settings", "complete")];
                findings.extend(check::run(&config, &vault, Clock::system().now_ms()).await);
                findings
            }
            Err(error) => vec![Finding::failed("settings", format!("{error:#}"))],
        };
        if self.json {
            say(&serde_json::to_string_pretty(&findings)?);
        } else {
            for finding in &findings {
                say(&finding.to_string());
            }
        }
        let failed = findings
            .iter()
            .filter(|one| one.state == State::Failed)
            .count();
        if failed > 0 {
            bail!("{failed} of {} do not work.", findings.len());
        }
        Ok(())
    }
}
