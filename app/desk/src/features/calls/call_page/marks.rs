//! Whose a call is, and that a supervisor should look at it: while it goes on and afterwards.

use api::availability::{Availability, Colleague};
use api::desk::CallDetail;
use api::marks::{CallClaim, CallFlag, ClaimCall, FlagCall};
use api::problem::slug;
use browser::ui::http::Failure;
use leptos::prelude::*;

use super::follow::Call;
use super::tested::CallAgain;
use crate::data::staff::Staff;
use crate::data::{Desk, Errand, Status, api_client};
use crate::kit::icon::{Icon, icon};
use crate::kit::{SelectField, TextField};
use crate::nav::{Link, new_booking_address};
use crate::role::Role;
use crate::route::Route;
use crate::words::Lang;
use crate::words::marks::Texts;

/// What a refusal means here.
fn in_words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    (slug == slug::CALL_CLAIMED).then(|| Texts::of(lang).claimed())
}

/// The id of whoever is signed in.
pub(super) fn me(desk: Desk) -> Memo<String> {
    Memo::new(move |_| desk.me())
}

/// Shows the marks as they will be, asks for that, and shows what became of it: who was faster
/// has the call.
fn mark(
    errand: Errand,
    desk: Desk,
    call: Call,
    change: impl FnOnce(&mut CallDetail),
    work: impl Future<Output = Result<(), Failure>> + 'static,
) {
    let before = call.detail.get_untracked();
    call.expect(change);
    let failed = move |_: &Failure| {
        // Where there is no network, nothing is loaded.
        if let Some(before) = before {
            call.expect(|detail| (detail.claim, detail.flag) = (before.claim, before.flag));
        }
        call.load();
    };
    let done = move |()| call.load();
    errand.about("").run_then(desk, work, done, failed);
}

/// Both marks, and what changes them.
#[component]
pub(super) fn Marks(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let errand = Errand::new();
    let booking = Memo::new(move |_| {
        call.detail.with(|detail| {
            let call = &detail.as_ref()?.summary;
            let name = call.contact_name.as_deref().unwrap_or_default();
            let number = call.other_number().unwrap_or_default();
            Some(new_booking_address(name, number, &call.id))
        })
    });
    let book = move || {
        let address = booking.get()?;
        Some(view! {
            <Link route=desk.route to=Route::Calendar address class="sb-button sb-button-small">
                {move || texts().book()}
            </Link>
        })
    };
    view! {
        <section class="sb-attend" aria-label=move || texts().title()>
            <div class="sb-attend-do">
                <Claim desk call errand />
                <Flag desk call errand />
                <CallAgain desk call />
                {book}
            </div>
            <Status desk errand done=Signal::stored("") words=in_words />
        </section>
    }
}

