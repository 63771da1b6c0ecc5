//! What requests are refused for, and how resources behave together.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, KEY};

#[tokio::test]
async fn what_has_another_shape_is_refused_with_its_place() {
    let bench = Bench::start().await;
    let engine = json!({"type": "retell-llm", "llm_id": "llm_test-short"});
    for (path, body, place) in [
        (
            "/create-agent",
            json!({"response_engine": engine, "voice_id": "retell-Cimo", "voice_speed": 99}),
            "voice_speed: ",
        ),
        (
            "/create-agent",
            json!({"response_engine": "x", "voice_id": "retell-Cimo"}),
            "response_engine: ",
        ),
        (
            "/create-agent",
            json!({"response_engine": engine, "voice_id": "retell-Cimo", "language": "klingon"}),
            "language",
        ),
        (
            "/v3/create-web-call",
            json!({"agent_id": "agent_test_short", "retell_llm_dynamic_variables": {"n": 5}}),
            "retell_llm_dynamic_variables.n: ",
        ),
        (
            "/create-phone-number",
            json!({"phone_number": "not a number"}),
            "not a number",
        ),
        (
            "/create-phone-number",
            json!({"phone_number": "+14155550100"}),
            "+14155550100",
        ),
        (
            "/create-phone-number",
            json!({"inbound_agents": [{"agent_id": "agent_test_short", "weight": 0.5}]}),
            "inbound_agents: ",
        ),
        ("/v3/list-calls", json!({"limit": 0}), "limit: "),
        (
            "/v3/list-calls",
            json!({"filter_criteria": {"colour": 1}}),
            "filter_criteria.colour: ",
        ),
        (
            "/v3/list-calls",
            json!({"pagination_key": "nonsense"}),
            "pagination_key ",
        ),
    ] {
        let (status, answer) = bench.post(path, body.clone()).await;
        assert_eq!(
            (status, &answer["status"]),
            (400, &json!("error")),
            "{path} {body}"
        );
        let message = answer["message"].as_str().unwrap();
        assert!(message.starts_with(place), "{path}: {message}");
    }
    let numbers = bench.get("/get-phone-number/+14155550100").await.1;
    assert!(numbers["inbound_agents"].is_array(), "is what it was");
}

#[tokio::test]
async fn what_a_body_names_must_be_there() {
    let bench = Bench::start().await;
    let engine = json!({"type": "retell-llm", "llm_id": "llm_none"});
    let agent = json!({"response_engine": engine, "voice_id": "retell-Cimo"});
    assert_eq!(bench.post("/create-agent", agent).await.0, 422);
    let engine = json!({"type": "retell-llm", "llm_id": "llm_test-short", "version": 7});
    let agent = json!({"response_engine": engine, "voice_id": "retell-Cimo"});
    assert_eq!(bench.post("/create-agent", agent).await.0, 422);
    let answering = |version: Value| {
        let agent = json!({"agent_id": "agent_test_short", "weight": 1, "agent_version": version});
        let body = json!({"inbound_agents": [agent]});
        bench.request(Method::PATCH, "/update-phone-number/+14155550100", body)
    };
    assert_eq!(answering(json!(7)).await.0, 422);
    assert_eq!(answering(json!(0)).await.0, 200);
    assert_eq!(
        answering(json!("latest_published")).await.0,
        200,
        "that may come"
    );
    let call = |fields: Value| {
        let mut call = json!({"agent_id": "agent_test_short"});
        call.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        call
    };
    for (fields, status) in [
        (json!({"agent_version": 0}), 201),
        (json!({"agent_version": "latest"}), 201),
        (json!({"agent_version": 7}), 422),
        (json!({"agent_version": "latest_published"}), 422),
        (json!({"agent_version": "v1"}), 400),
        (json!({"current_node_id": "nowhere"}), 422),
        (json!({"current_state": "none"}), 422),
        (
            json!({"agent_override": {"agent": {"voice_id": "none"}}}),
            422,
        ),
    ] {
        let (told, answer) = bench
            .post("/v3/create-web-call", call(fields.clone()))
            .await;
        assert_eq!(told, status, "{fields}: {answer}");
    }
    let path = "/delete-retell-llm/llm_test-short";
    assert_eq!(
        bench.request(Method::DELETE, path, Value::Null).await.0,
        400,
        "is in use"
    );
    let forced = "/delete-retell-llm/llm_test-short?force_delete=true";
    assert_eq!(
        bench.request(Method::DELETE, forced, Value::Null).await.0,
        204
    );
}

