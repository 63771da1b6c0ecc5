//! Whose rows a connection may touch.
//!
//! Every statement names its tenant: that is the first lock. The second is
//! PostgreSQL's row-level security: a connection is told whose rows it is for,
//! and to it there are no others. One that was told nothing sees none. SQLite
//! has no such thing.

use std::sync::Arc;

use sqlx::{AnyConnection, AssertSqlSafe, Row, SqlSafeStr as _};
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use crate::connection::First;
use crate::news::{self, News};
use crate::{CONNECTIONS, Connection, Db, Engine, Error, Tenant};

/// What the setting `switchboard.tenant` holds when every tenant's rows are
/// meant; no tenant has this id.
const EVERY_TENANT: &str = "*";

/// Whose rows are read or written.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// One tenant's.
    Of(&'a Tenant),
    /// Any tenant's: for work that does not begin with one, such as finding the
    /// tenant of a call, a key or a session.
    Server,
}

impl Scope<'_> {
    /// What the setting is to hold, as SQL says a text.
    fn setting(self) -> String {
        let whose = match self {
            Self::Of(tenant) => tenant.id(),
            Self::Server => EVERY_TENANT,
        };
        format!("'{}'", whose.replace('\'', "''"))
    }
}

/// A connection for reading.
#[derive(Debug)]
pub struct Read(Connection);

impl Read {
    /// Where the statements go.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.0
    }
}

/// A connection for one statement that writes and tells nobody: a transaction by itself,
/// on the disk once it is done, without the ways there and back for its begin and its end.
#[derive(Debug)]
pub struct Single {
    connection: Connection,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Single {
    /// Where the statement goes.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// A transaction that may write. Rolled back when dropped.
#[derive(Debug)]
pub struct Write<N: News> {
    // Declared first, so that it is rolled back before the turn passes on.
    transaction: Connection,
    /// To be told with the commit.
    news: Vec<N>,
    db: Db<N>,
    turn: Option<Turn>,
}

/// The turn to write, on SQLite.
#[derive(Debug)]
struct Turn {
    _writing: OwnedMutexGuard<()>,
    /// Not of who only adds.
    _deciding: Option<OwnedMutexGuard<()>>,
}

/// Reads what it will write by, and nobody changes that meanwhile. On SQLite those who
/// only add do not wait for it before it [writes](Self::write); on PostgreSQL it is a
/// transaction all along, and has what it locks.
///
/// It is for work that would be done again, were it lost: its commit does not wait for
/// the disk, which has it with the next commit that does.
#[derive(Debug)]
pub struct Repeatable<N: News> {
    connection: Connection,
    db: Db<N>,
    deciding: Option<OwnedMutexGuard<()>>,
}

impl<N: News> Repeatable<N> {
    /// Where the statements go that read.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Goes on to write.
    ///
    /// # Errors
    /// When that cannot begin.
    pub async fn write(mut self) -> Result<Write<N>, Error> {
        let turn = match self.db.engine() {
            Engine::Sqlite => {
                let turn = Turn {
                    _writing: self.db.turn().await,
                    _deciding: self.deciding,
                };
                self.connection.wait_for_disk(false).await?;
                self.connection
                    .begin("BEGIN IMMEDIATE".into_sql_str())
                    .await?;
                Some(turn)
            }
            Engine::Postgres => None,
        };
        Ok(Write {
            transaction: self.connection,
            news: Vec::new(),
            db: self.db,
            turn,
        })
    }
}

impl<N: News> Write<N> {
    /// Where the statements go.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.transaction
    }

    /// Has every process told, once this is committed.
    pub fn tell(&mut self, news: impl Into<N>) {
        self.news.push(news.into());
    }

    /// Makes it durable, and has it told. Only after this may anything be
    /// acknowledged.
    ///
    /// # Errors
    /// When it is not known to be durable.
    pub async fn commit(self) -> Result<(), Error> {
        // On a task of its own: whoever waits may go away at any moment, and
        // what is durable by then has to be told all the same.
        let patience = 2 * self.db.0.limits.patience();
        let committed = tokio::spawn(self.commit_and_tell());
        let committed = timeout(patience, committed).await;
        let committed = committed.map_err(|_| Error::Late)?;
        committed.unwrap_or_else(|error| Err(Error::NotWritten(error.to_string())))
    }

    async fn commit_and_tell(mut self) -> Result<(), Error> {
        match self.db.engine() {
            Engine::Sqlite => {
                self.transaction.commit().await?;
                self.transaction.wait_for_disk(true).await?;
                // Before the turn passes on: news come in the order of commits.
                self.db.pass_on(self.news);
                drop(self.turn);
            }
            Engine::Postgres => {
                news::notify(&mut self.transaction, &self.news).await?;
                self.transaction.commit().await?;
            }
        }
        Ok(())
    }
}

impl<N: News> Db<N> {
    /// Takes a connection for reading.
    ///
    /// # Errors
    /// When none is to be had.
    pub async fn read(&self, scope: Scope<'_>) -> Result<Read, Error> {
        let connection = match self.engine() {
            Engine::Sqlite => self.connection().await?,
            // Until the connection is taken again, which sets it anew.
            Engine::Postgres => {
                let sql = format!("SET switchboard.tenant = {}", scope.setting());
                self.answering(&First::Statement(AssertSqlSafe(sql).into_sql_str()))
                    .await?
            }
        };
        Ok(Read(connection))
    }

