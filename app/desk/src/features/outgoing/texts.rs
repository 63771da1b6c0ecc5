//! The words of outgoing webhooks.

use browser::ui::i18n::Lang;

/// The words of outgoing webhooks in one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Names the section.
    pub(crate) title: &'static str,
    /// What they are.
    pub(crate) hint: &'static str,
    /// There are none.
    pub(crate) empty: &'static str,
    /// What to do about it.
    pub(crate) empty_hint: &'static str,
    /// Opens the form of a new one.
    pub(crate) add: &'static str,
    /// Heads that form.
    pub(crate) new: &'static str,
    /// Opens the form of an endpoint, and heads it.
    pub(crate) change: &'static str,
    /// The address.
    pub(crate) address: &'static str,
    /// What addresses are possible.
    pub(crate) address_hint: &'static str,
    /// What the endpoint is.
    pub(crate) description: &'static str,
    /// The events it gets.
    pub(crate) events: &'static str,
    /// None is chosen.
    pub(crate) choose: &'static str,
    /// `call.created`.
    pub(crate) call_created: &'static str,
    /// `call.started`.
    pub(crate) call_started: &'static str,
    /// `call.ended`.
    pub(crate) call_ended: &'static str,
    /// `call.analyzed`.
    pub(crate) call_analyzed: &'static str,
    /// `callback.requested`.
    pub(crate) callback_requested: &'static str,
    /// `endpoint.disabled`.
    pub(crate) endpoint_disabled: &'static str,
    /// Headers of its own.
    pub(crate) headers: &'static str,
    /// How they are entered.
    pub(crate) headers_hint: &'static str,
    /// There are some already.
    pub(crate) headers_kept: &'static str,
    /// Labels the secret.
    pub(crate) secret: &'static str,
    /// What it is for.
    pub(crate) secret_hint: &'static str,
    /// Sends a test.
    pub(crate) test: &'static str,
    /// A test is on its way.
    pub(crate) test_sent: &'static str,
    /// The log of deliveries.
    pub(crate) log: &'static str,
    /// Nothing was sent.
    pub(crate) log_empty: &'static str,
    /// How to see something.
    pub(crate) log_empty_hint: &'static str,
    /// Loads the log again.
    pub(crate) refresh: &'static str,
    /// Column: when.
    pub(crate) when: &'static str,
    /// Column: which event.
    pub(crate) event: &'static str,
    /// Column: how it stands.
    pub(crate) state: &'static str,
    /// Column: how often it was tried; heads the attempts.
    pub(crate) attempts: &'static str,
    /// Column: what came back.
    pub(crate) answer: &'static str,
    /// It has arrived.
    pub(crate) delivered: &'static str,
    /// It was given up.
    pub(crate) failed: &'static str,
    /// It is on its way.
    pub(crate) pending: &'static str,
    /// Shows a delivery.
    pub(crate) details: &'static str,
    /// Heads what was sent.
    pub(crate) body: &'static str,
    /// Sends a delivery again.
    pub(crate) replay: &'static str,
    /// Sends what failed again.
    pub(crate) replay_failed: &'static str,
    /// It is on its way again.
    pub(crate) replayed: &'static str,
    /// Makes a new secret.
    pub(crate) rotate: &'static str,
    /// Asks before that.
    pub(crate) rotate_title: &'static str,
    /// What it does.
    pub(crate) rotate_text: &'static str,
    /// The previous secret signs until then.
    pub(crate) previous_until: &'static str,
    /// Switches it on.
    pub(crate) switch_on: &'static str,
    /// Switches it off.
    pub(crate) switch_off: &'static str,
    /// It is switched off.
    pub(crate) off: &'static str,
    /// It was switched off by its answer.
    pub(crate) off_gone: &'static str,
    /// It was switched off after failing for days.
    pub(crate) off_failing: &'static str,
    /// Since when nothing arrives.
    pub(crate) failing_since: &'static str,
    /// It has to be switched on first.
    pub(crate) switched_off_first: &'static str,
    /// Deletes it.
    pub(crate) remove: &'static str,
    /// Asks before that.
    pub(crate) remove_title: &'static str,
    /// What it does.
    pub(crate) remove_text: &'static str,
    /// The address cannot be used.
    pub(crate) address_invalid: &'static str,
    /// The address is a private one.
    pub(crate) address_private: &'static str,
    /// A header cannot be sent.
    pub(crate) header_invalid: &'static str,
    /// There are too many.
    pub(crate) limit: &'static str,
    /// It is no longer there.
    pub(crate) gone: &'static str,
}

