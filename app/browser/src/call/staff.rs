//! One of the staff in a call of somebody else's: listening unheard, and speaking instead of
//! the agent once they have taken it over.
//!
//! It is the second role of the call client, in the same two halves: [`session`] decides and
//! touches nothing, [`shell`] carries out. What differs is the order: a visitor's microphone
//! comes first, this one's last, and only after our server let them take the call over.
//! None of it is part of the widget.

pub mod session;
pub mod shell;
