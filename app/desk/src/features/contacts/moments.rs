//! What happened with somebody, and what is to come.

use api::calendar::{Booking, BookingState};
use api::callbacks::Callback;
use api::contacts::{CallMoment, Moment};
use api::crm::CrmWrite;
use api::desk::CallStatus;
use api::sms::{Sms, SmsState};
use leptos::prelude::*;

use super::{Shared, Text};
use crate::data::call_actions::call_actions;
use crate::data::dial::linked;
use crate::data::noted::Noted;
use crate::data::{LoadMore, Pages};
use crate::kit::Empty;
use crate::kit::icon::{Icon, icon};
use crate::nav::{Link, booking_address};
use crate::route::Route;
use crate::words::format::{self, Precision};
use browser::ui::time;

/// The line of time: what is to come, the next first, then what has been, the latest first.
#[component]
pub(super) fn Moments(
    shared: Shared,
    moments: Pages<Moment>,
    /// Whether there is a number by which anything is found.
    has_number: Memo<bool>,
) -> impl IntoView {
    let desk = shared.desk;
    let list = move || {
        let Some(items) = moments.items.get() else {
            return moments.coming(3);
        };
        if items.is_empty() {
            let hint: Text = match has_number.get() {
                true => |texts| texts.no_moments_hint(),
                false => |texts| texts.no_number_hint(),
            };
            return view! {
                <Empty title=shared.label(|texts| texts.no_moments()) hint=shared.label(hint) />
            }
            .into_any();
        }
        let now = desk.now.get_untracked();
        let (mut to_come, so_far): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|it| it.at() > now);
        to_come.reverse();
        view! {
            <Part shared head=|texts| texts.to_come() moments=to_come />
            <Part shared head=|texts| texts.so_far() moments=so_far />
        }
        .into_any()
    };
    view! {
        {list}
        <LoadMore desk pages=moments />
    }
}

/// A part of it, under its heading; nothing where nothing happened.
#[component]
pub(super) fn Part(shared: Shared, head: Text, moments: Vec<Moment>) -> impl IntoView {
    (!moments.is_empty()).then(|| {
        let rows = moments.into_iter().map(|it| row(shared, it)).collect_view();
        view! {
            <h3>{shared.label(head)}</h3>
            <ol class="sb-moments" role="list">{rows}</ol>
        }
    })
}

/// One thing that happened, as it is drawn.
struct Drawn {
    picture: Icon,
    /// What it was.
    what: AnyView,
    /// What was said, or is to be known.
    about: Option<String>,
    /// What is unusual.
    mark: Option<AnyView>,
    /// What can be done with it.
    actions: Option<AnyView>,
}

fn row(shared: Shared, moment: Moment) -> impl IntoView {
    let (at, id) = (moment.at(), moment.id().to_owned());
    let drawn = match moment {
        Moment::Call(call) => of_call(shared, call),
        Moment::Sms(sms) => of_sms(shared, sms),
        Moment::Booking(booking) => of_booking(shared, booking),
        Moment::Callback(callback) => of_callback(shared, callback),
        Moment::Crm(write) => of_crm(shared, write),
        Moment::Unknown => Drawn {
            picture: Icon::More,
            what: shared.label(|texts| texts.something()).into_any(),
            about: None,
            mark: None,
            actions: None,
        },
    };
    let about = drawn.about.map(|text| linked(shared.desk, &text));
    let written = move || {
        let timezone = shared.desk.timezone();
        format::date(at, shared.desk.lang.get(), &timezone, Precision::Short)
    };
    view! {
        <li data-moment=id>
            <span class="sb-moment-picture">{icon(drawn.picture)}</span>
            <div>
                <p class="sb-moment-head">
                    <strong>{drawn.what}</strong>
                    {drawn.mark}
                    <time datetime=time::machine_date(at)>{written}</time>
                </p>
                {about.map(|text| view! { <p class="sb-moment-about">{text}</p> })}
                {drawn.actions}
            </div>
        </li>
    }
}

