//! Filters of the call list under names, for people at the desk.

use api::calls::{CallQuery, CallView, CallViewList, DeeperQuery, NewCallView};
use axum::extract::{FromRef, Query, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json as JsonAnswer, Router};
use url::form_urlencoded;

use crate::calls::Context;
use crate::invalid::{Invalid, checked_name};
use crate::people::http::Staff;
use crate::people::{self, Role};
use crate::web::address::Path;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed};

/// How many a person has with those of the business.
const MOST: i64 = 100;

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/call-views", get(boxed(list)).post(boxed(add)))
        .route("/api/desk/call-views/{id}", delete(boxed(remove)));
    Routes::new().desk(desk)
}

async fn list(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<CallViewList>, ApiError> {
    let views = cx.store.call_views();
    let items = views.of(&staff.tenant, &staff.user.id).await?;
    Ok(JsonAnswer(CallViewList { items }))
}

/// What asks for calls, without what asks for nothing; refused where the list would refuse it.
fn checked_query(staff: &Staff, query: &str) -> Result<String, ApiError> {
    let mut known = CallQuery::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        known.set(&name, &value);
    }
    // It would outlive the erasure of whose number it is.
    if known.number.is_some() {
        return Err(Invalid::because("A view holds nobody's number: leave it out.").into());
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(known.pairs())
        .finish();
    let address = format!("/?{query}").parse();
    let address = address.map_err(|_| Invalid::of("query", "query is no query of an address."))?;
    let deeper = Query::<DeeperQuery>::try_from_uri(&address);
    let Query(deeper) = deeper.map_err(|error| Invalid::because(error.to_string()))?;
    super::wanted(&staff.tenant, &known, &deeper)?;
    Ok(query)
}

async fn add(
    State(cx): State<Context>,
    staff: Staff,
    Json(new): Json<NewCallView>,
) -> Result<(StatusCode, JsonAnswer<CallView>), ApiError> {
    if new.shared {
        staff.require(Role::Supervisor)?;
    }
    let name = checked_name(&new.name);
    let name = name.ok_or_else(|| Invalid::of("name", "name has 1 to 100 characters."))?;
    let query = checked_query(&staff, &new.query)?;
    let new = NewCallView {
        name,
        query,
        shared: new.shared,
    };
    let (views, now) = (cx.store.call_views(), cx.clock.now_ms());
    let (tenant, user_id, author) = (&staff.tenant, &staff.user.id, staff.author());
    let added = views
        .add(tenant, user_id, new, MOST, &author, now)
        .await?
        .ok_or_else(|| Invalid::because(format!("There are {MOST} views: remove one first.")))?;
    Ok((StatusCode::CREATED, JsonAnswer(added)))
}

async fn remove(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (views, now) = (cx.store.call_views(), cx.clock.now_ms());
    let (tenant, user_id) = (&staff.tenant, &staff.user.id);
    let unknown = || ApiError::not_found().detail("There is no such view.");
    let all = views.of(tenant, user_id).await?;
    let view = all.iter().find(|view| view.id == id).ok_or_else(unknown)?;
    if view.shared {
        staff.require(Role::Supervisor)?;
    }
    let done = views
        .remove(tenant, user_id, &id, &staff.author(), now)
        .await?;
    done.then_some(StatusCode::NO_CONTENT).ok_or_else(unknown)
}
