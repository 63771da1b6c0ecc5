//! What an agent's variables are to be: a field for each that is known, and for one more.

use std::collections::BTreeMap;

use api::attend::ChangeVariables;
use leptos::prelude::*;

use crate::data::Desk;
use crate::kit::TextField;
use crate::words::attend::Texts;

/// What is typed. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Typed {
    known: RwSignal<BTreeMap<String, String>>,
    name: RwSignal<String>,
    value: RwSignal<String>,
}

impl Typed {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            known: RwSignal::new(BTreeMap::new()),
            name: text(),
            value: text(),
        }
    }

    /// What was typed for one of them.
    pub(super) fn of(self, name: &str) -> Option<String> {
        self.known.with(|known| known.get(name).cloned())
    }

    /// All that was typed, by its name.
    pub(super) fn read(self) -> BTreeMap<String, String> {
        let mut all = self.known.get();
        let named = self.name.get().trim().to_owned();
        if !named.is_empty() {
            all.insert(named, self.value.get());
        }
        all
    }

    /// What was typed for those that are known is not meant any more.
    pub(super) fn forget_known(self) {
        self.known.set(BTreeMap::new());
    }

    /// Nor is anything else.
    pub(super) fn forget(self) {
        self.forget_known();
        self.name.set(String::new());
        self.value.set(String::new());
    }
}

/// The field of one that is known.
#[component]
pub(super) fn VariableField(
    name: String,
    typed: Typed,
    /// What it is as long as nothing is typed.
    #[prop(optional, into)]
    value: Signal<Option<String>>,
    /// What it is where nothing is given.
    #[prop(optional, into)]
    placeholder: Option<String>,
) -> impl IntoView {
    let id = format!("variable-{name}");
    let (of, to) = (name.clone(), name.clone());
    let shown = move || typed.of(&of).or_else(|| value.get()).unwrap_or_default();
    let type_in = move |event| {
        typed.known.update(|known| {
            known.insert(to.clone(), event_target_value(&event));
        });
    };
    view! {
        <div class="sb-field">
            <label for=id.clone()>
                <code>{name}</code>
            </label>
            <input
                id=id
                class="sb-input"
                type="text"
                autocomplete="off"
                maxlength=ChangeVariables::VALUE_MAX
                placeholder=placeholder
                prop:value=shown
                on:input=type_in
            />
        </div>
    }
}

/// The fields of one more, by any name.
#[component]
pub(super) fn OneMoreVariable(desk: Desk, typed: Typed) -> impl IntoView {
    let label =
        |read: fn(Texts) -> &'static str| Signal::derive(move || read(Texts::of(desk.lang.get())));
    view! {
        <TextField
            id="variable-new-name"
            label=label(|texts| texts.variable_name())
            value=typed.name
        />
        <TextField
            id="variable-new-value"
            label=label(|texts| texts.variable_value())
            value=typed.value
        />
    }
}
