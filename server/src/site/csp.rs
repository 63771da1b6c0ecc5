//! The headers that confine our pages.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Who may frame a page.
#[derive(Debug, Clone, Default)]
pub(crate) enum Framing {
    /// Nobody.
    #[default]
    Nobody,
    /// Pages of these origins; a host may begin with `*.`, a port may be `*`.
    Origins(Vec<String>),
    /// Any page: there is nothing in it to click or to read.
    Anybody,
}

/// What a page may do, beyond showing itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    /// Who may frame it.
    pub framed_by: Framing,
    /// Origins besides ours that scripts may fetch from.
    pub connects_to: Vec<String>,
    /// Whether the page itself asks for the microphone.
    pub microphone: bool,
    /// The origins of a captcha it asks.
    pub captcha: &'static [&'static str],
    /// Whether it shows pictures of other websites, such as a customer's logo.
    pub pictures: bool,
}

impl Policy {
    /// The headers of a page under this policy. Pages carry nonces and say who
    /// is signed in, so none of them is stored.
    #[must_use]
    pub(crate) fn headers(&self, https: bool) -> HeaderMap {
        let microphone = if self.microphone { "(self)" } else { "()" };
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(header::CONTENT_TYPE, "text/html; charset=utf-8");
        set(header::CACHE_CONTROL, "no-store");
        set(
            header::CONTENT_SECURITY_POLICY,
            &self.content_security_policy(),
        );
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        // `no-referrer` would hide the page's origin from our own origin check.
        set(header::REFERRER_POLICY, "same-origin");
        // Found by nobody who searches: a panel belongs to its page, a desk to its people.
        set(HeaderName::from_static("x-robots-tag"), "noindex");
        set(
            HeaderName::from_static("permissions-policy"),
            &format!("microphone={microphone}, camera=(), geolocation=()"),
        );
        if !matches!(self.framed_by, Framing::Nobody) {
            // A cross-origin isolated page frames nothing else. What a captcha frames
            // carries no such headers, and would be blocked in its turn.
            set(
                HeaderName::from_static("cross-origin-resource-policy"),
                "cross-origin",
            );
            if self.captcha.is_empty() {
                set(
                    HeaderName::from_static("cross-origin-embedder-policy"),
                    "credentialless",
                );
            }
        }
        if https {
            set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        headers
    }

    fn content_security_policy(&self) -> String {
        let mut connect = String::from("'self'");
        for origin in self.connects_to.iter().filter(|origin| is_source(origin)) {
            connect.push(' ');
            connect.push_str(origin);
        }
        let captcha: String = self.captcha.iter().map(|it| format!(" {it}")).collect();
        connect.push_str(&captcha);
        let frames = if captcha.is_empty() {
            " 'none'"
        } else {
            &captcha
        };
        let framed_by = match &self.framed_by {
            Framing::Nobody => "'none'".to_owned(),
            Framing::Anybody => "*".to_owned(),
            Framing::Origins(origins) => {
                let sources: Vec<&str> = origins
                    .iter()
                    .map(String::as_str)
                    .filter(|origin| is_source(origin))
                    .collect();
                if sources.is_empty() {
                    "'none'".to_owned()
                } else {
                    sources.join(" ")
                }
            }
        };
        let pictures = if self.pictures { " https:" } else { "" };
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{captcha}; style-src 'self'; \
             img-src 'self' data:{pictures}; font-src 'self'; connect-src {connect}; \
             media-src 'self' blob:; frame-src{frames}; base-uri 'none'; form-action 'none'; \
             frame-ancestors {framed_by}"
        )
    }
}

/// Whether a text is one source expression: a scheme, a host with an optional
/// leading wildcard, an optional port or `*` for any. Anything else could add
/// directives of its own.
fn is_source(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    if !matches!(scheme, "http" | "https") {
        return false;
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let port = port.is_none_or(|port| {
        port == "*" || (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let host = host.strip_prefix("*.").unwrap_or(host);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
    port && !host.is_empty() && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csp(policy: &Policy) -> String {
        let headers = policy.headers(false);
        headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_page_nobody_was_named_for_is_framed_by_nobody() {
        assert!(csp(&Policy::default()).ends_with("frame-ancestors 'none'"));
        let only_nonsense = Framing::Origins(vec!["*".into()]);
        let policy = Policy {
            framed_by: only_nonsense,
            ..Policy::default()
        };
        assert!(csp(&policy).ends_with("frame-ancestors 'none'"));
    }

    #[test]
    fn a_panel_is_framed_by_the_key_s_pages_and_talks_to_the_gateway() {
        let policy = Policy {
            framed_by: Framing::Origins(vec![
                "https://*.example.com".into(),
                "http://localhost:*".into(),
            ]),
            connects_to: vec!["http://127.0.0.1:8090".into()],
            microphone: true,
            pictures: true,
            captcha: &["https://captcha.example"],
        };
        let csp = csp(&policy);
        assert!(
            csp.ends_with("frame-ancestors https://*.example.com http://localhost:*"),
            "{csp}"
        );
        assert!(
            csp.contains("connect-src 'self' http://127.0.0.1:8090 https://captcha.example;"),
            "{csp}"
        );
        assert!(csp.contains("frame-src https://captcha.example;"), "{csp}");
        assert!(!csp.contains("unsafe-inline"), "{csp}");
        let headers = policy.headers(true);
        assert_eq!(
            headers["permissions-policy"],
            "microphone=(self), camera=(), geolocation=()"
        );
        assert!(headers.contains_key("strict-transport-security"));
    }

    #[test]
    fn an_isolated_page_may_frame_what_may_be_framed() {
        let isolation = |policy: Policy| {
            let headers = policy.headers(false);
            [
                "cross-origin-embedder-policy",
                "cross-origin-resource-policy",
            ]
            .map(|name| headers.get(name).map(|it| it.to_str().unwrap().to_owned()))
        };
        let panel = || Policy {
            framed_by: Framing::Anybody,
            ..Policy::default()
        };
        assert_eq!(
            isolation(panel()),
            [Some("credentialless".into()), Some("cross-origin".into())]
        );
        let asks_a_captcha = Policy {
            captcha: &["https://captcha.example"],
            ..panel()
        };
        assert_eq!(
            isolation(asks_a_captcha),
            [None, Some("cross-origin".into())],
            "the captcha's own frame would be blocked"
        );
        assert_eq!(isolation(Policy::default()), [None, None]);
    }

    #[test]
    fn an_origin_cannot_smuggle_in_directives() {
        for origin in [
            "https://a.example; script-src *",
            "https://a.example https://b.example",
            "'unsafe-inline'",
            "*",
            "https://*",
            "https://",
            "javascript://x",
            "https://a.example/path",
            "https://a.example:80x",
            "https://a.example:",
            "https://a\n",
            "https://a,b",
        ] {
            assert!(!is_source(origin), "{origin:?}");
        }
        for origin in [
            "https://a.example",
            "http://[::1]:8080",
            "http://[::1]",
            "http://a:*",
        ] {
            assert!(is_source(origin), "{origin:?}");
        }
    }
}
