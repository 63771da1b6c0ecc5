//! What was done, in words: a sentence for every action.

use api::desk::AuditEntry;
use serde_json::Value;

use super::texts::Texts;
use crate::role::Role;
use crate::texts::Texts as Common;
use browser::ui::i18n::Lang;

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
    let known = DEEDS.iter().find(|(action, _)| *action == entry.action);
    match known {
        Some((_, sentences)) => fill(sentences[column(lang)], entry, lang),
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
    let known = SETTINGS.iter().find(|(name, _)| *name == text);
    known
        .map_or(text, |(_, words)| words[column(lang)])
        .to_owned()
}

/// Which column of a table a language has.
fn column(lang: Lang) -> usize {
    match lang {
        Lang::En => 0,
        Lang::Es => 1,
        Lang::De => 2,
    }
}

/// What settings of the business are called; English, Spanish, German.
#[rustfmt::skip]
const SETTINGS: &[(&str, [&str; 3])] = &[
    ("name", ["name", "nombre", "Name"]),
    ("timezone", ["time zone", "zona horaria", "Zeitzone"]),
    ("languages", ["languages", "idiomas", "Sprachen"]),
    ("default_agent", ["default agent", "agente predeterminado", "Standard-Agent"]),
    ("hours", ["business hours", "horario de atención", "Öffnungszeiten"]),
];

