//! The tables, as they came to be: one list for both engines.

use std::borrow::Cow;
use std::cmp::Ordering;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use crate::Engine;

/// The migrations of a program's tables.
#[derive(Debug)]
pub struct Migrations {
    /// For SQLite, oldest first: `0001_first_call` and what is in it.
    pub sqlite: &'static [(&'static str, &'static str)],
    /// The same steps for PostgreSQL.
    pub postgres: &'static [(&'static str, &'static str)],
    /// Those that were mended after they had been shipped, with the checksum they were
    /// shipped with. What a database notes of a migration is the checksum of its text:
    /// so it is the same one to a database that it ran in before, and to the version
    /// that wrote that.
    pub mended: &'static [(Engine, i64, &'static str)],
    /// What some of them do to every row of a table, in the order of their versions.
    pub steps: &'static [Steps],
}

impl Migrations {
    /// Those of an engine.
    #[must_use]
    pub fn of(&self, engine: Engine) -> Migrator {
        let files = match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        };
        let migrations = files.iter().map(|(name, sql)| {
            let (version, description) = name.split_once('_').unwrap_or((name, ""));
            #[expect(clippy::expect_used, reason = "the names are in the program")]
            let version = version.parse().expect("a name begins with a number");
            let mut migration = Migration::new(
                version,
                Cow::Owned(description.replace('_', " ")),
                MigrationType::Simple,
                (*sql).into_sql_str(),
                false,
            );
            let is_it = |mended: &&(Engine, i64, &str)| (mended.0, mended.1) == (engine, version);
            if let Some((_, _, shipped)) = self.mended.iter().find(is_it) {
                #[expect(clippy::expect_used, reason = "the checksums are in the program")]
                let shipped = hex::decode(shipped).expect("a checksum is hexadecimal");
                migration.checksum = shipped.into();
            }
            if let Some(steps) = self.steps.iter().find(|one| one.version == version) {
                migration.sql = AssertSqlSafe(format!("{sql}{}", steps.noted())).into_sql_str();
            }
            migration
        });
        Migrator {
            migrations: migrations.collect(),
            ..Migrator::DEFAULT
        }
    }

    /// The version the newest one brings.
    #[must_use]
    pub fn newest(&self) -> i64 {
        let all = self.of(Engine::Sqlite);
        let versions = all.migrations.iter().map(|one| one.version);
        versions.max().unwrap_or(0)
    }
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
    pub(crate) fn of(found: i64, known: i64) -> Option<Self> {
        match found.cmp(&known) {
            _ if found == 0 => Some(Self::Empty),
            Ordering::Less => Some(Self::Older { found, known }),
            Ordering::Equal => None,
            Ordering::Greater => Some(Self::Newer { found, known }),
        }
    }
}

/// Where it is noted which steps are left.
pub(crate) const STEPS: &str = "_migration_steps";

/// What a migration does to the rows of a table, once the rest of it is done and before
/// the database is of use.
#[derive(Debug)]
pub struct Steps {
    /// The version the migration brings.
    pub version: i64,
    /// The table.
    pub table: &'static str,
    /// The column that names its rows: a text, never empty, with an index.
    pub key: &'static str,
    /// What is done on SQLite to the rows that `{rows}` stands for in a condition.
    pub sqlite: &'static str,
    /// The same for PostgreSQL.
    pub postgres: &'static str,
}

impl Steps {
    /// Notes that all of it is to be done, as the end of its migration.
    pub(crate) fn noted(&self) -> String {
        format!(
            "\nCREATE TABLE IF NOT EXISTS {STEPS} \
                 (version BIGINT NOT NULL PRIMARY KEY, done_to TEXT NOT NULL);\n\
             INSERT INTO {STEPS} (version, done_to) VALUES ({}, '');\n",
            self.version
        )
    }
}
