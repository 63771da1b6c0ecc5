//! How a call that was heard of finds its tenant.

use super::{Calls, Hand};
use crate::accounts::{Asked, Owner, Signers, only_of, owner_of, owners, select_owners};
use crate::store::{Connection, StoreError, Tenant};
use crate::{agents, keys};

/// What tells whose call it is, the surest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Clues {
    /// Retell's call id.
    pub(crate) call_id: Option<String>,
    /// The numbers on the business's side (E.164).
    pub(crate) numbers: Vec<String>,
    /// The public key it was minted with.
    pub(crate) public_key: Option<String>,
    /// The business that had it made, as we told Retell.
    pub(crate) tenant_id: Option<String>,
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

impl Calls<'_> {
    /// Finds the tenant of a call that was heard of, among those whose key
    /// signed the news: by the call itself, even a deleted one, else by one of its
    /// numbers, else by the public key it was minted with, else by what we told Retell when
    /// it was made, else by its agent, else there is only one.
    pub(crate) async fn find_tenant(
        self,
        connection: &mut Connection,
        asked: &mut Asked,
        clues: &Clues,
        signers: &Signers,
    ) -> Result<Found, StoreError> {
        const BY_CALL: &str = select_owners!(
            "FROM (SELECT tenant_id FROM calls WHERE id = $1 \
                   UNION ALL SELECT tenant_id FROM erased_calls WHERE call_id = $1) c \
               JOIN tenants t ON t.id = c.tenant_id"
        );
        let of_call = match &clues.call_id {
            Some(id) => owners(connection, BY_CALL, Some(id)).await?,
            None => Vec::new(),
        };
        find_among(connection, asked, &of_call, clues, signers).await
    }

    /// The same with a call's owner at hand.
    pub(crate) async fn find_at_hand(
        connection: &mut Connection,
        asked: &mut Asked,
        hand: &Hand,
        clues: &Clues,
        signers: &Signers,
    ) -> Result<Found, StoreError> {
        let id = clues.call_id.as_ref().and_then(|id| hand.tenant_of(id));
        let of_call = match id {
            Some(id) => owner_of(connection, asked, id).await?.to_vec(),
            None => Vec::new(),
        };
        find_among(connection, asked, &of_call, clues, signers).await
    }
}

/// The tenant of a call with these owners, or that other clues lead to.
async fn find_among(
    connection: &mut Connection,
    asked: &mut Asked,
    of_call: &[Owner],
    clues: &Clues,
    signers: &Signers,
) -> Result<Found, StoreError> {
    if let Some(found) = only(of_call, signers).or_else(|| others(of_call)) {
        return Ok(found);
    }
    for number in &clues.numbers {
        let owners = agents::owners_of_number(connection, asked, number).await?;
        if let Some(found) = only(owners, signers) {
            return Ok(found);
        }
    }
    if let Some(id) = &clues.public_key {
        let owners = keys::owners_of_key(connection, asked, id).await?;
        if let Some(found) = only(owners, signers).or_else(|| others(owners)) {
            return Ok(found);
        }
    }
    if let Some(id) = &clues.tenant_id {
        let owners = owner_of(connection, asked, id).await?;
        if let Some(found) = only(owners, signers) {
            return Ok(found);
        }
    }
    if let Some(id) = &clues.agent_id {
        let owners = agents::owners_of_agent(connection, asked, id).await?;
        if let Some(found) = only(owners, signers) {
            return Ok(found);
        }
    }
    Ok(match only_of(connection, asked, signers).await? {
        Some(tenant) => Found::Tenant(tenant),
        None => Found::Nobody,
    })
}

/// The one of the owners whose key signed. Several may share a number or an agent;
/// then it tells nothing.
fn only(owners: &[Owner], signers: &Signers) -> Option<Found> {
    let mut of_signers = owners.iter().filter(|owner| owner.is_among(signers));
    match (of_signers.next(), of_signers.next()) {
        (Some(owner), None) => Some(Found::Tenant(owner.tenant.clone())),
        _ => None,
    }
}

/// A call and a public key belong to one tenant, whoever says what.
fn others(owners: &[Owner]) -> Option<Found> {
    (!owners.is_empty()).then_some(Found::OfOthers)
}
