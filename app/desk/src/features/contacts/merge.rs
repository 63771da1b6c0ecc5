//! Two contacts that are one person: found, put side by side, made one.

use api::contacts::{Alike, AlikeBy, AlikeList, Contact, ContactDetails, MergeContacts};
use api::problem::slug;
use leptos::prelude::*;
use serde_json::Value;

use super::{PATH, Shared, Text, tidy, words};
use crate::data::{Desk, Errand, Loaded, Loading, Pages, Status, api_client};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Cell, Confirm, Drawer, Empty, Question, Table, hide, show};
use crate::nav::{Link, title};
use crate::route::Route;
use crate::words::Lang;
use crate::words::contacts::Texts;
use browser::ui::http::{Failure, escape};
use browser::ui::web::Timer;

/// The drawer in which another contact is looked for.
const DRAWER: &str = "other-contact";
/// How many are offered there.
const OFFERED: usize = 8;

/// What is known of both, and which of the two holds.
#[derive(Clone)]
struct Row {
    what: What,
    values: [String; 2],
    chosen: RwSignal<Choice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    This,
    Other,
    Both,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Name,
    Phone,
    Email,
    Language,
    Notes,
    Vip,
    Blocked,
    DoNotCall,
    Fact(String),
}

impl What {
    fn label(&self, texts: Texts) -> String {
        match self {
            Self::Name => texts.name().to_owned(),
            Self::Phone => texts.phone().to_owned(),
            Self::Email => texts.email().to_owned(),
            Self::Language => texts.language().to_owned(),
            Self::Notes => texts.notes().to_owned(),
            Self::Vip => texts.vip().to_owned(),
            Self::Blocked => texts.blocked().to_owned(),
            Self::DoNotCall => texts.do_not_call().to_owned(),
            Self::Fact(name) => name.clone(),
        }
    }

    /// Of one contact, in words; empty where nothing is known.
    fn of(&self, details: &ContactDetails) -> String {
        let flag = |it: bool| if it { "1" } else { "" };
        match self {
            Self::Name => details.name.clone(),
            Self::Phone => details.phone.clone().unwrap_or_default(),
            Self::Email => details.email.clone().unwrap_or_default(),
            Self::Language => details.language.clone().unwrap_or_default(),
            Self::Notes => details.notes.clone(),
            Self::Vip => flag(details.vip).to_owned(),
            Self::Blocked => flag(details.blocked).to_owned(),
            Self::DoNotCall => flag(details.do_not_call).to_owned(),
            Self::Fact(name) => details
                .fields
                .get(name)
                .map(tidy::plain)
                .unwrap_or_default(),
        }
    }

    /// Takes over what is known from one of the two.
    fn take(&self, into: &mut ContactDetails, from: &ContactDetails) {
        match self {
            Self::Name => into.name.clone_from(&from.name),
            Self::Phone => into.phone.clone_from(&from.phone),
            Self::Email => into.email.clone_from(&from.email),
            Self::Language => into.language.clone_from(&from.language),
            Self::Notes => into.notes.clone_from(&from.notes),
            Self::Vip => into.vip = from.vip,
            Self::Blocked => into.blocked = from.blocked,
            Self::DoNotCall => into.do_not_call = from.do_not_call,
            Self::Fact(name) => {
                let value: Option<Value> = from.fields.get(name).cloned();
                into.fields.extend(value.map(|value| (name.clone(), value)));
            }
        }
    }
}

/// Everything either of the two has something to say of.
fn all(this: &ContactDetails, other: &ContactDetails) -> Vec<What> {
    let mut all = vec![
        What::Name,
        What::Phone,
        What::Email,
        What::Language,
        What::Notes,
        What::Vip,
        What::Blocked,
        What::DoNotCall,
    ];
    let facts = this.fields.keys().chain(other.fields.keys());
    for fact in facts.cloned().map(What::Fact) {
        if !all.contains(&fact) {
            all.push(fact);
        }
    }
    all.retain(|it| !it.of(this).is_empty() || !it.of(other).is_empty());
    all
}

/// What holds until somebody chooses: what only one of them says, and of two this one's.
fn first(what: &What, this: &str, other: &str) -> Choice {
    match what {
        What::Notes if !this.is_empty() && !other.is_empty() && this != other => Choice::Both,
        _ if this.is_empty() && !other.is_empty() => Choice::Other,
        _ => Choice::This,
    }
}

