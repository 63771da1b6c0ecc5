//! What the benchmarks share: programs under test, a client that costs little,
//! and numbers as tables. `cargo xtask bench` builds everything and says by the
//! environment where it is.

pub mod client;
pub mod program;
pub mod report;
pub mod seed;
