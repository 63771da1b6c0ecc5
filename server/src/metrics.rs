//! What the server counts, for Prometheus: what belongs to no domain, and how the
//! domains count theirs. All of it is documented in `docs/metrics.md`. Labels are from
//! small fixed sets; nothing about a person is in any of them.

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

/// Metrics, and the list of them, `METRICS`.
macro_rules! define_metrics {
    ($($id:ident $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(pub(crate) const $id: $crate::metrics::Metric = $crate::metrics::Metric {
            name: $name,
            kind: $crate::metrics::Kind::$kind,
            labels: &[$($label),*],
            help: $help,
        };)*
        /// All of them.
        pub(crate) const METRICS: &[$crate::metrics::Metric] = &[$($id),*];
    };
}

pub(crate) use define_metrics;

define_metrics! {
    BUILD Gauge "switchboard_build_info" ["version"]
        "Always 1; the version is in the label";
    HTTP Histogram "switchboard_http_request_seconds" ["method", "route", "status"]
        "How long requests took to answer, by route template; of a stream, until it began";
    RETELL Histogram "switchboard_retell_request_seconds" ["route", "status"]
        "How long each attempt at a request to Retell took; status none when no answer came";
    STORE_ERRORS Counter "switchboard_store_errors_total" ["kind"]
        "Failures of the database: outage, or fault (it refused)";
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
        let handle = recorder.handle();
        let metrics = Self { recorder, handle };
        metrics.describe(METRICS);
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
    /// Tells what metrics say to whoever reads them.
    pub(crate) fn describe(&self, metrics: &[Metric]) {
        for metric in metrics {
            let (name, help) = (metric.name.into(), SharedString::from(metric.help));
            match metric.kind {
                Kind::Counter => self.recorder.describe_counter(name, None, help),
                Kind::Gauge => self.recorder.describe_gauge(name, None, help),
                Kind::Histogram => self.recorder.describe_histogram(name, None, help),
            }
        }
    }

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
        self.took(&HTTP, &[method, route, &status], elapsed);
    }

    /// Counts something that happened. `values` are those of the metric's labels.
    pub(crate) fn count(&self, metric: &Metric, values: &[&str]) {
        self.counter(metric, values).increment(1);
    }

    /// The same of something that took so long.
    pub(crate) fn took(&self, metric: &Metric, values: &[&str], elapsed: Duration) {
        self.histogram(metric, values).record(elapsed);
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
        self.took(&RETELL, &[attempt.route, &status], attempt.elapsed);
    }

    fn request_id(&self) -> Option<String> {
        crate::request_id::current()
    }
}

#[cfg(test)]
mod tests {
    use retell::Observer;

    use super::*;

    #[test]
    fn labels_are_from_fixed_sets() {
        let metrics = Metrics::default();
        let second = Duration::from_secs(1);
        metrics.answered(&http::Method::GET, "/api/desk/calls/{id}", 200, second);
        let odd = http::Method::from_bytes(b"BREW").unwrap();
        metrics.answered(&odd, "none", 405, second);
        metrics.attempted(retell::Attempt {
            route: "GET /v2/get-call/{call_id}",
            status: None,
            elapsed: second,
        });
        let text = metrics.handle.render();
        assert!(text.contains("method=\"other\"") && !text.contains("BREW"));
        assert!(text.contains("switchboard_retell_request_seconds_count{route=\"GET /v2/get-call/{call_id}\",status=\"none\"} 1"), "{text}");
        assert!(text.contains("# TYPE switchboard_http_request_seconds histogram"));
    }
}
