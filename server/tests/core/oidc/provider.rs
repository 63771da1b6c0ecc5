//! A provider of identities of the tests' own: it signs what it says for real,
//! and can be told to say what no provider should.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use server::config::{Oidc, Secret};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use crate::support::with;

const CLIENT_ID: &str = "switchboard";
const CLIENT_SECRET: &str = "a secret: of the tests";

/// A key of the provider.
pub(super) enum Key {
    Rsa(String, rsa::KeyPair),
    Ec(String, EcdsaKeyPair),
}

impl Key {
    pub(super) fn rsa(id: &str) -> Self {
        let pair = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        Self::Rsa(id.to_owned(), pair)
    }

    pub(super) fn ec(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self::Ec(id.to_owned(), pair)
    }

    fn public(&self) -> Value {
        match self {
            Self::Rsa(id, pair) => {
                let key = pair.public_key();
                let n = base64(key.modulus().big_endian_without_leading_zero());
                let e = base64(key.exponent().big_endian_without_leading_zero());
                json!({"kty": "RSA", "use": "sig", "kid": id, "n": n, "e": e})
            }
            Self::Ec(id, pair) => {
                // 04, then both coordinates of 32 bytes.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "use": "sig", "kid": id, "crv": "P-256",
                       "x": base64(x), "y": base64(y)})
            }
        }
    }

    fn sign(&self, claims: &Value) -> String {
        let (algorithm, id) = match self {
            Self::Rsa(id, _) => ("RS256", id),
            Self::Ec(id, _) => ("ES256", id),
        };
        let header = json!({"alg": algorithm, "kid": id, "typ": "JWT"});
        let text = signed_part(&header, claims);
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(_, pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                    .unwrap();
                signature
            }
            Self::Ec(_, pair) => pair
                .sign(&random, text.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
        };
        format!("{text}.{}", base64(&signature))
    }
}

/// What a server does that had just given a connection up which nobody used: a
/// second question on it gets no answer.
async fn hang_up_when_asked_again(mut asker: TcpStream, to: SocketAddr) -> io::Result<()> {
    let mut answerer = TcpStream::connect(to).await?;
    let (mut question, mut answer) = ([0; 4096], [0; 4096]);
    let mut answered = false;
    loop {
        tokio::select! {
            read = asker.read(&mut question) => {
                let length = read?;
                if length == 0 || answered {
                    return Ok(());
                }
                answerer.write_all(&question[..length]).await?;
            }
            read = answerer.read(&mut answer) => {
                let length = read?;
                if length == 0 {
                    return Ok(());
                }
                answered = true;
                asker.write_all(&answer[..length]).await?;
            }
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn signed_part(header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    format!(
        "{}.{}",
        base64(header.as_bytes()),
        base64(claims.as_bytes())
    )
}

/// What the provider does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Nothing,
    Nonce,
    Audience,
    Issuer,
    Expired,
    /// Signed with a key that is none of its own, under the name of one.
    Key,
    /// Not signed at all.
    Unsigned,
    /// Signed with what we know, too: the client secret.
    SharedSecret,
}

/// How the provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Well,
    Down,
    Nonsense,
}

/// Who is at the provider's page.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) subject: String,
    pub(super) email: String,
    pub(super) verified: bool,
    /// Whether the address is in the ID token, or has to be asked for.
    pub(super) in_token: bool,
}

impl Visitor {
    pub(super) fn new(subject: &str, email: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            email: email.to_owned(),
            verified: true,
            in_token: true,
        }
    }

    fn address(&self) -> Value {
        json!({"email": self.email, "email_verified": self.verified})
    }
}

struct Grant {
    visitor: Visitor,
    nonce: String,
    challenge: String,
    redirect: String,
}

struct Inner {
    url: String,
    keys: Vec<Key>,
    mood: Mood,
    wrong: Wrong,
    grants: BTreeMap<String, Grant>,
    /// Whom an access token tells of.
    tokens: BTreeMap<String, Visitor>,
}

/// A provider that runs as long as the test.
#[derive(Clone)]
pub(super) struct TestProvider(Arc<Mutex<Inner>>);

