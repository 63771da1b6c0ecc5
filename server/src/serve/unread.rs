//! A connection whose other end has to read: an answer that is not read for too
//! long is ended, and with it whatever it holds.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;

/// A stream that fails once writing was not possible for a while.
#[derive(Debug)]
pub(super) struct Unread<S> {
    stream: S,
    patience: Duration,
    stop: CancellationToken,
    hurry: Duration,
    /// Runs while nothing can be written.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<S> Unread<S> {
    /// Waits for `patience`, and from `stop` on for no longer than `hurry`.
    pub(super) fn new(
        stream: S,
        patience: Duration,
        stop: CancellationToken,
        hurry: Duration,
    ) -> Self {
        Self {
            stream,
            patience,
            stop,
            hurry,
            stuck: None,
        }
    }

    fn watch<T>(&mut self, context: &mut Context<'_>, written: Poll<Result<T>>) -> Poll<Result<T>> {
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let patience = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(patience)));
        if self.stop.is_cancelled() {
            let soon = Instant::now() + self.hurry;
            if soon < stuck.deadline() {
                stuck.as_mut().reset(soon);
            }
        }
        ready!(stuck.as_mut().poll(context));
        Poll::Ready(Err(Error::new(
            ErrorKind::TimedOut,
            "the answer was not read",
        )))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unread<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unread<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const NEVER: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn who_does_not_read_is_cut_off() {
        let (stream, mut reader) = duplex(10);
        let mut writer = Unread::new(stream, SOON, CancellationToken::new(), SOON);
        let begun = Instant::now();
        let error = writer.write_all(&[0; 11]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(begun.elapsed() >= SOON);
        // Who reads after all is waited for anew.
        reader.read_exact(&mut [0; 10]).await.unwrap();
        writer.write_all(&[0; 10]).await.unwrap();
        assert!(writer.stuck.is_none());
    }

    #[tokio::test]
    async fn a_stop_waits_no_longer_for_a_reader() {
        let (stream, _reader) = duplex(10);
        let stop = CancellationToken::new();
        let mut writer = Unread::new(stream, NEVER, stop.clone(), SOON);
        let mut writing = Box::pin(writer.write_all(&[0; 11]));
        assert!(futures_util::poll!(writing.as_mut()).is_pending());
        stop.cancel();
        // As the connection's task does, which hears of the stop itself.
        let error = writing.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
