//! What is known of a caller.

use std::collections::BTreeMap;

use crate::ground::Ground;
use crate::phone::E164;
use crate::store::{StoreError, Tenant};

/// A contact, as far as rules and variables need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownCaller {
    /// The whole name.
    pub name: String,
    /// Whether the contact is marked as important.
    pub vip: bool,
    /// The language the contact speaks (IETF tag).
    pub language: Option<String>,
    /// What else variables may name, such as `first_name`.
    pub fields: BTreeMap<String, String>,
}

impl KnownCaller {
    /// What a variable's `contact.…` stands for, where it is known.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let text = match name {
            "name" => Some(self.name.clone()),
            "language" => self.language.clone(),
            "vip" => Some(if self.vip { "yes" } else { "no" }.to_owned()),
            name => self.fields.get(name).cloned(),
        };
        text.filter(|text| !text.is_empty())
    }
}

/// The contact of the business with this number.
pub(super) async fn look_up(
    cx: &Ground,
    tenant: &Tenant,
    number: &E164,
) -> Result<Option<KnownCaller>, StoreError> {
    cx.store.routing_rules().known_caller(tenant, number).await
}
