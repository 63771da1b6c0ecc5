//! Calendars people have elsewhere, over CalDAV: a member of staff or the business is linked to
//! one. What is in it keeps its owner from being booked; what is booked is written into it.
//!
//! When it is busy is kept in the database and read anew every few minutes by a job ([`read`]),
//! and before something is booked. A server that is away is taken at its last word, and that is
//! said. Bookings are written by jobs ([`write`]): a row says that one is to stand there as it
//! is now, so that whatever happened to it meanwhile is written once. What somebody does there
//! with the event of one, the booking follows ([`follow`]).

mod follow;
pub(super) mod read;
mod taken;
pub(super) mod write;

use api::linked_calendars::{
    FoundCalendar, LinkOutcome, LinkTest, LinkedCalendar, SaveLinkedCalendar,
};
use caldav::{Login, Server};
use futures_util::future::join_all;
use outbound::{Checked, Failure};

use super::Context;
use super::store::KeptLink;
use crate::config::{Config, trimmed};
use crate::deeds::Author;
use crate::invalid::Invalid;
use crate::store::{Store, StoreError, Tenant};
use crate::vault::{Vault, VaultError};

pub(super) use taken::{Booked, Times, replaced, uid};

use taken::besides;

const ADDRESS_CHARS: usize = 500;
const USER_CHARS: usize = 200;
const PASSWORD_CHARS: usize = 200;

/// What requests go out by.
pub(super) fn client(config: &Config) -> Result<Checked, reqwest::Error> {
    let at_once = write::TERMS.at_most() + read::TERMS.at_most() + read::FRESH_AT_ONCE;
    Checked::new(config.outbound.clone(), caldav::limits(at_once))
}

/// Why a linked calendar is not asked, or not kept. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// There is none of this id.
    #[error("There is no such linked calendar.")]
    None,
    /// Somebody has one already.
    #[error("A calendar is linked already: change it, or remove it first.")]
    Linked,
    /// Something that was sent cannot be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The server says no.
    #[error(transparent)]
    Caldav(#[from] caldav::Error),
    /// The password cannot be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn purpose(id: &str) -> String {
    format!("calendar_links/{id}/password")
}

/// The server of a link, as its user sees it.
fn open(http: &Checked, vault: &Vault, link: &KeptLink) -> Result<Server, LinkError> {
    let password = vault.open(&purpose(&link.shown.id), &link.sealed)?;
    let login = Login {
        address: link.shown.address.clone(),
        user: link.shown.user.clone(),
        password: password.expose().to_owned(),
    };
    Ok(Server::new(http, &login)?)
}

/// Links a calendar, which is chosen later.
pub(super) async fn add(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    save: &SaveLinkedCalendar,
) -> Result<LinkedCalendar, LinkError> {
    let plan = cx.store.calendars().plan(tenant).await?;
    let unknown = |id: &String| plan.name_of(id).is_none();
    if save.staff_id.as_ref().is_some_and(unknown) {
        return Err(Invalid::of("staff_id", "staff_id names nobody who works here.").into());
    }
    let id = uuid::Uuid::now_v7().to_string();
    let password = checked(save)?.ok_or_else(|| Invalid::of("password", "password is missing."))?;
    let link = LinkedCalendar {
        id: id.clone(),
        staff_id: save.staff_id.clone(),
        address: trimmed(&save.address).to_owned(),
        user: trimmed(&save.user).to_owned(),
        calendar: None,
        name: None,
        read_at: None,
        failed_at: None,
        reason: None,
    };
    let sealed = cx.vault.seal(&purpose(&id), password)?;
    let link = KeptLink::new(link, sealed);
    // Whether the address may be asked at all.
    open(&cx.calendars, &cx.vault, &link)?;
    let now = cx.clock.now_ms();
    if !cx
        .store
        .calendar_links()
        .add(tenant, &link, author, now)
        .await?
    {
        return Err(LinkError::Linked);
    }
    Ok(link.shown)
}

/// Says anew how a calendar is reached, or which it is. What was known of another one is
/// forgotten, and this one is read at once.
pub(super) async fn change(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    author: &Author,
    save: &SaveLinkedCalendar,
) -> Result<LinkedCalendar, LinkError> {
    let password = checked(save)?;
    let before = cx.store.calendar_links().find(tenant, id).await?;
    let mut link = before.ok_or(LinkError::None)?;
    link.shown.address = trimmed(&save.address).to_owned();
    link.shown.user = trimmed(&save.user).to_owned();
    if let Some(password) = password {
        link.sealed = cx.vault.seal(&purpose(id), password)?;
    }
    // Whether the address may be asked at all.
    let server = open(&cx.calendars, &cx.vault, &link)?;
    let chosen = save.calendar.as_ref();
    if let Some(wanted) = chosen.filter(|it| Some(*it) != link.shown.calendar.as_ref()) {
        let name = named(&server, wanted).await?;
        link = KeptLink::new(link.shown, link.sealed);
        link.shown.calendar = Some(wanted.clone());
        link.shown.name = Some(name);
    }
    let now = cx.clock.now_ms();
    if !cx
        .store
        .calendar_links()
        .set(tenant, &link, author, now)
        .await?
    {
        return Err(LinkError::None);
    }
    if link.shown.calendar.is_some() {
        read::whole(cx, tenant, &link).await?;
    }
    let kept = cx.store.calendar_links().find(tenant, id).await?;
    Ok(kept.ok_or(LinkError::None)?.shown)
}

