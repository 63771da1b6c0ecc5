//! The microphone under the call: it goes away, falls silent, and comes back.

use super::{Effect, Input, Session, Unheard};

impl Session {
    /// One that the system gives back is opened anew as well: it may say that it
    /// is live, and stay silent.
    pub(super) fn microphone_changed(&mut self, input: Input, effects: &mut Vec<Effect>) {
        if !self.current.as_ref().is_some_and(|it| it.microphone) {
            return;
        }
        let before = self.view.unheard;
        self.view.unheard = match input {
            Input::MicrophoneSilenced => Some(Unheard::Silenced),
            Input::MicrophoneLost => Some(Unheard::Lost),
            Input::MicrophoneBack | Input::MicrophoneOpened => None,
            _ => before,
        };
        let anew = match input {
            Input::MicrophoneLost => true,
            Input::MicrophoneBack | Input::MicrophoneNear => before.is_some(),
            _ => false,
        };
        if anew {
            effects.push(Effect::ReopenMicrophone);
        }
    }
}
