//! Contacts (retell-protocol H8): one for a number in a workspace.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Outcome;
use super::asked::Asked;
use super::calls::is_e164;
use crate::error::ApiError;
use crate::filters;
use crate::resources::kinds::{CHAT, CONTACT, JOB, UPLOAD};
use crate::resources::pages::page;
use crate::resources::{Fields, Store};

/// The contact with a number, if there is one.
pub(super) fn with_number(store: &Store, number: &str) -> Option<Fields> {
    let mut contacts = store.all(&CONTACT).into_iter().map(|(_, contact)| contact);
    contacts.find(|contact| contact.get("phone_number").is_some_and(|it| it == number))
}

/// A number as it is kept: `+` and digits. Without a country it is one of the
/// US.
fn normal(number: &str) -> Result<String, ApiError> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let plain = number
        .chars()
        .all(|it| it.is_ascii_digit() || " +()-./".contains(it));
    let number = match (number.trim_start().starts_with('+'), digits.len()) {
        (false, 10) => format!("+1{digits}"),
        _ => format!("+{digits}"),
    };
    if plain && is_e164(&number) {
        Ok(number)
    } else {
        Err(ApiError::bad_request(
            "phone_number: is no phone number".to_owned(),
        ))
    }
}

/// The number that is asked for, as it is kept.
fn asked_number(asked: &Asked, number: &str) -> Result<String, ApiError> {
    normal(number).or_else(|error| asked.refuse(error).map(|()| number.to_owned()))
}

/// A request's fields as they are kept: tags are told with their labels.
fn kept(asked: &Asked) -> Fields {
    let mut fields = asked.body.clone();
    if let Some(Value::Array(ids)) = fields.remove("contact_tag_ids") {
        let tags = ids.into_iter().map(|id| json!({ "id": id, "label": id }));
        fields.insert("contact_tags".to_owned(), tags.collect());
    }
    fields
}

pub(super) fn create(asked: &Asked) -> Outcome {
    let number = asked_number(asked, asked.text("phone_number").unwrap_or_default())?;
    let made = add(asked, &mut asked.workspace.store(), number, kept(asked))?;
    Ok(Value::Object(made))
}

fn add(
    asked: &Asked,
    store: &mut Store,
    number: String,
    mut fields: Fields,
) -> Result<Fields, ApiError> {
    if with_number(store, &number).is_some() {
        let message = format!("There is a contact with {number} already");
        asked.refuse(ApiError::bad_request(message))?;
    }
    fields.insert("phone_number".to_owned(), number.into());
    fields.insert("org_id".to_owned(), asked.workspace.org_id().into());
    fields.entry("do_not_call").or_insert(Value::Bool(false));
    store.create(&CONTACT, fields, asked.now_ms())
}

pub(super) fn update(asked: &Asked) -> Outcome {
    let mut changes = kept(asked);
    changes.remove("phone_number");
    let mut store = asked.workspace.store();
    let changed = store.update(&CONTACT, asked.id(), None, None, changes, asked.now_ms())?;
    Ok(Value::Object(changed))
}

pub(super) fn by_phone(asked: &Asked) -> Outcome {
    let number = asked_number(asked, asked.id())?;
    let found = with_number(&asked.workspace.store(), &number);
    found
        .map(Value::Object)
        .ok_or_else(|| ApiError::not_found("Contact not found"))
}

