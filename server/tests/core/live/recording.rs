//! Recordings reach the desk through us, whole or in parts.

use reqwest::Response;
use reqwest::header::{COOKIE, RANGE};
use serde_json::{Value, json};

use crate::retell_stub::{RECORDING, RetellStub};
use crate::stage::Stage;
use crate::support::{in_time, problem};

const PATH: &str = "/api/desk/calls/call_1/recording";

/// A call that is over, with what Retell says of its recordings: they are where
/// Retell is, whose address the operator named.
async fn recorded(recordings: Value) -> (Stage, String) {
    heard(Stage::set().await, recordings).await
}

/// The same on this stage; a whole address is somewhere else.
async fn heard(stage: Stage, recordings: Value) -> (Stage, String) {
    let cookie = stage.cookie().await;
    let mut desk = stage.staff_stream("/api/desk/events", &cookie, None).await;
    stage.call("call_1").await;
    let mut call = recordings;
    call["call_id"] = "call_1".into();
    call["call_status"] = "ended".into();
    for name in ["recording_url", "recording_multi_channel_url"] {
        if let Some(file) = call[name].as_str()
            && !file.contains("://")
        {
            call[name] = format!("{}/recordings/{file}", stage.retell.url).into();
        }
    }
    stage.hear("call_ended", call).await;
    while desk.until("call").await.data["status"] != "ended" {}
    (stage, cookie)
}

async fn fetch(stage: &Stage, cookie: &str, path: &str, range: Option<&str>) -> Response {
    let request = stage.get(path).header(COOKIE, cookie);
    let request = match range {
        Some(range) => request.header(RANGE, range),
        None => request,
    };
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_recording_plays_whole_and_in_parts() {
    let (stage, cookie) = recorded(json!({"recording_url": "good.wav"})).await;
    let whole = fetch(&stage, &cookie, PATH, None).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(
        whole.headers()["content-type"],
        "audio/wav",
        "never as a page"
    );
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert_eq!(
        whole.headers()["content-length"],
        RECORDING.len().to_string()
    );
    assert_eq!(whole.bytes().await.unwrap(), RECORDING);

    let part = fetch(&stage, &cookie, PATH, Some("bytes=4-9")).await;
    assert_eq!(part.status(), 206);
    assert_eq!(
        part.headers()["content-range"],
        format!("bytes 4-9/{}", RECORDING.len())
    );
    assert_eq!(part.bytes().await.unwrap(), &RECORDING[4..=9]);

    let beyond = fetch(&stage, &cookie, PATH, Some("bytes=4000-")).await;
    assert_eq!(beyond.status(), 416);
    for headers in stage.retell.recording_requests() {
        assert!(
            !headers.contains_key("authorization"),
            "the API key stays here"
        );
        assert!(!headers.contains_key("cookie"));
    }
    stage.stop().await;
}

#[tokio::test]
async fn an_address_that_does_not_work_any_more_is_asked_for_anew() {
    let (stage, cookie) = recorded(json!({"recording_url": "expired.wav"})).await;
    stage.retell.set_call(json!({
        "call_id": "call_1", "call_type": "web_call", "agent_id": "agent_1",
        "access_token": "", "call_status": "ended",
        "recording_url": format!("{}/recordings/good.wav", stage.retell.url),
    }));
    let whole = fetch(&stage, &cookie, PATH, None).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.bytes().await.unwrap(), RECORDING);
    assert_eq!(stage.retell.recording_requests().len(), 2);
    // The new address is kept.
    let again = fetch(&stage, &cookie, PATH, None).await;
    assert_eq!(again.status(), 200);
    assert_eq!(stage.retell.recording_requests().len(), 3);
    stage.stop().await;
}

#[tokio::test]
async fn what_cannot_be_played_is_said_without_an_address() {
    let (stage, cookie) = recorded(json!({"recording_url": "expired.wav"})).await;
    let response = fetch(&stage, &cookie, PATH, None).await;
    let told = problem(response, 404, "recording-unavailable").await;
    assert!(!format!("{told:?}").contains("expired.wav"));
    let multi = format!("{PATH}?channels=multi");
    problem(
        fetch(&stage, &cookie, &multi, None).await,
        404,
        "recording-unavailable",
    )
    .await;
    stage.stop().await;
}

#[tokio::test]
async fn each_voice_can_have_its_channel() {
    let (stage, cookie) = recorded(json!({"recording_multi_channel_url": "good.wav"})).await;
    let multi = format!("{PATH}?channels=multi");
    assert_eq!(
        fetch(&stage, &cookie, &multi, None)
            .await
            .bytes()
            .await
            .unwrap(),
        RECORDING
    );
    problem(
        fetch(&stage, &cookie, PATH, None).await,
        404,
        "recording-unavailable",
    )
    .await;
    stage.stop().await;
}

#[tokio::test]
async fn a_recording_elsewhere_is_fetched_from_a_network_the_operator_allowed() {
    let storage = RetellStub::start().await;
    let stage = Stage::set_with(|config| {
        config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let url = format!("{}/recordings/good.wav", storage.url);
    let (stage, cookie) = heard(stage, json!({"recording_url": url})).await;
    let whole = fetch(&stage, &cookie, PATH, None).await;
    assert_eq!(whole.bytes().await.unwrap(), RECORDING);
    stage.stop().await;
}

#[tokio::test]
async fn no_recording_is_fetched_from_inside_the_network() {
    let inside = RetellStub::start().await;
    let port = inside.url.rsplit(':').next().unwrap();
    for host in [
        format!("http://127.0.0.1:{port}"),
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
        format!("https://[::ffff:127.0.0.1]:{port}"),
        format!("https://[64:ff9b::7f00:1]:{port}"),
        "https://[fd00:ec2::254]".to_owned(),
        "http://169.254.169.254".to_owned(),
        "https://169.254.169.254".to_owned(),
    ] {
        let url = format!("{host}/recordings/good.wav");
        let (stage, cookie) = recorded(json!({"recording_url": url})).await;
        let refused = fetch(&stage, &cookie, PATH, None).await;
        problem(refused, 404, "recording-unavailable").await;
        stage.stop().await;
    }
    // Nor by way of an address that may be asked.
    let (stage, cookie) = recorded(json!({"recording_url": "moved.wav"})).await;
    stage
        .retell
        .move_recording(format!("{}/recordings/good.wav", inside.url));
    let refused = fetch(&stage, &cookie, PATH, None).await;
    problem(refused, 404, "recording-unavailable").await;
    stage.retell.move_recording("good.wav".to_owned());
    assert_eq!(fetch(&stage, &cookie, PATH, None).await.status(), 200);
    stage.stop().await;
    assert!(inside.recording_requests().is_empty());
}

#[tokio::test]
async fn a_business_fetches_so_many_at_once() {
    let (stage, cookie) = recorded(json!({"recording_url": "endless.wav"})).await;
    let mut open = Vec::new();
    for _ in 0..16 {
        let playing = fetch(&stage, &cookie, PATH, None).await;
        assert_eq!(playing.status(), 200);
        open.push(playing);
    }
    let refused = fetch(&stage, &cookie, PATH, None).await;
    problem(refused, 429, "too-many-open").await;
    open.pop();
    in_time(async { while fetch(&stage, &cookie, PATH, None).await.status() != 200 {} }).await;
    drop(open);
    stage.stop().await;
}
