//! What each method sends, and what answers become.

use retell::Error;
use retell::models::filter::{CallFilter, OneOf, TextFilter};
use retell::models::{
    AgentFilter, CallStatus, ListAgents, ListCalls, PageQuery, SortOrder, TakeOverLiveCall,
    UpdateCall,
};
use serde_json::{Value, json};
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

use super::{
    KEY, answering, client, context, expect_by_the_sdk, new_phone_call, new_web_call, requests,
};

/// The raw path, which the `path` matcher would decode.
struct RawPath(&'static str);

impl Match for RawPath {
    fn matches(&self, request: &Request) -> bool {
        request.url.path() == self.0
    }
}

#[tokio::test]
async fn every_method_sends_what_the_protocol_says() {
    let server = MockServer::start().await;
    let expect = async |verb: &str, raw_path, sent: Option<Value>, status, answer: Value| {
        let mock = Mock::given(method(verb))
            .and(RawPath(raw_path))
            .and(header("authorization", format!("Bearer {KEY}").as_str()));
        let mock = match sent {
            Some(body) => mock
                .and(header("content-type", "application/json"))
                .and(body_json(body)),
            None => mock,
        };
        mock.respond_with(ResponseTemplate::new(status).set_body_json(answer))
            .expect(1)
            .mount(&server)
            .await;
    };
    let call = json!({"call_id": "call_1"});
    let agent = json!({"agent_id": "agent_1"});
    let access = json!({"call_id": "call_1", "access_token": "t", "transport": "gateway"});
    let listener = json!({"access_token": "t", "participant_id": "p"});
    let phone = json!({"from_number": "+14155550100", "to_number": "+493012345678"});
    let context_json = json!({"call_control": {"additional_context": "member"}});
    let number = json!({"phone_number": "+14155550100"});
    let page = |item: &Value| json!({"items": [item], "has_more": false});

    expect(
        "POST",
        "/v3/create-web-call",
        Some(agent.clone()),
        201,
        access,
    )
    .await;
    expect(
        "POST",
        "/v2/create-phone-call",
        Some(phone),
        201,
        call.clone(),
    )
    .await;
    expect("GET", "/v2/get-call/call_1", None, 200, call.clone()).await;
    let listed = json!({
        "filter_criteria": {"call_status": {"type": "enum", "op": "in", "value": ["ended"]}},
        "limit": 5
    });
    expect("POST", "/v3/list-calls", Some(listed), 200, page(&call)).await;
    let updated = json!({"metadata": {"a": 1}});
    expect(
        "PATCH",
        "/v2/update-call/call_1",
        Some(updated),
        200,
        call.clone(),
    )
    .await;
    expect("DELETE", "/v2/delete-call/call_1", None, 204, json!(null)).await;
    expect("POST", "/v2/stop-call/call_1", None, 204, json!(null)).await;
    expect(
        "POST",
        "/v2/listen-live-call/call_1",
        Some(json!({})),
        200,
        listener,
    )
    .await;
    let taker = json!({"participant_id": "p"});
    let success = json!({"success": true});
    expect(
        "POST",
        "/v2/take-over-live-call/call_1",
        Some(taker),
        200,
        success.clone(),
    )
    .await;
    expect(
        "PATCH",
        "/v2/update-live-call/call_1",
        Some(context_json),
        200,
        success,
    )
    .await;
    expect("GET", "/get-agent/agent_1", None, 200, agent.clone()).await;
    expect("GET", "/list-voices", None, 200, json!([{"voice_id": "v"}])).await;
    expect(
        "GET",
        "/get-phone-number/%2B14155550100",
        None,
        200,
        number.clone(),
    )
    .await;
    expect(
        "GET",
        "/get-api-key-info",
        None,
        200,
        json!({"org_id": "org_1"}),
    )
    .await;

    let client = client(&server.uri());
    assert_eq!(
        client
            .create_web_call(&new_web_call())
            .await
            .unwrap()
            .call_id,
        "call_1"
    );
    assert_eq!(
        client
            .create_phone_call(&new_phone_call(None))
            .await
            .unwrap()
            .call_id,
        "call_1"
    );
    assert_eq!(client.get_call("call_1").await.unwrap().call_id, "call_1");
    let query = ListCalls {
        filter_criteria: Some(CallFilter {
            call_status: Some(OneOf(vec![CallStatus::Ended])),
            ..CallFilter::default()
        }),
        limit: Some(5),
        ..ListCalls::default()
    };
    assert_eq!(
        client.list_calls(&query).await.unwrap().items[0].call_id,
        "call_1"
    );
    let update = UpdateCall {
        metadata: Some(json!({"a": 1})),
        ..UpdateCall::default()
    };
    client.update_call("call_1", &update).await.unwrap();
    client.delete_call("call_1").await.unwrap();
    client.stop_call("call_1").await.unwrap();
    assert_eq!(
        client
            .listen_live_call("call_1")
            .await
            .unwrap()
            .participant_id,
        "p"
    );
    let listener = TakeOverLiveCall {
        participant_id: "p".into(),
    };
    assert!(
        client
            .take_over_live_call("call_1", &listener)
            .await
            .unwrap()
            .success
    );
    assert!(
        client
            .update_live_call("call_1", &context())
            .await
            .unwrap()
            .success
    );
    assert_eq!(
        client.get_agent("agent_1", None).await.unwrap().agent_id,
        "agent_1"
    );
    assert_eq!(client.list_voices().await.unwrap()[0].voice_id, "v");
    let found = client.get_phone_number("+14155550100").await.unwrap();
    assert_eq!(found.phone_number, "+14155550100");
    assert_eq!(client.api_key_info().await.unwrap().org_id, "org_1");
    server.verify().await;
    expect_by_the_sdk(&server).await;
}

#[tokio::test]
async fn pages_and_versions_are_asked_for_in_the_query() {
    let server = MockServer::start().await;
    let empty = ResponseTemplate::new(200).set_body_json(json!({"items": [], "has_more": false}));
    Mock::given(path("/v2/list-agents"))
        .and(query_param("limit", "5"))
        .and(query_param("pagination_key", "a&b=c"))
        .and(query_param("sort_order", "descending"))
        .and(body_json(json!({"filter_criteria": {
            "channel": {"type": "string", "op": "eq", "value": "voice"}, "query": "emma"
        }})))
        .respond_with(empty.clone())
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/v2/list-phone-numbers"))
        .and(query_param("limit", "1"))
        .respond_with(empty)
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/get-agent/agent_1"))
        .and(query_param("version", "latest_published"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"agent_id": "agent_1"})))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let agents = ListAgents {
        limit: Some(5),
        pagination_key: Some("a&b=c".into()),
        sort_order: Some(SortOrder::Descending),
        filter_criteria: Some(AgentFilter {
            channel: Some(TextFilter::equal("voice")),
            query: Some("emma".into()),
            ..AgentFilter::default()
        }),
    };
    assert!(client.list_agents(&agents).await.unwrap().items.is_empty());
    let numbers = PageQuery {
        limit: Some(1),
        ..PageQuery::default()
    };
    assert!(
        client
            .list_phone_numbers(&numbers)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    client
        .get_agent("agent_1", Some(&"latest_published".into()))
        .await
        .unwrap();
    server.verify().await;
    expect_by_the_sdk(&server).await;
}

