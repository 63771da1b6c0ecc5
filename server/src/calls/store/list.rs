//! Pages of the call list, filtered.
//!
//! No page costs more than another, however long the tenant's history is and
//! whatever is asked of it. Calls that go on are few: they are looked through.
//! The others are read along one index, in the order of the list. One filter is
//! one index, and each word that was said, and each tag, is a table that is read like one. With several, the index is taken in which the next [`WALK`]
//! entries reach back the furthest, which says how rare what it holds is right
//! here; that many calls are looked at, and the page says how far it came.

mod place;
mod search;
mod statement;

use std::collections::HashSet;

use api::calls::{CallChoice, CallChoices, CallState};
use api::desk::CallSummary;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Calls, summary, summary_columns};
use crate::calls::CallFilter;
use crate::store::{Connection, Engine, Scope, StoreError, Tenant};
pub use place::CallCursor;
use place::Place;
use statement::{Span, Statement, Test, Together, tests};

/// How many calls are looked at for a page when no index holds just those that
/// are asked for.
const WALK: i64 = 1_000;
/// How many agents and how many keys are offered to choose from.
const CHOICES: i64 = 200;

/// A page of the call list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallRows {
    /// The rows: live calls first, then the newest first.
    pub calls: Vec<CallSummary>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<CallCursor>,
    /// Set where the page ends for want of matching calls among those looked
    /// at: when the last of them was created (Unix ms).
    pub searched_to: Option<i64>,
}

