//! A web call as a page starts it, with a public key at the server's own address,
//! and what is said in it as its visitor is told.

use std::time::Duration;

use api::desk::CallSummary;
use api::live::{Item, ItemKind, Items, event};
use api::public::{CallAccess, NewWebCall};
use outbound::Trusted;
use reqwest::{Response, StatusCode};
use serde_json::json;
use url::Url;

use super::{SimulateError, WHOLE_CALL, shown};
use crate::store::Store;

/// What a call is started with.
#[derive(Debug, Clone)]
pub struct WebCall {
    /// Where the server is.
    pub server: String,
    /// The local Retell that is to hold the call; calls elsewhere are not joined.
    pub emulator: Url,
    /// The public key.
    pub key: String,
    /// One of its agents; its first when `None`.
    pub agent: Option<String>,
}

/// Starts a call, has `visit` hold the visitor's side of it, and follows it until
/// it is analyzed. `told` hears every line once it is complete.
///
/// # Errors
/// When the server starts no call, or one elsewhere; when the visitor cannot hold
/// it; and when the server does not show it in the end.
pub async fn web_call<V>(
    store: &Store,
    call: &WebCall,
    visit: impl FnOnce(CallAccess) -> V,
    mut told: impl FnMut(&str),
) -> Result<CallSummary, SimulateError>
where
    V: Future<Output = Result<(), String>>,
{
    let http = Trusted::new(None)?;
    let server = call.server.trim_end_matches('/');
    let access = start(store, &http, server, call).await?;
    let gateway = Url::parse(&access.gateway_url).ok();
    if gateway.is_none_or(|gateway| gateway.origin() != call.emulator.origin()) {
        return Err(SimulateError::Elsewhere(access.gateway_url));
    }
    told(&access.call_id);
    let events = format!("{server}/api/public/web-calls/{}/events", access.call_id);
    let stream = http.get(&events).bearer_auth(&access.ticket).send().await?;
    let stream = taken(stream, "the listener").await?;
    let call_id = access.call_id.clone();
    let visiting = async { visit(access).await.map_err(SimulateError::Visitor) };
    let listening = async { Ok::<_, SimulateError>(listen(stream, &mut told).await?) };
    let held = async { tokio::try_join!(visiting, listening) };
    tokio::time::timeout(WHOLE_CALL, held)
        .await
        .unwrap_or_else(|_| Err(SimulateError::NotShown(call_id.clone())))?;
    shown(store, &call_id, true).await
}

async fn start(
    store: &Store,
    http: &Trusted,
    server: &str,
    call: &WebCall,
) -> Result<CallAccess, SimulateError> {
    let key = store.public_keys().find(&call.key).await?;
    let (_, key) = key.ok_or_else(|| SimulateError::NoKey(call.key.clone()))?;
    let request = NewWebCall {
        key: key.id,
        nonce: None,
        agent_id: call.agent.clone(),
        dynamic_variables: std::collections::BTreeMap::new(),
        metadata: Some(json!({"simulated": true})),
        captcha_token: None,
        consent: None,
        offer: None,
        wait: false,
        place: None,
    };
    let address = format!("{server}/api/public/web-calls");
    let mut minting = http.post(&address).json(&request);
    if let Some(page) = key.origins.first() {
        minting = minting.header("origin", page_of(page));
    }
    let answer = taken(minting.send().await?, "the call").await?;
    Ok(answer.json().await?)
}

/// An origin that passes for a page of this pattern.
fn page_of(pattern: &str) -> String {
    pattern.trim_end_matches(":*").replace("*.", "simulated.")
}

async fn taken(answer: Response, what: &str) -> Result<Response, SimulateError> {
    let status = answer.status();
    if matches!(status, StatusCode::OK | StatusCode::CREATED) {
        return Ok(answer);
    }
    Err(SimulateError::Refused {
        status: status.as_u16(),
        event: what.to_owned(),
        body: answer.text().await.unwrap_or_default(),
    })
}

