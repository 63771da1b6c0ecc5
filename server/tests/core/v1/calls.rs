//! Calls that programs start and read.

use api::desk::{CallPage, CallSummary};
use api::keys::ApiScope;
use api::problem::slug;
use api::public::{CallAccess, Consent, Rating};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::support::{TestServer, answers, asked, problem};
use crate::v1::{program, retell};

#[tokio::test]
async fn calls_are_started_by_what_no_code_tools_send() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let program = program(&server, &[ApiScope::CallsWrite]).await;
    let web = json!({"agent_id": "agent_1", "metadata": r#"{"lead": "7"}"#,
                     "dynamic_variables": {"count": 3, "vip": true, "note": null}});
    let phone = json!({"to_number": "tel:+34911230100", "agent_id": "agent_1",
                       "metadata": null, "dynamic_variables": null});
    for (path, body) in [("web-calls", web), ("phone-calls", phone)] {
        let path = format!("/api/v1/{path}");
        let started = program.send("POST", &path, &body).await;
        assert_eq!(started.status(), 201, "{}", started.text().await.unwrap());
    }
    let asked = asked(&retell).await;
    let of = |path: &str| -> Value {
        let one = asked.iter().find(|it| it.url.path().ends_with(path));
        one.unwrap().body_json().unwrap()
    };
    let web = of("/create-web-call");
    assert_eq!(web["metadata"]["lead"], "7");
    let variables = json!({"count": "3", "vip": "true"});
    assert_eq!(web["retell_llm_dynamic_variables"], variables);
    assert_eq!(of("/create-phone-call")["to_number"], "+34911230100");
    server.stop().await;
}

#[tokio::test]
async fn a_program_starts_calls_and_reads_them() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let program = program(&server, &[ApiScope::CallsRead, ApiScope::CallsWrite]).await;
    let web = json!({"agent_id": "agent_1", "metadata": {"lead": "7"},
                     "dynamic_variables": {"first_name": "Ana"}});
    let access = program.send("POST", "/api/v1/web-calls", &web).await;
    assert_eq!(access.status(), 201);
    let access: CallAccess = access.json().await.unwrap();
    assert_eq!(
        (access.call_id.as_str(), access.access_token.as_str()),
        ("call_1", "token_1")
    );

    let phone = json!({"to_number": "+34 911 230 100", "agent_id": "agent_1"});
    let call = program.send("POST", "/api/v1/phone-calls", &phone).await;
    assert_eq!(call.status(), 201);
    let call: CallSummary = call.json().await.unwrap();
    assert_eq!(
        (call.id.as_str(), call.call_type.as_str()),
        ("call_phone", "phone_call")
    );
    // From the number that calls with this agent.
    let asked = asked(&retell).await;
    let dialled = asked
        .iter()
        .find(|asked| asked.url.path() == "/v2/create-phone-call");
    let dialled: Value = dialled.unwrap().body_json().unwrap();
    assert_eq!(dialled["from_number"], "+14155550101");
    assert_eq!(dialled["metadata"]["switchboard_tenant"], "tenant_1");

    let page: CallPage = program.get("/api/v1/calls").await.json().await.unwrap();
    assert_eq!(page.items.len(), 2);
    let filtered = program.get("/api/v1/calls?call_type=phone_call").await;
    let filtered: CallPage = filtered.json().await.unwrap();
    assert_eq!(filtered.items, [call]);
    let detail: Value = program
        .get("/api/v1/calls/call_1")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(detail["metadata"]["lead"], "7");
    assert_eq!(
        (&detail["rating"], &detail["consent"]),
        (&Value::Null, &Value::Null)
    );
    let (store, tenant) = (&server.app().store, &server.tenant);
    let consent = Consent {
        text: "I agree.".to_owned(),
        language: Some("en".to_owned()),
    };
    store
        .calls()
        .add_consent(tenant, "call_1", &consent, 7)
        .await
        .unwrap();
    let rating = Rating {
        stars: 4,
        comment: Some("Quick.".to_owned()),
    };
    store
        .calls()
        .rate(tenant, "call_1", &rating, 8)
        .await
        .unwrap();
    let rated = program.get("/api/v1/calls/call_1").await;
    let rated: Value = rated.json().await.unwrap();
    assert_eq!(rated["rating"]["stars"], 4);
    assert_eq!(rated["consent"]["text"], "I agree.");
    problem(
        program.get("/api/v1/calls/call_of_nobody").await,
        404,
        slug::CALL_UNKNOWN,
    )
    .await;
    let quiet = json!({"phone": "+34611000001", "do_not_call": true});
    let crm = crate::v1::program(&server, &[ApiScope::ContactsWrite]).await;
    let quiet = crm.send("POST", "/api/v1/contacts", &quiet).await;
    assert_eq!(quiet.status(), 201);
    for (number, kind) in [
        ("+34803123456", slug::NUMBER_NOT_DIALABLE),
        ("12", slug::VALUE_INVALID),
        ("+34611000001", slug::DO_NOT_CALL),
    ] {
        let refused = json!({"to_number": number, "agent_id": "agent_1"});
        let refused = program.send("POST", "/api/v1/phone-calls", &refused).await;
        problem(refused, 422, kind).await;
    }
    // A time with its offset, as programs write it and as an address mangles it; by
    // the business's clock; and none.
    for from in [
        "2026-11-21T14:00:00+01:00",
        "2026-11-21T14:00:00%2B01:00",
        "2026-11-21T14:00",
    ] {
        let address = format!("/api/v1/calls?from={from}");
        assert_eq!(program.get(&address).await.status(), 200, "{from}");
    }
    let odd = program.get("/api/v1/calls?from=1763730000").await;
    let odd = problem(odd, 400, slug::REQUEST_INVALID).await;
    assert!(odd.detail.unwrap().contains("2026-11-21T14:00:00+01:00"));
    answers(
        &retell,
        "POST",
        "/v2/stop-call/call_1",
        ResponseTemplate::new(204),
    )
    .await;
    let ended = program
        .send("POST", "/api/v1/calls/call_1/end", &Value::Null)
        .await;
    assert_eq!(ended.status(), 204);
    server.stop().await;
}
