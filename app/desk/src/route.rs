//! Which page an address names, and the address of a page.

use crate::role::Role;

/// A page of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/desk` and `/desk/calls`: the list.
    Calls,
    /// `/desk/calls/{id}`: one call, or one that is yet to be ([`Route::NEW`]).
    Call(String),
    /// `/desk/callbacks`: who wants to be called.
    Callbacks,
    /// `/desk/calendar`: what is booked.
    Calendar,
    /// `/desk/contacts`: the people a business talks with.
    Contacts,
    /// `/desk/contacts/{id}`: one of them, or what is done with many (`import`, `duplicates`).
    Contact(String),
    /// `/desk/settings/{section}`: the settings.
    Settings(Section),
    /// `/desk/settings/{section}/{id}`: one thing of a section, open in it: a webhook, or
    /// the rule that is edited.
    Within(Section, String),
    /// `/desk/invitation/{token}` and `/desk/reset/{token}`: choose a password.
    Password(String),
    /// `/setup/{token}`: the first business.
    Setup(String),
    /// Any other address.
    Unknown,
}

impl Route {
    /// Reads a path (no query). Call ids are unreserved characters only, so a
    /// segment is taken as it stands.
    #[must_use]
    pub fn parse(path: &str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        match (
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        ) {
            (Some("desk"), None | Some("calls"), None, None, None) => Self::Calls,
            (Some("desk"), Some("calls"), Some(id), None, None) => Self::Call(id.to_owned()),
            (Some("desk"), Some("callbacks"), None, None, None) => Self::Callbacks,
            (Some("desk"), Some("calendar"), None, None, None) => Self::Calendar,
            (Some("desk"), Some("contacts"), None, None, None) => Self::Contacts,
            (Some("desk"), Some("contacts"), Some(id), None, None) => Self::Contact(id.to_owned()),
            (Some("desk"), Some("invitation" | "reset"), Some(token), None, None) => {
                Self::Password(token.to_owned())
            }
            (Some("setup"), Some(token), None, None, None) => Self::Setup(token.to_owned()),
            (Some("desk"), Some("settings"), None, None, None) => Self::Settings(Section::Me),
            (Some("desk"), Some("settings"), Some(slug), None, None) => {
                Section::of_slug(slug).map_or(Self::Unknown, Self::Settings)
            }
            (Some("desk"), Some("settings"), Some(slug), Some(id), None) => Section::of_slug(slug)
                .filter(|section| section.opens())
                .map_or(Self::Unknown, |section| {
                    Self::Within(section, id.to_owned())
                }),
            _ => Self::Unknown,
        }
    }

    /// What stands where the id of a call would, for one that is yet to be.
    pub const NEW: &str = "new";

    /// Where the reader calls an agent.
    #[must_use]
    pub fn new_call() -> Self {
        Self::Call(Self::NEW.to_owned())
    }

    /// The path of the page.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Calls | Self::Unknown => "/desk/calls".to_owned(),
            Self::Call(id) => format!("/desk/calls/{id}"),
            Self::Callbacks => "/desk/callbacks".to_owned(),
            Self::Calendar => "/desk/calendar".to_owned(),
            Self::Contacts => "/desk/contacts".to_owned(),
            Self::Contact(id) => format!("/desk/contacts/{id}"),
            Self::Password(token) => format!("/desk/invitation/{token}"),
            Self::Setup(token) => format!("/setup/{token}"),
            Self::Settings(section) => format!("/desk/settings/{}", section.slug()),
            Self::Within(section, id) => format!("/desk/settings/{}/{id}", section.slug()),
        }
    }

    /// The page, whatever is open in it.
    #[must_use]
    pub fn page(self) -> Self {
        match self {
            Self::Within(section, _) => Self::Settings(section),
            page => page,
        }
    }

    /// What is open in a section; nothing where another page is shown.
    #[must_use]
    pub fn open_in(&self, section: Section) -> Option<&str> {
        match self {
            Self::Within(shown, id) if *shown == section => Some(id),
            _ => None,
        }
    }
}

/// A section of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The reader's own account.
    Me,
    /// What the business says about itself.
    Business,
    /// What can be booked, and with whom.
    Services,
    /// Who may sign in.
    People,
    /// Where events are sent.
    Outgoing,
    /// What the server does in the background.
    Jobs,
    /// Numbers and who answers them.
    Routing,
    /// Who sends text messages, and what they say.
    Messages,
    /// What agents may ask the server for.
    Functions,
    /// What Retell posted.
    Inbox,
    /// The keys of the call buttons.
    PublicKeys,
    /// The keys of programs.
    ApiKeys,
    /// What is kept about people.
    Privacy,
    /// The business's CRM.
    Crm,
    /// The calendars people have elsewhere.
    LinkedCalendars,
    /// Who did what.
    Audit,
}

