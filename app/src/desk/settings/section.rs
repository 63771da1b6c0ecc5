//! The list of sections: their addresses, names, and who may see them.

use leptos::prelude::*;

use super::{audit, jobs, me, outgoing, privacy};
use crate::desk::role::Role;
use crate::desk::state::Desk;
use crate::ui::i18n::Lang;

/// A section of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The reader's own account.
    Me,
    /// Where events are sent.
    Outgoing,
    /// What the server does in the background.
    Jobs,
    /// What is kept about people.
    Privacy,
    /// Who did what.
    Audit,
}

impl Section {
    /// Every section, in the order of the navigation.
    pub const ALL: [Self; 5] = [
        Self::Me,
        Self::Outgoing,
        Self::Jobs,
        Self::Privacy,
        Self::Audit,
    ];

    /// The last part of its address.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Me => "me",
            Self::Outgoing => "outgoing-webhooks",
            Self::Jobs => "jobs",
            Self::Privacy => "privacy",
            Self::Audit => "audit",
        }
    }

    /// The section with this address.
    #[must_use]
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.slug() == slug)
    }

    /// Who may see it: this role and those above. The server has the last word.
    #[must_use]
    pub fn least_role(self) -> Role {
        match self {
            Self::Me => Role::Agent,
            Self::Outgoing | Self::Jobs | Self::Privacy | Self::Audit => Role::Admin,
        }
    }

    /// Its name.
    #[must_use]
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Me => me::Texts::of(lang).title,
            Self::Outgoing => outgoing::Texts::of(lang).title,
            Self::Jobs => jobs::Texts::of(lang).title,
            Self::Privacy => privacy::Texts::of(lang).title,
            Self::Audit => audit::Texts::of(lang).title,
        }
    }

    /// Its page, below the heading.
    pub(super) fn draw(self, desk: Desk) -> AnyView {
        match self {
            Self::Me => view! { <me::Page desk /> }.into_any(),
            Self::Outgoing => view! { <outgoing::Page desk /> }.into_any(),
            Self::Jobs => view! { <jobs::Page desk /> }.into_any(),
            Self::Privacy => view! { <privacy::Page desk /> }.into_any(),
            Self::Audit => view! { <audit::Page desk /> }.into_any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_section_has_an_address_and_a_name_of_its_own() {
        let slugs: HashSet<_> = Section::ALL.iter().map(|it| it.slug()).collect();
        assert_eq!(slugs.len(), Section::ALL.len());
        for lang in Lang::ALL {
            let labels: HashSet<_> = Section::ALL.iter().map(|it| it.label(lang)).collect();
            assert_eq!(labels.len(), Section::ALL.len(), "{lang:?}");
        }
        for section in Section::ALL {
            assert_eq!(Section::of_slug(section.slug()), Some(section));
        }
        assert_eq!(Section::of_slug("nowhere"), None);
    }

    #[test]
    fn everybody_sees_their_own_account_and_admins_see_everything() {
        let seen = |role| {
            Section::ALL
                .iter()
                .filter(|it| it.least_role() <= role)
                .count()
        };
        assert_eq!(Section::Me.least_role(), Role::Agent);
        assert!(seen(Role::Agent) < Section::ALL.len());
        assert_eq!(seen(Role::Admin), Section::ALL.len());
    }
}
