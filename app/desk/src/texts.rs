//! The words all pages share, and which of them fits.

use api::desk::{CallStatus, CallSummary};
use api::problem::slug;

use crate::role::Role;
use browser::ui::http::Failure;

pub(crate) use crate::words::common::Texts;

impl Texts {
    /// A role's name.
    pub(crate) fn role(self, role: Role) -> &'static str {
        match role {
            Role::Agent => self.role_agent(),
            Role::Supervisor => self.role_supervisor(),
            Role::Admin => self.role_admin(),
        }
    }

    /// Where a call stands.
    pub(crate) fn stands(self, status: CallStatus) -> &'static str {
        match status {
            CallStatus::Registered => self.connecting(),
            CallStatus::Ongoing => self.live(),
            CallStatus::Ended => self.ended(),
            CallStatus::NotConnected => self.not_connected(),
            CallStatus::Error => self.failed(),
            CallStatus::Unknown => self.unknown(),
        }
    }

    /// How the caller felt, from Retell's word for it.
    pub(crate) fn feeling(self, sentiment: &str) -> &'static str {
        match sentiment {
            "Positive" => self.positive(),
            "Neutral" => self.neutral(),
            "Negative" => self.negative(),
            _ => self.unknown(),
        }
    }

    /// Who is on the other side: a contact, a number, that it is withheld, or what kind of
    /// call it is.
    pub(crate) fn other_side(self, call: &CallSummary) -> String {
        if let Some(name) = &call.contact_name {
            return name.clone();
        }
        let unnamed = if call.is_withheld() {
            self.withheld()
        } else {
            self.kind(call)
        };
        call.other_number().unwrap_or(unnamed).to_owned()
    }

    /// What kind of call it is.
    pub(crate) fn kind(self, call: &CallSummary) -> &'static str {
        match (call.call_type.as_str(), call.direction.as_deref()) {
            ("phone_call", Some("outbound")) => self.outbound_call(),
            ("phone_call", _) => self.inbound_call(),
            (_, Some("internal")) => self.test_call(),
            _ => self.web_call(),
        }
    }

    /// What went wrong, and what to do about it.
    pub(crate) fn failure(self, failure: &Failure) -> &'static str {
        match failure {
            Failure::Offline => self.offline(),
            Failure::Timeout => self.timeout(),
            Failure::Problem { slug, .. } if slug == slug::CREDENTIALS_WRONG => {
                self.credentials_wrong()
            }
            Failure::Problem { slug, .. } if slug == slug::RATE_LIMITED => self.too_many_attempts(),
            Failure::Problem { slug, .. } if slug == slug::ROLE_TOO_LOW => self.role_too_low(),
            Failure::Problem { slug, .. } if slug == slug::SERVER_BUSY => self.server_busy(),
            Failure::Problem { slug, .. } if slug == slug::STORE_UNAVAILABLE => {
                self.store_unavailable()
            }
            Failure::Problem {
                status: 400 | 409 | 422,
                ..
            } => self.not_accepted(),
            Failure::Problem { .. } => self.server_failed(),
        }
    }
}