impl Texts {
    /// The words in a language.
    pub(crate) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Es => &ES,
            Lang::De => &DE,
        }
    }
}

static EN: Texts = Texts {
    title: "Outgoing webhooks",
    hint: "What happens to calls is sent to these addresses, signed, for Make, n8n, Zapier or a program of your own. What does not arrive is repeated for three days.",
    empty: "There are no endpoints yet",
    empty_hint: "Add the webhook address of your automation.",
    add: "Add endpoint",
    new: "New endpoint",
    change: "Edit",
    address: "Address",
    address_hint: "Begins with https://. Copy it from the webhook step of your automation.",
    description: "Name",
    events: "Events",
    choose: "Choose at least one event.",
    call_created: "A call is new (call.created)",
    call_started: "A call has begun (call.started)",
    call_ended: "A call has ended (call.ended)",
    call_analyzed: "A call is analyzed: summary and sentiment (call.analyzed)",
    callback_requested: "A visitor asks to be called back (callback.requested)",
    endpoint_disabled: "Another endpoint was switched off (endpoint.disabled)",
    headers: "Headers",
    headers_hint: "Optional, one on each line, such as x-make-apikey: your key. They are kept encrypted.",
    headers_kept: "Leave this empty to keep the headers as they are; their values are not shown again.",
    secret: "Signing secret",
    secret_hint: "Your program verifies with it that a delivery comes from here.",
    test: "Send test event",
    test_sent: "The test is on its way. Refresh the log to see how it went.",
    log: "Delivery log",
    log_empty: "Nothing was sent yet",
    log_empty_hint: "Send a test event, or wait for the next call.",
    refresh: "Refresh",
    when: "When",
    event: "Event",
    state: "State",
    attempts: "Attempts",
    answer: "Answer",
    delivered: "Delivered",
    failed: "Failed",
    pending: "On its way",
    details: "Details",
    body: "Body",
    replay: "Send again",
    replay_failed: "Send all failed of the last 7 days again",
    replayed: "On its way again.",
    rotate: "New secret",
    rotate_title: "Make a new signing secret?",
    rotate_text: "Deliveries are signed with both secrets for 24 hours, so that you can change over without losing anything.",
    previous_until: "The previous secret still signs until",
    switch_on: "Switch on",
    switch_off: "Switch off",
    off: "Switched off: nothing is sent.",
    off_gone: "Switched off because the address answered that it no longer exists (410). Switch it on when that is mended.",
    off_failing: "Switched off because nothing arrived there for days. Switch it on when that is mended, then send what failed again.",
    failing_since: "Nothing has arrived there since",
    switched_off_first: "The endpoint is switched off. Switch it on first.",
    remove: "Delete",
    remove_title: "Delete this endpoint?",
    remove_text: "Its log and its secret are deleted, too, and what is on its way is not sent.",
    address_invalid: "Events cannot be sent to this address. It must begin with https://, without a user name and with an ordinary port.",
    address_private: "This address leads into a private network. The operator of this server has to allow that network first.",
    header_invalid: "One of the headers cannot be sent. Write each as Name: value; up to 10, and none of the delivery's own.",
    limit: "There are 20 endpoints, which is as many as there can be. Delete one first.",
    gone: "This is no longer there, or is on its way already.",
};

