//! Warnings: a business's rules, watched over in its calls while they go on.
//!
//! Every call that a rule is for is read along from its beginning, whether or not anybody looks
//! at it, over the upstream that its viewers share. What is found is kept with the call, once
//! for each rule, and told to every desk as any change of a call is. Of several servers each
//! reads along, so that one may go: the database keeps what the first of them found.
//!
//! A business has at most [`MOST`](WarningRuleDetails::MOST) rules with so many phrases each;
//! so what is done for an item is bounded.

pub(crate) mod store;
mod watch;

use std::time::Duration;

use api::desk::CallStatus;
use api::live::{Items, Unavailable, event};
use api::problem::slug;
use api::warnings::{CallWarning, Severity, WarnWhen, WarningRuleDetails};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::along::Along;
use super::log::Frame;
use super::{Audience, Context};
use crate::accounts::AccountError;
use crate::bus::{Signal, Topic};
use crate::invalid::{Invalid, checked_name};
use crate::store::StoreError;
use store::ToWatch;
use watch::{Watch, plain};

/// Why a call is not watched over.
#[derive(Debug, thiserror::Error)]
enum WatchError {
    /// The tenant's Retell account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A rule as it is kept; whose its agents are is looked at elsewhere.
///
/// # Errors
/// With what is wrong.
pub(super) fn checked(rule: WarningRuleDetails) -> Result<WarningRuleDetails, Invalid> {
    let name = checked_name(&rule.name);
    let name = name.filter(|name| name.chars().count() <= WarningRuleDetails::NAME_CHARS);
    let name = name.ok_or_else(|| Invalid::of("name", "name has 1 to 60 characters."))?;
    if rule.severity == Severity::Unknown {
        return Err(Invalid::of("severity", "severity is low or high."));
    }
    let waits = |seconds: &u32| match WarningRuleDetails::SECONDS.contains(seconds) {
        true => Ok(()),
        false => Err(Invalid::of("seconds", "seconds are 3 to 600.")),
    };
    let mut when = rule.when;
    match &mut when {
        WarnWhen::AgentSilent { seconds } | WarnWhen::CallerSilent { seconds } => waits(seconds)?,
        WarnWhen::CallerSays { words } | WarnWhen::AgentSays { words } => trim(words)?,
        WarnWhen::AgentOmits { words, seconds } => {
            trim(words)?;
            waits(seconds)?;
        }
        WarnWhen::FunctionFails { times } if WarningRuleDetails::TIMES.contains(times) => {}
        WarnWhen::FunctionFails { .. } => return Err(Invalid::of("times", "times are 1 to 20.")),
    }
    Ok(WarningRuleDetails { name, when, ..rule })
}

fn trim(words: &mut [String]) -> Result<(), Invalid> {
    for one in &mut *words {
        *one = one.trim().to_owned();
    }
    let fits = |it: &String| {
        !plain(it).trim().is_empty() && it.chars().count() <= WarningRuleDetails::WORDS_CHARS
    };
    match (1..=WarningRuleDetails::WORDS_MOST).contains(&words.len()) && words.iter().all(fits) {
        true => Ok(()),
        false => Err(Invalid::of(
            "words",
            "words are 1 to 30 phrases of 1 to 100 characters.",
        )),
    }
}

/// Watches over the calls of businesses that have rules, until told to stop.
pub(super) async fn run(cx: Context, stop: CancellationToken) {
    let mut changes = cx.store.bus().subscribe();
    let mut signals = cx.store.bus().listen(Topic::Calls);
    let along = Along::new(stop);
    // Those that went on before this server did.
    look(&cx, &along).await;
    loop {
        let call = tokio::select! {
            () = along.stopped() => break,
            signal = signals.next() => {
                if signal == Signal::Missed {
                    look(&cx, &along).await;
                }
                continue;
            }
            change = changes.recv() => match change {
                Ok(change) => change.call,
                Err(RecvError::Lagged(_)) => {
                    look(&cx, &along).await;
                    continue;
                }
                Err(RecvError::Closed) => break,
            },
        };
        if !call.status.is_live() {
            along.forget(&call.id);
        } else if call.status == CallStatus::Ongoing {
            watch(
                &cx,
                &along,
                &call.id,
                call.started_at.unwrap_or(call.created_at),
            );
        }
    }
    along.end().await;
}

/// Watches every call that goes on and is not watched yet: nothing told of them, or it was
/// missed.
async fn look(cx: &Context, along: &Along) {
    match cx.store.warning_rules().going_on().await {
        Ok(calls) => {
            along.keep(&calls.iter().map(|(id, _)| id.as_str()).collect());
            for (id, begun) in &calls {
                watch(cx, along, id, *begun);
            }
        }
        Err(error) => tracing::error!(%error, "calls to be watched cannot be looked up"),
    }
}

/// Watches a call that began then (Unix ms), unless it is watched, or no rules are for it.
fn watch(cx: &Context, along: &Along, call_id: &str, begun: i64) {
    let (cx, id) = (cx.clone(), call_id.to_owned());
    along.begin(call_id, async move { watch_over(&cx, &id, begun).await });
}

/// Reads a call along that began then (Unix ms) until it is over, or nothing is left to warn of,
/// or people speak with each other in it.
async fn watch_over(cx: &Context, call_id: &str, begun: i64) -> Result<(), WatchError> {
    let Some(ToWatch { tenant, rules }) = cx.store.warning_rules().of_call(call_id).await? else {
        return Ok(());
    };
    let account = cx.account(&tenant).await?;
    let mut watch = Watch::new(rules);
    while !watch.is_done() {
        let client = &account.client;
        let mut viewer = cx.hub.watch(client, call_id, Audience::Server, None);
        // The end may have come before the watching: nobody tells of it again.
        let call = cx.store.calls().summary(&tenant, call_id).await?;
        if !call.is_some_and(|call| call.status.is_live()) {
            return Ok(());
        }
        while !watch.is_done() {
            let since_begun = || cx.clock.now_ms() - begun;
            let due = watch.due().map(|due| due - since_begun());
            let due = due.map(|ms| Duration::from_millis(ms.try_into().unwrap_or_default()));
            let frame = tokio::select! {
                frame = viewer.next() => Some(frame),
                () = tokio::time::sleep(due.unwrap_or_default()), if due.is_some() => None,
            };
            let now = since_begun();
            match frame {
                Some(Some(frame)) => match frame.event {
                    event::SNAPSHOT | event::ITEMS => {
                        // What we wrote ourselves.
                        if let Ok(Items { items }) = serde_json::from_str(&frame.data) {
                            watch.hear(&items, now);
                        }
                    }
                    event::UNAVAILABLE if is_taken_over(&frame) => return Ok(()),
                    event::UNAVAILABLE => watch.hears_nothing(now),
                    event::ENDED | event::CLOSING => return Ok(()),
                    _ => {}
                },
                // A stream lives only so long.
                Some(None) => break,
                None => watch.at(now),
            }
            for found in watch.found() {
                let warning = CallWarning {
                    rule_id: found.rule_id,
                    name: found.name,
                    severity: found.severity,
                    time_ms: found.time_ms,
                    at: cx.clock.now_ms(),
                };
                cx.store.calls().warn(&tenant, call_id, &warning).await?;
            }
        }
    }
    Ok(())
}

fn is_taken_over(frame: &Frame) -> bool {
    serde_json::from_str::<Unavailable>(&frame.data).is_ok_and(|it| it.problem == slug::TAKEN_OVER)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_rule_is_trimmed_and_kept_within_its_limits() {
        let read = |rule: &Value| checked(serde_json::from_value(rule.clone()).unwrap());
        let kept = read(&json!({"name": " A ", "when": "caller_says", "words": [" a human "]}));
        let words = vec!["a human".to_owned()];
        let kept = kept.unwrap();
        assert_eq!(kept.name, "A");
        assert_eq!(kept.when, WarnWhen::CallerSays { words });
        for wrong in [
            json!({"name": " ", "when": "agent_silent", "seconds": 20}),
            json!({"name": "x".repeat(61), "when": "agent_silent", "seconds": 20}),
            json!({"name": "A", "when": "agent_silent", "seconds": 2}),
            json!({"name": "A", "when": "caller_silent", "seconds": 601}),
            json!({"name": "A", "when": "function_fails", "times": 0}),
            json!({"name": "A", "when": "caller_says", "words": []}),
            json!({"name": "A", "when": "agent_says", "words": ["?!"]}),
            json!({"name": "A", "when": "agent_says", "words": ["x".repeat(101)]}),
            json!({"name": "A", "when": "caller_says", "words": vec!["a"; 31]}),
            json!({"name": "A", "when": "agent_omits", "words": ["AI"], "seconds": 601}),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }
}
