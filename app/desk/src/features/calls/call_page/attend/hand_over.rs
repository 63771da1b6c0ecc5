//! Having the agent hand the call over to one of the business's destinations.

use api::attend::HandOver;
use api::availability::Availability;
use api::routing::{Destination, DestinationList};
use leptos::prelude::*;

use super::{Call, in_words};
use crate::data::staff::Staff;
use crate::data::{Desk, Errand, Loaded, Loading, Status, api_client};
use crate::kit::SelectField;
use crate::words::attend::Texts;
use crate::words::availability::Texts as StaffTexts;

/// Whom it is handed to, and what happens then.
#[component]
pub(super) fn HandOverTo(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let all = Loaded::<DestinationList>::from(desk, "/api/desk/transfer-destinations");
    let staff = Staff::of(desk);
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
        let active: Vec<_> = active.collect();
        if active.is_empty() {
            return view! { <p>{move || texts().hand_over_nobody()}</p> }.into_any();
        }
        let all_named = active.iter().all(|it| it.details.person.is_some());
        let options = Memo::new(move |_| offered(staff, &active));
        // Who is ready is proposed, until somebody chooses.
        let proposed = StoredValue::new(String::new());
        Effect::new(move || {
            let first = options.with(|all| all.first().map(|it| it.id.clone()));
            let first = first.unwrap_or_default();
            if chosen.get_untracked() == proposed.get_value() {
                chosen.set(first.clone());
            }
            proposed.set_value(first);
        });
        let nobody_ready = move || {
            let is_ready = options.with(|all| all.iter().any(|it| it.is_ready));
            (all_named && !is_ready).then(|| StaffTexts::of(desk.lang.get()).nobody_ready())
        };
        let options = Signal::derive(move || {
            let all = options.get().into_iter();
            all.map(|it| (it.id, it.says)).collect::<Vec<_>>()
        });
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
                    options=options
                />
                <p class="sb-hint" role="status">{nobody_ready}</p>
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

/// Somebody the call can be handed to.
#[derive(Debug, Clone, PartialEq)]
struct Offered {
    id: String,
    says: String,
    is_ready: bool,
}

/// Who is ready first, then those of whom nobody knows, then who is not.
fn offered(staff: Staff, active: &[Destination]) -> Vec<Offered> {
    let mut all: Vec<_> = active
        .iter()
        .map(|it| {
            let details = &it.details;
            let person = details.person.as_deref().and_then(|id| staff.one(id));
            let mut says = format!("{} · {}", details.name, details.to);
            if let Some(person) = &person {
                says = format!("{says} · {}", staff.says(person));
            }
            let is_ready = person.map(|it| it.availability == Availability::Ready);
            let offered = Offered {
                id: it.id.clone(),
                says,
                is_ready: is_ready == Some(true),
            };
            let place = match is_ready {
                Some(true) => 0,
                None => 1,
                Some(false) => 2,
            };
            (place, offered)
        })
        .collect();
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, offered)| offered).collect()
}
