//! Where providers tell what became of messages, and hand over what came.

use api::problem::slug;
use api::sms::{SmsSettings, SmsState};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRef, OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use subtle::ConstantTimeEq;

use crate::sms::provider::{self, Became, Hook, Inbound, Receipt};
use crate::sms::store::Came;
use crate::sms::{Context, connection, text};
use crate::store::{StoreError, Tenant};
use crate::tenants::day;
use crate::web::address::Path;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

/// How long what comes may be.
const BODY_LIMIT: usize = 64 * 1024;
/// The longest message that is kept, in characters.
const TEXT_MAX: usize = 4_000;

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route(
            "/api/webhooks/sms/{tenant}/{secret}/{what}",
            get(boxed(came)).post(boxed(came)),
        )
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

async fn came(
    State(cx): State<Context>,
    Path((tenant, secret, what)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let Some(tenant) = cx.store.tenant(&tenant).await? else {
        return Err(ApiError::not_found());
    };
    let Some(connection) = connection(&cx.store, &cx.vault, &tenant).await? else {
        return Err(ApiError::not_found());
    };
    let hook = connection.secrets.hook.as_bytes();
    if !bool::from(hook.ct_eq(secret.as_bytes())) {
        return Err(ApiError::not_found());
    }
    let settings = connection.settings.clone();
    let Some(provider) = provider::of(connection) else {
        return Err(ApiError::not_found());
    };
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let scope = provider::scope(uri.query().unwrap_or_default(), kind, &bytes);
    let path = uri.path_and_query().map_or("", |it| it.as_str());
    let hook = Hook {
        url: &cx.config.url_of(path),
        scope: &scope,
        headers: &headers,
        body: &bytes,
        now_s: cx.clock.now_ms() / 1_000,
    };
    if provider.verify(&hook).is_err() {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            slug::SIGNATURE_INVALID,
            "The provider's signature is not valid.",
        ));
    }
    match what.as_str() {
        "receipt" => {
            if let Some(receipt) = provider.receipt(&hook) {
                let ours = scope["query"]["id"].as_str();
                note(&cx, &tenant, ours, &receipt).await?;
            }
            // Vonage sends again whatever is not answered with just that.
            Ok(StatusCode::OK.into_response())
        }
        "inbound" => {
            if let Some(inbound) = provider.inbound(&hook) {
                take(&cx, &tenant, &settings, inbound).await?;
            }
            // What Twilio takes for "no answer"; others do not look at it.
            let xml = [(header::CONTENT_TYPE, "text/xml")];
            Ok((xml, "<Response/>").into_response())
        }
        _ => Err(ApiError::not_found()),
    }
}

async fn note(
    cx: &Context,
    tenant: &Tenant,
    ours: Option<&str>,
    receipt: &Receipt,
) -> Result<(), StoreError> {
    let Some(id) = receipt.provider_id.as_deref().or(ours) else {
        return Ok(());
    };
    let became = match receipt.became {
        Became::Delivered => SmsState::Delivered,
        Became::Failed => SmsState::Failed,
    };
    let (error, now) = (receipt.error.as_deref(), cx.clock.now_ms());
    let mut number = cx
        .store
        .text_messages()
        .note_receipt(tenant, id, became, error, now)
        .await?;
    // The provider's id may not be known yet: its receipt was faster than its answer.
    if let Some(ours) = ours.filter(|ours| number.is_none() && *ours != id) {
        number = cx
            .store
            .text_messages()
            .note_receipt(tenant, ours, became, error, now)
            .await?;
    }
    if let Some(number) = number.filter(|_| receipt.opted_out) {
        cx.store
            .text_messages()
            .set_opted_out(tenant, &number, true, now)
            .await?;
    }
    Ok(())
}

/// Keeps what came, and what is said by it where it is a word for that.
async fn take(
    cx: &Context,
    tenant: &Tenant,
    settings: &SmsSettings,
    inbound: Inbound,
) -> Result<(), StoreError> {
    let now = cx.clock.now_ms();
    let came = Came {
        number: inbound.number,
        text: inbound.text.chars().take(TEXT_MAX).collect(),
        provider_id: inbound.provider_id,
    };
    let said = text::said(&settings.words, &came.text);
    let (midnight, _) = day::bounds(tenant.timezone(), now);
    let most = (settings.per_day, midnight);
    cx.store
        .text_messages()
        .receive(tenant, &came, said, most, now)
        .await?;
    Ok(())
}
