//! A network between a server and its PostgreSQL that can fall silent, and lead to
//! another one.

use server::config::{Database, Secret};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use url::Url;

use crate::support::Scratch;

/// Passes on what is said, until it is told not to. Gone when dropped.
pub(super) struct Proxy {
    is_silent: watch::Sender<bool>,
    /// Where new connections lead: host and port.
    server: watch::Sender<(String, u16)>,
    accepting: AbortHandle,
}

impl Proxy {
    /// Puts itself between the database and whoever opens it from now on.
    pub(super) async fn before(scratch: &mut Scratch) -> Self {
        let Database::Postgres(url) = &scratch.database else {
            panic!("a file has no network");
        };
        let mut url = Url::parse(url.expose()).unwrap();
        let server = watch::Sender::new(address(&url));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port()))
            .unwrap();
        scratch.database = Database::Postgres(Secret::new(url.as_str()));
        let is_silent = watch::Sender::new(false);
        let (silence, target) = (is_silent.clone(), server.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = target.borrow().clone();
                tokio::spawn(pass_on(client, server, silence.subscribe()));
            }
        });
        Self {
            is_silent,
            server,
            accepting: accepting.abort_handle(),
        }
    }

    /// Forwards nothing more, either way, and closes nothing.
    pub(super) fn fall_silent(&self) {
        self.is_silent.send_replace(true);
    }

    /// Leads new connections to another PostgreSQL; those there are stay.
    pub(super) fn lead_to(&self, url: &str) {
        self.server.send_replace(address(&Url::parse(url).unwrap()));
    }

    /// Serves new connections again. What was said on the old ones stays lost.
    pub(super) fn speak(&self) {
        self.is_silent.send_replace(false);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn address(url: &Url) -> (String, u16) {
    let host = url.host_str().unwrap().to_owned();
    (host, url.port().unwrap_or(5432))
}

async fn pass_on(
    mut client: TcpStream,
    server: (String, u16),
    mut is_silent: watch::Receiver<bool>,
) {
    let mut server = TcpStream::connect(server).await.unwrap();
    let silence = async { drop(is_silent.wait_for(|silent| *silent).await) };
    tokio::select! {
        biased;
        () = silence => std::future::pending().await,
        _ = copy_bidirectional(&mut client, &mut server) => {}
    }
}
