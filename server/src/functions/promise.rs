//! What a caller is promised is left to the staff before it is said.

use super::answer::say;
use super::asking::Asking;
use crate::callbacks::{self, Promise};
use crate::phone::E164;

/// Has the staff call the caller back about something. False where there is no number to call, or
/// that cannot be: then nothing is to be promised.
pub(super) async fn keep(asking: &Asking<'_>, about: String) -> bool {
    let name = asking.known_name().unwrap_or_default();
    keep_for(asking, (name, asking.number.clone()), None, about).await
}

/// The same for whoever has this name, as far as it is known, at this number, and at a time (Unix
/// ms) where they want one.
pub(super) async fn keep_for(
    asking: &Asking<'_>,
    (name, phone): (&str, Option<E164>),
    due_at: Option<i64>,
    about: String,
) -> bool {
    let Some(phone) = phone else {
        return false;
    };
    let (language, business, call) = (asking.language, asking.tenant.name(), asking.call_id);
    let made = Promise {
        name: name.to_owned(),
        phone,
        agent_id: asking.agent_id.map(str::to_owned),
        language: language.tag().to_owned(),
        about,
        due_at,
        consent: say!(
            language,
            "{business} promised it in a call ({call}).",
            "{business} lo prometió en una llamada ({call}).",
            "{business} hat es im Gespräch zugesagt ({call})."
        ),
        call_id: call.to_owned(),
    };
    match callbacks::promise(asking.cx, asking.tenant, made).await {
        Ok(kept) => kept,
        Err(error) => {
            tracing::warn!(%error, tenant_id = asking.tenant.id(), "nothing can be promised");
            false
        }
    }
}
