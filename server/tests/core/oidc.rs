//! Signing in by way of a provider of identities, on both engines.

mod provider;

use std::collections::BTreeMap;

use api::desk::Session;
use api::people::{Identities, LinkIdentity, OpenSessions, SignInWays};
use api::problem::slug;
use reqwest::Response;
use serde_json::json;
use server::check::{self, State};
use server::config::{Config, Secret};
use server::deeds::Author;
use server::people::{self, NewUser, PersonChange, Role, Token};
use server::store::{Store, Tenant};
use url::Url;

use provider::{Key, Mood, TestProvider, Visitor, Wrong};

use crate::support::{Scratch, TestServer, problem};

const PASSWORD: &str = "three words together";

async fn server(scratch: Scratch, provider: &TestProvider) -> TestServer {
    let settings = provider.settings();
    TestServer::start_with(scratch, "http://127.0.0.1:9", |config: &mut Config| {
        config.oidc = Some(settings);
    })
    .await
}

/// Invites somebody and gives their id and the hash of the link they were sent.
async fn invite(store: &Store, tenant: &Tenant, email: &str, role: Role) -> (String, String) {
    let new = NewUser::checked(email, "Somebody", role).unwrap();
    let link = Token::random().hash();
    let added = store
        .people()
        .invite(tenant, &new, &link, i64::MAX, &Author::operator(), 1)
        .await;
    assert!(added.unwrap());
    (new.id, link)
}

