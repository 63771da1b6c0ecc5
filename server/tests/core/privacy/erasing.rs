//! Who is erased, who is not, and in which steps.

use std::time::Duration;

use api::privacy::{Erasure, ErasureState};
use server::calls::Observation;
use server::config::{Config, Healing};
use wiremock::Mock;
use wiremock::matchers::{method, path_regex};

use super::*;
use crate::support::{Desk, a_moment};

#[tokio::test]
async fn a_call_that_goes_on_is_left() {
    let server = TestServer::start(&MockServer::start().await).await;
    let mut started = life_of_a_call().remove(0);
    started["call"]["from_number"] = CALLER.into();
    assert_eq!(server.webhook(&started).await.status(), 204);
    server.settled().await;
    let (store, tenant) = (&server.app().store, &server.tenant);
    let person = Person::parse(CALLER).unwrap();
    let erased = privacy::erase(
        &keepers(),
        store,
        tenant,
        &person,
        None,
        &Author::operator(),
        1,
    )
    .await
    .unwrap();
    assert_eq!((erased.erased.calls, erased.live_calls), (0, 1));
    let call = store
        .calls()
        .summary(tenant, "call_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(call.status, CallStatus::Ongoing);
    server.stop().await;
}

#[tokio::test]
async fn an_account_goes_with_its_sessions_but_never_the_last_admin() {
    for scratch in Scratch::each().await {
        let (store, keepers) = (scratch.store().await, keepers());
        let tenant = store.tenants().upsert("t", "T", "UTC", 1).await.unwrap();
        let robin = user("u1", "robin@example.com");
        store.people().upsert(&tenant, &robin, 1).await.unwrap();
        store
            .sign_ins()
            .create_session(
                &tenant,
                "u1",
                "hash",
                &SessionOrigin::default(),
                1,
                i64::MAX,
            )
            .await
            .unwrap();
        let person = Person::parse("Robin@Example.com").unwrap();
        let author = Author::operator();
        let refused = privacy::erase(&keepers, &store, &tenant, &person, None, &author, 1).await;
        assert!(matches!(refused, Err(EraseError::LastAdmin)), "{refused:?}");

        // Who was invited and never came could not administer anything.
        let invited = NewUser::checked("new@example.com", "New", Role::Admin).unwrap();
        let token = Token::random().hash();
        let added = store
            .people()
            .invite(&tenant, &invited, &token, i64::MAX, &author, 1);
        assert!(added.await.unwrap());
        let refused = privacy::erase(&keepers, &store, &tenant, &person, None, &author, 1).await;
        assert!(matches!(refused, Err(EraseError::LastAdmin)), "{refused:?}");

        let other = user("u2", "other@example.com");
        store.people().upsert(&tenant, &other, 1).await.unwrap();
        let erased = privacy::erase(&keepers, &store, &tenant, &person, None, &author, 1)
            .await
            .unwrap();
        assert_eq!(erased.erased.accounts, 1);
        assert!(store.sign_ins().session("hash", 2).await.unwrap().is_none());
        assert!(
            store
                .people()
                .by_email("robin@example.com")
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .people()
                .by_email("other@example.com")
                .await
                .unwrap()
                .is_some()
        );

        // Of the last two, erased at the same moment, one stays.
        let third = user("u3", "third@example.com");
        store.people().upsert(&tenant, &third, 1).await.unwrap();
        let [other, third] =
            ["other@example.com", "third@example.com"].map(|email| Person::parse(email).unwrap());
        let (one, two) = tokio::join!(
            privacy::erase(&keepers, &store, &tenant, &other, None, &author, 1),
            privacy::erase(&keepers, &store, &tenant, &third, None, &author, 1),
        );
        let last = |done: &Result<_, EraseError>| matches!(done, Err(EraseError::LastAdmin));
        assert!(last(&one) != last(&two), "{one:?} {two:?}");
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn somebody_with_many_calls_is_erased_in_steps_and_each_is_in_the_trail() {
    for scratch in Scratch::each().await {
        let (store, keepers) = (scratch.store().await, keepers());
        let tenant = store.tenants().upsert("t", "T", "UTC", 1).await.unwrap();
        let calls = privacy::CALLS_AT_ONCE + 1;
        for number in 0..calls {
            let call = json!({"call_id": format!("call_{number}"), "from_number": CALLER});
            let call = call.as_object().unwrap().clone();
            let seen = Observation::from_event("call_ended", call, 1).unwrap();
            store
                .calls()
                .observe(&tenant, &seen, 1, &Healing::default())
                .await
                .unwrap();
        }
        let person = Person::parse(CALLER).unwrap();
        let erased = privacy::erase(
            &keepers,
            &store,
            &tenant,
            &person,
            None,
            &Author::operator(),
            1,
        )
        .await
        .unwrap();
        assert_eq!(erased.erased.calls as usize, calls);
        assert!(!is_there(&store, &tenant, "call_0").await);
        let trail = store.audit_events().page(&tenant, None, 10).await.unwrap();
        let steps: Vec<_> = trail
            .iter()
            .map(|entry| entry.details["erased"]["calls"].as_u64().unwrap())
            .collect();
        assert_eq!(steps, [1, privacy::CALLS_AT_ONCE as u64]);
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn an_order_to_erase_goes_on_where_the_server_stopped() {
    for scratch in Scratch::each().await {
        let all = privacy::CALLS_AT_ONCE + 1;
        // Retell deletes a hundred calls, and then says nothing more.
        let silent = MockServer::start().await;
        for (last, answer) in [
            ("1..", ResponseTemplate::new(204)),
            (
                "000",
                ResponseTemplate::new(204).set_delay(Duration::from_secs(600)),
            ),
        ] {
            Mock::given(method("DELETE"))
                .and(path_regex(format!("^/v2/delete-call/call_{last}$")))
                .respond_with(answer)
                .mount(&silent)
                .await;
        }
        let hasty = |config: &mut Config| config.shutdown_deadline = Duration::from_millis(200);
        let server = TestServer::start_with(scratch, &silent.uri(), hasty).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        for number in 0..all {
            // Those come first that began last.
            let id = if number == 0 {
                "call_000".to_owned()
            } else {
                format!("call_{}", 99 + number)
            };
            let call = json!({"call_id": id, "from_number": CALLER, "start_timestamp": number + 1});
            let call = call.as_object().unwrap().clone();
            let seen = Observation::from_event("call_ended", call, 1).unwrap();
            let healing = Healing::default();
            store
                .calls()
                .observe(tenant, &seen, 1, &healing)
                .await
                .unwrap();
        }
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let order = json!({"person": CALLER, "confirm": CALLER, "at_retell": true});
        let begun: Erasure = desk.post("/api/desk/privacy/erase", &order).await;
        let path = format!("/api/desk/privacy/erasures/{}", begun.id);
        let half = until(&desk, &path, |it| it.so_far.erased.calls > 0).await;
        assert_eq!(half.so_far.erased.calls as usize, privacy::CALLS_AT_ONCE);
        assert_eq!(half.state, ErasureState::Running);

        let scratch = server.stop_for_now().await;
        let retell = MockServer::start().await;
        answers(
            &retell,
            "DELETE",
            "/v2/delete-call/call_000",
            ResponseTemplate::new(204),
        )
        .await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let over = until(&desk, &path, |it| it.state != ErasureState::Running).await;
        assert_eq!(over.state, ErasureState::Done);
        assert_eq!(over.so_far.erased.calls as usize, all);
        assert!(over.so_far.refused_by_retell.is_empty());
        let mut connection = raw_connection(&server.app().config.database).await;
        let kept: Option<String> = sqlx::query_scalar("SELECT person FROM erasures")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(kept, None);
        connection.close().await.unwrap();
        server.stop().await;
    }
}

/// Waits until an order stands like this.
async fn until(desk: &Desk<'_>, path: &str, stands: impl Fn(&Erasure) -> bool) -> Erasure {
    let asking = async {
        loop {
            let now: Erasure = desk.get(path).await;
            if stands(&now) {
                return now;
            }
            a_moment().await;
        }
    };
    in_time(asking).await
}