/// What is known of both then.
fn joined(
    choices: &[(What, Choice)],
    this: &ContactDetails,
    other: &ContactDetails,
) -> ContactDetails {
    let mut details = ContactDetails::default();
    for (what, choice) in choices {
        match choice {
            Choice::This => what.take(&mut details, this),
            Choice::Other => what.take(&mut details, other),
            Choice::Both => details.notes = format!("{}\n{}", this.notes, other.notes),
        }
    }
    let phones = this.phones().chain(other.phones());
    details.more_phones = phones.map(str::to_owned).collect();
    details.tags = this.tags.iter().chain(&other.tags).cloned().collect();
    details
}

fn merge_words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { slug, .. } if slug == slug::CHANGED_MEANWHILE => {
            Some(Texts::of(lang).changed_meanwhile())
        }
        failure => words(failure, lang),
    }
}

/// Both side by side.
#[component]
pub(super) fn Merge(
    shared: Shared,
    /// The one that stays.
    this: Contact,
    /// The one that goes.
    other: Contact,
    /// Leaves both as they are.
    back: Callback<()>,
    /// What to do with the one they are then.
    done: Callback<Contact>,
) -> impl IntoView {
    let desk = shared.desk;
    let rows: Vec<Row> = all(&this.details, &other.details)
        .into_iter()
        .map(|what| {
            let values = [what.of(&this.details), what.of(&other.details)];
            let chosen = RwSignal::new(first(&what, &values[0], &values[1]));
            Row {
                what,
                values,
                chosen,
            }
        })
        .collect();
    let (names, shown) = ([name(&this), name(&other)], rows.clone());
    let both = StoredValue::new((this, other, rows));
    let errand = Errand::new();
    let question = RwSignal::new(None::<Question>);
    let merge = move |()| {
        let (path, body) = both.with_value(|(this, other, rows)| {
            let choices = rows
                .iter()
                .map(|row| (row.what.clone(), row.chosen.get_untracked()));
            let choices: Vec<_> = choices.collect();
            let body = MergeContacts {
                other: other.id.clone(),
                other_revision: Some(other.revision),
                details: joined(&choices, &this.details, &other.details),
            };
            let path = format!("{}/merge?revision={}", super::path(&this.id), this.revision);
            (path, body)
        });
        let work = async move { api_client::post::<Contact>(&path, &body).await };
        errand.run(desk, work, move |contact| done.run(contact));
    };
    let ask = move |_| {
        let texts = untrack(move || shared.texts());
        question.set(Some(Question {
            title: texts.merge_question(&names[0], &names[1]),
            text: texts.merge_text().to_owned(),
            yes: texts.merge_yes(),
            act: Callback::new(merge),
        }));
    };
    let columns = move || {
        let texts = shared.texts();
        vec!["", texts.this_one(), texts.other_one()]
    };
    let rows = shown
        .into_iter()
        .enumerate()
        .map(|(nth, it)| row(shared, nth, it));
    let rows = rows.collect::<Vec<_>>();
    view! {
        <section class="sb-section" aria-labelledby="merge-title">
            <h2 id="merge-title">{shared.label(|texts| texts.merge_title())}</h2>
            <p class="sb-hint">{shared.label(|texts| texts.merge_hint())}</p>
            <Table label=shared.label(|texts| texts.merge_title()) columns=columns>{rows}</Table>
            <Status desk errand done=Signal::stored("") words=merge_words />
            <div class="sb-actions">
                <button type="button" class="sb-button sb-button-primary" on:click=ask>
                    {shared.label(|texts| texts.merge_yes())}
                </button>
                <button type="button" class="sb-button" on:click=move |_| back.run(())>
                    {shared.label(|texts| texts.merge_back())}
                </button>
            </div>
            <Confirm question />
        </section>
    }
}