pub(super) fn list(asked: &Asked) -> Outcome {
    let filter: Map<String, Value> = asked.get("filter_criteria").unwrap_or_default();
    let (own, plain): (Map<_, _>, Map<_, _>) = filter
        .into_iter()
        .partition(|(key, _)| ["custom_fields", "contact_tag_ids"].contains(&key.as_str()));
    // Custom fields are filtered as attributes of calls are.
    let keyed: Map<String, Value> = own
        .get("custom_fields")
        .map(|it| ("custom_attributes".to_owned(), it.clone()))
        .into_iter()
        .collect();
    let tags = own
        .get("contact_tag_ids")
        .and_then(|it| it["value"].as_array());
    let excluded: Vec<String> = asked.get("excluded_contact_ids").unwrap_or_default();
    let query = asked
        .text("search_query")
        .unwrap_or_default()
        .to_lowercase();
    let is_wanted = |contact: &Value| {
        let text = |name: &str| contact[name].as_str().unwrap_or_default().to_lowercase();
        let names = ["first_name", "last_name", "phone_number"]
            .map(text)
            .join(" ");
        let tagged = |wanted: &Vec<Value>| {
            let own = contact["contact_tags"].as_array().into_iter().flatten();
            own.into_iter().any(|tag| wanted.contains(&tag["id"]))
        };
        filters::hold(&plain, contact, &Value::Null)
            && filters::hold(&keyed, contact, &contact["custom_fields"])
            && tags.is_none_or(tagged)
            && names.contains(&query)
            && !excluded.iter().any(|id| contact[CONTACT.id] == id.as_str())
    };
    let contacts = asked.workspace.store().all(&CONTACT).into_iter();
    let rows = contacts.map(|(made, contact)| (made, Value::Object(contact)));
    let rows: Vec<_> = rows.filter(|(_, contact)| is_wanted(contact)).collect();
    let mut paging = asked.list();
    // Numbers here, where others say integers.
    for name in ["limit", "skip"] {
        if let Some(number) = paging.get(name).and_then(Value::as_f64) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be small"
            )]
            paging.insert(name.to_owned(), (number as u64).into());
        }
    }
    page(CONTACT.name, rows, &paging)
}

/// Calls and chats with a contact, the newest first.
pub(super) fn conversations(asked: &Asked) -> Outcome {
    let store = asked.workspace.store();
    let contact = store.get(&CONTACT, asked.id(), None)?;
    let number = contact
        .get("phone_number")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let chats = store.all(&CHAT).into_iter();
    let chats = chats.filter(|(_, chat)| {
        chat.get("user_number")
            .is_some_and(|it| *it == number.as_str())
    });
    let mut rows: Vec<((u64, String), Value)> = chats
        .map(|(_, chat)| {
            let at = chat
                .get("start_timestamp")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            let id = chat
                .get(CHAT.id)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            ((at, id.clone()), json!({ "type": "chat", "chat_id": id }))
        })
        .collect();
    drop(store);
    for call in asked.app.calls().all_of(&asked.workspace) {
        let object = &call.state().object;
        if [&object.from_number, &object.to_number]
            .iter()
            .any(|it| it.as_deref() == Some(&number))
        {
            let row = json!({ "type": "call", "call_id": call.id });
            rows.push(((call.created_ms, call.id.clone()), row));
        }
    }
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    page(asked.id(), rows, &asked.list())
}

pub(super) fn upload(asked: &Asked) -> Outcome {
    let file = asked.body.get("file").cloned().unwrap_or_default();
    let text = file["text"].as_str();
    let text = text.ok_or_else(|| ApiError::bad_request("file: is no CSV".to_owned()))?;
    let id = format!("upload_{}", Uuid::new_v4().simple());
    let fields = Fields::from_iter([("text".to_owned(), text.into())]);
    asked
        .workspace
        .store()
        .insert(&UPLOAD, id.clone(), fields, asked.now_ms());
    Ok(json!({ "upload_id": id, "file_name": file["name"] }))
}

const IMPORT: &str = "contact-import";
const BACKFILL: &str = "contact-backfill";

/// Work in the background as it is told: what has never run is idle.
pub(super) fn job(asked: &Asked, name: &str) -> Value {
    let job = asked.workspace.store().get(&JOB, name, None);
    job.map_or_else(
        |_| json!({ "status": "idle" }),
        |mut job| {
            job.remove(JOB.id);
            Value::Object(job)
        },
    )
}

