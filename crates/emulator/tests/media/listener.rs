//! Staff in a room: hearing both parties, taking over.

use std::sync::Arc;

use emulator::media::{LegRole, MediaEvent};
use emulator::voice::{Speech, Voice};
use str0m::media::Direction;

use crate::room::{TestRoom, assert_tone};

/// Most of a mix of two tones is at either.
const IN_THE_MIX: f32 = 0.25;

/// A long line whose pitch tests can tell: what machines without a synthesizer
/// hear would do, but tests must not depend on what is installed.
async fn long_line() -> Arc<Speech> {
    Voice::new()
        .speak(&["and so on"; 60].join(" "), "en-US")
        .await
}

#[tokio::test]
async fn a_listener_hears_the_visitor_and_the_agent() {
    let mut test = TestRoom::open().await;
    let (client, _) = test.client().await;
    let (listener, _) = test.listener().await;

    client.hum(Some(1_500.0));
    let visitor = |view: &emulator::testing::View| view.tone(1_500.0, 300) > 0.9;
    listener
        .wait_for("the visitor alone", visitor)
        .await
        .unwrap();

    test.room.play(long_line().await);
    let both = |view: &emulator::testing::View| {
        let share = view.tone(1_500.0, 300);
        (0.05..0.85).contains(&share) && view.level(300) > -30
    };
    listener.wait_for("both together", both).await.unwrap();

    client.hum(None);
    let agent =
        |view: &emulator::testing::View| view.tone(1_500.0, 300) < 0.05 && view.level(300) > -40;
    listener.wait_for("the agent alone", agent).await.unwrap();
    assert!(
        client.view().tone(1_500.0, 300) < 0.05,
        "the visitor hears itself"
    );
}

#[tokio::test]
async fn two_listeners_hear_the_same() {
    let mut test = TestRoom::open().await;
    let (client, _) = test.client().await;
    let (first, _) = test.listener().await;
    let (second, _) = test.listener().await;
    client.hum(Some(700.0));
    for listener in [first, second] {
        listener
            .wait_for("the visitor", |view| view.tone(700.0, 300) > 0.9)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_listener_is_not_heard_until_it_may_publish() {
    let mut test = TestRoom::open().await;
    let (client, _) = test.client().await;
    let (sneak, leg) = test.join(LegRole::Listener, Direction::SendRecv).await;
    sneak.hum(Some(900.0));
    let mut stats = test.room.stats().await;
    while stats.legs.iter().find(|l| l.leg == leg).unwrap().packets_in < 50 {
        test.event("time passing", |e| matches!(e, MediaEvent::Level { .. }))
            .await;
        stats = test.room.stats().await;
    }
    client.forget().await;
    let view = client
        .wait_for("half a second", |view| view.heard.len() > 8_000)
        .await
        .unwrap();
    assert!(view.level(500) < -55, "{} dBov", view.level(500));

    test.room.allow_publish(leg, true);
    client
        .wait_for("the supervisor", |view| view.tone(900.0, 300) > 0.9)
        .await
        .unwrap();
    test.room.allow_publish(leg, false);
    client
        .wait_for("silence", |view| view.level(300) < -55)
        .await
        .unwrap();
}

#[tokio::test]
async fn taking_over_silences_the_agent_and_joins_the_two() {
    let mut test = TestRoom::open().await;
    let (client, _) = test.client().await;
    let (taker, leg) = test.listener().await;
    test.room.play(long_line().await);
    client.wait_for_voice().await.unwrap();

    test.room.allow_publish(leg, true);
    let offer = taker.change_direction(Direction::SendRecv).await.unwrap();
    let answer = test.room.renegotiate(leg, offer).await.unwrap();
    taker.accept(answer).await.unwrap();
    let cut = test
        .event("the agent's end", |e| {
            matches!(e, MediaEvent::PlaybackEnded { .. })
        })
        .await;
    assert!(matches!(
        cut,
        MediaEvent::PlaybackEnded {
            completed: false,
            ..
        }
    ));

    taker.hum(Some(500.0));
    client.hum(Some(1_100.0));
    client
        .wait_for("the taker alone", |view| view.tone(500.0, 300) > 0.9)
        .await
        .unwrap();
    taker
        .wait_for("the visitor alone", |view| view.tone(1_100.0, 300) > 0.9)
        .await
        .unwrap();

    let (observer, _) = test.listener().await;
    let both = |view: &emulator::testing::View| {
        view.tone(500.0, 300) > IN_THE_MIX && view.tone(1_100.0, 300) > IN_THE_MIX
    };
    observer.wait_for("both", both).await.unwrap();

    // The agent does not come back.
    test.room.play(long_line().await);
    let refused = MediaEvent::PlaybackEnded {
        completed: false,
        played_ms: 0,
    };
    test.event("the refusal", |e| *e == refused).await;
    let speaks = |e: &MediaEvent| matches!(e, MediaEvent::Level { leg: of, dbov, .. } if *of == leg && *dbov > -30);
    test.event("the taker's level", speaks).await;

    let recording = test.room.close().await;
    assert_tone(recording.user(), 1_100.0);
    assert_tone(recording.agent(), 500.0);
}
