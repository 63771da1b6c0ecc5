//! Contacts from a file and into one.
//!
//! A file is read when it comes, and kept in parts of a few lines. A job takes in a part with one
//! transaction, which says how far it is, too: whoever dies in the middle of it has done nothing,
//! and the next one goes on. What we write, this reads back as it was.

mod columns;
mod export;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod known;
mod sheet;

use std::time::{Duration, Instant};

use api::contact_files::{Fate, ImportPlan, ImportPreview, PreviewLine, Refusal, RefusedLine};
use axum::extract::FromRef;
use serde_json::json;

use super::{ContactImports, Contacts};
use crate::ground::Ground;
use crate::jobs::{Handler, Job, NewJob, Outcome, Terms};
use crate::store::{Scope, StoreError, Tenant};
use crate::web::Shared;
pub(super) use columns::guess;
use columns::{Said, read_line};
pub(super) use export::export;
pub(super) use known::{Known, Sought};
pub(super) use sheet::{BYTES_MAX, Line, Sheet, Unreadable, read};
pub(crate) use sheet::{MARK, written};

use super::store::Counts;

/// The kind of the jobs that take files in.
const KIND: &str = "contacts.import";
/// How often one may fail before somebody has to look at it.
const MAX_ATTEMPTS: u32 = 12;
/// A business takes in one file after another.
const TERMS: Terms = Terms {
    at_once: 2,
    each: 1,
    patience: Some(Duration::from_secs(2)),
    apart: None,
    limit: Duration::from_secs(10 * 60),
};
/// How long a job goes on with part after part before others have their turn.
const TURN: Duration = Duration::from_secs(1);
/// How much of a cell is shown as an example of its column.
const SAMPLE_CHARS: usize = 60;
/// How many lines of each kind a preview shows.
const SHOWN: usize = 20;

/// The job that takes a file in.
pub(super) fn job(id: &str, now: i64) -> NewJob {
    NewJob {
        kind: KIND,
        group: None,
        dedupe_key: Some(id.to_owned()),
        payload: json!({"import_id": id}),
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
    }
}

/// Takes files in.
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Ground: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Ground, tenant, job: Job| async move {
        let Some(id) = job.payload["import_id"].as_str() else {
            return Outcome::Park("The job names no file.".to_owned());
        };
        let begun = Instant::now();
        loop {
            match step(&cx, &tenant, id).await {
                Ok(false) => return Outcome::Done,
                Ok(true) if begun.elapsed() > TURN => return Outcome::Later(cx.clock.now_ms()),
                Ok(true) => {}
                Err(error) => return Outcome::Retry(error.to_string()),
            }
        }
    })
}

/// Takes a part in. Returns whether there may be more.
async fn step(cx: &Ground, tenant: &Tenant, id: &str) -> Result<bool, StoreError> {
    let (store, now) = (&cx.store, cx.clock.now_ms());
    let mut write = store.write(Scope::Of(tenant)).await?;
    let imports = store.contact_imports();
    let Some(step) = imports.step(&mut write, tenant, id, now).await? else {
        write.commit().await?;
        return Ok(false);
    };
    let read = read_lines(&step.plan, &step.lines);
    let sought = Sought::of(read.iter().filter_map(|(_, said)| said.as_ref().ok()));
    let mut known = Known::default();
    let found = Contacts::sought_in(write.connection(), tenant, &sought).await?;
    known.add(found, step.since);
    let mut counts = Counts::default();
    let mut refused = Vec::new();
    for (line, said) in read {
        counts.done += 1;
        match said.and_then(|said| known.take(&said).map(|(fate, _)| fate)) {
            Ok(Fate::New) => counts.created += 1,
            Ok(Fate::Changed) => counts.changed += 1,
            Ok(Fate::Same | Fate::Unknown) => {}
            Err(reason) => refused.push(refusal(line, reason)),
        }
    }
    let (new, changed) = known.written();
    if !Contacts::write_lines(&mut write, tenant, new, changed, now).await? {
        // Somebody took one of the numbers meanwhile: what is there then is looked at anew.
        return Ok(true);
    }
    ContactImports::stepped(&mut write, tenant, id, &step, counts, &refused).await?;
    write.commit().await?;
    Ok(true)
}

/// What stands in each column, for example.
fn samples(columns: usize, lines: &[Line]) -> Vec<String> {
    let sample = |at: usize| {
        let cells = lines.iter().filter_map(|line| line.cells.get(at));
        let cell = cells.map(|cell| cell.trim()).find(|cell| !cell.is_empty());
        cell.unwrap_or_default()
            .chars()
            .take(SAMPLE_CHARS)
            .collect()
    };
    (0..columns).map(sample).collect()
}

fn read_lines<'a>(plan: &ImportPlan, lines: &'a [Line]) -> Vec<(&'a Line, Result<Said, Refusal>)> {
    let read = lines
        .iter()
        .map(|line| (line, read_line(plan, &line.cells)));
    read.collect()
}

fn refusal(line: &Line, reason: Refusal) -> RefusedLine {
    RefusedLine {
        line: line.number,
        reason,
        cells: line.cells.clone(),
    }
}

/// What would become of a file that came then (Unix ms), read so: all of it is looked at, part
/// after part.
pub(super) async fn preview(
    cx: &Ground,
    tenant: &Tenant,
    (id, since): (&str, i64),
    plan: &ImportPlan,
) -> Result<ImportPreview, StoreError> {
    let mut preview = ImportPreview::default();
    let mut known = Known::default();
    let imports = cx.store.contact_imports();
    let mut number = 0;
    while let Some(lines) = imports.part(tenant, id, number).await? {
        if number == 0 {
            preview.samples = samples(plan.columns.len(), &lines);
        }
        number += 1;
        let read = read_lines(plan, &lines);
        let sought = Sought::of(read.iter().filter_map(|(_, said)| said.as_ref().ok()));
        known.add(cx.store.contacts().sought(tenant, &sought).await?, since);
        for (line, said) in read {
            match said.and_then(|said| known.take(&said).map(|(fate, it)| (fate, it.clone()))) {
                Ok((fate, details)) => {
                    *match fate {
                        Fate::New => &mut preview.new,
                        Fate::Changed => &mut preview.changed,
                        Fate::Same | Fate::Unknown => &mut preview.same,
                    } += 1;
                    if preview.first.len() < SHOWN {
                        preview.first.push(PreviewLine {
                            line: line.number,
                            fate,
                            details,
                        });
                    }
                }
                Err(reason) => {
                    preview.refused += 1;
                    if preview.first_refused.len() < SHOWN {
                        preview.first_refused.push(refusal(line, reason));
                    }
                }
            }
        }
    }
    Ok(preview)
}
