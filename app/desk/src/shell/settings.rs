//! The settings: one section a page, each a feature of its own.

use leptos::html;
use leptos::prelude::*;

use super::parts;
use crate::data::Desk;
use crate::nav::title;
use crate::route::Section;
use crate::words::Lang;
use crate::words::sections::Texts;

/// One section of the settings, if the person may see it.
#[component]
pub(crate) fn SettingsPage(
    desk: Desk,
    /// The open one.
    section: Section,
) -> impl IntoView {
    let texts = move || desk.texts();
    Effect::new(move || {
        document().set_title(&title(label(section, desk.lang.get()), desk.texts()));
    });
    let heading = NodeRef::<html::H1>::new();
    heading.on_load(|heading| {
        // Who came by a link or a key reads on from the page's name.
        let _ = heading.focus();
    });
    // A session that was merely confirmed, or says another name, leaves the page as it is.
    let may = Memo::new(move |_| section.least_role() <= desk.role());
    let body = move || {
        if may.get() {
            parts::section_page(desk, section)
        } else {
            view! { <p class="sb-card">{move || texts().not_for_you()}</p> }.into_any()
        }
    };
    view! {
        <section class="sb-page sb-settings-body" aria-labelledby="settings-title">
            <h1 id="settings-title" tabindex="-1" node_ref=heading>
                {move || label(section, desk.lang.get())}
            </h1>
            {body}
        </section>
    }
}

/// A section's name.
pub(super) fn label(section: Section, lang: Lang) -> &'static str {
    let texts = Texts::of(lang);
    match section {
        Section::Me => texts.me(),
        Section::Business => texts.business(),
        Section::Services => texts.services(),
        Section::Functions => texts.functions(),
        Section::People => texts.people(),
        Section::Outgoing => texts.outgoing(),
        Section::Jobs => texts.jobs(),
        Section::Routing => texts.routing(),
        Section::Messages => texts.messages(),
        Section::Inbox => texts.inbox(),
        Section::PublicKeys => texts.public_keys(),
        Section::ApiKeys => texts.api_keys(),
        Section::Privacy => texts.privacy(),
        Section::Crm => texts.crm(),
        Section::LinkedCalendars => texts.linked_calendars(),
        Section::Audit => texts.audit(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_section_has_a_name_of_its_own() {
        for lang in Lang::ALL {
            let labels: HashSet<_> = Section::ALL.iter().map(|it| label(*it, lang)).collect();
            assert_eq!(labels.len(), Section::ALL.len(), "{lang:?}");
        }
    }
}
