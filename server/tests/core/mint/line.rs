//! Who finds all lines busy and waits: in turn, as long as their panel is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use api::problem::slug;
use api::public::{CallAccess, Waiting};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::calls::{Place, Room};
use server::keys::PublicKey;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Scratch, TestServer, key, life_of_a_call, problem, with};

/// A Retell that mints `call_1`, `call_2` …
async fn retell() -> MockServer {
    let retell = MockServer::start().await;
    let minted = AtomicU32::new(0);
    Mock::given(path("/v3/create-web-call"))
        .respond_with(move |_: &wiremock::Request| {
            let call_id = format!("call_{}", minted.fetch_add(1, Ordering::SeqCst) + 1);
            ResponseTemplate::new(201).set_body_json(json!({
                "call_id": call_id, "access_token": "token_1", "transport": "gateway",
            }))
        })
        .mount(&retell)
        .await;
    retell
}

async fn one_line(scratch: Scratch, retell: &MockServer) -> TestServer {
    let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
    let one = PublicKey {
        max_concurrent: Some(1),
        // The requests that join the line, and no more.
        calls_per_ip_per_minute: 4,
        ..key("pk_one")
    };
    let store = &server.app().store;
    store
        .public_keys()
        .upsert(&server.tenant, &one, 0)
        .await
        .unwrap();
    server
}

async fn waits(server: &TestServer, more: &Value) -> Waiting {
    let request = with(&json!({"key": "pk_one", "wait": true}), more);
    let refused = server.mint(&request).await;
    let told = problem(refused, 429, slug::LINES_BUSY).await;
    told.waiting.expect("a place in line")
}

async fn look(server: &TestServer, place: &str) -> Option<Waiting> {
    let url = server.url(&format!("/api/public/places/{place}?key=pk_one"));
    let answer = server.http.post(url).send().await.unwrap();
    if answer.status() == StatusCode::NOT_FOUND {
        return None;
    }
    Some(answer.json().await.unwrap())
}

async fn hang_up(server: &TestServer, call: &str) {
    for mut webhook in life_of_a_call() {
        webhook["call"]["call_id"] = call.into();
        assert_eq!(server.webhook(&webhook).await.status(), 204);
    }
    server.settled().await;
}

#[tokio::test]
async fn who_came_first_is_served_first() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = one_line(scratch, &retell).await;
        let nothing = json!({});
        let first = server.mint(&json!({"key": "pk_one", "wait": true})).await;
        assert_eq!(first.status(), 201);
        let second = waits(&server, &nothing).await;
        assert_eq!((second.ahead, second.ready), (0, false));
        assert_eq!(second.wait_ms, None, "no call has ended yet");
        let third = waits(&server, &nothing).await;
        assert_eq!(third.ahead, 1);
        assert_eq!(look(&server, &second.place).await, Some(second.clone()));

        hang_up(&server, "call_1").await;
        let second = look(&server, &second.place).await.unwrap();
        assert_eq!((second.ahead, second.ready), (0, true));
        assert_eq!(second.wait_ms, Some(30_000));
        let third = look(&server, &third.place).await.unwrap();
        assert_eq!((third.ahead, third.ready), (1, false));
        assert_eq!(third.wait_ms, Some(60_000));

        // Nobody overtakes: neither who is behind, nor who has just come.
        let place = json!({"place": third.place});
        assert_eq!(waits(&server, &place).await.place, third.place);
        let newcomer = server.mint(&json!({"key": "pk_one"})).await;
        let told = problem(newcomer, 429, slug::LINES_BUSY).await;
        assert_eq!(told.waiting, None, "did not ask to wait");
        // Whoever has waited is not one call more of their address.
        let refused = server.mint(&json!({"key": "pk_one"})).await;
        problem(refused, 429, slug::RATE_LIMITED).await;
        let served = json!({"key": "pk_one", "wait": true, "place": second.place});
        let served = server.mint(&served).await;
        assert_eq!(served.status(), 201);
        let access: CallAccess = served.json().await.unwrap();
        assert_eq!(access.call_id, "call_2");
        assert_eq!(look(&server, &second.place).await, None);
        let third = look(&server, &third.place).await.unwrap();
        assert_eq!((third.ahead, third.ready), (0, false));
        server.stop().await;
    }
}

