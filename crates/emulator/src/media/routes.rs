//! Which room a datagram is for.
//!
//! All rooms share one port. A peer's first datagram is a STUN request that
//! names the ICE user fragment we gave it in the answer; from then on its
//! address is known. A fragment always wins over an address, so that a browser
//! that uses a port again reaches its new call.

use std::collections::HashMap;
use std::net::SocketAddr;

use str0m::ice::StunMessage;

/// One room, as the table knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RoomKey(pub(crate) u64);

/// Fragments and addresses, each with its room and with `T`, the way to it.
#[derive(Debug)]
pub(crate) struct Routes<T> {
    rooms: HashMap<RoomKey, T>,
    fragments: HashMap<String, RoomKey>,
    addresses: HashMap<SocketAddr, RoomKey>,
    next: u64,
}

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Routes {
            rooms: HashMap::new(),
            fragments: HashMap::new(),
            addresses: HashMap::new(),
            next: 0,
        }
    }
}

impl<T> Routes<T> {
    /// Adds a room.
    pub(crate) fn add_room(&mut self, way: T) -> RoomKey {
        let key = RoomKey(self.next);
        self.next += 1;
        self.rooms.insert(key, way);
        key
    }

    /// Forgets a room and all that led to it.
    pub(crate) fn remove_room(&mut self, key: RoomKey) {
        self.rooms.remove(&key);
        self.fragments.retain(|_, room| *room != key);
        self.addresses.retain(|_, room| *room != key);
    }

    /// STUN requests for this user fragment are for this room.
    pub(crate) fn add_fragment(&mut self, fragment: String, key: RoomKey) {
        self.fragments.insert(fragment, key);
    }

    /// What comes from this address is for this room: it has been sent to.
    pub(crate) fn add_address(&mut self, address: SocketAddr, key: RoomKey) {
        self.addresses.insert(address, key);
    }

    /// The way to the room a datagram is for.
    pub(crate) fn find(&mut self, source: SocketAddr, datagram: &[u8]) -> Option<&T> {
        let key = match self.by_fragment(datagram) {
            Some(key) => {
                self.addresses.insert(source, key);
                key
            }
            None => *self.addresses.get(&source)?,
        };
        self.rooms.get(&key)
    }

    fn by_fragment(&self, datagram: &[u8]) -> Option<RoomKey> {
        // RFC 7983: STUN begins with 0 to 3. Parsing media as STUN would fail
        // as well, only later.
        if *datagram.first()? > 3 {
            return None;
        }
        let message = StunMessage::parse(datagram).ok()?;
        let (ours, _theirs) = message.split_username()?;
        self.fragments.get(ours).copied()
    }
}

#[cfg(test)]
mod tests {
    use str0m::ice::TransId;

    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    /// A STUN binding request. Finding its way does not check its signature:
    /// the engine does.
    fn request(username: &str) -> Vec<u8> {
        let mut buffer = vec![0; 200];
        let message = StunMessage::binding_request(username, TransId::new(), true, 1, 1, false);
        let length = message
            .to_bytes(Some(b"password"), &mut buffer, |_, _| [0; 20])
            .unwrap();
        buffer.truncate(length);
        buffer
    }

    const MEDIA: &[u8] = &[0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

    #[test]
    fn a_request_names_the_room_and_media_follows_its_address() {
        let mut routes = Routes::default();
        let (a, b) = (routes.add_room("a"), routes.add_room("b"));
        routes.add_fragment("ufragA".into(), a);
        routes.add_fragment("ufragB".into(), b);
        assert_eq!(routes.find(address(1), MEDIA), None);
        assert_eq!(routes.find(address(1), &request("ufragA:xyzw")), Some(&"a"));
        assert_eq!(routes.find(address(1), MEDIA), Some(&"a"));
        assert_eq!(routes.find(address(2), MEDIA), None);
        assert_eq!(routes.find(address(1), &request("ufragB:xyzw")), Some(&"b"));
        assert_eq!(routes.find(address(1), MEDIA), Some(&"b"));
    }

    #[test]
    fn an_address_that_was_sent_to_is_known() {
        let mut routes = Routes::default();
        let key = routes.add_room("a");
        routes.add_address(address(9), key);
        assert_eq!(
            routes.find(address(9), &request("unknown:xyzw")),
            Some(&"a")
        );
    }

    #[test]
    fn a_closed_room_gets_nothing() {
        let mut routes = Routes::default();
        let key = routes.add_room("a");
        routes.add_fragment("ufragA".into(), key);
        routes.add_address(address(1), key);
        routes.remove_room(key);
        assert_eq!(routes.find(address(1), MEDIA), None);
        assert_eq!(routes.find(address(1), &request("ufragA:xyzw")), None);
        assert_eq!(routes.find(address(1), &[]), None);
    }
}
