//! People, their sessions and links, and what a business says about itself, on
//! both engines.

use serde_json::json;
use server::app::keepers;
use server::config::Database;
use server::deeds::Author;
use server::people::{LinkPurpose, NewUser, PeopleError, PersonChange, Role, SessionOrigin, Token};
use server::privacy::retention;
use server::store::{Store, Tenant};
use server::tenants::{BusinessHours, TenantSettings};

use crate::support::Scratch;

const NOW: i64 = 1_790_000_000_000;
const LATER: i64 = NOW + 1_000_000;

async fn business(store: &Store, name: &str) -> Tenant {
    let languages = ["en".to_owned()];
    store
        .tenants()
        .create(name, "Europe/Berlin", &languages, &Author::operator(), NOW)
        .await
        .unwrap()
}

/// Adds a person who has a password and signed in once.
async fn person(store: &Store, tenant: &Tenant, email: &str, role: Role) -> String {
    let new = NewUser::checked(email, "Somebody", role).unwrap();
    let token = Token::random();
    let author = Author::operator();
    let added = store
        .people()
        .invite(tenant, &new, &token.hash(), LATER, &author, NOW)
        .await;
    assert!(added.unwrap());
    let used = store
        .people()
        .use_password_link(tenant, &new.id, &token.hash(), "hash", &author, NOW)
        .await;
    assert_eq!(used.unwrap(), Some(vec![]));
    new.id
}

async fn session(store: &Store, tenant: &Tenant, user: &str) -> String {
    let hash = Token::random().hash();
    let origin = SessionOrigin {
        ip: Some("192.0.2.7".parse().unwrap()),
        user_agent: Some("A browser".into()),
    };
    store
        .sign_ins()
        .create_session(tenant, user, &hash, &origin, NOW, LATER)
        .await
        .unwrap();
    hash
}

async fn change(
    store: &Store,
    tenant: &Tenant,
    id: &str,
    change: PersonChange,
) -> Result<Vec<String>, PeopleError> {
    store
        .people()
        .change(tenant, id, &change, &Author::operator(), NOW)
        .await
        .unwrap()
}

fn role(role: Role) -> PersonChange {
    PersonChange {
        role: Some(role),
        ..PersonChange::default()
    }
}

fn disabled(disabled: bool) -> PersonChange {
    PersonChange {
        disabled: Some(disabled),
        ..PersonChange::default()
    }
}

