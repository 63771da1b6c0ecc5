//! What was done, in words: a sentence for every action.

use api::desk::AuditEntry;
use serde_json::Value;

use super::texts::Texts;
use crate::desk::role::Role;
use crate::desk::settings::texts::Texts as Common;
use crate::ui::i18n::Lang;

/// Who did it.
pub(super) fn who(entry: &AuditEntry, lang: Lang) -> String {
    let texts = Texts::of(lang);
    let name = entry.actor_name.clone().unwrap_or_default();
    match entry.actor_kind.as_str() {
        "operator" => texts.operator.to_owned(),
        "system" => texts.system.to_owned(),
        "api_key" => format!("{} {name}", texts.api_key),
        _ => name,
    }
}

/// What was done. An action we do not know yet is shown as the server spells
/// it, with spaces.
pub(super) fn what(entry: &AuditEntry, lang: Lang) -> String {
    let index = match lang {
        Lang::En => 0,
        Lang::Es => 1,
        Lang::De => 2,
    };
    let known = DEEDS.iter().find(|(action, _)| *action == entry.action);
    match known {
        Some((_, sentences)) => fill(sentences[index], entry, lang),
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
            let items: Vec<_> = items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}

/// The action; English, Spanish, German. `{…}` is a detail, or the subject.
#[rustfmt::skip]
const DEEDS: &[(&str, [&str; 3])] = &[
    ("person.erased", ["Erased a person’s data", "Borró los datos de una persona", "Hat die Daten einer Person gelöscht"]),
    ("person.exported", ["Exported a person’s data", "Exportó los datos de una persona", "Hat die Daten einer Person exportiert"]),
    ("retention.applied", ["Deleted what is older than it is kept", "Borró lo más antiguo de lo que se guarda", "Hat gelöscht, was älter als die Aufbewahrung ist"]),
    ("retention.changed", ["Changed how long things are kept", "Cambió cuánto tiempo se guardan los datos", "Hat die Aufbewahrungsfristen geändert"]),
    ("tenant.account_changed", ["Changed the Retell account", "Cambió la cuenta de Retell", "Hat das Retell-Konto geändert"]),
    ("endpoint.created", ["Added the webhook endpoint {subject} for {events}", "Añadió el destino de webhooks {subject} para {events}", "Hat das Webhook-Ziel {subject} für {events} hinzugefügt"]),
    ("endpoint.changed", ["Changed the webhook endpoint {subject}: {events}", "Cambió el destino de webhooks {subject}: {events}", "Hat das Webhook-Ziel {subject} geändert: {events}"]),
    ("endpoint.headers_changed", ["Changed the headers of the webhook endpoint {subject}: {headers}", "Cambió las cabeceras del destino de webhooks {subject}: {headers}", "Hat die Kopfzeilen des Webhook-Ziels {subject} geändert: {headers}"]),
    ("endpoint.secret_rotated", ["Made a new secret for the webhook endpoint {subject}", "Creó un nuevo secreto para el destino de webhooks {subject}", "Hat ein neues Geheimnis für das Webhook-Ziel {subject} erzeugt"]),
    ("endpoint.disabled", ["Switched the webhook endpoint {subject} off ({reason})", "Desactivó el destino de webhooks {subject} ({reason})", "Hat das Webhook-Ziel {subject} abgeschaltet ({reason})"]),
    ("endpoint.enabled", ["Switched the webhook endpoint {subject} on", "Activó el destino de webhooks {subject}", "Hat das Webhook-Ziel {subject} eingeschaltet"]),
    ("endpoint.deleted", ["Deleted the webhook endpoint {subject}", "Eliminó el destino de webhooks {subject}", "Hat das Webhook-Ziel {subject} gelöscht"]),
    ("endpoint.tested", ["Sent a test to the webhook endpoint {subject}", "Envió una prueba al destino de webhooks {subject}", "Hat einen Test an das Webhook-Ziel {subject} gesendet"]),
    ("endpoint.replayed", ["Sent deliveries to the webhook endpoint {subject} again", "Reenvió entregas al destino de webhooks {subject}", "Hat Zustellungen an das Webhook-Ziel {subject} erneut gesendet"]),
    ("job.retried", ["Retried the parked job {subject}", "Reintentó la tarea aparcada {subject}", "Hat die geparkte Aufgabe {subject} wiederholt"]),
    ("job.discarded", ["Discarded the parked job {subject}", "Descartó la tarea aparcada {subject}", "Hat die geparkte Aufgabe {subject} verworfen"]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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
    fn every_action_has_one_sentence_in_every_language() {
        let actions: HashSet<_> = DEEDS.iter().map(|(action, _)| action).collect();
        assert_eq!(actions.len(), DEEDS.len());
        for (action, sentences) in DEEDS {
            let details = sentences.map(|sentence| sentence.matches('{').count());
            assert!(details.iter().all(|count| *count == details[0]), "{action}");
            assert!(sentences.iter().all(|sentence| !sentence.is_empty()));
        }
    }

    #[test]
    fn details_are_put_into_the_sentence() {
        let entry = entry("x", json!({"role": "admin", "to": ["a", "b"], "n": 3}));
        assert_eq!(
            fill("{role}: {to}, {n}, {gone}, {subject}.", &entry, Lang::De),
            "Admin: a, b, 3, –, x_1."
        );
        assert_eq!(fill("as {role}", &entry, Lang::Es), "as Administrador");
    }

    #[test]
    fn an_unknown_action_is_shown_as_it_is() {
        assert_eq!(
            what(&entry("thing.made_new", json!({})), Lang::De),
            "thing made new (x_1)"
        );
        let mut operator = entry("x", json!({}));
        operator.actor_kind = "operator".into();
        assert_eq!(who(&operator, Lang::En), "Server operator");
    }
}
