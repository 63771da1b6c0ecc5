//! Whose rows a connection may touch.
//!
//! Every statement names its tenant: that is the first lock. The second is
//! PostgreSQL's row-level security: a connection is told whose rows it is for,
//! and to it there are no others. One that was told nothing sees none. SQLite
//! has no such thing.

use sqlx::{Any, AnyConnection, Executor, Row};
use tokio::sync::OwnedMutexGuard;

use crate::news::{self, News};
use crate::{Connection, Db, Engine, Error, Tenant};

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
    fn setting(self) -> String {
        match self {
            Self::Of(tenant) => tenant.id().to_owned(),
            Self::Server => EVERY_TENANT.to_owned(),
        }
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

/// A transaction that may write. Rolled back when dropped.
#[derive(Debug)]
pub struct Write<N: News> {
    // Declared first, so that it is rolled back before the turn passes on.
    transaction: Connection,
    /// To be told with the commit.
    news: Vec<N>,
    db: Db<N>,
    turn: Option<OwnedMutexGuard<()>>,
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
        let committed = tokio::spawn(self.commit_and_tell()).await;
        committed.unwrap_or_else(|error| Err(Error::NotWritten(error.to_string())))
    }

    async fn commit_and_tell(mut self) -> Result<(), Error> {
        match self.db.engine() {
            Engine::Sqlite => {
                self.transaction.commit().await?;
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
        let mut connection = self.connection().await?;
        // Until the connection is taken again, which sets it anew.
        self.enter(&mut connection, scope, false).await?;
        Ok(Read(connection))
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When none can begin.
    pub async fn write(&self, scope: Scope<'_>) -> Result<Write<N>, Error> {
        let (turn, begin) = match self.engine() {
            // IMMEDIATE, because a transaction that reads first and writes
            // later could be refused in the middle.
            Engine::Sqlite => (
                Some(std::sync::Arc::clone(&self.0.write_turn).lock_owned().await),
                "BEGIN IMMEDIATE",
            ),
            Engine::Postgres => (None, "BEGIN"),
        };
        let mut transaction = self.connection().await?;
        transaction.begin(begin).await?;
        self.enter(&mut transaction, scope, true).await?;
        Ok(Write {
            transaction,
            news: Vec::new(),
            db: self.clone(),
            turn,
        })
    }

    async fn enter(
        &self,
        connection: &mut Connection,
        scope: Scope<'_>,
        until_commit: bool,
    ) -> Result<(), Error> {
        match self.engine() {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => tell(connection, &scope.setting(), until_commit).await,
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

/// Tells a PostgreSQL connection whose rows it is for.
async fn tell<'c>(
    connection: impl Executor<'c, Database = Any>,
    tenant: &str,
    until_commit: bool,
) -> Result<(), Error> {
    sqlx::query("SELECT set_config('switchboard.tenant', $1, $2)")
        .bind(tenant)
        .bind(until_commit)
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets a PostgreSQL connection see every row, until it is told otherwise.
pub(super) async fn see_every_tenant(connection: &mut AnyConnection) -> Result<(), Error> {
    tell(connection, EVERY_TENANT, false).await
}
