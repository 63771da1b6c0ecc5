//! The REST client: one method for each route.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderValue, InvalidHeaderValue};
use serde_json::{Map, Value};
use url::Url;

use crate::error::Error;
use crate::models::{
    Agent, AgentSummary, ApiKeyInfo, Call, CallList, Concurrency, CreatePhoneCall, CreateWebCall,
    ListAgents, ListCalls, ListenLiveCall, Page, PageQuery, PhoneNumber, Success, TakeOverLiveCall,
    UpdateCall, UpdateLiveCall, VersionRef, Voice, WebCallAccess, WebCallOffer, WebCallSession,
};
pub use builder::ClientBuilder;
pub use observer::{Attempt, Observer};
use retry::RetryPolicy;
use route::Route;

mod builder;
mod observer;
pub(crate) mod retry;
pub(crate) mod route;
mod send;

/// What the official SDK waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The same for a phone call, which is dialled before it is answered.
const PHONE_CALL_TIMEOUT: Duration = Duration::from_secs(120);

/// A client of the Retell API. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    timeout: Option<Duration>,
    retry: RetryPolicy,
}

struct Inner {
    http: reqwest::Client,
    /// For WebSockets, which need HTTP/1.1.
    upgrade: reqwest::Client,
    /// Without a trailing slash.
    base_url: String,
    /// Marked as sensitive.
    authorization: HeaderValue,
    observer: Option<Arc<dyn Observer>>,
}

/// What proves who asks, kept out of every log.
fn bearer(token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url)
            .field("timeout", &self.timeout())
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Begins to set up a client with an API key.
    #[must_use]
    pub fn builder(api_key: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(api_key.into())
    }

    /// The same client with another limit for each attempt of a request.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self.clone()
        }
    }

    /// The same client with another way to repeat failed requests.
    #[must_use]
    pub fn with_retry(&self, retry: RetryPolicy) -> Self {
        Self {
            retry,
            ..self.clone()
        }
    }

    /// Where Retell is, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(TIMEOUT)
    }

    fn url(&self, route: &Route, path: &str) -> Result<Url, Error> {
        Url::parse(&format!("{}{path}", self.inner.base_url)).map_err(|error| Error::Argument {
            route: route.name,
            reason: format!("the address is not valid: {error}"),
        })
    }

    /// The request that asks for a call's monitor stream; headers of the WebSocket
    /// handshake are still to be added.
    pub(crate) fn monitor_request(&self, call_id: &str) -> Result<reqwest::RequestBuilder, Error> {
        let route = &route::MONITOR_CALL;
        let (method, path) = route.resolve(Some(call_id))?;
        let url = self.url(route, &path)?;
        let authorization = self.inner.authorization.clone();
        let request = self.inner.upgrade.request(method, url);
        Ok(request.header(reqwest::header::AUTHORIZATION, authorization))
    }
}

/// Calls. Every method fails as [`Error`] tells.
impl Client {
    /// Creates a web call and the access for one browser to join it. Repeated only
    /// when Retell cannot have got the request.
    ///
    /// # Errors
    /// [`Error`]; 422 for an agent that does not exist, 402 without credit, 429
    /// without a free slot.
    pub async fn create_web_call(&self, call: &CreateWebCall) -> Result<WebCallAccess, Error> {
        self.request(&route::CREATE_WEB_CALL)
            .json(call)?
            .fetch()
            .await
    }

    /// Joins a web call for a browser: sends its SDP offer to the gateway, with the
    /// token of [`Self::create_web_call`]. Repeated only when the gateway cannot have
    /// got the request.
    ///
    /// # Errors
    /// [`Error`]; 404 while the call's room is not there yet, 401 for a token that was
    /// used before or is too old.
    pub async fn join_web_call(
        &self,
        call_id: &str,
        access_token: &str,
        sdp: &str,
    ) -> Result<WebCallSession, Error> {
        self.request(&route::JOIN_WEB_CALL)
            .parameter(call_id)
            .token(access_token)?
            .json(&WebCallOffer {
                identity: "client",
                sdp,
            })?
            .fetch()
            .await
    }

