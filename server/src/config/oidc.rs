//! The settings of signing in by OpenID Connect: all of them, or none.

use url::{Host, Url};

use super::Secret;
use super::parse::Reader;

const ISSUER: &str = "SWITCHBOARD_OIDC_ISSUER";
const CLIENT_ID: &str = "SWITCHBOARD_OIDC_CLIENT_ID";
const CLIENT_SECRET: &str = "SWITCHBOARD_OIDC_CLIENT_SECRET";
const SCOPES: &str = "SWITCHBOARD_OIDC_SCOPES";
const LABEL: &str = "SWITCHBOARD_OIDC_LABEL";

/// What is asked for beside `openid`: who somebody is, and their address.
const DEFAULT_SCOPES: &str = "email profile";
/// More do not fit on a button.
const LABEL_CHARS_MAX: usize = 40;

/// A provider of identities, and what we are to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oidc {
    /// Names the provider; its discovery document is below this address. Kept
    /// as it was written: the provider must say exactly this of itself.
    pub issuer: String,
    /// Our name at the provider.
    pub client_id: String,
    /// Our password there.
    pub client_secret: Secret,
    /// What is asked for, beside `openid`.
    pub scopes: Vec<String>,
    /// What people call the provider: the name on the button.
    pub label: String,
}

impl Reader<'_> {
    /// The provider; `None` when nothing is said about one.
    pub(super) fn oidc(&mut self) -> Option<Oidc> {
        let needed = [ISSUER, CLIENT_ID, CLIENT_SECRET];
        let is_set = |name: &&str| self.source.get(name).is_some();
        if ![ISSUER, CLIENT_ID, CLIENT_SECRET, SCOPES, LABEL]
            .iter()
            .any(is_set)
        {
            return None;
        }
        let missing: Vec<_> = needed.into_iter().filter(|name| !is_set(name)).collect();
        for name in missing {
            self.problems.push(format!(
                "{name} is not set. Signing in by OpenID Connect needs {ISSUER}, {CLIENT_ID} and {CLIENT_SECRET}; without it, set none of them."
            ));
        }
        let issuer = self.source.get(ISSUER)?.to_owned();
        let host = self.issuer_host(&issuer);
        let scopes: Vec<_> = self
            .source
            .get(SCOPES)
            .unwrap_or(DEFAULT_SCOPES)
            .split_whitespace()
            .filter(|scope| *scope != "openid")
            .map(str::to_owned)
            .collect();
        // RFC 6749, 3.3.
        let is_scope = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
        if let Some(wrong) = scopes.iter().find(|it| !it.bytes().all(is_scope)) {
            self.problems.push(format!(
                "{SCOPES} contains \"{wrong}\", but must be names with spaces between them, such as email profile."
            ));
        }
        let label = self.source.get(LABEL).unwrap_or(&host).to_owned();
        if label.chars().count() > LABEL_CHARS_MAX || label.chars().any(char::is_control) {
            self.problems.push(format!(
                "{LABEL} must be a name of at most {LABEL_CHARS_MAX} characters, such as Example SSO."
            ));
        }
        Some(Oidc {
            issuer,
            client_id: self.source.get(CLIENT_ID)?.to_owned(),
            client_secret: Secret::new(self.source.get(CLIENT_SECRET)?),
            scopes,
            label,
        })
    }

    /// The host of an issuer's address. Who can change what it answers can sign
    /// in as anybody, so it is asked by HTTPS, except on this machine.
    fn issuer_host(&mut self, issuer: &str) -> String {
        let url = Url::parse(issuer).ok().filter(|url| {
            let is_near = match url.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
            let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_near);
            let is_plain = url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            is_safe && is_plain && url.host().is_some()
        });
        match url {
            Some(url) => url.host_str().unwrap_or_default().to_owned(),
            None => {
                self.problems.push(format!(
                    "{ISSUER} must be the address the provider calls its issuer: it starts with https:// and has no query, such as https://accounts.example.com."
                ));
                String::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError, Mode, Source};

    use super::*;

    const COMPLETE: [(&str, &str); 3] = [
        (ISSUER, "https://accounts.example.com"),
        (CLIENT_ID, "switchboard"),
        (CLIENT_SECRET, "hunter2"),
    ];

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Oidc>, ConfigError> {
        let source = Source::from_pairs(pairs.iter().copied());
        Config::read(&source, Mode::Offline).map(|config| config.oidc)
    }

    fn with(extra: (&'static str, &'static str)) -> Result<Option<Oidc>, ConfigError> {
        let mut pairs = COMPLETE.to_vec();
        pairs.retain(|(name, _)| *name != extra.0);
        pairs.push(extra);
        read(&pairs)
    }

    #[test]
    fn it_is_set_up_completely_or_not_at_all() {
        assert_eq!(read(&[]).unwrap(), None);
        let oidc = read(&COMPLETE).unwrap().unwrap();
        assert_eq!(oidc.label, "accounts.example.com");
        assert_eq!(oidc.scopes, ["email", "profile"]);
        assert!(!format!("{oidc:?}").contains("hunter2"));
        for (name, value) in COMPLETE {
            let told = read(&[(name, value)]).unwrap_err();
            assert_eq!(told.0.len(), 2, "{told}");
            assert!(!told.to_string().contains("hunter2"), "{told}");
        }
        assert_eq!(read(&[(LABEL, "SSO")]).unwrap_err().0.len(), 3);
    }

    #[test]
    fn an_issuer_is_asked_by_https_except_on_this_machine() {
        for issuer in [
            "https://login.example.com/tenant/v2.0",
            "https://login.example.com:8443/",
            "http://localhost:3000",
            "http://127.0.0.1:3000/oidc",
            "http://[::1]:3000",
        ] {
            let oidc = with((ISSUER, issuer)).unwrap().unwrap();
            assert_eq!(oidc.issuer, issuer);
        }
        for issuer in [
            "http://login.example.com",
            "login.example.com",
            "https://login.example.com/?tenant=1",
            "https://login.example.com/#x",
            "https://me:secret@login.example.com",
            "ftp://localhost",
        ] {
            let told = with((ISSUER, issuer)).unwrap_err();
            assert!(told.to_string().contains(ISSUER), "{issuer}: {told}");
        }
    }

    #[test]
    fn scopes_and_the_label_are_checked() {
        let oidc = with((SCOPES, "openid  email groups")).unwrap().unwrap();
        assert_eq!(oidc.scopes, ["email", "groups"]);
        assert!(with((SCOPES, "email \"profile\"")).is_err());
        let oidc = with((LABEL, "Sunrise SSO")).unwrap().unwrap();
        assert_eq!(oidc.label, "Sunrise SSO");
        assert!(with((LABEL, "A name that is so long that no button has room")).is_err());
    }
}
