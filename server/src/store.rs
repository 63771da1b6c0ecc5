//! The database: its pool and its two engines, whose rows a connection may touch,
//! and what is told when something was written. The SQL about a domain's tables is
//! in that domain's `store`; one text serves both engines, SQLite and PostgreSQL,
//! through `sqlx`'s `Any` driver, and the few differences are here.
//!
//! Queries that belong to a tenant take a [`Tenant`], which is made only from a
//! row of the tenants table.

mod connection;
mod copy;
mod health;
pub mod migrations;
mod news;
mod schema;
mod scope;
mod sealed;
mod tenant;

use std::cmp::Ordering;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions, Connection as _, Row};
use tokio::sync::Mutex;

pub use connection::Connection;
pub use copy::{Before, RefillError};
pub(crate) use copy::{Cell, Refill};
pub use news::{Listener, ReadCall};
pub(crate) use schema::{Table, newest_version};
pub(crate) use scope::{Scope, Write};
pub use sealed::{Resealed, SealedColumn, SealedProblem};
pub use tenant::Tenant;

use connection::{Limits, READ_ONLY};

use crate::bus::Bus;
use crate::config::{DATABASE_PATIENCE, Database, Secret};

const CONNECTIONS: u32 = 8;
/// How long is waited for a connection, at most.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or cannot write right now. Nothing was stored.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The database refused: a fault of ours.
    #[error("the database refused: {0}")]
    Refused(#[source] sqlx::Error),
    /// A row holds what no version of us writes.
    #[error("the row {id} of {table} cannot be read: {source}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        id: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The call belongs to another tenant.
    #[error("the call {call_id} belongs to another tenant")]
    OtherTenant {
        /// Retell's call id.
        call_id: String,
    },
    /// What was to be written together with others was not written.
    #[error("nothing was written: {0}")]
    NotWritten(String),
    /// What was to be done was not done in time.
    #[error("the database did not answer in time")]
    Late,
    /// A command that does not change the database needs it newer, or is too old for
    /// it.
    #[error(transparent)]
    Version(#[from] VersionProblem),
    /// Something in between gives one connection of ours to another.
    #[error(
        "connections to this PostgreSQL lead through a pooler that lends them out by the \
         transaction, such as PgBouncer with pool_mode = transaction. What a connection is told \
         once, such as whose rows it may see, would be forgotten there, or hold for somebody \
         else. Set pool_mode = session for this database, or name PostgreSQL's own address in \
         SWITCHBOARD_DATABASE_URL"
    )]
    Pooler,
    /// The migrations do not fit the database.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database file's directory cannot be made.
    #[error("the directory of the database cannot be made: {0}")]
    Directory(#[source] std::io::Error),
}

impl StoreError {
    /// Whether the database is out of reach, rather than something wrong with
    /// what was asked of it.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::NotWritten(_) | Self::Late
        )
    }

    /// Whether PostgreSQL gave the transaction up for another's sake, a deadlock or
    /// a conflict: by the time this is known the other one is through.
    pub(crate) fn is_collision(&self) -> bool {
        let Self::Unavailable(sqlx::Error::Database(error)) = self else {
            return false;
        };
        let code = error.code();
        code.is_some_and(|code| matches!(&*code, "40P01" | "40001"))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let unavailable = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_outage(&code)),
            _ => false,
        };
        crate::metrics::store_failed(unavailable);
        if unavailable {
            Self::Unavailable(error)
        } else {
            Self::Refused(error)
        }
    }
}

/// Whether a row can be named so: PostgreSQL refuses a text with a NUL, so there
/// is none, and asking would look like a fault of ours.
pub(crate) fn can_be_named(text: &str) -> bool {
    !text.contains('\0')
}

/// What a page of a list holds, the newest first: the rows before the one whose
/// id is the statement's parameter in this place, or all of them. There is no
/// text to begin with that sorts after every id: databases sort by their own
/// collation.
pub(crate) fn older_than(id: &str, before: Option<&str>, place: usize) -> String {
    match before {
        Some(_) => format!("{id} < ${place}"),
        None => format!("${place} IS NULL"),
    }
}

