//! Questions Retell asks while somebody waits: who answers this call, or this
//! message (retell-protocol B). They are answered at once or not at all; `{}`
//! leaves the decision to the number's own agent.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::body::Event;
use crate::accounts::{Asked, Signers};
use crate::calls::{Clues, Found};
use crate::clock::DAY_MS;
use crate::inbox::Context;
use crate::routing::{self, Contact, KnownCaller, Route, Routing, RoutingError};
use crate::store::{Scope, StoreError, Tenant};

/// The caller hears nothing but ringing until the answer is there. Within a
/// second it has to be at Retell; the rest is for the way.
const DEADLINE: Duration = Duration::from_millis(800);

/// Of how many numbers it is remembered what decided.
const REMEMBERED: usize = 4096;

/// How long it is remembered who called (ms).
const CALLERS_MS: i64 = DAY_MS;

/// What was known of who called lately, for when the database is away: their name, and what rules
/// go by, so that who is blocked stays so.
#[derive(Debug, Default)]
pub(super) struct LastCallers(Mutex<HashMap<(String, String), (i64, KnownCaller)>>);

impl LastCallers {
    /// Remembers what is known of a caller by now (Unix ms).
    fn put(&self, tenant: &Tenant, from: &str, known: Option<&KnownCaller>, now: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (tenant.id().to_owned(), from.to_owned());
        let Some(known) = known else {
            all.remove(&place);
            return;
        };
        if all.len() >= REMEMBERED {
            let mut times: Vec<_> = all.values().map(|(at, _)| *at).collect();
            // Half of them, so that not every call looks for the oldest.
            let (_, middle, _) = times.select_nth_unstable(REMEMBERED / 2);
            let oldest = (*middle).max(now - CALLERS_MS);
            all.retain(|_, (at, _)| *at > oldest);
        }
        let known = KnownCaller {
            fields: BTreeMap::new(),
            ..known.clone()
        };
        all.insert(place, (now, known));
    }

    fn get(&self, tenant: &Tenant, from: &str, now: i64) -> Contact {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(&(tenant.id().to_owned(), from.to_owned()));
        match known {
            Some((at, known)) if *at > now - CALLERS_MS => Contact::Known(known.clone()),
            _ => Contact::Unclear,
        }
    }
}

/// What decided when each number was called last, for when the database is away. Nothing
/// of any caller is in it.
#[derive(Debug, Default)]
pub(super) struct LastRoutes(Mutex<HashMap<Place, Remembered>>);

/// What was asked: of which number, with which agent, and by whose key. What somebody else
/// asks of the same number neither is answered from it nor takes its place.
type Place = (String, Option<String>, Signers);

#[derive(Debug, Clone)]
struct Remembered {
    tenant: Tenant,
    routing: Routing,
}

impl LastRoutes {
    fn put(&self, place: Place, remembered: Remembered) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < REMEMBERED || all.contains_key(&place) {
            all.insert(place, remembered);
        }
    }

    fn get(&self, place: &Place) -> Option<Remembered> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(place).cloned()
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// `call_inbound` or `chat_inbound`, also the key of the answer.
    kind: &'static str,
    from_number: String,
    to_number: String,
    /// The number's own agent.
    agent_id: Option<String>,
    /// The call or chat that is to be, where Retell names it: the same however often it asks.
    id: Option<String>,
}

/// What was answered, and for whom.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    pub(super) tenant_id: Option<String>,
    pub(super) answer: Value,
}

impl Question {
    /// The question in an event; `None` when it is none.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let kind = ["call_inbound", "chat_inbound"]
            .into_iter()
            .find(|kind| event.name == *kind)?;
        let none = Map::new();
        let asked = event.rest.get(kind).and_then(Value::as_object);
        let text = |name: &str| Some(asked.unwrap_or(&none).get(name)?.as_str()?.to_owned());
        Some(Self {
            kind,
            from_number: text("from_number").unwrap_or_default(),
            to_number: text("to_number").unwrap_or_default(),
            agent_id: text("agent_id").filter(|id| !id.is_empty()),
            id: text("call_id")
                .or_else(|| text("chat_id"))
                .filter(|id| !id.is_empty()),
        })
    }

    /// What is the same whenever the same is asked of the same call, by whoever signs so; `None`
    /// where it names none.
    pub(super) fn key(&self, signers: &Signers) -> Option<String> {
        let id = self.id.as_ref()?;
        let asked = json!([self.kind, id, signers]).to_string();
        Some(hex::encode(Sha256::digest(asked)))
    }

    fn place(&self, signers: &Signers) -> Place {
        (
            self.to_number.clone(),
            self.agent_id.clone(),
            signers.clone(),
        )
    }
}

