//! What is known of somebody, to be read and changed.

use std::collections::BTreeSet;

use api::contacts::{Contact, ContactDetails};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{PATH, Shared, tidy, words};
use crate::data::dial::NumbersIn;
use crate::data::{Errand, Pages, Rivals, SaveButton, Status};
use crate::kit::{CheckField, Offer, SelectField, SeveralField, TextArea, TextField};
use crate::words::Lang;

/// The form of a contact.
#[component]
pub(super) fn Details(
    shared: Shared,
    /// Whose; one that is yet to be when there is none.
    contact: Option<Contact>,
    /// The number that one will have.
    #[prop(optional_no_strip)]
    number: Option<String>,
    /// Saves it.
    errand: Errand,
    /// Who else changes it meanwhile, and how theirs is shown.
    rivals: Rivals,
    /// See above.
    show: Callback<()>,
    /// What to do with it once it is kept.
    done: Callback<Contact>,
) -> impl IntoView {
    let desk = shared.desk;
    let label = move |text| shared.label(text);
    let (known, before) = contact.map(|it| ((it.id, it.revision), it.details)).unzip();
    let (known, before) = (StoredValue::new(known), before.unwrap_or_default());
    let text = |text: Option<&String>| RwSignal::new(text.cloned().unwrap_or_default());
    let name = text(Some(&before.name));
    let phone = RwSignal::new(before.phone.clone().or(number).unwrap_or_default());
    let more = RwSignal::new(before.more_phones.join(", "));
    let email = text(before.email.as_ref());
    let language = text(before.language.as_ref());
    let tags = RwSignal::new(before.tags);
    // Those of whom the list begins with.
    let others = Pages::<Contact>::from(desk, PATH);
    let known_tags = Signal::derive(move || {
        let others = others.items.get().unwrap_or_default();
        let tags = others.into_iter().flat_map(|it| it.details.tags);
        tags.collect::<BTreeSet<_>>().into_iter().collect()
    });
    let notes = text(Some(&before.notes));
    let facts = RwSignal::new(tidy::lines(&before.fields));
    let (vip, blocked) = (RwSignal::new(before.vip), RwSignal::new(before.blocked));
    let do_not_call = RwSignal::new(before.do_not_call);
    let nobody = RwSignal::new(false);
    let other = before.language.clone();
    let languages = move || {
        let unknown = (String::new(), shared.texts().language_unknown().to_owned());
        let known = Lang::ALL.map(|it| (it.tag().to_owned(), it.endonym().to_owned()));
        let other = other
            .clone()
            .filter(|tag| Lang::ALL.iter().all(|it| it.tag() != tag));
        let other = other.map(|tag| (tag.clone(), tag));
        [unknown]
            .into_iter()
            .chain(known)
            .chain(other)
            .collect::<Vec<_>>()
    };
    let fields = StoredValue::new(before.fields);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = |text: RwSignal<String>| {
            let text = text.with_untracked(|text| text.trim().to_owned());
            (!text.is_empty()).then_some(text)
        };
        let details = ContactDetails {
            phone: given(phone),
            more_phones: more.with_untracked(|line| tidy::numbers(line)),
            name: given(name).unwrap_or_default(),
            email: given(email),
            language: given(language),
            vip: vip.get_untracked(),
            blocked: blocked.get_untracked(),
            do_not_call: do_not_call.get_untracked(),
            tags: tags.get_untracked(),
            notes: notes.get_untracked(),
            fields: fields
                .with_value(|before| facts.with_untracked(|lines| tidy::fields(lines, before))),
        };
        let is_nobody =
            details.name.is_empty() && details.phone.is_none() && details.email.is_none();
        nobody.set(is_nobody);
        if is_nobody {
            return;
        }
        let done = move |contact: Contact| {
            // What was typed meanwhile is a change of this one.
            known.set_value(Some((contact.id.clone(), contact.revision)));
            done.run(contact);
        };
        known.with_value(|known| {
            let kept = known.as_ref();
            let kept = kept.map(|(id, revision)| (id.as_str(), *revision));
            rivals.save(errand, PATH, kept, details, show, done);
        });
    };
    view! {
        <form class="sb-form" novalidate on:submit=submit>
            <TextField
                id="contact-name"
                label=label(|texts| texts.name())
                value=name
                error=Signal::derive(move || nobody.get().then(|| shared.texts().who_missing()))
            />
            <TextField
                id="contact-phone"
                label=label(|texts| texts.phone())
                value=phone
                kind="tel"
                hint=Signal::derive(move || Some(shared.texts().phone_hint()))
            />
            <TextField
                id="contact-more-phones"
                label=label(|texts| texts.more_phones())
                value=more
                hint=Signal::derive(move || Some(shared.texts().more_phones_hint()))
            />
            <TextField id="contact-email" label=label(|texts| texts.email()) value=email kind="email" />
            <SelectField
                id="contact-language"
                label=label(|texts| texts.language())
                value=language
                options=Signal::derive(languages)
            />
            <SeveralField
                id="contact-tags"
                label=label(|texts| texts.tags())
                of=Offer::Words(known_tags)
                value=tags
                hint=Signal::derive(move || Some(shared.texts().tags_hint()))
            />
            <TextArea id="contact-notes" label=label(|texts| texts.notes()) value=notes />
            <NumbersIn desk text=notes />
            <TextArea
                id="contact-fields"
                label=label(|texts| texts.facts())
                value=facts
                rows=3
                hint=Signal::derive(move || Some(shared.texts().facts_hint()))
            />
            <CheckField
                id="contact-vip"
                label=label(|texts| texts.vip())
                value=vip
                hint=Signal::derive(move || Some(shared.texts().vip_hint()))
            />
            <CheckField
                id="contact-blocked"
                label=label(|texts| texts.blocked())
                value=blocked
                hint=Signal::derive(move || Some(shared.texts().blocked_hint()))
            />
            <CheckField
                id="contact-do-not-call"
                label=label(|texts| texts.do_not_call())
                value=do_not_call
                hint=Signal::derive(move || Some(shared.texts().do_not_call_hint()))
            />
            <Status desk errand words=words />
            <div class="sb-actions">
                <SaveButton desk errand />
            </div>
        </form>
    }
}
