//! What visitors say besides what they speak: typed messages during a call,
//! consent before it, a rating after it.

use std::num::NonZeroU32;
use std::time::Duration;

use api::public::{Consent, Rating, TypedMessage};
use governor::clock::Clock;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use retell::models::{CallControl, UpdateLiveCall};

use crate::accounts::AccountError;
use crate::calls::Context;
use crate::store::{StoreError, Tenant};

/// What comes before a typed message on its way to the agent, so that the
/// agent knows that it is the visitor's, and so that a transcript shows it as
/// what the visitor said.
pub(crate) const TYPED: &str = "The caller typed this message: ";

/// Messages a minute, for each call.
const MESSAGES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// Why a visitor's wish was not done.
#[derive(Debug, thiserror::Error)]
pub enum VisitorError {
    /// What was sent makes no sense.
    #[error("{0}")]
    Unusable(&'static str),
    /// The call has not begun or is over.
    #[error("the call is not live")]
    NotLive,
    /// Too many messages.
    #[error("too many messages")]
    TooFast {
        /// When the next one is taken.
        retry_after: Duration,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tenant's Retell account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Retell failed.
    #[error("Retell: {0}")]
    Retell(retell::Error),
}

/// How often visitors may type.
#[derive(Debug)]
pub struct TypingLimit {
    by_call: DefaultKeyedRateLimiter<String>,
}

impl Default for TypingLimit {
    fn default() -> Self {
        Self {
            by_call: RateLimiter::keyed(Quota::per_minute(MESSAGES_PER_MINUTE)),
        }
    }
}

impl TypingLimit {
    fn check(&self, call_id: &str) -> Result<(), VisitorError> {
        // Calls come and go: what is full again is forgotten.
        if self.by_call.len() > 1_000 {
            self.by_call.retain_recent();
        }
        self.by_call
            .check_key(&call_id.to_owned())
            .map_err(|until| {
                let now = self.by_call.clock().now();
                VisitorError::TooFast {
                    retry_after: until.wait_time_from(now),
                }
            })
    }
}

/// Hands a typed message to the agent, who answers it.
///
/// # Errors
/// With the reason why the agent does not get it.
pub async fn tell_agent(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    message: &TypedMessage,
) -> Result<(), VisitorError> {
    let text = within(&message.text, TypedMessage::TEXT_MAX).ok_or(VisitorError::Unusable(
        "text must have 1 to 1000 characters.",
    ))?;
    cx.typing_limit.check(call_id)?;
    let update = UpdateLiveCall {
        call_control: Some(CallControl {
            additional_context: Some(format!("{TYPED}{text}")),
            trigger_response: Some(true),
        }),
        ..UpdateLiveCall::default()
    };
    let account = cx.account(tenant).await?;
    match account.client.update_live_call(call_id, &update).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_unprocessable() || error.is_not_found() => {
            Err(VisitorError::NotLive)
        }
        Err(error) => Err(VisitorError::Retell(error)),
    }
}

/// Keeps a rating.
///
/// # Errors
/// When it is none, or the database fails.
pub async fn rate(
    cx: &Context,
    tenant: &Tenant,
    call_id: &str,
    rating: Rating,
) -> Result<(), VisitorError> {
    if !(1..=5).contains(&rating.stars) {
        return Err(VisitorError::Unusable("stars must be 1 to 5."));
    }
    let comment = match rating.comment.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(comment) => Some(
            within(comment, Rating::COMMENT_MAX)
                .ok_or(VisitorError::Unusable(
                    "comment must have at most 2000 characters.",
                ))?
                .to_owned(),
        ),
    };
    let rating = Rating { comment, ..rating };
    let now = cx.clock.now_ms();
    Ok(cx.store.calls().rate(tenant, call_id, &rating, now).await?)
}

/// A consent as it is kept: without a text there is none.
#[must_use]
pub fn consent(given: Option<Consent>) -> Option<Consent> {
    let given = given?;
    let text: String = given.text.trim().chars().take(Consent::TEXT_MAX).collect();
    let short = |tag: &String| tag.len() <= 35;
    (!text.is_empty()).then(|| Consent {
        text,
        language: given.language.filter(short),
    })
}

fn within(text: &str, most: usize) -> Option<&str> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= most;
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_words_and_an_end() {
        assert_eq!(within("  hello ", 10), Some("hello"));
        assert_eq!(within("  ", 10), None);
        assert_eq!(within("äöüäöü", 6), Some("äöüäöü"));
        assert_eq!(within("äöüäöüä", 6), None);
    }

    #[test]
    fn a_consent_without_words_is_none() {
        let given = |text: &str| {
            consent(Some(Consent {
                text: text.to_owned(),
                language: Some("en".to_owned()),
            }))
        };
        assert_eq!(given(" "), None);
        assert_eq!(given(" I agree ").unwrap().text, "I agree");
        let long = "x".repeat(Consent::TEXT_MAX + 10);
        assert_eq!(given(&long).unwrap().text.len(), Consent::TEXT_MAX);
    }

    #[test]
    fn typing_too_fast_is_told_when_to_go_on() {
        let limit = TypingLimit::default();
        for _ in 0..MESSAGES_PER_MINUTE.get() {
            assert!(limit.check("call_1").is_ok());
        }
        assert!(matches!(
            limit.check("call_1"),
            Err(VisitorError::TooFast { retry_after }) if retry_after > Duration::ZERO
        ));
        assert!(limit.check("call_2").is_ok());
    }
}
