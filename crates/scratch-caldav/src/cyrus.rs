//! Cyrus, whose calendars are mailboxes: a user has none until an administrator made theirs.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::{OTHER, PASSWORD, USER};

/// What starts all the others.
pub(crate) const MASTER: &str = "/usr/lib/cyrus/bin/master";
/// Whoever makes mailboxes; the system's user of the same name runs it.
const ADMIN: &str = "cyrus";

/// Why it cannot be started.
pub(crate) fn missing() -> Option<String> {
    let root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    if !Path::new(MASTER).is_file() {
        Some("Cyrus is not installed (Debian: cyrus-imapd cyrus-caldav sasl2-bin)".to_owned())
    } else if !root {
        Some("Cyrus has to be started by root".to_owned())
    } else {
        None
    }
}

/// The system's user and group.
fn ids() -> Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    let fields = |line: &str| {
        let mut fields = line.split(':');
        (fields.next() == Some(ADMIN))
            .then(|| fields.skip(1).map(str::to_owned).collect::<Vec<_>>())
    };
    let found = users.lines().find_map(fields);
    let found = found.context("the system has no user cyrus")?;
    Ok((found[0].parse()?, found[1].parse()?))
}

pub(crate) fn prepare(dir: &Path, port: u16) -> Result<()> {
    let imap = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    fs::write(dir.join("imap-port"), imap.to_string())?;
    let shown = dir.display();
    let services = format!(
        "SERVICES {{\n  imap cmd=\"imapd -C {shown}/imapd.conf\" listen=\"127.0.0.1:{imap}\" prefork=0\n  \
         http cmd=\"httpd -C {shown}/imapd.conf\" listen=\"127.0.0.1:{port}\" prefork=1\n}}\n"
    );
    fs::write(dir.join("cyrus.conf"), services)?;
    let settings = format!(
        "configdirectory: {shown}/conf\npartition-default: {shown}/spool\n\
         defaultpartition: default\nproc_path: {shown}/proc\nadmins: {ADMIN}\n\
         unixhierarchysep: yes\nvirtdomains: off\nallowplaintext: yes\n\
         sasl_pwcheck_method: auxprop\nsasl_auxprop_plugin: sasldb\n\
         sasl_sasldb_path: {shown}/sasldb2\nsasl_mech_list: PLAIN LOGIN\n\
         httpmodules: caldav\nservername: localhost\ndefaultdomain: localhost\n\
         caldav_create_default: no\n"
    );
    fs::write(dir.join("imapd.conf"), settings)?;
    let passwords = dir.join("sasldb2");
    for (user, password) in [(ADMIN, PASSWORD), (USER, PASSWORD), OTHER] {
        let mut set = Command::new("saslpasswd2");
        set.args(["-p", "-c", "-u", "localhost", "-f"]);
        let mut set = set
            .arg(&passwords)
            .arg(user)
            .stdin(Stdio::piped())
            .spawn()?;
        let stdin = set.stdin.take();
        stdin.context("a pipe")?.write_all(password.as_bytes())?;
        ensure!(set.wait()?.success(), "saslpasswd2 fails");
    }
    let (user, group) = ids()?;
    for name in ["conf", "spool", "proc"] {
        fs::create_dir_all(dir.join(name))?;
        chown(dir.join(name), Some(user), Some(group))?;
    }
    for place in [dir, &passwords] {
        chown(place, Some(user), Some(group))?;
    }
    Ok(())
}

pub(crate) fn run_as_it_wants(command: &mut Command, dir: &Path) -> Result<()> {
    let (user, group) = ids()?;
    command.uid(user).gid(group);
    command.arg("-C").arg(dir.join("imapd.conf"));
    command.arg("-M").arg(dir.join("cyrus.conf"));
    command.arg("-p").arg(dir.join("master.pid"));
    Ok(())
}

pub(crate) fn add_users(dir: &Path) -> Result<()> {
    let port: u16 = fs::read_to_string(dir.join("imap-port"))?.parse()?;
    let mut imap = TcpStream::connect(("127.0.0.1", port))?;
    let told = format!(
        "a LOGIN {ADMIN} \"{PASSWORD}\"\r\nb CREATE user/{USER}\r\nc CREATE user/{}\r\nd LOGOUT\r\n",
        OTHER.0
    );
    imap.write_all(told.as_bytes())?;
    let mut answer = String::new();
    imap.read_to_string(&mut answer)?;
    ensure!(
        ["a OK", "b OK", "c OK"]
            .iter()
            .all(|it| answer.contains(it)),
        "Cyrus makes no mailboxes: {answer}"
    );
    Ok(())
}
