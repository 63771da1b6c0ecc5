//! What there is about somebody is looked for by a job: nobody's browser waits for it.

use std::collections::BTreeSet;

use api::privacy::{PersonFound, PersonSearch};
use api::problem::slug;
use sqlx::AnyConnection;

use super::*;
use crate::support::{Desk, a_moment, problem};

/// Has it looked for what there is about somebody. Returns where that is asked for.
async fn look_for(desk: &Desk<'_>, person: &str) -> String {
    let whom = json!({"person": person});
    let search: PersonSearch = desk.post("/api/desk/privacy/person", &whom).await;
    assert_eq!(search.found, None);
    format!("/api/desk/privacy/searches/{}", search.id)
}

/// Waits until it is found.
async fn found(desk: &Desk<'_>, address: &str) -> PersonFound {
    let found = async {
        loop {
            let search: PersonSearch = desk.get(address).await;
            if let Some(found) = search.found {
                return found;
            }
            a_moment().await;
        }
    };
    in_time(found).await
}

/// What the job of a search knows, once it failed.
async fn after_failing(connection: &mut AnyConnection) -> Value {
    let failed = async {
        loop {
            let sql = "SELECT payload FROM jobs WHERE kind = 'privacy.search' AND attempts = 1 \
                       AND state = 'waiting' AND last_error IS NOT NULL";
            let payload: Option<String> = sqlx::query_scalar(sql)
                .fetch_optional(&mut *connection)
                .await
                .unwrap();
            if let Some(payload) = payload {
                return serde_json::from_str(&payload).unwrap();
            }
            a_moment().await;
        }
    };
    in_time(failed).await
}

#[tokio::test]
async fn a_copy_is_made_by_a_job_and_goes_with_whom_it_is_about() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        // More than are kept together.
        for n in 0..45 {
            let of_caller = json!({"from_number": CALLER});
            call_with(&server, &format!("call_{n}"), &of_caller).await;
        }
        let desk = Desk::sign_in(&server, Role::Admin).await;
        // It stops at one of the last, and is done by another server, which goes on from there.
        let mut connection = raw_connection(&server.app().config.database).await;
        sqlx::raw_sql("UPDATE calls SET retell = 'x' || retell WHERE id = 'call_10'")
            .execute(&mut connection)
            .await
            .unwrap();
        let address = look_for(&desk, "+49 30 901820").await;
        let half = after_failing(&mut connection).await;
        assert_eq!(
            (&half["pieces"], &half["found"]["calls"]),
            (&json!(2), &json!(40))
        );
        let scratch = server.stop_for_now().await;
        sqlx::raw_sql(
            "UPDATE calls SET retell = SUBSTR(retell, 2) WHERE id = 'call_10'; \
             UPDATE jobs SET due_at = 0 WHERE kind = 'privacy.search'; \
             UPDATE person_copies SET text = REPLACE(text, '\"made_at\":', '\"begun\":1,\"made_at\":')",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let all = found(&desk, &address).await;
        assert_eq!((all.person.as_str(), all.found.calls), (CALLER, 45));
        let copy: Value = desk.get(&format!("{address}/copy")).await;
        assert_eq!(copy["begun"], 1, "it was made anew");
        let calls = copy["calls"].as_array().unwrap();
        let ids: BTreeSet<_> = calls.iter().map(|call| call["id"].as_str()).collect();
        assert_eq!((calls.len(), ids.len()), (45, 45));
        assert!(calls.iter().all(|call| call["webhooks"].is_array()));

        // Nobody's, and below an admin.
        let unknown = desk.send("GET", "/api/desk/privacy/searches/x/copy", None);
        problem(unknown.await, 404, slug::NOT_FOUND).await;
        let lower = Desk::sign_in(&server, Role::Supervisor).await;
        assert_eq!(lower.send("GET", &address, None).await.status(), 403);

        let person = Person::parse(CALLER).unwrap();
        let (store, tenant) = (&server.app().store, &server.tenant);
        privacy::erase(
            &keepers(),
            store,
            tenant,
            &person,
            None,
            &Author::operator(),
            2,
        )
        .await
        .unwrap();
        assert_eq!(desk.send("GET", &address, None).await.status(), 404);

        // Of others it is kept for a day.
        let address = look_for(&desk, "+4930000000").await;
        found(&desk, &address).await;
        let now = server.app().clock.now_ms();
        for (later, status) in [(DAY / 2, 200), (2 * DAY, 404)] {
            retention::apply(&keepers(), store, now + later)
                .await
                .unwrap();
            assert_eq!(desk.send("GET", &address, None).await.status(), status);
        }
        server.stop().await;
    }
}
