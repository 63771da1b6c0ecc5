//! What a function of a business's own may be.

use std::collections::BTreeMap;

use api::functions::OwnFunctionDetails;
use outbound::BadAddress;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;
use url::Url;

use crate::functions::{Context, tool};
use crate::invalid::Invalid;
use crate::template;

const DESCRIPTION_MAX_CHARS: usize = 1_000;
const JSON_MAX_BYTES: usize = 16 * 1024;
const FIELDS_MAX: usize = 50;
/// Within what a function may take at all, some is ours.
const TIMEOUT_MS: std::ops::RangeInclusive<u32> = 500..=7_500;
const HEADERS_MAX: usize = 10;
const HEADER_MAX_CHARS: usize = 1_000;

/// Headers that are ours, or the connection's.
const RESERVED: [&str; 9] = [
    "host",
    "content-length",
    "content-type",
    "connection",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];

/// A function as it is kept.
pub(super) async fn checked(
    cx: &Context,
    mut details: OwnFunctionDetails,
) -> Result<OwnFunctionDetails, Invalid> {
    details.name = details.name.trim().to_owned();
    details.description = details.description.trim().to_owned();
    shape(&details)?;
    let url = address(&details.url)?;
    let rules = cx.targets.rules();
    let bad = |bad: BadAddress| Invalid::of("url", format!("url: {bad}"));
    let url = rules.parse(url.as_str()).map_err(bad)?;
    rules.look_ahead(&url).await.map_err(bad)?;
    Ok(details)
}

/// All but where the address leads.
fn shape(details: &OwnFunctionDetails) -> Result<(), Invalid> {
    let wrong = |field: &str, why: &str| Err(Invalid::of(field, why));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !(1..=64).contains(&details.name.len()) || !details.name.bytes().all(plain) {
        return wrong("name", "name is 1 to 64 of A-Z, a-z, 0-9, _ and -.");
    }
    if tool::is_ours(&details.name) {
        return wrong("name", "name is that of a function this server has.");
    }
    let about = details.description.chars().count();
    if !(1..=DESCRIPTION_MAX_CHARS).contains(&about) {
        return wrong("description", "description has 1 to 1000 characters.");
    }
    let small = |json: &serde_json::Value| json.to_string().len() <= JSON_MAX_BYTES;
    let tool = json!({"general_tools": [{
        "type": "custom", "name": details.name, "url": "https://example.com",
        "parameters": details.parameters,
    }]});
    let known = retell_spec::operation("POST /create-retell-llm");
    let taken = known.is_none_or(|create| create.check_request(&tool).is_ok());
    if details.parameters["type"] != "object" || !taken || !small(&details.parameters) {
        return wrong(
            "parameters",
            "parameters is a JSON Schema of type object, at most 16 KiB long.",
        );
    }
    if details.body.as_ref().is_some_and(|body| !small(body)) {
        return wrong("body", "body is longer than 16 KiB.");
    }
    if !TIMEOUT_MS.contains(&details.timeout_ms) {
        return wrong("timeout_ms", "timeout_ms is a number from 500 to 7500.");
    }
    let long = |text: &String| text.len() > 200;
    let paths = details.fields.iter().flat_map(|(name, path)| [name, path]);
    if details.fields.len() > FIELDS_MAX || paths.chain(&details.message).any(long) {
        return wrong(
            "fields",
            "message and at most 50 fields have up to 200 characters each.",
        );
    }
    Ok(())
}

/// The address with something in every place. The host has none.
fn address(template: &str) -> Result<Url, Invalid> {
    let wrong = |why: &str| Invalid::of("url", why);
    let (_, rest) = template
        .split_once("://")
        .ok_or_else(|| wrong("url begins with https://."))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains("{{") {
        return Err(wrong("The host of url has no places to fill in."));
    }
    let filled = template::fill(template, |_| Some("x".to_owned()));
    let filled = filled.unwrap_or_default();
    Url::parse(&filled).map_err(|_| wrong("url is no address."))
}

/// The address with the values there are, which change nothing but their own places: what
/// would lead to another folder is refused.
pub(super) fn filled_address(template: &str, scope: &serde_json::Value) -> Option<String> {
    let filled = template::text(template, scope, template::in_address);
    let steps = |url: &Url| -> Vec<bool> {
        let steps = url.path_segments().into_iter().flatten();
        steps.map(str::is_empty).collect()
    };
    let parsed = Url::parse(&filled).ok()?;
    (steps(&parsed) == steps(&address(template).ok()?)).then_some(filled)
}

/// Headers as they are kept.
pub(super) fn headers(
    headers: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Invalid> {
    let can_be_sent = |(name, value): (&String, &String)| {
        HeaderName::try_from(name).is_ok()
            && HeaderValue::from_str(value).is_ok()
            && value.len() <= HEADER_MAX_CHARS
            && !RESERVED.contains(&name.to_ascii_lowercase().as_str())
    };
    if headers.len() > HEADERS_MAX || !headers.iter().all(can_be_sent) {
        return Err(Invalid::of(
            "headers",
            "headers are up to 10, none of them one of the request itself.",
        ));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_lead_elsewhere() {
        let fill = |template: &str, value: &str| filled_address(template, &json!({"v": value}));
        let good = fill("https://a.test/x/{{v}}?q={{v}}", "1/2");
        assert_eq!(good.as_deref(), Some("https://a.test/x/1%2F2?q=1%2F2"));
        assert_eq!(fill("https://a.test/x/{{v}}", ".."), None);
        assert_eq!(fill("https://a.test/x/{{v}}/y", "."), None);
        assert_eq!(fill("https://a.test/x/{{v}}.{{v}}", ""), None);
        for host in [
            "https://{{v}}/",
            "https://{{v}}.a.test",
            "https://a.test:{{v}}/",
            "{{v}}",
        ] {
            assert!(address(host).is_err(), "{host}");
        }
    }

    #[test]
    fn what_a_function_may_be() {
        let shape = |more: &serde_json::Value| {
            let mut whole = json!({
                "name": "find_car", "description": "Finds a car.", "url": "https://a.test",
                "parameters": {"type": "object", "properties": {}},
            });
            let more = more.as_object().unwrap().clone();
            whole.as_object_mut().unwrap().extend(more);
            shape(&serde_json::from_value(whole).unwrap())
        };
        assert_eq!(shape(&json!({})), Ok(()));
        for wrong in [
            json!({"name": "find car"}),
            json!({"name": "book_appointment_cal"}),
            json!({"name": "transfer_now"}),
            json!({"description": ""}),
            json!({"parameters": {"type": "string"}}),
            json!({"parameters": {"type": "object", "properties": {"a": {"description": "x".repeat(20_000)}}}}),
            json!({"timeout_ms": 60_000}),
            json!({"message": "x".repeat(201)}),
        ] {
            assert!(shape(&wrong).is_err(), "{wrong}");
        }
    }
}
