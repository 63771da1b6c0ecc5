//! Setting a client up.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use url::{Host, Url};

use super::retry::RetryPolicy;
use super::{Client, Inner, Observer, bearer};
use crate::error::Error;

/// Where Retell is.
const BASE_URL: &str = "https://api.retellai.com";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sets up a [`Client`].
#[derive(Clone)]
pub struct ClientBuilder {
    api_key: String,
    base_url: String,
    timeout: Option<Duration>,
    retry: RetryPolicy,
    observer: Option<Arc<dyn Observer>>,
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    pub(super) fn new(api_key: String) -> Self {
        Self {
            api_key,
            base_url: BASE_URL.to_owned(),
            timeout: None,
            retry: RetryPolicy::default(),
            observer: None,
        }
    }

    /// Where Retell is; `https://api.retellai.com` by default. It may have a path
    /// and a trailing slash.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// How long each attempt of a request may take; 60 s by default, 120 s for
    /// create-phone-call. See also [`Client::with_timeout`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How failed requests are repeated.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Who is told of every request.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Sets the client up; nothing is sent.
    ///
    /// # Errors
    /// [`Error::Config`] for a key that fits no header, for a base address that is
    /// not plain HTTP(S), and when TLS cannot be set up.
    pub fn build(self) -> Result<Client, Error> {
        let config = |problem: &str| Error::Config(problem.to_owned());
        if self.api_key.is_empty() {
            return Err(config("the API key is empty"));
        }
        let authorization = bearer(&self.api_key)
            .map_err(|_| config("the API key contains characters that no header can carry"))?;

        let base = Url::parse(self.base_url.trim())
            .map_err(|error| Error::Config(format!("the base address is not a URL: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(config(
                "the base address must begin with http:// or https://",
            ));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(config(
                "the base address must not have a query or a fragment",
            ));
        }
        let http = || {
            let builder = reqwest::Client::builder()
                .user_agent(concat!("switchboard-retell/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT_TIMEOUT)
                // Following one would repeat the request and show the key around.
                .redirect(redirect::Policy::none());
            if is_loopback(&base) {
                builder.no_proxy()
            } else {
                builder
            }
        };
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .build()
                .map_err(|error| Error::Config(format!("HTTP cannot be set up: {error}")))
        };
        Ok(Client {
            inner: Arc::new(Inner {
                http: build(http())?,
                upgrade: build(http().http1_only())?,
                base_url: base.as_str().trim_end_matches('/').to_owned(),
                authorization,
                observer: self.observer,
            }),
            timeout: self.timeout,
            retry: self.retry,
        })
    }
}

/// Whether this is an address of this machine, which a proxy for the internet
/// cannot reach.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
