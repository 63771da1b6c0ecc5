//! Access that somebody granted to an app of the business's own (OAuth 2.0, RFC 6749): tokens
//! that are over after a while, and the ones that come after them.
//!
//! A token that renews may be good once, so one server renews at a time, does so to the end
//! whoever hangs up meanwhile, and keeps what it got before anybody uses it.

use std::time::Duration;

use api::crm::CrmProvider;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Api, Refusal, hubspot, pipedrive, text};
use crate::clock::Clock;
use crate::crm::store::KeptGrant;
use crate::crm::{Client, Connection};
use crate::store::{Store, StoreError, Tenant};
use crate::vault::{Vault, VaultError};

/// So long before a token is over it is renewed (ms): it is still good where it is used.
const EARLY_MS: i64 = 60_000;
/// How long one server renews before another may (ms): longer than a request takes.
const CLAIM_MS: i64 = 15_000;
/// How long another server's renewing is waited for, and how often is looked.
const WAITS: u32 = 60;
const WAIT: Duration = Duration::from_millis(200);

/// Where an app is let in, and how it shows that it is itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crm) struct App {
    /// What the CRM is called.
    pub(in crate::crm) name: &'static str,
    /// The page on which somebody lets it in.
    page: String,
    /// Where tokens are.
    tokens: String,
    pub(in crate::crm) client_id: String,
    /// What it asks to be allowed.
    scope: Option<&'static str>,
    /// Whether who asks for the page is recognised when the code is used (RFC 7636).
    pub(in crate::crm) proves: bool,
    /// Whether it shows its secret in a header and not in the form.
    in_header: bool,
}

impl App {
    /// The app by which a CRM is reached; nothing where it is reached by a key.
    pub(in crate::crm) fn of(provider: &CrmProvider) -> Option<Self> {
        match provider {
            CrmProvider::Hubspot {
                base_url,
                client_id,
            } => {
                let at = |usual: &str| base_url.clone().unwrap_or_else(|| usual.to_owned());
                Some(Self {
                    name: hubspot::NAME,
                    page: format!("{}/oauth/authorize", at(hubspot::PAGES)),
                    tokens: format!("{}/oauth/{}/token", at(hubspot::BASE), hubspot::VERSION),
                    client_id: client_id.clone()?,
                    scope: Some(hubspot::SCOPE),
                    proves: false,
                    in_header: false,
                })
            }
            CrmProvider::Pipedrive {
                base_url,
                client_id,
            } => {
                let at = base_url.as_deref().unwrap_or(pipedrive::CONSENT);
                Some(Self {
                    name: pipedrive::NAME,
                    page: format!("{at}/oauth/authorize"),
                    tokens: format!("{at}/oauth/token"),
                    client_id: client_id.clone()?,
                    scope: None,
                    proves: false,
                    in_header: true,
                })
            }
            CrmProvider::Salesforce {
                base_url,
                client_id,
                consent: true,
            } => Some(Self {
                name: super::salesforce::NAME,
                page: format!("{base_url}/services/oauth2/authorize"),
                tokens: format!("{base_url}/services/oauth2/token"),
                client_id: client_id.clone(),
                scope: Some("api refresh_token"),
                proves: true,
                in_header: false,
            }),
            CrmProvider::Salesforce { .. } | CrmProvider::Generic(_) => None,
        }
    }

    /// The page on which somebody lets the app in, and is sent back from to `redirect`.
    pub(in crate::crm) fn page(
        &self,
        redirect: &str,
        state: &str,
        challenge: &str,
    ) -> Result<String, url::ParseError> {
        let mut page = Url::parse(&self.page)?;
        {
            let mut query = page.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.client_id)
                .append_pair("redirect_uri", redirect)
                .append_pair("state", state);
            if let Some(scope) = self.scope {
                query.append_pair("scope", scope);
            }
            if self.proves {
                query
                    .append_pair("code_challenge", challenge)
                    .append_pair("code_challenge_method", "S256");
            }
        }
        Ok(page.into())
    }
}

/// What an app is granted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::crm) struct Tokens {
    /// Opens the API.
    pub(super) access: String,
    /// Gets the next ones.
    refresh: String,
    /// Where the API is, where the CRM says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
}

/// An answer of the place where tokens are.
pub(in crate::crm) struct Given {
    pub(in crate::crm) tokens: Tokens,
    /// After how long they are over (ms), where that is said.
    lasts_ms: Option<i64>,
}

/// What tokens are kept with.
#[derive(Debug, Clone)]
pub(in crate::crm) struct Keeping {
    pub(in crate::crm) store: Store,
    pub(in crate::crm) vault: Vault,
    pub(in crate::crm) clock: Clock,
}

