//! `/api/v1` as programs meet it: with a secret API key, over HTTP.

use std::time::Duration;

use api::contacts::{Contact, ContactPage};
use api::desk::{CallPage, CallSummary};
use api::keys::{ApiScope, CreatedApiKey, NewApiKey, PublicKeyView, Rotate};
use api::problem::slug;
use api::public::CallAccess;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use server::audit::Author;
use server::keys::admin;
use server::store::Tenant;
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Scratch, TestServer, answers, problem, retell_that_mints};

/// A program with a key.
struct Program<'a> {
    server: &'a TestServer,
    secret: String,
}

impl Program<'_> {
    fn request(&self, verb: &str, address: &str) -> RequestBuilder {
        let verb: Method = verb.parse().unwrap();
        let request = self.server.http.request(verb, self.server.url(address));
        request.bearer_auth(&self.secret)
    }

    async fn send(&self, verb: &str, address: &str, body: &Value) -> Response {
        let mut request = self.request(verb, address);
        if verb != "GET" && verb != "DELETE" {
            request = request.body(body.to_string());
        }
        request.send().await.unwrap()
    }

    async fn get(&self, address: &str) -> Response {
        self.send("GET", address, &Value::Null).await
    }
}

async fn make(server: &TestServer, tenant: &Tenant, scopes: &[ApiScope]) -> CreatedApiKey {
    let new = NewApiKey {
        name: "Program".to_owned(),
        scopes: scopes.to_vec(),
        expires_at: None,
    };
    let author = Author::operator();
    admin::create_api_key(server.app(), tenant, new, &author)
        .await
        .unwrap()
}

async fn program<'a>(server: &'a TestServer, scopes: &[ApiScope]) -> Program<'a> {
    let made = make(server, &server.tenant, scopes).await;
    Program {
        server,
        secret: made.secret,
    }
}

/// A Retell that mints, dials and shows its numbers.
async fn retell() -> MockServer {
    let retell = retell_that_mints().await;
    let call = json!({
        "call_id": "call_phone", "call_type": "phone_call", "call_status": "registered",
        "agent_id": "agent_1", "direction": "outbound", "from_number": "+14155550100",
        "to_number": "+34911230100", "access_token": "secret_of_the_call",
    });
    let created = ResponseTemplate::new(201).set_body_json(call);
    answers(&retell, "POST", "/v2/create-phone-call", created).await;
    let numbers = json!({"items": [
        {"phone_number": "+14155550100", "outbound_agents": [{"agent_id": "agent_9", "weight": 1}]},
        {"phone_number": "+14155550101", "outbound_agents": [{"agent_id": "agent_1", "weight": 1}]},
    ]});
    let numbers = ResponseTemplate::new(200).set_body_json(numbers);
    answers(&retell, "GET", "/v2/list-phone-numbers", numbers).await;
    retell
}

