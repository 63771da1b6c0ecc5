//! Who calls, and what is to be kept of them.

use api::contacts::{Contact, ContactDetails};
use serde_json::{Value, json};

use super::{appointments, booking};
use crate::contacts::{self, Contacts, Written};
use crate::crm;
use crate::crm::CrmWrites;
use crate::deeds::Author;
use crate::functions::answer::{Answer, No, say};
use crate::functions::asking::{Arguments, Asking, text};
use crate::functions::schema;
use crate::functions::tool::Tool;
use crate::phone::E164;
use crate::store::Scope;

pub(super) const FIND: Tool = Tool {
    names: &["check_customer", "get_customer_info"],
    about: "Tells whether the caller is known, and what their next appointment is.",
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
    let next = match phone {
        Some(phone) => appointments::upcoming(asking, Some(phone)).await?,
        None => Vec::new(),
    };
    let details = found.as_ref().map(|contact| &contact.details);
    Ok(json!({
        "found": found.is_some() || in_crm.is_some(),
        "name": details
            .map(|it| &it.name)
            .or(in_crm.as_ref().and_then(|it| it.name.as_ref()))
            .filter(|name| !name.is_empty()),
        "language": details.and_then(|it| it.language.as_ref()),
        "vip": details.is_some_and(|it| it.vip),
        "next_appointment": next.first().map(|it| appointments::shown(asking, it)),
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
            (&mut details.phone, new_phone),
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
        let before = std::mem::take(&mut details.notes);
        let lines = [before.as_str(), &format!("{day}: {note}")];
        let lines = lines.into_iter().filter(|line| !line.is_empty());
        details.notes = lines.collect::<Vec<_>>().join("\n");
    })
    .await
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
    change: impl FnOnce(&mut ContactDetails),
) -> Result<Answer, No> {
    let (language, store) = (asking.language, &asking.cx.store);
    let phone = booking::number(asking, arguments)?;
    let before = contact(asking, phone.as_ref()).await?;
    let known_by = before.as_ref().and_then(|it| it.details.phone.as_deref());
    let known_by = known_by
        .and_then(|phone| E164::parse(phone).ok())
        .or(phone.clone());
    let mut details = before
        .as_ref()
        .map(|it| it.details.clone())
        .unwrap_or_default();
    details.phone = details
        .phone
        .or_else(|| phone.map(|phone| phone.to_string()));
    change(&mut details);
    let details = contacts::checked(details).map_err(|invalid| {
        let message = say!(
            language,
            "I did not get that right. Could you say it once more?",
            "No lo he entendido bien. ¿Puede repetirlo?",
            "Das habe ich nicht richtig verstanden. Können Sie es noch einmal sagen?"
        );
        No::because("invalid", message).with(json!({"detail": invalid.to_string()}))
    })?;
    let (tenant, author, now) = (asking.tenant, Author::system(), asking.now_ms());
    let mut write = store.write(Scope::Of(tenant)).await?;
    let written = match &before {
        Some(contact) => {
            let id = &contact.id;
            Contacts::change_in(&mut write, tenant, id, &details, None, &author, now).await?
        }
        None => Contacts::create_in(&mut write, tenant, &details, &author, now).await?,
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
        // Somebody else wrote it at the same time.
        Written::Unknown | Written::PhoneTaken => {
            return Err(No::Broken("a contact changed meanwhile".to_owned()));
        }
    }
    let message = say!(
        language,
        "I have noted that.",
        "Queda anotado.",
        "Das habe ich notiert."
    );
    Ok(Answer::new(message, json!({"name": details.name})))
}
