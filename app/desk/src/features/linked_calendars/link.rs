//! One linked calendar, and the form that links another.

use api::linked_calendars::{LinkOutcome, LinkTest, LinkedCalendar, SaveLinkedCalendar};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::json;

use super::{PATH, Shared};
use crate::data::elsewhere::{Trial, verdict};
use crate::data::{Errand, SaveButton, Status, api_client};
use crate::kit::{Question, SelectField, TextField};
use crate::words::format::{self, Precision};
use crate::words::linked_calendars::Texts;
use crate::words::{Lang, elsewhere};
use browser::ui::http::{Failure, escape};

/// What is typed of a server.
#[derive(Clone, Copy)]
struct Typed {
    address: RwSignal<String>,
    user: RwSignal<String>,
    password: RwSignal<String>,
}

impl Typed {
    fn of(address: &str, user: &str) -> Self {
        Self {
            address: RwSignal::new(address.to_owned()),
            user: RwSignal::new(user.to_owned()),
            password: RwSignal::new(String::new()),
        }
    }

    fn read(self, staff_id: Option<String>, calendar: Option<String>) -> SaveLinkedCalendar {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        SaveLinkedCalendar {
            staff_id: staff_id.and_then(given),
            address: self.address.get_untracked(),
            user: self.user.get_untracked(),
            password: given(self.password.get_untracked()),
            calendar: calendar.and_then(given),
        }
    }

    fn fields(self, shared: Shared, id: &str, kept: bool) -> AnyView {
        let hint = move || {
            let texts = shared.texts();
            Some(if kept {
                elsewhere::Texts::of(shared.desk.lang.get()).key_kept()
            } else {
                texts.password_hint()
            })
        };
        view! {
            <TextField
                id=format!("calendar-address-{id}")
                label=shared.label(|texts| texts.address())
                value=self.address
                hint=move || Some(shared.texts().address_hint())
            />
            <TextField
                id=format!("calendar-user-{id}")
                label=shared.label(|texts| texts.user())
                value=self.user
            />
            <TextField
                id=format!("calendar-password-{id}")
                label=shared.label(|texts| texts.password())
                value=self.password
                kind="password"
                autocomplete="new-password"
                hint=hint
            />
        }
        .into_any()
    }
}

fn place(id: &str) -> String {
    format!("{PATH}/{}", escape(id))
}

/// Asks a server which calendars there are.
async fn try_out(id: String) -> Result<(String, LinkTest), Failure> {
    let path = format!("{}/test", place(&id));
    Ok((id, api_client::post::<LinkTest>(&path, &json!({})).await?))
}

impl Trial for LinkTest {
    fn works(&self) -> bool {
        self.outcome == LinkOutcome::Works
    }

    fn words(&self, lang: Lang) -> &'static str {
        let (common, texts) = (elsewhere::Texts::of(lang), Texts::of(lang));
        match self.outcome {
            LinkOutcome::Works => common.works(),
            LinkOutcome::Credentials => texts.credentials_wrong(),
            LinkOutcome::Address => texts.address_wrong(),
            LinkOutcome::Calendar => texts.calendar_missing(),
            LinkOutcome::Silent => common.silent(),
            LinkOutcome::Refused | LinkOutcome::Unknown => common.refused(),
        }
    }

    fn more(&self) -> Option<&str> {
        None
    }
}

