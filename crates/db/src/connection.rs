//! A connection with a time limit.
//!
//! A network that falls silent says nothing, ever: whoever waits for a statement's
//! end then waits as long as the process lives. And a PostgreSQL that another one
//! took over from answers on, but writes nothing any more. So every statement has
//! a limit, and a connection that exceeded it, or said that it is of no use, is
//! closed instead of going back into the pool; of PostgreSQL with all that are as old
//! as it. SQLite cannot be interrupted through `sqlx`: what takes too long in a file
//! goes on by itself, and is rolled back, but nobody waits for it.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use sqlx::any::{
    AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTransactionManager, AnyTypeInfo,
};
use sqlx::error::BoxDynError;
use sqlx::pool::{PoolConnection, PoolConnectionMetadata};
use sqlx::{Any, AnyConnection, AssertSqlSafe, Either, Error, Execute, Executor, SqlStr};
use sqlx_core::any::AnyValueKind;
use sqlx_core::transaction::TransactionManager as _;
use tokio::time::{timeout, timeout_at};

use crate::Engine;

/// How much longer than PostgreSQL's own limit a statement is waited for: if there
/// is anybody, it is PostgreSQL that ends it, and the connection stays good.
const GRACE: Duration = Duration::from_secs(1);

/// How long a statement may take, and which connections are still used. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    engine: Engine,
    /// How long a statement may take.
    pub(super) statement: Duration,
    /// Connections from before are not used any more.
    trusted_since: Arc<Mutex<Instant>>,
}

impl Limits {
    pub(super) fn new(engine: Engine, statement: Duration) -> Self {
        Self {
            engine,
            statement,
            trusted_since: Arc::new(Mutex::new(Instant::now())),
        }
    }

    /// How long is waited for an answer.
    pub(super) fn patience(&self) -> Duration {
        self.statement + GRACE
    }

