//! Databases of one's own for every test.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::OnceLock;

use server::config::{Database, Secret};
use server::store::{Engine, MIGRATIONS, Store};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{a_moment, in_time};

/// How a database of PostgreSQL sorts texts.
#[derive(Clone, Copy)]
enum Sorted {
    /// By their bytes.
    Bytes,
    /// As people sort them, in the way of the server's.
    People,
}

impl Sorted {
    /// The name of the test decides, so that a whole run has many of both.
    fn here() -> Self {
        let mut hasher = DefaultHasher::new();
        std::thread::current().name().hash(&mut hasher);
        if hasher.finish().is_multiple_of(2) {
            Self::Bytes
        } else {
            Self::People
        }
    }

    /// How a new database is told.
    fn sql(self) -> &'static str {
        match self {
            Self::Bytes => "TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'",
            Self::People => "",
        }
    }
}

/// A directory or a database that is gone after the test.
pub(crate) struct Scratch {
    pub(crate) directory: PathBuf,
    pub(crate) database: Database,
    postgres: Option<(String, String)>,
}

impl Scratch {
    /// A file in which the tables are.
    pub(crate) fn sqlite() -> Self {
        let scratch = Self::empty_on_sqlite();
        if let Database::Sqlite(file) = &scratch.database {
            std::fs::write(file, sqlite_template()).unwrap();
        }
        scratch
    }

    /// No file yet.
    pub(crate) fn empty_on_sqlite() -> Self {
        let directory = std::env::temp_dir().join(format!("switchboard-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&directory).unwrap();
        let database = Database::Sqlite(directory.join("switchboard.db"));
        Self {
            directory,
            database,
            postgres: None,
        }
    }

    /// A new database on the server `SWITCHBOARD_TEST_POSTGRES_URL` names, if it
    /// names one. Its tables are there already.
    pub(crate) async fn on_postgres() -> Option<Self> {
        Some(Self::sorted_at(&postgres_url()?, Sorted::here()).await)
    }

    async fn sorted_at(url: &str, sorted: Sorted) -> Self {
        let from = format!("TEMPLATE {}", template(url, sorted).await);
        Self::created_at(url, &from).await
    }

    /// The same with nothing in it.
    pub(crate) async fn empty_on_postgres() -> Option<Self> {
        Some(Self::on_postgres_at(&postgres_url()?).await)
    }

    /// A new database on this server, with nothing in it.
    pub(crate) async fn on_postgres_at(url: &str) -> Self {
        Self::created_at(url, Sorted::here().sql()).await
    }

    async fn created_at(url: &str, from: &str) -> Self {
        sqlx::any::install_default_drivers();
        let name = format!("test_{}", Uuid::now_v7().simple());
        admin(url, format!("CREATE DATABASE {name} {from}")).await;
        Self {
            database: at(url, &name),
            postgres: Some((url.to_owned(), name)),
            ..Self::empty_on_sqlite()
        }
    }

    /// One for each engine that is there: SQLite always, PostgreSQL when the
    /// environment names one.
    pub(crate) async fn each() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        all.extend(Self::on_postgres().await);
        all
    }

    /// The same with PostgreSQL in each way of sorting: for what comes in an order.
    pub(crate) async fn each_sorted() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        if let Some(url) = postgres_url() {
            for sorted in [Sorted::Bytes, Sorted::People] {
                all.push(Self::sorted_at(&url, sorted).await);
            }
        }
        all
    }

    /// The same with nothing in them, not even tables.
    pub(crate) async fn each_empty() -> Vec<Self> {
        let mut all = vec![Self::empty_on_sqlite()];
        all.extend(Self::empty_on_postgres().await);
        all
    }

    /// The same database for another server, which has a directory of its own.
    pub(crate) fn beside(&self) -> Self {
        Self {
            database: self.database.clone(),
            ..Self::empty_on_sqlite()
        }
    }

    /// The engine's name, for people.
    pub(crate) fn engine(&self) -> &'static str {
        match self.database {
            Database::Sqlite(_) => "SQLite",
            Database::Postgres(_) => "PostgreSQL",
        }
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.database).await.unwrap()
    }

    /// Call it last: a test that fails leaves its data behind to be looked at.
    pub(crate) async fn remove(self) {
        if let Some((url, name)) = self.postgres {
            let forced = try_admin(&url, format!("DROP DATABASE {name} WITH (FORCE)")).await;
            // Force does not help against an autovacuum; waiting for it does.
            if forced.is_err() {
                admin(&url, format!("DROP DATABASE {name}")).await;
            }
        }
        let _ = std::fs::remove_dir_all(self.directory);
    }
}

