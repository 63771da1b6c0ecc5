//! Out of hours, and holidays.

use api::callbacks::CallbackForm;
use api::keys::OutOfHours;
use api::problem::slug;
use serde_json::json;
use server::callbacks;
use server::keys::PublicKey;

use super::{VISITOR, bench, callback_key, office, open, post, request, retell, upsert};
use crate::support::{Scratch, TestServer, problem};

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
        callbacks::form(&app.calls, VISITOR, "pk_callback", None)
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
