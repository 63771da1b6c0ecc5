//! Files of contacts: what of them is still to be taken in, how far that is, and what was
//! refused.

use api::contact_files::{ContactImport, ImportPlan, ImportState, Refusal, RefusedLine};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::clock::DAY_MS;
use crate::contacts::file::{self, Line, Sheet};
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::Jobs;
use crate::person::Person;
use crate::phone;
use crate::store::{Scope, StoreError, Tenant, Write, at_once, from_json, rows_of_places, to_json};

/// How many lines are a part.
const LINES: usize = 200;
/// How long a file that nobody started is kept (ms).
const PREPARED_KEPT_MS: i64 = DAY_MS;
/// How long it is remembered what was refused of others (ms).
const KEPT_MS: i64 = 30 * DAY_MS;

/// What is kept of the file itself.
#[derive(Serialize, Deserialize)]
struct Kept {
    file: String,
    header: Vec<String>,
}

/// How far an import is: how many lines are done, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::contacts) struct Counts {
    /// All of them.
    pub(in crate::contacts) done: u32,
    /// Contacts that were added.
    pub(in crate::contacts) created: u32,
    /// Lines that changed one.
    pub(in crate::contacts) changed: u32,
}

/// The part of an import that is next.
#[derive(Debug)]
pub(in crate::contacts) struct Step {
    /// How it is read.
    pub(in crate::contacts) plan: ImportPlan,
    /// When the file came (Unix ms).
    pub(in crate::contacts) since: i64,
    /// Which part.
    number: i64,
    /// What is in it.
    pub(in crate::contacts) lines: Vec<Line>,
}

crate::store::part! {
    /// The files of contacts that businesses take in.
    contact_imports -> ContactImports
}

const COLUMNS: &str = "id, sheet, plan, state, total, done, created, changed, refused, \
     created_at, finished_at";

fn from_row(row: &AnyRow) -> Result<ContactImport, StoreError> {
    let id: String = row.try_get("id")?;
    let kept: Kept = from_json(row.try_get("sheet")?, "contact_imports", &id)?;
    let count = |column: &str| {
        let count: i64 = row.try_get(column)?;
        Ok::<_, sqlx::Error>(u32::try_from(count).unwrap_or(u32::MAX))
    };
    Ok(ContactImport {
        file: kept.file,
        header: kept.header,
        plan: from_json(row.try_get("plan")?, "contact_imports", &id)?,
        state: match row.try_get("state")? {
            "prepared" => ImportState::Prepared,
            "running" => ImportState::Running,
            "cancelled" => ImportState::Cancelled,
            _ => ImportState::Done,
        },
        total: count("total")?,
        done: count("done")?,
        created: count("created")?,
        changed: count("changed")?,
        refused: count("refused")?,
        created_at: row.try_get("created_at")?,
        finished_at: row.try_get("finished_at")?,
        id,
    })
}

