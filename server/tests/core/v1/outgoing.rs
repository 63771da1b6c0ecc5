//! Endpoints for outgoing webhooks, as programs make and watch them, and the
//! REST hooks on top of them.

use api::keys::ApiScope;
use api::notify::{
    Endpoint, EndpointList, EndpointSecret, NotificationDetail, NotificationPage, TestSent,
};
use api::problem::slug;
use receiver::Receiver;
use serde_json::{Value, json};

use crate::support::{Scratch, TestServer, a_moment, in_time, problem, retell_that_mints};
use crate::v1::{Program, program};

const EVENTS: [&str; 8] = [
    "call.created",
    "call.started",
    "call.ended",
    "call.analyzed",
    "call.disposition",
    "callback.requested",
    "endpoint.disabled",
    "test.ping",
];

/// A server that may send to this machine.
async fn server(scratch: Scratch, retell_url: &str) -> TestServer {
    TestServer::start_with(scratch, retell_url, |config| {
        config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
    })
    .await
}

/// The newest notification to the endpoint, once it is known to have arrived. Asks the
/// store until then: a key may not ask that often.
async fn arrived(program: &Program<'_>, endpoint: &str) -> NotificationDetail {
    let server = program.server;
    let store = &server.app().store;
    let delivered = async {
        loop {
            let log = store
                .notifications()
                .page(&server.tenant, endpoint, None, 1)
                .await;
            let newest = log.unwrap().remove(0);
            if newest.state == "delivered" {
                return newest.id;
            }
            a_moment().await;
        }
    };
    let id = in_time(delivered).await;
    let log = format!("/api/v1/webhook-endpoints/{endpoint}/notifications");
    let page: NotificationPage = program.get(&log).await.json().await.unwrap();
    assert_eq!(page.items[0].id, id);
    let one = program.get(&format!("{log}/{id}")).await;
    one.json().await.unwrap()
}

