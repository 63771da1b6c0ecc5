//! How a call that was heard of finds its tenant.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::accounts::Signers;

use crate::store::{Connection, Store, StoreError, Tenant, can_be_named};

/// A tenant `t`, and whether it has a Retell account of its own.
macro_rules! tenant_columns {
    () => {
        "t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone, \
         CAST(CASE WHEN t.retell_key IS NULL THEN 0 ELSE 1 END AS BIGINT) AS own_account"
    };
}

/// What tells whose call it is, the surest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Clues {
    /// Retell's call id.
    pub(crate) call_id: Option<String>,
    /// The numbers on the business's side (E.164).
    pub(crate) numbers: Vec<String>,
    /// The public key it was minted with.
    pub(crate) public_key: Option<String>,
    /// Its agent.
    pub(crate) agent_id: Option<String>,
}

/// Whose call it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// This tenant's.
    Tenant(Tenant),
    /// That of a tenant whose key did not sign the news.
    OfOthers,
    /// Nobody is known.
    Nobody,
}

impl Found {
    /// The tenant, if one was found.
    pub(crate) fn known(&self) -> Option<&Tenant> {
        match self {
            Self::Tenant(tenant) => Some(tenant),
            Self::OfOthers | Self::Nobody => None,
        }
    }
}

impl Store {
    /// Finds the tenant of a call that was heard of, among those whose key
    /// signed the news: by the call itself, even a deleted one, else by one of its
    /// numbers, else by the public key it was minted with, else by its agent, else
    /// there is only one.
    pub(crate) async fn find_tenant(
        &self,
        connection: &mut Connection,
        clues: &Clues,
        signers: &Signers,
    ) -> Result<Found, StoreError> {
        const BY_CALL: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM (SELECT tenant_id FROM calls WHERE id = $1 \
                    UNION ALL SELECT tenant_id FROM erased_calls WHERE call_id = $1) c \
               JOIN tenants t ON t.id = c.tenant_id"
        );
        const BY_NUMBER: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM numbers n JOIN tenants t ON t.id = n.tenant_id WHERE n.number = $1"
        );
        const BY_KEY: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM public_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = $1"
        );
        // Two tenants may share a number or an agent; then it tells nothing.
        const BY_AGENT: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM agents a JOIN tenants t ON t.id = a.tenant_id WHERE a.id = $1"
        );
        let call = clues.call_id.iter().map(|id| (BY_CALL, id));
        let numbers = clues.numbers.iter().map(|number| (BY_NUMBER, number));
        let key = clues.public_key.iter().map(|key| (BY_KEY, key));
        let agent = clues.agent_id.iter().map(|id| (BY_AGENT, id));
        for (sql, value) in call.chain(numbers).chain(key).chain(agent) {
            if !can_be_named(value) {
                continue;
            }
            let rows = sqlx::query(sql)
                .bind(value)
                .fetch_all(&mut *connection)
                .await?;
            let of_signers = included(&rows, signers)?;
            if let [tenant] = of_signers.as_slice() {
                return Ok(Found::Tenant(tenant.clone()));
            }
            // A call and a public key belong to one tenant, whoever says what.
            let is_certain = sql == BY_CALL || sql == BY_KEY;
            if is_certain && !rows.is_empty() {
                return Ok(Found::OfOthers);
            }
        }
        Ok(match self.only_of(connection, signers).await? {
            Some(tenant) => Found::Tenant(tenant),
            None => Found::Nobody,
        })
    }

    /// The tenant of these signers, if there is only one.
    async fn only_of(
        &self,
        connection: &mut Connection,
        signers: &Signers,
    ) -> Result<Option<Tenant>, StoreError> {
        const OF_SERVER: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM tenants t WHERE t.retell_key IS NULL LIMIT 2"
        );
        const BY_ID: &str = concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM tenants t WHERE t.id = $1"
        );
        if signers.tenants.len() > 1 {
            return Ok(None);
        }
        let mut all = Vec::new();
        if signers.server {
            all.extend(sqlx::query(OF_SERVER).fetch_all(&mut *connection).await?);
        }
        for id in &signers.tenants {
            let rows = sqlx::query(BY_ID).bind(id).fetch_all(&mut *connection);
            all.extend(rows.await?);
        }
        match all.as_slice() {
            [row] => Ok(Some(Tenant::from_row(row)?)),
            _ => Ok(None),
        }
    }
}

/// Those of the rows' tenants whose key signed.
fn included(rows: &[AnyRow], signers: &Signers) -> Result<Vec<Tenant>, StoreError> {
    let mut tenants = Vec::new();
    for row in rows {
        let own_account = row.try_get::<i64, _>("own_account")? != 0;
        let tenant = Tenant::from_row(row)?;
        if signers.include(tenant.id(), own_account) {
            tenants.push(tenant);
        }
    }
    Ok(tenants)
}