    /// Dials a number. Repeated only with an
    /// [`idempotency_key`](CreatePhoneCall::idempotency_key), or when Retell cannot
    /// have got the request.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_phone_call(&self, call: &CreatePhoneCall) -> Result<Call, Error> {
        let route = match call.idempotency_key {
            Some(_) => &route::CREATE_PHONE_CALL_KEYED,
            None => &route::CREATE_PHONE_CALL,
        };
        let timeout = self.timeout.unwrap_or(PHONE_CALL_TIMEOUT);
        self.request(route)
            .json(call)?
            .timeout(timeout)
            .fetch()
            .await
    }

    /// Everything about one call.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn get_call(&self, call_id: &str) -> Result<Call, Error> {
        self.request(&route::GET_CALL)
            .parameter(call_id)
            .fetch()
            .await
    }

    /// A page of calls, without their transcripts.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_calls(&self, query: &ListCalls) -> Result<CallList, Error> {
        self.request(&route::LIST_CALLS).json(query)?.fetch().await
    }

    /// Changes what is stored with an ended call.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn update_call(&self, call_id: &str, update: &UpdateCall) -> Result<Call, Error> {
        self.request(&route::UPDATE_CALL)
            .parameter(call_id)
            .json(update)?
            .fetch()
            .await
    }

    /// Deletes a call and all that was kept of it. After a repetition that was
    /// needed because an answer got lost, "not found" means it is deleted.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delete_call(&self, call_id: &str) -> Result<(), Error> {
        self.request(&route::DELETE_CALL)
            .parameter(call_id)
            .send()
            .await
            .map(drop)
    }

    /// Ends an ongoing call (`manual_stopped`).
    ///
    /// # Errors
    /// [`Error`]; 422 when the call is not ongoing, also because it was just stopped.
    pub async fn stop_call(&self, call_id: &str) -> Result<(), Error> {
        self.request(&route::STOP_CALL)
            .parameter(call_id)
            .send()
            .await
            .map(drop)
    }

    /// Access for one listener, who is not heard.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn listen_live_call(&self, call_id: &str) -> Result<ListenLiveCall, Error> {
        let empty = serde_json::Map::new();
        self.request(&route::LISTEN_LIVE_CALL)
            .parameter(call_id)
            .json(&empty)?
            .fetch()
            .await
    }

    /// Stops the agent for good and lets a listener speak instead.
    ///
    /// # Errors
    /// [`Error`]; 409 while a payment session is active.
    pub async fn take_over_live_call(
        &self,
        call_id: &str,
        listener: &TakeOverLiveCall,
    ) -> Result<Success, Error> {
        self.request(&route::TAKE_OVER_LIVE_CALL)
            .parameter(call_id)
            .json(listener)?
            .fetch()
            .await
    }

    /// Changes an ongoing call. Repeated only when it has no
    /// [`call_control`](UpdateLiveCall::call_control).
    ///
    /// # Errors
    /// [`Error`]
    pub async fn update_live_call(
        &self,
        call_id: &str,
        update: &UpdateLiveCall,
    ) -> Result<Success, Error> {
        let route = match update.call_control {
            Some(_) => &route::CONTROL_LIVE_CALL,
            None => &route::OVERRIDE_LIVE_CALL,
        };
        self.request(route)
            .parameter(call_id)
            .json(update)?
            .fetch()
            .await
    }
}

