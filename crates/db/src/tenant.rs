//! Whose things they are.

use sqlx::Row;
use sqlx::any::AnyRow;

/// A business on this server, as its row says. Queries that belong to a tenant
/// take one of these; none can be made without a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    id: String,
    name: String,
    timezone: String,
}

impl Tenant {
    /// The tenant's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The business's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The business's IANA time zone.
    #[must_use]
    pub fn timezone(&self) -> &str {
        &self.timezone
    }

    /// From the columns `tenant_id`, `tenant_name` and `tenant_timezone`.
    ///
    /// # Errors
    /// When the row has no such columns.
    pub fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("tenant_id")?,
            name: row.try_get("tenant_name")?,
            timezone: row.try_get("tenant_timezone")?,
        })
    }
}
