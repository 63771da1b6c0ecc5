//! What the visitor agreed to before the call, and thought of it afterwards.

use leptos::prelude::*;

use super::follow::Call;
use crate::data::Desk;
use crate::words::format::{self, Precision};
use crate::words::visitor::Texts;

/// The rating and the consent, where there are any.
#[component]
pub(super) fn Visitor(desk: Desk, call: Call) -> impl IntoView {
    let rating = move || {
        let rating = call.detail.with(|detail| detail.as_ref()?.rating.clone())?;
        let texts = Texts::of(desk.lang.get());
        let stars = "\u{2605}".repeat(rating.stars.into());
        let label = texts.stars(rating.stars.into());
        Some(view! {
            <section class="sb-card" aria-labelledby="rating-title">
                <h2 id="rating-title">{texts.rating()}</h2>
                <p><span role="img" aria-label=label>{stars}</span></p>
                {rating.comment.map(|comment| view! { <blockquote>{comment}</blockquote> })}
            </section>
        })
    };
    let consent = move || {
        let given = call
            .detail
            .with(|detail| detail.as_ref()?.consent.clone())?;
        let lang = desk.lang.get();
        let texts = Texts::of(lang);
        let tag = given.consent.language.unwrap_or_default();
        Some(view! {
            <section class="sb-card" aria-labelledby="consent-title">
                <h2 id="consent-title">{texts.consent()}</h2>
                <p lang=tag>{given.consent.text}</p>
                <p class="sb-hint">{format::date(given.given_at, lang, &desk.timezone(), Precision::Full)}</p>
            </section>
        })
    };
    view! {
        {rating}
        {consent}
    }
}