/// Whose it is.
#[component]
fn Claim(desk: Desk, call: Call, errand: Errand) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let me = me(desk);
    let claim = Memo::new(move |_| call.detail.with(|detail| detail.as_ref()?.claim.clone()));
    let is_mine = move |claim: &CallClaim| me.with(|me| claim.user_id == *me);
    let path = move || call.path() + "/claim";
    // From whoever's it is as far as the reader sees.
    let give = move |to: Option<String>| {
        let from = claim.get_untracked().map(|claim| claim.user_id);
        let mine = CallClaim {
            user_id: me.get_untracked(),
            name: String::new(),
            since: desk.now.get_untracked(),
            given_by: None,
            given_by_name: String::new(),
        };
        let is_own = to.is_none();
        let (path, asked) = (
            path(),
            ClaimCall {
                user_id: to,
                take: from.is_some(),
                from,
            },
        );
        let work = async move { api_client::put::<()>(&path, &asked).await };
        let change = move |detail: &mut CallDetail| {
            if is_own {
                detail.claim = Some(mine);
            }
        };
        mark(errand, desk, call, change, work);
    };
    let release = move || {
        let path = path();
        let work = async move { api_client::delete(&path).await };
        mark(errand, desk, call, |detail| detail.claim = None, work);
    };
    let stands = move || {
        claim.get().map(|claim| match is_mine(&claim) {
            true if claim.given_by_name.is_empty() => texts().yours().to_owned(),
            true => texts().given_to_you(&claim.given_by_name),
            false if claim.name.is_empty() => texts().somebodys().to_owned(),
            false if claim.given_by_name.is_empty() => texts().theirs(&claim.name),
            false => texts().given_to(&claim.given_by_name, &claim.name),
        })
    };
    let stands = move || {
        stands().map(|text| view! { <p class="sb-attend-other">{icon(Icon::Person)} {text}</p> })
    };
    // One button, so that who presses it keeps the focus.
    let button = move || match claim.get() {
        None => Some((texts().claim(), true)),
        Some(claim) if is_mine(&claim) => Some((texts().release(), false)),
        Some(claim) if me.with(|me| claim.given_by.as_ref() == Some(me)) => {
            Some((texts().take_back(), true))
        }
        Some(_) => (desk.role() >= Role::Supervisor).then(|| (texts().take(), true)),
    };
    let press = move |_| match untrack(button) {
        // What it shows then is asked for already: a second press would undo the first.
        _ if errand.is_busy() => {}
        Some((_, true)) => give(None),
        Some((_, false)) => release(),
        None => {}
    };
    let may_give = Memo::new(move |_| {
        let is_mine = claim.with(|claim| claim.as_ref().is_some_and(is_mine));
        is_mine || desk.role() >= Role::Supervisor
    });
    let holder = Signal::derive(move || claim.get().map(|claim| claim.user_id));
    let give = Callback::new(move |to| give(Some(to)));
    let shown = Memo::new(move |_| button().is_some());
    view! {
        <div role="status">{stands}</div>
        {move || {
            shown.get().then(|| {
                view! {
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        data-key="claim"
                        aria-busy=move || errand.is_busy().to_string()
                        on:click=press
                    >
                        {move || button().map(|(label, _)| label)}
                    </button>
                }
            })
        }}
        {move || may_give.get().then(|| view! { <Give desk holder give /> })}
    }
}

/// Gives it to a colleague.
#[component]
fn Give(
    desk: Desk,
    /// Whose it is.
    holder: Signal<Option<String>>,
    give: Callback<String>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let (choosing, chosen) = (RwSignal::new(false), RwSignal::new(String::new()));
    let given = StoredValue::new(String::new());
    // Not before it is theirs: that the reader claimed it may be known here only now.
    Effect::new(move || {
        if holder
            .get()
            .is_some_and(|it| given.with_value(|to| *to == it))
        {
            choosing.set(false);
        }
    });
    let open = move |_| {
        choosing.update(|it| *it = !*it);
        if choosing.get_untracked() {
            request_animation_frame(|| {
                if let Some(field) = document().get_element_by_id("give-to") {
                    browser::ui::dom::focus(&field);
                }
            });
        }
    };
    let form = move || {
        let staff = Staff::of(desk);
        let colleagues = Memo::new(move |_| {
            let mut all = staff.all();
            all.retain(|it| Some(&it.user_id) != holder.get().as_ref());
            // Who is ready first.
            all.sort_by_key(|it| it.availability != Availability::Ready);
            all
        });
        let options = Signal::derive(move || {
            let says = |it: Colleague| {
                let says = format!("{} · {}", it.name, staff.says(&it));
                (it.user_id, says)
            };
            colleagues.get().into_iter().map(says).collect::<Vec<_>>()
        });
        Effect::new(move || {
            let is_there = options.with(|all| all.iter().any(|(id, _)| chosen.with(|it| it == id)));
            let first = options.with(|all| all.first().map(|(id, _)| id.clone()));
            if let Some(first) = first.filter(|_| !is_there) {
                chosen.set(first);
            }
        });
        view! {
            <form
                class="sb-attend-sound"
                on:submit=move |event| {
                    event.prevent_default();
                    let to = chosen.get_untracked();
                    if !to.is_empty() {
                        given.set_value(to.clone());
                        give.run(to);
                    }
                }
            >
                <SelectField
                    id="give-to"
                    label=Signal::derive(move || texts().give_to())
                    hint=Signal::derive(move || Some(texts().give_hint()))
                    value=chosen
                    options=options
                />
                <button type="submit" class="sb-button sb-button-primary sb-button-small">
                    {move || texts().give_now()}
                </button>
            </form>
        }
    };
    view! {
        <button
            type="button"
            class="sb-button sb-button-small"
            aria-expanded=move || choosing.get().to_string()
            on:click=open
        >
            {move || texts().give()}
        </button>
        {move || choosing.get().then(form)}
    }
}

