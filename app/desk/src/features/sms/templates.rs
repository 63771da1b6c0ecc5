//! What is said again and again, in each language: listed, added, changed, removed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::sms::{SmsTemplate, SmsTemplateDetails, SmsTemplateList, is_language_tag};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::{Shared, words};
use crate::data::{ChangeOrRemove, Errand, ListAndForm, Listed, SaveButton, Status};
use crate::kit::{
    Button, ButtonSize, Cell, Empty, Known, SelectField, Table, TextArea, TextField, focus_wrong,
};
use crate::words::kit::Texts as Common;

/// Where they are.
pub(super) const PATH: &str = "/api/desk/sms-templates";

/// What the section's parts share: the list, and the form of one of them or of a new one. A handle
/// of signals: copy it freely.
#[derive(Clone, Copy)]
struct Section {
    shared: Shared,
    listed: Listed<SmsTemplateList, Option<SmsTemplate>>,
}

/// The list, and the form of one.
#[component]
pub(super) fn Templates(shared: Shared) -> impl IntoView {
    let desk = shared.desk;
    let listed = Listed::of(desk, PATH, shared.templates);
    let section = Section { shared, listed };
    let draw = move |list: SmsTemplateList| {
        if list.items.is_empty() {
            return view! {
                <Empty
                    title=shared.label(|texts| texts.empty())
                    hint=shared.label(|texts| texts.empty_hint())
                />
            }
            .into_any();
        }
        let columns = move || {
            let texts = shared.texts();
            vec![
                texts.name(),
                texts.text(),
                texts.languages(),
                texts.actions(),
            ]
        };
        let rows = list
            .items
            .into_iter()
            .map(|it| row(section, it))
            .collect_view();
        view! {
            <Table label=shared.label(|texts| texts.templates()) columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let form = move |edited| view! { <Form section edited /> };
    view! {
        <section class="sb-section" aria-labelledby="templates-title">
            <h2 id="templates-title">{shared.label(|texts| texts.templates())}</h2>
            <p class="sb-hint">{shared.label(|texts| texts.templates_hint())}</p>
            <ListAndForm
                listed
                draw
                add=shared.label(|texts| texts.add())
                fresh=|| None
                form
                words=words as _
            />
        </section>
    }
}

fn row(section: Section, it: SmsTemplate) -> impl IntoView {
    let shared = section.shared;
    let SmsTemplateDetails { name, texts: said } = it.details.clone();
    let tags = said.keys().cloned().collect::<Vec<_>>().join(", ");
    let first = said.into_values().next().unwrap_or_default();
    let of = name.clone();
    view! {
        <tr role="row">
            <Cell column=shared.label(|texts| texts.name())>
                <strong>{name}</strong>
            </Cell>
            <Cell column=shared.label(|texts| texts.text())>{first}</Cell>
            <Cell column=shared.label(|texts| texts.languages())>{tags}</Cell>
            <Cell column=shared.label(|texts| texts.actions())>
                <ChangeOrRemove
                    listed=section.listed
                    of
                    id=it.id.clone()
                    details=it.details.clone()
                    edited=Some(it)
                    change=shared.label(|texts| texts.change())
                    remove=shared.label(|texts| texts.remove())
                    removed=move |name| shared.texts().removed(name)
                />
            </Cell>
        </tr>
    }
}

/// What is typed for a language.
#[derive(Debug, Clone, Copy)]
struct Line {
    key: usize,
    tag: RwSignal<String>,
    said: RwSignal<String>,
}

impl Line {
    fn new(tag: String, said: String) -> Self {
        static LINES: AtomicUsize = AtomicUsize::new(0);
        Self {
            key: LINES.fetch_add(1, Ordering::Relaxed),
            tag: RwSignal::new(tag),
            said: RwSignal::new(said),
        }
    }

    fn tag(&self) -> String {
        self.tag.with(|tag| tag.trim().to_owned())
    }

    /// Whether it is a language, and said by no other of them.
    fn is_language(&self, all: &[Self]) -> bool {
        let tag = self.tag();
        let mut others = all.iter().filter(|it| it.key != self.key);
        is_language_tag(&tag) && others.all(|it| it.tag() != tag)
    }

    fn says_nothing(&self) -> bool {
        self.said.with(|said| said.trim().is_empty())
    }
}

/// What is sent; nothing where something lacks or cannot be.
fn read(name: RwSignal<String>, lines: &[Line]) -> Option<SmsTemplateDetails> {
    let name = name.with(|name| name.trim().to_owned());
    let can_be = |line: &Line| line.is_language(lines) && !line.says_nothing();
    let said = lines.iter().map(|line| (line.tag(), line.said.get()));
    (!name.is_empty() && !lines.is_empty() && lines.iter().all(can_be)).then(|| {
        SmsTemplateDetails {
            name,
            texts: said.collect::<BTreeMap<_, _>>(),
        }
    })
}

#[component]
fn Form(section: Section, edited: Option<SmsTemplate>) -> impl IntoView {
    let Section { shared, listed } = section;
    let editing = listed.editing;
    let desk = shared.desk;
    let texts = move || shared.texts();
    let (before, details) = edited.map(|it| ((it.id, it.revision), it.details)).unzip();
    let is_new = before.is_none();
    let details = details.unwrap_or_else(|| SmsTemplateDetails {
        name: String::new(),
        texts: BTreeMap::from([(desk.lang.get_untracked().tag().to_owned(), String::new())]),
    });
    let name = RwSignal::new(details.name);
    let lines = details.texts.into_iter();
    let lines = RwSignal::new(
        lines
            .map(|(tag, said)| Line::new(tag, said))
            .collect::<Vec<_>>(),
    );
    let tried = RwSignal::new(false);
    let show = listed.rivals.show_one(PATH, move |list: SmsTemplateList| {
        let id = editing.get_untracked().flatten().map(|it| it.id);
        let mut all = list.items.into_iter();
        let theirs = all.find(|it| Some(&it.id) == id.as_ref());
        editing.set(theirs.map(Some));
    });
    let errand = Errand::new();
    let form = NodeRef::<html::Form>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Some(details) = untrack(|| lines.with(|lines| read(name, lines))) else {
            focus_wrong(form);
            return;
        };
        let kept = before
            .as_ref()
            .map(|(id, revision)| (id.as_str(), *revision));
        listed.save(errand, kept, details, show);
    };
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let nameless = move || tried.get() && name.with(|name| name.trim().is_empty());
    let draw = move |line: Line| {
        let Line { key, tag, said } = line;
        let wrong = move || {
            let is_wrong = tried.get() && !lines.with(|lines| line.is_language(lines));
            is_wrong.then(|| texts().language_wrong())
        };
        let silent = move || (tried.get() && line.says_nothing()).then(|| texts().text_missing());
        let languages = move || {
            let none = (String::new(), texts().language_none().to_owned());
            let known = tag.with(|tag| Known::Languages.with(tag, desk.lang.get()));
            std::iter::once(none).chain(known).collect::<Vec<_>>()
        };
        let others = move || lines.with(|lines| lines.len() > 1);
        let remove = move |()| lines.update(|lines| lines.retain(|it| it.key != key));
        view! {
            <fieldset>
                <SelectField
                    id=format!("sms-tag-{key}")
                    label=shared.label(|texts| texts.language())
                    value=tag
                    options=Signal::derive(languages)
                    error=Signal::derive(wrong)
                />
                <TextArea
                    id=format!("sms-said-{key}")
                    label=shared.label(|texts| texts.text())
                    value=said
                    rows=3
                    hint=shared.hint(|texts| texts.text_hint())
                    error=Signal::derive(silent)
                />
                {move || others().then(|| view! {
                    <div class="sb-actions">
                        <Button
                            size=ButtonSize::Small
                            name=move || format!("{}: {}", texts().remove_language(), tag.get())
                            press=remove
                        >
                            {shared.label(|texts| texts.remove_language())}
                        </Button>
                    </div>
                })}
            </fieldset>
        }
    };
    let add = move |()| lines.update(|lines| lines.push(Line::new(String::new(), String::new())));
    view! {
        <form class="sb-card sb-form" aria-labelledby="template-form" novalidate node_ref=form on:submit=submit>
            <h3 id="template-form" tabindex="-1" node_ref=heading>
                {move || if is_new { texts().add() } else { texts().change_title() }}
            </h3>
            <TextField
                id="template-name"
                label=shared.label(|texts| texts.name())
                value=name
                hint=shared.hint(|texts| texts.name_hint())
                error=Signal::derive(move || nameless().then(|| texts().name_missing()))
            />
            <For each=move || lines.get() key=|it| it.key children=draw />
            <div class="sb-actions">
                <Button size=ButtonSize::Small press=add>
                    {shared.label(|texts| texts.add_language())}
                </Button>
            </div>
            <Status desk errand words />
            <div class="sb-actions">
                <SaveButton desk errand />
                <Button press=move |()| editing.set(None)>
                    {move || Common::of(desk.lang.get()).cancel()}
                </Button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_one_text_for_each_language() {
        let _owner = Owner::new();
        let name = RwSignal::new(" Reminder ".to_owned());
        let line = |tag: &str, said: &str| Line::new(tag.to_owned(), said.to_owned());
        let lines = [line("en", "See you {{day}}."), line("es", "Hasta {{day}}.")];
        let details = read(name, &lines).unwrap();
        assert_eq!(details.name, "Reminder");
        assert_eq!(details.texts["es"], "Hasta {{day}}.");
        lines[1].tag.set("en".to_owned());
        assert!(lines.iter().all(|it| !it.is_language(&lines)));
        assert_eq!(read(name, &lines), None);
        assert_eq!(read(name, &[line("en", " ")]), None);
        assert_eq!(read(name, &[line("e s", "Hi")]), None);
        assert_eq!(read(name, &[]), None);
        name.set(String::new());
        assert_eq!(read(name, &lines[..1]), None);
    }
}
