//! From why a call ended to what a visitor is told, as names of texts.

use super::texts::Advice;
use super::user_agent::Browser;
use browser::call::events::RemoteEnd;
use browser::call::session::{EndReason, MicrophoneFault};

/// What went wrong and what to do; `None` when nothing did.
pub(super) fn advice(reason: EndReason, browser: Browser) -> Option<Advice> {
    if !reason.is_fault() {
        return None;
    }
    // The texts have the reason's name.
    let name = reason.name();
    let name = name.strip_prefix("server-").unwrap_or(name);
    let text = |which: &str| {
        let mut text = String::from("fault.");
        text.extend(name.chars().map(|it| if it == '-' { '_' } else { it }));
        text.push_str(which);
        text
    };
    let next = match reason {
        EndReason::Microphone(MicrophoneFault::Denied) => allow_microphone(browser).to_owned(),
        _ => text(".next"),
    };
    Some(Advice {
        what: text(".what"),
        next,
    })
}

fn allow_microphone(browser: Browser) -> &'static str {
    match browser {
        Browser::Chromium => "allow_microphone.chromium",
        Browser::ChromiumAndroid => "allow_microphone.chromium_android",
        Browser::Firefox => "allow_microphone.firefox",
        Browser::Safari => "allow_microphone.safari",
        Browser::Ios => "allow_microphone.ios",
        Browser::Other => "allow_microphone.other",
    }
}

