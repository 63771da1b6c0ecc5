//! Where an agent is had call a number: which one, and who calls.

use api::desk::{AgentList, CallSummary, Dial};
use api::problem::slug;
use browser::ui::http::Failure;
use js_sys::Math;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::call_page::BackToCalls;
use super::telephone::refused;
use crate::data::{Desk, Errand, Loaded, Loading, SaveButton, Status, api_client};
use crate::kit::{SelectField, TextField};
use crate::nav::{self, title};
use crate::route::Route;
use crate::words::Lang;
use crate::words::dial::Texts;

/// What a refusal means here.
fn in_words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    match failure {
        Failure::Problem { slug, .. } if slug == slug::OWN_ACCOUNT_REQUIRED => {
            Some(texts.shared_account())
        }
        Failure::Problem { slug, .. }
            if [slug::NUMBER_NOT_DIALABLE, slug::VALUE_INVALID].contains(&slug.as_str()) =>
        {
            Some(texts.unfit())
        }
        Failure::Problem { slug, .. } if slug == slug::DO_NOT_CALL => Some(texts.do_not_call()),
        failure => refused(failure, lang),
    }
}

/// Calls a number. The page of the call goes on.
#[component]
pub(super) fn DialPage(
    desk: Desk,
    /// The number, until somebody says another one.
    to: String,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    Effect::new(move || document().set_title(&title(texts().title(), desk.texts())));
    let agents = Loaded::<AgentList>::from(desk, "/api/desk/agents");
    let number = RwSignal::new(to);
    let agent = RwSignal::new(nav::asked("agent").unwrap_or_default());
    let errand = Errand::new();
    // Pressed again after an answer that was lost, it is the same wish; for another number or
    // agent it is another one.
    let request_id = Memo::new(move |_| {
        number.track();
        agent.track();
        Math::random().to_string()
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let asked = Dial {
            to_number: number.get_untracked().trim().to_owned(),
            agent_id: Some(agent.get_untracked()).filter(|id| !id.is_empty()),
            request_id: Some(request_id.get_untracked()),
        };
        let work =
            async move { api_client::post::<CallSummary>("/api/desk/phone-calls", &asked).await };
        errand.run(desk, work, move |call| {
            nav::go(desk.route, Route::Call(call.id));
        });
    };
    let draw = move |list: AgentList| {
        let named: Vec<_> = list.items.into_iter().map(|it| (it.id, it.name)).collect();
        // One the business has no more calls nobody.
        agent.update(|chosen| {
            if named.iter().all(|(id, _)| id != chosen) {
                chosen.clear();
            }
        });
        let options = Signal::derive(move || {
            let usual = (String::new(), texts().usual_agent().to_owned());
            std::iter::once(usual)
                .chain(named.clone())
                .collect::<Vec<_>>()
        });
        view! {
            <form
                class="sb-card sb-form sb-form-narrow"
                novalidate
                on:submit=submit
            >
                <TextField
                    id="dial-to-number"
                    label=Signal::derive(move || texts().number())
                    hint=Signal::derive(move || Some(texts().number_hint()))
                    kind="tel"
                    value=number
                />
                <SelectField
                    id="dial-agent-id"
                    label=Signal::derive(move || desk.texts().agent())
                    value=agent
                    options=options
                />
                <Status desk errand done=Signal::stored("") words=in_words />
                <div class="sb-actions">
                    <SaveButton desk errand label=Signal::derive(move || texts().call()) />
                </div>
            </form>
        }
    };
    view! {
        <section class="sb-page" aria-labelledby="dial-title">
            <BackToCalls desk />
            <h1 id="dial-title">{move || texts().title()}</h1>
            <p class="sb-hint">{move || texts().hint()}</p>
            <Loading desk loaded=agents draw />
        </section>
    }
}
