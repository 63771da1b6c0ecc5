//! A server's clock that jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use server::clock::Clock;

use crate::faults::storm::{Storm, add_endpoint};
use crate::support::{Scratch, TestServer};

/// A clock that goes on from wherever somebody sets it. Right at first.
#[derive(Debug, Clone, Default)]
pub(super) struct WrongClock {
    /// How far it is ahead of the right time (ms).
    ahead_ms: Arc<AtomicI64>,
}

impl WrongClock {
    pub(super) fn clock(&self) -> Clock {
        let (right, ahead_ms) = (Clock::system(), Arc::clone(&self.ahead_ms));
        Clock::from_fn(move || right.now_ms() + ahead_ms.load(Ordering::SeqCst))
    }

    pub(super) fn set_ahead(&self, by: Duration) {
        self.set(by, 1);
    }

    fn set_behind(&self, by: Duration) {
        self.set(by, -1);
    }

    fn set(&self, by: Duration, sign: i64) {
        let ms = i64::try_from(by.as_millis()).unwrap();
        self.ahead_ms.store(sign * ms, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_clock_that_jumps_loses_and_doubles_nothing() {
    /// Within what a signature may be off.
    const LITTLE: Duration = Duration::from_secs(4 * 60);
    const FAR: Duration = Duration::from_secs(60 * 60);
    for scratch in Scratch::each().await {
        let hand = WrongClock::default();
        let server =
            TestServer::start_by(hand.clock(), scratch, "http://127.0.0.1:9", |_| {}).await;
        add_endpoint(&server.app().store, &server.tenant).await;
        let storm = Storm::new();
        let mut senders = Vec::new();
        for jump in [WrongClock::set_ahead, WrongClock::set_behind] {
            jump(&hand, LITTLE);
            senders.push(storm.blow(&server.url(""), 50).await);
            // What comes then is refused, for Retell to send again.
            jump(&hand, FAR);
            storm.until_refused(50).await;
        }
        // What was put off by the clock that was ahead is due by the one behind.
        hand.set_ahead(LITTLE);
        senders.push(storm.blow(&server.url(""), 50).await);
        hand.set_behind(LITTLE);
        senders.push(storm.blow(&server.url(""), 50).await);
        drop(senders);
        let result = storm.found(&server.scratch, &server.tenant).await;
        println!(
            "{}: the clock jumped, {} refused, {result}",
            server.scratch.engine(),
            storm.refused()
        );
        assert_eq!((result.lost, result.doubled), (0, 0), "{result}");
        assert_eq!(result.found, result.acknowledged, "{result}");
        server.stop().await;
    }
}
