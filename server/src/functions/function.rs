//! A function that can be asked for, whoever made it.

use std::borrow::Cow;

use serde_json::Value;

use super::Context;
use super::own::Kept;
use super::tool::{self, Tool};
use crate::store::{StoreError, Tenant};

/// A function of a business's agents.
pub(super) enum Function {
    /// One of this server.
    Ours(&'static Tool),
    /// One that the business defined itself.
    Own(Box<Kept>),
}

impl Function {
    /// The function of this name that the tenant's agents may ask for.
    pub(super) async fn find(
        cx: &Context,
        tenant: &Tenant,
        name: &str,
    ) -> Result<Option<Self>, StoreError> {
        if let Some(tool) = tool::find(name) {
            return Ok(Some(Self::Ours(tool)));
        }
        let own = cx.store.own_functions().named(tenant, name).await?;
        let own = own.filter(|kept| kept.function.details.active);
        Ok(own.map(|kept| Self::Own(Box::new(kept))))
    }

    /// What it is called by us.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Ours(tool) => tool.name(),
            Self::Own(kept) => &kept.function.details.name,
        }
    }

    /// Every name it is known by.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Ours(tool) => tool.names.to_vec(),
            Self::Own(_) => vec![self.name()],
        }
    }

    /// Whether it has an effect.
    pub(super) fn changes(&self) -> bool {
        match self {
            Self::Ours(tool) => tool.changes,
            Self::Own(kept) => kept.function.details.changes,
        }
    }

    /// What it is asked: a JSON Schema of an object.
    pub(super) fn parameters(&self) -> Cow<'_, Value> {
        match self {
            Self::Ours(tool) => Cow::Owned((tool.parameters)()),
            Self::Own(kept) => Cow::Borrowed(&kept.function.details.parameters),
        }
    }
}