#[tokio::test]
async fn what_manages_agents_and_numbers_is_known_to_the_sdk() {
    let number = "+14155550100";
    let answer = json!({
        "agent_id": "agent_1", "phone_number": number, "voice_id": "retell-Cimo",
        "current_concurrency": 1, "concurrency_limit": 20,
    });
    let server = answering(200, answer).await;
    let client = client(&server.uri());
    let fields = |it: Value| it.as_object().unwrap().clone();
    let agent = fields(json!({
        "response_engine": {"type": "retell-llm", "llm_id": "llm_1"}, "voice_id": "retell-Cimo",
    }));
    client.create_agent(&agent).await.unwrap();
    let name = fields(json!({"agent_name": "Emma"}));
    client.update_agent("agent_1", &name).await.unwrap();
    client.delete_agent("agent_1").await.unwrap();
    client.get_voice("retell-Cimo").await.unwrap();
    let answered = fields(json!({"inbound_agents": [{"agent_id": "agent_1", "weight": 1}]}));
    client.create_phone_number(&answered).await.unwrap();
    client.update_phone_number(number, &answered).await.unwrap();
    client.delete_phone_number(number).await.unwrap();
    client.concurrency().await.unwrap();
    assert_eq!(requests(&server).await, 8);
    expect_by_the_sdk(&server).await;
}

#[tokio::test]
async fn the_base_address_may_have_a_path_and_a_slash() {
    let server = MockServer::start().await;
    Mock::given(RawPath("/proxy/retell/get-api-key-info"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"org_id": "org_1"})))
        .expect(2)
        .mount(&server)
        .await;
    for base in [
        format!("{}/proxy/retell", server.uri()),
        format!("{}/proxy/retell/", server.uri()),
    ] {
        let client = client(&base);
        assert!(client.base_url().ends_with("/proxy/retell"));
        client.api_key_info().await.unwrap();
    }
}

#[tokio::test]
async fn an_id_reaches_no_other_route() {
    let server = answering(200, json!({"call_id": "x"})).await;
    let client = client(&server.uri());
    for id in ["", ".", ".."] {
        let error = client.get_call(id).await.unwrap_err();
        assert!(matches!(error, Error::Argument { .. }), "{id:?}: {error:?}");
        assert!(client.monitor_call(id).is_err());
    }
    assert_eq!(requests(&server).await, 0);
    client.get_call("../../get-api-key-info?x#y").await.unwrap();
    let sent = server.received_requests().await.unwrap();
    assert_eq!(
        sent[0].url.path(),
        "/v2/get-call/..%2F..%2Fget-api-key-info%3Fx%23y"
    );
}

#[tokio::test]
async fn a_call_is_joined_with_its_own_token() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(RawPath("/webrtc-proxy/call_1/v1/webrtc/sessions"))
        .and(header("authorization", "Bearer token_1"))
        .and(body_json(json!({"identity": "client", "sdp": "an offer"})))
        .respond_with(
            ResponseTemplate::new(201)
                .set_body_json(json!({"session_id": "s", "sdp": "an answer"})),
        )
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let joined = client.join_web_call("call_1", "token_1", "an offer").await;
    let joined = joined.unwrap();
    assert_eq!(
        (joined.session_id.as_str(), joined.sdp.as_str()),
        ("s", "an answer")
    );
    let unusable = client.join_web_call("call_1", "a\nb", "an offer").await;
    assert!(matches!(unusable, Err(Error::Argument { .. })));
}
