//! Choosing calls for list-calls (retell-protocol G3).

use retell::models::filter::{Condition, ToolCallFilter};
use retell::models::{self, CallFilter, ListCalls, SortOrder, TranscriptItem};
use serde_json::{Map, Value};

/// One call as it is sorted and filtered.
#[derive(Debug)]
pub(crate) struct Row {
    /// What it is sorted by.
    pub(crate) time: i64,
    /// The whole call object.
    pub(crate) call: models::Call,
    /// Attributes that are filtered by but not shown.
    pub(crate) custom_attributes: Map<String, Value>,
}

/// The most a page holds, and what it holds if nothing is said.
const MAX_LIMIT: u32 = 1_000;
const USUAL_LIMIT: u32 = 50;

/// One page of the calls that were asked for.
pub(crate) fn page(mut rows: Vec<Row>, query: &ListCalls) -> models::CallList {
    let filter = query.filter_criteria.clone().unwrap_or_default();
    rows.retain(|row| matches(row, &filter));
    rows.sort_by(|a, b| (a.time, &a.call.call_id).cmp(&(b.time, &b.call.call_id)));
    if query.sort_order != Some(SortOrder::Ascending) {
        rows.reverse();
    }
    let total = rows.len() as u64;
    let after = query.pagination_key.as_ref();
    let begin = after.map_or(0, |key| {
        rows.iter()
            .position(|row| row.call.call_id == *key)
            .map_or(rows.len(), |place| place + 1)
    });
    let skip = begin.saturating_add(usize::try_from(query.skip.unwrap_or(0)).unwrap_or(usize::MAX));
    let limit = query.limit.unwrap_or(USUAL_LIMIT).clamp(1, MAX_LIMIT) as usize;
    let has_more = rows.len() > skip.saturating_add(limit);
    let items: Vec<models::Call> = rows
        .into_iter()
        .skip(skip)
        .take(limit)
        .map(|row| without_transcript(row.call))
        .collect();
    let last = items.last().map(|call| call.call_id.clone());
    models::CallList {
        has_more,
        pagination_key: last.filter(|_| has_more),
        total: query.include_total.filter(|wanted| *wanted).map(|_| total),
        items,
    }
}

fn without_transcript(mut call: models::Call) -> models::Call {
    call.transcript = None;
    call.transcript_object = None;
    call.transcript_with_tool_calls = None;
    call
}

fn matches(row: &Row, filter: &CallFilter) -> bool {
    let call = &row.call;
    let agent = filter.agent.is_empty()
        || filter.agent.iter().any(|wanted| {
            let version = call
                .agent_version
                .and_then(|version| u64::try_from(version).ok());
            call.agent_id.as_ref() == Some(&wanted.agent_id)
                && (wanted.version.is_empty()
                    || version.is_some_and(|version| wanted.version.contains(&version)))
        });
    agent
        && filter
            .tool_calls
            .iter()
            .all(|wanted| has_tool_call(call, wanted))
        && plain_conditions_hold(row, filter)
}

/// The conditions on single values: each key of the filter names a value of
/// the call.
fn plain_conditions_hold(row: &Row, filter: &CallFilter) -> bool {
    let (Ok(Value::Object(conditions)), Ok(call)) = (
        serde_json::to_value(filter),
        serde_json::to_value(&row.call),
    ) else {
        return false;
    };
    let attributes = Value::Object(row.custom_attributes.clone());
    conditions
        .iter()
        .all(|(key, condition)| match key.as_str() {
            "agent" | "tool_calls" => true,
            "metadata" => keyed(condition, call.get("metadata")),
            "dynamic_variables" => keyed(condition, call.get("retell_llm_dynamic_variables")),
            "custom_analysis_data" => keyed(
                condition,
                call.pointer("/call_analysis/custom_analysis_data"),
            ),
            "custom_attributes" => keyed(condition, Some(&attributes)),
            "combined_cost" => holds(condition, call.pointer("/call_cost/combined_cost")),
            "e2e_latency_p50" => holds(condition, call.pointer("/latency/e2e/p50")),
            "call_successful" | "in_voicemail" | "user_sentiment" => holds(
                condition,
                call.get("call_analysis")
                    .and_then(|analysis| analysis.get(key)),
            ),
            _ => holds(condition, call.get(key)),
        })
}

