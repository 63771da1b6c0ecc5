//! A server killed while it brings a large database up to date.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row};

use crate::faults::process::Process;
use crate::migrations::{fill, migrator, up_to};
use crate::support::{Scratch, in_time};

const CALLS: i64 = 60_000;
/// What every call was about is written down since this version.
const VERSION: i64 = 22;

/// How many calls of a database before that version have been gone through.
async fn gone_through(connection: &mut AnyConnection) -> i64 {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM calls WHERE about LIKE 'Call %'")
        .fetch_one(connection)
        .await;
    row.map_or(0, |row| row.get("n"))
}

#[tokio::test]
async fn who_is_killed_while_every_call_is_gone_through_goes_on_from_there() {
    for scratch in Scratch::each_empty().await {
        fill(&scratch.database).await;
        let all = migrator(&scratch.database).migrations;
        let before = all.iter().take_while(|one| one.version < VERSION).count();
        let mut connection = up_to(&scratch.database, before).await;
        let sql = format!(
            "INSERT INTO calls (id, tenant_id, public_key_id, live, status, stage, call_type, \
                 agent_id, created_at, has_recording, retell, stamps, updated_at, checks, \
                 denials, failures) \
             SELECT 'call_' || n, 't1', 'pk_1', 0, 'ended', 'ended', 'web_call', 'a1', n, 0, \
                 '{{\"call_analysis\": {{\"call_summary\": \"Call ' || n || '\"}}}}', '{{}}', 1, 0, 0, 0 \
             FROM (WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {CALLS}) \
                 SELECT n FROM s) numbers"
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();

        let retell = "http://127.0.0.1:9";
        let killed = Process::begin(&scratch, retell, &[]);
        let mut done = 0;
        in_time(async {
            while done == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                done = gone_through(&mut connection).await;
            }
        })
        .await;
        killed.kill().await;
        let done = gone_through(&mut connection).await;
        assert!(done < CALLS, "killed too late to tell");
        println!("{}: killed after {done} of {CALLS}", scratch.engine());

        let again = Process::start(&scratch, retell).await;
        assert_eq!(gone_through(&mut connection).await, CALLS);
        // Which is the first thing a step looks at.
        let left = sqlx::query("SELECT COUNT(*) AS n FROM _migration_steps")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(left.get::<i64, _>("n"), 0);
        again.terminate().await;
        again.ended_well().await;
        connection.close().await.unwrap();
        scratch.remove().await;
    }
}
