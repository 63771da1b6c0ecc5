//! The routes of the API: their names, paths and whether they may be repeated.

use reqwest::Method;

use super::retry::Repeat;
use crate::error::Error;

/// One route of the API.
#[derive(Debug)]
pub(crate) struct Route {
    /// Method and path template, with at most one `{parameter}`.
    pub(crate) name: &'static str,
    pub(crate) repeat: Repeat,
}

impl Route {
    const fn safe(name: &'static str) -> Self {
        Self {
            name,
            repeat: Repeat::Safe,
        }
    }

    const fn once(name: &'static str) -> Self {
        Self {
            name,
            repeat: Repeat::IfUnsent,
        }
    }

    /// The method, and the path with its parameter filled in.
    pub(crate) fn resolve(&self, parameter: Option<&str>) -> Result<(Method, String), Error> {
        let argument = |reason: &str| Error::Argument {
            route: self.name,
            reason: reason.into(),
        };
        let (method, path) = self.name.split_once(' ').unwrap_or(("GET", self.name));
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| argument("the route has no method"))?;
        let path = match (path.split_once('{'), parameter) {
            // A dot segment would be resolved away and reach another route.
            (Some(_), None | Some("" | "." | "..")) => {
                return Err(argument("the id is not usable"));
            }
            (Some((start, rest)), Some(parameter)) => {
                let end = rest.split_once('}').map_or("", |(_, end)| end);
                format!("{start}{}{end}", encode(parameter))
            }
            (None, _) => path.to_owned(),
        };
        Ok((method, path))
    }
}

/// Percent-encodes a path segment: all but the unreserved characters, so also the
/// `+` of phone numbers.
fn encode(segment: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

pub(crate) const CREATE_WEB_CALL: Route = Route::once("POST /v3/create-web-call");
pub(crate) const JOIN_WEB_CALL: Route =
    Route::once("POST /webrtc-proxy/{call_id}/v1/webrtc/sessions");
pub(crate) const CREATE_PHONE_CALL: Route = Route::once("POST /v2/create-phone-call");
/// With an idempotency key a repetition gets the first call.
pub(crate) const CREATE_PHONE_CALL_KEYED: Route = Route::safe("POST /v2/create-phone-call");
pub(crate) const GET_CALL: Route = Route::safe("GET /v2/get-call/{call_id}");
pub(crate) const LIST_CALLS: Route = Route::safe("POST /v3/list-calls");
pub(crate) const UPDATE_CALL: Route = Route::safe("PATCH /v2/update-call/{call_id}");
pub(crate) const DELETE_CALL: Route = Route::safe("DELETE /v2/delete-call/{call_id}");
/// A call that was stopped stays stopped.
pub(crate) const STOP_CALL: Route = Route::safe("POST /v2/stop-call/{call_id}");
pub(crate) const LISTEN_LIVE_CALL: Route = Route::once("POST /v2/listen-live-call/{call_id}");
pub(crate) const TAKE_OVER_LIVE_CALL: Route = Route::once("POST /v2/take-over-live-call/{call_id}");
/// Overriding fields twice is overriding them once.
pub(crate) const OVERRIDE_LIVE_CALL: Route = Route::safe("PATCH /v2/update-live-call/{call_id}");
/// Context given twice is in the transcript twice.
pub(crate) const CONTROL_LIVE_CALL: Route = Route::once("PATCH /v2/update-live-call/{call_id}");
pub(crate) const MONITOR_CALL: Route = Route::safe("GET /v2/monitor-call/{call_id}");
pub(crate) const CREATE_AGENT: Route = Route::once("POST /create-agent");
/// Changing fields twice is changing them once.
pub(crate) const UPDATE_AGENT: Route = Route::safe("PATCH /update-agent/{agent_id}");
pub(crate) const DELETE_AGENT: Route = Route::safe("DELETE /delete-agent/{agent_id}");
pub(crate) const GET_VOICE: Route = Route::safe("GET /get-voice/{voice_id}");
pub(crate) const CREATE_PHONE_NUMBER: Route = Route::once("POST /create-phone-number");
pub(crate) const UPDATE_PHONE_NUMBER: Route =
    Route::safe("PATCH /update-phone-number/{phone_number}");
pub(crate) const DELETE_PHONE_NUMBER: Route =
    Route::safe("DELETE /delete-phone-number/{phone_number}");
pub(crate) const GET_AGENT: Route = Route::safe("GET /get-agent/{agent_id}");
pub(crate) const GET_RETELL_LLM: Route = Route::safe("GET /get-retell-llm/{llm_id}");
pub(crate) const GET_CONVERSATION_FLOW: Route =
    Route::safe("GET /get-conversation-flow/{conversation_flow_id}");
/// Changing fields twice is changing them once.
pub(crate) const UPDATE_RETELL_LLM: Route = Route::safe("PATCH /update-retell-llm/{llm_id}");
pub(crate) const LIST_AGENTS: Route = Route::safe("POST /v2/list-agents");
pub(crate) const LIST_VOICES: Route = Route::safe("GET /list-voices");
pub(crate) const LIST_PHONE_NUMBERS: Route = Route::safe("GET /v2/list-phone-numbers");
pub(crate) const GET_PHONE_NUMBER: Route = Route::safe("GET /get-phone-number/{phone_number}");
pub(crate) const GET_CONCURRENCY: Route = Route::safe("GET /get-concurrency");
pub(crate) const GET_API_KEY_INFO: Route = Route::safe("GET /get-api-key-info");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_phone_number_is_encoded() {
        let (method, path) = GET_PHONE_NUMBER.resolve(Some("+4930123456")).unwrap();
        assert_eq!(
            (method, path.as_str()),
            (Method::GET, "/get-phone-number/%2B4930123456")
        );
    }

    #[test]
    fn an_id_that_would_reach_another_route_is_refused() {
        for id in ["", ".", ".."] {
            assert!(
                matches!(GET_CALL.resolve(Some(id)), Err(Error::Argument { .. })),
                "{id:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_id_stays_one_segment(id in ".+") {
            prop_assume!(id != "." && id != "..");
            let (_, path) = GET_CALL.resolve(Some(&id)).unwrap();
            let url = url::Url::parse(&format!("http://localhost{path}")).unwrap();
            prop_assert_eq!(url.path_segments().unwrap().count(), 3);
            prop_assert_eq!(url.path(), path.as_str());
            prop_assert!(url.query().is_none() && url.fragment().is_none());
        }
    }
}
