//! The conversation against a simulated line: speech that takes its time,
//! functions that answer late, callers that talk when they please.

mod asking;
mod line;
mod properties;

use super::*;
use crate::scenario::parse::parse;
use line::{Line, WORD_MS};

const HELLO: &str = r#"
    [[steps]]
    agent = "Hello {{name}} and {{unknown}}, how are you?"
    [[steps]]
    visitor = "I am fine, thank you."
    [[steps]]
    agent = "Glad to hear it."
"#;

#[test]
fn a_turn_each_grows_word_by_word() {
    let mut line = Line::start(HELLO);
    line.run_until(40 + 3 * WORD_MS + 20);
    assert_eq!(line.transcript(), ["Agent: Hello Ada and {{unknown}},"]);
    line.run_until(3_000);
    assert_eq!(
        line.transcript(),
        ["Agent: Hello Ada and {{unknown}}, how are you?"]
    );
    line.voice.push((3_000, 4_500));
    line.run_until(3_700);
    let partial = line.transcript().remove(1);
    assert!(
        partial.starts_with("User: I am") && !partial.ends_with("you."),
        "{partial}"
    );
    line.run_until(8_000);
    assert_eq!(
        line.transcript()[1..],
        [
            "User: I am fine, thank you.".to_owned(),
            "Agent: Glad to hear it.".to_owned()
        ]
    );
    let latency = line.talk.latencies();
    assert!(
        latency
            .end_to_end
            .iter()
            .all(|ms| (700..1_000).contains(ms)),
        "{latency:?}"
    );
    assert_eq!((latency.end_to_end.len(), latency.speech.len()), (1, 2));
    assert!(line.talk.is_complete() && !line.is_over());
}

#[test]
fn a_short_answer_still_shows_the_whole_line_with_sane_times() {
    let mut line = Line::start(HELLO);
    line.run_until(3_000).caller_talks(200);
    let items = line.talk.items();
    let Kind::Said { words, .. } = &items[1].kind else {
        panic!("speech")
    };
    assert_eq!(join(words), "I am fine, thank you.");
    assert!(
        words
            .iter()
            .all(|w| w.start_ms <= w.end_ms && w.start_ms >= items[1].at_ms)
    );
    assert!(words.windows(2).all(|w| w[0].end_ms <= w[1].start_ms));
}

#[test]
fn an_interruption_cuts_the_line_at_the_words_spoken() {
    let mut line = Line::start(HELLO);
    line.run_until(40 + 2 * WORD_MS);
    line.voice.push((line.now, line.now + 1_500));
    let begun = line.now;
    line.run_until(begun + 280);
    assert!(!line.outputs.iter().any(|(_, o)| *o == Output::StopPlaying));
    line.run_until(begun + 340);
    assert!(line.outputs.iter().any(|(_, o)| *o == Output::StopPlaying));
    line.run_until(begun + 4_500);
    let cut = "Agent: Hello Ada and {{unknown}},";
    assert_eq!(
        line.transcript(),
        [
            cut,
            "User: I am fine, thank you.",
            "Agent: Glad to hear it."
        ]
    );
    assert_eq!(line.talk.items()[1].at_ms, begun + 20);
}

#[test]
fn a_cough_does_not_interrupt() {
    let mut line = Line::start(HELLO);
    line.run_until(500);
    line.voice.push((500, 680));
    line.run_until(3_000);
    assert_eq!(
        line.transcript(),
        ["Agent: Hello Ada and {{unknown}}, how are you?"]
    );
}

#[test]
fn an_agent_that_may_not_be_interrupted_goes_on() {
    let mut line = Line::new(
        HELLO,
        Rules {
            interruptible: false,
            ..Rules::default()
        },
    );
    line.give(Input::Start);
    line.voice.push((300, 1_200));
    line.run_until(6_000);
    assert_eq!(
        line.transcript()[0],
        "Agent: Hello Ada and {{unknown}}, how are you?"
    );
    assert!(!line.outputs.iter().any(|(_, o)| *o == Output::StopPlaying));
}

#[test]
fn a_pause_in_the_middle_of_a_sentence_does_not_lose_the_answer() {
    let mut line = Line::start(HELLO);
    line.run_until(3_000);
    // 720 ms of silence look like the end, but the caller goes on before a
    // word of the answer is out.
    line.playing = None;
    line.voice.extend([(3_000, 4_000), (4_720, 5_400)]);
    while line.spoken.len() < 2 {
        line.step();
    }
    // The answer is slow to start.
    if let Some(playing) = &mut line.playing {
        playing.2 += 1_000;
    }
    line.run_until(9_000);
    assert_eq!(
        line.transcript()[1..],
        [
            "User: I am fine, thank you.".to_owned(),
            "Agent: Glad to hear it.".to_owned()
        ]
    );
    assert_eq!(line.spoken.len(), 3, "said again: {:?}", line.spoken);
}

