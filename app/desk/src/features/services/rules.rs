//! How times are offered.

use api::calendar::{CalendarOffer, CalendarSettings};
use api::problem::slug;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Shared, Texts};
use crate::data::{Errand, Rivals, SaveButton, Status};
use crate::kit::{SelectField, TextField};
use crate::words::Lang;
use browser::ui::http::Failure;

pub(super) const PATH: &str = "/api/desk/calendar/settings";

/// How far apart times may begin (minutes).
const STEPS: [u16; 6] = [5, 10, 15, 20, 30, 60];

fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { slug, .. } if slug == slug::VALUE_INVALID => {
            Some(Texts::of(lang).rules_wrong())
        }
        _ => None,
    }
}

#[component]
pub(super) fn Rules(
    shared: Shared,
    rivals: Rivals,
    show: Callback<()>,
    errand: Errand,
    offer: CalendarOffer,
) -> impl IntoView {
    let CalendarOffer { settings, revision } = offer;
    let revision = StoredValue::new(revision);
    let text = |number: u32| RwSignal::new(number.to_string());
    let step = text(settings.step_minutes.into());
    let notice = text(settings.notice_minutes);
    let horizon = text(settings.horizon_days.into());
    let hold = text(settings.hold_minutes.into());
    let capacity = text(settings.capacity.into());
    let wrong = RwSignal::new(false);
    let read = move || {
        // A number that is none of its kind is not sent.
        let small = |typed: RwSignal<String>| typed.with_untracked(|it| it.trim().parse().ok());
        Some(CalendarSettings {
            step_minutes: small(step)?,
            notice_minutes: notice.with_untracked(|it| it.trim().parse().ok())?,
            horizon_days: small(horizon)?,
            hold_minutes: small(hold)?,
            capacity: small(capacity)?,
        })
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let settings = read();
        wrong.set(settings.is_none());
        if let Some(settings) = settings {
            let read = revision.get_value();
            rivals.put(
                errand,
                PATH,
                read,
                &settings,
                show,
                move |kept: CalendarOffer| {
                    revision.set_value(kept.revision);
                },
            );
        }
    };
    let steps = STEPS.map(|it| (it.to_string(), it.to_string())).to_vec();
    view! {
        <form class="sb-card sb-form" aria-labelledby="offer-title" novalidate on:submit=submit>
            <h2 id="offer-title">{shared.label(|texts| texts.rules())}</h2>
            <div class="sb-form-row">
                <SelectField
                    id="rules-step-minutes"
                    label=shared.label(|texts| texts.step())
                    value=step
                    options=Signal::stored(steps)
                />
                <TextField id="rules-notice-minutes" label=shared.label(|texts| texts.notice()) value=notice kind="number" />
                <TextField id="rules-horizon-days" label=shared.label(|texts| texts.horizon()) value=horizon kind="number" />
                <TextField id="rules-hold-minutes" label=shared.label(|texts| texts.hold()) value=hold kind="number" />
                <TextField id="rules-capacity" label=shared.label(|texts| texts.capacity()) value=capacity kind="number" />
            </div>
            {move || {
                wrong
                    .get()
                    .then(|| view! { <p class="sb-field-error" role="alert">{shared.texts().rules_wrong()}</p> })
            }}
            <Status desk=shared.desk errand words=words />
            <div class="sb-actions">
                <SaveButton desk=shared.desk errand />
            </div>
        </form>
    }
}
