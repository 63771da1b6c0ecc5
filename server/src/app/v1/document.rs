//! The OpenAPI document, made from the handlers. `docs/openapi.json` is a copy
//! of it, so that a change of the API shows in a diff.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement,
};

use utoipa_axum::router::OpenApiRouter;

use crate::app::router;

const DESCRIPTION: &str = "Send a secret API key as `Authorization: Bearer sk_…`, or in the header \
`x-api-key`. Errors are problem details (RFC 9457). Every answer says what the key has left in \
`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`. A `POST` with an `Idempotency-Key` \
is done once, however often it is sent within a day. Times are Unix milliseconds, telephone numbers \
are E.164.";

/// The document without its routes.
fn frame() -> OpenApi {
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-api-key")));
    let none: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Switchboard")
                .version("1")
                .description(Some(DESCRIPTION))
                .build(),
        )
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("bearer", bearer)
                .security_scheme("header", header)
                .build(),
        ))
        .security(Some([
            SecurityRequirement::new("bearer", none),
            SecurityRequirement::new("header", none),
        ]))
        .build()
}

/// The document.
pub(super) fn whole() -> OpenApi {
    let routes = OpenApiRouter::with_openapi(frame()).merge(router::routes().v1);
    let mut document = routes.into_openapi();
    for item in document.paths.paths.values_mut() {
        let verbs = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        verbs.into_iter().flatten().for_each(identify);
    }
    document
}

/// Every module has a handler `list`; a client is generated with one function
/// for each id: `contacts_list`.
fn identify(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next();
    if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
        let tag = tag.to_lowercase().replace(' ', "_");
        operation.operation_id = Some(format!("{tag}_{id}"));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const UPDATE: &str = "SWITCHBOARD_UPDATE_OPENAPI";

    #[test]
    fn the_copy_in_the_docs_is_the_document() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let document = format!("{}\n", whole().to_pretty_json().unwrap());
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(path, &document).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == document,
            "docs/openapi.json is not what the handlers say. Look at the difference, then write \
             it with: {UPDATE}=1 cargo test -p server --lib document"
        );
    }

    #[test]
    fn every_route_has_a_name_a_tag_and_a_problem() {
        let document = serde_json::to_value(whole()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() > 8);
        let mut ids = HashSet::new();
        for (path, item) in paths {
            for (verb, operation) in item.as_object().unwrap() {
                let told = |field: &str| operation[field].as_str().is_some_and(|it| !it.is_empty());
                assert!(
                    ids.insert(operation["operationId"].to_string()),
                    "{verb} {path}"
                );
                assert!(
                    told("summary") && operation["tags"][0].is_string(),
                    "{verb} {path}"
                );
                assert!(
                    operation["responses"]["default"].is_object(),
                    "{verb} {path}"
                );
            }
        }
    }
}