fn holds(condition: &Value, value: Option<&Value>) -> bool {
    let condition: Result<Condition, _> = serde_json::from_value(condition.clone());
    condition.is_ok_and(|condition| condition.holds(value))
}

/// Every one of several conditions, each on the value of its own key.
fn keyed(conditions: &Value, values: Option<&Value>) -> bool {
    let conditions = conditions.as_array().map(Vec::as_slice).unwrap_or_default();
    conditions.iter().all(|condition| {
        let key = condition.get("key").and_then(Value::as_str);
        holds(condition, key.and_then(|key| values?.get(key)))
    })
}

fn has_tool_call(call: &models::Call, wanted: &ToolCallFilter) -> bool {
    let items = call
        .transcript_with_tool_calls
        .as_deref()
        .unwrap_or_default();
    items.iter().any(|item| {
        let TranscriptItem::ToolCallInvocation(invocation) = item else {
            return false;
        };
        let success = items.iter().find_map(|item| match item {
            TranscriptItem::ToolCallResult(result)
                if result.tool_call_id == invocation.tool_call_id =>
            {
                result.successful
            }
            _ => None,
        });
        wanted.name.as_ref().is_none_or(|name| *name == invocation.name)
            && wanted.kind.as_ref().is_none_or(|kind| invocation.kind.as_ref() == Some(kind))
            && wanted.success.as_ref().is_none_or(|flag| success == Some(flag.0))
            // The transcript does not say how long a call of a tool took.
            && wanted.latency_ms.is_none()
    })
}

