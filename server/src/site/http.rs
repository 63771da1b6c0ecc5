//! The front end's files: cached for good where their names change with their
//! content, revalidated elsewhere, compressed where the build did so.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{File, pages};
use crate::site::Context;
use crate::web::address::Path;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed};

/// Customers' pages load the launcher: a new version reaches them within this
/// time.
const LAUNCHER_CACHE: &str = "public, max-age=300";
const IMMUTABLE_CACHE: &str = "public, max-age=31536000, immutable";
const OTHER_CACHE: &str = "public, max-age=0, must-revalidate";

/// The routes of this module.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
{
    let files = Router::new()
        .route("/assets/{*path}", get(boxed(asset)))
        .route("/widget.js", get(boxed(launcher)))
        .route("/widget-panel.js", get(boxed(launcher)))
        .route("/widget-help.js", get(boxed(launcher)))
        .route("/widget-dialog.js", get(boxed(launcher)))
        .route("/demo", get(boxed(demo)));
    Routes::new().open(pages::routes()).open(files)
}

/// Every other address: a file of the site, such as the demo's pictures, or
/// nothing.
pub(crate) async fn fallback(
    State(cx): State<Context>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Err(ApiError::not_found());
    }
    file(
        &cx,
        uri.path().trim_start_matches('/'),
        &headers,
        OTHER_CACHE,
    )
    .await
}

async fn asset(
    State(cx): State<Context>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    file(&cx, &format!("assets/{path}"), &headers, OTHER_CACHE).await
}

/// The launcher and its parts run in other people's pages.
async fn launcher(
    State(cx): State<Context>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    let mut response = file(&cx, path, &headers, LAUNCHER_CACHE).await?;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    Ok(response)
}

/// A business's website with our button in it. It is served as theirs would
/// be: without our pages' policy.
async fn demo(State(cx): State<Context>, headers: HeaderMap) -> Result<Response, ApiError> {
    if cx.site.manifest().await.is_none() {
        return Ok(super::pages::not_built());
    }
    file(&cx, "demo.html", &headers, OTHER_CACHE).await
}

async fn file(
    cx: &Context,
    path: &str,
    request: &HeaderMap,
    cache: &'static str,
) -> Result<Response, ApiError> {
    let accept = request
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let file = cx
        .site
        .public_file(path, accept)
        .await
        .ok_or_else(ApiError::not_found)?;
    Ok(answer(file, request, cache))
}

fn answer(file: File, request: &HeaderMap, cache: &'static str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(file.media_type),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = file.encoding {
        headers.insert(
            header::CONTENT_ENCODING,
            HeaderValue::from_static(encoding.name()),
        );
    }
    if file.immutable {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(IMMUTABLE_CACHE),
        );
        return (headers, Body::from(file.body)).into_response();
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let tag = file.etag();
    let known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|tags| matches_tag(tags, &tag));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if known {
        headers.remove(header::CONTENT_ENCODING);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, Body::from(file.body)).into_response()
}

/// Proxies mark tags as weak when they recompress.
fn matches_tag(known: &str, tag: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_tag_is_recognised_in_every_spelling() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(matches_tag(known, "\"a\""), "{known}");
        }
        for known in ["\"b\"", "a", ""] {
            assert!(!matches_tag(known, "\"a\""), "{known}");
        }
    }
}
