//! The desk's requests to our server, typed.

use api::calls::CallQuery;
use api::desk::{CallPage, Session, SignIn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cache;
use crate::nav;
use browser::ui::http::{Failure, escape, request};

/// How many calls the first page of the list has.
const PAGE: usize = 50;
/// How many calls are loaded at once at most, and with each page after the first.
const LARGEST_PAGE: usize = 200;
/// How many pages of the server are fetched before a person is asked whether to
/// go on.
const PAGES_AT_ONCE: usize = 20;

/// Who is signed in.
pub(crate) async fn session() -> Result<Session, Failure> {
    read(&request("GET", "/api/desk/session", None).await?)
}

/// Signs in; the session comes as a cookie.
pub(crate) async fn sign_in(email: String, password: String) -> Result<Session, Failure> {
    let body = serde_json::to_string(&SignIn { email, password }).unwrap_or_default();
    request("POST", "/api/desk/session", Some(&body)).await?;
    session().await
}

/// Signs out.
pub(crate) async fn sign_out() -> Result<(), Failure> {
    request("DELETE", "/api/desk/session", None).await.map(drop)
}

/// The first page, large enough for as many calls as are shown already.
pub(crate) async fn first_calls(filter: &CallQuery, shown: usize) -> Result<CallPage, Failure> {
    gather(filter, None, shown.clamp(PAGE, LARGEST_PAGE)).await
}

/// The page a cursor leads to.
pub(crate) async fn more_calls(filter: &CallQuery, cursor: String) -> Result<CallPage, Failure> {
    gather(filter, Some(cursor), LARGEST_PAGE).await
}

/// A page. The server looks at so many calls for each of its pages; where few
/// of them match, several of its pages are one of ours.
async fn gather(
    filter: &CallQuery,
    cursor: Option<String>,
    limit: usize,
) -> Result<CallPage, Failure> {
    let mut page = calls(filter, cursor.as_deref(), limit).await?;
    for _ in 1..PAGES_AT_ONCE {
        let missing = limit.saturating_sub(page.items.len());
        let (Some(cursor), Some(_), 1..) = (&page.next_cursor, page.searched_to, missing) else {
            break;
        };
        let more = calls(filter, Some(cursor), missing).await?;
        page.items.extend(more.items);
        page.next_cursor = more.next_cursor;
        page.searched_to = more.searched_to;
    }
    Ok(page)
}

async fn calls(
    filter: &CallQuery,
    cursor: Option<&str>,
    limit: usize,
) -> Result<CallPage, Failure> {
    let query = nav::query(filter);
    let joint = if query.is_empty() { '?' } else { '&' };
    let mut path = format!("/api/desk/calls{query}{joint}limit={limit}");
    if let Some(cursor) = cursor {
        path.push_str("&cursor=");
        path.push_str(&escape(cursor));
    }
    get(&path).await
}

/// Where everything about a call is.
pub(crate) fn call(id: &str) -> String {
    format!("/api/desk/calls/{}", escape(id))
}

/// Where a call's live transcript is read.
pub(crate) fn call_events(id: &str) -> String {
    call(id) + "/events"
}

/// Where a call's recording is heard.
pub(crate) fn recording(id: &str) -> String {
    call(id) + "/recording"
}

/// Where changes of calls are told.
pub(crate) const EVENTS: &str = "/api/desk/events";

/// Reads what is at an address of ours, once, for an errand: what a page shows it asks by
/// [`super::Loaded`] and [`super::Pages`].
pub(crate) async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    read(&request("GET", path, None).await?)
}

/// Makes something new, or does something.
pub(crate) async fn post<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    send("POST", path, body).await
}

/// Replaces what is at an address.
pub(crate) async fn put<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    send("PUT", path, body).await
}

/// Changes some of what is at an address.
pub(crate) async fn patch<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    send("PATCH", path, body).await
}

/// Takes away what is at an address.
pub(crate) async fn delete(path: &str) -> Result<(), Failure> {
    change("DELETE", path, None).await.map(drop)
}

async fn send<T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    let body = serde_json::to_string(body).unwrap_or_default();
    read(&change(method, path, Some(&body)).await?)
}

/// Says anew what is at an address, in JSON.
pub(super) async fn put_text<T: DeserializeOwned>(path: &str, body: &str) -> Result<T, Failure> {
    read(&change("PUT", path, Some(body)).await?)
}

/// What was answered before shows what is no longer so, wherever that is.
async fn change(method: &str, path: &str, body: Option<&str>) -> Result<String, Failure> {
    let answer = request(method, path, body).await;
    cache::forget();
    answer
}

/// An answer we cannot read is a fault of the server, like a 500. One without a
/// body is read as `()`.
pub(crate) fn read<T: DeserializeOwned>(body: &str) -> Result<T, Failure> {
    let body = if body.is_empty() { "null" } else { body };
    serde_json::from_str(body).map_err(|_| UNREADABLE)
}

/// See [`read`].
const UNREADABLE: Failure = Failure::Problem {
    status: 500,
    slug: String::new(),
    field: String::new(),
};

/// Whether that is why something failed.
pub(super) fn is_unreadable(failure: &Failure) -> bool {
    *failure == UNREADABLE
}
