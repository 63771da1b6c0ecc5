//! All contacts of a filter, as a file.

use std::collections::BTreeSet;

use api::contacts::ContactDetails;
use futures_util::{Stream, stream};
use serde_json::Value;

use super::columns::{JSON_FIELD, TEXT_FIELD, written_tags};
use super::sheet::{MARK, written};
use crate::contacts::ContactFilter;
use crate::store::{Store, StoreError, Tenant};

/// How many contacts are read at once.
const PAGE: u32 = 500;
/// The columns every file has.
const COLUMNS: [&str; 10] = [
    "name",
    "phone",
    "more phones",
    "email",
    "language",
    "vip",
    "blocked",
    "do not call",
    "tags",
    "notes",
];

/// A column for one of the business's own fields: as a text, or as JSON where a text would not
/// say what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Field {
    name: String,
    json: bool,
}

impl Field {
    fn of(name: &str, value: &Value) -> Self {
        let is_text = value.as_str().is_some_and(|text| !text.trim().is_empty());
        Self {
            name: name.to_owned(),
            json: !is_text,
        }
    }

    fn head(&self) -> String {
        let before = if self.json { JSON_FIELD } else { TEXT_FIELD };
        format!("{before}{}", self.name)
    }

    fn cell(&self, details: &ContactDetails) -> String {
        let value = details.fields.get(&self.name);
        let value = value.filter(|value| Self::of(&self.name, value) == *self);
        match value {
            None => String::new(),
            Some(Value::String(text)) if !self.json => text.clone(),
            Some(value) => value.to_string(),
        }
    }
}

/// The file, a piece at a time. Which fields there are is asked first: those that come up while
/// it is written are not in it.
pub(in crate::contacts) async fn export(
    store: &Store,
    tenant: &Tenant,
    filter: ContactFilter,
) -> Result<impl Stream<Item = Result<String, StoreError>> + Send + use<>, StoreError> {
    let mut fields = BTreeSet::new();
    let mut before: Option<String> = None;
    loop {
        let contacts = store.contacts();
        let page = contacts
            .page(tenant, &filter, before.as_deref(), PAGE)
            .await?;
        for contact in &page {
            let own = contact.details.fields.iter();
            fields.extend(own.map(|(name, value)| Field::of(name, value)));
        }
        match page.last() {
            Some(last) => before = Some(last.id.clone()),
            None => break,
        }
    }
    let fields: Vec<_> = fields.into_iter().collect();
    let own: Vec<_> = fields.iter().map(Field::head).collect();
    let head = COLUMNS.into_iter().chain(own.iter().map(String::as_str));
    let head = format!("{MARK}{}", written(head));
    let (store, tenant) = (store.clone(), tenant.clone());
    // What comes next: the head, then those before a contact, then nothing.
    let begin = (Some(head), None::<String>);
    Ok(stream::try_unfold(Some(begin), move |place| {
        let (store, tenant) = (store.clone(), tenant.clone());
        let (filter, fields) = (filter.clone(), fields.clone());
        async move {
            let Some((head, before)) = place else {
                return Ok(None);
            };
            let contacts = store.contacts();
            let page = contacts
                .page(&tenant, &filter, before.as_deref(), PAGE)
                .await?;
            let lines = page.iter().map(|it| line(&it.details, &fields));
            let piece = head.into_iter().chain(lines).collect::<String>();
            let next = page.last().map(|last| (None, Some(last.id.clone())));
            Ok(Some((piece, next)))
        }
    }))
}

fn line(details: &ContactDetails, fields: &[Field]) -> String {
    let yes = |it: bool| if it { "yes" } else { "no" };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut cells = vec![
        details.name.clone(),
        text(&details.phone),
        details.more_phones.join(", "),
        text(&details.email),
        text(&details.language),
        yes(details.vip).to_owned(),
        yes(details.blocked).to_owned(),
        yes(details.do_not_call).to_owned(),
        written_tags(&details.tags),
        details.notes.clone(),
    ];
    cells.extend(fields.iter().map(|field| field.cell(details)));
    written(cells.iter().map(String::as_str))
}