#[tokio::test]
async fn only_a_key_that_works_and_may_gets_in() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let (app, tenant, author) = (server.app(), &server.tenant, Author::operator());
    let nobody = server
        .http
        .get(server.url("/api/v1/calls"))
        .send()
        .await
        .unwrap();
    assert_eq!(nobody.headers()["www-authenticate"], "Bearer");
    problem(nobody, 401, slug::API_KEY_INVALID).await;
    for wrong in ["sk_short", "pk_open", &format!("sk_{}", "A".repeat(43))] {
        let wrong = Program {
            server: &server,
            secret: wrong.to_owned(),
        };
        problem(wrong.get("/api/v1/calls").await, 401, slug::API_KEY_INVALID).await;
    }
    let made = make(&server, tenant, &[ApiScope::CallsRead]).await;
    let reader = Program {
        server: &server,
        secret: made.secret.clone(),
    };
    assert_eq!(reader.get("/api/v1/calls").await.status(), 200);
    problem(
        reader.get("/api/v1/contacts").await,
        403,
        slug::SCOPE_MISSING,
    )
    .await;
    let by_header = server.http.get(server.url("/api/v1/calls"));
    let by_header = by_header
        .header("x-api-key", &made.secret)
        .send()
        .await
        .unwrap();
    assert_eq!(by_header.status(), 200);

    // Rotated: both work. The old one revoked: only the new one does.
    let rotate = Rotate::default();
    let new = admin::rotate_api_key(app, tenant, &made.key.id, rotate, &author)
        .await
        .unwrap();
    let newer = Program {
        server: &server,
        secret: new.secret,
    };
    assert_eq!(reader.get("/api/v1/calls").await.status(), 200);
    assert_eq!(newer.get("/api/v1/calls").await.status(), 200);
    admin::revoke_api_key(app, tenant, &made.key.id, &author)
        .await
        .unwrap();
    problem(
        reader.get("/api/v1/calls").await,
        401,
        slug::API_KEY_INVALID,
    )
    .await;
    assert_eq!(newer.get("/api/v1/calls").await.status(), 200);

    let listed = app.store.api_keys(tenant).await.unwrap();
    assert!(listed.iter().all(|key| key.last_used_at.is_some()));
    let trail = app.store.audit_page(tenant, None, 10).await.unwrap();
    let deeds: Vec<_> = trail.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(
        deeds,
        ["api_key.revoked", "api_key.rotated", "api_key.created"]
    );
    assert!(
        trail
            .iter()
            .all(|event| !event.details.to_string().contains("sk_"))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_told_its_rate_and_stopped_above_it() {
    let retell = retell().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.limits.api_requests_per_minute = 2;
    })
    .await;
    let program = program(&server, &[ApiScope::CallsRead]).await;
    for left in ["1", "0"] {
        let answer = program.get("/api/v1/calls").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["ratelimit-limit"], "2");
        assert_eq!(answer.headers()["ratelimit-remaining"], left);
        assert!(answer.headers().contains_key("ratelimit-reset"));
    }
    let stopped = program.get("/api/v1/calls").await;
    assert_eq!(stopped.headers()["ratelimit-remaining"], "0");
    assert!(
        problem(stopped, 429, slug::RATE_LIMITED)
            .await
            .retry_after_s
            .is_some()
    );
    server.stop().await;
}

