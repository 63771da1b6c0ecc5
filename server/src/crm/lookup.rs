//! Asking who somebody is. While they are on the telephone that has its time and no more, is
//! remembered for some minutes, and is left alone for one where it fails again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::provider::{Found, Provider, Refusal, Who};
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
    /// What they are called.
    pub(crate) name: Option<String>,
    /// Their e-mail address.
    pub(crate) email: Option<String>,
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
    /// Who has a number, or that nobody does, and until when that is remembered (Unix ms).
    known: HashMap<String, (i64, Option<Known>)>,
    circuit: Circuit,
}

impl Lookups {
    /// What is remembered of a number, or whether it is worth asking.
    fn remembered(&self, tenant: &Tenant, phone: &E164, now: i64) -> Remembered {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(of_tenant) = all.get(tenant.id()) else {
            return Remembered::Ask;
        };
        match of_tenant.known.get(phone.as_str()) {
            Some((until, known)) if *until > now => Remembered::Known(known.clone()),
            _ if of_tenant.circuit.open_until(now).is_some() => Remembered::LeftAlone,
            _ => Remembered::Ask,
        }
    }

    fn keep(&self, tenant: &Tenant, phone: &E164, known: Option<Known>, now: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = all.entry(tenant.id().to_owned()).or_default();
        of_tenant.circuit = Circuit::default();
        if of_tenant.known.len() >= REMEMBERED {
            of_tenant.known.retain(|_, (until, _)| *until > now);
        }
        if of_tenant.known.len() < REMEMBERED {
            let answer = (now + REMEMBERED_MS, known);
            of_tenant.known.insert(phone.as_str().to_owned(), answer);
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

enum Remembered {
    Known(Option<Known>),
    LeftAlone,
    Ask,
}

/// Who has a number, as far as the business's CRM tells in time; nothing where it has none.
pub(crate) async fn known(cx: &Context, tenant: &Tenant, phone: &E164) -> Option<Known> {
    let now = cx.clock.now_ms();
    match cx.lookups.remembered(tenant, phone, now) {
        Remembered::Known(known) => {
            metrics::looked_up(&cx.metrics, "remembered");
            return known;
        }
        Remembered::LeftAlone => {
            metrics::looked_up(&cx.metrics, "left_alone");
            return None;
        }
        Remembered::Ask => {}
    }
    let connection = match connection(&cx.store, &cx.vault, tenant).await {
        Ok(connection) => connection?,
        Err(error) => {
            tracing::error!(%error, tenant_id = tenant.id(), "a CRM cannot be asked");
            return None;
        }
    };
    let provider = cx.client.open(tenant, connection);
    let who = Who::Phone(phone.clone());
    let asked = timeout(TIME, search(&*provider, &who)).await;
    let now = cx.clock.now_ms();
    let (found, outcome) = match asked {
        Ok(Ok(Some(found))) => (Some(found), "found"),
        Ok(Ok(None)) => (None, "nobody"),
        Ok(Err(refusal)) => {
            let after = match &refusal {
                Refusal::Limited(_, after) => i64::try_from(after.as_millis()).ok(),
                _ => None,
            };
            tracing::warn!(%refusal, tenant_id = tenant.id(), "a CRM does not tell who calls");
            cx.lookups.failed(tenant, after, now);
            metrics::looked_up(&cx.metrics, "failed");
            return None;
        }
        Err(_) => {
            cx.lookups.failed(tenant, None, now);
            metrics::looked_up(&cx.metrics, "failed");
            return None;
        }
    };
    metrics::looked_up(&cx.metrics, outcome);
    if let Some(found) = &found {
        remember(cx, tenant, &who, &found.id, now).await;
    }
    let known = found.map(|found| Known {
        url: provider.link(&found.id),
        name: found.name,
        email: found.email,
    });
    cx.lookups.keep(tenant, phone, known.clone(), now);
    known
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