fn row(shared: Shared, nth: usize, row: Row) -> impl IntoView {
    let Row {
        what,
        values: [this, other],
        chosen,
    } = row;
    let is_notes = what == What::Notes;
    let is_flag = matches!(what, What::Vip | What::Blocked | What::DoNotCall);
    let named = what.clone();
    let label = move || named.label(shared.texts());
    let said = move |value: String| {
        move || match (is_flag, value.as_str()) {
            (true, "") => shared.texts().no().to_owned(),
            (true, _) => shared.texts().yes().to_owned(),
            (false, value) => value.to_owned(),
        }
    };
    let choose = move |choice: Choice, shown: AnyView, heading: String| {
        view! {
            <label class="sb-check sb-merge-value">
                <input
                    type="radio"
                    name=format!("merge-{nth}")
                    aria-label=heading
                    prop:checked=move || chosen.get() == choice
                    on:change=move |_| chosen.set(choice)
                />
                <span>{shown}</span>
            </label>
        }
    };
    let differ = this != other && (is_flag || !this.is_empty() && !other.is_empty());
    let heading = |value: &str| format!("{}: {value}", what.label(untrack(move || shared.texts())));
    let headings = [
        heading(&said(this.clone())()),
        heading(&said(other.clone())()),
    ];
    let [of_this, of_other] = headings;
    let both = (is_notes && differ).then(|| {
        let shown = shared.label(|texts| texts.both_notes()).into_any();
        let heading = heading(untrack(move || shared.texts()).both_notes());
        choose(Choice::Both, shown, heading)
    });
    let (this, other) = match differ {
        true => (
            choose(Choice::This, said(this).into_any(), of_this).into_any(),
            choose(Choice::Other, said(other).into_any(), of_other).into_any(),
        ),
        // There is nothing to choose.
        false => (said(this).into_any(), said(other).into_any()),
    };
    view! {
        <tr role="row">
            <Cell column=Signal::stored("")><strong>{label}</strong></Cell>
            <Cell column=shared.label(|texts| texts.this_one())>{this}</Cell>
            <Cell column=shared.label(|texts| texts.other_one())>{other} {both}</Cell>
        </tr>
    }
}

/// What a contact is called: by the name, the number or the address.
pub(super) fn name(contact: &Contact) -> String {
    let details = &contact.details;
    let name = Some(details.name.clone()).filter(|name| !name.is_empty());
    name.or(details.phone.clone())
        .or(details.email.clone())
        .unwrap_or_default()
}

/// A button, and where the other contact is looked for.
#[component]
pub(super) fn ChooseOther(
    shared: Shared,
    /// The id of the one there is.
    this: String,
    chosen: RwSignal<Option<Contact>>,
) -> impl IntoView {
    let desk = shared.desk;
    let pages = Pages::<Contact>::from(desk, "");
    let searched = RwSignal::new(String::new());
    let look = move || {
        let text = searched.get_untracked();
        pages.go(&format!("{PATH}?limit=20&q={}", escape(text.trim())));
    };
    let timer = StoredValue::new_local(Timer::new(look));
    let open = move |_| {
        look();
        show(DRAWER);
    };
    let typed = move |event| {
        searched.set(event_target_value(&event));
        timer.with_value(|timer| timer.set(super::PAUSE_MS));
    };
    let choose = move |contact: Contact| {
        hide(DRAWER);
        chosen.set(Some(contact));
    };
    let offered = move || {
        let found = pages.items.get().unwrap_or_default().into_iter();
        let others = found.filter(|it| it.id != this).take(OFFERED);
        let button = |contact: Contact| {
            let (shown, phone) = (name(&contact), contact.details.phone.clone());
            let contact = StoredValue::new(contact);
            view! {
                <li>
                    <button
                        type="button"
                        class="sb-button sb-merge-offer"
                        on:click=move |_| choose(contact.get_value())
                    >
                        <strong>{shown}</strong>
                        <bdi class="sb-hint">{phone}</bdi>
                    </button>
                </li>
            }
        };
        others.map(button).collect_view()
    };
    view! {
        <button type="button" class="sb-button" on:click=open>
            {shared.label(|texts| texts.merge())}
        </button>
        <Drawer id=DRAWER label=shared.label(|texts| texts.merge())>
            <div class="sb-search">
                {icon(Icon::Search)}
                <label for="other-search" class="sb-hidden">
                    {shared.label(|texts| texts.whom())}
                </label>
                <input
                    id="other-search"
                    class="sb-input"
                    type="search"
                    autocomplete="off"
                    placeholder=shared.label(|texts| texts.whom())
                    prop:value=searched
                    on:input=typed
                />
            </div>
            <ul class="sb-merge-offers" role="list">{offered}</ul>
        </Drawer>
    }
}

