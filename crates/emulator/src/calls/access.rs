//! Who may join a call's room, and who has: tokens and sessions
//! (retell-protocol F1, F2, F4).

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::media::{LegId, LegRole};

/// The identity a web call's visitor joins with.
pub(crate) const CLIENT: &str = "client";

/// How long a listener's token is remembered beyond those that are made after
/// it, in ms: who was in the room may say late that they have left.
const LATE_MS: u64 = 60_000;

/// The tokens and sessions of one call.
#[derive(Debug, Default)]
pub(crate) struct Access {
    tokens: BTreeMap<String, Token>,
    sessions: BTreeMap<String, Session>,
}

/// What a token allows.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) identity: String,
    pub(crate) role: LegRole,
    expires_at: u64,
    spent: bool,
}

/// Somebody in the room.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) leg: LegId,
    pub(crate) identity: String,
    pub(crate) role: LegRole,
    token: String,
    connected: bool,
}

/// Why a token does not let its bearer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is none of this call's.
    Unknown,
    /// Somebody has joined with it.
    Spent,
    /// It came too late.
    Expired,
}

impl Access {
    /// Makes a token for one join.
    pub(crate) fn grant(&mut self, identity: String, role: LegRole, expires_at: u64) -> String {
        let sessions = &self.sessions;
        self.tokens.retain(|key, token| {
            let in_use = || sessions.values().any(|session| session.token == *key);
            token.role == LegRole::Client || token.expires_at + LATE_MS > expires_at || in_use()
        });
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.tokens.insert(
            token.clone(),
            Token {
                identity,
                role,
                expires_at,
                spent: false,
            },
        );
        token
    }

    /// What a token allows, if it can still be used.
    pub(crate) fn check(&self, token: &str, now_ms: u64) -> Result<&Token, Refusal> {
        let known = self.tokens.get(token).ok_or(Refusal::Unknown)?;
        if known.spent {
            Err(Refusal::Spent)
        } else if now_ms > known.expires_at {
            Err(Refusal::Expired)
        } else {
            Ok(known)
        }
    }

    /// Uses a token up; or gives it back, when joining failed.
    pub(crate) fn set_spent(&mut self, token: &str, spent: bool) {
        if let Some(token) = self.tokens.get_mut(token) {
            token.spent = spent;
        }
    }

    /// Gives a token back whose bearer has joined but was never connected:
    /// whoever asks again has not heard the answer. The leg that is to leave.
    pub(crate) fn take_back(&mut self, token: &str) -> Option<LegId> {
        let mut sessions = self.sessions.values();
        let unheard = sessions.find(|it| it.token == token && !it.connected)?;
        let leg = unheard.leg;
        self.left(leg);
        self.set_spent(token, false);
        Some(leg)
    }

    /// Notes that somebody who joined is connected.
    pub(crate) fn connected(&mut self, leg: LegId) {
        for session in self.sessions.values_mut().filter(|it| it.leg == leg) {
            session.connected = true;
        }
    }

    /// Notes who joined; gives the session's id.
    pub(crate) fn joined(&mut self, token: &str, leg: LegId) -> Option<String> {
        let Token { identity, role, .. } = self.tokens.get(token)?.clone();
        let id = Uuid::new_v4().to_string();
        let session = Session {
            leg,
            identity,
            role,
            token: token.to_owned(),
            connected: false,
        };
        self.sessions.insert(id.clone(), session);
        Some(id)
    }

    /// A session, if it is its token's bearer that asks: `Err` if not.
    pub(crate) fn session(&self, id: &str, token: &str) -> Result<Option<&Session>, Refusal> {
        match self.sessions.get(id) {
            Some(session) if session.token == token => Ok(Some(session)),
            None if self.tokens.contains_key(token) => Ok(None),
            _ => Err(Refusal::Unknown),
        }
    }

    /// The session of a listener.
    pub(crate) fn with_identity(&self, identity: &str) -> Option<&Session> {
        self.sessions
            .values()
            .find(|session| session.identity == identity)
    }

    pub(crate) fn left(&mut self, leg: LegId) {
        self.sessions.retain(|_, session| session.leg != leg);
    }

    /// Everybody in the room.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (&str, &Session)> {
        self.sessions
            .iter()
            .map(|(id, session)| (id.as_str(), session))
    }

    /// Nobody is in the room any more, nor can join it.
    pub(crate) fn clear(&mut self) {
        self.sessions.clear();
        for token in self.tokens.values_mut() {
            token.spent = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_join_in_time() {
        let mut access = Access::default();
        let token = access.grant(CLIENT.to_owned(), LegRole::Client, 1_000);
        assert_eq!(
            access.check(&token, 1_000).map(|t| t.identity.as_str()),
            Ok(CLIENT)
        );
        assert_eq!(access.check(&token, 1_001).err(), Some(Refusal::Expired));
        assert_eq!(access.check("other", 0).err(), Some(Refusal::Unknown));
        access.set_spent(&token, true);
        assert_eq!(access.check(&token, 0).err(), Some(Refusal::Spent));
    }

    #[test]
    fn who_was_never_connected_may_join_again() {
        let mut access = Access::default();
        let token = access.grant(CLIENT.to_owned(), LegRole::Client, 1_000);
        access.set_spent(&token, true);
        assert_eq!(access.take_back(&token), None, "still joining");
        access.joined(&token, LegId(7));
        assert_eq!(access.take_back(&token), Some(LegId(7)));
        assert!(access.check(&token, 0).is_ok() && access.sessions().next().is_none());
        access.set_spent(&token, true);
        access.joined(&token, LegId(8));
        access.connected(LegId(8));
        assert_eq!(access.take_back(&token), None);
        assert_eq!(access.check(&token, 0).err(), Some(Refusal::Spent));
    }

    #[test]
    fn listeners_who_come_and_go_leave_nothing_behind() {
        let mut access = Access::default();
        let client = access.grant(CLIENT.to_owned(), LegRole::Client, 1_000);
        let staying = access.grant("staying".to_owned(), LegRole::Listener, 1_000);
        access.joined(&staying, LegId(1));
        for n in 0..100 {
            let token = access.grant(format!("listener_{n}"), LegRole::Listener, n * LATE_MS);
            access.joined(&token, LegId(2 + n));
            access.left(LegId(2 + n));
        }
        assert!(access.tokens.len() <= 4, "{}", access.tokens.len());
        assert!(access.tokens.contains_key(&client) && access.tokens.contains_key(&staying));
    }

    #[test]
    fn a_session_belongs_to_its_token() {
        let mut access = Access::default();
        let token = access.grant(CLIENT.to_owned(), LegRole::Client, 1_000);
        let other = access.grant("listener".to_owned(), LegRole::Listener, 1_000);
        let id = access.joined(&token, LegId(7)).unwrap();
        assert!(matches!(access.session(&id, &token), Ok(Some(_))));
        assert!(matches!(access.session("none", &token), Ok(None)));
        assert_eq!(access.session(&id, &other).err(), Some(Refusal::Unknown));
        access.left(LegId(7));
        assert!(matches!(access.session(&id, &token), Ok(None)));
    }
}
