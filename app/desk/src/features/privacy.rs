//! What the business keeps about people: for how long; and one person's copy,
//! or end.

mod person;

use api::privacy::Retention;
use leptos::prelude::*;

pub(crate) use crate::words::privacy::Texts;

use crate::data::Desk;
use crate::data::api_client as server;
use crate::data::{Errand, Rivalry, Rivals, SaveButton, Status};
use crate::kit::TextField;

const RETENTION: &str = "/api/desk/privacy/retention";

/// Both.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    view! {
        <Keeping desk />
        <person::Person desk />
    }
}

/// The five fields, as the person types them: empty is for ever.
#[derive(Clone, Copy)]
struct Days {
    transcripts: RwSignal<String>,
    recordings: RwSignal<String>,
    calls: RwSignal<String>,
    webhooks: RwSignal<String>,
    audit: RwSignal<String>,
}

impl Days {
    fn new() -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            transcripts: empty(),
            recordings: empty(),
            calls: empty(),
            webhooks: empty(),
            audit: empty(),
        }
    }

    fn show(self, retention: Retention) {
        let show = |field: RwSignal<String>, days: Option<u32>| {
            field.set(days.map(|days| days.to_string()).unwrap_or_default());
        };
        show(self.transcripts, retention.transcripts_days);
        show(self.recordings, retention.recordings_days);
        show(self.calls, retention.calls_days);
        show(self.webhooks, retention.webhooks_days);
        show(self.audit, retention.audit_days);
    }

    /// `None` when one of them is no number of days.
    fn read(self) -> Option<Retention> {
        let read = |field: RwSignal<String>| days(&field.get_untracked());
        Some(Retention {
            transcripts_days: read(self.transcripts)?,
            recordings_days: read(self.recordings)?,
            calls_days: read(self.calls)?,
            webhooks_days: read(self.webhooks)?,
            audit_days: read(self.audit)?,
            revision: 0,
        })
    }
}

/// Nothing is for ever; what is neither nothing nor days is `None`.
fn days(text: &str) -> Option<Option<u32>> {
    const MAX: u32 = 36_500;
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let days = text.parse().ok()?;
    (1..=MAX).contains(&days).then_some(Some(days))
}

#[component]
fn Keeping(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let fields = Days::new();
    let (loading, saving) = (Errand::new(), Errand::new());
    let rivals = Rivals::new(desk);
    let revision = StoredValue::new(0);
    let shown = move |kept: Retention| {
        revision.set_value(kept.revision);
        fields.show(kept);
    };
    let show = Callback::new(move |()| loading.run(desk, server::get(RETENTION), shown));
    show.run(());
    let wrong = RwSignal::new(false);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let read = fields.read();
        wrong.set(read.is_none());
        let Some(retention) = read else {
            saving.forget();
            return;
        };
        rivals.put(
            saving,
            RETENTION,
            revision.get_value(),
            &retention,
            show,
            shown,
        );
    };
    let field =
        move |id: &'static str, label: fn(Texts) -> &'static str, value: RwSignal<String>| {
            let error = Signal::derive(move || {
                let bad = wrong.get() && days(&value.get()).is_none();
                bad.then(|| texts().days_wrong())
            });
            view! {
                <TextField
                    id=id
                    label=Signal::derive(move || label(texts()))
                    value=value
                    error=error
                    kind="number"
                />
            }
        };
    view! {
        <Rivalry rivals />
        <form class="sb-card" novalidate on:submit=save>
            <h2>{move || texts().keeping()}</h2>
            <p class="sb-hint">{move || texts().keeping_hint()}</p>
            {field("keep-transcripts", Texts::transcripts, fields.transcripts)}
            {field("keep-recordings", Texts::recordings, fields.recordings)}
            {field("keep-calls", Texts::calls, fields.calls)}
            {field("keep-webhooks", Texts::webhooks, fields.webhooks)}
            {field("keep-audit", Texts::audit, fields.audit)}
            <SaveButton desk errand=saving />
            <Status desk errand=loading done=Signal::derive(|| "") />
            <Status desk errand=saving />
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_a_number_or_for_ever() {
        assert_eq!(days(" "), Some(None));
        assert_eq!(days("30"), Some(Some(30)));
        for text in ["0", "-1", "1.5", "ten", "36501"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