static ES: Texts = Texts {
    title: "Webhooks salientes",
    hint: "Lo que ocurre con las llamadas se envía firmado a estas direcciones, para Make, n8n, Zapier o un programa propio. Lo que no llega se repite durante tres días.",
    empty: "Todavía no hay destinos",
    empty_hint: "Añada la dirección del webhook de su automatización.",
    add: "Añadir destino",
    new: "Nuevo destino",
    change: "Editar",
    address: "Dirección",
    address_hint: "Empieza por https://. Cópiela del paso «webhook» de su automatización.",
    description: "Nombre",
    events: "Eventos",
    choose: "Elija al menos un evento.",
    call_created: "Hay una llamada nueva (call.created)",
    call_started: "Una llamada ha empezado (call.started)",
    call_ended: "Una llamada ha terminado (call.ended)",
    call_analyzed: "Una llamada está analizada: resumen y ánimo (call.analyzed)",
    callback_requested: "Un visitante pide que le llamen (callback.requested)",
    endpoint_disabled: "Se ha desactivado otro destino (endpoint.disabled)",
    headers: "Cabeceras",
    headers_hint: "Opcional, una por línea, por ejemplo x-make-apikey: su clave. Se guardan cifradas.",
    headers_kept: "Déjelo vacío para conservar las cabeceras; sus valores no se vuelven a mostrar.",
    secret: "Secreto de firma",
    secret_hint: "Su programa comprueba con él que un envío viene de aquí.",
    test: "Enviar evento de prueba",
    test_sent: "La prueba va de camino. Actualice el registro para ver el resultado.",
    log: "Registro de envíos",
    log_empty: "Todavía no se ha enviado nada",
    log_empty_hint: "Envíe un evento de prueba o espere a la próxima llamada.",
    refresh: "Actualizar",
    when: "Cuándo",
    event: "Evento",
    state: "Estado",
    attempts: "Intentos",
    answer: "Respuesta",
    delivered: "Entregado",
    failed: "Fallido",
    pending: "En camino",
    details: "Detalles",
    body: "Contenido",
    replay: "Enviar de nuevo",
    replay_failed: "Reenviar todo lo fallido de los últimos 7 días",
    replayed: "De nuevo en camino.",
    rotate: "Nuevo secreto",
    rotate_title: "¿Crear un nuevo secreto de firma?",
    rotate_text: "Durante 24 horas los envíos se firman con ambos secretos, para que pueda cambiar sin perder nada.",
    previous_until: "El secreto anterior sigue firmando hasta",
    switch_on: "Activar",
    switch_off: "Desactivar",
    off: "Desactivado: no se envía nada.",
    off_gone: "Desactivado porque la dirección respondió que ya no existe (410). Actívelo cuando esté arreglado.",
    off_failing: "Desactivado porque durante días no llegó nada. Actívelo cuando esté arreglado y reenvíe lo fallido.",
    failing_since: "No llega nada desde",
    switched_off_first: "El destino está desactivado. Actívelo primero.",
    remove: "Eliminar",
    remove_title: "¿Eliminar este destino?",
    remove_text: "También se eliminan su registro y su secreto, y lo que está en camino no se envía.",
    address_invalid: "No se pueden enviar eventos a esta dirección. Debe empezar por https://, sin nombre de usuario y con un puerto habitual.",
    address_private: "Esta dirección lleva a una red privada. El operador de este servidor debe permitir antes esa red.",
    header_invalid: "Una de las cabeceras no se puede enviar. Escriba cada una como Nombre: valor; hasta 10, y ninguna propia del envío.",
    limit: "Hay 20 destinos, el máximo posible. Elimine uno antes.",
    gone: "Ya no existe o ya está en camino.",
};

