//! The server, a tenant with its people and calls, and a stand-in for Retell.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{RequestBuilder, Response};
use serde_json::{Map, Value, json};
use server::app::App;
use server::calls::Observation;
use server::config::{Config, Mode, Source};
use server::keys::PublicKey;
use server::people::{self, Role, User};
use server::serve::{self, Running};
use server::store::Tenant;

use crate::retell_stub::RetellStub;
use crate::stream::Events;

const API_KEY: &str = "key_for_tests";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct Stage {
    pub(crate) url: String,
    pub(crate) retell: RetellStub,
    pub(crate) tenant: Tenant,
    pub(crate) user: User,
    pub(crate) http: reqwest::Client,
    running: Running,
    dir: PathBuf,
}

/// Fails the test rather than let it hang.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("this takes too long")
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_with(|_| {}).await
    }

    pub(crate) async fn set_with(change: impl FnOnce(&mut Config)) -> Self {
        let retell = RetellStub::start().await;
        let dir = std::env::temp_dir().join(format!("switchboard-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(dir.join("site")).unwrap();
        let database = format!("sqlite://{}", dir.join("switchboard.db").display());
        let mut config = Config::read(
            &Source::from_pairs([
                ("RETELL_API_KEY", API_KEY),
                ("RETELL_BASE_URL", retell.url.as_str()),
                ("SWITCHBOARD_LISTEN", "127.0.0.1:0"),
                ("SWITCHBOARD_DATABASE_URL", &database),
                ("SWITCHBOARD_SITE_DIR", dir.join("site").to_str().unwrap()),
            ]),
            Mode::Production,
        )
        .unwrap();
        change(&mut config);
        let running = serve::start(config).await.unwrap();
        let store = &running.app().store;
        let tenant = store
            .upsert_tenant("t1", "Sunrise Dental", "Europe/Berlin", 0)
            .await
            .unwrap();
        let user = User {
            id: "u1".into(),
            email: "emma@example.com".into(),
            name: "Emma".into(),
            role: Role::Admin,
            password_hash: Some(people::hash_password(PASSWORD.into()).await.unwrap()),
        };
        store.upsert_user(&tenant, &user, 0).await.unwrap();
        let url = format!("http://{}", running.address());
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            url,
            retell,
            tenant,
            user,
            http,
            running,
            dir,
        }
    }

    pub(crate) fn app(&self) -> &App {
        self.running.app()
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.dir.join("site")
    }

    /// Puts a file into the site.
    pub(crate) fn site_file(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.site().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http
            .post(format!("{}{path}", self.url))
            .header(ORIGIN, &self.url)
    }

    /// Mints a call of the tenant.
    pub(crate) async fn call(&self, id: &str) {
        self.call_of(&self.tenant, id).await;
    }

    pub(crate) async fn call_of(&self, tenant: &Tenant, id: &str) {
        let now = self.app().clock.now_ms();
        let minted = Observation::minted(id, "agent_1", Map::new(), Map::new(), now);
        self.observe(tenant, &minted).await;
    }

    /// Stores what was heard of a call, of which everybody is told.
    pub(crate) async fn observe(&self, tenant: &Tenant, seen: &Observation) {
        let app = self.app();
        let now = app.clock.now_ms();
        app.store
            .observe(tenant, seen, now, &app.config.healing)
            .await
            .unwrap();
    }

    /// Sends a signed webhook, as Retell does.
    pub(crate) async fn webhook(&self, event: &str, mut call: Value) {
        call["agent_id"] = "agent_1".into();
        call["call_type"] = "web_call".into();
        let body = json!({"event": event, "call": call}).to_string();
        let now = u64::try_from(self.app().clock.now_ms()).unwrap();
        let signature = retell::signature::sign(body.as_bytes(), API_KEY, now);
        let response = self
            .http
            .post(format!("{}/api/webhooks/retell", self.url))
            .header("x-retell-signature", signature)
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{}", response.status());
    }

    pub(crate) fn ticket(&self, call_id: &str) -> String {
        self.app()
            .signer
            .call_ticket(call_id, self.app().clock.now_ms())
    }

    /// What opens the stream of a call.
    pub(crate) fn stream(&self, call_id: &str) -> String {
        self.app()
            .signer
            .call_stream(call_id, self.app().clock.now_ms())
    }

    /// Asks for a call's stream as its visitor.
    pub(crate) async fn visit(&self, call_id: &str, last_event_id: Option<&str>) -> Response {
        let stream = self.stream(call_id);
        let path = format!("/api/public/web-calls/{call_id}/events?stream={stream}");
        resuming(self.get(&path), last_event_id)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn visitor(&self, call_id: &str) -> Events {
        Events::of(self.visit(call_id, None).await)
    }

    /// The cookie of somebody who has just signed in.
    pub(crate) async fn cookie(&self) -> String {
        self.cookie_of(&self.tenant, &self.user).await
    }

    pub(crate) async fn cookie_of(&self, tenant: &Tenant, user: &User) -> String {
        let app = self.app();
        let now = app.clock.now_ms();
        let link = people::new_sign_in_link(&app.store, tenant, user, now)
            .await
            .unwrap();
        let response = self
            .get(&format!("/desk/sign-in/{}", link.expose()))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 303);
        cookie_in(&response)
    }

    pub(crate) async fn staff_stream(
        &self,
        path: &str,
        cookie: &str,
        last: Option<&str>,
    ) -> Events {
        let request = resuming(self.get(path).header(COOKIE, cookie), last);
        Events::of(request.send().await.unwrap())
    }

    /// A second business with one person.
    pub(crate) async fn other_tenant(&self) -> (Tenant, User) {
        let store = &self.app().store;
        let tenant = store
            .upsert_tenant("t2", "Aurora", "Europe/Madrid", 0)
            .await
            .unwrap();
        let user = User {
            id: "u2".into(),
            email: "lucia@example.com".into(),
            name: "Lucía".into(),
            role: Role::Agent,
            password_hash: None,
        };
        store.upsert_user(&tenant, &user, 0).await.unwrap();
        (tenant, user)
    }

    pub(crate) async fn public_key(&self, key: PublicKey) {
        self.app()
            .store
            .upsert_public_key(&self.tenant, &key, 0)
            .await
            .unwrap();
    }

    /// Stops the server as a signal does.
    pub(crate) async fn stop(self) {
        self.running.stop().await;
        remove(&self.dir);
    }
}

fn remove(dir: &Path) {
    // Left over in the temporary directory at worst.
    let _ = std::fs::remove_dir_all(dir);
}

fn resuming(request: RequestBuilder, last_event_id: Option<&str>) -> RequestBuilder {
    match last_event_id {
        Some(id) => request.header("last-event-id", id),
        None => request,
    }
}

/// The session cookie an answer sets, as a browser sends it back.
pub(crate) fn cookie_in(response: &Response) -> String {
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// An answer that must be this problem.
pub(crate) async fn problem(response: Response, status: u16, slug: &str) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["type"], format!("/problems/{slug}"));
    problem
}
