//! Asking a function's target, and what the agent is told of its answer.

use std::time::Duration;

use api::functions::OwnFunctionDetails;
use outbound::{Checked, Failure, Limits, Rules};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use spoken::Language;
use tokio::time::{Instant, timeout_at};

use super::{Kept, rules};
use crate::config::Secret;
use crate::functions::Context;
use crate::functions::answer::{Answer, No, say};
use crate::notify::sign::signature;
use crate::template;

/// Longer than a function may take in all; its own time is kept beside this.
const LONGEST: Duration = Duration::from_secs(10);
/// How long an answer may be.
const ANSWER_BYTES: u64 = 256 * 1024;
const AT_ONCE: usize = 256;
/// So many characters of a target's answer, and of its sentence, are told.
const TOLD_CHARS: usize = 14_000;
const MESSAGE_CHARS: usize = 1_000;

/// Asks the targets of functions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Targets {
    http: Checked,
}

impl Targets {
    /// Sets the client up. A redirect is an answer that is not success.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(rules: Rules) -> Result<Self, reqwest::Error> {
        let limits = Limits {
            time: LONGEST,
            bytes: ANSWER_BYTES,
            at_once: AT_ONCE,
            redirects: 0,
        };
        Ok(Self {
            http: Checked::new(rules, limits)?,
        })
    }

    /// Where this server sends to.
    pub(super) fn rules(&self) -> &Rules {
        self.http.rules()
    }
}

/// What places are filled in from, and what else a request is made of.
#[derive(Debug)]
pub(in crate::functions) struct Scope {
    /// Tells the request from others; asked again, it is the same.
    pub(in crate::functions) id: String,
    /// The arguments, as the schema has them.
    pub(in crate::functions) arguments: Map<String, Value>,
    /// `call`, `caller` and `business`.
    pub(in crate::functions) around: Value,
    /// What is spoken.
    pub(in crate::functions) language: Language,
}

/// What was sent.
#[derive(Debug, Default)]
pub(in crate::functions) struct Sent {
    pub(in crate::functions) url: Option<String>,
    pub(in crate::functions) body: Option<Value>,
}

/// Asks a function's target, until the deadline at the latest.
pub(in crate::functions) async fn ask(
    cx: &Context,
    kept: &Kept,
    scope: Scope,
    deadline: Instant,
) -> (Sent, Result<Answer, No>) {
    let mut sent = Sent::default();
    let details = &kept.function.details;
    let own = Duration::from_millis(u64::from(details.timeout_ms));
    let deadline = deadline.min(Instant::now() + own);
    let asked = timeout_at(deadline, answered(cx, kept, scope, &mut sent)).await;
    (sent, asked.unwrap_or(Err(No::Late)))
}

