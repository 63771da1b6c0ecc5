//! A function from its asking to its answer: not too often, once, in time, and noted.

use std::num::NonZeroU32;
use std::time::Duration;

use api::functions::{FunctionCall, FunctionOutcome, FunctionRun};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde_json::{Map, Value};
use spoken::Language;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use uuid::Uuid;

use super::answer::{Answer, No, say};
use super::asking::Asking;
use super::function::Function;
use super::own;
use super::promise;
use super::request::{BY_ID, Request};
use super::store::Begun;
use super::whose::{self, Whose};
use super::{Context, TRIAL, schema};
use crate::accounts::Signers;
use crate::bus::Signal;
use crate::store::{StoreError, Tenant};

/// How long anything may take; the caller hears silence, or a filler.
pub(super) const DEADLINE: Duration = Duration::from_secs(8);
/// How long leaving to the staff what a caller is promised may take; else nothing is promised.
const PROMISE: Duration = Duration::from_secs(1);
/// One that was begun so long ago (ms) and has not ended never will: a server died.
const STALE_MS: i64 = 30_000;
/// What is asked with the same arguments so much later (ms) is asked, not repeated.
const REPEAT_MS: i64 = 120_000;
/// How often the answer of the same function that is under way is looked for.
const LOOK: Duration = Duration::from_millis(50);
/// How many functions a minute, of a call.
const OF_CALL: NonZeroU32 = NonZeroU32::new(40).unwrap();

/// How fast functions may be asked for. In memory, on each server.
#[derive(Debug)]
pub struct Rates {
    tenants: DefaultKeyedRateLimiter<String>,
    calls: DefaultKeyedRateLimiter<String>,
}

impl Rates {
    /// So many a minute for each business.
    #[must_use]
    pub fn new(of_tenant: u32) -> Self {
        let of_tenant = NonZeroU32::new(of_tenant).unwrap_or(NonZeroU32::MIN);
        Self {
            tenants: RateLimiter::keyed(Quota::per_minute(of_tenant)),
            calls: RateLimiter::keyed(Quota::per_minute(OF_CALL)),
        }
    }

    fn allow(&self, whose: &Whose) -> bool {
        // What was long ago is not remembered.
        if self.calls.len() > 10_000 {
            self.calls.retain_recent();
        }
        let of_call = &whose.call_id;
        (of_call.is_empty() || self.calls.check_key(of_call).is_ok())
            && self
                .tenants
                .check_key(&whose.tenant.id().to_owned())
                .is_ok()
    }
}

/// Why a function has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvokeError {
    /// Nobody is known whose call it is.
    #[error("nobody is known whose call this is")]
    NobodysCall,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does what is asked, and answers it.
///
/// # Errors
/// When it is not known whose call it is.
pub(super) async fn invoke(
    cx: &Context,
    signers: &Signers,
    request: Request,
) -> Result<Value, InvokeError> {
    let deadline = Instant::now() + DEADLINE;
    let whose = whose::find(cx, signers, &request, deadline).await?;
    let whose = whose.ok_or(InvokeError::NobodysCall)?;
    let asking = Asking::of(cx, &whose, &request).await?;
    let language = asking.language;
    if !cx.rates.allow(&whose) {
        tracing::warn!(
            tenant_id = whose.tenant.id(),
            "functions are asked for too often"
        );
        return Ok(too_often(language).into_json(language, false));
    }
    let function = match allowed(cx, &whose, &request.name).await? {
        Ok(function) => function,
        Err(reason) => return refuse(&asking, &whose, &request, reason).await,
    };
    let begun_at = asking.now_ms();
    let id = Uuid::now_v7().to_string();
    let own = || format!("one {id}");
    // Without a call there is nothing in which it could come again.
    let key = (!whose.call_id.is_empty()).then(|| request.key(function.changes()));
    let key = key.flatten().unwrap_or_else(own);
    let begun = Begun {
        id: &id,
        call_id: &whose.call_id,
        name: &request.name,
        key: &key,
        arguments: &request.arguments,
    };
    let id = match begin(cx, &whose, &begun, begun_at, deadline).await? {
        Turn::Ours(id) => id,
        Turn::Answered(answer) => return Ok(answer),
        Turn::Late => return Ok(No::Late.into_json(language, false)),
    };
    tell(cx, &whose);
    let (answer, ..) = finish(&asking, &function, request.arguments, &id, deadline).await;
    tell(cx, &whose);
    Ok(answer)
}