/// What was answered to the same question of the same call, asked again at that time: whoever is
/// told twice is told the same. Nothing where that cannot be looked up at once.
pub(super) async fn answered_before(cx: &Context, key: &str, asked: Instant) -> Option<Answered> {
    let entries = cx.store.inbox_entries();
    let kept = tokio::time::timeout_at((asked + DEADLINE).into(), entries.answered(key)).await;
    match kept {
        Ok(Ok(kept)) => kept,
        Ok(Err(error)) => {
            tracing::warn!(%error, "nobody knows what an inbound call was answered before");
            None
        }
        Err(_) => None,
    }
}

/// Finds the answer to what was asked at that time. What is missing, slow or
/// broken is no reason to lose the call: then it is decided as when the number was called
/// last or, when that was never, it is the number's own agent.
pub(super) async fn answer(
    cx: &Context,
    question: &Question,
    signers: &Signers,
    asked: Instant,
) -> Answered {
    let decided = async {
        let Some(tenant) = tenant(cx, question, signers).await? else {
            return Ok(None);
        };
        let route = routing::route(cx, &tenant, &question.from_number, &question.to_number).await?;
        let remembered = Remembered {
            tenant: tenant.clone(),
            routing: route.routing.clone(),
        };
        cx.inbox.routes.put(question.place(signers), remembered);
        let (from, known) = (&question.from_number, route.situation.contact.known());
        let now = cx.clock.now_ms();
        cx.inbox.callers.put(&tenant, from, known, now);
        Ok::<_, RoutingError>(Some((tenant, route)))
    };
    let decided = match tokio::time::timeout_at((asked + DEADLINE).into(), decided).await {
        Ok(Ok(decided)) => decided,
        Ok(Err(error)) => {
            tracing::error!(%error, "an inbound call is routed from memory");
            remembered(cx, question, signers)
        }
        Err(_) => {
            tracing::warn!("an inbound call is routed from memory: the database is late");
            remembered(cx, question, signers)
        }
    };
    let inner = match &decided {
        Some((tenant, route)) => route.inner(tenant.id(), question.agent_id.is_some()),
        None => Value::Object(Map::new()),
    };
    Answered {
        tenant_id: decided.map(|(tenant, _)| tenant.id().to_owned()),
        answer: match inner {
            Value::Object(inner) if inner.is_empty() => json!({}),
            inner => json!({ question.kind: inner }),
        },
    }
}

/// How it was decided last, if it was, with what is known of this call.
fn remembered(cx: &Context, question: &Question, signers: &Signers) -> Option<(Tenant, Route)> {
    let Remembered { tenant, routing } = cx.inbox.routes.get(&question.place(signers))?;
    let (from, to) = (&question.from_number, &question.to_number);
    let contact = cx.inbox.callers.get(&tenant, from, cx.clock.now_ms());
    let route = routing::route_from_memory(cx, &tenant, &routing, from, to, contact);
    Some((tenant, route))
}

/// The business that is called: by its number, else by the number's agent.
async fn tenant(
    cx: &Context,
    question: &Question,
    signers: &Signers,
) -> Result<Option<Tenant>, StoreError> {
    let mut db = cx.store.read(Scope::Server).await?;
    let clues = Clues {
        numbers: vec![question.to_number.clone()],
        agent_id: question.agent_id.clone(),
        ..Clues::default()
    };
    match cx
        .store
        .calls()
        .find_tenant(db.connection(), &mut Asked::default(), &clues, signers)
        .await?
    {
        Found::Tenant(tenant) => Ok(Some(tenant)),
        Found::OfOthers | Found::Nobody => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(body: &Value) -> Event {
        match super::super::body::Body::parse(body.to_string().as_bytes()) {
            Ok(super::super::body::Body::Event(event)) => event,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_question_is_read_leniently() {
        let asked = Question::of(&event(&json!({"event": "call_inbound", "call_inbound": {
            "from_number": "+491701234567", "to_number": "+4930901820", "agent_id": "a",
        }})))
        .unwrap();
        assert_eq!(asked.to_number, "+4930901820");
        assert_eq!(asked.agent_id.as_deref(), Some("a"));
        let bare = Question::of(&event(&json!({"event": "chat_inbound"}))).unwrap();
        assert_eq!((bare.kind, bare.agent_id), ("chat_inbound", None));
        let other = event(&json!({"event": "call_started", "call": {"call_id": "c"}}));
        assert_eq!(Question::of(&other), None);
    }
}