#[tokio::test]
async fn contacts_are_kept_by_their_number() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let crm = program(&server, &[ApiScope::ContactsRead, ApiScope::ContactsWrite]).await;
        let ana = json!({"name": "Ana", "phone": "0034 911 23 01 00", "vip": true,
                         "fields": {"plan": "gold"}});
        let added = crm.send("POST", "/api/v1/contacts", &ana).await;
        assert_eq!(added.status(), 201);
        let added: Contact = added.json().await.unwrap();
        assert_eq!(added.details.phone.as_deref(), Some("+34911230100"));
        let again = crm.send("POST", "/api/v1/contacts", &ana).await;
        problem(again, 409, slug::PHONE_TAKEN).await;
        let wrong = json!({"phone": "call me"});
        let wrong = crm.send("POST", "/api/v1/contacts", &wrong).await;
        problem(wrong, 422, slug::VALUE_INVALID).await;
        for name in ["Ben", "Cleo", "Dana"] {
            let body = json!({"name": name});
            assert_eq!(
                crm.send("POST", "/api/v1/contacts", &body).await.status(),
                201
            );
        }
        let found = crm
            .get("/api/v1/contacts?phone=%2B34%20911%20230%20100")
            .await;
        let found: ContactPage = found.json().await.unwrap();
        assert_eq!(found.items, std::slice::from_ref(&added));

        let mut names = Vec::new();
        let mut address = "/api/v1/contacts?limit=3".to_owned();
        loop {
            let page: ContactPage = crm.get(&address).await.json().await.unwrap();
            names.extend(page.items.into_iter().map(|contact| contact.details.name));
            let Some(next) = page.next_cursor else { break };
            address = format!("/api/v1/contacts?limit=3&cursor={next}");
        }
        assert_eq!(names, ["Dana", "Cleo", "Ben", "Ana"]);

        let one = format!("/api/v1/contacts/{}", added.id);
        let renamed = json!({"name": "Ana María", "phone": "+34911230100"});
        let changed: Contact = crm.send("PUT", &one, &renamed).await.json().await.unwrap();
        assert_eq!(
            (changed.details.name.as_str(), changed.details.vip),
            ("Ana María", false)
        );
        let ben = json!({"name": "Ben", "phone": "+34911230101"});
        let ben: Contact = crm
            .send("POST", "/api/v1/contacts", &ben)
            .await
            .json()
            .await
            .unwrap();
        let taken = crm
            .send("PUT", &format!("/api/v1/contacts/{}", ben.id), &renamed)
            .await;
        problem(taken, 409, slug::PHONE_TAKEN).await;
        assert_eq!(crm.send("DELETE", &one, &Value::Null).await.status(), 204);
        problem(crm.get(&one).await, 404, slug::NOT_FOUND).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_program_starts_calls_and_reads_them() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let program = program(&server, &[ApiScope::CallsRead, ApiScope::CallsWrite]).await;
    let web = json!({"agent_id": "agent_1", "metadata": {"lead": "7"},
                     "dynamic_variables": {"first_name": "Ana"}});
    let access = program.send("POST", "/api/v1/web-calls", &web).await;
    assert_eq!(access.status(), 201);
    let access: CallAccess = access.json().await.unwrap();
    assert_eq!(
        (access.call_id.as_str(), access.access_token.as_str()),
        ("call_1", "token_1")
    );

    let phone = json!({"to_number": "+34 911 230 100", "agent_id": "agent_1"});
    let call = program.send("POST", "/api/v1/phone-calls", &phone).await;
    assert_eq!(call.status(), 201);
    let call: CallSummary = call.json().await.unwrap();
    assert_eq!(
        (call.id.as_str(), call.call_type.as_str()),
        ("call_phone", "phone_call")
    );
    // From the number that calls with this agent.
    let asked = retell.received_requests().await.unwrap();
    let dialled = asked
        .iter()
        .find(|asked| asked.url.path() == "/v2/create-phone-call");
    let dialled: Value = dialled.unwrap().body_json().unwrap();
    assert_eq!(dialled["from_number"], "+14155550101");
    assert_eq!(dialled["metadata"]["switchboard_tenant"], "tenant_1");

    let page: CallPage = program.get("/api/v1/calls").await.json().await.unwrap();
    assert_eq!(page.items.len(), 2);
    let filtered = program.get("/api/v1/calls?call_type=phone_call").await;
    let filtered: CallPage = filtered.json().await.unwrap();
    assert_eq!(filtered.items, [call]);
    let detail: Value = program
        .get("/api/v1/calls/call_1")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(detail["metadata"]["lead"], "7");
    problem(
        program.get("/api/v1/calls/call_of_nobody").await,
        404,
        slug::CALL_UNKNOWN,
    )
    .await;
    for (number, kind) in [
        ("+34803123456", slug::NUMBER_NOT_DIALABLE),
        ("12", slug::VALUE_INVALID),
    ] {
        let refused = json!({"to_number": number, "agent_id": "agent_1"});
        let refused = program.send("POST", "/api/v1/phone-calls", &refused).await;
        problem(refused, 422, kind).await;
    }
    answers(
        &retell,
        "POST",
        "/v2/stop-call/call_1",
        ResponseTemplate::new(204),
    )
    .await;
    let ended = program
        .send("POST", "/api/v1/calls/call_1/end", &Value::Null)
        .await;
    assert_eq!(ended.status(), 204);
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_creation_is_done_once_even_over_a_restart() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let made = make(&server, &server.tenant, &[ApiScope::CallsWrite]).await;
        let dial = async |server: &TestServer, key: &str, to: &str| {
            let request = server.http.post(server.url("/api/v1/phone-calls"));
            let body = json!({"to_number": to, "agent_id": "agent_1"});
            let request = request
                .bearer_auth(&made.secret)
                .header("idempotency-key", key);
            request.body(body.to_string()).send().await.unwrap()
        };
        let first = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(first.status(), 201);
        assert!(!first.headers().contains_key("idempotency-replayed"));
        let first = first.text().await.unwrap();
        let again = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(again.status(), 201);
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(again.headers()["content-type"], "application/json");
        assert_eq!(again.text().await.unwrap(), first);
        let other = dial(&server, "order 7", "+34911230101").await;
        problem(other, 422, slug::IDEMPOTENCY_KEY_REUSED).await;
        let wrong = dial(&server, &"x".repeat(256), "+34911230100").await;
        problem(wrong, 400, slug::REQUEST_INVALID).await;

        let scratch = server.stop_for_now().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let later = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(later.text().await.unwrap(), first);
        let asked = retell.received_requests().await.unwrap();
        let dialled: Vec<Value> = asked
            .iter()
            .filter(|asked| asked.url.path() == "/v2/create-phone-call")
            .map(|asked| asked.body_json().unwrap())
            .collect();
        assert_eq!(dialled.len(), 1, "Retell was asked once");
        assert!(dialled[0]["idempotency_key"].is_string());
        server.stop().await;
    }
}

