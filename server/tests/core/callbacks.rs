//! Call-backs: asked for by visitors, placed once, seen and changed at the
//! desk; and what is refused.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use api::callbacks::{Callback, CallbackForm, CallbackPage, CallbackState, NewCallback};
use api::keys::{Mode, OutOfHours};
use api::problem::slug;
use api::public::Consent;
use serde_json::{Value, json};
use server::bus::Topic;
use server::callbacks::{self, CallbackError, FILL_MS, NumberError, PER_NUMBER};
use server::calls::{MintError, Visitor};
use server::privacy::{self, Person};
use server::signed::CALLBACK_FORM_LIFE_MS;
use server::store::{PublicKey, Store, Tenant};
use server::tenants::TenantSettings;
use sqlx::Connection;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::receiver::{Bench, Receiver, somebody};
use crate::support::{
    PAGE, Scratch, TestServer, in_time, key, problem, raw_connection, session_cookie,
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const VISITOR: Visitor<'static> = Visitor {
    origin: Some(PAGE),
    ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
};

fn callback_key() -> PublicKey {
    PublicKey {
        modes: vec![Mode::Voice, Mode::Callback],
        agents: vec!["agent_demo_es".to_owned()],
        countries: vec!["ES".to_owned(), "DE".to_owned()],
        ..key("pk_callback")
    }
}

async fn upsert(store: &Store, tenant: &Tenant, key: &PublicKey) {
    store.upsert_public_key(tenant, key, 1).await.unwrap();
}

/// What a visitor fills in, on a form shown long enough ago.
fn request(app: &server::state::App) -> NewCallback {
    let shown = app.clock.now_ms() - i64::from(FILL_MS);
    NewCallback {
        key: "pk_callback".to_owned(),
        nonce: None,
        agent_id: None,
        form: app.signer.callback_form("pk_callback", shown),
        name: "Ana María".to_owned(),
        phone: "612 34 56 78".to_owned(),
        country: Some("ES".to_owned()),
        at: None,
        consent: Some(Consent {
            text: "Llámenme.".to_owned(),
            language: Some("es".to_owned()),
        }),
        page_url: Some("https://www.example.com/prices?email=ana@example.com".to_owned()),
        from_number: None,
        dynamic_variables: [("first_name".to_owned(), "Ana".to_owned())].into(),
        metadata: Some(json!({"cart": 3})),
        captcha_token: None,
        website: String::new(),
    }
}

/// A Retell with two numbers that takes phone calls.
async fn retell() -> MockServer {
    let retell = MockServer::start().await;
    let numbers = json!({"items": [
        {"phone_number": "+493023125100", "outbound_agents": [{"agent_id": "agent_demo_de", "weight": 1}]},
        {"phone_number": "+34911230100", "outbound_agents": [{"agent_id": "agent_demo_es", "weight": 1}]},
    ], "has_more": false});
    Mock::given(method("GET"))
        .and(path("/v2/list-phone-numbers"))
        .respond_with(ResponseTemplate::new(200).set_body_json(numbers))
        .mount(&retell)
        .await;
    retell
}

async fn takes_calls(retell: &MockServer) {
    let call = json!({
        "call_id": "call_back", "call_type": "phone_call", "direction": "outbound",
        "agent_id": "agent_demo_es", "call_status": "registered",
        "from_number": "+34911230100", "to_number": "+34612345678",
    });
    Mock::given(method("POST"))
        .and(path("/v2/create-phone-call"))
        .respond_with(ResponseTemplate::new(201).set_body_json(call))
        .mount(retell)
        .await;
}

/// What Retell was asked to dial, in order.
async fn dialled(retell: &MockServer) -> Vec<Value> {
    let asked = retell.received_requests().await.unwrap();
    let dials = asked
        .iter()
        .filter(|asked| asked.url.path() == "/v2/create-phone-call");
    dials.map(|asked| asked.body_json().unwrap()).collect()
}

/// A server whose clock stands at noon of a Monday in Berlin, with the key.
async fn bench(scratch: Scratch, retell: &MockServer) -> Bench {
    let url = retell.uri().parse().unwrap();
    let bench = Bench::set_with(scratch, |config| config.retell.base_url = url).await;
    upsert(&bench.app.store, &bench.tenant, &callback_key()).await;
    let monday = "2027-01-11T11:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let ahead = monday.as_millisecond() - bench.now();
    bench.pass(Duration::from_millis(ahead.try_into().unwrap()));
    open(&bench.app.store, &bench.tenant, office()).await;
    bench
}