/// Reads a call's events to their end.
async fn listen(mut stream: Response, told: &mut impl FnMut(&str)) -> Result<(), reqwest::Error> {
    let mut transcript = Transcript::default();
    let mut buffer = Vec::new();
    while let Some(part) = stream.chunk().await? {
        buffer.extend_from_slice(&part);
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = buffer.drain(..end + 2).collect();
            if transcript.hear(&String::from_utf8_lossy(&block), told) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What was said so far, and how much of it was told.
#[derive(Debug, Default)]
struct Transcript {
    items: Vec<Item>,
    told: usize,
}

impl Transcript {
    /// Takes an event in and tells what is complete by it: a line is once there is
    /// another after it. Says whether the call is over.
    fn hear(&mut self, block: &str, told: &mut impl FnMut(&str)) -> bool {
        let field = |name: &str| {
            let mut lines = block.lines();
            lines
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let Some(name) = field("event:") else {
            return false;
        };
        let over = name == event::ENDED;
        if matches!(name, event::SNAPSHOT | event::ITEMS)
            && let Ok(Items { items }) = serde_json::from_str(field("data:").unwrap_or_default())
        {
            for item in items {
                match self.items.iter_mut().find(|known| known.id == item.id) {
                    Some(known) => *known = item,
                    None => self.items.push(item),
                }
            }
        }
        let complete = match over {
            true => self.items.len(),
            false => self.items.len().saturating_sub(1),
        };
        for item in self.items.iter().take(complete).skip(self.told) {
            if let Some(line) = line(item) {
                told(&line);
            }
        }
        self.told = self.told.max(complete);
        over
    }
}

/// A line of the transcript: when, who, what.
fn line(item: &Item) -> Option<String> {
    let (who, what) = match &item.kind {
        ItemKind::Agent { content } => ("Agent", content),
        ItemKind::User { content } => ("Visitor", content),
        ItemKind::TransferTarget { content } => ("Transfer target", content),
        ItemKind::ToolCallInvocation { name, .. } => ("Function", name),
        _ => return None,
    };
    let at = Duration::from_millis(u64::try_from(item.time_ms).unwrap_or_default());
    Some(format!("{:>6.1} s  {who}: {what}", at.as_secs_f32()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(name: &str, data: &serde_json::Value) -> String {
        format!("id: 1\nevent: {name}\ndata: {data}\n\n")
    }

    fn item(id: &str, role: &str, content: &str) -> serde_json::Value {
        json!({"id": id, "time_ms": 1_500, "role": role, "content": content})
    }

    #[test]
    fn a_line_is_told_once_and_whole() {
        let mut transcript = Transcript::default();
        let mut heard = Vec::new();
        let hello = json!({"items": [item("1", "agent", "Hello")]});
        let whole = json!({"items": [item("1", "agent", "Hello, Emma here.")]});
        let answer = json!({"items": [item("2", "user", "Hi")]});
        for (name, data, lines) in [
            ("snapshot", &hello, 0),
            ("items", &whole, 0),
            ("items", &answer, 1),
            ("items", &answer, 1),
            ("unavailable", &json!({"problem": "x"}), 1),
        ] {
            let over = transcript.hear(&block(name, data), &mut |line: &str| {
                heard.push(line.to_owned());
            });
            assert!(!over);
            assert_eq!(heard.len(), lines, "{name}");
        }
        assert!(
            transcript.hear(&block("ended", &json!({})), &mut |line: &str| {
                heard.push(line.to_owned());
            })
        );
        assert_eq!(
            heard,
            [
                "   1.5 s  Agent: Hello, Emma here.",
                "   1.5 s  Visitor: Hi"
            ]
        );
    }

    #[test]
    fn every_pattern_has_a_page() {
        for (pattern, page) in [
            ("https://www.example.com", "https://www.example.com"),
            ("https://*.example.com", "https://simulated.example.com"),
            ("http://localhost:*", "http://localhost"),
        ] {
            assert_eq!(page_of(pattern), page);
            let allowed = crate::keys::origins::allows(&[pattern.to_owned()], &page_of(pattern));
            assert!(allowed, "{pattern}");
        }
    }
}
