//! Asking Retell for calls: after a downtime, on demand, and where it stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use api::inbox::{CallImport, ImportList};
use api::problem::slug;
use serde_json::{Value, json};
use server::app::keepers;
use server::calls::import;
use server::clock::Clock;
use server::deeds::Author;
use server::inbox::last_event_at;
use server::people::Role;
use server::privacy::retention;
use server::store::Tenant;
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{Desk, Scratch, TestServer, a_moment, in_time, life_of_a_call, problem, with};

const COUNT: usize = 250;

fn call(index: usize) -> Value {
    json!({
        "call_id": format!("call_{index}"), "call_type": "web_call", "agent_id": "agent_1",
        "call_status": "ended", "start_timestamp": 1_790_000_000_000_i64 + index as i64 * 1000,
        "end_timestamp": 1_790_000_000_500_i64 + index as i64 * 1000,
        "disconnection_reason": "user_hangup", "call_analysis": {"call_successful": true},
    })
}

/// A Retell with many calls, which fails at the list request with this number,
/// and counts the questions for single calls.
async fn retell_with_history(fails_at: usize) -> (MockServer, Arc<AtomicUsize>) {
    let retell = MockServer::start().await;
    let requests = AtomicUsize::new(0);
    Mock::given(method("POST"))
        .and(path("/v3/list-calls"))
        .respond_with(move |request: &Request| {
            if requests.fetch_add(1, Ordering::Relaxed) == fails_at {
                return ResponseTemplate::new(400);
            }
            let body: Value = request.body_json().unwrap();
            assert_eq!(body["sort_order"], "ascending");
            let range = &body["filter_criteria"]["start_timestamp"]["value"];
            let (from, to) = (range[0].as_i64().unwrap(), range[1].as_i64().unwrap());
            let calls: Vec<_> = (0..COUNT)
                .map(call)
                .filter(|call| (from..=to).contains(&call["start_timestamp"].as_i64().unwrap()))
                .collect();
            let skip: usize = body["pagination_key"]
                .as_str()
                .map_or(0, |key| key.parse().unwrap());
            let limit = usize::try_from(body["limit"].as_u64().unwrap()).unwrap();
            let next = skip + limit;
            ResponseTemplate::new(200).set_body_json(json!({
                "items": calls.iter().skip(skip).take(limit).collect::<Vec<_>>(),
                "has_more": next < calls.len(),
                "pagination_key": (next < calls.len()).then(|| next.to_string()),
                "total": calls.len(),
            }))
        })
        .mount(&retell)
        .await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    Mock::given(method("GET"))
        .and(path_regex("^/v2/get-call/"))
        .respond_with(move |request: &Request| {
            count.fetch_add(1, Ordering::Relaxed);
            let index: usize = request
                .url
                .path()
                .rsplit('_')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let mut call = call(index);
            call["transcript"] = "Agent: Hello".into();
            ResponseTemplate::new(200).set_body_json(call)
        })
        .mount(&retell)
        .await;
    (retell, asked)
}

/// An operator's run over the first calls, until it is over.
async fn import_first(server: &TestServer, tenant: &Tenant, count: usize) -> CallImport {
    let from = 1_790_000_000_000_i64;
    let range = (Some(from), Some(from + (count as i64 - 1) * 1000));
    let app = server.app();
    let id = import::begin(&app.calls, tenant, "operator", None, range)
        .await
        .unwrap();
    let mut told = 0;
    let (_, error) = import::finish_by_id(&app.calls, &id, |_| told += 1)
        .await
        .unwrap()
        .unwrap();
    assert!(error.is_none(), "{error:?}");
    assert!(told > 1);
    let runs = app.store.imports().list(tenant, 10).await.unwrap();
    runs.into_iter().find(|run| run.id == id).unwrap()
}

