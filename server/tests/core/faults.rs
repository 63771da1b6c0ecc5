//! What fails, and what then: the server killed, its database stopped, the disk
//! full, the clock wrong.
//!
//! The counts these tests print are what `bench/faults/README.md` is about.

mod clock;
mod disk;
mod kill;
mod outage;
mod process;
mod proxy;
mod servers;
mod silence;
mod stop;
pub(crate) mod storm;
