//! What a person may do.

use std::str::FromStr;

/// A person's role in their business. Each may do what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Works calls, contacts and bookings; listens to calls.
    Agent,
    /// Also has a say in calls: tells their agents something, takes them over, ends them; and
    /// reads everybody's figures.
    Supervisor,
    /// Also sets the business up: people, keys, numbers, webhooks.
    Admin,
}

impl Role {
    /// As it is stored and sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is agent, supervisor or admin")]
pub struct NoSuchRole;

impl FromStr for Role {
    type Err = NoSuchRole;

    fn from_str(text: &str) -> Result<Self, NoSuchRole> {
        [Self::Agent, Self::Supervisor, Self::Admin]
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or(NoSuchRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_back_and_rise() {
        for role in [Role::Agent, Role::Supervisor, Role::Admin] {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!(Role::Agent < Role::Supervisor && Role::Supervisor < Role::Admin);
        assert_eq!("Admin".parse::<Role>(), Err(NoSuchRole));
    }
}
