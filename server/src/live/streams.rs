//! How many event streams somebody may have open.

use std::net::IpAddr;

use crate::config::Edge;
use crate::shares::{Share, Shares, holder};

/// The open streams.
#[derive(Debug)]
pub struct Streams {
    addresses: Shares<IpAddr>,
    sessions: Shares<String>,
    tickets: Shares<String>,
}

/// By what somebody reads.
#[derive(Debug)]
pub enum Reader {
    /// The hash of a session's token.
    Session(String),
    /// A ticket for one call.
    Ticket(String),
}

/// One stream; it counts until it is dropped.
#[derive(Debug)]
pub struct Opened {
    _address: Share<IpAddr>,
    _reader: Share<String>,
}

impl Streams {
    /// None yet.
    #[must_use]
    pub fn new(edge: &Edge) -> Self {
        Self {
            addresses: Shares::new(edge.streams_per_address),
            sessions: Shares::new(edge.streams_per_session),
            tickets: Shares::new(edge.streams_per_ticket),
        }
    }

    /// Counts one more; `None` when that is too many.
    #[must_use]
    pub fn open(&self, address: IpAddr, reader: Reader) -> Option<Opened> {
        Some(Opened {
            _reader: match reader {
                Reader::Session(hash) => self.sessions.take(hash)?,
                Reader::Ticket(ticket) => self.tickets.take(ticket)?,
            },
            _address: self.addresses.take(holder(address))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_session_and_a_ticket_have_so_many() {
        let streams = Streams::new(&Edge {
            streams_per_address: 40,
            streams_per_session: 32,
            streams_per_ticket: 6,
            ..Edge::default()
        });
        let open = |address: &str, reader| streams.open(address.parse().unwrap(), reader);
        let session = || Reader::Session("a".to_owned());
        let ticket = || Reader::Ticket("a".to_owned());
        let many = |count, address, reader: &dyn Fn() -> Reader| -> Vec<_> {
            std::iter::from_fn(|| open(address, reader()))
                .take(count)
                .collect()
        };
        let by_session = many(100, "192.0.2.1", &session);
        assert_eq!(by_session.len(), 32);
        let by_ticket = many(100, "192.0.2.2", &ticket);
        assert_eq!(by_ticket.len(), 6);
        drop(by_session);
        let by_session = many(36, "192.0.2.1", &session);
        let others = many(100, "192.0.2.1", &|| Reader::Session("b".to_owned()));
        assert_eq!(by_session.len() + others.len(), 40);
        drop((by_ticket, by_session, others));
        assert!(open("192.0.2.1", ticket()).is_some());
    }
}
