//! Having the agent hand the call over to one of the business's destinations.

use api::attend::HandOver;
use api::routing::DestinationList;
use leptos::prelude::*;

use super::{Call, in_words};
use crate::data::{Desk, Errand, Loaded, Loading, Status, api_client};
use crate::kit::SelectField;
use crate::words::attend::Texts;

/// Whom it is handed to, and what happens then.
#[component]
pub(super) fn HandOverTo(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let all = Loaded::<DestinationList>::from(desk, "/api/desk/transfer-destinations");
    let (chosen, errand) = (RwSignal::new(String::new()), Errand::new());
    let send = move || {
        let to = HandOver {
            destination: chosen.get_untracked(),
        };
        let path = call.path() + "/hand-over";
        let work = async move { api_client::post::<()>(&path, &to).await };
        errand.run(desk, work, |()| {});
    };
    let form = move |list: DestinationList| {
        let active = list.items.into_iter().filter(|it| it.details.active);
        let options = active.map(|it| {
            let says = format!("{} · {}", it.details.name, it.details.to);
            (it.id, says)
        });
        let options: Vec<_> = options.collect();
        let Some((first, _)) = options.first() else {
            return view! { <p>{move || texts().hand_over_nobody()}</p> }.into_any();
        };
        chosen.set(first.clone());
        view! {
            <form
                class="sb-form"
                on:submit=move |event| {
                    event.prevent_default();
                    send();
                }
            >
                <SelectField
                    id="hand-over-to"
                    label=Signal::derive(move || texts().hand_over_to())
                    hint=Signal::derive(move || Some(texts().hand_over_hint()))
                    value=chosen
                    options=Signal::stored(options)
                />
                <div class="sb-actions">
                    <button type="submit" class="sb-button sb-button-primary">
                        {move || texts().hand_over_now()}
                    </button>
                </div>
                <Status
                    desk
                    errand
                    done=Signal::derive(move || texts().handed_over())
                    words=in_words
                />
            </form>
        }
        .into_any()
    };
    view! { <Loading desk loaded=all draw=form /> }
}
