//! Writing to somebody.

use api::contacts::Moment;
use api::problem::slug;
use api::sms::{NewSms, Sms};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::Shared;
use crate::data::{Errand, Pages, SaveButton, Status, api_client};
use crate::kit::TextArea;
use crate::words::Lang;
use crate::words::contacts::Texts;
use browser::ui::http::Failure;

/// What the server's refusal of a message means.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    match failure {
        Failure::Problem { slug, .. } if slug == slug::SMS_NOT_SET_UP => Some(texts.no_provider()),
        Failure::Problem { slug, .. } if slug == slug::SMS_OPTED_OUT => Some(texts.opted_out()),
        Failure::Problem { slug, .. } if slug == slug::SMS_USED_UP => Some(texts.used_up()),
        _ => None,
    }
}

/// A text message to a number.
#[component]
pub(super) fn Message(shared: Shared, number: String, moments: Pages<Moment>) -> impl IntoView {
    let desk = shared.desk;
    let body = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = body.with_untracked(|text| text.trim().to_owned());
        missing.set(text.is_empty());
        if text.is_empty() {
            return;
        }
        let message = NewSms {
            to: number.clone(),
            body: text,
            ..NewSms::default()
        };
        let work = async move { api_client::post::<Sms>("/api/desk/sms", &message).await };
        errand.run(desk, work, move |_| {
            body.set(String::new());
            moments.reload();
        });
    };
    view! {
        <form class="sb-form sb-contact-message" novalidate on:submit=submit>
            <TextArea
                id="contact-message-text"
                label=shared.label(|texts| texts.message())
                value=body
                rows=2
                error=Signal::derive(move || missing.get().then(|| shared.texts().message_missing()))
            />
            <Status desk errand done=shared.label(|texts| texts.message_sent()) words=words />
            <div class="sb-actions">
                <SaveButton desk errand label=shared.label(|texts| texts.send()) />
            </div>
        </form>
    }
}
