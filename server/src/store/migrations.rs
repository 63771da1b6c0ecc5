//! The tables, as they came to be.

use db::{Engine, Migrations, Steps};

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
            "0029_person_searches" "0030_entries_taken_in" "0031_revisions" "0032_agent_voices"
            "0033_linked_calendars" "0034_contact_marks" "0035_crm" "0036_calcom"
            "0037_contact_files" "0038_attendance" "0039_first_attempts" "0040_wrap_ups" "0041_said_words" "0042_call_views"
            "0043_call_marks" "0044_availability" "0045_sms_answers" "0046_redacted_calls"
            "0047_warnings" "0048_warned" "0049_given_calls" "0050_crm_again" "0051_done_by_staff"
            "0052_do_not_call" "0053_warned_calls" "0054_unseen_claims" "0055_callback_queue"
            "0056_calendar_feeds" "0057_call_notes" "0058_whispers" "0059_sms_tried"
        )
    };
    ($engine:literal; $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../migrations/", $engine, "/", $name, ".sql")))),*]
    };
}

/// What the migration in the files of this name does to every row of a table.
macro_rules! of_every {
    ($table:literal $version:literal $name:literal) => {
        Steps {
            version: $version,
            table: $table,
            key: "id",
            sqlite: include_str!(concat!("../../migrations/steps/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/steps/postgres/", $name, ".sql")),
        }
    };
}

/// All of them.
pub static MIGRATIONS: Migrations = Migrations {
    sqlite: files!("sqlite"),
    postgres: files!("postgres"),
    mended: &[
        (
            Engine::Sqlite,
            7,
            "7e75bd6078582e7170b21f117334b8a1985a7bc5bbe20aad20b4b6a4ab2e96cb\
             ff4489cfd75dd3008be01fe6f5e39173",
        ),
        (
            Engine::Postgres,
            7,
            "1206928d9ece072910702a5ae5054c903a51afbdbc83250ebfd08ef6c1d0b042\
             5165c2117ee152e362978568d9c2b566",
        ),
        (
            Engine::Sqlite,
            14,
            "7805f98044561a5e9bbb945b82d756f1fb3e60465f5cfe865c293c194a9dbd33\
             eaab182ba243fd39621a61f53d105b2d",
        ),
        (
            Engine::Postgres,
            14,
            "fe8dc2d58780d367450d6f970527996f3c8905a5ff93edb2a87e39f8948ee17c\
             150aa63a0c4320e649eab03b56a00b7e",
        ),
        (
            Engine::Sqlite,
            17,
            "527c6653fdfaf505155737299ddf7665583dd5a762b8f1e5849d89caa719a04c\
             03a8f3cbbecaf993f3aa18aa8e635fd3",
        ),
        (
            Engine::Postgres,
            17,
            "a611da28ac17eae85e6d333eb92a1e7a1b37cd3e765b35b574c28b85212ca071\
             a2bc1157b0878eba1600cbef0a6037f2",
        ),
        (
            Engine::Sqlite,
            22,
            "43b9f958ab6c288912c86f4e91fce0d1f11716917bd69eb11763d7606af123a6\
             044775d234a2f921414affa9c269c4dd",
        ),
        (
            Engine::Postgres,
            22,
            "b99e01e402e40c71f552d30830d952e9052e73c4ee4a1bff886fc9de5bec699d\
             122f5855d9b36a061ea98ee1ae5b4633",
        ),
    ],
    steps: &[
        of_every!("calls" 7 "0007_call_list"),
        of_every!("outgoing_events" 14 "0014_privacy_reach"),
        of_every!("calls" 17 "0017_deleted_stays_deleted"),
        of_every!("calls" 22 "0022_what_it_was_about"),
    ],
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