/// Weekdays from nine to five.
fn office() -> Value {
    let day = json!([{"from": "09:00", "to": "17:00"}]);
    json!({"week": [day, day, day, day, day, [], []]})
}

async fn open(store: &Store, tenant: &Tenant, hours: Value) {
    let settings = TenantSettings {
        hours: serde_json::from_value(hours).unwrap(),
        ..store.tenant_settings(tenant).await.unwrap()
    };
    store
        .set_tenant_settings(tenant, &settings, &somebody(), 1)
        .await
        .unwrap();
}

async fn to_do(bench: &Bench) -> Vec<Callback> {
    let store = &bench.app.store;
    store
        .callbacks_to_do(&bench.tenant, None, 50)
        .await
        .unwrap()
}

async fn over(bench: &Bench) -> Vec<Callback> {
    let store = &bench.app.store;
    store.callbacks_over(&bench.tenant, None, 50).await.unwrap()
}

async fn desk(server: &TestServer, verb: &str, path: &str, cookie: &str) -> reqwest::Response {
    let request = server
        .http
        .request(verb.parse().unwrap(), server.url(path))
        .header("cookie", cookie)
        .header("origin", server.app().config.origin());
    request.send().await.unwrap()
}

async fn post(server: &TestServer, path: &str, body: &Value) -> reqwest::Response {
    let request = server.http.post(server.url(path)).header("origin", PAGE);
    request.body(body.to_string()).send().await.unwrap()
}