impl Keeping {
    fn purpose(tenant: &Tenant) -> String {
        format!("crm_grants/{}/tokens", tenant.id())
    }

    /// What is kept of the tenant's grant, opened.
    async fn open(&self, tenant: &Tenant) -> Result<Option<(KeptGrant, Tokens)>, Unkept> {
        let Some(kept) = self.store.crm_grants().of(tenant).await? else {
            return Ok(None);
        };
        let opened = self.vault.open(&Self::purpose(tenant), &kept.sealed)?;
        // Only we sealed it.
        let tokens = serde_json::from_str(opened.expose()).map_err(|_| VaultError::Damaged)?;
        Ok(Some((kept, tokens)))
    }

    /// The tokens sealed, and when they are over (Unix ms).
    pub(in crate::crm) fn sealed(
        &self,
        tenant: &Tenant,
        given: &Given,
    ) -> Result<(String, Option<i64>), VaultError> {
        let text = serde_json::to_string(&given.tokens).map_err(|_| VaultError::Damaged)?;
        let sealed = self.vault.seal(&Self::purpose(tenant), &text)?;
        let over_at = given.lasts_ms.map(|lasts| self.clock.now_ms() + lasts);
        Ok((sealed, over_at))
    }
}

/// Why tokens are not there though somebody let the app in: a fault of ours.
#[derive(Debug, thiserror::Error)]
enum Unkept {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<Unkept> for Refusal {
    fn from(error: Unkept) -> Self {
        tracing::error!(%error, "what opens a CRM cannot be read or kept");
        Self::Unsure {
            why: "What opens the CRM cannot be read or kept here.".to_owned(),
            hangs: false,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Unkept::from(error).into()
    }
}

/// An app of a business that was let in.
#[derive(Clone)]
pub(in crate::crm) struct Granted {
    api: Api,
    app: App,
    secret: String,
    tenant: Tenant,
    pub(in crate::crm) keeping: Keeping,
}

impl Granted {
    /// The app by which a business reaches its CRM; nothing where it is reached by a key.
    pub(in crate::crm) fn of(
        client: &Client,
        tenant: &Tenant,
        connection: &Connection,
    ) -> Option<Self> {
        let app = App::of(&connection.provider)?;
        Some(Self {
            api: Api::new(client.http.clone(), app.name),
            app,
            secret: connection.secrets.get("client_secret").cloned()?,
            tenant: tenant.clone(),
            keeping: client.keeping.clone(),
        })
    }

    /// Tokens that are good: the kept ones, or those that come after them where they are over, or
    /// were refused (`stale`).
    pub(super) async fn tokens(&self, stale: Option<&str>) -> Result<Tokens, Refusal> {
        for _ in 0..WAITS {
            let now = self.keeping.clock.now_ms();
            let Some((kept, tokens)) = self.keeping.open(&self.tenant).await? else {
                return Err(self.nobody());
            };
            if let Some(why) = kept.refused {
                return Err(self.over(&why));
            }
            let is_over = kept.over_at.is_some_and(|at| at - EARLY_MS <= now);
            if !is_over && stale != Some(tokens.access.as_str()) {
                return Ok(tokens);
            }
            let until = now + CLAIM_MS;
            let grants = self.keeping.store.crm_grants();
            if grants.claim(&self.tenant, &kept.sealed, now, until).await? {
                let it = self.clone();
                // Whoever asked may hang up, and what was answered then would be lost.
                let renewing = tokio::spawn(async move { it.renew(&tokens, until).await });
                return renewing.await.unwrap_or_else(|_| Err(self.api.odd()));
            }
            tokio::time::sleep(WAIT).await;
        }
        Err(Refusal::Unsure {
            why: format!("Access to {} is being renewed.", self.app.name),
            hangs: false,
        })
    }

    async fn renew(&self, before: &Tokens, claim: i64) -> Result<Tokens, Refusal> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", before.refresh.as_str()),
        ];
        let grants = self.keeping.store.crm_grants();
        match self.ask(&form, Some(&before.refresh)).await {
            Ok(given) => {
                let sealed = self.keeping.sealed(&self.tenant, &given);
                let (sealed, over_at) = sealed.map_err(Unkept::from)?;
                let now = self.keeping.clock.now_ms();
                let renewed = (sealed.as_str(), over_at);
                grants.renewed(&self.tenant, claim, renewed, now).await?;
                Ok(given.tokens)
            }
            Err(Refusal::Key(why)) => {
                tracing::warn!(tenant_id = self.tenant.id(), why, "a CRM renews no access");
                let now = self.keeping.clock.now_ms();
                grants.refuse(&self.tenant, claim, &why, now).await?;
                Err(self.over(&why))
            }
            Err(other) => {
                grants.release(&self.tenant, claim).await?;
                Err(other)
            }
        }
    }

