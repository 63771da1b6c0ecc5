//! The client, the models and the signature, against what Retell says and sends.

mod client;
mod filter;
mod models;
mod monitor;
mod signature;
mod webhook;