/// One that is linked.
#[component]
pub(super) fn Link(shared: Shared, link: LinkedCalendar) -> impl IntoView {
    let (desk, texts) = (shared.desk, move || shared.texts());
    let id = StoredValue::new(link.id.clone());
    let staff_id = StoredValue::new(link.staff_id.clone());
    let typed = Typed::of(&link.address, &link.user);
    let calendar = RwSignal::new(link.calendar.clone().unwrap_or_default());
    let kept = RwSignal::new(link);
    let saving = Errand::new();
    let trying = Errand::in_line_with(saving);
    let whose = move || staff_id.with_value(|it| shared.whose(it.as_deref()));

    let options = move || {
        let mut all: Vec<_> = id.with_value(|id| shared.found(id));
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let mut options: Vec<_> = all
            .into_iter()
            .map(|it| match it.writable {
                true => (it.url, it.name),
                false => {
                    let name = texts().read_only(&it.name);
                    (it.url, name)
                }
            })
            .collect();
        kept.with(|kept| {
            let Some(chosen) = &kept.calendar else {
                options.insert(0, (String::new(), texts().choose().to_owned()));
                return;
            };
            if options.iter().all(|(url, _)| url != chosen) {
                let name = kept.name.clone().unwrap_or_else(|| chosen.clone());
                options.insert(0, (chosen.clone(), name));
            }
        });
        options
    };
    let tried = move |(id, test): (String, LinkTest)| {
        shared.tested.update(|all| {
            all.insert(id, test);
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = typed.read(None, Some(calendar.get_untracked()));
        let path = id.with_value(|id| place(id));
        let work = async move { api_client::put::<LinkedCalendar>(&path, &body).await };
        saving.run(desk, work, move |now| {
            typed.password.set(String::new());
            kept.set(now);
        });
    };
    let test = move |_| trying.run(desk, try_out(id.get_value()), tried);
    let ask = move |_| {
        let texts = untrack(texts);
        let act = move |()| {
            let path = id.with_value(|id| place(id));
            let work = async move { api_client::delete(&path).await };
            shared
                .errand
                .run(desk, work, move |()| shared.links.reload());
        };
        shared.question.set(Some(Question {
            title: texts.remove_title(&untrack(whose)),
            text: texts.remove_text().to_owned(),
            yes: texts.remove(),
            act: Callback::new(act),
        }));
    };
    let came = move || {
        let test = shared.tested.read().get(&id.get_value()).cloned()?;
        Some(verdict(desk, test))
    };
    let test_words = move || {
        let common = elsewhere::Texts::of(desk.lang.get());
        if trying.is_busy() {
            common.testing()
        } else {
            common.test()
        }
    };
    let standing = move || {
        let kept = kept.get();
        let texts = texts();
        if kept.calendar.is_none() {
            return view! { <p class="sb-hint">{texts.not_chosen()}</p> }.into_any();
        }
        let read = kept.read_at.map(|at| {
            let at = format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
            view! { <p class="sb-hint">{texts.read_at(&at)}</p> }
        });
        let away = kept.failed_at.map(|_| {
            let why = kept.reason.map(|why| format!(" ({why})"));
            view! { <p class="sb-problem"><span>{texts.away()} {why}</span></p> }
        });
        view! { {read} {away} }.into_any()
    };
    let field = id.get_value();
    view! {
        <form class="sb-card sb-form" novalidate aria-labelledby=format!("linked-{field}") on:submit=submit>
            <h2 id=format!("linked-{field}")>{whose}</h2>
            {typed.fields(shared, &field, true)}
            <SelectField
                id=format!("calendar-chosen-{field}")
                label=shared.label(|texts| texts.calendar())
                value=calendar
                options=Signal::derive(options)
            />
            {standing}
            <Status desk errand=saving />
            <div role="status">{came}</div>
            <Status desk errand=trying done=Signal::stored("") />
            <div class="sb-actions">
                <SaveButton desk errand=saving />
                <button type="button" class="sb-button" on:click=test>
                    {test_words}
                </button>
                <button type="button" class="sb-button sb-button-danger" on:click=ask>
                    {move || texts().remove()}
                </button>
            </div>
        </form>
    }
}

/// Links another one; nothing where everybody has one.
#[component]
pub(super) fn NewLink(shared: Shared) -> impl IntoView {
    let (desk, texts) = (shared.desk, move || shared.texts());
    let typed = Typed::of("", "");
    let whose = RwSignal::new(String::new());
    let errand = Errand::new();
    // Whoever has none: the business, by an empty id, and the staff.
    let owners = move || {
        let (linked, staff) = (shared.links.value.get(), shared.staff.value.get());
        let linked = linked.and_then(Result::ok).map(|list| list.items);
        let (linked, staff) = (linked.unwrap_or_default(), staff.and_then(Result::ok));
        let staff = staff.map(|list| list.items).unwrap_or_default();
        let business = (String::new(), texts().business().to_owned());
        let staff = staff.into_iter().map(|it| (it.id, it.details.name));
        let all = std::iter::once(business).chain(staff);
        all.filter(|(id, _)| {
            let has = |it: &LinkedCalendar| it.staff_id.as_deref().unwrap_or_default() == id;
            !linked.iter().any(has)
        })
        .collect::<Vec<_>>()
    };
    let owners = Memo::new(move |_| owners());
    Effect::new(move || {
        let owners = owners.get();
        if owners.iter().all(|(id, _)| *id != whose.get_untracked())
            && let Some((first, _)) = owners.first()
        {
            whose.set(first.clone());
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = typed.read(Some(whose.get_untracked()), None);
        let work = async move {
            let added = api_client::post::<LinkedCalendar>(PATH, &body).await?;
            Ok(try_out(added.id.clone()).await.unwrap_or((
                added.id,
                LinkTest {
                    outcome: LinkOutcome::Unknown,
                    calendars: Vec::new(),
                    reason: None,
                },
            )))
        };
        errand.run(desk, work, move |(id, test)| {
            for field in [typed.address, typed.user, typed.password] {
                field.set(String::new());
            }
            shared.tested.update(|all| {
                all.insert(id, test);
            });
            shared.links.reload();
        });
    };
    let form = move || {
        view! {
            <form class="sb-card sb-form" novalidate aria-labelledby="link-title" on:submit=submit>
                <h2 id="link-title">{shared.label(|texts| texts.add())}</h2>
                <SelectField
                    id="calendar-whose"
                    label=shared.label(|texts| texts.whose())
                    value=whose
                    options=Signal::derive(move || owners.get())
                />
                {typed.fields(shared, "new", false)}
                <Status desk errand done=Signal::stored("") />
                <div class="sb-actions">
                    <SaveButton desk errand label=shared.label(|texts| texts.connect()) />
                </div>
            </form>
        }
    };
    view! {
        <Status desk errand=shared.errand done=Signal::stored("") />
        {move || owners.with(|it| !it.is_empty()).then(form)}
    }
}
