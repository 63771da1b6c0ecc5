//! What services, staff and bookings may be. Pure.

use api::calendar::{CalendarSettings, ConfirmBooking, ServiceDetails, StaffDetails};

use super::number;
use crate::invalid::{Invalid, checked_name};
use crate::store::can_be_named;
use crate::tenants::BusinessHours;

/// No service takes longer with its buffers than a day: whoever looks who is busy at
/// a time looks no further back (minutes).
const LONGEST: u32 = 24 * 60;
const GRAIN: u16 = 5;
const STEPS: [u16; 6] = [5, 10, 15, 20, 30, 60];
const TEXT_MAX_CHARS: usize = 2_000;
const STAFF_MAX: usize = 100;

/// A service as it is kept.
///
/// # Errors
/// With what is wrong.
pub fn checked_service(mut service: ServiceDetails) -> Result<ServiceDetails, Invalid> {
    service.name = name(&service.name)?;
    service.description = text("description", &service.description)?;
    let whole = [
        ("minutes", service.minutes),
        ("before_minutes", service.before_minutes),
        ("after_minutes", service.after_minutes),
    ];
    for (what, minutes) in whole {
        if minutes % GRAIN != 0 {
            let wrong = format!("{what} is no multiple of {GRAIN}.");
            return Err(Invalid::of(what, wrong));
        }
    }
    let all = whole
        .iter()
        .map(|(_, minutes)| u32::from(*minutes))
        .sum::<u32>();
    if service.minutes == 0 || all > LONGEST {
        return Err(Invalid::of(
            "minutes",
            "A service takes some minutes, and no more than a day with its buffers.",
        ));
    }
    if let Some(price) = &mut service.price {
        price.currency.make_ascii_uppercase();
        let letters = price.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if price.currency.len() != 3 || !letters {
            return Err(Invalid::of(
                "price.currency",
                "currency has three letters, such as EUR.",
            ));
        }
    }
    if service.staff.len() > STAFF_MAX || !service.staff.iter().all(|id| can_be_named(id)) {
        return Err(Invalid::of("staff", "staff is a list of ids."));
    }
    Ok(service)
}

/// A member of staff as they are kept.
///
/// # Errors
/// With what is wrong.
pub fn checked_staff(mut member: StaffDetails) -> Result<StaffDetails, Invalid> {
    member.name = name(&member.name)?;
    if let Some(hours) = &member.hours {
        BusinessHours::try_from(hours)?;
    }
    Ok(member)
}

/// Settings as they are kept.
///
/// # Errors
/// With what is wrong.
pub fn checked_settings(settings: CalendarSettings) -> Result<CalendarSettings, Invalid> {
    let wrong = |field: &str, why: &str| Err(Invalid::of(field, why));
    if !STEPS.contains(&settings.step_minutes) {
        return wrong("step_minutes", "step_minutes is 5, 10, 15, 20, 30 or 60.");
    }
    if !(1..=366).contains(&settings.horizon_days) {
        return wrong("horizon_days", "horizon_days is a number from 1 to 366.");
    }
    if settings.notice_minutes > u32::from(settings.horizon_days) * LONGEST {
        return wrong(
            "notice_minutes",
            "notice_minutes reaches beyond the horizon.",
        );
    }
    if !(1..=60).contains(&settings.hold_minutes) {
        return wrong("hold_minutes", "hold_minutes is a number from 1 to 60.");
    }
    if !(1..=1_000).contains(&settings.capacity) {
        return wrong("capacity", "capacity is a number from 1 to 1000.");
    }
    Ok(settings)
}

/// For whom something is booked: the name, the number (E.164), the notes.
pub(super) fn checked_for_whom(
    name: &str,
    phone: Option<&str>,
    notes: &str,
) -> Result<(String, Option<String>, String), Invalid> {
    let name = match name.trim() {
        "" => String::new(),
        given => self::name(given)?,
    };
    let phone = phone.map(str::trim).filter(|phone| !phone.is_empty());
    let phone = phone.map(number).transpose()?;
    Ok((name, phone.map(|it| it.to_string()), text("notes", notes)?))
}

pub(super) fn checked_confirmation(who: &ConfirmBooking) -> Result<ConfirmBooking, Invalid> {
    let (name, phone, notes) = checked_for_whom(
        who.name.as_deref().unwrap_or_default(),
        who.phone.as_deref(),
        who.notes.as_deref().unwrap_or_default(),
    )?;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(ConfirmBooking {
        name: given(name),
        phone,
        notes: given(notes),
    })
}

pub(super) fn checked_call(id: Option<String>) -> Result<Option<String>, Invalid> {
    match id {
        Some(id) if !can_be_named(&id) => {
            Err(Invalid::of("call_id", "call_id is no id of a call."))
        }
        id => Ok(id),
    }
}

fn name(text: &str) -> Result<String, Invalid> {
    checked_name(text).ok_or_else(|| Invalid::of("name", "name has 1 to 100 characters."))
}

fn text(what: &str, text: &str) -> Result<String, Invalid> {
    if text.chars().count() > TEXT_MAX_CHARS {
        let wrong = format!("{what} has more than {TEXT_MAX_CHARS} characters.");
        return Err(Invalid::of(what, wrong));
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn service(more: &Value) -> Result<ServiceDetails, Invalid> {
        let mut whole = json!({"name": " Cut ", "minutes": 45});
        let fields = more.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(fields);
        checked_service(serde_json::from_value(whole).unwrap())
    }

    #[test]
    fn a_service_is_tidied_or_refused() {
        let kept = service(&json!({"price": {"cents": 4500, "currency": "eur"}})).unwrap();
        assert_eq!((kept.name.as_str(), kept.active), ("Cut", true));
        assert_eq!(kept.price.unwrap().currency, "EUR");
        for wrong in [
            json!({"name": " "}),
            json!({"minutes": 0}),
            json!({"minutes": 42}),
            json!({"minutes": 1440, "after_minutes": 5}),
            json!({"price": {"cents": 1, "currency": "€"}}),
            json!({"description": "x".repeat(TEXT_MAX_CHARS + 1)}),
        ] {
            assert!(service(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        let refused = |change: fn(&mut CalendarSettings)| {
            let mut settings = CalendarSettings::default();
            assert!(checked_settings(settings).is_ok());
            change(&mut settings);
            checked_settings(settings).is_err()
        };
        assert!(refused(|it| it.step_minutes = 7));
        assert!(refused(|it| it.horizon_days = 0));
        assert!(refused(|it| it.notice_minutes = u32::MAX));
        assert!(refused(|it| it.hold_minutes = 0));
        assert!(refused(|it| it.capacity = 0));
    }

    #[test]
    fn a_member_of_staff_has_hours_that_make_sense() {
        let member = |from: &str, to: &str| {
            let day = json!([{"from": from, "to": to}]);
            let week = json!({"week": [day, [], [], [], [], [], []]});
            checked_staff(serde_json::from_value(json!({"name": "Ada", "hours": week})).unwrap())
        };
        assert!(member("09:00", "12:00").is_ok());
        assert!(member("12:00", "09:00").is_err());
        assert!(member("noon", "13:00").is_err());
    }
}
