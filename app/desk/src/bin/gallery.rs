//! Every component of the desk in every state, for those who work on them.

fn main() {
    console_error_panic_hook::set_once();
    desk::gallery::start();
}
