//! Connections: who may have how many, and for how long without doing anything.
//!
//! HTTP/1.1 alone: each connection is one request at a time, so that what is
//! limited here is limited. Proxies speak it to what is behind them.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::open_files;
use super::unread::Unread;
use crate::config::{Config, Edge, Network};
use crate::shares::{Shares, holder};

/// Files that are open beside the connections: the database's, and our requests.
const OTHER_FILES: usize = 256;

/// What connections may take.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    edge: Edge,
    proxies: Vec<Network>,
    stop: CancellationToken,
    /// How long an answer may go unread once the server stops.
    hurry: Duration,
}

impl Settings {
    /// Until nobody says so.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            edge: within_open_files(config.edge),
            proxies: config.trusted_proxies.clone(),
            stop: CancellationToken::new(),
            hurry: config.shutdown_deadline / 4,
        }
    }

    /// The same until this says so.
    pub(super) fn until(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }

    /// A proxy's connections are its visitors'.
    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(peer))
    }
}

/// Serves until the server stops, and then until every connection has had its
/// answer.
pub(super) async fn serve(mut listener: TcpListener, router: Router, settings: Settings) {
    let edge = settings.edge;
    let places = Arc::new(Semaphore::new(edge.connections));
    let shares = Shares::new(edge.connections_per_address);
    let connections = TaskTracker::new();
    let mut told = false;
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            () = settings.stop.cancelled() => break,
            next = next => next,
        };
        let share = if settings.is_proxy(peer.ip()) {
            None
        } else if let Some(share) = shares.take(holder(peer.ip())) {
            Some(share)
        } else {
            if !std::mem::replace(&mut told, true) {
                tracing::warn!(
                    %peer,
                    "too many connections from one address: is it a proxy to be named in SWITCHBOARD_TRUSTED_PROXIES?"
                );
            }
            continue;
        };
        let answering = hold(stream, peer, router.clone(), settings.clone());
        connections.spawn(async move {
            answering.await;
            drop((place, share));
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// Leaves some of the files that may be open to everything else, and half of the
/// connections to everybody but one address.
fn within_open_files(mut edge: Edge) -> Edge {
    let most = open_files::most().map(|most| most.saturating_sub(OTHER_FILES).max(most / 2));
    if let Some(most) = most.filter(|most| *most < edge.connections) {
        tracing::warn!(
            connections = most,
            "no more connections are taken: a process may have few files open here (ulimit -n)"
        );
        edge.connections = most;
    }
    let one = edge.connections.div_ceil(2);
    edge.connections_per_address = edge.connections_per_address.min(one);
    edge
}

/// Answers what comes on one connection.
async fn hold(stream: TcpStream, peer: SocketAddr, router: Router, settings: Settings) {
    let Settings {
        edge, stop, hurry, ..
    } = settings;
    // An event is small, and does not wait for the next.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small frames may be late");
    }
    // Who is gone without a word is found out by what it does not acknowledge.
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(&stream).set_tcp_user_timeout(Some(edge.unread)) {
        tracing::debug!(%error, "readers that are gone may be kept for long");
    }
    let begun = Arc::new(AtomicBool::new(false));
    let service = {
        let begun = Arc::clone(&begun);
        service_fn(move |mut request: Request<Incoming>| {
            begun.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request.map(Body::new))
        })
    };
    let stream = Unread::new(stream, edge.unread, stop.clone(), hurry);
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(edge.idle)
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut first_request = pin!(sleep(edge.first_request));
    let (mut waited, mut stopping) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "a connection ended");
                }
                return;
            }
            () = &mut first_request, if !waited => {
                waited = true;
                if !begun.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use futures_util::{StreamExt as _, stream};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::{JoinHandle, yield_now};
    use tokio::time::{Instant, timeout};

    use super::*;

    const SOON: Duration = Duration::from_millis(50);
    const NEVER: Duration = Duration::from_secs(3600);
    const REQUEST: &str = "GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n";

    struct Served {
        address: SocketAddr,
        stop: CancellationToken,
        serving: JoinHandle<()>,
    }

    /// A server without a limit but those a test sets.
    async fn served(change: impl FnOnce(&mut Settings)) -> Served {
        let mut settings = Settings {
            edge: Edge {
                first_request: NEVER,
                idle: NEVER,
                unread: NEVER,
                ..Edge::default()
            },
            proxies: Vec::new(),
            stop: CancellationToken::new(),
            hurry: SOON,
        };
        change(&mut settings);
        let endless = || async {
            Body::from_stream(stream::repeat_with(|| {
                Ok::<_, std::io::Error>(vec![0_u8; 65536])
            }))
        };
        let pieces = || async {
            let pieces = stream::iter(["one", "two"]).then(async |piece| {
                // What was said before goes out.
                yield_now().await;
                Ok::<_, std::io::Error>(piece)
            });
            Body::from_stream(pieces)
        };
        let router = Router::new()
            .route("/hello", get(|| async { "hello" }))
            .route("/endless", get(endless))
            .route("/pieces", get(pieces));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Served {
            address: listener.local_addr().unwrap(),
            stop: settings.stop.clone(),
            serving: tokio::spawn(serve(listener, router, settings)),
        }
    }

    impl Served {
        async fn send(&self, request: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            // One that is not wanted may be closed already.
            let _ = stream.write_all(request.as_bytes()).await;
            stream
        }

        async fn stopped(self) {
            self.stop.cancel();
            in_time(self.serving).await.unwrap();
        }
    }

    /// Fails the test rather than let it hang.
    async fn in_time<T>(future: impl Future<Output = T>) -> T {
        let patience = Duration::from_secs(20);
        timeout(patience, future)
            .await
            .expect("this takes too long")
    }

    /// All that comes until the server closes the connection.
    async fn rest(mut stream: TcpStream) -> String {
        let mut bytes = Vec::new();
        let _ = in_time(stream.read_to_end(&mut bytes)).await;
        String::from_utf8(bytes).unwrap()
    }

    /// Whether an answer comes.
    async fn is_answered(stream: &mut TcpStream) -> bool {
        matches!(in_time(stream.read(&mut [0; 1])).await, Ok(1))
    }

    #[tokio::test]
    async fn a_request_that_does_not_come_is_not_waited_for() {
        let server = served(|settings| settings.edge.first_request = SOON).await;
        for beginning in ["", "GET /hello HTTP/1.1\r\nhost: local"] {
            let stream = server.send(beginning).await;
            assert_eq!(rest(stream).await, "", "{beginning}");
        }
        // One that came is answered, however long that takes.
        let mut endless = server.send(&REQUEST.replace("hello", "endless")).await;
        let mut bytes = vec![0; 65536];
        let begun = Instant::now();
        while begun.elapsed() < SOON * 3 {
            in_time(endless.read_exact(&mut bytes)).await.unwrap();
        }
        drop(endless);
        server.stopped().await;
    }

    #[tokio::test]
    async fn a_connection_nobody_uses_is_closed() {
        let server = served(|settings| settings.edge.idle = SOON).await;
        let answer = rest(server.send(REQUEST).await).await;
        assert!(answer.ends_with("hello"), "{answer}");
        server.stopped().await;
    }

    #[tokio::test]
    async fn an_address_has_so_many_connections_and_a_proxy_any_number() {
        let server = served(|settings| settings.edge.connections_per_address = 2).await;
        let mut first = server.send(REQUEST).await;
        let mut second = server.send(REQUEST).await;
        assert!(is_answered(&mut first).await && is_answered(&mut second).await);
        assert_eq!(rest(server.send(REQUEST).await).await, "");
        drop(first);
        in_time(async { while !is_answered(&mut server.send(REQUEST).await).await {} }).await;
        drop(second);
        server.stopped().await;

        let server = served(|settings| {
            settings.edge.connections_per_address = 1;
            settings.proxies = vec!["127.0.0.0/8".parse().unwrap()];
        })
        .await;
        let mut both = [server.send(REQUEST).await, server.send(REQUEST).await];
        for stream in &mut both {
            assert!(is_answered(stream).await);
        }
        server.stopped().await;
    }

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_waits() {
        let server = served(|settings| settings.edge.connections = 1).await;
        let mut first = server.send(REQUEST).await;
        assert!(is_answered(&mut first).await);
        let mut second = server.send(REQUEST).await;
        drop(first);
        assert!(is_answered(&mut second).await);
        server.stopped().await;
    }

    /// A reader puts off saying that something came, by 40 ms at least; what follows it
    /// would wait for that.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_is_said_in_pieces_waits_for_nothing() {
        let server = served(|_| {}).await;
        let mut stream = server.send("").await;
        let request = REQUEST.replace("hello", "pieces");
        let mut quickest = NEVER;
        // A machine may be slow, but not each time.
        for _ in 0..10 {
            SockRef::from(&stream).set_tcp_quickack(false).unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut said = Vec::new();
            in_time(stream.read_buf(&mut said)).await.unwrap();
            let begun = Instant::now();
            while !said.ends_with(b"0\r\n\r\n") {
                in_time(stream.read_buf(&mut said)).await.unwrap();
            }
            quickest = quickest.min(begun.elapsed());
        }
        assert!(quickest < Duration::from_millis(30), "{quickest:?}");
        drop(stream);
        server.stopped().await;
    }

    #[tokio::test]
    async fn an_answer_nobody_reads_is_ended() {
        let endless = REQUEST.replace("hello", "endless");
        let server = served(|settings| {
            settings.edge.unread = SOON;
            settings.edge.connections_per_address = 1;
        })
        .await;
        let unread = server.send(&endless).await;
        // Its place is free again.
        in_time(async { while !is_answered(&mut server.send(REQUEST).await).await {} }).await;
        drop(unread);
        server.stopped().await;

        let server = served(|_| {}).await;
        let mut unread = server.send(&endless).await;
        assert!(is_answered(&mut unread).await);
        server.stopped().await;
    }
}
