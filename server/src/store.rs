//! The database as the rooms of the server see it: [`db`], with the migrations of our
//! tables, and what is told of them. The SQL about a domain's tables is in that domain's
//! `store`.
//!
//! Queries that belong to a tenant take a [`Tenant`], which is made only from a
//! row of the tenants table.

mod health;
mod migrations;
mod news;
mod sealed;
mod tenant;

use std::ops::Deref;
use std::time::Duration;

pub use db::{
    Before, Connection, Engine, Error as StoreError, RefillError, Tenant, VersionProblem,
};
pub(crate) use db::{
    Cell, NAME_BYTES, Refill, Scope, Table, at_once, can_be_named, fit_at_once, from_json,
    older_than, places, rows_of_places, to_json,
};
pub use migrations::MIGRATIONS;
pub use news::{Listener, News, ReadCalls};
pub use sealed::{Resealed, SealedColumn, SealedProblem};

use db::{Db, Location};

use crate::bus::Bus;
use crate::config::{DATABASE_PATIENCE, Database};

/// A transaction that may write. Rolled back when dropped.
pub(crate) type Write = db::Write<News>;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db<News>,
    bus: Bus,
}

impl Deref for Store {
    type Target = Db<News>;

    fn deref(&self) -> &Db<News> {
        &self.db
    }
}

/// The part of the [`Store`] that is about a room's own tables: a type that holds what is
/// asked of them and done to them, and by which name the store gives it out. It stands in
/// that room's `store.rs`: here, no room is known.
macro_rules! part {
    ($(#[$doc:meta])+ $name:ident -> $part:ident) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy)]
        pub struct $part<'a>(pub(super) &'a $crate::store::Store);

        impl $crate::store::Store {
            $(#[$doc])+
            #[must_use]
            pub fn $name(&self) -> $part<'_> {
                $part(self)
            }
        }
    };
}

pub(crate) use part;

impl Store {
    /// Opens the database, creating a SQLite file where there is none, and
    /// brings its tables up to date.
    ///
    /// # Errors
    /// When it cannot be opened, or was written by a newer version.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        Self::open_with(database, DATABASE_PATIENCE).await
    }

    /// The same with another time limit.
    ///
    /// # Errors
    /// When it cannot be opened, or was written by a newer version.
    pub async fn open_with(database: &Database, patience: Duration) -> Result<Self, StoreError> {
        let store = Self::connect_with(database, patience).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens the database for a command that only reads: beside a server of an older
    /// version, which the tables of this one would not fit.
    ///
    /// # Errors
    /// When it cannot be opened, or is not of this version.
    pub async fn open_unchanged(database: &Database) -> Result<Self, StoreError> {
        let store = Self::connect(database).await?;
        store.check_version().await?;
        Ok(store)
    }

    /// Opens the database as it is.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn connect(database: &Database) -> Result<Self, StoreError> {
        Self::connect_with(database, DATABASE_PATIENCE).await
    }

    async fn connect_with(database: &Database, patience: Duration) -> Result<Self, StoreError> {
        let location = match database {
            Database::Sqlite(file) => Location::Sqlite(file.clone()),
            Database::Postgres(url) => Location::Postgres(url.expose().to_owned()),
        };
        let bus = Bus::default();
        let told = bus.clone();
        let hear = move |news: News| news.pass_on(&told);
        let db = Db::connect(&location, patience, &MIGRATIONS, hear).await?;
        Ok(Self { db, bus })
    }

    /// Tells what changed in the database.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.bus
    }
}
