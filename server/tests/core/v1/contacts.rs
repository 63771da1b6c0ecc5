//! Contacts.

use api::contacts::{Contact, ContactPage};
use api::desk::{CallDetail, CallPage};
use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};
use server::calls::Observation;
use server::config::Healing;

use crate::support::{Scratch, TestServer, problem};
use crate::v1::{program, retell};

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
async fn a_call_has_the_name_of_its_contact_for_those_who_may_read_contacts() {
    const NOW: i64 = 1_790_000_000_000;
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let scopes = [
            ApiScope::ContactsRead,
            ApiScope::ContactsWrite,
            ApiScope::CallsRead,
        ];
        let crm = program(&server, &scopes).await;
        let ana = json!({"name": "Ana", "phone": "+34911230100"});
        assert_eq!(
            crm.send("POST", "/api/v1/contacts", &ana).await.status(),
            201
        );
        let (store, tenant) = (&server.app().store, &server.tenant);
        for (id, direction, from, to) in [
            ("call_in", "inbound", "+34911230100", "+4930555000"),
            ("call_out", "outbound", "+4930555000", "+34911230100"),
            ("call_other", "outbound", "+34911230100", "+4930555000"),
        ] {
            let call = json!({
                "call_id": id, "call_type": "phone_call", "direction": direction,
                "agent_id": "agent_1", "from_number": from, "to_number": to,
                "start_timestamp": NOW, "end_timestamp": NOW + 1, "call_status": "ended",
                "call_analysis": {"call_summary": "Moved\nthe check-up."},
            });
            let call = call.as_object().unwrap().clone();
            let seen = Observation::from_event("call_analyzed", call, NOW).unwrap();
            let healing = Healing::default();
            store
                .calls()
                .observe(tenant, &seen, NOW, &healing)
                .await
                .unwrap();
        }
        let blind = program(&server, &[ApiScope::CallsRead]).await;
        for (program, name) in [(&crm, Some("Ana")), (&blind, None)] {
            let page: CallPage = program.get("/api/v1/calls").await.json().await.unwrap();
            assert_eq!(page.items.len(), 3);
            for call in &page.items {
                let name = name.filter(|_| call.id != "call_other");
                assert_eq!(call.contact_name.as_deref(), name, "{}", call.id);
                assert_eq!(call.about.as_deref(), Some("Moved the check-up."));
            }
            let call = program.get("/api/v1/calls/call_in").await;
            let call: CallDetail = call.json().await.unwrap();
            assert_eq!(call.summary.contact_name.as_deref(), name);
        }
    }
}
