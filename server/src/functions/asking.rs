//! What a function knows of the call it is asked in.

use jiff::{Timestamp, Zoned};
use serde_json::{Map, Value, json};
use spoken::Language;

use super::Context;
use super::request::Request;
use super::whose::Whose;
use crate::calendar::Plan;
use crate::phone::E164;
use crate::store::{StoreError, Tenant};

/// A function's arguments, as its schema has them.
pub(super) type Arguments = Map<String, Value>;

/// The call a function is asked in.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    /// The server.
    pub(super) cx: &'a Context,
    /// The business.
    pub(super) tenant: &'a Tenant,
    /// Retell's id of the call; empty where nothing tells.
    pub(super) call_id: &'a str,
    /// The agent that speaks, by its id at Retell.
    pub(super) agent_id: Option<&'a str>,
    /// The number of the caller.
    pub(super) number: Option<E164>,
    /// What is known of the caller.
    pub(super) contact: Option<api::contacts::Contact>,
    /// What is spoken.
    pub(super) language: Language,
    /// The business's calendar.
    pub(super) plan: Plan,
    /// Now, in the business's zone.
    pub(super) now: Zoned,
}

impl<'a> Asking<'a> {
    /// Finds out what there is to know.
    pub(super) async fn of(
        cx: &'a Context,
        whose: &'a Whose,
        request: &Request,
    ) -> Result<Self, StoreError> {
        let tenant = &whose.tenant;
        let plan = cx.store.calendars().plan(tenant).await?;
        let contact = match &whose.number {
            Some(number) => cx.store.contacts().by_phone(tenant, number).await?,
            None => None,
        };
        let language = match language(request).or_else(|| spoken_by(contact.as_ref())) {
            Some(tag) => tag,
            None => cx.store.tenants().first_language(tenant).await?,
        };
        let now = Timestamp::from_millisecond(cx.clock.now_ms()).unwrap_or_default();
        Ok(Self {
            cx,
            tenant,
            call_id: &whose.call_id,
            agent_id: whose.agent_id.as_deref(),
            number: whose.number.clone(),
            contact,
            language: Language::of(&language),
            now: now.to_zoned(plan.zone.clone()),
            plan,
        })
    }

    /// Now (Unix ms).
    pub(super) fn now_ms(&self) -> i64 {
        self.now.timestamp().as_millisecond()
    }

    /// A moment (Unix ms) in the business's zone.
    pub(super) fn zoned(&self, at: i64) -> Zoned {
        let moment = Timestamp::from_millisecond(at).unwrap_or_default();
        moment.to_zoned(self.plan.zone.clone())
    }

    /// A moment (Unix ms) as it is said.
    pub(super) fn spoken(&self, at: i64) -> String {
        spoken::speak(&self.zoned(at), &self.now, self.language)
    }

    /// The name of the caller, as far as it is known.
    pub(super) fn known_name(&self) -> Option<&str> {
        let contact = self.contact.as_ref()?;
        Some(contact.details.name.as_str()).filter(|name| !name.is_empty())
    }

    /// What a function of the business's own is filled in from, but for its arguments.
    pub(super) fn around(&self) -> Value {
        json!({
            "call": {
                "call_id": self.call_id,
                "agent_id": self.agent_id,
                "language": self.language.tag(),
            },
            "caller": {"number": self.number.as_ref().map(E164::as_str), "name": self.known_name()},
            "business": {"name": self.tenant.name(), "timezone": self.tenant.timezone()},
        })
    }

    /// The call, where it is known.
    pub(super) fn call(&self) -> Option<String> {
        Some(self.call_id.to_owned()).filter(|id| !id.is_empty())
    }
}

/// What the address or the agent's variables say is spoken.
pub(super) fn language(request: &Request) -> Option<String> {
    let variables = request.call.get("retell_llm_dynamic_variables");
    let said = variables.and_then(|all| all.get("language")?.as_str());
    let said = request.language.as_deref().or(said);
    said.filter(|tag| !tag.is_empty()).map(str::to_owned)
}

fn spoken_by(contact: Option<&api::contacts::Contact>) -> Option<String> {
    contact?.details.language.clone()
}

/// A text argument.
pub(super) fn text<'a>(arguments: &'a Arguments, names: &[&str]) -> Option<&'a str> {
    let mut all = names
        .iter()
        .filter_map(|name| Some(arguments.get(*name)?.as_str()?.trim()));
    all.find(|text| !text.is_empty())
}