#[tokio::test]
async fn a_visitor_is_called_at_once_and_the_desk_sees_it() {
    for scratch in Scratch::each().await {
        let (server, emulator) = TestServer::emulated_on(scratch, |_| {}).await;
        let (app, tenant) = (server.app(), &server.tenant);
        upsert(&app.store, tenant, &callback_key()).await;
        let cookie = session_cookie(&app.store, tenant).await;
        let mut told = app.bus.listen(Topic::Callbacks);

        let form = post(
            &server,
            "/api/public/callbacks/form",
            &json!({"key": "pk_callback"}),
        )
        .await;
        let form: CallbackForm = form.json().await.unwrap();
        assert!(form.callback && form.now && form.open);
        assert_eq!(form.countries, ["DE", "ES"], "the business is in Berlin");
        assert_eq!(form.timezone, "Europe/Berlin");

        let body = serde_json::to_value(request(app)).unwrap();
        let (first, again) = tokio::join!(
            post(&server, "/api/public/callbacks", &body),
            post(&server, "/api/public/callbacks", &body),
        );
        assert_eq!(
            (first.status(), again.status()),
            (202.try_into().unwrap(), 202.try_into().unwrap())
        );

        let placed = in_time(async {
            loop {
                let page = desk(&server, "GET", "/api/desk/callbacks?over=true", &cookie).await;
                let page: CallbackPage = page.json().await.unwrap();
                if let Some(placed) = page.items.into_iter().next() {
                    return placed;
                }
                told.next().await;
            }
        })
        .await;
        assert_eq!(placed.state, CallbackState::Placed);
        assert_eq!(
            (placed.name.as_str(), placed.phone.as_str()),
            ("Ana María", "+34612345678")
        );
        assert_eq!(
            placed.page_url.as_deref(),
            Some("https://www.example.com/prices")
        );

        // The call is really there, and is the desk's like any other.
        let id = placed.call_id.unwrap();
        let call = app.accounts.server().client.get_call(&id).await.unwrap();
        assert_eq!(call.to_number.as_deref(), Some("+34612345678"));
        assert_eq!(call.from_number.as_deref(), Some("+34911230100"));
        let marks = call.metadata.unwrap();
        assert_eq!(marks["switchboard_callback"], placed.id);
        assert_eq!(marks["switchboard_key"], "pk_callback");
        assert_eq!(
            (&marks["cart"], &marks["language"]),
            (&json!(3), &json!("es"))
        );
        let variables = call.retell_llm_dynamic_variables.unwrap();
        assert_eq!(variables["customer_name"], "Ana María");
        assert_eq!(variables["first_name"], "Ana");
        let (consent, _) = app.store.consent(tenant, &id).await.unwrap().unwrap();
        assert_eq!(consent.text, "Llámenme.");
        let summary = app.store.call_summary(tenant, &id).await.unwrap().unwrap();
        assert_eq!(summary.public_key_id.as_deref(), Some("pk_callback"));

        // Once.
        let page = desk(&server, "GET", "/api/desk/callbacks?over=true", &cookie).await;
        let page: CallbackPage = page.json().await.unwrap();
        assert_eq!(page.items.len(), 1);
        let gone = desk(
            &server,
            "POST",
            &format!("/api/desk/callbacks/{}/cancel", placed.id),
            &cookie,
        )
        .await;
        problem(gone, 409, slug::CALLBACK_NOT_OPEN).await;
        let unknown = desk(
            &server,
            "POST",
            "/api/desk/callbacks/nothing/call-now",
            &cookie,
        )
        .await;
        problem(unknown, 404, slug::NOT_FOUND).await;
        emulator.shutdown().await;
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let app = server.app();
    upsert(&app.store, &server.tenant, &callback_key()).await;
    let ask = async |change: Value| {
        let mut body = serde_json::to_value(request(app)).unwrap();
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        post(&server, "/api/public/callbacks", &body).await
    };
    let old = app
        .signer
        .callback_form("pk_callback", app.clock.now_ms() - CALLBACK_FORM_LIFE_MS);
    let other = app
        .signer
        .callback_form("pk_open", app.clock.now_ms() - 5000);
    for (change, status, kind) in [
        (json!({"phone": "612 34 56"}), 422, slug::PHONE_INVALID),
        (
            json!({"phone": "803 123 456"}),
            422,
            slug::NUMBER_NOT_DIALABLE,
        ),
        (
            json!({"phone": "+33 6 12 34 56 78"}),
            422,
            slug::COUNTRY_NOT_ALLOWED,
        ),
        (
            json!({"phone": "612345678", "country": "xx"}),
            422,
            slug::PHONE_INVALID,
        ),
        (json!({"name": "  "}), 422, slug::CALLBACK_NAME_INVALID),
        (json!({"consent": null}), 422, slug::CONSENT_MISSING),
        (json!({"at": 12}), 422, slug::SLOT_UNAVAILABLE),
        (json!({"form": ""}), 403, slug::FORM_INVALID),
        (json!({"form": old}), 403, slug::FORM_INVALID),
        (json!({"form": other}), 403, slug::FORM_INVALID),
        (
            json!({"agent_id": "agent_of_others"}),
            422,
            slug::AGENT_UNKNOWN,
        ),
        (json!({"key": "pk_open"}), 403, slug::MODE_NOT_ALLOWED),
        (json!({"key": "pk_disabled"}), 403, slug::KEY_DISABLED),
        (json!({"key": "pk_nobody_s"}), 404, slug::KEY_UNKNOWN),
        (json!({"metadata": 7}), 400, slug::BODY_INVALID),
    ] {
        problem(ask(change).await, status, kind).await;
    }
    let body = serde_json::to_value(request(app)).unwrap().to_string();
    let foreign = server.http.post(server.url("/api/public/callbacks"));
    let foreign = foreign
        .header("origin", "https://elsewhere.example")
        .body(body);
    problem(foreign.send().await.unwrap(), 403, slug::ORIGIN_NOT_ALLOWED).await;
    let store = &app.store;
    let kept = store
        .callbacks_to_do(&server.tenant, None, 50)
        .await
        .unwrap();
    assert_eq!(kept, []);
    server.stop().await;
}

#[tokio::test]
async fn a_program_is_told_nothing_and_nobody_is_called() {
    let retell = retell().await;
    takes_calls(&retell).await;
    let bench = bench(Scratch::sqlite(), &retell).await;
    let filled = NewCallback {
        website: "https://casino.example".to_owned(),
        ..request(&bench.app)
    };
    let quick = NewCallback {
        form: bench
            .app
            .signer
            .callback_form("pk_callback", bench.now() - i64::from(FILL_MS) + 1),
        ..request(&bench.app)
    };
    for from_a_program in [filled, quick] {
        let answer = callbacks::ask(&bench.app, VISITOR, from_a_program)
            .await
            .unwrap();
        assert_eq!(answer.at, None);
    }
    assert_eq!(bench.work_off().await, 0);
    assert_eq!(
        (to_do(&bench).await.len(), dialled(&retell).await.len()),
        (0, 0)
    );
    bench.clear().await;
}

#[tokio::test]
async fn a_number_is_called_once_however_often_it_is_asked_for() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let app = &bench.app;
        let at = Some(bench.now() + 3_600_000);
        let later = NewCallback { at, ..request(app) };
        let first = callbacks::ask(app, VISITOR, later.clone()).await.unwrap();
        assert_eq!(first.at, at);
        // On another form, now, in another spelling: it is on its way already.
        let spelt = NewCallback {
            phone: "+34 612-345-678".to_owned(),
            ..request(app)
        };
        assert_eq!(callbacks::ask(app, VISITOR, spelt).await.unwrap().at, at);
        assert_eq!(to_do(&bench).await.len(), 1);
        assert_eq!(bench.work_off().await, 0);

        bench.pass(HOUR);
        assert_eq!(bench.work_off().await, 1);
        let dials = dialled(&retell).await;
        assert_eq!(dials.len(), 1);
        assert_eq!(dials[0]["from_number"], "+34911230100");
        assert_eq!(dials[0]["override_agent_id"], "agent_demo_es");
        // Who is being called, or sends the same form again, is not called twice.
        callbacks::ask(app, VISITOR, request(app)).await.unwrap();
        assert_eq!(bench.work_off().await, 0);
        bench.pass(HOUR / 2);
        let again = request(app);
        for _ in 0..2 {
            callbacks::ask(app, VISITOR, again.clone()).await.unwrap();
            bench.work_off().await;
            bench.pass(HOUR / 2);
        }
        assert_eq!(dialled(&retell).await.len(), 2);

        // So often a day, and then no more.
        for _ in 2..PER_NUMBER {
            callbacks::ask(app, VISITOR, request(app)).await.unwrap();
            bench.work_off().await;
            bench.pass(HOUR);
        }
        let refused = callbacks::ask(app, VISITOR, request(app)).await;
        assert!(matches!(
            refused,
            Err(CallbackError::Mint(MintError::RateLimited { .. }))
        ));
        assert_eq!(dialled(&retell).await.len(), 3);
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_key_is_asked_so_often_a_day_and_own_numbers_are_not_called() {
    let retell = retell().await;
    takes_calls(&retell).await;
    let bench = bench(Scratch::sqlite(), &retell).await;
    let app = &bench.app;
    let few = PublicKey {
        callbacks_per_day: 2,
        ..callback_key()
    };
    upsert(&app.store, &bench.tenant, &few).await;
    let ask = |phone: &str| {
        let wanted = NewCallback {
            phone: phone.to_owned(),
            ..request(app)
        };
        callbacks::ask(app, VISITOR, wanted)
    };
    // Retell's list knows it as ours, if nobody has imported it here.
    ask("911 23 01 00").await.unwrap();
    assert_eq!(bench.work_off().await, 1);
    let failed = to_do(&bench).await;
    assert_eq!(failed[0].state, CallbackState::Failed);
    assert_eq!(
        failed[0].problem.as_deref(),
        Some(slug::NUMBER_NOT_DIALABLE)
    );
    let own = api::routing::Number {
        number: "+34911230100".to_owned(),
        nickname: None,
        agent_id: None,
        inbound_webhook_url: None,
        imported_at: 1,
    };
    app.store
        .replace_numbers(&bench.tenant, &[own], &somebody(), 1)
        .await
        .unwrap();
    let refused = ask("911 23 01 00").await;
    assert!(matches!(
        refused,
        Err(CallbackError::Number(NumberError::NotDialable))
    ));
    ask("612 34 56 78").await.unwrap();
    let refused = ask("612 34 56 79").await;
    assert!(matches!(
        refused,
        Err(CallbackError::Mint(MintError::RateLimited { .. }))
    ));
    assert_eq!(dialled(&retell).await.len(), 0);
    bench.clear().await;
}

#[tokio::test]
async fn what_retell_does_not_take_is_tried_again_and_in_the_end_left_to_people() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        Mock::given(method("POST"))
            .and(path("/v2/create-phone-call"))
            .respond_with(ResponseTemplate::new(503))
            .mount(&retell)
            .await;
        let database = scratch.database.clone();
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        callbacks::ask(app, VISITOR, request(app)).await.unwrap();
        assert_eq!(bench.work_off().await, 1);
        let waiting = to_do(&bench).await.remove(0);
        assert_eq!(
            (waiting.state, &waiting.problem),
            (CallbackState::Pending, &None)
        );

        // The last attempt there is.
        let mut connection = raw_connection(&database).await;
        sqlx::raw_sql("UPDATE jobs SET attempts = max_attempts - 1")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        bench.pass(HOUR / 60);
        assert_eq!(bench.work_off().await, 1);
        let failed = to_do(&bench).await.remove(0);
        assert_eq!(failed.state, CallbackState::Failed);
        assert_eq!(failed.problem.as_deref(), Some(slug::RETELL_FAILED));
        let parked = app.store.parked_jobs(tenant, None, 10).await.unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!(
            parked[0].last_error.as_deref(),
            Some("Retell answered 503.")
        );
        let first: Vec<_> = dialled(&retell).await;
        assert!(
            first
                .iter()
                .all(|dial| dial["idempotency_key"] == first[0]["idempotency_key"])
        );

        // Somebody at the desk has it called when Retell is back.
        retell.reset().await;
        Mock::given(method("GET"))
            .and(path("/v2/list-phone-numbers"))
            .respond_with(ResponseTemplate::new(200).set_body_json(
                json!({"items": [{"phone_number": "+34911230100"}], "has_more": false}),
            ))
            .mount(&retell)
            .await;
        takes_calls(&retell).await;
        callbacks::call_now(app, tenant, &failed.id, &somebody())
            .await
            .unwrap();
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(to_do(&bench).await, []);
        let placed = over(&bench).await.remove(0);
        assert_eq!(
            (placed.state, placed.call_id.as_deref()),
            (CallbackState::Placed, Some("call_back"))
        );
        let dials = dialled(&retell).await;
        assert_eq!(dials.len(), 1);
        assert_ne!(dials[0]["idempotency_key"], first[0]["idempotency_key"]);
        // The parked job, tried again, has nothing left to do.
        app.store
            .retry_job(tenant, &parked[0].id, &somebody(), bench.now())
            .await
            .unwrap();
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(dialled(&retell).await.len(), 1);
        let trail = app.store.audit_page(tenant, None, 10).await.unwrap();
        assert!(
            trail
                .iter()
                .any(|entry| entry.action == "callback.called_now")
        );
        bench.clear().await;
    }
}

