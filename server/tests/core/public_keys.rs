//! What a public key allows: modes, captcha, calls at a time, minutes of the
//! day, and being replaced.

use api::keys::{Captcha, CaptchaKind, Mode, PublicKeySettings, Rotate};
use api::problem::slug;
use serde_json::{Value, json};
use server::calls::Observation;
use server::calls::Room;
use server::calls::used_with_key;
use server::deeds::Author;
use server::keys::{KnownOrigins, PublicKey, admin};
use server::tenants::day;
use wiremock::matchers::{body_string_contains, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    PAGE, Scratch, TestServer, a_moment, asked, key, problem, retell_that_mints, seed,
};

const MINUTE: i64 = 60_000;

fn settings() -> PublicKeySettings {
    PublicKeySettings {
        name: "Site".to_owned(),
        agents: vec!["agent_1".to_owned()],
        origins: vec![PAGE.to_owned()],
        ..PublicKeySettings::default()
    }
}

async fn upsert(server: &TestServer, key: PublicKey) {
    let now = server.app().clock.now_ms();
    let store = &server.app().store;
    store
        .public_keys()
        .upsert(&server.tenant, &key, now)
        .await
        .unwrap();
}

async fn trail(server: &TestServer) -> Vec<String> {
    let store = &server.app().store;
    let events = store
        .audit_events()
        .page(&server.tenant, None, 50)
        .await
        .unwrap();
    events.into_iter().map(|event| event.action).collect()
}

#[tokio::test]
async fn a_key_for_call_backs_starts_no_call() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let callbacks = PublicKey {
        modes: vec![Mode::Callback],
        ..key("pk_callback")
    };
    upsert(&server, callbacks).await;
    let refused = server.mint(&json!({"key": "pk_callback"})).await;
    problem(refused, 403, slug::MODE_NOT_ALLOWED).await;
    assert!(asked(&retell).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_captcha_is_checked_with_its_provider_before_a_call() {
    let retell = retell_that_mints().await;
    let provider = MockServer::start().await;
    let answer = |token: &str, body: Value| {
        Mock::given(method("POST"))
            .and(path("/siteverify"))
            .and(body_string_contains("secret=hunter+2"))
            .and(body_string_contains(format!("response={token}&")))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&provider)
    };
    answer("person", json!({"success": true, "score": 0.9})).await;
    answer("program", json!({"success": true, "score": 0.1})).await;
    answer(
        "forged",
        json!({"success": false, "error-codes": ["invalid-input-response"]}),
    )
    .await;
    let address = format!("{}/siteverify", provider.uri());
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.captcha.recaptcha_url = address.parse().unwrap();
    })
    .await;
    let asking = PublicKeySettings {
        captcha: Some(Captcha {
            kind: CaptchaKind::RecaptchaV3,
            site_key: "site".to_owned(),
            secret: Some("hunter 2".to_owned()),
            min_score: Some(0.5),
        }),
        ..settings()
    };
    let author = Author::operator();
    let made = admin::create_public_key(server.app(), &server.tenant, asking, &author)
        .await
        .unwrap();
    assert!(!serde_json::to_string(&made).unwrap().contains("hunter"));
    for token in [None, Some(""), Some("program"), Some("forged")] {
        let body = json!({"key": made.id, "captcha_token": token});
        problem(server.mint(&body).await, 403, slug::CAPTCHA_FAILED).await;
    }
    assert!(asked(&retell).await.is_empty());
    let body = json!({"key": made.id, "captcha_token": "person"});
    assert_eq!(server.mint(&body).await.status(), 201);

    // Its secret goes along to the key that replaces it.
    let new = admin::rotate_public_key(
        server.app(),
        &server.tenant,
        &made.id,
        Rotate::default(),
        &author,
    )
    .await
    .unwrap();
    let body = json!({"key": new.id, "captcha_token": "person"});
    assert_eq!(server.mint(&body).await.status(), 201);
    server.stop().await;
}

#[tokio::test]
async fn a_captcha_s_provider_that_is_away_lets_nobody_through() {
    let retell = retell_that_mints().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.captcha.turnstile_url = "http://127.0.0.1:9/siteverify".parse().unwrap();
    })
    .await;
    let asking = PublicKeySettings {
        captcha: Some(Captcha {
            kind: CaptchaKind::Turnstile,
            site_key: "site".to_owned(),
            secret: Some("secret".to_owned()),
            min_score: None,
        }),
        ..settings()
    };
    let author = Author::operator();
    let made = admin::create_public_key(server.app(), &server.tenant, asking, &author)
        .await
        .unwrap();
    let body = json!({"key": made.id, "captcha_token": "person"});
    problem(server.mint(&body).await, 503, slug::CAPTCHA_UNAVAILABLE).await;
    server.stop().await;
}

