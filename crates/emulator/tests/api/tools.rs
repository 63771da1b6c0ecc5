//! The tools of an agent's Retell LLM.

use http::Method;
use receiver::Receiver;
use serde_json::{Value, json};

use crate::support::Bench;

#[tokio::test]
async fn the_agents_own_tools_are_called_with_arguments_that_fit() {
    let receiver = Receiver::start().await;
    receiver.answer(200, r#"{"items": [{"answer": "ten"}]}"#);
    let bench = Bench::start().await;
    let (_, chat_agent) = bench.get("/get-chat-agent/agent_chat_tools").await;
    let llm = chat_agent["response_engine"]["llm_id"].as_str().unwrap();
    let tool = |required: Value| {
        json!({"general_tools": [{
            "type": "custom", "name": "look_up", "description": "Looks up", "url": receiver.url("/own"),
            "parameters": {"type": "object", "properties": {}, "required": required},
        }]})
    };
    for (required, successful) in [(json!([]), true), (json!(["never_given"]), false)] {
        let path = format!("/update-retell-llm/{llm}");
        let (status, changed) = bench.request(Method::PATCH, &path, tool(required)).await;
        assert_eq!(status, 200, "{changed}");
        let (_, chat) = bench
            .post("/create-chat", json!({"agent_id": "agent_chat_tools"}))
            .await;
        let mut messages = chat["message_with_tool_calls"].as_array().unwrap().iter();
        let result = messages.find(|it| it["role"] == "tool_call_result");
        assert_eq!(result.unwrap()["successful"], json!(successful), "{chat}");
    }
    let got = receiver.next().await;
    assert_eq!(
        (got.path.as_str(), got.json()["name"].as_str()),
        ("/own", Some("look_up"))
    );
    assert!(got.json()["chat"]["chat_id"].is_string());
}

/// Gives the LLM of `agent_chat_tools` one tool, and chats with it: what came of its call.
async fn chatted(bench: &Bench, tool: Value) -> Value {
    let changes = json!({"general_tools": [tool]});
    let path = "/update-retell-llm/llm_test-tools";
    let (status, changed) = bench.request(Method::PATCH, path, changes).await;
    assert_eq!(status, 200, "{changed}");
    let agent = json!({"agent_id": "agent_chat_tools", "retell_llm_dynamic_variables": {"customer": "Ada"}});
    let (_, chat) = bench.post("/create-chat", agent).await;
    let mut messages = chat["message_with_tool_calls"].as_array().unwrap().iter();
    let result = messages.find(|it| it["role"] == "tool_call_result");
    result.unwrap().clone()
}

#[tokio::test]
async fn a_tool_fixes_arguments_and_is_tried_again_as_its_llm_says() {
    let receiver = Receiver::start().await;
    receiver.answer(503, "busy");
    let bench = Bench::start().await;
    bench.control("/clock", json!({"speed": 1e6})).await;
    let tool = json!({
        "type": "custom", "name": "look_up", "url": receiver.url("/own"), "max_retry": 2, "args_at_root": true,
        "parameters": {
            "type": "object",
            "properties": {"for_whom": {"type": "string", "const": "{{customer}}"}},
            "required": ["for_whom"],
        },
    });
    let result = chatted(&bench, tool).await;
    assert_eq!(result["successful"], false, "{result}");
    for _ in 0..3 {
        let got = receiver.next().await;
        assert_eq!(
            (got.path.as_str(), &got.json()["for_whom"]),
            ("/own", &json!("Ada"))
        );
    }
}

#[tokio::test]
async fn tools_that_nothing_could_call_are_refused_with_their_place() {
    let bench = Bench::start().await;
    let tool = |changes: Value| {
        let mut tool = json!({"type": "custom", "name": "look_up", "url": "https://shop.example"});
        tool.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        tool
    };
    let usual = || tool(json!({}));
    let state = json!([{"name": "s", "tools": [usual(), usual()]}]);
    for (body, place) in [
        (
            json!({"general_tools": [tool(json!({"name": "look up"}))]}),
            "general_tools[0].name: ",
        ),
        (
            json!({"general_tools": [usual(), usual()]}),
            "general_tools[1].name: look_up is ",
        ),
        (
            json!({"general_tools": [tool(json!({"url": "shop"}))]}),
            "general_tools[0].url: ",
        ),
        (
            json!({"general_tools": [tool(json!({"method": "BREW"}))]}),
            "general_tools[0].method: ",
        ),
        (
            json!({"general_tools": [tool(json!({"timeout_ms": 5}))]}),
            "general_tools[0].timeout_ms: ",
        ),
        (
            json!({"general_tools": [tool(json!({"max_retry": 6}))]}),
            "general_tools[0].max_retry: ",
        ),
        (json!({"states": state}), "states[0].tools[1].name: "),
    ] {
        for (method, path) in [
            (Method::POST, "/create-retell-llm"),
            (Method::PATCH, "/update-retell-llm/llm_test-tools"),
        ] {
            let (status, answer) = bench.request(method, path, body.clone()).await;
            let message = answer["message"].as_str().unwrap_or_default();
            assert!(
                status == 400 && message.starts_with(place),
                "{body}: {answer}"
            );
        }
    }
    let anywhere = tool(json!({"url": "{{shop}}/keep"}));
    let (status, made) = bench
        .post("/create-retell-llm", json!({"general_tools": [anywhere]}))
        .await;
    assert_eq!(status, 201, "{made}");
}
