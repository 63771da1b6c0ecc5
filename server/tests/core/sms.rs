//! Text messages: through every provider there is, by doubles that ask for what the real
//! ones do; receipts and answers that come; who wants none, at night, and too many.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::keys::ApiScope;
use api::privacy::Traces;
use api::problem::slug;
use api::sms::{Sms, SmsConnection, SmsPage, SmsState};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use server::app::keepers;
use server::people::Role;
use server::person::Person;
use server::privacy;
use sha1::Sha1;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::bench::somebody;
use crate::support::{Desk, Scratch, TestServer, in_time, problem};
use crate::v1::{Program, program};

const ANA: &str = "+34612345678";
const SCOPES: [ApiScope; 4] = [
    ApiScope::CallsRead,
    ApiScope::CallsWrite,
    ApiScope::TenantRead,
    ApiScope::TenantWrite,
];

async fn server(scratch: Scratch) -> TestServer {
    TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
        config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
    })
    .await
}

async fn set(crm: &Program<'_>, settings: &Value) -> SmsConnection {
    let set = crm.send("PUT", "/api/v1/sms-settings", settings).await;
    assert_eq!(set.status(), 200);
    set.json().await.unwrap()
}

async fn send(crm: &Program<'_>, body: &Value) -> Sms {
    let sent = crm.send("POST", "/api/v1/sms", body).await;
    assert_eq!(sent.status(), 202);
    sent.json().await.unwrap()
}

async fn all(crm: &Program<'_>) -> Vec<Sms> {
    let number = ANA.replace('+', "%2B");
    let page = crm.get(&format!("/api/v1/sms?number={number}")).await;
    let page: SmsPage = page.json().await.unwrap();
    page.items
}

