//! Work that goes on when whoever asked for it goes away.

use tracing::Instrument as _;

use super::problem::ApiError;
use crate::request_id;

/// Does work to its end, on a task of its own: a handler is dropped in the middle
/// of what it does when its client hangs up.
pub(crate) async fn to_the_end<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Into<ApiError> + Send + 'static,
{
    match tokio::spawn(request_id::carried(work).in_current_span()).await {
        Ok(done) => done.map_err(Into::into),
        Err(error) => {
            tracing::error!(%error, "work was not done to its end");
            Err(ApiError::internal())
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it() {
        let (begun, has_begun) = oneshot::channel();
        let (go, may_go) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let work = async move {
            begun.send(()).unwrap();
            may_go.await.unwrap();
            done.send(()).unwrap();
            Ok::<_, ApiError>(())
        };
        let asking = tokio::spawn(to_the_end(work));
        has_begun.await.unwrap();
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        go.send(()).unwrap();
        is_done.await.unwrap();
    }
}
