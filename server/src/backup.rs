//! Backups: the whole store in one file, from either engine, for either engine.
//!
//! A backup is taken in one transaction, so it is consistent while the server
//! writes on. Secrets are in it as they are in the database, sealed; the key
//! that opens them is not.

mod format;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt;
use serde_json::Value;

pub use format::{Header, TableCount};

use crate::config::Database;
use crate::store::{Before, Cell, MIGRATIONS, Refill, RefillError, Store, StoreError, Table};
use format::{FORMAT, FORMAT_VERSION, Footer, Sum, TableLine};

/// Why there is no backup, or why it was not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to back up.
    #[error("there is no database at {0}")]
    NoDatabase(PathBuf),
    /// The database was written by a newer version of us, or the archive was.
    #[error("it is at version {found}, and this program only knows {known}; use a newer one")]
    TooNew {
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The archive is there already.
    #[error("{0} exists already")]
    Exists(PathBuf),
    /// The archive cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The archive is not one of ours, or was damaged.
    #[error("this is no whole backup: {0}")]
    Damaged(String),
    /// The store does not take it.
    #[error(transparent)]
    Refused(#[from] RefillError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Its first line.
    pub header: Header,
    /// Its tables.
    pub tables: Vec<TableCount>,
}

impl Contents {
    /// How many rows there are in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|one| one.rows).sum()
    }
}

/// Writes everything in the database into a new file, which only its owner can
/// read. While it is written it has the extension `part`.
///
/// # Errors
/// When it cannot be done; then there is no file.
pub async fn back_up(database: &Database, path: &Path, now: i64) -> Result<Contents, BackupError> {
    if let Database::Sqlite(file) = database
        && !file.exists()
    {
        return Err(BackupError::NoDatabase(file.clone()));
    }
    if path.exists() {
        return Err(BackupError::Exists(path.to_owned()));
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let store = Store::connect(database).await?;
    let written = write(&store, &part, now).await;
    store.close().await;
    let done = written.and_then(|contents| {
        std::fs::rename(&part, path).map_err(at(path))?;
        sync_directory(path).map_err(at(path))?;
        Ok(contents)
    });
    if done.is_err() {
        // There may be none.
        let _ = std::fs::remove_file(&part);
    }
    done
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File {
        path: path.clone(),
        source,
    }
}

/// Makes the file's new name durable.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|one| !one.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

async fn write(store: &Store, path: &Path, now: i64) -> Result<Contents, BackupError> {
    let mut snapshot = store.snapshot().await?;
    let known = MIGRATIONS.newest();
    if snapshot.version > known {
        return Err(BackupError::TooNew {
            found: snapshot.version,
            known,
        });
    }
    let header = Header {
        format: FORMAT.to_owned(),
        format_version: FORMAT_VERSION,
        migration: snapshot.version,
        made_at: now,
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut out = Writer::create(path)?;
    out.line(&header)?;
    let mut counts = Vec::new();
    for table in std::mem::take(&mut snapshot.tables) {
        out.line(&TableLine {
            table: table.name.clone(),
            columns: table.columns.iter().map(|one| one.name.clone()).collect(),
        })?;
        let mut count = 0;
        {
            let mut rows = std::pin::pin!(snapshot.rows(&table));
            while let Some(row) = rows.try_next().await? {
                out.line(&format::to_json(row))?;
                count += 1;
            }
        }
        counts.push(TableCount {
            table: table.name,
            rows: count,
        });
    }
    out.finish(&counts)?;
    Ok(Contents {
        header,
        tables: counts,
    })
}

/// Writes lines and sums them up.
struct Writer {
    path: PathBuf,
    out: GzEncoder<BufWriter<File>>,
    sum: Sum,
}

impl Writer {
    fn create(path: &Path) -> Result<Self, BackupError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Names and numbers are in it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(at(path))?;
        Ok(Self {
            path: path.to_owned(),
            out: GzEncoder::new(BufWriter::new(file), Compression::default()),
            sum: Sum::default(),
        })
    }

    fn line(&mut self, line: &impl serde::Serialize) -> Result<(), BackupError> {
        let mut line = serde_json::to_vec(line)
            .map_err(std::io::Error::other)
            .map_err(at(&self.path))?;
        line.push(b'\n');
        self.sum.add(&line);
        self.out.write_all(&line).map_err(at(&self.path))
    }

    fn finish(mut self, counts: &[TableCount]) -> Result<(), BackupError> {
        let footer = Footer {
            end: counts.to_vec(),
            sha256: self.sum.hex(),
        };
        self.line(&footer)?;
        let synced = self
            .out
            .finish()
            .and_then(|out| out.into_inner().map_err(std::io::Error::from))
            .and_then(|file| file.sync_all());
        synced.map_err(at(&self.path))
    }
}

/// Reads a backup to its end and checks that it is whole.
///
/// # Errors
/// When it is not.
pub fn verify(path: &Path) -> Result<Contents, BackupError> {
    let mut lines = Lines::open(path)?;
    let first = lines.next()?;
    let header: Header = serde_json::from_slice(first.as_deref().unwrap_or_default())
        .map_err(|_| damaged("its first line does not say that it is one of ours"))?;
    if header.format != FORMAT || header.format_version != FORMAT_VERSION {
        return Err(damaged("its format is unknown"));
    }
    let mut sum = Sum::default();
    sum.add(&first.unwrap_or_default());
    let mut counts: Vec<TableCount> = Vec::new();
    while let Some(line) = lines.next()? {
        match line.first() {
            Some(b'[') => match counts.last_mut() {
                Some(count) => count.rows += 1,
                None => return Err(damaged("a row stands before any table")),
            },
            _ => {
                if let Ok(table) = serde_json::from_slice::<TableLine>(&line) {
                    counts.push(TableCount {
                        table: table.table,
                        rows: 0,
                    });
                } else {
                    let footer: Footer = serde_json::from_slice(&line)
                        .map_err(|_| damaged("a line is neither table, row nor end"))?;
                    let whole = footer.end == counts && footer.sha256 == sum.hex();
                    return match (whole, lines.next()?) {
                        (false, _) => Err(damaged("its checksum does not fit")),
                        (true, Some(_)) => Err(damaged("something comes after its end")),
                        (true, None) => Ok(Contents {
                            header,
                            tables: counts,
                        }),
                    };
                }
            }
        }
        sum.add(&line);
    }
    Err(damaged("it breaks off"))
}

fn damaged(why: &str) -> BackupError {
    BackupError::Damaged(why.to_owned())
}

/// The lines of an archive, each with its end.
struct Lines {
    path: PathBuf,
    reader: BufReader<MultiGzDecoder<BufReader<File>>>,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(at(path))?;
        Ok(Self {
            path: path.to_owned(),
            reader: BufReader::new(MultiGzDecoder::new(BufReader::new(file))),
        })
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, BackupError> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line)),
            // What gzip says of bytes that are none of its own.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::InvalidInput
                        | std::io::ErrorKind::InvalidData
                        | std::io::ErrorKind::UnexpectedEof
                ) =>
            {
                Err(BackupError::Damaged(error.to_string()))
            }
            Err(error) => Err(at(&self.path)(error)),
        }
    }
}

