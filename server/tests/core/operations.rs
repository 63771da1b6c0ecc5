//! What an operator runs and looks at: check, simulated calls, metrics, logs.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use api::keys::ApiScope;
use api::public::CallAccess;
use serde_json::json;
use server::check::{self, State};
use server::config::{Database, Secret};
use server::jobs::NewJob;
use server::keys::PublicKey;
use server::simulate::{self, Kind, Parties, SimulateError, WebCall};
use server::store::Store;
use server::{app, serve};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    PAGE, Scratch, TestServer, answers, asked, key, life_of_a_call, retell_that_mints,
    session_cookie,
};
use crate::v1::program;

fn parties() -> Parties {
    Parties {
        customer: "+4930901820".to_owned(),
        number: "+14155550100".to_owned(),
        agent_id: "agent_1".to_owned(),
    }
}

#[tokio::test]
async fn a_simulated_call_is_shown_by_the_server() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let config = &server.app().config;
        let store = Store::connect(&config.database).await.unwrap();
        let now = server.app().clock.now_ms();
        let script = simulate::script(Kind::Appointment, &parties(), now);
        let mut told = Vec::new();
        let call = simulate::replay(config, &store, &server.url(""), &script, |event| {
            told.push(event.to_owned());
        })
        .await
        .unwrap()
        .unwrap();
        assert_eq!(told.first().map(String::as_str), Some("call_started"));
        assert_eq!(told.last().map(String::as_str), Some("call_analyzed"));
        assert_eq!(call.from_number.as_deref(), Some("+4930901820"));
        assert_eq!(
            (call.duration_ms, call.successful),
            (Some(20_000), Some(true))
        );

        let mut wrong = config.clone();
        wrong.retell.webhook_key = Secret::new("another");
        let refused = simulate::replay(&wrong, &store, &server.url(""), &script, |_| {}).await;
        assert!(
            matches!(refused, Err(SimulateError::Refused { status: 401, .. })),
            "{refused:?}"
        );
        store.close().await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_call_through_the_local_retell_is_followed_to_its_end() {
    let (server, emulator) = TestServer::emulated(|_| {}).await;
    let number = json!({"phone_numbers": [{
        "phone_number": "+14155550199",
        "inbound_agents": [{"agent_id": "agent_test_hangup", "weight": 1}],
    }]});
    let seeded = server
        .http
        .post(format!("{}/_emulator/seed", emulator.url()))
        .json(&number)
        .send()
        .await
        .unwrap();
    assert!(seeded.status().is_success());
    let mut parties = parties();
    parties.number = "+14155550199".to_owned();
    let app = server.app();
    let mut told = Vec::new();
    let call = simulate::ring(&app.config, &app.store, &parties, |status| {
        told.push(status.to_owned());
    })
    .await
    .unwrap();
    assert_eq!(told.last().map(String::as_str), Some("ended"));
    assert_eq!(call.from_number.as_deref(), Some("+4930901820"));
    parties.number = "+14155550000".to_owned();
    let refused = simulate::ring(&app.config, &app.store, &parties, |_| {}).await;
    assert!(
        matches!(refused, Err(SimulateError::Refused { status: 404, .. })),
        "{refused:?}"
    );
    emulator.shutdown().await;
    server.stop().await;
}

#[tokio::test]
async fn a_web_call_is_held_at_the_public_address_and_told_line_by_line() {
    let (server, emulator) = TestServer::emulated(|_| {}).await;
    let key = PublicKey {
        agents: vec!["agent_test_hangup".to_owned()],
        ..key("pk_test")
    };
    let store = &server.app().store;
    store
        .public_keys()
        .upsert(&server.tenant, &key, 0)
        .await
        .unwrap();
    let mut call = WebCall {
        server: server.url("/"),
        emulator: emulator.url().parse().unwrap(),
        key: "pk_test".to_owned(),
        agent: None,
    };
    let visit = |access: CallAccess| async move {
        let CallAccess {
            gateway_url,
            access_token,
            call_id,
            ..
        } = access;
        emulator::testing::visit(&gateway_url, &access_token, &call_id, 4)
            .await
            .map_err(|error| error.to_string())
    };
    let mut told = Vec::new();
    let held = simulate::web_call(store, &call, visit, |line| told.push(line.to_owned()))
        .await
        .unwrap();
    assert_eq!(told[0], held.id);
    // The agent's hanging up is a function of its own, told if it comes before the end.
    let said: Vec<_> = told[1..]
        .iter()
        .map(|line| line.split_once("s  ").unwrap().1)
        .filter(|line| *line != "Function: end_call")
        .collect();
    assert_eq!(
        said,
        [
            "Agent: Hello, this call will be short.",
            "Visitor: That is fine, goodbye.",
            "Agent: Thank you, goodbye.",
        ]
    );
    assert_eq!(held.disconnection_reason.as_deref(), Some("agent_hangup"));

    // One that would be held elsewhere, and cost money, is left alone.
    call.emulator = "http://127.0.0.1:9".parse().unwrap();
    let refused = simulate::web_call(store, &call, visit, |_| {}).await;
    assert!(
        matches!(refused, Err(SimulateError::Elsewhere(_))),
        "{refused:?}"
    );
    call.key = "pk_disabled".to_owned();
    let refused = simulate::web_call(store, &call, visit, |_| {}).await;
    assert!(
        matches!(refused, Err(SimulateError::Refused { status: 403, .. })),
        "{refused:?}"
    );
    emulator.shutdown().await;
    server.stop().await;
}

