//! What is sealed stands in the columns that its domain registered, or a change of the
//! encryption key would miss it. Whatever a test had the server keep is looked through.

use db::Kind;
use server::app::keepers;
use server::config::{Database, Secret};
use server::store::{MIGRATIONS, SealedColumn};
use server::vault::Vault;
use sqlx::{AssertSqlSafe, Connection, Row};
use tokio::sync::OnceCell;

use super::scratch::{Scratch, connect};

/// How a sealed text looks: its version, the name of its key, and the rest.
const SEALED: &str = "v1.________.%";

/// The columns of texts that are not registered, by their tables.
async fn others() -> Vec<(String, Vec<String>)> {
    let registered = keepers().sealed();
    let is_registered = |table: &str, column: &str| {
        let mut all = registered.iter();
        all.any(|one: &SealedColumn| (one.table, one.column) == (table, column))
    };
    let tables = MIGRATIONS.tables(MIGRATIONS.newest()).await.unwrap();
    let others = tables.into_iter().map(|table| {
        let columns = table.columns.into_iter();
        let texts = columns.filter(|one| one.kind == Kind::Text);
        let names = texts.map(|one| one.name);
        let others = names.filter(|name| !is_registered(&table.name, name));
        (table.name.clone(), others.collect::<Vec<_>>())
    });
    others.filter(|(_, columns)| !columns.is_empty()).collect()
}

/// The tables with something sealed that a change of the key would miss.
///
/// # Errors
/// When the database is not to be had.
pub(crate) async fn missed(database: &Database) -> Result<Vec<String>, sqlx::Error> {
    static LOOK: OnceCell<String> = OnceCell::const_new();
    let look = LOOK.get_or_init(async || {
        let tables = others().await.into_iter().map(|(table, columns)| {
            let holds = columns.iter().map(|one| format!("{one} LIKE '{SEALED}'"));
            let holds: Vec<_> = holds.collect();
            format!(
                "SELECT '{table}' AS name WHERE EXISTS (SELECT 1 FROM {table} WHERE {})",
                holds.join(" OR ")
            )
        });
        tables.collect::<Vec<_>>().join(" UNION ALL ")
    });
    let look = AssertSqlSafe(look.await.clone());
    let mut connection = connect(database).await?;
    let rows = sqlx::query(look).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(rows.iter().map(|row| row.get("name")).collect())
}

#[tokio::test]
async fn something_sealed_is_found_wherever_the_schema_has_room_for_it() {
    let tables = MIGRATIONS.tables(MIGRATIONS.newest()).await.unwrap();
    for SealedColumn { table, key, column } in keepers().sealed() {
        let there = tables.iter().find(|one| one.name == table).unwrap();
        for name in [key, column] {
            let there = there.columns.iter().find(|one| one.name == name);
            assert_eq!(there.unwrap().kind, Kind::Text, "{table}.{name}");
        }
    }
    let sealed = Vault::new(&[Secret::new("key")]).unwrap();
    let sealed = sealed.seal("tenants/tenant_1/name", "secret").unwrap();
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        assert_eq!(missed(&scratch.database).await.unwrap(), [""; 0]);
        store
            .tenants()
            .upsert("tenant_1", &sealed, "Europe/Berlin", 1)
            .await
            .unwrap();
        assert_eq!(missed(&scratch.database).await.unwrap(), ["tenants"]);
        store.close().await;
        scratch.remove().await;
    }
}
