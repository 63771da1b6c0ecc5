//! What the desk and the API both do with contacts, and their routes.

mod desk;
mod v1;

use api::contacts::{Contact, ContactPage};
use api::problem::slug;
use axum::http::StatusCode;
use serde::Deserialize;

use super::{ContactFilter, Written};
use crate::ground::Ground;
use crate::people;
use crate::phone::E164;
use crate::store::Tenant;
use crate::web::problem::{ApiError, request_invalid};
use crate::web::{Routes, Shared};
use axum::extract::FromRef;

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new().desk(desk::routes()).v1(v1::routes())
}

/// How many contacts a page has when nobody says, and at most.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

/// Which contacts, and from where on.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only the one with this number, however it is written.
    phone: Option<String>,
    /// Only those with this e-mail address.
    email: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 when absent.
    limit: Option<u32>,
}

/// A page of the tenant's contacts.
pub(crate) async fn page(
    cx: &Ground,
    tenant: &Tenant,
    wanted: Wanted,
) -> Result<ContactPage, ApiError> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let filter = ContactFilter {
        phone: given(wanted.phone)
            .map(|phone| E164::parse(&phone))
            .transpose()
            .map_err(|error| request_invalid(format!("phone: {error}.")))?,
        email: given(wanted.email).map(|email| email.trim().to_lowercase()),
    };
    let cursor = wanted.cursor.as_deref();
    let odd = [cursor, filter.email.as_deref()]
        .into_iter()
        .flatten()
        .any(|text| text.contains('\0'));
    if odd {
        return Err(request_invalid("A NUL is in no cursor and no address."));
    }
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let mut items = cx
        .store
        .contact_page(tenant, &filter, cursor, limit + 1)
        .await?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.clone());
    Ok(ContactPage { items, next_cursor })
}

/// What a written contact is answered with.
pub(crate) fn written(written: Written) -> Result<Contact, ApiError> {
    match written {
        Written::Done(contact) => Ok(*contact),
        Written::Unknown => Err(unknown()),
        Written::PhoneTaken => Err(ApiError::new(
            StatusCode::CONFLICT,
            slug::PHONE_TAKEN,
            "Another contact has this telephone number.",
        )),
    }
}

/// No contact of this tenant has this id.
pub(crate) fn unknown() -> ApiError {
    ApiError::not_found().detail("There is no such contact.")
}
