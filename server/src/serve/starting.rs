//! While the store is opened, which brings the tables up to date: that takes as long as
//! there are rows. Whoever keeps servers alive is told that this one lives, and
//! everybody else to come again.

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::connections::{self, Settings};
use crate::operations;
use crate::web::boxed;
use crate::web::problem::store_unavailable;

/// Answers at this address until `ready` is.
///
/// # Errors
/// When the address cannot be listened at twice.
pub(super) async fn until<T>(
    listener: &TcpListener,
    settings: Settings,
    ready: impl Future<Output = T>,
) -> std::io::Result<T> {
    let stop = CancellationToken::new();
    let router = Router::new()
        .route("/healthz", get(boxed(operations::alive)))
        .fallback(async || store_unavailable());
    let settings = settings.until(stop.clone());
    let answering = tokio::spawn(connections::serve(again(listener)?, router, settings));
    let ready = ready.await;
    stop.cancel();
    // Whoever has a connection gets the answer that is due to them.
    drop(answering);
    Ok(ready)
}

/// The same listener once more.
fn again(listener: &TcpListener) -> std::io::Result<TcpListener> {
    let socket = socket2::SockRef::from(listener).try_clone()?;
    TcpListener::from_std(socket.into())
}
