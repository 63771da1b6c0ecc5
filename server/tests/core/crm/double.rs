//! A CRM of the test's own making: what it holds, and what it is told to do wrong.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
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
    fault: Option<Fault>,
    hangs: Duration,
    /// How often it was asked anything, and for a person.
    asked: usize,
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
                state.asked += 1;
                state.searches += usize::from(search(request));
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

    pub(crate) fn activities(&self) -> Vec<(String, Value)> {
        self.state().activities.clone()
    }

    pub(crate) fn changes(&self) -> Vec<Value> {
        self.state().changes.clone()
    }

    pub(crate) fn numbers_of(&self, id: &str) -> Vec<String> {
        self.state().person(id).unwrap().phones.clone()
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

    pub(crate) fn searches(&self) -> usize {
        self.state().searches
    }

    /// How often it was asked anything.
    pub(crate) fn asked(&self) -> usize {
        self.state().asked
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
