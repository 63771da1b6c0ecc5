//! Switchboard's server: Retell AI voice agents on a business's website.
//!
//! Rooms, from the ground up; each may use those before it, and none a later one.
//!
//! The ground knows no business word but those of its signals: [`clock`], `circuit`,
//! `template`, [`invalid`], [`request_id`], [`shares`], [`phone`], [`person`], [`signed`], [`config`], [`vault`],
//! [`metrics`], [`bus`], [`store`], [`deeds`], `revisions`, [`listed`], [`keeps`], [`jobs`], and [`ground`],
//! which holds what all rooms stand on. [`web`] is what every route shares,
//! `domain` how a domain registers itself, [`site`] the built front end.
//!
//! A domain is a folder with all of it: rules, SQL in `store.rs`, routes in
//! `http.rs`, jobs. In their order:
//!
//! - [`people`] before [`tenants`]: whoever changes a business is somebody who is
//!   signed in, and the first admin is made with the first business. The row of a
//!   tenant itself is ground: every statement is scoped by one.
//! - [`accounts`] (each business's Retell account) and [`agents`] (what is in it)
//!   before [`tenants`], which names a default agent.
//! - [`keys`], [`contacts`], [`calendar`].
//! - [`notify`], outgoing webhooks, before [`calls`] and [`callbacks`]: whoever
//!   has news makes its event and tells it in the transaction of the change;
//!   `notify` knows who wants it and gets it there, not what it is about.
//! - [`crm`] before [`calls`], which has each call written into the business's CRM in the
//!   transaction of its news; what is written of it, `crm` is told by a function.
//! - [`calls`].
//! - [`routing`] before [`live`], which has calls handed over to its destinations, and before
//!   [`inbox`], which asks it who answers an incoming call.
//! - [`callbacks`], [`connectors`], [`sms`].
//! - [`functions`], what agents ask for during calls, above all it uses.
//!
//! Above them, what looks at every domain: [`privacy`], [`audit`],
//! [`operations`]. On top [`app`] puts the parts together, with the router, and
//! [`serve`] runs it; [`check`], [`backup`], [`simulate`] and [`demo`] are for the
//! command line. `fuzz` has what comes from outside as functions of bytes.

pub mod accounts;
pub mod agents;
pub mod app;
pub mod audit;
pub mod backup;
pub mod bus;
pub mod calendar;
pub mod callbacks;
pub mod calls;
pub mod check;
pub(crate) mod circuit;
pub mod clock;
pub mod config;
pub mod connectors;
pub mod contacts;
pub mod crm;
pub mod deeds;
pub mod demo;
pub(crate) mod domain;
pub mod functions;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod ground;
pub mod inbox;
pub mod invalid;
pub mod jobs;
pub mod keeps;
pub mod keys;
pub mod listed;
pub mod live;
pub mod metrics;
pub mod notify;
pub mod operations;
pub mod people;
pub mod person;
pub mod phone;
pub mod privacy;
pub mod request_id;
mod revisions;
pub mod routing;
mod secret_file;
pub mod serve;
pub mod shares;
pub mod signed;
pub mod simulate;
pub mod site;
pub mod sms;
pub mod store;
pub(crate) mod template;
pub mod tenants;
pub mod vault;
pub mod web;
