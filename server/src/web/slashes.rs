//! Addresses as people join them: with a slash at the end, or two where one belongs.

use axum::Router;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{Method, Uri};
use tower::Layer;
use tower::util::MapRequestLayer;

/// Below these programs post what they were given an address for.
const POSTED_TO: [&str; 4] = ["/api/webhooks/", "/api/retell/", "/retell/", "/crm/"];

/// Takes what is posted with slashes too many as if it had none. It is no redirect:
/// who posts a webhook follows none, and it would be lost.
pub(crate) fn forgiven(router: Router) -> Router {
    Router::new().fallback_service(MapRequestLayer::new(plain).layer(router))
}

fn plain(mut request: Request) -> Request {
    if request.method() == Method::POST
        && let Some(uri) = plainer(request.uri())
    {
        *request.uri_mut() = uri;
    }
    request
}

/// The address without the slashes that are too many, if there are any and it is one
/// that is posted to.
fn plainer(uri: &Uri) -> Option<Uri> {
    let parts = uri.path().split('/').filter(|part| !part.is_empty());
    let mut plain: String = parts.flat_map(|part| ["/", part]).collect();
    let is_posted_to = POSTED_TO.iter().any(|start| plain.starts_with(start));
    if plain == uri.path() || !is_posted_to {
        return None;
    }
    if let Some(query) = uri.query() {
        plain.push('?');
        plain.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(plain).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_too_many_are_left_out_of_what_is_posted_to() {
        for (address, plain) in [
            ("/api/webhooks/retell/", "/api/webhooks/retell"),
            (
                "//api/webhooks///retell//t1/?x=//1",
                "/api/webhooks/retell/t1?x=//1",
            ),
            ("/retell/webhook/", "/retell/webhook"),
            ("/retell//functions", "/retell/functions"),
            ("/crm//make-call", "/crm/make-call"),
            (
                "http://a.example//api/retell/webhook",
                "http://a.example/api/retell/webhook",
            ),
        ] {
            let plainer = plainer(&address.parse().unwrap()).unwrap();
            assert_eq!(plainer.to_string(), plain);
        }
        for address in [
            "/api/webhooks/retell?x=1",
            "/api/v1/calls//stop",
            "/",
            "//",
            "/retell/",
            "*",
        ] {
            assert_eq!(plainer(&address.parse().unwrap()), None, "{address}");
        }
    }
}
