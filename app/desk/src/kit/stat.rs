//! A figure and what it is of, large enough to be read from afar.

use leptos::prelude::*;

/// Several figures beside each other: their names, and the figures; a dash where there is none.
#[component]
pub(crate) fn Stats(
    #[prop(into)] figures: Signal<Vec<(&'static str, Option<String>)>>,
) -> impl IntoView {
    let tile = |(name, figure): (&'static str, Option<String>)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd class="sb-figure">{figure.unwrap_or_else(|| "–".to_owned())}</dd>
            </div>
        }
    };
    view! {
        <dl class="sb-stats">
            {move || figures.get().into_iter().map(tile).collect_view()}
        </dl>
    }
}
