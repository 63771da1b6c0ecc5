//! What the person at this desk may do, as the server says it.

/// A role; each may do what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Works calls.
    Agent,
    /// Also has a say in calls that go on, and reads everybody's figures.
    Supervisor,
    /// Also sets the business up.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Admin];

    /// As the server spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// Reads the server's spelling. A role we do not know yet may do the least:
    /// the server decides anyway.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == name)
            .unwrap_or(Self::Agent)
    }
}