    /// Tells a new connection of PostgreSQL what holds for it. A server of ours that
    /// is gone without a word keeps its locks no longer than PostgreSQL's keep-alives
    /// take to notice; sqlx can set none at our end, where the limits do.
    pub(super) async fn announce(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        let limit = self.statement.as_millis();
        let sql = format!(
            "SELECT set_config('statement_timeout', '{limit}', false), \
                 set_config('lock_timeout', '{}', false), \
                 set_config('idle_in_transaction_session_timeout', '{}', false), \
                 set_config('tcp_keepalives_idle', '10', false), \
                 set_config('tcp_keepalives_interval', '5', false), \
                 set_config('tcp_keepalives_count', '3', false)",
            (limit / 2).max(1),
            limit * 4,
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(connection)
            .await?;
        Ok(())
    }

    /// How long is waited for the first answer of a connection that waited in the
    /// pool: it comes soon, or never.
    fn patience_at_first(&self) -> Duration {
        self.statement / 4
    }

    /// Whether a connection that waits in the pool may be of use.
    pub(super) fn is_trusted(&self, about: &PoolConnectionMetadata) -> bool {
        let made = Instant::now().checked_sub(about.age);
        made.is_some_and(|made| self.trust(made))
    }

    fn trust(&self, made: Instant) -> bool {
        made > *self
            .trusted_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses no connection any more that was made up to then: whatever befell one of
    /// them befell the others. A file answers each for itself.
    fn distrust(&self, until: Instant) {
        if self.engine == Engine::Sqlite {
            return;
        }
        let mut since = self
            .trusted_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *since = until.max(*since);
    }
}

/// A connection of the pool, which goes back there when dropped, or is closed if it
/// is of no use any more. What was begun and not committed is rolled back.
#[derive(Debug)]
pub struct Connection {
    pooled: PoolConnection<Any>,
    is_in_transaction: bool,
    waits_for_disk: bool,
    watch: Watch,
}

/// What is asked of a connection first.
#[derive(Debug)]
pub(super) enum First {
    /// Nothing but to be told something.
    Statement(SqlStr),
    /// To begin a transaction.
    Begin(SqlStr),
}

/// What is noted about a connection while it is in use.
#[derive(Debug)]
struct Watch {
    limits: Limits,
    /// Counts the answers that were waited for.
    trips: Arc<AtomicU64>,
    /// It is of no use any more.
    is_broken: bool,
}

impl Connection {
    pub(super) fn new(pooled: PoolConnection<Any>, limits: Limits, trips: Arc<AtomicU64>) -> Self {
        Self {
            pooled,
            is_in_transaction: false,
            waits_for_disk: true,
            watch: Watch {
                limits,
                trips,
                is_broken: false,
            },
        }
    }

    /// Whether it is of no use any more.
    pub(super) fn is_broken(&self) -> bool {
        self.watch.is_broken
    }

    pub(super) async fn begin(&mut self, statement: SqlStr) -> Result<(), Error> {
        let patience = self.watch.limits.patience();
        self.begin_within(patience, statement).await
    }

    /// Does the first of what is asked of it, which shows whether it answers.
    pub(super) async fn try_out(&mut self, first: &First) -> Result<(), Error> {
        let patience = self.watch.limits.patience_at_first();
        match first {
            First::Begin(statement) => self.begin_within(patience, statement.clone()).await,
            First::Statement(statement) => {
                let done = sqlx::raw_sql(statement.clone()).execute(&mut *self.pooled);
                self.watch.limit_to(patience, done).await?;
                Ok(())
            }
        }
    }

    async fn begin_within(&mut self, patience: Duration, statement: SqlStr) -> Result<(), Error> {
        // Should it not be known whether that was done, it is undone all the same.
        self.is_in_transaction = true;
        let begun = AnyTransactionManager::begin(&mut self.pooled, Some(statement));
        self.watch.limit_to(patience, begun).await
    }

    /// Whether commits wait for SQLite's disk. A connection whose commits do not is for
    /// nobody else: unless they do again, it is closed.
    pub(super) async fn wait_for_disk(&mut self, waits: bool) -> Result<(), Error> {
        if waits == self.waits_for_disk {
            return Ok(());
        }
        self.waits_for_disk = false;
        let setting = if waits { "FULL" } else { "NORMAL" };
        let set = AssertSqlSafe(format!("PRAGMA synchronous = {setting}"));
        self.watch
            .limit(sqlx::raw_sql(set).execute(&mut *self.pooled))
            .await?;
        self.waits_for_disk = waits;
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        let limits = &self.watch.limits;
        let patience = match limits.engine {
            // Whoever waits for it may go: it is told once it is done.
            Engine::Sqlite => Duration::MAX,
            Engine::Postgres => limits.patience(),
        };
        let committed = AnyTransactionManager::commit(&mut self.pooled);
        self.watch.limit_to(patience, committed).await?;
        self.is_in_transaction = false;
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.watch.is_broken || !self.waits_for_disk {
            self.pooled.close_on_drop();
            return;
        }
        if self.is_in_transaction {
            AnyTransactionManager::start_rollback(&mut self.pooled);
        }
        let limits = self.watch.limits.clone();
        // On its way back it is asked for a sign of life, which sqlx would wait for
        // without end, while the pool has one less.
        let began = Instant::now();
        let back = self.pooled.return_to_pool();
        tokio::spawn(async move {
            if timeout(limits.patience(), back).await.is_err() {
                limits.distrust(began);
            }
        });
    }
}

impl Watch {
    /// Waits for an answer as long as is right.
    async fn limit<T, F>(&mut self, answer: F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.limit_to(self.limits.patience(), answer).await
    }

    async fn limit_to<T, F>(&mut self, patience: Duration, answer: F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.trips.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        match timeout(patience, answer).await {
            Ok(answer) => self.note(answer),
            Err(_) => Err(self.silence(began)),
        }
    }

    /// The same for one answer after the other.
    fn limit_all<'a, T: Send + 'a>(
        &'a mut self,
        answers: BoxStream<'a, Result<T, Error>>,
    ) -> BoxStream<'a, Result<T, Error>> {
        self.trips.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        let deadline = (began + self.limits.patience()).into();
        stream::unfold(Some((answers, self)), move |state| async move {
            let (mut answers, watch) = state?;
            let Ok(answer) = timeout_at(deadline, answers.next()).await else {
                return Some((Err(watch.silence(began)), None));
            };
            let answer = watch.note(answer?);
            Some((answer, Some((answers, watch))))
        })
        .boxed()
    }

    fn silence(&mut self, began: Instant) -> Error {
        self.is_broken = true;
        self.limits.distrust(began);
        io::Error::new(io::ErrorKind::TimedOut, Silent).into()
    }

    fn note<T>(&mut self, answer: Result<T, Error>) -> Result<T, Error> {
        match &answer {
            Err(Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed) => {
                self.is_broken = true;
            }
            Err(Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                self.is_broken |= is_the_end(&code);
                if code == READ_ONLY {
                    self.limits.distrust(Instant::now());
                }
            }
            _ => {}
        }
        answer
    }
}

/// The database did not say anything for too long.
#[derive(Debug)]
struct Silent;

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the database did not answer in time")
    }
}

impl std::error::Error for Silent {}

/// What PostgreSQL says of a write where it only reads, such as once another one
/// took over from it.
pub(super) const READ_ONLY: &str = "25006";

