//! That one of the staff tried the agent with a call; and what leads to the next one.

use api::desk::CallStatus;
use leptos::prelude::*;

use super::follow::Call;
use crate::data::Desk;
use crate::data::dial::{call_button, talk_to};
use crate::data::staff::Staff;
use crate::words::dial::Texts as DialTexts;
use crate::words::test_call::Texts;

/// Who tried the agent with the call.
#[component]
pub(super) fn Tested(desk: Desk, call: Call) -> impl IntoView {
    let tester = Memo::new(move |_| call.detail.with(|it| it.as_ref()?.tested_by.clone()));
    move || {
        let tester = tester.get()?;
        let staff = Staff::of(desk);
        let says = move || {
            let texts = Texts::of(desk.lang.get());
            match staff.one(&tester) {
                Some(person) => texts.tested_by(&person.name),
                // They have left the business since.
                None => texts.tested().to_owned(),
            }
        };
        Some(view! { <span class="sb-chip sb-chip-accent">{says}</span> })
    }
}

/// Leads to where one talks with the agent of the call oneself; and once it is over, to having the
/// other side's number called.
#[component]
pub(super) fn CallAgain(desk: Desk, call: Call) -> impl IntoView {
    let agent = Memo::new(move |_| {
        let detail = call.detail.get()?;
        Some(detail.summary.agent_id).filter(|id| !id.is_empty())
    });
    let number = Memo::new(move |_| {
        let call = call.detail.get()?.summary;
        let number = call.other_number().filter(|_| !call.status.is_live())?;
        let failed = matches!(call.status, CallStatus::NotConnected | CallStatus::Error);
        Some((number.to_owned(), failed))
    });
    let dial = move || {
        let (number, failed) = number.get()?;
        let label: fn(DialTexts, &str) -> String = match failed {
            true => |texts, _| texts.again().to_owned(),
            false => |texts, _| texts.call().to_owned(),
        };
        Some(call_button(desk, number, agent.get().as_deref(), label))
    };
    view! {
        {dial}
        {move || agent.get().map(|agent| talk_to(desk, &agent, Some("test_call")))}
    }
}
