//! Text messages: through every provider there is, by doubles that ask for what the real
//! ones do; receipts and answers that come; who wants none, at night, and too many.

pub(crate) mod double;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::keys::ApiScope;
use api::privacy::Traces;
use api::problem::slug;
use api::sms::{Sms, SmsConnection, SmsPage, SmsState};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use server::app::keepers;
use server::check::{self, State};
use server::people::Role;
use server::person::Person;
use server::privacy;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::bench::somebody;
use crate::support::{Desk, Scratch, TestServer, in_time, problem};
use crate::v1::{Program, program};
use double::{TwilioKeeps, as_twilio, as_vonage, fields, twilio, vonage};

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

/// Quiet hours from an hour ago until in an hour.
fn quiet_now(server: &TestServer) -> Value {
    let now = server.app().clock.now_ms();
    let zone = jiff::tz::TimeZone::get(server.tenant.timezone()).unwrap();
    let clock = |after: i64| {
        let at = jiff::Timestamp::from_millisecond(now + after).unwrap();
        at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
    };
    json!({"from": clock(-3_600_000), "to": clock(3_600_000)})
}

/// Where something comes in, as the server listens on another port than it is told of.
fn local(server: &TestServer, url: &str) -> String {
    let at = url.find("/api/").unwrap();
    server.url(&url[at..])
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
            200
        );
        assert_eq!(all(&crm).await[0].state, SmsState::Delivered);
        // What comes late changes nothing.
        let late = [
            ("MessageSid", "SMHola, ¿qué tal?"),
            ("MessageStatus", "failed"),
            ("ErrorCode", "30003"),
        ];
        assert_eq!(from_twilio(&server, &receipt, "token", &late).await, 200);
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

/// What a token of Vonage's says.
struct Signed<'a> {
    secret: &'a str,
    alg: &'a str,
    key: &'a str,
    /// Of which body it is said to be.
    of: &'a Value,
    /// How long ago (s).
    ago: i64,
}

