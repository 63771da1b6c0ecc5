//! Asking to be called back: the form, what is refused, and how often.

use api::callbacks::{CallbackForm, CallbackPage, CallbackState, NewCallback};
use api::problem::slug;
use serde_json::{Value, json};
use server::bus::Topic;
use server::callbacks::{self, CallbackError, FILL_MS, NumberError, PER_NUMBER};
use server::calls::MintError;
use server::keys::PublicKey;
use server::signed::CALLBACK_FORM_LIFE_MS;

use super::{
    HOUR, VISITOR, bench, callback_key, desk, dialled, post, request, retell, takes_calls, to_do,
    upsert,
};
use crate::bench::somebody;
use crate::support::{Scratch, TestServer, in_time, problem, session_cookie};

#[tokio::test]
async fn a_visitor_is_called_at_once_and_the_desk_sees_it() {
    for scratch in Scratch::each().await {
        let (server, emulator) = TestServer::emulated_on(scratch, |_| {}).await;
        let (app, tenant) = (server.app(), &server.tenant);
        upsert(&app.store, tenant, &callback_key()).await;
        let cookie = session_cookie(&app.store, tenant).await;
        let mut told = app.store.bus().listen(Topic::Desks);

        let form = post(
            &server,
            "/api/public/callbacks/form",
            &json!({"key": "pk_callback"}),
        )
        .await;
        let form: CallbackForm = form.json().await.unwrap();
        assert!(form.callback && form.now && form.open);
        assert_eq!(form.countries, ["DE", "ES"], "the business is in Berlin");
        assert_eq!(form.timezone, "Europe/Berlin");

        let body = serde_json::to_value(request(app)).unwrap();
        let (first, again) = tokio::join!(
            post(&server, "/api/public/callbacks", &body),
            post(&server, "/api/public/callbacks", &body),
        );
        assert_eq!(
            (first.status(), again.status()),
            (202.try_into().unwrap(), 202.try_into().unwrap())
        );

        let placed = in_time(async {
            loop {
                let page = desk(&server, "GET", "/api/desk/callbacks?over=true", &cookie).await;
                let page: CallbackPage = page.json().await.unwrap();
                if let Some(placed) = page.items.into_iter().next() {
                    return placed;
                }
                told.next().await;
            }
        })
        .await;
        assert_eq!(placed.state, CallbackState::Placed);
        assert_eq!(
            (placed.name.as_str(), placed.phone.as_str()),
            ("Ana María", "+34612345678")
        );
        assert_eq!(
            placed.page_url.as_deref(),
            Some("https://www.example.com/prices")
        );

        // The call is really there, and is the desk's like any other.
        let id = placed.call_id.unwrap();
        let call = app
            .accounts
            .accounts
            .server()
            .client
            .get_call(&id)
            .await
            .unwrap();
        assert_eq!(call.to_number.as_deref(), Some("+34612345678"));
        assert_eq!(call.from_number.as_deref(), Some("+34911230100"));
        let marks = call.metadata.unwrap();
        assert_eq!(marks["switchboard_callback"], placed.id);
        assert_eq!(marks["switchboard_key"], "pk_callback");
        assert_eq!(
            (&marks["cart"], &marks["language"]),
            (&json!(3), &json!("es"))
        );
        let variables = call.retell_llm_dynamic_variables.unwrap();
        assert_eq!(variables["customer_name"], "Ana María");
        assert_eq!(variables["first_name"], "Ana");
        let given = app
            .store
            .calls()
            .consent(tenant, &id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(given.consent.text, "Llámenme.");
        let summary = app
            .store
            .calls()
            .summary(tenant, &id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(summary.public_key_id.as_deref(), Some("pk_callback"));

        // Once.
        let page = desk(&server, "GET", "/api/desk/callbacks?over=true", &cookie).await;
        let page: CallbackPage = page.json().await.unwrap();
        assert_eq!(page.items.len(), 1);
        let gone = desk(
            &server,
            "POST",
            &format!("/api/desk/callbacks/{}/cancel", placed.id),
            &cookie,
        )
        .await;
        problem(gone, 409, slug::CALLBACK_NOT_OPEN).await;
        let unknown = desk(
            &server,
            "POST",
            "/api/desk/callbacks/nothing/call-now",
            &cookie,
        )
        .await;
        problem(unknown, 404, slug::NOT_FOUND).await;
        emulator.shutdown().await;
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let retell = retell().await;
    let server = TestServer::start(&retell).await;
    let app = server.app();
    upsert(&app.store, &server.tenant, &callback_key()).await;
    let ask = async |change: Value| {
        let mut body = serde_json::to_value(request(app)).unwrap();
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        post(&server, "/api/public/callbacks", &body).await
    };
    let old = app
        .signer
        .callback_form("pk_callback", app.clock.now_ms() - CALLBACK_FORM_LIFE_MS);
    let other = app
        .signer
        .callback_form("pk_open", app.clock.now_ms() - 5000);
    for (change, status, kind) in [
        (json!({"phone": "612 34 56"}), 422, slug::PHONE_INVALID),
        (
            json!({"phone": "803 123 456"}),
            422,
            slug::NUMBER_NOT_DIALABLE,
        ),
        (
            json!({"phone": "+33 6 12 34 56 78"}),
            422,
            slug::COUNTRY_NOT_ALLOWED,
        ),
        (
            json!({"phone": "612345678", "country": "xx"}),
            422,
            slug::PHONE_INVALID,
        ),
        (json!({"name": "  "}), 422, slug::CALLBACK_NAME_INVALID),
        (json!({"consent": null}), 422, slug::CONSENT_MISSING),
        (json!({"at": 12}), 422, slug::SLOT_UNAVAILABLE),
        (json!({"form": ""}), 403, slug::FORM_INVALID),
        (json!({"form": old}), 403, slug::FORM_INVALID),
        (json!({"form": other}), 403, slug::FORM_INVALID),
        (
            json!({"agent_id": "agent_of_others"}),
            422,
            slug::AGENT_UNKNOWN,
        ),
        (json!({"key": "pk_open"}), 403, slug::MODE_NOT_ALLOWED),
        (json!({"key": "pk_disabled"}), 403, slug::KEY_DISABLED),
        (json!({"key": "pk_nobody_s"}), 404, slug::KEY_UNKNOWN),
        (json!({"metadata": 7}), 400, slug::BODY_INVALID),
    ] {
        problem(ask(change).await, status, kind).await;
    }
    let body = serde_json::to_value(request(app)).unwrap().to_string();
    let foreign = server.http.post(server.url("/api/public/callbacks"));
    let foreign = foreign
        .header("origin", "https://elsewhere.example")
        .body(body);
    problem(foreign.send().await.unwrap(), 403, slug::ORIGIN_NOT_ALLOWED).await;
    let store = &app.store;
    let kept = store
        .callbacks()
        .to_do(&server.tenant, None, 50)
        .await
        .unwrap();
    assert_eq!(kept, []);
    server.stop().await;
}

#[tokio::test]
async fn what_a_program_may_have_sent_waits_for_a_person_and_is_told_nothing() {
    let retell = retell().await;
    takes_calls(&retell).await;
    let bench = bench(Scratch::sqlite(), &retell).await;
    let few = PublicKey {
        callbacks_per_day: 2,
        ..callback_key()
    };
    upsert(&bench.app.store, &bench.tenant, &few).await;
    let filled = NewCallback {
        left_blank: "https://casino.example".to_owned(),
        ..request(&bench.app)
    };
    let quick = NewCallback {
        phone: "612 34 56 79".to_owned(),
        form: bench
            .app
            .signer
            .callback_form("pk_callback", bench.now() - i64::from(FILL_MS) + 1),
        ..request(&bench.app)
    };
    for perhaps_a_program in [filled.clone(), filled, quick] {
        let answer = callbacks::ask(&bench.app.calls, VISITOR, perhaps_a_program)
            .await
            .unwrap();
        assert_eq!(answer.at, None);
    }
    assert_eq!(bench.work_off().await, 0);
    let waiting = to_do(&bench).await;
    assert_eq!(waiting.len(), 2);
    for one in &waiting {
        assert_eq!(one.state, CallbackState::Failed);
        assert_eq!(one.problem.as_deref(), Some(slug::LOOKS_AUTOMATIC));
    }
    // They take nothing from what people may ask for, and one may be a person.
    let person = NewCallback {
        phone: "612 34 56 70".to_owned(),
        ..request(&bench.app)
    };
    callbacks::ask(&bench.app.calls, VISITOR, person)
        .await
        .unwrap();
    callbacks::call_now(&bench.app, &bench.tenant, &waiting[0].id, &somebody())
        .await
        .unwrap();
    assert_eq!(bench.work_off().await, 2);
    assert_eq!(dialled(&retell).await.len(), 2);
    bench.clear().await;
}

#[tokio::test]
async fn a_number_is_called_once_however_often_it_is_asked_for() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let app = &bench.app;
        let at = Some(bench.now() + 3_600_000);
        let later = NewCallback { at, ..request(app) };
        let first = callbacks::ask(&app.calls, VISITOR, later.clone())
            .await
            .unwrap();
        assert_eq!(first.at, at);
        // On another form, now, in another spelling: it is on its way already.
        let spelt = NewCallback {
            phone: "+34 612-345-678".to_owned(),
            ..request(app)
        };
        assert_eq!(
            callbacks::ask(&app.calls, VISITOR, spelt).await.unwrap().at,
            at
        );
        assert_eq!(to_do(&bench).await.len(), 1);
        assert_eq!(bench.work_off().await, 0);

        bench.pass(HOUR);
        assert_eq!(bench.work_off().await, 1);
        let dials = dialled(&retell).await;
        assert_eq!(dials.len(), 1);
        assert_eq!(dials[0]["from_number"], "+34911230100");
        assert_eq!(dials[0]["override_agent_id"], "agent_demo_es");
        // Who is being called, or sends the same form again, is not called twice.
        callbacks::ask(&app.calls, VISITOR, request(app))
            .await
            .unwrap();
        assert_eq!(bench.work_off().await, 0);
        bench.pass(HOUR / 2);
        let again = request(app);
        for _ in 0..2 {
            callbacks::ask(&app.calls, VISITOR, again.clone())
                .await
                .unwrap();
            bench.work_off().await;
            bench.pass(HOUR / 2);
        }
        assert_eq!(dialled(&retell).await.len(), 2);

        // So often a day, and then no more.
        for _ in 2..PER_NUMBER {
            callbacks::ask(&app.calls, VISITOR, request(app))
                .await
                .unwrap();
            bench.work_off().await;
            bench.pass(HOUR);
        }
        let refused = callbacks::ask(&app.calls, VISITOR, request(app)).await;
        assert!(matches!(
            refused,
            Err(CallbackError::Mint(MintError::RateLimited { .. }))
        ));
        assert_eq!(dialled(&retell).await.len(), 3);
        bench.clear().await;
    }
}

#[tokio::test]
async fn so_often_holds_for_requests_that_come_together() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let bench = bench(scratch, &retell).await;
        let few = PublicKey {
            callbacks_per_day: 2,
            ..callback_key()
        };
        upsert(&bench.app.store, &bench.tenant, &few).await;
        let asked = (0..6).map(|last| {
            let wanted = NewCallback {
                phone: format!("612 34 56 7{last}"),
                ..request(&bench.app)
            };
            callbacks::ask(&bench.app.calls, VISITOR, wanted)
        });
        let taken = futures_util::future::join_all(asked).await;
        assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 2);
        assert_eq!(to_do(&bench).await.len(), 2);
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_key_is_asked_so_often_a_day_and_own_numbers_are_not_called() {
    let retell = retell().await;
    takes_calls(&retell).await;
    let bench = bench(Scratch::sqlite(), &retell).await;
    let app = &bench.app;
    let few = PublicKey {
        callbacks_per_day: 2,
        ..callback_key()
    };
    upsert(&app.store, &bench.tenant, &few).await;
    let ask = |phone: &str| {
        let wanted = NewCallback {
            phone: phone.to_owned(),
            ..request(app)
        };
        callbacks::ask(&app.calls, VISITOR, wanted)
    };
    // Retell's list knows it as ours, if nobody has imported it here.
    ask("911 23 01 00").await.unwrap();
    assert_eq!(bench.work_off().await, 1);
    let failed = to_do(&bench).await;
    assert_eq!(failed[0].state, CallbackState::Failed);
    assert_eq!(
        failed[0].problem.as_deref(),
        Some(slug::NUMBER_NOT_DIALABLE)
    );
    let own = api::routing::Number {
        number: "+34911230100".to_owned(),
        nickname: None,
        agent_id: None,
        inbound_webhook_url: None,
        imported_at: 1,
    };
    app.store
        .numbers()
        .replace(&bench.tenant, &[own], Some(&somebody()), 1)
        .await
        .unwrap();
    let refused = ask("911 23 01 00").await;
    assert!(matches!(
        refused,
        Err(CallbackError::Number(NumberError::NotDialable))
    ));
    ask("612 34 56 78").await.unwrap();
    let refused = ask("612 34 56 79").await;
    assert!(matches!(
        refused,
        Err(CallbackError::Mint(MintError::RateLimited { .. }))
    ));
    assert_eq!(dialled(&retell).await.len(), 0);
    bench.clear().await;
}
