//! Unlike things of a page, of which one is shown. The arrows lead from tab to tab, and a press
//! opens one: where the address keeps which is open, each is a step of the history.

use std::collections::BTreeSet;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::roving::{Along, moved};
use browser::ui::dom;

/// One of them.
#[derive(Clone)]
pub(crate) struct Tab {
    /// What the address calls it.
    pub(crate) name: &'static str,
    pub(crate) label: Signal<&'static str>,
    pub(crate) children: ViewFn,
}

impl Tab {
    /// A tab, and what it shows.
    pub(crate) fn new<V: IntoView + 'static>(
        name: &'static str,
        label: Signal<&'static str>,
        children: impl Fn() -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            label,
            children: children.into(),
        }
    }
}

/// The tabs, and what the open one shows. What was shown once stays as it was left.
#[component]
pub(crate) fn Tabs(
    /// Unique on the page.
    id: &'static str,
    /// What all of them are about.
    #[prop(into)]
    label: Signal<String>,
    tabs: Vec<Tab>,
    /// The name of the open one; the first is open where it is none's.
    #[prop(into)]
    open: Signal<String>,
    /// Somebody opens one.
    choose: Callback<&'static str>,
) -> impl IntoView {
    let names: Vec<_> = tabs.iter().map(|tab| tab.name).collect();
    let count = names.len();
    let opened = Memo::new(move |_| {
        let open = open.get();
        names.iter().position(|name| *name == open).unwrap_or(0)
    });
    let seen = RwSignal::new(BTreeSet::from([opened.get_untracked()]));
    Effect::new(move || {
        let opened = opened.get();
        seen.update(|seen| {
            seen.insert(opened);
        });
    });
    let tab_id = move |nth: usize| format!("{id}-tab-{nth}");
    let panel_id = move |nth: usize| format!("{id}-panel-{nth}");
    let steer = move |event: KeyboardEvent, nth: usize| {
        let along = Along::Line {
            reversed: lines_are_reversed(),
        };
        let Some(to) = moved(&event.key(), nth, count, along) else {
            return;
        };
        event.prevent_default();
        if let Some(tab) = document().get_element_by_id(&tab_id(to)) {
            dom::focus(&tab);
        }
    };
    let head = |(nth, tab): (usize, &Tab)| {
        let (name, label) = (tab.name, tab.label);
        let is_open = move || opened.get() == nth;
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(nth)
                class="sb-tab"
                aria-selected=move || is_open().to_string()
                aria-controls=panel_id(nth)
                tabindex=move || if is_open() { "0" } else { "-1" }
                on:keydown=move |event| steer(event, nth)
                on:click=move |_| choose.run(name)
            >
                {label}
            </button>
        }
    };
    let heads = tabs.iter().enumerate().map(head).collect_view();
    let panel = |(nth, tab): (usize, Tab)| {
        let shown = Memo::new(move |_| seen.with(|seen| seen.contains(&nth)));
        let children = tab.children;
        view! {
            <div
                role="tabpanel"
                id=panel_id(nth)
                class="sb-section sb-panel"
                aria-labelledby=tab_id(nth)
                tabindex="0"
                hidden=move || opened.get() != nth
            >
                {move || shown.get().then(|| children.run())}
            </div>
        }
    };
    let panels = tabs.into_iter().enumerate().map(panel).collect_view();
    view! {
        <div class="sb-section">
            <div class="sb-tabs" role="tablist" aria-label=move || label.get()>
                {heads}
            </div>
            {panels}
        </div>
    }
}

/// Whether lines of the page begin at the right.
fn lines_are_reversed() -> bool {
    let root = document().document_element();
    root.is_some_and(|root| root.get_attribute("dir").as_deref() == Some("rtl"))
}
