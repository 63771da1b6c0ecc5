//! Conducting calls: making them, and the task that runs each.

pub(crate) mod create;
mod driver;
mod playing;
#[cfg(test)]
mod tests;
mod told;
