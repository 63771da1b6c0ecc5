//! The process's UDP socket: receives for all rooms, sends for each.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket as StdUdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::routes::{RoomKey, Routes};
use super::sdp::warm_up;

/// Datagrams that may wait for one room; more means that it is stuck, and media
/// that is late is worth nothing.
const INBOX: usize = 512;

/// The largest datagram WebRTC peers send, with room to spare.
const LARGEST: usize = 2_000;

/// A datagram that came in.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) received: Instant,
    pub(crate) source: SocketAddr,
    /// Which of our candidates it was sent to.
    pub(crate) destination: SocketAddr,
    pub(crate) contents: Bytes,
}

type Table = Arc<Mutex<Routes<mpsc::Sender<Datagram>>>>;

/// The bound socket. Receiving ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    udp: Arc<UdpSocket>,
    bound: SocketAddr,
    candidates: Vec<SocketAddr>,
    routes: Table,
    receiver: AbortHandle,
}

impl Socket {
    /// Binds a port on `host` and starts to receive.
    pub(crate) async fn bind(host: IpAddr) -> io::Result<Arc<Socket>> {
        let udp = Arc::new(UdpSocket::bind((host, 0)).await?);
        let bound = udp.local_addr()?;
        let candidates = candidates(bound);
        let routes = Table::default();
        let receive = receive(Arc::clone(&udp), candidates.clone(), Arc::clone(&routes));
        let receiver = tokio::spawn(receive).abort_handle();
        tokio::task::spawn_blocking(warm_up);
        Ok(Arc::new(Socket {
            udp,
            bound,
            candidates,
            routes,
            receiver,
        }))
    }

    /// Where it is bound.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.bound
    }

    /// The addresses peers are told to reach us at.
    pub(crate) fn candidates(&self) -> &[SocketAddr] {
        &self.candidates
    }

    /// Adds a room and gives its inbox.
    pub(crate) fn add_room(&self) -> (RoomKey, mpsc::Receiver<Datagram>) {
        let (sender, inbox) = mpsc::channel(INBOX);
        (self.routes().add_room(sender), inbox)
    }

    /// The table of who gets what.
    pub(crate) fn routes(&self) -> MutexGuard<'_, Routes<mpsc::Sender<Datagram>>> {
        lock(&self.routes)
    }

    /// Sends a datagram; one that cannot be sent is lost, as on any network.
    pub(crate) async fn send(&self, destination: SocketAddr, contents: &[u8]) {
        let sent = match self.udp.try_send_to(contents, destination) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.udp.send_to(contents, destination).await
            }
            other => other,
        };
        if let Err(error) = sent {
            tracing::trace!(%error, "a datagram could not be sent");
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.receiver.abort();
    }
}

fn lock(routes: &Table) -> MutexGuard<'_, Routes<mpsc::Sender<Datagram>>> {
    // Every change of the table is a single call: a panic elsewhere leaves it
    // whole.
    routes.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn receive(udp: Arc<UdpSocket>, candidates: Vec<SocketAddr>, routes: Table) {
    let mut buffer = [0; LARGEST];
    loop {
        let (length, source) = match udp.recv_from(&mut buffer).await {
            Ok(received) => received,
            // A peer that closed its port makes some systems report that on our
            // next read. The socket itself is fine.
            Err(error) => {
                tracing::trace!(%error, "a datagram could not be received");
                tokio::task::yield_now().await;
                continue;
            }
        };
        let contents = &buffer[..length];
        let way = lock(&routes).find(source, contents).cloned();
        let Some(way) = way else { continue };
        let datagram = Datagram {
            received: Instant::now(),
            source,
            destination: destination(&candidates, source),
            contents: Bytes::copy_from_slice(contents),
        };
        drop(way.try_send(datagram));
    }
}

/// The addresses to advertise for a socket. One that listens on all interfaces
/// is reached by the machine's address on its network and, from the machine
/// itself, by loopback.
fn candidates(bound: SocketAddr) -> Vec<SocketAddr> {
    if !bound.ip().is_unspecified() {
        return vec![bound];
    }
    let loopback = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), bound.port());
    let outward = outward_address().map(|ip| SocketAddr::new(ip, bound.port()));
    outward
        .into_iter()
        .filter(|address| *address != loopback)
        .chain([loopback])
        .collect()
}

/// The address this machine uses towards the network. Connecting a UDP socket
/// sends nothing; the address is one reserved for documentation.
fn outward_address() -> Option<IpAddr> {
    let probe = StdUdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    probe.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(probe.local_addr().ok()?.ip())
}

/// Which candidate a datagram was sent to. The socket does not say, but
/// loopback is only reached from loopback.
fn destination(candidates: &[SocketAddr], source: SocketAddr) -> SocketAddr {
    let same_side = |candidate: &&SocketAddr| {
        candidate.ip().is_loopback() == source.ip().to_canonical().is_loopback()
    };
    // There is always a candidate; the fallback is only for the type.
    *candidates
        .iter()
        .find(same_side)
        .or(candidates.first())
        .unwrap_or(&source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_bound_address_is_the_only_candidate() {
        let bound = address("127.0.0.1:5000");
        assert_eq!(candidates(bound), [bound]);
    }

    #[test]
    fn a_socket_on_all_interfaces_is_reached_by_loopback_too() {
        let candidates = candidates(address("0.0.0.0:5000"));
        assert!(
            candidates.contains(&address("127.0.0.1:5000")),
            "{candidates:?}"
        );
        assert!(
            candidates
                .iter()
                .all(|candidate| !candidate.ip().is_unspecified())
        );
    }

    #[test]
    fn the_destination_is_told_from_the_source() {
        let (outward, loopback) = (address("10.0.0.2:5000"), address("127.0.0.1:5000"));
        let both = [outward, loopback];
        assert_eq!(destination(&both, address("127.0.0.1:40000")), loopback);
        assert_eq!(destination(&both, address("10.0.0.2:40000")), outward);
        assert_eq!(
            destination(&[loopback], address("10.0.0.2:40000")),
            loopback
        );
    }
}