/// The function of a name, or why the agent has none.
async fn allowed(
    cx: &Context,
    whose: &Whose,
    name: &str,
) -> Result<Result<Function, &'static str>, StoreError> {
    let Some(function) = Function::find(cx, &whose.tenant, name).await? else {
        return Ok(Err("unknown_function"));
    };
    let is_off = match &whose.agent_id {
        Some(agent_id) => {
            let functions = cx.store.functions();
            let name = function.name();
            functions.is_off(&whose.tenant, agent_id, name).await?
        }
        None => false,
    };
    Ok(if is_off {
        Err("switched_off")
    } else {
        Ok(function)
    })
}

/// Answers that this cannot be done. It stands with the call, where whoever wrote the prompt
/// finds what is wrong with it.
async fn refuse(
    asking: &Asking<'_>,
    whose: &Whose,
    request: &Request,
    reason: &'static str,
) -> Result<Value, InvokeError> {
    let (cx, language) = (asking.cx, asking.language);
    let answer = cannot(language, reason).into_json(language, false);
    let id = Uuid::now_v7().to_string();
    let begun = Begun {
        id: &id,
        call_id: &whose.call_id,
        name: &request.name,
        key: &format!("one {id}"),
        arguments: &request.arguments,
    };
    let (functions, refused) = (cx.store.functions(), FunctionOutcome::Refused);
    let (tenant, now) = (&whose.tenant, asking.now_ms());
    functions.begin(tenant, &begun, now).await?;
    functions.end(tenant, &id, &answer, refused, 0).await?;
    tell(cx, whose);
    Ok(answer)
}

/// What a person at the desk tries: the function really does it, outside of any call, and it is
/// noted as a trial.
pub(super) async fn attempt(
    cx: &Context,
    tenant: &Tenant,
    function: &Function,
    request: Request,
) -> Result<FunctionRun, StoreError> {
    let deadline = Instant::now() + DEADLINE;
    let whose = Whose {
        tenant: tenant.clone(),
        call_id: String::new(),
        agent_id: None,
        number: None,
    };
    let asking = Asking::of(cx, &whose, &request).await?;
    let (id, begun_at) = (Uuid::now_v7().to_string(), asking.now_ms());
    let begun = Begun {
        id: &id,
        call_id: "",
        name: function.name(),
        key: &format!("{TRIAL}{id}"),
        arguments: &request.arguments,
    };
    cx.store.functions().begin(tenant, &begun, begun_at).await?;
    let arguments = request.arguments.clone();
    let done = finish(&asking, function, arguments, &id, deadline).await;
    let (answer, outcome, latency_ms) = done;
    tell(cx, &whose);
    Ok(FunctionRun {
        call_id: None,
        trial: true,
        call: FunctionCall {
            id,
            tool_call_id: None,
            name: function.name().to_owned(),
            arguments: request.arguments,
            answer: Some(answer),
            outcome,
            latency_ms: Some(latency_ms),
            at: begun_at,
        },
    })
}

/// Does what was begun under this id, and notes what it answers, what became of it, and how
/// long it took (ms).
async fn finish(
    asking: &Asking<'_>,
    function: &Function,
    arguments: Map<String, Value>,
    id: &str,
    deadline: Instant,
) -> (Value, FunctionOutcome, i64) {
    let (outcome, answer) = match run(asking, function, id, arguments, deadline).await {
        Ok(answer) => (FunctionOutcome::Done, answer.into_json()),
        Err(no) => {
            let promised = match &no {
                No::Broken(error) => {
                    tracing::error!(name = function.name(), error, "a function failed");
                    let (language, name) = (asking.language, function.name());
                    let about = say!(
                        language,
                        "What they wanted failed in a call: {name}.",
                        "Lo que querían falló en una llamada: {name}.",
                        "Was sie wollten, misslang in einem Gespräch: {name}."
                    );
                    let promised = timeout(PROMISE, promise::keep(asking, about)).await;
                    promised.unwrap_or(false)
                }
                _ => false,
            };
            (no.outcome(), no.into_json(asking.language, promised))
        }
    };
    let latency_ms = asking.cx.clock.now_ms() - asking.now_ms();
    let functions = asking.cx.store.functions();
    // Who hears of an error asks for it again, and it is done.
    if let Err(error) = functions
        .end(asking.tenant, id, &answer, outcome, latency_ms)
        .await
    {
        tracing::error!(name = function.name(), %error, "what a function answered is not noted");
    }
    (answer, outcome, latency_ms)
}

