//! Who goes next, and how jobs come to their end.

mod runner;
mod schedule;
