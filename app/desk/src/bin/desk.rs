//! The agent desk's bundle.

fn main() {
    desk::start();
}
