//! Asking who somebody is, and what was written down of them. Somebody waits for it, who may be on
//! the telephone: it has its time and no more, who it is is remembered for some minutes, and a
//! CRM that fails again and again is left alone for one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::provider::{Found, Listed, Provider, Refusal, Who};
use super::{Context, CrmError, connection, metrics, rules};
use crate::circuit::Circuit;
use crate::phone::E164;
use crate::store::Tenant;

/// How long a caller is made to wait for it.
const TIME: Duration = Duration::from_secs(2);
/// How long an answer is remembered (ms).
const REMEMBERED_MS: i64 = 5 * 60_000;
/// So many answers are.
const REMEMBERED: usize = 10_000;

/// Somebody, as the business's CRM knows them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// The record's id there.
    pub(crate) id: String,
    /// What they are called.
    pub(crate) name: Option<String>,
    /// Their e-mail address.
    pub(crate) email: Option<String>,
    /// Their numbers, as somebody typed them.
    pub(crate) phones: Vec<String>,
    /// Where people look at their record.
    pub(crate) url: Option<String>,
}

/// What is remembered, in memory, on each server.
#[derive(Default)]
pub(super) struct Lookups(Mutex<HashMap<String, OfTenant>>);

impl std::fmt::Debug for Lookups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lookups").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct OfTenant {
    /// Who has a number or an address, or that nobody does, and until when that is remembered
    /// (Unix ms).
    known: HashMap<String, (i64, Option<Known>)>,
    circuit: Circuit,
}

impl Lookups {
    /// What is remembered of somebody, or that nobody has to be asked for it.
    fn remembered(&self, tenant: &Tenant, who: &Who, now: i64) -> Option<Option<Known>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, known) = all.get(tenant.id())?.known.get(who.key())?;
        (*until > now).then(|| known.clone())
    }

    /// Until when a CRM is left alone (Unix ms), if it is.
    fn left_alone(&self, tenant: &Tenant, now: i64) -> Option<i64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(tenant.id())?.circuit.open_until(now)
    }

    /// Notes that a CRM answers.
    fn answers(&self, tenant: &Tenant) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(tenant.id().to_owned()).or_default().circuit = Circuit::default();
    }

    fn keep(&self, tenant: &Tenant, who: &Who, known: Option<Known>, now: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = all.entry(tenant.id().to_owned()).or_default();
        if of_tenant.known.len() >= REMEMBERED {
            of_tenant.known.retain(|_, (until, _)| *until > now);
        }
        if of_tenant.known.len() < REMEMBERED {
            let answer = (now + REMEMBERED_MS, known);
            of_tenant.known.insert(who.key().to_owned(), answer);
        }
    }

    fn failed(&self, tenant: &Tenant, after_ms: Option<i64>, now: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = all.entry(tenant.id().to_owned()).or_default();
        of_tenant.circuit.failed(now, after_ms);
    }

    /// Forgets what is remembered of a business.
    pub(super) fn forget(&self, tenant_id: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(tenant_id);
    }
}

/// Why a CRM does not tell what it was asked.
#[derive(Debug)]
pub(super) enum Untold {
    /// There is none, or it cannot be reached for a reason of ours.
    Ours(CrmError),
    /// It failed again and again, and is left alone for so long.
    LeftAlone(Duration),
    /// It refuses.
    Refused(Refusal),
    /// It took too long.
    Late,
}

impl From<CrmError> for Untold {
    fn from(error: CrmError) -> Self {
        Self::Ours(error)
    }
}

/// Who has a number, as far as the business's CRM tells in time; nothing where it has none.
pub(crate) async fn known(cx: &Context, tenant: &Tenant, phone: &E164) -> Option<Known> {
    match who_is(cx, tenant, &Who::Phone(phone.clone())).await {
        Ok(known) => known,
        Err(Untold::Ours(CrmError::None) | Untold::LeftAlone(_)) => None,
        Err(untold) => {
            tracing::warn!(
                ?untold,
                tenant_id = tenant.id(),
                "a CRM does not tell who calls"
            );
            None
        }
    }
}

