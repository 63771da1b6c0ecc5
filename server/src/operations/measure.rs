//! What is only known when somebody asks.

use work::{Lane, Queue as _, Resting};

use super::Context;
use crate::metrics::define_metrics;
use crate::store::StoreError;

define_metrics! {
    LIVE_CALLS Gauge "switchboard_live_calls" []
        "Calls that are registered or going on, over all businesses";
    WATCHED Gauge "switchboard_upstream_sockets" []
        "Calls whose live transcript this server reads from Retell";
    STREAMS Gauge "switchboard_call_streams" ["audience"]
        "Open streams of live transcripts: of visitors, and of staff";
    DESK_STREAMS Gauge "switchboard_desk_streams" []
        "Desks that are told of changes by this server";
    DUE Gauge "switchboard_webhooks_due" []
        "Webhooks that wait to be worked off";
    DUE_AGE Gauge "switchboard_webhooks_due_age_seconds" []
        "How long the webhook that is due longest has been due";
    JOBS Gauge "switchboard_jobs" ["kind", "state"]
        "Background jobs that are not done: waiting, running or parked";
    JOBS_AGE Gauge "switchboard_jobs_due_age_seconds" ["kind"]
        "How long the job that is due longest has been due, of those whose group is asked";
    JOBS_LANES Gauge "switchboard_jobs_lanes" ["kind", "state"]
        "Lanes in which a job is due: due, or resting because their group does not answer";
}

/// Measures it, and gives everything the server counts, in Prometheus's text format.
///
/// # Errors
/// When what waits cannot be counted.
pub async fn render(cx: &Context) -> Result<String, StoreError> {
    let (metrics, now) = (&cx.metrics, cx.clock.now_ms());
    let load = cx.store.loads().load().await?;
    let due_for = load.due_since.map_or(0, |since| (now - since).max(0));
    metrics.measure(&LIVE_CALLS, &[], load.live_calls);
    metrics.measure(&DUE, &[], load.due);
    metrics.measure_ms(&DUE_AGE, &[], due_for);
    let watched = cx.hub.count();
    for (metric, labels, count) in [
        (&WATCHED, &[][..], watched.calls),
        (&STREAMS, &["visitor"], watched.visitors),
        (&STREAMS, &["staff"], watched.staff),
        (&DESK_STREAMS, &[], cx.feed.followers()),
    ] {
        metrics.measure(metric, labels, i64::try_from(count).unwrap_or(i64::MAX));
    }
    measure_jobs(cx, now).await?;
    Ok(metrics.render())
}

/// Every kind of job in every state, so that a queue that is empty says so. What waits
/// for somebody who does not answer is not late: it could not have been done before.
async fn measure_jobs(cx: &Context, now: i64) -> Result<(), StoreError> {
    let load = cx.store.loads().job_load().await?;
    let resting = cx.runner.resting();
    let rests = |lane: &Lane| {
        let is_it = |one: &Resting| one.kind == lane.kind && one.group == lane.group;
        resting.iter().any(is_it)
    };
    let mut heads = cx.store.heads().await?;
    heads.retain(|head| head.due_at <= now);
    let (resting, due): (Vec<_>, Vec<_>) = heads.iter().partition(|head| rests(&head.lane));
    for kind in cx.runner.kinds() {
        let of_kind = || load.iter().filter(|jobs| jobs.kind == kind);
        for state in ["waiting", "running", "parked"] {
            let jobs = of_kind().find(|jobs| jobs.state == state);
            let count = jobs.map_or(0, |jobs| jobs.count);
            cx.metrics.measure(&JOBS, &[kind, state], count);
        }
        for (state, heads) in [("due", &due), ("resting", &resting)] {
            let count = heads.iter().filter(|head| head.lane.kind == kind).count();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            cx.metrics.measure(&JOBS_LANES, &[kind, state], count);
        }
        let of_kind = due.iter().filter(|head| head.lane.kind == kind);
        let due_since = of_kind.map(|head| head.due_at).min();
        let due_for = due_since.map_or(0, |since| now - since);
        cx.metrics.measure_ms(&JOBS_AGE, &[kind], due_for);
    }
    Ok(())
}