#[tokio::test]
async fn check_says_what_works_and_what_does_not() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        let agents = json!({"items": [{"agent_id": "agent_1"}, {"agent_id": "agent_2"}]});
        let elsewhere = json!({"agent_id": "agent_2", "webhook_url": "https://old.example.com/x"});
        for (verb, path, body) in [
            (
                "GET",
                "/get-api-key-info",
                json!({"org_id": "org", "org_name": "Sunrise"}),
            ),
            (
                "GET",
                "/get-concurrency",
                json!({"current_concurrency": 3, "concurrency_limit": 20}),
            ),
            ("POST", "/v2/list-agents", agents),
            ("GET", "/get-agent/agent_1", json!({"agent_id": "agent_1"})),
            ("GET", "/get-agent/agent_2", elsewhere),
            ("GET", "/v2/list-phone-numbers", json!({"items": []})),
        ] {
            let answer = ResponseTemplate::new(200).set_body_json(body);
            answers(&retell, verb, path, answer).await;
        }
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        assert_eq!(server.webhook(&life_of_a_call()[0]).await.status(), 204);
        server.settled().await;
        let config = &server.app().config;
        let vault = serve::vault(config).unwrap();
        let now = server.app().clock.now_ms();
        let findings = check::run(config, &vault, now).await;
        let state = |what: &str| {
            let found = findings.iter().find(|one| one.what == what);
            found
                .unwrap_or_else(|| panic!("{what}: {findings:?}"))
                .state
        };
        for what in [
            "public address",
            "database",
            "encryption key",
            "webhooks",
            "Retell",
            "Retell concurrency",
        ] {
            assert_eq!(state(what), State::Ok, "{what}: {findings:?}");
        }
        // The PostgreSQL of the tests is quick instead of durable.
        let durable = match &config.database {
            Database::Sqlite(_) => State::Ok,
            Database::Postgres(_) => State::Warning,
        };
        assert_eq!(state("durability"), durable, "{findings:?}");
        assert_eq!(state("Retell webhook addresses"), State::Warning);
        let words = findings.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(
            words
                .iter()
                .any(|line| line.contains("agent_2") && !line.contains("agent_1"))
        );

        retell.reset().await;
        let refuses = Mock::given(any()).respond_with(ResponseTemplate::new(401));
        refuses.mount(&retell).await;
        let findings = check::run(config, &vault, now).await;
        let failed = findings.iter().find(|one| one.what == "Retell").unwrap();
        assert_eq!(failed.state, State::Failed);
        server.stop().await;
    }
}

