//! A server beside a stand-in for Retell that does exactly what a test tells it to, with
//! somebody at the desk, and what browsers say to it.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use reqwest::header::{COOKIE, ORIGIN};
use reqwest::{RequestBuilder, Response};
use serde_json::{Map, Value, json};
use server::calls::Observation;
use server::config::Config;
use server::keys::PublicKey;
use server::people::{self, Role, User};
use server::store::Tenant;

use crate::retell_stub::RetellStub;
use crate::sse::Events;
use crate::support::{Scratch, TestServer};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct Stage {
    server: TestServer,
    pub(crate) retell: RetellStub,
    /// The admin.
    pub(crate) user: User,
}

impl Deref for Stage {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.server
    }
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_with(|_| {}).await
    }

    pub(crate) async fn set_with(change: impl FnOnce(&mut Config)) -> Self {
        let retell = RetellStub::start().await;
        let scratch = Scratch::sqlite();
        let site = scratch.directory.join("site");
        std::fs::create_dir_all(&site).unwrap();
        let server = TestServer::start_with(scratch, &retell.url, |config| {
            config.site_dir = site;
            change(config);
        })
        .await;
        let user = User {
            id: "user_1".into(),
            email: "emma@example.com".into(),
            name: "Emma".into(),
            role: Role::Admin,
            password_hash: Some(people::hash_password(PASSWORD.into()).await.unwrap()),
        };
        let store = &server.app().store;
        store
            .people()
            .upsert(&server.tenant, &user, 0)
            .await
            .unwrap();
        Self {
            server,
            retell,
            user,
        }
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.scratch.directory.join("site")
    }

    /// Puts a file into the site.
    pub(crate) fn site_file(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.site().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path)).header(ORIGIN, self.url(""))
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
            .calls()
            .observe(tenant, seen, now, &app.config.healing)
            .await
            .unwrap();
    }

    /// Sends a webhook about a call, as Retell does.
    pub(crate) async fn hear(&self, event: &str, mut call: Value) {
        call["agent_id"] = "agent_1".into();
        call["call_type"] = "web_call".into();
        let told = self.webhook(&json!({"event": event, "call": call})).await;
        assert!(told.status().is_success(), "{}", told.status());
    }

    pub(crate) fn ticket(&self, call_id: &str) -> String {
        self.app()
            .signer
            .call_ticket(call_id, self.app().clock.now_ms())
    }

    /// Asks for a call's stream as its visitor.
    pub(crate) async fn visit(&self, call_id: &str, last_event_id: Option<&str>) -> Response {
        let path = format!("/api/public/web-calls/{call_id}/events");
        let request = self.get(&path).bearer_auth(self.ticket(call_id));
        resuming(request, last_event_id).send().await.unwrap()
    }

    pub(crate) async fn visitor(&self, call_id: &str) -> Events {
        Events::of(self.visit(call_id, None).await)
    }

    /// The cookie of the admin, who has just signed in.
    pub(crate) async fn cookie(&self) -> String {
        self.sign_in(&self.tenant, &self.user).await
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
            .tenants()
            .upsert("tenant_2", "Aurora", "Europe/Madrid", 0)
            .await
            .unwrap();
        let user = User {
            id: "user_2".into(),
            email: "lucia@example.com".into(),
            name: "Lucía".into(),
            role: Role::Agent,
            password_hash: None,
        };
        store.people().upsert(&tenant, &user, 0).await.unwrap();
        (tenant, user)
    }

    pub(crate) async fn public_key(&self, key: PublicKey) {
        self.app()
            .store
            .public_keys()
            .upsert(&self.tenant, &key, 0)
            .await
            .unwrap();
    }

    /// Stops the server as a signal does.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

fn resuming(request: RequestBuilder, last_event_id: Option<&str>) -> RequestBuilder {
    match last_event_id {
        Some(id) => request.header("last-event-id", id),
        None => request,
    }
}
