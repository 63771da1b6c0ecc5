//! A call's task: it connects the conversation with the room, the clock, the
//! functions, the watchers and the webhooks, from the first ring to the
//! analysis.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use retell::models::monitor::CallEnded;
use retell::models::{CallStatus, DisconnectionReason, MonitorMessage, Transcripts, WebhookEvent};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::calls::{Call, Command, outcome, wire};
use crate::conversation::{Conversation, Input, Item, Output, Rules, TransferStage};
use crate::custom_llm::{CustomLlm, Exchange, Heard};
use crate::delivery::Subject;
use crate::functions;
use crate::media::{LeaveCause, LegId, LegRole, MediaEvent, Room};
use crate::scenario::{ToolStep, TransferStep, Variables};
use crate::webhooks::Webhooks;

use super::playing::Playing;
use super::told;

/// How a call comes to be a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// The visitor joins its room.
    Joined,
    /// The telephone rings and is answered.
    Answered,
    /// Somebody else is to dial: the call waits for them, in vain.
    Dialled,
    /// The telephone rings in vain.
    NotAnswered(DisconnectionReason),
}

/// Starts a call's task.
pub(crate) fn spawn(
    app: &App,
    call: Arc<Call>,
    events: UnboundedReceiver<MediaEvent>,
    commands: UnboundedReceiver<Command>,
    rules: Rules,
    variables: &Variables,
    beginning: Beginning,
) {
    let talk = Conversation::new(Arc::clone(&call.scenario), rules, variables);
    let tasks = call.tasks.clone();
    let (llm_says, llm_said) = unbounded_channel();
    let driver = Driver {
        room: call.room.clone(),
        webhooks: Webhooks::new(app, &call.tasks),
        app: app.clone(),
        call,
        talk,
        opened: Instant::now(),
        playing: Playing::default(),
        wanted: None,
        client: None,
        early: Vec::new(),
        taker: None,
        llm: None,
        llm_says,
        over: None,
    };
    let watch = Watch(Arc::clone(&driver.call));
    tasks.spawn(async move {
        driver.run(events, commands, llm_said, beginning).await;
        drop(watch);
    });
}

fn subject(call: &Call) -> Subject<'_> {
    Subject {
        id: &call.id,
        workspace: &call.workspace,
        agent: &call.agent,
    }
}

/// Sees to it that a call whose task breaks off is not ongoing for ever.
struct Watch(Arc<Call>);

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.0.is_over() {
            let mut state = self.0.state();
            state.access.clear();
            state.object.call_status = Some(CallStatus::Error);
            state.object.disconnection_reason = Some(DisconnectionReason::ErrorRetell);
            drop(state);
            self.0.end();
            self.0.close();
        }
    }
}

/// How long a registered call waits to be dialled, in ms (retell-protocol G1).
const REGISTERED_MS: u64 = 300_000;

struct Driver {
    app: App,
    call: Arc<Call>,
    room: Room,
    talk: Conversation,
    webhooks: Webhooks,
    opened: Instant,
    playing: Playing,
    /// The utterance that is to be played.
    wanted: Option<u64>,
    client: Option<LegId>,
    /// Legs that were connected before they were announced.
    early: Vec<LegId>,
    /// Who took over.
    taker: Option<LegId>,
    /// What it thinks with, if that is elsewhere.
    llm: Option<CustomLlm>,
    llm_says: UnboundedSender<Heard>,
    over: Option<Over>,
}

/// How a call ended.
enum Over {
    /// In order, for this reason.
    Ended(String),
    /// The room broke down.
    Killed,
}

