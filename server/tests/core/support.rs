//! A server of one's own for every test, and what the tests say to it.

mod scratch;
mod sealed;

use std::path::PathBuf;
use std::time::Duration;

use api::Problem;
use emulator::Emulator;
use retell::signature;
use serde_json::{Value, json};
use server::app::App;
use server::bus::CallChanged;
use server::clock::Clock;
use server::config::{Config, Mode, Source};
use server::deeds::Author;
use server::keys::PublicKey;
use server::people::{self, Role, SessionOrigin, Token, User};
use server::serve::{self, Running};
use server::store::{Store, Tenant};
use tokio::net::TcpStream;
use tokio::sync::broadcast;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) use scratch::{Scratch, raw_connection, refuse, run, until_blocked};

pub(crate) const API_KEY: &str = "key_of_the_tests";
pub(crate) const PAGE: &str = "https://www.example.com";
/// Longer than anything here takes; reached only by a failing test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server with one tenant and the keys `pk_open` and `pk_disabled`.
pub(crate) struct TestServer {
    pub(crate) running: Running,
    pub(crate) tenant: Tenant,
    pub(crate) http: reqwest::Client,
    pub(crate) scratch: Scratch,
}

impl TestServer {
    pub(crate) async fn start(retell: &MockServer) -> Self {
        Self::start_with(Scratch::sqlite(), &retell.uri(), |_| {}).await
    }

    pub(crate) async fn start_with(
        scratch: Scratch,
        retell_url: &str,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Self::start_by(Clock::system(), scratch, retell_url, change).await
    }

    /// The same by another clock.
    pub(crate) async fn start_by(
        clock: Clock,
        scratch: Scratch,
        retell_url: &str,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = config(&scratch, retell_url);
        change(&mut config);
        let listener = serve::bind(&config).await.unwrap();
        let running = serve::start_by(clock, listener, config).await.unwrap();
        Self::of(running, scratch).await
    }

    /// A server beside an emulator that posts its webhooks to it.
    pub(crate) async fn emulated(change: impl FnOnce(&mut Config)) -> (Self, Emulator) {
        Self::emulated_on(Scratch::sqlite(), change).await
    }

    pub(crate) async fn emulated_on(
        scratch: Scratch,
        change: impl FnOnce(&mut Config),
    ) -> (Self, Emulator) {
        Self::emulated_so(scratch, change, |retell, _| retell).await
    }

    /// The same with a Retell that is set up so, for a server at that address.
    pub(crate) async fn emulated_so(
        scratch: Scratch,
        change: impl FnOnce(&mut Config),
        so: impl FnOnce(emulator::Config, &str) -> emulator::Config,
    ) -> (Self, Emulator) {
        let mut config = config(&scratch, "http://127.0.0.1:9");
        change(&mut config);
        let listener = serve::bind(&config).await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let retell = emulator::Config {
            api_key: API_KEY.to_owned(),
            webhook_url: Some(format!("{own}/api/webhooks/retell")),
            ..emulator::Config::default()
        };
        let emulator = Emulator::start(so(retell, &own)).await.unwrap();
        config.retell.base_url = emulator.url().parse().unwrap();
        let running = serve::start_on(listener, config).await.unwrap();
        (Self::of(running, scratch).await, emulator)
    }

    /// Adds the tenant and its keys.
    async fn of(running: Running, scratch: Scratch) -> Self {
        let tenant = seed(&running.app().store, running.app().clock.now_ms()).await;
        Self {
            running,
            tenant,
            http: http(),
            scratch,
        }
    }

