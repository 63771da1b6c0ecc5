//! A person in the list, and what can be done with them.

use std::rc::Rc;

use api::people::{ChangePerson, Person};
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use web_sys::{Event, HtmlSelectElement};

use super::{People, Texts};
use crate::data::Standing;
use crate::kit::{Cell, Question, SETTLED};
use crate::role::Role;

/// Draws a person.
pub(super) fn row(people: People, person: Person) -> impl IntoView {
    let desk = people.desk;
    let texts = move || people.texts();
    let is_reader = desk.standing.with_untracked(|standing| match standing {
        Standing::SignedIn(session) => session.user_id == person.id,
        _ => false,
    });
    let (class, state): (&'static str, fn(Texts) -> &'static str) = if person.disabled {
        ("sb-chip sb-chip-bad", |texts| texts.disabled())
    } else if person.invited {
        ("sb-chip sb-chip-warn", |texts| texts.invited())
    } else {
        ("sb-chip sb-chip-good", |texts| texts.active())
    };
    let (staff, id) = (people.staff, person.id.clone());
    let takes_calls = move || staff.one(&id).map(|it| staff.chip(it));
    let name = person.name.clone();
    let email = person.email.clone();
    let role = role(people, &person);
    let actions = (!is_reader).then(|| actions(people, person));
    view! {
        <tr role="row">
            <Cell column=move || texts().name()>
                <div>
                    <strong>{name}</strong>
                    {is_reader.then(|| view! { <span class="sb-hint">" · " {move || texts().you()}</span> })}
                    <br />
                    <span class="sb-hint">{email}</span>
                </div>
            </Cell>
            <Cell column=move || texts().role()>{role}</Cell>
            <Cell column=move || texts().state()>
                <span>
                    <span class=class>{move || state(texts())}</span>
                    " "
                    {takes_calls}
                </span>
            </Cell>
            <Cell column=move || texts().actions()>
                {actions}
            </Cell>
        </tr>
    }
}

fn role(people: People, person: &Person) -> impl IntoView + use<> {
    let desk = people.desk;
    let (id, name) = (person.id.clone(), person.name.clone());
    let now = Role::parse(&person.role);
    let options = Role::ALL.map(|role| {
        view! {
            <option value=role.name() selected=role == now>
                {move || desk.texts().role(role)}
            </option>
        }
    });
    let become_ = |role: Role| ChangePerson {
        role: Some(role.name().to_owned()),
        ..ChangePerson::default()
    };
    let named = name.clone();
    let choose = Rc::new(move |select: HtmlSelectElement| {
        let chosen = Role::parse(&select.value());
        let done = {
            let (id, name) = (id.clone(), named.clone());
            move || {
                let role = desk.texts().role(chosen);
                people.done(people.texts().role_now(&name, role), &id, become_(now));
            }
        };
        // What a person has chosen stays chosen until it is taken back.
        people.change_or(&id, become_(chosen), done, move || {
            select.set_value(now.name());
        });
    });
    // Who chooses by keys steps through the others; who points at one wants it.
    let by_keys = StoredValue::new(false);
    let stepped = Rc::clone(&choose);
    let mut settle = debounce(SETTLED, move |select| stepped(select));
    let chosen = move |event: Event| match by_keys.get_value() {
        true => settle(event_target(&event)),
        false => choose(event_target(&event)),
    };
    view! {
        <select
            class="sb-select"
            aria-label=move || format!("{}: {name}", people.texts().role())
            on:keydown=move |_| by_keys.set_value(true)
            on:pointerdown=move |_| by_keys.set_value(false)
            on:change=chosen
        >
            {options.into_iter().collect_view()}
        </select>
    }
}

fn actions(people: People, person: Person) -> impl IntoView {
    let texts = move || people.texts();
    let Person {
        id, name, disabled, ..
    } = person;
    let link_id = id.clone();
    let turn = |disabled| ChangePerson {
        disabled: Some(disabled),
        ..ChangePerson::default()
    };
    let switched = name.clone();
    let act = Callback::new(move |()| {
        let (id, name) = (id.clone(), switched.clone());
        people.change(&id.clone(), turn(!disabled), move || {
            let said = if disabled {
                texts().switched_on(&name)
            } else {
                texts().switched_off(&name)
            };
            people.done(said, &id, turn(disabled));
        });
    });
    let switch = move |_| {
        if disabled {
            act.run(());
            return;
        }
        // It can be undone, but they are signed out then.
        let texts = texts();
        people.question.set(Some(Question {
            title: format!("{}: {name}", texts.disable()),
            text: texts.disable_text().to_owned(),
            yes: texts.disable(),
            act,
        }));
    };
    view! {
        <div class="sb-actions">
            {(!disabled)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="sb-button sb-button-small"
                            on:click=move |_| people.make_link(&link_id)
                        >
                            {move || texts().new_link()}
                        </button>
                    }
                })}
            <button type="button" class="sb-button sb-button-small" on:click=switch>
                {move || if disabled { texts().enable() } else { texts().disable() }}
            </button>
        </div>
    }
}
