//! The widget: the panel a visitor talks in.
//!
//! It runs in an iframe of our origin inside the customer's page (or alone in
//! a window). The launcher in the host page (`public/widget.js`) opens and
//! closes it by messages ([`host`]); [`panel`] is what people see. What nobody
//! needs before the call is live is in `before.js` and `extras.js`, which are
//! loaded when they are wanted.

mod advice;
mod browser;
mod config;
mod host;
mod page;
mod panel;
mod tabs;
mod texts;

/// Puts the panel into the page.
pub fn mount() {
    let config = config::Config::of_page();
    page::insert();
    crate::ui::web::spawn(panel::open(config));
}