#[test]
fn speech_beyond_the_script_is_answered() {
    let script = format!("{HELLO}\n[otherwise]\nvisitor = \"Hm.\"\nagent = [\"One.\", \"Two.\"]");
    let mut line = Line::start(&script);
    line.run_until(3_000).caller_talks(800).run_until(8_000);
    for _ in 0..3 {
        line.caller_talks(600);
        line.run_until(line.now + 1_000);
    }
    let expected = [
        "User: Hm.",
        "Agent: One.",
        "User: Hm.",
        "Agent: Two.",
        "User: Hm.",
    ];
    assert_eq!(line.transcript()[3..8], expected.map(str::to_owned));
}

#[test]
fn a_function_is_called_and_its_answer_spoken() {
    let mut line = Line::start(
        r#"
        [[steps]]
        tool = "look_up"
        say = "One moment."
        arguments = { who = "{{name}}", n = 3 }
        [[steps]]
        agent = "It is {{answer}}."
        [[steps]]
        end = "agent_hangup"
    "#,
    );
    line.run_until(10_000);
    let arguments = line.outputs.iter().find_map(|(_, output)| match output {
        Output::CallTool { arguments, .. } => Some(Value::Object(arguments.clone())),
        _ => None,
    });
    assert_eq!(arguments, Some(serde_json::json!({"who": "Ada", "n": 3})));
    assert_eq!(line.spoken, ["One moment.", "It is forty two."]);
    assert_eq!(line.reason(), Some("agent_hangup"));
    let items = line.talk.items();
    assert_eq!(items.len(), 5, "{:?}", line.transcript());
    assert_eq!(items[0].text().as_deref(), Some("One moment."));
    assert!(matches!(items[1].kind, Kind::ToolInvocation { .. }));
    assert!(items[0].at_ms <= items[1].at_ms);
    assert!(matches!(items[2].kind, Kind::ToolResult { .. }));
    assert_eq!(items[3].text().as_deref(), Some("It is forty two."));
    assert_eq!(line.talk.collected().get("answer"), Some("forty two"));
}

#[test]
fn silence_is_reminded_of_and_ends_the_call() {
    let script = format!("{HELLO}\n[reminder]\nagent = \"Still there?\"");
    let rules = Rules {
        end_call_after_silence_ms: 30_000,
        reminder_max_count: 2,
        ..Rules::default()
    };
    let mut line = Line::new(&script, rules);
    line.give(Input::Start);
    line.run_until(100_000);
    assert_eq!(line.spoken[1..], ["Still there?", "Still there?"]);
    assert_eq!(line.reason(), Some("inactivity"));
    assert!((31_000..34_000).contains(&line.now), "{}", line.now);
}

#[test]
fn a_fast_clock_shortens_silence_but_not_speech() {
    let script = format!("{HELLO}\n[reminder]\nagent = \"Still there?\"");
    let mut line = Line::start(&script);
    line.give(Input::Speed(10.0));
    line.run_until(4_500);
    assert_eq!(line.spoken.len(), 2, "{:?}", line.spoken);
    assert_eq!(
        line.transcript()[0],
        "Agent: Hello Ada and {{unknown}}, how are you?"
    );
    line.run_until(100_000);
    assert_eq!(line.reason(), Some("inactivity"));
    assert!(line.now < 70_000, "{}", line.now);
}

#[test]
fn a_transfer_is_bridged_and_ends_the_call() {
    let mut line = Line::start(
        r#"
        [[steps]]
        transfer = "+14155550199"
        ring_ms = 1000
        talk_ms = 2000
        target = ["Reception, hello."]
    "#,
    );
    line.run_until(10_000);
    let stages: Vec<_> = line
        .outputs
        .iter()
        .filter_map(|(at, output)| match output {
            Output::Transfer(stage, _) => Some((*at, *stage)),
            _ => None,
        })
        .collect();
    use TransferStage::{Bridged, Ended, Started};
    assert_eq!(stages, [(0, Started), (1_000, Bridged), (3_000, Ended)]);
    assert_eq!(line.reason(), Some("call_transfer"));
    assert!(
        line.transcript()
            .contains(&"TransferTarget: Reception, hello.".to_owned())
    );
}

#[test]
fn a_transfer_nobody_takes_goes_on_with_the_script() {
    let mut line = Line::start(
        "[[steps]]\ntransfer = \"+1\"\nanswered = false\n[[steps]]\nagent = \"Nobody is there.\"",
    );
    line.run_until(5_000);
    assert_eq!(line.spoken, ["Nobody is there."]);
    assert!(!line.is_over());
}

#[test]
fn context_and_nudges_reach_the_agent() {
    let script = format!("{HELLO}\n[nudge]\nagent = \"Note: {{{{injected}}}}\"");
    let mut line = Line::start(&script);
    line.run_until(600);
    line.give(Input::Inject("VIP".to_owned()));
    line.give(Input::TriggerResponse);
    line.run_until(3_000);
    assert_eq!(line.spoken[1], "Note: VIP");
    assert_eq!(line.transcript()[1], "Injected(\"VIP\")");
    line.voice.push((3_000, 4_000));
    line.run_until(3_500);
    line.give(Input::TriggerResponse);
    line.run_until(6_500);
    assert_eq!(line.spoken[2..], ["Glad to hear it."]);
}

