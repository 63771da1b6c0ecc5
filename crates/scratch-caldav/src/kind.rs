//! Which servers there are, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::{OTHER, PASSWORD, USER, cyrus};

/// A server of calendars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// From PyPI, beside the other things in `target` or where `SWITCHBOARD_TEST_RADICALE` says.
    Radicale,
    /// From PyPI, where `SWITCHBOARD_TEST_XANDIKOS` says. It takes a password over TLS only: its
    /// certificate is in `certs` of `SWITCHBOARD_TEST_XANDIKOS_STATE`, and has to be trusted
    /// (`SSL_CERT_FILE`).
    Xandikos,
    /// Debian's `cyrus-caldav`, started by root.
    Cyrus,
}

impl Kind {
    /// Which one the environment wants.
    ///
    /// # Errors
    /// When there is no such one.
    pub(crate) fn wanted() -> Result<Self> {
        match env::var("SWITCHBOARD_TEST_CALDAV").as_deref() {
            Err(_) => Ok(Self::Radicale),
            Ok("xandikos") => Ok(Self::Xandikos),
            Ok("cyrus") => Ok(Self::Cyrus),
            Ok(other) => bail!("there is no CalDAV server {other} to test with"),
        }
    }

    /// Why it cannot be started.
    pub(crate) fn missing(self) -> Option<String> {
        match self {
            Self::Cyrus => cyrus::missing(),
            _ => {
                let program = self.program();
                let missing = || format!("{} is not there", program.display());
                (!program.is_file()).then(missing)
            }
        }
    }

    fn program(self) -> PathBuf {
        let (named, otherwise) = match self {
            Self::Radicale => ("SWITCHBOARD_TEST_RADICALE", "radicale/bin/radicale"),
            Self::Xandikos => ("SWITCHBOARD_TEST_XANDIKOS", "xandikos/bin/xandikos"),
            Self::Cyrus => return cyrus::MASTER.into(),
        };
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        env::var_os(named).map_or_else(|| target.join(otherwise), PathBuf::from)
    }

    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Xandikos => "https",
            Self::Radicale | Self::Cyrus => "http",
        }
    }

    /// Where the calendars of a user are.
    pub(crate) fn home(self, user: &str) -> String {
        match self {
            Self::Radicale => format!("/{user}/"),
            Self::Xandikos => format!("/{user}/calendars/"),
            Self::Cyrus => format!("/dav/calendars/user/{user}/"),
        }
    }

    /// Writes what it is to find in its directory.
    pub(crate) fn prepare(self, dir: &Path, port: u16) -> Result<()> {
        let users = dir.join("users");
        match self {
            Self::Radicale => {
                let (other, secret) = OTHER;
                fs::write(users, format!("{USER}:{PASSWORD}\n{other}:{secret}\n"))?;
                let dir = dir.display();
                let settings = format!(
                    "[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\n\
                     htpasswd_filename = {dir}/users\nhtpasswd_encryption = plain\ndelay = 0\n\
                     [rights]\ntype = owner_only\n[storage]\nfilesystem_folder = {dir}/store\n\
                     [web]\ntype = none\n"
                );
                fs::write(dir.to_string() + "/settings", settings)?;
            }
            Self::Xandikos => {
                let hash = "import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())";
                let python = self.program().with_file_name("python");
                let hashed = Command::new(python).args(["-c", hash, PASSWORD]).output()?;
                fs::write(
                    users,
                    format!("{USER}:{}", String::from_utf8(hashed.stdout)?),
                )?;
                fs::create_dir_all(dir.join("store"))?;
            }
            Self::Cyrus => cyrus::prepare(dir, port)?,
        }
        Ok(())
    }

    /// What starts it.
    pub(crate) fn command(self, dir: &Path, port: u16) -> Result<Command> {
        let mut command = Command::new(self.program());
        match self {
            Self::Radicale => {
                command.arg("--config").arg(dir.join("settings"));
            }
            Self::Xandikos => {
                let state = env::var_os("SWITCHBOARD_TEST_XANDIKOS_STATE");
                let state = state.context("SWITCHBOARD_TEST_XANDIKOS_STATE is not set")?;
                command.args(["serve", "--autocreate", "--no-detect-systemd", "--autocert"]);
                command.arg("--directory").arg(dir.join("store"));
                command.arg("--htpasswd").arg(dir.join("users"));
                command.arg("--state-dir").arg(state);
                command.args(["--current-user-principal", &format!("/{USER}/")]);
                command.args(["--listen-address", "127.0.0.1", "--port", &port.to_string()]);
            }
            Self::Cyrus => cyrus::run_as_it_wants(&mut command, dir)?,
        }
        Ok(command)
    }

    /// Adds the users, where that is done once it runs.
    pub(crate) fn add_users(self, dir: &Path) -> Result<()> {
        match self {
            Self::Cyrus => cyrus::add_users(dir),
            Self::Radicale | Self::Xandikos => Ok(()),
        }
    }
}
