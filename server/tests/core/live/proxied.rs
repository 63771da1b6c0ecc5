//! Our event streams through a proxy as people set it up.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flate2::write::GzDecoder;
use futures_util::{Stream, StreamExt as _};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

use crate::retell_stub::said;
use crate::stage::Stage;
use crate::support::{free_port, in_time, installed, listening, not_run};

/// A running nginx, gone when dropped.
struct Nginx {
    process: Child,
    url: String,
}

impl Nginx {
    /// One that keeps to its defaults, which collect what comes, and packs everything.
    async fn before(program: &Path, stage: &Stage) -> Self {
        let (port, server) = (free_port(), stage.url(""));
        let directory = stage.scratch.directory.join("nginx");
        std::fs::create_dir_all(&directory).unwrap();
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {kind};"))
            .concat();
        let settings = format!(
            "daemon off; master_process off; pid pid; error_log error.log;\nevents {{}}\n\
             http {{ access_log off; {places} gzip on; gzip_types *; gzip_proxied any;\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {server}; }} }} }}\n"
        );
        std::fs::write(directory.join("nginx.conf"), settings).unwrap();
        let process = Command::new(program)
            .arg("-p")
            .arg(&directory)
            .args(["-c", "nginx.conf"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
        };
        listening(port).await;
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads on until these words have come.
async fn until_told(
    body: &mut (impl Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin),
    text: &mut dyn Told,
    words: &str,
) {
    let told = async {
        while !text.so_far().contains(words) {
            let chunk = body.next().await.expect("the stream is over").unwrap();
            text.take(&chunk);
        }
    };
    in_time(told).await;
}

/// What has come of an answer, packed or not.
trait Told {
    fn take(&mut self, chunk: &[u8]);
    fn so_far(&self) -> String;
}

impl Told for Vec<u8> {
    fn take(&mut self, chunk: &[u8]) {
        self.extend_from_slice(chunk);
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(self).into_owned()
    }
}

impl Told for GzDecoder<Vec<u8>> {
    fn take(&mut self, chunk: &[u8]) {
        self.write_all(chunk).unwrap();
        self.flush().unwrap();
    }

    fn so_far(&self) -> String {
        self.get_ref().so_far()
    }
}

#[tokio::test]
async fn what_is_said_comes_at_once_through_nginx() {
    let Some(program) = installed("nginx") else {
        not_run("nginx is not there");
        return;
    };
    let stage = Stage::set().await;
    stage.call("call_1").await;
    let nginx = Nginx::before(&program, &stage).await;
    let events = format!("{}/api/public/web-calls/call_1/events", nginx.url);
    let open = async |encoding: &str| {
        let request = stage.http.get(&events).bearer_auth(stage.ticket("call_1"));
        let request = request.header(ACCEPT_ENCODING, encoding);
        request.send().await.unwrap()
    };
    let plain = open("identity").await;
    let packed = open("gzip").await;
    assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
    let (mut plain, mut packed) = (plain.bytes_stream(), packed.bytes_stream());
    let (mut text, mut unpacked) = (Vec::new(), GzDecoder::new(Vec::new()));

    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Good morning")]);
    for words in ["Good morning", "I am listening"] {
        until_told(&mut plain, &mut text, words).await;
        until_told(&mut packed, &mut unpacked, words).await;
        upstream.update(&[said("2", "agent", "I am listening")]);
    }
    drop((plain, packed, nginx));
    stage.stop().await;
}
