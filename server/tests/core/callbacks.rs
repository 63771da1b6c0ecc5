//! Call-backs: asked for by visitors, placed once, seen and changed at the
//! desk; and what is refused.

mod asking;
mod hours;
mod placing;
mod queue;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use api::callbacks::{Callback, NewCallback};
use api::keys::Mode;
use api::public::Consent;
use receiver::Receiver;
use serde_json::{Value, json};
use server::app::keepers;
use server::callbacks::{self, FILL_MS};
use server::calls::Visitor;
use server::keys::PublicKey;
use server::person::Person;
use server::privacy;
use server::store::{Store, Tenant};
use server::tenants::TenantSettings;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::bench::{Bench, somebody};
use crate::privacy::copy_of;
use crate::support::{PAGE, Scratch, TestServer, asked, key};

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
    store.public_keys().upsert(tenant, key, 1).await.unwrap();
}

/// What a visitor fills in, on a form shown long enough ago.
fn request(app: &server::app::App) -> NewCallback {
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
        left_blank: String::new(),
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
    let asked = asked(retell).await;
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
        ..store.tenants().settings(tenant).await.unwrap()
    };
    store
        .tenants()
        .set_settings(tenant, &settings, None, &somebody(), 1)
        .await
        .unwrap();
}

async fn to_do(bench: &Bench) -> Vec<Callback> {
    let store = &bench.app.store;
    store
        .callbacks()
        .to_do(&bench.tenant, None, 50)
        .await
        .unwrap()
}

async fn over(bench: &Bench) -> Vec<Callback> {
    let store = &bench.app.store;
    store
        .callbacks()
        .over(&bench.tenant, None, 50)
        .await
        .unwrap()
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
async fn a_request_is_told_exported_and_erased() {
    for scratch in Scratch::each_sorted().await {
        let retell = retell().await;
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        let crm = Receiver::start().await;
        let (endpoint, _) = bench.endpoint(&crm.url, &["callback.requested"]).await;
        let at = Some(bench.now() + 3_600_000);
        callbacks::ask(&app.calls, VISITOR, NewCallback { at, ..request(app) })
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
        let found = privacy::find(&keepers(), store, tenant, &ana)
            .await
            .unwrap();
        assert_eq!((found.found.callbacks, found.found.events), (1, 1));
        let copy = copy_of(store, tenant, &ana).await;
        assert_eq!(copy["callbacks"][0]["consent"]["text"], "Llámenme.");
        assert_eq!(copy["other_events"][0]["type"], "callback.requested");
        let erased = privacy::erase(&keepers(), store, tenant, &ana, None, &somebody(), now)
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