#[tokio::test]
async fn what_happens_is_counted_for_who_may_know() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        assert_eq!(server.mint(&json!({"key": "pk_open"})).await.status(), 201);
        assert_eq!(server.mint(&json!({"key": "pk_none"})).await.status(), 404);
        assert_eq!(server.webhook(&life_of_a_call()[0]).await.status(), 204);
        assert_eq!(
            server.post_webhook("{}x", Some("nonsense")).await.status(),
            401
        );
        server.settled().await;
        let program = program(&server, &[ApiScope::CallsWrite]).await;
        for (path, body, status) in [
            ("/api/v1/web-calls", json!({"agent_id": "agent_1"}), 201),
            ("/api/v1/phone-calls", json!({"to_number": "12"}), 422),
        ] {
            let answer = program.send("POST", path, &body).await;
            assert_eq!(answer.status(), status, "{path}");
        }
        let later = NewJob {
            kind: "hook.deliver",
            group: None,
            dedupe_key: None,
            payload: json!({}),
            run_at: i64::MAX,
            max_attempts: 1,
        };
        let store = &server.app().store;
        store.jobs().add(&server.tenant, &later, 1).await.unwrap();
        let cookie = session_cookie(store, &server.tenant).await;
        let desk = server.http.get(server.url("/api/desk/events"));
        let desk = desk.header("cookie", cookie).send().await.unwrap();
        let answer = server
            .http
            .get(server.url("/metrics"))
            .send()
            .await
            .unwrap();
        assert!(
            answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/plain")
        );
        let text = answer.text().await.unwrap();
        for line in [
            "switchboard_mints_total{by=\"visitor\",outcome=\"minted\"} 1",
            "switchboard_mints_total{by=\"visitor\",outcome=\"key-unknown\"} 1",
            "switchboard_mints_total{by=\"api\",outcome=\"minted\"} 1",
            "switchboard_phone_calls_total{outcome=\"number-invalid\"} 1",
            "switchboard_desk_streams 1",
            "switchboard_jobs{kind=\"hook.deliver\",state=\"waiting\"} 1",
            "switchboard_jobs{kind=\"hook.deliver\",state=\"parked\"} 0",
            "switchboard_jobs_due_age_seconds{kind=\"hook.deliver\"} 0",
            "switchboard_jobs_lanes{kind=\"hook.deliver\",state=\"due\"} 0",
            "switchboard_jobs_lanes{kind=\"hook.deliver\",state=\"resting\"} 0",
            "switchboard_webhook_receipt_seconds_count{verdict=\"accepted\"} 1",
            "switchboard_webhook_receipt_seconds_count{verdict=\"signature-invalid\"} 1",
            "switchboard_webhook_processing_seconds_count{event=\"call_started\"} 1",
            "switchboard_retell_request_seconds_count{route=\"POST /v3/create-web-call\",status=\"201\"} 2",
            "switchboard_live_calls 1",
            "switchboard_webhooks_due 0",
            "route=\"/api/public/web-calls\",status=\"201\"",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(!text.contains("call_1") && !text.contains("pk_open"));
        // What is printed is what is documented.
        let printed = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let printed: BTreeSet<_> = printed
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        let documented: BTreeSet<_> = app::metrics().iter().map(|metric| metric.name).collect();
        // No business has a CRM or a calendar elsewhere.
        let of_others = BTreeSet::from([
            "switchboard_calcom_requests_total",
            "switchboard_calendar_reads_total",
            "switchboard_calendar_writes_total",
            "switchboard_crm_lookups_total",
            "switchboard_crm_writes_total",
        ]);
        assert_eq!(printed, &documented - &of_others);
        drop(desk);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_metrics_token_is_asked_for() {
    let retell = MockServer::start().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.metrics_token = Some(Secret::new("the-token"));
    })
    .await;
    for (token, status) in [(None, 404), (Some("wrong"), 404), (Some("the-token"), 200)] {
        let mut request = server.http.get(server.url("/metrics"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        assert_eq!(request.send().await.unwrap().status(), status, "{token:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_comes_through_a_proxy_on_this_machine_is_not_this_machine() {
    let retell = MockServer::start().await;
    for trusted in ["192.0.2.1", "127.0.0.1"] {
        let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
            config.trusted_proxies = vec![trusted.parse().unwrap()];
        })
        .await;
        for (header, value) in [
            ("x-forwarded-for", "203.0.113.9"),
            ("forwarded", "for=203.0.113.9"),
        ] {
            let request = server.http.get(server.url("/metrics"));
            let answer = request.header(header, value).send().await.unwrap();
            assert_eq!(answer.status(), 404, "{header}, {trusted} trusted");
        }
        let own = server
            .http
            .get(server.url("/metrics"))
            .send()
            .await
            .unwrap();
        assert_eq!(own.status(), 200);
        server.stop().await;
    }
}

#[tokio::test]
async fn retell_is_told_the_request_s_id() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let answer = server
        .http
        .post(server.url("/api/public/web-calls"))
        .header("origin", PAGE)
        .header("x-request-id", "from-the-proxy")
        .body(json!({"key": "pk_open"}).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-request-id"], "from-the-proxy");
    let asked = asked(&retell).await;
    assert_eq!(asked[0].headers["x-request-id"], "from-the-proxy");
    server.stop().await;
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// On one thread, so that what this test's server logs is what is caught.
#[tokio::test]
async fn nothing_of_a_person_is_logged() {
    let log = Log::default();
    // With a single subscriber in the process, what another test logs first would be
    // taken for something nobody wants to read.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("server=trace,retell=trace,tower_http=trace,sqlx=trace")
        .with_writer(log.clone())
        .finish();
    let guard = subscriber.set_default();
    let retell = retell_that_mints().await;
    let quoted = json!({"message": "no such line: c=IN IP4 203.0.113.77"});
    let refused = ResponseTemplate::new(400).set_body_json(quoted);
    let sessions = "/webrtc-proxy/call_1/v1/webrtc/sessions";
    answers(&retell, "POST", sessions, refused).await;
    let server = TestServer::start(&retell).await;
    let body = json!({"key": "pk_open", "dynamic_variables": {"first_name": "Wilhelmina"},
                      "metadata": {"email": "wilhelmina@example.com"},
                      "offer": "c=IN IP4 203.0.113.77"});
    assert_eq!(server.mint(&body).await.status(), 201);
    for mut webhook in life_of_a_call() {
        webhook["call"]["from_number"] = "+4930901820".into();
        webhook["call"]["retell_llm_dynamic_variables"] = json!({"first_name": "Wilhelmina"});
        assert_eq!(server.webhook(&webhook).await.status(), 204);
    }
    assert_eq!(server.post_webhook("Wilhelmina", None).await.status(), 401);
    server.settled().await;
    server.stop().await;
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("did not take the offer") && log.contains("webhook refused"),
        "{log}"
    );
    for secret in [
        "Wilhelmina",
        "wilhelmina@",
        "901820",
        "token_1",
        "key_of_the_tests",
        "Said hello",
        "203.0.113.77",
    ] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
}
