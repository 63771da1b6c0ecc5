//! Requests to addresses that somebody else entered or sent.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Body, Client, Method, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::client;
use crate::rules::{BadAddress, Reach, Resolver, Rules};

const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long the other side may pause.
const PAUSE: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("Switchboard/", env!("CARGO_PKG_VERSION"));

/// What requests may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From asking to the answer's last byte.
    pub time: Duration,
    /// How long an answer may be.
    pub bytes: u64,
    /// Requests at once; who comes then waits, for that time at most.
    pub at_once: usize,
    /// How many redirects are followed. Each is checked, and leads no further
    /// than the address itself may: not from the internet into an allowed network.
    pub redirects: usize,
}

/// Asks addresses that somebody else named, as far as [`Rules`] allow it. Cheap to
/// clone.
#[derive(Debug, Clone)]
pub struct Checked {
    rules: Rules,
    limits: Limits,
    turns: Arc<Semaphore>,
    internet: Client,
    allowed: Client,
    named: Client,
}

/// Why there is no answer, or no more of it. The texts are for people and have no
/// address in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address may not be asked, or leads to one that may not.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// It took too long.
    #[error("No answer came in time.")]
    Timeout,
    /// Nobody is there.
    #[error("No connection could be made.")]
    Connect,
    /// The connection broke.
    #[error("The connection broke before the answer.")]
    Broken,
    /// The answer is longer than it may be.
    #[error("The answer is too long.")]
    TooLong,
}

/// An answer. Its request counts as long as it is kept.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    left: u64,
    _turn: OwnedSemaphorePermit,
}

impl Checked {
    /// Sets the clients up. They go directly: a proxy would take them past the
    /// check of the address.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(rules: Rules, limits: Limits) -> Result<Self, reqwest::Error> {
        let client = |reach| {
            let rules = rules.clone();
            client()
                .redirect(redirects(rules.clone(), reach, limits.redirects))
                .dns_resolver(Resolver { rules, reach })
                .no_proxy()
                .connect_timeout(CONNECT_TIME)
                .read_timeout(PAUSE)
                .user_agent(USER_AGENT)
                .build()
        };
        Ok(Self {
            internet: client(Reach::Internet)?,
            allowed: client(Reach::Allowed)?,
            named: client(Reach::Named)?,
            turns: Arc::new(Semaphore::new(limits.at_once)),
            limits,
            rules,
        })
    }

    /// Where requests may go.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When it may not be sent, or no answer comes.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Answer, Failure> {
        let url = self.rules.parse(url)?;
        let client = match self.rules.reach(&url) {
            Reach::Internet => &self.internet,
            Reach::Allowed => &self.allowed,
            Reach::Named => &self.named,
        };
        let deadline = Instant::now() + self.limits.time;
        let turn = timeout_at(deadline, Arc::clone(&self.turns).acquire_owned()).await;
        // The semaphore is never closed.
        let Ok(Ok(turn)) = turn else {
            return Err(Failure::Timeout);
        };
        let request = client.request(method, url).headers(headers).body(body);
        let left = deadline.saturating_duration_since(Instant::now());
        let response = request.timeout(left).send().await;
        Ok(Answer {
            response: response.map_err(|error| Failure::of(&error))?,
            left: self.limits.bytes,
            _turn: turn,
        })
    }
}

/// Follows so many redirects, each of them as far as the first address may lead.
fn redirects(rules: Rules, reach: Reach, most: usize) -> Policy {
    if most == 0 {
        return Policy::none();
    }
    Policy::custom(move |attempt| match rules.parse(attempt.url().as_str()) {
        Err(bad) => attempt.error(bad),
        Ok(url) if rules.reach(&url) != reach => attempt.error(BadAddress::Private),
        Ok(_) if attempt.previous().len() > most => attempt.stop(),
        Ok(_) => attempt.follow(),
    })
}

