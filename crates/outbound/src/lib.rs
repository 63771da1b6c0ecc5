//! HTTP to the outside. Who named an address decides how it is asked:
//!
//! - [`Trusted`]: the operator did, in the settings. It is asked as it stands.
//! - [`Checked`]: somebody else entered or sent it. Whoever may do that must not
//!   be able to reach through this server what only this server can reach, or to
//!   keep it busy: the connection goes to an address that was checked
//!   ([`Rules`]), and time, bytes and connections have limits.
//!
//! There is no other way out: lints refuse reqwest's own client elsewhere.

#![expect(
    clippy::disallowed_types,
    reason = "this is where the clients are that everybody else goes through"
)]

mod checked;
mod network;
mod rules;
mod trusted;

pub use checked::{Answer, Checked, Failure, Limits};
pub use network::Network;
pub use rules::{BadAddress, Rules};
pub use trusted::{Trusted, Unread, whole};

use std::sync::OnceLock;

use reqwest::{Certificate, Client, ClientBuilder};

/// Begins a client that trusts whom the system trusts. A server has two dozen, and each would read
/// the system's certificates anew, which takes longer than all else it needs.
fn client() -> ClientBuilder {
    static TRUSTED: OnceLock<Vec<Certificate>> = OnceLock::new();
    let trusted = TRUSTED.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs().certs;
        let read = found.iter().map(|it| Certificate::from_der(it));
        read.filter_map(Result::ok).collect()
    });
    match trusted.as_slice() {
        // It says what is missing once it is built.
        [] => Client::builder(),
        trusted => Client::builder().tls_certs_only(trusted.iter().cloned()),
    }
}
