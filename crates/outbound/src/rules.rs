//! Where requests may go whose address somebody else named: to the open internet,
//! and to private networks only as far as the operator allows it.
//!
//! The check is in the HTTP client's resolver ([`Resolver`]): a connection goes
//! to the very addresses that were checked, and a name that resolves to
//! something else a moment later gains nothing. Addresses that are no names are
//! checked by [`Rules::parse`], before every request and redirect.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Origin, Url};

use crate::network::Network;

/// Longer addresses than this are a mistake.
const MAX_URL_CHARS: usize = 2048;

/// Why an address is not asked. The texts are for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is not a URL.
    #[error("This is not a web address such as https://example.com/hook.")]
    NotAUrl,
    /// It is too long.
    #[error("The address is longer than 2048 characters.")]
    TooLong,
    /// Neither HTTPS on an ordinary port nor an allowed exception.
    #[error("The address must begin with https:// and have an ordinary port.")]
    NotHttps,
    /// It carries a user name or a password.
    #[error("Put the user name and the password into a header, not into the address.")]
    UserInfo,
    /// It leads to a port no web server has.
    #[error("The port must be 443, 80, or 1024 and above.")]
    Port,
    /// It leads into a private network.
    #[error("The address leads into a private network, and this server does not go there.")]
    Private,
    /// Its name has no addresses.
    #[error("The host in the address cannot be found.")]
    Unknown,
}

/// The rules of this server.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Private networks that may be reached, by HTTP as well.
    pub allow_private: Vec<Network>,
    /// Origins that the operator named, wherever they are.
    pub origins: Vec<Origin>,
}

impl Rules {
    /// Reads an address as somebody entered it. What its name resolves to is
    /// checked when it is asked, or by [`Rules::look_ahead`].
    ///
    /// # Errors
    /// When it may not be asked.
    pub fn parse(&self, text: &str) -> Result<Url, BadAddress> {
        if text.len() > MAX_URL_CHARS {
            return Err(BadAddress::TooLong);
        }
        let mut url = Url::parse(text.trim()).map_err(|_| BadAddress::NotAUrl)?;
        let reach = self.reach(&url);
        match url.scheme() {
            "https" => {}
            "http" if reach == Reach::Named || !self.allow_private.is_empty() => {}
            _ => return Err(BadAddress::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::UserInfo);
        }
        let host = url.host().ok_or(BadAddress::NotAUrl)?;
        if let Some(address) = literal(&host) {
            self.check(address, reach)?;
        } else if self.allow_private.is_empty() && reach == Reach::Allowed {
            return Err(BadAddress::Port);
        }
        url.set_fragment(None);
        Ok(url)
    }

    /// Whether an address may be reached in this way.
    fn check(&self, address: IpAddr, reach: Reach) -> Result<(), BadAddress> {
        if self.allow_private.iter().any(|net| net.contains(address)) {
            return Ok(());
        }
        match reach {
            Reach::Named => Ok(()),
            _ if !is_public(address) => Err(BadAddress::Private),
            Reach::Allowed => Err(BadAddress::NotHttps),
            Reach::Internet => Ok(()),
        }
    }

    /// One bad address among good ones is reason enough: which of them a
    /// connection takes is not ours to say.
    fn check_all(&self, addresses: &[SocketAddr], reach: Reach) -> Result<(), BadAddress> {
        if addresses.is_empty() {
            return Err(BadAddress::Unknown);
        }
        addresses
            .iter()
            .try_for_each(|address| self.check(address.ip(), reach))
    }

