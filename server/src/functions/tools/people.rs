//! Who calls, and what is to be kept of them.

use api::contacts::{Contact, ContactDetails};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{appointments, booking};
use crate::contacts::{self, Contacts, NOTES_MAX_CHARS, Written, Wrong};
use crate::crm;
use crate::crm::CrmWrites;
use crate::deeds::Author;
use crate::functions::answer::{Answer, No, say};
use crate::functions::asking::{Arguments, Asking, text};
use crate::functions::schema;
use crate::functions::tool::Tool;
use crate::phone::E164;
use crate::store::{Scope, StoreError};

pub(super) const FIND: Tool = Tool {
    names: &["check_customer", "get_customer_info"],
    about: "Tells whether the caller is known, their last visit and next appointment, and what agents noted of them.",
    parameters: || schema::object(json!({"phone": schema::text(PHONE)}), &[]),
    variables: &[],
    changes: false,
    run: |asking, arguments| Box::pin(find(asking, arguments)),
};

pub(super) const COLLECT: Tool = Tool {
    names: &["collect_customer_info"],
    about: "Keeps what the caller said about themselves: the name, the number, the e-mail address.",
    parameters: || {
        let kept = json!({
            "name": schema::text("The caller's name."),
            "phone": schema::text(PHONE),
            "email": schema::text("The caller's e-mail address."),
        });
        schema::object(kept, &[])
    },
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(collect(asking, arguments)),
};

pub(super) const UPDATE: Tool = Tool {
    names: &["update_customer"],
    about: "Changes what is known of a customer: a name, an e-mail address, a number or a language that is no longer right.",
    parameters: || {
        let kept = json!({
            "phone": schema::text(PHONE),
            "name": schema::text("The name from now on."),
            "email": schema::text("The e-mail address from now on."),
            "new_phone": schema::text("The number from now on, as they said it."),
            "language": schema::text("The language they want to be spoken to in, such as en, es or de."),
        });
        schema::object(kept, &[])
    },
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(update(asking, arguments)),
};

pub(super) const NOTE: Tool = Tool {
    names: &["add_note"],
    about: "Leaves the staff a note about the caller.",
    parameters: || {
        let note = json!({
            "note": schema::text("What the staff should know."),
            "phone": schema::text(PHONE),
        });
        schema::object(note, &["note"])
    },
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(note(asking, arguments)),
};

/// How often it is tried to write what others write as well.
const ATTEMPTS: usize = 5;

const PHONE: &str =
    "The caller's number as they said it; leave it out if it is the number they call from.";

/// The contact with a number.
async fn contact(asking: &Asking<'_>, phone: Option<&E164>) -> Result<Option<Contact>, No> {
    match phone {
        None => Ok(None),
        phone if phone == asking.number.as_ref() => Ok(asking.contact.clone()),
        Some(phone) => Ok(asking
            .cx
            .store
            .contacts()
            .by_phone(asking.tenant, phone)
            .await?),
    }
}

/// Whoever calls, as the agent is told of them.
pub(super) async fn known(asking: &Asking<'_>, phone: Option<E164>) -> Result<Value, No> {
    let found = contact(asking, phone.as_ref()).await?;
    // Who is not in the business's own list may be in its CRM.
    let in_crm = match (&found, &phone) {
        (None, Some(phone)) => crm::known(&asking.cx.crm, asking.tenant, phone).await,
        _ => None,
    };
    let next = match &phone {
        Some(phone) => appointments::upcoming(asking, Some(phone.clone())).await?,
        None => Vec::new(),
    };
    let last = match &phone {
        Some(phone) => {
            let bookings = asking.cx.store.bookings();
            bookings
                .last_of(asking.tenant, phone, asking.now_ms())
                .await?
        }
        None => None,
    };
    let details = found.as_ref().map(|contact| &contact.details);
    let notes = details.map(|it| it.notes.lines().filter(is_agent_s).collect::<Vec<_>>());
    Ok(json!({
        "found": found.is_some() || in_crm.is_some(),
        "name": details
            .map(|it| &it.name)
            .or(in_crm.as_ref().and_then(|it| it.name.as_ref()))
            .filter(|name| !name.is_empty()),
        "language": details.and_then(|it| it.language.as_ref()),
        "vip": details.is_some_and(|it| it.vip),
        "last_visit": last.map(|it| appointments::shown(asking, &it)),
        "next_appointment": next.first().map(|it| appointments::shown(asking, it)),
        "notes": notes,
    }))
}

