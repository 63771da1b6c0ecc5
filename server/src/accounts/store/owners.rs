//! Whose something is that Retell names.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sqlx::Row;

use crate::accounts::Signers;
use crate::store::{Connection, StoreError, Tenant};

/// A business, and whether it has a Retell account of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Which one.
    pub(crate) tenant: Tenant,
    own_account: bool,
}

impl Owner {
    /// Whether its account is one of those whose key signed.
    pub(crate) fn is_among(&self, signers: &Signers) -> bool {
        signers.include(self.tenant.id(), self.own_account)
    }
}

/// A statement that finds owners: `t` is their row of `tenants` in the rest of it.
macro_rules! select_owners {
    ($rest:literal) => {
        concat!(
            "SELECT t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone, \
             CAST(CASE WHEN t.retell_key IS NULL THEN 0 ELSE 1 END AS BIGINT) AS own_account ",
            $rest
        )
    };
}

pub(crate) use select_owners;

/// What was asked before, and what was found: who has to find the owners of much at once
/// asks once for what is in all of it.
#[derive(Debug, Default)]
pub(crate) struct Asked(HashMap<(&'static str, Option<String>), Vec<Owner>>);

impl Asked {
    /// The owners a statement finds, by one text where it takes one.
    pub(crate) async fn owners(
        &mut self,
        connection: &mut Connection,
        sql: &'static str,
        text: Option<&str>,
    ) -> Result<&[Owner], StoreError> {
        Ok(match self.0.entry((sql, text.map(str::to_owned))) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(owners(connection, sql, text).await?),
        })
    }
}

/// The same, whatever was found before.
pub(crate) async fn owners(
    connection: &mut Connection,
    sql: &'static str,
    text: Option<&str>,
) -> Result<Vec<Owner>, StoreError> {
    let query = text
        .into_iter()
        .fold(sqlx::query(sql), |query, text| query.bind(text));
    let rows = query.fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(Owner {
                tenant: Tenant::from_row(row)?,
                own_account: row.try_get::<i64, _>("own_account")? != 0,
            })
        })
        .collect()
}

/// The tenant of this id as an owner, if there is one.
pub(crate) async fn owner_of<'a>(
    connection: &mut Connection,
    asked: &'a mut Asked,
    id: &str,
) -> Result<&'a [Owner], StoreError> {
    const BY_ID: &str = select_owners!("FROM tenants t WHERE t.id = $1");
    asked.owners(connection, BY_ID, Some(id)).await
}

/// The business of these signers, if there is only one.
pub(crate) async fn only_of(
    connection: &mut Connection,
    asked: &mut Asked,
    signers: &Signers,
) -> Result<Option<Tenant>, StoreError> {
    const OF_SERVER: &str = select_owners!("FROM tenants t WHERE t.retell_key IS NULL LIMIT 2");
    if signers.tenants.len() > 1 {
        return Ok(None);
    }
    let mut all = Vec::new();
    if signers.server {
        all.extend_from_slice(asked.owners(connection, OF_SERVER, None).await?);
    }
    for id in &signers.tenants {
        all.extend_from_slice(owner_of(connection, asked, id).await?);
    }
    Ok(match all.as_slice() {
        [owner] => Some(owner.tenant.clone()),
        _ => None,
    })
}
