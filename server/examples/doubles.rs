//! The doubles of CRMs and of providers of text messages that the tests have, as a program: so
//! that the vendors' own clients and our own server can be set on them (`cargo xtask judge`).
//! With four numbers there are so many of Cal.com as well, which take so long (ms) to tell
//! something and to change something, and all CRMs take so long (`cargo xtask bench functions`).
//!
//! It writes where they are, then waits for the end of its input, and writes what they were
//! asked and what of it they did not take.

#![expect(
    dead_code,
    reason = "the tests ask more of the doubles than a judge does"
)]
#![expect(clippy::unwrap_used, reason = "a judge says where it fails")]
#![expect(clippy::print_stdout, reason = "whoever started it reads that")]

use std::env;
use std::io::{self, Read as _};
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request};

use crm::double::Double;

#[path = "../tests/core/calcom/double.rs"]
mod calcom;
#[path = "../tests/core/crm"]
mod crm {
    pub(crate) mod double;
    pub(crate) mod hubspot;
    pub(crate) mod pipedrive;
    pub(crate) mod salesforce;
}
#[path = "../tests/core/sms/double.rs"]
mod sms;

/// Somebody who is in every CRM: their name, address, and number as somebody typed it.
const ANA: [&str; 3] = ["Ana Maria Costa", "ana@example.com", "+34612345678"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let told: Vec<u64> = env::args().skip(1).map(|it| it.parse().unwrap()).collect();
    let [calcoms, reading, changing, searching] = told.as_slice().try_into().unwrap_or([0; 4]);
    let [reading, changing, searching] = [reading, changing, searching].map(Duration::from_millis);
    let mut where_they_are = json!({});
    let mut doubles = Vec::new();
    for (name, vendor) in [
        ("hubspot", &crm::hubspot::VENDOR),
        ("pipedrive", &crm::pipedrive::VENDOR),
        ("salesforce", &crm::salesforce::VENDOR),
    ] {
        let double = Double::start(vendor).await;
        let [who, email, phone] = ANA;
        double.add(who, email, phone);
        double.hangs(searching);
        let url = double.url();
        where_they_are[name] = json!({"url": url, "connection": (vendor.connection)(&url)});
        doubles.push((name, double));
    }
    let (twilio, vonage) = (MockServer::start().await, MockServer::start().await);
    Mock::given(any())
        .respond_with(sms::as_twilio)
        .mount(&twilio)
        .await;
    Mock::given(any())
        .respond_with(sms::as_vonage)
        .mount(&vonage)
        .await;
    where_they_are["twilio"] =
        json!({"url": twilio.uri(), "connection": sms::twilio(&twilio.uri())});
    where_they_are["vonage"] =
        json!({"url": vonage.uri(), "connection": sms::vonage(&vonage.uri())});
    let mut calendars = Vec::new();
    for _ in 0..calcoms {
        calendars.push(calcom::Double::start_at_pace(reading, changing).await);
    }
    let shown = calendars
        .iter()
        .map(|it| json!({"url": it.url(), "key": calcom::KEY, "event_type": calcom::EVENT_TYPE}));
    where_they_are["calcom"] = shown.collect();
    println!("{where_they_are}");
    // Whoever asks, asks while this waits.
    let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    ended.await.unwrap().unwrap();
    let mut told = json!({});
    for (name, double) in &doubles {
        told[*name] =
            json!({"refused": double.refused(), "asked": asked(&double.requests().await)});
    }
    for (name, server) in [("twilio", &twilio), ("vonage", &vonage)] {
        let requests = server.received_requests().await.unwrap();
        told[name] = json!({"refused": [], "asked": asked(&requests)});
    }
    for double in &calendars {
        let standing = double.standing();
        let standing: Vec<_> = standing.iter().map(|it| it.starts_at).collect();
        told["calcom"][double.url()] = json!({"refused": double.refused(), "standing": standing});
    }
    println!("{told}");
}

/// What was asked, in order.
fn asked(requests: &[Request]) -> Vec<Value> {
    let one = |request: &Request| {
        let body = serde_json::from_slice(&request.body);
        let form = || json!(sms::fields(&request.body));
        json!({
            "method": request.method.as_str(), "path": request.url.path(),
            "query": request.url.query(), "body": body.unwrap_or_else(|_| form()),
        })
    };
    requests.iter().map(one).collect()
}