    pub(crate) fn app(&self) -> &App {
        self.running.app()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address())
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
        // Some tests leave no database to be looked at.
        let missed = sealed::missed(&self.scratch.database).await;
        let missed = missed.unwrap_or_default();
        assert!(missed.is_empty(), "sealed, and not registered: {missed:?}");
        self.scratch.remove().await;
    }

    /// Stops the server and keeps its data.
    pub(crate) async fn stop_for_now(self) -> Scratch {
        self.running.stop().await;
        self.scratch
    }

    /// Asks for a call as the page `PAGE` does.
    pub(crate) async fn mint(&self, body: &Value) -> reqwest::Response {
        self.mint_from(Some(PAGE), body).await
    }

    pub(crate) async fn mint_from(&self, origin: Option<&str>, body: &Value) -> reqwest::Response {
        let mut request = self
            .http
            .post(self.url("/api/public/web-calls"))
            .body(body.to_string());
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.unwrap()
    }

    /// Posts a webhook as Retell does, signed now.
    pub(crate) async fn webhook(&self, body: &Value) -> reqwest::Response {
        let body = body.to_string();
        let signature = sign(body.as_bytes(), self.app().clock.now_ms());
        self.post_webhook(body, Some(&signature)).await
    }

    pub(crate) async fn post_webhook(
        &self,
        body: impl Into<reqwest::Body>,
        signature: Option<&str>,
    ) -> reqwest::Response {
        let mut request = self.http.post(self.url("/api/webhooks/retell")).body(body);
        if let Some(signature) = signature {
            request = request.header("x-retell-signature", signature);
        }
        request.send().await.unwrap()
    }

    /// The cookie of somebody who has just signed in.
    pub(crate) async fn sign_in(&self, tenant: &Tenant, user: &User) -> String {
        let (store, now) = (&self.app().store, self.app().clock.now_ms());
        let link = people::new_sign_in_link(store, tenant, user, now)
            .await
            .unwrap();
        let path = self.url(&format!("/desk/sign-in/{}", link.expose()));
        let answer = self.http.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        cookie_in(&answer)
    }

    /// Waits until every webhook taken in was worked off, parked or refused.
    pub(crate) async fn settled(&self) {
        settled(&self.app().store).await;
    }
}

/// A client that follows no redirect.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// The session cookie an answer sets, as a browser sends it back.
pub(crate) fn cookie_in(answer: &reqwest::Response) -> String {
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Waits until whichever server is on it has worked every webhook off.
pub(crate) async fn settled(store: &Store) {
    let pending = async {
        while store.inbox_entries().next_due().await.unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    // A storm leaves more than is worked off in the time anything else takes.
    let worked_off = tokio::time::timeout(6 * PATIENCE, pending).await;
    worked_off.expect("this takes too long");
}

/// Before looking again: others need the processor to get there.
pub(crate) async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// A program of the machine. Debian puts servers where only administrators look.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    places.map(|place| place.join(name)).find(|it| it.is_file())
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

/// Waits until somebody listens on this port.
pub(crate) async fn listening(port: u16) {
    let up = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            a_moment().await;
        }
    };
    in_time(up).await;
}

/// Tells that the calling test cannot be run here: `cargo xtask test` lists it.
pub(crate) fn not_run(why: &str) {
    let thread = std::thread::current();
    let line = format!("server {}: {why}", thread.name().unwrap_or_default());
    match std::env::var_os("SWITCHBOARD_TEST_NOT_RUN") {
        Some(list) => {
            let mut list = std::fs::File::options().append(true).open(list).unwrap();
            std::io::Write::write_all(&mut list, format!("{line}\n").as_bytes()).unwrap();
        }
        None => eprintln!("not run: {line}"),
    }
}

/// Fails the test rather than let it hang.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("this takes too long")
}

/// The tenant of the tests, with its agent and its keys.
pub(crate) async fn seed(store: &Store, now: i64) -> Tenant {
    let tenant = store
        .tenants()
        .upsert("tenant_1", "Sunrise", "Europe/Berlin", now)
        .await
        .unwrap();
    store
        .agents()
        .assign(&tenant, "agent_1", "Emma", &Author::operator(), now)
        .await
        .unwrap();
    let disabled = PublicKey {
        disabled: true,
        ..key("pk_disabled")
    };
    for key in [key("pk_open"), disabled] {
        store
            .public_keys()
            .upsert(&tenant, &key, now)
            .await
            .unwrap();
    }
    tenant
}