#[test]
fn both_sides_can_be_made_to_speak() {
    let mut line = Line::start(HELLO);
    line.run_until(3_000);
    line.give(Input::SayAsCaller("Something else, {{name}}.".to_owned()));
    line.run_until(8_000);
    line.give(Input::Do(Box::new(Step::Agent("By the way.".to_owned()))));
    line.run_until(10_000);
    assert_eq!(
        line.transcript()[1..],
        [
            "User: Something else, Ada.",
            "Agent: Glad to hear it.",
            "Agent: By the way."
        ]
        .map(str::to_owned)
    );
}

#[test]
fn what_the_caller_is_made_to_say_waits_for_the_agent_to_be_heard() {
    let mut line = Line::new(HELLO, Rules::default());
    line.give(Input::SayAsCaller("Stop.".to_owned()));
    line.give(Input::Start);
    line.run_until(8_000);
    assert_eq!(
        line.transcript(),
        ["Agent: Hello Ada", "User: Stop.", "Agent: Glad to hear it."]
    );
}

#[test]
fn a_simulated_caller_plays_its_part() {
    let script = format!("{HELLO}\n[[steps]]\nend = \"agent_hangup\"");
    let mut line = Line::new(
        &script,
        Rules {
            simulated_caller: true,
            ..Rules::default()
        },
    );
    line.deaf = true;
    line.give(Input::Start);
    line.run_until(30_000);
    assert_eq!(line.reason(), Some("agent_hangup"));
    assert_eq!(line.transcript()[1], "User: I am fine, thank you.");
}

#[test]
fn after_a_take_over_nothing_is_said_or_written() {
    let mut line = Line::start(HELLO);
    line.run_until(600);
    line.give(Input::TakeOver);
    let before = line.transcript();
    line.voice.push((1_000, 3_000));
    line.give(Input::Do(Box::new(Step::Agent("No.".to_owned()))));
    line.run_until(20_000);
    assert_eq!(line.transcript(), before);
    assert_eq!(line.spoken.len(), 1);
    line.give(Input::End("user_hangup".to_owned()));
    assert_eq!(line.reason(), Some("user_hangup"));
}

#[test]
fn speech_that_never_plays_does_not_stall_the_call() {
    let scenario = parse("t.toml", &format!("name = \"T\"\n{HELLO}")).unwrap();
    let rules = Rules {
        end_call_after_silence_ms: 10_000,
        ..Rules::default()
    };
    let mut talk = Conversation::new(Arc::new(scenario), rules, &Variables::default());
    let mut outputs = talk.handle(0, Input::Start);
    while let Some(at) = talk.wake_up() {
        outputs.extend(talk.handle(at, Input::Tick));
    }
    assert_eq!(outputs.last(), Some(&Output::End("inactivity".to_owned())));
}

#[test]
fn it_sleeps_from_word_to_word() {
    let library = crate::scenario::Library::embedded().unwrap();
    let rules = Rules {
        simulated_caller: true,
        ..Rules::default()
    };
    let scenario = library.get("dental-en").unwrap();
    let mut talk = Conversation::new(scenario, rules, &Variables::default());
    // What is to be reported, and when.
    let mut due: Vec<(u64, Input)> = vec![(0, Input::Start)];
    let (mut now, mut ticks) = (0, 0);
    loop {
        due.sort_by_key(|(at, _)| *at);
        let wake_up = talk.wake_up();
        let input = match (due.first(), wake_up) {
            (Some((at, _)), Some(tick)) if tick < *at => (tick, Input::Tick),
            (None, Some(tick)) => (tick, Input::Tick),
            (None, None) => break,
            (Some(_), _) => due.remove(0),
        };
        now = input.0;
        ticks += usize::from(input.1 == Input::Tick);
        for output in talk.handle(now, input.1) {
            match output {
                Output::Speak { utterance, text } => {
                    let count = text.split_whitespace().count() as u64;
                    let words = (0..count).map(|n| (n * 300, n * 300 + 250)).collect();
                    let duration_ms = count * 300;
                    let started = Input::PlaybackStarted {
                        utterance,
                        words,
                        duration_ms,
                    };
                    due.push((now + 30, started));
                    due.push((now + 30 + duration_ms, Input::PlaybackEnded { utterance }));
                }
                Output::CallTool { tool_call_id, .. } => due.push((
                    now + 500,
                    Input::ToolResult {
                        tool_call_id,
                        content: String::new(),
                        successful: true,
                        variables: Variables::default(),
                    },
                )),
                _ => {}
            }
        }
    }
    let words: usize = talk
        .items()
        .iter()
        .filter_map(Item::text)
        .map(|t| t.split(' ').count())
        .sum();
    assert!(now > 30_000, "the whole script was played: {now} ms");
    assert!(ticks < words * 2, "{ticks} ticks for {words} words");
}
