//! Text messages: who sends them and how much, a message to try it, and what is said again and again.

mod settings;
mod templates;
mod trial;

use api::problem::slug;
use api::sms::{SmsConnection, SmsTemplateList};
use leptos::prelude::*;

pub(crate) use crate::words::sms::Texts;

use crate::data::{Desk, Loaded, Loading, Rivalry, Rivals};
use crate::words::Lang;
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

/// The settings, a trial, and the templates.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        templates: Loaded::from(desk, templates::PATH),
    };
    let connection = Loaded::<SmsConnection>::from(desk, settings::PATH);
    let rivals = Rivals::new(desk);
    let show = Callback::new(move |()| connection.reload());
    let draw = move |connection| view! { <Settings shared rivals show connection /> };
    view! {
        <p class="sb-hint">{shared.label(|texts| texts.hint())}</p>
        <Rivalry rivals />
        <Loading desk loaded=connection draw />
        <Trial shared />
        <Templates shared />
    }
}
