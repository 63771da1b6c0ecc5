//! Chats: the same scenarios, in writing.

use emulator::Config;
use http::Method;
use receiver::Receiver;
use serde_json::{Value, json};

use crate::support::{Bench, until};

async fn with_webhook() -> (Bench, Receiver) {
    let receiver = Receiver::start().await;
    let bench = Bench::with(Config {
        webhook_url: Some(receiver.url("/")),
        ..Config::default()
    })
    .await;
    bench
        .settings(json!({"analysis_delay_ms": 0, "ring_ms": 0}))
        .await;
    (bench, receiver)
}

#[tokio::test]
async fn a_chat_goes_from_its_first_word_to_its_analysis() {
    let (bench, receiver) = with_webhook().await;
    let scenario = "name = \"Chat\"\n[[steps]]\nagent = \"Hello {{name}}\"\n[[steps]]\nvisitor = \"?\"\n\
        [[steps]]\nagent = \"Bye {{name}}\"\n[[steps]]\nend = \"agent_hangup\"\n[analysis]\nsummary = \"Done.\"";
    let agent = json!({
        "agent_id": "agent_bye", "emulator_scenario": "bye",
        "response_engine": {"type": "retell-llm", "llm_id": "llm_test-short"},
    });
    let seed = json!({"scenarios": [{"id": "bye", "toml": scenario}], "chat_agents": [agent]});
    bench.control("/seed", seed).await;
    let body = json!({
        "agent_id": "agent_bye",
        "metadata": {"n": 1},
        "retell_llm_dynamic_variables": {"name": "Ada"},
    });
    let (status, chat) = bench.post("/create-chat", body).await;
    assert_eq!(
        (status, &chat["chat_status"]),
        (201, &json!("ongoing")),
        "{chat}"
    );
    assert_eq!(chat["transcript"], "Agent: Hello Ada\n");
    let id = chat["chat_id"].as_str().unwrap();

    let overrides = json!({"override_dynamic_variables": {"name": "Bea"}});
    let path = format!("/update-chat/{id}");
    assert_eq!(bench.request(Method::PATCH, &path, overrides).await.0, 200);
    let said = json!({"chat_id": id, "content": "I must go"});
    let (status, answer) = bench.post("/create-chat-completion", said.clone()).await;
    assert_eq!(status, 201, "{answer}");
    let messages = answer["messages"].as_array().unwrap();
    assert_eq!(messages[0]["content"], "Bye Bea");
    assert_eq!(messages[1]["name"], "end_call");
    assert_eq!(
        bench.post("/create-chat-completion", said).await.0,
        422,
        "it has ended"
    );
    assert_eq!(
        bench
            .request(Method::PATCH, &format!("/end-chat/{id}"), Value::Null)
            .await
            .0,
        422
    );

    assert_eq!(
        until(&receiver, "chat_analyzed").await,
        ["chat_started", "chat_ended", "chat_analyzed"]
    );
    let (_, chat) = bench.get(&format!("/get-chat/{id}")).await;
    assert_eq!(chat["chat_analysis"]["chat_summary"], "Done.");
    let ended = json!({"chat_status": {"type": "enum", "op": "in", "value": ["ended"]}});
    let (_, page) = bench
        .post(
            "/v3/list-chats",
            json!({"filter_criteria": ended, "include_total": true}),
        )
        .await;
    assert_eq!(
        (&page["total"], &page["items"][0]["chat_id"]),
        (&json!(1), &json!(id))
    );
    assert_eq!(
        bench
            .request(Method::DELETE, &format!("/delete-chat/{id}"), Value::Null)
            .await
            .0,
        204
    );
    assert_eq!(bench.get(&format!("/get-chat/{id}")).await.0, 422);
}

#[tokio::test]
async fn a_text_message_is_answered_by_somebody_simulated() {
    let (bench, receiver) = with_webhook().await;
    let body = json!({
        "from_number": "+14155550100", "to_number": "+14155550123",
        "override_agent_id": "agent_chat_en",
    });
    let (status, chat) = bench.post("/create-sms-chat", body).await;
    assert_eq!(
        (status, &chat["chat_type"]),
        (200, &json!("sms_chat")),
        "{chat}"
    );
    assert!(
        chat["transcript"].as_str().unwrap().starts_with("Agent: "),
        "it begins"
    );
    until(&receiver, "chat_ended").await;
    let path = format!("/get-chat/{}", chat["chat_id"].as_str().unwrap());
    let (_, chat) = bench.get(&path).await;
    assert!(
        chat["transcript"].as_str().unwrap().contains("User: "),
        "{chat}"
    );
}

#[tokio::test]
async fn silence_ends_a_chat() {
    let (bench, receiver) = with_webhook().await;
    let (_, chat) = bench
        .post("/create-chat", json!({"agent_id": "agent_chat_en"}))
        .await;
    assert_eq!(chat["chat_status"], "ongoing");
    bench.control("/clock", json!({"speed": 1e9})).await;
    until(&receiver, "chat_ended").await;
}
