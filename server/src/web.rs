//! What every route shares, whatever it is about: addresses and bodies, who asks,
//! pages of lists, problem details, and how long a request may take.

pub(crate) mod address;
mod boxed;
pub(crate) mod caller;
pub(crate) mod client_ip;
pub(crate) mod json;
pub(crate) mod lasting;
pub(crate) mod lenient;
pub(crate) mod pace;
pub mod paging;
pub mod problem;
pub(crate) mod requests;
pub(crate) mod revised;
mod routes;
pub(crate) mod slashes;

pub(crate) use boxed::{boxed, routes};
pub(crate) use routes::{Routes, Shared};
