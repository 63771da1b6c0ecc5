//! The accounts elsewhere that the reader signs in with: linked and unlinked.

use api::people::{Identities as Linked, Identity, LinkIdentity};
use leptos::prelude::*;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Status};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Cell, Confirm, Question, Table};
use crate::nav;
use crate::provider::elsewhere;
use crate::words::format::{self, Precision};
use crate::words::me::Texts;
use browser::ui::time;

const PATH: &str = "/api/desk/me/identities";

/// The accounts; nothing where there are none and none can be.
#[component]
pub(super) fn Identities(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<Linked>::from(desk, PATH);
    let errand = Errand::new();
    let question = RwSignal::new(None);
    // What became of linking one, told by the page it came back to.
    let problem = RwSignal::new(None::<String>);
    Effect::new(move || problem.set(nav::take_problem()));
    let unlink = Callback::new(move |id: String| {
        let path = format!("{PATH}/{id}");
        let about = errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(desk, work, move |()| loaded.reload());
    });
    let ask = Callback::new(move |id: String| {
        let texts = texts();
        question.set(Some(Question {
            title: texts.unlink().to_owned(),
            text: texts.unlink_text().to_owned(),
            yes: texts.unlink(),
            act: Callback::new(move |()| unlink.run(id.clone())),
        }));
    });
    let linking = Errand::new();
    let link = move |_| {
        let work = async move { api_client::post::<LinkIdentity>(PATH, &()).await };
        linking.run(desk, work, move |LinkIdentity { url }| {
            // Refused only for what is no address.
            let _ = window().location().set_href(&url);
        });
    };
    let draw = move |Linked { can_link, items }: Linked| {
        let columns = move || {
            let texts = texts();
            vec![
                texts.provider(),
                texts.account(),
                texts.linked(),
                texts.unlink(),
            ]
        };
        let table = (!items.is_empty()).then(|| {
            let rows = items
                .into_iter()
                .map(|it| row(desk, it, ask))
                .collect_view();
            view! {
                <Table label=move || texts().identities() columns=columns>
                    {rows}
                </Table>
            }
        });
        let link = can_link.map(|provider| {
            let name = provider.clone();
            view! {
                <p class="sb-hint">
                    {move || texts().identities_hint(&name)}
                </p>
                <Status desk errand=linking done=Signal::stored("") />
                <div class="sb-actions">
                    <button
                        type="button"
                        class="sb-button"
                        aria-busy=move || linking.is_busy().to_string()
                        on:click=link
                    >
                        {move || texts().link(&provider)}
                    </button>
                </div>
            }
        });
        view! {
            {table}
            {link}
        }
    };
    // Most servers have no provider: what is on its way, or cannot be had, takes
    // no room either.
    let section = move || {
        let linked = loaded.value.get()?.ok()?;
        let any = linked.can_link.is_some() || !linked.items.is_empty();
        any.then(|| {
            view! {
                <h2>{move || texts().identities()}</h2>
                {draw(linked)}
            }
        })
    };
    view! {
        {section}
        <Status desk errand done=move || texts().unlinked() />
        <div class="sb-status">
            <div role="alert">
                {move || {
                    problem
                        .get()
                        .map(|slug| {
                            view! {
                                <p class="sb-problem">
                                    {icon(Icon::Alert)}
                                    <span>{elsewhere(&slug, desk.lang.get())}</span>
                                </p>
                            }
                        })
                }}
            </div>
        </div>
        <Confirm question />
    }
}

fn row(desk: Desk, identity: Identity, ask: Callback<String>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let Identity {
        id,
        provider,
        email,
        linked_at,
    } = identity;
    let when =
        move |precision| format::date(linked_at, desk.lang.get(), &desk.timezone(), precision);
    view! {
        <tr role="row">
            <Cell column=move || texts().provider()>{provider}</Cell>
            <Cell column=move || texts().account()>
                {email.unwrap_or_else(|| "–".to_owned())}
            </Cell>
            <Cell column=move || texts().linked()>
                <time datetime=time::machine_date(linked_at)>
                    {move || when(Precision::Short)}
                </time>
            </Cell>
            <Cell column=move || texts().unlink()>
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    on:click=move |_| ask.run(id.clone())
                >
                    {move || texts().unlink()}
                </button>
            </Cell>
        </tr>
    }
}
