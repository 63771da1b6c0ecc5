//! The desk's list, updating by itself.

use serde_json::json;

use crate::retell_stub::said;
use crate::stage::Stage;

const EVENTS: &str = "/api/desk/events";

#[tokio::test]
async fn a_desk_sees_its_own_calls_change_and_resumes() {
    let stage = Stage::set().await;
    let (other, _) = stage.other_tenant().await;
    let cookie = stage.cookie().await;
    let mut desk = stage.staff_stream(EVENTS, &cookie, None).await;
    stage.call_of(&other, "call_of_others").await;
    stage.call("call_1").await;
    let first = desk.expect("call").await;
    assert_eq!(first.data["id"], "call_1");
    assert_eq!(first.data["status"], "registered");
    drop(desk);

    stage
        .hear(
            "call_started",
            json!({"call_id": "call_1", "call_status": "ongoing"}),
        )
        .await;
    let mut desk = stage
        .staff_stream(EVENTS, &cookie, first.id.as_deref())
        .await;
    let second = desk.expect("call").await;
    assert_eq!(second.data["status"], "ongoing");
    stage.call("call_2").await;
    assert_eq!(desk.expect("call").await.data["id"], "call_2");
    stage.stop().await;
}

#[tokio::test]
async fn a_desk_that_comes_back_from_another_time_loads_its_list_again() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    let mut desk = stage
        .staff_stream(EVENTS, &cookie, Some("deadbeef-3"))
        .await;
    let resync = desk.expect("resync").await;
    assert_eq!(resync.data, json!({}));
    assert!(resync.id.is_some());
    stage.call("call_1").await;
    assert_eq!(desk.expect("call").await.data["id"], "call_1");
    stage.stop().await;
}

#[tokio::test]
async fn a_desk_is_told_what_is_being_said_without_asking_for_the_call() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    stage.call("call_1").await;
    let started = json!({"call_id": "call_1", "call_status": "ongoing"});
    stage.hear("call_started", started).await;
    // The call went on before the desk was opened.
    let mut desk = stage.staff_stream(EVENTS, &cookie, None).await;
    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Hello!")]);
    assert_eq!(desk.until("said").await.data, "call_1 Hello!");
    upstream.update(&[said("2", "user", "My crown\ncame off.")]);
    assert_eq!(desk.until("said").await.data, "call_1 My crown came off.");
    // One that comes later is told what there is.
    let mut later = stage.staff_stream(EVENTS, &cookie, None).await;
    assert_eq!(later.until("said").await.data, "call_1 My crown came off.");
    stage.stop().await;
}
