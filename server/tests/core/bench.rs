//! A server without a network, whose clock the test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use server::accounts::Accounts;
use server::app::App;
use server::clock::Clock;
use server::config::{Config, Database, Secret};
use server::deeds::Author;
use server::inbox::InboxWriter;
use server::jobs::Runner;
use server::notify::{self, Endpoint, EndpointForm, NotificationRow};
use server::serve;
use server::signed::Signer;
use server::store::Tenant;

use crate::support::{Scratch, config};

/// A server whose jobs run when the test says so, at the time it says.
pub(crate) struct Bench {
    pub(crate) app: App,
    pub(crate) tenant: Tenant,
    pub(crate) runner: Runner,
    now: Arc<AtomicI64>,
    scratch: Scratch,
}

/// An author, for deeds whose author does not matter.
pub(crate) fn somebody() -> Author {
    Author::operator()
}

impl Bench {
    pub(crate) async fn set(scratch: Scratch) -> Self {
        Self::set_with(scratch, |_| {}).await
    }

    pub(crate) async fn set_with(scratch: Scratch, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&scratch, "http://127.0.0.1:9");
        config.outbound.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
        change(&mut config);
        let store = scratch.store().await;
        // Now, so that the reference library accepts the times.
        let now = Arc::new(AtomicI64::new(Clock::system().now_ms()));
        let hand = Arc::clone(&now);
        let clock = Clock::from_fn(move || hand.load(Ordering::SeqCst));
        let tenant = store
            .tenants()
            .upsert("tenant_1", "Sunrise", "Europe/Berlin", 1)
            .await
            .unwrap();
        // Known, so that nothing but what the tests are about is to be done.
        for agent in ["agent_1", "agent_demo_es"] {
            store
                .agents()
                .assign(&tenant, agent, agent, &somebody(), 1)
                .await
                .unwrap();
        }
        let (writer, _) = InboxWriter::start(store.clone());
        let vault = serve::vault(&config).unwrap();
        let accounts = Accounts::new(&config).unwrap();
        let app = App::new(
            config,
            store,
            accounts,
            vault,
            writer,
            Signer::new(&[7; 32]),
            clock,
        )
        .unwrap();
        Self {
            runner: app.runner.clone(),
            app,
            tenant,
            now,
            scratch,
        }
    }

    pub(crate) fn database(&self) -> Database {
        self.scratch.database.clone()
    }

    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    /// Somebody sets the clock back.
    pub(crate) fn set_back(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.now.fetch_sub(ms, Ordering::SeqCst);
    }

    pub(crate) async fn work_off(&self) -> usize {
        self.runner.work_off().await.unwrap()
    }

    /// An endpoint for these events.
    pub(crate) async fn endpoint(&self, url: &str, events: &[&str]) -> (Endpoint, Secret) {
        let form = EndpointForm {
            url: url.to_owned(),
            description: "CRM".to_owned(),
            events: events.iter().map(|&event| event.to_owned()).collect(),
        };
        let headers = [("x-make-apikey".to_owned(), "make_key".to_owned())].into();
        notify::create(&self.app.notify, &self.tenant, &somebody(), form, &headers)
            .await
            .unwrap()
    }

    pub(crate) async fn test_event(&self, endpoint: &Endpoint) -> String {
        notify::send_test(&self.app.notify, &self.tenant, &somebody(), &endpoint.id)
            .await
            .unwrap()
    }

    pub(crate) async fn look(&self, endpoint: &Endpoint) -> Endpoint {
        let found = self
            .app
            .store
            .endpoints()
            .find(&self.tenant, &endpoint.id)
            .await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn log(&self, endpoint: &Endpoint) -> Vec<NotificationRow> {
        self.app
            .store
            .notifications()
            .page(&self.tenant, &endpoint.id, None, 100)
            .await
            .unwrap()
    }

    /// Ends it and keeps its data.
    pub(crate) async fn leave(self) -> Scratch {
        self.app.store.close().await;
        self.scratch
    }

    pub(crate) async fn clear(self) {
        self.leave().await.remove().await;
    }
}
