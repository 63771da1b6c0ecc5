//! The bar at the side: where one can go and what waits there, which language, who is signed
//! in. On a narrow screen it is a bar below, and what is seldom needed comes up from it.

use leptos::html;
use leptos::prelude::*;

use super::counts::Counts;
use super::parts;
use super::settings::label;
use crate::data::{Desk, Standing};
use crate::kit::icon::{Icon, icon};
use crate::kit::put_away;
use crate::nav::Link;
use crate::route::Route;
use crate::route::Section;
use crate::texts::Texts;
use crate::unsaved;
use crate::words::Lang;
use crate::words::format;
use browser::ui::time;

/// What something is called.
type Name = fn(Texts) -> &'static str;

/// The sections of the settings, by what they are about.
const GROUPS: [(Name, &[Section]); 3] = [
    (
        |texts| texts.settings(),
        &[
            Section::Me,
            Section::Business,
            Section::Services,
            Section::Functions,
            Section::People,
            Section::Privacy,
            Section::Audit,
        ],
    ),
    (
        |texts| texts.channels(),
        &[Section::PublicKeys, Section::Routing, Section::Messages],
    ),
    (
        |texts| texts.connections(),
        &[
            Section::ApiKeys,
            Section::Inbox,
            Section::Outgoing,
            Section::Crm,
            Section::LinkedCalendars,
            Section::Jobs,
        ],
    ),
];

fn picture(section: Section) -> Icon {
    match section {
        Section::Me => Icon::Person,
        Section::Business => Icon::House,
        Section::Services => Icon::Scissors,
        Section::Functions => Icon::Bolt,
        Section::People => Icon::People,
        Section::Privacy => Icon::Shield,
        Section::Audit => Icon::List,
        Section::PublicKeys => Icon::Bubble,
        Section::Routing => Icon::Fork,
        Section::Messages => Icon::Message,
        Section::ApiKeys => Icon::Key,
        Section::Inbox => Icon::Tray,
        Section::Outgoing => Icon::Send,
        Section::Crm => Icon::Book,
        Section::LinkedCalendars => Icon::Calendar,
        Section::Jobs => Icon::Clock,
    }
}

/// What is beside, or below, every page.
#[component]
pub(crate) fn Sidebar(desk: Desk) -> impl IntoView {
    let session = move || match desk.standing.get() {
        Standing::SignedIn(session) => Some(session),
        _ => None,
    };
    let tenant = move || session().map(|session| session.tenant);
    let counts = Counts::keep(desk);
    let in_settings = move || matches!(desk.route.get().page(), Route::Settings(_));
    let more = NodeRef::<html::Div>::new();
    // Who goes somewhere wants to see it.
    Effect::new(move || {
        desk.route.track();
        if let Some(more) = more.get_untracked() {
            put_away(&more);
        }
    });
    view! {
        <header class="sb-side">
            <span class="sb-brand">
                <span class="sb-brand-mark">{icon(Icon::Phone)}</span>
                <span class="sb-brand-name">{tenant}</span>
            </span>
            <nav aria-label=move || desk.texts().navigation()>
                <ul role="list">
                    <li>
                        <Link route=desk.route to=Route::Calls class="sb-nav">
                            {icon(Icon::Phone)}
                            <span>{move || desk.texts().calls()}</span>
                        </Link>
                        <Count
                            number=counts.live
                            of=Signal::derive(move || desk.texts().live())
                            class="sb-count sb-count-live"
                        />
                    </li>
                    <li>
                        <Link route=desk.route to=Route::Callbacks class="sb-nav">
                            {icon(Icon::CallBack)}
                            <span>{move || desk.texts().callbacks()}</span>
                        </Link>
                        <Count
                            number=counts.waiting
                            of=Signal::derive(move || desk.texts().callbacks_to_do())
                            class="sb-count"
                        />
                    </li>
                    <li>
                        <Link route=desk.route to=Route::Calendar class="sb-nav">
                            {icon(Icon::Calendar)}
                            <span>{move || desk.texts().calendar()}</span>
                        </Link>
                    </li>
                    <li>
                        <Link route=desk.route to=Route::Contacts class="sb-nav">
                            {icon(Icon::Book)}
                            <span>{move || desk.texts().contacts()}</span>
                        </Link>
                    </li>
                    <li class="sb-side-toggle">
                        <button
                            type="button"
                            class="sb-nav"
                            popovertarget="more"
                            aria-current=move || in_settings().then_some("true")
                        >
                            {icon(Icon::More)}
                            <span>{move || desk.texts().more()}</span>
                        </button>
                    </li>
                </ul>
            </nav>
            <div id="more" class="sb-side-more" popover="auto" node_ref=more>
                <nav aria-label=move || desk.texts().settings()>
                    {GROUPS
                        .map(|(name, sections)| view! { <Group desk name sections /> })
                        .into_iter()
                        .collect_view()}
                </nav>
                <Clock desk />
                <Person desk />
            </div>
        </header>
    }
}

