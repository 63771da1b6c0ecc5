//! How a program of somebody else's is asked over HTTP.

use api::functions::TargetMethod;
use leptos::prelude::*;

use super::SelectField;

const METHODS: [(&str, TargetMethod); 5] = [
    ("POST", TargetMethod::Post),
    ("GET", TargetMethod::Get),
    ("PUT", TargetMethod::Put),
    ("PATCH", TargetMethod::Patch),
    ("DELETE", TargetMethod::Delete),
];

/// What a method is called.
pub(crate) fn method_name(method: TargetMethod) -> &'static str {
    let found = METHODS.into_iter().find(|(_, it)| *it == method);
    found.map_or("POST", |(name, _)| name)
}

/// The method that is called so.
pub(crate) fn method_named(name: &str) -> TargetMethod {
    let found = METHODS.into_iter().find(|(it, _)| *it == name);
    found.map(|(_, method)| method).unwrap_or_default()
}

/// One of the methods.
#[component]
pub(crate) fn MethodField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<String>,
) -> impl IntoView {
    let options = METHODS.map(|(name, _)| (name.to_owned(), name.to_owned()));
    view! { <SelectField id label value options=Signal::stored(options.to_vec()) /> }
}
