//! What the server counts, for Prometheus. The list is documented in
//! `docs/metrics.md`, and a test holds the two together. Labels are from small
//! fixed sets; nothing about a person is in any of them.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, SharedString};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tokio_util::sync::CancellationToken;

/// How often what was measured is sorted into its buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// The bounds of every histogram, in seconds.
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

const METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// What kind of metric it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations in seconds, by buckets.
    Histogram,
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($id:ident $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(pub(crate) const $id: Metric = Metric {
            name: $name,
            kind: Kind::$kind,
            labels: &[$($label),*],
            help: $help,
        };)*
        /// Every metric there is.
        pub const ALL: &[Metric] = &[$($id),*];
    };
}

metrics! {
    BUILD Gauge "switchboard_build_info" ["version"]
        "Always 1; the version is in the label";
    HTTP Histogram "switchboard_http_request_seconds" ["method", "route", "status"]
        "How long requests took to answer, by route template; of a stream, until it began";
    WEBHOOKS Histogram "switchboard_webhook_receipt_seconds" ["verdict"]
        "How long deliveries of webhooks took to verify and store";
    WORKED_OFF Histogram "switchboard_webhook_processing_seconds" ["event"]
        "From the arrival of a webhook until its effect was stored";
    MINTS Counter "switchboard_mints_total" ["by", "outcome"]
        "Web calls asked for by visitors and by programs, by what came of it";
    PHONE_CALLS Counter "switchboard_phone_calls_total" ["outcome"]
        "Telephone calls asked for, by what came of it";
    RETELL Histogram "switchboard_retell_request_seconds" ["route", "status"]
        "How long each attempt at a request to Retell took; status none when no answer came";
    STORE_ERRORS Counter "switchboard_store_errors_total" ["kind"]
        "Failures of the database: outage, or fault (it refused)";
    LIVE_CALLS Gauge "switchboard_live_calls" []
        "Calls that are registered or going on, over all businesses";
    WATCHED Gauge "switchboard_upstream_sockets" []
        "Calls whose live transcript this server reads from Retell";
    STREAMS Gauge "switchboard_call_streams" ["audience"]
        "Open streams of live transcripts: of visitors, and of staff";
    DESK_STREAMS Gauge "switchboard_desk_streams" []
        "Desks that are told of changes by this server";
    DUE Gauge "switchboard_webhooks_due" []
        "Deliveries that wait to be worked off";
    DUE_AGE Gauge "switchboard_webhooks_due_age_seconds" []
        "How long the delivery that is due longest has been due";
    JOBS Gauge "switchboard_jobs" ["kind", "state"]
        "Background jobs that are not done: waiting, running or parked";
    JOBS_AGE Gauge "switchboard_jobs_due_age_seconds" ["kind"]
        "How long the job that is due longest has been due, of those whose group is asked";
    JOBS_LANES Gauge "switchboard_jobs_lanes" ["kind", "state"]
        "Lanes in which a job is due: due, or resting because their group does not answer";
}

/// Who asks for a web call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minter {
    /// A visitor, with a public key.
    Visitor,
    /// A program, with a secret API key.
    Program,
}

/// Counts. One for each server.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let builder = PrometheusBuilder::new();
        // Refused only when there are no bounds.
        let builder = builder
            .set_buckets(&BUCKETS)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        for metric in ALL {
            let (name, help) = (metric.name.into(), SharedString::from(metric.help));
            match metric.kind {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge => recorder.describe_gauge(name, None, help),
                Kind::Histogram => recorder.describe_histogram(name, None, help),
            }
        }
        let handle = recorder.handle();
        let metrics = Self { recorder, handle };
        metrics.gauge(&BUILD, &[env!("CARGO_PKG_VERSION")]).set(1.0);
        metrics
    }
}

fn key(metric: &Metric, values: &[&str]) -> Key {
    debug_assert_eq!(metric.labels.len(), values.len());
    let labels: Vec<_> = metric
        .labels
        .iter()
        .zip(values)
        .map(|(name, value)| Label::new(*name, (*value).to_owned()))
        .collect();
    Key::from_parts(metric.name, labels)
}

impl Metrics {
    fn counter(&self, metric: &Metric, values: &[&str]) -> Counter {
        self.recorder
            .register_counter(&key(metric, values), &METADATA)
    }

    fn gauge(&self, metric: &Metric, values: &[&str]) -> Gauge {
        self.recorder
            .register_gauge(&key(metric, values), &METADATA)
    }

    fn histogram(&self, metric: &Metric, values: &[&str]) -> Histogram {
        self.recorder
            .register_histogram(&key(metric, values), &METADATA)
    }

    /// A request was answered. `route` is a template.
    pub fn answered(&self, method: &http::Method, route: &str, status: u16, elapsed: Duration) {
        let method = match method.as_str() {
            known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
            _ => "other",
        };
        let status = status.to_string();
        self.histogram(&HTTP, &[method, route, &status])
            .record(elapsed);
    }

