//! Placing the calls: what is tried again, cancelled, or waits for the morning.

use api::callbacks::{CallbackState, NewCallback};
use api::contacts::ContactDetails;
use api::problem::slug;
use serde_json::json;
use server::callbacks::{self, Arranged, CallbackError, Wish};
use server::calls::{Observation, Room};
use server::contacts::Written;
use server::keys::PublicKey;
use sqlx::Connection;
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

use super::{
    HOUR, VISITOR, bench, callback_key, dialled, over, request, retell, takes_calls, to_do, upsert,
};
use crate::bench::somebody;
use crate::support::{Scratch, raw_connection};

#[tokio::test]
async fn what_retell_does_not_take_is_tried_again_and_in_the_end_left_to_people() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        Mock::given(method("POST"))
            .and(path("/v2/create-phone-call"))
            .respond_with(ResponseTemplate::new(503))
            .mount(&retell)
            .await;
        let database = scratch.database.clone();
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        callbacks::ask(&app.calls, VISITOR, request(app))
            .await
            .unwrap();
        assert_eq!(bench.work_off().await, 1);
        let waiting = to_do(&bench).await.remove(0);
        assert_eq!(
            (waiting.state, &waiting.problem),
            (CallbackState::Pending, &None)
        );

        // The last attempt there is.
        let mut connection = raw_connection(&database).await;
        sqlx::raw_sql("UPDATE jobs SET attempts = max_attempts - 1")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        bench.pass(HOUR / 60);
        assert_eq!(bench.work_off().await, 1);
        let failed = to_do(&bench).await.remove(0);
        assert_eq!(failed.state, CallbackState::Failed);
        assert_eq!(failed.problem.as_deref(), Some(slug::RETELL_FAILED));
        let parked = app.store.jobs().parked(tenant, None, 10).await.unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!(
            parked[0].last_error.as_deref(),
            Some("Retell answered 503.")
        );
        let first: Vec<_> = dialled(&retell).await;
        assert!(
            first
                .iter()
                .all(|dial| dial["idempotency_key"] == first[0]["idempotency_key"])
        );

        // Somebody at the desk has it called when Retell is back.
        retell.reset().await;
        Mock::given(method("GET"))
            .and(path("/v2/list-phone-numbers"))
            .respond_with(ResponseTemplate::new(200).set_body_json(
                json!({"items": [{"phone_number": "+34911230100"}], "has_more": false}),
            ))
            .mount(&retell)
            .await;
        takes_calls(&retell).await;
        callbacks::call_now(app, tenant, &failed.id, &somebody())
            .await
            .unwrap();
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(to_do(&bench).await, []);
        let placed = over(&bench).await.remove(0);
        assert_eq!(
            (placed.state, placed.call_id.as_deref()),
            (CallbackState::Placed, Some("call_back"))
        );
        let dials = dialled(&retell).await;
        // One of the failures may have been a call: if so, Retell answers with that.
        assert_eq!(dials.len(), 1);
        assert_eq!(dials[0]["idempotency_key"], first[0]["idempotency_key"]);
        let key = dials[0]["idempotency_key"].as_str().unwrap();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        assert!(key.bytes().all(plain), "Retell takes no other: {key}");
        // The parked job, tried again, has nothing left to do.
        app.store
            .jobs()
            .retry(tenant, &parked[0].id, &somebody(), bench.now())
            .await
            .unwrap();
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(dialled(&retell).await.len(), 1);
        let trail = app
            .store
            .audit_events()
            .page(tenant, None, 10)
            .await
            .unwrap();
        assert!(
            trail
                .iter()
                .any(|entry| entry.action == "callback.called_now")
        );
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_calls_nobody_twice_and_forgets_nobody() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let app = &bench.app;
        let form = callbacks::form(&app.calls, VISITOR, "pk_callback", None).await;
        let at = form.unwrap().slots.first().copied();
        let wait = at.unwrap() - bench.now();
        let wait = std::time::Duration::from_millis(wait.try_into().unwrap());
        callbacks::ask(&app.calls, VISITOR, NewCallback { at, ..request(app) })
            .await
            .unwrap();
        bench.set_back(HOUR);
        assert_eq!(bench.work_off().await, 0);
        // It jumps past the time, by less than it takes to be too late.
        bench.pass(HOUR + wait + HOUR / 2);
        assert_eq!(bench.work_off().await, 1);
        assert_eq!(dialled(&retell).await.len(), 1);
        bench.set_back(HOUR);
        assert_eq!(bench.work_off().await, 0);
        bench.pass(2 * HOUR);
        assert_eq!(bench.work_off().await, 0);
        assert_eq!(dialled(&retell).await.len(), 1);
        assert_eq!(over(&bench).await[0].state, CallbackState::Placed);
        bench.clear().await;
    }
}

