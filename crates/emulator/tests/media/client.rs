//! A visitor in a room: audio both ways, levels, the control channel, leaving.

use std::sync::Arc;

use emulator::media::{LeaveCause, LegRole, LegState, MediaError, MediaEvent, SILENCE_DBOV};
use emulator::testing::Peer;
use emulator::voice::{Speech, Voice};
use str0m::media::Direction;

use crate::room::{TestRoom, assert_tone};

const LINE: &str = "Thank you for calling. How can I help you today?";

async fn line() -> Arc<Speech> {
    Voice::new().speak(LINE, "en-US").await
}

#[tokio::test]
async fn the_agent_is_heard_at_the_level_it_announces() {
    let mut test = TestRoom::open().await;
    let (peer, _) = test.client().await;
    let speech = line().await;
    test.room.play(Arc::clone(&speech));
    let ended = test
        .event("the end", |e| matches!(e, MediaEvent::PlaybackEnded { .. }))
        .await;
    assert_eq!(
        ended,
        MediaEvent::PlaybackEnded {
            completed: true,
            played_ms: speech.duration_ms
        }
    );

    let view = peer.view();
    let loud = view.levels.iter().filter(|&&level| level > -40).count() as u64;
    assert!(
        loud * 20 * 3 > speech.duration_ms,
        "{loud} loud packets announced"
    );
    let heard = emulator_level(&view.heard);
    assert!(heard > -35.0, "heard at {heard} dBov");
}

#[tokio::test]
async fn between_phrases_there_is_comfort_noise_without_gaps() {
    let mut test = TestRoom::open().await;
    let (peer, _) = test.client().await;
    let view = peer
        .wait_for("two seconds of audio", |view| view.packets > 100)
        .await
        .unwrap();
    let noise = view.level(500);
    assert!((-85..-58).contains(&noise), "{noise} dBov");
    assert!(
        view.levels.iter().all(|level| (-127..-58).contains(level)),
        "{:?}",
        view.levels
    );
    let stats = test.room.stats().await;
    assert!(stats.legs[0].packets_out >= view.packets);
    assert!(stats.elapsed_ms / 20 + 1 >= stats.legs[0].packets_out);
}

#[tokio::test]
async fn the_visitor_is_recorded_left_and_the_agent_right() {
    let mut test = TestRoom::open().await;
    let (peer, leg) = test.client().await;
    peer.hum(Some(440.0));
    let loud = |e: &MediaEvent| matches!(e, MediaEvent::Level { dbov, .. } if *dbov > -25);
    test.event("the visitor's voice", loud).await;
    test.room.play(line().await);
    test.event("the end", |e| matches!(e, MediaEvent::PlaybackEnded { .. }))
        .await;
    let stats = test.room.stats().await;
    assert_eq!(
        (stats.legs[0].leg, stats.legs[0].state),
        (leg, LegState::Connected)
    );
    assert!(
        stats.legs[0].packets_in > 20 && stats.legs[0].bytes_in > 500,
        "{stats:?}"
    );

    let recording = test.room.close().await;
    let user = recording.user();
    assert_tone(user, 440.0);
    assert!(emulator_level(recording.agent()) > -45.0);
    assert!(
        recording.duration_ms() >= 2_000,
        "{}",
        recording.duration_ms()
    );

    let wav = recording.multi_channel_wav();
    let mut wav = hound::WavReader::new(wav.as_slice()).unwrap();
    let samples: Vec<i16> = wav.samples().collect::<Result<_, _>>().unwrap();
    let left: Vec<i16> = samples.iter().step_by(2).copied().collect();
    assert_eq!(left[..user.len()], *user);
    assert_eq!(
        samples.len() as u64 / 2 * 1_000 / 16_000,
        recording.duration_ms()
    );
}

#[tokio::test]
async fn levels_follow_the_voice_and_fall_silent_when_packets_stop() {
    let mut test = TestRoom::open().await;
    let (peer, leg) = test.client().await;
    peer.hum(Some(300.0));
    let mut at = Vec::new();
    while at.len() < 200 {
        let event = test
            .event("a level", |e| matches!(e, MediaEvent::Level { .. }))
            .await;
        let MediaEvent::Level {
            leg: of,
            dbov,
            at_ms,
        } = event
        else {
            unreachable!()
        };
        assert_eq!(of, leg);
        if !at.is_empty() || dbov > -30 {
            at.push(at_ms);
        }
    }
    let steady = at.windows(2).filter(|pair| pair[1] == pair[0] + 20).count();
    assert!(
        steady >= 190,
        "{steady} of 199 levels came 20 ms after the one before"
    );

    peer.hum(None);
    let silent = |e: &MediaEvent| matches!(e, MediaEvent::Level { dbov, .. } if *dbov < -60);
    test.event("the end of the voice", silent).await;

    peer.hum(Some(300.0));
    let loud = |e: &MediaEvent| matches!(e, MediaEvent::Level { dbov, .. } if *dbov > -30);
    test.event("the voice", loud).await;
    peer.send_packets(false);
    let gone =
        |e: &MediaEvent| matches!(e, MediaEvent::Level { dbov, .. } if *dbov == SILENCE_DBOV);
    test.event("silence", gone).await;
}

