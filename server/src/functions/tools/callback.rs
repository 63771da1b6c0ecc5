//! The caller wants to be called back, or wants a person.

use std::collections::HashSet;

use api::calendar::Service;
use serde_json::json;
use spoken::Asked;

use super::{booking, wanted};
use crate::callbacks::{Arranged, CallbackError, NumberError, Wish, ask_in_call};
use crate::calls::MintError;
use crate::functions::answer::{Answer, No, instant, say};
use crate::functions::asking::{Arguments, Asking, text};
use crate::functions::tool::Tool;
use crate::functions::{promise, schema};
use crate::live::availability;
use crate::routing::destinations::{self, TRANSFER_TO, Transfer};

pub(super) const CALLBACK: Tool = Tool {
    names: &["request_callback"],
    about: "Arranges that the caller is called back, as soon as may be or at the time they want. Only after they asked for it or said yes to it.",
    parameters: || {
        let wanted = json!({
            "name": schema::text("The caller's name."),
            "phone": schema::text(PHONE),
            "reason": schema::text("What it is about."),
        });
        schema::object(schema::with(wanted, Asked::properties()), &[])
    },
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(call_back(asking, arguments)),
};

pub(super) const TRANSFER: Tool = Tool {
    names: &["transfer_call"],
    about: "Finds out to whom the caller can be transferred now. Where the answer says so, hand the call over with transfer_now; else offer to call back.",
    parameters: || {
        let wanted = json!({
            "destination": schema::text("The person or department the caller wants, as they said it."),
            "reason": schema::text("What it is about."),
        });
        schema::object(wanted, &[])
    },
    variables: &[(TRANSFER_TO, "to")],
    changes: false,
    run: |asking, arguments| Box::pin(transfer(asking, arguments)),
};

const PHONE: &str =
    "The number to call, as the caller said it; leave it out if it is the number they call from.";

async fn call_back(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let phone = booking::number(asking, arguments)?.ok_or_else(|| no_number(asking))?;
    let when = wanted::when(asking, arguments)?.map(|when| {
        let (from, to) = when.span(&asking.now);
        let ms = |at: &jiff::Zoned| at.timestamp().as_millisecond();
        (ms(&from), ms(&to))
    });
    let business = asking.tenant.name();
    let name = text(arguments, &["name"]).or_else(|| asking.known_name());
    let call = asking.call_id;
    let about = text(arguments, &["reason"]).unwrap_or_default().to_owned();
    let (named, called) = (name.unwrap_or_default(), phone.clone());
    let wanted_at = when.map(|(from, _)| from);
    let wish = Wish {
        name: name.unwrap_or(phone.as_str()).to_owned(),
        phone,
        agent_id: asking.agent_id.map(str::to_owned),
        language: asking.language.tag().to_owned(),
        when,
        about: about.clone(),
        consent: say!(
            language,
            "Asked {business} for it in a call ({call}).",
            "Se lo pidió a {business} en una llamada ({call}).",
            "Hat {business} im Gespräch darum gebeten ({call})."
        ),
    };
    let arranged = ask_in_call(asking.cx, asking.tenant, wish).await;
    let no_agent_can = matches!(
        &arranged,
        Err(CallbackError::Number(NumberError::Country)
            | CallbackError::OwnAccountRequired
            | CallbackError::Mint(MintError::AgentNotAllowed))
    );
    // The staff can.
    if no_agent_can && promise::keep_for(asking, (named, Some(called)), wanted_at, about).await {
        return Ok(by_staff(asking));
    }
    let (at, before) = match arranged.map_err(|error| not_called(asking, error))? {
        Arranged::At(at) => (Some(at), false),
        Arranged::Before(at) => (at, true),
    };
    let told = at.map(|at| (instant(&asking.zoned(at)), asking.spoken(at)));
    let message = match &told {
        Some((_, at)) => say!(
            language,
            "We will call you back: {at}.",
            "Le devolvemos la llamada: {at}.",
            "Wir rufen Sie zurück: {at}."
        ),
        None => say!(
            language,
            "We will call you back in a moment.",
            "Le devolvemos la llamada enseguida.",
            "Wir rufen Sie gleich zurück."
        ),
    };
    let at = told.map(|(at, _)| at);
    Ok(Answer::new(
        message,
        json!({"at": at, "arranged_before": before}),
    ))
}

