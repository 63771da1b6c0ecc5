//! What fails, and what then: the server killed, its database stopped or replaced,
//! the disk full, the clock wrong, clients slow.
//!
//! The counts these tests print are what `bench/faults/README.md` is about.

mod clock;
mod disk;
mod failover;
mod kill;
mod leases;
mod migrating;
mod outage;
mod process;
mod proxy;
mod servers;
mod silence;
mod slow;
mod stop;
pub(crate) mod storm;
