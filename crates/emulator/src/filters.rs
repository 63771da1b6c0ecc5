//! Choosing calls and chats by `filter_criteria` (retell-protocol G3). What a
//! filter looks like has been checked before.

use serde_json::{Map, Value};

/// Whether all conditions of a filter hold for a call or a chat; `attributes`
/// are filtered by, but not shown.
pub(crate) fn hold(filter: &Map<String, Value>, view: &Value, attributes: &Value) -> bool {
    filter.iter().all(|(key, condition)| match key.as_str() {
        "agent" => {
            let version = view.get("agent_version").or_else(|| view.get("version"));
            each(condition).any(|wanted| {
                wanted.get("agent_id") == view.get("agent_id")
                    && match wanted.get("version").and_then(Value::as_array) {
                        Some(versions) if !versions.is_empty() => {
                            version.is_some_and(|it| versions.contains(it))
                        }
                        _ => true,
                    }
            })
        }
        "tool_calls" => each(condition).all(|wanted| has_tool_call(view, wanted)),
        "metadata" => keyed(condition, view.get("metadata")),
        "dynamic_variables" => keyed(condition, view.get("retell_llm_dynamic_variables")),
        "custom_analysis_data" => keyed(condition, analysis(view, "custom_analysis_data")),
        "custom_attributes" => keyed(condition, Some(attributes)),
        "combined_cost" => holds(condition, view.pointer("/call_cost/combined_cost")),
        "e2e_latency_p50" => holds(condition, view.pointer("/latency/e2e/p50")),
        "call_successful" | "chat_successful" | "in_voicemail" | "user_sentiment" => {
            holds(condition, analysis(view, key))
        }
        _ => holds(condition, view.get(key)),
    })
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn analysis<'a>(view: &'a Value, key: &str) -> Option<&'a Value> {
    let analysis = view
        .get("call_analysis")
        .or_else(|| view.get("chat_analysis"));
    analysis?.get(key)
}

/// Every one of several conditions, each on the value of its own key.
fn keyed(conditions: &Value, values: Option<&Value>) -> bool {
    each(conditions).all(|condition| {
        let key = condition.get("key").and_then(Value::as_str);
        holds(condition, key.and_then(|key| values?.get(key)))
    })
}

