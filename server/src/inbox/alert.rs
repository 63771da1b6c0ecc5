//! What Retell's alert rules say (retell-protocol A6).

use serde_json::{Map, Value};

use crate::store::can_be_named;

/// An alert, as told by `alert_triggered` or `alert_resolved`.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Retell's `alert_incident_id`: the same when it is triggered and resolved.
    pub id: String,
    /// What the rule is called.
    pub name: String,
    /// What it watches, such as `call_success_rate`.
    pub metric: String,
    /// When it fired (Unix ms).
    pub triggered_at: i64,
    /// When it was over (Unix ms).
    pub resolved_at: Option<i64>,
    /// The whole object.
    pub fields: Map<String, Value>,
}

impl Alert {
    /// Reads the event's `alert`. `None` without an id, by which a resolution
    /// finds its alert. `at` (Unix ms) stands in for times that are not told.
    #[must_use]
    pub fn read(event: &str, alert: &Value, at: i64) -> Option<Self> {
        let fields = alert.as_object()?;
        let text = |name: &str| {
            let text = fields.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let time = |name: &str| fields.get(name).and_then(Value::as_i64);
        let resolved = time("resolved_timestamp");
        Some(Self {
            id: text("alert_incident_id").filter(|id| can_be_named(id))?,
            name: text("name").unwrap_or_default(),
            metric: text("metric_type").unwrap_or_default(),
            triggered_at: time("triggered_timestamp").unwrap_or(at),
            resolved_at: (event == "alert_resolved").then(|| resolved.unwrap_or(at)),
            fields: fields.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alert_is_read_leniently() {
        let told = json!({"alert_incident_id": "i", "name": "Costs", "triggered_timestamp": 5,
                          "resolved_timestamp": null, "metric_type": "total_call_cost"});
        let alert = Alert::read("alert_triggered", &told, 9).unwrap();
        assert_eq!((alert.triggered_at, alert.resolved_at), (5, None));
        let alert = Alert::read("alert_resolved", &told, 9).unwrap();
        assert_eq!(alert.resolved_at, Some(9));
        assert_eq!(
            Alert::read("alert_triggered", &json!({"name": "x"}), 9),
            None
        );
        assert_eq!(Alert::read("alert_triggered", &json!(7), 9), None);
    }
}
