//! Where a request really comes from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Once;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::config::Network;
use crate::ground::Ground;

/// The visitor's address. `X-Forwarded-For` counts only as far as trusted
/// proxies wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientIp(pub(crate) IpAddr);

/// Whether somebody on this machine asks: from a loopback address, and not
/// through a proxy here, from which everybody seems to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IsLocal(pub(crate) bool);

impl<S> FromRequestParts<S> for IsLocal
where
    Ground: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let ClientIp(ip) = ClientIp::of(parts, &Ground::from_ref(state));
        Ok(Self(ip.is_loopback() && !is_passed_on(&parts.headers)))
    }
}

impl<S> FromRequestParts<S> for ClientIp
where
    Ground: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &Ground::from_ref(state)))
    }
}

impl ClientIp {
    /// Where a request comes from.
    pub(crate) fn of(parts: &Parts, ground: &Ground) -> Self {
        // A router that is called without a socket has no peer.
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
                peer.ip()
            });
        let trusted = &ground.config.trusted_proxies;
        if is_passed_on(&parts.headers) && !is_trusted(peer.to_canonical(), trusted) {
            // Once: anybody can send such a header.
            static WARNED: Once = Once::new();
            WARNED.call_once(|| {
                tracing::warn!(
                    %peer,
                    "X-Forwarded-For or Forwarded is ignored, so limits count its sender and not the visitor: is it a proxy to be named in SWITCHBOARD_TRUSTED_PROXIES?"
                );
            });
        }
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect::<Vec<_>>()
            .join(",");
        Self(client_ip(peer, &forwarded, trusted))
    }
}

/// Walks back from the peer: each trusted proxy vouches for the address before
/// it. The first that is not a trusted proxy is the visitor.
fn client_ip(peer: IpAddr, forwarded: &str, trusted: &[Network]) -> IpAddr {
    let mut visitor = peer.to_canonical();
    for entry in forwarded.rsplit(',').map(str::trim) {
        if !is_trusted(visitor, trusted) {
            break;
        }
        match parse(entry) {
            Some(ip) => visitor = ip.to_canonical(),
            None => break,
        }
    }
    visitor
}

fn is_trusted(ip: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(ip))
}

/// Whether a proxy passed a request on, as far as it says so.
fn is_passed_on(headers: &HeaderMap) -> bool {
    headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded")
}

/// Some proxies add the port.
fn parse(entry: &str) -> Option<IpAddr> {
    entry
        .parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let trusted: Vec<_> = trusted
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        client_ip(peer.parse().unwrap(), forwarded, &trusted).to_string()
    }

    #[test]
    fn without_a_trusted_proxy_the_header_is_ignored() {
        assert_eq!(from("203.0.113.9", "198.51.100.1", &[]), "203.0.113.9");
        assert_eq!(
            from("203.0.113.9", "198.51.100.1", &["10.0.0.0/8"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_trusted_proxy_vouches_for_the_address_before_it_only() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(from("10.0.0.1", "198.51.100.1", &trusted), "198.51.100.1");
        // The visitor wrote the first entry himself.
        assert_eq!(
            from("10.0.0.1", "1.2.3.4, 198.51.100.1", &trusted),
            "198.51.100.1"
        );
        assert_eq!(
            from("10.0.0.1", "198.51.100.1, 10.9.9.9", &trusted),
            "198.51.100.1"
        );
        assert_eq!(
            from("10.0.0.1", "198.51.100.1:4711", &trusted),
            "198.51.100.1"
        );
        assert_eq!(
            from("::ffff:10.0.0.1", "[2001:db8::1]:80", &trusted),
            "2001:db8::1"
        );
    }

    #[test]
    fn nonsense_in_the_header_ends_the_walk() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(from("10.0.0.1", "", &trusted), "10.0.0.1");
        assert_eq!(
            from("10.0.0.1", "198.51.100.1, unknown", &trusted),
            "10.0.0.1"
        );
    }
}