async fn find(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let customer = known(asking, booking::number(asking, arguments)?).await?;
    let message = match customer["name"].as_str() {
        Some(name) => say!(language, "That is {name}.", "Es {name}.", "Das ist {name}."),
        None => say!(
            language,
            "I do not know the caller yet.",
            "Aún no conozco a quien llama.",
            "Wer anruft, ist noch nicht bekannt."
        ),
    };
    Ok(Answer::new(message, customer))
}

async fn collect(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let given = |name: &str| text(arguments, &[name]).map(str::to_owned);
    keep(asking, arguments, |details| {
        if let Some(name) = given("name") {
            details.name = name;
        }
        details.email = given("email").or_else(|| details.email.take());
    })
    .await
}

async fn update(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let phone = booking::number(asking, arguments)?;
    if contact(asking, phone.as_ref()).await?.is_none() {
        let message = say!(
            language,
            "I do not have you in my records yet. What is your name?",
            "Aún no le tengo en mis datos. ¿Cómo se llama?",
            "Ich habe Sie noch nicht gespeichert. Wie heißen Sie?"
        );
        return Err(No::because("unknown_customer", message));
    }
    let given = |name: &str| text(arguments, &[name]).map(str::to_owned);
    let new_phone = match text(arguments, &["new_phone"]) {
        Some(said) => booking::said(asking, said)?.map(|number| number.to_string()),
        None => None,
    };
    keep(asking, arguments, |details| {
        if let Some(name) = given("name") {
            details.name = name;
        }
        for (kept, new) in [
            (&mut details.email, given("email")),
            (&mut details.phone, new_phone.clone()),
            (&mut details.language, given("language")),
        ] {
            *kept = new.or_else(|| kept.take());
        }
    })
    .await
}

async fn note(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let note = text(arguments, &["note"]).unwrap_or_default();
    let day = asking.now.date();
    keep(asking, arguments, |details| {
        details.notes = noted(&details.notes, &format!("{day}: {note}"));
    })
    .await
}

/// Notes with one more line. Where there is no room, the oldest lines of agents go: each stands
/// with its call as well. What people wrote stays.
fn noted(before: &str, line: &str) -> String {
    let mut lines: Vec<_> = before.lines().collect();
    let room = NOTES_MAX_CHARS.saturating_sub(line.chars().count() + 1);
    let long = |lines: &[&str]| lines.iter().map(|it| it.chars().count() + 1).sum::<usize>();
    while long(&lines) > room
        && let Some(oldest) = lines.iter().position(is_agent_s)
    {
        lines.remove(oldest);
    }
    lines.push(line);
    lines.join("\n")
}

/// Whether an agent noted this line. What people write is for people, and no caller hears it.
fn is_agent_s(line: &&str) -> bool {
    let day = line.split_once(": ").map(|(day, _)| day.parse::<Date>());
    matches!(day, Some(Ok(_)))
}

/// What the CRM is told has changed: notes are the business's own.
fn changed(before: Option<&ContactDetails>, after: &ContactDetails) -> Vec<&'static str> {
    let is_new = |field: fn(&ContactDetails) -> Option<&str>| {
        let after = field(after).filter(|after| !after.is_empty());
        after.is_some() && before.and_then(field) != after
    };
    let fields = [
        ("name", is_new(|it| Some(&it.name))),
        ("phone", is_new(|it| it.phone.as_deref())),
        ("email", is_new(|it| it.email.as_deref())),
        ("language", is_new(|it| it.language.as_deref())),
    ];
    let changed = fields.into_iter().filter(|(_, is_new)| *is_new);
    changed.map(|(name, _)| name).collect()
}

