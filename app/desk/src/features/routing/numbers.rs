//! The business's numbers, as Retell lists them.

use api::routing::{Number, NumberList, NumbersImported};
use leptos::prelude::*;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::dial::talk_to;
use crate::data::{Errand, Loaded, Loading, Status};
use crate::kit::{Cell, Empty, Table};
use crate::words::routing::Texts;

/// The numbers, and having Retell asked for them.
#[component]
pub(super) fn Numbers(desk: Desk, numbers: Loaded<NumberList>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let errand = Errand::new();
    let others = RwSignal::new(0);
    let import = move |_| {
        let work = async {
            let nothing = serde_json::Value::Object(serde_json::Map::new());
            api_client::post("/api/desk/numbers/import", &nothing).await
        };
        errand.run(desk, work, move |imported: NumbersImported| {
            others.set(imported.of_others);
            numbers.reload();
        });
    };
    let of_others = move || {
        let count = others.get();
        (count > 0).then(|| texts().of_others(count.try_into().unwrap_or(i64::MAX)))
    };
    let draw = move |list: NumberList| {
        let address = list.webhook_url.clone();
        let table = if list.items.is_empty() {
            view! {
                <Empty title=Signal::derive(move || texts().no_numbers()) hint=Signal::derive(move || texts().no_numbers_hint()) />
            }
            .into_any()
        } else {
            let rows = list
                .items
                .into_iter()
                .map(|number| row(desk, number, &address))
                .collect_view();
            let columns = move || {
                let texts = texts();
                vec![
                    texts.number(),
                    texts.nickname(),
                    texts.agent(),
                    texts.asks_us(),
                ]
            };
            view! {
                <Table label=Signal::derive(move || texts().numbers()) columns=Signal::derive(columns)>
                    {rows}
                </Table>
            }
            .into_any()
        };
        view! {
            {table}
            <p class="sb-hint">
                {move || texts().address()} " "
                <code class="sb-id">{address}</code>
            </p>
        }
    };
    view! {
        <section class="sb-section" aria-labelledby="numbers-title">
            <h2 id="numbers-title">{move || texts().numbers()}</h2>
            <Loading desk loaded=numbers draw />
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button"
                    aria-busy=move || errand.is_busy().to_string()
                    on:click=import
                >
                    {move || texts().import()}
                </button>
            </div>
            <Status desk errand done=Signal::derive(move || texts().imported()) />
            <p class="sb-hint" role="status">{of_others}</p>
        </section>
    }
}

fn row(desk: Desk, number: Number, address: &str) -> impl IntoView + use<> {
    let texts = move || Texts::of(desk.lang.get());
    // Any of our addresses asks the rules.
    let ours = address.split("/api/").next().unwrap_or(address);
    let asks = number
        .inbound_webhook_url
        .as_deref()
        .is_some_and(|url| url.starts_with(ours));
    let class = if asks {
        "sb-chip sb-chip-good"
    } else {
        "sb-chip sb-chip-warn"
    };
    view! {
        <tr role="row">
            <Cell column=Signal::derive(move || texts().number())>
                <span class="sb-id">{number.number}</span>
            </Cell>
            <Cell column=Signal::derive(move || texts().nickname())>{number.nickname}</Cell>
            <Cell column=Signal::derive(move || texts().agent())>
                <span class="sb-id">{number.agent_id.clone()}</span>
                {number.agent_id.map(|agent| talk_to(desk, &agent, None))}
            </Cell>
            <Cell column=Signal::derive(move || texts().asks_us())>
                <span class=class>{move || if asks { texts().yes() } else { texts().no() }}</span>
            </Cell>
        </tr>
    }
}