impl ContactImports<'_> {
    /// Keeps a file that is here, and how it is probably meant. Returns its id.
    pub(in crate::contacts) async fn prepare(
        self,
        tenant: &Tenant,
        file: &str,
        sheet: Sheet,
        plan: &ImportPlan,
        now: i64,
    ) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let kept = Kept {
            file: file.to_owned(),
            header: sheet.header,
        };
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO contact_imports (id, tenant_id, sheet, plan, state, total, next_part, \
                 done, created, changed, refused, created_at) \
             VALUES ($1, $2, $3, $4, 'prepared', $5, 0, 0, 0, 0, 0, $6)",
        )
        .bind(&id)
        .bind(tenant.id())
        .bind(to_json(&kept))
        .bind(to_json(plan))
        .bind(i64::try_from(sheet.lines.len()).unwrap_or(i64::MAX))
        .bind(now)
        .execute(write.connection())
        .await?;
        for (number, lines) in (0_i64..).zip(sheet.lines.chunks(LINES)) {
            sqlx::query(
                "INSERT INTO contact_import_parts (import_id, tenant_id, number, lines) \
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(&id)
            .bind(tenant.id())
            .bind(number)
            .bind(to_json(&lines))
            .execute(write.connection())
            .await?;
        }
        write.commit().await?;
        Ok(id)
    }

    /// The tenant's last files, the newest first.
    pub async fn list(self, tenant: &Tenant, limit: u32) -> Result<Vec<ContactImport>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM contact_imports WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2"
        );
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// One of them.
    pub async fn find(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<ContactImport>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM contact_imports WHERE tenant_id = $1 AND id = $2");
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// A part of what is still to be taken in.
    pub(in crate::contacts) async fn part(
        self,
        tenant: &Tenant,
        id: &str,
        number: i64,
    ) -> Result<Option<Vec<Line>>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT lines FROM contact_import_parts \
             WHERE tenant_id = $1 AND import_id = $2 AND number = $3",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(number)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        from_json(row.try_get("lines")?, "contact_import_parts", id).map(Some)
    }

    /// Has a file that was not started taken in, read so. False when there is none such.
    pub(in crate::contacts) async fn start(
        self,
        tenant: &Tenant,
        id: &str,
        plan: &ImportPlan,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE contact_imports SET state = 'running', plan = $3 \
             WHERE tenant_id = $1 AND id = $2 AND state = 'prepared' RETURNING total",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(to_json(plan))
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        let lines: i64 = row.try_get("total")?;
        let deed =
            Deed::on("contact_import", id, "contacts.imported").with(json!({"lines": lines}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        Jobs::enqueue(&mut write, tenant, &file::job(id, now), now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Stops one that is not over; what was taken in stays. False when there is none such.
    pub(in crate::contacts) async fn cancel(
        self,
        tenant: &Tenant,
        id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE contact_imports SET state = 'cancelled', finished_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND state IN ('prepared', 'running')",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        forget_parts(&mut write, tenant, id, None).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The next part of an import that runs, which nobody else has until the transaction ends;
    /// nothing when it is over. Without a part left it is done.
    pub(in crate::contacts) async fn step(
        self,
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        now: i64,
    ) -> Result<Option<Step>, StoreError> {
        let sql = format!(
            "SELECT plan, next_part, created_at FROM contact_imports \
             WHERE tenant_id = $1 AND id = $2 AND state = 'running'{}",
            self.0.for_update()
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let plan = from_json(row.try_get("plan")?, "contact_imports", id)?;
        let since = row.try_get("created_at")?;
        let number: i64 = row.try_get("next_part")?;
        let row = sqlx::query(
            "SELECT lines FROM contact_import_parts \
             WHERE tenant_id = $1 AND import_id = $2 AND number = $3",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(number)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else {
            sqlx::query(
                "UPDATE contact_imports SET state = 'done', finished_at = $3 \
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(tenant.id())
            .bind(id)
            .bind(now)
            .execute(write.connection())
            .await?;
            return Ok(None);
        };
        Ok(Some(Step {
            plan,
            since,
            number,
            lines: from_json(row.try_get("lines")?, "contact_import_parts", id)?,
        }))
    }

    /// Notes what became of a step, in the transaction that does it.
    pub(in crate::contacts) async fn stepped(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        step: &Step,
        counts: Counts,
        refused: &[RefusedLine],
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE contact_imports SET next_part = $3, done = done + $4, \
                 created = created + $5, changed = changed + $6, refused = refused + $7 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(step.number + 1)
        .bind(i64::from(counts.done))
        .bind(i64::from(counts.created))
        .bind(i64::from(counts.changed))
        .bind(i64::try_from(refused.len()).unwrap_or(i64::MAX))
        .execute(write.connection())
        .await?;
        forget_parts(write, tenant, id, Some(step.number)).await?;
        for lines in at_once(refused) {
            let sql = format!(
                "INSERT INTO contact_import_refusals (import_id, tenant_id, line, reason, cells) \
                 VALUES {}",
                rows_of_places(lines.len(), 5)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for line in lines {
                query = query
                    .bind(id)
                    .bind(tenant.id())
                    .bind(i64::from(line.line))
                    .bind(to_json(&line.reason))
                    .bind(to_json(&line.cells));
            }
            query.execute(write.connection()).await?;
        }
        Ok(())
    }

    /// What was refused of one, in the order of the file, after a line.
    pub async fn refused(
        self,
        tenant: &Tenant,
        id: &str,
        after: i64,
        limit: u32,
    ) -> Result<Vec<RefusedLine>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT line, reason, cells FROM contact_import_refusals \
             WHERE tenant_id = $1 AND import_id = $2 AND line > $3 ORDER BY line LIMIT $4",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(|row| refusal(row, id)).collect()
    }

    /// What there is of somebody in files: lines that were refused, and those still to be taken.
    pub(super) async fn of_person(
        self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<Vec<Value>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let mut found = Vec::new();
        let rows = sqlx::query(
            "SELECT import_id, line, reason, cells FROM contact_import_refusals \
             WHERE tenant_id = $1 ORDER BY import_id, line",
        )
        .bind(tenant.id())
        .fetch_all(db.connection())
        .await?;
        for row in &rows {
            let id: String = row.try_get("import_id")?;
            let line = refusal(row, &id)?;
            if is_about(person, &line.cells) {
                found.push(json!({"contact_import": id, "line": line.line, "cells": line.cells}));
            }
        }
        for (id, number) in parts(&mut db, tenant).await? {
            let lines = self.part(tenant, &id, number).await?.unwrap_or_default();
            for line in lines.iter().filter(|line| is_about(person, &line.cells)) {
                found.push(json!({"contact_import": id, "line": line.number, "cells": line.cells}));
            }
        }
        Ok(found)
    }

    /// Forgets somebody in files.
    pub(super) async fn erase(
        write: &mut Write,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT import_id, line, cells FROM contact_import_refusals WHERE tenant_id = $1",
        )
        .bind(tenant.id())
        .fetch_all(write.connection())
        .await?;
        for row in &rows {
            let (id, line): (String, i64) = (row.try_get("import_id")?, row.try_get("line")?);
            let cells: Vec<String> =
                from_json(row.try_get("cells")?, "contact_import_refusals", &id)?;
            if is_about(person, &cells) {
                sqlx::query(
                    "DELETE FROM contact_import_refusals \
                     WHERE tenant_id = $1 AND import_id = $2 AND line = $3",
                )
                .bind(tenant.id())
                .bind(&id)
                .bind(line)
                .execute(write.connection())
                .await?;
            }
        }
        let rows = sqlx::query(
            "SELECT import_id, number, lines FROM contact_import_parts WHERE tenant_id = $1",
        )
        .bind(tenant.id())
        .fetch_all(write.connection())
        .await?;
        for row in &rows {
            let (id, number): (String, i64) = (row.try_get("import_id")?, row.try_get("number")?);
            let mut lines: Vec<Line> =
                from_json(row.try_get("lines")?, "contact_import_parts", &id)?;
            let before = lines.len();
            lines.retain(|line| !is_about(person, &line.cells));
            if lines.len() < before {
                sqlx::query(
                    "UPDATE contact_import_parts SET lines = $4 \
                     WHERE tenant_id = $1 AND import_id = $2 AND number = $3",
                )
                .bind(tenant.id())
                .bind(&id)
                .bind(number)
                .bind(to_json(&lines))
                .execute(write.connection())
                .await?;
            }
        }
        Ok(())
    }

    /// Forgets up to `limit` files whose time was over then (Unix ms), whosever they are. Returns
    /// how many.
    pub(super) async fn forget_old(self, now: i64, limit: u32) -> Result<u64, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let done = sqlx::query(
            "DELETE FROM contact_imports WHERE id IN (SELECT id FROM contact_imports \
                 WHERE created_at < $2 AND state = 'prepared' \
                     OR created_at < $1 AND state <> 'running' \
                 ORDER BY created_at LIMIT $3)",
        )
        .bind(now - KEPT_MS)
        .bind(now - PREPARED_KEPT_MS)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Which parts of files are still to be taken in.
async fn parts(db: &mut db::Read, tenant: &Tenant) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = sqlx::query(
        "SELECT import_id, number FROM contact_import_parts WHERE tenant_id = $1 \
         ORDER BY import_id, number",
    )
    .bind(tenant.id())
    .fetch_all(db.connection())
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("import_id")?, row.try_get("number")?)))
        .collect()
}

/// Forgets what is taken in, or all that was to be.
async fn forget_parts(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    number: Option<i64>,
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM contact_import_parts \
         WHERE tenant_id = $1 AND import_id = $2 AND number = COALESCE($3, number)",
    )
    .bind(tenant.id())
    .bind(id)
    .bind(number)
    .execute(write.connection())
    .await?;
    Ok(())
}

fn refusal(row: &AnyRow, id: &str) -> Result<RefusedLine, StoreError> {
    let reason: Refusal = from_json(row.try_get("reason")?, "contact_import_refusals", id)?;
    let line: i64 = row.try_get("line")?;
    Ok(RefusedLine {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        reason,
        cells: from_json(row.try_get("cells")?, "contact_import_refusals", id)?,
    })
}

fn is_about(person: &Person, cells: &[String]) -> bool {
    let is_theirs = |text: &str| match person.phone() {
        // As it was pasted: reading a number is dear, and most cells are none.
        Some(own) => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            digits >= 7 && phone::canonical(text) == own
        }
        None => false,
    };
    cells
        .iter()
        .any(|cell| person.is_named_in(cell) || cell.split([',', ';', '\n']).any(is_theirs))
}
