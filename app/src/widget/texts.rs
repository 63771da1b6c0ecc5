//! Every word the widget shows, in every language. A language that lacks one
//! does not compile.

mod de;
mod en;
mod es;

use crate::ui::i18n::Lang;

/// What went wrong, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Advice {
    /// What went wrong, in a few words.
    pub(super) what: &'static str,
    /// The next step.
    pub(super) next: &'static str,
}

/// The widget's words in one language.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) default_title: &'static str,
    pub(super) intro: &'static str,
    pub(super) intro_note: &'static str,
    pub(super) start_call: &'static str,
    pub(super) call_again: &'static str,
    pub(super) mute: &'static str,
    pub(super) unmute: &'static str,
    pub(super) hang_up: &'static str,
    pub(super) close: &'static str,
    pub(super) devices: &'static str,
    pub(super) microphone: &'static str,
    pub(super) speaker: &'static str,
    pub(super) default_device: &'static str,
    pub(super) unnamed_device: &'static str,
    pub(super) tap_to_hear: &'static str,
    pub(super) phase: PhaseTexts,
    pub(super) mood: MoodTexts,
    pub(super) transcript: TranscriptWords,
    pub(super) notice: NoticeTexts,
    pub(super) summary: SummaryTexts,
    pub(super) allow_microphone: BrowserTexts,
    pub(super) fault: FaultTexts,
}

/// The states of a call, for the status line.
#[derive(Debug)]
pub(super) struct PhaseTexts {
    pub(super) idle: &'static str,
    pub(super) asking_microphone: &'static str,
    pub(super) connecting: &'static str,
    pub(super) live: &'static str,
    pub(super) reconnecting: &'static str,
    pub(super) ended: &'static str,
    /// It ended before it began.
    pub(super) failed: &'static str,
}

/// What is going on right now, under the orb.
#[derive(Debug)]
pub(super) struct MoodTexts {
    pub(super) allow: &'static str,
    pub(super) preparing: &'static str,
    pub(super) agent_speaks: &'static str,
    pub(super) listening: &'static str,
    pub(super) muted: &'static str,
    pub(super) reconnecting: &'static str,
}

/// The words around the transcript.
#[derive(Debug)]
pub(super) struct TranscriptWords {
    pub(super) label: &'static str,
    pub(super) empty: &'static str,
    pub(super) unavailable: &'static str,
    pub(super) jump_to_latest: &'static str,
    pub(super) agent: &'static str,
    pub(super) user: &'static str,
    pub(super) transfer_target: &'static str,
    pub(super) key_pressed: &'static str,
    pub(super) text_message: &'static str,
}

/// What happened to the devices.
#[derive(Debug)]
pub(super) struct NoticeTexts {
    pub(super) microphone_switched: &'static str,
    pub(super) microphone_lost: &'static str,
    pub(super) microphone_refused: &'static str,
    pub(super) speaker_switched: &'static str,
}

/// What is said after a call.
#[derive(Debug)]
pub(super) struct SummaryTexts {
    pub(super) label: &'static str,
    pub(super) duration: &'static str,
    pub(super) you_hung_up: &'static str,
    pub(super) agent_hung_up: &'static str,
    pub(super) over: &'static str,
    pub(super) replaced: &'static str,
    pub(super) quiet_too_long: &'static str,
    pub(super) longest_reached: &'static str,
    pub(super) transferred: &'static str,
    pub(super) stopped: &'static str,
    pub(super) agent_failed: &'static str,
}

/// How to allow the microphone, by browser.
#[derive(Debug)]
pub(super) struct BrowserTexts {
    pub(super) chromium: &'static str,
    pub(super) chromium_android: &'static str,
    pub(super) firefox: &'static str,
    pub(super) safari: &'static str,
    pub(super) ios: &'static str,
    pub(super) other: &'static str,
}

/// Everything that can go wrong.
#[derive(Debug)]
pub(super) struct FaultTexts {
    /// The next step depends on the browser: see [`BrowserTexts`].
    pub(super) microphone_denied: &'static str,
    pub(super) microphone_missing: Advice,
    pub(super) microphone_busy: Advice,
    pub(super) microphone_unsupported: Advice,
    pub(super) key_unknown: Advice,
    pub(super) key_disabled: Advice,
    pub(super) origin_not_allowed: Advice,
    pub(super) nonce_invalid: Advice,
    pub(super) agent_unknown: Advice,
    pub(super) retell_unreachable: Advice,
    pub(super) retell_timeout: Advice,
    pub(super) retell_unauthorized: Advice,
    pub(super) retell_payment_required: Advice,
    pub(super) retell_busy: Advice,
    pub(super) retell_rejected: Advice,
    pub(super) retell_failed: Advice,
    pub(super) rate_limited: Advice,
    pub(super) store_unavailable: Advice,
    pub(super) internal: Advice,
    pub(super) unreachable: Advice,
    pub(super) room_missing: Advice,
    pub(super) token_expired: Advice,
    pub(super) rejected: Advice,
    pub(super) gateway_unreachable: Advice,
    pub(super) media_blocked: Advice,
    pub(super) connection_lost: Advice,
    pub(super) browser_unable: Advice,
}

impl Texts {
    /// The words of this language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &en::TEXTS,
            Lang::Es => &es::TEXTS,
            Lang::De => &de::TEXTS,
        }
    }
}