    /// A webhook was taken in, or refused; `verdict` is one of a few words.
    pub fn webhook(&self, verdict: &'static str, elapsed: Duration) {
        self.histogram(&WEBHOOKS, &[verdict]).record(elapsed);
    }

    /// A webhook's effect is stored.
    pub fn worked_off(&self, event: &str, elapsed: Duration) {
        // What others call their events is not for a label.
        let event = match event {
            known @ ("call_started" | "call_ended" | "call_analyzed" | "transcript_updated"
            | "transfer_started" | "transfer_bridged" | "transfer_cancelled"
            | "transfer_ended" | "call_inbound" | "chat_started" | "chat_ended"
            | "chat_analyzed" | "alert_triggered") => known,
            _ => "other",
        };
        self.histogram(&WORKED_OFF, &[event]).record(elapsed);
    }

    /// Somebody asked for a web call; `outcome` is one of a few words.
    pub fn minted(&self, by: Minter, outcome: &'static str) {
        let by = match by {
            Minter::Visitor => "visitor",
            Minter::Program => "api",
        };
        self.counter(&MINTS, &[by, outcome]).increment(1);
    }

    /// A telephone call was asked for; `outcome` is one of a few words.
    pub fn dialled(&self, outcome: &'static str) {
        self.counter(&PHONE_CALLS, &[outcome]).increment(1);
    }

    /// Measures something that goes up and down. `values` are those of its labels.
    pub(crate) fn measure(&self, metric: &Metric, values: &[&str], value: i64) {
        self.gauge(metric, values).set(float(value));
    }

    /// The same in milliseconds, of what is told in seconds.
    pub(crate) fn measure_ms(&self, metric: &Metric, values: &[&str], value: i64) {
        self.gauge(metric, values).set(float(value) / 1000.0);
    }

    /// Everything, in Prometheus's text format.
    #[must_use]
    pub fn render(&self) -> String {
        let failed = db::failures();
        for (kind, count) in [("outage", failed.outages), ("fault", failed.faults)] {
            self.counter(&STORE_ERRORS, &[kind]).absolute(count);
        }
        self.handle.render()
    }

    /// Sorts measurements into buckets until told to stop: what nobody scrapes
    /// must not pile up.
    pub async fn keep_up(&self, stop: CancellationToken) {
        let mut due = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = due.tick() => self.handle.run_upkeep(),
            }
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody tells 2^53 calls from one more"
)]
fn float(number: i64) -> f64 {
    number as f64
}

impl retell::Observer for Metrics {
    fn attempted(&self, attempt: retell::Attempt) {
        let status = attempt
            .status
            .map_or_else(|| "none".to_owned(), |status| status.to_string());
        self.histogram(&RETELL, &[attempt.route, &status])
            .record(attempt.elapsed);
    }

    fn request_id(&self) -> Option<String> {
        crate::request_id::current()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use retell::Observer;

    use super::*;

    /// The rows of the documented table: name, kind and labels.
    fn documented() -> BTreeSet<(String, String, String)> {
        include_str!("../../docs/metrics.md")
            .lines()
            .filter(|line| line.starts_with("| `switchboard_"))
            .map(|line| {
                let cells: Vec<_> = line.split('|').map(str::trim).collect();
                let plain = |cell: &str| cell.replace('`', "");
                (plain(cells[1]), plain(cells[2]), plain(cells[3]))
            })
            .collect()
    }

    #[test]
    fn the_documentation_lists_what_there_is() {
        let there: BTreeSet<_> = ALL
            .iter()
            .map(|metric| {
                let kind = format!("{:?}", metric.kind).to_lowercase();
                (metric.name.to_owned(), kind, metric.labels.join(", "))
            })
            .collect();
        assert_eq!(documented(), there);
    }

    #[test]
    fn labels_are_from_fixed_sets() {
        let metrics = Metrics::default();
        let second = Duration::from_secs(1);
        metrics.answered(&http::Method::GET, "/api/desk/calls/{id}", 200, second);
        let odd = http::Method::from_bytes(b"BREW").unwrap();
        metrics.answered(&odd, "none", 405, second);
        metrics.worked_off("call_of_+4930901820", second);
        metrics.attempted(retell::Attempt {
            route: "GET /v2/get-call/{call_id}",
            status: None,
            elapsed: second,
        });
        let text = metrics.handle.render();
        assert!(text.contains("method=\"other\"") && !text.contains("BREW"));
        assert!(text.contains("event=\"other\"") && !text.contains("+49"));
        assert!(text.contains("switchboard_retell_request_seconds_count{route=\"GET /v2/get-call/{call_id}\",status=\"none\"} 1"), "{text}");
        assert!(text.contains("# TYPE switchboard_http_request_seconds histogram"));
    }
}