/// The cookie of a person of the tenant who has just signed in.
pub(crate) async fn session_cookie(store: &Store, tenant: &Tenant) -> String {
    let user = User {
        id: "user_1".to_owned(),
        email: "emma@example.com".to_owned(),
        name: "Emma".to_owned(),
        role: Role::Admin,
        password_hash: None,
    };
    store.people().upsert(tenant, &user, 0).await.unwrap();
    let token = Token::random();
    store
        .sign_ins()
        .create_session(
            tenant,
            &user.id,
            &token.hash(),
            &SessionOrigin::default(),
            0,
            i64::MAX,
        )
        .await
        .unwrap();
    format!("switchboard_session={}", token.expose())
}

pub(crate) fn config(scratch: &Scratch, retell_url: &str) -> Config {
    let source = Source::from_pairs([
        ("SWITCHBOARD_LISTEN", "127.0.0.1:0"),
        ("RETELL_API_KEY", API_KEY),
        ("RETELL_BASE_URL", retell_url),
        // Healing asks when a test wants it to.
        ("SWITCHBOARD_HEAL_INTERVAL_SECONDS", "3600"),
        ("SWITCHBOARD_MINT_REQUESTS_PER_IP_MINUTE", "1000"),
    ]);
    let mut config = Config::read(&source, Mode::Production).unwrap();
    config.database = scratch.database.clone();
    config.data_dir = scratch.directory.clone();
    config.assets_dir = scratch.directory.join("assets");
    config.webhooks.retry_base = Duration::from_millis(1);
    config
}

pub(crate) fn key(id: &str) -> PublicKey {
    PublicKey {
        id: id.to_owned(),
        title: "Sunrise Dental".to_owned(),
        agents: vec!["agent_1".to_owned(), "agent_2".to_owned()],
        origins: vec![PAGE.to_owned(), "https://*.example.org".to_owned()],
        variables: vec!["first_name".to_owned()],
        calls_per_minute: 1000,
        calls_per_ip_per_minute: 1000,
        ..PublicKey::default()
    }
}

pub(crate) fn sign(body: &[u8], now_ms: i64) -> String {
    signature::sign(body, API_KEY, u64::try_from(now_ms).unwrap())
}

/// The next change told on the bus.
pub(crate) async fn next_change(changes: &mut broadcast::Receiver<CallChanged>) -> CallChanged {
    tokio::time::timeout(PATIENCE, changes.recv())
        .await
        .unwrap()
        .unwrap()
}

/// Checks status, type and media type of a problem, and returns it.
pub(crate) async fn problem(response: reqwest::Response, status: u16, slug: &str) -> Problem {
    let headers = response.headers().clone();
    let got = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    assert_eq!(
        headers["content-type"], "application/problem+json",
        "{text}"
    );
    let problem: Problem = serde_json::from_str(&text).unwrap();
    assert_eq!((problem.slug(), problem.status), (slug, status), "{text}");
    assert_eq!(
        problem.request_id.as_deref(),
        headers["x-request-id"].to_str().ok()
    );
    if let Some(seconds) = problem.retry_after_s {
        assert_eq!(headers["retry-after"], seconds.to_string());
    }
    problem
}

/// What a Retell of the test's own was asked, in order; not which agents and voices
/// there are, which every server asks at its start.
pub(crate) async fn asked(retell: &MockServer) -> Vec<wiremock::Request> {
    let mut asked = retell.received_requests().await.unwrap();
    asked.retain(|asked| !["/v2/list-agents", "/list-voices"].contains(&asked.url.path()));
    asked
}

/// A Retell that mints the call `call_1`.
pub(crate) async fn retell_that_mints() -> MockServer {
    let retell = MockServer::start().await;
    let access = json!({
        "call_id": "call_1",
        "access_token": "token_1",
        "transport": "gateway",
        "ice_servers": [{"urls": "stun:stun.example.com"}],
        "expires_at": 4_000_000_000_000_i64,
    });
    Mock::given(method("POST"))
        .and(path("/v3/create-web-call"))
        .respond_with(ResponseTemplate::new(201).set_body_json(access))
        .mount(&retell)
        .await;
    retell
}

