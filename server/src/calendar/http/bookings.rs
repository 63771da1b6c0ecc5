//! Free times, and what is booked.

use api::Page;
use api::calendar::{Booking, ConfirmBooking, MoveBooking, NewBooking, SlotList};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use crate::calendar::{self, BookingCursor, BookingFilter, Context, Sure, after, free_slots};
use crate::clock::DAY_MS;
use crate::ground::Ground;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::phone::E164;
use crate::web::address::{Path, Query};
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::paging::PageQuery;
use crate::web::problem::{ApiError, request_invalid};
use crate::web::{Routes, Shared, boxed, routes};

/// How much is looked through for free times at once (ms).
const SLOTS_OF_MS: i64 = 31 * DAY_MS;
/// How many free times are answered, if nobody says, and at most.
const SLOTS: usize = 50;
const SLOTS_MAX: usize = 500;

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/calendar/slots", get(boxed(slots)))
        .route("/api/desk/calendar/holds", post(boxed(hold)))
        .route(
            "/api/desk/calendar/holds/{id}/confirm",
            post(boxed(confirm)),
        )
        .route(
            "/api/desk/calendar/bookings",
            get(boxed(list)).post(boxed(book)),
        )
        .route("/api/desk/calendar/bookings/{id}", get(boxed(one)))
        .route(
            "/api/desk/calendar/bookings/{id}/move",
            post(boxed(reschedule)),
        )
        .route(
            "/api/desk/calendar/bookings/{id}/cancel",
            post(boxed(cancel)),
        )
        .route(
            "/api/desk/calendar/bookings/{id}/restore",
            post(boxed(restore)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(slots))
        .routes(routes!(hold))
        .routes(routes!(confirm))
        .routes(routes!(list, book))
        .routes(routes!(one))
        .routes(routes!(reschedule))
        .routes(routes!(cancel))
        .routes(routes!(restore));
    Routes::new().desk(desk).v1(v1)
}

impl Fields for NewBooking {
    const FIELDS: &'static [Field] = &[
        Field("service_id", Kind::Text, &[]),
        Field("staff_id", Kind::Text, &[]),
        Field("starts_at", Kind::Whole, &[]),
        Field("name", Kind::Text, &[]),
        Field("phone", Kind::Phone, &[]),
        Field("notes", Kind::Text, &[]),
        Field("call_id", Kind::Text, &[]),
    ];
}

impl Fields for ConfirmBooking {
    const FIELDS: &'static [Field] = &[
        Field("name", Kind::Text, &[]),
        Field("phone", Kind::Phone, &[]),
        Field("notes", Kind::Text, &[]),
    ];
}

impl Fields for MoveBooking {
    const FIELDS: &'static [Field] = &[
        Field("starts_at", Kind::Whole, &[]),
        Field("staff_id", Kind::Text, &[]),
    ];
}

/// Which free times.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedSlots {
    /// Of which service.
    #[serde(default)]
    #[param(required = true)]
    service_id: String,
    /// With whom; anybody who is free when absent.
    staff_id: Option<String>,
    /// Those that begin then or later (Unix ms); now when absent.
    from: Option<i64>,
    /// Those that begin before (Unix ms), no more than 31 days after `from`; a week
    /// after it when absent.
    to: Option<i64>,
    /// How many, 1 to 500; 50 when absent.
    limit: Option<usize>,
}

/// Lists free times
///
/// Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/slots", tag = "calendar", params(WantedSlots),
    responses((status = 200, body = SlotList), (status = "default", body = Problem)))]
async fn slots(
    State(cx): State<Context>,
    actor: Actor,
    Query(wanted): Query<WantedSlots>,
) -> Result<JsonAnswer<SlotList>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarRead)?;
    let from = wanted.from.unwrap_or_else(|| cx.clock.now_ms());
    let to = wanted.to.unwrap_or_else(|| from.saturating_add(7 * DAY_MS));
    if to.saturating_sub(from) > SLOTS_OF_MS {
        return Err(request_invalid("to is more than 31 days after from."));
    }
    let most = wanted.limit.unwrap_or(SLOTS).clamp(1, SLOTS_MAX);
    let plan = cx.store.calendars().plan(&actor.tenant).await?;
    let service = plan.bookable(&wanted.service_id)?;
    let staff = wanted.staff_id.as_deref();
    let slots = free_slots(&cx, &actor.tenant, &plan, service, staff, (from, to), most).await?;
    Ok(JsonAnswer(slots))
}

/// Holds a free time
///
/// For some minutes nobody else gets it; its `id` confirms it. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/holds", tag = "calendar",
    request_body = NewBooking,
    responses((status = 201, body = Booking), (status = "default", body = Problem)))]