/// Begins work in the background; what it came to is told when it is over.
///
/// # Errors
/// When it runs already.
pub(super) fn start_job(
    asked: &Asked,
    name: &'static str,
    work: impl FnOnce(&Asked) -> (usize, usize),
) -> Outcome {
    if job(asked, name)["status"] != "idle" {
        asked.refuse(ApiError::conflict("It is running already"))?;
    }
    let (succeeded, failed) = work(asked);
    let fields =
        json!({ "status": "running", "start_timestamp": asked.now_ms(), "triggered_by": "manual" });
    let fields: Fields = serde_json::from_value(fields).unwrap_or_default();
    asked
        .workspace
        .store()
        .insert(&JOB, name.to_owned(), fields, asked.now_ms());
    let (app, workspace) = (asked.app.clone(), asked.workspace.clone());
    asked.app.tasks().spawn(async move {
        let delay = app.settings().knowledge_delay_ms;
        app.clock.sleep(delay).await;
        workspace.store().amend(&JOB, name, |job| {
            job.insert("status".to_owned(), "idle".into());
            job.insert("succeeded".to_owned(), succeeded.into());
            job.insert("failed".to_owned(), failed.into());
        });
    });
    Ok(job(asked, name))
}

/// Makes contacts of the lines of a CSV file; of what is there already, the
/// fields are changed.
pub(super) fn import(asked: &Asked) -> Outcome {
    let columns: Vec<Map<String, Value>> = asked.get("column_mapping").unwrap_or_default();
    let columns: Vec<(String, String)> = columns
        .iter()
        .map(|it| {
            let text = |name: &str| it.get(name).and_then(Value::as_str).unwrap_or_default();
            (
                text("external_field_name").to_owned(),
                text("field_name").to_owned(),
            )
        })
        .collect();
    if columns
        .iter()
        .filter(|(_, field)| field == "phone_number")
        .count()
        != 1
    {
        let message = "column_mapping: exactly one column must be the phone_number".to_owned();
        asked.refuse(ApiError::bad_request(message))?;
    }
    let upload = asked.text("upload_id").unwrap_or_default();
    let upload = asked.workspace.store().get(&UPLOAD, upload, None);
    let upload = upload.map_err(|_| ApiError::bad_request("upload_id: not found".to_owned()))?;
    let text = upload
        .get("text")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    start_job(asked, IMPORT, |asked| {
        let mut table = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let names = table.headers().cloned().unwrap_or_default();
        let (mut succeeded, mut failed) = (0, 0);
        for line in table.records().filter_map(Result::ok) {
            let mut fields: Fields = columns
                .iter()
                .filter_map(|(external, field)| {
                    let place = names.iter().position(|name| name == external)?;
                    Some((field.clone(), line.get(place)?.into()))
                })
                .collect();
            let number = fields.remove("phone_number");
            let number = number.as_ref().and_then(Value::as_str).map(normal);
            let mut store = asked.workspace.store();
            let done = match number {
                Some(Ok(number)) => match with_number(&store, &number) {
                    Some(known) => {
                        let id = known
                            .get(CONTACT.id)
                            .and_then(Value::as_str)
                            .unwrap_or_default();
                        store
                            .update(&CONTACT, id, None, None, fields, asked.now_ms())
                            .is_ok()
                    }
                    None => add(asked, &mut store, number, fields).is_ok(),
                },
                _ => false,
            };
            *(if done { &mut succeeded } else { &mut failed }) += 1;
        }
        (succeeded, failed)
    })
}

pub(super) fn import_status(asked: &Asked) -> Outcome {
    Ok(job(asked, IMPORT))
}

/// Counts the calls that would be looked at; there is nothing to learn from
/// them here.
pub(super) fn backfill(asked: &Asked) -> Outcome {
    start_job(asked, BACKFILL, |asked| {
        (asked.app.calls().all_of(&asked.workspace).count(), 0)
    })
}

pub(super) fn backfill_status(asked: &Asked) -> Outcome {
    Ok(job(asked, BACKFILL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_in_one_way() {
        for number in ["+1 (415) 555-0100", "415.555.0100", "+14155550100"] {
            assert_eq!(normal(number).as_deref(), Ok("+14155550100"));
        }
        for wrong in ["phone_number", "", "12", "+1 415 CALL NOW"] {
            assert!(normal(wrong).is_err(), "{wrong}");
        }
    }
}
