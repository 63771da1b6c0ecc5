//! The webhook inbox: what is taken, what is refused, and what it does.

mod bodies;
mod effects;
mod oddities;
mod refused;
mod storage;
mod verification;

use api::desk::CallDetail;
use server::inbox::Entry;
use wiremock::MockServer;

use crate::support::TestServer;

pub(crate) async fn detail(server: &TestServer) -> Option<CallDetail> {
    let call = server
        .app()
        .store
        .calls()
        .find(&server.tenant, "call_1")
        .await
        .unwrap();
    call.map(server::calls::StoredCall::into_detail)
}

pub(crate) async fn entries(server: &TestServer) -> Vec<Entry> {
    server
        .app()
        .store
        .inbox_entries()
        .inbox_entries(100)
        .await
        .unwrap()
}

pub(crate) async fn started() -> TestServer {
    TestServer::start(&MockServer::start().await).await
}
