//! What the functions do.

mod appointments;
mod availability;
mod booking;
mod call;
mod callback;
mod message;
mod people;
mod wanted;

use super::tool::Tool;

/// All of them.
pub(super) const ALL: &[Tool] = &[
    call::INITIALIZE,
    availability::SERVICES,
    availability::HOURS,
    availability::CHECK,
    availability::ALTERNATIVES,
    booking::START,
    booking::CONFIRM,
    booking::BOOK,
    appointments::LIST,
    appointments::RESCHEDULE,
    appointments::CANCEL,
    people::FIND,
    people::COLLECT,
    people::UPDATE,
    people::NOTE,
    callback::CALLBACK,
    callback::TRANSFER,
    message::SEND,
    call::END,
];
