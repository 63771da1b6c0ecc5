//! Microphones and speakers: which there are, and what it means when the list
//! changes during a call.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{MediaDeviceInfo, MediaDeviceKind};

use crate::ui::web::{wait, window};

/// A device a visitor can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The browser's id for it.
    pub id: String,
    /// Its name; empty where the browser tells none.
    pub label: String,
}

/// The devices there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Devices {
    /// What one can talk into.
    pub microphones: Vec<Device>,
    /// What one can listen through; empty where the browser lets nobody choose.
    pub speakers: Vec<Device>,
    /// The id of the microphone in use.
    pub microphone: String,
    /// The id of the speaker in use; empty for the system's default.
    pub speaker: String,
}

/// Something about the devices the visitor should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The microphone went away; another is used now.
    MicrophoneSwitched,
    /// The microphone that was chosen cannot be opened; the old one stays.
    MicrophoneRefused,
    /// The speaker went away; the default one is used now.
    SpeakerSwitched,
}

impl Devices {
    /// Whether the microphone in use has gone, or the system's default is another
    /// one now, judging by a fresh list. Lists without ids (no permission, or
    /// Safari's fewer details) prove nothing.
    #[must_use]
    pub fn microphone_gone(&self, fresh: &Self) -> bool {
        gone(&self.microphone, &self.microphones, &fresh.microphones)
    }

    /// Whether there is a microphone the browser tells the name of, which it
    /// does once it has allowed one.
    #[must_use]
    pub fn names_a_microphone(&self) -> bool {
        self.microphones.iter().any(|it| !it.label.is_empty())
    }

    /// The same of the speaker in use.
    #[must_use]
    pub fn speaker_gone(&self, fresh: &Self) -> bool {
        gone(&self.speaker, &self.speakers, &fresh.speakers)
    }
}

fn gone(id: &str, before: &[Device], after: &[Device]) -> bool {
    let find = |devices: &[Device]| devices.iter().find(|it| it.id == id).cloned();
    match (find(before), find(after)) {
        // The default's id stays; its name says which device it stands for.
        (Some(before), Some(after)) => id == "default" && before.label != after.label,
        (before, after) => !id.is_empty() && before.is_some() && after.is_none(),
    }
}

/// Asks the browser for the devices. Needs a granted microphone to tell names.
pub async fn list() -> Devices {
    let mut found = Devices::default();
    let devices = window().navigator().media_devices();
    let Ok(asked) = devices.and_then(|devices| devices.enumerate_devices()) else {
        return found;
    };
    let Ok(listed) = wait(asked).await else {
        return found;
    };
    for info in listed.unchecked_into::<Array>().iter() {
        let info: MediaDeviceInfo = info.unchecked_into();
        let device = Device {
            id: info.device_id(),
            label: info.label(),
        };
        if device.id.is_empty() {
            continue;
        }
        match info.kind() {
            MediaDeviceKind::Audioinput => found.microphones.push(device),
            MediaDeviceKind::Audiooutput => found.speakers.push(device),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str) -> Device {
        Device {
            id: id.to_owned(),
            label: id.to_owned(),
        }
    }

    fn devices(ids: &[&str], used: &str) -> Devices {
        let list: Vec<_> = ids.iter().map(|id| device(id)).collect();
        Devices {
            microphones: list.clone(),
            speakers: list,
            microphone: used.to_owned(),
            speaker: used.to_owned(),
        }
    }

    #[test]
    fn an_unplugged_device_in_use_is_gone() {
        let before = devices(&["built-in", "headset"], "headset");
        assert!(before.microphone_gone(&devices(&["built-in"], "")));
        assert!(before.speaker_gone(&devices(&["built-in"], "")));
    }

    #[test]
    fn another_default_device_is_another_device() {
        let named = |label: &str, used: &str| {
            let mut devices = devices(&["default", "headset"], used);
            devices.microphones[0].label = label.to_owned();
            devices
        };
        let after = named("Default - Built-in", "");
        assert!(named("Default - Headset", "default").microphone_gone(&after));
        assert!(!named("Default - Built-in", "default").microphone_gone(&after));
        assert!(!named("Default - Headset", "headset").microphone_gone(&after));
    }

    #[test]
    fn only_a_microphone_with_a_name_is_at_hand() {
        assert!(devices(&["built-in"], "").names_a_microphone());
        let mut nameless = devices(&["built-in"], "");
        nameless.microphones[0].label.clear();
        assert!(!nameless.names_a_microphone());
        assert!(!devices(&[], "").names_a_microphone());
    }

    #[test]
    fn other_changes_do_not_matter() {
        let before = devices(&["built-in", "headset"], "built-in");
        assert!(!before.microphone_gone(&devices(&["built-in"], "")));
        assert!(!before.microphone_gone(&devices(&["built-in", "headset", "desk"], "")));
    }

    #[test]
    fn the_default_device_is_never_gone() {
        let before = devices(&["built-in"], "");
        assert!(!before.speaker_gone(&devices(&[], "")));
        // An id the browser never listed proves nothing either.
        let before = devices(&["built-in"], "unlisted");
        assert!(!before.microphone_gone(&devices(&[], "")));
    }
}
