//! The list of sections: their addresses, names, and who may see them.

use leptos::prelude::*;

use super::{
    api_keys, audit, business, inbox, jobs, me, outgoing, people, privacy, public_keys, routing,
};
use crate::desk::role::Role;
use crate::desk::state::Desk;
use crate::ui::i18n::Lang;

/// A section of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The reader's own account.
    Me,
    /// What the business says about itself.
    Business,
    /// Who may sign in.
    People,
    /// Where events are sent.
    Outgoing,
    /// What the server does in the background.
    Jobs,
    /// Numbers and who answers them.
    Routing,
    /// What Retell posted.
    Inbox,
    /// The keys of the call buttons.
    PublicKeys,
    /// The keys of programs.
    ApiKeys,
    /// What is kept about people.
    Privacy,
    /// Who did what.
    Audit,
}

impl Section {
    /// Every section, in the order of the navigation.
    pub const ALL: [Self; 11] = [
        Self::Me,
        Self::Business,
        Self::People,
        Self::PublicKeys,
        Self::ApiKeys,
        Self::Routing,
        Self::Inbox,
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
            Self::Business => "business",
            Self::People => "people",
            Self::Outgoing => "outgoing-webhooks",
            Self::Jobs => "jobs",
            Self::Routing => "routing",
            Self::Inbox => "webhooks",
            Self::PublicKeys => "public-keys",
            Self::ApiKeys => "api-keys",
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
            Self::Business
            | Self::People
            | Self::Routing
            | Self::Inbox
            | Self::PublicKeys
            | Self::ApiKeys
            | Self::Outgoing
            | Self::Jobs
            | Self::Audit
            | Self::Privacy => Role::Admin,
        }
    }

    /// Its name.
    #[must_use]
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Me => me::Texts::of(lang).title,
            Self::Business => business::Texts::of(lang).title,
            Self::People => people::Texts::of(lang).title,
            Self::Outgoing => outgoing::Texts::of(lang).title,
            Self::Jobs => jobs::Texts::of(lang).title,
            Self::Routing => routing::Texts::of(lang).title,
            Self::Inbox => inbox::Texts::of(lang).title,
            Self::PublicKeys => public_keys::Texts::of(lang).title,
            Self::ApiKeys => api_keys::Texts::of(lang).title,
            Self::Privacy => privacy::Texts::of(lang).title,
            Self::Audit => audit::Texts::of(lang).title,
        }
    }

    /// Its page, below the heading.
    pub(super) fn draw(self, desk: Desk) -> AnyView {
        match self {
            Self::Me => view! { <me::Page desk /> }.into_any(),
            Self::Business => view! { <business::Page desk /> }.into_any(),
            Self::People => view! { <people::Page desk /> }.into_any(),
            Self::Outgoing => view! { <outgoing::Page desk /> }.into_any(),
            Self::Jobs => view! { <jobs::Page desk /> }.into_any(),
            Self::Routing => view! { <routing::Page desk /> }.into_any(),
            Self::Inbox => view! { <inbox::Page desk /> }.into_any(),
            Self::PublicKeys => view! { <public_keys::Page desk /> }.into_any(),
            Self::ApiKeys => view! { <api_keys::Page desk /> }.into_any(),
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
