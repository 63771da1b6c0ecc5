//! What is known about a call, in words and figures.

use api::desk::{CallDetail, CallStatus, CallSummary, PartLatency, ProductCost};
use leptos::prelude::*;
use serde_json::Value;

use super::follow::Call;
use crate::data::Desk;
use crate::data::dial::Number;
use crate::features::calls::chips::{duration, lasted_ms, sentiment_chip};
use crate::features::calls::reasons;
use crate::words::call::Texts;
use crate::words::format;

/// Duration, reason, cost and the like.
#[component]
pub(super) fn Facts(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let about = move |read: fn(&CallDetail) -> Option<String>| {
        call.detail.with(|detail| detail.as_ref().and_then(read))
    };
    let lasted = move || {
        duration(
            call.detail
                .with(|detail| lasted_ms(&detail.as_ref()?.summary, || desk.now.get())),
        )
    };
    let reason = move || {
        about(|detail| detail.summary.disconnection_reason.clone())
            .map(|reason| reasons::in_words(&reason, desk.lang.get()))
            .unwrap_or_else(none)
    };
    let sentiment = move || match about(|detail| detail.summary.user_sentiment.clone()) {
        Some(sentiment) => sentiment_chip(desk, sentiment).into_any(),
        None => none().into_any(),
    };
    let agent = move || {
        about(|detail| {
            Some(
                detail
                    .summary
                    .agent_name
                    .clone()
                    .unwrap_or_else(|| detail.summary.agent_id.clone()),
            )
        })
    };
    let cost = move || {
        let cents = call.detail.with(|detail| detail.as_ref()?.cost_cents);
        cents.map_or_else(none, |cents| {
            format::dollars(cents / 100.0, desk.lang.get())
        })
    };
    let latency = move || {
        let ms = call.detail.with(|detail| detail.as_ref()?.latency_p50_ms);
        ms.map_or_else(none, |ms| format::milliseconds(ms, desk.lang.get()))
    };
    // Of the two numbers, the business's own is called by nobody.
    let side = move |name: fn(Texts) -> &'static str, read: fn(&CallSummary) -> Option<String>| {
        let known = Memo::new(move |_| {
            let summary = call.detail.get()?.summary;
            let number = read(&summary)?;
            let is_other = summary.other_number() == Some(number.as_str());
            Some((number, is_other))
        });
        move || {
            let (number, is_other) = known.get()?;
            let shown = match is_other {
                true => view! { <Number desk number /> }.into_any(),
                false => view! { <bdi>{number}</bdi> }.into_any(),
            };
            Some(view! {
                <dt>{move || name(texts())}</dt>
                <dd>{shown}</dd>
            })
        }
    };
    let withheld = move || {
        let withheld = |detail: &CallDetail| detail.summary.is_withheld();
        let withheld = call
            .detail
            .with(|detail| detail.as_ref().is_some_and(withheld));
        withheld.then(|| {
            view! {
                <dt>{move || texts().from()}</dt>
                <dd>{move || desk.texts().withheld()}</dd>
            }
        })
    };
    view! {
        <section class="sb-card" aria-labelledby="details-title">
            <h2 id="details-title">{move || texts().details()}</h2>
            <dl class="sb-facts">
                <dt>{move || desk.texts().duration()}</dt>
                <dd>{lasted}</dd>
                <dt>{move || texts().reason()}</dt>
                <dd>{reason}</dd>
                <dt>{move || texts().sentiment()}</dt>
                <dd>{sentiment}</dd>
                <dt>{move || desk.texts().agent()}</dt>
                <dd>{agent}</dd>
                <dt>{move || texts().cost()}</dt>
                <dd>{cost}</dd>
                <dt>{move || texts().latency()}</dt>
                <dd>{latency}</dd>
                {withheld}
                {side(|texts| texts.from(), |call| call.from_number.clone())}
                {side(|texts| texts.to(), |call| call.to_number.clone())}
                <dt>{move || texts().call_id()}</dt>
                <dd>
                    <code class="sb-id">{move || about(|detail| Some(detail.summary.id.clone()))}</code>
                </dd>
            </dl>
            <Costs desk call />
            <Latencies desk call />
        </section>
    }
}

/// What the cost is made of.
#[component]
fn Costs(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let costs = Memo::new(move |_| {
        let costs = call.detail.with(|it| Some(it.as_ref()?.costs.clone()));
        costs.unwrap_or_default()
    });
    let one = move |it: ProductCost| {
        let cost = format::dollars(it.cents / 100.0, desk.lang.get());
        (readable(&it.product), cost)
    };
    move || {
        let costs: Vec<_> = costs.get().into_iter().map(one).collect();
        (!costs.is_empty()).then(|| view! { <h3>{texts().costs()}</h3> {pairs(costs)} })
    }
}

