//! The one socket behind a watched call: kept open while somebody watches and
//! the call goes on.

use std::sync::Arc;

use api::problem::slug;
use retell::Client;
use retell::models::{DisconnectionReason, MonitorMessage};
use retell::monitor::{CloseCause, Monitor, MonitorEvent};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::convert;
use super::hub::{LiveCall, News, Shared};

/// Watches until nobody has for a while, or the server goes down.
pub(super) async fn run(hub: Arc<Shared>, client: Client, call: Arc<LiveCall>) {
    loop {
        tokio::select! {
            () = follow(&hub, &client, &call) => {}
            () = call.unwatched(hub.settings.linger) => {
                if hub.release(&call) {
                    return;
                }
            }
            // The viewers are told by the same token.
            () = hub.closing.cancelled() => return,
        }
    }
}

/// Feeds the log until the call is over, and then does nothing.
async fn follow(hub: &Shared, client: &Client, call: &LiveCall) {
    let mut news = call.news.subscribe();
    while !call.is_over() {
        if call.is_taken_over() {
            // Retell lets nobody watch it any more.
            call.update(|log| log.unavailable(slug::TAKEN_OVER));
            ended(&mut news).await;
        }
        if let News::Ended(reason) = news.borrow_and_update().clone() {
            call.update(|log| log.end(reason));
            break;
        }
        match watch_once(hub, client, call, &mut news).await {
            Outcome::Over | Outcome::Again => {}
            Outcome::Later => {
                // The end may have been told before the upstream gave up.
                let known = matches!(*news.borrow(), News::Ended(_));
                if !known {
                    tokio::select! {
                        () = sleep(hub.settings.try_again) => {}
                        // The sender lives in `call`: waiting on it cannot fail.
                        _ = news.changed() => {}
                    }
                }
            }
            Outcome::Never => {
                ended(&mut news).await;
            }
        }
    }
    std::future::pending::<()>().await;
}

/// Only a webhook can still tell that the call is over.
async fn ended(news: &mut watch::Receiver<News>) {
    // The sender lives as long as the call: waiting on it cannot fail.
    let _ = news.wait_for(|news| matches!(news, News::Ended(_))).await;
}

/// What became of one attempt at watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The call is over, and the log says so.
    Over,
    /// Something was heard of the call: look again at once.
    Again,
    /// Retell did not let us watch, but may.
    Later,
    /// Retell does not let us watch.
    Never,
}

async fn watch_once(
    hub: &Shared,
    client: &Client,
    call: &LiveCall,
    news: &mut watch::Receiver<News>,
) -> Outcome {
    let mut monitor = match Monitor::open(client, &call.id, hub.settings.reconnect) {
        Ok(monitor) => monitor,
        Err(error) => {
            tracing::warn!(call_id = call.id, %error, "this call cannot be watched");
            call.update(|log| log.unavailable(slug::MONITOR_REFUSED));
            return Outcome::Never;
        }
    };
    let mut reason = None;
    let mut connected = false;
    let mut last_words: Option<Instant> = None;
    loop {
        let event = tokio::select! {
            event = monitor.next() => event,
            _ = news.changed() => {
                let now = news.borrow_and_update().clone();
                match now {
                    // The last words are on their way, unless nothing ever came.
                    News::Ended(told) if connected => {
                        reason = reason.or(told);
                        last_words = Some(Instant::now() + hub.settings.last_words);
                        continue;
                    }
                    News::Started if connected => continue,
                    // Rather than wait for the next try at a call that is not ongoing.
                    News::None | News::Started | News::Ended(_) => return Outcome::Again,
                }
            }
            () = sleep_until(last_words.unwrap_or_else(Instant::now)), if last_words.is_some() => {
                call.update(|log| log.end(reason));
                return Outcome::Over;
            }
        };
        match event {
            Some(MonitorEvent::Message(message)) => {
                connected = true;
                match message {
                    MonitorMessage::TranscriptSnapshot(transcripts)
                    | MonitorMessage::TranscriptUpdated(transcripts) => {
                        let items = convert::items(transcripts);
                        call.update(|log| log.apply(&items));
                    }
                    // What people say to each other is not transcribed; the call goes on.
                    MonitorMessage::CallEnded(ended)
                        if ended.disconnection_reason
                            == Some(DisconnectionReason::CallTakeOver)
                            && last_words.is_none() =>
                    {
                        call.update(|log| log.unavailable(slug::TAKEN_OVER));
                        return Outcome::Never;
                    }
                    MonitorMessage::CallEnded(ended) => {
                        let told = ended.disconnection_reason.map(|told| told.to_string());
                        return over(hub, call, told.or(reason));
                    }
                    MonitorMessage::Other(_) => {}
                }
            }
            Some(MonitorEvent::Closed {
                cause: CloseCause::Ended,
                ..
            }) => {
                return over(hub, call, reason);
            }
            Some(MonitorEvent::Closed { .. }) if last_words.is_some() => {
                return over(hub, call, reason);
            }
            Some(MonitorEvent::Closed { cause, code, .. }) => {
                tracing::info!(
                    call_id = call.id,
                    ?cause,
                    code,
                    "a call's monitor stream closed"
                );
                return closed(hub, call, cause);
            }
            None => return Outcome::Later,
        }
    }
}

fn over(hub: &Shared, call: &LiveCall, reason: Option<String>) -> Outcome {
    call.update(|log| log.end(reason));
    // The webhook that says so may be late, or lost.
    hub.doubt(&call.id);
    Outcome::Over
}

fn closed(hub: &Shared, call: &LiveCall, cause: CloseCause) -> Outcome {
    match cause {
        CloseCause::Ended => Outcome::Over,
        CloseCause::NotOngoing => {
            // Not joined yet, or long over.
            hub.doubt(&call.id);
            Outcome::Later
        }
        CloseCause::WatcherLimit => {
            call.update(|log| log.unavailable(slug::MONITOR_REFUSED));
            Outcome::Later
        }
        CloseCause::Refused => {
            call.update(|log| log.unavailable(slug::MONITOR_REFUSED));
            Outcome::Never
        }
        CloseCause::ConnectionLost => {
            call.update(|log| log.unavailable(slug::RETELL_UNREACHABLE));
            Outcome::Later
        }
    }
}