impl Section {
    /// Every section, in the order of the navigation.
    pub const ALL: [Self; 16] = [
        Self::Me,
        Self::Business,
        Self::Services,
        Self::Functions,
        Self::People,
        Self::PublicKeys,
        Self::ApiKeys,
        Self::Routing,
        Self::Messages,
        Self::Inbox,
        Self::Outgoing,
        Self::Crm,
        Self::LinkedCalendars,
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
            Self::Services => "services",
            Self::Functions => "functions",
            Self::People => "people",
            Self::Outgoing => "outgoing-webhooks",
            Self::Jobs => "jobs",
            Self::Routing => "routing",
            Self::Messages => "text-messages",
            Self::Inbox => "webhooks",
            Self::PublicKeys => "public-keys",
            Self::ApiKeys => "api-keys",
            Self::Privacy => "privacy",
            Self::Crm => "crm",
            Self::LinkedCalendars => "linked-calendars",
            Self::Audit => "audit",
        }
    }

    /// The section with this address.
    #[must_use]
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.slug() == slug)
    }

    /// Whether one of its things, or of its tabs, has an address of its own.
    #[must_use]
    pub fn opens(self) -> bool {
        matches!(
            self,
            Self::Inbox | Self::Routing | Self::Functions | Self::Messages
        )
    }

    /// Who may see it: this role and those above. The server has the last word.
    #[must_use]
    pub fn least_role(self) -> Role {
        match self {
            Self::Me => Role::Agent,
            Self::Business
            | Self::Services
            | Self::Functions
            | Self::People
            | Self::Routing
            | Self::Messages
            | Self::Inbox
            | Self::PublicKeys
            | Self::ApiKeys
            | Self::Outgoing
            | Self::Crm
            | Self::LinkedCalendars
            | Self::Jobs
            | Self::Audit
            | Self::Privacy => Role::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn addresses_name_pages() {
        for (path, route) in [
            ("/desk", Route::Calls),
            ("/desk/", Route::Calls),
            ("/desk/calls", Route::Calls),
            ("/desk/calls/", Route::Calls),
            ("/desk/calls/call_1", Route::Call("call_1".into())),
            ("/desk/calls/call_1/x", Route::Unknown),
            ("/desk/invitation/t1", Route::Password("t1".into())),
            ("/desk/reset/t1", Route::Password("t1".into())),
            ("/setup/t1", Route::Setup("t1".into())),
            ("/setup", Route::Unknown),
            ("/desk/settings", Route::Settings(Section::Me)),
            ("/desk/settings/audit", Route::Settings(Section::Audit)),
            ("/desk/settings/nothing", Route::Unknown),
            (
                "/desk/settings/webhooks/d1",
                Route::Within(Section::Inbox, "d1".into()),
            ),
            ("/desk/settings/webhooks/d1/x", Route::Unknown),
            ("/desk/settings/audit/d1", Route::Unknown),
            ("/desk/callbacks", Route::Callbacks),
            ("/desk/callbacks/1", Route::Unknown),
            ("/desk/calendar", Route::Calendar),
            ("/desk/contacts", Route::Contacts),
            ("/desk/contacts/c1", Route::Contact("c1".into())),
            ("/desk/contacts/c1/x", Route::Unknown),
            ("/", Route::Unknown),
            ("", Route::Unknown),
        ] {
            assert_eq!(Route::parse(path), route, "{path:?}");
        }
    }

    #[test]
    fn a_page_is_found_under_its_own_address() {
        for route in [
            Route::Calls,
            Route::Call("call_9".into()),
            Route::Callbacks,
            Route::Calendar,
            Route::Contacts,
            Route::Contact("c9".into()),
            Route::Settings(Section::Audit),
            Route::Within(Section::Routing, "rule_1".into()),
            Route::Password("t1".into()),
            Route::Setup("t1".into()),
        ] {
            assert_eq!(Route::parse(&route.path()), route);
        }
    }

    #[test]
    fn what_is_open_in_a_section_is_no_page_of_its_own() {
        let open = Route::Within(Section::Inbox, "d1".into());
        assert_eq!(open.open_in(Section::Inbox), Some("d1"));
        assert_eq!(open.open_in(Section::Routing), None);
        assert_eq!(open.page(), Route::Settings(Section::Inbox));
        assert_eq!(Route::Calls.page(), Route::Calls);
    }

    #[test]
    fn every_section_has_an_address_of_its_own() {
        let slugs: HashSet<_> = Section::ALL.iter().map(|it| it.slug()).collect();
        assert_eq!(slugs.len(), Section::ALL.len());
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
