//! Every component of the desk in every state, for those who work on them.

fn main() {
    desk::gallery::start();
}