#[tokio::test]
async fn a_creation_that_is_under_way_is_not_begun_again_and_a_failed_one_is() {
    let retell = MockServer::start().await;
    let server = TestServer::start(&retell).await;
    let program = program(&server, &[ApiScope::CallsWrite]).await;
    let mint = async || {
        let request = program.request("POST", "/api/v1/web-calls");
        let body = json!({"agent_id": "agent_1"}).to_string();
        request
            .header("idempotency-key", "one")
            .body(body)
            .send()
            .await
            .unwrap()
    };
    // It fails: it may be sent again.
    let failing = Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(500))
        .expect(1)
        .mount_as_scoped(&retell)
        .await;
    problem(mint().await, 502, slug::RETELL_FAILED).await;
    drop(failing);
    let access = json!({"call_id": "call_1", "access_token": "t", "transport": "gateway"});
    Mock::given(method("POST"))
        .and(path("/v3/create-web-call"))
        .and(body_partial_json(json!({"agent_id": "agent_1"})))
        .respond_with(
            ResponseTemplate::new(201)
                .set_body_json(access)
                // Long enough to be met under way.
                .set_delay(Duration::from_millis(500)),
        )
        .expect(1)
        .mount(&retell)
        .await;
    let (one, two) = tokio::join!(mint(), mint());
    let (done, early) = if one.status() == 201 {
        (one, two)
    } else {
        (two, one)
    };
    assert_eq!(done.status(), 201);
    // The other came while it was worked on, or after it.
    if early.status() != 201 {
        problem(early, 409, slug::IDEMPOTENCY_IN_PROGRESS).await;
    }
    assert_eq!(mint().await.status(), 201);
    server.stop().await;
}

