//! Pages of the call list, filtered.
//!
//! No page costs more than another, however long the tenant's history is and
//! whatever is asked of it. Calls that go on are few: they are looked through.
//! The others are read along one index, in the order of the list. One filter is
//! one index, and each word that was said, and each tag, is a table that is read like one. With several, the index is taken in which the next [`WALK`]
//! entries reach back the furthest, which says how rare what it holds is right
//! here; that many calls are looked at, and the page says how far it came.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::str::FromStr;

use api::calls::{CallChoice, CallChoices, CallState, Number};
use api::desk::CallSummary;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row};

use super::{Calls, summary, summary_columns};
use crate::calendar::BOOKED_IN_CALL;
use crate::calls::CallFilter;
use crate::store::{Connection, Engine, Scope, StoreError, Tenant};
use crate::web::paging::{self, NoPlace};

/// How many calls are looked at for a page when no index holds just those that
/// are asked for.
const WALK: i64 = 1_000;
/// How many agents and how many keys are offered to choose from.
const CHOICES: i64 = 200;

/// Where a page of the call list begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCursor {
    live: bool,
    place: Place,
}

/// A place in the order of the list, among the calls that go on or among the
/// others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    created_at: i64,
    id: String,
}

impl Display for CallCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { created_at, id } = self.place.clone();
        let numbers = [i64::from(self.live), created_at];
        paging::Place { numbers, id }.fmt(f)
    }
}

impl FromStr for CallCursor {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let paging::Place { numbers, id } = text.parse()?;
        let [live @ (0 | 1), created_at] = numbers else {
            return Err(NoPlace);
        };
        let place = Place { created_at, id };
        Ok(Self {
            live: live == 1,
            place,
        })
    }
}

impl Place {
    /// Before every call.
    fn top() -> Self {
        Self::at(i64::MAX)
    }

    /// Before every call that was created earlier than this (Unix ms).
    fn at(created_at: i64) -> Self {
        Self {
            created_at,
            id: String::new(),
        }
    }

    fn of(call: &CallSummary) -> Self {
        Self {
            created_at: call.created_at,
            id: call.id.clone(),
        }
    }
}

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

/// A value of a statement.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Number(i64),
}

/// What a call has to have. Those that have it stand together somewhere, in the order of the
/// list.
struct Test {
    column: &'static str,
    value: Value,
    place: Together,
}

impl Test {
    /// Which index of the calls they stand together in; the list's own where it is none.
    fn index(&self) -> &'static str {
        match self.place {
            Together::Index(index) => index,
            Together::Table(_) => "calls_list",
        }
    }
}

