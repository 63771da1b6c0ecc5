//! The tables, as they came to be: one list for both engines.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::Engine;

/// The names of the files in `migrations/sqlite` and `migrations/postgres`, and
/// what is in them.
macro_rules! files {
    ($engine:literal) => {
        files!($engine;
            "0001_first_call" "0002_tenants" "0003_people" "0004_keys" "0005_inbox" "0006_jobs"
            "0007_call_list" "0008_privacy" "0010_widget" "0011_identities" "0013_callbacks"
            "0014_privacy_reach" "0015_callbacks_placing" "0016_whose_agents"
            "0017_deleted_stays_deleted"
        )
    };
    ($engine:literal; $($name:literal)*) => {
        [$(($name, include_str!(concat!("../../migrations/", $engine, "/", $name, ".sql")))),*]
    };
}

/// What a database notes of a migration is the checksum of its text. One that was
/// mended after it had been shipped keeps the checksum it was shipped with: so it
/// is the same one to a database that it ran in before, and to the version that
/// wrote that.
const MENDED: [(Engine, i64, &str); 1] = [(
    Engine::Postgres,
    14,
    "fe8dc2d58780d367450d6f970527996f3c8905a5ff93edb2a87e39f8948ee17c\
     150aa63a0c4320e649eab03b56a00b7e",
)];

/// The migrations of an engine, oldest first.
pub fn migrator(engine: Engine) -> Migrator {
    let files = match engine {
        Engine::Sqlite => files!("sqlite"),
        Engine::Postgres => files!("postgres"),
    };
    let migrations = files.map(|(name, sql)| {
        let (version, description) = name.split_once('_').unwrap_or((name, ""));
        #[expect(clippy::expect_used, reason = "the names are written above")]
        let version = version.parse().expect("a name begins with a number");
        let mut migration = Migration::new(
            version,
            Cow::Owned(description.replace('_', " ")),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        );
        let is_it = |mended: &&(Engine, i64, &str)| (mended.0, mended.1) == (engine, version);
        if let Some((_, _, shipped)) = MENDED.iter().find(is_it) {
            #[expect(clippy::expect_used, reason = "the checksums are written above")]
            let shipped = hex::decode(shipped).expect("a checksum is hexadecimal");
            migration.checksum = shipped.into();
        }
        migration
    });
    Migrator {
        migrations: Cow::Owned(migrations.into()),
        ..Migrator::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_in_the_list() {
        for (engine, directory) in [(Engine::Sqlite, "sqlite"), (Engine::Postgres, "postgres")] {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(directory);
            assert_eq!(
                fs::read_dir(directory).unwrap().count(),
                migrator(engine).migrations.len()
            );
        }
    }
}
