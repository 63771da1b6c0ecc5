//! The workspace for conformance: whatever a request names is there, and no
//! rule but the shapes is insisted on. `cargo xtask judge` has the tests of the
//! official SDK run in it; this is their short form.

use http::Method;
use serde_json::{Value, json};

use crate::support::Bench;

const KEY: &str = "key_for_conformance";

/// A form of these fields, of which those that are called so are files.
fn form(fields: &Value) -> String {
    let mut form = String::new();
    for (name, value) in fields.as_object().unwrap() {
        let file = if name.starts_with("file") {
            "; filename=\"a.csv\""
        } else {
            ""
        };
        let value = value.as_str().unwrap_or("text");
        form.push_str(&format!(
            "--b\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
        ));
    }
    form + "--b--\r\n"
}

/// The least an operation takes; what its shape does not tell is put right.
fn body(operation: &retell_spec::Operation) -> Value {
    let mut body = operation.sample_request(&mut |_| 0);
    for (name, value) in [
        ("to_number", json!("+14155550123")),
        ("tasks", json!([{ "to_number": "+14155550123" }])),
        ("files", json!("a voice")),
    ] {
        if body.get(name).is_some() {
            body[name] = value;
        }
    }
    body
}

#[tokio::test]
async fn every_operation_answers_for_made_up_ids() {
    let bench = Bench::start().await;
    let workspaces = json!([{ "api_key": KEY, "conformance": true }]);
    bench
        .control("/seed", json!({ "workspaces": workspaces }))
        .await;
    let query = "?version=1&type=retell-llm&mcp_id=m&llm_id=l";
    // The second time it finds what the first one has done.
    for _ in 0..2 {
        for (name, operation) in retell_spec::operations() {
            let (method, path) = name.split_once(' ').unwrap();
            let path = path.replace('{', "made_up_").replace('}', "");
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let url = bench.url(&format!("{path}{query}"));
            let request = bench.http.request(method, url).bearer_auth(KEY);
            let request = if operation.takes_form() {
                let request = request.body(form(&body(operation)));
                request.header("content-type", "multipart/form-data; boundary=b")
            } else {
                request.json(&body(operation))
            };
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(status.is_success(), "{name}: {status} {text}");
        }
    }
    // Elsewhere rules are rules.
    assert_eq!(bench.get("/get-agent/made_up_agent_id").await.0, 422);
}
