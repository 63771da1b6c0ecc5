//! The pages a public key works on.
//!
//! A pattern is an origin such as `https://www.example.com`; its host may begin
//! with `*.` (any subdomain, not the domain itself) and its port may be `*`.
//! That is also how a CSP's `frame-ancestors` spells it.

use url::{Host, Url};

/// Whether an origin, as a browser's `Origin` header gives it, is on a list.
#[must_use]
pub fn allows(patterns: &[String], origin: &str) -> bool {
    let patterns: Vec<Pattern> = patterns
        .iter()
        .filter_map(|text| Pattern::parse(text))
        .collect();
    any_allows(&patterns, origin)
}

/// Whether one of these patterns, read before, allows an origin.
#[must_use]
pub fn any_allows(patterns: &[Pattern], origin: &str) -> bool {
    Origin::parse(origin).is_some_and(|origin| patterns.iter().any(|p| p.allows(&origin)))
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

#[derive(Debug)]
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
}

/// A pattern, read once: asking whether it allows an origin parses no URL.
#[derive(Debug)]
pub struct Pattern {
    origin: Origin,
    any_subdomain: bool,
    any_port: bool,
}

impl Pattern {
    /// Reads a pattern; `None` when the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, any_port) = match text.strip_suffix(":*") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (origin, any_subdomain) = match text.split_once("://*.") {
            Some((scheme, domain)) => (Origin::parse(&format!("{scheme}://{domain}"))?, true),
            None => (Origin::parse(text)?, false),
        };
        Some(Self {
            origin,
            any_subdomain,
            any_port,
        })
    }

    fn allows(&self, origin: &Origin) -> bool {
        let host = if self.any_subdomain {
            origin.is_domain
                && self.origin.is_domain
                && origin
                    .host
                    .strip_suffix(&self.origin.host)
                    .is_some_and(|sub| sub.strip_suffix('.').is_some_and(|label| !label.is_empty()))
        } else {
            origin.host == self.origin.host
        };
        self.origin.scheme == origin.scheme
            && host
            && (self.any_port || self.origin.port == origin.port)
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
