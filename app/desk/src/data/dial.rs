//! Telephone numbers that lead to where an agent is had call them.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::Desk;
use super::numbers::{Piece, pieces};
use crate::kit::icon::{Icon, icon};
use crate::nav;
use crate::route::Route;
use crate::words::dial::Texts;
use crate::words::test_call::Texts as TestTexts;

/// A number, as it is shown, that leads to having it called.
#[component]
pub(crate) fn Number(desk: Desk, number: String) -> impl IntoView {
    let (address, called) = (nav::dial_address(&number, None), number.clone());
    let follow = follow(desk, address.clone());
    view! {
        <a
            class="sb-figure"
            href=address
            aria-label=move || Texts::of(desk.lang.get()).call_number(&called)
            on:click=follow
        >
            <bdi>{number}</bdi>
        </a>
    }
}

/// A text in which each number leads to having it called.
pub(crate) fn linked(desk: Desk, text: &str) -> impl IntoView + use<> {
    let pieces = pieces(text).into_iter().map(|piece| match piece {
        Piece::Words(words) => words.to_owned().into_any(),
        Piece::Number(number) => view! { <Number desk number=number.to_owned() /> }.into_any(),
    });
    pieces.collect_view()
}

/// The numbers in a text that somebody may be writing, each leading to having it called; nothing
/// where there are none.
#[component]
pub(crate) fn NumbersIn(desk: Desk, #[prop(into)] text: Signal<String>) -> impl IntoView {
    let numbers = Memo::new(move |_| {
        let mut numbers = Vec::<String>::new();
        text.with(|text| {
            for piece in pieces(text) {
                if let Piece::Number(number) = piece
                    && numbers.iter().all(|known| known != number)
                {
                    numbers.push(number.to_owned());
                }
            }
        });
        numbers
    });
    move || {
        let links = numbers.get().into_iter().map(|number| {
            call_button(desk, number, None, |texts, number| {
                texts.call_number(number)
            })
        });
        let links = links.collect::<Vec<_>>();
        (!links.is_empty()).then(|| view! { <div class="sb-actions">{links}</div> })
    }
}

/// Leads to having a number called, by this agent (its id at Retell) unless another is chosen.
/// `label` says what that is called of a number.
pub(crate) fn call_button(
    desk: Desk,
    number: String,
    agent: Option<&str>,
    label: fn(Texts, &str) -> String,
) -> impl IntoView + use<> {
    let address = nav::dial_address(&number, agent);
    let follow = follow(desk, address.clone());
    view! {
        <a class="sb-button sb-button-small" href=address on:click=follow>
            {icon(Icon::Phone)}
            {move || label(Texts::of(desk.lang.get()), &number)}
        </a>
    }
}

/// Leads to where one talks with an agent (its id at Retell) oneself; `key` is the action
/// of the key map that presses it.
pub(crate) fn talk_to(desk: Desk, agent: &str, key: Option<&'static str>) -> impl IntoView + use<> {
    let address = nav::talk_address(agent);
    let follow = follow(desk, address.clone());
    view! {
        <a
            class="sb-button sb-button-small"
            data-key=key
            href=address
            on:click=follow
        >
            {icon(Icon::Phone)}
            {move || TestTexts::of(desk.lang.get()).talk_to()}
        </a>
    }
}

/// What a plain press does.
fn follow(desk: Desk, address: String) -> impl Fn(MouseEvent) {
    move |click| {
        if nav::is_plain(&click) {
            click.prevent_default();
            nav::go_to(desk.route, Route::new_call(), &address);
        }
    }
}
