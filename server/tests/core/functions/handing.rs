//! A caller wants a person, or to be called back, or to be known by another name.

use api::callbacks::{CallbackPage, CallbackState};
use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};
use server::people::Role;

use super::{ask, call, server};
use crate::support::{Desk, Scratch, problem, with};
use crate::v1::program;

const GERMAN: &str = "+4915123456789";

fn from(number: &str, id: &str, language: &str) -> Value {
    with(
        &call(id, language),
        &json!({"from_number": number, "agent_id": "agent_1"}),
    )
}

#[tokio::test]
async fn a_caller_who_asks_for_it_is_called_back() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let desk = Desk::sign_in(&server, Role::Agent).await;
        let list = async || -> CallbackPage { desk.get("/api/desk/callbacks").await };
        for (n, (language, begins, tomorrow)) in [
            ("en", "We will call you back: tomorrow at ", "Asked "),
            (
                "es",
                "Le devolvemos la llamada: mañana a ",
                "Se lo pidió a ",
            ),
            ("de", "Wir rufen Sie zurück: morgen um ", "Hat "),
        ]
        .into_iter()
        .enumerate()
        {
            let number = format!("+4915123456{n}89");
            let call = from(&number, &format!("call_{language}"), language);
            let wish = json!({
                "name": "Ana", "reason": "A quote", "relative_day": "tomorrow", "time": "15:15",
            });
            let answer = ask(&server, "request_callback", &wish, &call).await;
            assert_eq!(answer["ok"], true, "{answer}");
            let message = answer["message"].as_str().unwrap();
            assert!(message.starts_with(begins), "{message}");
            let waiting = list().await.items;
            let waiting = waiting.iter().find(|it| it.phone == number).unwrap();
            assert_eq!(waiting.state, CallbackState::Scheduled);
            assert_eq!(
                (waiting.name.as_str(), waiting.agent_id.as_str()),
                ("Ana", "agent_1")
            );
            assert!(
                waiting.consent.text.starts_with(tomorrow),
                "{}",
                waiting.consent.text
            );
            assert_eq!(waiting.language.as_deref(), Some(language));
        }
        // As soon as may be, but not while they speak; and once.
        let call = from("+493023125100", "call_soon", "en");
        let begun = server.app().clock.now_ms();
        let soon = ask(&server, "request_callback", &json!({}), &call).await;
        assert_eq!(soon["arranged_before"], false, "{soon}");
        let again = ask(&server, "request_callback", &json!({"name": "Ana"}), &call).await;
        assert_eq!(again["arranged_before"], true, "{again}");
        let all = list().await.items;
        assert_eq!(all.len(), 4);
        let waiting = all.iter().find(|it| it.phone == "+493023125100").unwrap();
        assert!(waiting.due_at >= begun + 10 * 60_000, "they still speak");
        assert_eq!(waiting.name, "+493023125100", "nobody said theirs");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_call_back_that_cannot_be_is_answered_with_the_reason() {
    let server = server(Scratch::sqlite()).await;
    let refused = async |args: Value, number: &str| {
        let answer = ask(
            &server,
            "request_callback",
            &args,
            &from(number, "call_1", "en"),
        )
        .await;
        assert_eq!(answer["ok"], false, "{answer}");
        answer["reason"].clone()
    };
    assert_eq!(
        refused(json!({"phone": "+499001234567"}), GERMAN).await,
        "phone"
    );
    assert_eq!(refused(json!({}), "anonymous").await, "phone");
    let other = json!({"date": "2026-13-01"});
    assert_eq!(refused(other, GERMAN).await, "unreadable");
    let strange = with(
        &from(GERMAN, "call_1", "en"),
        &json!({"agent_id": "agent_2"}),
    );
    let taken = ask(&server, "request_callback", &json!({}), &strange).await;
    assert_eq!(taken["ok"], true, "an agent that nobody else has: {taken}");
    let store = &server.app().store;
    store
        .tenants()
        .upsert("tenant_2", "Aurora", "Europe/Madrid", 1)
        .await
        .unwrap();
    let shared = from("+4915123456780", "call_2", "en");
    let shared = ask(&server, "request_callback", &json!({}), &shared).await;
    // Whom no agent can call, the staff can: on an account that is not the business's alone, and in
    // another country. It is there for them before it is said, once for each call.
    assert_eq!(
        shared["message"], "Somebody will call you back.",
        "{shared}"
    );
    for reason in ["The bill.", "The bill.", "A key."] {
        let wish = json!({"name": "Ana", "reason": reason});
        let foreign = from("+34612345678", "call_3", "en");
        let foreign = ask(&server, "request_callback", &wish, &foreign).await;
        assert_eq!(foreign["ok"], true, "{foreign}");
    }
    let desk = Desk::sign_in(&server, Role::Agent).await;
    let left: CallbackPage = desk.get("/api/desk/callbacks").await;
    let left = left
        .items
        .into_iter()
        .filter(|it| it.state == CallbackState::Open);
    let mut left: Vec<_> = left.map(|it| (it.phone, it.name, it.note)).collect();
    left.sort();
    let of =
        |phone: &str, name: &str, note: &str| (phone.to_owned(), name.to_owned(), note.to_owned());
    assert_eq!(
        left,
        [
            of("+34612345678", "Ana", "The bill.\nA key."),
            of("+4915123456780", "", ""),
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn a_caller_is_handed_to_somebody_who_is_there() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let crm = program(&server, &[ApiScope::TenantRead, ApiScope::TenantWrite]).await;
        let wanted = json!({"destination": "sales"});
        let nobody = ask(&server, "transfer_call", &wanted, &call("call_1", "en")).await;
        assert_eq!(
            (&nobody["ok"], &nobody["reason"]),
            (&json!(false), &json!("nobody_there"))
        );
        assert_eq!(nobody["instead"], "request_callback");
        let path = "/api/v1/transfer-destinations";
        let closed = json!({"week": [[], [], [], [], [], [], []]});
        let mut ids = Vec::new();
        for details in [
            json!({"name": "Reception", "to": "0049 30 901820", "order": 2}),
            json!({"name": "Sales", "to": "sip:sales@example.com", "order": 1}),
            json!({"name": "Night", "to": "+4930901821", "order": 0, "hours": closed}),
        ] {
            let added = crm.send("POST", path, &details).await;
            assert_eq!(added.status(), 201);
            let added: Value = added.json().await.unwrap();
            ids.push(added["id"].as_str().unwrap().to_owned());
        }
        let listed: Value = crm.get(path).await.json().await.unwrap();
        let names: Vec<_> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["name"])
            .collect();
        assert_eq!(names, ["Night", "Sales", "Reception"]);
        for (language, said) in [
            ("en", "One moment, I am connecting you with Sales."),
            ("es", "Un momento, le paso con Sales."),
            ("de", "Einen Moment, ich verbinde Sie mit Sales."),
        ] {
            let handed = ask(&server, "transfer_call", &wanted, &call("call_1", language)).await;
            assert_eq!(handed["message"], said);
            assert_eq!(
                (&handed["action"], &handed["to"]),
                (&json!("transfer"), &json!("sip:sales@example.com"))
            );
        }
        let anybody = ask(&server, "transfer_call", &json!({}), &call("call_1", "en")).await;
        assert_eq!(anybody["name"], "Sales", "the first who is there");
        let night = json!({"destination": "the night shift"});
        let night = ask(&server, "transfer_call", &night, &call("call_1", "de")).await;
        assert_eq!(night["reason"], "nobody_there", "{night}");
        let away = json!({"name": "Sales", "to": "sip:sales@example.com", "active": false});
        let sales = format!("{path}/{}", ids[1]);
        assert_eq!(crm.send("PUT", &sales, &away).await.status(), 200);
        let instead = ask(&server, "transfer_call", &wanted, &call("call_1", "en")).await;
        assert_eq!(instead["to"], "+4930901820");
        assert_eq!(crm.send("DELETE", &sales, &json!({})).await.status(), 204);
        assert_eq!(crm.send("DELETE", &sales, &json!({})).await.status(), 404);
        let costly = json!({"name": "Fraud", "to": "+499001234567"});
        assert_eq!(crm.send("POST", path, &costly).await.status(), 422);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_caller_is_handed_to_a_person_only_while_they_are_ready() {
    for scratch in Scratch::each().await {
        let server = server(scratch).await;
        let ana = Desk::sign_in(&server, Role::Agent).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let path = "/api/desk/transfer-destinations";
        let details = json!({
            "name": "Ana", "to": "sip:ana@example.com", "person": "user_agent_1",
        });
        let stranger = with(&details, &json!({"person": "user_nobody"}));
        let refused = admin.send("POST", path, Some(&stranger)).await;
        problem(refused, 422, slug::VALUE_INVALID).await;
        let added: Value = admin.post(path, &details).await;
        assert_eq!(added["person"], "user_agent_1");
        let wanted = json!({"destination": "Ana"});
        let transfer = async |language: &str| {
            ask(&server, "transfer_call", &wanted, &call("call_1", language)).await
        };
        // Who never said so takes none.
        for (language, said) in [
            (
                "en",
                "Ana cannot take calls at the moment. Shall we call you back?",
            ),
            (
                "es",
                "Ana no puede atender llamadas ahora mismo. ¿Le devolvemos la llamada?",
            ),
            (
                "de",
                "Ana kann gerade keine Anrufe annehmen. Sollen wir Sie zurückrufen?",
            ),
        ] {
            let answer = transfer(language).await;
            assert_eq!(
                (&answer["reason"], &answer["instead"]),
                (&json!("nobody_ready"), &json!("request_callback"))
            );
            assert_eq!(answer["message"], said);
        }
        for (said, ok) in [("ready", true), ("busy", false), ("ready", true)] {
            let said = json!({"availability": said});
            let done = ana.send("PUT", "/api/desk/me/availability", Some(&said));
            assert_eq!(done.await.status(), 204);
            assert_eq!(transfer("en").await["ok"], ok, "{said}");
        }
        assert_eq!(transfer("en").await["to"], "sip:ana@example.com");
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_known_of_a_customer_is_put_right() {
    let server = server(Scratch::sqlite()).await;
    let call = call("call_1", "en");
    let ask = async |name: &str, args: Value| ask(&server, name, &args, &call).await;
    let unknown = ask("update_customer", json!({"name": "Ana"})).await;
    assert_eq!(unknown["reason"], "unknown_customer");
    ask("collect_customer_info", json!({"name": "Ana"})).await;
    ask(
        "collect_customer_info",
        json!({"name": "Ben", "phone": GERMAN}),
    )
    .await;
    let wrong = ask("update_customer", json!({"email": "ana"})).await;
    assert_eq!(wrong["reason"], "invalid");
    let taken = ask("update_customer", json!({"new_phone": GERMAN})).await;
    assert_eq!(taken["reason"], "phone_taken");
    let change = json!({"name": "Ana María", "email": "ana@example.com", "language": "es"});
    assert_eq!(ask("update_customer", change).await["name"], "Ana María");
    let moved = json!({"new_phone": "+34911230100"});
    assert_eq!(ask("update_customer", moved).await["ok"], true);
    let store = &server.app().store;
    let number = "+34911230100".parse().unwrap();
    let kept = store
        .contacts()
        .by_phone(&server.tenant, &number)
        .await
        .unwrap();
    let kept = kept.unwrap().details;
    assert_eq!(
        (kept.name.as_str(), kept.email.as_deref()),
        ("Ana María", Some("ana@example.com"))
    );
    assert_eq!(kept.language.as_deref(), Some("es"));
    server.stop().await;
}
