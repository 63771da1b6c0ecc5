//! Faults on request: routes that fail or are slow.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One fault: what it applies to, and what then happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Which requests.
    #[serde(rename = "match", default)]
    pub(crate) matching: Matching,
    /// Answer with this status instead of carrying the request out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// The answer's body: a string as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Value>,
    /// The answer's headers.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// Wait first, in real milliseconds.
    #[serde(default)]
    pub(crate) delay_ms: u64,
    /// How many requests it still applies to; without it, to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u32>,
}

/// Which requests a fault applies to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matching {
    /// The method; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    /// The begin of the path; any if empty.
    #[serde(default)]
    pub(crate) path_prefix: String,
}

impl Matching {
    fn applies(&self, method: &str, path: &str) -> bool {
        self.method
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && path.starts_with(&self.path_prefix)
    }
}

/// The faults that are set, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    ///
    /// # Errors
    /// When its status is none.
    pub(crate) fn add(&mut self, fault: Fault) -> Result<(), &'static str> {
        if fault
            .status
            .is_some_and(|status| StatusCode::from_u16(status).is_err())
        {
            return Err("`status` is no HTTP status");
        }
        self.0.push(fault);
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0.clone()
    }

    /// The first fault that applies to a request; used up by one.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let place = self
            .0
            .iter()
            .position(|fault| fault.times != Some(0) && fault.matching.applies(method, path))?;
        let fault = self.0.get_mut(place)?;
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        let fault = fault.clone();
        self.0.retain(|fault| fault.times != Some(0));
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(value: Value) -> Fault {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_fault_applies_to_what_it_matches_as_often_as_said() {
        let mut faults = Faults::default();
        let matching = json!({"method": "post", "path_prefix": "/v3/"});
        faults
            .add(fault(json!({"match": matching, "status": 500, "times": 2})))
            .unwrap();
        faults.add(fault(json!({"delay_ms": 5}))).unwrap();
        let status = |faults: &mut Faults, method: &str, path: &str| {
            faults.take(method, path).and_then(|fault| fault.status)
        };
        assert_eq!(status(&mut faults, "GET", "/v3/list-calls"), None);
        assert_eq!(status(&mut faults, "POST", "/v3/list-calls"), Some(500));
        assert_eq!(
            status(&mut faults, "POST", "/v3/create-web-call"),
            Some(500)
        );
        assert_eq!(status(&mut faults, "POST", "/v3/create-web-call"), None);
        assert_eq!(faults.list().len(), 1);
        faults.clear();
        assert_eq!(faults.take("GET", "/"), None);
    }

    #[test]
    fn a_status_that_is_none_is_refused() {
        assert!(Faults::default().add(fault(json!({"status": 9}))).is_err());
    }
}