#[tokio::test]
async fn a_program_adds_an_endpoint_watches_and_deletes_it() {
    for scratch in Scratch::each().await {
        let server = server(scratch, "http://127.0.0.1:9").await;
        let receiver = Receiver::start().await;
        let make = program(&server, &[ApiScope::WebhooksRead, ApiScope::WebhooksWrite]).await;
        let new = json!({"url": receiver.url, "events": ["call.ended"],
                         "headers": {"x-make-apikey": "make_key"}});
        // Sent twice, because an answer got lost: one endpoint, one secret.
        let create = async || {
            let request = make.request("POST", "/api/v1/webhook-endpoints");
            let request = request.header("idempotency-key", "scenario 7");
            let answer = request.body(new.to_string()).send().await.unwrap();
            assert_eq!(answer.status(), 201);
            answer.json::<EndpointSecret>().await.unwrap()
        };
        let created = create().await;
        assert_eq!(create().await, created);
        let id = created.endpoint.id.as_str();
        let list = make.get("/api/v1/webhook-endpoints").await;
        let list: EndpointList = list.json().await.unwrap();
        assert_eq!(list.items, std::slice::from_ref(&created.endpoint));
        assert_eq!(list.event_types, EVENTS);

        let one = format!("/api/v1/webhook-endpoints/{id}");
        let under = |path: &str| format!("{one}/{path}");
        let other = json!({"url": receiver.url, "description": "CRM",
                           "events": ["call.ended", "call.analyzed"]});
        let changed: Endpoint = make.send("PUT", &one, &other).await.json().await.unwrap();
        assert_eq!(changed.events, ["call.ended", "call.analyzed"]);
        assert_eq!(changed.header_names, ["x-make-apikey"], "left out, so kept");
        assert_eq!(
            make.get(&one).await.json::<Endpoint>().await.unwrap(),
            changed
        );

        let rotated = make.send("POST", &under("rotate-secret"), &json!({})).await;
        let rotated: EndpointSecret = rotated.json().await.unwrap();
        let off = make.send("POST", &under("switch-off"), &json!({})).await;
        assert!(off.json::<Endpoint>().await.unwrap().disabled_at.is_some());
        let test = make.send("POST", &under("test"), &json!({})).await;
        problem(test, 409, slug::ENDPOINT_DISABLED).await;
        let on = make.send("POST", &under("switch-on"), &json!({})).await;
        assert!(on.json::<Endpoint>().await.unwrap().disabled_at.is_none());

        let test = make.send("POST", &under("test"), &json!({})).await;
        assert_eq!(test.status(), 202);
        let sent: TestSent = test.json().await.unwrap();
        let got = receiver.next().await;
        for secret in [&created.secret, &rotated.secret] {
            assert!(got.is_signed_with(secret));
        }
        let arrived = arrived(&make, id).await;
        assert_eq!(arrived.notification.id, sent.notification_id);
        assert_eq!((arrived.body, arrived.tried.len()), (got.json(), 1));
        let again = under(&format!("notifications/{}/replay", sent.notification_id));
        assert_eq!(make.send("POST", &again, &json!({})).await.status(), 202);
        assert_eq!(receiver.next().await.id(), got.id(), "the same event");
        let (failed, since) = (under("replay-failed"), json!({"since": 0}));
        let failed = make.send("POST", &failed, &since).await;
        let failed: Value = failed.json().await.unwrap();
        assert_eq!(failed, json!({"notifications": 0}));

        let private = json!({"url": "https://10.0.0.1/", "events": ["call.ended"]});
        let private = make.send("PUT", &one, &private).await;
        problem(private, 422, slug::ENDPOINT_ADDRESS_PRIVATE).await;
        let nothing = json!({"url": receiver.url, "events": []});
        let nothing = make.send("PUT", &one, &nothing).await;
        problem(nothing, 400, slug::BODY_INVALID).await;
        assert_eq!(make.send("DELETE", &one, &Value::Null).await.status(), 204);
        problem(make.get(&one).await, 404, slug::NOT_FOUND).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_tool_subscribes_itself_and_leaves_again() {
    let retell = retell_that_mints().await;
    let server = server(Scratch::sqlite(), &retell.uri()).await;
    let receiver = Receiver::start().await;
    let zapier = program(
        &server,
        &[
            ApiScope::WebhooksRead,
            ApiScope::WebhooksWrite,
            ApiScope::CallsWrite,
        ],
    )
    .await;
    let sample = zapier.get("/api/v1/events/call.created/sample").await;
    let sample: Value = sample.json().await.unwrap();
    let mut ids = Vec::new();
    for name in ["target_url", "hookUrl", "targetUrl"] {
        let wanted = json!({name: receiver.url, "event": "call.created"});
        let subscribed = zapier.send("POST", "/api/v1/hooks", &wanted).await;
        assert_eq!(subscribed.status(), 201, "{name}");
        let subscribed: Value = subscribed.json().await.unwrap();
        assert!(subscribed["secret"].as_str().unwrap().starts_with("whsec_"));
        ids.push(subscribed["id"].as_str().unwrap().to_owned());
    }
    for left in &ids[1..] {
        let path = format!("/api/v1/hooks/{left}");
        assert_eq!(
            zapier.send("DELETE", &path, &Value::Null).await.status(),
            204
        );
        let again = zapier.send("DELETE", &path, &Value::Null).await;
        problem(again, 404, slug::NOT_FOUND).await;
    }
    let call = json!({"agent_id": "agent_1"});
    let call = zapier.send("POST", "/api/v1/web-calls", &call).await;
    assert_eq!(call.status(), 201);
    let told = receiver.next().await.json();
    assert_eq!(told["call_id"], "call_1");
    // The tool learns the fields from the sample: they are the same.
    let keys = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&told), keys(&sample[0]));
    assert_eq!(keys(&told["data"]), keys(&sample[0]["data"]));

    let wrong = json!({"target_url": receiver.url, "event": "call.imagined"});
    let wrong = zapier.send("POST", "/api/v1/hooks", &wrong).await;
    problem(wrong, 400, slug::BODY_INVALID).await;
    let unknown = zapier.get("/api/v1/events/call.imagined/sample").await;
    problem(unknown, 404, slug::NOT_FOUND).await;
    server.stop().await;
}
