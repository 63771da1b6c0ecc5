//! Why a call ended, in words: every `disconnection_reason` of Retell
//! (retell-protocol G5), for staff.

use browser::ui::i18n::Lang;

/// The reason in words. One we do not know yet is shown as Retell spells it,
/// with spaces.
#[must_use]
pub fn in_words(reason: &str, lang: Lang) -> String {
    let index = match lang {
        Lang::En => 0,
        Lang::Es => 1,
        Lang::De => 2,
    };
    REASONS
        .iter()
        .find(|(code, _)| *code == reason)
        .map_or_else(
            || reason.replace('_', " "),
            |(_, words)| words[index].to_owned(),
        )
}

/// Every reason, Retell's code and the words, in the order of the words.
#[must_use]
pub fn all(lang: Lang) -> Vec<(&'static str, String)> {
    let mut all: Vec<_> = REASONS
        .iter()
        .map(|(code, _)| (*code, in_words(code, lang)))
        .collect();
    all.sort_by_key(|(_, words)| words.to_lowercase());
    all
}

/// Retell's code; English, Spanish, German.
#[rustfmt::skip]
const REASONS: &[(&str, [&str; 3])] = &[
    ("user_hangup", ["Caller hung up", "Colgó la persona que llamaba", "Anrufer hat aufgelegt"]),
    ("agent_hangup", ["Agent hung up", "Colgó el agente", "Agent hat aufgelegt"]),
    ("call_transfer", ["Transferred", "Transferida", "Weitergeleitet"]),
    ("voicemail_reached", ["Reached voicemail", "Saltó el buzón de voz", "Mailbox erreicht"]),
    ("ivr_reached", ["Reached a phone menu", "Respondió un menú telefónico", "Telefonmenü erreicht"]),
    ("inactivity", ["Ended after silence", "Terminada por silencio", "Nach Stille beendet"]),
    ("max_duration_reached", ["Reached the longest allowed duration", "Alcanzó la duración máxima", "Höchstdauer erreicht"]),
    ("transfer_bridged", ["Connected with the transfer target", "Conectada con el destino de la transferencia", "Mit dem Weiterleitungsziel verbunden"]),
    ("transfer_cancelled", ["Transfer was cancelled", "Transferencia cancelada", "Weiterleitung abgebrochen"]),
    ("manual_stopped", ["Ended by staff", "Terminada por el personal", "Vom Team beendet"]),
    ("call_take_over", ["Taken over by staff", "Atendida por el personal", "Vom Team übernommen"]),
    ("user_requested_dnc", ["Caller asked not to be called again", "Pidió que no le llamen más", "Möchte nicht mehr angerufen werden"]),
    ("user_requested_callback", ["Caller asked to be called back", "Pidió que le devuelvan la llamada", "Bittet um Rückruf"]),
    ("no_concurrency_fallback", ["All lines were busy", "Todas las líneas estaban ocupadas", "Alle Leitungen waren belegt"]),
    ("dial_busy", ["Line was busy", "La línea estaba ocupada", "Anschluss war besetzt"]),
    ("dial_failed", ["Could not be dialled", "No se pudo marcar", "Anwahl fehlgeschlagen"]),
    ("dial_no_answer", ["Nobody answered", "Nadie contestó", "Niemand hat abgenommen"]),
    ("invalid_destination", ["Number is not valid", "El número no es válido", "Nummer ist ungültig"]),
    ("telephony_provider_permission_denied", ["Phone provider does not allow this number", "El operador no permite este número", "Telefonanbieter erlaubt diese Nummer nicht"]),
    ("telephony_provider_unavailable", ["Phone provider could not be reached", "El operador no estaba disponible", "Telefonanbieter war nicht erreichbar"]),
    ("sip_routing_error", ["Call could not be routed", "No se pudo enrutar la llamada", "Anruf konnte nicht vermittelt werden"]),
    ("marked_as_spam", ["Marked as spam", "Marcada como spam", "Als Spam markiert"]),
    ("user_declined", ["Caller declined", "La llamada fue rechazada", "Anruf wurde abgelehnt"]),
    ("network_blocked", ["Blocked by the phone network", "Bloqueada por la red telefónica", "Vom Telefonnetz gesperrt"]),
    ("concurrency_limit_reached", ["Too many calls at once", "Demasiadas llamadas a la vez", "Zu viele Anrufe gleichzeitig"]),
    ("no_valid_payment", ["Retell account has no valid payment method", "La cuenta de Retell no tiene un pago válido", "Retell-Konto ohne gültige Zahlungsart"]),
    ("credit_exhausted", ["Retell credit is used up", "El crédito de Retell se agotó", "Retell-Guthaben ist aufgebraucht"]),
    ("budget_reached", ["Retell budget is reached", "Se alcanzó el presupuesto de Retell", "Retell-Budget ist erreicht"]),
    ("scam_detected", ["Stopped as a suspected scam", "Detenida por sospecha de estafa", "Wegen Betrugsverdacht gestoppt"]),
    ("error_llm_websocket_open", ["Language model could not be reached", "No se pudo conectar con el modelo de lenguaje", "Sprachmodell war nicht erreichbar"]),
    ("error_llm_websocket_lost_connection", ["Connection to the language model was lost", "Se perdió la conexión con el modelo de lenguaje", "Verbindung zum Sprachmodell ging verloren"]),
    ("error_llm_websocket_runtime", ["Language model failed", "Falló el modelo de lenguaje", "Fehler im Sprachmodell"]),
    ("error_llm_websocket_corrupt_payload", ["Language model sent unreadable data", "El modelo de lenguaje envió datos ilegibles", "Sprachmodell sandte unlesbare Daten"]),
    ("error_no_audio_received", ["No sound arrived from the caller", "No llegó audio de la persona que llamaba", "Kein Ton vom Anrufer angekommen"]),
    ("error_asr", ["Speech recognition failed", "Falló el reconocimiento de voz", "Fehler in der Spracherkennung"]),
    ("error_retell", ["Retell failed", "Fallo de Retell", "Fehler bei Retell"]),
    ("error_unknown", ["Unknown error", "Error desconocido", "Unbekannter Fehler"]),
    ("error_user_not_joined", ["Visitor never joined", "El visitante no llegó a entrar", "Besucher ist nie beigetreten"]),
    ("registered_call_timeout", ["Call arrived too late", "La llamada llegó demasiado tarde", "Anruf kam zu spät an"]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn all_thirty_nine_reasons_have_words_of_their_own_in_every_language() {
        let codes: HashSet<_> = REASONS.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), 39);
        for index in 0..3 {
            let words: HashSet<_> = REASONS.iter().map(|(_, words)| words[index]).collect();
            assert_eq!(words.len(), 39);
            assert!(
                words
                    .iter()
                    .all(|words| !words.is_empty() && !words.contains('_'))
            );
        }
    }

    #[test]
    fn a_reason_is_told_in_the_readers_language() {
        assert_eq!(in_words("user_hangup", Lang::En), "Caller hung up");
        assert_eq!(in_words("user_hangup", Lang::De), "Anrufer hat aufgelegt");
        assert_eq!(in_words("inactivity", Lang::Es), "Terminada por silencio");
    }

    #[test]
    fn an_unknown_reason_is_shown_as_it_is() {
        assert_eq!(in_words("brand_new_reason", Lang::De), "brand new reason");
    }
}
