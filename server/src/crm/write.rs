//! Writing: a job for each call, and for what a contact said in one.
//!
//! CRMs know no key by which a thing sent twice is done once. So before anything is sent that
//! may arrive without an answer, that is noted; and who finds such a note looks for what may
//! have arrived, once the CRM has had time to index it, before it is sent again.

use std::time::Duration;

use api::calendar::Booking;
use axum::extract::FromRef;
use spoken::Language;

use super::activity::Activity;
use super::provider::{self, Person, Provider, Refusal, Who};
use super::store::{Kept, Outcome as Became};
use super::{Context, CrmError, connection, lookup, metrics};
use crate::calendar::{self, BookingFilter};
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::phone::E164;
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

/// The kind of the jobs that write.
pub(super) const KIND: &str = "crm.write";
/// How often writing is tried: for about an hour.
const MAX_ATTEMPTS: u32 = 12;
/// No CRM takes more from one account than a few requests a second.
pub(super) const TERMS: Terms = Terms {
    at_once: 8,
    each: 1,
    patience: Some(Duration::from_secs(2)),
    apart: Some(Duration::from_millis(250)),
    limit: Duration::from_secs(90),
};
/// How long CRMs take to find what was written (ms).
const SETTLES_MS: i64 = 10_000;
/// How long one server looks for a record, or makes it, before another may (ms).
const CLAIM_MS: i64 = 60_000;
/// How long another server's looking is waited for (ms).
const CLAIMED_MS: i64 = 2_000;
/// How long a CRM that gives no answer is left alone (ms).
const HANGS_MS: i64 = 30_000;
/// So many appointments of a call are told.
const BOOKINGS: u32 = 10;

/// Writes.
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Context, tenant, job| async move {
        match run(&cx, &tenant, &job).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
    .reaching_out()
    .while_switched_on()
}

