//! Migrations that go through every row of a table. Done at once that would take as long
//! as there are rows, hold everybody up who wants one of them, and be undone by whoever
//! loses patience and kills the program half way, each time anew. So it is done so many
//! rows at a time, each time in a transaction that notes how far it came.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row};

use crate::migrations::{STEPS, Steps};
use crate::{Engine, Error, schema};

/// How many rows one step goes through.
const ROWS: u32 = 1_000;

/// Does the next of it. Returns whether there is more.
async fn next(steps: &Steps, engine: Engine, db: &mut AnyConnection) -> Result<bool, Error> {
    let (begin, locked, update) = match engine {
        Engine::Sqlite => ("BEGIN IMMEDIATE", "", steps.sqlite),
        // One server after the other.
        Engine::Postgres => ("BEGIN", " FOR UPDATE", steps.postgres),
    };
    let Steps {
        version,
        table,
        key,
        ..
    } = steps;
    let mut step = db.begin_with(begin).await?;
    let sql = format!("SELECT done_to FROM {STEPS} WHERE version = $1{locked}");
    let noted = sqlx::query(AssertSqlSafe(sql))
        .bind(version)
        .fetch_optional(&mut *step)
        .await?;
    let Some(noted) = noted else {
        return Ok(false);
    };
    let from: String = noted.try_get("done_to")?;
    let sql = format!(
        "SELECT {key} AS last FROM {table} WHERE {key} > $1 ORDER BY {key} LIMIT 1 OFFSET {}",
        ROWS - 1
    );
    let last = sqlx::query(AssertSqlSafe(sql))
        .bind(&from)
        .fetch_optional(&mut *step)
        .await?;
    let last: Option<String> = last.map(|row| row.try_get("last")).transpose()?;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut rows = format!("{table}.{key} > {}", quoted(&from));
    if let Some(last) = &last {
        rows.push_str(&format!(" AND {table}.{key} <= {}", quoted(last)));
    }
    sqlx::raw_sql(AssertSqlSafe(update.replace("{rows}", &rows)))
        .execute(&mut *step)
        .await?;
    let sql = match &last {
        Some(last) => format!(
            "UPDATE {STEPS} SET done_to = {} WHERE version = $1",
            quoted(last)
        ),
        None => format!("DELETE FROM {STEPS} WHERE version = $1"),
    };
    sqlx::query(AssertSqlSafe(sql))
        .persistent(false)
        .bind(version)
        .execute(&mut *step)
        .await?;
    step.commit().await?;
    Ok(last.is_some())
}

/// Does what is left to do of all of these.
pub(crate) async fn run(
    all: &[Steps],
    engine: Engine,
    db: &mut AnyConnection,
) -> Result<(), Error> {
    if schema::has_table(engine, db, STEPS).await? {
        for steps in all {
            while next(steps, engine, db).await? {
                tracing::debug!(version = steps.version, "a step of a migration is done");
            }
        }
    }
    Ok(())
}