/// Where they stand together.
#[derive(Clone, Copy)]
enum Together {
    /// In this index of the calls that are over.
    Index(&'static str),
    /// In a table of its own, of which the column is one; with the calls' ids and when they began.
    Table(&'static Entries),
}

/// A table of what calls have, as statements name it.
struct Entries {
    /// Its rows, `g`.
    rows: &'static str,
    /// The same, and the calls `c` they are of. SQLite takes what is crossed in the order it
    /// stands.
    with_calls: &'static str,
    /// Whether the call `c` is among those with a value, which follows.
    has: &'static str,
}

const WORDS: Entries = Entries {
    rows: " FROM said_words g WHERE",
    with_calls: " FROM said_words g CROSS JOIN calls c ON c.id = g.call_id",
    has: " AND EXISTS (SELECT 1 FROM said_words h WHERE h.tenant_id = c.tenant_id \
          AND h.created_at = c.created_at AND h.call_id = c.id AND h.word = ",
};

const TAGS: Entries = Entries {
    rows: " FROM call_tags g WHERE",
    with_calls: " FROM call_tags g CROSS JOIN calls c ON c.id = g.call_id",
    has: " AND EXISTS (SELECT 1 FROM call_tags h WHERE h.tenant_id = c.tenant_id \
          AND h.created_at = c.created_at AND h.call_id = c.id AND h.tag = ",
};

/// A statement under construction.
#[derive(Default)]
struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    fn value(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }

    fn number(&mut self, value: i64) {
        self.value(Value::Number(value));
    }

    fn query(&self) -> Query<'_, Any, AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.sql.clone()));
        self.values.iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(*number),
        })
    }

    /// The calls of a tenant that (do not) go on, from `place` on.
    fn push_base(&mut self, live: bool, span: &Span<'_>) {
        // Spelled out: only so does an index of some rows fit.
        self.push(if live {
            " c.live = 1 AND"
        } else {
            " c.live = 0 AND"
        });
        self.push_span("c", "id", span);
    }

    /// The rows of a tenant from `place` on, of a table called so in which a call's id has this
    /// name.
    fn push_span(&mut self, table: &str, id: &str, span: &Span<'_>) {
        self.push(&format!(" {table}.tenant_id = "));
        self.value(Value::Text(span.tenant.id().to_owned()));
        self.push(&format!(" AND ({table}.created_at, {table}.{id}) < ("));
        self.number(span.after.created_at);
        self.push(", ");
        self.value(Value::Text(span.after.id.clone()));
        self.push(")");
        if let Some(since) = span.since {
            self.push(&format!(" AND {table}.created_at >= "));
            self.number(since);
        }
    }

    fn push_test(&mut self, test: &Test) {
        match test.place {
            Together::Index(_) => {
                self.push(&format!(" AND c.{} = ", test.column));
                self.value(test.value.clone());
            }
            Together::Table(entries) => {
                self.push(entries.has);
                self.value(test.value.clone());
                self.push(")");
            }
        }
    }

    /// The rows `g` of the table that a test has, from `place` on.
    fn push_entries(&mut self, test: &Test, span: &Span<'_>) {
        self.push_span("g", "call_id", span);
        self.push(&format!(" AND g.{} = ", test.column));
        self.value(test.value.clone());
    }

    /// Not further than this.
    fn push_end(&mut self, table: &str, id: &str, end: &Place) {
        self.push(&format!(" AND ({table}.created_at, {table}.{id}) >= ("));
        self.number(end.created_at);
        self.push(", ");
        self.value(Value::Text(end.id.clone()));
        self.push(")");
    }

    /// What no index answers.
    fn push_rest(&mut self, filter: &CallFilter) {
        if filter.flagged == Some(false) {
            self.push(" AND c.flagged IS NULL");
        }
        if let Some(number) = &filter.number {
            self.push(
                " AND CASE c.direction WHEN 'outbound' THEN c.to_number ELSE c.from_number END",
            );
            match number {
                Number::Whole(whole) => {
                    self.push(" = ");
                    self.value(Value::Text(whole.clone()));
                }
                // Nothing but digits.
                Number::Ending(digits) => {
                    self.push(" LIKE ");
                    self.value(Value::Text(format!("%{digits}")));
                }
            }
        }
        for (sql, ms) in [
            (" AND c.duration_ms >= ", filter.min_duration_ms),
            (" AND c.duration_ms <= ", filter.max_duration_ms),
        ] {
            if let Some(ms) = ms {
                self.push(sql);
                self.number(ms);
            }
        }
        for (sql, cents) in [
            (" AND c.cost_cents >= ", filter.min_cost_cents),
            (" AND c.cost_cents <= ", filter.max_cost_cents),
        ] {
            if let Some(cents) = cents {
                self.push(sql);
                self.number(cents);
            }
        }
        if let Some(has) = filter.has_disposition {
            self.push(" AND c.disposition IS ");
            self.push(if has { "NOT NULL" } else { "NULL" });
        }
        if let Some(has) = filter.has_booking {
            self.push(if has { " AND " } else { " AND NOT " });
            self.push(BOOKED_IN_CALL);
        }
    }
}

/// The calls a page may come from.
struct Span<'a> {
    tenant: &'a Tenant,
    after: Place,
    since: Option<i64>,
}

