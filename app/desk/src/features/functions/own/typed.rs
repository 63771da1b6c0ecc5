//! What is typed of a function, and what is wrong with it. Where the address leads the server says.

use api::functions::{OwnFunction, OwnFunctionDetails, SaveOwnFunction, TargetMethod};
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use super::Texts;
use crate::kit::{method_name, method_named, named_lines};

/// How long a JSON may be (bytes).
const JSON_MAX: usize = 16 * 1024;
const TIMEOUT_MS: std::ops::RangeInclusive<u32> = 500..=7_500;
const HEADERS_MAX: usize = 10;
const FIELDS_MAX: usize = 50;

/// What is wrong with something that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    Name,
    Taken,
    Description,
    Schema(WrongJson),
    Address,
    Host,
    Body(WrongJson),
    Headers,
    Fields,
    Timeout,
}

/// Why a JSON cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WrongJson {
    Broken { line: usize, column: usize },
    Long,
    NoObject,
    Properties,
    Property(String),
    Required(String),
}

impl WrongJson {
    /// In a sentence.
    pub(super) fn said(&self, texts: Texts) -> String {
        let number = |it: &usize| i64::try_from(*it).unwrap_or(i64::MAX);
        match self {
            Self::Broken { line, column } => texts.json_wrong(number(column), number(line)),
            Self::Long => texts.too_long().to_owned(),
            Self::NoObject => texts.schema_object().to_owned(),
            Self::Properties => texts.schema_properties().to_owned(),
            Self::Property(name) => texts.schema_property(name),
            Self::Required(name) => texts.schema_required(name),
        }
    }
}

/// What is typed. A handle of signals: copy it freely.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed {
    pub(super) name: RwSignal<String>,
    pub(super) description: RwSignal<String>,
    pub(super) parameters: RwSignal<String>,
    pub(super) method: RwSignal<String>,
    pub(super) url: RwSignal<String>,
    pub(super) body: RwSignal<String>,
    pub(super) headers: RwSignal<String>,
    /// The headers there are go.
    pub(super) no_headers: RwSignal<bool>,
    pub(super) message: RwSignal<String>,
    pub(super) fields: RwSignal<String>,
    pub(super) timeout: RwSignal<String>,
    pub(super) changes: RwSignal<bool>,
    pub(super) active: RwSignal<bool>,
}

impl Typed {
    /// A function as it is, or what a new one begins with.
    pub(super) fn of(function: Option<&OwnFunction>) -> Self {
        let details = function.map(|it| it.details.clone());
        let details = details.unwrap_or_else(|| OwnFunctionDetails {
            name: String::new(),
            description: String::new(),
            parameters: json!({"type": "object", "properties": {}, "required": []}),
            method: TargetMethod::Post,
            url: String::new(),
            body: None,
            message: None,
            fields: [].into(),
            changes: false,
            timeout_ms: 5_000,
            active: true,
        });
        let written = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
        let fields = details.fields.iter();
        let fields: Vec<_> = fields
            .map(|(name, path)| format!("{name}: {path}"))
            .collect();
        Self {
            parameters: RwSignal::new(written(&details.parameters)),
            body: RwSignal::new(details.body.as_ref().map(written).unwrap_or_default()),
            method: RwSignal::new(method_name(details.method).to_owned()),
            name: RwSignal::new(details.name),
            description: RwSignal::new(details.description),
            url: RwSignal::new(details.url),
            headers: RwSignal::new(String::new()),
            no_headers: RwSignal::new(false),
            message: RwSignal::new(details.message.unwrap_or_default()),
            fields: RwSignal::new(fields.join("\n")),
            timeout: RwSignal::new(details.timeout_ms.to_string()),
            changes: RwSignal::new(details.changes),
            active: RwSignal::new(details.active),
        }
    }

    /// What is sent, or all that is wrong. `taken` are the names that others have.
    pub(super) fn read(self, taken: &[String]) -> Result<SaveOwnFunction, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let text = |typed: RwSignal<String>| typed.get().trim().to_owned();
        let name = text(self.name);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
            wrong.push(Wrong::Name);
        } else if taken.contains(&name) {
            wrong.push(Wrong::Taken);
        }
        let description = text(self.description);
        if !(1..=1_000).contains(&description.chars().count()) {
            wrong.push(Wrong::Description);
        }
        let parameters = parsed(&self.parameters.get()).and_then(schema);
        let parameters = parameters.map_err(|it| wrong.push(Wrong::Schema(it)));
        let url = text(self.url);
        wrong.extend(address(&url));
        let body = self.body.get();
        let body = match body.trim() {
            "" => Ok(None),
            body => parsed(body).map(Some),
        };
        let body = body.map_err(|it| wrong.push(Wrong::Body(it)));
        let entered = self.headers.get();
        let is_said = self.no_headers.get() || !entered.trim().is_empty();
        let headers = is_said.then(|| named_lines(&entered, ':'));
        let lacks = |name: &String, value: &String| name.is_empty() || value.is_empty();
        if headers.as_ref().is_some_and(|all| {
            all.len() > HEADERS_MAX || all.iter().any(|(name, value)| lacks(name, value))
        }) {
            wrong.push(Wrong::Headers);
        }
        let fields = named_lines(&self.fields.get(), ':');
        if fields.len() > FIELDS_MAX || fields.iter().any(|(name, path)| lacks(name, path)) {
            wrong.push(Wrong::Fields);
        }
        let timeout_ms = text(self.timeout).parse().unwrap_or_default();
        if !TIMEOUT_MS.contains(&timeout_ms) {
            wrong.push(Wrong::Timeout);
        }
        let message = text(self.message);
        let (true, Ok(parameters), Ok(body)) = (wrong.is_empty(), parameters, body) else {
            return Err(wrong);
        };
        let details = OwnFunctionDetails {
            name,
            description,
            parameters,
            method: self.method.with(|name| method_named(name)),
            url,
            body,
            message: Some(message).filter(|it| !it.is_empty()),
            fields,
            changes: self.changes.get(),
            timeout_ms,
            active: self.active.get(),
        };
        // What is not entered stays as it is.
        Ok(SaveOwnFunction { details, headers })
    }
}

