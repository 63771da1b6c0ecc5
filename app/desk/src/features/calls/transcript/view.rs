//! The transcript as a Leptos component.

use leptos::html;
use leptos::prelude::*;

use super::feed::Feed;
use browser::transcript::board::{Board, DrawOther, OnSeek};
pub use browser::transcript::texts::TranscriptTexts;

/// A transcript that follows the call.
#[component]
pub fn Transcript(
    /// Where the items come from.
    feed: Feed,
    /// The words around them, in the reader's language.
    texts: TranscriptTexts,
    /// Draws what only staff see.
    #[prop(optional)]
    other: Option<DrawOther>,
    /// Called when a row's time is clicked; without it, times are plain text.
    #[prop(optional)]
    on_seek: Option<OnSeek>,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    root.on_load(move |root| feed.with(|board| board.mount(&root, texts, other, on_seek)));
    on_cleanup(move || feed.with(Board::unmount));
    view! { <div class="sb-transcript" node_ref=root></div> }
}
