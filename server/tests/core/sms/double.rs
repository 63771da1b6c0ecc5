//! Twilio and Vonage, as they answer: to who is known, and asks for just what there is.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wiremock::matchers::{basic_auth, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// What is put to send through Twilio at this address.
pub(crate) fn twilio(base: &str) -> Value {
    json!({
        "provider": {
            "kind": "twilio", "account_sid": "AC1", "from": "+49 30 901820", "base_url": base,
        },
        "secrets": {"auth_token": "token"},
    })
}

/// Answers as Twilio does: who is not known, may not, or wrote STOP.
pub(crate) fn as_twilio(request: &Request) -> ResponseTemplate {
    let error = |status: u16, code: u32| {
        let body = json!({"code": code, "message": "No.", "more_info": "", "status": status});
        ResponseTemplate::new(status).set_body_json(body)
    };
    let basic = format!("Basic {}", STANDARD.encode("AC1:token"));
    if request
        .headers
        .get("authorization")
        .map(|it| it.to_str().unwrap())
        != Some(basic.as_str())
    {
        return error(401, 20_003);
    }
    let form = fields(&request.body);
    let has = |name: &str| form.get(name).is_some_and(|value| !value.is_empty());
    if !(has("To") && has("Body") && has("From") && has("StatusCallback")) {
        return error(400, 21_604);
    }
    match form["Body"].as_str() {
        "opted out" => error(400, 21_610),
        "landline" => error(400, 21_614),
        _ => {
            let body = json!({"sid": format!("SM{}", form["Body"]), "status": "queued"});
            ResponseTemplate::new(201).set_body_json(body)
        }
    }
}

/// A Twilio that keeps what it was handed, and lists it.
#[derive(Clone, Default)]
pub(crate) struct TwilioKeeps(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// The messages, the newest first.
    messages: Vec<Value>,
    /// What the next ones are answered instead: a status, and whether the message is kept.
    faults: VecDeque<(u16, bool)>,
}

impl TwilioKeeps {
    /// Answers the next message with this status, having kept it or not.
    pub(crate) fn fails(&self, status: u16, kept: bool) {
        self.0.lock().unwrap().faults.push_back((status, kept));
    }

    /// What the messages say that it has.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let kept = self.0.lock().unwrap();
        let bodies = kept.messages.iter().map(|it| it["body"].as_str().unwrap());
        bodies.map(str::to_owned).collect()
    }

    /// Where it is; it answers for as long as that is kept.
    pub(crate) async fn start(&self) -> MockServer {
        let double = MockServer::start().await;
        let account = path("/2010-04-01/Accounts/AC1.json");
        let account = Mock::given(account).and(basic_auth("AC1", "token"));
        let known = ResponseTemplate::new(200).set_body_json(json!({"status": "active"}));
        account.respond_with(known).mount(&double).await;
        let here = self.clone();
        Mock::given(path("/2010-04-01/Accounts/AC1/Messages.json"))
            .respond_with(move |request: &Request| here.answer(request))
            .mount(&double)
            .await;
        double
    }

    fn answer(&self, request: &Request) -> ResponseTemplate {
        let mut kept = self.0.lock().unwrap();
        if request.method == "GET" {
            let asked: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
            let mut all = kept.messages.clone();
            all.retain(|it| it["to"] == asked["To"].as_str());
            let list = json!({"messages": all, "page": 0, "page_size": 100});
            return ResponseTemplate::new(200).set_body_json(list);
        }
        let fault = kept.faults.pop_front();
        if fault.is_none_or(|(_, is_kept)| is_kept) {
            let form = fields(&request.body);
            let made = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
            let sid = format!("SM{}", kept.messages.len());
            let message = json!({
                "sid": sid, "body": form["Body"], "to": form["To"], "direction": "outbound-api",
                "date_created": jiff::fmt::rfc2822::to_string(&made).unwrap(),
                "date_sent": null, "status": "queued",
            });
            kept.messages.insert(0, message);
        }
        match fault {
            Some((status, _)) => ResponseTemplate::new(status),
            None => ResponseTemplate::new(201).set_body_json(kept.messages[0].clone()),
        }
    }
}

/// What is put to send through Vonage at this address.
pub(crate) fn vonage(base: &str) -> Value {
    json!({
        "provider": {"kind": "vonage", "api_key": "abcd1234", "from": "Clinic", "base_url": base},
        "secrets": {"api_secret": "secret", "signature_secret": "signing"},
    })
}

fn is_short(value: &Value, most: usize) -> bool {
    value.as_str().is_some_and(|text| text.len() <= most)
}

/// Answers as Vonage's Messages API does: to who is known and asks for just what there is.
pub(crate) fn as_vonage(request: &Request) -> ResponseTemplate {
    let error = |status: u16, code: &str, title: &str| {
        let body = json!({
            "type": format!("https://developer.vonage.com/api-errors{code}"), "title": title,
            "detail": "The number 34612345678 did it.", "instance": "bf0ca0bf",
        });
        ResponseTemplate::new(status).set_body_json(body)
    };
    let basic = format!("Basic {}", STANDARD.encode("abcd1234:secret"));
    let given = request.headers.get("authorization");
    if given.map(|it| it.to_str().unwrap()) != Some(basic.as_str()) {
        return error(
            401,
            "#unauthorized",
            "You did not provide correct credentials.",
        );
    }
    if request.headers.get("content-type").unwrap() != "application/json" {
        return error(415, "", "Unsupported Media Type");
    }
    let body: Value = request.body_json().unwrap_or_default();
    const KNOWN: [&str; 9] = [
        "message_type",
        "channel",
        "to",
        "from",
        "text",
        "client_ref",
        "ttl",
        "webhook_url",
        "webhook_version",
    ];
    let asked = body.as_object().cloned().unwrap_or_default();
    let digits = |name: &str| {
        let text = body[name].as_str().unwrap_or_default();
        (7..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let text = body["text"].as_str().unwrap_or_default();
    let fits = asked.keys().all(|name| KNOWN.contains(&name.as_str()))
        && (&body["message_type"], &body["channel"]) == (&json!("text"), &json!("sms"))
        && digits("to")
        && (digits("from") || body["from"] == "Clinic")
        && (1..=1_000).contains(&text.chars().count())
        && (body["client_ref"].is_null() || is_short(&body["client_ref"], 100))
        && (body["ttl"].is_null() || body["ttl"].as_u64().is_some_and(|it| it >= 1_800))
        && (body["webhook_version"].is_null() || body["webhook_version"] == "v1");
    match text {
        _ if !fits => error(422, "/messages#1150", "Invalid params"),
        "broke" => error(402, "/messages#1420", "Low balance"),
        "often" => error(429, "/messages#1010", "Rate limit hit"),
        _ => ResponseTemplate::new(202)
            .set_body_json(json!({"message_uuid": format!("uuid-{text}"), "workflow_id": null})),
    }
}

/// The fields of a form.
pub(crate) fn fields(body: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}
