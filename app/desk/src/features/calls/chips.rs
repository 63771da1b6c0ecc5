//! Small parts several pages show: where a call stands, how long it lasts.

use api::desk::{CallStatus, CallSummary};
use leptos::prelude::*;

use crate::data::Desk;
use browser::ui::time;

/// What a chip looks like that is a warning.
const WARN: &str = "sb-chip sb-chip-warn";

/// Where a call stands, as a chip.
pub(crate) fn status_chip(desk: Desk, status: CallStatus) -> impl IntoView {
    let class = match status {
        CallStatus::Ongoing => "sb-chip sb-chip-live",
        CallStatus::Registered => "sb-chip sb-chip-accent",
        CallStatus::Ended | CallStatus::Unknown => "sb-chip",
        CallStatus::NotConnected => "sb-chip sb-chip-warn",
        CallStatus::Error => "sb-chip sb-chip-bad",
    };
    view! {
        <span class=class>
            {matches!(status, CallStatus::Ongoing)
                .then(|| view! { <span class="sb-pulse" aria-hidden="true"></span> })}
            {move || desk.texts().stands(status)}
        </span>
    }
}

/// How the caller felt, as a chip.
pub(crate) fn sentiment_chip(desk: Desk, sentiment: String) -> impl IntoView {
    let class = match sentiment.as_str() {
        "Positive" => "sb-chip sb-chip-good",
        "Negative" => "sb-chip sb-chip-bad",
        _ => "sb-chip",
    };
    view! { <span class=class>{move || desk.texts().feeling(&sentiment)}</span> }
}

/// What is told of a call at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Notice {
    /// The business has people warned of this, in its own words.
    Warning(String),
    /// It goes on, or it did not come about or failed.
    Status(CallStatus),
    /// The caller was unhappy.
    Unhappy,
    /// It did not reach its aim.
    GoalMissed,
}

/// The most telling thing about a call, if there is anything unusual.
fn notice(call: &CallSummary) -> Option<Notice> {
    if let Some(warning) = &call.warning {
        return Some(Notice::Warning(warning.clone()));
    }
    if call.status != CallStatus::Ended {
        return Some(Notice::Status(call.status));
    }
    if call.user_sentiment.as_deref() == Some("Negative") {
        return Some(Notice::Unhappy);
    }
    (call.successful == Some(false)).then_some(Notice::GoalMissed)
}

/// All that is told of a call at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glance {
    notice: Option<Notice>,
    /// A supervisor should look at it.
    flagged: bool,
    /// The name of whoever sees to it.
    claimed_by: Option<String>,
}

/// What a row tells of a call.
pub(crate) fn glance(call: &CallSummary) -> Glance {
    Glance {
        notice: notice(call),
        flagged: call.flagged_at.is_some(),
        claimed_by: call.claimed_by_name.clone(),
    }
}

/// It as chips, drawn anew with another one or another language. What ends as calls do needs none,
/// and is told to those who cannot see that. Whose a call is stands there as their initials.
pub(crate) fn glance_chips(desk: Desk, glance: Glance) -> Vec<AnyView> {
    let texts = desk.texts();
    let mut chips = vec![match glance.notice {
        Some(Notice::Status(status)) => status_chip(desk, status).into_any(),
        Some(Notice::Warning(warning)) => chip(WARN, warning, None),
        Some(Notice::GoalMissed) => chip(WARN, texts.goal_missed().to_owned(), None),
        Some(Notice::Unhappy) => chip("sb-chip sb-chip-bad", texts.negative().to_owned(), None),
        None => chip("sb-hidden", texts.ended().to_owned(), None),
    }];
    if glance.flagged {
        chips.push(chip(WARN, texts.flagged().to_owned(), None));
    }
    if let Some(name) = glance.claimed_by {
        let whole = format!("{} {name}", texts.claimed_by());
        chips.push(chip("sb-chip", initials(&name), Some(whole)));
    }
    chips
}

/// A chip; `whole` is what its letters stand for.
fn chip(class: &'static str, text: String, whole: Option<String>) -> AnyView {
    let role = whole.is_some().then_some("img");
    view! { <span class=class role=role title=whole.clone() aria-label=whole>{text}</span> }
        .into_any()
}