impl Driver {
    async fn run(
        mut self,
        mut events: UnboundedReceiver<MediaEvent>,
        mut commands: UnboundedReceiver<Command>,
        mut llm_said: UnboundedReceiver<Heard>,
        beginning: Beginning,
    ) {
        self.make_ready();
        let mut speed = self.app.clock.subscribe();
        self.give(Input::Speed(self.app.clock.speed()));
        let app = self.app.clone();
        let (window, ring) = {
            let settings = app.settings();
            (settings.join_window_ms, settings.ring_ms)
        };
        let mut join_window = pin!(async {
            let patience = match beginning {
                Beginning::Joined => window,
                Beginning::Dialled => REGISTERED_MS,
                Beginning::Answered | Beginning::NotAnswered(_) => ring,
            };
            app.clock.sleep(patience).await;
        });
        let mut waiting = true;
        while self.over.is_none() {
            let wake_up = self
                .talk
                .wake_up()
                .map(|at| self.opened + Duration::from_millis(at));
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.on_event(&event),
                    None => self.over = Some(Over::Killed),
                },
                Some(command) = commands.recv() => self.on_command(command),
                Some(heard) = llm_said.recv() => self.on_llm(heard),
                Ok(()) = speed.changed() => {
                    let speed = *speed.borrow_and_update();
                    self.give(Input::Speed(speed));
                }
                () = sleep_until(wake_up.unwrap_or(self.opened)), if wake_up.is_some() => {
                    self.give(Input::Tick);
                }
                () = &mut join_window, if waiting => {
                    waiting = false;
                    match &beginning {
                        Beginning::Joined if self.is_registered() => {
                            self.end(DisconnectionReason::ErrorUserNotJoined.as_str());
                        }
                        Beginning::Joined => {}
                        Beginning::Answered => self.begin(),
                        Beginning::Dialled => {
                            self.end(DisconnectionReason::RegisteredCallTimeout.as_str());
                        }
                        Beginning::NotAnswered(reason) => self.end(reason.as_str()),
                    }
                }
            }
        }
        self.finish().await;
    }

    /// Has the first line spoken in advance: the visitor should not wait.
    fn make_ready(&self) {
        if let Some(line) = self.talk.upcoming_line() {
            let (voice, language) = (self.app.voice.clone(), self.call.scenario.language.clone());
            self.call.tasks.spawn(async move {
                voice.speak(&line, &language).await;
            });
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn is_registered(&self) -> bool {
        self.call.state().object.call_status == Some(CallStatus::Registered)
    }

    fn give(&mut self, input: Input) {
        for output in self.talk.handle(self.now(), input) {
            self.carry_out(output);
        }
    }

    fn end(&mut self, reason: &str) {
        self.give(Input::End(reason.to_owned()));
    }

    fn on_event(&mut self, event: &MediaEvent) {
        if let MediaEvent::Connected { leg } = *event {
            self.call.state().access.connected(leg);
        }
        match *event {
            MediaEvent::Connected { leg } if self.client == Some(leg) => self.begin(),
            MediaEvent::Connected { leg } if self.client.is_none() => self.early.push(leg),
            MediaEvent::Connected { .. } | MediaEvent::ControlOpen { .. } => {}
            MediaEvent::Level { leg, dbov, .. } => {
                if self.client == Some(leg) && self.taker.is_none() {
                    self.give(Input::Level(dbov));
                }
            }
            MediaEvent::PlaybackStarted { .. } => {
                if let Some((utterance, speech)) = self.playing.began() {
                    let words = speech
                        .words
                        .iter()
                        .map(|w| (w.start_ms, w.end_ms))
                        .collect();
                    let duration_ms = speech.duration_ms;
                    self.give(Input::PlaybackStarted {
                        utterance,
                        words,
                        duration_ms,
                    });
                }
            }
            MediaEvent::PlaybackEnded { completed, .. } => {
                if let Some((utterance, begun)) = self.playing.ended()
                    && completed
                {
                    if !begun {
                        // A line without sound.
                        let words = Vec::new();
                        self.give(Input::PlaybackStarted {
                            utterance,
                            words,
                            duration_ms: 0,
                        });
                    }
                    self.give(Input::PlaybackEnded { utterance });
                }
            }
            MediaEvent::Left { leg, cause } => self.on_left(leg, cause),
        }
    }

    fn on_left(&mut self, leg: LegId, cause: LeaveCause) {
        self.call.state().access.left(leg);
        tracing::debug!(call = self.call.id, %leg, ?cause, "a leg left");
        if self.client == Some(leg) && !self.is_registered() {
            self.end(DisconnectionReason::UserHangup.as_str());
        } else if self.taker == Some(leg) {
            self.end(DisconnectionReason::CallTakeOver.as_str());
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Give(input) => self.give(input),
            Command::Joined(leg, LegRole::Client) => {
                self.client = Some(leg);
                if self.early.contains(&leg) {
                    self.begin();
                }
            }
            Command::Joined(_, LegRole::Listener) => {}
            Command::Spoken(utterance, speech) => {
                if self.wanted == Some(utterance) {
                    self.playing.give(utterance, Arc::clone(&speech));
                    self.room.play(speech);
                }
            }
            Command::CallerSpoken(speech) => {
                self.give(Input::CallerSpeaks(speech.duration_ms));
                self.room.play_caller(speech);
            }
            Command::TakeOver(leg) => self.take_over(leg),
            Command::Kill => self.over = Some(Over::Killed),
        }
    }

    /// The other side is there.
    fn begin(&mut self) {
        if !self.is_registered() {
            return;
        }
        {
            let mut state = self.call.state();
            state.object.call_status = Some(CallStatus::Ongoing);
            state.object.start_timestamp = i64::try_from(self.app.clock.now_ms()).ok();
        }
        self.room.caller_arrived();
        self.send(&WebhookEvent::CallStarted);
        self.give(Input::Start);
        if let Some(url) = self.call.agent.llm_websocket_url() {
            let url = self.talk.variables().fill(url);
            let exchange = Exchange::new(self.talk.rules().clone());
            let says = self.llm_says.clone();
            self.llm = Some(CustomLlm::connect(
                &self.app, &self.call, &url, exchange, says,
            ));
        }
    }

    fn on_llm(&mut self, heard: Heard) {
        let Some(llm) = &mut self.llm else { return };
        match heard {
            Heard::Connected => llm.exchange.connected(),
            Heard::Frame(text) => {
                let reply = llm.exchange.receive(&text);
                if reply.call_details {
                    let mut call = self.call.state().view();
                    call.call_status = Some(CallStatus::Registered);
                    let frame =
                        serde_json::json!({ "interaction_type": "call_details", "call": call });
                    llm.tell(&frame);
                }
                for input in reply.inputs {
                    self.give(input);
                }
            }
            Heard::Over(reason) => self.end(reason),
        }
    }

    fn take_over(&mut self, leg: LegId) {
        // Who has left meanwhile takes nothing over: the agent goes on.
        let mut state = self.call.state();
        let there = state.access.sessions().any(|(_, it)| it.leg == leg);
        state.taken_over = there;
        if !there {
            return;
        }
        drop(state);
        self.taker = Some(leg);
        self.give(Input::TakeOver);
        self.room.stop_playing();
        self.room.allow_publish(leg, true);
        self.call.state().transcribed = false;
        self.publish_end(DisconnectionReason::CallTakeOver.as_str());
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Speak { utterance, text } => {
                self.wanted = Some(utterance);
                let (app, call) = (self.app.clone(), Arc::clone(&self.call));
                self.call.tasks.spawn(async move {
                    let speech = app.voice.speak(&text, &call.scenario.language).await;
                    call.tell(Command::Spoken(utterance, speech));
                });
            }
            Output::StopPlaying => {
                self.wanted = None;
                self.room.stop_playing();
            }
            Output::CallerSays(text) => {
                let (app, call) = (self.app.clone(), Arc::clone(&self.call));
                self.call.tasks.spawn(async move {
                    let speech = app.voice.speak(&text, &call.scenario.language).await;
                    call.tell(Command::CallerSpoken(speech));
                });
            }
            Output::Transcript(items) => self.show(&items),
            Output::TurnOver => {
                self.call.state().latencies = self.talk.latencies().clone();
                self.make_ready();
                self.send(&WebhookEvent::TranscriptUpdated);
            }
            Output::Ask { reminder } => {
                if let Some(llm) = &mut self.llm {
                    let frame = llm.exchange.ask(reminder, &self.call.state().items);
                    llm.tell(&frame);
                }
            }
            Output::CallTool {
                tool_call_id,
                tool,
                arguments,
            } => {
                self.call_tool(tool_call_id, *tool, arguments);
            }
            Output::Transfer(stage, transfer) => self.on_transfer(stage, &transfer),
            Output::End(reason) => self.over = Some(Over::Ended(reason)),
        }
    }

    fn show(&mut self, items: &[Item]) {
        let mut state = self.call.state();
        state.merge(items);
        if let Some(llm) = &mut self.llm {
            let frame = llm.exchange.update(items, &state.items);
            llm.tell(&frame);
        }
        // Under the lock: a new watcher's snapshot has all that was published
        // before it.
        self.call
            .publish(MonitorMessage::TranscriptUpdated(Transcripts {
                transcripts: items.iter().map(wire::monitor_item).collect(),
                ..Transcripts::default()
            }));
    }

    fn call_tool(
        &self,
        tool_call_id: String,
        tool: ToolStep,
        arguments: serde_json::Map<String, serde_json::Value>,
    ) {
        let (app, call) = (self.app.clone(), Arc::clone(&self.call));
        let variables = self.talk.variables().clone();
        self.call.tasks.spawn(async move {
            let view = || serde_json::json!({ "call": call.state().view() });
            let subject = subject(&call);
            let outcome = functions::call(&app, subject, view, &tool, &arguments, &variables).await;
            call.tell(Command::Give(Input::ToolResult {
                tool_call_id,
                content: outcome.content,
                successful: outcome.successful,
                variables: outcome.variables,
            }));
        });
    }

    fn on_transfer(&self, stage: TransferStage, transfer: &TransferStep) {
        {
            let mut state = self.call.state();
            match stage {
                TransferStage::Bridged => {
                    state.object.transfer_destination = Some(transfer.number.clone());
                }
                TransferStage::Ended => {
                    let now = i64::try_from(self.app.clock.now_ms()).ok();
                    state.object.transfer_end_timestamp = now;
                }
                TransferStage::Started | TransferStage::Cancelled => {}
            }
        }
        let transfer = Some(transfer).filter(|_| stage != TransferStage::Ended);
        self.send_with(&told::transfer_event(stage), transfer);
    }

    fn send(&self, event: &WebhookEvent) {
        self.send_with(event, None);
    }

    fn send_with(&self, event: &WebhookEvent, transfer: Option<&TransferStep>) {
        let (subject, body) = (subject(&self.call), told::body(&self.call, event, transfer));
        let variables = self.talk.variables();
        self.webhooks
            .send(&self.app, subject, event, &body, variables);
    }

    fn publish_end(&self, reason: &str) {
        self.call.publish(MonitorMessage::CallEnded(CallEnded {
            event_timestamp: i64::try_from(self.app.clock.now_ms()).ok(),
            disconnection_reason: Some(reason.into()),
        }));
    }

    async fn finish(mut self) {
        // Its socket closes.
        self.llm = None;
        let reason = match self.over.take() {
            Some(Over::Ended(reason)) => {
                self.room
                    .send_control(r#"{"type":"status","state":"ended"}"#.to_owned());
                DisconnectionReason::from(reason)
            }
            Some(Over::Killed) | None => DisconnectionReason::ErrorRetell,
        };
        let recording = self.room.clone().close().await;
        self.settle(&reason, recording);
        self.app.calls().forget_old_recordings();
        if self.taker.is_none() {
            self.publish_end(reason.as_str());
        }
        self.call.close();
        self.send(&WebhookEvent::TranscriptUpdated);
        self.send(&WebhookEvent::CallEnded);
        let delay = self.app.settings().analysis_delay_ms;
        self.app.clock.sleep(delay).await;
        self.analyze(&reason);
        self.send(&WebhookEvent::CallAnalyzed);
    }

    fn analyze(&self, reason: &DisconnectionReason) {
        let mut state = self.call.state();
        let voicemail = *reason == DisconnectionReason::VoicemailReached;
        let (variables, complete) = (self.talk.variables(), state.complete);
        let scenario = &self.call.scenario;
        let analysis = outcome::analysis(scenario, complete, variables, &state.items, voicemail);
        state.object.call_analysis = Some(analysis);
    }

    /// Writes down how the call ended.
    fn settle(&self, reason: &DisconnectionReason, recording: crate::recording::Recording) {
        let now = i64::try_from(self.app.clock.now_ms()).unwrap_or(i64::MAX);
        let mut state = self.call.state();
        state.access.clear();
        state.complete = self.talk.is_complete();
        state.latencies = self.talk.latencies().clone();
        let collected = self.talk.collected();
        let object = &mut state.object;
        object.call_status = Some(reason.call_status().unwrap_or(CallStatus::Ended));
        object.disconnection_reason = Some(reason.clone());
        object.end_timestamp = Some(now);
        if !collected.is_empty() {
            let all = collected
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            object.collected_dynamic_variables = Some(all.collect());
        }
        let duration = object
            .start_timestamp
            .map(|start| now.saturating_sub(start).max(0));
        object.duration_ms = Some(duration.unwrap_or(0));
        object.call_cost = Some(outcome::cost(duration.unwrap_or(0).unsigned_abs()));
        if duration.is_some() {
            let base = format!(
                "{}/recordings/{}/{}",
                self.app.url, self.call.id, self.call.secret
            );
            object.recording_url = Some(format!("{base}/recording.wav"));
            object.recording_multi_channel_url = Some(format!("{base}/recording_multichannel.wav"));
        }
        state.recording = Some(Arc::new(recording));
        self.call.end();
    }
}
