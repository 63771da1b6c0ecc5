//! From what somebody entered to their calendars: the principal, its home, and what is in it.

use roxmltree::Node;
use url::Url;

use crate::multistatus::{CALDAV, DAV, Resource, child, is, parse, resources, text};
use crate::{Ask, Error, Reply, Server, XML};

/// A name is no longer than this.
const NAME_CHARS: usize = 100;

const WHO: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop>
<current-user-principal/><C:calendar-home-set/><resourcetype/>
</prop></propfind>"#;

const WHICH: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop>
<resourcetype/><displayname/><current-user-privilege-set/><C:supported-calendar-component-set/>
</prop></propfind>"#;

/// One of somebody's calendars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Its address, which is what it is known by.
    pub url: String,
    /// What it is called; the end of its address where it has no name.
    pub name: String,
    /// Whether events can be written into it, as far as the server says.
    pub writable: bool,
}

/// Where to go on from an answer.
enum Next {
    Home(Url),
    Principal(Url),
    Calendar(Url),
}

impl Server {
    /// The user's calendars, in the server's order.
    ///
    /// # Errors
    /// When there is no such server, or it does not take the password.
    pub async fn calendars(&self) -> Result<Vec<Calendar>, Error> {
        let (place, depth) = match self.start().await? {
            Next::Home(home) => (home, "1"),
            Next::Calendar(calendar) => (calendar, "0"),
            Next::Principal(principal) => {
                let reply = self.propfind(&principal, "0", WHO).await?;
                match next(&reply)? {
                    Some(Next::Home(home)) => (home, "1"),
                    _ => return Err(Error::NotCaldav),
                }
            }
        };
        let reply = self.propfind(&place, depth, WHICH).await?;
        let document = parse(&reply.body)?;
        let found = resources(&document)?;
        let calendars = found.iter().filter_map(|it| calendar(&reply.url, it));
        Ok(calendars.filter(|it| self.known(&it.url).is_ok()).collect())
    }

    /// What the address that was entered leads to; or, where that is none of a calendar
    /// server, the one that is the same for all.
    async fn start(&self) -> Result<Next, Error> {
        let mut well_known = self.base.clone();
        well_known.set_path("/.well-known/caldav");
        well_known.set_query(None);
        let mut places = [self.base.clone(), well_known];
        if self.base.path() == "/" {
            places.reverse();
        }
        let mut why = None;
        for place in &places {
            let found = match self.propfind(place, "0", WHO).await {
                Ok(reply) => next(&reply),
                Err(error) => Err(error),
            };
            match found {
                Ok(Some(next)) => return Ok(next),
                // Of these the other address will say the same.
                Err(error @ (Error::Credentials | Error::Failure(_) | Error::Limited(_))) => {
                    return Err(error);
                }
                Err(error @ Error::Broken(_)) => why = Some(error),
                Ok(None) | Err(_) => {}
            }
        }
        Err(why.unwrap_or(Error::NotCaldav))
    }

    async fn propfind(&self, url: &Url, depth: &str, body: &str) -> Result<Reply, Error> {
        let ask = Ask {
            method: "PROPFIND",
            headers: &[("depth", depth), XML],
            body,
        };
        let reply = self.ask(url, ask).await?;
        match reply.status {
            207 => Ok(reply),
            _ => Err(reply.refused()),
        }
    }
}

fn next(reply: &Reply) -> Result<Option<Next>, Error> {
    let document = parse(&reply.body)?;
    let found = resources(&document)?;
    let Some(of) = found.first() else {
        return Ok(None);
    };
    let to = |href: &str| reply.url.join(href).map_err(|_| Error::Odd);
    if let Some(home) = of.href_in((CALDAV, "calendar-home-set")) {
        return Ok(Some(Next::Home(to(home)?)));
    }
    if is_calendar(of) {
        return Ok(Some(Next::Calendar(reply.url.clone())));
    }
    let principal = of.href_in((DAV, "current-user-principal"));
    principal.map(|it| Ok(Next::Principal(to(it)?))).transpose()
}

fn is_calendar(of: &Resource<'_>) -> bool {
    let kind = of.property((DAV, "resourcetype"));
    kind.is_some_and(|kind| child(kind, (CALDAV, "calendar")).is_some())
}

fn calendar(base: &Url, of: &Resource<'_>) -> Option<Calendar> {
    let holds_events = |set: Node<'_, '_>| {
        let mut kinds = set.children().filter(|it| is(*it, (CALDAV, "comp")));
        kinds.any(|it| it.attribute("name") == Some("VEVENT"))
    };
    let set = of.property((CALDAV, "supported-calendar-component-set"));
    if !is_calendar(of) || !set.is_none_or(holds_events) {
        return None;
    }
    let url = base.join(of.href).ok()?;
    let last = || {
        let mut parts = url.path_segments()?.rev();
        parts.find(|it| !it.is_empty()).map(str::to_owned)
    };
    let name = of.property((DAV, "displayname")).and_then(text);
    let name = name.map(str::to_owned).or_else(last).unwrap_or_default();
    let writes = |set: Node<'_, '_>| {
        let may = ["all", "write", "write-content", "bind"];
        set.descendants()
            .any(|it| may.iter().any(|name| is(it, (DAV, name))))
    };
    let privileges = of.property((DAV, "current-user-privilege-set"));
    Some(Calendar {
        name: name.chars().take(NAME_CHARS).collect(),
        writable: privileges.is_none_or(writes),
        url: url.into(),
    })
}
