//! The caller is sent a text message.

use std::collections::BTreeMap;

use api::sms::NewSms;
use serde_json::{Value, json};

use super::booking;
use crate::deeds::Author;
use crate::functions::answer::{Answer, No, instant, say};
use crate::functions::asking::{Arguments, Asking, text};
use crate::functions::schema;
use crate::functions::tool::Tool;
use crate::sms::{self, SmsError};

pub(super) const SEND: Tool = Tool {
    names: &["send_sms"],
    about: "Sends the caller a text message, to the number they call from. Only after they asked for it or said yes to it.",
    parameters: || {
        let message = json!({
            "body": schema::text("What the message says, if no template does."),
            "template": schema::text("The name of the template that says it, if the instructions name one."),
            "variables": {"type": "object", "description": "What the template's places are filled with."},
            "to": schema::text("Leave it out: only the number they call from is written to."),
        });
        schema::object(message, &[])
    },
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(send(asking, arguments)),
};

/// What is sent so soon (ms) is sent now.
const SOON_MS: i64 = 60_000;

async fn send(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let number = match text(arguments, &["to"]) {
        Some(to) => booking::said(asking, to)?.filter(|to| asking.number.as_ref() == Some(to)),
        None => asking.number.clone(),
    };
    let Some(number) = number else {
        let message = say!(
            language,
            "I can only send a message to the number you are calling from.",
            "Solo puedo enviar un mensaje al número desde el que llama.",
            "Ich kann nur an die Nummer schreiben, von der Sie anrufen."
        );
        return Err(No::because("own_number_only", message));
    };
    let variables: BTreeMap<String, Value> = arguments
        .get("variables")
        .and_then(Value::as_object)
        .map(|fields| fields.clone().into_iter().collect())
        .unwrap_or_default();
    let new = NewSms {
        to: number.to_string(),
        body: text(arguments, &["body"]).unwrap_or_default().to_owned(),
        template: text(arguments, &["template"]).map(str::to_owned),
        variables,
        language: Some(language.tag().to_owned()),
    };
    let (cx, author) = (asking.cx, Author::system());
    let sent = sms::send(cx, asking.tenant, &author, new, asking.call()).await;
    let sent = sent.map_err(|error| not_sent(asking, error))?;
    let waits = sent.at - asking.now_ms() > SOON_MS;
    let at = waits.then(|| asking.spoken(sent.at));
    let only_noted = sms::only_logs(cx, asking.tenant).await?;
    let message = match at {
        _ if only_noted => say!(
            language,
            "I have noted the message; from here it is not sent.",
            "He anotado el mensaje; desde aquí no se envía.",
            "Ich habe die Nachricht notiert; verschickt wird sie von hier nicht."
        ),
        None => say!(
            language,
            "I have sent you a message.",
            "Le he enviado un mensaje.",
            "Ich habe Ihnen eine Nachricht geschickt."
        ),
        Some(at) => say!(
            language,
            "You will get the message: {at}.",
            "Recibirá el mensaje: {at}.",
            "Sie bekommen die Nachricht: {at}."
        ),
    };
    let at = instant(&asking.zoned(sent.at));
    Ok(Answer::new(
        message,
        json!({"at": at, "segments": sent.segments, "sent": !only_noted}),
    ))
}

fn not_sent(asking: &Asking<'_>, error: SmsError) -> No {
    let language = asking.language;
    let (reason, message) = match error {
        SmsError::OptedOut => (
            "opted_out",
            say!(
                language,
                "You asked us not to send you any messages. Write START to us to get them again.",
                "Nos pidió que no le enviemos mensajes. Escríbanos ALTA para volver a recibirlos.",
                "Sie wollten keine Nachrichten mehr. Schreiben Sie uns START, um wieder welche zu bekommen."
            ),
        ),
        SmsError::Invalid(wrong) => return No::arguments(language, &wrong.to_string()),
        SmsError::NoProvider | SmsError::TooMany => (
            "no_messages",
            say!(
                language,
                "I cannot send any messages at the moment.",
                "Ahora mismo no puedo enviar mensajes.",
                "Im Moment kann ich keine Nachrichten verschicken."
            ),
        ),
        other => return No::Broken(other.to_string()),
    };
    No::because(reason, message)
}
