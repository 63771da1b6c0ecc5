//! The transcript in Retell's shapes: get-call's (retell-protocol G4) and the
//! monitor stream's (E).

use retell::models::{
    Dtmf, Injected, MonitorItem, NodeTransition, Role, Sms, ToolCallInvocation, ToolCallResult,
    TranscriptItem, TransitionType, Utterance, Word,
};

use crate::conversation::{Item, Kind, Speaker, join};

/// Milliseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "a call lasts hours at most")]
pub(crate) fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

/// The entries by time; those of one time in the order they came.
pub(crate) fn in_order(items: &[Item]) -> Vec<&Item> {
    let mut items: Vec<&Item> = items.iter().collect();
    items.sort_by_key(|item| item.at_ms);
    items
}

/// `Agent: …` and `User: …` lines.
pub(crate) fn text(items: &[&Item]) -> String {
    let mut text = String::new();
    for item in items {
        if let Kind::Said { by, words } = &item.kind {
            let name = match by {
                Speaker::Agent => "Agent",
                Speaker::User => "User",
                Speaker::TransferTarget => "Transfer Target",
            };
            text.push_str(name);
            text.push_str(": ");
            text.push_str(&join(words));
            text.push('\n');
        }
    }
    text
}

/// The turns with word times.
pub(crate) fn utterances(items: &[&Item]) -> Vec<Utterance> {
    items.iter().filter_map(|item| utterance(item)).collect()
}

/// The turns and all that happened between them.
pub(crate) fn with_tool_calls(items: &[&Item]) -> Vec<TranscriptItem> {
    items.iter().map(|item| whole(item)).collect()
}

/// One entry as the monitor stream has it: no word times.
pub(crate) fn monitor_item(item: &Item) -> MonitorItem {
    let mut entry = whole(item);
    if let TranscriptItem::Utterance(utterance) = &mut entry {
        utterance.words.clear();
    }
    MonitorItem {
        id: item.id.clone(),
        time_sec: seconds(item.at_ms),
        item: entry,
    }
}

fn utterance(item: &Item) -> Option<Utterance> {
    let Kind::Said { by, words } = &item.kind else {
        return None;
    };
    let role = match by {
        Speaker::Agent => Role::Agent,
        Speaker::User => Role::User,
        Speaker::TransferTarget => Role::TransferTarget,
    };
    let timed = words.iter().map(|word| Word {
        word: word.text.clone(),
        start: seconds(word.start_ms),
        end: seconds(word.end_ms),
    });
    Some(Utterance {
        role,
        content: join(words),
        words: timed.collect(),
        metadata: None,
    })
}

fn whole(item: &Item) -> TranscriptItem {
    if let Some(utterance) = utterance(item) {
        return TranscriptItem::Utterance(utterance);
    }
    match &item.kind {
        Kind::ToolInvocation {
            tool_call_id,
            name,
            arguments,
            tool_type,
        } => TranscriptItem::ToolCallInvocation(ToolCallInvocation {
            tool_call_id: tool_call_id.clone(),
            name: name.clone(),
            arguments: arguments.clone(),
            kind: Some((*tool_type).to_owned()),
            ..ToolCallInvocation::default()
        }),
        Kind::ToolResult {
            tool_call_id,
            content,
            successful,
        } => TranscriptItem::ToolCallResult(ToolCallResult {
            tool_call_id: tool_call_id.clone(),
            content: content.clone(),
            successful: *successful,
            ..ToolCallResult::default()
        }),
        Kind::NodeTransition { from, to } => TranscriptItem::NodeTransition(NodeTransition {
            former_node_id: Some(node_id(from)),
            former_node_name: Some(from.clone()),
            new_node_id: Some(node_id(to)),
            new_node_name: Some(to.clone()),
            transition_type: Some(TransitionType::Normal),
            ..NodeTransition::default()
        }),
        Kind::Sms(content) => TranscriptItem::Sms(Sms {
            content: content.clone(),
            time_sec: Some(seconds(item.at_ms)),
            ..Sms::default()
        }),
        Kind::Injected(content) => TranscriptItem::Injected(Injected {
            content: content.clone(),
            time_sec: Some(seconds(item.at_ms)),
            ..Injected::default()
        }),
        Kind::Dtmf(digit) => TranscriptItem::Dtmf(Dtmf {
            digit: digit.clone(),
            ..Dtmf::default()
        }),
        // Speech was turned into an utterance above.
        Kind::Said { .. } => TranscriptItem::Utterance(Utterance::default()),
    }
}

fn node_id(name: &str) -> String {
    let id: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    format!("node-{id}")
}
