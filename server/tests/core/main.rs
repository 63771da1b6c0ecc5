//! The server as its clients meet it: over TCP, on a real store, with a Retell
//! of the test's own making.

#![expect(clippy::disallowed_types, reason = "the tests are the clients")]
#![expect(clippy::unwrap_used, reason = "a failing test says where")]

mod backup;
mod bench;
mod calcom;
mod calendar;
mod call_list;
mod callbacks;
mod contact_files;
mod crm;
mod crossing;
mod desk;
mod dialling;
mod emulated;
mod faults;
mod functions;
mod healing;
mod health;
mod held;
mod history;
mod imports;
mod inbox;
mod jobs;
mod lifecycle;
mod linked_calendars;
mod live;
mod marks;
mod migrations;
mod mint;
mod mirror;
mod notify;
mod oidc;
mod operations;
mod orders;
mod people;
mod pooler;
mod privacy;
mod public_keys;
mod retell_stub;
mod revisions;
mod round_trips;
mod routing;
mod second_lock;
mod sms;
mod sse;
mod stage;
mod store;
mod support;
mod test_calls;
mod v1;
mod visitors;
mod webhooks;
