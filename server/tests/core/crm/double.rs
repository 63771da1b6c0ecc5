//! A CRM of the test's own making: what it holds, and what it is told to do wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A vendor's API as its documentation tells it.
pub(crate) struct Vendor {
    /// What is put to connect it, at this address.
    pub(crate) connection: fn(&str) -> Value,
    /// The name of its secret.
    pub(crate) secret: &'static str,
    /// Answers.
    pub(crate) answer: fn(&mut State, &Request) -> ResponseTemplate,
    /// Whether a request writes an activity.
    pub(crate) writes: fn(&Request) -> bool,
    /// Whether a request searches for a person.
    pub(crate) searches: fn(&Request) -> bool,
    /// Looks at what was written of the first call of the journey.
    pub(crate) check: fn(&Value),
    /// What is said when too much was asked, and after how long it is over (s).
    pub(crate) limited: fn() -> ResponseTemplate,
    pub(crate) rests_s: i64,
    /// What is said of a key that is taken away.
    pub(crate) locked_out: &'static str,
}

/// Where somebody lets an app in, and what it gets for its code, as a vendor does it.
pub(crate) struct Consent {
    /// What is put to connect it, at this address.
    pub(crate) connection: fn(&str) -> Value,
    /// The page, and where tokens are.
    pub(crate) page: &'static str,
    pub(crate) tokens: &'static str,
    /// What it has to ask for.
    pub(crate) scope: &'static str,
    /// Whether it proves that who asked for the page uses the code.
    pub(crate) proves: bool,
    /// Whether it shows its secret in a header.
    pub(crate) in_header: bool,
    /// For how long a token is good (s), where that is said.
    pub(crate) lasts_s: Option<u32>,
    /// Whether what renews is good once.
    pub(crate) rotates: bool,
}

/// What an app was granted: `access-n` opens, `refresh-m` renews.
#[derive(Default)]
pub(crate) struct Grant {
    access: u32,
    refresh: u32,
    /// The access is over.
    over: bool,
    /// Nobody lets it in any more.
    withdrawn: bool,
    /// The code that somebody is sent back with, until it is used, and the challenge it takes.
    code: Option<String>,
    challenge: String,
    renewals: u32,
    codes: u32,
}

impl State {
    /// Whether a request shows what was granted, and that is good.
    pub(crate) fn is_let_in(&self, request: &Request) -> bool {
        let Grant { access, over, .. } = self.grant;
        access > 0 && !over && header(request, "authorization") == format!("Bearer access-{access}")
    }

    /// What the place where tokens are answers.
    fn tokens(&mut self, consent: &Consent, request: &Request) -> ResponseTemplate {
        let form = url::form_urlencoded::parse(&request.body).into_owned();
        let form: BTreeMap<String, String> = form.collect();
        let said = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let error = |code: &str| {
            ResponseTemplate::new(400).set_body_json(json!({"error": code, "message": "No."}))
        };
        let shows = match consent.in_header {
            true => header(request, "authorization") == "Basic YXBwLTE6c2VjcmV0LTE=",
            false => said("client_id") == "app-1" && said("client_secret") == "secret-1",
        };
        if !shows {
            return error("invalid_client");
        }
        let grant = &mut self.grant;
        match said("grant_type") {
            "authorization_code" => {
                let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(said("code_verifier")));
                let proves = !consent.proves || proof == grant.challenge;
                let is_back = said("redirect_uri").ends_with("/desk/crm/callback");
                // It is good once, whatever becomes of it.
                let code = grant.code.take();
                if code.as_deref() != Some(said("code")) || !proves || !is_back {
                    return error("invalid_grant");
                }
                grant.withdrawn = false;
                grant.refresh += 1;
            }
            "refresh_token" => {
                let is_it = said("refresh_token") == format!("refresh-{}", grant.refresh);
                if grant.withdrawn || !is_it {
                    return error("invalid_grant");
                }
                grant.renewals += 1;
                grant.refresh += u32::from(consent.rotates);
            }
            _ => return error("unsupported_grant_type"),
        }
        grant.access += 1;
        grant.over = false;
        let mut given = json!({
            "access_token": format!("access-{}", grant.access), "token_type": "bearer",
            "refresh_token": format!("refresh-{}", grant.refresh),
        });
        match consent.lasts_s {
            Some(lasts_s) => given["expires_in"] = lasts_s.into(),
            None => given["instance_url"] = self.url.as_str().into(),
        }
        if consent.in_header {
            given["api_domain"] = self.url.as_str().into();
        }
        // So slow that whoever else needs it comes meanwhile.
        ResponseTemplate::new(200)
            .set_body_json(given)
            .set_delay(Duration::from_millis(150))
    }
}