fn of_call(shared: Shared, moment: CallMoment) -> Drawn {
    let (desk, call) = (shared.desk, moment.call);
    let word: Text = match call.direction.as_deref() {
        Some("outbound") => |texts| texts.was_called(),
        _ => |texts| texts.called(),
    };
    let status = call.status;
    let class = match status {
        CallStatus::Ongoing => "sb-chip sb-chip-live",
        CallStatus::Error => "sb-chip sb-chip-bad",
        _ => "sb-chip sb-chip-warn",
    };
    let stands = (status != CallStatus::Ended).then(|| {
        view! { <span class=class>{move || desk.texts().stands(status)}</span> }
    });
    let said = moment.disposition.into_iter().chain(moment.tags);
    let said = said.map(|it| view! { <span class="sb-chip">{it}</span> });
    let mark = view! {
        {stands}
        {said.collect_view()}
    };
    let notes = moment.notes.into_iter();
    let notes = notes.map(|note| view! { <Noted desk note /> });
    let actions = view! {
        {notes.collect_view()}
        {call_actions(desk, &call)}
    };
    let what = view! {
        <Link route=desk.route to=Route::Call(call.id)>{shared.label(word)}</Link>
        {call.duration_ms.map(|ms| format!(" · {}", time::duration(ms)))}
    };
    Drawn {
        picture: Icon::Phone,
        what: what.into_any(),
        about: call.about,
        mark: Some(mark.into_any()),
        actions: Some(actions.into_any()),
    }
}

fn of_sms(shared: Shared, sms: Sms) -> Drawn {
    let word: Text = match sms.state {
        SmsState::Received => |texts| texts.wrote(),
        SmsState::Logged => |texts| texts.was_written_to_log(),
        SmsState::Unclear => |texts| texts.was_perhaps_written_to(),
        _ => |texts| texts.was_written_to(),
    };
    let error = sms.error;
    Drawn {
        picture: Icon::Bubble,
        what: shared.label(word).into_any(),
        about: Some(sms.body),
        mark: error.map(|why| view! { <span class="sb-chip sb-chip-bad">{why}</span> }.into_any()),
        actions: None,
    }
}

fn of_booking(shared: Shared, booking: Booking) -> Drawn {
    let desk = shared.desk;
    let with = booking.staff.map(|name| format!(" · {name}"));
    let day = format::day(booking.starts_at, &untrack(|| desk.timezone()));
    let address = booking_address(&booking.id, &day);
    let cancelled = booking.state == BookingState::Cancelled;
    let what = view! {
        {shared.label(|texts| texts.appointment())}
        ": "
        <Link route=desk.route to=Route::Calendar address>{booking.service}</Link>
        {with}
    };
    Drawn {
        picture: Icon::Calendar,
        what: what.into_any(),
        about: (!booking.notes.is_empty()).then_some(booking.notes),
        mark: cancelled.then(|| {
            view! { <span class="sb-chip">{shared.label(|texts| texts.cancelled())}</span> }
                .into_any()
        }),
        actions: None,
    }
}

fn of_crm(shared: Shared, write: CrmWrite) -> Drawn {
    let record = write.record_url.map(|url| {
        view! {
            " · "
            <a href=url target="_blank" rel="noopener noreferrer">
                {shared.label(|texts| texts.crm_record())}
            </a>
        }
    });
    let what = view! {
        {shared.label(|texts| texts.in_crm())}
        {record}
    };
    Drawn {
        picture: Icon::Book,
        what: what.into_any(),
        about: None,
        mark: None,
        actions: None,
    }
}

fn of_callback(shared: Shared, callback: Callback) -> Drawn {
    Drawn {
        picture: Icon::CallBack,
        what: shared.label(|texts| texts.asked_callback()).into_any(),
        about: callback.page_url,
        mark: None,
        actions: None,
    }
}
