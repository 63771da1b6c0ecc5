//! Versions: which one a request means, drafts, publishing, tags and `ETag`.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::{Fields, Kind, Resource, Store};
use crate::error::ApiError;

/// Where an environment's tag points.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Tag {
    /// The version; none means the latest.
    #[serde(default)]
    pub(crate) version: Option<u64>,
    /// What calls through the tag start with.
    #[serde(default)]
    pub(crate) dynamic_variables: BTreeMap<String, String>,
}

/// Refuses what can name no version: integers from 0, `latest`,
/// `latest_published` and tags do.
///
/// # Errors
/// When it is none of these.
pub(crate) fn check_reference(reference: &Value) -> Result<(), ApiError> {
    let valid = match reference {
        Value::String(text) => text == "latest" || text == "latest_published" || is_tag(text),
        number => number.is_u64(),
    };
    if valid {
        Ok(())
    } else {
        let message = format!("{reference} is neither a version nor a tag");
        Err(ApiError::bad_request(message))
    }
}

/// Whether a tag may be called this.
fn is_tag(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let number = name.strip_prefix('v').unwrap_or_default();
    name.len() <= 20
        && name
            .bytes()
            .all(|byte| plain(byte) || b"_-".contains(&byte))
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !["latest", "latest_published"].contains(&name)
        && (number.is_empty() || number.bytes().any(|byte| !byte.is_ascii_digit()))
}

impl Resource {
    /// The number of the version that is meant; the latest if none is named.
    pub(super) fn resolve(&self, reference: Option<&Value>) -> Result<u64, ApiError> {
        let latest = self.versions.keys().next_back().copied().unwrap_or(0);
        let unknown = |which: &dyn std::fmt::Display| {
            ApiError::unprocessable(&format!("Version {which} not found"))
        };
        let Some(reference) = reference.filter(|it| !it.is_null()) else {
            return Ok(latest);
        };
        check_reference(reference)?;
        match reference {
            Value::String(text) if text == "latest" => Ok(latest),
            Value::String(text) if text == "latest_published" => {
                let published = self
                    .versions
                    .keys()
                    .rev()
                    .find(|it| self.is_published(**it));
                published.copied().ok_or_else(|| unknown(text))
            }
            // A tag that is not assigned means the latest.
            Value::String(tag) => Ok(self
                .tags
                .get(tag)
                .and_then(|it| it.version)
                .unwrap_or(latest)),
            number => number
                .as_u64()
                .filter(|number| self.versions.contains_key(number))
                .ok_or_else(|| unknown(number)),
        }
    }

    /// Its fields in a version.
    pub(super) fn shown(&self, kind: &Kind, reference: Option<&Value>) -> Result<Fields, ApiError> {
        let number = self.resolve(reference.filter(|_| kind.versioned))?;
        let mut fields = self.versions.get(&number).cloned().unwrap_or_default();
        let tags = self
            .tags
            .iter()
            .filter(|(_, tag)| tag.version == Some(number));
        let tags: Vec<&String> = tags.map(|(name, _)| name).collect();
        if kind.versioned && !tags.is_empty() {
            fields.insert("assigned_tags".to_owned(), json!(tags));
        }
        Ok(fields)
    }

    pub(super) fn is_published(&self, number: u64) -> bool {
        let fields = self.versions.get(&number);
        fields.and_then(|it| it.get("is_published")) == Some(&Value::Bool(true))
    }

    /// Makes a version, or the latest, a draft, whether it was there or not.
    pub(super) fn provide_draft(&mut self, number: Option<u64>) {
        let Some((latest, fields)) = self.versions.last_key_value() else {
            return;
        };
        let (number, fields) = (number.unwrap_or(*latest), fields.clone());
        let draft = self.versions.entry(number).or_insert(fields);
        draft.insert("version".to_owned(), number.into());
        draft.insert("is_published".to_owned(), false.into());
    }

    pub(super) fn version_mut(&mut self, number: u64) -> Result<&mut Fields, ApiError> {
        self.versions
            .get_mut(&number)
            .ok_or_else(|| ApiError::unprocessable(&format!("Version {number} not found")))
    }

