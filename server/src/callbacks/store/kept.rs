//! What call-backs hold of people, and for how long.

use std::future::ready;

use super::{WAITS, list};
use crate::keeps::{Aging, Keeps, OfCalls, OfPeople, forget_calls};
use crate::person::Person;
use crate::store::{StoreError, Tenant, Write};

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "callbacks",
        days: |retention| retention.calls_days,
        remove: |_, write, batch| {
            Box::pin(batch.delete(write, "callbacks", "created_at", WAITS_NO_LONGER))
        },
    }],
    of_calls: Some(OfCalls {
        redact: None,
        count: |_, _, _, _| Box::pin(ready(Ok(()))),
        export: |_, _, _, _| Box::pin(ready(Ok(()))),
        erase: |write, tenant, ids, _| Box::pin(forget_calls(write, tenant, "callbacks", ids)),
    }),
    of_people: Some(OfPeople {
        name: "callbacks",
        counter: |traces| &mut traces.callbacks,
        find: |store, tenant, person| Box::pin(store.callbacks().of_person(tenant, person)),
        erase: |write, tenant, person, _| Box::pin(erase(write, tenant, person)),
    }),
    moments: Some(|store, tenant, number, before, limit| {
        Box::pin(list::moments(store, tenant, number, before, limit))
    }),
    ..Keeps::NOTHING
};

const WAITS_NO_LONGER: &str = "section > 0";
const _: () = assert!(WAITS == 0, "the statement says so");

/// Forgets every call-back of a number; what waits is not placed.
async fn erase(write: &mut Write, tenant: &Tenant, person: &Person) -> Result<(), StoreError> {
    let Some(phone) = person.phone() else {
        return Ok(());
    };
    sqlx::query("DELETE FROM callbacks WHERE tenant_id = $1 AND phone = $2")
        .bind(tenant.id())
        .bind(phone)
        .execute(write.connection())
        .await?;
    super::changed(write, tenant);
    Ok(())
}