#[tokio::test]
async fn a_call_a_dead_server_may_have_placed_is_asked_for_again_while_retell_would_know_it() {
    for (minutes, is_known) in [(49, true), (51, false)] {
        let retell = retell().await;
        takes_calls(&retell).await;
        let scratch = Scratch::sqlite();
        let database = scratch.database.clone();
        let bench = bench(scratch, &retell).await;
        let app = &bench.app;
        callbacks::ask(&app.calls, VISITOR, request(app))
            .await
            .unwrap();
        let mut connection = raw_connection(&database).await;
        sqlx::query(
            "UPDATE callbacks SET state = 'calling', asked_round = round, asked_at = $1 \
             RETURNING id",
        )
        .bind(bench.now() - minutes * 60_000)
        .fetch_one(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
        assert_eq!(bench.work_off().await, 1);
        if is_known {
            let placed = over(&bench).await.remove(0);
            assert_eq!(placed.state, CallbackState::Placed);
            let dials = dialled(&retell).await;
            let key = dials[0]["idempotency_key"].as_str().unwrap();
            assert!(key.starts_with(&format!("callback-{}-", placed.id)));
        } else {
            let failed = to_do(&bench).await.remove(0);
            assert_eq!(failed.state, CallbackState::Failed);
            assert_eq!(failed.problem.as_deref(), Some(slug::INTERNAL));
            assert_eq!(dialled(&retell).await.len(), 0);
        }
        bench.clear().await;
    }
}

#[tokio::test]
async fn what_retell_refused_is_asked_for_anew() {
    let retell = retell().await;
    Mock::given(method("POST"))
        .and(path("/v2/create-phone-call"))
        .respond_with(ResponseTemplate::new(402))
        .mount(&retell)
        .await;
    let bench = bench(Scratch::sqlite(), &retell).await;
    let (app, tenant) = (&bench.app, &bench.tenant);
    callbacks::ask(&app.calls, VISITOR, request(app))
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(bench.work_off().await, 1);
        let failed = to_do(&bench).await.remove(0);
        assert_eq!(failed.state, CallbackState::Failed);
        callbacks::call_now(app, tenant, &failed.id, &somebody())
            .await
            .unwrap();
    }
    let dials = dialled(&retell).await;
    assert_eq!(dials.len(), 2);
    assert_ne!(dials[0]["idempotency_key"], dials[1]["idempotency_key"]);
    bench.clear().await;
}

#[tokio::test]
async fn a_line_that_becomes_free_at_night_wakes_nobody() {
    let retell = retell().await;
    takes_calls(&retell).await;
    let bench = bench(Scratch::sqlite(), &retell).await;
    let (app, tenant) = (&bench.app, &bench.tenant);
    let one_line = PublicKey {
        max_concurrent: Some(1),
        ..callback_key()
    };
    upsert(&app.store, tenant, &one_line).await;
    let one_line = app.store.public_keys().own(tenant, &one_line.id).await;
    let one_line = one_line.unwrap().unwrap();
    bench.pass(4 * HOUR + HOUR / 2);
    callbacks::ask(&app.calls, VISITOR, request(app))
        .await
        .unwrap();
    // Half past four until six, an hour after the office closed: its line is busy.
    for _ in 0..90 {
        let midnight = bench.now() - bench.now() % 86_400_000;
        let busy = app
            .store
            .places()
            .reserve(tenant, &one_line, midnight, bench.now());
        let Room::Free(Some(busy)) = busy.await.unwrap() else {
            panic!("the line is busy already");
        };
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 0);
        app.store.places().release(tenant, &busy).await.unwrap();
        bench.pass(HOUR / 60);
    }
    bench.work_off().await;
    assert_eq!(dialled(&retell).await.len(), 0);
    // Nine o'clock on Tuesday, in Berlin.
    let morning = "2027-01-12T08:00:00Z".parse::<jiff::Timestamp>().unwrap();
    assert_eq!(to_do(&bench).await[0].due_at, morning.as_millisecond());
    bench.pass(15 * HOUR);
    bench.work_off().await;
    assert_eq!(dialled(&retell).await.len(), 1);
    bench.clear().await;
}