#[tokio::test]
async fn a_history_is_imported_once_with_its_transcripts() {
    let (retell, asked) = retell_with_history(usize::MAX).await;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        asked.store(0, Ordering::Relaxed);
        let run = import_first(&server, &server.tenant, 5).await;
        assert_eq!((run.state.as_str(), run.seen, run.changed), ("done", 5, 5));
        assert_eq!((run.total, run.of_others), (Some(5), 0));
        assert_eq!(asked.load(Ordering::Relaxed), 5);
        let call = server
            .app()
            .store
            .calls()
            .find(&server.tenant, "call_4")
            .await
            .unwrap();
        let call = call.unwrap().into_detail();
        assert_eq!(call.summary.created_at, 1_790_000_004_000);
        assert_eq!(call.summary.successful, Some(true));
        // Again: nothing is news, and nobody is asked for what is known.
        let run = import_first(&server, &server.tenant, 5).await;
        assert_eq!((run.seen, run.changed), (5, 0));
        assert_eq!(asked.load(Ordering::Relaxed), 5);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_run_goes_on_where_it_stopped_even_if_its_key_is_too_old() {
    // The second page's key is refused: then the list is asked from the time
    // the first page reached.
    let (retell, _) = retell_with_history(1).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |_| {}).await;
    let store = &server.app().store;
    // All are known with their transcripts, so that only lists are asked for.
    for index in 0..120 {
        let mut call = call(index);
        call["transcript"] = "Agent: Hello".into();
        let Value::Object(call) = call else {
            panic!("no object")
        };
        let seen = server::calls::Observation::from_answer(call, 1).unwrap();
        let healing = server::config::Healing::default();
        store
            .calls()
            .observe(&server.tenant, &seen, 1, &healing)
            .await
            .unwrap();
    }
    let run = import_first(&server, &server.tenant, 120).await;
    // The call at the seam is looked at twice.
    assert_eq!(
        (run.state.as_str(), run.seen, run.total),
        ("done", 121, Some(120))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_run_that_is_worked_on_is_nobody_else_s_until_its_lease_ends() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let (app, tenant) = (server.app(), &server.tenant);
        let id = import::begin(&app.calls, tenant, "operator", None, (Some(1), Some(2)))
            .await
            .unwrap();
        // The same again is the same run.
        let again = import::begin(&app.calls, tenant, "operator", None, (Some(1), Some(2))).await;
        assert_eq!(again.unwrap(), id);
        let store = &app.store;
        // Not the server's work.
        let queue = store.jobs().queue(tenant).await.unwrap();
        assert!(
            queue.iter().all(|jobs| jobs.kind != import::KIND),
            "{queue:?}"
        );
        assert!(store.imports().claim(&id, 10, 20).await.unwrap().is_some());
        assert_eq!(store.imports().claim(&id, 19, 30).await.unwrap(), None);
        let mut run = store.imports().claim(&id, 20, 30).await.unwrap().unwrap();
        run.progress.cursor = Some("next".to_owned());
        run.progress.seen = 7;
        assert!(store.imports().keep(&mut run, None, 40).await.unwrap());
        let taken_over = store.imports().claim(&id, 40, 50).await.unwrap().unwrap();
        assert_eq!(taken_over.progress, run.progress);
        // Whose lease ran out notes nothing any more, be it an end.
        run.progress.seen = 1;
        assert!(!store.imports().keep(&mut run, None, 60).await.unwrap());
        assert!(!store.imports().finish(&run, None, 45).await.unwrap());
        assert!(store.imports().finish(&taken_over, None, 45).await.unwrap());
        let runs = store.imports().list(tenant, 1).await.unwrap();
        assert_eq!((runs[0].state.as_str(), runs[0].seen), ("done", 7));
        assert!(
            !store
                .imports()
                .finish(&taken_over, Some("again"), 46)
                .await
                .unwrap()
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn after_a_downtime_what_was_missed_is_asked_for() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        server.webhook(&life_of_a_call()[0]).await;
        server.settled().await;
        let last = last_event_at(&server.app().store, &server.tenant)
            .await
            .unwrap()
            .unwrap();
        let scratch = server.stop_for_now().await;

        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let runs = server
            .app()
            .store
            .imports()
            .list(&server.tenant, 10)
            .await
            .unwrap();
        let [run] = runs.as_slice() else {
            panic!("{runs:?}")
        };
        assert_eq!(
            (run.origin.as_str(), run.from),
            ("start", last - 10 * 60 * 1000)
        );
        assert!(run.to >= last);
        server.stop().await;
    }
}

#[tokio::test]
async fn what_a_proxy_that_was_down_swallowed_is_asked_for_while_the_server_runs() {
    let (retell, _) = retell_with_history(usize::MAX).await;
    let hour = 60 * 60 * 1000;
    let now = Arc::new(AtomicI64::new(1_790_000_000_000 - hour));
    let start = async |scratch: Scratch| {
        let now = Arc::clone(&now);
        let clock = Clock::from_fn(move || now.load(Ordering::Relaxed));
        TestServer::start_by(clock, scratch, &retell.uri(), |_| {}).await
    };
    let server = start(Scratch::sqlite()).await;
    server.webhook(&life_of_a_call()[0]).await;
    server.settled().await;
    let server = start(server.stop_for_now().await).await;
    let newest = async || {
        let runs = server
            .app()
            .store
            .imports()
            .list(&server.tenant, 10)
            .await
            .unwrap();
        (runs.len(), runs[0].clone())
    };
    let done = async |count| loop {
        let (runs, run) = newest().await;
        if runs == count && run.state == "done" {
            return run;
        }
        a_moment().await;
    };
    assert_eq!(in_time(done(1)).await.changed, 0);

    now.store(1_790_000_000_000 + 2_000, Ordering::Relaxed);
    let cx = &server.app().calls;
    import::look_again(cx).await.unwrap();
    let run = in_time(done(2)).await;
    // One it had asked about by itself.
    assert_eq!(
        (run.origin.as_str(), run.seen, run.changed),
        ("start", 3, 2)
    );
    // Another server looks as well.
    import::look_again(cx).await.unwrap();
    assert_eq!(newest().await.0, 2);
    // Where nothing was missed there is nothing to be told.
    retention::apply(&keepers(), &server.app().store, now.load(Ordering::Relaxed))
        .await
        .unwrap();
    assert_eq!(newest().await.0, 1);
    server.stop().await;
}

#[tokio::test]
async fn the_desk_asks_for_missed_calls() {
    let (retell, _) = retell_with_history(usize::MAX).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |_| {}).await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let range = json!({"from": 1_790_000_000_000_i64, "to": 1_790_000_001_000_i64});
    let mut changes = server.app().store.bus().subscribe();
    let started: ImportList = desk.post("/api/desk/imports", &range).await;
    assert_eq!(started.items[0].by_name.as_deref(), Some("Robin"));
    for _ in 0..2 {
        crate::support::next_change(&mut changes).await;
    }
    let lower = Desk::sign_in(&server, Role::Agent).await;
    let refused = lower
        .send("POST", "/api/desk/imports", Some(&json!({})))
        .await;
    problem(refused, 403, slug::ROLE_TOO_LOW).await;
    let wrong = json!({"from": 2, "to": 1});
    let refused = desk.send("POST", "/api/desk/imports", Some(&wrong)).await;
    problem(refused, 400, slug::BODY_INVALID).await;
    server.stop().await;
}