/// Agents, voices, numbers and the key itself. Every method fails as [`Error`] tells.
impl Client {
    /// A voice agent, by default in its latest version.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn get_agent(
        &self,
        agent_id: &str,
        version: Option<&VersionRef>,
    ) -> Result<Agent, Error> {
        self.request(&route::GET_AGENT)
            .parameter(agent_id)
            .query("version", version)
            .fetch()
            .await
    }

    /// A page of agents.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_agents(&self, query: &ListAgents) -> Result<Page<AgentSummary>, Error> {
        let mut body = serde_json::Map::new();
        if let Some(filter) = &query.filter_criteria {
            let filter = serde_json::to_value(filter).map_err(|error| Error::Argument {
                route: route::LIST_AGENTS.name,
                reason: format!("the filter cannot be written as JSON: {error}"),
            })?;
            body.insert("filter_criteria".to_owned(), filter);
        }
        self.request(&route::LIST_AGENTS)
            .query("limit", query.limit)
            .query("pagination_key", query.pagination_key.as_ref())
            .query("sort_order", query.sort_order.as_ref())
            .json(&body)?
            .fetch()
            .await
    }

    /// All voices.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_voices(&self) -> Result<Vec<Voice>, Error> {
        self.request(&route::LIST_VOICES).fetch().await
    }

    /// A page of the workspace's phone numbers.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_phone_numbers(&self, query: &PageQuery) -> Result<Page<PhoneNumber>, Error> {
        self.request(&route::LIST_PHONE_NUMBERS)
            .query("limit", query.limit)
            .query("pagination_key", query.pagination_key.as_ref())
            .query("sort_order", query.sort_order.as_ref())
            .fetch()
            .await
    }

    /// One of the workspace's phone numbers (E.164).
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn get_phone_number(&self, phone_number: &str) -> Result<PhoneNumber, Error> {
        self.request(&route::GET_PHONE_NUMBER)
            .parameter(phone_number)
            .fetch()
            .await
    }

    /// Makes an agent; `voice_id` and `response_engine` are required. Repeated
    /// only when Retell cannot have got the request.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_agent(&self, fields: &Map<String, Value>) -> Result<Agent, Error> {
        self.request(&route::CREATE_AGENT)
            .json(fields)?
            .fetch()
            .await
    }

    /// Changes some fields of an agent's draft.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn update_agent(
        &self,
        agent_id: &str,
        fields: &Map<String, Value>,
    ) -> Result<Agent, Error> {
        self.request(&route::UPDATE_AGENT)
            .parameter(agent_id)
            .json(fields)?
            .fetch()
            .await
    }

    /// A Retell LLM, what an agent with such a response engine thinks with; by default in its
    /// latest version.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn get_retell_llm(
        &self,
        llm_id: &str,
        version: Option<i64>,
    ) -> Result<Map<String, Value>, Error> {
        self.request(&route::GET_RETELL_LLM)
            .parameter(llm_id)
            .query("version", version)
            .fetch()
            .await
    }

    /// A conversation flow, what an agent with such a response engine follows; by default in its
    /// latest version.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn get_conversation_flow(
        &self,
        flow_id: &str,
        version: Option<i64>,
    ) -> Result<Map<String, Value>, Error> {
        self.request(&route::GET_CONVERSATION_FLOW)
            .parameter(flow_id)
            .query("version", version)
            .fetch()
            .await
    }

    /// Changes some fields of a Retell LLM.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn update_retell_llm(
        &self,
        llm_id: &str,
        version: Option<i64>,
        fields: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Error> {
        self.request(&route::UPDATE_RETELL_LLM)
            .parameter(llm_id)
            .query("version", version)
            .json(fields)?
            .fetch()
            .await
    }

    /// Deletes an agent with all its versions.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn delete_agent(&self, agent_id: &str) -> Result<(), Error> {
        self.request(&route::DELETE_AGENT)
            .parameter(agent_id)
            .send()
            .await
            .map(drop)
    }

    /// One voice.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn get_voice(&self, voice_id: &str) -> Result<Voice, Error> {
        self.request(&route::GET_VOICE)
            .parameter(voice_id)
            .fetch()
            .await
    }

    /// Buys a number. Repeated only when Retell cannot have got the request.
    ///
    /// # Errors
    /// [`Error`]; 402 without a way to pay.
    pub async fn create_phone_number(
        &self,
        fields: &Map<String, Value>,
    ) -> Result<PhoneNumber, Error> {
        self.request(&route::CREATE_PHONE_NUMBER)
            .json(fields)?
            .fetch()
            .await
    }

    /// Changes some fields of a number (E.164).
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn update_phone_number(
        &self,
        phone_number: &str,
        fields: &Map<String, Value>,
    ) -> Result<PhoneNumber, Error> {
        self.request(&route::UPDATE_PHONE_NUMBER)
            .parameter(phone_number)
            .json(fields)?
            .fetch()
            .await
    }

    /// Gives a number (E.164) back for good.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_not_found`].
    pub async fn delete_phone_number(&self, phone_number: &str) -> Result<(), Error> {
        self.request(&route::DELETE_PHONE_NUMBER)
            .parameter(phone_number)
            .send()
            .await
            .map(drop)
    }

    /// How many calls the workspace may have at once, and has.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn concurrency(&self) -> Result<Concurrency, Error> {
        self.request(&route::GET_CONCURRENCY).fetch().await
    }

    /// Whose key it is: the cheapest way to check a key.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_unauthorized`].
    pub async fn api_key_info(&self) -> Result<ApiKeyInfo, Error> {
        self.request(&route::GET_API_KEY_INFO).fetch().await
    }
}
