//! The document for people: a page without a script, from our own origin.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

use super::document;
use crate::app::App;
use crate::site::template::escape;
use crate::site::{self, pages};
use crate::web::boxed;

const STYLE: &str = include_str!("docs_page.css");
const STYLE_PATH: &str = "/api/docs/style.css";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/docs", get(boxed(page)))
        .route(STYLE_PATH, get(boxed(style)))
}

async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (headers, STYLE).into_response()
}

async fn page(State(site): State<site::Context>) -> Response {
    match serde_json::to_value(document::whole()) {
        Ok(document) => pages::plain(&site, render(&document)),
        Err(error) => {
            tracing::error!(%error, "the document of the API cannot be written");
            crate::web::problem::ApiError::internal().into_response()
        }
    }
}

fn render(document: &Value) -> String {
    let info = &document["info"];
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{title} API</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n<body>\n<main>\n\
         <h1>{title} API</h1>\n<p>{description}</p>\n\
         <p><a href=\"/api/v1/openapi.json\">OpenAPI document</a></p>\n",
        title = text(&info["title"]),
        description = prose(&info["description"]),
    );
    contents(&mut html, document);
    for (path, method, operation) in operations(document) {
        operation_section(&mut html, path, method, operation);
    }
    html.push_str("<h2 id=\"schemas\">Objects</h2>\n");
    if let Some(schemas) = document["components"]["schemas"].as_object() {
        for (name, schema) in schemas {
            schema_section(&mut html, name, schema);
        }
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

/// Every operation with its path and method, in the order of the paths.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    let paths = document["paths"].as_object();
    paths.into_iter().flatten().flat_map(|(path, item)| {
        METHODS
            .into_iter()
            .filter_map(move |method| Some((path.as_str(), method, item.get(method)?)))
    })
}

fn contents(html: &mut String, document: &Value) {
    html.push_str("<nav aria-label=\"Contents\">\n<ul>\n");
    for (path, method, operation) in operations(document) {
        push(
            html,
            format_args!(
                "<li><a href=\"#{id}\">{summary}</a> <code>{method} {path}</code></li>\n",
                id = anchor(method, path),
                summary = text(&operation["summary"]),
                method = method.to_uppercase(),
                path = escape(path),
            ),
        );
    }
    html.push_str("</ul>\n</nav>\n");
}

fn operation_section(html: &mut String, path: &str, method: &str, operation: &Value) {
    push(
        html,
        format_args!(
            "<section id=\"{id}\">\n<h2>{summary}</h2>\n\
             <p class=\"route\"><b>{method}</b> <code>{path}</code></p>\n<p>{description}</p>\n",
            id = anchor(method, path),
            summary = text(&operation["summary"]),
            method = method.to_uppercase(),
            path = escape(path),
            description = prose(&operation["description"]),
        ),
    );
    if let Some(parameters) = operation["parameters"].as_array() {
        html.push_str("<dl>\n");
        for parameter in parameters {
            push(
                html,
                format_args!(
                    "<dt><code>{name}</code> in the {place}</dt><dd>{description}</dd>\n",
                    name = text(&parameter["name"]),
                    place = text(&parameter["in"]),
                    description = prose(&parameter["description"]),
                ),
            );
        }
        html.push_str("</dl>\n");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        push(html, format_args!("<p>Body: {}</p>\n", kind(body)));
    }
    let answers = operation["responses"].as_object();
    for (status, answer) in answers.into_iter().flatten() {
        let schema = &answer["content"]["application/json"]["schema"];
        let name = if status == "default" { "Else" } else { status };
        let what = if schema.is_null() {
            "nothing".to_owned()
        } else {
            kind(schema)
        };
        push(html, format_args!("<p>{}: {what}</p>\n", escape(name)));
    }
    html.push_str("</section>\n");
}

fn schema_section(html: &mut String, name: &str, schema: &Value) {
    push(
        html,
        format_args!(
            "<section id=\"schema-{name}\">\n<h3>{name}</h3>\n<p>{description}</p>\n",
            name = escape(name),
            description = prose(&schema["description"]),
        ),
    );
    fields(html, schema);
    html.push_str("</section>\n");
}

/// The fields of an object, and of those it is made of.
fn fields(html: &mut String, schema: &Value) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if part.get("$ref").is_some() {
            push(html, format_args!("<p>All of {}, and:</p>\n", kind(part)));
        }
        fields(html, part);
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values
            .iter()
            .map(|it| format!("<code>{}</code>", text(it)))
            .collect();
        push(html, format_args!("<p>One of {}.</p>\n", values.join(", ")));
    }
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let required = schema["required"].as_array();
    html.push_str("<dl>\n");
    for (name, property) in properties {
        let must = required.is_some_and(|names| names.iter().any(|it| it == name.as_str()));
        push(
            html,
            format_args!(
                "<dt><code>{name}</code> {kind}{optional}</dt><dd>{description}</dd>\n",
                name = escape(name),
                kind = kind(property),
                optional = if must { "" } else { ", optional" },
                description = prose(&property["description"]),
            ),
        );
    }
    html.push_str("</dl>\n");
}

/// What kind of value a schema is, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(kinds) = schema[several].as_array() {
            let kinds: Vec<_> = kinds
                .iter()
                .filter(|it| it["type"] != "null")
                .map(kind)
                .collect();
            return kinds.join(" or ");
        }
    }
    let name = match &schema["type"] {
        Value::Array(names) => names
            .iter()
            .find(|it| **it != "null")
            .unwrap_or(&Value::Null),
        name => name,
    };
    match name.as_str() {
        Some("array") => format!("list of {}", kind(&schema["items"])),
        Some(name) => escape(name),
        None => "any value".to_owned(),
    }
}

fn anchor(method: &str, path: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{method}{}", path.chars().map(plain).collect::<String>())
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// A text with `code` in it.
fn prose(value: &Value) -> String {
    let mut html = String::new();
    for (index, part) in value.as_str().unwrap_or_default().split('`').enumerate() {
        if index % 2 == 0 {
            html.push_str(&escape(part));
        } else {
            push(&mut html, format_args!("<code>{}</code>", escape(part)));
        }
    }
    html
}

fn push(html: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = html.write_fmt(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_object_is_on_the_page_and_every_link_leads_somewhere() {
        let document = serde_json::to_value(document::whole()).unwrap();
        let html = render(&document);
        assert!(operations(&document).count() > 12);
        for (path, method, _) in operations(&document) {
            assert!(html.contains(&format!("<section id=\"{}\">", anchor(method, path))));
        }
        for link in html.split("href=\"#").skip(1) {
            let (target, _) = link.split_once('"').unwrap();
            assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
        }
        assert!(!html.contains("<script") && !html.contains("style=\""));
    }

    #[test]
    fn what_the_document_says_is_text() {
        assert_eq!(prose(&Value::from("a `b<c` d")), "a <code>b&lt;c</code> d");
    }
}
