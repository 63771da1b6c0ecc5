//! Icons as inline SVG: one path each, in the colour of the text around them.
//! They only repeat what a label says, so screen readers skip them.

use leptos::prelude::*;

/// A picture; drawn on a grid of 24 by 24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A telephone receiver.
    Phone,
    /// Back to where one came from.
    Back,
    /// A person leaves.
    Exit,
    /// Something needs attention.
    Alert,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Phone => {
                "M6.6 3.5 9 3l2 5-2.4 1.6a12 12 0 0 0 5.8 5.8L16 13l5 2-.5 2.4A3.2 3.2 0 0 1 17 20 14.5 14.5 0 0 1 4 7a3.2 3.2 0 0 1 2.6-3.5Z"
            }
            Self::Back => "m14.5 5.5-6.5 6.5 6.5 6.5",
            Self::Exit => "M14 4H6v16h8m-3-8h9.5M17 8l4 4-4 4",
            Self::Alert => "M12 3 2 20.5h20L12 3Zm0 7v5m0 2.2v.6",
        }
    }
}

/// Draws an icon.
#[must_use]
pub fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg
            class="sb-icon"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=icon.path() />
        </svg>
    }
}