    /// The addresses of a name, every one of which may be reached. Their port
    /// is 0, which stands for the URL's.
    async fn look_up(&self, name: &str, reach: Reach) -> Result<Vec<SocketAddr>, BadAddress> {
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name, 0))
            .await
            .map_err(|_| BadAddress::Unknown)?
            .collect();
        self.check_all(&addresses, reach)?;
        Ok(addresses)
    }

    /// Whether the URL's host leads where no request may go, as far as can be
    /// told now: a name that is not found may be found later.
    ///
    /// # Errors
    /// When it does.
    pub async fn look_ahead(&self, url: &Url) -> Result<(), BadAddress> {
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        match self.look_up(name, self.reach(url)).await {
            Ok(_) | Err(BadAddress::Unknown) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether one address leads no further than another: what is asked there may be sent
    /// on by its answers, and not from the internet into an allowed network.
    #[must_use]
    pub fn leads_no_further(&self, from: &Url, to: &Url) -> bool {
        self.reach(from) == self.reach(to)
    }

    /// How far a URL may lead.
    pub(crate) fn reach(&self, url: &Url) -> Reach {
        match (url.scheme(), url.port_or_known_default()) {
            _ if self.origins.contains(&url.origin()) => Reach::Named,
            ("https", Some(80 | 443 | 1024..)) => Reach::Internet,
            _ => Reach::Allowed,
        }
    }
}

/// How far a URL may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the internet, and to what the operator allowed.
    Internet,
    /// Only to what the operator allowed: it is not HTTPS, or leads to a port
    /// that web servers do not have.
    Allowed,
    /// Anywhere: the operator named it.
    Named,
}

/// Resolves names to addresses that may be reached, and to no others.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    /// What this server allows.
    pub(crate) rules: Rules,
    /// How far the client it is for may go.
    pub(crate) reach: Reach,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { rules, reach } = self.clone();
        Box::pin(async move {
            let addresses = rules.look_up(name.as_str(), reach).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The address of a host that is one. `url` has understood its odd spellings,
/// such as `0x7f.1` and `2130706433`.
fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    }
}

/// Whether an address belongs to the open internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The IANA registry of special-purpose addresses, and Azure's metadata server,
/// which is the one that hides among public addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [168, 63, 129, 16]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    );
    !special
}

