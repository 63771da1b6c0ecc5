//! Simulated tests.

use serde_json::{Value, json};

use crate::support::Bench;

#[tokio::test]
async fn a_test_passes_or_fails_by_what_its_mocks_say() {
    let bench = Bench::start().await;
    bench.settings(json!({"knowledge_delay_ms": 0})).await;
    let engine = json!({"type": "retell-llm", "llm_id": "llm_test-tools"});
    let case = |mocks: Value| {
        json!({
            "name": "Books", "user_prompt": "You want an appointment.", "metrics": ["Books one"],
            "response_engine": engine, "tool_mocks": mocks,
        })
    };
    let rule = json!({"type": "any"});
    let failing = json!([{"tool_name": "look_up", "input_match_rule": rule, "output": "down", "result": false}]);
    let (batch, runs) = tried(&bench, &engine, [json!([]), failing].map(case)).await;
    assert_eq!(
        (&batch["pass_count"], &batch["fail_count"]),
        (&json!(1), &json!(1)),
        "{batch}"
    );
    let why = runs[1]["result_explanation"].as_str().unwrap();
    assert_eq!(why, "look_up failed: down");
}

/// Runs tests of an engine, as long as that takes: their batch, and their runs in the same order.
async fn tried(
    bench: &Bench,
    engine: &Value,
    cases: impl IntoIterator<Item = Value>,
) -> (Value, Vec<Value>) {
    let mut ids = Vec::new();
    for case in cases {
        let (status, made) = bench.post("/create-test-case-definition", case).await;
        assert_eq!(status, 201, "{made}");
        ids.push(made["test_case_definition_id"].clone());
    }
    let body = json!({"response_engine": engine, "test_case_definition_ids": ids});
    let (status, batch) = bench.post("/create-batch-test", body).await;
    assert_eq!(
        (status, &batch["total_count"]),
        (201, &json!(ids.len())),
        "{batch}"
    );
    let id = batch["test_case_batch_job_id"].as_str().unwrap();
    let waiting = async {
        loop {
            let (_, batch) = bench.get(&format!("/get-batch-test/{id}")).await;
            if batch["status"] == "complete" {
                return batch;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let batch = tokio::time::timeout(crate::support::PATIENCE, waiting)
        .await
        .unwrap();
    let list = format!("/v2/list-test-runs/{id}?sort_order=ascending");
    let (_, runs) = bench.get(&list).await;
    (batch, runs["items"].as_array().unwrap().clone())
}

#[tokio::test]
async fn a_test_fails_by_a_metric_that_does_not_hold_in_the_scenario() {
    let bench = Bench::start().await;
    bench.settings(json!({"knowledge_delay_ms": 0})).await;
    let script = |successful: bool| {
        format!(
            "name = \"Sells\"\n[[steps]]\nagent = \"Buy!\"\n[analysis]\nsuccessful = {successful}\n\
             [metrics]\n\"Is polite\" = false\n\"Sells a book\" = true\n"
        )
    };
    let (_, llm) = bench.post("/create-retell-llm", json!({})).await;
    let engine = json!({"type": "retell-llm", "llm_id": llm["llm_id"]});
    let agent = json!({
        "agent_id": "agent_sells", "emulator_scenario": "sells", "response_engine": engine,
    });
    let case = |metrics: Value| json!({"name": "Sells", "user_prompt": "You read.", "metrics": metrics, "response_engine": engine});
    let unnamed = "\"Is short\" does not hold in the scenario";
    let named = "\"Is polite\" does not hold in the scenario";
    let failure = "The scenario is one of failure";
    for (successful, metrics, failed) in [
        (true, json!([]), None),
        (true, json!(["Sells a book", "Is short"]), None),
        (true, json!(["Sells a book", "Is polite"]), Some(named)),
        (false, json!(["Sells a book"]), None),
        (false, json!(["Sells a book", "Is short"]), Some(unnamed)),
        (false, json!([]), Some(failure)),
    ] {
        let scenario = json!({"id": "sells", "toml": script(successful)});
        let seed = json!({"scenarios": [scenario], "agents": [agent.clone()]});
        bench.control("/seed", seed).await;
        let (_, runs) = tried(&bench, &engine, [case(metrics.clone())]).await;
        let expected = failed.map_or("pass", |_| "fail");
        assert_eq!(runs[0]["status"], expected, "{successful} {metrics}");
        if let Some(why) = failed {
            assert_eq!(runs[0]["result_explanation"], why);
        }
    }
}
