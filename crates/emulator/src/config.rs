//! How an emulator is set up.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// The API key of an emulator that was not given another.
const DEFAULT_API_KEY: &str = "key_local_emulator";

/// What an emulator is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 for any.
    pub port: u16,
    /// The address media is received at, the unspecified one for all of this
    /// machine's; the one listened on if that is a definite one, otherwise
    /// loopback.
    pub media_host: Option<IpAddr>,
    /// Where the emulator is reached, for links; `http://<address>` if absent.
    pub public_url: Option<String>,
    /// The workspace's API key; it also signs webhooks.
    pub api_key: String,
    /// The account's webhook.
    pub webhook_url: Option<String>,
    /// Where all functions are: `{tool}` in it, or a last path segment, is
    /// the function's name. Without it functions have the URLs, or the
    /// answers, of their scenarios.
    pub functions_url: Option<String>,
    /// No unkindness: see the crate's README.
    pub gentle: bool,
    /// A directory of further scenarios.
    pub scenarios: Option<PathBuf>,
}

impl Default for Config {
    /// A loopback address, any port, the usual key.
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            media_host: None,
            public_url: None,
            api_key: DEFAULT_API_KEY.to_owned(),
            webhook_url: None,
            functions_url: None,
            gentle: false,
            scenarios: None,
        }
    }
}