/// Somebody there.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phones: Vec<String>,
}

impl Person {
    /// Whether one of the numbers has these digits in it, however it is written.
    pub(crate) fn has_digits(&self, digits: &str) -> bool {
        let bare = |phone: &String| {
            phone
                .chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        self.phones.iter().any(|phone| bare(phone).contains(digits))
    }
}

#[derive(Default)]
pub(crate) struct State {
    /// Where it is reached.
    pub(crate) url: String,
    pub(crate) people: Vec<Person>,
    /// To whom, and what.
    pub(crate) activities: Vec<(String, Value)>,
    /// What was changed of people.
    pub(crate) changes: Vec<Value>,
    /// The key is no longer good.
    pub(crate) locked: bool,
    /// Tokens given out.
    pub(crate) tokens: u32,
    /// What an app was granted.
    pub(crate) grant: Grant,
    fault: Option<Fault>,
    hangs: Duration,
    /// How often what was written was said anew.
    renewed: usize,
    /// How often it was asked for a person.
    searches: usize,
    /// What was asked in a way that the vendor does not take.
    refused: Vec<String>,
}

impl State {
    pub(crate) fn add(&mut self, person: Person) -> String {
        let id = person.id.clone();
        self.people.push(person);
        id
    }

    /// The id of whoever comes next.
    pub(crate) fn next_id(&self) -> String {
        (501 + self.people.len()).to_string()
    }

    pub(crate) fn person(&mut self, id: &str) -> Option<&mut Person> {
        self.people.iter_mut().find(|person| person.id == id)
    }

    /// Changes what was written as the one of this number; whether there is such a one.
    pub(crate) fn change_activity(&mut self, number: Option<usize>, fields: &Value) -> bool {
        let there = number.and_then(|it| self.activities.get_mut(it));
        if let (Some((_, there)), Some(fields)) = (there, fields.as_object()) {
            there.as_object_mut().unwrap().extend(fields.clone());
            self.renewed += 1;
            return true;
        }
        false
    }

    /// Notes that a request is not as the vendor takes it.
    pub(crate) fn refuse(&mut self, why: impl Into<String>) {
        self.refused.push(why.into());
    }
}

/// What goes wrong with the next activity.
pub(crate) enum Fault {
    /// It is answered so instead.
    Instead(ResponseTemplate),
    /// It is written, and answered with this status.
    After(u16),
}

pub(crate) struct Double {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

impl Double {
    pub(crate) async fn start(vendor: &Vendor) -> Self {
        Self::start_with(vendor, None).await
    }

