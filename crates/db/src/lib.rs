//! The ground of what a program keeps: its pool and its two engines, whose rows a
//! connection may touch, how long anything may take, and what is told of a change.
//! One text of SQL serves both engines, SQLite and PostgreSQL, through `sqlx`'s `Any`
//! driver; the few differences are here. Of a program's tables nothing is known but
//! the migrations it hands in, and that rows belong to tenants.
//!
//! ```text
//!   Db ── read(Scope)   → Read     statements
//!      ├─ write(Scope)  → Write    statements, tell(news), commit: durable, and told
//!      ├─ add(Scope)    → Write    the same, of what nobody decides by
//!      ├─ single(Scope) → Single   one statement that writes and tells nobody
//!      └─ repeatable(Scope) → Repeatable, write → Write   reads, then writes by what it read
//! ```

mod connection;
mod copy;
mod error;
mod migrations;
mod news;
mod rows;
mod schema;
mod scope;
mod steps;
mod tenant;
mod text;

use std::fmt;
use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection as _, Row};
use tokio::sync::Mutex;

pub use connection::Connection;
pub use copy::{Before, Cell, Refill, RefillError, Snapshot};
pub use error::{Error, Failures, failures};
pub use migrations::{Migrations, Steps, VersionProblem};
pub use news::{Heard, Listener, News};
pub use rows::{at_once, fit_at_once, places, rows_of_places};
pub use schema::{Column, Kind, Table};
pub use scope::{Read, Repeatable, Scope, Single, Write};
pub use tenant::Tenant;
pub use text::{NAME_BYTES, can_be_named, from_json, older_than, to_json};

use connection::Limits;

const CONNECTIONS: u32 = 8;
/// How long is waited for a connection, at most.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait before tables that are in use are changed again.
const LOCKED_PAUSE: Duration = Duration::from_secs(1);

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// In this file. It is made where there is none, and its directory.
    Sqlite(PathBuf),
    /// At this URL.
    Postgres(String),
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => f.debug_tuple("Sqlite").field(file).finish(),
            // There is a password in it.
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

/// Who is told in this process what was committed.
type Hear<N> = Box<dyn Fn(N) + Send + Sync>;

/// A database. Cheap to clone.
pub struct Db<N>(Arc<Parts<N>>);

struct Parts<N> {
    pool: AnyPool,
    engine: Engine,
    url: String,
    patience: Duration,
    limits: Limits,
    /// How often its answer was waited for.
    trips: Arc<AtomicU64>,
    /// SQLite has one writer at a time. Waiting here is fair and cheap; waiting
    /// inside SQLite is polling.
    write_turn: Arc<Mutex<()>>,
    /// Who writes by what it read has this one as well, from before it reads.
    decision_turn: Arc<Mutex<()>>,
    migrations: &'static Migrations,
    hear: Hear<N>,
}

impl<N> Clone for Db<N> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<N> fmt::Debug for Db<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("Db");
        told.field("engine", &self.0.engine).finish_non_exhaustive()
    }
}

