//! The widget: the panel a visitor talks in.
//!
//! It runs in an iframe of our origin inside the customer's page (or alone in
//! a window). The launcher in the host page (`public/widget.js`) opens and
//! closes it by messages ([`host`]); [`panel`] is what people see. What nobody
//! needs before the call is live is in `before.js` and `extras.js`, which are
//! loaded when they are wanted.
//!
//! It links no Leptos: that alone is half of what a visitor may wait for.

mod advice;
mod config;
mod host;
mod page;
mod panel;
mod tabs;
mod texts;
mod user_agent;

fn main() {
    let config = config::Config::of_page();
    page::insert();
    browser::ui::web::spawn(panel::open(config));
}
