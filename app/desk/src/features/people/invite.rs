//! Inviting somebody.

use api::people::{Invite, PasswordLink};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{PATH, People, words};
use crate::data::api_client;
use crate::data::{Errand, SaveButton, Status};
use crate::kit::{SelectField, TextField};
use crate::role::Role;

/// Asks for address, name and role; the link appears above the list.
#[component]
pub(super) fn InviteForm(people: People) -> impl IntoView {
    let desk = people.desk;
    let texts = move || people.texts();
    let email = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Agent.name().to_owned());
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = Invite {
            email: email.get_untracked(),
            name: name.get_untracked(),
            role: role.get_untracked(),
        };
        let work = async move { api_client::post::<PasswordLink>(PATH, &body).await };
        errand.run(desk, work, move |link| {
            email.set(String::new());
            name.set(String::new());
            people.errand.forget();
            people.pages.reload();
            people.show(link);
        });
    };
    let roles = move || {
        let texts = desk.texts();
        Role::ALL
            .map(|role| (role.name().to_owned(), texts.role(role).to_owned()))
            .to_vec()
    };
    view! {
        <section class="sb-card" aria-labelledby="invite-title">
            <h2 id="invite-title">{move || texts().invite_title()}</h2>
            <form class="sb-form" novalidate on:submit=submit>
                <p class="sb-hint">{move || texts().invite_hint()}</p>
                <div class="sb-form-row">
                    <TextField
                        id="invite-name"
                        label=move || texts().name()
                        value=name
                    />
                    <TextField
                        id="invite-email"
                        label=move || crate::words::gate::Texts::of(desk.lang.get()).email()
                        value=email
                        kind="email"
                    />
                    <SelectField
                        id="invite-role"
                        label=move || texts().role()
                        value=role
                        options=roles
                    />
                </div>
                <p class="sb-hint">{move || texts().role_hint()}</p>
                <Status desk errand done=Signal::stored("") words=words as _ />
                <div class="sb-actions">
                    <SaveButton desk errand label=move || texts().invite() />
                </div>
            </form>
        </section>
    }
}