    /// Notes that a version has been changed.
    pub(super) fn touch(&mut self, kind: &Kind, number: u64, now_ms: u64) {
        self.revision += 1;
        if let (Some(stamp), Some(fields)) = (kind.changed, self.versions.get_mut(&number)) {
            fields.insert(stamp.to_owned(), now_ms.into());
        }
    }

    /// Refuses a change of what has been changed since it was read.
    pub(super) fn check_match(&self, if_match: Option<&str>) -> Result<(), ApiError> {
        let same = |tag: &str| tag.trim().trim_matches('"').parse() == Ok(self.revision);
        match if_match {
            Some(tags) if tags != "*" && !tags.split(',').any(same) => Err(ApiError::new(
                StatusCode::PRECONDITION_FAILED,
                "Precondition failed for conditional update".to_owned(),
            )),
            _ => Ok(()),
        }
    }
}

impl Store {
    /// Makes a draft of a version.
    ///
    /// # Errors
    /// When there is none of this number.
    pub(crate) fn create_version(
        &mut self,
        kind: &Kind,
        id: &str,
        base: u64,
        now_ms: u64,
    ) -> Result<Fields, ApiError> {
        let resource = self.resource_mut(kind, id)?;
        let mut fields = resource.shown(kind, Some(&base.into()))?;
        let number = resource
            .versions
            .keys()
            .next_back()
            .map_or(0, |last| last + 1);
        for title in ["version_title", "version_description", "assigned_tags"] {
            fields.remove(title);
        }
        fields.insert("version".to_owned(), number.into());
        fields.insert("base_version".to_owned(), base.into());
        fields.insert("is_published".to_owned(), false.into());
        resource.versions.insert(number, fields);
        resource.touch(kind, number, now_ms);
        resource.shown(kind, Some(&number.into()))
    }

    /// Publishes a draft where it is; its fields do not change any more.
    ///
    /// # Errors
    /// When there is none of this number.
    pub(crate) fn publish(
        &mut self,
        kind: &Kind,
        id: &str,
        number: u64,
        titles: Fields,
        now_ms: u64,
    ) -> Result<(), ApiError> {
        let resource = self.resource_mut(kind, id)?;
        let fields = resource.version_mut(number)?;
        fields.extend(titles);
        fields.insert("is_published".to_owned(), true.into());
        resource.touch(kind, number, now_ms);
        Ok(())
    }

    /// Deletes a version; not the only one.
    ///
    /// # Errors
    /// When there is none of this number, or no other.
    pub(crate) fn remove_version(
        &mut self,
        kind: &Kind,
        id: &str,
        number: u64,
    ) -> Result<(), ApiError> {
        let resource = self.resource_mut(kind, id)?;
        resource.version_mut(number)?;
        if resource.versions.len() == 1 {
            let message = "The only version cannot be deleted".to_owned();
            return Err(ApiError::bad_request(message));
        }
        resource.versions.remove(&number);
        resource.tags.retain(|_, tag| tag.version != Some(number));
        resource.revision += 1;
        Ok(())
    }

    /// All versions of one, oldest first, each with its number.
    ///
    /// # Errors
    /// When there is none of this id.
    pub(crate) fn versions(&self, kind: &Kind, id: &str) -> Result<Vec<(u64, Fields)>, ApiError> {
        let versions = self.resource(kind, id)?.versions.iter();
        Ok(versions.map(|(number, it)| (*number, it.clone())).collect())
    }

    pub(crate) fn tags(&self, kind: &Kind, id: &str) -> Result<BTreeMap<String, Tag>, ApiError> {
        Ok(self.resource(kind, id)?.tags.clone())
    }

    /// Moves the tags of one, all at once.
    ///
    /// # Errors
    /// When `if_match` is not its revision, or a name or version is none.
    pub(crate) fn set_tags(
        &mut self,
        kind: &Kind,
        id: &str,
        if_match: Option<&str>,
        tags: BTreeMap<String, Tag>,
    ) -> Result<(), ApiError> {
        let resource = self.resource_mut(kind, id)?;
        resource.check_match(if_match)?;
        for (name, tag) in &tags {
            if !is_tag(name) {
                return Err(ApiError::bad_request(format!("`{name}` cannot be a tag")));
            }
            resource.resolve(tag.version.map(Value::from).as_ref())?;
        }
        resource.tags = tags;
        resource.revision += 1;
        Ok(())
    }
}
