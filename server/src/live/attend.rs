//! What the staff do with a call while it goes on: listen, tell its agent something, take it
//! over, end it.
//!
//! A take-over cannot be undone, so it is held for one person in the database before Retell is
//! asked, and let go only where Retell certainly did not do it.

mod hand_over;

use api::attend::{Attendant, Attending, ChangeVariables, ListenAccess, TellAgent};
use api::desk::CallStatus;
use retell::models::{CallControl, FieldsToOverride, TakeOverLiveCall, Transport, UpdateLiveCall};
use serde_json::json;

use super::Context;
use super::store::{Attends, Claim};
use crate::accounts::AccountError;
use crate::calls::{self, end, heal};
use crate::deeds::{Author, Deed};
use crate::invalid::Invalid;
use crate::people::User;
use crate::store::{StoreError, Tenant};
pub use hand_over::hand_over;

/// Why something was not done with a call.
#[derive(Debug, thiserror::Error)]
pub enum AttendError {
    /// The tenant has no such call.
    #[error("there is no such call")]
    Unknown,
    /// The call has not begun, or is over.
    #[error("the call is not live")]
    NotLive,
    /// What is to be done makes no sense.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Somebody else has taken it over, or is about to; who, where that is known.
    #[error("somebody else has taken the call over")]
    TakenOver(Option<String>),
    /// Who wants to take it over does not listen (any more).
    #[error("who takes over does not listen")]
    NotListening,
    /// Retell lets nobody take it over now.
    #[error("Retell lets nobody take the call over")]
    TakeOverRefused,
    /// Retell offers a transport that is not supported.
    #[error("Retell offers the call over a transport that is not supported")]
    TransportUnsupported,
    /// Retell failed.
    #[error("Retell: {0}")]
    Retell(#[from] retell::Error),
    /// The tenant's Retell account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who of the staff is in a call now.
pub async fn attending(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
) -> Result<Attending, StoreError> {
    let attendance = cx.store.attendance();
    let (listening, taken) = attendance
        .of_call(tenant, call_id, cx.clock.now_ms())
        .await?;
    let mut listeners = Vec::with_capacity(listening.len());
    for who in listening {
        // Who has taken over is heard.
        if taken.as_ref().is_none_or(|it| it.listener != who.listener) {
            listeners.push(named(cx, tenant, who).await?);
        }
    }
    let taken_over = match taken {
        Some(who) => Some(named(cx, tenant, who).await?),
        None => None,
    };
    Ok(Attending {
        listeners,
        taken_over,
    })
}

async fn named(cx: &Context, tenant: &Tenant, who: Attends) -> Result<Attendant, StoreError> {
    let person = cx.store.people().find(tenant, &who.user_id).await?;
    Ok(Attendant {
        user_id: who.user_id,
        name: person.map(|person| person.name).unwrap_or_default(),
        since: who.since,
    })
}

/// Tells whoever reads the call along on this server who is in it.
pub(super) async fn tell(cx: &Context, tenant: &Tenant, call_id: &str) -> Result<(), StoreError> {
    let now = attending(cx, tenant, call_id).await?;
    cx.hub.attended(call_id, &now);
    Ok(())
}

/// Tells it of every call that somebody was in: who has closed their browser says nothing.
pub(super) async fn look_again(cx: Context) {
    for call_id in cx.hub.attended_calls() {
        let told = async {
            match cx.store.calls().tenant_of(&call_id).await? {
                Some(tenant) => tell(&cx, &tenant, &call_id).await,
                None => Ok(()),
            }
        };
        if let Err(error) = told.await {
            tracing::warn!(call_id, %error, "who listens to a call cannot be looked up");
        }
    }
}

/// Lets somebody listen, unheard.
///
/// # Errors
/// With the reason why not.
pub async fn listen(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    user: &User,
    author: &Author,
) -> Result<ListenAccess, AttendError> {
    going_on(cx, tenant, call_id).await?;
    let account = cx.account(tenant).await?;
    let granted = account.client.listen_live_call(call_id).await;
    let granted = not_live(cx, call_id, granted)?;
    // Absent means LiveKit, of which there is none any more.
    if granted.transport != Some(Transport::Gateway) {
        return Err(AttendError::TransportUnsupported);
    }
    let who = Attends {
        listener: granted.participant_id,
        user_id: user.id.clone(),
        since: cx.clock.now_ms(),
    };
    let attendance = cx.store.attendance();
    attendance.listens(tenant, call_id, &who, author).await?;
    Ok(ListenAccess {
        call_id: call_id.to_owned(),
        listener: who.listener,
        access_token: granted.access_token,
        gateway_url: calls::gateway_url(cx),
        ice_servers: calls::ice_servers(granted.ice_servers),
    })
}

/// Lets a listener speak instead of the agent, which is stopped for good. Asked again by the
/// same listener, it is done once.
///
/// # Errors
/// With the reason why not.
pub async fn take_over(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    listener: &str,
    user: &User,
    author: &Author,
) -> Result<Attending, AttendError> {
    going_on(cx, tenant, call_id).await?;
    let attendance = cx.store.attendance();
    let who = (listener, user.id.as_str());
    let claim = attendance
        .claim(tenant, call_id, who, cx.clock.now_ms())
        .await?;
    let again = match claim {
        Claim::Held { again } => again,
        // The answer to the first time was lost.
        Claim::Taken(holder) if holder.listener == listener && holder.user_id == user.id => {
            return Ok(attending(cx, tenant, call_id).await?);
        }
        Claim::Taken(holder) => {
            let holder = named(cx, tenant, holder).await?;
            return Err(AttendError::TakenOver(Some(holder.name)));
        }
        Claim::NotListening => return Err(AttendError::NotListening),
    };
    let account = cx.account(tenant).await?;
    let participant = TakeOverLiveCall {
        participant_id: listener.to_owned(),
    };
    match account
        .client
        .take_over_live_call(call_id, &participant)
        .await
    {
        Ok(_) => {}
        // What nobody knew the outcome of was done.
        Err(error) if error.is_conflict() && again => {}
        // It stays held for who asks again.
        Err(error) if error.is_outcome_unknown() => return Err(error.into()),
        Err(error) => {
            attendance.give_up(tenant, call_id, listener).await?;
            if error.is_conflict() {
                return Err(AttendError::TakeOverRefused);
            }
            if error.is_not_found() {
                // Either the call is over, or the listener has left.
                heal::ask(cx, call_id).await?;
                going_on(cx, tenant, call_id).await?;
                return Err(AttendError::NotListening);
            }
            return Err(error.into());
        }
    }
    attendance
        .took_over(tenant, call_id, listener, author, cx.clock.now_ms())
        .await?;
    Ok(attending(cx, tenant, call_id).await?)
}

/// Tells the agent something the caller does not hear, or has it speak now.
///
/// # Errors
/// With the reason why the agent does not get it.
pub async fn tell_agent(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    what: &TellAgent,
    author: &Author,
) -> Result<(), AttendError> {
    let note = what.note.as_deref().map(str::trim);
    let fits = |note: &str| (1..=TellAgent::NOTE_MAX).contains(&note.chars().count());
    if note.is_some_and(|note| !fits(note)) {
        return Err(Invalid::of("note", "note must have 1 to 2000 characters.").into());
    }
    if note.is_none() && !what.speak_now {
        return Err(Invalid::of("note", "Give a note, or have the agent speak now.").into());
    }
    let update = UpdateLiveCall {
        call_control: Some(CallControl {
            additional_context: note.map(str::to_owned),
            trigger_response: what.speak_now.then_some(true),
        }),
        ..UpdateLiveCall::default()
    };
    // What was said stands in the call, where it goes with the call.
    let details = json!({"note": note.is_some(), "speak_now": what.speak_now});
    let deed = Deed::on("call", call_id, "call.told").with(details);
    update_call(cx, tenant, &update, author, &deed).await
}

/// Gives the agent other values of its variables.
///
/// # Errors
/// With the reason why it does not get them.
pub async fn change_variables(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    change: &ChangeVariables,
    author: &Author,
) -> Result<(), AttendError> {
    let variables = &change.variables;
    let fits = |(name, value): (&String, &String)| {
        (1..=ChangeVariables::NAME_MAX).contains(&name.chars().count())
            && value.chars().count() <= ChangeVariables::VALUE_MAX
    };
    if !(1..=ChangeVariables::MOST).contains(&variables.len()) || !variables.iter().all(fits) {
        let limits = "1 to 50 variables can change at once, with names of 1 to 100 characters \
                      and values of at most 2000.";
        return Err(Invalid::of("variables", limits).into());
    }
    let given = variables.iter();
    let given = given.map(|(name, value)| (name.clone(), value.clone()));
    let update = UpdateLiveCall {
        fields_to_override: Some(FieldsToOverride {
            override_dynamic_variables: Some(Some(given.collect())),
            ..FieldsToOverride::default()
        }),
        ..UpdateLiveCall::default()
    };
    let names: Vec<_> = variables.keys().collect();
    let deed = Deed::on("call", call_id, "call.variables_changed").with(json!({"names": names}));
    update_call(cx, tenant, &update, author, &deed).await
}

/// Ends a call. One that is over already is ended, too.
///
/// # Errors
/// With the reason why it goes on.
pub async fn end_call(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    author: &Author,
) -> Result<(), AttendError> {
    let went_on = match end::end(cx, tenant, call_id).await {
        Ok(went_on) => went_on,
        Err(end::EndError::Unknown) => return Err(AttendError::Unknown),
        Err(end::EndError::Retell(error)) => return Err(error.into()),
        Err(end::EndError::Account(error)) => return Err(error.into()),
        Err(end::EndError::Store(error)) => return Err(error.into()),
    };
    if went_on {
        let deed = Deed::on("call", call_id, "call.ended");
        let now = cx.clock.now_ms();
        let calls = cx.store.calls();
        calls.stopped(tenant, author, &deed, now).await?;
    }
    Ok(())
}

/// Changes the call that the deed is about.
async fn update_call(
    cx: &Context,
    tenant: &Tenant,
    update: &UpdateLiveCall,
    author: &Author,
    deed: &Deed<'_>,
) -> Result<(), AttendError> {
    let call_id = deed.subject_id;
    going_on(cx, tenant, call_id).await?;
    let (_, taken) = cx
        .store
        .attendance()
        .of_call(tenant, call_id, cx.clock.now_ms())
        .await?;
    if let Some(holder) = taken {
        // There is no agent any more.
        let holder = named(cx, tenant, holder).await?;
        return Err(AttendError::TakenOver(Some(holder.name)));
    }
    let account = cx.account(tenant).await?;
    not_live(
        cx,
        call_id,
        account.client.update_live_call(call_id, update).await,
    )?;
    let now = cx.clock.now_ms();
    let deeds = cx.store.deeds();
    Ok(deeds.record_deed(tenant, author, deed, now).await?)
}

/// Only with a call that is held can anything be done.
async fn going_on(cx: &Context, tenant: &Tenant, call_id: &str) -> Result<(), AttendError> {
    let call = cx.store.calls().summary(tenant, call_id).await?;
    match call.ok_or(AttendError::Unknown)?.status {
        CallStatus::Ongoing => Ok(()),
        _ => Err(AttendError::NotLive),
    }
}

/// What Retell knows nothing of is over: it is asked what became of it.
fn not_live<T>(
    cx: &Context,
    call_id: &str,
    answer: Result<T, retell::Error>,
) -> Result<T, AttendError> {
    answer.map_err(|error| {
        if error.is_not_found() || error.is_unprocessable() {
            cx.hub.doubt(call_id);
            return AttendError::NotLive;
        }
        error.into()
    })
}
