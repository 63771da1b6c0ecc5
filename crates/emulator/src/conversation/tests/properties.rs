//! What holds whatever happens.

use proptest::prelude::*;

use super::super::*;
use crate::scenario::parse::parse;

/// Anything that may happen, and how long after the last thing.
fn inputs() -> impl Strategy<Value = Vec<(u64, Input)>> {
    let input = prop_oneof![
        6 => (-127_i8..=0).prop_map(Input::Level),
        3 => (0_u64..6, prop::collection::vec((0_u64..900, 0_u64..900), 0..9), 0_u64..4_000)
            .prop_map(|(utterance, words, duration_ms)| {
                Input::PlaybackStarted { utterance, words, duration_ms }
            }),
        3 => (0_u64..6).prop_map(|utterance| Input::PlaybackEnded { utterance }),
        2 => (0_u64..4).prop_map(|n| Input::ToolResult {
            tool_call_id: format!("tool_call_{n}"),
            content: String::new(),
            successful: n % 2 == 0,
            variables: [("answer", "42")].into_iter().collect(),
        }),
        1 => Just(Input::Hush),
        1 => Just(Input::Answered),
        1 => any::<bool>().prop_map(|asks| Input::Rules(Rules { asks, ..Rules::default() })),
        1 => Just(Input::Do(Box::new(Step::Agent("An aside.".to_owned())))),
        1 => Just(Input::SayAsCaller("A remark.".to_owned())),
        1 => Just(Input::Inject("Context".to_owned())),
        1 => Just(Input::TriggerResponse),
        1 => Just(Input::Note(Kind::Dtmf("1".to_owned()))),
        1 => prop_oneof![Just(0.0), Just(f64::NAN), 0.1..100.0].prop_map(Input::Speed),
        4 => Just(Input::Tick),
    ];
    prop::collection::vec((0_u64..700, input), 0..120)
}

const EVERYTHING: &str = r#"
    [[steps]]
    agent = "Hello {{name}}, how are you?"
    [[steps]]
    visitor = "I am fine."
    [[steps]]
    tool = "f"
    say = "Wait a moment."
    [[steps]]
    node = "Next"
    [[steps]]
    pause_ms = 300
    [[steps]]
    agent = "It is {{answer}}."
    [[steps]]
    visitor = "Good."
    [[steps]]
    transfer = "+1"
    answered = false
    [[steps]]
    sms = "Bye"
    [[steps]]
    end = "agent_hangup"
    [reminder]
    agent = "Still there?"
    [otherwise]
    agent = ["All right then."]
    [nudge]
    agent = "Note: {{injected}}"
"#;

proptest! {
    #[test]
    fn whatever_happens_it_ends_and_only_says_its_lines(
        inputs in inputs(),
        interruptible: bool,
        simulated_caller: bool,
    ) {
        let scenario = parse("p.toml", &format!("name = \"P\"\n{EVERYTHING}")).unwrap();
        let rules = Rules {
            interruptible,
            simulated_caller,
            max_call_duration_ms: 60_000,
            begin_message_delay_ms: 200,
            ..Rules::default()
        };
        let mut talk = Conversation::new(Arc::new(scenario), rules, &Variables::default());
        let mut now = 0;
        let mut outputs = talk.handle(0, Input::Start);
        for (later, input) in inputs {
            now += later;
            outputs.extend(talk.handle(now, input));
            if let Some(at) = talk.wake_up() {
                prop_assert!(at > now, "{at} is not after {now}");
            }
        }
        let mut ticks = 0;
        while let Some(at) = talk.wake_up() {
            prop_assert!(at > now);
            now = at;
            outputs.extend(talk.handle(now, Input::Tick));
            ticks += 1;
            prop_assert!(ticks < 20_000, "it does not end");
        }
        let ends = outputs.iter().filter(|output| matches!(output, Output::End(_))).count();
        prop_assert_eq!(ends, 1);
        prop_assert!(matches!(outputs.last(), Some(Output::End(_))));
        prop_assert!(talk.handle(now + 1, Input::Start).is_empty());

        let asked: Vec<&String> = outputs
            .iter()
            .filter_map(|output| match output {
                Output::Speak { text, .. } => Some(text),
                _ => None,
            })
            .collect();
        for item in talk.items() {
            if let Kind::Said { by, words } = &item.kind {
                let text = join(words);
                if *by == Speaker::Agent {
                    prop_assert!(asked.iter().any(|line| line.starts_with(&text)), "{}", text);
                }
                let in_order = words.windows(2).all(|w| w[0].start_ms <= w[1].start_ms);
                prop_assert!(in_order || *by == Speaker::Agent, "{:?}", words);
            }
        }
        let ids: std::collections::BTreeSet<_> = talk.items().iter().map(|i| &i.id).collect();
        prop_assert_eq!(ids.len(), talk.items().len());
    }
}
