//! The script: which step comes next, what the agent waits for, and silence.

use serde_json::{Value, json};

use crate::scenario::{Step, ToolStep, TransferStep, Variables};

use super::agent::Source;
use super::transcript::{Kind, Speaker};
use super::{Conversation, HANG_UP_MS, Output, TransferStage, Work, pace};

impl Conversation {
    /// Plays the script as far as it goes without waiting for anything.
    pub(super) fn go_on(&mut self) {
        while !self.ended && self.agent.is_none() && self.turn.is_none() && self.work.is_none() {
            if let Some(since) = self.vad.speaking_since() {
                self.begin_turn(since);
                return;
            }
            match self.ahead.pop_front() {
                Some(Step::Agent(line)) => {
                    self.speak(&line, Source::Aside);
                    continue;
                }
                Some(step) => {
                    self.play(step);
                    continue;
                }
                None => {}
            }
            let Some(step) = self.scenario.steps.get(self.position).cloned() else {
                return;
            };
            if matches!(step, Step::Visitor(_)) {
                return;
            }
            self.position += 1;
            self.play(step);
        }
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Agent(line) => self.speak(&line, Source::Step(self.position - 1)),
            // `go_on` stops before it.
            Step::Visitor(_) => {}
            Step::Tool(tool) => self.call_tool(tool),
            Step::Pause { ms } => {
                self.work = Some(Work::Pause {
                    since: self.now,
                    ms,
                });
            }
            Step::Node(name) => {
                let from = std::mem::replace(&mut self.node, name.clone());
                self.note(Kind::NodeTransition { from, to: name });
            }
            Step::Dtmf(digit) => self.note(Kind::Dtmf(digit)),
            Step::Press(digit) => {
                self.invoke("press_digit", &json!({ "digit": digit }));
            }
            Step::Sms(text) => {
                let text = self.variables.fill(&text);
                self.note(Kind::Sms(text));
            }
            Step::Transfer(transfer) => self.transfer(transfer),
            Step::End(reason) => self.hang_up(reason),
        }
    }

    pub(super) fn next_agent_line(&self) -> Option<&str> {
        let steps = self.scenario.steps.iter().skip(self.position);
        steps
            .filter_map(|step| match step {
                Step::Agent(line) => Some(Some(line.as_str())),
                Step::Tool(tool) => Some(tool.say.as_deref()),
                _ => None,
            })
            .next()
            .flatten()
    }

    fn next_tool_call_id(&mut self) -> String {
        self.tool_calls += 1;
        format!("tool_call_{}", self.tool_calls)
    }

    fn call_tool(&mut self, tool: ToolStep) {
        if let Some(say) = &tool.say {
            self.speak(say, Source::Aside);
        }
        let tool = Box::new(tool);
        if self.agent.is_some() {
            // It is called while it is announced, and stands below that.
            self.work = Some(Work::Announce { tool });
        } else {
            self.run_tool(tool);
        }
    }

    fn run_tool(&mut self, tool: Box<ToolStep>) {
        let tool_call_id = self.next_tool_call_id();
        let arguments = self.variables.fill_object(&tool.arguments);
        self.note(Kind::ToolInvocation {
            tool_call_id: tool_call_id.clone(),
            name: tool.name.clone(),
            arguments: Value::Object(arguments.clone()).to_string(),
            tool_type: "custom",
        });
        self.work = Some(Work::Tool {
            tool_call_id: tool_call_id.clone(),
        });
        self.outputs.push(Output::CallTool {
            tool_call_id,
            tool,
            arguments,
        });
    }

    pub(super) fn tool_result(
        &mut self,
        id: String,
        content: String,
        successful: bool,
        variables: &Variables,
    ) {
        let awaited =
            matches!(&self.work, Some(Work::Tool { tool_call_id }) if *tool_call_id == id);
        if !awaited {
            return;
        }
        self.work = None;
        self.base.merge(variables);
        self.collected.merge(variables);
        self.refresh_variables();
        self.note(Kind::ToolResult {
            tool_call_id: id,
            content,
            successful: Some(successful),
        });
        self.not_quiet();
    }

    /// Notes the use of a tool that is built in; its id.
    fn invoke(&mut self, tool: &'static str, arguments: &Value) -> String {
        let tool_call_id = self.next_tool_call_id();
        self.note(Kind::ToolInvocation {
            tool_call_id: tool_call_id.clone(),
            name: tool.to_owned(),
            arguments: arguments.to_string(),
            tool_type: tool,
        });
        tool_call_id
    }

    fn hang_up(&mut self, reason: String) {
        if reason == "agent_hangup" {
            self.invoke("end_call", &json!({}));
        }
        self.work = Some(Work::HangUp {
            since: self.now,
            reason,
        });
    }

    fn transfer(&mut self, transfer: TransferStep) {
        let tool_call_id = self.invoke("transfer_call", &json!({ "number": transfer.number }));
        self.outputs
            .push(Output::Transfer(TransferStage::Started, transfer.clone()));
        let since = self.now;
        self.work = Some(Work::Transfer {
            since,
            bridged: false,
            tool_call_id,
            transfer,
        });
    }

    /// Ends the pauses and transfers that have had their time, and calls the
    /// function whose announcement has begun.
    pub(super) fn pass_work_time(&mut self) {
        match self.work.take() {
            Some(Work::Pause { since, ms }) if self.is_due(since, ms) => {}
            Some(Work::Announce { tool }) if self.agent.is_none() || self.heard_anything() => {
                self.run_tool(tool);
            }
            Some(Work::HangUp { since, reason }) if self.now >= since + HANG_UP_MS => {
                self.end(reason);
            }
            Some(Work::Transfer {
                since,
                bridged: false,
                tool_call_id,
                transfer,
            }) if self.is_due(since, transfer.ring_ms) => {
                self.transfer_answered(tool_call_id, transfer);
            }
            Some(Work::Transfer {
                since,
                bridged: true,
                transfer,
                ..
            }) if self.is_due(since, transfer.talk_ms) => {
                self.outputs
                    .push(Output::Transfer(TransferStage::Ended, transfer));
                self.end("call_transfer".to_owned());
            }
            still => self.work = still,
        }
    }

    fn transfer_answered(&mut self, tool_call_id: String, transfer: TransferStep) {
        let successful = transfer.answered;
        let content = if successful {
            "Transfer bridged"
        } else {
            "Transfer cancelled"
        };
        self.note(Kind::ToolResult {
            tool_call_id: tool_call_id.clone(),
            content: content.to_owned(),
            successful: Some(successful),
        });
        if !successful {
            self.outputs
                .push(Output::Transfer(TransferStage::Cancelled, transfer));
            self.not_quiet();
            return;
        }
        self.outputs
            .push(Output::Transfer(TransferStage::Bridged, transfer.clone()));
        let mut at = self.elapsed();
        for line in &transfer.target {
            let words = pace::timed(&self.variables.fill(line), at);
            let end = words.last().map_or(at, |word| word.end_ms);
            self.transcript.add(
                at,
                Kind::Said {
                    by: Speaker::TransferTarget,
                    words,
                },
            );
            at = end;
        }
        let since = self.now;
        self.work = Some(Work::Transfer {
            since,
            bridged: true,
            tool_call_id,
            transfer,
        });
    }

    pub(super) fn work_wake_up(&self) -> Option<u64> {
        match self.work.as_ref()? {
            Work::Pause { since, ms } => Some(self.after(*since, *ms)),
            Work::HangUp { since, .. } => Some(since + HANG_UP_MS),
            // The agent's own times wake it.
            Work::Announce { .. } | Work::Tool { .. } => None,
            Work::Transfer {
                since,
                bridged,
                transfer,
                ..
            } => {
                let ms = if *bridged {
                    transfer.talk_ms
                } else {
                    transfer.ring_ms
                };
                Some(self.after(*since, ms))
            }
        }
    }

    /// Reminds a silent caller, and in the end gives up on them.
    pub(super) fn pass_silence(&mut self) {
        if self.ended || !self.is_quiet() {
            return;
        }
        if self.is_due(self.quiet_since, self.rules.end_call_after_silence_ms) {
            self.end("inactivity".to_owned());
        } else if self.will_remind()
            && self.is_due(self.remind_from, self.rules.reminder_trigger_ms)
        {
            self.reminders += 1;
            self.remind_from = self.now;
            if self.rules.asks {
                self.ask(true);
            } else if let Some(line) = self.scenario.reminder.clone() {
                self.speak(&line, Source::Reminder);
            }
        }
    }

    /// Asks what the agent says; what it was still to do is out of date.
    pub(super) fn ask(&mut self, reminder: bool) {
        self.ahead.clear();
        self.asking = true;
        self.outputs.push(Output::Ask { reminder });
    }

    fn will_remind(&self) -> bool {
        let able = self.scenario.reminder.is_some() || self.rules.asks && !self.asking;
        able && self.reminders < self.rules.reminder_max_count
    }

    pub(super) fn silence_wake_up(&self) -> Option<u64> {
        if !self.is_quiet() {
            return None;
        }
        let end = self.after(self.quiet_since, self.rules.end_call_after_silence_ms);
        let reminder = self.after(self.remind_from, self.rules.reminder_trigger_ms);
        Some(if self.will_remind() {
            end.min(reminder)
        } else {
            end
        })
    }

    /// `trigger_response`: interrupts and says something new while the agent
    /// talks, nudges it while it is idle, nothing while the caller talks.
    pub(super) fn trigger_response(&mut self) {
        let caller_talks = self.turn.is_some() || self.vad.speaking_since().is_some();
        let undisturbed = self.agent.is_some() && !self.rules.interruptible;
        if self.started.is_none() || self.taken_over || caller_talks || undisturbed {
            return;
        }
        if self.rules.asks {
            self.stop_agent();
            self.ask(false);
            return;
        }
        let Some(line) = self.scenario.nudge.clone() else {
            return;
        };
        let line = Step::Agent(line);
        self.take_back_unheard();
        self.stop_agent();
        if self.is_busy() {
            self.ahead.push_back(line);
        } else {
            self.ahead.push_front(line);
        }
    }
}