async fn hold(
    State(cx): State<Context>,
    actor: Actor,
    Lenient(new): Lenient<NewBooking>,
) -> Result<(StatusCode, JsonAnswer<Booking>), ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarWrite)?;
    let held = calendar::book(&cx, &actor.tenant, new, Sure::Held, &actor.author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(held)))
}

/// Confirms what is held
///
/// Once more, it is the same booking. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/holds/{id}/confirm", tag = "calendar",
    params(("id" = String, Path)), request_body = ConfirmBooking,
    responses((status = 200, body = Booking), (status = "default", body = Problem)))]
async fn confirm(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Lenient(who): Lenient<ConfirmBooking>,
) -> Result<JsonAnswer<Booking>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarWrite)?;
    if cx
        .store
        .bookings()
        .find(&actor.tenant, &id)
        .await?
        .is_none()
    {
        return Err(unknown());
    }
    let booking = calendar::confirm(&cx, &actor.tenant, &id, &who, &actor.author).await?;
    Ok(JsonAnswer(booking))
}

/// Which bookings.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedBookings {
    /// Those that begin then or later (Unix ms).
    from: Option<i64>,
    /// Those that begin before (Unix ms).
    to: Option<i64>,
    /// Only those of this number, however it is written.
    phone: Option<String>,
    /// Only those made in this call.
    call_id: Option<String>,
    /// Those that are cancelled, too.
    #[serde(default)]
    cancelled: bool,
}

impl WantedBookings {
    fn filter(self) -> Result<BookingFilter, ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let phone = given(self.phone).map(|phone| E164::parse(&phone));
        Ok(BookingFilter {
            from: self.from,
            to: self.to,
            phone: phone
                .transpose()
                .map_err(|error| request_invalid(format!("phone: {error}.")))?,
            call_id: given(self.call_id),
            cancelled: self.cancelled,
        })
    }
}

/// Lists bookings
///
/// The earliest first. Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/bookings", tag = "calendar",
    params(WantedBookings, PageQuery),
    responses((status = 200, body = Page<Booking>), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Ground>,
    actor: Actor,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<WantedBookings>,
) -> Result<JsonAnswer<Page<Booking>>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarRead)?;
    let (filter, begins): (_, Option<BookingCursor>) = (wanted.filter()?, page.after()?);
    let now = cx.clock.now_ms();
    let rows = cx
        .store
        .bookings()
        .page(
            &actor.tenant,
            &filter,
            begins.as_ref(),
            page.one_more(),
            now,
        )
        .await?;
    Ok(JsonAnswer(page.of(rows, after, |row| row)))
}

/// Books a free time
///
/// Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/bookings", tag = "calendar",
    request_body = NewBooking,
    responses((status = 201, body = Booking), (status = "default", body = Problem)))]
async fn book(
    State(cx): State<Context>,
    actor: Actor,
    Lenient(new): Lenient<NewBooking>,
) -> Result<(StatusCode, JsonAnswer<Booking>), ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarWrite)?;
    let booking = calendar::book(&cx, &actor.tenant, new, Sure::Confirmed, &actor.author).await?;
    Ok((StatusCode::CREATED, JsonAnswer(booking)))
}

/// Gets a booking
///
/// Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/bookings/{id}", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 200, body = Booking), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Booking>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarRead)?;
    let booking = cx.store.bookings().find(&actor.tenant, &id).await?;
    Ok(JsonAnswer(booking.ok_or_else(unknown)?))
}

/// Moves a booking to another time
///
/// Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/bookings/{id}/move", tag = "calendar",
    params(("id" = String, Path)), request_body = MoveBooking,
    responses((status = 200, body = Booking), (status = "default", body = Problem)))]
async fn reschedule(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Lenient(to): Lenient<MoveBooking>,
) -> Result<JsonAnswer<Booking>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarWrite)?;
    let moved = calendar::reschedule(&cx, &actor.tenant, &id, &to, &actor.author).await?;
    Ok(JsonAnswer(moved))
}

/// Cancels a booking
///
/// Or gives back what is held. Once more, nothing happens. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/bookings/{id}/cancel", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 200, body = Booking), (status = "default", body = Problem)))]
async fn cancel(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Booking>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarWrite)?;
    let cancelled = calendar::cancel(&cx, &actor.tenant, &id, &actor.author).await?;
    Ok(JsonAnswer(cancelled))
}

/// Takes a cancellation back
///
/// Unless somebody else has the time by now. Once more, nothing happens. Scope
/// `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/bookings/{id}/restore", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 200, body = Booking), (status = "default", body = Problem)))]
async fn restore(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Booking>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarWrite)?;
    let restored = calendar::restore(&cx, &actor.tenant, &id, &actor.author).await?;
    Ok(JsonAnswer(restored))
}

/// No booking of this tenant has this id.
fn unknown() -> ApiError {
    ApiError::not_found().detail("There is no such booking.")
}
