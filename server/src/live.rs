//! The live relay: what is said on a call, to everybody who may read along.
//!
//! Retell lets five watch a call (retell-protocol E). So each call somebody
//! watches has one upstream socket, opened for the first viewer and closed some
//! seconds after the last one left, and any number of viewers read from the
//! call's [`log`](log::CallLog), each at its own pace and none with a queue of
//! its own.
//!
//! What the staff do with a call while it goes on is in [`attend`]. Who of them is in it is
//! told on its stream. Who of them takes calls is in [`availability`], what they are warned of
//! while calls go on in [`warnings`], the line that the list shows of each in [`lines`].
//!
//! The end of a call comes from two sides: the socket says so, or a webhook
//! did, which the hub hears of on the bus. Whichever is first ends the streams.

mod along;
pub mod attend;
pub mod availability;
mod convert;
pub mod feed;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
pub(crate) mod http;
pub mod hub;
mod lines;
pub mod log;
pub(crate) mod store;
mod streams;
mod upstream;
mod waiter;
pub(crate) mod warnings;
mod whispers;

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::FromRef;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bus::{CallChanged, Signal, Topic};
use crate::calls::{self, heal};
use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::people;
use crate::web::Shared;

pub use availability::{AtDesk, AvailabilityOfStaff, Desks};
pub use feed::{Feed, Follower, told_given};
pub use hub::{Hub, Settings, Viewer, Watched};
pub use log::{Audience, Frame};
pub use store::{Attendance, Attends, Claim};
pub use streams::{Opened, Reader, Streams};
pub use waiter::Waiter;

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        tasks: || {
            vec![
                Task::new("live relay", run),
                Task::new("warnings", warnings::run),
                Task::new("what is being said", lines::run),
                Task::every("who listens", LOOK_AGAIN, attend::look_again),
                Task::every(
                    "whose desks are open",
                    availability::LOOK,
                    availability::look,
                ),
            ]
        },
        deeds: &[
            "call.listened",
            "call.told",
            "call.variables_changed",
            "call.handed_over",
            "call.taken_over",
            "call.ended",
            "warning_rule.added",
            "warning_rule.changed",
            "warning_rule.removed",
            "whispers.changed",
        ],
        keeps: store::KEEPS,
        ..Domain::new("live", http::routes)
    }
}

/// What is said on calls, and what changes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The calls, and what they stand on.
    pub calls: calls::Context,
    /// The calls that are being watched.
    pub hub: Hub,
    /// What changed on the call list, for the desks.
    pub feed: Arc<Feed>,
    /// Who reads how many event streams.
    pub streams: Arc<Streams>,
    /// Whose desks are open here.
    pub desks: Desks,
}

impl Deref for Context {
    type Target = calls::Context;

    fn deref(&self) -> &calls::Context {
        &self.calls
    }
}

/// How often it is looked who of those that listened has gone without a word.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// How long a webhook may take before Retell is asked instead.
const WEBHOOK_PATIENCE: Duration = Duration::from_secs(3);
/// How many calls in doubt are asked about at once.
const QUESTIONS: usize = 4;

/// Tells the hub and the desks' feed what happens to calls, and has Retell
/// asked about those in doubt, until told to stop.
pub async fn run(cx: Context, stop: CancellationToken) {
    tokio::join!(relay_changes(&cx, &stop), settle_doubts(&cx, &stop));
}

async fn relay_changes(cx: &Context, stop: &CancellationToken) {
    let mut changes = cx.store.bus().subscribe();
    let mut signals = cx.store.bus().listen(Topic::Calls);
    let mut told = cx.store.bus().listen(Topic::Desks);
    loop {
        let change = tokio::select! {
            () = stop.cancelled() => return,
            change = changes.recv() => change,
            signal = told.next() => {
                // What was missed is told by the other topic.
                cx.feed.told(&signal);
                if let Signal::CallAttended { call_id, .. } = &signal
                    && cx.hub.is_watched(call_id)
                {
                    catch_up(cx, call_id).await;
                }
                continue;
            }
            signal = signals.next() => {
                match signal {
                    // The feed holds what they were: it is emptied, too.
                    Signal::CallsDeleted(tenant_id) => cx.feed.broken(&tenant_id),
                    _ => catch_up_all(cx).await,
                }
                continue;
            }
        };
        match change {
            Ok(change) => {
                tell_hub(cx, &change);
                cx.feed.push(&change);
            }
            Err(RecvError::Lagged(_)) => catch_up_all(cx).await,
            Err(RecvError::Closed) => return,
        }
    }
}

/// Changes were missed: the desks load their lists again, and the hub is told
/// of every call that is watched.
async fn catch_up_all(cx: &Context) {
    tracing::warn!("changes of calls were missed");
    cx.feed.all_broken();
    for call_id in cx.hub.watched() {
        catch_up(cx, &call_id).await;
    }
}

fn tell_hub(cx: &Context, change: &CallChanged) {
    let call = &change.call;
    if !call.status.is_live() {
        cx.hub.ended(&call.id, call.disconnection_reason.as_deref());
    } else if call.status == api::desk::CallStatus::Ongoing {
        cx.hub.started(&call.id);
    }
}

/// Tells the hub where a call stands now, and who is in it.
async fn catch_up(cx: &Context, call_id: &str) {
    let found = async {
        let Some(tenant) = cx.store.calls().tenant_of(call_id).await? else {
            return Ok(None);
        };
        let call = cx.store.calls().summary(&tenant, call_id).await?;
        attend::tell(cx, &tenant, call_id).await?;
        Ok::<_, crate::store::StoreError>(call.map(|call| CallChanged {
            tenant_id: tenant.id().to_owned(),
            call: call.into(),
        }))
    };
    match found.await {
        Ok(Some(now)) => tell_hub(cx, &now),
        Ok(None) => {}
        Err(error) => tracing::error!(call_id, %error, "a watched call cannot be looked up"),
    }
}

async fn settle_doubts(cx: &Context, stop: &CancellationToken) {
    let mut doubts = cx.hub.doubts();
    let turns = Arc::new(Semaphore::new(QUESTIONS));
    let in_doubt: Arc<Mutex<HashSet<String>>> = Arc::default();
    let questions = TaskTracker::new();
    loop {
        let doubt = tokio::select! {
            () = stop.cancelled() => break,
            doubt = doubts.recv() => doubt,
        };
        let call_id = match doubt {
            Ok(call_id) => call_id,
            // The healing that goes on anyway will come to those.
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => break,
        };
        let set = Arc::clone(&in_doubt);
        if !set
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(call_id.clone())
        {
            continue;
        }
        let (cx, turns, stop) = (cx.clone(), Arc::clone(&turns), stop.clone());
        questions.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = settle(&cx, &call_id, &turns) => {}
            }
            set.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&call_id);
        });
    }
    questions.close();
    questions.wait().await;
}

/// Waits for the webhook; if none settles the call, Retell is asked.
async fn settle(cx: &Context, call_id: &str, turns: &Semaphore) {
    tokio::time::sleep(WEBHOOK_PATIENCE).await;
    // The semaphore is never closed.
    let Ok(_turn) = turns.acquire().await else {
        return;
    };
    let settled = async {
        let Some(tenant) = cx.store.calls().tenant_of(call_id).await? else {
            return Ok(());
        };
        match cx.store.calls().summary(&tenant, call_id).await? {
            Some(call) if call.status.is_live() => heal::ask(cx, call_id).await,
            _ => Ok(()),
        }
    };
    if let Err(error) = settled.await {
        tracing::error!(call_id, %error, "a call in doubt cannot be settled");
    }
}
