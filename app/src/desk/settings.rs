//! The settings: one section a page, each in a folder of its own.
//!
//! A new section is a folder with its page and its `texts.rs`, and a line in
//! each list of [`section`]. What sections are made of is in [`parts`].

mod api_keys;
mod audit;
mod business;
mod inbox;
mod jobs;
mod me;
mod outgoing;
pub(super) mod parts;
mod people;
mod privacy;
mod public_keys;
mod routing;
mod section;
mod texts;

pub use section::Section;

use leptos::html;
use leptos::prelude::*;

use super::calls_page::title;
use super::nav::Link;
use super::route::Route;
use super::state::Desk;

/// The settings: the sections the person may see, and the open one.
#[component]
pub(super) fn SettingsPage(
    desk: Desk,
    /// The open one.
    section: Section,
) -> impl IntoView {
    let texts = move || texts::Texts::of(desk.lang.get());
    Effect::new(move || {
        document().set_title(&title(section.label(desk.lang.get()), desk.texts()));
    });
    let heading = NodeRef::<html::H1>::new();
    heading.on_load(|heading| {
        // Who came by a link or a key reads on from the page's name.
        let _ = heading.focus();
    });
    let links = move || {
        let role = desk.role();
        Section::ALL
            .into_iter()
            .filter(|section| section.least_role() <= role)
            .map(|section| {
                view! {
                    <li>
                        <Link route=desk.route to=Route::Settings(section) class="sb-settings-link">
                            {move || section.label(desk.lang.get())}
                        </Link>
                    </li>
                }
            })
            .collect_view()
    };
    let body = move || {
        if section.least_role() <= desk.role() {
            section.draw(desk)
        } else {
            view! { <p class="sb-card">{move || texts().not_for_you}</p> }.into_any()
        }
    };
    view! {
        <div class="sb-page sb-settings">
            <nav class="sb-settings-nav" aria-label=move || texts().settings>
                <ul>{links}</ul>
            </nav>
            <section class="sb-settings-body" aria-labelledby="settings-title">
                <h1 id="settings-title" tabindex="-1" node_ref=heading>
                    {move || section.label(desk.lang.get())}
                </h1>
                {body}
            </section>
        </div>
    }
}