/// A Retell whose account has a call of each of these agents, and a list without an end
/// from [`ENDLESS`] on. Tells how often it is listed.
async fn retell_with_calls_of(agents: &'static [&'static str]) -> (MockServer, Arc<AtomicUsize>) {
    let retell = MockServer::start().await;
    let listed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&listed);
    Mock::given(method("POST"))
        .and(path("/v3/list-calls"))
        .respond_with(move |request: &Request| {
            count.fetch_add(1, Ordering::Relaxed);
            let body: Value = request.body_json().unwrap();
            let from = &body["filter_criteria"]["start_timestamp"]["value"][0];
            let is_endless = *from == ENDLESS;
            let call = |agent: &&str| {
                json!({
                    "call_id": format!("call_of_{agent}"), "call_type": "web_call",
                    "agent_id": agent, "call_status": "error", "start_timestamp": 1,
                })
            };
            let items: Vec<_> = match is_endless {
                true => Vec::new(),
                false => agents.iter().map(call).collect(),
            };
            ResponseTemplate::new(200).set_body_json(json!({
                "items": items, "has_more": is_endless,
                "pagination_key": is_endless.then_some("more"),
            }))
        })
        .mount(&retell)
        .await;
    (retell, listed)
}

/// From when a run is never over.
const ENDLESS: i64 = 7;