#[tokio::test]
async fn calls_at_a_time_are_counted_with_those_about_to_start() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let two = PublicKey {
            max_concurrent: Some(2),
            ..key("pk_two")
        };
        upsert(&server, two).await;
        let store = &server.app().store;
        let (_, stored) = store.public_keys().find("pk_two").await.unwrap().unwrap();
        let now = server.app().clock.now_ms();
        let reserve = || store.places().reserve(&server.tenant, &stored, now, now);
        let (one, two, three) = tokio::join!(reserve(), reserve(), reserve());
        let mut places: Vec<_> = [one, two, three].into_iter().map(Result::unwrap).collect();
        places.sort_by_key(|place| matches!(place, Room::LinesBusy(_)));
        let [
            Room::Free(Some(first)),
            Room::Free(Some(_)),
            Room::LinesBusy(None),
        ] = &places[..]
        else {
            panic!("{places:?}");
        };
        store.places().release(&server.tenant, first).await.unwrap();
        // One is free, and a call that is going on takes it.
        let minted = server.mint(&json!({"key": "pk_two"})).await;
        assert_eq!(minted.status(), 201);
        let refused = server.mint(&json!({"key": "pk_two"})).await;
        let told = problem(refused, 429, slug::LINES_BUSY).await;
        assert!(told.retry_after_s.is_some());
        server.stop().await;
    }
}

#[tokio::test]
async fn the_minutes_of_the_day_count_ended_and_live_calls_of_a_key_and_those_it_replaced() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let (app, tenant) = (server.app(), &server.tenant);
        let author = Author::operator();
        let limited = PublicKeySettings {
            minutes_per_day: Some(30),
            ..settings()
        };
        let old = admin::create_public_key(app, tenant, limited, &author)
            .await
            .unwrap();
        let rotated = admin::rotate_public_key(app, tenant, &old.id, Rotate::default(), &author);
        let new = rotated.await.unwrap();

        let midnight = 1_790_000_000_000_i64;
        let now = midnight + 600 * MINUTE;
        let observe = async |id: &str, key: &str, from: i64, to: Option<i64>| {
            let mut call = json!({
                "call_id": id, "agent_id": "agent_1", "call_type": "web_call",
                "call_status": "ongoing", "start_timestamp": from,
                "metadata": {"switchboard_key": key},
            });
            if let Some(to) = to {
                call["call_status"] = "ended".into();
                call["end_timestamp"] = to.into();
                call["duration_ms"] = (to - from).into();
            }
            let Value::Object(call) = call else {
                unreachable!()
            };
            let seen = Observation::from_answer(call, from).unwrap();
            let healing = &app.config.healing;
            app.store
                .calls()
                .observe(tenant, &seen, from, healing)
                .await
                .unwrap();
        };
        let stored = async || {
            let stored = app.store.public_keys().own(tenant, &new.id).await.unwrap();
            stored.unwrap()
        };
        let used = async || {
            let key = stored().await;
            used_with_key(&app.store, tenant, &key, (midnight, now))
                .await
                .unwrap()
        };
        assert_eq!(used().await, 0);
        // Yesterday's, one over midnight, one of the old key, one of nobody.
        observe(
            "c1",
            &old.id,
            midnight - 60 * MINUTE,
            Some(midnight - 30 * MINUTE),
        )
        .await;
        observe(
            "c2",
            &old.id,
            midnight - 5 * MINUTE,
            Some(midnight + 4 * MINUTE),
        )
        .await;
        observe(
            "c3",
            &old.id,
            midnight + 10 * MINUTE,
            Some(midnight + 16 * MINUTE),
        )
        .await;
        observe(
            "c4",
            "pk_open",
            midnight + 10 * MINUTE,
            Some(midnight + 99 * MINUTE),
        )
        .await;
        assert_eq!(used().await, 10 * MINUTE);
        // And one that goes on.
        observe("c5", &new.id, now - 20 * MINUTE, None).await;
        assert_eq!(used().await, 30 * MINUTE);
        let room = app
            .store
            .places()
            .reserve(tenant, &stored().await, midnight, now)
            .await;
        assert_eq!(room.unwrap(), Room::MinutesUsed);
        let room = app
            .store
            .places()
            .reserve(tenant, &stored().await, midnight, now - 1)
            .await;
        assert!(matches!(room.unwrap(), Room::Free(Some(_))));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_key_whose_minutes_are_used_up_says_when_the_next_day_begins() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let limited = PublicKey {
        minutes_per_day: Some(1),
        ..key("pk_minute")
    };
    upsert(&server, limited).await;
    let app = server.app();
    let now = app.clock.now_ms();
    let (midnight, _) = day::bounds(server.tenant.timezone(), now);
    // A call from midnight on; in the first minute of a day, one into the next.
    let call = json!({
        "call_id": "call_long", "agent_id": "agent_1", "call_status": "ended",
        "start_timestamp": midnight, "end_timestamp": midnight + 10 * MINUTE,
        "duration_ms": 10 * MINUTE, "metadata": {"switchboard_key": "pk_minute"},
    });
    let Value::Object(call) = call else {
        unreachable!()
    };
    let seen = Observation::from_answer(call, now).unwrap();
    let healing = &app.config.healing;
    app.store
        .calls()
        .observe(&server.tenant, &seen, now, healing)
        .await
        .unwrap();
    let refused = server.mint(&json!({"key": "pk_minute"})).await;
    let told = problem(refused, 429, slug::MINUTES_USED_UP).await;
    assert!(told.retry_after_s.is_some_and(|wait| wait <= 25 * 3600));
    assert!(asked(&retell).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_replaced_key_works_until_its_time_and_the_new_one_at_once() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let (app, tenant) = (server.app(), &server.tenant);
    let author = Author::operator();
    let old = admin::create_public_key(app, tenant, settings(), &author)
        .await
        .unwrap();
    let later = Rotate {
        works_until: Some(app.clock.now_ms() + 60 * MINUTE),
    };
    let new = admin::rotate_public_key(app, tenant, &old.id, later, &author)
        .await
        .unwrap();
    assert_eq!(new.settings, old.settings);
    for id in [&old.id, &new.id] {
        assert_eq!(server.mint(&json!({"key": id})).await.status(), 201);
    }
    let shown = admin::public_key(&app.keys, tenant, &old.id).await.unwrap();
    assert_eq!(shown.replaced_by.as_deref(), Some(new.id.as_str()));
    assert!(shown.last_used_at.is_some() && shown.expires_at.is_some());
    let again = admin::rotate_public_key(app, tenant, &old.id, Rotate::default(), &author).await;
    assert!(matches!(again, Err(admin::KeyError::Over)));

    let at_once = Rotate {
        works_until: Some(app.clock.now_ms() + 1),
    };
    let newest = admin::rotate_public_key(app, tenant, &new.id, at_once, &author)
        .await
        .unwrap();
    while app.clock.now_ms() <= at_once.works_until.unwrap() {
        a_moment().await;
    }
    let refused = server.mint(&json!({"key": new.id})).await;
    problem(refused, 403, slug::KEY_DISABLED).await;
    assert_eq!(server.mint(&json!({"key": newest.id})).await.status(), 201);
    let deeds = [
        "public_key.rotated",
        "public_key.rotated",
        "public_key.created",
        "agent.assigned",
    ];
    assert_eq!(trail(&server).await, deeds);
    server.stop().await;
}