#[tokio::test]
async fn the_addresses_of_older_integrations_work() {
    let retell = retell().await;
    let info = ResponseTemplate::new(200).set_body_json(json!({"org_id": "org"}));
    answers(&retell, "GET", "/get-api-key-info", info).await;
    let agents = json!({"items": [{"agent_id": "agent_1", "agent_name": "Emma"}]});
    let agents = ResponseTemplate::new(200).set_body_json(agents);
    answers(&retell, "POST", "/v2/list-agents", agents).await;
    let agent = ResponseTemplate::new(200).set_body_json(json!({"agent_id": "agent_1"}));
    answers(&retell, "PATCH", "/update-agent/agent_1", agent.clone()).await;
    answers(&retell, "POST", "/create-agent", agent).await;
    answers(
        &retell,
        "DELETE",
        "/delete-agent/agent_1",
        ResponseTemplate::new(204),
    )
    .await;
    let server = TestServer::start(&retell).await;
    let old = program(&server, &ApiScope::ALL).await;
    for body in [
        json!({"phoneNumber": "+34911230100", "agentId": "agent_1", "metadata": {"a": 1}}),
        json!({"to_number": "+34911230100", "agent_id": "agent_1",
               "metadata": {"lead_id": "7", "campaign": "spring"}}),
    ] {
        let call = old.send("POST", "/crm/make-call", &body).await;
        assert_eq!(call.status(), 201);
        let call: Value = call.json().await.unwrap();
        assert_eq!(call["call_id"], "call_phone");
        assert!(!call.to_string().contains("secret_of_the_call"));
    }
    for (address, body, id) in [
        (
            "/crm/create-web-call",
            json!({"agentId": "agent_1"}),
            "call_1",
        ),
        (
            "/api/retell/test-call",
            json!({"agent_id": "agent_1"}),
            "call_1",
        ),
        (
            "/api/retell/test-call",
            json!({"agent_id": "a", "number": "+34911230100"}),
            "call_phone",
        ),
    ] {
        let call: Value = old.send("POST", address, &body).await.json().await.unwrap();
        assert_eq!(call["call_id"], id, "{address}");
    }
    let status: Value = old.get("/api/retell/status").await.json().await.unwrap();
    assert_eq!(status["retell_reachable"], true);
    assert_eq!(status["live_calls"], 2);
    let listed: Value = old.get("/api/retell/agents").await.json().await.unwrap();
    assert_eq!(listed["items"][0]["agent_name"], "Emma");
    let one = "/api/retell/agents/agent_1";
    let named = json!({"agent_name": "Ema"});
    assert_eq!(
        old.send("POST", "/api/retell/agents", &named)
            .await
            .status(),
        201
    );
    assert_eq!(old.send("PUT", one, &named).await.status(), 200);
    assert_eq!(old.send("DELETE", one, &Value::Null).await.status(), 204);
    server.stop().await;
}

#[tokio::test]
async fn the_actions_of_connectors_work_on_the_emulator() {
    let (server, emulator) = TestServer::emulated(|_| {}).await;
    let connector = program(&server, &ApiScope::ALL).await;
    let catalogue: Value = connector.get("/api/v1/actions").await.json().await.unwrap();
    assert_eq!(catalogue["items"].as_array().unwrap().len(), 10);
    let run = async |name: &str, arguments: Value| {
        let address = format!("/api/v1/actions/RETELLAI_{name}");
        let answer = connector.send("POST", &address, &arguments).await;
        assert_eq!(answer.status(), 200, "{name}");
        answer.json::<Value>().await.unwrap()
    };
    let done = async |name: &str, arguments: Value| {
        let answer = run(name, arguments).await;
        assert_eq!(answer["successful"], true, "{name}: {answer}");
        assert_eq!(answer["error"], Value::Null, "{name}");
        answer["data"].clone()
    };
    let bound = json!({"area_code": 415, "nickname": "New", "inbound_agent_id": "agent_demo_en"});
    let number = done("BUY_A_NEW_PHONE_NUMBER_BIND_AGENTS", bound).await;
    assert_eq!(number["inbound_agents"][0]["agent_id"], "agent_demo_en");
    let number = json!({"phone_number": number["phone_number"]});
    let mut renamed = number.clone();
    renamed["nickname"] = "Newer".into();
    done("UPDATE_PHONE_NUMBER", renamed).await;
    let one = done(
        "RETRIEVE_DETAILS_OF_A_SPECIFIC_PHONE_NUMBER",
        number.clone(),
    )
    .await;
    assert_eq!(one["nickname"], "Newer");
    let before = done("LIST_ALL_PHONE_NUMBERS", json!({})).await;
    done("DELETE_PHONE_NUMBER", number).await;
    let after = done("LIST_ALL_PHONE_NUMBERS", json!({})).await;
    let count = |list: &Value| list.as_array().unwrap().len();
    assert_eq!(count(&before), count(&after) + 1);
    let voice = json!({"voice_id": "retell-Cimo"});
    let voice = done("RETRIEVE_DETAILS_OF_A_SPECIFIC_VOICE", voice).await;
    assert_eq!(voice["voice_name"], "Cimo");
    let web = done(
        "CREATE_A_NEW_WEB_CALL",
        json!({"agent_id": "agent_demo_en"}),
    )
    .await;
    let dial = json!({"from_number": "+14155550100", "to_number": "+34911230100"});
    done("CREATE_A_NEW_OUTBOUND_PHONE_CALL", dial).await;
    let listed = done("RETRIEVE_CALL_DETAILS", json!({"limit": 1})).await;
    assert_eq!(count(&listed["calls"]), 1);
    assert!(listed["pagination_key"].is_string());
    let call = json!({"call_id": web["call_id"]});
    let call = done("RETRIEVE_CALL_DETAILS_BY_ID", call).await;
    assert_eq!(call["call_id"], web["call_id"]);

    let failed = run("RETRIEVE_CALL_DETAILS_BY_ID", json!({"call_id": "call_x"})).await;
    assert_eq!(
        (&failed["successful"], &failed["data"]),
        (&json!(false), &json!({}))
    );
    assert!(failed["error"].is_string());
    let unknown = connector
        .send("POST", "/api/v1/actions/X", &json!({}))
        .await;
    problem(unknown, 404, slug::NOT_FOUND).await;
    server.stop().await;
    emulator.shutdown().await;
}