/// What is said after a call that nothing was wrong with. Why the far end
/// ended it comes a moment later, or never.
pub(super) fn farewell(reason: EndReason, remote: Option<RemoteEnd>) -> Option<&'static str> {
    match reason {
        EndReason::HungUp => Some("summary.you_hung_up"),
        EndReason::PageLeft => Some("summary.page_left"),
        EndReason::Replaced => Some("summary.replaced"),
        EndReason::RemoteEnded => Some(match remote.unwrap_or(RemoteEnd::Other) {
            RemoteEnd::Agent => "summary.agent_hung_up",
            RemoteEnd::Visitor => "summary.you_hung_up",
            RemoteEnd::Silence => "summary.quiet_too_long",
            RemoteEnd::Length => "summary.longest_reached",
            RemoteEnd::Transfer => "summary.transferred",
            RemoteEnd::Staff => "summary.stopped",
            RemoteEnd::Failure => "summary.agent_failed",
            RemoteEnd::Other => "summary.over",
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use browser::call::problem::Problem;

    const FILES: [&str; 3] = [
        include_str!("../texts/en.json"),
        include_str!("../texts/es.json"),
        include_str!("../texts/de.json"),
    ];

    fn texts(file: &str) -> BTreeMap<String, String> {
        serde_json::from_str(file).unwrap()
    }

    #[test]
    fn after_every_call_there_is_either_advice_or_a_farewell() {
        let reasons = [
            EndReason::HungUp,
            EndReason::PageLeft,
            EndReason::RemoteEnded,
            EndReason::Replaced,
            EndReason::Microphone(MicrophoneFault::Denied),
            EndReason::Microphone(MicrophoneFault::Forbidden),
            EndReason::Microphone(MicrophoneFault::Missing),
            EndReason::Microphone(MicrophoneFault::Unanswering),
            EndReason::Refused(Problem::RetellBusy),
            EndReason::RoomMissing,
            EndReason::ConnectionLost,
        ];
        for reason in reasons {
            let advice = advice(reason, Browser::Chromium);
            let farewell = farewell(reason, None);
            assert_eq!(advice.is_some(), reason.is_fault(), "{reason:?}");
            assert_ne!(advice.is_some(), farewell.is_some(), "{reason:?}");
        }
    }

    #[test]
    fn each_refusal_has_its_own_sentence_in_each_language() {
        for file in FILES {
            let texts = texts(file);
            let text = |name: &str| {
                let later = texts.get(&format!("later.{name}"));
                later
                    .or(texts.get(name))
                    .unwrap_or_else(|| panic!("no text `{name}`"))
            };
            let mut told: Vec<_> = Problem::ALL
                .iter()
                .map(|problem| {
                    let reason = EndReason::Refused(*problem);
                    let advice = advice(reason, Browser::Other).unwrap();
                    assert!(!text(&advice.next).is_empty());
                    text(&advice.what)
                })
                .collect();
            told.sort_unstable();
            told.dedup();
            assert_eq!(told.len(), Problem::ALL.len());
        }
    }

    #[test]
    fn every_other_fault_has_its_sentences_in_each_language() {
        let reasons = [
            EndReason::Microphone(MicrophoneFault::Denied),
            EndReason::Microphone(MicrophoneFault::Forbidden),
            EndReason::Microphone(MicrophoneFault::Missing),
            EndReason::Microphone(MicrophoneFault::Busy),
            EndReason::Microphone(MicrophoneFault::Unanswering),
            EndReason::Microphone(MicrophoneFault::Unsupported),
            EndReason::RoomMissing,
            EndReason::TokenExpired,
            EndReason::Rejected,
            EndReason::GatewayUnreachable,
            EndReason::MediaBlocked,
            EndReason::ConnectionLost,
            EndReason::BrowserUnable,
        ];
        for (file, reason) in FILES.iter().flat_map(|file| reasons.map(|it| (file, it))) {
            let texts = texts(file);
            let advice = advice(reason, Browser::Ios).unwrap();
            for name in [advice.what, advice.next] {
                assert!(texts.contains_key(&format!("later.{name}")), "{name}");
            }
        }
    }

    #[test]
    fn who_finds_no_way_for_sound_reads_what_else_may_block_it() {
        let words = [
            "VPN or privacy extension",
            "VPN o su extensión de privacidad",
            "VPN oder Ihre Datenschutz-Erweiterung",
        ];
        for (file, words) in FILES.into_iter().zip(words) {
            let next = advice(EndReason::MediaBlocked, Browser::Other)
                .unwrap()
                .next;
            let text = &texts(file)[&format!("later.{next}")];
            assert!(text.contains(words), "{words}");
        }
    }

    #[test]
    fn every_language_has_the_same_texts_and_every_text_that_is_asked_for() {
        let english = texts(FILES[0]);
        for file in FILES {
            let other = texts(file);
            assert!(english.keys().eq(other.keys()));
            assert!(other.values().all(|text| !text.trim().is_empty()));
        }
        let rust: &[&str] = &["texts.get(\"", "=> \"", "Some(\""];
        let html: &[&str] = &["data-t=\"", "data-t-label=\""];
        let script: &[&str] = &["\"data-l\": \"", "\"data-l-label\": \"", " t(\""];
        let asks: &[&str] = &["\"data-l\": \"", "t(\"", "title(\"", "button(\""];
        let sources = [
            (include_str!("panel.rs"), rust),
            (include_str!("panel/draw.rs"), rust),
            (include_str!("advice.rs"), rust),
            (include_str!("panel.html"), html),
            (include_str!("before.js"), script),
            (include_str!("extras.js"), script),
            (include_str!("callback.js"), asks),
        ];
        let mut asked = 0;
        for (source, marks) in sources {
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for part in marks.iter().flat_map(|mark| source.split(mark).skip(1)) {
                let name = part.split('"').next().unwrap_or_default();
                let plain = |byte: u8| byte.is_ascii_lowercase() || b"_.".contains(&byte);
                // The names of messages are no texts.
                if name.contains('.') && name.bytes().all(plain) {
                    let later = format!("later.{name}");
                    let known = english.contains_key(name) || english.contains_key(&later);
                    assert!(known, "no text `{name}`");
                    asked += 1;
                }
            }
        }
        assert!(asked > 40, "{asked}");
    }
}
