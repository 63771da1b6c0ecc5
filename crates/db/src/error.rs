//! Why the database did not do what it was asked.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::connection::READ_ONLY;
use crate::migrations::VersionProblem;

/// How often the database failed, in this process.
static OUTAGES: AtomicU64 = AtomicU64::new(0);
static FAULTS: AtomicU64 = AtomicU64::new(0);

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached or cannot write right now. Nothing was stored.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The database refused: a fault of ours.
    #[error("the database refused: {0}")]
    Refused(#[source] sqlx::Error),
    /// A row holds what no version of us writes.
    #[error("the row {id} of {table} cannot be read: {source}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        id: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// What was to be written is another tenant's.
    #[error("{id} belongs to another tenant")]
    OtherTenant {
        /// The id of what was to be written.
        id: String,
    },
    /// What was to be written together with others was not written.
    #[error("nothing was written: {0}")]
    NotWritten(String),
    /// Somebody else wrote the same first: what was decided without it is to be decided
    /// anew.
    #[error("somebody else wrote the same first")]
    Overtaken,
    /// What was to be done was not done in time.
    #[error("the database did not answer in time")]
    Late,
    /// A command that does not change the database needs it newer, or is too old for
    /// it.
    #[error(transparent)]
    Version(#[from] VersionProblem),
    /// Something in between gives one connection of ours to another.
    #[error(
        "connections to this PostgreSQL lead through a pooler that lends them out by the \
         transaction, such as PgBouncer with pool_mode = transaction. What a connection is told \
         once, such as whose rows it may see, would be forgotten there, or hold for somebody \
         else. Set pool_mode = session for this database, or name PostgreSQL's own address in \
         SWITCHBOARD_DATABASE_URL"
    )]
    Pooler,
    /// The migrations do not fit the database.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database file's directory cannot be made.
    #[error("the directory of the database cannot be made: {0}")]
    Directory(#[source] std::io::Error),
}

impl Error {
    /// Whether the database is out of reach, rather than something wrong with
    /// what was asked of it.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::NotWritten(_) | Self::Late
        )
    }

    /// Whether what was to be changed is in use for longer than was waited for.
    pub(crate) fn is_of_a_lock(&self) -> bool {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        let (Self::Unavailable(error)
        | Self::Migration(Execute(error) | ExecuteMigration(error, _))) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(|it| it.code());
        code.is_some_and(|code| code == "55P03")
    }

    /// Whether the transaction was given up for another's sake, such as by PostgreSQL for a
    /// deadlock or a conflict: the other one is through in a moment.
    #[must_use]
    pub fn is_collision(&self) -> bool {
        if matches!(self, Self::Overtaken) {
            return true;
        }
        let Self::Unavailable(sqlx::Error::Database(error)) = self else {
            return false;
        };
        let code = error.code();
        code.is_some_and(|code| matches!(&*code, "40P01" | "40001"))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let unavailable = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_outage(&code)),
            _ => false,
        };
        if unavailable {
            OUTAGES.fetch_add(1, Ordering::Relaxed);
            Self::Unavailable(error)
        } else {
            FAULTS.fetch_add(1, Ordering::Relaxed);
            Self::Refused(error)
        }
    }
}

/// How often databases failed in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// They were out of reach.
    pub outages: u64,
    /// They refused.
    pub faults: u64,
}

/// How often databases failed in this process until now.
#[must_use]
pub fn failures() -> Failures {
    Failures {
        outages: OUTAGES.load(Ordering::Relaxed),
        faults: FAULTS.load(Ordering::Relaxed),
    }
}

/// SQLite's busy (5), locked (6), read-only (8), I/O error (10), full (13) and
/// cannot open (14), by the low byte; PostgreSQL's classes 08 (connection), 40
/// (rolled back for another's sake), 53 (resources), 57 (operator intervention, and
/// statements that took too long), 58 (system error), read-only transactions, ones
/// that were idle for too long, and locks that were not had in time.
fn is_outage(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "40", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class))
            || [READ_ONLY, "25P03", "25P04", "55P03"].contains(&code);
    }
    code.parse()
        .is_ok_and(|code: u32| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_told_from_faults() {
        for code in [
            "5", "13", "266", "1032", "57P01", "53100", "08006", "40P01", "57014", "55P03",
        ] {
            assert!(is_outage(code), "{code}");
        }
        for code in ["1", "19", "2067", "23505", "42601", ""] {
            assert!(!is_outage(code), "{code}");
        }
    }
}