impl<N: News> Db<N> {
    /// Connects to a database as it is. No statement is waited for longer than
    /// `patience`; `hear` is told in this process what is committed on SQLite, in the
    /// order of the commits.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn connect(
        location: &Location,
        patience: Duration,
        migrations: &'static Migrations,
        hear: impl Fn(N) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let (engine, url) = match location {
            Location::Sqlite(file) => {
                if let Some(directory) = file.parent() {
                    make_private_directory(directory).map_err(Error::Directory)?;
                }
                (Engine::Sqlite, sqlite_url(file))
            }
            Location::Postgres(url) => (Engine::Postgres, url.clone()),
        };
        let limits = Limits::new(engine, patience);
        let db = Self(Arc::new(Parts {
            pool: pool(engine, &url, &limits).await?,
            engine,
            url,
            patience,
            limits,
            trips: Arc::default(),
            write_turn: Arc::default(),
            decision_turn: Arc::default(),
            migrations,
            hear: Box::new(hear),
        }));
        db.refuse_pooler().await?;
        Ok(db)
    }

    /// Brings the tables up to date, and says what this PostgreSQL does not do. A
    /// migration that moves data is for the rows of every tenant.
    ///
    /// # Errors
    /// When the database fails, or was written by a newer version.
    pub async fn migrate(&self) -> Result<(), Error> {
        let mut connection = self.0.pool.acquire().await?;
        if self.engine() == Engine::Postgres {
            scope::see_every_tenant(&mut connection).await?;
            // It may take as long as there are rows. But nobody who comes later gets at a table
            // before it does, so it does not wait long for one that is in use.
            sqlx::raw_sql("SET statement_timeout = 0; SET lock_timeout = '2s'")
                .execute(&mut *connection)
                .await?;
            // Nobody else gets one without limits.
            connection.close_on_drop();
        }
        while let Err(error) = self.bring_up_to_date(&mut connection).await {
            if !error.is_of_a_lock() {
                return Err(error);
            }
            tracing::warn!("the tables cannot be changed while they are in use; trying again");
            tokio::time::sleep(LOCKED_PAUSE).await;
        }
        drop(connection);
        self.check_second_lock().await?;
        self.check_durability().await
    }

    async fn bring_up_to_date(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        let migrator = self.0.migrations.of(self.engine());
        migrator.run(&mut *connection).await?;
        steps::run(self.0.migrations.steps, self.engine(), connection).await
    }

    /// Refuses tables of another version than this program's.
    ///
    /// # Errors
    /// [`Error::Version`] if they are.
    pub async fn check_version(&self) -> Result<(), Error> {
        let (found, known) = self.schema_state().await?;
        VersionProblem::of(found, known).map_or(Ok(()), |problem| Err(problem.into()))
    }

    /// The version of the schema, and the newest one we know.
    pub async fn schema_state(&self) -> Result<(i64, i64), Error> {
        Ok((self.schema_version().await?, self.0.migrations.newest()))
    }

    /// A connection of the pool.
    async fn connection(&self) -> Result<Connection, Error> {
        let pooled = self.0.pool.acquire().await?;
        let trips = Arc::clone(&self.0.trips);
        Ok(Connection::new(pooled, self.0.limits.clone(), trips))
    }

    /// How long a statement may take, and somebody wait for a change.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.0.patience
    }

    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// How often anybody waited for the database's answer until now, a transaction's
    /// begin and end included; not what sqlx asks of a connection on its way back.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.0.trips.load(Ordering::Relaxed)
    }

    fn url(&self) -> &str {
        &self.0.url
    }

    /// Tells this process.
    fn pass_on(&self, news: impl IntoIterator<Item = N>) {
        news.into_iter().for_each(&self.0.hear);
    }

    /// A PostgreSQL serves each connection by a process of its own. If two have the
    /// same one, something in between lends one out.
    async fn refuse_pooler(&self) -> Result<(), Error> {
        if self.engine() == Engine::Sqlite {
            return Ok(());
        }
        let (mut one, mut other) = (self.connection().await?, self.connection().await?);
        // Without preparing it, which such a pooler may not bear.
        let of_one = process_of(&mut one).await?;
        let of_other = process_of(&mut other).await?;
        // One that takes turns lends each statement another process, but not the one of a
        // transaction that has begun.
        sqlx::raw_sql("BEGIN").execute(&mut other).await?;
        let of_one_again = process_of(&mut one).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await?;
        if of_one == of_other || of_one_again? != of_one {
            return Err(Error::Pooler);
        }
        Ok(())
    }

    /// Says, once at the start, when this PostgreSQL does not keep what it says it
    /// has kept: that cannot be mended from here.
    async fn check_durability(&self) -> Result<(), Error> {
        if self.engine() == Engine::Sqlite {
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

    /// Settings by which acknowledged data could be lost.
    pub async fn weak_settings(&self) -> Result<Vec<String>, Error> {
        let sql = match self.engine() {
            Engine::Sqlite => {
                "SELECT 'synchronous' AS name, CAST(synchronous AS TEXT) AS value \
                 FROM pragma_synchronous WHERE synchronous < 2 \
                 UNION ALL SELECT 'journal_mode', journal_mode \
                 FROM pragma_journal_mode WHERE journal_mode <> 'wal'"
            }
            Engine::Postgres => {
                "SELECT name, setting AS value FROM pg_settings \
                 WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') \
                 AND setting = 'off'"
            }
        };
        let mut db = self.read(Scope::Server).await?;
        let rows = sqlx::query(sql).fetch_all(db.connection()).await?;
        rows.iter()
            .map(|row| {
                let (name, value): (String, String) = (row.try_get("name")?, row.try_get("value")?);
                Ok(format!("{name} = {value}"))
            })
            .collect()
    }

    /// Waits for what is under way, then closes every connection.
    pub async fn close(&self) {
        self.0.pool.close().await;
    }

    /// Appended to a SELECT in a writing transaction: keeps the row as read
    /// until the commit. SQLite's write lock does that already.
    #[must_use]
    pub fn for_update(&self) -> &'static str {
        match self.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }

    /// The same for the row of one table of several, by its name in the statement.
    #[must_use]
    pub fn for_update_of(&self, table: &str) -> String {
        match self.engine() {
            Engine::Sqlite => String::new(),
            Engine::Postgres => format!(" FOR UPDATE OF {table}"),
        }
    }

    /// The same for a row others refer to: they may go on doing that.
    #[must_use]
    pub fn for_no_key_update(&self) -> &'static str {
        match self.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// The same for the rows of one table of the query, leaving out those
    /// another server works on.
    #[must_use]
    pub fn for_update_skip_locked(&self, table: &str) -> String {
        match self.engine() {
            Engine::Sqlite => String::new(),
            Engine::Postgres => format!("{} SKIP LOCKED", self.for_update_of(table)),
        }
    }
}