    /// Uses the code with which somebody came back who let the app in.
    pub(in crate::crm) async fn exchange(
        &self,
        code: &str,
        redirect: &str,
        verifier: &str,
    ) -> Result<Given, Refusal> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
        ];
        if self.app.proves {
            form.push(("code_verifier", verifier));
        }
        self.ask(&form, None).await
    }

    async fn ask(&self, form: &[(&str, &str)], before: Option<&str>) -> Result<Given, Refusal> {
        let (headers, body) = self.request(form)?;
        let url = &self.app.tokens;
        let reply = self.api.send(Method::POST, url, headers, body).await?;
        // A refresh token or a secret that is not good any more is a bad request (RFC 6749, 5.2).
        if let (400, Some(code)) = (reply.status, code(&reply.body)) {
            let name = self.app.name;
            return Err(Refusal::Key(format!("{name} answered 400, {code}.")));
        }
        let answer = self.api.success(reply, code)?;
        given(&answer, before).ok_or_else(|| self.api.odd())
    }

    /// A form of the app's, which shows that it is itself.
    fn request(&self, form: &[(&str, &str)]) -> Result<(HeaderMap, String), Refusal> {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, kind), (ACCEPT, json)]);
        let (id, secret) = (&self.app.client_id, &self.secret);
        if self.app.in_header {
            let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            let mut basic = HeaderValue::from_str(&basic).map_err(|_| self.api.odd())?;
            basic.set_sensitive(true);
            headers.insert(AUTHORIZATION, basic);
        } else {
            body.append_pair("client_id", id)
                .append_pair("client_secret", secret);
        }
        Ok((headers, body.finish()))
    }

    /// Nobody has let the app in.
    fn nobody(&self) -> Refusal {
        Refusal::Key(format!("Nobody has connected {} yet.", self.app.name))
    }

    /// It is let in no more.
    fn over(&self, why: &str) -> Refusal {
        let name = self.app.name;
        Refusal::Key(format!("{why} Somebody has to connect {name} again."))
    }
}

/// What is wrong, as it is called.
fn code(body: &Value) -> Option<&str> {
    body["error"].as_str().or_else(|| body["status"].as_str())
}

/// The tokens of an answer; the one that renews stays the one `before` where no other is named.
fn given(answer: &Value, before: Option<&str>) -> Option<Given> {
    let refresh = text(&answer["refresh_token"]).or_else(|| before.map(str::to_owned))?;
    let at = text(&answer["api_domain"]).or_else(|| text(&answer["instance_url"]));
    let lasts_s = answer["expires_in"].as_i64();
    Some(Given {
        tokens: Tokens {
            access: text(&answer["access_token"])?,
            refresh,
            at: at.map(|it| it.trim_end_matches('/').to_owned()),
        },
        lasts_ms: lasts_s.map(|seconds| seconds.saturating_mul(1000)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_renews_stays_where_no_other_is_named() {
        let rotated = json!({"access_token": "a2", "refresh_token": "r2", "expires_in": 1800});
        let it = given(&rotated, Some("r1")).unwrap();
        assert_eq!(
            (it.tokens.refresh.as_str(), it.lasts_ms),
            ("r2", Some(1_800_000))
        );
        let kept = json!({"access_token": "a2", "instance_url": "https://a.example/"});
        let it = given(&kept, Some("r1")).unwrap();
        assert_eq!((it.tokens.refresh.as_str(), it.lasts_ms), ("r1", None));
        assert_eq!(it.tokens.at.as_deref(), Some("https://a.example"));
        assert!(given(&kept, None).is_none(), "it could not be renewed");
        assert!(given(&json!({"refresh_token": "r2"}), Some("r1")).is_none());
    }

    #[test]
    fn a_page_says_who_asks_and_for_what() {
        let app = App::of(&CrmProvider::Hubspot {
            base_url: None,
            client_id: Some("app 1".to_owned()),
        });
        let page = app
            .unwrap()
            .page("https://s.example/back", "x+y", "c")
            .unwrap();
        assert_eq!(
            page,
            "https://app.hubspot.com/oauth/authorize?response_type=code&client_id=app+1\
             &redirect_uri=https%3A%2F%2Fs.example%2Fback&state=x%2By\
             &scope=oauth+crm.objects.contacts.read+crm.objects.contacts.write"
        );
        let by_key = CrmProvider::Hubspot {
            base_url: None,
            client_id: None,
        };
        assert_eq!(App::of(&by_key), None);
    }
}
