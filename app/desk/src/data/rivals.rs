//! Two who change the same: what somebody else saved meanwhile is shown, and what was typed here
//! is kept until its writer says which of them is to hold.

use api::problem::slug;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Desk, Errand, Status, api_client};
use crate::unsaved;
use crate::words::rivals::Texts;
use browser::ui::http::{Failure, escape};

/// What was typed, while what somebody else saved is shown. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Rivals {
    /// Where it is.
    pub(crate) desk: Desk,
    mine: RwSignal<Option<Mine>, LocalStorage>,
    errand: Errand,
}

#[derive(Clone)]
struct Mine {
    path: String,
    body: String,
    /// Shows what is kept.
    show: Callback<()>,
    /// Nor is it lost without a question.
    _unsaved: unsaved::Form,
}

impl Rivals {
    /// Nobody else has changed anything yet.
    pub(crate) fn new(desk: Desk) -> Self {
        Self {
            desk,
            mine: RwSignal::new_local(None),
            errand: Errand::new(),
        }
    }

    /// Somebody else was earlier, and nothing is to be saved: for who looks at what is asked then.
    pub(crate) fn asking(desk: Desk) -> Self {
        let rivals = Self::new(desk);
        rivals.mine.set(Some(Mine {
            path: String::new(),
            body: String::new(),
            show: Callback::new(|()| {}),
            _unsaved: unsaved::Form::new(),
        }));
        rivals
    }

    /// Whether what somebody else saved is to be shown, instead of what was typed.
    pub(crate) fn any(self) -> bool {
        self.mine.with(Option::is_some)
    }

    /// Says anew what is at an address, as a change of a revision of it. Where somebody else has
    /// changed it since then, what was typed is kept, and `show` is to show what they saved.
    pub(crate) fn put<T: DeserializeOwned + 'static>(
        self,
        errand: Errand,
        path: &str,
        revision: i64,
        body: &impl Serialize,
        show: Callback<()>,
        done: impl FnOnce(T) + 'static,
    ) {
        let body = serde_json::to_string(body).unwrap_or_default();
        let address = format!("{path}?revision={revision}");
        let mine = Mine {
            path: path.to_owned(),
            body: body.clone(),
            show,
            _unsaved: unsaved::Form::new(),
        };
        let work = async move { api_client::put_text(&address, &body).await };
        self.mine.set(None);
        let failed = move |failure: &Failure| {
            let is_late =
                matches!(failure, Failure::Problem { slug, .. } if slug == slug::CHANGED_MEANWHILE);
            if is_late {
                mine._unsaved.set(true);
                self.mine.set(Some(mine));
                errand.forget();
                show.run(());
            }
        };
        errand.about("").run_then(self.desk, work, done, failed);
    }

    /// Says what is new below an address, or anew what is kept there: its id, and the revision of
    /// it that was read, as with [`Rivals::put`].
    pub(crate) fn save<T: DeserializeOwned + 'static>(
        self,
        errand: Errand,
        path: &'static str,
        kept: Option<(&str, i64)>,
        body: impl Serialize + 'static,
        show: Callback<()>,
        done: impl FnOnce(T) + 'static,
    ) {
        match kept {
            None => {
                let work = async move { api_client::post(path, &body).await };
                errand.run(self.desk, work, done);
            }
            Some((id, revision)) => {
                let path = format!("{path}/{}", escape(id));
                self.put(errand, &path, revision, &body, show, done);
            }
        }
    }

    /// Shows one of a list as it is kept: reads the list, of which `pick` takes it.
    pub(crate) fn show_one<L: DeserializeOwned + 'static>(
        self,
        path: &'static str,
        pick: impl Fn(L) + Send + Sync + 'static,
    ) -> Callback<()> {
        let pick = StoredValue::new(pick);
        Callback::new(move |()| {
            let work = async move { api_client::get::<L>(path).await };
            // Unless the page is gone.
            let shown = move |list| {
                let _ = pick.try_with_value(|pick| pick(list));
            };
            self.errand.run(self.desk, work, shown);
        })
    }

    /// Keeps what was typed here after all, whatever there is.
    fn keep_mine(self) {
        if let Some(Mine {
            path, body, show, ..
        }) = self.mine.get_untracked()
        {
            let work = async move { api_client::put_text(&path, &body).await };
            self.errand
                .run(self.desk, work, move |_: serde::de::IgnoredAny| {
                    self.mine.set(None);
                    show.run(());
                });
        }
    }
}

/// Says that somebody else saved something meanwhile, and asks which is to hold. It stands above
/// the form, in which theirs is shown.
#[component]
pub(crate) fn Rivalry(rivals: Rivals) -> impl IntoView {
    let desk = rivals.desk;
    let texts = move || Texts::of(desk.lang.get());
    let asked = move || {
        rivals.any().then(|| {
            view! {
                <div class="sb-card">
                    <p><strong>{move || texts().changed()}</strong> " " {move || texts().which()}</p>
                    <Status desk errand=rivals.errand done=Signal::stored("") />
                    <div class="sb-actions">
                        <button type="button" class="sb-button" on:click=move |_| rivals.keep_mine()>
                            {move || texts().mine()}
                        </button>
                        <button
                            type="button"
                            class="sb-button"
                            on:click=move |_| rivals.mine.set(None)
                        >
                            {move || texts().theirs()}
                        </button>
                    </div>
                </div>
            }
        })
    };
    view! { <div role="alert">{asked}</div> }
}