/// Global unicast without what is set apart in it: addresses that stand for
/// IPv4 addresses (Teredo, 6to4), documentation, and protocol assignments.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let special = match first {
        0x2001 => second < 0x0200 || second == 0x0db8,
        0x2002 => true,
        0x3fff => second < 0x1000,
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Rules {
        Rules::default()
    }

    fn lenient() -> Rules {
        Rules {
            allow_private: vec![
                "127.0.0.0/8".parse().unwrap(),
                "10.1.0.0/16".parse().unwrap(),
            ],
            ..Rules::default()
        }
    }

    #[test]
    fn what_may_be_entered() {
        for text in [
            "https://hook.eu1.make.com/abc?x=1",
            "https://hooks.zapier.com/hooks/catch/1/2/",
            "https://n8n.example.com:8443/webhook/1",
            "https://93.184.215.14/",
            "https://[2606:4700::1111]/",
            "  https://example.com/a#b  ",
        ] {
            assert!(open().parse(text).is_ok(), "{text}");
        }
        assert_eq!(
            open().parse("https://e.com/#b").unwrap().as_str(),
            "https://e.com/"
        );
    }

    #[test]
    fn what_may_not_be_entered() {
        use BadAddress::{NotAUrl, NotHttps, Port, Private, UserInfo};
        for (text, why) in [
            ("", NotAUrl),
            ("example.com/hook", NotAUrl),
            ("http://example.com/", NotHttps),
            ("ftp://example.com/", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("gopher://example.com/", NotHttps),
            ("https://robin:secret@example.com/", UserInfo),
            ("https://robin@example.com/", UserInfo),
            ("https://example.com:22/", Port),
            ("https://example.com:25/", Port),
            ("https://127.0.0.1/", Private),
            ("https://127.1/", Private),
            ("https://0x7f.1/", Private),
            ("https://2130706433/", Private),
            ("https://017700000001/", Private),
            ("https://0/", Private),
            ("https://10.0.0.1/", Private),
            ("https://172.31.255.255/", Private),
            ("https://192.168.1.1:8443/", Private),
            ("https://169.254.169.254/latest/meta-data/", Private),
            ("https://100.100.100.200/", Private),
            ("https://168.63.129.16/", Private),
            ("https://198.18.0.1/", Private),
            ("https://224.0.0.1/", Private),
            ("https://255.255.255.255/", Private),
            ("https://[::1]/", Private),
            ("https://[::]/", Private),
            ("https://[::ffff:127.0.0.1]/", Private),
            ("https://[::ffff:a9fe:a9fe]/", Private),
            ("https://[::127.0.0.1]/", Private),
            ("https://[64:ff9b::7f00:1]/", Private),
            ("https://[2002:7f00:1::]/", Private),
            ("https://[2001:0:7f00:1::]/", Private),
            ("https://[fe80::1]/", Private),
            ("https://[fd00:ec2::254]/", Private),
            ("https://[ff02::1]/", Private),
            ("https://[2001:db8::1]/", Private),
        ] {
            assert_eq!(open().parse(text), Err(why), "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2048));
        assert_eq!(open().parse(&long), Err(BadAddress::TooLong));
    }

    #[test]
    fn an_allowed_network_is_reached_by_http_and_no_other() {
        let rules = lenient();
        for text in [
            "http://127.0.0.1:5678/webhook/1",
            "http://10.1.2.3:81/",
            "http://n8n:5678/",
        ] {
            assert!(rules.parse(text).is_ok(), "{text}");
        }
        assert_eq!(rules.parse("http://10.2.0.1/"), Err(BadAddress::Private));
        assert_eq!(
            rules.parse("http://93.184.215.14/"),
            Err(BadAddress::NotHttps)
        );
        assert_eq!(
            rules.parse("https://93.184.215.14:22/"),
            Err(BadAddress::NotHttps)
        );
        assert!(rules.parse("http://[::ffff:127.0.0.1]:99/").is_ok());
    }

    #[test]
    fn what_the_operator_named_is_reached_and_nothing_beside_it() {
        let rules = Rules {
            origins: vec![Url::parse("http://127.0.0.1:8090/v2").unwrap().origin()],
            ..Rules::default()
        };
        assert!(
            rules
                .parse("http://127.0.0.1:8090/recordings/1.wav")
                .is_ok()
        );
        for (text, why) in [
            ("http://127.0.0.1:8091/", BadAddress::NotHttps),
            ("https://127.0.0.1:8090/", BadAddress::Private),
            ("https://localhost:22/", BadAddress::Port),
            ("http://robin@127.0.0.1:8090/", BadAddress::UserInfo),
        ] {
            assert_eq!(rules.parse(text), Err(why), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_of_a_private_address_is_found_out() {
        let url = open().parse("https://localhost:8443/").unwrap();
        assert_eq!(open().look_ahead(&url).await, Err(BadAddress::Private));
        let nowhere = open().parse("https://no-such-host.invalid/").unwrap();
        assert_eq!(open().look_ahead(&nowhere).await, Ok(()));
    }

    #[tokio::test]
    async fn the_client_resolves_no_private_address() {
        for (rules, reach) in [(open(), Reach::Internet), (open(), Reach::Allowed)] {
            let resolver = Resolver { rules, reach };
            let Err(error) = resolver.resolve("localhost".parse().unwrap()).await else {
                panic!("resolved");
            };
            assert_eq!(error.downcast_ref(), Some(&BadAddress::Private));
        }
    }

    #[test]
    fn one_private_address_among_public_ones_is_enough() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let check = |texts, reach| open().check_all(&addresses(texts), reach);
        let good = ["93.184.215.14:443", "[2606:4700::1111]:443"];
        assert_eq!(check(&good, Reach::Internet), Ok(()));
        assert_eq!(check(&good, Reach::Allowed), Err(BadAddress::NotHttps));
        let mixed = ["93.184.215.14:443", "169.254.169.254:443"];
        assert_eq!(check(&mixed, Reach::Internet), Err(BadAddress::Private));
        assert_eq!(check(&[], Reach::Internet), Err(BadAddress::Unknown));
    }
}
