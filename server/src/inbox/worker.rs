//! Working off what was taken in. What comes in goes first: its sender waits for an
//! answer, and on SQLite for the one turn to write, while work done a moment later
//! is missed by nobody.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::body::{Body, Event, NoEvent};
use super::{Alert, AttemptResult, DueEntry, InboxAttempt};
use crate::accounts::Asked;
use crate::bus::{Signal, Topic};
use crate::calls::{Calls, Clues, Found, Hand, Observation, Observed, facts};
use crate::domain::unless_it_panics;
use crate::inbox::{Alerts, Context, InboxEntries, metrics};
use crate::store::{Connection, Engine, Scope, StoreError, Tenant, Write};

/// How many entries share a transaction.
const fn batch_of(engine: Engine) -> u32 {
    match engine {
        // Whoever takes more in waits for it.
        Engine::Sqlite => 64,
        // Nobody does, and most of a small one is ways to the database and back.
        Engine::Postgres => 256,
    }
}
/// How much of their bodies is held at once: the last one begins within it.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// How long nothing must have come in before work begins.
const LULL: Duration = Duration::from_millis(5);
/// How long work waits for that at most, as long as it keeps up.
const PATIENCE: Duration = Duration::from_millis(250);
/// So far behind it waits no more, and every other turn is its own.
const BEHIND: Duration = Duration::from_millis(100);
/// So far behind there is a flood, which it cannot catch up with before it is over: then
/// taking in comes first again.
const FLOODED: Duration = Duration::from_secs(5);
/// How much longer than it worked it then waits for a lull.
const FLOODED_WAIT: u32 = 3;
/// How long to wait when the database does not work.
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);
/// The longest sleep: another server may have put entries into the table.
const IDLE_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause between two attempts (ms).
const MAX_RETRY_PAUSE_MS: i64 = 5 * 60 * 1000;

/// Works entries off until told to stop, and then what is still due.
pub(super) async fn run(cx: Context, stop: CancellationToken) {
    let mut waiting = cx.store.bus().listen(Topic::Webhooks);
    loop {
        let pause = match work_off(&cx, &stop).await {
            Ok(()) => until_next(&cx).await,
            Err(error) => {
                tracing::error!(%error, "webhooks cannot be worked off");
                OUTAGE_PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = cx.inbox.arrived.notified() => {}
            _ = waiting.next() => {
                // Said ten times, it still means one look.
                waiting.heard();
                cx.inbox.turns.may_be_ahead();
            }
            () = tokio::time::sleep(pause) => {}
        }
    }
    if let Err(error) = work_off(&cx, &stop).await {
        tracing::error!(%error, "webhooks are left for the next start");
    }
}

/// How long nothing is due, as far as is known.
async fn until_next(cx: &Context) -> Duration {
    let now = cx.clock.now_ms();
    let next = async {
        let due = cx.store.inbox_entries().next_due().await?;
        // No pause is so long: the clock was ahead when this was put off.
        if due.is_some_and(|due| due - now > MAX_RETRY_PAUSE_MS) {
            cx.store
                .inbox_entries()
                .make_due(now, now + MAX_RETRY_PAUSE_MS)
                .await?;
            return Ok::<_, StoreError>(Duration::ZERO);
        }
        Ok(due.map_or(IDLE_PAUSE, |due| {
            let wait = u64::try_from(due - now).unwrap_or(0);
            Duration::from_millis(wait).min(IDLE_PAUSE)
        }))
    };
    next.await.unwrap_or(OUTAGE_PAUSE)
}

/// Works off everything that is due now, without waiting for a lull once it is to
/// stop.
async fn work_off(cx: &Context, stop: &CancellationToken) -> Result<(), StoreError> {
    let (mut behind, mut took) = (Duration::ZERO, Duration::ZERO);
    loop {
        tokio::select! {
            () = stop.cancelled() => {}
            () = cx.inbox.lull(LULL, patience(behind, took)) => {}
        }
        let began = Instant::now();
        let done = match attempt(cx, batch_of(cx.store.engine())).await {
            Ok(done) => done,
            // The other one is through.
            Err(Fault::Store(error)) if error.is_collision() => Done::Some(behind),
            Err(Fault::Store(error)) if error.is_outage() => return Err(error),
            // What failed takes the others of its transaction with it.
            Err(fault) => {
                fault.put_off(cx).await?;
                one_by_one(cx).await?
            }
        };
        match done {
            Done::All => return Ok(()),
            Done::Some(by) => behind = by,
        }
        took = began.elapsed();
    }
}

/// How long work waits for a lull that is so far behind and just took so long.
fn patience(behind: Duration, took: Duration) -> Duration {
    if behind < BEHIND {
        PATIENCE
    } else if behind < FLOODED {
        Duration::ZERO
    } else {
        PATIENCE.min(took * FLOODED_WAIT)
    }
}

/// How much of what is due was worked off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// Some of it, which came so long before.
    Some(Duration),
    All,
}