/// SQLite's busy (5), locked (6), read-only (8), I/O error (10), full (13) and
/// cannot open (14), by the low byte; PostgreSQL's classes 08 (connection), 40
/// (rolled back for another's sake), 53 (resources), 57 (operator intervention, and
/// statements that took too long), 58 (system error), read-only transactions, ones
/// that were idle for too long, and locks that were not had in time.
fn is_outage(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "40", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class))
            || [READ_ONLY, "25P03", "25P04", "55P03"].contains(&code);
    }
    code.parse()
        .is_ok_and(|code: u32| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    engine: Engine,
    /// Where the database is.
    url: Secret,
    bus: Bus,
    patience: Duration,
    /// A file has none.
    limits: Option<Limits>,
    /// SQLite has one writer at a time. Waiting here is fair and cheap; waiting
    /// inside SQLite is polling.
    write_turn: Arc<Mutex<()>>,
}

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
        migrate(&store.pool, store.engine).await?;
        store.check_second_lock().await?;
        store.check_durability().await?;
        Ok(store)
    }

    /// Opens the database for a command that only reads: beside a server of an older
    /// version, which the tables of this one would not fit.
    ///
    /// # Errors
    /// When it cannot be opened, or is not of this version.
    pub async fn open_unchanged(database: &Database) -> Result<Self, StoreError> {
        let store = Self::connect(database).await?;
        let (found, known) = store.schema_state().await?;
        VersionProblem::of(found, known).map_or(Ok(store), |problem| Err(problem.into()))
    }

    /// Opens the database as it is.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn connect(database: &Database) -> Result<Self, StoreError> {
        Self::connect_with(database, DATABASE_PATIENCE).await
    }

    async fn connect_with(database: &Database, patience: Duration) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let (engine, url) = match database {
            Database::Sqlite(file) => {
                if let Some(directory) = file.parent() {
                    make_private_directory(directory).map_err(StoreError::Directory)?;
                }
                (Engine::Sqlite, sqlite_url(file))
            }
            Database::Postgres(url) => (Engine::Postgres, url.expose().to_owned()),
        };
        let options: AnyConnectOptions = url.parse()?;
        // Statements carry no values, but they are of no use in a log either.
        let options = options.disable_statement_logging();
        let limits = (engine == Engine::Postgres).then(|| Limits::new(patience));
        let (checks, announces) = (limits.clone(), limits.clone());
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT.min(patience))
            // What sqlx does by itself has no limit of its own.
            .test_before_acquire(engine == Engine::Sqlite)
            .before_acquire(move |connection, about| {
                let limits = checks.clone();
                Box::pin(async move {
                    if let Some(limits) = limits
                        && !limits.check(connection, about).await
                    {
                        return Ok(false);
                    }
                    // SQLite ends a transaction by itself when the disk is full, which
                    // sqlx does not notice: such a connection can begin none any more.
                    Ok(!connection.is_in_transaction())
                })
            })
            .after_connect(move |connection, _| {
                let limits = announces.clone();
                Box::pin(async move {
                    if let Some(limits) = limits {
                        limits.announce(connection).await?;
                    }
                    if engine == Engine::Sqlite {
                        // `synchronous=FULL`: a commit is on the disk before it
                        // is acknowledged, even in WAL mode.
                        sqlx::raw_sql(
                            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                             PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
                        )
                        .execute(connection)
                        .await?;
                    } else {
                        // The same here, whatever the server's default is.
                        sqlx::raw_sql(
                            "SELECT set_config('synchronous_commit', 'on', false) \
                             WHERE current_setting('synchronous_commit') = 'off'",
                        )
                        .execute(connection)
                        .await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        let store = Self {
            pool,
            engine,
            url: Secret::new(url),
            bus: Bus::default(),
            patience,
            limits,
            write_turn: Arc::default(),
        };
        store.refuse_pooler().await?;
        Ok(store)
    }

    /// A connection of the pool.
    async fn connection(&self) -> Result<Connection, StoreError> {
        let pooled = self.pool.acquire().await?;
        Ok(Connection::new(pooled, self.limits.clone()))
    }

    /// How long a statement may take, and somebody wait for a change.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// A PostgreSQL serves each connection by a process of its own. If two have the
    /// same one, something in between lends one out.
    async fn refuse_pooler(&self) -> Result<(), StoreError> {
        if self.engine == Engine::Sqlite {
            return Ok(());
        }
        let (mut one, mut other) = (self.connection().await?, self.connection().await?);
        // Without preparing it, which such a pooler may not bear.
        let of_one = process_of(&mut one).await?;
        let of_other = process_of(&mut other).await?;
        if of_one == of_other {
            return Err(StoreError::Pooler);
        }
        Ok(())
    }

    /// Says, once at the start, when this PostgreSQL does not keep what it says it
    /// has kept: that cannot be mended from here.
    async fn check_durability(&self) -> Result<(), StoreError> {
        if self.engine == Engine::Sqlite {
            return Ok(());
        }
        let row = sqlx::query(
            "SELECT current_setting('fsync') = 'off' \
                 OR current_setting('full_page_writes') = 'off' AS careless",
        )
        .fetch_one(&mut self.connection().await?)
        .await?;
        if row.try_get("careless")? {
            tracing::warn!(
                "this PostgreSQL runs with fsync or full_page_writes off: a power failure may lose \
                 webhooks that were acknowledged"
            );
        }
        Ok(())
    }

    /// Which database it is.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// Tells what changed in the database.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Waits for what is under way, then closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Appended to a SELECT in a writing transaction: keeps the row as read
    /// until the commit. SQLite's write lock does that already.
    pub(crate) fn for_update(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }

    /// The same for a row others refer to: they may go on doing that.
    pub(crate) fn for_no_key_update(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// The same for the rows of one table of the query, leaving out those
    /// another server works on.
    pub(crate) fn for_update_skip_locked(&self, table: &str) -> String {
        match self.engine {
            Engine::Sqlite => String::new(),
            Engine::Postgres => format!(" FOR UPDATE OF {table} SKIP LOCKED"),
        }
    }
}

/// Brings the tables up to date. A migration that moves data is for the rows of
/// every tenant.
async fn migrate(pool: &AnyPool, engine: Engine) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await?;
    if engine == Engine::Postgres {
        scope::see_every_tenant(&mut connection).await?;
        // It may take as long as there are rows, and wait for another server's.
        sqlx::raw_sql("SET statement_timeout = 0; SET lock_timeout = 0")
            .execute(&mut *connection)
            .await?;
        // Nobody else gets one without limits.
        connection.close_on_drop();
    }
    migrations::migrator(engine).run(&mut *connection).await?;
    Ok(())
}

async fn process_of(connection: &mut Connection) -> Result<i32, StoreError> {
    let row = sqlx::raw_sql("SELECT pg_backend_pid() AS pid")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("pid")?)
}

/// Why a command that only reads does not read a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionProblem {
    /// Nothing was ever in it.
    #[error("there are no tables yet; `switchboard serve` makes them at its first start")]
    Empty,
    /// It is older than this program.
    #[error(
        "its tables are of version {found} and this program reads version {known}. Commands that \
         only read change nothing: start `switchboard serve` of this version, which brings the \
         tables up to date, or run the command with the version of the server"
    )]
    Older {
        /// The version of its schema.
        found: i64,
        /// The newest one we know.
        known: i64,
    },
    /// It is newer than this program.
    #[error(
        "its tables are of version {found} and this program only knows {known}: use a newer one"
    )]
    Newer {
        /// The version of its schema.
        found: i64,
        /// The newest one we know.
        known: i64,
    },
}

