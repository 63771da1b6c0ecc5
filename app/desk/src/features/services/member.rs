//! The staff that can be booked: listed, added, changed, removed.

use api::business::Hours;
use api::calendar::{StaffDetails, StaffFeed, StaffList, StaffMember};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::{CancelButton, Saving, Shared, state_and_actions};
use crate::data::{Errand, Loading, Rivalry, Rivals, SaveButton, Status, api_client};
use crate::kit::{
    Button, Cell, CheckField, Empty, HoursFields, SecretBox, Table, TextField, TypedHours,
};
use browser::ui::http::escape;

pub(super) const PATH: &str = "/api/desk/calendar/staff";

/// The list, and the form of one.
#[component]
pub(super) fn Staff(shared: Shared) -> impl IntoView {
    let texts = move || shared.texts();
    let editing = RwSignal::new(None::<Option<StaffMember>>);
    let draw = move |list: StaffList| {
        if list.items.is_empty() {
            return view! {
                <Empty
                    title=shared.label(|texts| texts.no_staff())
                    hint=shared.label(|texts| texts.no_staff_hint())
                />
            }
            .into_any();
        }
        let columns = move || {
            let texts = texts();
            vec![texts.name(), texts.hours(), texts.state(), texts.actions()]
        };
        let rows = list.items.into_iter().map(|it| row(shared, it, editing));
        let rows = rows.collect_view();
        view! {
            <Table label=shared.label(|texts| texts.staff()) columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let rivals = Rivals::new(shared.desk);
    let show = rivals.show_one(PATH, move |list: StaffList| {
        let id = editing.get_untracked().flatten().map(|it| it.id);
        let theirs = list
            .items
            .into_iter()
            .find(|it| Some(&it.id) == id.as_ref());
        editing.set(theirs.map(Some));
    });
    let form = move || {
        let edited = editing.get()?;
        let saving = Saving {
            shared,
            rivals,
            errand: Errand::new(),
            path: PATH,
            show,
            close: Callback::new(move |()| editing.set(None)),
        };
        Some(view! { <Form saving edited /> })
    };
    view! {
        <section class="sb-section" aria-labelledby="staff-title">
            <h2 id="staff-title">{shared.label(|texts| texts.staff())}</h2>
            <Loading desk=shared.desk loaded=shared.staff draw />
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=move |_| editing.set(Some(None))>
                    {move || texts().add_member()}
                </button>
            </div>
            <Rivalry rivals />
            {form}
        </section>
    }
}

fn row(
    shared: Shared,
    member: StaffMember,
    editing: RwSignal<Option<Option<StaffMember>>>,
) -> impl IntoView {
    let texts = move || shared.texts();
    let StaffDetails {
        name,
        hours,
        active,
    } = member.details.clone();
    let has_own = hours.is_some();
    let hours = move || {
        if has_own {
            texts().own_hours()
        } else {
            texts().all_hours()
        }
    };
    let kept = StoredValue::new(member);
    let edit = move || editing.set(Some(Some(kept.get_value())));
    let remove = move || {
        kept.with_value(|it| shared.remove(PATH, &it.id, &it.details.name));
    };
    let (state, actions) = state_and_actions(shared, active, &name, edit, remove);
    view! {
        <tr role="row">
            <Cell column=shared.label(|texts| texts.name())>
                <strong>{name}</strong>
            </Cell>
            <Cell column=shared.label(|texts| texts.hours())>{hours}</Cell>
            <Cell column=shared.label(|texts| texts.state())>{state}</Cell>
            <Cell column=shared.label(|texts| texts.actions())>{actions}</Cell>
        </tr>
    }
}

#[component]
fn Form(saving: Saving, edited: Option<StaffMember>) -> impl IntoView {
    let Saving {
        shared,
        errand,
        close,
        ..
    } = saving;
    let texts = move || shared.texts();
    let feed = edited.as_ref().map(|it| (it.id.clone(), it.has_feed));
    let (before, details) = edited.map(|it| ((it.id, it.revision), it.details)).unzip();
    let is_new = before.is_none();
    let details = details.unwrap_or(StaffDetails {
        name: String::new(),
        hours: None,
        active: true,
    });
    let name = RwSignal::new(details.name);
    let active = RwSignal::new(details.active);
    let typed = TypedHours::from(&details.hours.unwrap_or_default());
    let fields = typed.clone();
    let nameless = RwSignal::new(false);
    let hours_wrong = RwSignal::new(false);
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let hours = untrack(|| typed.read());
        hours_wrong.set(hours.is_none());
        nameless.set(name.with_untracked(|name| name.trim().is_empty()));
        let Some(hours) = hours.filter(|_| !nameless.get_untracked()) else {
            return;
        };
        let details = StaffDetails {
            name: name.get_untracked(),
            // Throughout the opening hours, but for what is said of some dates.
            hours: Some(hours).filter(|it| *it != Hours::default()),
            active: active.get_untracked(),
        };
        saving.send(before.clone(), details);
    };
    view! {
        <form class="sb-card sb-form" aria-labelledby="member-form" novalidate on:submit=submit>
            <h3 id="member-form" tabindex="-1" node_ref=heading>
                {move || if is_new { texts().add_member() } else { texts().change_member() }}
            </h3>
            <TextField
                id="member-name"
                label=shared.label(|texts| texts.name())
                value=name
                error=Signal::derive(move || nameless.get().then(|| texts().name_missing()))
            />
            <fieldset>
                <legend>{shared.label(|texts| texts.hours())}</legend>
                <HoursFields typed=fields always=shared.label(|texts| texts.throughout()) />
                {move || {
                    hours_wrong
                        .get()
                        .then(|| view! { <p class="sb-field-error" role="alert">{texts().hours_wrong()}</p> })
                }}
            </fieldset>
            <CheckField id="member-active" label=shared.label(|texts| texts.active()) value=active />
            {feed.map(|(id, has_feed)| view! { <Feed shared id has_feed /> })}
            <Status desk=shared.desk errand />
            <div class="sb-actions">
                <SaveButton desk=shared.desk errand />
                <CancelButton desk=shared.desk close />
            </div>
        </form>
    }
}

/// The address at which a calendar elsewhere reads what is booked with somebody.
#[component]
fn Feed(shared: Shared, id: String, has_feed: bool) -> impl IntoView {
    let texts = move || shared.texts();
    let has_feed = RwSignal::new(has_feed);
    let secret = RwSignal::new(None);
    let done = RwSignal::new(false);
    let errand = Errand::new();
    let path = StoredValue::new(format!("{PATH}/{}/feed", escape(&id)));
    let now = move |url: Option<String>| {
        has_feed.set(url.is_some());
        done.set(url.is_none());
        secret.set(url);
        shared.staff.reload();
    };
    let give = move |()| {
        let path = path.get_value();
        let work = async move { api_client::post::<StaffFeed>(&path, &()).await };
        errand.run(shared.desk, work, move |feed| now(Some(feed.url)));
    };
    let take_back = move |()| {
        let path = path.get_value();
        let work = async move { api_client::delete(&path).await };
        errand.run(shared.desk, work, move |()| now(None));
    };
    let says = move || match has_feed.get() {
        true => texts().feed_new(),
        false => texts().feed_give(),
    };
    let said = move || match done.get() {
        true => texts().feed_taken_back(),
        false => "",
    };
    view! {
        <fieldset>
            <legend>{shared.label(|texts| texts.feed())}</legend>
            <p class="sb-hint">{shared.label(|texts| texts.feed_hint())}</p>
            <SecretBox
                label=shared.label(|texts| texts.feed_secret())
                secret
                hint=move || Some(texts().feed_secret_hint())
            />
            <div class="sb-actions">
                <Button press=give>{says}</Button>
                <Show when=move || has_feed.get()>
                    <Button press=take_back>{shared.label(|texts| texts.feed_take_back())}</Button>
                </Show>
            </div>
            <Status desk=shared.desk errand done=Signal::derive(said) />
        </fieldset>
    }
}
