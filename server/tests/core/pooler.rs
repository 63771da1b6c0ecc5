//! PgBouncer in between.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use server::config::{Database, Secret};
use server::store::{Store, StoreError};
use url::Url;

use crate::support::{Scratch, free_port, installed, listening, not_run, raw_connection, run};

/// A running PgBouncer, gone when dropped.
struct Pooler {
    process: Child,
    database: Database,
}

impl Pooler {
    /// One that lends by this, set so.
    async fn start(program: &Path, scratch: &Scratch, mode: &str, more: &str) -> Self {
        let Database::Postgres(url) = &scratch.database else {
            panic!("nothing stands before a file");
        };
        let mut url = Url::parse(url.expose()).unwrap();
        let port = free_port();
        let file = |name: &str| scratch.directory.join(name);
        let users = format!(
            "\"{}\" \"{}\"\n",
            url.username(),
            url.password().unwrap_or("")
        );
        std::fs::write(file("users.txt"), users).unwrap();
        let settings = format!(
            "[databases]\n* = host={host} port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {users}\n\
             pool_mode = {mode}\nignore_startup_parameters = extra_float_digits\n{more}\n",
            host = url.host_str().unwrap(),
            server = url.port().unwrap_or(5432),
            users = file("users.txt").display(),
        );
        std::fs::write(file("pgbouncer.ini"), settings).unwrap();
        let mut command = Command::new(program);
        // It refuses to be root.
        if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0 {
            command.args(["-u", "nobody"]);
        }
        let process = command
            .arg(file("pgbouncer.ini"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let pooler = Self {
            process,
            database: Database::Postgres(Secret::new(url.as_str())),
        };
        listening(port).await;
        pooler
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_pooler_that_lends_connections_by_the_transaction_is_refused_in_words() {
    let (Some(program), Some(scratch)) = (installed("pgbouncer"), Scratch::on_postgres().await)
    else {
        not_run("PgBouncer or PostgreSQL is not there");
        return;
    };
    let pooler = Pooler::start(&program, &scratch, "transaction", "").await;
    let refused = Store::open(&pooler.database).await.unwrap_err();
    assert!(matches!(refused, StoreError::Pooler), "{refused}");
    assert!(
        refused.to_string().contains("pool_mode = session"),
        "{refused}"
    );
    drop(pooler);
    // Two connections that are lent in turns look like two of one's own.
    let turns = "server_round_robin = 1";
    let pooler = Pooler::start(&program, &scratch, "transaction", turns).await;
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut other = raw_connection(&pooler.database).await;
        run(&mut other, "BEGIN").await;
        others.push(other);
    }
    for other in &mut others {
        run(other, "ROLLBACK").await;
    }
    let refused = Store::open(&pooler.database).await.unwrap_err();
    assert!(matches!(refused, StoreError::Pooler), "{refused}");
    drop((others, pooler));
    let pooler = Pooler::start(&program, &scratch, "session", "").await;
    let store = Store::open(&pooler.database).await.unwrap();
    store.close().await;
    drop(pooler);
    scratch.remove().await;
}
