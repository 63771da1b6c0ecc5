//! The words of call-backs, and which of them fits.

use api::callbacks::{CallbackOutcome, CallbackState};
use api::problem::slug;

pub(super) use crate::words::callbacks::Texts;

impl Texts {
    /// Where a call-back stands.
    pub(super) fn name_of(self, state: CallbackState) -> &'static str {
        match state {
            CallbackState::Pending => self.pending(),
            CallbackState::Scheduled => self.scheduled(),
            CallbackState::Calling => self.calling(),
            CallbackState::Placed => self.placed(),
            CallbackState::Unanswered => self.unanswered(),
            CallbackState::Open => self.open(),
            CallbackState::Done => self.done(),
            CallbackState::Failed => self.failed(),
            CallbackState::Cancelled => self.cancelled(),
            CallbackState::Unknown => self.unknown(),
        }
    }

    /// What came of one.
    pub(super) fn came_of_it(self, outcome: CallbackOutcome) -> &'static str {
        match outcome {
            CallbackOutcome::Reached => self.reached(),
            CallbackOutcome::NoAnswer => self.no_answer(),
            CallbackOutcome::Busy => self.busy(),
            CallbackOutcome::Voicemail => self.voicemail(),
            CallbackOutcome::CallFailed => self.call_failed(),
            CallbackOutcome::WrongNumber => self.wrong_number(),
            CallbackOutcome::Otherwise => self.otherwise(),
            CallbackOutcome::Unknown => self.unknown(),
        }
    }

    /// Why one failed.
    pub(super) fn problem(self, problem: &str) -> &'static str {
        match problem {
            slug::RETELL_UNREACHABLE | slug::RETELL_TIMEOUT | slug::RETELL_FAILED => {
                self.retell_away()
            }
            slug::NO_NUMBER => self.no_number(),
            slug::NUMBER_NOT_DIALABLE => self.not_dialable(),
            slug::DO_NOT_CALL => self.do_not_call(),
            slug::OWN_ACCOUNT_REQUIRED => self.own_account(),
            slug::KEY_DISABLED => self.key_off(),
            slug::AGENT_UNKNOWN => self.agent_unknown(),
            slug::INTERNAL => self.doubtful(),
            slug::LOOKS_AUTOMATIC => self.automatic(),
            slug::OUT_OF_HOURS => self.closed(),
            _ => self.retell_refuses(),
        }
    }
}
