//! Knowledge bases (retell-protocol H5): their sources are read in a while.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::Outcome;
use super::asked::Asked;
use crate::error::ApiError;
use crate::resources::kinds::KNOWLEDGE_BASE;

pub(super) fn create(asked: &Asked) -> Outcome {
    let sources = sources(asked)?;
    let mut fields = asked.body.clone();
    fields.retain(|name, _| !name.starts_with("knowledge_base_") || name == "knowledge_base_name");
    let size = |name: &str, usual| {
        asked
            .body
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or(usual)
    };
    let (least, most) = (size("min_chunk_size", 400), size("max_chunk_size", 2_000));
    if least >= most {
        let message = "min_chunk_size: must be less than max_chunk_size".to_owned();
        asked.refuse(ApiError::bad_request(message))?;
    }
    fields.insert("min_chunk_size".to_owned(), least.into());
    fields.insert("max_chunk_size".to_owned(), most.into());
    fields.insert("status".to_owned(), "in_progress".into());
    fields.insert("knowledge_base_sources".to_owned(), sources.into());
    let made = asked
        .workspace
        .store()
        .create(&KNOWLEDGE_BASE, fields, asked.now_ms())?;
    let id = made.get(KNOWLEDGE_BASE.id).and_then(Value::as_str);
    complete_later(asked, id.unwrap_or_default());
    Ok(Value::Object(made))
}

pub(super) fn add_sources(asked: &Asked) -> Outcome {
    let new = sources(asked)?;
    {
        let mut store = asked.workspace.store();
        store.get(&KNOWLEDGE_BASE, asked.id(), None)?;
        store.amend(&KNOWLEDGE_BASE, asked.id(), |fields| {
            fields.insert("status".to_owned(), "in_progress".into());
            if let Some(Value::Array(sources)) = fields.get_mut("knowledge_base_sources") {
                sources.extend(new);
            }
        });
    }
    complete_later(asked, asked.id());
    shown(asked)
}

pub(super) fn delete_source(asked: &Asked) -> Outcome {
    let mut found = false;
    let mut store = asked.workspace.store();
    store.get(&KNOWLEDGE_BASE, asked.id(), None)?;
    store.amend(&KNOWLEDGE_BASE, asked.id(), |fields| {
        if let Some(Value::Array(sources)) = fields.get_mut("knowledge_base_sources") {
            let before = sources.len();
            sources.retain(|source| source["source_id"] != asked.second_id());
            found = sources.len() < before;
        }
    });
    drop(store);
    if found {
        shown(asked)
    } else {
        Err(ApiError::unprocessable("Source not found"))
    }
}

fn shown(asked: &Asked) -> Outcome {
    let fields = asked
        .workspace
        .store()
        .get(&KNOWLEDGE_BASE, asked.id(), None)?;
    Ok(Value::Object(fields))
}

/// The sources a form names.
fn sources(asked: &Asked) -> Result<Vec<Value>, ApiError> {
    let each = |name: &str| {
        asked
            .body
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let link = |id: &str| format!("{}/sources/{id}", asked.app.url);
    let mut sources = Vec::new();
    let mut add = |mut source: Value, link_field: Option<&str>| {
        let id = format!("source_{}", Uuid::new_v4().simple());
        if let Some(field) = link_field {
            source[field] = link(&id).into();
        }
        source["source_id"] = id.into();
        sources.push(source);
    };
    for text in each("knowledge_base_texts") {
        add(
            json!({ "type": "text", "title": text["title"] }),
            Some("content_url"),
        );
    }
    for file in each("knowledge_base_files") {
        let source =
            json!({ "type": "document", "filename": file["name"], "file_size": file["size"] });
        add(source, Some("file_url"));
    }
    for url in each("knowledge_base_urls") {
        let parsed = url.as_str().and_then(|url| Url::parse(url).ok());
        if !parsed.is_some_and(|url| ["http", "https"].contains(&url.scheme())) {
            let message = format!("knowledge_base_urls: {url} is no URL");
            asked.refuse(ApiError::bad_request(message))?;
        }
        add(json!({ "type": "url", "url": url }), None);
    }
    Ok(sources)
}

/// Has a knowledge base read its sources, on the emulator's clock.
fn complete_later(asked: &Asked, id: &str) {
    let (app, workspace, id) = (asked.app.clone(), asked.workspace.clone(), id.to_owned());
    asked.app.tasks().spawn(async move {
        let delay = app.settings().knowledge_delay_ms;
        app.clock.sleep(delay).await;
        let now_ms = app.clock.now_ms();
        workspace.store().amend(&KNOWLEDGE_BASE, &id, |fields| {
            fields.insert("status".to_owned(), "complete".into());
            fields.insert("last_refreshed_timestamp".to_owned(), now_ms.into());
        });
    });
}