#[tokio::test]
async fn what_is_cancelled_is_not_called_and_what_is_late_waits_for_the_morning() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        let form = callbacks::form(&app.calls, VISITOR, "pk_callback", None)
            .await
            .unwrap();
        let half_past_four = *form
            .slots
            .iter()
            .find(|slot| **slot - bench.now() == 4 * 3_600_000 + 1_800_000)
            .unwrap();
        let at = Some(half_past_four);
        callbacks::ask(&app.calls, VISITOR, NewCallback { at, ..request(app) })
            .await
            .unwrap();
        let other = NewCallback {
            at,
            phone: "030 901820".to_owned(),
            country: Some("DE".to_owned()),
            ..request(app)
        };
        callbacks::ask(&app.calls, VISITOR, other).await.unwrap();
        let waiting = to_do(&bench).await;
        assert_eq!(waiting.len(), 2);
        let ana = waiting
            .iter()
            .find(|one| one.phone == "+34612345678")
            .unwrap();
        callbacks::cancel(app, tenant, &ana.id, &somebody())
            .await
            .unwrap();
        let again = callbacks::cancel(app, tenant, &ana.id, &somebody()).await;
        assert!(matches!(again, Err(CallbackError::NotOpen)));
        // Nobody else's.
        let stranger = app
            .store
            .tenants()
            .upsert("tenant_2", "Moon", "UTC", 1)
            .await
            .unwrap();
        let foreign = callbacks::cancel(app, &stranger, &waiting[0].id, &somebody()).await;
        assert!(matches!(foreign, Err(CallbackError::Unknown)));

        // The server was away until late in the evening.
        bench.pass(10 * HOUR);
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 0);
        let late = to_do(&bench).await.remove(0);
        assert_eq!(late.state, CallbackState::Scheduled);
        // Nine o'clock on Tuesday, in Berlin.
        let morning = "2027-01-12T08:00:00Z".parse::<jiff::Timestamp>().unwrap();
        assert_eq!(late.due_at, morning.as_millisecond());
        // The account is no longer the business's alone: it cannot be called.
        bench.pass(11 * HOUR);
        bench.work_off().await;
        let failed = to_do(&bench).await.remove(0);
        assert_eq!(failed.problem.as_deref(), Some(slug::OWN_ACCOUNT_REQUIRED));
        assert_eq!(over(&bench).await[0].state, CallbackState::Cancelled);
        bench.clear().await;
    }
}

/// Who has the call-backs stopped, and whether it is the business.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stop {
    BusinessOff,
    KeyDisabled,
    KeyDeleted,
}

#[tokio::test]
async fn nobody_is_called_for_a_business_that_is_off_or_with_a_key_that_is_gone() {
    for stop in [Stop::BusinessOff, Stop::KeyDisabled, Stop::KeyDeleted] {
        for scratch in Scratch::each().await {
            let retell = retell().await;
            takes_calls(&retell).await;
            let bench = bench(scratch, &retell).await;
            let (app, tenant, now) = (&bench.app, &bench.tenant, bench.now());
            callbacks::ask(&app.calls, VISITOR, request(app))
                .await
                .unwrap();
            let (store, author) = (&app.store, somebody());
            match stop {
                Stop::BusinessOff => store.tenants().disable(tenant, &author, now).await.unwrap(),
                Stop::KeyDisabled => {
                    let disabled = PublicKey {
                        disabled: true,
                        ..callback_key()
                    };
                    upsert(store, tenant, &disabled).await;
                }
                Stop::KeyDeleted => {
                    let deleted = store
                        .public_keys()
                        .delete(tenant, "pk_callback", &author, now);
                    assert!(deleted.await.unwrap());
                }
            }
            assert_eq!(bench.work_off().await, 1);
            assert_eq!(dialled(&retell).await.len(), 0, "{stop:?}");
            let failed = to_do(&bench).await.remove(0);
            assert_eq!(failed.state, CallbackState::Failed);
            assert_eq!(failed.problem.as_deref(), Some(slug::KEY_DISABLED));
            // Not later either, unless somebody wants it.
            store.tenants().enable(tenant, &author, now).await.unwrap();
            bench.pass(2 * HOUR);
            assert_eq!(bench.work_off().await, 0);
            if stop == Stop::BusinessOff {
                callbacks::call_now(app, tenant, &failed.id, &author)
                    .await
                    .unwrap();
                assert_eq!(bench.work_off().await, 1);
                assert_eq!(dialled(&retell).await.len(), 1);
            }
            bench.clear().await;
        }
    }
}

