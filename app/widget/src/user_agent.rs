//! Which browser this is, as far as its microphone settings are concerned.

/// A browser with its own way to allow the microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Browser {
    /// Chrome, Edge, Opera and their kin on a computer.
    Chromium,
    /// The same on Android.
    ChromiumAndroid,
    /// Firefox on a computer.
    Firefox,
    /// Safari on a Mac.
    Safari,
    /// Any browser on an iPhone or iPad: the system decides there.
    Ios,
    /// Something else.
    Other,
}

impl Browser {
    /// This one.
    pub(super) fn here() -> Self {
        let navigator = browser::ui::web::window().navigator();
        let agent = navigator.user_agent().unwrap_or_default();
        let touch = browser::ui::json::number(&navigator, "maxTouchPoints").unwrap_or(0.0) > 1.0;
        Self::of(&agent, touch)
    }

    /// Reads a `User-Agent`. An iPad calls itself a Mac, but can be touched.
    fn of(agent: &str, touch: bool) -> Self {
        let has = |part: &str| agent.contains(part);
        if has("iPhone") || has("iPad") || (has("Macintosh") && touch) {
            Self::Ios
        } else if has("Firefox/") && !has("Android") {
            Self::Firefox
        } else if has("Chrome/") && has("Android") {
            Self::ChromiumAndroid
        } else if has("Chrome/") {
            Self::Chromium
        } else if has("Safari/") && has("Macintosh") {
            Self::Safari
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    #[test]
    fn browsers_are_told_apart() {
        for (agent, touch, browser) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
                true,
                Browser::Chromium,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
                true,
                Browser::ChromiumAndroid,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                false,
                Browser::Firefox,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                false,
                Browser::Safari,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                true,
                Browser::Ios,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0 Mobile/15E148 Safari/604.1",
                true,
                Browser::Ios,
            ),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
                true,
                Browser::Other,
            ),
            ("", false, Browser::Other),
        ] {
            assert_eq!(Browser::of(agent, touch), browser, "{agent}");
        }
    }
}
