//! HTTP to addresses that are only known at run time. What is on this machine
//! is reached directly, everything else the way the environment says.

use url::{Host, Url};

/// Two clients, of which [`Outbound::to`] gives the one that reaches an address.
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    direct: reqwest::Client,
    general: reqwest::Client,
}

impl Outbound {
    /// Sets both up from the same builder; it should not choose a proxy.
    ///
    /// # Errors
    /// When the builder cannot build, for example without the system's TLS.
    pub fn new(builder: impl Fn() -> reqwest::ClientBuilder) -> Result<Self, reqwest::Error> {
        Ok(Self {
            direct: builder().no_proxy().build()?,
            general: builder().build()?,
        })
    }

    /// The client for this address.
    #[must_use]
    pub fn to(&self, url: &str) -> &reqwest::Client {
        if Url::parse(url).is_ok_and(|url| is_loopback(&url)) {
            &self.direct
        } else {
            &self.general
        }
    }
}

/// Whether this is an address of this machine, which a proxy for the internet
/// cannot reach.
pub(crate) fn is_loopback(url: &Url) -> bool {
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
        let [proxy, here] = [502, 204].map(|status| async move {
            let server = MockServer::start().await;
            let answer = ResponseTemplate::new(status);
            Mock::given(any()).respond_with(answer).mount(&server).await;
            server
        });
        let (proxy, here) = (proxy.await, here.await);
        let proxy_url = proxy.uri();
        let outbound = Outbound::new(|| {
            reqwest::Client::builder().proxy(reqwest::Proxy::all(&proxy_url).unwrap())
        })
        .unwrap();
        for (url, status) in [
            (here.uri().as_str(), 204),
            ("http://recordings.example.com/a.wav", 502),
        ] {
            let response = outbound.to(url).get(url).send().await.unwrap();
            assert_eq!(response.status(), status, "{url}");
        }
    }
}
