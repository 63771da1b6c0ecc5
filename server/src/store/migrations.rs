//! The tables, as they came to be.

use db::{Engine, Migrations};

/// The names of the files in `migrations/sqlite` and `migrations/postgres`, and
/// what is in them.
macro_rules! files {
    ($engine:literal) => {
        files!($engine;
            "0001_first_call" "0002_tenants" "0003_people" "0004_keys" "0005_inbox" "0006_jobs"
            "0007_call_list" "0008_privacy" "0010_widget" "0011_identities" "0013_callbacks"
            "0014_privacy_reach" "0015_callbacks_placing" "0016_whose_agents"
            "0017_deleted_stays_deleted" "0018_lanes" "0019_in_steps" "0020_places_in_line"
            "0021_erasures" "0022_what_it_was_about" "0023_calendar" "0024_functions"
            "0025_function_switches" "0026_destinations" "0027_own_functions" "0028_sms"
            "0029_person_searches"
        )
    };
    ($engine:literal; $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../migrations/", $engine, "/", $name, ".sql")))),*]
    };
}

/// All of them.
pub static MIGRATIONS: Migrations = Migrations {
    sqlite: files!("sqlite"),
    postgres: files!("postgres"),
    mended: &[(
        Engine::Postgres,
        14,
        "fe8dc2d58780d367450d6f970527996f3c8905a5ff93edb2a87e39f8948ee17c\
         150aa63a0c4320e649eab03b56a00b7e",
    )],
};

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use db::Kind;

    use super::*;

    #[test]
    fn every_file_is_in_the_list() {
        for (engine, directory) in [(Engine::Sqlite, "sqlite"), (Engine::Postgres, "postgres")] {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(directory);
            assert_eq!(
                fs::read_dir(directory).unwrap().count(),
                MIGRATIONS.of(engine).migrations.len()
            );
        }
    }

    #[tokio::test]
    async fn tables_come_after_those_they_refer_to() {
        let tables = MIGRATIONS.tables(MIGRATIONS.newest()).await.unwrap();
        let place = |name| tables.iter().position(|one| one.name == name).unwrap();
        assert!(place("tenants") < place("users"));
        assert!(place("users") < place("sessions"));
        assert!(place("calls") < place("transcripts"));
        let deliveries = &tables[place("webhook_deliveries")];
        let body = deliveries.columns.iter().find(|one| one.name == "body");
        assert_eq!(body.unwrap().kind, Kind::Bytes);
    }
}
