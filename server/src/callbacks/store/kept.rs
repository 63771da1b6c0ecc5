//! What call-backs hold of people, and for how long.

use super::WAITS;
use crate::keeps::{Aging, Keeps, OfPeople};
use crate::notify::EventType;
use crate::person::Person;
use crate::store::{Store, StoreError, Tenant, Write};

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "callbacks",
        days: |retention| retention.calls_days,
        remove: |_, write, batch| {
            Box::pin(batch.delete(write, "callbacks", "created_at", WAITS_NO_LONGER))
        },
    }],
    of_people: Some(OfPeople {
        name: "callbacks",
        counter: |traces| &mut traces.callbacks,
        find: |store, tenant, person| Box::pin(store.callbacks_of_person(tenant, person)),
        erase: |write, tenant, person, _| Box::pin(erase(write, tenant, person)),
    }),
    ..Keeps::NOTHING
};

const WAITS_NO_LONGER: &str = "section > 0";
const _: () = assert!(WAITS == 0, "the statement says so");

/// Forgets every call-back of a number, and what was told of them; what waits is
/// not placed.
async fn erase(write: &mut Write, tenant: &Tenant, person: &Person) -> Result<(), StoreError> {
    let Some(phone) = person.phone() else {
        return Ok(());
    };
    sqlx::query("DELETE FROM callbacks WHERE tenant_id = $1 AND phone = $2")
        .bind(tenant.id())
        .bind(phone)
        .execute(write.connection())
        .await?;
    let told = EventType::CallbackRequested;
    Store::forget_events(write, tenant, told, "caller_phone_e164", phone).await?;
    super::changed(write, tenant);
    Ok(())
}
