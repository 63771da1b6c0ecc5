//! What a business has elsewhere, in its CRM or at a provider of calendars: an account that is
//! tried out and taken away, and the list of what was written there.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Desk, Errand, LoadMore, Pages, SaveButton, Status, api_client};
use crate::kit::{Button, Cell, Empty, Question, Table};
use crate::words::Lang;
use crate::words::elsewhere::Texts;
use crate::words::format::{self, Precision};
use browser::ui::time;

/// What came of trying an account out.
pub(crate) trait Trial: Clone + DeserializeOwned + Send + Sync + 'static {
    /// Whether it works.
    fn works(&self) -> bool;
    /// What came of it.
    fn words(&self, lang: Lang) -> &'static str;
    /// Which account it is, or the reason why not, in the provider's words.
    fn more(&self) -> Option<&str>;
}

/// Says what came of it.
pub(crate) fn verdict(desk: Desk, trial: impl Trial) -> impl IntoView {
    let class = if trial.works() {
        "sb-done"
    } else {
        "sb-problem"
    };
    let more = trial.more().map(|more| format!(" ({more})"));
    let words = move || trial.words(desk.lang.get());
    view! { <p class=class><span>{words} {more}</span></p> }
}

/// An account: tried out and taken away. A handle of signals: copy it freely.
pub(crate) struct Account<T: Send + Sync + 'static> {
    desk: Desk,
    path: &'static str,
    /// Whether there is one.
    pub(crate) is_there: RwSignal<bool>,
    tried: RwSignal<Option<T>>,
    errand: Errand,
    /// Asked before it is taken away.
    pub(crate) question: RwSignal<Option<Question>>,
}

impl<T: Send + Sync + 'static> Clone for Account<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Account<T> {}

impl<T: Trial> Account<T> {
    /// The one at this address of ours, which is kept there by another errand.
    pub(crate) fn at(desk: Desk, path: &'static str, is_there: bool, saving: Errand) -> Self {
        Self {
            desk,
            path,
            is_there: RwSignal::new(is_there),
            tried: RwSignal::new(None),
            errand: Errand::in_line_with(saving),
            question: RwSignal::new(None),
        }
    }

    /// Forgets what came of trying it out: it is to be another one.
    pub(crate) fn forget(self) {
        self.tried.set(None);
    }

    fn test(self) {
        self.forget();
        let path = format!("{}/test", self.path);
        let work = async move { api_client::post::<T>(&path, &json!({})).await };
        self.errand
            .run(self.desk, work, move |came| self.tried.set(Some(came)));
    }

    /// Takes it away.
    pub(crate) fn remove(self, gone: impl FnOnce() + 'static) {
        let work = async move { api_client::delete(self.path).await };
        self.errand.run(self.desk, work, move |()| {
            self.is_there.set(false);
            self.forget();
            gone();
        });
    }
}

/// The foot of an account's form: it is saved, tried out and taken away, and what came of each.
#[component]
pub(crate) fn AccountFoot<T: Trial>(
    account: Account<T>,
    saving: Errand,
    /// What the button that takes it away says.
    #[prop(into)]
    remove: Signal<&'static str>,
    /// Asks whether it is meant.
    ask: Callback<()>,
) -> impl IntoView {
    let desk = account.desk;
    let texts = move || Texts::of(desk.lang.get());
    let test = move || match account.errand.is_busy() {
        true => texts().testing(),
        false => texts().test(),
    };
    let actions = move || {
        account.is_there.get().then(|| {
            view! {
                <button type="button" class="sb-button" on:click=move |_| account.test()>
                    {test}
                </button>
                <button
                    type="button"
                    class="sb-button sb-button-danger"
                    on:click=move |_| ask.run(())
                >
                    {remove}
                </button>
            }
        })
    };
    view! {
        <Status desk errand=saving />
        <div role="status">{move || account.tried.get().map(|came| verdict(desk, came))}</div>
        <Status desk errand=account.errand done=Signal::stored("") />
        <div class="sb-actions">
            <SaveButton desk errand=saving />
            {actions}
        </div>
    }
}

/// One thing that was to be written elsewhere.
pub(crate) struct Write {
    /// Unix ms.
    pub(crate) at: i64,
    /// What it is.
    pub(crate) what: AnyView,
    /// What became of it.
    pub(crate) state: Signal<&'static str>,
    /// Why it was not written.
    pub(crate) reason: Option<String>,
    /// Where it is written again, if it may be.
    pub(crate) again: Option<String>,
    /// Whether it waits for somebody to do so.
    pub(crate) is_parked: bool,
}

/// What was to be written, the newest first.
#[component]
pub(crate) fn Writes<T>(
    desk: Desk,
    path: &'static str,
    #[prop(into)] title: Signal<&'static str>,
    /// When there will be something.
    #[prop(into)]
    empty_hint: Signal<&'static str>,
    /// How one of them reads.
    read: fn(Desk, T) -> Write,
) -> impl IntoView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    let texts = move || Texts::of(desk.lang.get());
    let pages = Pages::<T>::from(desk, path);
    let errand = Errand::new();
    let again = Callback::new(move |path: String| {
        let work = {
            let path = path.clone();
            async move { api_client::post::<()>(&path, &json!({})).await }
        };
        errand.about(path).run(desk, work, move |()| pages.reload());
    });
    let list = move || {
        let Some(writes) = pages.items.get() else {
            return pages.coming(3);
        };
        if writes.is_empty() {
            return view! { <Empty title=move || texts().empty() hint=empty_hint /> }.into_any();
        }
        let writes: Vec<_> = writes.into_iter().map(|it| read(desk, it)).collect();
        let all = writes.iter().any(|it| it.is_parked).then(|| {
            let press = move |()| again.run(format!("{path}/replay"));
            view! {
                <div class="sb-actions">
                    <Button press>{move || texts().again_all()}</Button>
                </div>
            }
        });
        let rows = writes.into_iter().map(|it| row(desk, again, it));
        let rows = rows.collect_view();
        let columns = move || {
            let texts = texts();
            vec![texts.when(), texts.what(), texts.state(), texts.why(), ""]
        };
        view! {
            {all}
            <Table label=title columns=columns>{rows}</Table>
        }
        .into_any()
    };
    view! {
        <h2>{title}</h2>
        <div class="sb-actions">
            <button type="button" class="sb-button" on:click=move |_| pages.reload()>
                {move || texts().refresh()}
            </button>
        </div>
        <Status desk errand done=Signal::stored("") />
        {list}
        <LoadMore desk pages />
    }
}

fn row(desk: Desk, again: Callback<String>, write: Write) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let at = write.at;
    let when = move || format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
    let again = write.again.map(|path| {
        view! {
            <button
                type="button"
                class="sb-button sb-button-small"
                on:click=move |_| again.run(path.clone())
            >
                {move || texts().again()}
            </button>
        }
    });
    view! {
        <tr role="row">
            <Cell column=move || texts().when()>
                <time datetime=time::machine_date(at)>{when}</time>
            </Cell>
            <Cell column=move || texts().what()>{write.what}</Cell>
            <Cell column=move || texts().state()>{write.state}</Cell>
            <Cell column=move || texts().why()>{write.reason}</Cell>
            <Cell column="">{again}</Cell>
        </tr>
    }
}
