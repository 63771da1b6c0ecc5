//! An agent whose words are asked for elsewhere.

use super::super::*;
use super::line::Line;

fn line() -> Line {
    let rules = Rules {
        asks: true,
        reminder_trigger_ms: 3_000,
        end_call_after_silence_ms: 20_000,
        ..Rules::default()
    };
    let mut line = Line::new("[[steps]]\nvisitor = \"What time is it?\"", rules);
    line.give(Input::Start);
    line
}

fn told(line: &mut Line, steps: impl IntoIterator<Item = Step>) {
    for step in steps {
        line.give(Input::Do(Box::new(step)));
    }
    line.give(Input::Answered);
}

fn says(text: &str) -> Step {
    Step::Agent(text.to_owned())
}

fn hangs_up() -> Step {
    Step::End("agent_hangup".to_owned())
}

/// What was asked for: whether as a reminder.
fn asked(line: &Line) -> Vec<bool> {
    let asked = line.outputs.iter().filter_map(|(_, output)| match output {
        Output::Ask { reminder } => Some(*reminder),
        _ => None,
    });
    asked.collect()
}

#[test]
fn the_first_word_comes_unasked_and_each_turn_asks_for_the_next() {
    let mut line = line();
    line.run_until(5_000);
    assert_eq!((line.spoken.len(), asked(&line)), (0, vec![]));
    told(&mut line, [says("Hello.")]);
    line.run_until(6_000).caller_talks(1_500);
    assert_eq!(asked(&line), [false]);
    told(&mut line, [says("It is noon."), hangs_up()]);
    line.run_until(20_000);
    assert_eq!(line.reason(), Some("agent_hangup"));
    let said = [
        "Agent: Hello.",
        "User: What time is it?",
        "Agent: It is noon.",
    ];
    assert_eq!(line.transcript()[..3], said.map(str::to_owned));
}

#[test]
fn what_was_still_to_be_done_is_dropped_when_the_caller_speaks() {
    let mut line = line();
    told(
        &mut line,
        [
            says("One two three four five six seven."),
            says("More."),
            hangs_up(),
        ],
    );
    line.run_until(600).caller_talks(1_500);
    line.run_until(6_000);
    assert_eq!((line.spoken.len(), line.reason()), (1, None));
    assert_eq!(asked(&line), [false]);
    // As is what comes for the caller's last turn while they speak again.
    line.voice.push((6_000, 8_000));
    line.run_until(7_000);
    told(&mut line, [says("Late."), hangs_up()]);
    line.run_until(12_000);
    assert_eq!((line.spoken.len(), line.reason()), (1, None));
    assert_eq!(asked(&line), [false, false]);
}

#[test]
fn a_silent_caller_is_asked_about_once_and_given_up_in_the_end() {
    let mut line = line();
    told(&mut line, []);
    line.run_until(10_000);
    assert_eq!(asked(&line), [true]);
    line.run_until(25_000);
    assert_eq!(asked(&line), [true]);
    assert_eq!(line.reason(), Some("inactivity"));
}

#[test]
fn it_can_be_hushed_and_goes_by_other_rules() {
    let mut line = line();
    told(&mut line, [says("One two three four five six seven.")]);
    line.run_until(600);
    line.give(Input::Hush);
    told(&mut line, [says("Wait.")]);
    let rules = Rules {
        end_call_after_silence_ms: 1_000,
        ..line.talk.rules().clone()
    };
    line.give(Input::Rules(rules));
    line.run_until(10_000);
    assert_eq!(line.spoken[1], "Wait.");
    assert!(line.transcript()[0].len() < "Agent: One two three four".len());
    assert_eq!(line.reason(), Some("inactivity"));
}