impl VersionProblem {
    /// What is wrong with a schema of version `found`, where `known` is needed.
    fn of(found: i64, known: i64) -> Option<Self> {
        match found.cmp(&known) {
            _ if found == 0 => Some(Self::Empty),
            Ordering::Less => Some(Self::Older { found, known }),
            Ordering::Equal => None,
            Ordering::Greater => Some(Self::Newer { found, known }),
        }
    }
}

/// Makes a directory that only its owner can look into: what callers said will
/// be there. One that exists stays as it is.
fn make_private_directory(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// The URL of a SQLite file; its path is absolute.
fn sqlite_url(file: &Path) -> String {
    let path = url::Url::from_file_path(file)
        .map_or_else(|()| file.display().to_string(), |url| url.path().to_owned());
    format!("sqlite://{path}?mode=rwc")
}

/// JSON of our own types, for a TEXT column.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> String {
    #[expect(
        clippy::expect_used,
        reason = "maps with text keys and plain values always serialise"
    )]
    serde_json::to_string(value).expect("our own types serialise")
}

/// What [`to_json`] wrote.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(
    text: &str,
    table: &'static str,
    id: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Corrupt {
        table,
        id: id.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_told_from_faults() {
        for code in [
            "5", "13", "266", "1032", "57P01", "53100", "08006", "40P01", "57014", "55P03",
        ] {
            assert!(is_outage(code), "{code}");
        }
        for code in ["1", "19", "2067", "23505", "42601", ""] {
            assert!(!is_outage(code), "{code}");
        }
    }

    #[test]
    fn a_file_name_with_odd_characters_survives_the_url() {
        assert_eq!(
            sqlite_url(Path::new("/tmp/a b?c#d%.db")),
            "sqlite:///tmp/a%20b%3Fc%23d%25.db?mode=rwc"
        );
    }
}
