//! What a call leaves behind, and what is left of one whose task breaks off.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use retell::models::{CallStatus, DisconnectionReason};

use super::create::{self, Given};
use crate::app::App;
use crate::calls::Call;
use crate::config::Config;
use crate::media::MediaServer;
use crate::scenario::Library;

async fn call() -> (App, Arc<Call>) {
    let here = Ipv4Addr::LOCALHOST;
    let media = MediaServer::bind(here.into()).await.unwrap();
    let address = SocketAddr::from((here, 1));
    let library = Library::embedded().unwrap();
    let app = App::new(Config::default(), address, media, library).unwrap();
    let workspace = app.workspaces().get(&app.config.api_key).unwrap();
    let given = Given::of(&workspace, "agent_test_silent".to_owned());
    let made = create::web_call(&app, &mut app.calls(), &given).unwrap();
    let call = app.calls().get(&made.call_id).unwrap();
    (app, call)
}

#[tokio::test]
async fn a_call_whose_task_breaks_off_is_over() {
    let (app, call) = call().await;
    assert!(!call.is_over());
    // Wherever they are, as a panic does.
    app.tasks().end().await;
    assert!(call.is_over());
    let state = call.state();
    assert_eq!(state.object.call_status, Some(CallStatus::Error));
    let reason = state.object.disconnection_reason.clone();
    assert_eq!(reason, Some(DisconnectionReason::ErrorRetell));
    assert_eq!(app.calls().active(), 0);
}

#[tokio::test]
async fn only_a_call_that_is_watched_keeps_a_backlog_and_only_while_it_lasts() {
    let (app, call) = call().await;
    let backlog = |call: &Call| crate::lock::lock(&call.monitor).is_some();
    assert!(!backlog(&call));
    let watcher = call.watch();
    assert!(backlog(&call));
    app.tasks().end().await;
    assert!(!backlog(&call) && watcher.is_closed());
}