/// The staff calls the caller back.
fn by_staff(asking: &Asking<'_>) -> Answer {
    let language = asking.language;
    let message = say!(
        language,
        "Somebody will call you back.",
        "Alguien le devolverá la llamada.",
        "Es ruft Sie jemand zurück."
    );
    Answer::new(message, json!({"at": null, "arranged_before": false}))
}

/// Where the calendar of a service cannot be reached: somebody calls the caller back about it, as
/// soon as may be.
pub(super) async fn instead(asking: &Asking<'_>, service: &Service) -> No {
    let (language, business, call) = (asking.language, asking.tenant.name(), asking.call_id);
    let service = &service.details.name;
    let at = match asking.number.clone() {
        None => None,
        Some(phone) => {
            let wish = Wish {
                name: asking.known_name().unwrap_or(phone.as_str()).to_owned(),
                phone,
                agent_id: asking.agent_id.map(str::to_owned),
                language: asking.language.tag().to_owned(),
                when: None,
                about: say!(
                    language,
                    "An appointment for {service}: the calendar could not be reached.",
                    "Una cita para {service}: no se pudo acceder a la agenda.",
                    "Ein Termin für {service}: der Kalender war nicht zu erreichen."
                ),
                consent: say!(
                    language,
                    "Wanted an appointment with {business} in a call ({call}).",
                    "Quería una cita con {business} en una llamada ({call}).",
                    "Wollte im Gespräch einen Termin bei {business} ({call})."
                ),
            };
            let about = wish.about.clone();
            match ask_in_call(asking.cx, asking.tenant, wish).await {
                Ok(Arranged::At(at)) => Some(Some(at)),
                Ok(Arranged::Before(at)) => Some(at),
                // Whom no agent can call, the staff can.
                Err(_) => promise::keep(asking, about).await.then_some(None),
            }
        }
    };
    let spoken = at.flatten().map(|at| asking.spoken(at));
    let message = match (at, spoken) {
        (Some(_), Some(at)) => say!(
            language,
            "I cannot reach the calendar just now. We will call you back: {at}.",
            "Ahora mismo no puedo acceder a la agenda. Le devolvemos la llamada: {at}.",
            "Ich erreiche den Kalender gerade nicht. Wir rufen Sie zurück: {at}."
        ),
        (Some(_), None) => say!(
            language,
            "I cannot reach the calendar just now. We will call you back.",
            "Ahora mismo no puedo acceder a la agenda. Le devolvemos la llamada.",
            "Ich erreiche den Kalender gerade nicht. Wir rufen Sie zurück."
        ),
        (None, _) => say!(
            language,
            "I cannot reach the calendar just now. Please call us again in a while.",
            "Ahora mismo no puedo acceder a la agenda. Llámenos de nuevo dentro de un rato.",
            "Ich erreiche den Kalender gerade nicht. Bitte rufen Sie später noch einmal an."
        ),
    };
    let called_at = at.flatten().map(|at| instant(&asking.zoned(at)));
    let rest = json!({"callback": at.is_some(), "callback_at": called_at});
    No::because("calendar_away", message).with(rest)
}

pub(super) fn no_number(asking: &Asking<'_>) -> No {
    let language = asking.language;
    No::because(
        "phone",
        say!(
            language,
            "Which number can we reach you at?",
            "¿En qué número podemos localizarle?",
            "Unter welcher Nummer erreichen wir Sie?"
        ),
    )
}

