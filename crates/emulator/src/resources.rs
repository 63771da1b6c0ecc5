//! What a workspace keeps: open JSON objects of several [kinds](Kind), with
//! versions where their kind has them. All that Retell's operations on them
//! have in common is here, once.

pub(crate) mod kinds;
pub(crate) mod pages;
mod references;
mod seeds;
#[cfg(test)]
mod tests;
mod tools;
mod versions;

use std::collections::{BTreeMap, HashMap};

use http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::ApiError;

pub(crate) use self::seeds::seeded;
pub(crate) use self::versions::{Tag, check_reference};

/// The fields of a resource.
pub(crate) type Fields = Map<String, Value>;

/// What there is to know of a kind of resource.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The field with its id.
    pub(crate) id: &'static str,
    /// How ids of new ones begin.
    pub(crate) prefix: &'static str,
    /// It has numbered versions, drafts and published ones.
    pub(crate) versioned: bool,
    /// The field that says when it was made, in Unix ms.
    pub(crate) made: Option<&'static str>,
    /// The field that says when it was changed, in Unix ms.
    pub(crate) changed: Option<&'static str>,
    /// How one that is not there is answered: older operations say 422 where
    /// newer ones say 404 (retell-protocol I).
    pub(crate) missing: StatusCode,
    /// Fields of a new one that does not say otherwise, as JSON.
    pub(crate) defaults: &'static str,
    /// Where it names others (`a/b`, `*` for each), and of which kind.
    pub(crate) references: &'static [(&'static str, &'static Kind)],
    /// It is not deleted while others name it, unless that is forced.
    pub(crate) kept: bool,
    /// What no shape tells of the fields that a request gives: what is wrong
    /// with them.
    pub(crate) rule: fn(&Fields) -> Result<(), String>,
}

impl Kind {
    fn unknown(&self) -> ApiError {
        ApiError::new(self.missing, format!("{} not found", self.name))
    }

    /// Fields that only the platform sets.
    fn is_fixed(&self, field: &str) -> bool {
        let version = ["version", "is_published", "base_version", "assigned_tags"];
        field == self.id
            || Some(field) == self.made
            || Some(field) == self.changed
            || self.versioned && version.contains(&field)
    }
}

/// One resource.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Its place among all resources, by when they were made.
    made: u64,
    /// Goes up with every change; its `ETag`.
    revision: u64,
    versions: BTreeMap<u64, Fields>,
    tags: BTreeMap<String, Tag>,
}

/// All resources of a workspace.
#[derive(Debug, Default)]
pub(crate) struct Store {
    by_kind: HashMap<&'static str, HashMap<String, Resource>>,
    made: u64,
}

impl Store {
    /// Makes one of what a request gives.
    ///
    /// # Errors
    /// When it names what is not there.
    pub(crate) fn create(
        &mut self,
        kind: &'static Kind,
        fields: Fields,
        now_ms: u64,
    ) -> Result<Fields, ApiError> {
        let id = format!("{}{}", kind.prefix, Uuid::new_v4().simple());
        self.create_as(kind, id, fields, now_ms)
    }