/// What another business's key must not reach, for each route of the document
/// that names something: (verb, path, body).
const NAMED: [(&str, &str, &str); 10] = [
    ("get", "/api/v1/calls/{id}", ""),
    ("post", "/api/v1/calls/{id}/end", ""),
    ("get", "/api/v1/contacts/{id}", ""),
    ("put", "/api/v1/contacts/{id}", r#"{"name": "Eve"}"#),
    ("delete", "/api/v1/contacts/{id}", ""),
    ("get", "/api/v1/keys/{id}", ""),
    (
        "put",
        "/api/v1/keys/{id}",
        r#"{"name": "E", "agents": ["a"], "origins": ["https://e.test"]}"#,
    ),
    ("delete", "/api/v1/keys/{id}", ""),
    ("post", "/api/v1/keys/{id}/rotate", "{}"),
    ("post", "/api/v1/actions/{name}", ""),
];
/// Routes that name something of the Retell account: closed to a business that
/// shares it.
const OF_THE_ACCOUNT: [&str; 2] = ["/api/retell/agents", "/api/retell/agents/{id}"];

#[tokio::test]
async fn a_key_of_one_business_cannot_touch_another_s_rows() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let mine = program(&server, &ApiScope::ALL).await;
        let call = json!({"agent_id": "agent_1"});
        assert_eq!(
            mine.send("POST", "/api/v1/web-calls", &call).await.status(),
            201
        );
        let contact = json!({"name": "Ana", "phone": "+34911230100"});
        let contact = mine.send("POST", "/api/v1/contacts", &contact).await;
        let contact: Contact = contact.json().await.unwrap();
        let key = json!({"name": "Site", "agents": ["agent_1"], "origins": ["https://a.test"]});
        let key: PublicKeyView = mine
            .send("POST", "/api/v1/keys", &key)
            .await
            .json()
            .await
            .unwrap();

        let store = &server.app().store;
        let other = store
            .upsert_tenant("tenant_2", "Other", "UTC", 1)
            .await
            .unwrap();
        let made = make(&server, &other, &ApiScope::ALL).await;
        let theirs = Program {
            server: &server,
            secret: made.secret,
        };
        let document: Value = theirs
            .get("/api/v1/openapi.json")
            .await
            .json()
            .await
            .unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for verb in item.as_object().unwrap().keys() {
                let verb = verb.as_str();
                if OF_THE_ACCOUNT.contains(&path.as_str()) {
                    let address = path.replace("{id}", "agent_1");
                    let answer = theirs
                        .send(&verb.to_uppercase(), &address, &json!({}))
                        .await;
                    problem(answer, 403, slug::OWN_ACCOUNT_REQUIRED).await;
                    continue;
                }
                if !path.contains('{') {
                    continue;
                }
                let known = NAMED
                    .iter()
                    .find(|known| (known.0, known.1) == (verb, path));
                let known = known.unwrap_or_else(|| panic!("{verb} {path} is not tried"));
                if path.contains("{name}") {
                    continue;
                }
                let id = match path.split('/').nth(3).unwrap() {
                    "calls" => "call_1",
                    "contacts" => &contact.id,
                    "keys" => &key.id,
                    other => panic!("{other}"),
                };
                let body = serde_json::from_str(known.2).unwrap_or_default();
                let address = path.replace("{id}", id);
                let answer = theirs.send(&verb.to_uppercase(), &address, &body).await;
                assert_eq!(answer.status(), 404, "{verb} {address}");
            }
        }
        for list in [
            "/api/v1/calls",
            "/api/v1/contacts",
            "/api/v1/keys",
            "/api/v1/contacts?phone=%2B34911230100",
        ] {
            let page: Value = theirs.get(list).await.json().await.unwrap();
            assert_eq!(page["items"], json!([]), "{list}");
        }
        // Nor through the actions, nor with an agent or a number of the account.
        for (name, arguments) in [
            ("RETRIEVE_CALL_DETAILS_BY_ID", json!({"call_id": "call_1"})),
            ("LIST_ALL_PHONE_NUMBERS", json!({})),
            (
                "DELETE_PHONE_NUMBER",
                json!({"phone_number": "+14155550100"}),
            ),
            ("CREATE_A_NEW_WEB_CALL", json!({"agent_id": "agent_1"})),
            (
                "CREATE_A_NEW_OUTBOUND_PHONE_CALL",
                json!({"to_number": "+34911230101"}),
            ),
        ] {
            let address = format!("/api/v1/actions/RETELLAI_{name}");
            let answer: Value = theirs
                .send("POST", &address, &arguments)
                .await
                .json()
                .await
                .unwrap();
            assert_eq!(answer["successful"], false, "{name}");
        }
        // The same Idempotency-Key of two businesses is two keys.
        for (program, name) in [(&mine, "Mine"), (&theirs, "Theirs")] {
            let request = program.request("POST", "/api/v1/contacts");
            let request = request.header("idempotency-key", "same");
            let request = request.body(json!({"name": name}).to_string());
            let added: Contact = request.send().await.unwrap().json().await.unwrap();
            assert_eq!(added.details.name, name);
        }
        // All of it is still there.
        for address in [
            "/api/v1/calls/call_1".to_owned(),
            format!("/api/v1/contacts/{}", contact.id),
            format!("/api/v1/keys/{}", key.id),
        ] {
            assert_eq!(mine.get(&address).await.status(), 200, "{address}");
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn the_document_is_served_to_programs_and_people() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let document = server
        .http
        .get(server.url("/api/v1/openapi.json"))
        .send()
        .await
        .unwrap();
    let document: Value = document.json().await.unwrap();
    assert_eq!(document["info"]["title"], "Switchboard");
    let page = server
        .http
        .get(server.url("/api/docs"))
        .send()
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("style-src 'self'"), "{policy}");
    assert!(page.text().await.unwrap().contains("/api/v1/phone-calls"));
    let style = server
        .http
        .get(server.url("/api/docs/style.css"))
        .send()
        .await
        .unwrap();
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    server.stop().await;
}
