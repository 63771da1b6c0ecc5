//! What is refused although its signature is good: it is kept whole, and can be worked
//! on later.

use api::inbox::{EntryDetail, EntryPage, Replayed};
use api::problem::slug;
use serde_json::{Value, json};
use server::people::Role;

use crate::support::{Desk, Scratch, TestServer, life_of_a_call, problem, sign};
use crate::webhooks::{detail, started};

const MINUTE: i64 = 60 * 1000;

/// The end of a call, with more of a transcript than is read of anybody.
fn long_end() -> String {
    let mut end = life_of_a_call().remove(3);
    // What is never kept.
    end["call"].as_object_mut().unwrap().remove("access_token");
    end["call"]["transcript"] = "word ".repeat(10_000).into();
    end.to_string()
}

async fn newest(desk: &Desk<'_>) -> EntryDetail {
    let page: EntryPage = desk.get("/api/desk/inbox").await;
    let id = &page.items[0].id;
    desk.get(&format!("/api/desk/inbox/{id}")).await
}

async fn replay(server: &TestServer, desk: &Desk<'_>, id: &str) -> u64 {
    let replayed: Replayed = desk
        .post("/api/desk/inbox/replay", &json!({"ids": [id]}))
        .await;
    server.settled().await;
    replayed.count
}

#[tokio::test]
async fn what_comes_under_a_clock_that_is_off_is_told_so_and_replayed_later() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let body = long_end();
        for (off, word) in [(6_i64, "its future"), (-7, "held up")] {
            let at = server.app().clock.now_ms() + off * MINUTE + off.signum() * 1000;
            let signature = sign(body.as_bytes(), at);
            let refused = server.post_webhook(body.clone(), Some(&signature)).await;
            let told = problem(refused, 401, slug::SIGNATURE_STALE).await;
            let told = told.detail.unwrap();
            let minutes = format!("clock is off by about {} minutes", off.abs());
            assert!(told.contains(&minutes) && told.contains(word), "{told}");
        }
        assert_eq!(detail(&server).await, None, "never acted on by itself");

        // The two are one entry that came twice.
        let kept = newest(&desk).await;
        assert_eq!((kept.body, kept.summary.duplicates), (body.clone(), 1));
        assert_eq!(kept.summary.state, "rejected");
        assert_eq!(kept.summary.event.as_deref(), Some("call_analyzed"));
        let ahead = kept.summary.ahead_ms.unwrap();
        assert!((6 * MINUTE..7 * MINUTE).contains(&ahead), "{ahead}");
        assert!(kept.summary.replayable);
        assert_eq!(replay(&server, &desk, &kept.summary.id).await, 1);
        assert_eq!(newest(&desk).await.summary.state, "done");
        let call = detail(&server).await.unwrap();
        assert_eq!(call.analysis_summary.as_deref(), Some("Said hello."));

        // What was put aside does not stand for one that comes in time.
        let signature = sign(body.as_bytes(), server.app().clock.now_ms());
        let taken = server.post_webhook(body, Some(&signature)).await;
        assert_eq!(taken.status(), 204);
        server.settled().await;
        let page: EntryPage = desk.get("/api/desk/inbox").await;
        assert_eq!(page.items.len(), 2);
        server.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_whole_for_a_version_that_can() {
    let server = started().await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let body = json!([long_end()]).to_string();
    let signature = sign(body.as_bytes(), server.app().clock.now_ms());
    let refused = server.post_webhook(body.clone(), Some(&signature)).await;
    problem(refused, 400, slug::BODY_INVALID).await;
    let kept = newest(&desk).await;
    assert_eq!(kept.summary.verdict, "malformed");
    assert_eq!(kept.body, body);
    assert!(kept.summary.replayable);
    // This version reads it no better.
    assert_eq!(replay(&server, &desk, &kept.summary.id).await, 1);
    let tried = newest(&desk).await.summary;
    assert_eq!((tried.state.as_str(), tried.attempts), ("ignored", 1));

    // Of what nobody signed there is a part, and it is never worked on.
    let forged = server.post_webhook(body, Some(&sign(b"other", 1))).await;
    problem(forged, 401, slug::SIGNATURE_INVALID).await;
    let kept = newest(&desk).await;
    assert_eq!((kept.body.len(), kept.summary.replayable), (1024, false));
    let replayed = json!({"ids": [kept.summary.id]});
    let refused = desk
        .send("POST", "/api/desk/inbox/replay", Some(&replayed))
        .await;
    problem(refused, 409, slug::NOTHING_TO_REPLAY).await;
    server.stop().await;
}

#[tokio::test]
async fn questions_are_answered_while_the_database_is_away() {
    let server = started().await;
    let own = format!("/api/webhooks/retell/{}", server.tenant.id());
    let ask = async |path: &str, from: &str| {
        let question = json!({"event": "call_inbound", "call_inbound": {
            "from_number": from, "to_number": "+493023125100",
        }});
        let body = question.to_string();
        let signature = sign(body.as_bytes(), server.app().clock.now_ms());
        let request = server.http.post(server.url(path)).body(body);
        let request = request.header("x-retell-signature", signature);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json::<Value>().await.unwrap()
    };
    let addresses = ["/api/webhooks/retell", own.as_str()];
    for path in addresses {
        assert_eq!(ask(path, "+491701234567").await, json!({}));
    }
    server.app().store.close().await;
    // Long enough for the keys to be asked for again.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let began = std::time::Instant::now();
    for path in addresses {
        assert_eq!(ask(path, "+491701234568").await, json!({}));
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(2));
    server.stop().await;
}
