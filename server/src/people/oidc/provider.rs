//! The provider: what it publishes about itself, and what it says about who was
//! there. The crate `openidconnect` knows the protocol; the requests are ours.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreIdTokenClaims,
    CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
};
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, StandardErrorResponse, TokenResponse, UserInfoClaims,
};
use outbound::{Trusted, Unread, whole};

use super::ProviderAccount;
use crate::config::Oidc;
use crate::invalid::checked_email;

/// How long the provider may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// For how long what it publishes is taken to be so. New keys are noticed at
/// once all the same, since nothing else opens what they signed.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// A larger answer is none.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// OpenID Connect Core 1.0, 2: a subject has at most 255 characters.
const SUBJECT_CHARS_MAX: usize = 255;

/// The signatures that are believed: those for which the provider alone has the
/// key.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why the provider is of no use just now. No text has a token in it.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It cannot be reached, or answers nonsense.
    #[error("{0}")]
    Unavailable(String),
    /// It does not take the code, which may have been used before.
    #[error("the provider refuses the code: {0}")]
    Refused(String),
    /// Its ID token does not prove anything to us.
    #[error("{0}")]
    Untrusted(String),
}

/// Sends the requests of `openidconnect`.
#[derive(Debug)]
struct Http(Trusted);

/// A request to the provider that came to nothing.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Malformed(#[from] http::Error),
    #[error(transparent)]
    Unread(#[from] Unread),
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider of identities.
#[derive(Debug)]
pub struct Provider {
    settings: Oidc,
    http: Http,
    known: RwLock<Option<Known>>,
}

/// What the provider publishes, its keys included.
#[derive(Debug, Clone)]
struct Known {
    metadata: Arc<CoreProviderMetadata>,
    since: Instant,
}

impl Provider {
    /// The provider of these settings. Nothing is asked yet.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(settings: Oidc) -> Result<Self, reqwest::Error> {
        Ok(Self {
            settings,
            http: Http(Trusted::new(Some(TIMEOUT))?),
            known: RwLock::new(None),
        })
    }

    /// What the provider calls itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// What people call it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// Asks it what it publishes, and gives the number of its keys.
    ///
    /// # Errors
    /// When it cannot be reached, or does not answer as a provider.
    pub async fn check(&self) -> Result<usize, ProviderError> {
        Ok(self.discover().await?.jwks().keys().len())
    }

    /// Where the browser goes, to come back to `redirect` with a code.
    pub(super) async fn authorization_url(
        &self,
        redirect: String,
        state: &CsrfToken,
        nonce: &Nonce,
        challenge: PkceCodeChallenge,
    ) -> Result<String, ProviderError> {
        let client = self.client(&*self.metadata().await?, redirect)?;
        let (state, nonce) = (state.clone(), nonce.clone());
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let (url, _, _) = client
            .authorize_url(flow, move || state, move || nonce)
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        Ok(url.into())
    }

    /// Whose account a code is for.
    pub(super) async fn account(
        &self,
        redirect: String,
        code: String,
        verifier: String,
        nonce: &Nonce,
    ) -> Result<ProviderAccount, ProviderError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata, redirect.clone())?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| unavailable(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.http)
            .await
            .map_err(refused)?;
        let token = answer
            .id_token()
            .ok_or_else(|| ProviderError::Untrusted("there is no ID token".to_owned()))?;
        let claims = match token.claims(&verifier_of(&client), nonce) {
            // It may have been signed with a key that is newer than what we know.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let client = self.client(&*self.with_new_keys(&metadata).await?, redirect)?;
                token.claims(&verifier_of(&client), nonce)
            }
            verdict => verdict,
        };
        let claims = claims.map_err(|error| ProviderError::Untrusted(reasons(&error)))?;
        let mut account = self.account_of(claims)?;
        if account.email.is_none() {
            self.ask_for_email(&client, answer.access_token(), claims, &mut account)
                .await;
        }
        Ok(account)
    }

    fn account_of(&self, claims: &CoreIdTokenClaims) -> Result<ProviderAccount, ProviderError> {
        let subject = claims.subject().as_str();
        let fits = (1..=SUBJECT_CHARS_MAX).contains(&subject.chars().count());
        if !fits || subject.chars().any(char::is_control) {
            return Err(ProviderError::Untrusted("the subject is none".to_owned()));
        }
        Ok(ProviderAccount {
            issuer: self.settings.issuer.clone(),
            subject: subject.to_owned(),
            email: claims.email().and_then(|email| checked_email(email)),
            email_verified: claims.email_verified() == Some(true),
        })
    }

    /// Many providers put the address there and not into the ID token (OpenID
    /// Connect Core 1.0, 5.4). Who is known already can do without.
    async fn ask_for_email(
        &self,
        client: &Client,
        access: &AccessToken,
        claims: &CoreIdTokenClaims,
        account: &mut ProviderAccount,
    ) {
        let subject = Some(claims.subject().clone());
        let Ok(request) = client.user_info(access.clone(), subject) else {
            return;
        };
        let answer = request.request_async(&self.http).await;
        let answer: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> = match answer {
            Ok(answer) => answer,
            Err(error) => {
                // What is behind it could repeat whose answer it is.
                tracing::warn!(%error, "the provider does not tell an e-mail address");
                return;
            }
        };
        account.email = answer.email().and_then(|email| checked_email(email));
        account.email_verified = answer.email_verified() == Some(true);
    }

    fn client(
        &self,
        metadata: &CoreProviderMetadata,
        redirect: String,
    ) -> Result<Client, ProviderError> {
        let redirect = RedirectUrl::new(redirect).map_err(|error| unavailable(&error))?;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(
                self.settings.client_secret.expose().to_owned(),
            )),
        )
        .set_redirect_uri(redirect);
        // The usual one, where nothing is said.
        let takes = |method: CoreClientAuthMethod| {
            metadata
                .token_endpoint_auth_methods_supported()
                .is_none_or(|methods| methods.contains(&method))
        };
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic)
            && takes(CoreClientAuthMethod::ClientSecretPost);
        Ok(if in_body {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        })
    }

    async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        match self.fresh() {
            Some(metadata) => Ok(metadata),
            None => Ok(self.learn(self.discover().await?)),
        }
    }

    fn fresh(&self) -> Option<Arc<CoreProviderMetadata>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = known.as_ref().filter(|known| known.since.elapsed() < FRESH);
        fresh.map(|known| Arc::clone(&known.metadata))
    }

    async fn with_new_keys(
        &self,
        metadata: &CoreProviderMetadata,
    ) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let keys = CoreJsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.http)
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(self.learn(metadata.clone().set_jwks(keys)))
    }

    fn learn(&self, metadata: CoreProviderMetadata) -> Arc<CoreProviderMetadata> {
        let metadata = Arc::new(metadata);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(Known {
            metadata: Arc::clone(&metadata),
            since: Instant::now(),
        });
        metadata
    }

    async fn discover(&self) -> Result<CoreProviderMetadata, ProviderError> {
        let issuer =
            IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| unavailable(&error))?;
        CoreProviderMetadata::discover_async(issuer, &self.http)
            .await
            .map_err(|error| unavailable(&error))
    }
}

impl Http {
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, AskError> {
        let asked = self.0.execute(request.try_into()?).await;
        let answer = asked.map_err(reqwest::Error::without_url)?;
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        Ok(response.body(whole(answer, ANSWER_BYTES_MAX).await?)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = AskError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, AskError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

fn verifier_of(client: &Client) -> openidconnect::core::CoreIdTokenVerifier<'_> {
    client.id_token_verifier().set_allowed_algs(ALGORITHMS)
}

fn refused(
    error: RequestTokenError<AskError, StandardErrorResponse<CoreErrorResponseType>>,
) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                ProviderError::Unavailable(
                    "it does not know our client id, or refuses the client secret".to_owned(),
                )
            }
            other => ProviderError::Refused(other.as_ref().to_owned()),
        },
        RequestTokenError::Request(error) => unavailable(&error),
        // The parser would repeat what it cannot read, which may be a token.
        RequestTokenError::Parse(..) => {
            ProviderError::Unavailable("its answer is no token".to_owned())
        }
        RequestTokenError::Other(why) => ProviderError::Unavailable(why),
    }
}

fn unavailable(error: &dyn std::error::Error) -> ProviderError {
    ProviderError::Unavailable(reasons(error))
}

/// An error with what is behind it.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