/// Has the desks told that a function of the call was asked for, or has answered. Nobody
/// who is on the telephone waits for that.
fn tell(cx: &Context, whose: &Whose) {
    let (store, signal) = (
        cx.store.clone(),
        Signal::FunctionAsked {
            tenant_id: whose.tenant.id().to_owned(),
            call_id: whose.call_id.clone(),
        },
    );
    tokio::spawn(async move {
        if let Err(error) = store.tell(signal).await {
            tracing::warn!(%error, "the desks are not told of a function");
        }
    });
}

async fn run(
    asking: &Asking<'_>,
    function: &Function,
    id: &str,
    arguments: Map<String, Value>,
    deadline: Instant,
) -> Result<Answer, No> {
    let arguments = schema::fit(&function.parameters(), arguments)
        .map_err(|wrong| No::arguments(asking.language, &wrong))?;
    match function {
        Function::Ours(tool) => timeout_at(deadline, (tool.run)(asking, &arguments))
            .await
            .unwrap_or(Err(No::Late)),
        Function::Own(kept) => {
            let scope = own::Scope {
                id: id.to_owned(),
                arguments,
                around: asking.around(),
                language: asking.language,
            };
            own::ask(asking.cx, kept, scope, deadline).await.1
        }
    }
}

/// Whose turn it is to do what may have been asked before.
enum Turn {
    /// Ours, noted under this id.
    Ours(String),
    /// It was done, and answered so.
    Answered(Value),
    /// It goes on, and takes too long.
    Late,
}

async fn begin(
    cx: &Context,
    whose: &Whose,
    begun: &Begun<'_>,
    now: i64,
    deadline: Instant,
) -> Result<Turn, StoreError> {
    let (store, tenant) = (&cx.store, &whose.tenant);
    loop {
        if store.functions().begin(tenant, begun, now).await? {
            return Ok(Turn::Ours(begun.id.to_owned()));
        }
        let first = store
            .functions()
            .begun(tenant, begun.call_id, begun.key)
            .await?;
        // Gone meanwhile: its call was erased.
        let Some(first) = first else { continue };
        // "Book it, cancel it, book it" ends with a booking.
        let is_it = begun.key.starts_with(BY_ID)
            || (first.at > now - REPEAT_MS
                && !store
                    .functions()
                    .done_since(tenant, begun.call_id, &first)
                    .await?);
        let anew = match first.outcome {
            FunctionOutcome::Running => first.at < now - STALE_MS,
            FunctionOutcome::Done => !is_it,
            // Nothing was done: perhaps it can be now.
            FunctionOutcome::Refused
            | FunctionOutcome::Failed
            | FunctionOutcome::Late
            | FunctionOutcome::Unknown => true,
        };
        if anew {
            if store.functions().begin_anew(tenant, &first, now).await? {
                return Ok(Turn::Ours(first.id));
            }
        } else if let Some(answer) = first.answer {
            return Ok(Turn::Answered(answer));
        }
        if Instant::now() + LOOK >= deadline {
            return Ok(Turn::Late);
        }
        sleep(LOOK).await;
    }
}

/// There is no such function, or the agent may not ask for it.
fn cannot(language: Language, reason: &'static str) -> No {
    let message = say!(
        language,
        "I cannot do that.",
        "Eso no lo puedo hacer.",
        "Das kann ich leider nicht."
    );
    No::because(reason, message)
}

fn too_often(language: Language) -> No {
    let message = say!(
        language,
        "One moment please, I will try again shortly.",
        "Un momento, por favor, lo intento otra vez enseguida.",
        "Einen Moment bitte, ich versuche es gleich noch einmal."
    );
    No::because("too_often", message)
}
