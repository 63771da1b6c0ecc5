//! Text messages: who sends them and how much, a message to try it, and what is said again and again.

mod settings;
mod templates;
mod trial;

use api::problem::slug;
use api::sms::{SmsConnection, SmsTemplateList};
use leptos::prelude::*;

pub(crate) use crate::words::sms::Texts;

use crate::data::{Desk, Loaded, Loading, Rivalry, Rivals};
use crate::kit::{Tab, Tabs};
use crate::nav;
use crate::route::Section;
use crate::words::Lang;
use crate::words::sections::Texts as Sections;
use browser::ui::http::Failure;
use settings::Settings;
use templates::Templates;
use trial::Trial;

/// What the page's parts share. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    templates: Loaded<SmsTemplateList>,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn label(self, read: fn(Texts) -> &'static str) -> Signal<&'static str> {
        Signal::derive(move || read(self.texts()))
    }

    /// A hint below a field.
    fn hint(self, read: fn(Texts) -> &'static str) -> Signal<Option<&'static str>> {
        Signal::derive(move || Some(read(self.texts())))
    }
}

/// Says what a failure means here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    let texts = Texts::of(lang);
    match slug.as_str() {
        slug::SMS_NOT_SET_UP => Some(texts.no_provider()),
        slug::SMS_OPTED_OUT => Some(texts.opted_out()),
        slug::SMS_USED_UP => Some(texts.used_up()),
        slug::VALUE_INVALID => Some(texts.not_taken()),
        slug::NOT_FOUND => Some(texts.gone()),
        _ => None,
    }
}

/// The tab that is open where an address names none.
const FIRST: &str = "sender";

/// The settings, the templates, and a trial.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        templates: Loaded::from(desk, templates::PATH),
    };
    let (connection, errand, show) = Loaded::<SmsConnection>::for_form(desk, settings::PATH);
    let rivals = Rivals::new(desk);
    let draw = move |connection| view! { <Settings shared rivals show errand connection /> };
    let tabs = vec![
        Tab::new(FIRST, shared.label(|texts| texts.settings()), move || {
            view! {
                <Rivalry rivals />
                <Loading desk loaded=connection draw />
            }
        }),
        Tab::new(
            "templates",
            shared.label(|texts| texts.templates()),
            move || {
                view! { <Templates shared /> }
            },
        ),
        Tab::new("trial", shared.label(|texts| texts.trial()), move || {
            view! { <Trial shared /> }
        }),
    ];
    let open = nav::open_in(desk.route, Section::Messages);
    let choose = Callback::new(move |tab: &'static str| {
        let tab = (tab != FIRST).then(|| tab.to_owned());
        nav::open(desk.route, Section::Messages, tab);
    });
    view! {
        <p class="sb-hint">{shared.label(|texts| texts.hint())}</p>
        <Tabs
            id="sms"
            label=Signal::derive(move || Sections::of(desk.lang.get()).messages().to_owned())
            tabs
            open=Signal::derive(move || open.get().unwrap_or_default())
            choose
        />
    }
}