/// How the first two parts of a name begin.
fn initials(name: &str) -> String {
    let parts = name.split_whitespace().take(2);
    parts.filter_map(|part| part.chars().next()).collect()
}

/// How long a call has lasted by now; `None` before it connected.
pub(crate) fn lasted_ms(call: &CallSummary, now: impl Fn() -> i64) -> Option<i64> {
    if call.status == CallStatus::Ongoing {
        return call.started_at.map(|started| (now() - started).max(0));
    }
    call.duration_ms
        .or_else(|| Some((call.ended_at? - call.started_at?).max(0)))
}

/// A duration that is readable for machines too.
pub(crate) fn duration(ms: Option<i64>) -> impl IntoView {
    ms.map_or_else(
        || "–".into_any(),
        |ms| {
            view! {
                <time class="sb-figure" datetime=time::machine_duration(ms)>
                    {time::duration(ms)}
                </time>
            }
            .into_any()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Texts;
    use crate::words::Lang;

    fn call(status: CallStatus) -> CallSummary {
        CallSummary {
            id: "call_1".into(),
            call_type: "web_call".into(),
            direction: None,
            from_number: None,
            to_number: None,
            contact_name: None,
            about: None,
            agent_id: "agent".into(),
            agent_name: None,
            public_key_id: None,
            status,
            created_at: 900,
            started_at: Some(1_000),
            ended_at: None,
            duration_ms: None,
            disconnection_reason: None,
            user_sentiment: None,
            successful: None,
            has_recording: false,
            claimed_by: None,
            claimed_by_name: None,
            flagged_at: None,
            warning: None,
            warning_severity: None,
            warned_at: None,
        }
    }

    #[test]
    fn a_withheld_number_is_named_as_one_in_every_language() {
        let withheld = CallSummary {
            call_type: "phone_call".into(),
            direction: Some("inbound".into()),
            ..call(CallStatus::Ended)
        };
        for lang in Lang::ALL {
            let texts = Texts::of(lang);
            assert_eq!(texts.other_side(&withheld), texts.withheld());
            assert_eq!(texts.other_side(&call(CallStatus::Ended)), texts.web_call());
        }
    }

    #[test]
    fn only_what_is_unusual_is_told_and_the_most_telling_of_it() {
        let mut call = call(CallStatus::Ended);
        (call.user_sentiment, call.successful) = (Some("Positive".into()), Some(true));
        assert_eq!(notice(&call), None);
        call.successful = Some(false);
        assert_eq!(notice(&call), Some(Notice::GoalMissed));
        call.user_sentiment = Some("Negative".into());
        assert_eq!(notice(&call), Some(Notice::Unhappy));
        call.status = CallStatus::Error;
        assert_eq!(notice(&call), Some(Notice::Status(CallStatus::Error)));
        call.warning = Some("Says it is an AI".into());
        assert_eq!(
            notice(&call),
            Some(Notice::Warning("Says it is an AI".into()))
        );
    }

    #[test]
    fn what_people_marked_a_call_with_stands_beside_what_is_unusual() {
        let mut call = call(CallStatus::Ended);
        (call.flagged_at, call.claimed_by_name) = (Some(1), Some("Robin Sommer".into()));
        let told = Glance {
            notice: None,
            flagged: true,
            claimed_by: Some("Robin Sommer".into()),
        };
        assert_eq!(glance(&call), told);
        for (name, letters) in [
            ("Robin Sommer", "RS"),
            ("Émile", "É"),
            ("Ana María de la Cruz", "AM"),
            ("", ""),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }

    #[test]
    fn a_live_call_lasts_until_now_and_never_less_than_nothing() {
        let call = call(CallStatus::Ongoing);
        assert_eq!(lasted_ms(&call, || 5_000), Some(4_000));
        assert_eq!(lasted_ms(&call, || 500), Some(0));
    }

    #[test]
    fn a_finished_call_lasts_as_long_as_retell_says_or_as_the_clock_did() {
        let mut call = call(CallStatus::Ended);
        assert_eq!(lasted_ms(&call, || 9_999), None);
        call.ended_at = Some(3_500);
        assert_eq!(lasted_ms(&call, || 9_999), Some(2_500));
        call.duration_ms = Some(2_400);
        assert_eq!(lasted_ms(&call, || 9_999), Some(2_400));
    }
}
