//! Where a job waits.

use std::fmt;

/// One business's jobs of one kind for one group.
///
/// Written and read as `kind/group/owner`; in the middle there may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// Which handler runs them.
    pub kind: String,
    /// Whom they need: who is slow or overloaded is so for all of them.
    pub group: String,
    /// Whose they are: businesses take turns.
    pub owner: String,
}

impl Lane {
    /// The lane of that name; `None` when it is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (kind, rest) = name.split_once('/')?;
        let (group, owner) = rest.rsplit_once('/')?;
        Some(Self {
            kind: kind.to_owned(),
            group: group.to_owned(),
            owner: owner.to_owned(),
        })
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.group, self.owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_read_as_it_was_written() {
        let lane = Lane {
            kind: "hook.deliver".into(),
            group: "any/thing".into(),
            owner: "t1".into(),
        };
        assert_eq!(Lane::parse(&lane.to_string()), Some(lane));
        assert_eq!(Lane::parse("hook.deliver/t1"), None);
        assert_eq!(Lane::parse(""), None);
    }
}