/// The page of those that seem to be one person.
#[component]
pub(super) fn DuplicatesPage(desk: Desk) -> impl IntoView {
    let shared = Shared { desk };
    let heading = move || shared.texts().duplicates();
    Effect::new(move || document().set_title(&title(heading(), desk.texts())));
    let loaded = Loaded::<AlikeList>::from(desk, format!("{PATH}/alike"));
    let compared = RwSignal::new(None::<(Contact, Contact)>);
    let draw = move |list: AlikeList| {
        if list.items.is_empty() {
            let (title, hint): (Text, Text) = (
                |texts| texts.no_duplicates(),
                |texts| texts.no_duplicates_hint(),
            );
            return view! { <Empty title=shared.label(title) hint=shared.label(hint) /> }
                .into_any();
        }
        let groups = list.items.into_iter().map(|it| group(shared, it, compared));
        groups.collect_view().into_any()
    };
    let page = move || match compared.get() {
        Some((this, other)) => {
            let back = Callback::new(move |()| compared.set(None));
            let done = Callback::new(move |_| {
                compared.set(None);
                loaded.reload();
            });
            view! { <Merge shared this other back done /> }.into_any()
        }
        None => view! { <Loading desk loaded draw /> }.into_any(),
    };
    view! {
        <section class="sb-page sb-contacts" aria-labelledby="alike-title">
            <Link route=desk.route to=Route::Contacts class="sb-back">
                {icon(Icon::Back)}
                <span>{shared.label(|texts| texts.back())}</span>
            </Link>
            <h1 id="alike-title">{heading}</h1>
            {page}
        </section>
    }
}

fn group(
    shared: Shared,
    alike: Alike,
    compared: RwSignal<Option<(Contact, Contact)>>,
) -> impl IntoView {
    let by: Text = match alike.by {
        AlikeBy::Email => |texts| texts.same_email(),
        AlikeBy::Name => |texts| texts.same_name(),
        AlikeBy::Unknown => |_| "–",
    };
    let first = alike.contacts.first().cloned();
    let rows = alike
        .contacts
        .into_iter()
        .enumerate()
        .map(|(nth, contact)| {
            let details = contact.details.clone();
            let (id, shown) = (contact.id.clone(), name(&contact));
            let phones = details.phones().collect::<Vec<_>>().join(", ");
            // With the one that was there first.
            let pair = first
                .clone()
                .filter(|_| nth > 0)
                .map(|first| (first, contact));
            let compare = pair.map(|pair| {
                let pair = StoredValue::new(pair);
                view! {
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        on:click=move |_| compared.set(Some(pair.get_value()))
                    >
                        {shared.label(|texts| texts.compare())}
                    </button>
                }
            });
            view! {
                <tr role="row">
                    <Cell column=shared.label(|texts| texts.name())>
                        <span class="sb-contacts-name">
                            <Link route=shared.desk.route to=Route::Contact(id)>{shown}</Link>
                        </span>
                    </Cell>
                    <Cell column=shared.label(|texts| texts.phone())>
                        <bdi class="sb-figure">{phones}</bdi>
                    </Cell>
                    <Cell column=shared.label(|texts| texts.email())>{details.email}</Cell>
                    <Cell column=Signal::stored("")>{compare}</Cell>
                </tr>
            }
        });
    let rows = rows.collect::<Vec<_>>();
    let columns = move || {
        let texts = shared.texts();
        vec![texts.name(), texts.phone(), texts.email(), ""]
    };
    view! {
        <h2>{shared.label(by)}</h2>
        <Table label=shared.label(by) columns=columns>{rows}</Table>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_is_lost_of_two_unless_somebody_chooses_so() {
        let this = ContactDetails {
            name: "Ana".to_owned(),
            phone: Some("+34911230100".to_owned()),
            notes: "tall".to_owned(),
            tags: vec!["gold".to_owned()],
            ..ContactDetails::default()
        };
        let other = ContactDetails {
            name: "Ana García".to_owned(),
            phone: Some("+34911230101".to_owned()),
            email: Some("ana@example.com".to_owned()),
            notes: "small".to_owned(),
            blocked: true,
            do_not_call: true,
            fields: json!({"plan": 3}).as_object().cloned().unwrap_or_default(),
            ..ContactDetails::default()
        };
        let all = all(&this, &other);
        let choices = |name: Choice| -> Vec<_> {
            let first = all.iter().map(|what| {
                let choice = match what {
                    What::Name => name,
                    what => first(what, &what.of(&this), &what.of(&other)),
                };
                (what.clone(), choice)
            });
            first.collect()
        };
        let both = joined(&choices(Choice::Other), &this, &other);
        assert_eq!(both.name, "Ana García");
        assert_eq!(both.phone, this.phone);
        assert_eq!(both.more_phones, ["+34911230100", "+34911230101"]);
        assert_eq!(both.email, other.email);
        assert_eq!(both.notes, "tall\nsmall");
        assert_eq!(both.tags, ["gold"]);
        assert_eq!(both.fields, other.fields);
        // Who is declined, or not called, stays so.
        assert!(both.blocked && both.do_not_call && !both.vip);
        assert_eq!(joined(&choices(Choice::This), &this, &other).name, "Ana");
    }
}