#[tokio::test]
async fn who_asked_in_a_call_is_called_without_a_key() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        let wish = Wish {
            name: "Ana".to_owned(),
            phone: "+4915123456789".parse().unwrap(),
            agent_id: Some("agent_demo_es".to_owned()),
            language: "es".to_owned(),
            when: None,
            about: "A quote".to_owned(),
            consent: "Lo pidió.".to_owned(),
        };
        let asked = |wish| callbacks::ask_in_call(&app.accounts, tenant, wish);
        let soon = bench.now() + 10 * 60_000;
        assert_eq!(asked(wish.clone()).await.unwrap(), Arranged::At(soon));
        assert_eq!(asked(wish.clone()).await.unwrap(), Arranged::Before(None));
        let night = Wish {
            when: Some((soon + 12 * 3_600_000, soon + 12 * 3_600_000)),
            ..wish.clone()
        };
        assert!(matches!(asked(night).await, Err(CallbackError::Slot)));
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 0, "they still speak");
        bench.pass(HOUR / 6);
        bench.work_off().await;
        let [dial] = dialled(&retell).await.try_into().unwrap();
        assert_eq!(dial["to_number"], "+4915123456789");
        assert_eq!(dial["override_agent_id"], "agent_demo_es");
        assert_eq!(
            dial["retell_llm_dynamic_variables"]["callback_reason"],
            "A quote"
        );
        assert_eq!(dial["metadata"]["switchboard_key"], json!(null));
        let placed = over(&bench).await.remove(0);
        let given = app
            .store
            .calls()
            .consent(tenant, placed.call_id.as_deref().unwrap())
            .await;
        assert_eq!(given.unwrap().unwrap().consent.text, "Lo pidió.");
        bench.clear().await;
    }
}

#[tokio::test]
async fn whoever_wants_no_calls_is_not_called_back() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        takes_calls(&retell).await;
        let bench = bench(scratch, &retell).await;
        let (app, tenant) = (&bench.app, &bench.tenant);
        callbacks::ask(&app.calls, VISITOR, request(app))
            .await
            .unwrap();
        let (contacts, who) = (app.store.contacts(), somebody());
        let ana = ContactDetails {
            phone: Some("+34612345678".to_owned()),
            do_not_call: true,
            ..ContactDetails::default()
        };
        let added = contacts.create(tenant, &ana, &who, 1).await.unwrap();
        let Written::Done(added) = added else {
            panic!("{added:?}")
        };
        bench.work_off().await;
        assert_eq!(dialled(&retell).await, Vec::<serde_json::Value>::new());
        let kept = to_do(&bench).await.remove(0);
        assert_eq!(
            (kept.state, kept.problem.as_deref()),
            (CallbackState::Failed, Some(slug::DO_NOT_CALL))
        );

        // They may be called again, and say in the call that they do not want that.
        let callable = ContactDetails {
            do_not_call: false,
            ..ana
        };
        let id = &added.id;
        contacts
            .change(tenant, id, &callable, None, &who, 2)
            .await
            .unwrap();
        callbacks::call_now(app, tenant, &kept.id, &who)
            .await
            .unwrap();
        bench.work_off().await;
        assert_eq!(dialled(&retell).await.len(), 1);
        let call = json!({
            "call_id": "call_back", "call_type": "phone_call", "direction": "outbound",
            "from_number": "+34911230100", "to_number": "+34612345678", "call_status": "ended",
            "end_timestamp": bench.now(), "disconnection_reason": "user_requested_dnc",
        });
        let call = call.as_object().unwrap().clone();
        let seen = Observation::from_event("call_ended", call, bench.now()).unwrap();
        let told = app
            .store
            .calls()
            .observe(tenant, &seen, bench.now(), &app.config.healing);
        told.await.unwrap();
        bench.work_off().await;
        let ana = contacts.find(tenant, id).await.unwrap().unwrap();
        assert!(ana.details.do_not_call);
        bench.clear().await;
    }
}