#[tokio::test]
async fn retell_s_own_lines_are_waited_for_in_turn_with_any_key() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        let free = Arc::new(AtomicU32::new(1));
        let (lines, minted) = (Arc::clone(&free), AtomicU32::new(0));
        Mock::given(path("/v3/create-web-call"))
            .respond_with(move |_: &wiremock::Request| {
                let all = Ordering::SeqCst;
                if lines
                    .fetch_update(all, all, |it| it.checked_sub(1))
                    .is_err()
                {
                    return ResponseTemplate::new(429);
                }
                let call_id = format!("call_{}", minted.fetch_add(1, all));
                ResponseTemplate::new(201).set_body_json(json!({
                    "call_id": call_id, "access_token": "token_1", "transport": "gateway",
                }))
            })
            .mount(&retell)
            .await;
        let lines = Arc::clone(&free);
        Mock::given(path("/get-concurrency"))
            .respond_with(move |_: &wiremock::Request| {
                let current = 20 - lines.load(Ordering::SeqCst);
                ResponseTemplate::new(200)
                    .set_body_json(json!({"current_concurrency": current, "concurrency_limit": 20}))
            })
            .mount(&retell)
            .await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let store = &server.app().store;
        for id in ["pk_one", "pk_two"] {
            store
                .public_keys()
                .upsert(&server.tenant, &key(id), 0)
                .await
                .unwrap();
        }
        assert_eq!(server.mint(&json!({"key": "pk_one"})).await.status(), 201);
        // Who does not wait is told whose lines are busy.
        let refused = server.mint(&json!({"key": "pk_one"})).await;
        problem(refused, 503, slug::RETELL_BUSY).await;
        let first = waits(&server, &json!({})).await;
        let second = waits(&server, &json!({"key": "pk_two"})).await;
        assert_eq!((first.ahead, first.ready), (0, false));
        assert_eq!((second.ahead, second.ready), (1, false));

        free.store(1, Ordering::SeqCst);
        let ready = async |place: &Waiting| {
            let now = look(&server, &place.place).await.unwrap();
            (now.ahead, now.ready)
        };
        assert_eq!(ready(&second).await, (1, false));
        assert_eq!(ready(&first).await, (0, true));
        // Nobody overtakes, with whichever key.
        let place = json!({"key": "pk_two", "place": second.place});
        assert_eq!(waits(&server, &place).await.place, second.place);
        let newcomer = server.mint(&json!({"key": "pk_two"})).await;
        assert_eq!(problem(newcomer, 429, slug::LINES_BUSY).await.waiting, None);
        let served = json!({"key": "pk_one", "wait": true, "place": first.place});
        assert_eq!(server.mint(&served).await.status(), 201);
        assert_eq!(look(&server, &first.place).await, None);
        assert_eq!(ready(&second).await, (0, false));
        // Somebody else was quicker at Retell: the place stays.
        assert_eq!(
            waits(&server, &place).await,
            look(&server, &second.place).await.unwrap()
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn a_place_that_is_given_up_is_the_next_one_s() {
    let retell = retell().await;
    let server = one_line(Scratch::sqlite(), &retell).await;
    let nothing = json!({});
    assert_eq!(server.mint(&json!({"key": "pk_one"})).await.status(), 201);
    let (second, third) = (
        waits(&server, &nothing).await,
        waits(&server, &nothing).await,
    );
    let url = server.url(&format!("/api/public/places/{}?key=pk_one", second.place));
    let left = server.http.delete(url).send().await.unwrap();
    assert_eq!(left.status(), 204);
    assert_eq!(look(&server, &second.place).await, None);
    assert_eq!(look(&server, &third.place).await.unwrap().ahead, 0);
    // A place is of its key's business.
    for key in ["pk_none", "pk_disabled"] {
        let url = server.url(&format!("/api/public/places/{}?key={key}", third.place));
        let answer = server.http.post(url).send().await.unwrap();
        problem(answer, 404, slug::NOT_FOUND).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_silent_panel_lets_others_pass_and_a_gone_one_loses_its_place() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = one_line(scratch, &retell).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        let (_, one) = store.public_keys().find("pk_one").await.unwrap().unwrap();
        let now = server.app().clock.now_ms();
        let wait = async |place: Option<&str>, now| {
            let room = store
                .places()
                .reserve_or_wait(tenant, &one, place, now, now);
            match room.await.unwrap() {
                Room::LinesBusy(Some(place)) => place,
                room => panic!("{room:?}"),
            }
        };
        let busy = store
            .places()
            .reserve(tenant, &one, now, now)
            .await
            .unwrap();
        let Room::Free(Some(busy)) = busy else {
            panic!("{busy:?}");
        };
        let first = wait(None, now).await;
        let second = wait(None, now + 1).await;
        assert_eq!((first.ahead, second.ahead), (0, 1));
        store.places().release(tenant, &busy).await.unwrap();

        let look = async |place: &Place, now| {
            let kept = store.places().keep(tenant, &one, &place.id, now);
            let kept = kept.await.unwrap();
            kept.map(|place| (place.ahead, place.ready))
        };
        // The first one's page is out of sight: nobody waits for it.
        let later = now + 11_000;
        assert_eq!(look(&second, later).await, Some((0, true)));
        // Seen again, it is before the others.
        assert_eq!(look(&first, later).await, Some((0, true)));
        assert_eq!(look(&second, later).await, Some((1, false)));
        assert_eq!(look(&first, later + 91_000).await, None);
        server.stop().await;
    }
}
