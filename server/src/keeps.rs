//! What the domains keep in the database, as each of them says: for how long, of whom,
//! and which of it is sealed. Retention, a person's copy and erasure, and sealing anew
//! go by this and know no domain's tables.

mod store;

use std::sync::Arc;

use api::contacts::Moment;
use api::privacy::{Retention, Traces};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

pub(crate) use store::{
    count_of_calls, erase_found, erase_of_calls, forget, forget_calls, look_through, moments_by,
    rows_of_call,
};

use crate::person::Person;
use crate::phone::E164;
use crate::store::{SealedColumn, Store, StoreError, Tenant, Write};

/// What one of these functions does.
pub(crate) type Doing<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// What a domain keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keeps {
    /// What is deleted once it is older than the business keeps it.
    pub(crate) aging: &'static [Aging],
    /// What is deleted when its time is over, whosever it is.
    pub(crate) expiring: &'static [Expire],
    /// What it has of calls.
    pub(crate) of_calls: Option<OfCalls>,
    /// What it has of people, besides what belongs to calls.
    pub(crate) of_people: Option<OfPeople>,
    /// What it knows to have happened with whoever has a number.
    pub(crate) moments: Option<Moments>,
    /// Has what it knows of a contact become another's.
    pub(crate) joining: Option<Join>,
    /// Its secrets.
    pub(crate) sealed: &'static [SealedColumn],
    /// Forgets what was true at the account at Retell that a business leaves, for one of
    /// its own or for the server's.
    pub(crate) of_account: Option<Leave>,
}

impl Keeps {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self {
        aging: &[],
        expiring: &[],
        of_calls: None,
        of_people: None,
        moments: None,
        joining: None,
        sealed: &[],
        of_account: None,
    };
}

/// A kind of rows a business keeps for so many days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aging {
    /// What the trail calls them, such as `transcripts`.
    pub(crate) name: &'static str,
    /// For how many days; for ever when absent.
    pub(crate) days: fn(&Retention) -> Option<u32>,
    /// Deletes a batch of them, the oldest first. Returns how many. What is not
    /// settled yet stays.
    pub(crate) remove: for<'a> fn(&'a Store, &'a mut Write, &'a Batch<'a>) -> Doing<'a, u64>,
}

/// Deletes up to `limit` rows whose time was over at `now` (Unix ms). Returns how
/// many.
pub(crate) type Expire = for<'a> fn(&'a Store, now: i64, limit: u32) -> Doing<'a, u64>;

/// Forgets what a business had at the account it leaves.
pub(crate) type Leave = for<'a> fn(&'a mut Write, &'a Tenant) -> Doing<'a, ()>;

/// A batch of what is to be deleted for its age.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// What others keep.
    pub(crate) keepers: &'a Keepers,
    /// Whose.
    pub(crate) tenant: &'a Tenant,
    /// From before then (Unix ms).
    pub(crate) before: i64,
    /// So many rows at most.
    pub(crate) limit: u32,
    /// The time of day (Unix ms).
    pub(crate) now: i64,
}

/// What a domain has of calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfCalls {
    /// Counts what there is of these calls, by their ids.
    pub(crate) count:
        for<'a> fn(&'a Store, &'a Tenant, &'a [String], &'a mut Traces) -> Doing<'a, ()>,
    /// Adds what there is of one call to its document.
    pub(crate) export:
        for<'a> fn(&'a Store, &'a Tenant, &'a str, &'a mut Map<String, Value>) -> Doing<'a, ()>,
    /// Deletes all of it, `now` (Unix ms).
    pub(crate) erase: EraseCalls,
    /// Deletes what was said in them; nothing where none of it is words of a call.
    pub(crate) redact: Option<Redact>,
}

/// How what was said in calls is deleted, and their figures stay.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Redact {
    /// These are the calls: each is left with its figures.
    Calls(EraseCalls),
    /// These are copies of what was said in them, and go.
    Copies(EraseCalls),
}

/// Deletes what there is of calls, by their ids, `now` (Unix ms).
pub(crate) type EraseCalls =
    for<'a> fn(&'a mut Write, &'a Tenant, &'a [String], now: i64) -> Doing<'a, ()>;

/// What a domain has of people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfPeople {
    /// What it is called in somebody's copy, such as `contacts`.
    pub(crate) name: &'static str,
    /// Where it is counted.
    pub(crate) counter: fn(&mut Traces) -> &mut u32,
    /// Finds what there is of somebody.
    pub(crate) find: for<'a> fn(&'a Store, &'a Tenant, &'a Person) -> Doing<'a, Vec<Value>>,
    /// Deletes what was found, and whatever else there is.
    pub(crate) erase:
        for<'a> fn(&'a mut Write, &'a Tenant, &'a Person, found: &'a [Value]) -> Doing<'a, ()>,
}

