//! A CRM that somebody connects: they say yes on a page of its, and come back with a code; what
//! opens it is renewed, once at a time, until nobody lets the app in any more.

use api::crm::{CrmConnection, CrmConsent, CrmConsentPage, CrmOutcome, CrmTest, CrmWriteState};
use api::keys::ApiScope;
use serde_json::{Value, json};
use server::config::{Database, Secret};
use server::people::Role;
use tokio::task::JoinSet;

use super::double::{Consent, Double, Vendor};
use super::{ANA, World, becomes, hubspot, is_written, pipedrive, salesforce};
use crate::support::{Desk, Scratch, TestServer};
use crate::v1::program;

const PAGE: &str = "/desk/settings/crm";

async fn page(desk: &Desk<'_>) -> String {
    let CrmConsentPage { url } = desk.post("/api/desk/crm/consent", &json!({})).await;
    url
}

/// Where somebody ends who is sent back so.
async fn ends(desk: &Desk<'_>, back: &str) -> String {
    let path = &back[back.find("/desk/crm/callback").unwrap()..];
    let answer = desk.send("GET", path, None).await;
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn consent(desk: &Desk<'_>) -> Option<CrmConsent> {
    let connection: CrmConnection = desk.get("/api/desk/crm").await;
    connection.consent
}

async fn test(desk: &Desk<'_>) -> CrmTest {
    desk.post("/api/desk/crm/test", &json!({})).await
}

async fn journey(vendor: &Vendor, by: &'static Consent, scratch: Scratch) {
    let world = World::on(scratch).await;
    let server = &world.server;
    let crm = program(server, &ApiScope::ALL).await;
    let double = Double::start_with(vendor, Some(by)).await;
    double.add("Ana Sol", "ana@example.com", "612 34 56 78");
    let desk = Desk::sign_in(server, Role::Admin).await;
    let nothing = desk
        .send("POST", "/api/desk/crm/consent", Some(&json!({})))
        .await;
    assert_eq!(nothing.status(), 422, "there is no CRM");
    let connection = (by.connection)(&double.url());
    let set = desk.send("PUT", "/api/desk/crm", Some(&connection)).await;
    assert_eq!(set.status(), 200, "{}", set.text().await.unwrap());
    assert_eq!(consent(&desk).await, Some(CrmConsent::Missing));
    let tested = test(&desk).await;
    assert_eq!(tested.outcome, CrmOutcome::Key);
    assert!(tested.reason.unwrap().starts_with("Nobody has connected"));

    // Who says no; who says yes in another's session, or too late.
    let asked = page(&desk).await;
    let back = double.says_yes(by, &asked);
    let (path, query) = back.split_once('?').unwrap();
    let (_, state) = query.split_once('&').unwrap();
    let no = format!("{path}?error=access_denied&{state}");
    assert_eq!(
        ends(&desk, &no).await,
        format!("{PAGE}?problem=crm-refused")
    );
    let stale = format!("{PAGE}?problem=crm-stale");
    let again = Desk::sign_in(server, Role::Admin).await;
    assert_eq!(ends(&again, &back).await, stale);
    let agent = Desk::sign_in(server, Role::Agent).await;
    assert_eq!(ends(&agent, &back).await, stale);
    assert_eq!(
        ends(&desk, &format!("{path}?code=code-1&state=x")).await,
        stale
    );
    world.pass(11 * 60);
    assert_eq!(ends(&desk, &back).await, stale);
    assert_eq!(consent(&desk).await, Some(CrmConsent::Missing));

    let back = double.says_yes(by, &page(&desk).await);
    assert_eq!(ends(&desk, &back).await, PAGE);
    assert_eq!(consent(&desk).await, Some(CrmConsent::Given));
    assert_eq!(test(&desk).await.outcome, CrmOutcome::Works);
    // The code is good once.
    assert_eq!(
        ends(&desk, &back).await,
        format!("{PAGE}?problem=crm-refused")
    );
    assert_eq!(consent(&desk).await, Some(CrmConsent::Given));
    world.call("call_1", ANA).await;
    is_written(&crm, "call_1").await;

    // Renewed before it is over where that is known, and once it is refused.
    let before = double.renewals();
    if let Some(lasts_s) = by.lasts_s {
        world.pass(i64::from(lasts_s) - 30);
        assert_eq!(test(&desk).await.outcome, CrmOutcome::Works);
        assert_eq!(double.renewals(), before + 1);
    }
    let before = double.renewals();
    double.is_over();
    world.call("call_2", ANA).await;
    is_written(&crm, "call_2").await;
    assert_eq!(double.renewals(), before + 1);
    // By many at once: once.
    double.is_over();
    let mut many = JoinSet::new();
    for _ in 0..8 {
        let (http, url) = (server.http.clone(), server.url("/api/desk/crm/test"));
        let cookie = desk.cookie().to_owned();
        many.spawn(async move {
            let asked = http.post(url).header("cookie", cookie).body("{}");
            asked.send().await.unwrap().json::<CrmTest>().await.unwrap()
        });
    }
    let tested = many.join_all().await;
    assert!(
        tested.iter().all(|it| it.outcome == CrmOutcome::Works),
        "{tested:?}"
    );
    assert_eq!(double.renewals(), before + 2);

    // Nobody lets it in any more: said in words, until somebody connects it again.
    double.withdraws();
    world.call("call_3", ANA).await;
    let parked = becomes(&crm, |it| it.state == CrmWriteState::Parked).await;
    let reason = parked.reason.unwrap();
    assert!(
        reason.contains("invalid_grant") && reason.contains("connect"),
        "{reason}"
    );
    assert_eq!(consent(&desk).await, Some(CrmConsent::Refused));
    let asked = double.asked().await;
    assert_eq!(test(&desk).await.outcome, CrmOutcome::Key);
    assert_eq!(
        double.asked().await,
        asked,
        "it is not asked again and again"
    );
    let back = double.says_yes(by, &page(&desk).await);
    assert_eq!(ends(&desk, &back).await, PAGE);
    assert_eq!(consent(&desk).await, Some(CrmConsent::Given));
    let replay = format!("/api/v1/crm/writes/{}/replay", parked.id);
    assert_eq!(crm.send("POST", &replay, &json!({})).await.status(), 202);
    is_written(&crm, "call_3").await;
    assert_eq!(double.activities().len(), 3);
    assert_eq!(double.refused(), [""; 0]);

    // Nothing of it is told, and it goes with the connection.
    let shown = crm.get("/api/v1/crm").await.text().await.unwrap();
    assert!(
        !shown.contains("access-") && !shown.contains("secret-1"),
        "{shown}"
    );
    let deeds: Value = desk.get("/api/desk/audit").await;
    let deeds = deeds["items"].as_array().unwrap();
    let connected = deeds.iter().filter(|it| it["action"] == "crm.connected");
    assert_eq!(connected.count(), 2);
    assert_eq!(
        desk.send("DELETE", "/api/desk/crm", None).await.status(),
        204
    );
    let set = desk.send("PUT", "/api/desk/crm", Some(&connection)).await;
    assert_eq!(set.status(), 200);
    assert_eq!(consent(&desk).await, Some(CrmConsent::Missing));
    world.stop().await;
}

#[tokio::test]
async fn hubspot_is_connected_by_somebody() {
    for scratch in Scratch::each().await {
        journey(&hubspot::VENDOR, &hubspot::CONSENT, scratch).await;
    }
}

#[tokio::test]
async fn salesforce_is_connected_by_somebody() {
    journey(&salesforce::VENDOR, &salesforce::CONSENT, Scratch::sqlite()).await;
}

#[tokio::test]
async fn pipedrive_is_connected_by_somebody() {
    journey(&pipedrive::VENDOR, &pipedrive::CONSENT, Scratch::sqlite()).await;
}

#[tokio::test]
async fn two_servers_renew_what_is_good_once_one_at_a_time() {
    for scratch in Scratch::each().await {
        if !matches!(scratch.database, Database::Postgres(_)) {
            continue;
        }
        let start = async |scratch| {
            TestServer::start_with(scratch, "http://127.0.0.1:9", |config| {
                config.encryption_keys = vec![Secret::new("a key that both servers share")];
                config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
            })
            .await
        };
        let (beside, first) = (scratch.beside(), start(scratch).await);
        let second = start(beside).await;
        let by = &pipedrive::CONSENT;
        let double = Double::start_with(&pipedrive::VENDOR, Some(by)).await;
        let desk = Desk::sign_in(&first, Role::Admin).await;
        let connection = (by.connection)(&double.url());
        let set = desk.send("PUT", "/api/desk/crm", Some(&connection)).await;
        assert_eq!(set.status(), 200);
        // Who answers need not be who asked.
        let back = double.says_yes(by, &page(&desk).await);
        let path = &back[back.find("/desk/crm/callback").unwrap()..];
        let back = second
            .http
            .get(second.url(path))
            .header("cookie", desk.cookie());
        assert_eq!(back.send().await.unwrap().headers()["location"], PAGE);

        for round in 1..=3 {
            double.is_over();
            let mut many = JoinSet::new();
            for server in [&first, &second, &first, &second] {
                let (http, url) = (server.http.clone(), server.url("/api/desk/crm/test"));
                let cookie = desk.cookie().to_owned();
                many.spawn(async move {
                    let asked = http.post(url).header("cookie", cookie).body("{}");
                    asked.send().await.unwrap().json::<CrmTest>().await.unwrap()
                });
            }
            let tested = many.join_all().await;
            assert!(
                tested.iter().all(|it| it.outcome == CrmOutcome::Works),
                "{tested:?}"
            );
            assert_eq!(double.renewals(), round);
        }
        second.stop_for_now().await;
        first.stop().await;
    }
}