async fn run_is(server: &TestServer, tenant: &Tenant, state: &str) -> CallImport {
    let look = async {
        loop {
            let runs = server.app().store.imports().list(tenant, 1).await.unwrap();
            match runs.into_iter().next().filter(|run| run.state == state) {
                Some(run) => return run,
                None => a_moment().await,
            }
        }
    };
    in_time(look).await
}

/// A second business on the account of the first, with an agent of its own.
async fn second_business(server: &TestServer) -> Tenant {
    let store = &server.app().store;
    let other = store
        .tenants()
        .upsert("tenant_9", "Other", "UTC", 1)
        .await
        .unwrap();
    let author = Author::operator();
    store
        .agents()
        .assign(&other, "agent_2", "Nora", &author, 1)
        .await
        .unwrap();
    other
}

#[tokio::test]
async fn businesses_that_share_an_account_have_it_listed_once_after_a_downtime() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let other = second_business(&server).await;
        let mut started = life_of_a_call()[0].clone();
        server.webhook(&started).await;
        started["call"] = with(
            &started["call"],
            &json!({"call_id": "call_2", "agent_id": "agent_2"}),
        );
        server.webhook(&started).await;
        server.settled().await;
        let scratch = server.stop_for_now().await;

        let (retell, listed) = retell_with_calls_of(&["agent_1", "agent_2", "agent_9"]).await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let run = run_is(&server, &server.tenant, "done").await;
        assert_eq!((run.seen, run.changed, run.of_others), (3, 1, 2));
        let run = run_is(&server, &other, "done").await;
        assert_eq!((run.seen, run.changed, run.of_others), (1, 1, 0));
        assert_eq!(listed.load(Ordering::Relaxed), 1);
        let store = &server.app().store;
        for (tenant, id) in [
            (&server.tenant, "call_of_agent_1"),
            (&other, "call_of_agent_2"),
        ] {
            assert!(
                store.calls().find(tenant, id).await.unwrap().is_some(),
                "{id}"
            );
            assert!(
                store
                    .imports()
                    .reconciled_until(tenant)
                    .await
                    .unwrap()
                    .is_some()
            );
        }
        // What is over and followed by another one need not be remembered.
        let range = (Some(1), Some(2));
        let author = Some("Robin".to_owned());
        for _ in 0..2 {
            import::begin(&server.app().calls, &other, "desk", author.clone(), range)
                .await
                .unwrap();
            run_is(&server, &other, "done").await;
        }
        assert_eq!(store.imports().list(&other, 9).await.unwrap().len(), 3);
        assert_eq!(store.imports().forget_old(i64::MAX, 9).await.unwrap(), 1);
        assert_eq!(store.imports().list(&other, 9).await.unwrap().len(), 2);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_long_history_keeps_nobody_else_s_calls_waiting() {
    for scratch in Scratch::each().await {
        let (retell, _) = retell_with_calls_of(&["agent_2"]).await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let other = second_business(&server).await;
        let begin = async |tenant: &Tenant, from: i64| {
            let range = (Some(from), Some(from + 1));
            import::begin(&server.app().calls, tenant, "desk", None, range)
                .await
                .unwrap();
        };
        begin(&server.tenant, ENDLESS).await;
        begin(&other, 1).await;
        let run = run_is(&server, &other, "done").await;
        assert_eq!((run.seen, run.changed), (1, 1));
        run_is(&server, &server.tenant, "running").await;
        server.stop().await;
    }
}
