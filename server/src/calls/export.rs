//! All calls of a filter, as a file.

use std::collections::{HashMap, HashSet};

use api::calls::ExportedCall;
use api::desk::CallSummary;
use futures_util::{Stream, stream};

use super::CallFilter;
use super::store::CallCursor;
use crate::contacts::{MARK, written};
use crate::notify::event::iso;
use crate::store::{Store, StoreError, Tenant};

/// How many calls are read at once.
const PAGE: u32 = 500;
/// The columns of a table.
const COLUMNS: [&str; 21] = [
    "id",
    "created at",
    "started at",
    "ended at",
    "type",
    "direction",
    "from",
    "to",
    "contact",
    "agent id",
    "agent",
    "status",
    "duration (s)",
    "disconnection reason",
    "sentiment",
    "successful",
    "cost (US cents)",
    "about",
    "disposition",
    "tags",
    "note",
];

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// A table, as spreadsheets read it. Whatever one would take for a formula has an apostrophe
    /// before it.
    #[default]
    Csv,
    /// A JSON object a line.
    Jsonl,
}

impl Format {
    /// Its media type, and how the name of its file ends.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("text/csv; charset=utf-8", "csv"),
            Self::Jsonl => ("application/jsonl; charset=utf-8", "jsonl"),
        }
    }

    fn head(self) -> String {
        match self {
            Self::Csv => format!("{MARK}{}", written(COLUMNS)),
            Self::Jsonl => String::new(),
        }
    }

    fn line(self, call: &ExportedCall) -> String {
        match self {
            Self::Csv => written(cells(call).iter().map(String::as_str)),
            // Texts and numbers: serialising it cannot fail.
            Self::Jsonl => serde_json::to_string(call).unwrap_or_default() + "\n",
        }
    }
}

/// Where the file is.
#[derive(Default)]
struct Place {
    after: Option<CallCursor>,
    /// Those that went on when they were written: they end while the rest is, and come again.
    live: HashSet<String>,
}

/// The file, a piece at a time. Who the contacts are is told only to who may know it.
pub(super) fn export(
    store: &Store,
    tenant: &Tenant,
    filter: CallFilter,
    format: Format,
    tells_contacts: bool,
) -> impl Stream<Item = Result<String, StoreError>> + Send + use<> {
    let (store, tenant) = (store.clone(), tenant.clone());
    let begin = (format.head(), Place::default());
    stream::try_unfold(Some(begin), move |begin| {
        let (store, tenant, filter) = (store.clone(), tenant.clone(), filter.clone());
        async move {
            let Some((mut piece, mut place)) = begin else {
                return Ok(None);
            };
            let calls = store.calls();
            let after = place.after.as_ref();
            let page = calls.page(&tenant, &filter, after, PAGE).await?;
            let ids: Vec<_> = page.calls.iter().map(|call| call.id.as_str()).collect();
            let mut more = store.wrap_ups().of_many(&tenant, &ids).await?;
            for mut call in page.calls {
                let is_new = match call.status.is_live() {
                    true => place.live.insert(call.id.clone()),
                    false => !place.live.contains(&call.id),
                };
                if !tells_contacts {
                    call.contact_name = None;
                }
                if is_new {
                    piece.push_str(&format.line(&exported(call, &mut more)));
                }
            }
            place.after = page.next;
            let next = place.after.is_some().then(|| (String::new(), place));
            Ok(Some((piece, next)))
        }
    })
}

fn exported(call: CallSummary, more: &mut HashMap<String, ExportedCall>) -> ExportedCall {
    match more.remove(&call.id) {
        Some(more) => ExportedCall { call, ..more },
        // It was deleted just now.
        None => ExportedCall {
            call,
            cost_cents: None,
            said: Default::default(),
            notes: Vec::new(),
        },
    }
}

fn cells(exported: &ExportedCall) -> [String; COLUMNS.len()] {
    let ExportedCall {
        call,
        cost_cents,
        said,
        notes,
    } = exported;
    let notes: Vec<_> = notes.iter().map(|note| note.text.as_str()).collect();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |at: Option<i64>| at.map(iso).unwrap_or_default();
    let status = serde_json::to_value(call.status).ok();
    let status = status.as_ref().and_then(|status| status.as_str());
    [
        call.id.clone(),
        iso(call.created_at),
        time(call.started_at),
        time(call.ended_at),
        call.call_type.clone(),
        text(&call.direction),
        text(&call.from_number),
        text(&call.to_number),
        text(&call.contact_name),
        call.agent_id.clone(),
        text(&call.agent_name),
        status.unwrap_or_default().to_owned(),
        call.duration_ms
            .map_or_else(String::new, |ms| (ms / 1000).to_string()),
        text(&call.disconnection_reason),
        text(&call.user_sentiment),
        call.successful
            .map_or("", |yes| if yes { "yes" } else { "no" })
            .to_owned(),
        cost_cents.map_or_else(String::new, |cents| cents.to_string()),
        text(&call.about),
        text(&said.disposition),
        said.tags.join(", "),
        notes.join("\n"),
    ]
}