/// Whether one condition holds.
fn holds(condition: &Value, value: Option<&Value>) -> bool {
    let given = value.filter(|value| !value.is_null());
    let text = |field: &str| {
        condition
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let wanted = condition.get("value").unwrap_or(&Value::Null);
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let op = text("op");
    match (text("type"), given) {
        ("present", given) => given.is_some() == (op == "pr"),
        (_, None) => false,
        ("enum", Some(given)) => each(wanted).any(|one| one == given),
        ("range", Some(given)) => {
            let bounds: Vec<f64> = each(wanted).map(number).collect();
            matches!(bounds[..], [low, high] if (low..=high).contains(&number(given)))
        }
        ("number", Some(given)) => {
            let (given, wanted) = (number(given), number(wanted));
            match op {
                "gt" => given > wanted,
                "ge" => given >= wanted,
                "lt" => given < wanted,
                "le" => given <= wanted,
                _ => (given.to_bits() == wanted.to_bits()) == (op == "eq"),
            }
        }
        ("string", Some(Value::String(given))) => {
            let wanted = text("value");
            match op {
                "sw" => given.starts_with(wanted),
                "ew" => given.ends_with(wanted),
                "co" => given.contains(wanted),
                _ => (given == wanted) == (op == "eq"),
            }
        }
        (_, Some(given)) => (given == wanted) == (op != "ne"),
    }
}

fn has_tool_call(view: &Value, wanted: &Value) -> bool {
    let items = ["transcript_with_tool_calls", "message_with_tool_calls"];
    let items: Vec<&Value> = items
        .iter()
        .filter_map(|name| view.get(*name))
        .flat_map(each)
        .collect();
    let is = |item: &Value, role: &str| item.get("role").is_some_and(|it| it == role);
    items
        .iter()
        .filter(|item| is(item, "tool_call_invocation"))
        .any(|call| {
            let result = items.iter().find(|item| {
                is(item, "tool_call_result") && item.get("tool_call_id") == call.get("tool_call_id")
            });
            let success = result.and_then(|result| result.get("successful"));
            ["name", "type"]
            .iter()
            .all(|key| wanted.get(key).is_none_or(|it| call.get(key) == Some(it)))
            && wanted.get("success").is_none_or(|flag| holds(flag, success))
            // The transcript does not say how long a call of a tool took.
            && wanted.get("latency_ms").is_none()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(n: u64, fields: Value) -> Value {
        let mut call = json!({
            "call_id": format!("call_{n}"),
            "agent_id": "agent_a",
            "agent_version": n,
            "call_status": "ended",
            "start_timestamp": n * 1_000,
            "duration_ms": n * 100,
        });
        if let (Value::Object(call), Value::Object(fields)) = (&mut call, fields) {
            call.extend(fields);
        }
        call
    }

    fn calls() -> Vec<Value> {
        let tools = json!([
            {"role": "tool_call_invocation", "tool_call_id": "1", "name": "book", "arguments": "{}", "type": "custom"},
            {"role": "tool_call_result", "tool_call_id": "1", "content": "", "successful": true},
        ]);
        let analysis = json!({"user_sentiment": "Positive", "call_successful": true});
        vec![
            call(
                1,
                json!({"metadata": {"tenant": "a"}, "call_analysis": analysis}),
            ),
            call(
                2,
                json!({"metadata": {"tenant": "b"}, "call_status": "ongoing", "agent_id": "agent_b"}),
            ),
            call(3, json!({"transcript_with_tool_calls": tools})),
            call(4, json!({"call_cost": {"combined_cost": 12.5}})),
        ]
    }

    fn found(filter: &Value) -> Vec<usize> {
        let filter = filter.as_object().unwrap();
        let calls = calls();
        let numbered = calls.iter().enumerate();
        numbered
            .filter(|(n, call)| hold(filter, call, &json!({"vip": *n == 1})))
            .map(|(n, _)| n + 1)
            .collect()
    }

    #[test]
    fn every_kind_of_filter_chooses() {
        let enumeration = |values: Value| json!({"type": "enum", "op": "in", "value": values});
        let yes = json!({"type": "boolean", "op": "eq", "value": true});
        let keyed = |key: &str, rest: Value| {
            let mut condition = rest;
            condition["key"] = key.into();
            json!([condition])
        };
        let text = |op: &str, value: &str| json!({"type": "string", "op": op, "value": value});
        let number = |op: &str, value: f64| json!({"type": "number", "op": op, "value": value});
        let absent = json!({"type": "present", "op": "np"});
        for (filter, numbers) in [
            (
                json!({"call_status": enumeration(json!(["ongoing"]))}),
                vec![2],
            ),
            (json!({"agent": [{"agent_id": "agent_b"}]}), vec![2]),
            (
                json!({"agent": [{"agent_id": "agent_a", "version": [3, 4]}]}),
                vec![3, 4],
            ),
            (
                json!({"duration_ms": {"type": "range", "op": "bt", "value": [200, 300]}}),
                vec![2, 3],
            ),
            (json!({"start_timestamp": number("gt", 3000.0)}), vec![4]),
            (json!({"call_id": text("sw", "call_1")}), vec![1]),
            (json!({"call_id": text("ne", "call_1")}), vec![2, 3, 4]),
            (
                json!({"metadata": keyed("tenant", text("eq", "a"))}),
                vec![1],
            ),
            (json!({"metadata": keyed("tenant", absent)}), vec![3, 4]),
            (
                json!({"custom_attributes": keyed("vip", yes.clone())}),
                vec![2],
            ),
            (
                json!({"user_sentiment": enumeration(json!(["Positive"]))}),
                vec![1],
            ),
            (json!({"call_successful": yes}), vec![1]),
            (
                json!({"tool_calls": [{"name": "book", "success": yes}]}),
                vec![3],
            ),
            (json!({"tool_calls": [{"name": "other"}]}), vec![]),
            (json!({"combined_cost": number("ge", 12.5)}), vec![4]),
        ] {
            assert_eq!(found(&filter), numbers, "{filter}");
        }
    }
}
