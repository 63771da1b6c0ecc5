//! Our event streams through a proxy as people set it up.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flate2::write::GzDecoder;
use futures_util::StreamExt as _;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

use crate::retell_stub::said;
use crate::sse::Events;
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
    let mut plain = Events::of(open("identity").await);
    let packed = open("gzip").await;
    assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
    let (mut packed, mut unpacked) = (packed.bytes_stream(), GzDecoder::new(Vec::new()));

    let upstream = stage.retell.accepted().await;
    upstream.snapshot(&[said("1", "agent", "Good morning")]);
    for (event, words) in [("snapshot", "Good morning"), ("items", "I am listening")] {
        assert!(plain.expect(event).await.data.to_string().contains(words));
        let told = async {
            while !String::from_utf8_lossy(unpacked.get_ref()).contains(words) {
                let chunk = packed.next().await.expect("the stream is over").unwrap();
                unpacked.write_all(&chunk).unwrap();
                unpacked.flush().unwrap();
            }
        };
        in_time(told).await;
        upstream.update(&[said("2", "agent", "I am listening")]);
    }
    drop((plain, packed, nginx));
    stage.stop().await;
}
