//! What was done, in words: a sentence for every action.

use api::desk::AuditEntry;
use serde_json::Value;

use crate::role::Role;
use crate::texts::Texts as Common;
use crate::words::audit::Texts;
use crate::words::deeds::Texts as Deeds;
use crate::words::{Found as _, Lang};

/// Who did it.
pub(super) fn who(entry: &AuditEntry, lang: Lang) -> String {
    let texts = Texts::of(lang);
    let name = entry.actor_name.clone().unwrap_or_default();
    match entry.actor_kind.as_str() {
        "operator" => texts.operator().to_owned(),
        "system" => texts.system().to_owned(),
        "api_key" => texts.api_key(&name),
        _ => name,
    }
}

/// What was done. An action we do not know yet is shown as the server spells
/// it, with spaces.
pub(super) fn what(entry: &AuditEntry, lang: Lang) -> String {
    match Deeds::of(lang).find(&entry.action) {
        Some(sentence) => fill(sentence, entry, lang),
        None => {
            let action = entry.action.replace(['.', '_'], " ");
            match &entry.subject_id {
                Some(id) => format!("{action} ({id})"),
                None => action,
            }
        }
    }
}

/// Puts `entry`'s details where the sentence names them: `{role}`.
fn fill(sentence: &str, entry: &AuditEntry, lang: Lang) -> String {
    let mut filled = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&detail(entry, name, lang));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn detail(entry: &AuditEntry, name: &str, lang: Lang) -> String {
    if name == "subject" {
        return entry.subject_id.clone().unwrap_or_default();
    }
    match &entry.details[name] {
        Value::String(text) if matches!(name, "role" | "old_role") => {
            Common::of(lang).role(Role::parse(text)).to_owned()
        }
        Value::String(text) => text.clone(),
        Value::Null => String::from("–"),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| part(item, lang)).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}

/// An item of a list: the name of a setting, or whatever it is.
fn part(item: &Value, lang: Lang) -> String {
    let Some(text) = item.as_str() else {
        return item.to_string();
    };
    let known = Deeds::of(lang).find(&format!("setting.{text}"));
    known.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(action: &str, details: Value) -> AuditEntry {
        AuditEntry {
            id: "1".into(),
            at: 0,
            actor_kind: "user".into(),
            actor_name: Some("Robin".into()),
            action: action.into(),
            subject_kind: None,
            subject_id: Some("x_1".into()),
            details,
            remote_ip: None,
        }
    }

    #[test]
    fn details_are_put_into_the_sentence() {
        let entry = entry("x", json!({"role": "admin", "to": ["a", "b"], "n": 3}));
        assert_eq!(
            fill(
                "{role}: {to}, {n}, {gone}, {subject}.",
                &entry,
                Lang::of("de")
            ),
            "Admin: a, b, 3, –, x_1."
        );
        assert_eq!(
            fill("as {role}", &entry, Lang::of("es")),
            "as Administrador"
        );
    }

    #[test]
    fn an_unknown_action_is_shown_as_it_is() {
        assert_eq!(
            what(&entry("thing.made_new", json!({})), Lang::of("de")),
            "thing made new (x_1)"
        );
        let mut operator = entry("x", json!({}));
        operator.actor_kind = "operator".into();
        assert_eq!(who(&operator, Lang::of("en")), "Server operator");
    }
}