/// A Retell that answers one route in one way.
pub(crate) async fn answers(
    retell: &MockServer,
    verb: &str,
    route: &str,
    answer: ResponseTemplate,
) {
    Mock::given(method(verb))
        .and(path(route))
        .respond_with(answer)
        .mount(retell)
        .await;
}

/// The webhooks in the life of `call_1`, as Retell sends them.
pub(crate) fn life_of_a_call() -> Vec<Value> {
    let basic = json!({
        "call_id": "call_1", "call_type": "web_call", "agent_id": "agent_1",
        "agent_name": "Emma", "call_status": "ongoing", "access_token": "token_1",
        "start_timestamp": 1_790_000_001_000_i64,
    });
    let items = json!([
        {"role": "agent", "content": "Hello", "words": [{"word": "Hello", "start": 0.5, "end": 0.9}]},
        {"role": "tool_call_invocation", "tool_call_id": "t1", "name": "look_up", "arguments": "{}"},
        {"role": "user", "content": "Hi", "words": [{"word": "Hi", "start": 1.5, "end": 1.7}]},
    ]);
    let ended = with(
        &basic,
        &json!({
            "call_status": "ended", "end_timestamp": 1_790_000_031_000_i64, "duration_ms": 30_000,
            "disconnection_reason": "user_hangup", "transcript": "Agent: Hello\nUser: Hi\n",
            "transcript_with_tool_calls": items, "recording_url": "https://example.com/call_1.wav",
            "call_cost": {"combined_cost": 7.5}, "latency": {"e2e": {"p50": 820.0}},
        }),
    );
    let analyzed = with(
        &ended,
        &json!({"call_analysis": {
            "call_summary": "Said hello.", "user_sentiment": "Positive", "call_successful": true,
            "custom_analysis_data": {"mood": "sunny"},
        }}),
    );
    vec![
        json!({"event": "call_started", "call": basic}),
        json!({"event": "transcript_updated", "call": {"call_id": "call_1"},
               "transcript_with_tool_calls": [items[0]]}),
        json!({"event": "call_ended", "call": ended}),
        json!({"event": "call_analyzed", "call": analyzed}),
    ]
}

/// An object with some fields replaced or added.
pub(crate) fn with(object: &Value, more: &Value) -> Value {
    let mut object = object.clone();
    for (name, value) in more.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

/// Somebody at the desk.
pub(crate) struct Desk<'a> {
    server: &'a TestServer,
    cookie: String,
}

impl<'a> Desk<'a> {
    /// Signs a person with this role in.
    pub(crate) async fn sign_in(server: &'a TestServer, role: Role) -> Self {
        Self::sign_in_to(server, &server.tenant, role).await
    }

    /// The same for any business.
    pub(crate) async fn sign_in_to(server: &'a TestServer, tenant: &Tenant, role: Role) -> Self {
        let (store, now) = (&server.app().store, server.app().clock.now_ms());
        let at = tenant.id().trim_start_matches("tenant_");
        let user = User {
            id: format!("user_{}_{at}", role.name()),
            email: format!("{}.{at}@example.com", role.name()),
            name: "Robin".to_owned(),
            role,
            password_hash: None,
        };
        store.people().upsert(tenant, &user, now).await.unwrap();
        let cookie = server.sign_in(tenant, &user).await;
        Self { server, cookie }
    }

    /// What says that it is them.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Response {
        let method = method.parse().unwrap();
        let mut request = self.server.http.request(method, self.server.url(path));
        request = request.header("cookie", &self.cookie);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        request.send().await.unwrap()
    }

    /// Sends a file as it is.
    pub(crate) async fn upload(&self, path: &str, bytes: &[u8]) -> Value {
        let request = self.server.http.post(self.server.url(path));
        let request = request.header("cookie", &self.cookie).body(bytes.to_vec());
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        read(self.send("GET", path, None).await).await
    }

    pub(crate) async fn post<T: serde::de::DeserializeOwned>(&self, path: &str, body: &Value) -> T {
        read(self.send("POST", path, Some(body)).await).await
    }
}

async fn read<T: serde::de::DeserializeOwned>(answer: reqwest::Response) -> T {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}
