//! Numbers and routing: the business's numbers, the rules by which an inbound
//! call finds its agent, trying them out, and whom a call can be handed to.

mod destinations;
mod editor;
mod form;
mod numbers;
mod rules;
mod trial;

use api::routing::{NumberList, RuleList};
use leptos::prelude::*;

pub(crate) use crate::words::routing::Texts;

use crate::data::Desk;
use crate::data::Loaded;

/// The numbers, the rules, a trial, and whom calls can be handed to.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let numbers = Loaded::<NumberList>::from(desk, "/api/desk/numbers");
    let rules = Loaded::<RuleList>::from(desk, rules::PATH);
    view! {
        <p class="sb-hint">{move || texts().hint()}</p>
        <rules::Rules desk rules numbers />
        <trial::Trial desk numbers />
        <destinations::Destinations desk />
        <numbers::Numbers desk numbers />
    }
}

/// The business's numbers, as a field's options.
fn number_options(numbers: Loaded<NumberList>) -> Vec<(String, String)> {
    let Some(Ok(list)) = numbers.value.get() else {
        return Vec::new();
    };
    list.items
        .into_iter()
        .map(|number| {
            let name = match &number.nickname {
                Some(nickname) => format!("{} ({nickname})", number.number),
                None => number.number.clone(),
            };
            (number.number, name)
        })
        .collect()
}
