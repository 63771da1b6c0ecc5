//! Which key does what, and which keys somebody would rather have. Pure.

use std::collections::BTreeMap;

/// What a key does with what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Shows which keys there are.
    ShowKeys,
    /// Presses it.
    Press,
    /// Puts the cursor into it.
    Focus,
}

/// Something a key does, on whichever page there is something to do it with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Action {
    /// Its name, by which the words for it are found and a key of one's own is kept.
    pub(super) name: &'static str,
    /// The key, unless somebody has chosen another one.
    key: &'static str,
    /// What.
    pub(super) does: Does,
    /// With what: a selector.
    pub(super) with: &'static str,
}

const fn action(name: &'static str, key: &'static str, does: Does, with: &'static str) -> Action {
    Action {
        name,
        key,
        does,
        with,
    }
}

/// All of them, as they are shown.
pub(super) const ACTIONS: [Action; 21] = [
    action("help", "?", Does::ShowKeys, ""),
    action(
        "search",
        "/",
        Does::Focus,
        "#filter-number, #contacts-search",
    ),
    action("filters", "s", Does::Press, ".sb-filters-more"),
    action("back", "b", Does::Press, "a.sb-back"),
    action(
        "test_call",
        "d",
        Does::Press,
        "[data-key=test_call], a[href$='/desk/calls/new']",
    ),
    action("claim", "c", Does::Press, "[data-key=claim]"),
    action("flag", "f", Does::Press, "[data-key=flag]"),
    action("listen", "l", Does::Press, "[data-key=listen]"),
    action("note", "n", Does::Focus, "#attend-note"),
    action("variables", "v", Does::Press, "[data-key=variables]"),
    action("hand_over", "o", Does::Press, "[data-key=hand_over]"),
    action("take", "t", Does::Press, "[data-key=take]"),
    action("mute", "m", Does::Press, "[data-key=mute]"),
    action("hold", "h", Does::Press, "[data-key=hold]"),
    action("end", "e", Does::Press, "[data-key=end]"),
    action("play", "p", Does::Press, ".sb-player-play"),
    action(
        "wrap_up",
        "w",
        Does::Focus,
        "#wrap-up-disposition, #note-text",
    ),
    action("calls", "1", Does::Press, "nav [href$='/desk/calls']"),
    action(
        "callbacks",
        "2",
        Does::Press,
        "nav [href$='/desk/callbacks']",
    ),
    action("calendar", "3", Does::Press, "nav [href$='/desk/calendar']"),
    action("contacts", "4", Does::Press, "nav [href$='/desk/contacts']"),
];

/// The keys of one person: those they have chosen, and the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keys {
    /// By the names of actions; an empty one is none at all.
    own: BTreeMap<String, String>,
}

/// Why an action does not get a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum No {
    /// It is no single sign.
    Unfit,
    /// The action with this name has it.
    Taken(&'static str),
}

impl Keys {
    /// Reads what [`to_text`](Self::to_text) wrote; what makes no sense is as if it were not there.
    pub(super) fn parse(text: &str) -> Self {
        let read: BTreeMap<String, String> = serde_json::from_str(text).unwrap_or_default();
        let mut keys = Self::default();
        for action in &ACTIONS {
            if let Some(key) = read.get(action.name) {
                let own = (key.is_empty() || fitting(key).as_ref() == Some(key)).then_some(key);
                keys.own
                    .extend(own.map(|key| (action.name.to_owned(), key.clone())));
            }
        }
        keys
    }

    /// What is chosen, to be kept.
    pub(super) fn to_text(&self) -> String {
        // A map of strings: serialising it cannot fail.
        serde_json::to_string(&self.own).unwrap_or_default()
    }

    /// Whether all are the usual ones.
    pub(super) fn are_usual(&self) -> bool {
        self.own.is_empty()
    }

    /// The key of an action, if it has one.
    pub(super) fn of(&self, action: &Action) -> Option<String> {
        let own = self.own.get(action.name).cloned();
        Some(own.unwrap_or_else(|| action.key.to_owned())).filter(|key| !key.is_empty())
    }

    /// What a key does.
    pub(super) fn action(&self, key: &str) -> Option<&'static Action> {
        let key = fitting(key)?;
        ACTIONS
            .iter()
            .find(|action| self.of(action).as_ref() == Some(&key))
    }

    /// Has a key do this from now on.
    pub(super) fn set(&mut self, action: &Action, key: &str) -> Result<(), No> {
        let key = fitting(key).ok_or(No::Unfit)?;
        match self.action(&key) {
            Some(other) if other.name != action.name => Err(No::Taken(other.name)),
            _ => {
                self.put(action, key);
                Ok(())
            }
        }
    }

    /// Has no key do this.
    pub(super) fn clear(&mut self, action: &Action) {
        self.put(action, String::new());
    }

    fn put(&mut self, action: &Action, key: String) {
        if key == action.key {
            self.own.remove(action.name);
        } else {
            self.own.insert(action.name.to_owned(), key);
        }
    }
}

/// A key that can be told from the others: one sign that is seen, a letter whether large or small.
fn fitting(key: &str) -> Option<String> {
    let mut signs = key.chars();
    let sign = signs
        .next()
        .filter(|sign| !sign.is_whitespace() && !sign.is_control())?;
    signs
        .next()
        .is_none()
        .then(|| sign.to_lowercase().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> &'static Action {
        ACTIONS.iter().find(|action| action.name == name).unwrap()
    }

    #[test]
    fn every_usual_key_does_one_thing() {
        let keys = Keys::default();
        for action in &ACTIONS {
            assert_eq!(keys.action(action.key), Some(action));
        }
        assert_eq!(keys.action("L"), Some(of("listen")));
        for nothing in ["Enter", "", " ", "\n", "z"] {
            assert_eq!(keys.action(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_key_of_ones_own_is_kept_and_takes_none_from_another_action() {
        let mut keys = Keys::default();
        assert_eq!(keys.set(of("mute"), "l"), Err(No::Taken("listen")));
        assert_eq!(keys.set(of("mute"), "Enter"), Err(No::Unfit));
        assert_eq!(keys.set(of("mute"), "Ü"), Ok(()));
        assert_eq!(keys.action("ü"), Some(of("mute")));
        assert_eq!(keys.action("m"), None);
        // What is free can be somebody else's.
        assert_eq!(keys.set(of("listen"), "m"), Ok(()));
        keys.clear(of("end"));
        assert_eq!(keys.action("e"), None);
        let kept = Keys::parse(&keys.to_text());
        assert_eq!(kept, keys);
        assert_eq!(keys.set(of("mute"), "m"), Err(No::Taken("listen")));
        assert_eq!(keys.set(of("listen"), "l"), Ok(()));
        assert_eq!(keys.set(of("mute"), "m"), Ok(()));
        assert_eq!(keys.set(of("end"), "e"), Ok(()));
        assert!(keys.are_usual());
    }

    #[test]
    fn what_was_kept_and_makes_no_sense_is_not_there() {
        for text in [
            "",
            "[]",
            "{\"mute\": 1}",
            "{\"fly\": \"y\", \"mute\": \"Enter\"}",
        ] {
            assert!(Keys::parse(text).are_usual(), "{text}");
        }
    }
}