/// Why a batch was not worked off.
#[derive(Debug)]
enum Fault {
    /// The database failed, and no entry of the batch is known to be why.
    Store(StoreError),
    /// This entry cannot be worked off, for this reason.
    Of(Box<DueEntry>, String),
    /// It panicked, and no entry is known to be why.
    Panic,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// What went wrong with an entry: its own fault, unless the database is away.
    fn of(entry: &DueEntry, error: StoreError) -> Self {
        if error.is_outage() || error.is_collision() {
            Self::Store(error)
        } else {
            Self::Of(Box::new(entry.clone()), error.to_string())
        }
    }

    /// Notes that the entry at fault failed: it is tried again, or parked. In a
    /// transaction of its own: the one it failed in is gone.
    async fn put_off(self, cx: &Context) -> Result<(), StoreError> {
        let Self::Of(entry, reason) = self else {
            return Ok(());
        };
        let mut write = cx.store.write(Scope::Server).await?;
        if cx
            .store
            .inbox_entries()
            .is_still_due(&mut write, &entry)
            .await?
        {
            let worked = Worked {
                entry: &entry,
                effect: Effect::of(Outcome::Failed(reason), None),
                took: Duration::ZERO,
            };
            note(cx, &mut write, &[worked]).await?;
        }
        write.commit().await
    }
}

/// What the entries of a transaction are worked off with, and what is to be written of
/// them.
#[derive(Debug, Default)]
struct AtHand {
    asked: Asked,
    calls: Hand,
    alerts: Vec<(Tenant, Alert)>,
}

impl AtHand {
    /// Writes it.
    async fn put_down(self, cx: &Context, write: &mut Write, now: i64) -> Result<(), StoreError> {
        for (tenant, alert) in &self.alerts {
            Alerts::keep(write, tenant, alert).await?;
        }
        self.calls.put_down(write, now, &cx.config.healing).await?;
        Ok(())
    }
}