/// A browser: it keeps cookies, and says where it is sent.
struct Browser {
    origin: String,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new(server: &TestServer) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            origin: server.url(""),
            http: http.build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    async fn send(&mut self, method: &str, path: &str) -> Response {
        let url = match path.starts_with('/') {
            true => format!("{}{path}", self.origin),
            false => path.to_owned(),
        };
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self.http.request(method.parse().unwrap(), url);
        let answer = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Where an address sends the browser on to.
    async fn go(&mut self, path: &str) -> String {
        let answer = self.send("GET", path).await;
        assert_eq!(answer.status(), 303, "{path}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn begin(&mut self, to: &str) -> Url {
        let page = self.go(&format!("/desk/oidc?to={to}")).await;
        Url::parse(&page).unwrap()
    }

    /// All the way; gives the page it ends at.
    async fn sign_in(&mut self, provider: &TestProvider, visitor: &Visitor) -> String {
        let page = self.begin("/desk/calls").await;
        let back = provider.sign_in(&page, visitor);
        self.go(back.as_str()).await
    }

    /// The e-mail address of who is signed in.
    async fn who(&mut self) -> Option<String> {
        let answer = self.send("GET", "/api/desk/session").await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status == 200).then(|| serde_json::from_str::<Session>(&text).unwrap().email)
    }
}

fn telling(slug: &str) -> String {
    format!("/desk/calls?problem={slug}")
}

async fn actions(server: &TestServer) -> Vec<String> {
    let trail = server
        .app()
        .store
        .audit_events()
        .page(&server.tenant, None, 20)
        .await;
    let actions = trail.unwrap().into_iter().map(|it| it.action);
    // The business was made with an agent.
    actions.filter(|it| it != "agent.assigned").collect()
}

#[tokio::test]
async fn who_was_invited_is_linked_once_and_known_from_then_on() {
    for scratch in Scratch::each().await {
        let provider = TestProvider::start().await;
        let server = server(scratch, &provider).await;
        let store = &server.app().store;
        let (id, link) = invite(store, &server.tenant, "lea@example.com", Role::Agent).await;
        let mut visitor = Visitor::new("subject-1", "Lea@Example.com");
        visitor.in_token = false;
        let mut browser = Browser::new(&server);
        assert_eq!(browser.who().await, None);
        assert_eq!(browser.sign_in(&provider, &visitor).await, "/desk/calls");
        assert_eq!(browser.who().await.as_deref(), Some("lea@example.com"));
        assert!(!browser.cookies.contains_key("switchboard_oidc"));
        // The invitation has been accepted: what was sent does not work any more.
        assert!(
            store
                .people()
                .password_link(&link, 2)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            actions(&server).await,
            ["user.joined", "user.identity_linked", "user.invited"]
        );

        // It is a session like any other.
        let open = browser.send("GET", "/api/desk/me/sessions").await;
        let open: OpenSessions = serde_json::from_str(&open.text().await.unwrap()).unwrap();
        assert_eq!(open.items.len(), 1);
        let revoke = format!("/api/desk/me/sessions/{}", open.items[0].id);
        assert_eq!(browser.send("DELETE", &revoke).await.status(), 204);
        assert_eq!(browser.who().await, None);

        // Neither another address nor another key of the provider matters now.
        let mut renamed = Visitor::new("subject-1", "lea@elsewhere.example");
        renamed.verified = false;
        for key in [Key::ec("second"), Key::rsa("third"), Key::ec("third")] {
            provider.rotate(key);
            let mut browser = Browser::new(&server);
            assert_eq!(browser.sign_in(&provider, &renamed).await, "/desk/calls");
            assert_eq!(browser.who().await.as_deref(), Some("lea@example.com"));
        }
        assert_eq!(
            store
                .identities()
                .list(&server.tenant, &id)
                .await
                .unwrap()
                .len(),
            1
        );
        assert_eq!(actions(&server).await.len(), 4, "and the revoked session");
        server.stop().await;
    }
}

#[tokio::test]
async fn what_proves_nothing_signs_nobody_in() {
    for scratch in Scratch::each().await {
        let provider = TestProvider::start().await;
        let server = server(scratch, &provider).await;
        let store = &server.app().store;
        let (id, _) = invite(store, &server.tenant, "lea@example.com", Role::Agent).await;
        let visitor = Visitor::new("subject-1", "lea@example.com");
        for wrong in [
            Wrong::Nonce,
            Wrong::Audience,
            Wrong::Issuer,
            Wrong::Expired,
            Wrong::Key,
            Wrong::Unsigned,
            Wrong::SharedSecret,
        ] {
            provider.do_wrong(wrong);
            let mut browser = Browser::new(&server);
            let page = browser.sign_in(&provider, &visitor).await;
            assert_eq!(page, telling(slug::OIDC_UNTRUSTED), "{wrong:?}");
            assert!(browser.cookies.is_empty(), "{wrong:?}");
        }
        assert!(
            store
                .identities()
                .list(&server.tenant, &id)
                .await
                .unwrap()
                .is_empty()
        );
        provider.do_wrong(Wrong::Nothing);
        let mut browser = Browser::new(&server);
        assert_eq!(browser.sign_in(&provider, &visitor).await, "/desk/calls");
        server.stop().await;
    }
}

#[tokio::test]
async fn who_has_no_business_here_is_told_so() {
    for scratch in Scratch::each().await {
        let provider = TestProvider::start().await;
        let server = server(scratch, &provider).await;
        let store = &server.app().store;
        let (id, _) = invite(store, &server.tenant, "lea@example.com", Role::Agent).await;
        let ask = async |visitor: &Visitor| {
            let mut browser = Browser::new(&server);
            let page = browser.sign_in(&provider, visitor).await;
            assert_eq!(browser.who().await.is_some(), page == "/desk/calls");
            page
        };
        let mut lea = Visitor::new("subject-1", "lea@example.com");
        lea.verified = false;
        assert_eq!(ask(&lea).await, telling(slug::OIDC_EMAIL_UNVERIFIED));
        let unknown = Visitor::new("subject-2", "noa@example.com");
        assert_eq!(ask(&unknown).await, telling(slug::OIDC_UNINVITED));
        lea.verified = true;
        assert_eq!(ask(&lea).await, "/desk/calls");
        // The address has another owner at the provider now.
        let heir = Visitor::new("subject-3", "lea@example.com");
        assert_eq!(ask(&heir).await, telling(slug::OIDC_TAKEN));

        let disabled = PersonChange {
            disabled: Some(true),
            ..PersonChange::default()
        };
        let author = Author::operator();
        store
            .people()
            .change(&server.tenant, &id, &disabled, &author, 1)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(ask(&lea).await, telling(slug::OIDC_UNINVITED));
        let mut store_trail = actions(&server).await;
        store_trail.retain(|action| action == "user.identity_linked");
        assert_eq!(store_trail.len(), 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_business_that_is_switched_off_lets_nobody_in() {
    for scratch in Scratch::each().await {
        let provider = TestProvider::start().await;
        let server = server(scratch, &provider).await;
        let store = &server.app().store;
        invite(store, &server.tenant, "lea@example.com", Role::Agent).await;
        let lea = Visitor::new("subject-1", "lea@example.com");
        let mut browser = Browser::new(&server);
        assert_eq!(browser.sign_in(&provider, &lea).await, "/desk/calls");
        store
            .tenants()
            .disable(&server.tenant, &Author::operator(), 1)
            .await
            .unwrap();
        let mut browser = Browser::new(&server);
        let page = browser.sign_in(&provider, &lea).await;
        assert_eq!(page, telling(slug::OIDC_UNINVITED));
        server.stop().await;
    }
}

#[tokio::test]
async fn an_answer_is_heard_once_and_in_its_own_browser() {
    for scratch in Scratch::each().await {
        let provider = TestProvider::start().await;
        let server = server(scratch, &provider).await;
        let store = &server.app().store;
        invite(store, &server.tenant, "lea@example.com", Role::Agent).await;
        let lea = Visitor::new("subject-1", "lea@example.com");
        let stale = format!("/desk?problem={}", slug::OIDC_STALE);

        let mut browser = Browser::new(&server);
        let page = browser.begin("/desk/calls/call_1").await;
        let kept = browser.cookies.clone();
        assert!(!kept["switchboard_oidc"].contains("state"));
        let back = provider.sign_in(&page, &lea);
        // Somebody else's browser, such as one that was sent a link.
        let mut other = Browser::new(&server);
        assert_eq!(other.go(back.as_str()).await, stale);
        other.begin("/desk").await;
        assert_eq!(other.go(back.as_str()).await, stale);
        // The right one, with what somebody changed.
        let forged = back.as_str().replace("state=", "state=x");
        assert_eq!(Browser::new(&server).go(&forged).await, stale);

        assert_eq!(browser.go(back.as_str()).await, "/desk/calls/call_1");
        // Going back to it changes nothing for who is signed in.
        assert_eq!(browser.go(back.as_str()).await, "/desk");
        browser.cookies.clear();
        assert_eq!(browser.go(back.as_str()).await, stale);
        // Even where it was kept, the code works once.
        browser.cookies = kept;
        let again = browser.go(back.as_str()).await;
        assert_eq!(
            again,
            format!("/desk/calls/call_1?problem={}", slug::OIDC_REFUSED)
        );
        assert_eq!(browser.who().await, None);

        // Who leaves the provider's page is not signed in.
        let mut browser = Browser::new(&server);
        let mut left = browser.begin("/desk/calls").await;
        let state = left.query_pairs().find(|(name, _)| name == "state");
        let state = state.unwrap().1.into_owned();
        left = Url::parse(&server.url("/desk/oidc/callback")).unwrap();
        left.query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("state", &state);
        assert_eq!(browser.go(left.as_str()).await, telling(slug::OIDC_REFUSED));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_provider_that_is_down_keeps_no_password_out() {
    for scratch in Scratch::each().await {
        let provider = TestProvider::start().await;
        let server = server(scratch, &provider).await;
        let store = &server.app().store;
        let (id, link) = invite(store, &server.tenant, "lea@example.com", Role::Admin).await;
        let hash = people::hash_password(PASSWORD.to_owned()).await.unwrap();
        let author = Author::operator();
        store
            .people()
            .use_password_link(&server.tenant, &id, &link, &hash, &author, 2)
            .await
            .unwrap();
        let lea = Visitor::new("subject-1", "lea@example.com");
        let mut browser = Browser::new(&server);
        for mood in [Mood::Down, Mood::Nonsense] {
            provider.be(mood);
            let page = browser.go("/desk/oidc?to=/desk/calls").await;
            assert_eq!(page, telling(slug::OIDC_UNAVAILABLE), "{mood:?}");
        }
        let ways = browser.send("GET", "/api/desk/sign-in").await;
        let ways: SignInWays = serde_json::from_str(&ways.text().await.unwrap()).unwrap();
        assert_eq!(ways.provider.as_deref(), Some("Sunrise SSO"));
        let body = json!({"email": "lea@example.com", "password": PASSWORD});
        let signed_in = server
            .http
            .post(server.url("/api/desk/session"))
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(signed_in.status(), 200);

        // It may also fall silent in the middle.
        provider.be(Mood::Well);
        let page = browser.begin("/desk/calls").await;
        let back = provider.sign_in(&page, &lea);
        provider.be(Mood::Nonsense);
        let page = browser.go(back.as_str()).await;
        assert_eq!(page, telling(slug::OIDC_UNAVAILABLE));
        provider.be(Mood::Well);
        assert_eq!(browser.sign_in(&provider, &lea).await, "/desk/calls");
        server.stop().await;
    }
}

#[tokio::test]
async fn nobody_is_sent_away_from_here() {
    let provider = TestProvider::start().await;
    let server = server(Scratch::sqlite(), &provider).await;
    let store = &server.app().store;
    invite(store, &server.tenant, "lea@example.com", Role::Agent).await;
    let lea = Visitor::new("subject-1", "lea@example.com");
    for (to, end) in [
        ("//evil.test/desk", "/desk"),
        ("https://evil.test/desk", "/desk"),
        ("/desk/..//evil.test", "/desk"),
        ("/desk%5C..%5C..%5Cevil.test", "/desk"),
        ("/desk/calls?status=ended", "/desk/calls?status=ended"),
    ] {
        let mut browser = Browser::new(&server);
        let page = browser.begin(to).await;
        let back = provider.sign_in(&page, &lea);
        assert_eq!(browser.go(back.as_str()).await, end, "{to}");
        // Who is signed in already needs no provider.
        assert_eq!(
            browser.go(&format!("/desk/oidc?to={to}")).await,
            end,
            "{to}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn people_link_and_unlink_accounts_of_their_own() {
    for scratch in Scratch::each().await {
        let provider = TestProvider::start().await;
        let server = server(scratch, &provider).await;
        let store = &server.app().store;
        invite(store, &server.tenant, "lea@example.com", Role::Admin).await;
        invite(store, &server.tenant, "noa@example.com", Role::Admin).await;
        let mut lea = Browser::new(&server);
        let own = Visitor::new("subject-1", "lea@example.com");
        assert_eq!(lea.sign_in(&provider, &own).await, "/desk/calls");
        let mine = async |browser: &mut Browser| {
            let answer = browser.send("GET", "/api/desk/me/identities").await;
            let text = answer.text().await.unwrap();
            serde_json::from_str::<Identities>(&text).unwrap()
        };
        let linked = mine(&mut lea).await;
        assert_eq!(linked.can_link, None);
        assert_eq!(linked.items[0].provider, "Sunrise SSO");
        assert_eq!(linked.items[0].email.as_deref(), Some("lea@example.com"));
        let path = format!("/api/desk/me/identities/{}", linked.items[0].id);

        // Somebody else can neither see it nor take it away.
        let mut noa = Browser::new(&server);
        let hers = Visitor::new("subject-2", "noa@example.com");
        assert_eq!(noa.sign_in(&provider, &hers).await, "/desk/calls");
        let refused = noa.send("DELETE", &path).await;
        problem(refused, 404, slug::PERSON_UNKNOWN).await;
        assert_eq!(lea.send("DELETE", &path).await.status(), 204);
        assert_eq!(
            mine(&mut lea).await.can_link.as_deref(),
            Some("Sunrise SSO")
        );
        assert_eq!(actions(&server).await[0], "user.identity_unlinked");

        // An account of another address, and not verified: who is signed in says
        // that it is theirs.
        let mut other = Visitor::new("subject-9", "lea@home.example");
        other.verified = false;
        let begin = async |browser: &mut Browser| {
            let answer = browser.send("POST", "/api/desk/me/identities").await;
            let answer: LinkIdentity = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            Url::parse(&answer.url).unwrap()
        };
        let back = provider.sign_in(&begin(&mut lea).await, &other);
        assert_eq!(lea.go(back.as_str()).await, "/desk/settings/me");
        assert_eq!(
            mine(&mut lea).await.items[0].email.as_deref(),
            Some("lea@home.example")
        );
        // It is not Noa's, whatever she does.
        let noas = mine(&mut noa).await.items.remove(0).id;
        noa.send("DELETE", &format!("/api/desk/me/identities/{noas}"))
            .await;
        let back = provider.sign_in(&begin(&mut noa).await, &other);
        let taken = format!("/desk/settings/me?problem={}", slug::OIDC_TAKEN);
        assert_eq!(noa.go(back.as_str()).await, taken);
        // Nor is it linked with who signs in while somebody else is away.
        let back = provider.sign_in(&begin(&mut noa).await, &hers);
        let session = lea.cookies["switchboard_session"].clone();
        noa.cookies
            .insert("switchboard_session".to_owned(), session);
        let stale = format!("/desk/settings/me?problem={}", slug::OIDC_STALE);
        assert_eq!(noa.go(back.as_str()).await, stale);
        server.stop().await;
    }
}

#[tokio::test]
async fn attempts_are_counted_with_those_by_password() {
    let provider = TestProvider::start().await;
    let server = server(Scratch::sqlite(), &provider).await;
    let mut browser = Browser::new(&server);
    for _ in 0..20 {
        browser.begin("/desk").await;
    }
    let page = browser.go("/desk/oidc?to=/desk/calls").await;
    assert_eq!(page, telling(slug::RATE_LIMITED));
    let body = json!({"email": "lea@example.com", "password": PASSWORD});
    let refused = server
        .http
        .post(server.url("/api/desk/session"))
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    problem(refused, 429, slug::RATE_LIMITED).await;
    server.stop().await;
}

#[tokio::test]
async fn another_server_finishes_what_one_has_begun() {
    let Some(scratch) = Scratch::on_postgres().await else {
        return;
    };
    let provider = TestProvider::start().await;
    let start = async |scratch: Scratch, public: Option<String>| {
        let settings = provider.settings();
        TestServer::start_with(scratch, "http://127.0.0.1:9", |config: &mut Config| {
            config.oidc = Some(settings);
            config.public_url = public.map(|url| url.parse().unwrap());
            config.encryption_keys = vec![Secret::new("a key that both of the servers have")];
        })
        .await
    };
    let beside = scratch.beside();
    let one = start(scratch, None).await;
    let two = start(beside, Some(one.url(""))).await;
    invite(
        &one.app().store,
        &one.tenant,
        "lea@example.com",
        Role::Agent,
    )
    .await;
    let mut browser = Browser::new(&one);
    let page = browser.begin("/desk/calls").await;
    let back = provider.sign_in(&page, &Visitor::new("subject-1", "lea@example.com"));
    let there = back.as_str().replace(&one.url(""), &two.url(""));
    assert_eq!(browser.go(&there).await, "/desk/calls");
    assert_eq!(browser.who().await.as_deref(), Some("lea@example.com"));
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn a_server_without_a_provider_has_no_such_way() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    let mut browser = Browser::new(&server);
    let ways = browser.send("GET", "/api/desk/sign-in").await;
    assert_eq!(ways.text().await.unwrap(), "{}");
    let page = browser.go("/desk/oidc?to=/desk/calls").await;
    assert_eq!(page, telling(slug::NOT_FOUND));
    assert!(browser.cookies.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn check_asks_the_provider() {
    let provider = TestProvider::start().await;
    let server = server(Scratch::sqlite(), &provider).await;
    let app = server.app();
    for (mood, state) in [(Mood::Well, State::Ok), (Mood::Down, State::Failed)] {
        provider.be(mood);
        let findings = check::run(&app.config, &app.vault, app.clock.now_ms()).await;
        let found = findings
            .iter()
            .find(|it| it.what == "OpenID Connect (Sunrise SSO)")
            .unwrap();
        assert_eq!(found.state, state, "{found}");
    }
    server.stop().await;
}