#[tokio::test]
async fn a_call_has_the_version_and_the_variables_of_its_tag() {
    let bench = Bench::start().await;
    let id = "agent_test_short";
    assert_eq!(
        bench
            .post(
                &format!("/publish-agent-version/{id}"),
                json!({"version": 0})
            )
            .await
            .0,
        200
    );
    let (_, draft) = bench
        .post(
            &format!("/create-agent-version/{id}"),
            json!({"base_version": 0}),
        )
        .await;
    assert_eq!(
        (&draft["version"], &draft["response_engine"]["version"]),
        (&json!(1), &json!(1))
    );
    let root = format!("/get-agent-root/{id}");
    let read = bench
        .http
        .get(bench.url(&root))
        .bearer_auth(KEY)
        .send()
        .await
        .unwrap();
    let etag = read.headers()["etag"].to_str().unwrap().to_owned();
    let tags = json!({"tags": {"prod": {"version": 0, "dynamic_variables": {"town": "Bath"}}}});
    let move_tags = |etag: String| {
        let request = bench
            .http
            .patch(bench.url(&format!("/update-agent-root/{id}")));
        request
            .bearer_auth(KEY)
            .header("if-match", etag)
            .json(&tags)
            .send()
    };
    assert_eq!(move_tags(etag.clone()).await.unwrap().status(), 200);
    assert_eq!(
        move_tags(etag).await.unwrap().status(),
        412,
        "was changed meanwhile"
    );
    for (reference, version) in [("prod", 0), ("latest_published", 0), ("staging", 1)] {
        let body = json!({"agent_id": id, "agent_version": reference});
        let (_, made) = bench.post("/v3/create-web-call", body).await;
        let call = format!("/v2/get-call/{}", made["call_id"].as_str().unwrap());
        let (_, call) = bench.get(&call).await;
        assert_eq!(call["agent_version"], json!(version), "{reference}");
        let tag = call.get("agent_tag").and_then(Value::as_str);
        assert_eq!(tag, (reference == "prod").then_some("prod"));
    }
}

#[tokio::test]
async fn workspaces_do_not_see_each_other_and_have_terms_of_their_own() {
    let bench = Bench::start().await;
    let seed = json!({"workspaces": [
        {"api_key": "key_second"},
        {"api_key": "key_unpaid", "unpaid": true},
        {"api_key": "key_reader", "rights": ["Call.Read"]},
        {"api_key": "key_slow", "requests_per_minute": 2},
    ]});
    bench.control("/seed", seed).await;
    let access = bench.web_call("agent_test_short").await;
    let ask = |key: &'static str, method: Method, path: String, body: Value| {
        bench
            .http
            .request(method, bench.url(&path))
            .bearer_auth(key)
            .json(&body)
            .send()
    };
    let get = |key, path: &str| ask(key, Method::GET, path.to_owned(), Value::Null);
    let call = format!("/v2/get-call/{}", access.call_id);
    assert_eq!(get("key_second", &call).await.unwrap().status(), 422);
    assert_eq!(
        get("key_reader", "/list-voices").await.unwrap().status(),
        403
    );
    let web_call = json!({"agent_id": "agent_test_short"});
    let create = |key| {
        ask(
            key,
            Method::POST,
            "/v3/create-web-call".to_owned(),
            web_call.clone(),
        )
    };
    assert_eq!(create("key_unpaid").await.unwrap().status(), 402);
    assert_eq!(create("key_reader").await.unwrap().status(), 403);
    assert_eq!(create("key_second").await.unwrap().status(), 201);
    assert_eq!(create("key_slow").await.unwrap().status(), 201);
    assert_eq!(get("key_slow", "/list-voices").await.unwrap().status(), 200);
    let late = get("key_slow", "/list-voices").await.unwrap();
    assert_eq!(late.status(), 429);
    let wait: u64 = late.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait));
}