/// Waits until the newest message stands so.
async fn becomes(crm: &Program<'_>, state: SmsState) -> Sms {
    in_time(async {
        loop {
            let newest = all(crm).await.remove(0);
            if newest.state == state {
                return newest;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}

/// The fields of a form.
fn fields(body: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// Where something comes in, as the server listens on another port than it is told of.
fn local(server: &TestServer, url: &str) -> String {
    let at = url.find("/api/").unwrap();
    server.url(&url[at..])
}

fn twilio(base: &str) -> Value {
    json!({
        "provider": {
            "kind": "twilio", "account_sid": "AC1", "from": "+49 30 901820", "base_url": base,
        },
        "secrets": {"auth_token": "token"},
    })
}

/// Answers as Twilio does: who is not known, may not, or wrote STOP.
fn as_twilio(request: &Request) -> ResponseTemplate {
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

/// A request of Twilio's, signed with this token.
async fn from_twilio(server: &TestServer, url: &str, token: &str, form: &[(&str, &str)]) -> u16 {
    let mut text = url.to_owned();
    for (name, value) in form.iter().copied().collect::<BTreeMap<_, _>>() {
        text.push_str(name);
        text.push_str(value);
    }
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let request = server.http.post(local(server, url));
    let request = request.header("x-twilio-signature", signature);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let answer = request.body(body).send().await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn a_message_goes_through_twilio_and_its_receipt_and_answers_come() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let crm = program(&server, &SCOPES).await;
        let double = MockServer::start().await;
        let callbacks = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&callbacks);
        Mock::given(method("POST"))
            .and(path("/2010-04-01/Accounts/AC1/Messages.json"))
            .respond_with(move |request: &Request| {
                let form = fields(&request.body);
                let url = form.get("StatusCallback").cloned();
                noted.lock().unwrap().push(url.unwrap_or_default());
                as_twilio(request)
            })
            .mount(&double)
            .await;
        let connection = set(&crm, &twilio(&double.uri())).await;
        assert_eq!(connection.secret_names, ["auth_token"]);
        let queued = send(&crm, &json!({"to": ANA, "body": "Hola, ¿qué tal?"})).await;
        assert_eq!((queued.state, queued.segments), (SmsState::Queued, 1));
        becomes(&crm, SmsState::Sent).await;
        let receipt = callbacks.lock().unwrap()[0].clone();
        let delivered = [
            ("MessageSid", "SMHola, ¿qué tal?"),
            ("MessageStatus", "delivered"),
            ("To", ANA),
        ];
        assert_eq!(
            from_twilio(&server, &receipt, "other", &delivered).await,
            401
        );
        assert_eq!(all(&crm).await[0].state, SmsState::Sent, "it was forged");
        assert_eq!(
            from_twilio(&server, &receipt, "token", &delivered).await,
            204
        );
        assert_eq!(all(&crm).await[0].state, SmsState::Delivered);
        // What comes late changes nothing.
        let late = [
            ("MessageSid", "SMHola, ¿qué tal?"),
            ("MessageStatus", "failed"),
            ("ErrorCode", "30003"),
        ];
        assert_eq!(from_twilio(&server, &receipt, "token", &late).await, 204);
        assert_eq!(all(&crm).await[0].state, SmsState::Delivered);
        // What never will be taken is not tried again, and says why.
        send(&crm, &json!({"to": ANA, "body": "landline"})).await;
        let failed = becomes(&crm, SmsState::Failed).await;
        assert_eq!(
            failed.error.as_deref(),
            Some("Twilio answered 400, code 21614.")
        );
        // Whoever writes STOP is sent nothing until they write START; once is once.
        let inbound = connection.inbound_url.unwrap();
        let stop = [("From", ANA), ("Body", "Alto"), ("MessageSid", "SMstop")];
        for _ in 0..2 {
            assert_eq!(from_twilio(&server, &inbound, "token", &stop).await, 200);
        }
        let newest = all(&crm).await;
        assert_eq!(newest.len(), 3);
        assert_eq!(
            (newest[0].state, newest[0].body.as_str()),
            (SmsState::Received, "Alto")
        );
        let another = json!({"to": ANA, "body": "Hi"});
        let refused = crm.send("POST", "/api/v1/sms", &another).await;
        problem(refused, 409, slug::SMS_OPTED_OUT).await;
        let start = [("From", ANA), ("Body", "START"), ("MessageSid", "SMstart")];
        assert_eq!(from_twilio(&server, &inbound, "token", &start).await, 200);
        send(&crm, &another).await;
        becomes(&crm, SmsState::Sent).await;
        // Twilio knows it, too.
        send(&crm, &json!({"to": ANA, "body": "opted out"})).await;
        becomes(&crm, SmsState::Failed).await;
        let refused = crm.send("POST", "/api/v1/sms", &another).await;
        problem(refused, 409, slug::SMS_OPTED_OUT).await;
        // Who has the address has not the signature; who has neither finds nothing.
        let guessed = inbound.replace("/inbound", "x/inbound");
        assert_eq!(from_twilio(&server, &guessed, "token", &start).await, 404);
        server.stop().await;
    }
}

#[tokio::test]
async fn any_gateway_is_described_and_used() {
    let server = server(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    let double = MockServer::start().await;
    // As Kannel: everything in the address, no id in the answer, 403 without the password.
    Mock::given(method("GET"))
        .and(path("/cgi-bin/sendsms"))
        .respond_with(|request: &Request| {
            let asked: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
            match (asked["password"].as_str(), asked["to"].as_str()) {
                ("se cret", "34612345678") => {
                    ResponseTemplate::new(202).set_body_string(format!("0: {}", asked["dlr-url"]))
                }
                ("se cret", _) => ResponseTemplate::new(400),
                _ => ResponseTemplate::new(403),
            }
        })
        .mount(&double)
        .await;
    let kannel = json!({
        "provider": {
            "kind": "gateway", "method": "GET",
            "url": format!(
                "{}/cgi-bin/sendsms?password={{{{secrets.password}}}}&to={{{{digits}}}}&text={{{{text}}}}\
                 &dlr-mask=31&dlr-url={{{{receipt_url}}}}%26d%3D%25d", double.uri()
            ),
            "receipt": {
                "state": "query.d", "delivered": ["1"], "failed": ["2", "16"], "error": "query.reply",
            },
            "inbound": {"number": "query.p", "text": "body"},
        },
        "secrets": {"password": "se cret"},
    });
    let connection = set(&crm, &kannel).await;
    send(&crm, &json!({"to": ANA, "body": "Grüße & Küsse"})).await;
    becomes(&crm, SmsState::Sent).await;
    let asked = double.received_requests().await.unwrap().remove(0);
    let asked: BTreeMap<_, _> = asked.url.query_pairs().into_owned().collect();
    assert_eq!(asked["text"], "Grüße & Küsse");
    let receipt = local(&server, &asked["dlr-url"]);
    for (state, becomes) in [
        ("8", SmsState::Sent),
        ("16", SmsState::Failed),
        ("1", SmsState::Failed),
    ] {
        let told = format!("{}&reply=NACK%2F11", receipt.replace("%d", state));
        assert_eq!(server.http.get(told).send().await.unwrap().status(), 204);
        assert_eq!(all(&crm).await[0].state, becomes, "{state}");
    }
    assert_eq!(all(&crm).await[0].error.as_deref(), Some("NACK/11"));
    let inbound = local(&server, &connection.inbound_url.unwrap());
    let came = server
        .http
        .post(format!("{inbound}?p=34612345678"))
        .body("Danke!");
    assert_eq!(came.send().await.unwrap().status(), 200);
    assert_eq!(becomes(&crm, SmsState::Received).await.body, "Danke!");

    // As an app on a telephone: JSON, and an id in the answer. It is full at first.
    Mock::given(method("POST"))
        .and(path("/message"))
        .respond_with(|request: &Request| {
            let body: Value = request.body_json().unwrap();
            let basic = request.headers.get("authorization").unwrap();
            let fits = basic == "Basic abc" && body["phoneNumbers"] == json!([ANA]);
            ResponseTemplate::new(if fits { 202 } else { 401 })
                .set_body_json(json!({"id": "m-1", "state": "Pending"}))
        })
        .mount(&double)
        .await;
    let app = json!({
        "provider": {
            "kind": "gateway", "url": format!("{}/message", double.uri()), "id": "id",
            "headers": {"authorization": "Basic {{secrets.basic}}"},
            "body": {"message": "{{text}}", "phoneNumbers": ["{{to}}"]},
            "receipt": {
                "id": "body.payload.messageId", "state": "body.event",
                "delivered": ["sms:delivered"], "failed": ["sms:failed"], "error": "body.payload.error",
            },
        },
        "secrets": {"basic": "abc"},
    });
    let connection = set(&crm, &app).await;
    send(&crm, &json!({"to": ANA, "body": "Hi"})).await;
    becomes(&crm, SmsState::Sent).await;
    let receipt = connection
        .inbound_url
        .unwrap()
        .replace("/inbound", "/receipt");
    let told = json!({"event": "sms:delivered", "payload": {"messageId": "m-1"}});
    let told = server
        .http
        .post(local(&server, &receipt))
        .body(told.to_string());
    let told = told.header("content-type", "application/json");
    assert_eq!(told.send().await.unwrap().status(), 204);
    assert_eq!(all(&crm).await[0].state, SmsState::Delivered);
    server.stop().await;
}

#[tokio::test]
async fn nobody_is_written_to_at_night_or_too_often_and_templates_have_languages() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let crm = program(&server, &SCOPES).await;
        let refused = crm
            .send("POST", "/api/v1/sms", &json!({"to": ANA, "body": "Hi"}))
            .await;
        problem(refused, 409, slug::SMS_NOT_SET_UP).await;
        set(
            &crm,
            &json!({"provider": {"kind": "log_only"}, "per_day": 3}),
        )
        .await;
        let reminder = json!({"name": "reminder", "texts": {
            "en": "See you {{when}}, {{name}}.", "es": "Hasta {{when}}, {{name}}.",
        }});
        let added = crm.send("POST", "/api/v1/sms-templates", &reminder).await;
        assert_eq!(added.status(), 201);
        let wish = |language: &str| {
            json!({
                "to": ANA, "template": "reminder", "language": language,
                "variables": {"when": "mañana", "name": "Ana"},
            })
        };
        assert_eq!(send(&crm, &wish("es-MX")).await.body, "Hasta mañana, Ana.");
        assert_eq!(send(&crm, &wish("de")).await.body, "See you mañana, Ana.");
        let long = json!({"to": ANA, "body": "á".repeat(100)});
        let refused = crm.send("POST", "/api/v1/sms", &long).await;
        problem(refused, 409, slug::SMS_USED_UP).await;
        send(&crm, &json!({"to": ANA, "body": "Hi"})).await;
        becomes(&crm, SmsState::Sent).await;
        for wrong in [
            json!({"to": ANA, "template": "nothing"}),
            json!({"to": ANA, "body": " "}),
            json!({"to": "+499001234567", "body": "Hi"}),
            json!({"to": ANA, "body": "x".repeat(2_000)}),
        ] {
            let refused = crm.send("POST", "/api/v1/sms", &wrong).await;
            assert_eq!(refused.status(), 422, "{wrong}");
        }
        let (store, tenant) = (&server.app().store, &server.tenant);
        for wrong in [
            json!({"provider": {"kind": "twilio", "account_sid": "AC1", "from": ANA}}),
            json!({"provider": {"kind": "gateway", "url": "https://{{to}}/"}}),
            json!({"provider": {"kind": "gateway", "url": "http://10.0.0.1/"}}),
            json!({"per_day": 0}),
            json!({"quiet": {"from": "9", "to": "10:00"}}),
        ] {
            let refused = crm.send("PUT", "/api/v1/sms-settings", &wrong).await;
            assert_eq!(refused.status(), 422, "{wrong}");
        }
        // At night everything waits for the morning.
        let now = server.app().clock.now_ms();
        let clock = |after: i64| {
            let at = jiff::Timestamp::from_millisecond(now + after).unwrap();
            let at = at.to_zoned(jiff::tz::TimeZone::get(tenant.timezone()).unwrap());
            at.strftime("%H:%M").to_string()
        };
        let quiet = json!({"from": clock(-3_600_000), "to": clock(3_600_000)});
        set(
            &crm,
            &json!({"provider": {"kind": "log_only"}, "quiet": quiet}),
        )
        .await;
        let waits = send(&crm, &json!({"to": ANA, "body": "Later"})).await;
        assert!(waits.at > now + 3_500_000 && waits.at <= now + 3_600_000);
        assert_eq!(all(&crm).await[0].state, SmsState::Queued);
        // Somebody's messages are found, given out and erased.
        let ana = Person::parse(ANA).unwrap();
        let found: Traces = privacy::find(&keepers(), store, tenant, &ana)
            .await
            .unwrap()
            .found;
        assert_eq!(found.sms, 4);
        let copy = crate::privacy::copy_of(store, tenant, &ana).await;
        assert_eq!(copy["sms"][0]["body"], "Hasta mañana, Ana.");
        privacy::erase(&keepers(), store, tenant, &ana, None, &somebody(), 2)
            .await
            .unwrap();
        assert_eq!(all(&crm).await, []);
        server.stop().await;
    }
}

#[tokio::test]
async fn an_agent_sends_the_caller_a_message() {
    let server = server(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    let ask = async |args: Value, number: &str, id: &str| {
        let call = json!({
            "call_id": id, "call_type": "phone_call", "agent_id": "agent_1",
            "direction": "inbound", "call_status": "ongoing", "from_number": number,
            "to_number": "+4930901820", "retell_llm_dynamic_variables": {"language": "es"},
        });
        crate::functions::ask(&server, "send_sms", &args, &call).await
    };
    let off = ask(json!({"body": "Hola"}), ANA, "call_1").await;
    assert_eq!(off["reason"], "no_messages");
    set(&crm, &json!({"provider": {"kind": "log_only"}})).await;
    let sent = ask(json!({"body": "Hola"}), ANA, "call_2").await;
    assert_eq!(sent["message"], "Le he enviado un mensaje.", "{sent}");
    let again = ask(json!({"body": "Hola"}), ANA, "call_2").await;
    assert_eq!(again, sent);
    let [sms] = all(&crm).await.try_into().unwrap();
    assert_eq!(sms.call_id.as_deref(), Some("call_2"));
    for (to, from) in [("+4930901820", ANA), (ANA, "anonymous")] {
        let other = ask(json!({"body": "Hola", "to": to}), from, "call_3").await;
        assert_eq!(other["reason"], "own_number_only", "{other}");
    }
    let nothing = ask(json!({}), ANA, "call_3").await;
    assert_eq!(nothing["reason"], "arguments");
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let page: SmsPage = desk.get("/api/desk/sms").await;
    assert_eq!(page.items.len(), 1);
    server.stop().await;
}
