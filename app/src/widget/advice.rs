//! From why a call ended to what a visitor is told.

use super::browser::Browser;
use super::texts::{Advice, Texts};
use crate::call::events::RemoteEnd;
use crate::call::problem::Problem;
use crate::call::session::{EndReason, MicrophoneFault};

/// What went wrong and what to do; `None` when nothing did.
pub(super) fn advice(reason: EndReason, texts: &Texts, browser: Browser) -> Option<Advice> {
    let fault = &texts.fault;
    Some(match reason {
        EndReason::HungUp | EndReason::PageLeft | EndReason::RemoteEnded | EndReason::Replaced => {
            return None;
        }
        EndReason::Microphone(MicrophoneFault::Denied) => Advice {
            what: fault.microphone_denied,
            next: allow_microphone(texts, browser),
        },
        EndReason::Microphone(MicrophoneFault::Missing) => fault.microphone_missing,
        EndReason::Microphone(MicrophoneFault::Busy) => fault.microphone_busy,
        EndReason::Microphone(MicrophoneFault::Unsupported) => fault.microphone_unsupported,
        EndReason::Refused(problem) => refusal(problem, texts),
        EndReason::RoomMissing => fault.room_missing,
        EndReason::TokenExpired => fault.token_expired,
        EndReason::Rejected => fault.rejected,
        EndReason::GatewayUnreachable => fault.gateway_unreachable,
        EndReason::MediaBlocked => fault.media_blocked,
        EndReason::ConnectionLost => fault.connection_lost,
        EndReason::BrowserUnable => fault.browser_unable,
    })
}

fn refusal(problem: Problem, texts: &Texts) -> Advice {
    let fault = &texts.fault;
    match problem {
        Problem::KeyUnknown => fault.key_unknown,
        Problem::KeyDisabled => fault.key_disabled,
        Problem::OriginNotAllowed => fault.origin_not_allowed,
        Problem::NonceInvalid => fault.nonce_invalid,
        Problem::AgentUnknown => fault.agent_unknown,
        Problem::RetellUnreachable => fault.retell_unreachable,
        Problem::RetellTimeout => fault.retell_timeout,
        Problem::RetellUnauthorized => fault.retell_unauthorized,
        Problem::RetellPaymentRequired => fault.retell_payment_required,
        Problem::RetellBusy => fault.retell_busy,
        Problem::RetellRejected => fault.retell_rejected,
        Problem::RetellFailed => fault.retell_failed,
        Problem::RateLimited => fault.rate_limited,
        Problem::StoreUnavailable => fault.store_unavailable,
        Problem::Internal => fault.internal,
        Problem::Unreachable => fault.unreachable,
    }
}

fn allow_microphone(texts: &Texts, browser: Browser) -> &'static str {
    let texts = &texts.allow_microphone;
    match browser {
        Browser::Chromium => texts.chromium,
        Browser::ChromiumAndroid => texts.chromium_android,
        Browser::Firefox => texts.firefox,
        Browser::Safari => texts.safari,
        Browser::Ios => texts.ios,
        Browser::Other => texts.other,
    }
}

/// What is said after a call that nothing was wrong with. Why the far end
/// ended it comes a moment later, or never.
pub(super) fn farewell(
    reason: EndReason,
    remote: Option<RemoteEnd>,
    texts: &Texts,
) -> Option<&'static str> {
    let summary = &texts.summary;
    match reason {
        EndReason::HungUp | EndReason::PageLeft => Some(summary.you_hung_up),
        EndReason::Replaced => Some(summary.replaced),
        EndReason::RemoteEnded => Some(match remote.unwrap_or(RemoteEnd::Other) {
            RemoteEnd::Agent => summary.agent_hung_up,
            RemoteEnd::Visitor => summary.you_hung_up,
            RemoteEnd::Silence => summary.quiet_too_long,
            RemoteEnd::Length => summary.longest_reached,
            RemoteEnd::Transfer => summary.transferred,
            RemoteEnd::Staff => summary.stopped,
            RemoteEnd::Failure => summary.agent_failed,
            RemoteEnd::Other => summary.over,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::i18n::Lang;

    #[test]
    fn after_every_call_there_is_either_advice_or_a_farewell() {
        let reasons = [
            EndReason::HungUp,
            EndReason::PageLeft,
            EndReason::RemoteEnded,
            EndReason::Replaced,
            EndReason::Microphone(MicrophoneFault::Denied),
            EndReason::Microphone(MicrophoneFault::Missing),
            EndReason::Refused(Problem::RetellBusy),
            EndReason::RoomMissing,
            EndReason::ConnectionLost,
        ];
        for lang in Lang::ALL {
            let texts = Texts::of(lang);
            for reason in reasons {
                let advice = advice(reason, texts, Browser::Chromium);
                let farewell = farewell(reason, None, texts);
                assert_eq!(advice.is_some(), reason.is_fault(), "{reason:?}");
                assert_ne!(advice.is_some(), farewell.is_some(), "{reason:?}");
            }
        }
    }

    #[test]
    fn each_refusal_has_its_own_sentence_in_each_language() {
        let problems = [
            Problem::KeyUnknown,
            Problem::KeyDisabled,
            Problem::OriginNotAllowed,
            Problem::NonceInvalid,
            Problem::AgentUnknown,
            Problem::RetellUnreachable,
            Problem::RetellTimeout,
            Problem::RetellUnauthorized,
            Problem::RetellPaymentRequired,
            Problem::RetellBusy,
            Problem::RetellRejected,
            Problem::RetellFailed,
            Problem::RateLimited,
            Problem::StoreUnavailable,
            Problem::Internal,
            Problem::Unreachable,
        ];
        for lang in Lang::ALL {
            let texts = Texts::of(lang);
            let mut told: Vec<_> = problems
                .iter()
                .map(|problem| refusal(*problem, texts).what)
                .collect();
            told.sort_unstable();
            told.dedup();
            assert_eq!(told.len(), problems.len(), "{lang:?}");
        }
    }
}
