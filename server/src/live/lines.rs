//! What is being said in a business's calls, a line of each, for the desks that show their list.
//!
//! While a desk of the business is open on this server, every call that goes on is read along
//! over the upstream that its viewers share. A desk that comes later is told the line there is.

use std::time::Duration;

use api::desk::CallStatus;
use api::live::{Item, ItemKind, Items, event};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::along::Along;
use super::{Audience, Context};
use crate::accounts::AccountError;
use crate::store::{StoreError, Tenant};

/// How long a line stands at least: nobody reads a list whose every row moves with every word.
const PACE: Duration = Duration::from_secs(1);
/// How many characters a line has at most.
const CHARS: usize = 120;

/// Why a call is not read along.
#[derive(Debug, thiserror::Error)]
enum LineError {
    /// The tenant's Retell account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads along while desks are open, until told to stop.
pub(super) async fn run(cx: Context, stop: CancellationToken) {
    let mut changes = cx.store.bus().subscribe();
    let mut came = cx.feed.came();
    let along = Along::new(stop);
    loop {
        tokio::select! {
            () = along.stopped() => break,
            _ = came.changed() => look(&cx, &along).await,
            change = changes.recv() => match change {
                Ok(change) => {
                    let is_on = change.call.status == CallStatus::Ongoing;
                    if is_on && cx.feed.is_followed(&change.tenant_id) {
                        begin(&cx, &along, &change.call.id);
                    }
                }
                Err(RecvError::Lagged(_)) => look(&cx, &along).await,
                Err(RecvError::Closed) => break,
            },
        }
    }
    along.end().await;
}

/// Begins with every call of the businesses whose desks are open.
async fn look(cx: &Context, along: &Along) {
    match cx.store.calls().going_on().await {
        Ok(calls) => {
            for (tenant_id, call_id) in calls {
                if cx.feed.is_followed(&tenant_id) {
                    begin(cx, along, &call_id);
                }
            }
        }
        Err(error) => tracing::error!(%error, "calls that go on cannot be looked up"),
    }
}

fn begin(cx: &Context, along: &Along, call_id: &str) {
    let (cx, id, known) = (cx.clone(), call_id.to_owned(), along.clone());
    along.begin(call_id, async move {
        let read = read_along(&cx, &id).await;
        known.forget(&id);
        read
    });
}

async fn read_along(cx: &Context, call_id: &str) -> Result<(), LineError> {
    let Some(tenant) = cx.store.calls().tenant_of(call_id).await? else {
        return Ok(());
    };
    let account = cx.account(&tenant).await?;
    let mut next = Instant::now();
    while goes_on(cx, &tenant, call_id).await? {
        let mut viewer = cx
            .hub
            .watch(&account.client, call_id, Audience::Server, None);
        let mut line = None;
        loop {
            let frame = tokio::select! {
                frame = viewer.next() => frame,
                () = sleep_until(next), if line.is_some() => {
                    next = Instant::now() + PACE;
                    let line = line.take().unwrap_or_default();
                    if !cx.feed.say(tenant.id(), call_id, line) {
                        return Ok(());
                    }
                    continue;
                }
            };
            // A stream lives only so long.
            let Some(frame) = frame else { break };
            match frame.event {
                event::SNAPSHOT | event::ITEMS => {
                    // What we wrote ourselves.
                    if let Ok(Items { items }) = serde_json::from_str(&frame.data) {
                        line = items.iter().rev().find_map(line_of).or(line);
                    }
                }
                event::ENDED | event::CLOSING => {
                    cx.feed.hush(tenant.id(), call_id);
                    return Ok(());
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether a call goes on, and somebody may look at it.
async fn goes_on(cx: &Context, tenant: &Tenant, call_id: &str) -> Result<bool, StoreError> {
    let call = cx.store.calls().summary(tenant, call_id).await?;
    Ok(call.is_some_and(|call| call.status.is_live()) && cx.feed.is_followed(tenant.id()))
}

/// What an item says in one line: the last words of who speaks, or what the agent does.
fn line_of(item: &Item) -> Option<String> {
    let said = match &item.kind {
        ItemKind::Agent { content }
        | ItemKind::User { content }
        | ItemKind::TransferTarget { content } => content,
        ItemKind::ToolCallInvocation { name, .. } => return Some(format!("{name}…")),
        _ => return None,
    };
    let words: Vec<&str> = said.split_whitespace().collect();
    let mut room = CHARS;
    let fits = |word: &&&str| {
        let chars = word.chars().count() + 1;
        let fits = chars <= room;
        room = room.saturating_sub(chars);
        fits
    };
    let kept = words.iter().rev().take_while(fits).count();
    let cut = if kept < words.len() { "… " } else { "" };
    let line = words[words.len() - kept..].join(" ");
    (!line.is_empty()).then(|| format!("{cut}{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(content: &str) -> Option<String> {
        let kind = ItemKind::User {
            content: content.to_owned(),
        };
        let item = Item {
            id: "1".to_owned(),
            time_ms: 0,
            kind,
            words: Vec::new(),
        };
        line_of(&item)
    }

    #[test]
    fn a_line_is_the_last_of_what_is_said() {
        assert_eq!(
            line(" My crown\ncame off. ").as_deref(),
            Some("My crown came off.")
        );
        assert_eq!(line("  "), None);
        let long = line(&"word ".repeat(50)).unwrap();
        assert!(long.starts_with("… word"), "{long}");
        assert!(long.chars().count() <= CHARS + 2, "{long}");
    }
}
