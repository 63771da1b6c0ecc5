//! Who is erased, who is not, and in which steps.

use server::calls::Observation;
use server::config::Healing;

use super::*;

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
    let call = store.call_summary(tenant, "call_1").await.unwrap().unwrap();
    assert_eq!(call.status, CallStatus::Ongoing);
    server.stop().await;
}

#[tokio::test]
async fn an_account_goes_with_its_sessions_but_never_the_last_admin() {
    for scratch in Scratch::each().await {
        let (store, keepers) = (scratch.store().await, keepers());
        let tenant = store.upsert_tenant("t", "T", "UTC", 1).await.unwrap();
        let robin = user("u1", "robin@example.com");
        store.upsert_user(&tenant, &robin, 1).await.unwrap();
        store
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
        let added = store.invite(&tenant, &invited, &token, i64::MAX, &author, 1);
        assert!(added.await.unwrap());
        let refused = privacy::erase(&keepers, &store, &tenant, &person, None, &author, 1).await;
        assert!(matches!(refused, Err(EraseError::LastAdmin)), "{refused:?}");

        let other = user("u2", "other@example.com");
        store.upsert_user(&tenant, &other, 1).await.unwrap();
        let erased = privacy::erase(&keepers, &store, &tenant, &person, None, &author, 1)
            .await
            .unwrap();
        assert_eq!(erased.erased.accounts, 1);
        assert!(store.session("hash", 2).await.unwrap().is_none());
        assert!(
            store
                .user_by_email("robin@example.com")
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .user_by_email("other@example.com")
                .await
                .unwrap()
                .is_some()
        );

        // Of the last two, erased at the same moment, one stays.
        let third = user("u3", "third@example.com");
        store.upsert_user(&tenant, &third, 1).await.unwrap();
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
        let tenant = store.upsert_tenant("t", "T", "UTC", 1).await.unwrap();
        let calls = privacy::CALLS_AT_ONCE + 1;
        for number in 0..calls {
            let call = json!({"call_id": format!("call_{number}"), "from_number": CALLER});
            let call = call.as_object().unwrap().clone();
            let seen = Observation::from_event("call_ended", call, 1).unwrap();
            store
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
        let trail = store.audit_page(&tenant, None, 10).await.unwrap();
        let steps: Vec<_> = trail
            .iter()
            .map(|entry| entry.details["erased"]["calls"].as_u64().unwrap())
            .collect();
        assert_eq!(steps, [1, privacy::CALLS_AT_ONCE as u64]);
        store.close().await;
        scratch.remove().await;
    }
}
