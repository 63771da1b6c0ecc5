//! Every word of the desk. One field per text, so that a language that lacks
//! one does not compile.

mod de;
mod en;
mod es;

use api::desk::{CallStatus, CallSummary};
use api::problem::slug;

use crate::role::Role;
use browser::ui::http::Failure;
use browser::ui::i18n::Lang;

/// The words of the desk in one language.
#[derive(Debug)]
pub struct Texts {
    /// The product's name.
    pub product: &'static str,
    /// Jumps over the top bar.
    pub skip: &'static str,
    /// Names the navigation.
    pub navigation: &'static str,
    /// Names the language menu.
    pub language: &'static str,
    /// Heads the sign-in form.
    pub sign_in_title: &'static str,
    /// Labels the e-mail field.
    pub email: &'static str,
    /// Labels the password field.
    pub password: &'static str,
    /// The sign-in button.
    pub sign_in: &'static str,
    /// The sign-in button while it works.
    pub signing_in: &'static str,
    /// The sign-out button.
    pub sign_out: &'static str,
    /// The e-mail field is empty.
    pub email_missing: &'static str,
    /// The password field is empty.
    pub password_missing: &'static str,
    /// Nobody has this address with this password.
    pub credentials_wrong: &'static str,
    /// Too many attempts to sign in.
    pub too_many_attempts: &'static str,
    /// The server cannot be reached.
    pub offline: &'static str,
    /// The server did not answer in time.
    pub timeout: &'static str,
    /// The server answered with an error.
    pub server_failed: &'static str,
    /// Tries again.
    pub retry: &'static str,
    /// While something loads.
    pub loading: &'static str,
    /// The event stream is down.
    pub connection_lost: &'static str,
    /// The settings.
    pub settings: &'static str,
    /// The person's role does not allow it.
    pub role_too_low: &'static str,
    /// A section is for higher roles.
    pub not_for_you: &'static str,
    /// The roles, the least first.
    pub roles: [&'static str; 3],
    /// The server does not take what was entered.
    pub not_accepted: &'static str,
    /// The server has too much to do.
    pub server_busy: &'static str,
    /// The database cannot be used right now.
    pub store_unavailable: &'static str,
    /// The list of calls.
    pub calls: &'static str,
    /// There are no calls yet.
    pub no_calls: &'static str,
    /// What will happen then.
    pub no_calls_hint: &'static str,
    /// Loads the next page.
    pub load_more: &'static str,
    /// Column: where the call stands.
    pub status: &'static str,
    /// Column: who calls.
    pub caller: &'static str,
    /// Column: which agent answers.
    pub agent: &'static str,
    /// Column: when it began.
    pub started: &'static str,
    /// How long it lasted.
    pub duration: &'static str,
    /// Why it ended.
    pub reason: &'static str,
    /// How the caller felt.
    pub sentiment: &'static str,
    /// The call is being held.
    pub live: &'static str,
    /// The call was minted and not joined.
    pub connecting: &'static str,
    /// The call is over.
    pub ended: &'static str,
    /// The other side was never reached.
    pub not_connected: &'static str,
    /// The call ended by a failure.
    pub failed: &'static str,
    /// A call from a web page.
    pub web_call: &'static str,
    /// A phone call we received.
    pub inbound_call: &'static str,
    /// A phone call we made.
    pub outbound_call: &'static str,
    /// In place of a caller's number.
    pub withheld: &'static str,
    /// The caller was content.
    pub positive: &'static str,
    /// The caller was neither.
    pub neutral: &'static str,
    /// The caller was not content.
    pub negative: &'static str,
    /// Nobody can tell.
    pub unknown: &'static str,
    /// Back to the list.
    pub back_to_calls: &'static str,
    /// No such call.
    pub call_missing: &'static str,
    /// Why that may be.
    pub call_missing_hint: &'static str,
    /// No such page.
    pub page_missing: &'static str,
    /// Heads the transcript.
    pub transcript: &'static str,
    /// Nothing was said yet.
    pub transcript_empty: &'static str,
    /// Retell refuses the live transcript.
    pub transcript_unavailable: &'static str,
    /// Back to the newest words.
    pub jump_to_latest: &'static str,
    /// The agent, when it has no name.
    pub agent_fallback: &'static str,
    /// The person the call was transferred to.
    pub transfer_target: &'static str,
    /// Before a pressed key.
    pub key_pressed: &'static str,
    /// Before a text message.
    pub text_message: &'static str,
    /// Before a time the recording can be played from.
    pub play_from: &'static str,
    /// Heads the recording.
    pub recording: &'static str,
    /// Names the player.
    pub recording_of_call: &'static str,
    /// What clicking a time does.
    pub recording_hint: &'static str,
    /// The call is not over.
    pub recording_later: &'static str,
    /// There is none.
    pub recording_none: &'static str,
    /// Heads the facts.
    pub details: &'static str,
    /// What it cost.
    pub cost: &'static str,
    /// How fast the agent answered.
    pub latency: &'static str,
    /// Retell's id.
    pub call_id: &'static str,
    /// The calling number.
    pub from: &'static str,
    /// The called number.
    pub to: &'static str,
    /// Heads the analysis.
    pub analysis: &'static str,
    /// It comes after the call.
    pub analysis_later: &'static str,
    /// There will be none.
    pub analysis_none: &'static str,
    /// The call reached its aim.
    pub goal_reached: &'static str,
    /// It did not.
    pub goal_missed: &'static str,
    /// Heads the extracted data.
    pub extracted: &'static str,
    /// Heads the dynamic variables.
    pub variables: &'static str,
    /// Heads the metadata.
    pub metadata: &'static str,
    /// True.
    pub yes: &'static str,
    /// False.
    pub no: &'static str,
}

impl Texts {
    /// The words in a language.
    #[must_use]
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &en::TEXTS,
            Lang::Es => &es::TEXTS,
            Lang::De => &de::TEXTS,
        }
    }

    /// A role's name.
    #[must_use]
    pub fn role(&self, role: Role) -> &'static str {
        let [agent, supervisor, admin] = self.roles;
        match role {
            Role::Agent => agent,
            Role::Supervisor => supervisor,
            Role::Admin => admin,
        }
    }

    /// Where a call stands.
    #[must_use]
    pub fn status(&self, status: CallStatus) -> &'static str {
        match status {
            CallStatus::Registered => self.connecting,
            CallStatus::Ongoing => self.live,
            CallStatus::Ended => self.ended,
            CallStatus::NotConnected => self.not_connected,
            CallStatus::Error => self.failed,
        }
    }

    /// How the caller felt, from Retell's word for it.
    #[must_use]
    pub fn feeling(&self, sentiment: &str) -> &'static str {
        match sentiment {
            "Positive" => self.positive,
            "Neutral" => self.neutral,
            "Negative" => self.negative,
            _ => self.unknown,
        }
    }

    /// Who is on the other side: a number, that it is withheld, or what kind of
    /// call it is.
    #[must_use]
    pub fn other_side(&self, call: &CallSummary) -> String {
        let unnamed = if call.is_withheld() {
            self.withheld
        } else {
            self.kind(call)
        };
        call.other_number().unwrap_or(unnamed).to_owned()
    }

    /// What kind of call it is.
    #[must_use]
    pub fn kind(&self, call: &CallSummary) -> &'static str {
        match (call.call_type.as_str(), call.direction.as_deref()) {
            ("phone_call", Some("outbound")) => self.outbound_call,
            ("phone_call", _) => self.inbound_call,
            _ => self.web_call,
        }
    }

    /// What went wrong, and what to do about it.
    #[must_use]
    pub fn failure(&self, failure: &Failure) -> &'static str {
        match failure {
            Failure::Offline => self.offline,
            Failure::Timeout => self.timeout,
            Failure::Problem { slug, .. } if slug == slug::CREDENTIALS_WRONG => {
                self.credentials_wrong
            }
            Failure::Problem { slug, .. } if slug == slug::RATE_LIMITED => self.too_many_attempts,
            Failure::Problem { slug, .. } if slug == slug::ROLE_TOO_LOW => self.role_too_low,
            Failure::Problem { slug, .. } if slug == slug::SERVER_BUSY => self.server_busy,
            Failure::Problem { slug, .. } if slug == slug::STORE_UNAVAILABLE => {
                self.store_unavailable
            }
            Failure::Problem {
                status: 400 | 409 | 422,
                ..
            } => self.not_accepted,
            Failure::Problem { .. } => self.server_failed,
        }
    }
}