/// The action; English, Spanish, German. `{…}` is a detail, or the subject.
#[rustfmt::skip]
const DEEDS: &[(&str, [&str; 3])] = &[
    ("webhook.replayed", ["Replayed {count} webhooks", "Reintentó {count} webhooks", "Hat {count} Webhooks erneut verarbeiten lassen"]),
    ("alert.dismissed", ["Dismissed an alert", "Descartó una alerta", "Hat eine Warnung ausgeblendet"]),
    ("agent.assigned", ["Gave the business the agent {name}", "Asignó a la empresa el agente {name}", "Hat dem Unternehmen den Agenten {name} zugewiesen"]),
    ("agent.released", ["Took the agent {subject} from the business", "Quitó a la empresa el agente {subject}", "Hat dem Unternehmen den Agenten {subject} entzogen"]),
    ("numbers.imported", ["Imported {count} numbers from Retell", "Importó {count} números de Retell", "Hat {count} Nummern von Retell importiert"]),
    ("routing_rule.added", ["Added the routing rule {name}", "Añadió la regla {name}", "Hat die Regel {name} hinzugefügt"]),
    ("routing_rule.changed", ["Changed the routing rule {name}", "Cambió la regla {name}", "Hat die Regel {name} geändert"]),
    ("routing_rule.removed", ["Removed the routing rule {name}", "Eliminó la regla {name}", "Hat die Regel {name} entfernt"]),
    ("routing_rules.ordered", ["Reordered the routing rules", "Reordenó las reglas", "Hat die Regeln umgeordnet"]),
    ("person.erased", ["Erased a person’s data", "Borró los datos de una persona", "Hat die Daten einer Person gelöscht"]),
    ("person.exported", ["Exported a person’s data", "Exportó los datos de una persona", "Hat die Daten einer Person exportiert"]),
    ("retention.applied", ["Deleted what is older than it is kept", "Borró lo más antiguo de lo que se guarda", "Hat gelöscht, was älter als die Aufbewahrung ist"]),
    ("retention.changed", ["Changed how long things are kept", "Cambió cuánto tiempo se guardan los datos", "Hat die Aufbewahrungsfristen geändert"]),
    ("tenant.account_changed", ["Changed the Retell account", "Cambió la cuenta de Retell", "Hat das Retell-Konto geändert"]),
    ("tenant.created", ["Created the business {name}", "Creó la empresa {name}", "Hat das Unternehmen {name} angelegt"]),
    ("tenant.changed", ["Changed the business: {changed}", "Cambió la empresa: {changed}", "Hat das Unternehmen geändert: {changed}"]),
    ("tenant.disabled", ["Switched the business off", "Desactivó la empresa", "Hat das Unternehmen abgeschaltet"]),
    ("tenant.enabled", ["Switched the business on", "Activó la empresa", "Hat das Unternehmen eingeschaltet"]),
    ("user.invited", ["Invited {name} ({email}) as {role}", "Invitó a {name} ({email}) como {role}", "Hat {name} ({email}) als {role} eingeladen"]),
    ("user.joined", ["Accepted the invitation", "Aceptó la invitación", "Hat die Einladung angenommen"]),
    ("user.renamed", ["Renamed {old_name} to {name}", "Cambió el nombre de {old_name} a {name}", "Hat {old_name} in {name} umbenannt"]),
    ("user.role_changed", ["Made {name} {role} (was {old_role})", "Nombró a {name} {role} (antes {old_role})", "Hat {name} zu {role} gemacht (vorher {old_role})"]),
    ("user.disabled", ["Switched {name} off", "Desactivó a {name}", "Hat {name} abgeschaltet"]),
    ("user.enabled", ["Switched {name} on", "Activó a {name}", "Hat {name} eingeschaltet"]),
    ("user.link_made", ["Made a password link for {name}", "Creó un enlace de contraseña para {name}", "Hat einen Passwort-Link für {name} erstellt"]),
    ("user.password_changed", ["Changed their own password", "Cambió su propia contraseña", "Hat das eigene Passwort geändert"]),
    ("user.password_reset", ["Chose a new password by link", "Eligió una contraseña nueva con un enlace", "Hat über einen Link ein neues Passwort gewählt"]),
    ("user.identity_linked", ["Linked an account for signing in ({email}, {issuer})", "Vinculó una cuenta para acceder ({email}, {issuer})", "Hat ein Konto zum Anmelden verknüpft ({email}, {issuer})"]),
    ("user.identity_unlinked", ["Unlinked an account for signing in ({email}, {issuer})", "Desvinculó una cuenta para acceder ({email}, {issuer})", "Hat ein Konto zum Anmelden getrennt ({email}, {issuer})"]),
    ("session.revoked", ["Signed out one of their sessions", "Cerró una de sus sesiones", "Hat eine eigene Sitzung abgemeldet"]),
    ("session.others_revoked", ["Signed out their other sessions ({count})", "Cerró sus demás sesiones ({count})", "Hat die eigenen übrigen Sitzungen abgemeldet ({count})"]),
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
    ("public_key.created", ["Created the public key {name}", "Creó la clave pública {name}", "Hat den öffentlichen Schlüssel {name} erstellt"]),
    ("public_key.changed", ["Changed the public key {name}", "Cambió la clave pública {name}", "Hat den öffentlichen Schlüssel {name} geändert"]),
    ("public_key.rotated", ["Replaced the public key {name}", "Sustituyó la clave pública {name}", "Hat den öffentlichen Schlüssel {name} ersetzt"]),
    ("public_key.deleted", ["Deleted the public key {subject}", "Eliminó la clave pública {subject}", "Hat den öffentlichen Schlüssel {subject} gelöscht"]),
    ("api_key.created", ["Created the API key {name}", "Creó la clave de API {name}", "Hat den API-Schlüssel {name} erstellt"]),
    ("api_key.rotated", ["Replaced the API key {name}", "Sustituyó la clave de API {name}", "Hat den API-Schlüssel {name} ersetzt"]),
    ("api_key.revoked", ["Revoked the API key {subject}", "Revocó la clave de API {subject}", "Hat den API-Schlüssel {subject} widerrufen"]),
    ("callback.cancelled", ["Cancelled a call-back ({subject})", "Canceló una llamada solicitada ({subject})", "Hat einen Rückruf abgesagt ({subject})"]),
    ("callback.called_now", ["Had a call-back placed at once ({subject})", "Hizo llamar enseguida a una llamada solicitada ({subject})", "Hat einen Rückruf sofort ausführen lassen ({subject})"]),
    ("contact.created", ["Added a contact ({subject})", "Añadió un contacto ({subject})", "Hat einen Kontakt angelegt ({subject})"]),
    ("contact.changed", ["Changed a contact ({subject})", "Cambió un contacto ({subject})", "Hat einen Kontakt geändert ({subject})"]),
    ("contact.deleted", ["Deleted a contact ({subject})", "Eliminó un contacto ({subject})", "Hat einen Kontakt gelöscht ({subject})"]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use api::audit::ACTIONS;
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
        let actions: HashSet<_> = DEEDS.iter().map(|(action, _)| *action).collect();
        assert_eq!(actions.len(), DEEDS.len());
        let written: HashSet<_> = ACTIONS.iter().copied().collect();
        assert_eq!(actions, written);
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