/// Connections that are of use, and were told what holds for all of them.
async fn pool(engine: Engine, url: &str, limits: &Limits) -> Result<AnyPool, Error> {
    let options: AnyConnectOptions = url.parse()?;
    // Statements carry no values, but they are of no use in a log either.
    let options = options.disable_statement_logging();
    let (checks, announces) = (limits.clone(), limits.clone());
    let pool = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT.min(limits.statement))
        // The first statement shows whether a connection answers.
        .test_before_acquire(false)
        .before_acquire(move |connection, about| {
            let is_trusted = checks.is_trusted(&about);
            // SQLite ends a transaction by itself when the disk is full, which
            // sqlx does not notice: such a connection can begin none any more.
            let is_free = !connection.is_in_transaction();
            Box::pin(ready(Ok(is_trusted && is_free)))
        })
        .after_connect(move |connection, _| {
            let limits = announces.clone();
            Box::pin(async move {
                if engine == Engine::Postgres {
                    limits.announce(connection).await?;
                }
                // A commit is on the disk before it is acknowledged: even in WAL mode,
                // and whatever a server's default is.
                let durable = match engine {
                    Engine::Sqlite => {
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                         PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"
                    }
                    // And what is long is packed the quick way, where this PostgreSQL has
                    // it: the other takes longer than all the rest of a row. Workers are not
                    // called for: that takes longer than to read a page alone.
                    Engine::Postgres => {
                        "SET max_parallel_workers_per_gather = 0; \
                         SELECT set_config('synchronous_commit', 'on', false) \
                         WHERE current_setting('synchronous_commit') = 'off'; \
                         SELECT set_config(name, 'lz4', false) FROM pg_settings \
                         WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
                    }
                };
                sqlx::raw_sql(durable).execute(connection).await?;
                Ok(())
            })
        });
    Ok(pool.connect_with(options).await?)
}

async fn process_of(connection: &mut Connection) -> Result<i32, Error> {
    let row = sqlx::raw_sql("SELECT pg_backend_pid() AS pid")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("pid")?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_with_odd_characters_survives_the_url() {
        assert_eq!(
            sqlite_url(Path::new("/tmp/a b?c#d%.db")),
            "sqlite:///tmp/a%20b%3Fc%23d%25.db?mode=rwc"
        );
    }
}