static DE: Texts = Texts {
    title: "Ausgehende Webhooks",
    hint: "Was mit Anrufen geschieht, wird signiert an diese Adressen gesendet: für Make, n8n, Zapier oder ein eigenes Programm. Was nicht ankommt, wird drei Tage lang wiederholt.",
    empty: "Noch gibt es keine Ziele",
    empty_hint: "Fügen Sie die Webhook-Adresse Ihrer Automatisierung hinzu.",
    add: "Ziel hinzufügen",
    new: "Neues Ziel",
    change: "Bearbeiten",
    address: "Adresse",
    address_hint: "Beginnt mit https://. Kopieren Sie sie aus dem Webhook-Schritt Ihrer Automatisierung.",
    description: "Name",
    events: "Ereignisse",
    choose: "Wählen Sie mindestens ein Ereignis.",
    call_created: "Ein Anruf ist neu (call.created)",
    call_started: "Ein Anruf hat begonnen (call.started)",
    call_ended: "Ein Anruf ist beendet (call.ended)",
    call_analyzed: "Ein Anruf ist ausgewertet: Zusammenfassung und Stimmung (call.analyzed)",
    callback_requested: "Ein Besucher bittet um Rückruf (callback.requested)",
    endpoint_disabled: "Ein anderes Ziel wurde abgeschaltet (endpoint.disabled)",
    headers: "Kopfzeilen",
    headers_hint: "Optional, eine je Zeile, etwa x-make-apikey: Ihr Schlüssel. Sie werden verschlüsselt aufbewahrt.",
    headers_kept: "Leer lassen, um die Kopfzeilen zu behalten; ihre Werte werden nicht wieder angezeigt.",
    secret: "Signaturgeheimnis",
    secret_hint: "Damit prüft Ihr Programm, dass eine Zustellung von hier kommt.",
    test: "Testereignis senden",
    test_sent: "Der Test ist unterwegs. Aktualisieren Sie das Protokoll, um das Ergebnis zu sehen.",
    log: "Zustellprotokoll",
    log_empty: "Noch wurde nichts gesendet",
    log_empty_hint: "Senden Sie ein Testereignis, oder warten Sie auf den nächsten Anruf.",
    refresh: "Aktualisieren",
    when: "Wann",
    event: "Ereignis",
    state: "Stand",
    attempts: "Versuche",
    answer: "Antwort",
    delivered: "Zugestellt",
    failed: "Fehlgeschlagen",
    pending: "Unterwegs",
    details: "Details",
    body: "Inhalt",
    replay: "Erneut senden",
    replay_failed: "Alles Fehlgeschlagene der letzten 7 Tage erneut senden",
    replayed: "Wieder unterwegs.",
    rotate: "Neues Geheimnis",
    rotate_title: "Neues Signaturgeheimnis erzeugen?",
    rotate_text: "24 Stunden lang werden Zustellungen mit beiden Geheimnissen signiert, damit beim Wechsel nichts verloren geht.",
    previous_until: "Das vorige Geheimnis signiert noch bis",
    switch_on: "Einschalten",
    switch_off: "Abschalten",
    off: "Abgeschaltet: Es wird nichts gesendet.",
    off_gone: "Abgeschaltet, weil die Adresse geantwortet hat, dass es sie nicht mehr gibt (410). Schalten Sie das Ziel wieder ein, wenn das behoben ist.",
    off_failing: "Abgeschaltet, weil dort tagelang nichts ankam. Schalten Sie das Ziel wieder ein, wenn das behoben ist, und senden Sie das Fehlgeschlagene erneut.",
    failing_since: "Dort kommt nichts an seit",
    switched_off_first: "Das Ziel ist abgeschaltet. Schalten Sie es zuerst ein.",
    remove: "Löschen",
    remove_title: "Dieses Ziel löschen?",
    remove_text: "Auch sein Protokoll und sein Geheimnis werden gelöscht, und was unterwegs ist, wird nicht gesendet.",
    address_invalid: "An diese Adresse kann nichts gesendet werden. Sie muss mit https:// beginnen, ohne Benutzernamen und mit einem üblichen Port.",
    address_private: "Diese Adresse führt in ein privates Netz. Der Betreiber dieses Servers muss dieses Netz erst erlauben.",
    header_invalid: "Eine der Kopfzeilen kann nicht gesendet werden. Schreiben Sie jede als Name: Wert; bis zu 10, und keine der Zustellung selbst.",
    limit: "Es gibt 20 Ziele, mehr sind nicht möglich. Löschen Sie zuerst eines.",
    gone: "Das gibt es nicht mehr, oder es ist schon unterwegs.",
};