#[tokio::test]
async fn a_knowledge_base_becomes_complete_and_is_named_by_an_llm() {
    let bench = Bench::start().await;
    bench
        .settings(json!({"knowledge_delay_ms": 3_600_000}))
        .await;
    let boundary = "b0undary";
    let part = |name: &str, value: &str| {
        format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        )
    };
    let body = [
        part("knowledge_base_name", "Opening hours"),
        part(
            "knowledge_base_texts",
            r#"[{"title": "Hours", "text": "9 to 5"}]"#,
        ),
        part("knowledge_base_urls[]", "https://example.com/hours"),
        format!("--{boundary}--\r\n"),
    ];
    let request = bench
        .http
        .post(bench.url("/create-knowledge-base"))
        .bearer_auth(KEY);
    let request = request.header(
        "content-type",
        format!("multipart/form-data; boundary={boundary}"),
    );
    let made: Value = request
        .body(body.concat())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(made["status"], "in_progress", "{made}");
    assert_eq!(
        made["knowledge_base_sources"].as_array().map(Vec::len),
        Some(2)
    );
    let id = made["knowledge_base_id"].as_str().unwrap();
    let (status, llm) = bench
        .post("/create-retell-llm", json!({"knowledge_base_ids": [id]}))
        .await;
    assert_eq!(status, 201, "{llm}");
    bench.control("/clock", json!({"speed": 1e9})).await;
    let path = format!("/get-knowledge-base/{id}");
    let waiting = async {
        while bench.get(&path).await.1["status"] != "complete" {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, waiting)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_batch_with_a_task_that_could_never_be_called_is_refused() {
    let bench = Bench::start().await;
    let task = |fields: Value| {
        let mut task = json!({"to_number": "+14155550123"});
        task.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        json!({"from_number": "+14155550100", "tasks": [{"to_number": "+14155550124"}, task]})
    };
    for (fields, status) in [
        (json!({"to_number": "12"}), 400),
        (json!({"override_agent_id": "agent_none"}), 422),
        (
            json!({"override_agent_id": "agent_test_short", "override_agent_version": 7}),
            422,
        ),
    ] {
        let (told, answer) = bench.post("/create-batch-call", task(fields.clone())).await;
        assert_eq!(told, status, "{fields}: {answer}");
    }
    let (_, calls) = bench.post("/v3/list-calls", json!({})).await;
    assert_eq!(calls["items"], json!([]), "nobody is called of it");
}

#[tokio::test]
async fn a_batch_calls_all_and_each_call_names_it() {
    let bench = Bench::start().await;
    bench.settings(json!({"ring_ms": 0})).await;
    let body = json!({
        "from_number": "+14155550100",
        "name": "Reminders",
        "tasks": [
            {"to_number": "+14155550123"},
            {"to_number": "+14155559901"},
            {"to_number": "+14155550124", "metadata": {"n": 3}},
        ],
    });
    let (status, batch) = bench.post("/create-batch-call", body).await;
    assert_eq!(
        (status, &batch["total_task_count"]),
        (201, &json!(3)),
        "{batch}"
    );
    let condition = json!({"type": "string", "op": "eq", "value": batch["batch_call_id"]});
    let list = json!({"filter_criteria": {"batch_call_id": condition}});
    let waiting = async {
        loop {
            let (_, page) = bench.post("/v3/list-calls", list.clone()).await;
            let calls = page["items"].as_array().unwrap().clone();
            let busy = |call: &&Value| call["disconnection_reason"] == "dial_busy";
            if calls.len() == 3 && calls.iter().filter(busy).count() == 1 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, waiting)
        .await
        .unwrap();
}

#[tokio::test]
async fn contacts_are_imported_one_for_a_number_and_may_refuse_calls() {
    let bench = Bench::start().await;
    bench.settings(json!({"knowledge_delay_ms": 0})).await;
    let contact =
        json!({"phone_number": "+1 (415) 555-0123", "first_name": "Ada", "do_not_call": true});
    let (status, ada) = bench.post("/create-contact", contact.clone()).await;
    assert_eq!(
        (status, &ada["phone_number"]),
        (201, &json!("+14155550123")),
        "{ada}"
    );
    assert_eq!(bench.post("/create-contact", contact).await.0, 400);
    let call = json!({"from_number": "+14155550100", "to_number": "+14155550123", "honor_internal_dnc": true});
    assert_eq!(
        bench.post("/v2/create-phone-call", call).await.0,
        400,
        "she does not want to be called"
    );

    let csv = "Phone,Name\r\n+14155550123,\"Lovelace,\nAda\"\r\n4155550124,Bob\r\nnonsense,Eve\r\n";
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"c.csv\"\r\n\
         content-type: text/csv\r\n\r\n{csv}\r\n--b--\r\n"
    );
    let request = bench
        .http
        .post(bench.url("/upload-contact-import-file"))
        .bearer_auth(KEY);
    let request = request
        .header("content-type", "multipart/form-data; boundary=b")
        .body(form);
    let upload: Value = request.send().await.unwrap().json().await.unwrap();
    let import = json!({
        "upload_id": upload["upload_id"],
        "column_mapping": [
            {"external_field_name": "Phone", "field_name": "phone_number"},
            {"external_field_name": "Name", "field_name": "last_name"},
        ],
    });
    let (status, job) = bench.post("/create-contact-import", import).await;
    assert_eq!(status, 202, "{job}");
    let waiting = async {
        loop {
            let (_, job) = bench.get("/get-contact-import").await;
            if job["status"] == "idle" {
                return job;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let job = tokio::time::timeout(crate::support::PATIENCE, waiting)
        .await
        .unwrap();
    assert_eq!((&job["succeeded"], &job["failed"]), (&json!(2), &json!(1)));
    let (_, ada) = bench.get("/get-contact-by-phone/+14155550123").await;
    assert_eq!(ada["last_name"], "Lovelace,\nAda");
    let (_, page) = bench
        .post(
            "/list-contacts",
            json!({"search_query": "bob", "sort_order": "asc"}),
        )
        .await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn of_many_who_write_at_once_what_they_have_read_one_succeeds() {
    let bench = Bench::start().await;
    let (_, made) = bench.post("/create-retell-llm", json!({})).await;
    let id = made["llm_id"].as_str().unwrap();
    let read = bench.http.get(bench.url(&format!("/get-retell-llm/{id}")));
    let read = read.bearer_auth(KEY).send().await.unwrap();
    let etag = read.headers()["etag"].to_str().unwrap();
    let write = async |n: usize| {
        let request = bench
            .http
            .patch(bench.url(&format!("/update-retell-llm/{id}")));
        let request = request.bearer_auth(KEY).header("if-match", etag);
        let request = request.json(&json!({ "begin_message": n.to_string() }));
        request.send().await.unwrap().status().as_u16()
    };
    let mut answers = futures_util::future::join_all((0..8).map(write)).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn an_export_goes_through_its_states_and_its_link_has_the_calls() {
    let bench = Bench::start().await;
    bench
        .settings(json!({"ring_ms": 0, "analysis_delay_ms": 0}))
        .await;
    let mut ids = Vec::new();
    for to in ["+14155559901", "+14155559902"] {
        let call = json!({"from_number": "+14155550100", "to_number": to});
        let (status, made) = bench.post("/v2/create-phone-call", call).await;
        assert_eq!(status, 201, "{made}");
        ids.push(made["call_id"].as_str().unwrap().to_owned());
    }
    for id in &ids {
        bench.ended(id).await;
    }
    let ask = async |body: Value| bench.post("/_emulator/export-requests", body).await;
    for wrong in [
        json!({"timezone": "Nowhere/Town"}),
        json!({"filter_criteria": {"colour": 1}}),
        json!({"channel": "letters"}),
    ] {
        assert_eq!(ask(wrong.clone()).await.0, 400, "{wrong}");
    }
    bench
        .settings(json!({"knowledge_delay_ms": 3_600_000}))
        .await;
    let busy = json!({"type": "enum", "op": "in", "value": ["dial_busy"]});
    let body =
        json!({"timezone": "Europe/Berlin", "filter_criteria": {"disconnection_reason": busy}});
    let (status, made) = ask(body).await;
    assert_eq!(
        (status, &made["status"]),
        (201, &json!("created")),
        "{made}"
    );
    let listed = async || bench.get("/v2/list-export-requests").await.1["items"][0].clone();
    let created = listed().await;
    assert_eq!(created["export_request_id"], made["export_request_id"]);
    assert!(created.get("url").is_none(), "{created}");
    // Other terms do not end what is under way.
    let terms = json!({"workspaces": [{"api_key": KEY, "requests_per_minute": 1_000_000}]});
    bench.control("/seed", terms).await;
    bench.control("/clock", json!({"speed": 1e9})).await;
    let waiting = async {
        loop {
            let export = listed().await;
            if export["status"] == "completed" {
                return export;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let export = tokio::time::timeout(crate::support::PATIENCE, waiting)
        .await
        .unwrap();
    let link = export["url"].as_str().unwrap();
    let file = bench.http.get(link).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    let text = file.text().await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("call_id,call_type,"), "{text}");
    assert_eq!(lines.len(), 2, "only the busy one: {text}");
    assert!(lines[1].starts_with(&ids[0]), "{text}");
    let other = bench.http.get(bench.url("/exports/other/calls.csv"));
    assert_eq!(other.send().await.unwrap().status(), 404);
}