fn not_called(asking: &Asking<'_>, error: CallbackError) -> No {
    let language = asking.language;
    let (reason, message) = match error {
        CallbackError::Number(_) => (
            "phone",
            say!(
                language,
                "We cannot call that number. Is there another one?",
                "A ese número no podemos llamar. ¿Hay otro?",
                "Diese Nummer können wir nicht anrufen. Gibt es eine andere?"
            ),
        ),
        CallbackError::Slot => (
            "closed",
            say!(
                language,
                "We cannot call then. What other time would suit you?",
                "A esa hora no podemos llamar. ¿Qué otro momento le viene bien?",
                "Zu dieser Zeit können wir nicht anrufen. Wann passt es Ihnen sonst?"
            ),
        ),
        CallbackError::Name => (
            "name",
            say!(
                language,
                "What is your name?",
                "¿Cómo se llama?",
                "Wie ist Ihr Name?"
            ),
        ),
        CallbackError::Mint(MintError::RateLimited { .. }) => (
            "too_often",
            say!(
                language,
                "That was arranged several times already. Please call us again later.",
                "Ya se ha pedido varias veces. Llámenos más tarde, por favor.",
                "Das wurde schon mehrmals vereinbart. Bitte rufen Sie später noch einmal an."
            ),
        ),
        // The account is shared, or the business has no agent that may call.
        CallbackError::OwnAccountRequired | CallbackError::Mint(MintError::AgentNotAllowed) => (
            "no_callbacks",
            say!(
                language,
                "I am sorry, we cannot call you back. Please call us again.",
                "Lo siento, no podemos devolverle la llamada. Llámenos de nuevo, por favor.",
                "Es tut mir leid, wir können nicht zurückrufen. Bitte rufen Sie noch einmal an."
            ),
        ),
        other => return No::Broken(other.to_string()),
    };
    No::because(reason, message)
}

async fn transfer(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let all = asking
        .cx
        .store
        .routing_rules()
        .destinations(asking.tenant)
        .await?;
    let (hours, zone) = (&asking.plan.hours, &asking.plan.zone);
    let wanted = text(arguments, &["destination"]);
    let ready = match all.iter().any(|it| it.details.person.is_some()) {
        true => availability::ready(asking.cx, asking.tenant).await?,
        false => HashSet::new(),
    };
    let is_ready = |person: &str| ready.contains(person);
    let now = asking.now_ms();
    let opens_at = match destinations::choose(&all, wanted, is_ready, hours, zone, now) {
        Transfer::To(found) => {
            let name = &found.details.name;
            let message = say!(
                language,
                "One moment, I am connecting you with {name}.",
                "Un momento, le paso con {name}.",
                "Einen Moment, ich verbinde Sie mit {name}."
            );
            let rest = json!({"action": "transfer", "to": found.details.to, "name": name});
            return Ok(Answer::new(message, rest));
        }
        Transfer::NotReady(who) => {
            let message = match who.map(|it| &it.details.name) {
                Some(name) => say!(
                    language,
                    "{name} cannot take calls at the moment. Shall we call you back?",
                    "{name} no puede atender llamadas ahora mismo. ¿Le devolvemos la llamada?",
                    "{name} kann gerade keine Anrufe annehmen. Sollen wir Sie zurückrufen?"
                ),
                None => say!(
                    language,
                    "Nobody can take calls at the moment. Shall we call you back?",
                    "Ahora mismo nadie puede atender llamadas. ¿Le devolvemos la llamada?",
                    "Gerade kann niemand Anrufe annehmen. Sollen wir Sie zurückrufen?"
                ),
            };
            let rest = json!({"instead": "request_callback"});
            return Err(No::because("nobody_ready", message).with(rest));
        }
        Transfer::Nobody(opens_at) => opens_at,
    };
    let message = match opens_at.map(|at| asking.spoken(at)) {
        Some(at) => say!(
            language,
            "Nobody is there at the moment; next: {at}. Shall we call you back?",
            "Ahora mismo no hay nadie; de nuevo: {at}. ¿Le devolvemos la llamada?",
            "Im Moment ist niemand da; wieder: {at}. Sollen wir Sie zurückrufen?"
        ),
        None => say!(
            language,
            "I cannot reach anybody at the moment. Shall we call you back?",
            "Ahora mismo no puedo localizar a nadie. ¿Le devolvemos la llamada?",
            "Im Moment erreiche ich niemanden. Sollen wir Sie zurückrufen?"
        ),
    };
    let opens_at = opens_at.map(|at| instant(&asking.zoned(at)));
    let rest = json!({"opens_at": opens_at, "instead": "request_callback"});
    Err(No::because("nobody_there", message).with(rest))
}
