//! A list of things that are added, changed in a form below it, and taken away as long as nobody
//! wants them back.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, Status, Words, api_client};
use crate::kit::{Button, ButtonLook, RowActions, Toast, ToastPlace};
use browser::ui::http::escape;

/// The list `L`, and `E`, of which the form is. A handle of signals: copy it freely.
pub(crate) struct Listed<L: Send + Sync + 'static, E: Send + Sync + 'static> {
    desk: Desk,
    path: &'static str,
    list: Loaded<L>,
    /// What the form is open for.
    pub(crate) editing: RwSignal<Option<E>>,
    /// Who else changes one of them.
    pub(crate) rivals: Rivals,
    errand: Errand,
    toast: Toast,
}

impl<L: Send + Sync + 'static, E: Send + Sync + 'static> Clone for Listed<L, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Send + Sync + 'static, E: Send + Sync + 'static> Copy for Listed<L, E> {}

impl<L, E> Listed<L, E>
where
    L: DeserializeOwned + Clone + Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// The list that is read at this address, below which each of them is.
    pub(crate) fn of(desk: Desk, path: &'static str, list: Loaded<L>) -> Self {
        Self {
            desk,
            path,
            list,
            editing: RwSignal::new(None),
            rivals: Rivals::new(desk),
            errand: Errand::new(),
            toast: Toast::new(),
        }
    }

    /// Takes one away. As long as that is `said` it can be put back.
    fn remove(self, id: &str, details: &Value, said: String) {
        let details = details.clone();
        let path = format!("{}/{}", self.path, escape(id));
        let about = self.errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(self.desk, work, move |()| {
            self.list.reload();
            self.toast
                .done(said, move || self.put_back(details.clone()));
        });
    }

    fn put_back(self, details: Value) {
        let about = self.errand.about(details.to_string());
        let work = async move { api_client::post::<IgnoredAny>(self.path, &details).await };
        about.run(self.desk, work, move |_| {
            self.list.reload();
            self.toast.undone();
        });
    }

    /// Saves what was typed into the form: of a new one, or of one that is kept, by its id and the
    /// revision of it that was read. `show` shows it as somebody else has saved it.
    pub(crate) fn save(
        self,
        errand: Errand,
        kept: Option<(&str, i64)>,
        details: impl Serialize + 'static,
        show: Callback<()>,
    ) {
        let done = move |_: IgnoredAny| {
            self.editing.set(None);
            self.list.reload();
        };
        self.rivals
            .save(errand, self.path, kept, details, show, done);
    }
}

/// The list, what becomes of it, a way to add to it, and the form that is open.
#[component]
pub(crate) fn ListAndForm<L, E, V, F>(
    listed: Listed<L, E>,
    /// Draws the list.
    draw: impl Fn(L) -> V + Send + 'static,
    /// What adds to it says.
    add: Signal<&'static str>,
    /// A new one, for the form.
    fresh: fn() -> E,
    /// Draws the form.
    form: impl Fn(E) -> F + Send + 'static,
    /// What failures mean here.
    #[prop(optional)]
    words: Option<Words>,
    /// What else stands above the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    L: DeserializeOwned + Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
    F: IntoView + 'static,
{
    let Listed {
        desk,
        list,
        editing,
        rivals,
        errand,
        toast,
        ..
    } = listed;
    view! {
        <Loading desk loaded=list draw />
        {match words {
            Some(words) => view! { <Status desk errand done=Signal::stored("") words /> }.into_any(),
            None => view! { <Status desk errand done=Signal::stored("") /> }.into_any(),
        }}
        <ToastPlace toast />
        <div class="sb-actions">
            <Button press=move |()| editing.set(Some(fresh()))>{add}</Button>
        </div>
        {children.map(|children| children())}
        <Rivalry rivals />
        {move || editing.get().map(&form)}
    }
}

/// What can be done with one of the list: change it in the form, and take it away.
#[component]
pub(crate) fn ChangeOrRemove<L, E>(
    listed: Listed<L, E>,
    /// What it is called.
    of: String,
    id: String,
    /// What it is posted as to be put back.
    details: impl Serialize,
    /// What the form is opened for.
    edited: E,
    change: Signal<&'static str>,
    remove: Signal<&'static str>,
    /// What is said once the one of this name is gone.
    removed: impl Fn(&str) -> String + Send + Sync + 'static,
) -> impl IntoView
where
    L: DeserializeOwned + Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    let details = serde_json::to_value(details).unwrap_or_default();
    let name = of.clone();
    let edit = move |()| listed.editing.set(Some(edited.clone()));
    let take_away = move |()| listed.remove(&id, &details, untrack(|| removed(&name)));
    let does = vec![
        (change, ButtonLook::Plain, Callback::new(edit)),
        (remove, ButtonLook::Plain, Callback::new(take_away)),
    ];
    view! { <RowActions of does /> }
}