impl Calls<'_> {
    /// A page of the tenant's calls that pass the filter: live ones first, then
    /// the newest first.
    pub async fn page(
        self,
        tenant: &Tenant,
        filter: &CallFilter,
        after: Option<&CallCursor>,
        limit: u32,
    ) -> Result<CallRows, StoreError> {
        let limit = limit as usize;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let db = db.connection();
        if filter.looked_for.is_empty() {
            return self.page_of(db, tenant, filter, after, limit).await;
        }
        let mut pages = Vec::new();
        for way in search::ways(db, tenant, filter).await? {
            pages.push(self.page_of(db, tenant, &way, after, limit).await?);
        }
        Ok(CallRows::joined(pages, limit))
    }

    /// The same for a filter that looks for nothing somebody typed.
    async fn page_of(
        self,
        db: &mut Connection,
        tenant: &Tenant,
        filter: &CallFilter,
        after: Option<&CallCursor>,
        limit: usize,
    ) -> Result<CallRows, StoreError> {
        let tests = tests(filter);
        let first = filter.before.map_or_else(Place::top, Place::at);
        let span = |live: bool| Span {
            tenant,
            after: match after {
                Some(after) if after.live == live => first.clone().min(after.place.clone()),
                _ => first.clone(),
            },
            since: filter.since,
        };
        let mut page = CallRows::default();
        let wants_live = filter.status.is_none_or(|status| status == CallState::Live);
        if wants_live && after.is_none_or(|after| after.live) {
            page.calls = self.live(db, &span(true), &tests, filter, limit).await?;
            if page.calls.len() > limit {
                page.calls.truncate(limit);
                page.next = page.calls.last().map(CallCursor::after);
                return Ok(page);
            }
        }
        if filter.status == Some(CallState::Live) {
            return Ok(page);
        }
        // A call that ended between the two looks is in both.
        let seen: HashSet<String> = page.calls.iter().map(|call| call.id.clone()).collect();
        let free = limit - page.calls.len();
        let (mut over, end) = self.over(db, &span(false), &tests, filter, free).await?;
        let more = over.len() > free;
        over.truncate(free);
        page.calls
            .extend(over.into_iter().filter(|call| !seen.contains(&call.id)));
        if more {
            page.next = page.calls.last().map(CallCursor::after);
        } else if let Some(place) = end {
            page.searched_to = Some(place.created_at);
            page.next = Some(CallCursor { live: false, place });
        }
        Ok(page)
    }

    /// One more than asked for tells that there are more.
    async fn live(
        self,
        db: &mut Connection,
        span: &Span<'_>,
        tests: &[Test],
        filter: &CallFilter,
        limit: usize,
    ) -> Result<Vec<CallSummary>, StoreError> {
        let mut select = Statement::default();
        select.push(concat!("SELECT ", summary_columns!(), " FROM calls c"));
        select.push(self.along("calls_list").as_str());
        select.push(AGENTS);
        select.push(" WHERE");
        select.push_base(true, span);
        for test in tests {
            select.push_test(test);
        }
        select.push_rest(filter);
        select.push(ORDER);
        select.number(limit as i64 + 1);
        rows(&select, db).await
    }

    /// The same for the calls that are over; and, if there were more to look at
    /// than may be, where the looking ended.
    async fn over(
        self,
        db: &mut Connection,
        span: &Span<'_>,
        tests: &[Test],
        filter: &CallFilter,
        limit: usize,
    ) -> Result<(Vec<CallSummary>, Option<Place>), StoreError> {
        let mut rest = Statement::default();
        rest.push_rest(filter);
        let in_table = |test: &Test| matches!(test.place, Together::Table(_));
        // What has a tag may go on.
        let exact = tests.len() <= 1 && rest.sql.is_empty() && filter.tag.is_none();
        let (driver, end) = if exact {
            (tests.first(), None)
        } else {
            self.rarest(db, span, tests).await?
        };

        let mut select = Statement::default();
        select.push(concat!("SELECT ", summary_columns!()));
        // PostgreSQL takes no advice on indexes. Inside, where there is nothing
        // else to go by, it takes the one that is meant; what is outside cannot
        // change its mind.
        let fenced = self.0.engine() == Engine::Postgres;
        let most = if exact { limit as i64 + 1 } else { WALK };
        match driver {
            Some(
                test @ Test {
                    place: Together::Table(entries),
                    ..
                },
            ) => {
                if fenced {
                    select.push(" FROM (SELECT g.created_at, g.call_id");
                    select.push(entries.rows);
                } else {
                    select.push(entries.with_calls);
                    select.push(AGENTS);
                    select.push(" WHERE c.live = 0 AND");
                }
                select.push_entries(test, span);
                if let Some(end) = &end {
                    select.push_end("g", "call_id", end);
                }
                if fenced {
                    select.push(" ORDER BY g.created_at DESC, g.call_id DESC LIMIT ");
                    select.number(most);
                    select.push(") g JOIN calls c ON c.id = g.call_id");
                    select.push(AGENTS);
                    select.push(" WHERE c.live = 0");
                }
            }
            _ => {
                let index = driver.map_or("calls_list", Test::index);
                if fenced {
                    select.push(" FROM (SELECT * FROM calls c WHERE");
                } else {
                    select.push(" FROM calls c");
                    select.push(self.along(index).as_str());
                    select.push(AGENTS);
                    select.push(" WHERE");
                }
                select.push_base(false, span);
                if let Some(driver) = driver {
                    select.push_test(driver);
                }
                if let Some(end) = &end {
                    select.push_end("c", "id", end);
                }
                if fenced {
                    select.push(ORDER);
                    select.number(most);
                    select.push(") c");
                    select.push(AGENTS);
                    select.push(" WHERE c.live = 0");
                }
            }
        }
        let others = tests
            .iter()
            .filter(|test| driver.is_none_or(|driver| !std::ptr::eq(driver, *test)));
        for test in others {
            select.push_test(test);
        }
        select.push_rest(filter);
        // The same order: only by its own columns is a table known to be read along its index, so
        // that nothing is sorted and the page ends the reading.
        select.push(match driver {
            Some(test) if in_table(test) => " ORDER BY g.created_at DESC, g.call_id DESC LIMIT ",
            _ => ORDER,
        });
        select.number(limit as i64 + 1);
        Ok((rows(&select, db).await?, end))
    }

    /// Of several indexes the one whose next [`WALK`] entries reach back the
    /// furthest, and where they end; `None` if there are not as many.
    async fn rarest<'t>(
        self,
        db: &mut Connection,
        span: &Span<'_>,
        tests: &'t [Test],
    ) -> Result<(Option<&'t Test>, Option<Place>), StoreError> {
        let mut best: Option<(Option<&Test>, Place)> = None;
        let candidates = tests.iter().map(Some);
        // Nothing but what no index answers: along the list itself.
        let list = tests.is_empty().then_some(None);
        for test in candidates.chain(list) {
            let mut select = Statement::default();
            if let Some((test, Together::Table(entries))) = test.map(|test| (test, test.place)) {
                select.push("SELECT g.created_at, g.call_id AS id");
                select.push(entries.rows);
                select.push_entries(test, span);
                select.push(" ORDER BY g.created_at DESC, g.call_id DESC LIMIT 1 OFFSET ");
            } else {
                select.push("SELECT c.created_at, c.id FROM calls c");
                let index = test.map_or("calls_list", Test::index);
                select.push(self.along(index).as_str());
                select.push(" WHERE");
                select.push_base(false, span);
                if let Some(test) = test {
                    select.push_test(test);
                }
                select.push(" ORDER BY c.created_at DESC, c.id DESC LIMIT 1 OFFSET ");
            }
            select.number(WALK - 1);
            let Some(row) = select.query().fetch_optional(&mut *db).await? else {
                return Ok((test, None));
            };
            let end = Place {
                created_at: row.try_get("created_at")?,
                id: row.try_get("id")?,
            };
            if best.as_ref().is_none_or(|(_, furthest)| end < *furthest) {
                best = Some((test, end));
            }
        }
        Ok(best.map_or((None, None), |(test, end)| (test, Some(end))))
    }

    /// After a table's name: which index to read it along. SQLite has no
    /// figures to choose by, so it is told.
    fn along(self, index: &str) -> String {
        match self.0.engine() {
            Engine::Sqlite => format!(" INDEXED BY {index}"),
            Engine::Postgres => String::new(),
        }
    }

    /// What the tenant's calls can be filtered by.
    pub async fn choices(self, tenant: &Tenant) -> Result<CallChoices, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        // From one agent to the next: as many steps as there are agents, however
        // many calls they had.
        let agents = sqlx::query(
            "WITH RECURSIVE seen (id, n) AS ( \
                 SELECT MIN(agent_id), 1 FROM calls WHERE tenant_id = $1 AND live = 0 \
                 UNION ALL \
                 SELECT (SELECT MIN(c.agent_id) FROM calls c WHERE c.tenant_id = $1 \
                     AND c.live = 0 AND c.agent_id > seen.id), n + 1 \
                 FROM seen WHERE seen.id IS NOT NULL AND n < $2 \
             ), known (id) AS ( \
                 SELECT id FROM seen WHERE id IS NOT NULL AND id <> '' \
                 UNION SELECT id FROM agents WHERE tenant_id = $1 \
             ) \
             SELECT k.id, COALESCE( \
                 (SELECT c.agent_name FROM calls c WHERE c.tenant_id = $1 AND c.live = 0 \
                     AND c.agent_id = k.id ORDER BY c.created_at DESC, c.id DESC LIMIT 1), \
                 (SELECT a.name FROM agents a WHERE a.tenant_id = $1 AND a.id = k.id), \
                 k.id) AS name \
             FROM known k ORDER BY name, k.id LIMIT $2",
        )
        .bind(tenant.id())
        .bind(CHOICES)
        .fetch_all(db.connection())
        .await?;
        let public_keys = sqlx::query(
            "SELECT id, title AS name FROM public_keys WHERE tenant_id = $1 \
             ORDER BY title, id LIMIT $2",
        )
        .bind(tenant.id())
        .bind(CHOICES)
        .fetch_all(db.connection())
        .await?;
        Ok(CallChoices {
            agents: choices(&agents)?,
            public_keys: choices(&public_keys)?,
            ..CallChoices::default()
        })
    }
}

/// Joins what the agents are called.
const AGENTS: &str = " LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id";
const ORDER: &str = " ORDER BY c.created_at DESC, c.id DESC LIMIT ";

async fn rows(select: &Statement, db: &mut Connection) -> Result<Vec<CallSummary>, StoreError> {
    let rows = select.query().fetch_all(db).await?;
    Ok(rows.iter().map(summary).collect::<Result<_, _>>()?)
}

fn choices(rows: &[AnyRow]) -> Result<Vec<CallChoice>, sqlx::Error> {
    let choice = |row: &AnyRow| {
        Ok(CallChoice {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
        })
    };
    rows.iter().map(choice).collect()
}