/// What the user's calendar at this address is called.
async fn named(server: &Server, wanted: &str) -> Result<String, LinkError> {
    let mut all = server.calendars().await?.into_iter();
    let found = all.find(|it| it.url == wanted);
    let found = found.ok_or(caldav::Error::NoCalendar)?;
    if !found.writable {
        return Err(caldav::Error::Forbidden.into());
    }
    Ok(found.name)
}

/// The password that was given, if the rest is well.
fn checked(save: &SaveLinkedCalendar) -> Result<Option<&str>, Invalid> {
    let fits = |what: &str, text: &str, most: usize| {
        let length = text.chars().count();
        let wrong = || Invalid::of(what, format!("{what} has 1 to {most} characters."));
        (1..=most).contains(&length).then_some(()).ok_or_else(wrong)
    };
    fits("address", trimmed(&save.address), ADDRESS_CHARS)?;
    fits("user", trimmed(&save.user), USER_CHARS)?;
    if save.user.contains(':') {
        return Err(Invalid::of("user", "user has no colon."));
    }
    let password = save.password.as_deref().map(trimmed);
    let password = password.filter(|it| !it.is_empty());
    if let Some(password) = password {
        fits("password", password, PASSWORD_CHARS)?;
    }
    Ok(password)
}

/// Asks the server for the user's calendars, and reads the one that is chosen.
pub(super) async fn test(cx: &Context, tenant: &Tenant, id: &str) -> Result<LinkTest, LinkError> {
    let link = cx.store.calendar_links().find(tenant, id).await?;
    let link = link.ok_or(LinkError::None)?;
    let asked = open(&cx.calendars, &cx.vault, &link)?.calendars().await;
    let chosen = link.shown.calendar.as_deref();
    let gone =
        |all: &[caldav::Calendar]| chosen.is_some_and(|it| all.iter().all(|one| one.url != it));
    if asked.is_ok() && chosen.is_some() {
        read::whole(cx, tenant, &link).await?;
    }
    Ok(match asked {
        Ok(all) if all.is_empty() || gone(&all) => LinkTest {
            reason: Some(caldav::Error::NoCalendar.to_string()),
            ..tested(LinkOutcome::Calendar, all)
        },
        Ok(all) => tested(LinkOutcome::Works, all),
        Err(error) => LinkTest {
            reason: Some(error.to_string()),
            ..tested(outcome(&error), Vec::new())
        },
    })
}

fn tested(outcome: LinkOutcome, calendars: Vec<caldav::Calendar>) -> LinkTest {
    let found = |it: caldav::Calendar| FoundCalendar {
        url: it.url,
        name: it.name,
        writable: it.writable,
    };
    LinkTest {
        outcome,
        calendars: calendars.into_iter().map(found).collect(),
        reason: None,
    }
}

fn outcome(error: &caldav::Error) -> LinkOutcome {
    match error {
        caldav::Error::Credentials => LinkOutcome::Credentials,
        caldav::Error::NotCaldav | caldav::Error::Failure(Failure::Address(_)) => {
            LinkOutcome::Address
        }
        caldav::Error::NoCalendar => LinkOutcome::Calendar,
        error if error.passes() => LinkOutcome::Silent,
        _ => LinkOutcome::Refused,
    }
}

/// Tries every business's linked calendars out, for the command line: whose, and what came of
/// it.
///
/// # Errors
/// When the database fails, or the system's TLS cannot be set up.
pub(crate) async fn check(
    config: &Config,
    store: &Store,
    vault: &Vault,
) -> anyhow::Result<Vec<(Tenant, LinkedCalendar, Result<usize, String>)>> {
    let http = client(config)?;
    let mut tried = Vec::new();
    for tenant in store.every_tenant().await? {
        let links = store.calendar_links().all(&tenant).await?;
        let trying = links.into_iter().map(async |link| {
            let found = match open(&http, vault, &link) {
                Ok(server) => server.calendars().await.map_err(|it| it.to_string()),
                Err(error) => Err(error.to_string()),
            };
            (link.shown, found.map(|all| all.len()))
        });
        let found = join_all(trying).await.into_iter();
        tried.extend(found.map(|(link, found)| (tenant.clone(), link, found)));
    }
    Ok(tried)
}
