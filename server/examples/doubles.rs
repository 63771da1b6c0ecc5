//! The doubles of CRMs and of providers of text messages that the tests have, as a program: so
//! that the vendors' own clients and our own server can be set on them (`cargo xtask judge`).
//!
//! It writes where they are, then waits for the end of its input, and writes what they were
//! asked and what of it they did not take.

#![expect(
    dead_code,
    reason = "the tests ask more of the doubles than a judge does"
)]
#![expect(clippy::unwrap_used, reason = "a judge says where it fails")]
#![expect(clippy::print_stdout, reason = "whoever started it reads that")]

use std::io::{self, Read as _};

use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request};

use crm::double::Double;

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