/// How many of something there are; nothing where there are none.
#[component]
fn Count(
    #[prop(into)] number: Signal<usize>,
    /// What they are.
    of: Signal<&'static str>,
    class: &'static str,
) -> impl IntoView {
    const MOST: usize = 99;
    move || {
        let shown = match number.get() {
            0 => return None,
            number if number > MOST => format!("{MOST}+"),
            number => number.to_string(),
        };
        Some(view! {
            <span class=class>
                {shown} <span class="sb-hidden">" " {of}</span>
            </span>
        })
    }
}

/// Those of some sections that the person may see.
#[component]
fn Group(desk: Desk, name: Name, sections: &'static [Section]) -> impl IntoView {
    move || {
        let role = desk.role();
        let links: Vec<_> = sections
            .iter()
            .filter(|section| section.least_role() <= role)
            .map(|section| {
                let section = *section;
                view! {
                    <li>
                        <Link
                            route=desk.route
                            to=Route::Settings(section)
                            class="sb-nav sb-settings-link"
                        >
                            {icon(picture(section))}
                            <span>{move || label(section, desk.lang.get())}</span>
                        </Link>
                    </li>
                }
            })
            .collect();
        (!links.is_empty()).then(|| {
            view! {
                <p class="sb-side-group">{move || name(desk.texts())}</p>
                <ul role="list">{links}</ul>
            }
        })
    }
}

/// Whose times they are that the desk shows, for who has other ones.
#[component]
fn Clock(desk: Desk) -> impl IntoView {
    let elsewhere = Memo::new(move |_| {
        let zone = desk.timezone();
        // The clocks are not changed everywhere on the same day.
        desk.today.track();
        format::is_elsewhere(time::now(), &zone).then_some(zone)
    });
    move || {
        let zone = elsewhere.get()?;
        Some(view! { <p class="sb-side-group">{desk.texts().times_in(&zone)}</p> })
    }
}

/// Who is signed in, whether they take calls, and in which language the desk speaks to them.
#[component]
fn Person(desk: Desk) -> impl IntoView {
    let name = move || match desk.standing.get() {
        Standing::SignedIn(session) => Some(session.name),
        _ => None,
    };
    let leave = move |_| {
        if unsaved::may_leave_desk() {
            desk.leave();
        }
    };
    let opened = RwSignal::new(false);
    view! {
        <div class="sb-side-end">
            <details class="sb-who" on:toggle=move |_| opened.set(true)>
                <summary>{name}</summary>
                {move || opened.get().then(|| parts::taking_calls(desk))}
            </details>
            <LanguageMenu desk />
            <button type="button" class="sb-button sb-button-quiet sb-leave" on:click=leave>
                {icon(Icon::Exit)}
                <span>{move || desk.texts().sign_out()}</span>
            </button>
        </div>
    }
}

/// Chooses the language.
#[component]
pub(crate) fn LanguageMenu(desk: Desk) -> impl IntoView {
    let choose = move |event| {
        if let Some(lang) = Lang::from_tag(&event_target_value(&event)) {
            desk.speak(lang);
        }
    };
    let options = Lang::ALL.map(|lang| {
        view! {
            <option value=lang.tag() lang=lang.tag() selected=move || desk.lang.get() == lang>
                {lang.endonym()}
            </option>
        }
    });
    view! {
        <select class="sb-select" aria-label=move || desk.texts().language() on:change=choose>
            {options.into_iter().collect_view()}
        </select>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_in_one_group() {
        let grouped: Vec<_> = GROUPS
            .iter()
            .flat_map(|(_, sections)| *sections)
            .copied()
            .collect();
        assert_eq!(grouped.len(), Section::ALL.len());
        assert!(Section::ALL.iter().all(|section| grouped.contains(section)));
    }
}
