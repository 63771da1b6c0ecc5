//! Whose desks are open on this server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::Tenant;

/// The people whose desks follow what changes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Desks(Arc<Mutex<HashMap<String, Open>>>);

#[derive(Debug)]
struct Open {
    tenant: Tenant,
    streams: usize,
}

/// An open desk of somebody; it counts until it is dropped.
#[derive(Debug)]
pub struct AtDesk {
    desks: Desks,
    user_id: String,
}

impl Desks {
    /// Somebody opens a desk.
    #[must_use]
    pub fn enter(&self, tenant: &Tenant, user_id: &str) -> AtDesk {
        let mut all = self.all();
        let open = all.entry(user_id.to_owned()).or_insert_with(|| Open {
            tenant: tenant.clone(),
            streams: 0,
        });
        open.streams += 1;
        AtDesk {
            desks: self.clone(),
            user_id: user_id.to_owned(),
        }
    }

    /// Who has a desk open, by business.
    #[must_use]
    pub fn open(&self) -> Vec<(Tenant, Vec<String>)> {
        let mut by_tenant = HashMap::<String, (Tenant, Vec<String>)>::new();
        for (user_id, open) in &*self.all() {
            let people = by_tenant
                .entry(open.tenant.id().to_owned())
                .or_insert_with(|| (open.tenant.clone(), Vec::new()));
            people.1.push(user_id.clone());
        }
        by_tenant.into_values().collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AtDesk {
    fn drop(&mut self) {
        let mut all = self.desks.all();
        if let Some(open) = all.get_mut(&self.user_id) {
            open.streams -= 1;
            if open.streams == 0 {
                all.remove(&self.user_id);
            }
        }
    }
}