    /// Takes a connection for one statement that writes, and nothing that others write by
    /// ([`Repeatable`]).
    ///
    /// # Errors
    /// When none is to be had.
    pub async fn single(&self, scope: Scope<'_>) -> Result<Single, Error> {
        let turn = match self.engine() {
            Engine::Sqlite => Some(self.turn().await),
            Engine::Postgres => None,
        };
        let Read(connection) = self.read(scope).await?;
        Ok(Single {
            connection,
            _turn: turn,
        })
    }

    /// The turn to write, on SQLite.
    async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0.write_turn).lock_owned().await
    }

    /// The turn to write by what was read, on SQLite. It comes before the other one.
    async fn decide(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0.decision_turn).lock_owned().await
    }

    /// Tells what belongs to no change.
    ///
    /// # Errors
    /// When the database fails; then nobody was told.
    pub async fn tell(&self, news: impl Into<N>) -> Result<(), Error> {
        let news = news.into();
        match self.engine() {
            Engine::Sqlite => self.pass_on([news]),
            Engine::Postgres => {
                let mut db = self.read(Scope::Server).await?;
                news::notify(db.connection(), &[news]).await?;
            }
        }
        Ok(())
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When none can begin.
    pub async fn write(&self, scope: Scope<'_>) -> Result<Write<N>, Error> {
        let deciding = match self.engine() {
            Engine::Sqlite => Some(self.decide().await),
            Engine::Postgres => None,
        };
        self.begin(scope, deciding).await
    }

    /// Begins a transaction that only adds what others do not write by ([`Repeatable`]).
    ///
    /// # Errors
    /// When none can begin.
    pub async fn add(&self, scope: Scope<'_>) -> Result<Write<N>, Error> {
        self.begin(scope, None).await
    }

    async fn begin(
        &self,
        scope: Scope<'_>,
        deciding: Option<OwnedMutexGuard<()>>,
    ) -> Result<Write<N>, Error> {
        let (turn, transaction) = match self.engine() {
            // IMMEDIATE, because a transaction that reads first and writes
            // later could be refused in the middle.
            Engine::Sqlite => {
                let turn = Turn {
                    _writing: self.turn().await,
                    _deciding: deciding,
                };
                let mut transaction = self.connection().await?;
                transaction.begin("BEGIN IMMEDIATE".into_sql_str()).await?;
                (Some(turn), transaction)
            }
            Engine::Postgres => (None, self.begin_on_postgres(scope, "").await?),
        };
        Ok(Write {
            transaction,
            news: Vec::new(),
            db: self.clone(),
            turn,
        })
    }

    async fn begin_on_postgres(&self, scope: Scope<'_>, more: &str) -> Result<Connection, Error> {
        let whose = scope.setting();
        let sql = format!("BEGIN; SET LOCAL switchboard.tenant = {whose}{more}");
        self.answering(&First::Begin(AssertSqlSafe(sql).into_sql_str()))
            .await
    }

    /// Takes a connection for what is done again if it is lost.
    ///
    /// # Errors
    /// When none is to be had.
    pub async fn repeatable(&self, scope: Scope<'_>) -> Result<Repeatable<N>, Error> {
        let (deciding, connection) = match self.engine() {
            Engine::Sqlite => (Some(self.decide().await), self.connection().await?),
            Engine::Postgres => {
                // And planned each time: a plan of when there were few rows reads all of
                // them, and is kept until PostgreSQL has looked how many there are.
                let settings = "; SET LOCAL synchronous_commit = off; \
                     SET LOCAL plan_cache_mode = force_custom_plan";
                (None, self.begin_on_postgres(scope, settings).await?)
            }
        };
        Ok(Repeatable {
            connection,
            db: self.clone(),
            deciding,
        })
    }

    /// A connection of PostgreSQL that answers: what waits in the pool may have died
    /// there. The first statement shows it, so that nothing has to be asked for that
    /// alone.
    async fn answering(&self, first: &First) -> Result<Connection, Error> {
        let mut others = CONNECTIONS;
        loop {
            let mut connection = self.connection().await?;
            match connection.try_out(first).await {
                Ok(()) => return Ok(connection),
                Err(_) if connection.is_broken() && others > 0 => others -= 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Row-level security does not hold superusers. Says so, once at the start.
    pub(super) async fn check_second_lock(&self) -> Result<(), Error> {
        if self.engine() == Engine::Sqlite {
            return Ok(());
        }
        let row = sqlx::query(
            "SELECT rolsuper OR rolbypassrls AS exempt FROM pg_roles WHERE rolname = current_user",
        )
        .fetch_one(&mut self.connection().await?)
        .await?;
        if row.try_get("exempt")? {
            tracing::warn!(
                "this PostgreSQL role is exempt from row-level security, the second lock between \
                 tenants; connect with a role that is neither superuser nor BYPASSRLS"
            );
        }
        Ok(())
    }
}

/// Lets a PostgreSQL connection see every row, until it is told otherwise.
pub(super) async fn see_every_tenant(connection: &mut AnyConnection) -> Result<(), Error> {
    let sql = format!("SET switchboard.tenant = {}", Scope::Server.setting());
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}
