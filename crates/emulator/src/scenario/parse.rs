//! Reading a scenario from TOML, with errors that name file and line.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use super::{Analysis, Otherwise, Scenario, Step, ToolRequest, ToolStep, TransferStep};
use super::{UNINTELLIGIBLE, Variables};

/// A scenario file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct ScenarioError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Reads a scenario. `file` is only used to name it and its errors.
///
/// # Errors
/// When it is no TOML, has unknown or missing keys, or a step that is not
/// exactly one kind of step.
pub fn parse(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
    let error = |span: Option<Range<usize>>, message: String| ScenarioError {
        file: file.to_owned(),
        line: span.map_or(1, |span| line_of(text, span.start)),
        message,
    };
    let raw: RawScenario =
        toml::from_str(text).map_err(|e| error(e.span(), e.message().to_owned()))?;
    if raw.steps.is_empty() {
        return Err(error(
            None,
            "a scenario needs at least one [[steps]]".to_owned(),
        ));
    }
    let mut steps = Vec::with_capacity(raw.steps.len());
    for step in raw.steps {
        let span = step.span();
        steps.push(
            step.into_inner()
                .into_step()
                .map_err(|message| error(Some(span), message))?,
        );
    }
    let analysis = raw.analysis.unwrap_or_default();
    if let Some(sentiment) = &analysis.sentiment
        && !["Negative", "Positive", "Neutral", "Unknown"].contains(&sentiment.as_ref().as_str())
    {
        let message = "sentiment is Negative, Positive, Neutral or Unknown".to_owned();
        return Err(error(Some(sentiment.span()), message));
    }
    let otherwise = raw.otherwise.unwrap_or_default();
    let id = file.rsplit(['/', '\\']).next().unwrap_or(file);
    Ok(Scenario {
        id: id.strip_suffix(".toml").unwrap_or(id).to_owned(),
        name: raw.name,
        language: raw.language,
        variables: raw.variables.into_iter().collect::<Variables>(),
        steps,
        reminder: raw.reminder.map(|line| line.agent),
        otherwise: Otherwise {
            visitor: otherwise
                .visitor
                .unwrap_or_else(|| UNINTELLIGIBLE.to_owned()),
            agent: otherwise.agent,
        },
        nudge: raw.nudge.map(|line| line.agent),
        analysis: Analysis {
            summary: analysis.summary,
            sentiment: analysis.sentiment.map(Spanned::into_inner),
            successful: analysis.successful,
            custom: analysis.custom,
        },
        metrics: raw.metrics,
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScenario {
    name: String,
    #[serde(default = "english")]
    language: String,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    steps: Vec<Spanned<RawStep>>,
    reminder: Option<RawLine>,
    otherwise: Option<RawOtherwise>,
    nudge: Option<RawLine>,
    analysis: Option<RawAnalysis>,
    #[serde(default)]
    metrics: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLine {
    agent: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOtherwise {
    visitor: Option<String>,
    #[serde(default)]
    agent: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAnalysis {
    summary: Option<String>,
    sentiment: Option<Spanned<String>>,
    successful: Option<bool>,
    #[serde(default)]
    custom: Map<String, Value>,
}

/// One step as written: the first group of fields names its kind.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    agent: Option<String>,
    visitor: Option<String>,
    tool: Option<String>,
    pause_ms: Option<u64>,
    node: Option<String>,
    dtmf: Option<String>,
    sms: Option<String>,
    press: Option<String>,
    transfer: Option<String>,
    end: Option<String>,

    // Of a tool.
    say: Option<String>,
    arguments: Option<Map<String, Value>>,
    variables: Option<BTreeMap<String, String>>,
    result: Option<Value>,
    delay_ms: Option<u64>,
    url: Option<String>,
    method: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    query_params: Option<BTreeMap<String, String>>,
    args_at_root: Option<bool>,
    timeout_ms: Option<u64>,
    max_retry: Option<u32>,

    // Of a transfer.
    option: Option<String>,
    answered: Option<bool>,
    ring_ms: Option<u64>,
    target: Option<Vec<String>>,
    talk_ms: Option<u64>,
}

impl RawStep {
    fn into_step(self) -> Result<Step, String> {
        let kinds = [
            ("agent", self.agent.is_some()),
            ("visitor", self.visitor.is_some()),
            ("tool", self.tool.is_some()),
            ("pause_ms", self.pause_ms.is_some()),
            ("node", self.node.is_some()),
            ("dtmf", self.dtmf.is_some()),
            ("sms", self.sms.is_some()),
            ("press", self.press.is_some()),
            ("transfer", self.transfer.is_some()),
            ("end", self.end.is_some()),
        ];
        let given: Vec<&str> = kinds
            .iter()
            .filter(|(_, is)| *is)
            .map(|(name, _)| *name)
            .collect();
        let [kind] = given[..] else {
            return Err(format!(
                "a step has exactly one of agent, visitor, tool, pause_ms, node, dtmf, sms, \
                 press, transfer and end; this one has {}",
                if given.is_empty() {
                    "none".to_owned()
                } else {
                    given.join(" and ")
                }
            ));
        };
        self.only_fields_of(kind)?;
        match self {
            Self {
                agent: Some(line), ..
            } => spoken(line).map(Step::Agent),
            Self {
                visitor: Some(line),
                ..
            } => spoken(line).map(Step::Visitor),
            Self {
                pause_ms: Some(ms), ..
            } => Ok(Step::Pause { ms }),
            Self {
                node: Some(name), ..
            } => Ok(Step::Node(name)),
            Self {
                dtmf: Some(digit), ..
            } => Ok(Step::Dtmf(digit)),
            Self {
                sms: Some(text), ..
            } => Ok(Step::Sms(text)),
            Self {
                press: Some(digit), ..
            } => Ok(Step::Press(digit)),
            Self {
                end: Some(reason), ..
            } => Ok(Step::End(reason)),
            Self {
                transfer: Some(_), ..
            } => self.into_transfer(),
            _ => self.into_tool(),
        }
    }

    fn only_fields_of(&self, kind: &str) -> Result<(), String> {
        let tool = [
            ("say", self.say.is_some()),
            ("arguments", self.arguments.is_some()),
            ("variables", self.variables.is_some()),
            ("result", self.result.is_some()),
            ("delay_ms", self.delay_ms.is_some()),
            ("url", self.url.is_some()),
            ("method", self.method.is_some()),
            ("headers", self.headers.is_some()),
            ("query_params", self.query_params.is_some()),
            ("args_at_root", self.args_at_root.is_some()),
            ("timeout_ms", self.timeout_ms.is_some()),
            ("max_retry", self.max_retry.is_some()),
        ];
        let transfer = [
            ("option", self.option.is_some()),
            ("answered", self.answered.is_some()),
            ("ring_ms", self.ring_ms.is_some()),
            ("target", self.target.is_some()),
            ("talk_ms", self.talk_ms.is_some()),
        ];
        let foreign = tool
            .iter()
            .filter(|_| kind != "tool")
            .chain(transfer.iter().filter(|_| kind != "transfer"))
            .find(|(_, is)| *is);
        match foreign {
            Some((name, _)) => Err(format!(
                "`{name}` does not belong to a step of kind `{kind}`"
            )),
            None => Ok(()),
        }
    }

    fn into_tool(self) -> Result<Step, String> {
        let method = self
            .method
            .unwrap_or_else(|| "POST".to_owned())
            .to_uppercase();
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
            return Err(format!("`{method}` is no method of a function"));
        }
        let timeout_ms = self.timeout_ms.unwrap_or(120_000);
        if !(1_000..=600_000).contains(&timeout_ms) {
            return Err("`timeout_ms` is 1000 to 600000".to_owned());
        }
        let max_retry = self.max_retry.unwrap_or(0);
        if max_retry > 5 {
            return Err("`max_retry` is 0 to 5".to_owned());
        }
        Ok(Step::Tool(ToolStep {
            name: self.tool.unwrap_or_default(),
            say: self.say,
            arguments: self.arguments.unwrap_or_default(),
            response_variables: self.variables.unwrap_or_default(),
            result: self.result.unwrap_or_else(|| Value::Object(Map::new())),
            delay_ms: self.delay_ms.unwrap_or(0),
            request: ToolRequest {
                url: self.url,
                method,
                headers: self.headers.unwrap_or_default(),
                query_params: self.query_params.unwrap_or_default(),
                args_at_root: self.args_at_root.unwrap_or(false),
                timeout_ms,
                max_retry,
            },
        }))
    }

    fn into_transfer(self) -> Result<Step, String> {
        let usual = TransferStep::to(self.transfer.unwrap_or_default());
        let option = self.option.unwrap_or(usual.option);
        if !["cold_transfer", "warm_transfer"].contains(&option.as_str()) {
            return Err("`option` is cold_transfer or warm_transfer".to_owned());
        }
        Ok(Step::Transfer(TransferStep {
            number: usual.number,
            option,
            answered: self.answered.unwrap_or(usual.answered),
            ring_ms: self.ring_ms.unwrap_or(usual.ring_ms),
            target: self.target.unwrap_or(usual.target),
            talk_ms: self.talk_ms.unwrap_or(usual.talk_ms),
        }))
    }
}

fn spoken(line: String) -> Result<String, String> {
    if line.trim().is_empty() {
        return Err("a line to speak cannot be empty".to_owned());
    }
    Ok(line)
}

fn english() -> String {
    "en-US".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(text: &str, line: usize, part: &str) {
        let error = parse("dir/bad.toml", text).expect_err("this scenario is wrong");
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().starts_with("dir/bad.toml:"), "{error}");
        assert!(error.message.contains(part), "{error}");
    }

    #[test]
    fn every_kind_of_step_is_read() {
        let text = r#"
            name = "All"
            language = "de-DE"
            [[steps]]
            agent = "Hi {{x}}"
            [[steps]]
            visitor = "Hello"
            [[steps]]
            tool = "f"
            arguments = { a = 1 }
            result = { b = [true] }
            variables = { b = "b[0]" }
            [[steps]]
            pause_ms = 5
            [[steps]]
            node = "N"
            [[steps]]
            dtmf = "1"
            [[steps]]
            sms = "S"
            [[steps]]
            transfer = "+1"
            answered = false
            [[steps]]
            end = "agent_hangup"
        "#;
        let scenario = parse("dir/all.toml", text).unwrap();
        assert_eq!(scenario.id, "all");
        assert_eq!(scenario.steps.len(), 9);
        assert_eq!(scenario.otherwise.visitor, UNINTELLIGIBLE);
        let Step::Tool(tool) = &scenario.steps[2] else {
            panic!("a tool")
        };
        assert_eq!(tool.request.method, "POST");
        assert_eq!(tool.result, serde_json::json!({"b": [true]}));
        let Step::Transfer(transfer) = &scenario.steps[7] else {
            panic!("a transfer")
        };
        assert!(!transfer.answered);
    }

    #[test]
    fn errors_name_the_line() {
        fails("name = \"x\"\n", 1, "at least one");
        fails("name = \"x\"\nfoo = 1\n", 2, "foo");
        fails(
            "name = \"x\"\n[[steps]]\nagent = \"a\"\nvisitor = \"b\"\n",
            2,
            "agent and visitor",
        );
        fails(
            "name = \"x\"\n[[steps]]\nagent = \"a\"\n[[steps]]\n",
            4,
            "none",
        );
        fails(
            "name = \"x\"\n[[steps]]\nagent = \"a\"\nurl = \"b\"\n",
            2,
            "url",
        );
        fails("name = \"x\"\n[[steps]]\nagent = \" \"\n", 2, "empty");
        fails(
            "name = \"x\"\n[[steps]]\ntool = \"t\"\nmax_retry = 9\n",
            2,
            "max_retry",
        );
        fails(
            "name = \"x\"\n[[steps]]\ntool = \"t\"\nmethod = \"BREW\"\n",
            2,
            "BREW",
        );
        fails(
            "name = \"x\"\n[[steps]]\ntransfer = \"+1\"\noption = \"hot\"\n",
            2,
            "option",
        );
        let sentiment = "name = \"x\"\n[[steps]]\nagent = \"a\"\n[analysis]\nsentiment = \"Meh\"\n";
        fails(sentiment, 5, "sentiment");
        fails("name = ", 1, "");
    }
}
