//! What is known after a call: analysis, cost and latency (retell-protocol G2).

use retell::models::{CallAnalysis, CallCost, Latency, LatencyStats, ProductCost, UserSentiment};
use serde_json::Map;

use crate::conversation::{Item, Kind, Latencies, Speaker};
use crate::scenario::{Scenario, Variables};

/// Products and their prices, in US cents per second: what a usual voice agent
/// costs.
const PRICES: [(&str, f64); 2] = [("retell_voice_engine", 7.0 / 60.0), ("gpt_4_1", 4.5 / 60.0)];

/// What a call of this length costs.
#[expect(clippy::cast_precision_loss, reason = "a call lasts hours at most")]
pub(crate) fn cost(duration_ms: u64) -> CallCost {
    let seconds = duration_ms.div_ceil(1_000) as f64;
    let products = PRICES.map(|(product, unit_price)| ProductCost {
        product: product.to_owned(),
        cost: rounded(unit_price * seconds),
        unit_price: Some(rounded(unit_price)),
        is_transfer_leg_cost: Some(false),
    });
    let unit: f64 = PRICES.iter().map(|(_, price)| price).sum();
    CallCost {
        combined_cost: Some(products.iter().map(|product| product.cost).sum()),
        product_costs: products.into(),
        total_duration_seconds: Some(seconds),
        total_duration_unit_price: Some(rounded(unit)),
        ..CallCost::default()
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// The latencies measured in a call. What is neither waiting for the caller to
/// have finished nor making the speech is the model's.
pub(crate) fn latency(measured: &Latencies) -> Latency {
    /// How long the end of a turn takes to notice.
    const NOTICE_MS: u64 = 700;
    let model = measured.end_to_end.iter().enumerate().map(|(n, ms)| {
        let speech = measured.speech.get(n + 1).copied().unwrap_or(0);
        ms.saturating_sub(speech).saturating_sub(NOTICE_MS)
    });
    Latency {
        e2e: stats(&measured.end_to_end),
        llm: stats(&model.collect::<Vec<_>>()),
        tts: stats(&measured.speech),
        ..Latency::default()
    }
}

#[expect(clippy::cast_precision_loss, reason = "latencies are small")]
fn stats(values: &[u64]) -> Option<LatencyStats> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().checked_sub(1)?;
    // Nearest rank.
    let at = |percent: usize| Some(sorted[(last * percent).div_ceil(100)] as f64);
    Some(LatencyStats {
        p50: at(50),
        p90: at(90),
        p95: at(95),
        p99: at(99),
        min: at(0),
        max: at(100),
        num: i64::try_from(values.len()).ok(),
        values: values.iter().map(|value| *value as f64).collect(),
    })
}

/// What the analysis of a call says: the scenario's, if it was played to its
/// end, otherwise what the transcript shows.
pub(crate) fn analysis(
    scenario: &Scenario,
    complete: bool,
    variables: &Variables,
    items: &[Item],
    in_voicemail: bool,
) -> CallAnalysis {
    let scripted = &scenario.analysis;
    let spoke = items.iter().any(|item| {
        matches!(
            &item.kind,
            Kind::Said {
                by: Speaker::User,
                ..
            }
        )
    });
    let summary = scripted.summary.as_ref().filter(|_| complete);
    let sentiment = match &scripted.sentiment {
        Some(sentiment) if complete => UserSentiment::from(sentiment.as_str()),
        _ if spoke => UserSentiment::Neutral,
        _ => UserSentiment::Unknown,
    };
    let custom = if complete {
        variables.fill_object(&scripted.custom)
    } else {
        Map::new()
    };
    CallAnalysis {
        call_summary: Some(match summary {
            Some(summary) => variables.fill(summary),
            None => told(items),
        }),
        call_successful: Some(scripted.successful.unwrap_or(true) && complete),
        user_sentiment: Some(sentiment),
        in_voicemail: Some(in_voicemail),
        custom_analysis_data: Some(custom),
        ..CallAnalysis::default()
    }
}

/// A conversation retold in a few sentences.
fn told(items: &[Item]) -> String {
    let first = |who: Speaker| {
        items.iter().find_map(|item| match &item.kind {
            Kind::Said { by, .. } if *by == who => item.text(),
            _ => None,
        })
    };
    let tools: Vec<&str> = items
        .iter()
        .filter_map(|item| match &item.kind {
            Kind::ToolInvocation { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let mut summary = match (first(Speaker::Agent), first(Speaker::User)) {
        (None, None) => "Nobody spoke.".to_owned(),
        (Some(agent), None) => {
            format!("The agent said \u{201c}{agent}\u{201d}; the user did not answer.")
        }
        (_, Some(user)) => format!("The user began with \u{201c}{user}\u{201d}."),
    };
    if !tools.is_empty() {
        summary.push_str(&format!(" The agent used {}.", tools.join(", ")));
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Word;
    use crate::scenario::parse::parse;

    fn scenario() -> Scenario {
        let text = "name = \"S\"\n[[steps]]\nagent = \"Hi\"\n[analysis]\n\
                    summary = \"It is {{x}}.\"\nsentiment = \"Positive\"\ncustom = { x = \"{{x}}\" }";
        parse("s.toml", text).unwrap()
    }

    fn said(by: Speaker, text: &str) -> Item {
        let words = vec![Word {
            text: text.to_owned(),
            start_ms: 0,
            end_ms: 1,
        }];
        Item {
            id: text.to_owned(),
            at_ms: 0,
            kind: Kind::Said { by, words },
        }
    }

    #[test]
    fn a_complete_script_is_analysed_as_it_says() {
        let variables = [("x", "five")].into_iter().collect();
        let analysis = analysis(&scenario(), true, &variables, &[], false);
        assert_eq!(analysis.call_summary.as_deref(), Some("It is five."));
        assert_eq!(analysis.user_sentiment, Some(UserSentiment::Positive));
        assert_eq!(analysis.call_successful, Some(true));
        let custom = analysis.custom_analysis_data.unwrap();
        assert_eq!(custom.get("x").and_then(|x| x.as_str()), Some("five"));
    }

    #[test]
    fn an_incomplete_one_is_told_from_what_was_said() {
        let items = [said(Speaker::Agent, "Hi"), said(Speaker::User, "Bye")];
        let analysis = analysis(&scenario(), false, &Variables::default(), &items, false);
        assert!(analysis.call_summary.unwrap().contains("Bye"));
        assert_eq!(analysis.call_successful, Some(false));
        assert_eq!(analysis.user_sentiment, Some(UserSentiment::Neutral));
    }

    #[test]
    fn percentiles_are_among_the_values() {
        let stats = stats(&[300, 100, 200]).unwrap();
        assert_eq!(
            (stats.min, stats.p50, stats.max),
            (Some(100.0), Some(200.0), Some(300.0))
        );
        assert_eq!(
            (stats.num, stats.values),
            (Some(3), vec![300.0, 100.0, 200.0])
        );
        assert!(super::stats(&[]).is_none());
    }

    #[test]
    fn begun_seconds_are_paid_for() {
        let cost = cost(59_001);
        assert_eq!(cost.total_duration_seconds, Some(60.0));
        assert!((cost.combined_cost.unwrap() - 11.5).abs() < 0.001);
    }
}
