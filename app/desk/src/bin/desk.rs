//! The agent desk's bundle.

fn main() {
    console_error_panic_hook::set_once();
    desk::start();
}