#[tokio::test]
async fn control_frames_wait_for_the_channel_and_come_in_order() {
    let mut test = TestRoom::open().await;
    let (peer, offer) = Peer::offer(Direction::SendRecv).await.unwrap();
    let (leg, answer) = test.room.join(LegRole::Client, offer).await.unwrap();
    test.room.send_control("before".to_owned());
    peer.accept(answer).await.unwrap();
    test.event("the channel", |e| *e == MediaEvent::ControlOpen { leg })
        .await;
    test.room.send_control("after".to_owned());
    let view = peer
        .wait_for("both frames", |view| view.control.len() == 2)
        .await
        .unwrap();
    assert_eq!(view.control, ["before", "after"]);
}

#[tokio::test]
async fn the_last_control_frame_arrives_before_a_closing_room_ends_the_connection() {
    let mut test = TestRoom::open().await;
    let (peer, _) = test.client().await;
    peer.wait_for("the channel", |view| view.control_open)
        .await
        .unwrap();
    let ended = r#"{"type":"status","state":"ended"}"#;
    test.room.send_control(ended.to_owned());
    test.room.clone().close().await;
    let view = peer.wait_for("the end", |view| view.closed).await.unwrap();
    assert_eq!(view.control, [ended]);
    assert_eq!(test.room.stats().await.legs, []);
    let (_peer, offer) = Peer::offer(Direction::SendRecv).await.unwrap();
    let joined = test.room.join(LegRole::Client, offer).await;
    assert_eq!(joined, Err(MediaError::RoomClosed));
}

#[tokio::test]
async fn barge_in_stops_the_agent_within_a_few_packets() {
    let mut test = TestRoom::open().await;
    let (peer, _) = test.client().await;
    let text = ["and so on"; 40].join(" ");
    let long = Voice::new().speak(&text, "en-US").await;
    test.room.play(Arc::clone(&long));
    let started = test
        .event("the start", |e| {
            matches!(e, MediaEvent::PlaybackStarted { .. })
        })
        .await;
    let MediaEvent::PlaybackStarted { .. } = started else {
        unreachable!()
    };
    peer.wait_for_voice().await.unwrap();
    test.room.stop_playing();
    let ended = test
        .event("the end", |e| matches!(e, MediaEvent::PlaybackEnded { .. }))
        .await;
    let MediaEvent::PlaybackEnded {
        completed,
        played_ms,
    } = ended
    else {
        unreachable!()
    };
    assert!(!completed && played_ms < long.duration_ms);
    peer.wait_for("silence", |view| view.level(100) < -58)
        .await
        .unwrap();
    let loud_ms = peer
        .view()
        .levels
        .iter()
        .filter(|&&level| level > -50)
        .count() as u64
        * 20;
    assert!(
        loud_ms <= played_ms,
        "{loud_ms} ms of voice sent, {played_ms} ms played"
    );

    let recording = test.room.close().await;
    let sounding = recording
        .agent()
        .iter()
        .filter(|&&sample| sample != 0)
        .count();
    assert!(
        sounding as u64 / 16 <= played_ms,
        "more was recorded than played"
    );
    assert!(sounding > 0, "nothing was recorded");
}

#[tokio::test]
async fn a_new_line_replaces_the_one_that_plays() {
    let mut test = TestRoom::open().await;
    let (_peer, _) = test.client().await;
    let speech = line().await;
    test.room.play(Arc::clone(&speech));
    test.event("the start", |e| {
        matches!(e, MediaEvent::PlaybackStarted { .. })
    })
    .await;
    test.room.play(Arc::clone(&speech));
    let mut ends = Vec::new();
    while ends.len() < 2 {
        let end = test
            .event("an end", |e| matches!(e, MediaEvent::PlaybackEnded { .. }))
            .await;
        let MediaEvent::PlaybackEnded { completed, .. } = end else {
            unreachable!()
        };
        ends.push(completed);
    }
    assert_eq!(ends, [false, true]);
}