#[tokio::test]
async fn a_key_of_another_business_cannot_be_seen_or_changed() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let (app, author) = (server.app(), Author::operator());
        let mine = admin::create_public_key(app, &server.tenant, settings(), &author).await;
        let mine = mine.unwrap();
        let other = app
            .store
            .tenants()
            .upsert("tenant_2", "Other", "UTC", 1)
            .await
            .unwrap();
        assert!(matches!(
            admin::public_key(&app.keys, &other, &mine.id).await,
            Err(admin::KeyError::Unknown)
        ));
        let changed =
            admin::change_public_key(&app.keys, &other, &mine.id, settings(), None, &author).await;
        assert!(matches!(changed, Err(admin::KeyError::Unknown)));
        let rotate = Rotate::default();
        let rotated = admin::rotate_public_key(app, &other, &mine.id, rotate, &author).await;
        assert!(matches!(rotated, Err(admin::KeyError::Unknown)));
        let deleted = admin::delete_public_key(app, &other, &mine.id, &author).await;
        assert!(matches!(deleted, Err(admin::KeyError::Unknown)));
        assert!(
            admin::public_keys(&app.keys, &other)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            admin::public_key(&app.keys, &server.tenant, &mine.id)
                .await
                .is_ok()
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn the_pages_that_may_ask_are_read_once_until_a_key_changes() {
    let scratch = Scratch::sqlite();
    let store = scratch.store().await;
    let tenant = seed(&store, 0).await;
    let known = KnownOrigins::new(store.bus());
    assert!(known.allow(&store, PAGE, 1).await.unwrap());
    let asked = store.round_trips();
    let new = "https://new.example.net";
    for _ in 0..100 {
        assert!(known.allow(&store, PAGE, 1).await.unwrap());
        assert!(!known.allow(&store, new, 1).await.unwrap());
    }
    assert_eq!(store.round_trips(), asked);
    let key = PublicKey {
        origins: vec![new.to_owned()],
        ..key("pk_new")
    };
    store.public_keys().upsert(&tenant, &key, 0).await.unwrap();
    assert!(known.allow(&store, new, 1).await.unwrap());
    store.close().await;
    scratch.remove().await;
}
