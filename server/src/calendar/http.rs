//! The calendar, for people at the desk and for programs.

mod bookings;
mod calcom;
mod feeds;
mod links;
mod lists;

use api::problem::slug;
use axum::extract::FromRef;
use axum::http::StatusCode;

use super::{CalendarError, Context, NotFree};
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    lists::routes()
        .and(bookings::routes())
        .and(feeds::routes())
        .and(links::routes())
        .and(calcom::routes())
}

impl From<CalendarError> for ApiError {
    fn from(error: CalendarError) -> Self {
        let conflict = |slug, title| Self::new(StatusCode::CONFLICT, slug, title);
        match error {
            CalendarError::Store(error) => error.into(),
            CalendarError::Invalid(invalid) => invalid.into(),
            CalendarError::NoService => Invalid::of(
                "service_id",
                "service_id names no service that can be booked.",
            )
            .into(),
            CalendarError::NoStaff => {
                Invalid::of("staff_id", "staff_id names nobody who does this service.").into()
            }
            CalendarError::NotFree(NotFree::Taken) => {
                conflict(slug::SLOT_TAKEN, "Somebody else has this time.")
                    .detail("Ask for the free times again.")
            }
            CalendarError::NotFree(why) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                slug::SLOT_NOT_OFFERED,
                "Nothing can be booked to begin then.",
            )
            .detail(match why {
                NotFree::TooSoon => "It is over, or sooner than may be booked.",
                NotFree::TooFar => "It is further ahead than may be booked.",
                NotFree::Closed | NotFree::Taken => {
                    "The business or its staff is not there throughout it."
                }
            }),
            CalendarError::HoldGone => conflict(slug::HOLD_GONE, "The slot is not held any more.")
                .detail("Hold or book it anew, if it is still free."),
            CalendarError::Unknown => Self::not_found().detail("There is no such booking."),
            CalendarError::NotOpen => conflict(
                slug::BOOKING_NOT_OPEN,
                "The booking is cancelled, over, or was not confirmed.",
            ),
            CalendarError::NoNumber => Invalid::of(
                "phone",
                "phone is missing: who keeps the calendar wants one.",
            )
            .into(),
            CalendarError::Away => {
                calcom::away().detail("Nothing is known of it now: try again, or look in a minute.")
            }
        }
    }
}

/// What is asked of somebody the business has not.
fn nobody() -> ApiError {
    ApiError::not_found().detail("There is nobody of this id.")
}