#[tokio::test]
async fn what_is_cancelled_is_not_called_and_what_is_late_waits_for_the_morning() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        let form = callbacks::form(app, VISITOR, "pk_callback", None)
            .await
            .unwrap();
        let half_past_four = *form
            .slots
            .iter()
            .find(|slot| **slot - bench.now() == 4 * 3_600_000 + 1_800_000)
            .unwrap();
        let at = Some(half_past_four);
        callbacks::ask(app, VISITOR, NewCallback { at, ..request(app) })
            .await
            .unwrap();
        let other = NewCallback {
            at,
            phone: "030 901820".to_owned(),
            country: Some("DE".to_owned()),
            ..request(app)
        };
        callbacks::ask(app, VISITOR, other).await.unwrap();
        let waiting = to_do(&bench).await;
        assert_eq!(waiting.len(), 2);
        let ana = waiting
            .iter()
            .find(|one| one.phone == "+34612345678")
            .unwrap();
        callbacks::cancel(app, tenant, &ana.id, &somebody())
            .await
            .unwrap();
        let again = callbacks::cancel(app, tenant, &ana.id, &somebody()).await;
        assert!(matches!(again, Err(CallbackError::NotOpen)));
        // Nobody else's.
        let stranger = app
            .store
            .upsert_tenant("tenant_2", "Moon", "UTC", 1)
            .await
            .unwrap();
        let foreign = callbacks::cancel(app, &stranger, &waiting[0].id, &somebody()).await;
        assert!(matches!(foreign, Err(CallbackError::Unknown)));

        // The server was away until late in the evening.
        bench.pass(10 * HOUR);
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 0);
        let late = to_do(&bench).await.remove(0);
        assert_eq!(late.state, CallbackState::Scheduled);
        // Nine o'clock on Tuesday, in Berlin.
        let morning = "2027-01-12T08:00:00Z".parse::<jiff::Timestamp>().unwrap();
        assert_eq!(late.due_at, morning.as_millisecond());
        // The account is no longer the business's alone: it cannot be called.
        bench.pass(11 * HOUR);
        bench.work_off().await;
        let failed = to_do(&bench).await.remove(0);
        assert_eq!(failed.problem.as_deref(), Some(slug::OWN_ACCOUNT_REQUIRED));
        assert_eq!(over(&bench).await[0].state, CallbackState::Cancelled);
        bench.clear().await;
    }
}