    /// The same, with an id of the maker's choice.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub(crate) fn create_as(
        &mut self,
        kind: &'static Kind,
        id: String,
        fields: Fields,
        now_ms: u64,
    ) -> Result<Fields, ApiError> {
        self.check_references(kind, &fields)?;
        Ok(self.insert(kind, id, fields, now_ms))
    }

    /// Puts one in its place, where another of its id may have been.
    pub(crate) fn insert(
        &mut self,
        kind: &'static Kind,
        id: String,
        given: Fields,
        now_ms: u64,
    ) -> Fields {
        let mut fields: Fields = serde_json::from_str(kind.defaults).unwrap_or_default();
        fields.extend(given.into_iter().filter(|(name, _)| !kind.is_fixed(name)));
        fields.insert(kind.id.to_owned(), id.clone().into());
        for stamp in [kind.made, kind.changed].into_iter().flatten() {
            fields.insert(stamp.to_owned(), now_ms.into());
        }
        if kind.versioned {
            fields.insert("version".to_owned(), 0.into());
            fields.insert("is_published".to_owned(), false.into());
        }
        self.made += 1;
        let resource = Resource {
            made: self.made,
            revision: 1,
            versions: [(0, fields.clone())].into(),
            tags: BTreeMap::new(),
        };
        self.by_kind
            .entry(kind.name)
            .or_default()
            .insert(id, resource);
        fields
    }

    fn resource(&self, kind: &Kind, id: &str) -> Result<&Resource, ApiError> {
        let of_kind = self.by_kind.get(kind.name);
        of_kind
            .and_then(|all| all.get(id))
            .ok_or_else(|| kind.unknown())
    }

    fn resource_mut(&mut self, kind: &Kind, id: &str) -> Result<&mut Resource, ApiError> {
        let of_kind = self.by_kind.get_mut(kind.name);
        of_kind
            .and_then(|all| all.get_mut(id))
            .ok_or_else(|| kind.unknown())
    }

    pub(crate) fn has(&self, kind: &Kind, id: &str) -> bool {
        self.resource(kind, id).is_ok()
    }

    /// One of them, in the version a request names, or the latest.
    ///
    /// # Errors
    /// When it, or the version, is not there.
    pub(crate) fn get(
        &self,
        kind: &Kind,
        id: &str,
        version: Option<&Value>,
    ) -> Result<Fields, ApiError> {
        self.resource(kind, id)?.shown(kind, version)
    }

    /// What its `ETag` says.
    pub(crate) fn revision(&self, kind: &Kind, id: &str) -> Option<u64> {
        self.resource(kind, id).ok().map(|it| it.revision)
    }

    /// Changes fields of one.
    ///
    /// # Errors
    /// When it, the version, or what the change names is not there, when the
    /// version is published, or `if_match` is not its revision.
    pub(crate) fn update(
        &mut self,
        kind: &'static Kind,
        id: &str,
        version: Option<&Value>,
        if_match: Option<&str>,
        changes: Fields,
        now_ms: u64,
    ) -> Result<Fields, ApiError> {
        self.check_references(kind, &changes)?;
        let resource = self.resource_mut(kind, id)?;
        resource.check_match(if_match)?;
        let number = resource.resolve(version.filter(|_| kind.versioned))?;
        if resource.is_published(number) {
            let message = format!("Version {number} is published and cannot be changed");
            return Err(ApiError::bad_request(message));
        }
        let fields = resource.version_mut(number)?;
        fields.extend(changes.into_iter().filter(|(name, _)| !kind.is_fixed(name)));
        resource.touch(kind, number, now_ms);
        resource.shown(kind, Some(&number.into()))
    }

    /// Makes one that is not there, and the version that is meant of it; that
    /// is a draft.
    pub(crate) fn provide(
        &mut self,
        kind: &'static Kind,
        id: &str,
        version: Option<u64>,
        fields: impl FnOnce() -> Fields,
        now_ms: u64,
    ) {
        if !self.has(kind, id) {
            self.insert(kind, id.to_owned(), fields(), now_ms);
        }
        if let Ok(resource) = self.resource_mut(kind, id)
            && kind.versioned
        {
            resource.provide_draft(version);
        }
    }

    /// Changes one as the platform itself does, without a request for it;
    /// nothing if it is not there any more.
    pub(crate) fn amend(&mut self, kind: &Kind, id: &str, change: impl FnOnce(&mut Fields)) {
        if let Ok(resource) = self.resource_mut(kind, id)
            && let Some(mut latest) = resource.versions.last_entry()
        {
            change(latest.get_mut());
            resource.revision += 1;
        }
    }

    /// Deletes one.
    ///
    /// # Errors
    /// When it is not there, or is kept for others that name it.
    pub(crate) fn remove(&mut self, kind: &Kind, id: &str, forced: bool) -> Result<(), ApiError> {
        self.resource(kind, id)?;
        if kind.kept
            && !forced
            && let Some(user) = self.user_of(kind, id)
        {
            let message = format!("{} is in use by {user}", kind.name);
            return Err(ApiError::bad_request(message));
        }
        if let Some(all) = self.by_kind.get_mut(kind.name) {
            all.remove(id);
        }
        Ok(())
    }

    /// The latest versions of all of a kind, oldest first, each with its place.
    pub(crate) fn all(&self, kind: &Kind) -> Vec<(u64, Fields)> {
        let resources = self.by_kind.get(kind.name).into_iter().flatten();
        let mut all: Vec<(u64, Fields)> = resources
            .filter_map(|(_, it)| Some((it.made, it.shown(kind, None).ok()?)))
            .collect();
        all.sort_by_key(|(made, _)| *made);
        all
    }
}