impl TestProvider {
    pub(super) async fn start() -> Self {
        let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let behind = listener.local_addr().unwrap();
        let provider = Self(Arc::new(Mutex::new(Inner {
            url: format!("http://{}", front.local_addr().unwrap()),
            keys: vec![Key::rsa("first")],
            mood: Mood::Well,
            wrong: Wrong::Nothing,
            grants: BTreeMap::new(),
            tokens: BTreeMap::new(),
        })));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/me", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        tokio::spawn(async move {
            while let Ok((asker, _)) = front.accept().await {
                tokio::spawn(hang_up_when_asked_again(asker, behind));
            }
        });
        provider
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// What a server needs to know about it.
    pub(super) fn settings(&self) -> Oidc {
        Oidc {
            issuer: self.inner().url.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Secret::new(CLIENT_SECRET),
            scopes: vec!["email".to_owned()],
            label: "Sunrise SSO".to_owned(),
        }
    }

    pub(super) fn be(&self, mood: Mood) {
        self.inner().mood = mood;
    }

    pub(super) fn do_wrong(&self, wrong: Wrong) {
        self.inner().wrong = wrong;
    }

    /// Signs with another key from now on, and forgets the one before.
    pub(super) fn rotate(&self, key: Key) {
        self.inner().keys = vec![key];
    }

    /// Somebody signs in at the page a browser was sent to; gives where it goes
    /// from there.
    pub(super) fn sign_in(&self, page: &Url, visitor: &Visitor) -> Url {
        let asked: BTreeMap<_, _> = page.query_pairs().into_owned().collect();
        let mut inner = self.inner();
        assert_eq!(
            page.as_str().split('?').next().unwrap(),
            format!("{}/auth", inner.url)
        );
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!(asked["scope"], "openid email");
        assert_eq!(asked["code_challenge_method"], "S256");
        let code = Uuid::now_v7().to_string();
        let grant = Grant {
            visitor: visitor.clone(),
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
        };
        inner.grants.insert(code.clone(), grant);
        let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked["state"]);
        back
    }
}

impl Inner {
    fn id_token(&self, grant: &Grant) -> String {
        let now = jiff::Timestamp::now().as_second();
        let mut claims = json!({
            "iss": self.url, "sub": grant.visitor.subject, "aud": CLIENT_ID,
            "iat": now, "exp": now + 300, "nonce": grant.nonce,
        });
        if grant.visitor.in_token {
            claims = with(&claims, &grant.visitor.address());
        }
        match self.wrong {
            Wrong::Nonce => claims["nonce"] = json!("another"),
            Wrong::Audience => claims["aud"] = json!("somebody else"),
            Wrong::Issuer => claims["iss"] = json!("https://evil.test"),
            Wrong::Expired => claims["exp"] = json!(now - 1),
            Wrong::Key => return Key::rsa("first").sign(&claims),
            Wrong::Unsigned => {
                return format!("{}.", signed_part(&json!({"alg": "none"}), &claims));
            }
            Wrong::SharedSecret => {
                let text = signed_part(&json!({"alg": "HS256"}), &claims);
                let key = aws_lc_rs::hmac::Key::new(
                    aws_lc_rs::hmac::HMAC_SHA256,
                    CLIENT_SECRET.as_bytes(),
                );
                let mac = aws_lc_rs::hmac::sign(&key, text.as_bytes());
                return format!("{text}.{}", base64(mac.as_ref()));
            }
            Wrong::Nothing => {}
        }
        self.keys[0].sign(&claims)
    }

    /// The answer, as the provider feels.
    fn say(&self, answer: Value) -> Response {
        match self.mood {
            Mood::Well => Json(answer).into_response(),
            Mood::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Mood::Nonsense => {
                ([(header::CONTENT_TYPE, "text/html")], "<h1>Hi</h1>").into_response()
            }
        }
    }
}

async fn discovery(State(provider): State<TestProvider>) -> Response {
    let inner = provider.inner();
    let url = &inner.url;
    inner.say(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/auth"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/me"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // Some do offer these, too.
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    }))
}

async fn keys(State(provider): State<TestProvider>) -> Response {
    let inner = provider.inner();
    let keys: Vec<_> = inner.keys.iter().map(Key::public).collect();
    inner.say(json!({"keys": keys}))
}

/// Every rule of the flow the server has to keep.
async fn token(State(provider): State<TestProvider>, headers: HeaderMap, body: String) -> Response {
    let mut inner = provider.inner();
    let refused = |error| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    let form: BTreeMap<_, _> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    // RFC 6749, 2.3.1: each half is form-encoded by itself.
    let encoded: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    let expected = BASE64_STANDARD.encode(format!("{CLIENT_ID}:{encoded}"));
    if headers[header::AUTHORIZATION] != format!("Basic {expected}") {
        return refused("invalid_client");
    }
    assert_eq!(form["grant_type"], "authorization_code");
    let Some(grant) = inner.grants.remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    let challenge = base64(&Sha256::digest(&form["code_verifier"]));
    if challenge != grant.challenge || form["redirect_uri"] != grant.redirect {
        return refused("invalid_grant");
    }
    let access = Uuid::now_v7().to_string();
    let id_token = inner.id_token(&grant);
    inner.tokens.insert(access.clone(), grant.visitor);
    inner.say(json!({
        "access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token,
    }))
}

async fn user_info(State(provider): State<TestProvider>, headers: HeaderMap) -> Response {
    let inner = provider.inner();
    let given = headers[header::AUTHORIZATION].to_str().unwrap();
    let visitor = &inner.tokens[given.strip_prefix("Bearer ").unwrap()];
    inner.say(with(&json!({"sub": visitor.subject}), &visitor.address()))
}