#[tokio::test]
async fn a_business_keeps_an_admin_whatever_is_asked() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = business(&store, "One").await;
        let first = person(&store, &tenant, "first@example.com", Role::Admin).await;
        for attempt in [role(Role::Agent), disabled(true)] {
            let refused = change(&store, &tenant, &first, attempt).await;
            assert!(matches!(refused, Err(PeopleError::LastAdmin)));
        }
        // An invited admin who never came cannot rescue the business.
        let new = NewUser::checked("new@example.com", "New", Role::Admin).unwrap();
        let token = Token::random().hash();
        let author = Author::operator();
        store
            .people()
            .invite(&tenant, &new, &token, LATER, &author, NOW)
            .await
            .unwrap();
        let refused = change(&store, &tenant, &first, role(Role::Agent)).await;
        assert!(matches!(refused, Err(PeopleError::LastAdmin)));

        let second = person(&store, &tenant, "second@example.com", Role::Admin).await;
        // Of two demotions at once only one succeeds.
        let (one, two) = tokio::join!(
            change(&store, &tenant, &first, role(Role::Agent)),
            change(&store, &tenant, &second, role(Role::Agent)),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn who_is_switched_off_is_out_everywhere_and_can_come_back() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = business(&store, "One").await;
        person(&store, &tenant, "admin@example.com", Role::Admin).await;
        let id = person(&store, &tenant, "emma@example.com", Role::Agent).await;
        let mut open = vec![
            session(&store, &tenant, &id).await,
            session(&store, &tenant, &id).await,
        ];
        let link = Token::random().hash();
        let (purpose, author) = (LinkPurpose::Reset, Author::operator());
        store
            .people()
            .replace_password_link(&tenant, &id, purpose, &link, LATER, &author, NOW)
            .await
            .unwrap();

        let mut ended = change(&store, &tenant, &id, disabled(true)).await.unwrap();
        open.sort();
        ended.sort();
        assert_eq!(ended, open);
        assert!(
            store
                .sign_ins()
                .session(&open[0], NOW)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .people()
                .by_email("emma@example.com")
                .await
                .unwrap()
                .is_none()
        );
        change(&store, &tenant, &id, disabled(false)).await.unwrap();
        assert!(
            store
                .people()
                .by_email("emma@example.com")
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            store
                .people()
                .password_link(&link, NOW)
                .await
                .unwrap()
                .is_none(),
            "the old link is gone"
        );

        let trail = store.audit_events().page(&tenant, None, 10).await.unwrap();
        let actions: Vec<_> = trail.iter().map(|it| it.action.as_str()).collect();
        assert_eq!(
            actions[..3],
            ["user.enabled", "user.disabled", "user.link_made"]
        );
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_in_time() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = business(&store, "One").await;
        let id = person(&store, &tenant, "emma@example.com", Role::Admin).await;
        let (author, purpose) = (Author::operator(), LinkPurpose::Reset);
        let make = async |hash: &str| {
            store
                .people()
                .replace_password_link(&tenant, &id, purpose, hash, LATER, &author, NOW)
                .await
                .unwrap();
        };
        make("first").await;
        make("second").await;
        assert!(
            store
                .people()
                .password_link("first", NOW)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .people()
                .password_link("second", LATER)
                .await
                .unwrap()
                .is_none()
        );
        let (owner, user, found) = store
            .people()
            .password_link("second", NOW)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (owner.id(), user.id, found),
            (tenant.id(), id.clone(), purpose)
        );
        // It opens no session by itself.
        assert!(
            store
                .sign_ins()
                .use_sign_in_link("second", NOW)
                .await
                .unwrap()
                .is_none()
        );

        let open = session(&store, &tenant, &id).await;
        let choose = |hash| {
            store
                .people()
                .use_password_link(&tenant, &id, "second", hash, &author, NOW)
        };
        let (one, two) = tokio::join!(choose("a"), choose("b"));
        let done: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
        assert_eq!(
            done,
            [vec![open]],
            "one of two at once, and it ends the sessions"
        );
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_person_alone() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, two) = (business(&store, "One").await, business(&store, "Two").await);
        let emma = person(&store, &one, "emma@example.com", Role::Admin).await;
        let lucia = person(&store, &two, "lucia@example.com", Role::Admin).await;
        let (first, second) = (
            session(&store, &one, &emma).await,
            session(&store, &one, &emma).await,
        );
        let others = session(&store, &two, &lucia).await;

        let open = store
            .sign_ins()
            .open_sessions(&one, &emma, NOW)
            .await
            .unwrap();
        assert_eq!(open.len(), 2);
        assert_eq!(open[0].remote_ip.as_deref(), Some("192.0.2.7"));
        assert_eq!(open[0].user_agent.as_deref(), Some("A browser"));
        assert!(
            store
                .sign_ins()
                .open_sessions(&two, &emma, NOW)
                .await
                .unwrap()
                .is_empty()
        );

        let author = Author::operator();
        let theirs = others[..16].to_owned();
        for (tenant, user) in [(&one, &emma), (&one, &lucia), (&two, &emma)] {
            let ended = store
                .sign_ins()
                .revoke_session(tenant, user, &theirs, &author, NOW)
                .await;
            assert_eq!(ended.unwrap(), None);
        }
        let ended = store
            .sign_ins()
            .revoke_session(&one, &emma, &first[..16], &author, NOW)
            .await;
        assert_eq!(ended.unwrap(), Some(first));
        let ended = store
            .sign_ins()
            .revoke_other_sessions(&one, &emma, &second, &author, NOW)
            .await;
        assert!(ended.unwrap().is_empty());
        assert!(
            store
                .sign_ins()
                .session(&second, NOW)
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            store
                .sign_ins()
                .session(&others, NOW)
                .await
                .unwrap()
                .is_some()
        );
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn an_address_is_used_once_and_nobody_changes_another_business_s_people() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, two) = (business(&store, "One").await, business(&store, "Two").await);
        let emma = person(&store, &one, "emma@example.com", Role::Agent).await;
        let again = NewUser::checked("Emma@Example.com", "Again", Role::Agent).unwrap();
        let token = Token::random().hash();
        let author = Author::operator();
        let added = store
            .people()
            .invite(&two, &again, &token, LATER, &author, NOW)
            .await;
        assert!(!added.unwrap());
        assert!(store.people().find(&two, &emma).await.unwrap().is_none());
        let refused = change(&store, &two, &emma, role(Role::Admin)).await;
        assert!(matches!(refused, Err(PeopleError::Unknown)));
        assert!(
            store
                .people()
                .page(&two, None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        let found = store
            .people()
            .find_person("emma@example.com")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((found.0.id(), found.1), (one.id(), emma));
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn people_come_page_by_page() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = business(&store, "One").await;
        for n in 0..5 {
            person(&store, &tenant, &format!("{n}@example.com"), Role::Agent).await;
        }
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = store
                .people()
                .page(&tenant, after.as_deref(), 2)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            seen.extend(page.into_iter().map(|it| it.email));
        }
        let expected: Vec<_> = (0..5).map(|n| format!("{n}@example.com")).collect();
        assert_eq!(seen, expected);
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn a_business_says_what_it_is_and_its_switch_counts_at_once() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = business(&store, "One").await;
        store
            .agents()
            .assign(&tenant, "agent_1", "Emma", &Author::operator(), NOW)
            .await
            .unwrap();
        let before = store.tenants().settings(&tenant).await.unwrap();
        assert_eq!(before.hours, BusinessHours::default());
        assert_eq!(before.languages, ["en"]);
        let hours = json!({"week": [[{"from": "09:00", "to": "17:00"}], [], [], [], [], [], []]});
        let settings = TenantSettings {
            name: "Eins".into(),
            timezone: "Europe/Vienna".into(),
            languages: vec!["de".into(), "en".into()],
            default_agent_id: Some("agent_1".into()),
            hours: serde_json::from_value(hours).unwrap(),
        }
        .checked()
        .unwrap();
        let author = Author::operator();
        store
            .tenants()
            .set_settings(&tenant, &settings, None, &author, NOW)
            .await
            .unwrap();
        assert_eq!(store.tenants().settings(&tenant).await.unwrap(), settings);
        // Saying the same again is no deed.
        store
            .tenants()
            .set_settings(&tenant, &settings, None, &author, NOW)
            .await
            .unwrap();
        let trail = store.audit_events().page(&tenant, None, 10).await.unwrap();
        let changes: Vec<_> = trail
            .iter()
            .filter(|it| it.action == "tenant.changed")
            .collect();
        assert_eq!(changes.len(), 1);
        assert_eq!(
            changes[0].details["changed"],
            json!(["name", "timezone", "languages", "default_agent", "hours"])
        );

        let emma = person(&store, &tenant, "emma@example.com", Role::Admin).await;
        let open = session(&store, &tenant, &emma).await;
        store
            .tenants()
            .disable(&tenant, &author, NOW)
            .await
            .unwrap();
        assert!(
            store
                .sign_ins()
                .session(&open, NOW)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .people()
                .by_email("emma@example.com")
                .await
                .unwrap()
                .is_none()
        );
        store.tenants().enable(&tenant, &author, NOW).await.unwrap();
        assert!(
            store
                .people()
                .by_email("emma@example.com")
                .await
                .unwrap()
                .is_some()
        );
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn servers_on_one_postgresql_count_attempts_together() {
    for scratch in Scratch::each().await {
        let (one, two) = (scratch.store().await, scratch.store().await);
        let shared = matches!(scratch.database, Database::Postgres(_));
        let mut waits = Vec::new();
        for n in 0..12 {
            let store = if n % 2 == 0 { &one } else { &two };
            waits.push(
                store
                    .sign_ins()
                    .sign_in_attempt("x", 10, NOW)
                    .await
                    .unwrap(),
            );
        }
        assert!(waits[..10].iter().all(Option::is_none), "{waits:?}");
        assert_eq!(waits[10..].iter().all(Option::is_some), shared, "{waits:?}");
        assert_eq!(
            one.sign_ins().sign_in_attempt("y", 10, NOW).await.unwrap(),
            None
        );
        // One comes free every six seconds.
        assert_eq!(
            one.sign_ins()
                .sign_in_attempt("x", 10, NOW + 6_000)
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            two.sign_ins()
                .sign_in_attempt("x", 10, NOW + 6_000)
                .await
                .unwrap()
                .is_some(),
            shared
        );
        retention::apply(&keepers(), &one, NOW + 120_000)
            .await
            .unwrap();
        assert_eq!(
            two.sign_ins().sign_in_attempt("x", 10, NOW).await.unwrap(),
            None
        );
        for store in [one, two] {
            store.close().await;
        }
        scratch.remove().await;
    }
}

#[tokio::test]
async fn only_one_business_is_the_first() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        assert!(!store.tenants().any().await.unwrap());
        let languages = ["en".to_owned()];
        let first = async |email: &str| {
            let admin = NewUser::checked(email, "Robin", Role::Admin).unwrap();
            store
                .tenants()
                .create_first("First", "UTC", &languages, &admin, "hash", NOW)
                .await
                .unwrap()
        };
        let (one, two) = tokio::join!(first("one@example.com"), first("two@example.com"));
        assert!(one.is_some() != two.is_some());
        assert!(first("three@example.com").await.is_none());
        let tenants = store.tenants().page(None, 10).await.unwrap();
        assert_eq!(tenants.len(), 1);
        let people = store
            .people()
            .page(&tenants[0].tenant, None, 10)
            .await
            .unwrap();
        assert_eq!(people.len(), 1);
        store.close().await;
        scratch.remove().await;
    }
}
