//! Whose key signed something.

use serde::{Deserialize, Serialize};

use crate::store::Tenant;

/// The businesses whose key signed a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signers {
    /// The server's key did: every business without an account of its own.
    #[serde(default)]
    pub server: bool,
    /// These businesses' own key did, or it was posted to the address of one.
    #[serde(default)]
    pub tenants: Vec<String>,
}

impl Signers {
    /// Only one business.
    #[must_use]
    pub fn only(tenant: &Tenant) -> Self {
        Self {
            server: false,
            tenants: vec![tenant.id().to_owned()],
        }
    }

    /// Every business that uses the server's account.
    #[must_use]
    pub fn server() -> Self {
        Self {
            server: true,
            tenants: Vec::new(),
        }
    }

    /// Whether what they signed may touch a business: `own_account` says
    /// whether that has an account of its own.
    #[must_use]
    pub fn include(&self, tenant_id: &str, own_account: bool) -> bool {
        self.tenants.iter().any(|id| id == tenant_id) || (self.server && !own_account)
    }
}
