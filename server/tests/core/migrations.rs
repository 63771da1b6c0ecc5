//! Bringing a database up to date that an earlier version wrote.

use std::borrow::Cow;

use api::desk::CallSummary;
use server::calls::CallFilter;
use server::config::Database;
use server::serve;
use server::store::{Engine, MIGRATIONS, Store, StoreError, Tenant, VersionProblem};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Connection, Row};

use crate::support::{Scratch, a_moment, config, in_time, not_run, raw_connection, run};

pub(crate) fn migrator(database: &Database) -> Migrator {
    MIGRATIONS.of(match database {
        Database::Sqlite(_) => Engine::Sqlite,
        Database::Postgres(_) => Engine::Postgres,
    })
}

/// The tables as they were after the first `count` migrations.
pub(crate) async fn up_to(database: &Database, count: usize) -> AnyConnection {
    let all = migrator(database);
    let first = all.migrations.iter().take(count).cloned().collect();
    let earlier = Migrator {
        migrations: Cow::Owned(first),
        ..Migrator::DEFAULT
    };
    let mut connection = raw_connection(database).await;
    earlier.run(&mut connection).await.unwrap();
    connection
}

/// Adds a row to every table of the first version.
pub(crate) async fn fill(database: &Database) {
    let body = match database {
        Database::Sqlite(_) => "X'7B7D'",
        Database::Postgres(_) => "'\\x7b7d'",
    };
    let mut connection = up_to(database, 1).await;
    for sql in DATA {
        let sql = sqlx::AssertSqlSafe(sql.replace("BODY", body));
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

const DATA: [&str; 10] = [
    "INSERT INTO tenants (id, name, timezone, created_at) VALUES ('t1', 'Sunrise', 'Europe/Berlin', 1)",
    "INSERT INTO public_keys (id, tenant_id, title, agents, origins, variables, calls_per_minute, \
         calls_per_ip_per_minute, created_at) \
     VALUES ('pk_1', 't1', 'Title', '[\"a1\"]', '[\"https://example.com\"]', '[]', 10, 5, 1)",
    "INSERT INTO agents (tenant_id, id, name, language, updated_at) VALUES ('t1', 'a1', 'Emma', 'en', 1)",
    "INSERT INTO calls (id, tenant_id, public_key_id, live, status, stage, call_type, agent_id, \
         created_at, has_recording, retell, stamps, updated_at, checks, denials, failures) \
     VALUES ('c1', 't1', 'pk_1', 0, 'ended', 'ended', 'web_call', 'a1', 1, 0, \
         '{\"call_analysis\": {\"call_summary\": \"Short.\"}}', '{}', 1, 0, 0, 0)",
    "INSERT INTO calls (id, tenant_id, public_key_id, live, status, stage, call_type, agent_id, \
         created_at, has_recording, retell, stamps, updated_at, checks, denials, failures) \
     VALUES ('c0', 't1', 'pk_1', 0, 'ended', 'ended', 'web_call', 'a1', 0, 0, \
         '{\"call_analysis\": {\"call_summary\": \"Short.\"}, \"said\": \"a\\u0000b\"}', '{}', 1, 0, 0, 0)",
    "INSERT INTO transcripts (call_id, tenant_id, items, retell, updated_at) \
     VALUES ('c1', 't1', '[]', '{}', 1)",
    "INSERT INTO webhook_deliveries (id, tenant_id, received_at, body, body_sha256, verdict, \
         dedupe_key, duplicates, event, call_id, state, attempts) \
     VALUES ('d1', 't1', 1, BODY, 'x', 'accepted', 'k', 0, 'call_ended', 'c1', 'done', 1)",
    "INSERT INTO users (id, tenant_id, email, name, role, created_at) \
     VALUES ('u1', 't1', 'robin@example.com', 'Robin', 'admin', 1)",
    "INSERT INTO sessions (id_hash, user_id, tenant_id, created_at, expires_at, last_seen_at) \
     VALUES ('s1', 'u1', 't1', 1, 99, 1)",
    "INSERT INTO sign_in_links (token_hash, user_id, created_at, expires_at) \
     VALUES ('l1', 'u1', 1, 99)",
];

#[tokio::test]
async fn a_server_that_brings_its_tables_up_to_date_lives_and_asks_to_come_again() {
    for scratch in Scratch::each_empty().await {
        let mut holding = up_to(&scratch.database, 5).await;
        let hold = match scratch.database {
            Database::Sqlite(_) => "BEGIN EXCLUSIVE",
            Database::Postgres(_) => "BEGIN; LOCK TABLE _sqlx_migrations IN ACCESS EXCLUSIVE MODE",
        };
        sqlx::raw_sql(hold).execute(&mut holding).await.unwrap();
        let config = config(&scratch, "http://127.0.0.1:9");
        let listener = serve::bind(&config).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let status = async |path: &str| {
            let response = reqwest::get(format!("{url}{path}")).await.unwrap();
            response.status().as_u16()
        };
        let meanwhile = async {
            assert_eq!(status("/healthz").await, 200);
            assert_eq!(status("/readyz").await, 503);
            let webhook = reqwest::Client::new().post(format!("{url}/api/webhooks/retell"));
            let answer = webhook.body("{}").send().await.unwrap();
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key("retry-after"));
            sqlx::raw_sql("COMMIT").execute(&mut holding).await.unwrap();
        };
        let (running, ()) = tokio::join!(serve::start_on(listener, config), meanwhile);
        let running = running.unwrap();
        assert_eq!(status("/readyz").await, 200);
        running.stop().await;
    }
}

#[tokio::test]
async fn an_agent_that_one_business_names_is_its_own_from_then_on() {
    for scratch in Scratch::each_empty().await {
        // The last version in which nobody said whose an agent is.
        let mut connection = up_to(&scratch.database, 13).await;
        let tenant = |id: &str, more: &str| {
            format!(
                "INSERT INTO tenants (id, name, timezone, created_at, {more}) \
                 VALUES ('{id}', '{id}', 'UTC', 1, "
            )
        };
        let key = |id: &str, tenant: &str, agents: &str| {
            format!(
                "INSERT INTO public_keys (id, tenant_id, title, agents, origins, variables, \
                     calls_per_minute, calls_per_ip_per_minute, created_at) \
                 VALUES ('{id}', '{tenant}', 'T', '{agents}', '[]', '[]', 1, 1, 1)"
            )
        };
        let rule = |id: &str, agent: &str| {
            format!(
                "INSERT INTO routing_rules (id, tenant_id, position, rule, created_at, updated_at) \
                 VALUES ('{id}', 't2', 1, '{{\"action\": {{\"do\": \"agent\", \
                     \"agent_id\": {agent}}}}}', 1, 1)"
            )
        };
        for sql in [
            tenant("t1", "default_agent_id") + "'of_t1_too')",
            tenant("t2", "default_agent_id") + "NULL)",
            tenant("t3", "retell_key") + "'sealed')",
            key("pk_1", "t1", r#"["of_t1", "of_both"]"#),
            key("pk_1b", "t1", r#"["of_t1"]"#),
            key("pk_2", "t2", r#"["of_both"]"#),
            key("pk_3", "t3", r#"["of_account_3"]"#),
            rule("r1", r#""of_t2""#),
            rule("r2", "null"),
            rule("r3", r#""odd\u0000""#),
        ] {
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();

        let store = Store::open(&scratch.database).await.unwrap();
        let mut owned = Vec::new();
        for id in ["t1", "t2", "t3"] {
            let tenant = store.tenant(id).await.unwrap().unwrap();
            let agents = store.agents().list(&tenant).await.unwrap();
            owned.extend(agents.into_iter().map(|agent| (id, agent.id, agent.name)));
        }
        let own = |tenant, agent: &str| (tenant, agent.to_owned(), agent.to_owned());
        let expected = [
            own("t1", "of_t1"),
            own("t1", "of_t1_too"),
            own("t2", "of_t2"),
        ];
        assert_eq!(owned, expected, "{}", scratch.engine());
        store.close().await;
        scratch.remove().await;
    }
}

async fn call_list(store: &Store, tenant: &Tenant) -> Vec<CallSummary> {
    store
        .calls()
        .page(tenant, &CallFilter::default(), None, 10)
        .await
        .unwrap()
        .calls
}

#[tokio::test]
async fn what_the_first_version_wrote_is_still_there() {
    for scratch in Scratch::each_empty().await {
        fill(&scratch.database).await;

        let store = Store::open(&scratch.database).await.unwrap();
        let tenant = store.tenant("t1").await.unwrap().unwrap();
        assert_eq!(tenant.name(), "Sunrise");
        let (_, key) = store.public_keys().find("pk_1").await.unwrap().unwrap();
        assert_eq!(key.agents, ["a1"]);
        let calls = call_list(&store, &tenant).await;
        assert_eq!(calls[0].agent_name.as_deref(), Some("Emma"));
        assert_eq!(calls[0].about.as_deref(), Some("Short."));
        assert!(store.calls().find(&tenant, "c1").await.unwrap().is_some());
        assert_eq!(
            store.inbox_entries().inbox_entries(10).await.unwrap()[0].id,
            "d1"
        );
        assert_eq!(
            store
                .sign_ins()
                .session("s1", 2)
                .await
                .unwrap()
                .unwrap()
                .user
                .id,
            "u1"
        );
        let (owner, _) = store
            .sign_ins()
            .use_sign_in_link("l1", 2)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(owner, tenant);
        store.close().await;
        scratch.remove().await;
    }
}

/// Every version in between is one somebody may come from: its migrations run
/// on their own, and the rest after them.
#[tokio::test]
async fn every_version_can_be_left_with_data_in_it() {
    for step in 1.. {
        let mut is_last = false;
        for scratch in Scratch::each_empty().await {
            is_last = step >= migrator(&scratch.database).migrations.len();
            fill(&scratch.database).await;
            up_to(&scratch.database, step).await.close().await.unwrap();

            let store = Store::open(&scratch.database).await.unwrap();
            let tenant = store.tenant("t1").await.unwrap().unwrap();
            let calls = call_list(&store, &tenant).await;
            assert_eq!(calls.len(), 2, "from version {step}");
            store.close().await;
            scratch.remove().await;
        }
        if is_last {
            break;
        }
    }
}

/// It may run beside the server of the version before, for which the tables are.
#[tokio::test]
async fn a_command_that_only_reads_leaves_an_older_database_as_it_is() {
    for scratch in Scratch::each_empty().await {
        let all = migrator(&scratch.database).migrations;
        let known = all.last().unwrap().version;
        let open = || Store::open_unchanged(&scratch.database);
        let problem = |refused| match refused {
            StoreError::Version(problem) => problem,
            other => panic!("{other}"),
        };
        assert_eq!(problem(open().await.unwrap_err()), VersionProblem::Empty);
        let mut connection = up_to(&scratch.database, all.len() - 1).await;
        let found = version(&mut connection).await;
        let refused = problem(open().await.unwrap_err());
        assert_eq!(refused, VersionProblem::Older { found, known });
        assert!(
            refused.to_string().contains("`switchboard serve`"),
            "{refused}"
        );
        assert_eq!(version(&mut connection).await, found);
        Store::open(&scratch.database).await.unwrap().close().await;
        open().await.unwrap().close().await;
        sqlx::raw_sql("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 2")
            .execute(&mut connection)
            .await
            .unwrap();
        let refused = problem(open().await.unwrap_err());
        assert_eq!(refused, VersionProblem::Newer { found: 9999, known });
        connection.close().await.unwrap();
        scratch.remove().await;
    }
}

#[tokio::test]
async fn the_command_says_who_brings_the_tables_up_to_date() {
    let scratch = Scratch::empty_on_sqlite();
    let Database::Sqlite(file) = &scratch.database else {
        panic!("it is a file");
    };
    let older = migrator(&scratch.database).migrations.len() - 1;
    let mut connection = up_to(&scratch.database, older).await;
    let before = version(&mut connection).await;
    let url = format!("sqlite://{}", file.display());
    for command in [
        "tenant list",
        "inbox list",
        "agent list",
        "user list --tenant one",
        "key list --tenant one",
        "functions export --tenant one",
    ] {
        let told = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(command.split(' '))
            .env("SWITCHBOARD_DATABASE_URL", &url)
            .env("RETELL_API_KEY", "key")
            .current_dir(&scratch.directory)
            .output()
            .unwrap();
        let words = String::from_utf8(told.stderr).unwrap();
        assert!(
            !told.status.success() && words.contains("`switchboard serve`"),
            "{words}"
        );
        assert_eq!(version(&mut connection).await, before);
    }
    connection.close().await.unwrap();
    scratch.remove().await;
}

#[tokio::test]
async fn nobody_waits_behind_a_migration_that_waits_itself() {
    let Some(scratch) = Scratch::empty_on_postgres().await else {
        not_run("SWITCHBOARD_TEST_POSTGRES_URL names no server");
        return;
    };
    // The next one adds a column.
    let all = migrator(&scratch.database).migrations;
    let before = all.iter().take_while(|it| it.version < 50).count();
    let mut holder = up_to(&scratch.database, before).await;
    run(&mut holder, "BEGIN; SELECT COUNT(*) FROM crm_writes").await;
    let mut reader = raw_connection(&scratch.database).await;
    let waits = "SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let others = async {
        while sqlx::query(waits)
            .fetch_optional(&mut reader)
            .await
            .unwrap()
            .is_none()
        {
            a_moment().await;
        }
        run(&mut reader, "SELECT COUNT(*) FROM crm_writes").await;
        run(&mut holder, "COMMIT").await;
    };
    let (store, ()) = tokio::join!(Store::open(&scratch.database), in_time(others));
    store.unwrap().close().await;
    holder.close().await.unwrap();
    reader.close().await.unwrap();
    scratch.remove().await;
}

async fn version(connection: &mut AnyConnection) -> i64 {
    sqlx::query("SELECT MAX(version) AS version FROM _sqlx_migrations")
        .fetch_one(connection)
        .await
        .unwrap()
        .get("version")
}

/// What an older version stored, and PostgreSQL has no character for, or nobody can read.
#[tokio::test]
async fn events_with_texts_that_no_database_reads_are_brought_over() {
    for scratch in Scratch::each_empty().await {
        fill(&scratch.database).await;
        let all = migrator(&scratch.database).migrations;
        let before = all.iter().take_while(|one| one.version < 14).count();
        let mut connection = up_to(&scratch.database, before).await;
        for (id, payload) in [
            (
                "nul",
                r#"{"call_id":"c1","data":{"note":"a\u0000b \\u0000"}}"#,
            ),
            ("half", r#"{"call_id":"c1","data":{"note":"\ud83d"}}"#),
            ("plain", r#"{"call_id":"c\u00e9","data":{}}"#),
            ("none", r#"{"data":{}}"#),
            ("broken", "{"),
        ] {
            sqlx::query(
                "INSERT INTO outgoing_events (id, tenant_id, type, happened_at, payload, created_at) \
                 VALUES ($1, 't1', 'call.ended', 1, $2, 1)",
            )
            .bind(id)
            .bind(payload)
            .execute(&mut connection)
            .await
            .unwrap();
        }
        let store = Store::open(&scratch.database).await.unwrap();
        let rows = sqlx::query("SELECT id, call_id FROM outgoing_events ORDER BY id")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let read: Vec<(String, Option<String>)> = rows
            .iter()
            .map(|row| (row.get("id"), row.get("call_id")))
            .collect();
        let expected = [
            ("broken", None),
            ("half", Some("c1")),
            ("none", None),
            ("nul", Some("c1")),
            ("plain", Some("c\u{e9}")),
        ];
        assert_eq!(
            read,
            expected.map(|(id, call)| (id.to_owned(), call.map(str::to_owned)))
        );
        store.close().await;
        connection.close().await.unwrap();
        scratch.remove().await;
    }
}

/// A database is told one version of a migration from another by the checksum of its
/// text. Those that ran this one as it was first shipped go on; so does the version
/// that shipped it, on a database of this one.
#[tokio::test]
async fn a_mended_migration_is_the_one_that_was_shipped() {
    const SHIPPED: &str = "fe8dc2d58780d367450d6f970527996f3c8905a5ff93edb2a87e39f8948ee17c\
                           150aa63a0c4320e649eab03b56a00b7e";
    let mended = |engine| {
        let all = MIGRATIONS.of(engine).migrations;
        all.iter().find(|one| one.version == 14).unwrap().clone()
    };
    let postgres = mended(Engine::Postgres);
    assert_eq!(hex::encode(&postgres.checksum), SHIPPED);
    assert_ne!(postgres.checksum, mended(Engine::Sqlite).checksum);
    let Some(scratch) = Scratch::empty_on_postgres().await else {
        not_run("SWITCHBOARD_TEST_POSTGRES_URL names no server");
        return;
    };
    scratch.store().await.close().await;
    // It ran there before.
    scratch.store().await.close().await;
    scratch.remove().await;
}