/// Brings what was written of a call up to date once an appointment of it changes.
pub(super) fn follower<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    let kind = calendar::CHANGED;
    Handler::new(kind, TERMS, |cx: Context, tenant, job: Job| async move {
        let Some(call_id) = job.payload["call_id"].as_str() else {
            return Outcome::Park("The job names no call.".to_owned());
        };
        let now = cx.clock.now_ms();
        match cx
            .store
            .crm_writes()
            .renew_call(&tenant, call_id, now)
            .await
        {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
}

/// Why something is not written.
enum Not {
    /// The CRM refuses.
    Refused(Refusal),
    /// There is nothing to write, and why.
    Nothing(&'static str),
}

/// Why an attempt ends.
enum Stop {
    /// Nothing is written.
    Not(Not),
    /// Somebody else is at it.
    Claimed,
    /// Our own fault.
    Ours(CrmError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Not(Not::Refused(refusal))
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.into())
    }
}

fn nothing(why: &'static str) -> Stop {
    Stop::Not(Not::Nothing(why))
}

/// What was written: to which record, where people look at that, its own id, and by which number
/// they are known there.
struct Done {
    record: String,
    url: Option<String>,
    activity: Option<String>,
    number: Option<E164>,
}

/// One attempt.
struct Attempt<'a> {
    cx: &'a Context,
    tenant: &'a Tenant,
    provider: &'a dyn Provider,
    kept: &'a Kept,
    /// Whether something was sent in it that may arrive without an answer.
    sent: bool,
}

async fn run(cx: &Context, tenant: &Tenant, job: &Job) -> Result<Outcome, CrmError> {
    let Some(id) = job.payload["write_id"].as_str() else {
        return Ok(Outcome::Park("The job names nothing to write.".to_owned()));
    };
    // Written already, parked, or erased.
    let Some(kept) = cx.store.crm_writes().to_write(tenant, id).await? else {
        return Ok(Outcome::Done);
    };
    let now = cx.clock.now_ms();
    let Some(connection) = connection(&cx.store, &cx.vault, tenant).await? else {
        let skipped = Became::Skipped("The business has no CRM any more.");
        cx.store
            .crm_writes()
            .note(tenant, &kept, &skipped, now)
            .await?;
        return Ok(Outcome::Done);
    };
    let settled = kept.begun_at.map(|at| at + SETTLES_MS);
    if let Some(at) = settled.filter(|at| *at > now) {
        return Ok(Outcome::Later(at));
    }
    let name = provider::name(&connection.provider);
    let provider = cx.client.open(tenant, connection);
    let mut attempt = Attempt {
        cx,
        tenant,
        provider: &*provider,
        kept: &kept,
        sent: false,
    };
    let done = match &kept.call_id {
        Some(call_id) => attempt.call(call_id).await,
        None => attempt.contact().await,
    };
    let sent = attempt.sent;
    note(cx, tenant, name, &kept, sent, done).await
}

/// Notes what came of an attempt, and says what is next.
async fn note(
    cx: &Context,
    tenant: &Tenant,
    name: &'static str,
    kept: &Kept,
    sent: bool,
    done: Result<Done, Stop>,
) -> Result<Outcome, CrmError> {
    let now = cx.clock.now_ms();
    let attempts = kept.attempts + 1;
    let waits = |why, failed, unsure| Became::Waits {
        why,
        failed,
        unsure,
    };
    // What was sent before and not answered stays in doubt until it is looked for.
    let before = !sent && kept.begun_at.is_some();
    let done = match done {
        Err(Stop::Ours(error)) => return Err(error),
        Err(Stop::Claimed) => return Ok(Outcome::Later(now + CLAIMED_MS)),
        Err(Stop::Not(not)) => Err(not),
        Ok(done) => Ok(done),
    };
    let (became, counted, next) = match &done {
        Ok(done) => {
            let written = Became::Written {
                record: &done.record,
                url: done.url.as_deref(),
                activity: done.activity.as_deref(),
                number: done.number.as_ref(),
            };
            (written, "written", Outcome::Done)
        }
        Err(Not::Nothing(why)) => (Became::Skipped(why), "skipped", Outcome::Done),
        Err(Not::Refused(refusal @ Refusal::Limited(why, after))) => {
            let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
            tracing::warn!(tenant_id = tenant.id(), %refusal, "a CRM is asked too often");
            let rest = Outcome::Rest(now.saturating_add(after));
            (waits(why, false, before), "later", rest)
        }
        Err(Not::Refused(Refusal::Unsure { why, hangs })) => {
            let chance = rand::random::<f64>();
            match work::after_failure(attempts, MAX_ATTEMPTS, now, chance) {
                work::Failure::Park => (Became::Parked(why), "parked", Outcome::Done),
                work::Failure::RetryAt(_) if *hangs => {
                    let left_alone = Outcome::Unanswered(now + HANGS_MS);
                    (waits(why, true, sent || before), "later", left_alone)
                }
                work::Failure::RetryAt(at) => (
                    waits(why, true, sent || before),
                    "later",
                    Outcome::Later(at),
                ),
            }
        }
        Err(Not::Refused(Refusal::Key(why) | Refusal::Gone(why) | Refusal::Never(why))) => {
            (Became::Parked(why), "parked", Outcome::Done)
        }
    };
    if let Became::Parked(why) = became {
        tracing::warn!(
            tenant_id = tenant.id(),
            write_id = kept.id,
            why,
            "what is for a CRM is parked"
        );
    }
    cx.store
        .crm_writes()
        .note(tenant, kept, &became, now)
        .await?;
    metrics::written(&cx.metrics, name, counted);
    Ok(next)
}

impl Attempt<'_> {
    /// Writes a call to the record of who was on the other side.
    async fn call(&mut self, call_id: &str) -> Result<Done, Stop> {
        let (cx, tenant) = (self.cx, self.tenant);
        let facts = (cx.told)(&cx.store, tenant, call_id).await?;
        let facts = facts.ok_or(nothing("The call is gone."))?;
        let bookings = self.bookings(call_id).await?;
        let who = facts.number.clone().or_else(|| of_booking(&bookings));
        let phone = who.ok_or(nothing("Nobody is known who called."))?;
        let booked = bookings.first().map(|it| it.name.clone());
        let name = facts.name.clone().or(booked);
        let known = cx.store.contacts().by_phone(tenant, &phone).await?;
        let known = known.map(|it| it.details);
        let person = Person {
            name: name.filter(|name| !name.trim().is_empty()),
            email: known.as_ref().and_then(|it| it.email.clone()),
            language: known.and_then(|it| it.language),
            phone: Some(phone.clone()),
        };
        let number = phone.clone();
        let language = Language::of(&cx.store.tenants().first_language(tenant).await?);
        let url = cx.config.url_of(&format!("/desk/calls/{call_id}"));
        let activity = Activity::of(facts, &bookings, url, tenant.timezone(), language);
        if let Some((record, id)) = &self.kept.there {
            return Ok(Done {
                number: Some(number),
                ..self.brought_up_to_date(record, id, &activity).await?
            });
        }
        let who = Who::Phone(phone);
        let record = self.record(&who, &person).await?.0;
        let done = match self.written_to(&record, &activity).await {
            // Merged into another one, or deleted, since it was found.
            Err(Stop::Not(Not::Refused(Refusal::Gone(_)))) => {
                let record = self.record_anew(&who, &person).await?.0;
                self.written_to(&record, &activity).await
            }
            written => written,
        }?;
        Ok(Done {
            number: Some(number),
            ..done
        })
    }

    /// What was written to a record.
    fn done(&self, record: &str, activity: Option<String>) -> Done {
        Done {
            record: record.to_owned(),
            url: self.provider.link(record),
            activity,
            number: None,
        }
    }

    async fn written_to(&mut self, record: &str, activity: &Activity) -> Result<Done, Stop> {
        if self.kept.begun_at.is_some() {
            let listed = self.provider.activities(record).await?;
            let call_id = &activity.facts.call_id;
            if let Some(there) = listed.into_iter().find(|one| one.text.contains(call_id)) {
                // It may be there as it was before there was more to tell.
                return match self.kept.news {
                    0 => Ok(self.done(record, Some(there.id))),
                    _ => self.brought_up_to_date(record, &there.id, activity).await,
                };
            }
        }
        self.begin().await?;
        let id = self.provider.add_activity(record, activity).await?;
        Ok(self.done(record, Some(id)))
    }

    /// Says anew what was written of a call. One that somebody deleted there stays deleted.
    async fn brought_up_to_date(
        &self,
        record: &str,
        id: &str,
        activity: &Activity,
    ) -> Result<Done, Stop> {
        match self.provider.change_activity(record, id, activity).await {
            Ok(()) | Err(Refusal::Gone(_)) => Ok(self.done(record, Some(id.to_owned()))),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Writes what changed of a contact to its record.
    async fn contact(&mut self) -> Result<Done, Stop> {
        let (cx, tenant) = (self.cx, self.tenant);
        let id = self.kept.contact_id.as_deref().unwrap_or_default();
        let contact = cx.store.contacts().find(tenant, id).await?;
        let details = contact.ok_or(nothing("The contact is gone."))?.details;
        let phone = details
            .phone
            .as_deref()
            .and_then(|phone| E164::parse(phone).ok());
        let whole = Person {
            name: Some(details.name).filter(|name| !name.is_empty()),
            phone: phone.clone(),
            email: details.email.clone(),
            language: details.language,
        };
        let by_number = self.kept.number.clone().or(phone.clone()).map(Who::Phone);
        let who = by_number.or(details.email.map(Who::Email));
        let who = who.ok_or(nothing("The contact has neither a number nor an address."))?;
        let (mut record, made) = self.record(&who, &whole).await?;
        if !made {
            let has = |name: &str| self.kept.fields.iter().any(|field| field == name);
            let changed = Person {
                name: whole.name.clone().filter(|_| has("name")),
                // The number they are known by is not what they said of themselves.
                phone: whole
                    .phone
                    .clone()
                    .filter(|it| has("phone") && self.kept.number.as_ref() != Some(it)),
                email: whole.email.clone().filter(|_| has("email")),
                language: whole.language.clone().filter(|_| has("language")),
            };
            match self.provider.update(&record, &changed).await {
                Err(Refusal::Gone(_)) => {
                    let (anew, made) = self.record_anew(&who, &whole).await?;
                    if !made {
                        self.provider.update(&anew, &changed).await?;
                    }
                    record = anew;
                }
                done => done?,
            }
        }
        if let Some(new) = phone.clone().map(Who::Phone).filter(|new| *new != who) {
            let now = cx.clock.now_ms();
            cx.store
                .crm_records()
                .keep(tenant, &new, Some(&record), now, now)
                .await?;
        }
        Ok(Done {
            number: phone,
            ..self.done(&record, None)
        })
    }

    /// The record of somebody, and whether it was made just now. One server looks for it at a
    /// time: what one has made, another's search does not find yet.
    async fn record(&mut self, who: &Who, person: &Person) -> Result<(String, bool), Stop> {
        let (cx, tenant) = (self.cx, self.tenant);
        if let Some(record) = cx.store.crm_records().find(tenant, who).await? {
            return Ok((record, false));
        }
        let now = cx.clock.now_ms();
        if !cx
            .store
            .crm_records()
            .claim(tenant, who, now, now + CLAIM_MS)
            .await?
        {
            return Err(Stop::Claimed);
        }
        let found = self.found_or_made(who, person).await;
        let record = found.as_ref().ok().map(|(record, _)| record.as_str());
        let now = cx.clock.now_ms();
        // One that may have been made is not found at once.
        let in_doubt = self.sent && found.is_err();
        let until = if in_doubt { now + SETTLES_MS } else { now };
        let store = &cx.store;
        store
            .crm_records()
            .keep(tenant, who, record, until, now)
            .await?;
        found
    }

    /// The same of one that was merged into another, or deleted, since it was found.
    async fn record_anew(&mut self, who: &Who, person: &Person) -> Result<(String, bool), Stop> {
        let now = self.cx.clock.now_ms();
        let records = self.cx.store.crm_records();
        records.keep(self.tenant, who, None, now, now).await?;
        self.record(who, person).await
    }

    async fn found_or_made(&mut self, who: &Who, person: &Person) -> Result<(String, bool), Stop> {
        if let Some(found) = lookup::search(self.provider, who).await? {
            return Ok((found.id, false));
        }
        if let Some(email) = person.email.clone().map(Who::Email).filter(|it| it != who)
            && let Some(found) = lookup::search(self.provider, &email).await?
        {
            return Ok((found.id, false));
        }
        self.begin().await?;
        Ok((self.provider.create(person).await?, true))
    }

    async fn begin(&mut self) -> Result<(), Stop> {
        let now = self.cx.clock.now_ms();
        let begun = self
            .cx
            .store
            .crm_writes()
            .begin(self.tenant, &self.kept.id, now);
        begun.await?;
        self.sent = true;
        Ok(())
    }

    async fn bookings(&self, call_id: &str) -> Result<Vec<Booking>, Stop> {
        let filter = BookingFilter {
            call_id: Some(call_id.to_owned()),
            cancelled: true,
            ..BookingFilter::default()
        };
        let now = self.cx.clock.now_ms();
        let store = &self.cx.store;
        Ok(store
            .bookings()
            .page(self.tenant, &filter, None, BOOKINGS, now)
            .await?)
    }
}

/// The number somebody left with an appointment: of a call in the browser nothing else tells.
fn of_booking(bookings: &[Booking]) -> Option<E164> {
    let mut phones = bookings.iter().filter_map(|it| it.phone.as_deref());
    phones.find_map(|phone| E164::parse(phone).ok())
}
