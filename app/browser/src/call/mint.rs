//! Our server's part of a call: mint it, end it when it is not joined, and the
//! address of its transcript. Whoever started it, it is the ticket that opens it.

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use super::signalling::{Gateway, Joined};
use crate::ui::json;
use crate::ui::web::{Request, text};

/// Where visitors' calls are minted, and what is opened by a ticket is.
pub const CALLS: &str = "/api/public/web-calls";

/// How the page asks for calls.
#[derive(Debug, Clone)]
pub struct Page {
    /// The address of our server where it does.
    pub mints: &'static str,
    /// An object that goes along each time.
    pub always: JsValue,
}

/// The access to one call, as [`api::public::CallAccess`] without the parts a
/// browser has no use for.
#[derive(Clone)]
pub struct Access {
    /// Where it is joined.
    pub gateway: Gateway,
    /// Our ticket for this call.
    pub ticket: String,
    /// What came of the offer that went along, if the gateway took it.
    pub joined: Option<Joined>,
}

impl std::fmt::Debug for Access {
    /// Tokens and tickets stay out of every log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.gateway.call_id)
    }
}

impl super::legs::Access for Access {
    fn gateway(&self) -> &Gateway {
        &self.gateway
    }
}

impl Access {
    fn from_json(value: &JsValue) -> Option<Self> {
        Some(Self {
            gateway: Gateway::from_json(value)?,
            ticket: json::string(value, "ticket")?,
            joined: Joined::from_json(&json::get(value, "answer")),
        })
    }

    /// Whether it names STUN or TURN servers.
    pub(super) fn has_servers(&self) -> bool {
        json::number(&self.gateway.ice_servers, "length") > Some(0.0)
    }

    /// The address of something of the call at our server, which takes the ticket as the
    /// bearer's token: proxies write addresses down.
    fn url(&self, what: &str) -> String {
        let mut url = String::from(CALLS);
        for part in ["/", &self.gateway.call_id, what] {
            url.push_str(part);
        }
        url
    }

    /// The address of the call's event stream.
    #[must_use]
    pub fn events_url(&self) -> String {
        self.url("/events")
    }
}

/// Mints a call. `more` is an object whose members go along: the agent, variables,
/// the visitor's consent ([`api::public::NewWebCall`], [`api::desk::NewTestCall`]); and so
/// does the `offer`, for our server to hand on.
///
/// # Errors
/// Why there is none: the problem, an [`api::problem::Problem`], as it came;
/// `undefined` when nothing did.
pub fn mint(
    page: &Page,
    more: &JsValue,
    offer: Option<&str>,
) -> impl Future<Output = Result<Access, JsValue>> + use<> {
    let offer = offer.map_or(JsValue::UNDEFINED, JsValue::from_str);
    let body = json::object(&[("offer", offer)]);
    for more in [&page.always, more] {
        if let Some(more) = more.dyn_ref::<Object>() {
            Object::assign(body.unchecked_ref(), more);
        }
    }
    let body = json::stringify(&body).unwrap_or_default();
    let request = Request {
        method: "POST",
        url: page.mints,
        token: None,
        body: Some(("application/json", &body)),
        keepalive: false,
    };
    let sent = request.send();
    async {
        let none = |_| JsValue::UNDEFINED;
        let response = sent.await.map_err(none)?;
        let body = json::parse(&text(&response).await.map_err(none)?).unwrap_or(JsValue::NULL);
        Access::from_json(&body).ok_or(body)
    }
}

/// Has a call ended that was minted and will not be joined, or whose page goes away and
/// may not get through to the gateway. If this fails, Retell ends a call that nobody
/// joined by itself after 30 s.
pub async fn end(access: &Access) {
    let request = Request {
        method: "POST",
        url: &access.url("/end"),
        token: Some(&access.ticket),
        body: None,
        keepalive: true,
    };
    let _ = request.send().await;
}
