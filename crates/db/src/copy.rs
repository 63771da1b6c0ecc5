//! Every row of every table, out of the store and back into one: what a backup
//! is made from.

use futures_util::{Stream, StreamExt};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row, Transaction};

use crate::schema::{Column, Kind, Table};
use crate::{Db, Engine, Error, News, schema, scope};

/// SQLite takes 32,766 parameters in a statement; fewer are as fast.
const PARAMETERS: usize = 2_000;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// None.
    Null,
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The whole store as it was at one instant, while others write on.
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Any>,
    /// The version of its schema.
    pub version: i64,
    /// Its tables, each after those its rows refer to.
    pub tables: Vec<Table>,
}

/// A store that is being filled. Nothing of it is there before the commit.
#[derive(Debug)]
pub struct Refill {
    transaction: Transaction<'static, Any>,
    /// The tables there are, each after those its rows refer to.
    pub tables: Vec<Table>,
}

/// Why a store cannot be filled.
#[derive(Debug, thiserror::Error)]
pub enum RefillError {
    /// There is something in it.
    #[error("the table {0} of the store is not empty")]
    NotEmpty(String),
    /// It has a newer schema than the rows that are to come.
    #[error("the store is at version {0}, which is newer")]
    Newer(i64),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] Error),
}

impl From<sqlx::Error> for RefillError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl<N: News> Db<N> {
    /// The version of the schema; 0 where there is none yet.
    pub async fn schema_version(&self) -> Result<i64, Error> {
        version_of(self.engine(), &mut *self.0.pool.acquire().await?).await
    }

    /// Holds the store still, for one reader.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        let begin = match self.engine() {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let mut transaction = self.0.pool.begin_with(begin).await?;
        self.prepare_copy(&mut transaction).await?;
        // The first statement that reads is what both engines take the view at.
        let version = version_of(self.engine(), &mut transaction).await?;
        Ok(Snapshot {
            transaction,
            version,
            tables: self.0.migrations.tables(version).await?,
        })
    }

    /// Prepares an empty store of this version for rows; with `Emptied` it is
    /// emptied first. One of an older version is brought up to it.
    ///
    /// # Errors
    /// When it is not empty or newer, or the database fails.
    pub async fn refill(&self, version: i64, before: Before) -> Result<Refill, RefillError> {
        let begin = match self.engine() {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let mut transaction = self.0.pool.begin_with(begin).await?;
        self.prepare_copy(&mut transaction).await?;
        let found = version_of(self.engine(), &mut transaction).await?;
        if found > version {
            return Err(RefillError::Newer(found));
        }
        let migrator = self.0.migrations.of(self.engine());
        migrator
            .run_to(version, &mut *transaction)
            .await
            .map_err(Error::from)?;
        let tables = self.0.migrations.tables(version).await?;
        for table in tables.iter().rev() {
            match before {
                Before::Emptied => {
                    let sql = format!("DELETE FROM {}", table.name);
                    sqlx::query(sqlx::AssertSqlSafe(sql))
                        .execute(&mut *transaction)
                        .await?;
                }
                Before::Empty => {
                    let sql = format!("SELECT 1 FROM {} LIMIT 1", table.name);
                    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
                        .fetch_optional(&mut *transaction)
                        .await?;
                    if row.is_some() {
                        return Err(RefillError::NotEmpty(table.name.clone()));
                    }
                }
            }
        }
        Ok(Refill {
            transaction,
            tables,
        })
    }

    /// Every tenant's rows, however long that takes: a statement reads a whole table,
    /// at the pace of a disk.
    async fn prepare_copy(&self, transaction: &mut AnyConnection) -> Result<(), Error> {
        if self.engine() == Engine::Sqlite {
            return Ok(());
        }
        scope::see_every_tenant(transaction).await?;
        sqlx::raw_sql(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
             SET LOCAL idle_in_transaction_session_timeout = 0",
        )
        .execute(transaction)
        .await?;
        Ok(())
    }
}

/// What is done about rows that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// There must be none.
    Empty,
    /// They are deleted.
    Emptied,
}

async fn version_of(engine: Engine, db: &mut AnyConnection) -> Result<i64, Error> {
    if !schema::has_table(engine, db, schema::VERSIONS).await? {
        return Ok(0);
    }
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM _sqlx_migrations")
        .fetch_one(db)
        .await?;
    Ok(row.try_get("version")?)
}

impl Snapshot {
    /// The rows of a table, in no order.
    pub fn rows<'a>(
        &'a mut self,
        table: &'a Table,
    ) -> impl Stream<Item = Result<Vec<Cell>, Error>> + 'a {
        let sql = format!("SELECT {} FROM {}", table.column_list(), table.name);
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch(&mut *self.transaction)
            .map(move |row| Ok(cells(&row?, &table.columns)?))
    }
}

fn cells(row: &AnyRow, columns: &[Column]) -> Result<Vec<Cell>, sqlx::Error> {
    columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let cell = match column.kind {
                Kind::Integer => row.try_get::<Option<i64>, _>(index)?.map(Cell::Integer),
                Kind::Real => row.try_get::<Option<f64>, _>(index)?.map(Cell::Real),
                Kind::Text => row.try_get::<Option<String>, _>(index)?.map(Cell::Text),
                Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(index)?.map(Cell::Bytes),
            };
            Ok(cell.unwrap_or(Cell::Null))
        })
        .collect()
}

impl Refill {
    /// How many rows of a table go into one statement.
    #[must_use]
    pub fn batch(table: &Table) -> usize {
        (PARAMETERS / table.columns.len().max(1)).max(1)
    }

    /// Adds rows, at most [`Refill::batch`] of them.
    pub async fn insert(&mut self, table: &Table, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let width = table.columns.len();
        let values: Vec<_> = (0..rows.len())
            .map(|row| {
                let places: Vec<_> = (1..=width)
                    .map(|column| format!("${}", row * width + column))
                    .collect();
                format!("({})", places.join(", "))
            })
            .collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES {}",
            table.name,
            table.column_list(),
            values.join(", ")
        );
        // Prepared anew each time: sqlx 0.9 announces a null `f64` to PostgreSQL as
        // an `f32`, and a statement that is kept refuses every `f64` after it.
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).persistent(false);
        for row in rows {
            for (column, cell) in table.columns.iter().zip(row) {
                query = bind(query, column.kind, cell);
            }
        }
        query.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.transaction.commit().await?)
    }
}

/// PostgreSQL wants to know of a null what it is not.
fn bind(
    query: Query<'_, Any, AnyArguments>,
    kind: Kind,
    cell: Cell,
) -> Query<'_, Any, AnyArguments> {
    match (cell, kind) {
        (Cell::Null, Kind::Integer) => query.bind(None::<i64>),
        (Cell::Null, Kind::Real) => query.bind(None::<f64>),
        (Cell::Null, Kind::Text) => query.bind(None::<String>),
        (Cell::Null, Kind::Bytes) => query.bind(None::<Vec<u8>>),
        (Cell::Integer(value), _) => query.bind(value),
        (Cell::Real(value), _) => query.bind(value),
        (Cell::Text(value), _) => query.bind(value),
        (Cell::Bytes(value), _) => query.bind(value),
    }
}