/// Whether PostgreSQL uses or serves the connection no longer after this error.
fn is_the_end(code: &str) -> bool {
    // Ended by an administrator, by a crash, not there yet, idle for too long.
    let shut_down = ["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"];
    code == READ_ONLY || shut_down.contains(&code) || (code.len() == 5 && code.starts_with("08"))
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let query = WithoutNul(query);
        self.watch.limit_all((&mut *self.pooled).fetch_many(query))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let query = WithoutNul(query);
        self.watch
            .limit((&mut *self.pooled).fetch_optional(query))
            .boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        let prepared = (&mut *self.pooled).prepare_with(sql, parameters);
        self.watch.limit(prepared).boxed()
    }
}

/// A statement whose texts both engines keep alike: PostgreSQL refuses a NUL, and for some
/// of SQLite's functions a text ends there. In its place is the mark of what cannot be
/// read, so that what is looked for with a NUL is not taken for what is named without.
struct WithoutNul<E>(E);

impl<'q, E: Execute<'q, Any>> Execute<'q, Any> for WithoutNul<E> {
    fn sql(self) -> SqlStr {
        self.0.sql()
    }

    fn statement(&self) -> Option<&AnyStatement> {
        self.0.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<AnyArguments>, BoxDynError> {
        let mut arguments = self.0.take_arguments()?;
        for value in arguments.iter_mut().flat_map(|all| &mut all.values.0) {
            match value {
                AnyValueKind::Text(text) if text.contains('\0') => {
                    *text = text.replace('\0', "\u{fffd}").into();
                }
                AnyValueKind::TextSlice(text) if text.contains('\0') => {
                    *text = text.replace('\0', "\u{fffd}").into();
                }
                _ => {}
            }
        }
        Ok(arguments)
    }

    fn persistent(&self) -> bool {
        self.0.persistent()
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::*;
    use crate::{Db, Location, Migrations, News, Scope};

    struct Nothing;

    impl News for Nothing {
        type Message = ();

        fn message(&self) {}
    }

    static NONE: Migrations = Migrations {
        sqlite: &[],
        postgres: &[],
        mended: &[],
        steps: &[],
    };

    /// A file that is gone after the test.
    async fn file(name: &str, patience: Duration) -> (Db<Nothing>, std::path::PathBuf) {
        let directory = std::env::temp_dir().join(format!("db-{name}-{}", std::process::id()));
        let location = Location::Sqlite(directory.join("test.db"));
        let db = Db::connect(&location, patience, &NONE, |_| {}).await;
        (db.unwrap(), directory)
    }

    #[tokio::test]
    async fn nobody_waits_for_a_statement_that_takes_a_file_too_long() {
        let (db, directory) = file("slow", Duration::from_millis(50)).await;
        let mut slow = db.read(Scope::Server).await.unwrap();
        let began = Instant::now();
        let counted = sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000000) \
             SELECT COUNT(*) AS n FROM n",
        )
        .fetch_one(slow.connection())
        .await;
        assert!(crate::Error::from(counted.err().unwrap()).is_outage());
        assert!(began.elapsed() < Duration::from_secs(5));
        assert!(slow.connection().is_broken());
        drop(slow);
        // The others are of use still.
        let mut quick = db.write(Scope::Server).await.unwrap();
        sqlx::query("CREATE TABLE things (name TEXT)")
            .execute(quick.connection())
            .await
            .unwrap();
        quick.commit().await.unwrap();
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[tokio::test]
    async fn a_nul_is_kept_as_the_mark_of_what_cannot_be_read() {
        let (db, directory) = file("nul", Duration::from_secs(5)).await;
        let mut db = db.single(Scope::Server).await.unwrap();
        let row = sqlx::query("SELECT $1 AS name, $2 AS missing, length($1) AS long")
            .bind("a\0b")
            .bind(None::<String>)
            .fetch_one(db.connection())
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>("name"), "a\u{fffd}b");
        assert_eq!(row.get::<Option<String>, _>("missing"), None);
        assert_eq!(row.get::<i64, _>("long"), 3);
        drop(db);
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn connections_that_are_of_no_use_any_more_are_told_from_failed_statements() {
        for code in ["25006", "57P01", "57P03", "08006", "25P03"] {
            assert!(is_the_end(code), "{code}");
        }
        for code in ["57014", "55P03", "40001", "23505", "8", "08", ""] {
            assert!(!is_the_end(code), "{code}");
        }
    }

    #[test]
    fn distrust_reaches_back_and_never_forward() {
        let limits = Limits::new(Engine::Postgres, Duration::from_secs(1));
        let start = *limits.trusted_since.lock().unwrap();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(limits.trust(at(1)));
        limits.distrust(at(5));
        limits.distrust(at(3));
        assert!(!limits.trust(at(5)));
        assert!(limits.trust(at(6)));
    }
}
