//! The reader's own account.

mod texts;

use leptos::prelude::*;

pub(super) use texts::Texts;

use super::texts::Texts as Common;
use crate::desk::state::{Desk, Standing};

/// Who is signed in.
#[component]
pub(super) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let session = move || match desk.standing.get() {
        Standing::SignedIn(session) => Some(session),
        _ => None,
    };
    let name = move || session().map(|session| session.name);
    let email = move || session().map(|session| session.email);
    let tenant = move || session().map(|session| session.tenant);
    let role = move || Common::of(desk.lang.get()).role(desk.role());
    view! {
        <div class="sb-card">
            <dl class="sb-facts">
                <dt>{move || texts().name}</dt>
                <dd>{name}</dd>
                <dt>{move || desk.texts().email}</dt>
                <dd>{email}</dd>
                <dt>{move || texts().business}</dt>
                <dd>{tenant}</dd>
                <dt>{move || texts().role}</dt>
                <dd>{role}</dd>
            </dl>
        </div>
    }
}
