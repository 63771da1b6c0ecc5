//! Switchboard's server: Retell AI voice agents on a business's website.
//!
//! `http` translates, the domain modules decide, `store` persists; dependencies
//! point that way only.

pub mod assets;
pub mod audit;
pub mod backup;
pub mod bus;
pub mod callbacks;
pub mod calls;
pub mod check;
pub mod clock;
pub mod config;
pub mod contacts;
pub mod demo;
pub mod hooks;
pub mod http;
pub mod invalid;
pub mod jobs;
pub mod keys;
pub mod live;
pub mod metrics;
pub mod phone;
pub mod privacy;
pub mod recordings;
pub mod routing;
mod secret_file;
pub mod serve;
pub mod shares;
pub mod signed;
pub mod simulate;
pub mod staff;
pub mod state;
pub mod store;
pub mod tenants;
pub mod vault;
pub mod webhooks;