/// The latest of what happened with whoever has a number, from before a place, and so much
/// of it at most.
pub(crate) type Moments =
    for<'a> fn(&'a Store, &'a Tenant, &'a E164, &'a Before, limit: u32) -> Doing<'a, Vec<Moment>>;

/// Has what there is of a contact that becomes a part of another become that one's.
pub(crate) type Join = for<'a> fn(&'a mut Write, &'a Tenant, &'a Joining<'a>) -> Doing<'a, ()>;

/// Two contacts that are one person.
#[derive(Debug)]
pub(crate) struct Joining<'a> {
    /// The id of the one that goes.
    pub(crate) goes: &'a str,
    /// The id of the one that stays.
    pub(crate) stays: &'a str,
    /// Every number the one that stays has then.
    pub(crate) numbers: &'a [E164],
    /// The time of day (Unix ms).
    pub(crate) now: i64,
}

/// A place among what happened: later than all that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Before {
    /// When (Unix ms).
    pub(crate) at: i64,
    /// Tells apart what happened at once.
    pub(crate) id: String,
}

/// What all domains keep, each after those it builds on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keepers(Arc<[Keeps]>);

impl Keepers {
    pub(crate) fn new(of: impl IntoIterator<Item = Keeps>) -> Self {
        Self(of.into_iter().collect())
    }

    /// What businesses keep for so many days.
    pub(crate) fn aging(&self) -> impl Iterator<Item = &'static Aging> {
        self.0.iter().flat_map(|keeps| keeps.aging)
    }

    /// What goes when its time is over.
    pub(crate) fn expiring(&self) -> impl Iterator<Item = &'static Expire> {
        self.0.iter().flat_map(|keeps| keeps.expiring)
    }

    /// Who has something of calls.
    pub(crate) fn of_calls(&self) -> impl DoubleEndedIterator<Item = &OfCalls> {
        self.0.iter().filter_map(|keeps| keeps.of_calls.as_ref())
    }

    /// Who has something of people.
    pub(crate) fn of_people(&self) -> impl Iterator<Item = &OfPeople> {
        self.0.iter().filter_map(|keeps| keeps.of_people.as_ref())
    }

    /// The latest of all that happened with whoever has these numbers, from before a place,
    /// and so much of it at most.
    pub(crate) async fn moments(
        &self,
        store: &Store,
        tenant: &Tenant,
        numbers: &[E164],
        before: &Before,
        limit: u32,
    ) -> Result<Vec<Moment>, StoreError> {
        let mut all = Vec::new();
        for moments in self.0.iter().filter_map(|keeps| keeps.moments) {
            for number in numbers {
                all.extend(moments(store, tenant, number, before, limit).await?);
            }
        }
        all.sort_by(|a, b| (b.at(), b.id()).cmp(&(a.at(), a.id())));
        all.truncate(limit as usize);
        Ok(all)
    }

    /// Has all there is of a contact become another's, in the transaction that makes one of two.
    pub(crate) async fn join(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        joining: &Joining<'_>,
    ) -> Result<(), StoreError> {
        for join in self.0.iter().filter_map(|keeps| keeps.joining) {
            join(write, tenant, joining).await?;
        }
        Ok(())
    }

    /// Every column that holds secrets.
    #[must_use]
    pub fn sealed(&self) -> Vec<SealedColumn> {
        let all = self.0.iter().flat_map(|keeps| keeps.sealed);
        all.copied().collect()
    }

    /// Forgets whatever was true at the account at Retell that the tenant leaves.
    pub(crate) async fn leave_account(
        &self,
        write: &mut Write,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        for leave in self.0.iter().filter_map(|keeps| keeps.of_account) {
            leave(write, tenant).await?;
        }
        Ok(())
    }

    /// Deletes what was said in calls of the tenant, `now` (Unix ms), and leaves their figures.
    pub(crate) async fn redact_calls(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        ids: &[String],
        now: i64,
    ) -> Result<(), StoreError> {
        for redact in self.of_calls().rev().filter_map(|it| it.redact) {
            let (Redact::Calls(redact) | Redact::Copies(redact)) = redact;
            redact(write, tenant, ids, now).await?;
        }
        Ok(())
    }

    /// Deletes what others than the calls themselves hold of what was said in them, `now` (Unix
    /// ms).
    pub(crate) async fn forget_copies(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        ids: &[String],
        now: i64,
    ) -> Result<(), StoreError> {
        for redact in self.of_calls().rev().filter_map(|it| it.redact) {
            if let Redact::Copies(forget) = redact {
                forget(write, tenant, ids, now).await?;
            }
        }
        Ok(())
    }

    /// Deletes calls of the tenant with everything there is about them, `now` (Unix
    /// ms). What refers to others goes before them.
    pub(crate) async fn erase_calls(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        ids: &[String],
        now: i64,
    ) -> Result<(), StoreError> {
        for of_calls in self.of_calls().rev() {
            (of_calls.erase)(write, tenant, ids, now).await?;
        }
        Ok(())
    }
}