/// A connection beside the store, which PostgreSQL shows every tenant's rows.
pub(crate) async fn raw_connection(database: &Database) -> AnyConnection {
    connect(database).await.unwrap()
}

/// Waits until so many statements wait for a lock in this database.
pub(crate) async fn until_blocked(connection: &mut AnyConnection, count: i64) {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let blocked = async {
        while sqlx::query_scalar::<_, i64>(sql)
            .fetch_one(&mut *connection)
            .await
            .unwrap()
            < count
        {
            a_moment().await;
        }
    };
    in_time(blocked).await;
}

/// The same where there may be no database.
pub(super) async fn connect(database: &Database) -> Result<AnyConnection, sqlx::Error> {
    sqlx::any::install_default_drivers();
    match database {
        Database::Sqlite(file) => {
            let url = format!("sqlite://{}?mode=rwc", file.display());
            AnyConnection::connect(&url).await
        }
        Database::Postgres(url) => {
            let mut connection = AnyConnection::connect(url.expose()).await?;
            sqlx::raw_sql("SET switchboard.tenant = '*'")
                .execute(&mut connection)
                .await?;
            Ok(connection)
        }
    }
}

/// Has the database do this, whatever it is.
pub(crate) async fn run(connection: &mut AnyConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

/// Has the database refuse to do that to a table's rows for which the condition holds.
pub(crate) async fn refuse(
    connection: &mut AnyConnection,
    scratch: &Scratch,
    verb: &str,
    table: &str,
    condition: &str,
) {
    let sql = match scratch.database {
        Database::Sqlite(_) => format!(
            "CREATE TRIGGER refusal BEFORE {verb} ON {table} WHEN {condition} \
             BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        ),
        Database::Postgres(_) => format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'not this one'; END $$; \
             CREATE TRIGGER refusal BEFORE {verb} ON {table} FOR EACH ROW \
                 WHEN ({condition}) EXECUTE FUNCTION refuse()"
        ),
    };
    let sql = AssertSqlSafe(sql);
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

fn postgres_url() -> Option<String> {
    std::env::var("SWITCHBOARD_TEST_POSTGRES_URL").ok()
}

/// A database of this server's.
fn at(url: &str, name: &str) -> Database {
    let mut url = url::Url::parse(url).unwrap();
    url.set_path(name);
    Database::Postgres(Secret::new(url.as_str()))
}

/// The name of a database whose tables are there, for others to be copied from: that
/// is quicker than to run every migration again. It stays for as long as the
/// migrations are these.
async fn template(url: &str, sorted: Sorted) -> &'static str {
    static NAMES: [OnceCell<String>; 2] = [const { OnceCell::const_new() }; 2];
    let make = async || {
        sqlx::any::install_default_drivers();
        let mut migrations = Sha256::new();
        for migration in MIGRATIONS.of(Engine::Postgres).iter() {
            migrations.update(&migration.checksum);
        }
        let which = hex::encode(&migrations.finalize()[..8]);
        let name = format!("tables_{}_{which}", sorted as u8);
        // Nobody copies one that is half made.
        let made = format!("test_{}", Uuid::now_v7().simple());
        admin(url, format!("CREATE DATABASE {made} {}", sorted.sql())).await;
        let store = Store::open(&at(url, &made)).await.unwrap();
        store.close().await;
        let renamed = try_admin(url, format!("ALTER DATABASE {made} RENAME TO {name}")).await;
        // There is one from before, or another process was quicker.
        if renamed.is_err() {
            admin(url, format!("DROP DATABASE {made}")).await;
        }
        name
    };
    NAMES[sorted as usize].get_or_init(make).await
}

/// The same as a file: to run every migration takes longer than many a test.
fn sqlite_template() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    // On a thread of its own: whoever asks may be at work for others.
    let make = || {
        let scratch = Scratch::empty_on_sqlite();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async { scratch.store().await.close().await });
        let Database::Sqlite(file) = &scratch.database else {
            unreachable!("it is a file");
        };
        let bytes = std::fs::read(file).unwrap();
        std::fs::remove_dir_all(&scratch.directory).unwrap();
        bytes
    };
    FILE.get_or_init(|| std::thread::spawn(make).join().unwrap())
}

async fn admin(url: &str, sql: String) {
    try_admin(url, sql).await.unwrap();
}

async fn try_admin(url: &str, sql: String) -> sqlx::Result<()> {
    let mut connection = AnyConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await?;
    connection.close().await
}
