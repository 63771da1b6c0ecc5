//! Nothing is left out: whatever table names calls, or says until when its rows are good,
//! is registered by its domain. The rows are made up from what the tables say of
//! themselves, so that a table of tomorrow is asked as well.

use server::app::keepers;
use server::person::Person;
use server::privacy::{self, retention};
use server::store::Tenant;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use crate::bench::somebody;
use crate::support::{Scratch, raw_connection};

const CALL: &str = "call_1";
const CALLER: &str = "+493012345678";
/// What remembers erased calls, so that they do not come back.
const REMEMBERS: &str = "erased_calls";

/// A table, with what each of its columns is: its name, its type, and whether it may be empty.
struct Table {
    name: String,
    columns: Vec<(String, String, bool)>,
}

impl Table {
    /// Whether it has a column of this name that is never empty, or may be.
    fn has(&self, column: &str) -> Option<bool> {
        let mut columns = self.columns.iter();
        columns
            .find(|(name, ..)| name == column)
            .map(|(.., required)| *required)
    }

    /// Puts a row into it about the call of a tenant.
    async fn fill(&self, connection: &mut AnyConnection, tenant: &Tenant) {
        let of_calls = self.name == "calls";
        let values = self.columns.iter().filter_map(|(name, kind, required)| {
            let value = match (name.as_str(), kind.as_str()) {
                ("tenant_id", _) => format!("'{}'", tenant.id()),
                ("call_id", _) => format!("'{CALL}'"),
                ("id", _) if of_calls => format!("'{CALL}'"),
                ("from_number", _) => format!("'{CALLER}'"),
                _ if !required => return None,
                (_, "BIGINT" | "INTEGER" | "REAL") => "0".to_owned(),
                (_, "BLOB") => "x'7b7d'".to_owned(),
                _ => "'{}'".to_owned(),
            };
            Some((name.as_str(), value))
        });
        let (names, values): (Vec<_>, Vec<_>) = values.unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        let sql = format!("INSERT INTO {} ({names}) VALUES ({values})", self.name);
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
            .execute(connection)
            .await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn count(&self, connection: &mut AnyConnection, only: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) AS rows FROM {} WHERE {only}", self.name);
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(connection).await;
        row.unwrap().get("rows")
    }
}

async fn tables(connection: &mut AnyConnection) -> Vec<Table> {
    let rows = sqlx::query(
        "SELECT m.name AS name, c.name AS column, c.type AS kind, \
             max(c.\"notnull\", c.pk) > 0 AS required \
         FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' ORDER BY m.name, c.cid",
    );
    let mut tables = Vec::<Table>::new();
    for row in rows.fetch_all(connection).await.unwrap() {
        let name: String = row.get("name");
        if tables.last().is_none_or(|it| it.name != name) {
            let columns = Vec::new();
            tables.push(Table { name, columns });
        }
        let column = (
            row.get("column"),
            row.get("kind"),
            row.get::<i64, _>("required") == 1,
        );
        if let Some(table) = tables.last_mut() {
            table.columns.push(column);
        }
    }
    tables
}

#[tokio::test]
async fn whatever_table_names_a_call_is_erased_with_it_and_what_is_over_goes() {
    let scratch = Scratch::sqlite();
    let store = scratch.store().await;
    let tenant = store
        .tenants()
        .create(
            "Alpenblick",
            "Europe/Berlin",
            &["en".to_owned()],
            &somebody(),
            0,
        )
        .await
        .unwrap();
    let mut raw = raw_connection(&scratch.database).await;
    // Rows stand alone here.
    sqlx::raw_sql("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
        .execute(&mut raw)
        .await
        .unwrap();
    let tables = tables(&mut raw).await;
    let (of_calls, over): (Vec<_>, Vec<_>) = (
        tables
            .iter()
            .filter(|it| it.has("call_id").is_some())
            .collect(),
        tables
            .iter()
            .filter(|it| it.has("expires_at") == Some(true))
            .collect(),
    );
    assert!(
        of_calls.len() > 8 && over.len() > 3,
        "{} {}",
        of_calls.len(),
        over.len()
    );
    let calls = tables.iter().find(|it| it.name == "calls").unwrap();
    for table in of_calls.iter().chain(&over).chain([&calls]) {
        table.fill(&mut raw, &tenant).await;
    }

    let caller = Person::parse(CALLER).unwrap();
    privacy::erase(&keepers(), &store, &tenant, &caller, None, &somebody(), 1)
        .await
        .unwrap();
    for table in of_calls.iter().filter(|it| it.name != REMEMBERS) {
        let left = table.count(&mut raw, "call_id = 'call_1'").await;
        assert_eq!(left, 0, "{} still names an erased call", table.name);
    }
    retention::apply(&keepers(), &store, 1).await.unwrap();
    for table in over {
        assert_eq!(
            table.count(&mut raw, "1 = 1").await,
            0,
            "{} keeps what is over",
            table.name
        );
    }
    store.close().await;
    scratch.remove().await;
}
