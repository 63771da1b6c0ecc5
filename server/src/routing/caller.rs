//! What is known of a caller.

use std::collections::BTreeMap;

use api::calendar::BookingState;
use jiff::{Timestamp, Zoned};
use spoken::{Language, speak, speak_day};

use crate::calendar::BookingFilter;
use crate::ground::Ground;
use crate::phone::E164;
use crate::store::{StoreError, Tenant};

/// A contact, as far as rules and variables need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownCaller {
    /// The whole name.
    pub name: String,
    /// Whether the contact is marked as important.
    pub vip: bool,
    /// Whether their calls are declined.
    pub blocked: bool,
    /// The language the contact speaks (IETF tag).
    pub language: Option<String>,
    /// What else variables may name, such as `first_name`.
    pub fields: BTreeMap<String, String>,
}

impl KnownCaller {
    /// What a variable's `contact.…` stands for, where it is known.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let text = match name {
            "name" => Some(self.name.clone()),
            "language" => self.language.clone(),
            "vip" => Some(if self.vip { "yes" } else { "no" }.to_owned()),
            name => self.fields.get(name).cloned(),
        };
        text.filter(|text| !text.is_empty())
    }
}

/// What there was and will be between the business and a caller, in words to be spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The day they last called, or were called.
    pub last_call: Option<String>,
    /// What that call was about.
    pub last_call_about: Option<String>,
    /// Their next appointment: what for, and when.
    pub next_appointment: Option<String>,
}

impl History {
    /// By the names variables have for it.
    pub(super) fn named(&self) -> [(&'static str, &Option<String>); 3] {
        [
            ("last_call", &self.last_call),
            ("last_call_about", &self.last_call_about),
            ("next_appointment", &self.next_appointment),
        ]
    }
}

/// How many bookings are looked at for one that is confirmed.
const BOOKINGS: u32 = 10;

/// What there was and will be with whoever has a number, in a language (IETF tag).
pub(super) async fn history(
    cx: &Ground,
    tenant: &Tenant,
    number: &E164,
    language: &str,
    now: &Zoned,
) -> Result<History, StoreError> {
    let (store, now_ms) = (&cx.store, now.timestamp().as_millisecond());
    let last = store.calls().last_with(tenant, number, now_ms).await?;
    let filter = BookingFilter {
        from: Some(now_ms),
        phone: Some(number.clone()),
        ..BookingFilter::default()
    };
    let bookings = store.bookings();
    let bookings = bookings.page(tenant, &filter, None, BOOKINGS, now_ms);
    let mut bookings = bookings.await?.into_iter();
    let next = bookings.find(|it| it.state == BookingState::Confirmed);
    let language = Language::of(language);
    let zoned = |at| {
        Some(
            Timestamp::from_millisecond(at)
                .ok()?
                .to_zoned(now.time_zone().clone()),
        )
    };
    let day = |at| Some(speak_day(zoned(at)?.date(), now, language));
    Ok(History {
        last_call: last.as_ref().and_then(|(at, _)| day(*at)),
        last_call_about: last.and_then(|(_, about)| about),
        next_appointment: next.and_then(|booking| {
            let when = speak(&zoned(booking.starts_at)?, now, language);
            Some(format!("{}, {when}", booking.service))
        }),
    })
}

/// The contact of the business with this number.
pub(super) async fn look_up(
    cx: &Ground,
    tenant: &Tenant,
    number: &E164,
) -> Result<Option<KnownCaller>, StoreError> {
    cx.store.routing_rules().known_caller(tenant, number).await
}
