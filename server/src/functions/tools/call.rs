//! The call itself: how it begins, and its end.

use serde_json::json;

use super::{availability, people};
use crate::functions::answer::{Answer, No, instant, say};
use crate::functions::asking::Asking;
use crate::functions::schema;
use crate::functions::tool::{END_CALL, Tool};

pub(super) const INITIALIZE: Tool = Tool {
    names: &["initialize_call"],
    about: "Call it first, before anything is said: tells who is calling, the date and time at the business, whether it is open, and what can be booked.",
    parameters: || schema::object(json!({}), &[]),
    variables: &[],
    changes: false,
    run: |asking, _| Box::pin(initialize(asking)),
};

pub(super) const END: Tool = Tool {
    names: &[END_CALL],
    about: "Ends the call, once the caller has everything they wanted and goodbye is said.",
    parameters: || schema::object(json!({"reason": schema::text("Why it ends.")}), &[]),
    variables: &[],
    changes: false,
    run: |asking, _| Box::pin(async move { Ok(end(asking)) }),
};

async fn initialize(asking: &Asking<'_>) -> Result<Answer, No> {
    let (language, now) = (asking.language, asking.now_ms());
    let business = asking.tenant.name();
    let customer = people::known(asking, asking.number.clone()).await?;
    let open = asking.plan.hours.is_open(now, &asking.plan.zone);
    let message = match customer["name"].as_str() {
        Some(name) => say!(
            language,
            "Hello {name}, this is {business}. How can I help?",
            "Hola {name}, le atiende {business}. ¿En qué puedo ayudarle?",
            "Guten Tag {name}, hier ist {business}. Was kann ich für Sie tun?"
        ),
        None => say!(
            language,
            "Hello, this is {business}. How can I help?",
            "Hola, le atiende {business}. ¿En qué puedo ayudarle?",
            "Guten Tag, hier ist {business}. Was kann ich für Sie tun?"
        ),
    };
    Ok(Answer::new(
        message,
        json!({
            "business": business,
            "language": asking.language.tag(),
            "customer": customer,
            "now": instant(&asking.now),
            "weekday": asking.now.strftime("%A").to_string(),
            "timezone": asking.tenant.timezone(),
            "open_now": open,
            "services": availability::names(asking),
        }),
    ))
}

fn end(asking: &Asking<'_>) -> Answer {
    let language = asking.language;
    let message = say!(
        language,
        "Thank you for calling. Goodbye.",
        "Gracias por llamar. Adiós.",
        "Vielen Dank für Ihren Anruf. Auf Wiederhören."
    );
    Answer::new(message, json!({"action": "end"}))
}
