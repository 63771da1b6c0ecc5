//! What can be done with a call, from wherever it is shown: most of it leads to a part of its page.

use api::desk::{CallStatus, CallSummary};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::Desk;
use super::dial::call_button;
use crate::nav;
use crate::route::Route;
use crate::words::call::Texts;

/// What the part is called in an address: `?open=recording`.
const OPEN: &str = "open";

/// A part of a call's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallPart {
    /// It is played there.
    Recording,
    Transcript,
    /// Where the agent is told to hand the call over.
    HandOver,
}

impl CallPart {
    const ALL: [Self; 3] = [Self::Recording, Self::Transcript, Self::HandOver];

    /// The part that is to be opened, as the address says.
    pub(crate) fn asked() -> Option<Self> {
        let name = nav::asked(OPEN)?;
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Transcript => "transcript",
            Self::HandOver => "hand-over",
        }
    }

    fn label(self, texts: Texts) -> &'static str {
        match self {
            Self::Recording => texts.listen_to_recording(),
            Self::Transcript => texts.see_transcript(),
            Self::HandOver => texts.transfer(),
        }
    }

    /// Whether a call has it.
    fn is_of(self, call: &CallSummary) -> bool {
        match self {
            Self::Recording => call.has_recording,
            Self::Transcript => matches!(call.status, CallStatus::Ongoing | CallStatus::Ended),
            Self::HandOver => call.status == CallStatus::Ongoing,
        }
    }
}

/// Leads to what there is of a call, and to trying again one that did not come about.
pub(crate) fn call_actions(desk: Desk, call: &CallSummary) -> impl IntoView + use<> {
    let parts = CallPart::ALL.into_iter().filter(|part| part.is_of(call));
    let parts = parts.map(|part| to_part(desk, &call.id, part));
    let parts = parts.collect::<Vec<_>>();
    let failed = matches!(call.status, CallStatus::NotConnected | CallStatus::Error);
    let number = call.other_number().filter(|_| failed);
    let again = number.map(|number| {
        let agent = Some(call.agent_id.as_str()).filter(|id| !id.is_empty());
        call_button(desk, number.to_owned(), agent, |texts, _| {
            texts.again().to_owned()
        })
    });
    let any = !parts.is_empty() || again.is_some();
    any.then(|| view! { <div class="sb-actions">{parts} {again}</div> })
}

fn to_part(desk: Desk, id: &str, part: CallPart) -> impl IntoView + use<> {
    let to = Route::Call(id.to_owned());
    let address = format!("{}?{OPEN}={}", to.path(), part.name());
    let there = address.clone();
    let follow = move |click: MouseEvent| {
        if nav::is_plain(&click) {
            click.prevent_default();
            nav::go_to(desk.route, to.clone(), &there);
        }
    };
    view! {
        <a class="sb-button sb-button-small sb-button-quiet" href=address on:click=follow>
            {move || part.label(Texts::of(desk.lang.get()))}
        </a>
    }
}