/// What a job says that is held after a restore.
const HELD: &str = "restored from a backup: it may have been done since";

/// Fills a database from a backup, all of it or nothing, and brings it up to
/// this program's version. The backup is verified before anything is changed. Jobs of the
/// kinds `held` are parked, because they may have been done since. Returns what was
/// restored, and how many jobs are held.
///
/// # Errors
/// When it is not; then the database is as it was, or has jobs that are not held yet.
pub async fn restore(
    database: &Database,
    path: &Path,
    before: Before,
    held: &[&str],
) -> Result<(Contents, u64), BackupError> {
    let contents = verify(path)?;
    let (found, known) = (contents.header.migration, MIGRATIONS.newest());
    if found > known {
        return Err(BackupError::TooNew { found, known });
    }
    let store = Store::connect(database).await?;
    let filled = fill(&store, path, found, before).await;
    store.close().await;
    filled?;
    // What the version of the backup did not have yet.
    let store = Store::open(database).await?;
    let parked = store.jobs().park(held, HELD).await;
    store.close().await;
    Ok((contents, parked?))
}

async fn fill(store: &Store, path: &Path, version: i64, before: Before) -> Result<(), BackupError> {
    let mut refill = store.refill(version, before).await?;
    let tables = std::mem::take(&mut refill.tables);
    let mut lines = Lines::open(path)?;
    lines.next()?;
    let mut filling: Option<&Table> = None;
    let mut batch: Vec<Vec<Cell>> = Vec::new();
    while let Some(line) = lines.next()? {
        if line.first() == Some(&b'[') {
            let row: Value = serde_json::from_slice(&line)
                .map_err(|error| BackupError::Damaged(error.to_string()))?;
            let table = filling.ok_or_else(|| damaged("a row stands before any table"))?;
            let row = format::from_json(row)
                .filter(|row| row.len() == table.columns.len())
                .ok_or_else(|| damaged("a row does not fit its table"))?;
            batch.push(row);
            if batch.len() < Refill::batch(table) {
                continue;
            }
        }
        if let Some(table) = filling {
            refill.insert(table, std::mem::take(&mut batch)).await?;
        }
        if let Ok(next) = serde_json::from_slice::<TableLine>(&line) {
            filling = Some(known_table(&tables, &next)?);
        }
    }
    refill.commit().await?;
    Ok(())
}

fn known_table<'a>(tables: &'a [Table], line: &TableLine) -> Result<&'a Table, BackupError> {
    tables
        .iter()
        .find(|table| {
            let columns = table.columns.iter().map(|column| &column.name);
            table.name == line.table && columns.eq(&line.columns)
        })
        .ok_or_else(|| {
            BackupError::Damaged(format!(
                "its table {} is not as its version makes it",
                line.table
            ))
        })
}
