//! Where the reader is signed in, and signing out there.

use api::people::{OpenSession, OpenSessions};
use leptos::prelude::*;

use super::device;
use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Loading, Status};
use crate::kit::{Ago, Cell, Confirm, Question, Table};
use crate::words::format::{self, Precision};
use crate::words::me::Texts;

const PATH: &str = "/api/desk/me/sessions";

/// The sessions.
#[component]
pub(super) fn Sessions(
    desk: Desk,
    /// Notified when sessions have ended elsewhere on the page.
    reload: Trigger,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<OpenSessions>::from(desk, PATH);
    let errand = Errand::new();
    let question = RwSignal::new(None);
    Effect::new(move |before: Option<()>| {
        reload.track();
        if before.is_some() {
            loaded.reload();
        }
    });
    let revoke = Callback::new(move |id: Option<String>| {
        let path = match id {
            Some(id) => format!("{PATH}/{id}"),
            None => PATH.to_owned(),
        };
        let about = errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(desk, work, move |()| loaded.reload());
    });
    let ask = move |_| {
        let texts = texts();
        question.set(Some(Question {
            title: texts.revoke_others().to_owned(),
            text: texts.revoke_others_text().to_owned(),
            yes: texts.revoke_others(),
            act: Callback::new(move |()| revoke.run(None)),
        }));
    };
    let draw = move |sessions: OpenSessions| {
        let several = sessions.items.len() > 1;
        let rows = sessions
            .items
            .into_iter()
            .map(|session| row(desk, session, revoke))
            .collect_view();
        let columns = move || {
            let texts = texts();
            vec![
                texts.device(),
                texts.address(),
                texts.last_seen(),
                texts.revoke(),
            ]
        };
        view! {
            <Table label=move || texts().sessions() columns=columns>
                {rows}
            </Table>
            {several
                .then(|| {
                    view! {
                        <div class="sb-actions">
                            <button type="button" class="sb-button" on:click=ask>
                                {move || texts().revoke_others()}
                            </button>
                        </div>
                    }
                })}
        }
    };
    view! {
        <h2>{move || texts().sessions()}</h2>
        <Status desk errand done=move || texts().revoked() />
        <Loading desk loaded draw />
        <Confirm question />
    }
}

fn row(desk: Desk, session: OpenSession, revoke: Callback<Option<String>>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let OpenSession {
        id,
        this_one,
        last_seen_at,
        remote_ip,
        user_agent,
        ..
    } = session;
    let device = user_agent.as_deref().and_then(device::name);
    let device = move || {
        device
            .clone()
            .unwrap_or_else(|| texts().unknown_device().to_owned())
    };
    let when = Signal::derive(move || {
        format::date(
            last_seen_at,
            desk.lang.get(),
            &desk.timezone(),
            Precision::Short,
        )
    });
    let end = if this_one {
        view! { <span class="sb-chip sb-chip-good">{move || texts().this_one()}</span> }.into_any()
    } else {
        view! {
            <button
                type="button"
                class="sb-button sb-button-small"
                on:click=move |_| revoke.run(Some(id.clone()))
            >
                {move || texts().revoke()}
            </button>
        }
        .into_any()
    };
    view! {
        <tr role="row">
            <Cell column=move || texts().device()>{device}</Cell>
            <Cell column=move || texts().address()>
                <span class="sb-id">{remote_ip}</span>
            </Cell>
            <Cell column=move || texts().last_seen()>
                <Ago at=last_seen_at when />
            </Cell>
            <Cell column=move || texts().revoke()>{end}</Cell>
        </tr>
    }
}
