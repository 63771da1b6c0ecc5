//! Which hashed files make up the two bundles, as the build wrote it down.

use std::collections::BTreeMap;

/// The site's `manifest.json`: from a bundle's part (`widget_js`, `desk_css` …)
/// to the address of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    addresses: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads the manifest; `None` when it is not one.
    #[must_use]
    pub fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json)
            .ok()
            .map(|addresses| Self { addresses })
    }

    /// Where a part is.
    #[must_use]
    pub fn address(&self, part: &str) -> Option<&str> {
        self.addresses.get(part).map(String::as_str)
    }

    /// Every part's name and address: the placeholders of a page.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str)> {
        self.addresses
            .iter()
            .map(|(part, address)| (part.as_str(), address.as_str()))
    }
}
