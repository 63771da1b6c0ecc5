//! The desk's requests to our server, typed.

use api::desk::{CallDetail, CallPage, Session, SignIn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ui::http::{Failure, escape, request};

/// How many calls a page of the list has.
const PAGE: usize = 50;
/// How many calls are loaded again at once at most.
const LARGEST_PAGE: usize = 200;

/// Who is signed in.
pub(super) async fn session() -> Result<Session, Failure> {
    read(&request("GET", "/api/desk/session", None).await?)
}

/// Signs in; the session comes as a cookie.
pub(super) async fn sign_in(email: String, password: String) -> Result<Session, Failure> {
    let body = serde_json::to_string(&SignIn { email, password }).unwrap_or_default();
    request("POST", "/api/desk/session", Some(&body)).await?;
    session().await
}

/// Signs out.
pub(super) async fn sign_out() -> Result<(), Failure> {
    request("DELETE", "/api/desk/session", None).await.map(drop)
}

/// The first page, large enough for as many calls as are shown already.
pub(super) async fn first_calls(shown: usize) -> Result<CallPage, Failure> {
    let limit = shown.clamp(PAGE, LARGEST_PAGE);
    read(&request("GET", &format!("/api/desk/calls?limit={limit}"), None).await?)
}

/// The page a cursor leads to.
pub(super) async fn more_calls(cursor: &str) -> Result<CallPage, Failure> {
    let cursor = escape(cursor);
    read(
        &request(
            "GET",
            &format!("/api/desk/calls?limit={PAGE}&cursor={cursor}"),
            None,
        )
        .await?,
    )
}

/// Everything about one call.
pub(super) async fn call(id: &str) -> Result<CallDetail, Failure> {
    read(&request("GET", &format!("/api/desk/calls/{}", escape(id)), None).await?)
}

/// Where a call's live transcript is read.
pub(super) fn call_events(id: &str) -> String {
    format!("/api/desk/calls/{}/events", escape(id))
}

/// Where a call's recording is heard.
pub(super) fn recording(id: &str) -> String {
    format!("/api/desk/calls/{}/recording", escape(id))
}

/// Where changes of calls are told.
pub(super) const EVENTS: &str = "/api/desk/events";

/// Reads what is at an address of ours.
pub(super) async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    read(&request("GET", path, None).await?)
}

/// Makes something new, or does something.
pub(super) async fn post<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    send("POST", path, body).await
}

/// Replaces what is at an address.
pub(super) async fn put<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    send("PUT", path, body).await
}

/// Changes some of what is at an address.
pub(super) async fn patch<T: DeserializeOwned>(
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    send("PATCH", path, body).await
}

/// Takes away what is at an address.
pub(super) async fn delete(path: &str) -> Result<(), Failure> {
    request("DELETE", path, None).await.map(drop)
}

async fn send<T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    let body = serde_json::to_string(body).unwrap_or_default();
    let answer = request(method, path, Some(&body)).await?;
    read(&answer)
}

/// An answer we cannot read is a fault of the server, like a 500. One without a
/// body is read as `()`.
fn read<T: DeserializeOwned>(body: &str) -> Result<T, Failure> {
    let body = if body.is_empty() { "null" } else { body };
    serde_json::from_str(body).map_err(|_| Failure::Problem {
        status: 500,
        slug: String::new(),
    })
}
