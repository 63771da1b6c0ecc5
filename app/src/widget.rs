//! The widget: the panel a visitor talks in.
//!
//! It runs in an iframe of our origin inside the customer's page (or alone in
//! a window). The launcher in the host page (`public/widget.js`) opens and
//! closes it by messages ([`host`]); [`panel`] is what people see.

mod advice;
mod browser;
mod config;
mod controls;
mod host;
mod icons;
mod orb;
mod panel;
mod texts;

/// Puts the panel into the page.
pub fn mount() {
    let config = config::Config::of_page();
    config.lang.mark_page();
    leptos::mount::mount_to_body(move || panel::panel(config));
}
