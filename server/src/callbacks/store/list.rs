//! The desk's lists of call-backs, and what there is about a person.

use api::callbacks::{Callback, CallbackOutcome};
use api::contacts::Moment;
use api::public::Consent;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Callbacks, OVER, state};
use crate::keeps::{Before, moments_by};
use crate::person::Person;
use crate::phone::E164;
use crate::store::{Scope, Store, StoreError, Tenant, older_than};
use crate::web::paging::Place;

macro_rules! columns {
    () => {
        "c.id, c.state, c.name, c.phone, c.agent_id, a.name AS agent_name, c.language, c.page_url, \
         c.due_at, c.created_at, c.call_id, c.problem, c.consent, c.outcome, c.tries, c.note, \
         c.claimed_by, (SELECT u.name FROM users u WHERE u.tenant_id = c.tenant_id \
             AND u.id = c.claimed_by) AS claimed_by_name"
    };
}

/// Where a page of the list ends: when the call-back is due, and which one it is.
pub type CallbackCursor = Place<1>;

/// After this row.
pub(crate) fn after(row: &Callback) -> CallbackCursor {
    Place {
        numbers: [row.due_at],
        id: row.id.clone(),
    }
}

impl Callbacks<'_> {
    /// Call-backs to be done: what failed and what waits, the earliest first.
    pub async fn to_do(
        self,
        tenant: &Tenant,
        after: Option<&CallbackCursor>,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let first = Place {
            numbers: [i64::MIN],
            id: String::new(),
        };
        let after = after.unwrap_or(&first);
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM callbacks c LEFT JOIN agents a ON a.id = c.agent_id AND a.tenant_id = $1 \
             WHERE c.tenant_id = $1 AND c.section < 2 AND (c.due_at, c.id) > ($2, $3) \
             ORDER BY c.due_at, c.id LIMIT $4"
        ))
        .bind(tenant.id())
        .bind(after.numbers[0])
        .bind(&after.id)
        .bind(i64::from(limit))
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(row).collect()
    }

    /// Call-backs that are over, the newest first.
    pub async fn over(
        self,
        tenant: &Tenant,
        after: Option<&CallbackCursor>,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let before = after.map(|after| after.id.as_str());
        let older = older_than("c.id", before, 2);
        let columns = columns!();
        let sql = format!(
            "SELECT {columns} \
             FROM callbacks c LEFT JOIN agents a ON a.id = c.agent_id AND a.tenant_id = $1 \
             WHERE c.tenant_id = $1 AND c.section = 2 AND {older} \
             ORDER BY c.id DESC LIMIT $3"
        );
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        rows.iter().map(row).collect()
    }

    /// The call-backs somebody asked for, as JSON.
    pub(crate) async fn of_person(
        self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<Vec<Value>, StoreError> {
        let Some(phone) = person.phone() else {
            return Ok(Vec::new());
        };
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM callbacks c LEFT JOIN agents a ON a.id = c.agent_id AND a.tenant_id = $1 \
             WHERE c.tenant_id = $1 AND c.phone = $2 ORDER BY c.created_at"
        ))
        .bind(tenant.id())
        .bind(phone)
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(|one| Ok(json!(row(one)?))).collect()
    }
}

/// The call-backs that were asked for to a number.
pub(crate) async fn moments(
    store: &Store,
    tenant: &Tenant,
    number: &E164,
    before: &Before,
    limit: u32,
) -> Result<Vec<Moment>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM callbacks c LEFT JOIN agents a ON a.id = c.agent_id AND a.tenant_id = $1 \
         WHERE c.tenant_id = $1 AND c.phone = $2 AND (c.created_at, c.id) < ($3, $4) \
         ORDER BY c.created_at DESC, c.id DESC LIMIT $5"
    );
    moments_by(store, tenant, sql, (number, before, limit), |row| {
        Ok(Moment::Callback(self::row(row)?))
    })
    .await
}

const _: () = assert!(OVER == 2, "the list's index and its statement say so");

fn row(row: &AnyRow) -> Result<Callback, StoreError> {
    let language: Option<String> = row.try_get("language")?;
    Ok(Callback {
        id: row.try_get("id")?,
        state: state(row.try_get("state")?),
        name: row.try_get("name")?,
        phone: row.try_get("phone")?,
        agent_id: row.try_get("agent_id")?,
        agent_name: row.try_get("agent_name")?,
        page_url: row.try_get("page_url")?,
        due_at: row.try_get("due_at")?,
        created_at: row.try_get("created_at")?,
        call_id: row.try_get("call_id")?,
        problem: row.try_get("problem")?,
        outcome: row
            .try_get::<Option<&str>, _>("outcome")?
            .map(CallbackOutcome::named),
        tries: u32::try_from(row.try_get::<i64, _>("tries")?).unwrap_or_default(),
        note: row.try_get("note")?,
        claimed_by: row.try_get("claimed_by")?,
        claimed_by_name: row.try_get("claimed_by_name")?,
        consent: Consent {
            text: row.try_get("consent")?,
            language: language.clone(),
        },
        language,
    })
}
