//! Icons as inline SVG: one path each, in the colour of the text around them.
//! They only repeat what a label says, so screen readers skip them.

use leptos::prelude::*;

/// A picture; drawn on a grid of 24 by 24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A telephone receiver.
    Phone,
    /// A receiver, and an arrow towards it.
    CallBack,
    /// Back to where one came from.
    Back,
    /// A person leaves.
    Exit,
    /// Something needs attention.
    Alert,
    /// There is more than is shown.
    More,
    /// A looking glass.
    Search,
    /// Fewer and fewer lines.
    Filter,
    /// Put away.
    Close,
    /// One person.
    Person,
    /// Several.
    People,
    /// A house with a door.
    House,
    /// A book of addresses.
    Book,
    /// A speech bubble.
    Bubble,
    /// A speech bubble with words in it.
    Message,
    /// One way that parts.
    Fork,
    /// A key.
    Key,
    /// A tray for what comes in.
    Tray,
    /// What goes out.
    Send,
    /// A clock.
    Clock,
    /// A shield.
    Shield,
    /// A list.
    List,
    /// Begins.
    Play,
    /// Stops for now.
    Pause,
    /// A sheet of a calendar.
    Calendar,
    /// One more.
    Plus,
    /// A flash of lightning.
    Bolt,
    /// A pair of scissors: work that is done for people.
    Scissors,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Phone => {
                "M6.6 3.5 9 3l2 5-2.4 1.6a12 12 0 0 0 5.8 5.8L16 13l5 2-.5 2.4A3.2 3.2 0 0 1 17 20 14.5 14.5 0 0 1 4 7a3.2 3.2 0 0 1 2.6-3.5Z"
            }
            Self::CallBack => {
                "M6.6 3.5 9 3l2 5-2.4 1.6a12 12 0 0 0 5.8 5.8L16 13l5 2-.5 2.4A3.2 3.2 0 0 1 17 20 14.5 14.5 0 0 1 4 7a3.2 3.2 0 0 1 2.6-3.5ZM21 3l-6 6m0-5v5h5"
            }
            Self::Back => "m14.5 5.5-6.5 6.5 6.5 6.5",
            Self::Exit => "M14 4H6v16h8m-3-8h9.5M17 8l4 4-4 4",
            Self::Alert => "M12 3 2 20.5h20L12 3Zm0 7v5m0 2.2v.6",
            Self::More => "M4 6.5h16M4 12h16M4 17.5h16",
            Self::Search => "m20 20-4.5-4.5M4 10.5a6.5 6.5 0 1 0 13 0 6.5 6.5 0 0 0-13 0Z",
            Self::Filter => "M4 7h16M7 12h10m-7 5h4",
            Self::Close => "m6 6 12 12M18 6 6 18",
            Self::Person => "M8 8a4 4 0 1 0 8 0 4 4 0 0 0-8 0ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
            Self::People => {
                "M5.5 8a3.5 3.5 0 1 0 7 0 3.5 3.5 0 0 0-7 0ZM2.5 20a6.5 6.5 0 0 1 13 0m-.5-15.3a3.5 3.5 0 0 1 0 6.6m2.5 2.9a6.5 6.5 0 0 1 4 5.8"
            }
            Self::House => "M4 10.5 12 4l8 6.5V20H4v-9.5ZM10 20v-6h4v6",
            Self::Book => {
                "M6 4h13v16H6V4ZM3.5 8H6m-2.5 4H6m-2.5 4H6m4.5-6.5a2 2 0 1 0 4 0 2 2 0 0 0-4 0ZM9 16.5a3.5 3.5 0 0 1 7 0"
            }
            Self::Bubble => "M4 5h16v11h-8l-4.5 4v-4H4V5Z",
            Self::Message => "M4 5h16v11h-8l-4.5 4v-4H4V5ZM8 9h8m-8 3h5",
            Self::Fork => "M12 21v-7L5 7m0 5V7h5m2 7 7-7m0 5V7h-5",
            Self::Key => "M4 16a4 4 0 1 0 8 0 4 4 0 0 0-8 0Zm7-3 9-9m-4 4 3 3",
            Self::Tray => "M4 13 7 5h10l3 8v6H4v-6Zm0 0h5l1 2.5h4l1-2.5h5",
            Self::Send => "M21 3 3 10.5l7 3.5 3.5 7L21 3ZM10 14l4-4",
            Self::Clock => "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 0 0-17 0ZM12 7v5l3.5 2",
            Self::Shield => "M12 3 5 6v6c0 4 3 7.5 7 9 4-1.5 7-5 7-9V6l-7-3Z",
            Self::List => "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.1m-.1 5.5h.1m-.1 5.5h.1",
            Self::Play => "M7.5 4.5 19 12 7.5 19.5v-15Z",
            Self::Pause => "M8 5v14m8-14v14",
            Self::Calendar => "M4 6h16v14H4V6Zm0 4.5h16M8.5 3.5v4m7-4v4",
            Self::Plus => "M12 5v14m-7-7h14",
            Self::Bolt => "M13 3 5 14h6l-1 7 8-11h-6l1-7Z",
            Self::Scissors => {
                "M3.5 6.5a2.5 2.5 0 1 0 5 0 2.5 2.5 0 0 0-5 0Zm0 11a2.5 2.5 0 1 0 5 0 2.5 2.5 0 0 0-5 0ZM8 8l12 10M8 16 20 6"
            }
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
