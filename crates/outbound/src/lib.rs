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