/// The filters that are indexes.
fn tests(filter: &CallFilter) -> Vec<Test> {
    let text = |value: &Option<String>| value.clone().map(Value::Text);
    let yes = |value: Option<bool>| value.map(i64::from).map(Value::Number);
    let status = filter.status.filter(|status| *status != CallState::Live);
    let tail = filter.number.as_ref().map(|number| {
        let (Number::Whole(digits) | Number::Ending(digits)) = number;
        // Digits: one byte each, and at least so many.
        digits[digits.len() - Number::MIN_DIGITS..].to_owned()
    });
    [
        (
            "status",
            status.map(|status| Value::Text(status.name().to_owned())),
            "calls_by_status",
        ),
        ("call_type", text(&filter.call_type), "calls_by_type"),
        ("direction", text(&filter.direction), "calls_by_direction"),
        ("agent_id", text(&filter.agent_id), "calls_by_agent"),
        (
            "public_key_id",
            text(&filter.public_key_id),
            "calls_by_public_key",
        ),
        ("number_tail", tail.map(Value::Text), "calls_by_number"),
        (
            "disconnection_reason",
            text(&filter.disconnection_reason),
            "calls_by_reason",
        ),
        (
            "user_sentiment",
            text(&filter.user_sentiment),
            "calls_by_sentiment",
        ),
        ("successful", yes(filter.successful), "calls_by_success"),
        (
            "has_recording",
            yes(filter.has_recording),
            "calls_by_recording",
        ),
        (
            "disposition",
            text(&filter.disposition),
            "calls_by_disposition",
        ),
        ("claimed_by", text(&filter.claimed_by), "calls_by_claim"),
        (
            "flagged",
            yes(filter.flagged.filter(|flagged| *flagged)),
            "calls_by_flag",
        ),
    ]
    .into_iter()
    .filter_map(|(column, value, index)| {
        Some(Test {
            column,
            value: value?,
            place: Together::Index(index),
        })
    })
    .chain(in_tables(filter))
    .collect()
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
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let db = db.connection();

        let mut page = CallRows::default();
        let wants_live = filter.status.is_none_or(|status| status == CallState::Live);
        if wants_live && after.is_none_or(|after| after.live) {
            page.calls = self.live(db, &span(true), &tests, filter, limit).await?;
            if page.calls.len() > limit {
                page.calls.truncate(limit);
                page.next = cursor(page.calls.last());
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
            page.next = cursor(page.calls.last());
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

/// The filters that are tables.
fn in_tables(filter: &CallFilter) -> impl Iterator<Item = Test> {
    let test = |column, value: &String, entries| Test {
        column,
        value: Value::Text(value.clone()),
        place: Together::Table(entries),
    };
    let words = filter.words.iter();
    let words = words.map(move |word| test("word", word, &WORDS));
    let tag = filter.tag.iter();
    words.chain(tag.map(move |tag| test("tag", tag, &TAGS)))
}

/// Joins what the agents are called.
const AGENTS: &str = " LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id";
const ORDER: &str = " ORDER BY c.created_at DESC, c.id DESC LIMIT ";

async fn rows(select: &Statement, db: &mut Connection) -> Result<Vec<CallSummary>, StoreError> {
    let rows = select.query().fetch_all(db).await?;
    Ok(rows.iter().map(summary).collect::<Result<_, _>>()?)
}

fn cursor(last: Option<&CallSummary>) -> Option<CallCursor> {
    last.map(|call| CallCursor {
        live: call.status.is_live(),
        place: Place::of(call),
    })
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

#[cfg(test)]
mod cursor_tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = CallCursor {
            live: true,
            place: Place {
                created_at: -5,
                id: "call.with.dots".to_owned(),
            },
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1", "1.2", "2.0.x", "1.x.y", "1.99999999999999999999.x"] {
            assert_eq!(text.parse::<CallCursor>(), Err(NoPlace), "{text:?}");
        }
    }
}
