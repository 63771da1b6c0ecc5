//! Bodies that have to come: one that pauses, or takes too long in all, is not
//! waited for. Only the sender's time counts, not what we wait for.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::ground::Ground;

/// How long a body is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Between two parts of it.
    pub(crate) pause: Duration,
    /// In all.
    pub(crate) whole: Duration,
}

/// The body did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub(crate) struct TooSlow(pub(crate) Pace);

impl TooSlow {
    /// What is behind an error, if it is this.
    pub(crate) fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |&error| error.source())
            .find_map(|error| error.downcast_ref())
    }
}

/// A body that has to come at a pace.
#[derive(Debug)]
struct Paced {
    body: Body,
    pace: Pace,
    /// What is left of the whole time, as of the last part.
    left: Duration,
    /// Since when the next part is waited for.
    since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// The body, as long as it keeps the pace.
pub(crate) fn paced(body: Body, pace: Pace) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::new(Paced {
        body,
        pace,
        left: pace.whole,
        since: None,
        alarm: None,
    })
}

/// Gives every request's body the pace that is set for all.
pub(crate) async fn layer(State(cx): State<Ground>, request: Request, next: Next) -> Response {
    let pace = Pace {
        pause: cx.config.edge.body_pause,
        whole: cx.config.edge.body,
    };
    next.run(request.map(|body| paced(body, pace))).await
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if let Some(since) = this.since.take() {
                this.left = this.left.saturating_sub(since.elapsed());
            }
            return Poll::Ready(frame);
        }
        let now = Instant::now();
        let until = now + this.pace.pause.min(this.left);
        let alarm = this
            .alarm
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if this.since.is_none() {
            this.since = Some(now);
            alarm.as_mut().reset(until);
        }
        ready!(alarm.as_mut().poll(context));
        Poll::Ready(Some(Err(axum::Error::new(TooSlow(this.pace)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use futures_util::stream;
    use tokio::time::sleep;

    use super::*;

    const NEVER: Duration = Duration::from_secs(3600);
    const SOON: Duration = Duration::from_millis(20);

    /// A body of so many bytes, with a pause before each.
    fn slow(bytes: usize, pause: Duration) -> Body {
        Body::from_stream(stream::unfold(bytes, move |left| async move {
            sleep(pause).await;
            let left = left.checked_sub(1)?;
            Some((Ok::<_, std::io::Error>("x"), left))
        }))
    }

    async fn read(body: Body, pause: Duration, whole: Duration) -> Result<usize, axum::Error> {
        let body = paced(body, Pace { pause, whole });
        Ok(to_bytes(body, usize::MAX).await?.len())
    }

    #[tokio::test]
    async fn a_body_that_comes_is_read() {
        assert_eq!(read(slow(3, SOON), NEVER, NEVER).await.unwrap(), 3);
        assert_eq!(read(Body::empty(), Duration::ZERO, NEVER).await.unwrap(), 0);
        assert_eq!(read("abc".into(), Duration::ZERO, NEVER).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_pause_and_a_trickle_have_an_end() {
        for (pause, whole) in [(SOON, NEVER), (NEVER, SOON)] {
            let error = read(slow(usize::MAX, SOON * 4), pause, whole).await;
            assert!(TooSlow::behind(&error.unwrap_err()).is_some());
        }
        let trickle = read(slow(usize::MAX, SOON), NEVER, SOON * 10).await;
        assert!(TooSlow::behind(&trickle.unwrap_err()).is_some());
    }

    #[tokio::test]
    async fn what_we_wait_for_is_not_the_sender_s_time() {
        let pace = Pace {
            pause: NEVER,
            whole: SOON,
        };
        let mut body = paced(
            Body::from_stream(stream::iter(["a", "b"].map(Ok::<_, std::io::Error>))),
            pace,
        );
        for _ in 0..2 {
            sleep(SOON * 2).await;
            let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context));
            assert!(frame.await.unwrap().is_ok());
        }
    }
}
