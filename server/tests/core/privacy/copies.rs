//! What there is about somebody is looked for by a job: nobody's browser waits for it.

use api::privacy::{PersonFound, PersonSearch};
use api::problem::slug;

use super::*;
use crate::support::{Desk, a_moment, problem};

/// Has it looked for what there is about somebody, and waits until it is found.
async fn look_for(desk: &Desk<'_>, person: &str) -> (String, PersonFound) {
    let whom = json!({"person": person});
    let search: PersonSearch = desk.post("/api/desk/privacy/person", &whom).await;
    assert_eq!(search.found, None);
    let address = format!("/api/desk/privacy/searches/{}", search.id);
    let found = async {
        loop {
            let search: PersonSearch = desk.get(&address).await;
            if let Some(found) = search.found {
                return found;
            }
            a_moment().await;
        }
    };
    let found = in_time(found).await;
    (address, found)
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
        let (address, found) = look_for(&desk, "+49 30 901820").await;
        assert_eq!((found.person.as_str(), found.found.calls), (CALLER, 45));
        let copy: Value = desk.get(&format!("{address}/copy")).await;
        let calls = copy["calls"].as_array().unwrap();
        assert_eq!(calls.len(), 45);
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
        let (address, _) = look_for(&desk, "+4930000000").await;
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