#[tokio::test]
async fn leaving_is_told_with_its_cause() {
    let mut test = TestRoom::open().await;
    let (peer, leg) = test.client().await;
    test.room.leave(leg);
    let left = test
        .event("the leave", |e| matches!(e, MediaEvent::Left { .. }))
        .await;
    assert_eq!(
        left,
        MediaEvent::Left {
            leg,
            cause: LeaveCause::Requested
        }
    );
    peer.wait_for("the end of the connection", |view| view.closed)
        .await
        .unwrap();
    let unknown = test.room.add_candidate(leg, String::new()).await;
    assert_eq!(unknown, Err(MediaError::UnknownLeg));

    let (peer, leg) = test.client().await;
    peer.wait_for("the channel", |view| view.control_open)
        .await
        .unwrap();
    peer.close().await;
    let left = test
        .event("the leave", |e| matches!(e, MediaEvent::Left { .. }))
        .await;
    assert_eq!(
        left,
        MediaEvent::Left {
            leg,
            cause: LeaveCause::Closed
        }
    );
}

#[tokio::test]
async fn bad_offers_and_candidates_are_refused_and_mdns_is_not() {
    let test = TestRoom::open().await;
    for offer in [
        "",
        "hello",
        "v=0\r\n",
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
    ] {
        let refused = test.room.join(LegRole::Client, offer.to_owned()).await;
        assert!(
            matches!(refused, Err(MediaError::BadOffer(_))),
            "{offer:?}: {refused:?}"
        );
    }
    let mdns = "candidate:1 1 udp 2122260223 0b6f57ab-9f6d-4cd4.local 50000 typ host";
    let (peer, offer) = Peer::offer(Direction::SendRecv).await.unwrap();
    let (leg, answer) = test
        .room
        .join(LegRole::Client, format!("{offer}a={mdns}\r\n"))
        .await
        .unwrap();
    for fine in [mdns, "candidate:1 1 udp 2122260223 127.0.0.1 9 typ host"] {
        assert_eq!(
            test.room.add_candidate(leg, fine.to_owned()).await,
            Ok(()),
            "{fine}"
        );
    }
    // As gateways do, an empty one included: browsers end their list with it.
    for bad in ["candidate:nonsense", "", "  "] {
        let refused = test.room.add_candidate(leg, bad.to_owned()).await;
        assert!(matches!(refused, Err(MediaError::BadCandidate(_))), "{bad}");
    }
    let refused = test.room.renegotiate(leg, "nonsense".to_owned()).await;
    assert!(matches!(refused, Err(MediaError::BadOffer(_))));
    peer.accept(answer).await.unwrap();
    peer.wait_for("the connection", |view| view.connected)
        .await
        .unwrap();
    let late = "candidate:2 1 udp 2122260223 127.0.0.1 9 typ host";
    let refused = test.room.add_candidate(leg, late.to_owned()).await;
    assert!(matches!(refused, Err(MediaError::BadCandidate(_))), "late");
}

#[tokio::test]
async fn a_cut_network_is_silent_and_an_ice_restart_brings_it_back() {
    let mut test = TestRoom::open().await;
    let (peer, leg) = test.client().await;
    peer.hum(Some(440.0));
    let loud = |e: &MediaEvent| matches!(e, MediaEvent::Level { dbov, .. } if *dbov > -30);
    test.event("the voice", loud).await;

    test.room.set_dropped(true);
    let gone =
        |e: &MediaEvent| matches!(e, MediaEvent::Level { dbov, .. } if *dbov == SILENCE_DBOV);
    test.event("silence", gone).await;
    assert!(test.room.stats().await.dropped);
    let heard_while_cut = peer.view().packets;

    let offer = peer.restart_ice().await.unwrap();
    test.room.set_dropped(false);
    let answer = test.room.renegotiate(leg, offer).await.unwrap();
    peer.accept(answer).await.unwrap();
    test.event("the voice again", loud).await;
    let more = |view: &emulator::testing::View| view.packets > heard_while_cut + 25;
    peer.wait_for("the gateway's packets again", more)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_calls_share_one_port_and_do_not_mix() {
    let test = TestRoom::open().await;
    let port = test.server.local_addr().port();
    let mut calls = Vec::new();
    for n in 0..20 {
        let (room, events) = test.server.open_room(&format!("call_{n}"));
        let (peer, offer) = Peer::offer(Direction::SendRecv).await.unwrap();
        let (_, answer) = room.join(LegRole::Client, offer).await.unwrap();
        assert!(answer.contains(&format!(" {port} typ host")), "{answer}");
        peer.accept(answer).await.unwrap();
        let hz = 300.0 + 100.0 * n as f32;
        peer.hum(Some(hz));
        calls.push((room, events, peer, hz));
    }
    for (_, _, peer, _) in &calls {
        peer.wait_for("audio", |view| view.packets > 50)
            .await
            .unwrap();
    }
    for (room, _events, _peer, hz) in calls {
        let recording = room.close().await;
        assert_tone(recording.user(), hz);
    }
}

fn emulator_level(pcm: &[i16]) -> f64 {
    let energy: f64 = pcm.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    20.0 * ((energy / pcm.len().max(1) as f64).sqrt() / 32_768.0).log10()
}
