//! One request: its attempts, their failures, the waits between them.

use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::retry::{Failure, retry_after, should_retry};
use super::route::Route;
use super::{Attempt, Client, bearer};
use crate::error::Error;

/// Names a request of ours in Retell's log, too.
const REQUEST_ID: &str = "x-request-id";

/// A message longer than this is not for people.
const MAX_MESSAGE_CHARS: usize = 500;

/// A request before it is sent.
pub(super) struct Request<'a> {
    client: &'a Client,
    route: &'static Route,
    authorization: HeaderValue,
    parameter: Option<&'a str>,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    timeout: Duration,
}

impl Client {
    pub(super) fn request(&self, route: &'static Route) -> Request<'_> {
        Request {
            client: self,
            route,
            authorization: self.inner.authorization.clone(),
            parameter: None,
            query: Vec::new(),
            body: None,
            timeout: self.timeout(),
        }
    }
}

impl<'a> Request<'a> {
    /// Fills the route's `{parameter}`.
    pub(super) fn parameter(mut self, parameter: &'a str) -> Self {
        self.parameter = Some(parameter);
        self
    }

    /// Sends this token instead of the API key.
    pub(super) fn token(mut self, token: &str) -> Result<Self, Error> {
        self.authorization = bearer(token).map_err(|_| Error::Argument {
            route: self.route.name,
            reason: "the token is no header".to_owned(),
        })?;
        Ok(self)
    }

    /// Adds to the query, if there is a value.
    pub(super) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query
            .extend(value.map(|value| (name, value.to_string())));
        self
    }

    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::Argument {
            route: self.route.name,
            reason: format!("the body cannot be written as JSON: {error}"),
        })?;
        self.body = Some(body);
        Ok(self)
    }

    pub(super) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends, and reads the answer's JSON.
    pub(super) async fn fetch<T: DeserializeOwned>(self) -> Result<T, Error> {
        let route = self.route.name;
        let body = self.send().await?;
        lenient::from_slice(&body).map_err(|error| Error::Decode {
            route,
            detail: format!(
                "{:?} at line {} column {}",
                error.classify(),
                error.line(),
                error.column()
            ),
        })
    }

    /// Sends, and returns the answer's body.
    pub(super) async fn send(self) -> Result<Vec<u8>, Error> {
        let (method, path) = self.route.resolve(self.parameter)?;
        let mut url = self.client.url(self.route, &path)?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let retry = &self.client.retry;
        let mut done = 0;
        loop {
            let begun = Instant::now();
            let attempt = self.attempt(&method, &url).await;
            self.tell(begun, &attempt);
            let (error, failure) = match attempt {
                Ok((_, body)) => return Ok(body),
                Err(failed) => failed,
            };
            let Some(wait) = retry.wait(self.route.repeat, failure, done, rand::random()) else {
                return Err(error);
            };
            done += 1;
            tracing::debug!(
                route = self.route.name,
                status = error.status(),
                retry = done,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "repeating a request to Retell"
            );
            tokio::time::sleep(wait).await;
        }
    }

    fn tell(&self, begun: Instant, attempt: &Result<(u16, Vec<u8>), (Error, Failure)>) {
        let Some(observer) = &self.client.inner.observer else {
            return;
        };
        observer.attempted(Attempt {
            route: self.route.name,
            status: match attempt {
                Ok((status, _)) => Some(*status),
                Err((error, _)) => error.status(),
            },
            elapsed: begun.elapsed(),
        });
    }

    async fn attempt(
        &self,
        method: &Method,
        url: &Url,
    ) -> Result<(u16, Vec<u8>), (Error, Failure)> {
        let mut request = self
            .client
            .inner
            .http
            .request(method.clone(), url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .timeout(self.timeout);
        if let Some(body) = &self.body {
            request = request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.clone());
        }
        let observer = self.client.inner.observer.as_ref();
        if let Some(id) = observer.and_then(|observer| observer.request_id()) {
            request = request.header(REQUEST_ID, id);
        }
        let response = request.send().await.map_err(|error| self.lost(error))?;
        let status = response.status();
        if status.is_success() {
            return match response.bytes().await {
                Ok(body) => Ok((status.as_u16(), body.into())),
                Err(error) => Err(self.lost(error)),
            };
        }
        Err(self.refused(response).await)
    }

    /// No answer.
    fn lost(&self, error: reqwest::Error) -> (Error, Failure) {
        let route = self.route.name;
        // The address would show ids and phone numbers.
        let error = error.without_url();
        if error.is_connect() {
            (
                Error::Connect {
                    route,
                    source: error.into(),
                },
                Failure::Unsent,
            )
        } else if error.is_timeout() {
            (Error::Timeout { route }, Failure::Lost)
        } else {
            (
                Error::Transport {
                    route,
                    source: error.into(),
                },
                Failure::Lost,
            )
        }
    }

    /// An answer, but not the wanted one.
    async fn refused(&self, response: Response) -> (Error, Failure) {
        let status = response.status();
        let retry_after = retry_after(response.headers(), status.as_u16(), SystemTime::now());
        let failure = Failure::Answered {
            status: status.as_u16(),
            should_retry: should_retry(response.headers()),
            retry_after,
        };
        // The status says enough when the body breaks off.
        let body = response.bytes().await.unwrap_or_default();
        let message = message(&body).unwrap_or_else(|| {
            status
                .canonical_reason()
                .unwrap_or("unknown error")
                .to_owned()
        });
        let error = Error::Api {
            route: self.route.name,
            status: status.as_u16(),
            message,
            retry_after,
        };
        (error, failure)
    }
}

/// The words of an error: `error_message`, `message` or `error` of a JSON object,
/// or a short plain text.
fn message(body: &[u8]) -> Option<String> {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(map)) => ["error_message", "message", "error"]
            .into_iter()
            .filter_map(|key| map.get(key))
            .find_map(|value| value.as_str().or_else(|| value.get("message")?.as_str()))?
            .to_owned(),
        Ok(Value::String(text)) => text,
        Ok(_) => return None,
        Err(_) => String::from_utf8(body.to_vec())
            .ok()
            .filter(|text| !text.contains('<'))?,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(MAX_MESSAGE_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_wherever_it_is_written() {
        let read = |body: &str| message(body.as_bytes());
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(r#"{"status":"error","message":"No such call"}"#),
            some("No such call")
        );
        assert_eq!(
            read(r#"{"error_message":"a","message":"b","error":"c"}"#),
            some("a")
        );
        assert_eq!(read(r#"{"message":null,"error":"c"}"#), some("c"));
        assert_eq!(read(r#"{"error":{"message":"inner"}}"#), some("inner"));
        assert_eq!(read("upstream is gone\n"), some("upstream is gone"));
        assert_eq!(read("<html><body>502</body></html>"), None);
        assert_eq!(read(r#"{"message":"  "}"#), None);
        assert_eq!(read("[1]"), None);
        assert_eq!(read(""), None);
        assert_eq!(message(&[0xff, 0xfe]), None);
        assert_eq!(
            read(&"ä".repeat(2000)).map(|text| text.chars().count()),
            Some(500)
        );
    }
}