#[tokio::test]
async fn out_of_hours_a_key_does_as_its_owner_says() {
    let retell = crate::support::retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let (store, tenant) = (&server.app().store, &server.tenant);
    let form = async || {
        let form = post(
            &server,
            "/api/public/callbacks/form",
            &json!({"key": "pk_callback"}),
        )
        .await;
        form.json::<CallbackForm>().await.unwrap()
    };
    let body = json!({"key": "pk_callback"});
    let keys = OutOfHours::ALL.map(|out_of_hours| PublicKey {
        out_of_hours,
        ..callback_key()
    });
    // Open: they are all the same.
    for key in &keys {
        upsert(store, tenant, key).await;
        assert_eq!(server.mint(&body).await.status(), 201);
    }
    open(store, tenant, json!({"week": [[], [], [], [], [], [], []]})).await;
    let [anyway, callback, closed] = &keys;
    upsert(store, tenant, anyway).await;
    assert_eq!(server.mint(&body).await.status(), 201);
    assert!(form().await.now);
    for key in [callback, closed] {
        upsert(store, tenant, key).await;
        problem(server.mint(&body).await, 403, slug::OUT_OF_HOURS).await;
        let form = form().await;
        assert!(!form.now && !form.open && form.slots.is_empty());
        let now = serde_json::to_value(request(server.app())).unwrap();
        let now = post(&server, "/api/public/callbacks", &now).await;
        problem(now, 422, slug::SLOT_UNAVAILABLE).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_holiday_closes_and_the_panel_says_when_it_opens() {
    let retell = retell().await;
    let bench = bench(Scratch::sqlite(), &retell).await;
    let closed = PublicKey {
        out_of_hours: OutOfHours::Callback,
        ..callback_key()
    };
    let (app, tenant) = (&bench.app, &bench.tenant);
    upsert(&app.store, tenant, &closed).await;
    let form = async || {
        callbacks::form(app, VISITOR, "pk_callback", None)
            .await
            .unwrap()
    };
    assert!(form().await.open);
    let mut hours = office();
    hours["exceptions"] = json!([{"date": "2027-01-11", "open": []}]);
    open(&app.store, tenant, hours).await;
    let form = form().await;
    assert!(!form.open && !form.now);
    let morning = "2027-01-12T08:00:00Z".parse::<jiff::Timestamp>().unwrap();
    assert_eq!(form.opens_at, Some(morning.as_millisecond()));
    assert_eq!(form.slots.first(), form.opens_at.as_ref());
    bench.clear().await;
}

#[tokio::test]
async fn a_request_is_told_exported_and_erased() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        let mut crm = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&crm.url, &["callback.requested"]).await;
        let at = Some(bench.now() + 3_600_000);
        callbacks::ask(app, VISITOR, NewCallback { at, ..request(app) })
            .await
            .unwrap();
        bench.work_off().await;
        let event = crm.next().await.json();
        assert_eq!(event["type"], "callback.requested");
        assert_eq!(event["caller_phone_e164"], "+34612345678");
        assert_eq!(event["data"]["name"], "Ana María");
        assert_eq!(event["data"]["call_at"], "2027-01-11T12:00:00Z");
        assert!(
            event["desk_url"]
                .as_str()
                .unwrap()
                .ends_with("/desk/callbacks")
        );

        let ana = Person::parse("+34 612 345 678").unwrap();
        let (store, now) = (&app.store, bench.now());
        let found = privacy::find(store, tenant, &ana).await.unwrap();
        assert_eq!(found.found.callbacks, 1);
        let copy = privacy::export(store, tenant, &ana, &somebody(), now)
            .await
            .unwrap();
        assert_eq!(copy["callbacks"][0]["consent"]["text"], "Llámenme.");
        let erased = privacy::erase(store, tenant, &ana, None, &somebody(), now)
            .await
            .unwrap();
        assert_eq!(erased.erased.callbacks, 1);
        assert_eq!(
            bench.log(&endpoint).await.len(),
            0,
            "nor what was told of it"
        );
        assert_eq!(to_do(&bench).await, []);
        bench.pass(2 * HOUR);
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 0);
        bench.clear().await;
    }
}
