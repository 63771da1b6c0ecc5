//! `/api/v1` as programs meet it: with a secret API key, over HTTP.

mod access;
mod calls;
mod connectors;
mod contacts;
mod idempotency;
mod outgoing;
mod tenant;
mod webhooks;

use api::keys::{ApiScope, CreatedApiKey, NewApiKey};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use server::deeds::Author;
use server::keys::admin;
use server::store::Tenant;
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{TestServer, answers, retell_that_mints};

/// A program with a key.
pub(crate) struct Program<'a> {
    pub(crate) server: &'a TestServer,
    pub(crate) secret: String,
}

impl Program<'_> {
    pub(crate) fn request(&self, verb: &str, address: &str) -> RequestBuilder {
        let verb: Method = verb.parse().unwrap();
        let request = self.server.http.request(verb, self.server.url(address));
        request.bearer_auth(&self.secret)
    }

    pub(crate) async fn send(&self, verb: &str, address: &str, body: &Value) -> Response {
        let mut request = self.request(verb, address);
        if verb != "GET" && verb != "DELETE" {
            request = request.body(body.to_string());
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn get(&self, address: &str) -> Response {
        self.send("GET", address, &Value::Null).await
    }
}

pub(crate) async fn make(
    server: &TestServer,
    tenant: &Tenant,
    scopes: &[ApiScope],
) -> CreatedApiKey {
    let new = NewApiKey {
        name: "Program".to_owned(),
        scopes: scopes.to_vec(),
        expires_at: None,
    };
    let author = Author::operator();
    admin::create_api_key(server.app(), tenant, new, &author)
        .await
        .unwrap()
}

pub(crate) async fn program<'a>(server: &'a TestServer, scopes: &[ApiScope]) -> Program<'a> {
    let made = make(server, &server.tenant, scopes).await;
    Program {
        server,
        secret: made.secret,
    }
}

/// A Retell that mints, dials and shows its numbers.
pub(crate) async fn retell() -> MockServer {
    let retell = retell_that_mints().await;
    let call = json!({
        "call_id": "call_phone", "call_type": "phone_call", "call_status": "registered",
        "agent_id": "agent_1", "direction": "outbound", "from_number": "+14155550100",
        "to_number": "+34911230100", "access_token": "secret_of_the_call",
    });
    let created = ResponseTemplate::new(201).set_body_json(call);
    answers(&retell, "POST", "/v2/create-phone-call", created).await;
    let numbers = json!({"items": [
        {"phone_number": "+14155550100", "outbound_agents": [{"agent_id": "agent_9", "weight": 1}]},
        {"phone_number": "+14155550101", "outbound_agents": [{"agent_id": "agent_1", "weight": 1}]},
    ]});
    let numbers = ResponseTemplate::new(200).set_body_json(numbers);
    answers(&retell, "GET", "/v2/list-phone-numbers", numbers).await;
    retell
}
