//! Small parts several pages show: where a call stands, how long it lasts.

use api::desk::{CallStatus, CallSummary};
use leptos::prelude::*;

use crate::data::Desk;
use browser::ui::time;

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
pub(crate) enum Notice {
    /// It goes on, or it did not come about or failed.
    Status(CallStatus),
    /// The caller felt so.
    Sentiment(String),
    /// It did not reach its aim.
    GoalMissed,
}

/// The most telling thing about a call, if there is anything unusual.
pub(crate) fn notice(call: &CallSummary) -> Option<Notice> {
    if call.status != CallStatus::Ended {
        return Some(Notice::Status(call.status));
    }
    match &call.user_sentiment {
        Some(sentiment) if sentiment == "Negative" => Some(Notice::Sentiment(sentiment.clone())),
        _ => (call.successful == Some(false)).then_some(Notice::GoalMissed),
    }
}

/// It as a chip. What ends as calls do needs none, and is told to those who cannot see that.
pub(crate) fn notice_chip(desk: Desk, notice: Option<Notice>) -> AnyView {
    match notice {
        Some(Notice::Status(status)) => status_chip(desk, status).into_any(),
        Some(Notice::Sentiment(sentiment)) => sentiment_chip(desk, sentiment).into_any(),
        Some(Notice::GoalMissed) => view! {
            <span class="sb-chip sb-chip-warn">{move || desk.texts().goal_missed()}</span>
        }
        .into_any(),
        None => view! { <span class="sb-hidden">{move || desk.texts().ended()}</span> }.into_any(),
    }
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
            flagged_at: None,
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
        assert_eq!(notice(&call), Some(Notice::Sentiment("Negative".into())));
        call.status = CallStatus::Error;
        assert_eq!(notice(&call), Some(Notice::Status(CallStatus::Error)));
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
