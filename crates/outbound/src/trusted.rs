//! Requests to addresses that the operator named.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, Request, RequestBuilder, Response};
use url::{Host, Url};

use crate::client;

/// Asks addresses that the operator named: what is on this machine directly,
/// everything else the way the environment says. A redirect is an answer like any
/// other: where it leads, nobody named. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Trusted {
    direct: Client,
    general: Client,
}

/// Why an answer was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It did not come to its end. The text has no address in it.
    #[error(transparent)]
    Broken(reqwest::Error),
    /// It is longer than it may be.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl Trusted {
    /// Sets the clients up. A request with its answer may take `time`, or as long
    /// as it takes.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(time: Option<Duration>) -> Result<Self, reqwest::Error> {
        Self::of(|| match time {
            Some(time) => client().timeout(time),
            None => client(),
        })
    }

    fn of(builder: impl Fn() -> ClientBuilder) -> Result<Self, reqwest::Error> {
        // No connection is kept: the next request may be going out on it just when the
        // other side closes it, and a code or a token is not sent twice.
        let builder = || builder().redirect(Policy::none()).pool_max_idle_per_host(0);
        Ok(Self {
            direct: builder().no_proxy().build()?,
            general: builder().build()?,
        })
    }

    /// Begins a GET.
    pub fn get(&self, url: &str) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// Begins a POST.
    pub fn post(&self, url: &str) -> RequestBuilder {
        self.request(Method::POST, url)
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let is_here = Url::parse(url).is_ok_and(|url| is_loopback(&url));
        self.client(is_here).request(method, url)
    }

    /// Sends a request that is put together already.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn execute(&self, request: Request) -> Result<Response, reqwest::Error> {
        self.client(is_loopback(request.url()))
            .execute(request)
            .await
    }

    fn client(&self, is_here: bool) -> &Client {
        if is_here { &self.direct } else { &self.general }
    }
}

/// An answer's whole body, of at most `max` bytes.
///
/// # Errors
/// When it is longer, or does not come to its end.
pub async fn whole(mut answer: Response, max: usize) -> Result<Vec<u8>, Unread> {
    let broken = |error: reqwest::Error| Unread::Broken(error.without_url());
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(broken)? {
        if body.len() + part.len() > max {
            return Err(Unread::TooLarge(max));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
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

#[cfg(test)]
mod tests {
    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    async fn answering(answer: ResponseTemplate) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        server
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for url in [
            "http://localhost:8080/a",
            "http://LOCALHOST/",
            "http://127.0.0.1/",
            "http://127.8.8.8:1/",
            "http://[::1]:9/",
        ] {
            assert!(is_loopback(&Url::parse(url).unwrap()), "{url}");
        }
        for url in [
            "https://example.com/",
            "http://localhost.example.com/",
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "data:text/plain,localhost",
        ] {
            assert!(!is_loopback(&Url::parse(url).unwrap()), "{url}");
        }
    }

    #[tokio::test]
    async fn a_proxy_is_asked_for_others_only() {
        let proxy = answering(ResponseTemplate::new(502)).await;
        let here = answering(ResponseTemplate::new(204)).await;
        let proxy_url = proxy.uri();
        let trusted =
            Trusted::of(|| client().proxy(reqwest::Proxy::all(&proxy_url).unwrap())).unwrap();
        for (url, status) in [
            (here.uri().as_str(), 204),
            ("http://captcha.example.com/verify", 502),
        ] {
            let response = trusted.get(url).send().await.unwrap();
            assert_eq!(response.status(), status, "{url}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed_and_a_long_answer_not_read() {
        let elsewhere = answering(ResponseTemplate::new(200).set_body_string("12345")).await;
        let away = ResponseTemplate::new(302).insert_header("location", elsewhere.uri());
        let here = answering(away).await;
        let trusted = Trusted::new(None).unwrap();
        let answer = trusted.get(&here.uri()).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        for (max, is_read) in [(5, true), (4, false)] {
            let answer = trusted.get(&elsewhere.uri()).send().await.unwrap();
            assert_eq!(whole(answer, max).await.is_ok(), is_read, "{max}");
        }
    }
}