/// A request of Vonage's with this body, signed so.
async fn from_vonage(server: &TestServer, url: &str, body: &Value, signed: &Signed<'_>) -> u16 {
    let part = |it: &Value| URL_SAFE_NO_PAD.encode(it.to_string());
    let now = server.app().clock.now_ms() / 1_000;
    let claims = json!({
        "iat": now - signed.ago, "jti": "7a3f", "iss": "Vonage", "api_key": signed.key,
        "payload_hash": hex::encode(Sha256::digest(signed.of.to_string())),
        "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    });
    let token = format!(
        "{}.{}",
        part(&json!({"typ": "JWT", "alg": signed.alg})),
        part(&claims)
    );
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(signed.secret.as_bytes()).unwrap();
    mac.update(token.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    let request = server.http.post(local(server, url));
    let request = request.header("authorization", format!("Bearer {token}.{signature}"));
    let request = request.header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn a_message_goes_through_vonage_and_only_what_vonage_signed_is_believed() {
    let server = server(Scratch::sqlite()).await;
    let crm = program(&server, &SCOPES).await;
    let double = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/messages"))
        .respond_with(as_vonage)
        .mount(&double)
        .await;
    for (name, wrong) in [
        ("from", "Clínica"),
        ("from", "a name too long"),
        ("api_key", "a b"),
    ] {
        let mut settings = vonage(&double.uri());
        settings["provider"][name] = wrong.into();
        let refused = crm.send("PUT", "/api/v1/sms-settings", &settings).await;
        assert_eq!(refused.status(), 422, "{name}");
    }
    let mut unsigned = vonage(&double.uri());
    unsigned["secrets"] = json!({"api_secret": "secret"});
    let refused = crm.send("PUT", "/api/v1/sms-settings", &unsigned).await;
    assert_eq!(
        refused.status(),
        422,
        "nobody could tell whose a receipt is"
    );
    let connection = set(&crm, &vonage(&double.uri())).await;

    send(&crm, &json!({"to": ANA, "body": "Hola"})).await;
    becomes(&crm, SmsState::Sent).await;
    let asked = double.received_requests().await.unwrap().remove(0);
    let asked: Value = asked.body_json().unwrap();
    assert_eq!(
        (&asked["to"], &asked["from"]),
        (&json!("34612345678"), &json!("Clinic"))
    );
    assert_eq!(
        (&asked["webhook_version"], &asked["ttl"]),
        (&json!("v1"), &json!(14_400))
    );
    let receipt = asked["webhook_url"].as_str().unwrap().to_owned();
    let told = |uuid: &str, status: &str, error: Value| {
        json!({
            "message_uuid": uuid, "to": "34612345678", "from": "Clinic", "channel": "sms",
            "timestamp": "2026-11-30T10:00:00Z", "status": status, "error": error,
        })
    };
    let delivered = told("uuid-Hola", "delivered", Value::Null);
    let right = |of| Signed {
        secret: "signing",
        alg: "HS256",
        key: "abcd1234",
        of,
        ago: 0,
    };
    let failed = told("uuid-Hola", "undeliverable", Value::Null);
    for (forged, why) in [
        (
            Signed {
                secret: "other",
                ..right(&delivered)
            },
            "another secret",
        ),
        (
            Signed {
                secret: "",
                ..right(&delivered)
            },
            "no secret",
        ),
        (
            Signed {
                alg: "none",
                ..right(&delivered)
            },
            "no algorithm",
        ),
        (
            Signed {
                key: "somebody",
                ..right(&delivered)
            },
            "another account",
        ),
        (right(&failed), "another body"),
        (
            Signed {
                ago: 400,
                ..right(&delivered)
            },
            "long ago",
        ),
        (
            Signed {
                ago: -400,
                ..right(&delivered)
            },
            "not yet",
        ),
    ] {
        let answered = from_vonage(&server, &receipt, &delivered, &forged).await;
        assert_eq!(answered, 401, "{why}");
    }
    let plain = server.http.post(local(&server, &receipt));
    let plain = plain.json(&delivered).send().await.unwrap();
    assert_eq!(plain.status(), 401, "nothing is signed");
    assert_eq!(all(&crm).await[0].state, SmsState::Sent, "they were forged");
    let submitted = told("uuid-Hola", "submitted", Value::Null);
    assert_eq!(
        from_vonage(&server, &receipt, &submitted, &right(&submitted)).await,
        200
    );
    assert_eq!(all(&crm).await[0].state, SmsState::Sent);
    assert_eq!(
        from_vonage(&server, &receipt, &delivered, &right(&delivered)).await,
        200
    );
    assert_eq!(all(&crm).await[0].state, SmsState::Delivered);

    // Why one did not arrive is said; what it quotes is not.
    send(&crm, &json!({"to": ANA, "body": "off"})).await;
    becomes(&crm, SmsState::Sent).await;
    let error = json!({
        "type": "https://developer.vonage.com/api-errors/messages#1260",
        "title": "Destination unreachable", "detail": "34612345678 is off", "instance": "1",
    });
    let off = told("uuid-off", "undeliverable", error);
    assert_eq!(
        from_vonage(&server, &receipt, &off, &right(&off)).await,
        200
    );
    let newest = all(&crm).await.remove(0);
    assert_eq!(newest.error.as_deref(), Some("Vonage's code 1260."));
    send(&crm, &json!({"to": ANA, "body": "broke"})).await;
    let broke = becomes(&crm, SmsState::Failed).await;
    assert_eq!(
        broke.error.as_deref(),
        Some("Vonage answered 402, code 1420.")
    );

    // What comes is kept once, and a STOP is one.
    let inbound = connection.inbound_url.unwrap();
    let stop = json!({
        "message_uuid": "in-1", "to": "4930901820", "from": "34612345678", "channel": "sms",
        "timestamp": "2026-11-30T10:00:00Z", "message_type": "text", "text": "Stop",
    });
    for _ in 0..2 {
        assert_eq!(
            from_vonage(&server, &inbound, &stop, &right(&stop)).await,
            200
        );
    }
    let newest = all(&crm).await;
    assert_eq!((newest.len(), newest[0].state), (4, SmsState::Received));
    let another = json!({"to": ANA, "body": "Hi"});
    let refused = crm.send("POST", "/api/v1/sms", &another).await;
    problem(refused, 409, slug::SMS_OPTED_OUT).await;
    server.stop().await;
}

#[tokio::test]
async fn a_business_has_words_of_its_own_by_which_people_say_that_they_want_no_messages() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let crm = program(&server, &SCOPES).await;
        let words = |stop: &str, start: &str| {
            json!({"fr": {
                "stop": [stop], "start": [start], "stopped": "Entendu.", "started": "Bonjour !",
            }})
        };
        let double = MockServer::start().await;
        let taken = ResponseTemplate::new(202);
        Mock::given(method("POST"))
            .respond_with(taken)
            .mount(&double)
            .await;
        let quiet = quiet_now(&server);
        let settings = |words: Value| {
            json!({"provider": {
                "kind": "gateway", "url": double.uri(),
                "inbound": {"number": "body.from", "text": "body.text"},
            }, "per_day": 200, "quiet": quiet, "words": words})
        };
        let long = json!({"fr": {"stop": ["x".repeat(41)]}});
        let endless = json!({"fr": {"stopped": "x".repeat(2_000)}});
        for wrong in [
            words("arrêt", "ARRÊT!"),
            words("start", "reprendre"),
            words("!", "reprendre"),
            json!({"x": {"stop": ["arrêt"]}}),
            long,
            endless,
        ] {
            let put = settings(wrong.clone());
            let put = crm.send("PUT", "/api/v1/sms-settings", &put).await;
            assert_eq!(put.status(), 422, "{wrong}");
        }
        let connection = set(&crm, &settings(words("Arrêt", "reprendre"))).await;
        assert_eq!(connection.settings.words["fr"].stop, ["Arrêt"]);
        let inbound = local(&server, &connection.inbound_url.unwrap());
        let writes = async |text: &str| {
            let told = server.http.post(&inbound);
            let told = told.json(&json!({"from": "34612345678", "text": text}));
            assert_eq!(told.send().await.unwrap().status(), 200);
        };
        // Answered once, though they want none, and though nobody else is written to now.
        writes("arrêt").await;
        writes("Arrêt.").await;
        let came = all(&crm).await;
        let bodies: Vec<_> = came.iter().rev().map(|it| it.body.as_str()).collect();
        assert_eq!(bodies, ["arrêt", "Entendu.", "Arrêt."]);
        in_time(async {
            while all(&crm).await[1].state != SmsState::Sent {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        let another = json!({"to": ANA, "body": "Hi"});
        let refused = crm.send("POST", "/api/v1/sms", &another).await;
        problem(refused, 409, slug::SMS_OPTED_OUT).await;
        // What always counts does beside them, and is answered too.
        writes("START").await;
        assert_eq!(all(&crm).await[0].body, "Bonjour !");
        writes("Stop").await;
        assert_eq!(all(&crm).await[0].body, "Entendu.");
        // Not more than the day's.
        let mut few = settings(words("Arrêt", "reprendre"));
        few["per_day"] = 3.into();
        set(&crm, &few).await;
        writes("reprendre").await;
        assert_eq!(all(&crm).await[0].body, "reprendre");
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
        assert_eq!(server.http.get(told).send().await.unwrap().status(), 200);
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
                .set_body_string(r#"{"id": "m-1", "state": "Pending", "echo": "\ud83d"}"#)
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
    assert_eq!(told.send().await.unwrap().status(), 200);
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
        becomes(&crm, SmsState::Logged).await;
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
        let quiet = quiet_now(&server);
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
    // Nothing goes out: whoever hears that it did waits for it.
    assert_eq!(
        (&sent["message"], &sent["sent"]),
        (
            &json!("He anotado el mensaje; desde aquí no se envía."),
            &json!(false)
        ),
        "{sent}"
    );
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
    let double = MockServer::start().await;
    set(&crm, &twilio(&double.uri())).await;
    let sent = ask(json!({"body": "Hola"}), ANA, "call_4").await;
    assert_eq!(sent["message"], "Le he enviado un mensaje.", "{sent}");
    server.stop().await;
}

#[tokio::test]
async fn what_twilio_did_not_answer_is_looked_for_before_it_is_sent_again() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let crm = program(&server, &SCOPES).await;
        let keeps = TwilioKeeps::default();
        let double = keeps.start().await;
        set(&crm, &twilio(&double.uri())).await;
        // It has what it did not answer; the same that was sent before is another. What it did
        // not take comes again, and so does what it refused for now.
        for (fault, body) in [
            (None, "Hola"),
            (Some((504, true)), "Hola"),
            (Some((503, false)), "Adiós"),
            (Some((429, false)), "Gracias"),
        ] {
            if let Some((status, kept)) = fault {
                keeps.fails(status, kept);
            }
            send(&crm, &json!({"to": ANA, "body": body})).await;
            becomes(&crm, SmsState::Sent).await;
        }
        assert_eq!(keeps.bodies(), ["Gracias", "Adiós", "Hola", "Hola"]);
        // Whoever checks everything learns whether the key is good.
        let app = server.app();
        for (settings, state) in [
            (twilio(&double.uri()), State::Ok),
            (json!({"secrets": {"auth_token": "old"}}), State::Failed),
            (vonage(&double.uri()), State::Ok),
            (json!({"provider": {"kind": "log_only"}}), State::Warning),
        ] {
            let settings = crate::support::with(&twilio(&double.uri()), &settings);
            set(&crm, &settings).await;
            let findings = check::run(&app.config, &app.vault, app.clock.now_ms()).await;
            let ours = format!("SMS ({})", server.tenant.id());
            let found = findings.into_iter().find(|it| it.what == ours).unwrap();
            assert_eq!(found.state, state, "{}", found.words);
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn what_nobody_can_look_for_is_not_sent_again_by_itself() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let crm = program(&server, &SCOPES).await;
        let double = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(502))
            .mount(&double)
            .await;
        let asked = async || double.received_requests().await.unwrap().len();
        let gateway = |once: bool| {
            json!({"provider": {
                "kind": "gateway", "url": double.uri(), "once_by_id": once,
                "body": {"id": "{{id}}", "receipt": "{{receipt_url}}"},
                "receipt": {"state": "query.state", "delivered": ["ok"]},
            }})
        };
        for (nth, settings) in [gateway(false), vonage(&double.uri())].iter().enumerate() {
            set(&crm, settings).await;
            send(&crm, &json!({"to": ANA, "body": "Hola"})).await;
            becomes(&crm, SmsState::Unclear).await;
            assert_eq!(asked().await, nth + 1, "it is asked once");
        }
        // A receipt settles it.
        set(&crm, &gateway(false)).await;
        send(&crm, &json!({"to": ANA, "body": "Adiós"})).await;
        becomes(&crm, SmsState::Unclear).await;
        let last = double.received_requests().await.unwrap().pop().unwrap();
        let last: Value = last.body_json().unwrap();
        let receipt = local(&server, last["receipt"].as_str().unwrap());
        let told = server.http.get(format!("{receipt}&state=ok")).send().await;
        assert_eq!(told.unwrap().status(), 200);
        assert_eq!(all(&crm).await[0].state, SmsState::Delivered);
        // Who knows a message by its id is handed it again, and is the same one.
        let before = asked().await;
        set(&crm, &gateway(true)).await;
        send(&crm, &json!({"to": ANA, "body": "Gracias"})).await;
        in_time(async {
            while asked().await < before + 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        let all = double.received_requests().await.unwrap();
        let ids = all.iter().rev().take(2).map(|it| {
            let body: Value = it.body_json().unwrap();
            body["id"].clone()
        });
        let [one, other] = ids.collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(one, other);
        server.stop().await;
    }
}
