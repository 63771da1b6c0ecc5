//! German.

use super::{
    Advice, BrowserTexts, FaultTexts, MoodTexts, NoticeTexts, PhaseTexts, SummaryTexts, Texts,
    TranscriptWords,
};

const AGAIN_SOON: &str = "Bitte versuchen Sie es in einigen Minuten noch einmal.";
const TELL_OWNER: &str =
    "Bitte sagen Sie den Betreibern dieser Website Bescheid oder nutzen Sie einen anderen Weg.";

pub(super) static TEXTS: Texts = Texts {
    default_title: "Rufen Sie uns an",
    intro: "Sprechen Sie mit unserem Assistenten",
    intro_note: "Sie sprechen mit einem KI-Assistenten. Ihr Browser fragt zuerst nach dem Mikrofon.",
    start_call: "Anruf starten",
    call_again: "Noch einmal anrufen",
    mute: "Stumm",
    unmute: "Ton an",
    hang_up: "Auflegen",
    close: "Schließen",
    devices: "Audio",
    microphone: "Mikrofon",
    speaker: "Lautsprecher",
    default_device: "Systemstandard",
    unnamed_device: "Gerät",
    tap_to_hear: "Tippen, um zu hören",
    phase: PhaseTexts {
        idle: "Bereit",
        asking_microphone: "Mikrofon wird angefragt",
        connecting: "Verbindung wird aufgebaut",
        live: "Im Gespräch",
        reconnecting: "Verbindung wird wiederhergestellt",
        ended: "Anruf beendet",
        failed: "Nicht verbunden",
    },
    mood: MoodTexts {
        allow: "Bitte erlauben Sie das Mikrofon, wenn Ihr Browser fragt.",
        preparing: "Einen Moment, wir verbinden Sie.",
        agent_speaks: "Der Assistent spricht",
        listening: "Wir hören Ihnen zu",
        muted: "Sie sind stumm geschaltet",
        reconnecting: "Die Verbindung ist schwach. Bitte bleiben Sie dran.",
    },
    transcript: TranscriptWords {
        label: "Transkript",
        empty: "Hier erscheint, was gesagt wird.",
        unavailable: "Das Transkript ist gerade nicht verfügbar. Ihr Anruf läuft normal weiter.",
        jump_to_latest: "Zum Neuesten",
        agent: "Assistent",
        user: "Sie",
        transfer_target: "Kollegin oder Kollege",
        key_pressed: "Taste gedrückt:",
        text_message: "Textnachricht:",
    },
    notice: NoticeTexts {
        microphone_switched: "Ihr Mikrofon wurde getrennt. Es wird jetzt ein anderes verwendet.",
        microphone_lost: "Ihr Mikrofon wurde getrennt. Bitte schließen Sie eines an oder wählen Sie ein anderes.",
        microphone_refused: "Dieses Mikrofon lässt sich nicht verwenden. Das bisherige bleibt aktiv.",
        speaker_switched: "Ihr Lautsprecher wurde getrennt. Es wird jetzt der Systemstandard verwendet.",
    },
    summary: SummaryTexts {
        label: "Zusammenfassung",
        duration: "Dauer",
        you_hung_up: "Sie haben aufgelegt. Danke für Ihren Anruf.",
        agent_hung_up: "Der Assistent hat aufgelegt. Danke für Ihren Anruf.",
        over: "Der Anruf ist beendet. Danke für Ihren Anruf.",
        replaced: "Der Anruf geht in einem anderen Fenster weiter.",
        quiet_too_long: "Der Anruf wurde beendet, weil es längere Zeit still war.",
        longest_reached: "Der Anruf hat seine längste Dauer erreicht.",
        transferred: "Sie wurden weiterverbunden.",
        stopped: "Unser Team hat den Anruf beendet.",
        agent_failed: "Der Assistent hatte ein technisches Problem. Bitte rufen Sie noch einmal an.",
    },
    allow_microphone: BrowserTexts {
        chromium: "Klicken Sie auf das Symbol links neben der Adresse, erlauben Sie das Mikrofon und starten Sie den Anruf noch einmal.",
        chromium_android: "Tippen Sie auf das Symbol links neben der Adresse, dann auf Berechtigungen, erlauben Sie das Mikrofon und starten Sie den Anruf noch einmal.",
        firefox: "Klicken Sie auf das durchgestrichene Mikrofon in der Adressleiste, heben Sie die Sperre auf und starten Sie den Anruf noch einmal.",
        safari: "Wählen Sie in der Menüleiste Safari, Einstellungen für diese Website, erlauben Sie das Mikrofon und starten Sie den Anruf noch einmal.",
        ios: "Öffnen Sie in der Adressleiste das Seitenmenü, dann Website-Einstellungen, und erlauben Sie das Mikrofon. Bleibt es aus, erlauben Sie es diesem Browser in der App Einstellungen.",
        other: "Erlauben Sie dieser Website das Mikrofon in den Einstellungen Ihres Browsers und starten Sie den Anruf noch einmal.",
    },
    fault: FaultTexts {
        microphone_denied: "Das Mikrofon ist gesperrt",
        microphone_missing: Advice {
            what: "Kein Mikrofon gefunden",
            next: "Schließen Sie ein Mikrofon oder Headset an und starten Sie den Anruf noch einmal.",
        },
        microphone_busy: Advice {
            what: "Das Mikrofon ist belegt",
            next: "Schließen Sie andere Programme oder Tabs, die es benutzen, und starten Sie den Anruf noch einmal.",
        },
        microphone_unsupported: Advice {
            what: "Dieser Browser bietet hier kein Mikrofon",
            next: "Bitte öffnen Sie diese Seite über https in einem aktuellen Browser.",
        },
        key_unknown: Advice {
            what: "Dieser Anruf-Knopf ist nicht richtig eingerichtet",
            next: TELL_OWNER,
        },
        key_disabled: Advice {
            what: "Anrufe sind hier abgeschaltet",
            next: TELL_OWNER,
        },
        origin_not_allowed: Advice {
            what: "Von dieser Website sind keine Anrufe erlaubt",
            next: TELL_OWNER,
        },
        nonce_invalid: Advice {
            what: "Diese Seite war zu lange offen",
            next: "Bitte laden Sie die Seite neu und rufen Sie noch einmal an.",
        },
        agent_unknown: Advice {
            what: "Diesen Assistenten gibt es nicht mehr",
            next: TELL_OWNER,
        },
        retell_unreachable: Advice {
            what: "Der Telefondienst ist nicht erreichbar",
            next: AGAIN_SOON,
        },
        retell_timeout: Advice {
            what: "Der Telefondienst braucht zu lange",
            next: AGAIN_SOON,
        },
        retell_unauthorized: Advice {
            what: "Der Telefondienst hat diese Website nicht angenommen",
            next: TELL_OWNER,
        },
        retell_payment_required: Advice {
            what: "Anrufe sind zurzeit nicht möglich",
            next: TELL_OWNER,
        },
        retell_busy: Advice {
            what: "Alle Leitungen sind besetzt",
            next: "Bitte versuchen Sie es gleich noch einmal.",
        },
        retell_rejected: Advice {
            what: "Der Anruf konnte nicht aufgebaut werden",
            next: TELL_OWNER,
        },
        retell_failed: Advice {
            what: "Der Telefondienst hat eine Störung",
            next: AGAIN_SOON,
        },
        rate_limited: Advice {
            what: "Zu viele Anrufe in kurzer Zeit",
            next: "Bitte warten Sie einige Minuten, bevor Sie wieder anrufen.",
        },
        store_unavailable: Advice {
            what: "Gerade können keine Anrufe angenommen werden",
            next: AGAIN_SOON,
        },
        internal: Advice {
            what: "Bei uns ist etwas schiefgegangen",
            next: AGAIN_SOON,
        },
        unreachable: Advice {
            what: "Wir sind nicht erreichbar",
            next: "Prüfen Sie Ihre Internetverbindung und starten Sie den Anruf noch einmal.",
        },
        room_missing: Advice {
            what: "Der Assistent ist nicht ans Telefon gekommen",
            next: "Bitte starten Sie den Anruf noch einmal.",
        },
        token_expired: Advice {
            what: "Der Verbindungsaufbau hat zu lange gedauert",
            next: "Bitte starten Sie den Anruf noch einmal.",
        },
        rejected: Advice {
            what: "Der Anruf wurde nicht angenommen",
            next: "Bitte starten Sie den Anruf noch einmal oder nutzen Sie einen anderen Browser.",
        },
        gateway_unreachable: Advice {
            what: "Der Anruf kommt nicht durch",
            next: "Prüfen Sie Ihre Internetverbindung und starten Sie den Anruf noch einmal.",
        },
        media_blocked: Advice {
            what: "Ihr Netzwerk blockiert Anrufe",
            next: "Versuchen Sie ein anderes Netzwerk oder schalten Sie Ihr VPN aus und starten Sie den Anruf noch einmal.",
        },
        connection_lost: Advice {
            what: "Die Verbindung ist abgebrochen",
            next: "Prüfen Sie Ihre Internetverbindung und rufen Sie noch einmal an.",
        },
        browser_unable: Advice {
            what: "Dieser Browser kann nicht telefonieren",
            next: "Bitte nutzen Sie eine aktuelle Version von Chrome, Edge, Firefox oder Safari.",
        },
    },
};
