//! The pages a public key works on.
//!
//! A pattern is an origin such as `https://www.example.com`; its host may begin
//! with `*.` (any subdomain, not the domain itself) and its port may be `*`.
//! That is also how a CSP's `frame-ancestors` spells it.

use url::{Host, Url};

/// Whether an origin, as a browser's `Origin` header gives it, is on a list.
#[must_use]
pub fn allows(patterns: &[String], origin: &str) -> bool {
    let Some(origin) = Origin::parse(origin) else {
        return false;
    };
    patterns.iter().any(|pattern| origin.matches(pattern))
}

/// Whether a text is a pattern at all.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    let text = text.strip_suffix(":*").unwrap_or(text);
    match text.split_once("://*.") {
        _ if text.matches('*').count() > usize::from(text.contains("://*.")) => false,
        Some((scheme, domain)) => {
            Origin::parse(&format!("{scheme}://{domain}")).is_some_and(|origin| origin.is_domain)
        }
        None => Origin::parse(text).is_some(),
    }
}

struct Origin {
    scheme: String,
    host: String,
    port: u16,
    is_domain: bool,
}

impl Origin {
    /// An origin and nothing else: no user, path, query or fragment.
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/"
            && !text.ends_with(['/', '?', '#'])
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !bare {
            return None;
        }
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
            is_domain: matches!(url.host(), Some(Host::Domain(_))),
        })
    }

    fn matches(&self, pattern: &str) -> bool {
        let (pattern, any_port) = match pattern.strip_suffix(":*") {
            Some(rest) => (rest, true),
            None => (pattern, false),
        };
        let (pattern, any_subdomain) = match pattern.split_once("://*.") {
            Some((scheme, domain)) => (format!("{scheme}://{domain}"), true),
            None => (pattern.to_owned(), false),
        };
        let Some(pattern) = Self::parse(&pattern) else {
            return false;
        };
        let host = if any_subdomain {
            self.is_domain
                && pattern.is_domain
                && self
                    .host
                    .strip_suffix(&pattern.host)
                    .is_some_and(|sub| sub.strip_suffix('.').is_some_and(|label| !label.is_empty()))
        } else {
            self.host == pattern.host
        };
        self.scheme == pattern.scheme && host && (any_port || self.port == pattern.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pattern: &str, origin: &str) -> bool {
        allows(&[pattern.to_owned()], origin)
    }

    #[test]
    fn an_exact_origin_allows_itself_only() {
        let pattern = "https://www.example.com";
        assert!(allowed(pattern, "https://www.example.com"));
        assert!(allowed(
            "https://www.example.com:443",
            "https://www.example.com"
        ));
        for other in [
            "http://www.example.com",
            "https://example.com",
            "https://www.example.com:8443",
            "https://www.example.com.evil.test",
            "https://evil.test/https://www.example.com",
            "https://user@www.example.com",
            "https://www.example.com/path",
            "null",
            "",
        ] {
            assert!(!allowed(pattern, other), "{other}");
        }
    }

    #[test]
    fn a_wildcard_allows_subdomains_but_not_the_domain() {
        let pattern = "https://*.example.com";
        assert!(allowed(pattern, "https://a.example.com"));
        assert!(allowed(pattern, "https://a.b.example.com"));
        for other in [
            "https://example.com",
            "https://evilexample.com",
            "http://a.example.com",
        ] {
            assert!(!allowed(pattern, other), "{other}");
        }
        assert!(!allowed("http://*.0.0.1", "http://127.0.0.1"));
    }

    #[test]
    fn a_port_wildcard_allows_any_port() {
        assert!(allowed("http://localhost:*", "http://localhost:3000"));
        assert!(allowed("http://localhost:*", "http://localhost"));
        assert!(allowed("http://127.0.0.1:*", "http://127.0.0.1:5173"));
        assert!(!allowed("http://localhost:*", "https://localhost:3000"));
        assert!(!allowed(
            "http://localhost:*",
            "http://localhost.evil.test:3000"
        ));
    }

    #[test]
    fn a_pattern_that_is_no_origin_allows_nothing() {
        for pattern in [
            "",
            "*",
            "https://",
            "https://*",
            "example.com",
            "https://*.*.com",
        ] {
            assert!(!allowed(pattern, "https://example.com"), "{pattern}");
            assert!(!is_pattern(pattern), "{pattern}");
        }
        for pattern in [
            "https://www.example.com",
            "https://*.example.com",
            "http://localhost:*",
            "http://127.0.0.1:8080",
        ] {
            assert!(is_pattern(pattern), "{pattern}");
        }
        assert!(!is_pattern("http://*.0.0.1"));
    }
}