fn parsed(text: &str) -> Result<Value, WrongJson> {
    let value: Value = serde_json::from_str(text).map_err(|error| WrongJson::Broken {
        line: error.line(),
        column: error.column(),
    })?;
    match value.to_string().len() {
        0..=JSON_MAX => Ok(value),
        _ => Err(WrongJson::Long),
    }
}

/// The schema, if agents can be told of it.
fn schema(schema: Value) -> Result<Value, WrongJson> {
    if schema["type"] != "object" {
        return Err(WrongJson::NoObject);
    }
    let none = Map::new();
    let properties = match schema.get("properties") {
        None => &none,
        Some(given) => given.as_object().ok_or(WrongJson::Properties)?,
    };
    if let Some((name, _)) = properties.iter().find(|(_, it)| !it.is_object()) {
        return Err(WrongJson::Property(name.clone()));
    }
    let required = schema["required"].as_array().into_iter().flatten();
    let written = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let mut names = required.map(written);
    match names.find(|name| !properties.contains_key(name)) {
        Some(name) => Err(WrongJson::Required(name)),
        None => Ok(schema),
    }
}

/// What is wrong with an address, as far as that can be seen.
fn address(url: &str) -> Option<Wrong> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    match host {
        None | Some("") => Some(Wrong::Address),
        Some(host) if host.contains("{{") => Some(Wrong::Host),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        let typed = Typed::of(None);
        typed.name.set(" find_order ".to_owned());
        typed.description.set("Looks up an order.".to_owned());
        typed
            .url
            .set("https://shop.test/orders/{{args.order}}".to_owned());
        typed
    }

    #[test]
    fn what_was_typed_is_what_is_kept() {
        let _owner = Owner::new();
        let typed = typed();
        typed.parameters.set(
            r#"{"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}"#
                .to_owned(),
        );
        typed.fields.set("price: data.price\n".to_owned());
        typed.headers.set("Authorization: Bearer a:b".to_owned());
        typed.body.set(r#"{"order": "{{args.order}}"}"#.to_owned());
        let save = typed.read(&[]).unwrap();
        assert_eq!(save.details.name, "find_order");
        assert_eq!(save.details.fields["price"], "data.price");
        assert_eq!(
            save.headers.as_ref().unwrap()["Authorization"],
            "Bearer a:b"
        );
        let kept = OwnFunction {
            id: "1".to_owned(),
            details: save.details.clone(),
            header_names: Vec::new(),
            revision: 0,
        };
        let again = Typed::of(Some(&kept)).read(&[]).unwrap();
        assert_eq!(again.details, save.details);
        // Headers nobody sees stay unless others are entered.
        assert_eq!(again.headers, None);
        // Nothing is entered instead of them.
        let without = Typed::of(Some(&kept));
        without.no_headers.set(true);
        assert_eq!(without.read(&[]).unwrap().headers, Some([].into()));
    }

    #[test]
    fn what_is_wrong_is_said_of_each_field() {
        let _owner = Owner::new();
        let typed = typed();
        assert_eq!(
            typed.read(&["find_order".to_owned()]).unwrap_err(),
            [Wrong::Taken]
        );
        typed.name.set("find order".to_owned());
        typed.description.set(" ".to_owned());
        typed.url.set("https://{{args.shop}}.test/".to_owned());
        typed.body.set("{\"a\":\n  b}".to_owned());
        typed.headers.set("nonsense".to_owned());
        typed.fields.set("price".to_owned());
        typed.timeout.set("9000".to_owned());
        let broken = WrongJson::Broken { line: 2, column: 3 };
        let expected = [
            Wrong::Name,
            Wrong::Description,
            Wrong::Host,
            Wrong::Body(broken),
            Wrong::Headers,
            Wrong::Fields,
            Wrong::Timeout,
        ];
        assert_eq!(typed.read(&[]).unwrap_err(), expected);
        typed.url.set("shop.test".to_owned());
        assert!(typed.read(&[]).unwrap_err().contains(&Wrong::Address));
    }

    #[test]
    fn a_schema_says_what_it_lacks() {
        let wrong = |value: Value| schema(value).unwrap_err();
        assert_eq!(wrong(json!([])), WrongJson::NoObject);
        assert_eq!(wrong(json!({"properties": {}})), WrongJson::NoObject);
        let of = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required});
        assert_eq!(wrong(of(json!([]), json!([]))), WrongJson::Properties);
        assert_eq!(
            wrong(of(json!({"day": "string"}), json!([]))),
            WrongJson::Property("day".to_owned())
        );
        assert_eq!(
            wrong(of(json!({"day": {}}), json!(["day", "time"]))),
            WrongJson::Required("time".to_owned())
        );
        assert!(schema(json!({"type": "object"})).is_ok());
        assert_eq!(
            parsed(&format!("\"{}\"", "x".repeat(JSON_MAX))),
            Err(WrongJson::Long)
        );
    }
}