/// How quick each part of the agent was.
#[component]
fn Latencies(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let latencies = Memo::new(move |_| {
        let latencies = call.detail.with(|it| Some(it.as_ref()?.latencies.clone()));
        latencies.unwrap_or_default()
    });
    let one = move |it: PartLatency| {
        let time = |ms| format::milliseconds(ms, desk.lang.get());
        let median = time(it.p50_ms);
        let took = match it.p90_ms {
            Some(most) => texts().latency_of(&median, &time(most)),
            None => median,
        };
        (part_of_agent(&it.part, texts()), took)
    };
    move || {
        let latencies: Vec<_> = latencies.get().into_iter().map(one).collect();
        (!latencies.is_empty()).then(|| view! { <h3>{texts().latencies()}</h3> {pairs(latencies)} })
    }
}

/// What people call a part of the agent.
fn part_of_agent(part: &str, texts: Texts) -> String {
    match part {
        "e2e" => texts.part_e2e().to_owned(),
        "llm" => texts.part_llm().to_owned(),
        "tts" => texts.part_tts().to_owned(),
        "asr" => texts.part_asr().to_owned(),
        "knowledge_base" => texts.part_knowledge_base().to_owned(),
        other => readable(other),
    }
}

/// What the analysis found.
#[component]
pub(super) fn Analysis(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let detail = call.detail;
    let verdict = move || {
        let successful = detail.with(|detail| detail.as_ref()?.summary.successful)?;
        let class = if successful {
            "sb-chip sb-chip-good"
        } else {
            "sb-chip sb-chip-warn"
        };
        let word = move || {
            if successful {
                texts().goal_reached()
            } else {
                desk.texts().goal_missed()
            }
        };
        Some(view! { <p><span class=class>{word}</span></p> })
    };
    let summary = move || match detail.with(|detail| detail.as_ref()?.analysis_summary.clone()) {
        Some(summary) => view! { <p>{summary}</p> }.into_any(),
        None => view! { <p class="sb-hint">{move || {
            if matches!(call.status.get(), CallStatus::NotConnected | CallStatus::Error) {
                texts().analysis_none()
            } else {
                texts().analysis_later()
            }
        }}</p> }
        .into_any(),
    };
    let data = move || {
        let data = detail.with(|detail| Some(detail.as_ref()?.analysis_data.clone()))?;
        let texts = texts();
        let data: Vec<_> = data
            .iter()
            .map(|(name, value)| (readable(name), words(value, texts)))
            .collect();
        (!data.is_empty()).then(|| view! { <h3>{texts.extracted()}</h3> {pairs(data)} })
    };
    view! {
        <section class="sb-card" aria-labelledby="analysis-title">
            <h2 id="analysis-title">{move || texts().analysis()}</h2>
            {verdict}
            {summary}
            {data}
        </section>
    }
}

/// What the call was given at its start: variables and metadata.
#[component]
pub(super) fn Given(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let variables = move || {
        let variables = call
            .detail
            .with(|detail| Some(detail.as_ref()?.dynamic_variables.clone()))?;
        (!variables.is_empty()).then(|| {
            view! {
                <section class="sb-card" aria-labelledby="variables-title">
                    <h2 id="variables-title">{move || texts().variables()}</h2>
                    {pairs(variables.into_iter().collect())}
                </section>
            }
        })
    };
    let metadata = move || {
        let metadata = call
            .detail
            .with(|detail| detail.as_ref()?.metadata.clone())?;
        is_telling(&metadata).then(|| {
            let text = serde_json::to_string_pretty(&metadata).unwrap_or_default();
            view! {
                <section class="sb-card" aria-labelledby="metadata-title">
                    <h2 id="metadata-title">{move || texts().metadata()}</h2>
                    <pre>{text}</pre>
                </section>
            }
        })
    };
    view! {
        {variables}
        {metadata}
    }
}

fn pairs(pairs: Vec<(String, String)>) -> impl IntoView {
    view! {
        <dl class="sb-facts">
            {pairs
                .into_iter()
                .map(|(name, value)| view! { <dt>{name}</dt> <dd>{value}</dd> })
                .collect_view()}
        </dl>
    }
}

/// Stands where nothing is known.
fn none() -> String {
    "–".to_owned()
}

/// Whether a value says anything.
fn is_telling(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Object(members) => !members.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        _ => true,
    }
}

/// `appointment_date` as `Appointment date`.
fn readable(name: &str) -> String {
    let spaced = name.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// A value as a person reads it.
fn words(value: &Value, texts: Texts) -> String {
    match value {
        Value::Null => none(),
        Value::Bool(true) => texts.yes().to_owned(),
        Value::Bool(false) => texts.no().to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::words::Lang;

    #[test]
    fn names_of_fields_become_words() {
        assert_eq!(readable("appointment_date"), "Appointment date");
        assert_eq!(readable("éclair-type"), "Éclair type");
        assert_eq!(readable(""), "");
    }

    #[test]
    fn values_are_told_in_words() {
        let texts = Texts::of(Lang::of("de"));
        let told = [
            json!(true),
            json!(false),
            json!("Tue"),
            json!(3),
            json!(null),
        ]
        .map(|v| words(&v, texts));
        assert_eq!(told, ["Ja", "Nein", "Tue", "3", "–"]);
    }

    #[test]
    fn empty_metadata_is_not_shown() {
        assert!(!is_telling(&json!({})) && !is_telling(&json!(null)) && !is_telling(&json!([])));
        assert!(is_telling(&json!({"a": 1})) && is_telling(&json!(0)));
    }
}
