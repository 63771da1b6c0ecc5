//! The reader's own call with an agent, while it goes on.

use leptos::prelude::*;

use super::attend::{Drawers, Note, Others, meter};
use super::follow::Call;
use crate::data::Desk;
use crate::features::calls::telephone::Telephone;
use crate::kit::icon::{Icon, icon};
use crate::role::Role;
use crate::words::attend::Texts;

/// What can be done with it: as much as with anybody's, and it is talked in already.
#[component]
pub(super) fn Own(desk: Desk, call: Call, telephone: Telephone) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let active = Memo::new(move |_| telephone.is_active());
    let muted = move || telephone.state().view.muted;
    let buttons = move || {
        active.get().then(|| {
            view! {
                <button
                    type="button"
                    class="sb-button"
                    data-key="mute"
                    aria-pressed=move || muted().to_string()
                    on:click=move |_| telephone.set_muted(!untrack(muted))
                >
                    {move || texts().mute()}
                </button>
                <button
                    type="button"
                    class="sb-button sb-button-danger"
                    data-key="end"
                    on:click=move |_| telephone.hang_up()
                >
                    {move || texts().end()}
                </button>
            }
        })
    };
    let play = move || {
        let blocked = active.get() && telephone.state().sound_blocked;
        blocked.then(|| {
            view! {
                <button
                    type="button"
                    class="sb-button sb-button-primary"
                    on:click=move |_| telephone.allow_sound()
                >
                    {icon(Icon::Play)}
                    {move || texts().play()}
                </button>
            }
        })
    };
    let sound = move || {
        active.get().then(|| {
            view! {
                <div class="sb-attend-sound">
                    {meter(
                        desk,
                        |texts| texts.heard(),
                        |texts| texts.heard_short(),
                        move || telephone.levels().agent,
                    )}
                    {meter(
                        desk,
                        |texts| texts.said(),
                        |texts| texts.said_short(),
                        move || telephone.levels().visitor,
                    )}
                </div>
            }
        })
    };
    let trouble = move || {
        telephone.trouble().map(|text| {
            view! {
                <p class="sb-problem">
                    {icon(Icon::Alert)}
                    <span>{text}</span>
                </p>
            }
        })
    };
    let stands = move || {
        let text = telephone.stands();
        text.map(|text| view! { <p class="sb-attend-now">{text}</p> })
    };
    let may_act = move || active.get() && desk.role() >= Role::Supervisor;
    view! {
        <section
            class="sb-card sb-attend"
            aria-labelledby="attend-title"
            data-state=move || telephone.state().view.phase.name()
        >
            <div class="sb-attend-do">
                <h2 id="attend-title">{move || texts().title()}</h2>
                <div class="sb-actions">
                    {play} {buttons} {move || may_act().then(|| view! { <Drawers desk call /> })}
                </div>
                {sound}
            </div>
            <div role="status">{stands}</div>
            <div role="status"><Others desk call /></div>
            <div role="alert">{trouble}</div>
            {move || may_act().then(|| view! { <Note desk call /> })}
        </section>
    }
}