    /// One that lets apps in, too.
    pub(crate) async fn start_with(vendor: &Vendor, consent: Option<&'static Consent>) -> Self {
        let server = MockServer::start().await;
        let state = Arc::new(Mutex::new(State {
            url: server.uri(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let (answer, writes, search) = (vendor.answer, vendor.writes, vendor.searches);
        Mock::given(any())
            .respond_with(move |request: &Request| {
                let mut state = shared.lock().unwrap();
                state.searches += usize::from(search(request));
                if let Some(consent) = consent.filter(|it| it.tokens == request.url.path()) {
                    return state.tokens(consent, request);
                }
                let fault = state.fault.take_if(|_| writes(request));
                let answered = match fault {
                    Some(Fault::Instead(instead)) => instead,
                    Some(Fault::After(status)) => {
                        answer(&mut state, request);
                        ResponseTemplate::new(status)
                    }
                    None => answer(&mut state, request),
                };
                answered.set_delay(state.hangs)
            })
            .mount(&server)
            .await;
        Self { server, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        self.server.uri()
    }

    /// Somebody whom the business entered; returns their id.
    pub(crate) fn add(&self, name: &str, email: &str, phone: &str) -> String {
        let mut state = self.state();
        let person = Person {
            id: state.next_id(),
            name: name.to_owned(),
            email: email.to_owned(),
            phones: vec![phone.to_owned()],
        };
        state.add(person)
    }

    /// Somebody says yes on the page at this address. Returns where they are sent back to.
    pub(crate) fn says_yes(&self, consent: &Consent, page: &str) -> String {
        let page = Url::parse(page).unwrap();
        let asked: BTreeMap<_, _> = page.query_pairs().into_owned().collect();
        assert_eq!(page.path(), consent.page);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], "app-1");
        let scope = asked.get("scope").map(String::as_str);
        assert_eq!(scope.unwrap_or_default(), consent.scope);
        assert_eq!(asked.contains_key("code_challenge"), consent.proves);
        let mut state = self.state();
        state.grant.codes += 1;
        let code = format!("code-{}", state.grant.codes);
        state.grant.challenge = asked.get("code_challenge").cloned().unwrap_or_default();
        let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked["state"]);
        state.grant.code = Some(code);
        back.into()
    }

    /// What opens it is over, before its time.
    pub(crate) fn is_over(&self) {
        self.state().grant.over = true;
    }

    /// Nobody lets the app in any more.
    pub(crate) fn withdraws(&self) {
        let mut state = self.state();
        (state.grant.over, state.grant.withdrawn) = (true, true);
    }

    /// How often access was renewed.
    pub(crate) fn renewals(&self) -> u32 {
        self.state().grant.renewals
    }

    pub(crate) fn activities(&self) -> Vec<(String, Value)> {
        self.state().activities.clone()
    }

    /// How often what was written was said anew.
    pub(crate) fn renewed(&self) -> usize {
        self.state().renewed
    }

    pub(crate) fn changes(&self) -> Vec<Value> {
        self.state().changes.clone()
    }

    pub(crate) fn numbers_of(&self, id: &str) -> Vec<String> {
        self.state().person(id).unwrap().phones.clone()
    }

    /// Somebody of the business changes an address there.
    pub(crate) fn enter_email(&self, id: &str, email: &str) {
        email.clone_into(&mut self.state().person(id).unwrap().email);
    }

    /// Somebody of the business merges a person into another, who has their numbers then.
    pub(crate) fn merges(&self, id: &str, into: &str) {
        let mut state = self.state();
        let phones = state.person(id).unwrap().phones.clone();
        state.people.retain(|person| person.id != id);
        state.person(into).unwrap().phones = phones;
    }

    pub(crate) fn email_of(&self, id: &str) -> String {
        self.state().person(id).unwrap().email.clone()
    }

    pub(crate) fn fails(&self, fault: Fault) {
        self.state().fault = Some(fault);
    }

    pub(crate) fn hangs(&self, time: Duration) {
        self.state().hangs = time;
    }

    pub(crate) fn lock_out(&self) {
        self.state().locked = true;
    }

    pub(crate) fn let_in(&self) {
        self.state().locked = false;
    }

    pub(crate) fn refused(&self) -> Vec<String> {
        self.state().refused.clone()
    }

    /// All it was asked.
    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    pub(crate) fn searches(&self) -> usize {
        self.state().searches
    }

    /// How often it was asked anything.
    pub(crate) async fn asked(&self) -> usize {
        self.requests().await.len()
    }
}

pub(crate) fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    let value = request.headers.get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn query(request: &Request, name: &str) -> String {
    let mut pairs = request.url.query_pairs();
    let found = pairs.find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