/// Works off up to `limit` entries in one transaction: reads what they are about, thinks,
/// and then writes, which is all that those wait for who take more in.
///
/// `alone` is told the entry whose fault it is if this panics: of several, nobody knows.
async fn batch(cx: &Context, limit: u32, alone: &OnceLock<DueEntry>) -> Result<Done, Fault> {
    let now = cx.clock.now_ms();
    let mut reading = cx.store.repeatable(Scope::Server).await?;
    let db = reading.connection();
    let early = cx.inbox.turns.are_ahead(now);
    let due = cx
        .store
        .inbox_entries()
        .due(db, now, limit, BATCH_BYTES, early)
        .await?;
    if due.is_empty() {
        cx.inbox.turns.caught_up();
        return Ok(Done::All);
    }
    if let [only] = &due[..] {
        alone.get_or_init(|| only.clone());
    }
    // News of one call after the other; in which order they come does not matter.
    let mut in_order: Vec<_> = due.iter().collect();
    in_order.sort_by(|one, other| one.call_id.cmp(&other.call_id));
    let elsewhere = |entry: &&DueEntry| !cx.inbox.fresh.holds(&entry.id);
    let elsewhere = due.iter().filter(elsewhere);
    let elsewhere: Vec<_> = elsewhere.map(|entry| entry.id.as_str()).collect();
    let mut bodies = InboxEntries::bodies_of(db, &elsewhere).await?;
    let calls = due.iter().filter_map(|entry| entry.call_id.as_deref());
    let mut at_hand = AtHand::default();
    at_hand.calls.take_any(&cx.store, db, calls).await?;
    let mut worked_off = Vec::with_capacity(due.len());
    for entry in in_order {
        let began = Instant::now();
        let body = bodies.remove(&entry.id);
        let effect = process(cx, db, &mut at_hand, entry, body, now).await;
        let effect = effect.map_err(|error| Fault::of(entry, error))?;
        worked_off.push(Worked {
            entry,
            effect,
            took: began.elapsed(),
        });
    }
    let bytes: usize = due.iter().map(|entry| entry.size).sum();
    let are_all = due.len() < limit as usize && bytes < BATCH_BYTES;
    let written = async {
        let mut write = reading.write().await?;
        at_hand.put_down(cx, &mut write, now).await?;
        note(cx, &mut write, &worked_off).await?;
        if !are_all {
            // There is enough for others, who may not have taken any in.
            write.tell(Signal::WebhooksWaiting);
        }
        write.commit().await
    };
    // Alone, it is at fault for what is refused.
    written.await.map_err(|error| match &worked_off[..] {
        [worked] => Fault::of(worked.entry, error),
        _ => Fault::Store(error),
    })?;
    if are_all && due.iter().all(|entry| entry.due_at <= now) {
        cx.inbox.turns.caught_up();
    }
    let done = cx.clock.now_ms();
    let mut behind = Duration::ZERO;
    for Worked { entry, .. } in &worked_off {
        let took = u64::try_from(done - entry.received_at).unwrap_or(0);
        let took = Duration::from_millis(took);
        behind = behind.max(took);
        metrics::worked_off(&cx.metrics, &entry.event, took);
    }
    Ok(if are_all {
        Done::All
    } else {
        Done::Some(behind)
    })
}

/// Works off one batch, each entry in its own transaction; one that the
/// database refuses is put off, or parked.
async fn one_by_one(cx: &Context) -> Result<Done, StoreError> {
    for _ in 0..batch_of(cx.store.engine()) {
        match attempt(cx, 1).await {
            Ok(Done::All) => return Ok(Done::All),
            Ok(Done::Some(_)) => {}
            Err(Fault::Store(error)) => return Err(error),
            // There is none to be put off.
            Err(Fault::Panic) => tokio::time::sleep(OUTAGE_PAUSE).await,
            Err(fault) => fault.put_off(cx).await?,
        }
    }
    Ok(Done::Some(Duration::ZERO))
}

/// Works off a batch, of which a panic is a fault like others.
async fn attempt(cx: &Context, limit: u32) -> Result<Done, Fault> {
    let alone = OnceLock::new();
    guarded(batch(cx, limit, &alone), &alone).await
}

/// What came of the work. A panic is the fault of the entry that was alone in it: one event must
/// not end the worker, which would begin with the same event again.
async fn guarded<T>(
    work: impl Future<Output = Result<T, Fault>>,
    alone: &OnceLock<DueEntry>,
) -> Result<T, Fault> {
    if let Some(done) = unless_it_panics(work).await {
        return done;
    }
    let Some(entry) = alone.get() else {
        tracing::error!("working on webhooks panicked");
        return Err(Fault::Panic);
    };
    tracing::error!(entry_id = entry.id, "working on a webhook panicked");
    let reason = "Working on it panicked; the server's log says where.";
    Err(Fault::Of(Box::new(entry.clone()), reason.to_owned()))
}

/// What working on an entry did.
#[derive(Debug)]
struct Effect {
    outcome: Outcome,
    /// Whose it is.
    tenant_id: Option<String>,
}

#[derive(Debug)]
enum Outcome {
    Done,
    Ignored(&'static str),
    /// It is about a call that was deleted.
    Deleted,
    Failed(String),
    WrongKey,
}

impl Effect {
    fn of(outcome: Outcome, tenant: Option<&Tenant>) -> Self {
        Self {
            outcome,
            tenant_id: tenant.map(|tenant| tenant.id().to_owned()),
        }
    }
}

/// An entry that was worked on.
#[derive(Debug)]
struct Worked<'a> {
    entry: &'a DueEntry,
    effect: Effect,
    took: Duration,
}

