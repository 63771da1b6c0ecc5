//! `inbox`: the whole webhook inbox, also what belongs to nobody.

use anyhow::bail;
use api::inbox::EntryFilter;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use server::clock::Clock;
use server::deeds::Author;
use server::inbox::{InboxScope, OperatorEntry};
use server::store::Store;

use super::{DatabaseOption, say};

/// How many entries are read at once.
const PAGE: u32 = 200;

/// `switchboard inbox`.
#[derive(Debug, Subcommand)]
pub(crate) enum Entries {
    /// Lists entries, the newest first: id, time, business, event, call,
    /// verdict, state, attempts and why.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Shows one entry with its attempts and its body.
    Show {
        /// Its id.
        id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Has entries worked on again, by the server that runs.
    Replay {
        /// Their ids; without any, all that fit the filters.
        ids: Vec<String>,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

/// Which entries.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// pending, done, ignored, parked or rejected.
    #[arg(long)]
    state: Option<String>,
    /// accepted, malformed, wrong-key, signature-missing, signature-invalid or
    /// signature-stale.
    #[arg(long)]
    verdict: Option<String>,
    /// The event's name.
    #[arg(long)]
    event: Option<String>,
    /// Retell's call id.
    #[arg(long)]
    call: Option<String>,
}

impl Which {
    fn filter(self) -> EntryFilter {
        EntryFilter {
            state: self.state,
            verdict: self.verdict,
            event: self.event,
            call_id: self.call,
        }
    }
}

impl Entries {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List {
                limit,
                which,
                database,
            } => {
                list(
                    &database.open_unchanged().await?.store,
                    &which.filter(),
                    limit,
                )
                .await
            }
            Self::Show { id, database } => show(&database.open_unchanged().await?.store, &id).await,
            Self::Replay {
                ids,
                which,
                database,
            } => replay(&database.open().await?.store, &ids, &which.filter()).await,
        }
    }
}

async fn list(store: &Store, filter: &EntryFilter, limit: u32) -> anyhow::Result<()> {
    let mut left = limit;
    let mut before: Option<String> = None;
    while left > 0 {
        let page = store
            .inbox_entries()
            .page(InboxScope::All, filter, before.as_deref(), left.min(PAGE))
            .await?;
        for row in &page {
            say(&line(row));
        }
        let count = u32::try_from(page.len()).unwrap_or(u32::MAX);
        left = left.saturating_sub(count);
        before = page.last().map(|row| row.summary.id.clone());
        if count < PAGE {
            break;
        }
    }
    store.close().await;
    Ok(())
}

fn line(row: &OperatorEntry) -> String {
    let entry = &row.summary;
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    [
        entry.id.clone(),
        moment(entry.received_at),
        or_dash(&row.tenant_id),
        or_dash(&entry.event),
        or_dash(&entry.call_id),
        entry.verdict.clone(),
        entry.state.clone(),
        entry.attempts.to_string(),
        or_dash(&entry.error),
    ]
    .join("  ")
}

fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

async fn show(store: &Store, id: &str) -> anyhow::Result<()> {
    let Some(detail) = store.inbox_entries().find(InboxScope::All, id).await? else {
        bail!("There is no entry {id}.");
    };
    say(&serde_json::to_string_pretty(&detail)?);
    store.close().await;
    Ok(())
}

async fn replay(store: &Store, ids: &[String], filter: &EntryFilter) -> anyhow::Result<()> {
    let (author, now) = (Author::operator(), Clock::system().now_ms());
    let scope = InboxScope::All;
    let count = if !ids.is_empty() {
        store
            .inbox_entries()
            .replay(scope, ids, &author, now)
            .await?
    } else if *filter == EntryFilter::default() {
        bail!("Name entries, or a filter such as --state parked.");
    } else {
        store
            .inbox_entries()
            .replay_matching(scope, filter, &author, now)
            .await?
    };
    store.close().await;
    say(&format!(
        "{count} entries are due; the server works on them within five seconds."
    ));
    Ok(())
}
