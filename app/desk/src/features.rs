//! What people do at the desk, a folder each. None names another.

pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod business;
pub(crate) mod calendar;
pub(crate) mod callbacks;
pub(crate) mod calls;
pub(crate) mod contacts;
pub(crate) mod crm;
pub(crate) mod functions;
pub(crate) mod inbox;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod linked_calendars;
pub(crate) mod me;
pub(crate) mod notices;
pub(crate) mod outgoing;
pub(crate) mod people;
pub(crate) mod privacy;
pub(crate) mod public_keys;
pub(crate) mod routing;
pub(crate) mod services;
pub(crate) mod sms;
