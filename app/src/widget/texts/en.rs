//! English.

use super::{
    Advice, BrowserTexts, FaultTexts, MoodTexts, NoticeTexts, PhaseTexts, SummaryTexts, Texts,
    TranscriptWords,
};

const AGAIN_SOON: &str = "Please try again in a few minutes.";
const TELL_OWNER: &str = "Please let the owner of this website know, or contact them another way.";

pub(super) static TEXTS: Texts = Texts {
    default_title: "Call us",
    intro: "Talk to our assistant",
    intro_note: "You will speak with an AI assistant. Your browser asks for your microphone first.",
    start_call: "Start call",
    call_again: "Call again",
    mute: "Mute",
    unmute: "Unmute",
    hang_up: "Hang up",
    close: "Close",
    devices: "Audio",
    microphone: "Microphone",
    speaker: "Speaker",
    default_device: "System default",
    unnamed_device: "Device",
    tap_to_hear: "Tap to hear",
    phase: PhaseTexts {
        idle: "Ready",
        asking_microphone: "Asking for the microphone",
        connecting: "Connecting",
        live: "Live",
        reconnecting: "Reconnecting",
        ended: "Call ended",
        failed: "Not connected",
    },
    mood: MoodTexts {
        allow: "Please allow the microphone when your browser asks.",
        preparing: "One moment, we are putting you through.",
        agent_speaks: "The assistant is speaking",
        listening: "Listening to you",
        muted: "You are muted",
        reconnecting: "The connection is weak. Please hold on.",
    },
    transcript: TranscriptWords {
        label: "Transcript",
        empty: "What is said will appear here.",
        unavailable: "The transcript cannot be shown right now. Your call is not affected.",
        jump_to_latest: "Jump to latest",
        agent: "Assistant",
        user: "You",
        transfer_target: "Colleague",
        key_pressed: "Key pressed:",
        text_message: "Text message:",
    },
    notice: NoticeTexts {
        microphone_switched: "Your microphone was disconnected. Now using another one.",
        microphone_lost: "Your microphone was disconnected. Please plug one in or choose another.",
        microphone_refused: "That microphone cannot be used. The previous one stays on.",
        speaker_switched: "Your speaker was disconnected. Now using the system default.",
    },
    summary: SummaryTexts {
        label: "Summary",
        duration: "Duration",
        you_hung_up: "You ended the call. Thank you for calling.",
        agent_hung_up: "The assistant ended the call. Thank you for calling.",
        over: "The call is over. Thank you for calling.",
        replaced: "The call continues in another window.",
        quiet_too_long: "The call ended because it was quiet for a while.",
        longest_reached: "The call reached its maximum length.",
        transferred: "You were transferred.",
        stopped: "The call was ended by our team.",
        agent_failed: "The assistant ran into a technical problem. Please call again.",
    },
    allow_microphone: BrowserTexts {
        chromium: "Click the icon to the left of the address bar, set Microphone to Allow, and start the call again.",
        chromium_android: "Tap the icon to the left of the address bar, then Permissions, allow the microphone, and start the call again.",
        firefox: "Click the crossed-out microphone in the address bar, remove the block, and start the call again.",
        safari: "In the menu bar choose Safari, Settings for This Website, set Microphone to Allow, and start the call again.",
        ios: "In the address bar open the page menu, then Website Settings, and allow the microphone. If it stays off, allow it for this browser in the Settings app.",
        other: "Allow the microphone for this website in your browser's settings, and start the call again.",
    },
    fault: FaultTexts {
        microphone_denied: "The microphone is blocked",
        microphone_missing: Advice {
            what: "No microphone found",
            next: "Connect a microphone or headset, and start the call again.",
        },
        microphone_busy: Advice {
            what: "The microphone is in use",
            next: "Close other programs or tabs that use it, and start the call again.",
        },
        microphone_unsupported: Advice {
            what: "This browser offers no microphone here",
            next: "Please open this page over https in a current browser.",
        },
        key_unknown: Advice {
            what: "This call button is not set up correctly",
            next: TELL_OWNER,
        },
        key_disabled: Advice {
            what: "Calls are switched off here",
            next: TELL_OWNER,
        },
        origin_not_allowed: Advice {
            what: "Calls are not allowed from this website",
            next: TELL_OWNER,
        },
        nonce_invalid: Advice {
            what: "This page was open for too long",
            next: "Please reload the page and call again.",
        },
        agent_unknown: Advice {
            what: "The assistant does not exist any more",
            next: TELL_OWNER,
        },
        retell_unreachable: Advice {
            what: "The phone service cannot be reached",
            next: AGAIN_SOON,
        },
        retell_timeout: Advice {
            what: "The phone service is taking too long",
            next: AGAIN_SOON,
        },
        retell_unauthorized: Advice {
            what: "The phone service did not accept this website",
            next: TELL_OWNER,
        },
        retell_payment_required: Advice {
            what: "Calls are not available at the moment",
            next: TELL_OWNER,
        },
        retell_busy: Advice {
            what: "All lines are busy",
            next: "Please try again in a moment.",
        },
        retell_rejected: Advice {
            what: "The call could not be set up",
            next: TELL_OWNER,
        },
        retell_failed: Advice {
            what: "The phone service has a problem",
            next: AGAIN_SOON,
        },
        rate_limited: Advice {
            what: "Too many calls in a short time",
            next: "Please wait a few minutes before you call again.",
        },
        store_unavailable: Advice {
            what: "Calls cannot be taken right now",
            next: AGAIN_SOON,
        },
        internal: Advice {
            what: "Something went wrong on our side",
            next: AGAIN_SOON,
        },
        unreachable: Advice {
            what: "We cannot be reached",
            next: "Check your internet connection, and start the call again.",
        },
        room_missing: Advice {
            what: "The assistant did not come to the phone",
            next: "Please start the call again.",
        },
        token_expired: Advice {
            what: "Connecting took too long",
            next: "Please start the call again.",
        },
        rejected: Advice {
            what: "The call was not accepted",
            next: "Please start the call again, or use another browser.",
        },
        gateway_unreachable: Advice {
            what: "The call cannot get through",
            next: "Check your internet connection, and start the call again.",
        },
        media_blocked: Advice {
            what: "Your network blocks calls",
            next: "Try another network, or switch off your VPN, and start the call again.",
        },
        connection_lost: Advice {
            what: "The connection was lost",
            next: "Check your internet connection, and call again.",
        },
        browser_unable: Advice {
            what: "This browser cannot make calls",
            next: "Please use a current version of Chrome, Edge, Firefox or Safari.",
        },
    },
};
