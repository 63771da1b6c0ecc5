//! What the filters of the call list are in SQL.

use api::calls::{CallState, Number};
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

use super::place::Place;
use super::search::{NAME, begins};
use crate::calendar::BOOKED_IN_CALL;
use crate::calls::CallFilter;
use crate::store::Tenant;

/// A value of a statement.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Number(i64),
}

/// What a call has to have. Those that have it stand together somewhere, in the order of the
/// list.
pub(super) struct Test {
    column: &'static str,
    /// This; any at all where there is none.
    value: Option<Value>,
    pub(super) place: Together,
}

impl Test {
    /// Which index of the calls they stand together in; the list's own where it is none.
    pub(super) fn index(&self) -> &'static str {
        match self.place {
            Together::Index(index) => index,
            Together::Table(_) => "calls_list",
        }
    }
}

/// Where they stand together.
#[derive(Clone, Copy)]
pub(super) enum Together {
    /// In this index of the calls that are over.
    Index(&'static str),
    /// In a table of its own, of which the column is one; with the calls' ids and when they began.
    Table(&'static Entries),
}

/// A table of what calls have, as statements name it.
pub(super) struct Entries {
    /// Its rows, `g`.
    pub(super) rows: &'static str,
    /// The same, and the calls `c` they are of. SQLite takes what is crossed in the order it
    /// stands.
    pub(super) with_calls: &'static str,
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
pub(super) struct Statement {
    pub(super) sql: String,
    values: Vec<Value>,
}

impl Statement {
    pub(super) fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    fn value(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }

    pub(super) fn number(&mut self, value: i64) {
        self.value(Value::Number(value));
    }

    pub(super) fn query(&self) -> Query<'_, Any, AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.sql.clone()));
        self.values.iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(*number),
        })
    }

    /// The calls of a tenant that (do not) go on, from `place` on.
    pub(super) fn push_base(&mut self, live: bool, span: &Span<'_>) {
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

    pub(super) fn push_test(&mut self, test: &Test) {
        match (test.place, &test.value) {
            (Together::Table(entries), Some(value)) => {
                self.push(entries.has);
                self.value(value.clone());
                self.push(")");
            }
            _ => self.push_column("c", test),
        }
    }

    /// That a column of this table has what a test asks for.
    fn push_column(&mut self, table: &str, test: &Test) {
        self.push(&format!(" AND {table}.{}", test.column));
        match &test.value {
            Some(value) => {
                self.push(" = ");
                self.value(value.clone());
            }
            None => self.push(" IS NOT NULL"),
        }
    }

    /// The rows `g` of the table that a test has, from `place` on.
    pub(super) fn push_entries(&mut self, test: &Test, span: &Span<'_>) {
        self.push_span("g", "call_id", span);
        self.push_column("g", test);
    }

    /// Not further than this.
    pub(super) fn push_end(&mut self, table: &str, id: &str, end: &Place) {
        self.push(&format!(" AND ({table}.created_at, {table}.{id}) >= ("));
        self.number(end.created_at);
        self.push(", ");
        self.value(Value::Text(end.id.clone()));
        self.push(")");
    }

    /// What no index answers.
    pub(super) fn push_rest(&mut self, filter: &CallFilter) {
        if filter.flagged == Some(false) {
            self.push(" AND c.flagged IS NULL");
        }
        if filter.warned == Some(false) {
            self.push(" AND c.warning IS NULL");
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
        if let Some(beginning) = &filter.beginning {
            self.push(
                " AND EXISTS (SELECT 1 FROM transcripts t WHERE t.call_id = c.id \
                   AND ' ' || t.words LIKE ",
            );
            self.value(Value::Text(begins(beginning)));
            self.push(")");
        }
        if !filter.named.is_empty() {
            self.push(
                " AND EXISTS (SELECT 1 FROM contact_numbers n JOIN contacts k \
                   ON k.id = n.contact_id WHERE n.tenant_id = c.tenant_id AND n.number = CASE \
                   c.direction WHEN 'outbound' THEN c.to_number ELSE c.from_number END",
            );
            for word in &filter.named {
                self.push(" AND ");
                self.push(NAME);
                self.push(" LIKE ");
                self.value(Value::Text(begins(word)));
            }
            self.push(")");
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
pub(super) struct Span<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) after: Place,
    pub(super) since: Option<i64>,
}

/// What a call has to have by these filters, where those that have it stand together.
pub(super) fn tests(filter: &CallFilter) -> Vec<Test> {
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
            value: Some(value?),
            place: Together::Index(index),
        })
    })
    .chain(filter.warned.filter(|warned| *warned).map(|_| Test {
        column: "warning",
        value: None,
        place: Together::Index("calls_by_warning"),
    }))
    .chain(in_tables(filter))
    .collect()
}

/// The filters that are tables.
fn in_tables(filter: &CallFilter) -> impl Iterator<Item = Test> {
    let test = |column, value: &String, entries| Test {
        column,
        value: Some(Value::Text(value.clone())),
        place: Together::Table(entries),
    };
    let words = filter.words.iter();
    let words = words.map(move |word| test("word", word, &WORDS));
    let tag = filter.tag.iter();
    words.chain(tag.map(move |tag| test("tag", tag, &TAGS)))
}