async fn answered(cx: &Context, kept: &Kept, scope: Scope, sent: &mut Sent) -> Result<Answer, No> {
    let details = &kept.function.details;
    let broken = |error: &dyn std::fmt::Display| No::Broken(format!("{}: {error}", details.name));
    let secrets = kept.secrets(cx).map_err(|error| broken(&error))?;
    let mut filled = scope.around;
    filled["args"] = Value::Object(scope.arguments);
    let url = rules::filled_address(&details.url, &filled)
        .ok_or_else(|| No::arguments(scope.language, "a value cannot be a part of the address"))?;
    let (method, has_body) = template::method(details.method);
    sent.body = has_body.then(|| match &details.body {
        Some(template) => template::json(template, &filled),
        None => json!({"name": details.name, "args": filled["args"], "call": filled["call"]}),
    });
    let body = sent.body.as_ref().map(Value::to_string).unwrap_or_default();
    sent.url = Some(url.clone());
    let mut headers: HeaderMap = secrets
        .headers
        .iter()
        .filter_map(|(name, template)| {
            let value = template::text(template, &filled, str::to_owned);
            let mut value = HeaderValue::from_str(&value).ok()?;
            value.set_sensitive(true);
            Some((HeaderName::try_from(name).ok()?, value))
        })
        .collect();
    let timestamp = cx.clock.now_ms() / 1000;
    let signed = signature(&[Secret::new(secrets.signing)], &scope.id, timestamp, &body);
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("webhook-id", scope.id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signed),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let response = cx.targets.http.send(method, &url, headers, body).await;
    let read = async {
        let response = response?;
        Ok::<_, Failure>((response.status().as_u16(), response.whole().await?))
    };
    let (status, bytes) = read.await.map_err(|failure| match failure {
        Failure::Timeout => No::Late,
        other => broken(&other),
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let value = serde_json::from_str(&text).unwrap_or_else(|_| text.into_owned().into());
    match status {
        200..=299 => told(details, value, scope.language),
        400..=499 => Err(refused(details, value, scope.language)),
        _ => Err(broken(&format!("the target answered {status}"))),
    }
}

/// The target's answer as the agent is told of it.
fn told(details: &OwnFunctionDetails, value: Value, language: Language) -> Result<Answer, No> {
    if value["ok"] == false {
        return Err(refused(details, value, language));
    }
    let message = sentence(details, &value)
        .unwrap_or_else(|| say!(language, "That is done.", "Ya está.", "Das ist erledigt."));
    Ok(Answer::new(message, rest(details, value)))
}

fn refused(details: &OwnFunctionDetails, value: Value, language: Language) -> No {
    let message = sentence(details, &value).unwrap_or_else(|| {
        say!(
            language,
            "That was not possible.",
            "No ha sido posible.",
            "Das war nicht möglich."
        )
    });
    No::because("refused", message).with(rest(details, value))
}

fn sentence(details: &OwnFunctionDetails, value: &Value) -> Option<String> {
    let path = details.message.as_deref().unwrap_or("message");
    let text = template::at(value, path)?.as_str()?.trim();
    let text: String = text.chars().take(MESSAGE_CHARS).collect();
    (!text.is_empty()).then_some(text)
}

/// What is told beside the sentence: what is ours is not overwritten, and what is too long
/// is cut.
fn rest(details: &OwnFunctionDetails, value: Value) -> Value {
    let picked: Value = match (details.fields.is_empty(), value) {
        (false, value) => {
            let fields = details.fields.iter();
            let found = |path: &str| template::at(&value, path).cloned().unwrap_or_default();
            let picked = fields.map(|(name, path)| (name.clone(), found(path)));
            Value::Object(picked.collect())
        }
        (true, value @ Value::Object(_)) => value,
        (true, Value::Null) => json!({}),
        (true, value) if value == "" => json!({}),
        (true, value) => json!({"result": value}),
    };
    let mut picked = picked;
    if let Value::Object(fields) = &mut picked {
        fields.retain(|name, _| !["ok", "message", "reason"].contains(&name.as_str()));
    }
    let text = picked.to_string();
    if text.chars().count() <= TOLD_CHARS {
        return picked;
    }
    let cut: String = text.chars().take(TOLD_CHARS / 2).collect();
    json!({"result": cut, "shortened": true})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(more: &Value) -> OwnFunctionDetails {
        let mut whole = json!({
            "name": "f", "description": "F.", "url": "https://a.test", "parameters": {},
        });
        let more = more.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(more);
        serde_json::from_value(whole).unwrap()
    }

    fn answer(more: &Value, value: Value) -> Value {
        match told(&details(more), value, Language::German) {
            Ok(answer) => answer.into_json(),
            Err(no) => no.into_json(Language::German, false),
        }
    }

    #[test]
    fn an_answer_is_told_as_it_is_or_by_its_fields() {
        let said = json!({"message": " Ja. ", "ok": "x", "cars": [{"id": 7}]});
        let whole = json!({"ok": true, "message": "Ja.", "cars": [{"id": 7}]});
        assert_eq!(answer(&json!({}), said.clone()), whole);
        let by_fields =
            json!({"message": "cars[0].id", "fields": {"car": "cars[0].id", "no": "x.y"}});
        let picked = json!({"ok": true, "message": "Das ist erledigt.", "car": 7, "no": null});
        assert_eq!(answer(&by_fields, said), picked);
        for (value, rest) in [
            (json!(""), json!({})),
            (json!("fine"), json!({"result": "fine"})),
            (json!([1]), json!({"result": [1]})),
        ] {
            let mut expected = json!({"ok": true, "message": "Das ist erledigt."});
            let rest = rest.as_object().unwrap().clone();
            expected.as_object_mut().unwrap().extend(rest);
            assert_eq!(answer(&json!({}), value), expected);
        }
        let no = answer(
            &json!({}),
            json!({"ok": false, "message": "Nein.", "why": 1}),
        );
        assert_eq!(
            no,
            json!({"ok": false, "reason": "refused", "message": "Nein.", "why": 1})
        );
    }

    #[test]
    fn an_answer_that_is_too_long_is_cut() {
        let long = answer(
            &json!({}),
            json!({"message": "Ja.", "list": vec!["ä\""; 8_000]}),
        );
        assert_eq!(
            (&long["message"], &long["shortened"]),
            (&json!("Ja."), &json!(true))
        );
        let beginning = long["result"].as_str().unwrap();
        assert!(beginning.starts_with("{\"list\":[\"ä"), "{beginning}");
        assert!(long.to_string().chars().count() <= 15_000);
    }
}