impl Failure {
    fn of(error: &reqwest::Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(bad) = inner.downcast_ref::<BadAddress>() {
                return Self::Address(*bad);
            }
            cause = inner.source();
        }
        if error.is_timeout() {
            Self::Timeout
        } else if error.is_connect() {
            Self::Connect
        } else {
            Self::Broken
        }
    }
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next part of the body; `None` at its end.
    ///
    /// # Errors
    /// When it breaks, or is too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let chunk = self.response.chunk().await;
        let chunk = chunk.map_err(|error| Failure::of(&error))?;
        let length = chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        self.left = self.left.checked_sub(length).ok_or(Failure::TooLong)?;
        Ok(chunk)
    }

    /// The whole body.
    ///
    /// # Errors
    /// When it breaks, or is too long.
    pub async fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// The body, part by part.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Failure>> + Send {
        stream::try_unfold(self, |mut answer| async move {
            Ok(answer.chunk().await?.map(|chunk| (chunk, answer)))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::net::TcpListener;
    use url::Url;
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const LIMITS: Limits = Limits {
        time: Duration::from_secs(5),
        bytes: 10,
        at_once: 2,
        redirects: 1,
    };

    fn allowing(network: &str, limits: Limits) -> Checked {
        let rules = Rules {
            allow_private: vec![network.parse().unwrap()],
            ..Rules::default()
        };
        Checked::new(rules, limits).unwrap()
    }

    async fn ask(checked: &Checked, url: &str) -> Result<Answer, Failure> {
        checked.send(Method::GET, url, HeaderMap::new(), "").await
    }

    async fn serve(at: &str, answer: ResponseTemplate) -> MockServer {
        let server = MockServer::start().await;
        let mock = Mock::given(path(at)).respond_with(answer);
        mock.mount(&server).await;
        server
    }

    fn to(location: &str) -> ResponseTemplate {
        ResponseTemplate::new(302).insert_header("location", location)
    }

    #[tokio::test]
    async fn what_is_private_is_not_asked() {
        let server = serve("/", ResponseTemplate::new(200)).await;
        let port = server.address().port();
        let checked = Checked::new(Rules::default(), LIMITS).unwrap();
        for host in [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[fd00:ec2::254]",
            "169.254.169.254",
        ] {
            let refused = ask(&checked, &format!("https://{host}:{port}/")).await;
            let private = Failure::Address(BadAddress::Private);
            assert_eq!(refused.unwrap_err(), private, "{host}");
        }
        assert!(server.received_requests().await.unwrap().is_empty());
        let here = allowing("127.0.0.1", LIMITS);
        let answer = ask(&here, &server.uri()).await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    #[tokio::test]
    async fn a_redirect_leads_no_further_than_the_address_may() {
        let inside = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let inside = format!("http://{}/", inside.local_addr().unwrap());
        for away in [
            inside.as_str(),
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]/",
            "https://localhost:8443/",
        ] {
            let server = serve("/", to(away)).await;
            let refused = ask(&allowing("127.0.0.1", LIMITS), &server.uri()).await;
            let refused = refused.unwrap_err();
            assert!(
                matches!(refused, Failure::Address(_)),
                "{away}: {refused:?}"
            );
            // No more may an origin that the operator named send it elsewhere.
            let named = Rules {
                origins: vec![Url::parse(&server.uri()).unwrap().origin()],
                ..Rules::default()
            };
            let refused = ask(&Checked::new(named, LIMITS).unwrap(), &server.uri()).await;
            assert!(refused.is_err(), "{away}");
        }
    }

    #[tokio::test]
    async fn so_many_redirects_are_followed_and_no_more() {
        let server = serve("/a", to("/b")).await;
        for (at, answer) in [("/b", to("/c")), ("/c", ResponseTemplate::new(200))] {
            let mock = Mock::given(path(at)).respond_with(answer);
            mock.mount(&server).await;
        }
        for (redirects, at, status) in [(0, "/b", 302), (1, "/b", 200), (1, "/a", 302)] {
            let limits = Limits {
                redirects,
                ..LIMITS
            };
            let url = format!("{}{at}", server.uri());
            let answer = ask(&allowing("127.0.0.1", limits), &url).await.unwrap();
            assert_eq!(answer.status(), status, "{redirects} {at}");
        }
    }

    #[tokio::test]
    async fn an_answer_has_a_length_a_time_and_a_turn() {
        let server = serve(
            "/",
            ResponseTemplate::new(200).set_body_string("01234567890"),
        )
        .await;
        let here = allowing("127.0.0.1", LIMITS);
        let mut answer = ask(&here, &server.uri()).await.unwrap();
        assert_eq!(answer.chunk().await, Err(Failure::TooLong));
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = silent.local_addr().unwrap();
        let limits = Limits {
            time: Duration::from_millis(50),
            ..LIMITS
        };
        let hasty = allowing("127.0.0.1", limits);
        let slow = ask(&hasty, &format!("http://{address}/")).await;
        assert_eq!(slow.unwrap_err(), Failure::Timeout);
        let second = ask(&here, &server.uri()).await.unwrap();
        assert_eq!(here.turns.available_permits(), 0, "while both are kept");
        drop((answer, second));
        assert_eq!(here.turns.available_permits(), 2);
    }
}