/// Changes what is known of the caller, or adds them.
async fn keep(
    asking: &Asking<'_>,
    arguments: &Arguments,
    change: impl Fn(&mut ContactDetails),
) -> Result<Answer, No> {
    let phone = booking::number(asking, arguments)?;
    for _ in 0..ATTEMPTS {
        if let Some(answer) = keep_once(asking, phone.as_ref(), &change).await? {
            return Ok(answer);
        }
    }
    Err(No::Broken("a contact changed meanwhile".to_owned()))
}

/// The same of the contact as it is now; nothing where somebody else writes it at the same time.
async fn keep_once(
    asking: &Asking<'_>,
    phone: Option<&E164>,
    change: impl Fn(&mut ContactDetails),
) -> Result<Option<Answer>, No> {
    let (language, store) = (asking.language, &asking.cx.store);
    let before = match phone {
        Some(phone) => store.contacts().by_phone(asking.tenant, phone).await?,
        None => None,
    };
    let known_by = before.as_ref().and_then(|it| it.details.phone.as_deref());
    let known_by = known_by
        .and_then(|phone| E164::parse(phone).ok())
        .or(phone.cloned());
    let mut details = before
        .as_ref()
        .map(|it| it.details.clone())
        .unwrap_or_default();
    details.phone = details
        .phone
        .or_else(|| phone.map(|phone| phone.to_string()));
    change(&mut details);
    let details = contacts::checked(details).map_err(|invalid| {
        let (reason, message) = match invalid {
            Wrong::Long("notes", _) => (
                "notes_full",
                say!(
                    language,
                    "There is no room left for that note.",
                    "Ya no queda sitio para esa nota.",
                    "Für diese Notiz ist kein Platz mehr."
                ),
            ),
            _ => (
                "invalid",
                say!(
                    language,
                    "I did not get that right. Could you say it once more?",
                    "No lo he entendido bien. ¿Puede repetirlo?",
                    "Das habe ich nicht richtig verstanden. Können Sie es noch einmal sagen?"
                ),
            ),
        };
        No::because(reason, message).with(json!({"detail": invalid.to_string()}))
    })?;
    let (tenant, author, now) = (asking.tenant, Author::system(), asking.now_ms());
    let mut write = store.write(Scope::Of(tenant)).await?;
    let written = match &before {
        Some(contact) => {
            let (id, read) = (&contact.id, Some(contact.revision));
            Contacts::change_in(&mut write, tenant, id, &details, read, &author, now).await
        }
        None => Contacts::create_in(&mut write, tenant, &details, &author, now).await,
    };
    let written = match written {
        Err(StoreError::Overtaken) => return Ok(None),
        written => written?,
    };
    match written {
        Written::Done(contact) => {
            let (id, by) = (&contact.id, known_by.as_ref());
            let changed = changed(before.as_ref().map(|it| &it.details), &details);
            if !changed.is_empty() {
                CrmWrites::write_contact(&mut write, tenant, id, by, &changed, now).await?;
            }
            write.commit().await?;
        }
        Written::PhoneTaken if before.is_some() => {
            let message = say!(
                language,
                "Somebody else has that number here.",
                "Ese número ya lo tiene otra persona aquí.",
                "Diese Nummer hat hier schon jemand anders."
            );
            return Err(No::because("phone_taken", message));
        }
        Written::Unknown | Written::PhoneTaken => return Ok(None),
    }
    let message = say!(
        language,
        "I have noted that.",
        "Queda anotado.",
        "Das habe ich notiert."
    );
    Ok(Some(Answer::new(message, json!({"name": details.name}))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_notes_are_full_the_oldest_of_agents_go_and_nobody_else_s() {
        assert_eq!(noted("", "2026-11-16: Tea."), "2026-11-16: Tea.");
        let typed = "Allergic to latex.";
        let agents = format!("2026-11-14: {}", "x".repeat(NOTES_MAX_CHARS - 100));
        let before = format!("{typed}\n{agents}\n2026-11-15: Coffee.");
        let line = format!("2026-11-16: {}", "y".repeat(200));
        let expected = format!("{typed}\n2026-11-15: Coffee.\n{line}");
        assert_eq!(noted(&before, &line), expected);
        let full = "z".repeat(NOTES_MAX_CHARS);
        assert_eq!(
            noted(&full, "2026-11-16: Tea."),
            format!("{full}\n2026-11-16: Tea.")
        );
    }
}