/// Whether a filter as it was sent is one that exists; which key is not.
pub(crate) fn unknown_key(filter: &Value) -> Option<String> {
    let known = [
        "agent",
        "agent_tag",
        "batch_call_id",
        "call_id",
        "call_status",
        "call_successful",
        "call_type",
        "combined_cost",
        "custom_analysis_data",
        "custom_attributes",
        "data_storage_setting",
        "direction",
        "disconnection_reason",
        "duration_ms",
        "dynamic_variables",
        "e2e_latency_p50",
        "end_timestamp",
        "from_number",
        "in_voicemail",
        "metadata",
        "start_timestamp",
        "to_number",
        "tool_calls",
        "user_sentiment",
    ];
    let mut keys = filter.as_object()?.keys();
    keys.find(|key| !known.contains(&key.as_str())).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(n: i64, fields: Value) -> Row {
        let mut call = json!({
            "call_id": format!("call_{n}"),
            "call_type": "web_call",
            "agent_id": "agent_a",
            "agent_version": n,
            "call_status": "ended",
            "start_timestamp": n * 1_000,
            "duration_ms": n * 100,
        });
        if let (Value::Object(call), Value::Object(fields)) = (&mut call, fields) {
            call.extend(fields);
        }
        let mut custom_attributes = Map::new();
        custom_attributes.insert("vip".to_owned(), (n == 2).into());
        Row {
            time: n * 1_000,
            call: serde_json::from_value(call).unwrap(),
            custom_attributes,
        }
    }

    fn rows() -> Vec<Row> {
        let tools = json!([
            {"role": "tool_call_invocation", "tool_call_id": "1", "name": "book", "arguments": "{}", "type": "custom"},
            {"role": "tool_call_result", "tool_call_id": "1", "content": "", "successful": true},
        ]);
        vec![
            row(
                1,
                json!({"metadata": {"tenant": "a"}, "call_analysis": {"user_sentiment": "Positive", "call_successful": true}}),
            ),
            row(
                2,
                json!({"metadata": {"tenant": "b"}, "call_status": "ongoing", "agent_id": "agent_b"}),
            ),
            row(
                3,
                json!({"disconnection_reason": "user_hangup", "transcript_with_tool_calls": tools}),
            ),
            row(
                4,
                json!({"call_cost": {"combined_cost": 12.5, "product_costs": []}}),
            ),
        ]
    }

    fn ids(query: Value) -> Vec<String> {
        let query: ListCalls = serde_json::from_value(query).unwrap();
        page(rows(), &query)
            .items
            .into_iter()
            .map(|call| call.call_id)
            .collect()
    }

    fn found(filter: &Value) -> Vec<String> {
        ids(json!({ "filter_criteria": filter, "sort_order": "ascending" }))
    }

    #[test]
    fn every_kind_of_filter_chooses() {
        let enumeration = |values: Value| json!({"type": "enum", "op": "in", "value": values});
        assert_eq!(
            found(&json!({"call_status": enumeration(json!(["ongoing"]))})),
            ["call_2"]
        );
        assert_eq!(
            found(&json!({"agent": [{"agent_id": "agent_b"}]})),
            ["call_2"]
        );
        assert_eq!(
            found(&json!({"agent": [{"agent_id": "agent_a", "version": [3, 4]}]})),
            ["call_3", "call_4"]
        );
        let range = json!({"type": "range", "op": "bt", "value": [200, 300]});
        assert_eq!(found(&json!({"duration_ms": range})), ["call_2", "call_3"]);
        let greater = json!({"type": "number", "op": "gt", "value": 3000});
        assert_eq!(found(&json!({"start_timestamp": greater})), ["call_4"]);
        let starts = json!({"type": "string", "op": "sw", "value": "call_1"});
        assert_eq!(found(&json!({"call_id": starts})), ["call_1"]);
        let tenant = json!([{"key": "tenant", "type": "string", "op": "eq", "value": "a"}]);
        assert_eq!(found(&json!({"metadata": tenant})), ["call_1"]);
        let absent = json!([{"key": "tenant", "type": "present", "op": "np"}]);
        assert_eq!(found(&json!({"metadata": absent})), ["call_3", "call_4"]);
        let vip = json!([{"key": "vip", "type": "boolean", "op": "eq", "value": true}]);
        assert_eq!(found(&json!({"custom_attributes": vip})), ["call_2"]);
        assert_eq!(
            found(&json!({"user_sentiment": enumeration(json!(["Positive"]))})),
            ["call_1"]
        );
        let yes = json!({"type": "boolean", "op": "eq", "value": true});
        assert_eq!(found(&json!({"call_successful": yes})), ["call_1"]);
        assert_eq!(
            found(&json!({"tool_calls": [{"name": "book", "success": yes}]})),
            ["call_3"]
        );
        assert_eq!(
            found(&json!({"tool_calls": [{"name": "other"}]})),
            [] as [&str; 0]
        );
        let cost = json!({"type": "number", "op": "ge", "value": 12.5});
        assert_eq!(found(&json!({"combined_cost": cost})), ["call_4"]);
    }

    #[test]
    fn pages_follow_each_other() {
        let query = |key: Option<&str>| ListCalls {
            limit: Some(3),
            pagination_key: key.map(str::to_owned),
            include_total: Some(true),
            ..ListCalls::default()
        };
        let first = page(rows(), &query(None));
        let listed: Vec<_> = first
            .items
            .iter()
            .map(|call| call.call_id.as_str())
            .collect();
        assert_eq!(listed, ["call_4", "call_3", "call_2"]);
        assert_eq!((first.has_more, first.total), (true, Some(4)));
        assert!(
            first
                .items
                .iter()
                .all(|call| call.transcript_with_tool_calls.is_none())
        );
        let second = page(rows(), &query(first.pagination_key.as_deref()));
        assert_eq!(second.items.len(), 1);
        assert_eq!((second.has_more, second.pagination_key), (false, None));
        assert_eq!(ids(json!({"skip": 3})), ["call_1"]);
    }

    #[test]
    fn a_filter_that_does_not_exist_is_named() {
        assert_eq!(
            unknown_key(&json!({"call_id": 1, "colour": 2})),
            Some("colour".to_owned())
        );
        assert_eq!(unknown_key(&json!({"call_id": 1})), None);
    }
}