/// That a supervisor should look at it, and why.
#[component]
fn Flag(desk: Desk, call: Call, errand: Errand) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let me = me(desk);
    let flag = Memo::new(move |_| call.detail.with(|detail| detail.as_ref()?.flag.clone()));
    let (writing, reason) = (RwSignal::new(false), RwSignal::new(String::new()));
    let path = move || call.path() + "/flag";
    let send = move || {
        let text = reason.get_untracked().trim().to_owned();
        let what = FlagCall {
            reason: Some(text).filter(|text| !text.is_empty()),
        };
        let flag = CallFlag {
            reason: what.reason.clone(),
            user_id: Some(me.get_untracked()),
            name: String::new(),
            since: desk.now.get_untracked(),
        };
        let path = path();
        let work = async move {
            api_client::put::<()>(&path, &what).await?;
            // What was typed stays until the server has it.
            reason.try_set(String::new());
            writing.try_set(false);
            Ok(())
        };
        mark(errand, desk, call, |detail| detail.flag = Some(flag), work);
    };
    let remove = move |_| {
        if errand.is_busy() {
            return;
        }
        let path = path();
        let work = async move { api_client::delete(&path).await };
        mark(errand, desk, call, |detail| detail.flag = None, work);
    };
    let stands = move |flag: CallFlag| {
        let who = match flag.name.is_empty() {
            true => texts().flagged().to_owned(),
            false => texts().flagged_by(&flag.name),
        };
        view! {
            <p class="sb-attend-other">
                <span class="sb-chip sb-chip-warn">{who}</span>
                {flag.reason.map(|reason| view! { <q>{reason}</q> })}
            </p>
        }
    };
    let open = move |_| {
        writing.update(|it| *it = !*it);
        if writing.get_untracked() {
            request_animation_frame(|| {
                if let Some(field) = document().get_element_by_id("flag-reason") {
                    browser::ui::dom::focus(&field);
                }
            });
        }
    };
    let buttons = move || match flag.get() {
        None => view! {
            <button
                type="button"
                class="sb-button sb-button-small"
                data-key="flag"
                aria-expanded=move || writing.get().to_string()
                on:click=open
            >
                {move || texts().flag()}
            </button>
        }
        .into_any(),
        Some(flag) => {
            let is_mine = me.with(|me| flag.user_id.as_ref() == Some(me));
            let may = is_mine || desk.role() >= Role::Supervisor;
            may.then(|| {
                view! {
                    <button type="button" class="sb-button sb-button-small" data-key="flag" on:click=remove>
                        {move || texts().unflag()}
                    </button>
                }
            })
            .into_any()
        }
    };
    let form = move || {
        (writing.get() && flag.with(Option::is_none)).then(|| {
            view! {
                <form
                    class="sb-attend-sound"
                    on:submit=move |event| {
                        event.prevent_default();
                        send();
                    }
                >
                    <TextField
                        id="flag-reason"
                        label=Signal::derive(move || texts().reason())
                        hint=Signal::derive(move || Some(texts().reason_hint()))
                        value=reason
                    />
                    <button type="submit" class="sb-button sb-button-primary sb-button-small">
                        {move || texts().flag_now()}
                    </button>
                </form>
            }
        })
    };
    view! {
        <div role="status">{move || flag.get().map(stands)}</div>
        {buttons}
        {form}
    }
}
