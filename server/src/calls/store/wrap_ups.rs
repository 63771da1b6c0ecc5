//! What people say of calls, but for the notes.

use std::collections::HashMap;

use api::calls::ExportedCall;
use api::wrap_up::{Dispositions, KeptWrapUp, WrapUp};
use serde_json::{Map, Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{notes, summary, summary_columns, tell_changed};
use crate::calls::{Stage, events, wrap_up::KIND};
use crate::deeds::{Author, Deed, Deeds};
use crate::notify::Notifications;
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant, Write, at_once, from_json, places, to_json};

/// What the revisions of how calls can come out are kept as.
const LIST: &str = "dispositions";
/// How many tags are offered to choose from.
const OFFERED: i64 = 200;

/// What [`said`] reads, of calls with their wrap-ups: the note is the last one.
macro_rules! said_columns {
    () => {
        "c.disposition, w.tags, (SELECT n.text FROM call_notes n WHERE n.call_id = c.id \
         ORDER BY n.created_at DESC, n.id DESC LIMIT 1) AS note"
    };
}

crate::store::part! {
    /// What people say of calls, and how calls can come out.
    wrap_ups -> WrapUps
}

impl WrapUps<'_> {
    /// How the tenant's calls can come out.
    pub async fn dispositions(self, tenant: &Tenant) -> Result<Dispositions, StoreError> {
        let revision = self.0.revisions().current(tenant, LIST).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT said FROM dispositions WHERE tenant_id = $1")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        let said: Dispositions = match row {
            Some(row) => from_json(row.try_get("said")?, LIST, tenant.id())?,
            None => Dispositions::default(),
        };
        Ok(Dispositions { revision, ..said })
    }

    /// Says anew how the tenant's calls can come out; that is checked already, and a change of
    /// the revision `read`. Returns the new one.
    pub async fn set_dispositions(
        self,
        tenant: &Tenant,
        said: &Dispositions,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (LIST, ""), read).await?;
        sqlx::query(
            "INSERT INTO dispositions (tenant_id, said, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id) DO UPDATE SET said = excluded.said, \
                 updated_at = excluded.updated_at",
        )
        .bind(tenant.id())
        .bind(to_json(said))
        .bind(now)
        .execute(write.connection())
        .await?;
        let names: Vec<_> = said.items.iter().map(|one| one.name.as_str()).collect();
        let details = json!({"names": names.join(", "), "required": said.required});
        let deed = Deed::of_business("dispositions.changed", details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(revision)
    }

    /// The tags that calls of the tenant have, from one to the next: as many steps as there
    /// are tags, however many calls have them.
    pub async fn tags(self, tenant: &Tenant) -> Result<Vec<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "WITH RECURSIVE seen (tag, n) AS ( \
                 SELECT MIN(tag), 1 FROM call_tags WHERE tenant_id = $1 \
                 UNION ALL \
                 SELECT (SELECT MIN(g.tag) FROM call_tags g \
                     WHERE g.tenant_id = $1 AND g.tag > seen.tag), n + 1 \
                 FROM seen WHERE seen.tag IS NOT NULL AND n < $2 \
             ) SELECT tag FROM seen WHERE tag IS NOT NULL ORDER BY n",
        )
        .bind(tenant.id())
        .bind(OFFERED)
        .fetch_all(db.connection())
        .await?;
        let tags = rows.iter().map(|row| row.try_get("tag"));
        Ok(tags.collect::<Result<_, _>>()?)
    }

    /// What was said of a call of the tenant; nothing where there is no such call.
    pub async fn of(self, tenant: &Tenant, id: &str) -> Result<Option<KeptWrapUp>, StoreError> {
        let revision = self.0.revisions().of_one(tenant, (KIND, id)).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            said_columns!(),
            ", w.updated_at FROM calls c LEFT JOIN wrap_ups w ON w.call_id = c.id \
             WHERE c.tenant_id = $1 AND c.id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(KeptWrapUp {
            said: said(&row, id)?,
            at: row.try_get("updated_at")?,
            revision,
        }))
    }

    /// What was said of many calls of the tenant, and what they cost, by their ids; the rest of
    /// each is for who asks to fill in.
    pub(crate) async fn of_many(
        self,
        tenant: &Tenant,
        ids: &[&str],
    ) -> Result<HashMap<String, ExportedCall>, StoreError> {
        let mut notes = self.0.call_notes().of_many(tenant, ids).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let mut all = HashMap::with_capacity(ids.len());
        for ids in at_once(ids) {
            let sql = format!(
                concat!(
                    "SELECT ",
                    summary_columns!(),
                    ", c.cost_cents, ",
                    said_columns!(),
                    " FROM calls c \
                     LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
                     LEFT JOIN wrap_ups w ON w.call_id = c.id \
                     WHERE c.tenant_id = $1 AND c.id IN ({})"
                ),
                places(2, ids.len())
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.id());
            let query = ids.iter().fold(query, |query, id| query.bind(*id));
            for row in query.fetch_all(db.connection()).await? {
                let call = summary(&row)?;
                let exported = ExportedCall {
                    cost_cents: row.try_get("cost_cents")?,
                    said: said(&row, &call.id)?,
                    notes: notes.remove(&call.id).unwrap_or_default(),
                    call,
                };
                all.insert(exported.call.id.clone(), exported);
            }
        }
        Ok(all)
    }

    /// Says of a call of the tenant all there is to say, and adds the note, unless it is the last
    /// one already; that is checked already, and a change of the revision `read`. Tells the desks, and the endpoints that asked for it. Nothing
    /// where there is no such call.
    pub async fn say(
        self,
        tenant: &Tenant,
        id: &str,
        said: WrapUp,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<Option<KeptWrapUp>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (KIND, id), read).await?;
        let row = sqlx::query(
            "UPDATE calls SET disposition = $3 WHERE tenant_id = $1 AND id = $2 \
             RETURNING created_at",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(&said.disposition)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let created_at: i64 = row.try_get("created_at")?;
        sqlx::query(
            "INSERT INTO wrap_ups (call_id, tenant_id, tags, updated_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (call_id) DO UPDATE SET \
                 tags = excluded.tags, updated_at = excluded.updated_at",
        )
        .bind(id)
        .bind(tenant.id())
        .bind(to_json(&said.tags))
        .bind(now)
        .execute(write.connection())
        .await?;
        sqlx::query("DELETE FROM call_tags WHERE tenant_id = $1 AND call_id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
        for tag in &said.tags {
            sqlx::query(
                "INSERT INTO call_tags (tenant_id, tag, created_at, call_id) \
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(tenant.id())
            .bind(tag)
            .bind(created_at)
            .bind(id)
            .execute(write.connection())
            .await?;
        }
        if !said.note.is_empty() {
            notes::add_unless_last(&mut write, tenant, id, &said.note, author, now).await?;
        }
        // What people wrote is not in the trail: it would outlive the call.
        let details = json!({"disposition": said.disposition});
        let deed = Deed::on(KIND, id, "call.wrapped_up").with(details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        let said = tell_said(&mut write, tenant, id, now).await?;
        write.commit().await?;
        Ok(Some(KeptWrapUp {
            said,
            at: Some(now),
            revision,
        }))
    }
}

/// Tells the desks what was said of a call of the tenant, and the endpoints that asked for it.
pub(super) async fn tell_said(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    now: i64,
) -> Result<WrapUp, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        said_columns!(),
        ", c.stage, c.retell FROM calls c LEFT JOIN wrap_ups w ON w.call_id = c.id \
         WHERE c.tenant_id = $1 AND c.id = $2"
    ))
    .bind(tenant.id())
    .bind(id)
    .fetch_one(write.connection())
    .await?;
    let said = said(&row, id)?;
    let stage = Stage::parse(row.try_get("stage")?).unwrap_or(Stage::Registered);
    let call: Map<String, Value> = from_json(row.try_get("retell")?, "calls", id)?;
    let event = events::of_wrap_up(id, &call, stage, &said, now);
    Notifications::tell_endpoints(write, tenant, &[event], now).await?;
    tell_changed(write, tenant, id).await?;
    Ok(said)
}

/// From [`said_columns`].
fn said(row: &AnyRow, id: &str) -> Result<WrapUp, StoreError> {
    let tags: Option<&str> = row.try_get("tags")?;
    let note: Option<String> = row.try_get("note")?;
    Ok(WrapUp {
        disposition: row.try_get("disposition")?,
        tags: from_json(tags.unwrap_or("[]"), "wrap_ups", id)?,
        note: note.unwrap_or_default(),
    })
}
