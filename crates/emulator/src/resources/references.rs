//! What resources name, and whether it is there.

use serde_json::Value;

use super::{Fields, Kind, Store, kinds};
use crate::error::ApiError;

impl Store {
    /// # Errors
    /// When fields name what is not there.
    pub(crate) fn check_references(&self, kind: &Kind, fields: &Fields) -> Result<(), ApiError> {
        for (path, named) in kind.references {
            for id in named_in(fields, path) {
                if !self.has(named, id) {
                    let message = format!("{path}: {} `{id}` not found", named.name);
                    return Err(ApiError::unprocessable(&message));
                }
            }
        }
        Ok(())
    }

    /// # Errors
    /// When fields name a version, by its number, of what they name, and there
    /// is no such version.
    pub(crate) fn check_versions(&self, kind: &Kind, fields: &Fields) -> Result<(), ApiError> {
        let versioned = kind.references.iter().filter(|(_, it)| it.versioned);
        for (path, named) in versioned {
            let Some((place, name)) = path.rsplit_once('/') else {
                continue;
            };
            for naming in values_at(fields, place) {
                let version = ["version", "agent_version"].iter();
                let version = version.filter_map(|it| naming.get(it)).next();
                if let Some(id) = naming.get(name).and_then(Value::as_str)
                    && version.is_some_and(Value::is_u64)
                {
                    self.get(named, id, version)?;
                }
            }
        }
        Ok(())
    }

    /// Which resource names this one, if any does.
    pub(super) fn user_of(&self, kind: &Kind, id: &str) -> Option<String> {
        kinds::NAMING.iter().find_map(|user| {
            let mut paths = user
                .references
                .iter()
                .filter(|(_, it)| it.name == kind.name);
            paths.find_map(|(path, _)| {
                self.all(user).into_iter().find_map(|(_, fields)| {
                    let names_it = named_in(&fields, path).contains(&id);
                    let user = fields.get(user.id).and_then(Value::as_str);
                    user.filter(|_| names_it).map(str::to_owned)
                })
            })
        })
    }
}

/// The ids at a path.
fn named_in<'a>(fields: &'a Fields, path: &str) -> Vec<&'a str> {
    let values = values_at(fields, path).into_iter();
    values.filter_map(Value::as_str).collect()
}

/// The values at a path; `*` stands for each of a list.
fn values_at<'a>(fields: &'a Fields, path: &str) -> Vec<&'a Value> {
    let mut steps = path.split('/');
    let mut values: Vec<&Value> = steps
        .next()
        .and_then(|name| fields.get(name))
        .into_iter()
        .collect();
    for step in steps {
        values = values
            .into_iter()
            .flat_map(|value| match step {
                "*" => value.as_array().into_iter().flatten().collect(),
                name => Vec::from_iter(value.get(name)),
            })
            .collect();
    }
    values
}
