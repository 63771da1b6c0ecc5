//! The desk's list, updating by itself.

use serde_json::json;

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