/// Who somebody is, as it is remembered or as the CRM tells in time.
pub(super) async fn who_is(
    cx: &Context,
    tenant: &Tenant,
    who: &Who,
) -> Result<Option<Known>, Untold> {
    if let Some(known) = cx.lookups.remembered(tenant, who, cx.clock.now_ms()) {
        metrics::looked_up(&cx.metrics, "remembered");
        return Ok(known);
    }
    let provider = open(cx, tenant).await?;
    let found = in_time(cx, tenant, search(&*provider, who)).await;
    metrics::looked_up(
        &cx.metrics,
        match &found {
            Ok(Some(_)) => "found",
            Ok(None) => "nobody",
            Err(Untold::LeftAlone(_)) => "left_alone",
            Err(_) => "failed",
        },
    );
    let found = found?;
    let now = cx.clock.now_ms();
    if let Some(found) = &found {
        remember(cx, tenant, who, &found.id, now).await;
    }
    let known = found.map(|found| Known {
        url: provider.link(&found.id),
        id: found.id,
        name: found.name,
        email: found.email,
        phones: found.phones,
    });
    cx.lookups.keep(tenant, who, known.clone(), now);
    Ok(known)
}

/// What was written down last of a record, and where people look at it.
pub(super) async fn activities(
    cx: &Context,
    tenant: &Tenant,
    record: &str,
) -> Result<(Vec<Listed>, Option<String>), Untold> {
    let provider = open(cx, tenant).await?;
    let listed = in_time(cx, tenant, provider.activities(record)).await?;
    Ok((listed, provider.link(record)))
}

async fn open(cx: &Context, tenant: &Tenant) -> Result<Box<dyn Provider>, Untold> {
    let connection = connection(&cx.store, &cx.vault, tenant).await?;
    let connection = connection.ok_or(CrmError::None)?;
    Ok(cx.client.open(tenant, connection))
}

/// What a CRM is asked while somebody waits: not at all while it is left alone.
async fn in_time<T>(
    cx: &Context,
    tenant: &Tenant,
    asked: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Untold> {
    let now = cx.clock.now_ms();
    if let Some(until) = cx.lookups.left_alone(tenant, now) {
        let ms = u64::try_from(until - now).unwrap_or_default();
        return Err(Untold::LeftAlone(Duration::from_millis(ms)));
    }
    let asked = timeout(TIME, asked).await;
    let now = cx.clock.now_ms();
    match asked {
        Ok(Ok(answer)) => {
            cx.lookups.answers(tenant);
            Ok(answer)
        }
        Ok(Err(refusal)) => {
            let after = match &refusal {
                Refusal::Limited(_, after) => i64::try_from(after.as_millis()).ok(),
                _ => None,
            };
            // That there is no such record, it told.
            if !matches!(refusal, Refusal::Gone(_)) {
                cx.lookups.failed(tenant, after, now);
            }
            Err(Untold::Refused(refusal))
        }
        Err(_) => {
            cx.lookups.failed(tenant, None, now);
            Err(Untold::Late)
        }
    }
}

/// The call's record needs no search any more.
async fn remember(cx: &Context, tenant: &Tenant, who: &Who, record: &str, now: i64) {
    let kept = cx
        .store
        .crm_records()
        .keep(tenant, who, Some(record), now, now)
        .await;
    if let Err(error) = kept.map_err(CrmError::from) {
        tracing::warn!(%error, tenant_id = tenant.id(), "whose record it is is not remembered");
    }
}

/// Who it is: of what is found, the first whose number it really is.
pub(super) async fn search(provider: &dyn Provider, who: &Who) -> Result<Option<Found>, Refusal> {
    let found = provider.find(who).await?;
    let is_it = |found: &Found| match who {
        Who::Phone(phone) => rules::is_among(phone, &found.phones),
        // What is found by an exact address is whoever has it.
        Who::Email(_) => true,
    };
    Ok(found.into_iter().find(is_it))
}