/// Writes down what became of entries.
async fn note(cx: &Context, write: &mut Write, worked: &[Worked<'_>]) -> Result<(), StoreError> {
    let at = cx.clock.now_ms();
    let attempts: Vec<_> = worked
        .iter()
        .map(|worked| InboxAttempt {
            entry: worked.entry,
            at,
            duration_us: i64::try_from(worked.took.as_micros()).unwrap_or(i64::MAX),
            tenant_id: worked.effect.tenant_id.as_deref(),
            result: result(cx, worked, at),
        })
        .collect();
    InboxEntries::attempted(write, &attempts).await
}

/// What becomes of an entry that was worked on at this time (Unix ms).
fn result<'a>(cx: &Context, worked: &'a Worked<'_>, at: i64) -> AttemptResult<'a> {
    const WRONG_KEY: &str = "it is about another business's call";
    const DELETED: &str = "its call was deleted, and so was what it said";
    let Worked { entry, effect, .. } = worked;
    match &effect.outcome {
        Outcome::Done => AttemptResult::Done,
        Outcome::Ignored(reason) => AttemptResult::Ignored(reason),
        Outcome::Deleted => AttemptResult::Emptied(DELETED),
        Outcome::WrongKey => {
            tracing::warn!(entry_id = entry.id, "webhook signed with a wrong key");
            AttemptResult::WrongKey(WRONG_KEY)
        }
        Outcome::Failed(error) => {
            let due_at = retry_at(
                entry.attempts.saturating_sub(entry.attempts_before),
                at,
                cx.config.webhooks.retry_base,
                cx.config.webhooks.max_attempts,
            );
            tracing::warn!(
                entry_id = entry.id,
                parked = due_at.is_none(),
                error,
                "webhook failed"
            );
            match due_at {
                Some(due_at) => AttemptResult::Failed(error, due_at),
                None => AttemptResult::Parked(error),
            }
        }
    }
}

/// What is in an entry, of which the body is given if it was fetched.
async fn read(
    cx: &Context,
    db: &mut Connection,
    entry: &DueEntry,
    body: Option<Vec<u8>>,
) -> Result<Result<Body, NoEvent>, StoreError> {
    if let Some(event) = cx.inbox.fresh.take(&entry.id) {
        return Ok(Ok(Body::Event(event)));
    }
    let body = match body {
        Some(body) => body,
        // It lost its place meanwhile.
        None => {
            let mut bodies = InboxEntries::bodies_of(db, &[&entry.id]).await?;
            bodies.remove(&entry.id).unwrap_or_default()
        }
    };
    Ok(Body::parse(&body))
}

/// Does what an entry asks for.
async fn process(
    cx: &Context,
    db: &mut Connection,
    at_hand: &mut AtHand,
    entry: &DueEntry,
    body: Option<Vec<u8>>,
    now: i64,
) -> Result<Effect, StoreError> {
    let event = match read(cx, db, entry, body).await? {
        Ok(Body::Event(event)) => event,
        Ok(Body::Ping) | Err(_) => {
            return Ok(Effect::of(Outcome::Ignored("it is not an event"), None));
        }
    };
    if event.call.is_none() {
        return about_no_call(db, at_hand, entry, &event).await;
    }
    let Event { name, call, .. } = event;
    let seen = call.and_then(|call| Observation::from_event(&name, call, entry.signed_at));
    let Some(seen) = seen else {
        let tenant = find(db, at_hand, &Clues::default(), entry).await?;
        let outcome = Outcome::Ignored("its call has no usable id");
        return Ok(Effect::of(outcome, tenant.known()));
    };
    let clues = facts::clues(&seen.call_id, &seen.fields);
    let id = [seen.call_id.as_str()];
    at_hand.calls.take_any(&cx.store, db, id).await?;
    match find(db, at_hand, &clues, entry).await? {
        Found::Tenant(tenant) => {
            let calls = &mut at_hand.calls;
            let observed = cx
                .store
                .calls()
                .observe_at_hand(db, calls, &tenant, seen, now);
            let outcome = match observed.await? {
                Observed::Kept => Outcome::Done,
                Observed::Deleted => Outcome::Deleted,
            };
            Ok(Effect::of(outcome, Some(&tenant)))
        }
        // The business whose key it was may look at what was signed with it.
        Found::OfOthers => {
            let signer = find(db, at_hand, &Clues::default(), entry).await?;
            Ok(Effect::of(Outcome::WrongKey, signer.known()))
        }
        Found::Nobody => {
            let error = "no tenant is known for its call".to_owned();
            Ok(Effect::of(Outcome::Failed(error), None))
        }
    }
}

/// Alerts become notices; chats and what is newer than this code are kept for
/// people to see, and nothing else.
async fn about_no_call(
    db: &mut Connection,
    at_hand: &mut AtHand,
    entry: &DueEntry,
    event: &Event,
) -> Result<Effect, StoreError> {
    let clues = Clues {
        agent_id: event.agent_id().map(str::to_owned),
        ..Clues::default()
    };
    let found = find(db, at_hand, &clues, entry).await?;
    let tenant = found.known();
    let ignored = |reason| Ok(Effect::of(Outcome::Ignored(reason), tenant));
    let Some(alert) = event.rest.get("alert") else {
        return ignored(if event.rest.contains_key("chat") {
            "it is about a chat, not about a call"
        } else {
            "it is not about a call"
        });
    };
    let Some(alert) = Alert::read(&event.name, alert, entry.signed_at) else {
        return ignored("the alert has no id");
    };
    let Some(tenant) = tenant else {
        tracing::warn!(
            metric = alert.metric,
            "an alert of the account several businesses share"
        );
        return ignored("it is about an account that several businesses share");
    };
    let effect = Effect::of(Outcome::Done, Some(tenant));
    at_hand.alerts.push((tenant.clone(), alert));
    Ok(effect)
}

/// Whose it is, among those whose key signed it.
async fn find(
    db: &mut Connection,
    at_hand: &mut AtHand,
    clues: &Clues,
    entry: &DueEntry,
) -> Result<Found, StoreError> {
    let AtHand { asked, calls, .. } = at_hand;
    Calls::find_at_hand(db, asked, calls, clues, &entry.signers).await
}

/// When an entry that failed `attempts` times before and just now again is
/// tried next (Unix ms); `None` when it is to be parked.
fn retry_at(attempts: u32, now: i64, base: Duration, max_attempts: u32) -> Option<i64> {
    if attempts.saturating_add(1) >= max_attempts {
        return None;
    }
    let base = i64::try_from(base.as_millis()).unwrap_or(MAX_RETRY_PAUSE_MS);
    let pause = base
        .saturating_mul(1 << attempts.min(20))
        .min(MAX_RETRY_PAUSE_MS);
    Some(now.saturating_add(pause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Signers;

    async fn panics() -> Result<u32, Fault> {
        tokio::task::yield_now().await;
        panic!("a fault of ours")
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_of_what_was_worked_on() {
        let alone = OnceLock::new();
        let nobodys = guarded(panics(), &alone).await;
        assert!(matches!(nobodys, Err(Fault::Panic)));
        let entry = DueEntry {
            id: "one".to_owned(),
            call_id: None,
            size: 2,
            signed_at: 0,
            event: "call_started".to_owned(),
            received_at: 0,
            due_at: 0,
            attempts: 0,
            attempts_before: 0,
            signers: Signers::default(),
            replayed_by: None,
        };
        alone.set(entry).unwrap();
        let its = guarded(panics(), &alone).await;
        assert!(matches!(its, Err(Fault::Of(entry, _)) if entry.id == "one"));
        let well = guarded(async { Ok(7) }, &alone).await;
        assert!(matches!(well, Ok(7)));
    }

    #[test]
    fn pauses_double_and_end_with_parking() {
        let base = Duration::from_secs(1);
        let pauses: Vec<_> = (0..5)
            .map(|attempts| retry_at(attempts, 0, base, 5))
            .collect();
        assert_eq!(
            pauses,
            [Some(1000), Some(2000), Some(4000), Some(8000), None]
        );
        assert_eq!(retry_at(60, 0, base, 100), Some(MAX_RETRY_PAUSE_MS));
    }
}
