//! Who of the staff takes calls: what they say themselves, unless they speak in a call they
//! have taken over, or have closed their desk.

mod desks;
pub(crate) mod store;

use std::collections::HashSet;
use std::time::Duration;

use api::availability::Availability;

use super::Context;
use crate::ground::Ground;
use crate::store::{StoreError, Tenant};

pub use desks::{AtDesk, Desks};
pub use store::AvailabilityOfStaff;

/// Whose desk has not been heard of for so long (ms) is away. The timers of a page that nobody
/// looks at run once a minute.
pub const AWAY_AFTER_MS: i64 = 75_000;
/// How often it is written down whose desks are open, and looked whose are not any more.
pub(super) const LOOK: Duration = Duration::from_secs(20);

/// What somebody said, and what is known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// What they said, and when (Unix ms).
    said: Option<(Availability, i64)>,
    /// When a desk of theirs was last heard of (Unix ms).
    seen_at: i64,
    /// Since when they speak in a call they have taken over (Unix ms).
    talking_since: Option<i64>,
}

impl Known {
    /// Whether they take calls at a moment (Unix ms), and since when. Pure.
    fn at(self, now: i64) -> (Availability, Option<i64>) {
        if let Some(since) = self.talking_since {
            return (Availability::Busy, Some(since));
        }
        match self.said {
            None => (Availability::Away, None),
            Some((Availability::Away, since)) => (Availability::Away, Some(since)),
            Some(_) if self.seen_at + AWAY_AFTER_MS <= now => {
                (Availability::Away, Some(self.seen_at))
            }
            Some((said, since)) => (said, Some(since)),
        }
    }
}

/// The ids of those who take calls now.
pub async fn ready(cx: &Ground, tenant: &Tenant) -> Result<HashSet<String>, StoreError> {
    let staff = cx.store.availability_of_staff();
    let all = staff.colleagues(tenant, cx.clock.now_ms()).await?;
    let ready = all
        .into_iter()
        .filter(|it| it.availability == Availability::Ready);
    Ok(ready.map(|it| it.user_id).collect())
}

/// Writes down whose desks are open here, and tells of those who have closed theirs.
pub(super) async fn look(cx: Context) {
    let staff = cx.store.availability_of_staff();
    for (tenant, people) in cx.desks.open() {
        if let Err(error) = staff.seen(&tenant, &people, cx.clock.now_ms()).await {
            tracing::warn!(tenant_id = tenant.id(), %error, "whose desks are open is not known");
        }
    }
    if let Err(error) = staff.tell_who_left(cx.clock.now_ms()).await {
        tracing::warn!(%error, "who has closed their desk is not known");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_said_so_takes_calls_as_long_as_their_desk_is_open_and_they_are_in_none() {
        let ready = Known {
            said: Some((Availability::Ready, 1_000)),
            seen_at: 60_000,
            talking_since: None,
        };
        assert_eq!(ready.at(60_001), (Availability::Ready, Some(1_000)));
        let closed = 60_000 + AWAY_AFTER_MS;
        assert_eq!(ready.at(closed - 1).0, Availability::Ready);
        assert_eq!(ready.at(closed), (Availability::Away, Some(60_000)));
        let talking = Known {
            talking_since: Some(61_000),
            ..ready
        };
        assert_eq!(talking.at(62_000), (Availability::Busy, Some(61_000)));
        let away = Known {
            said: Some((Availability::Away, 2_000)),
            ..ready
        };
        assert_eq!(away.at(closed), (Availability::Away, Some(2_000)));
        let silent = Known {
            said: None,
            ..ready
        };
        assert_eq!(silent.at(60_001), (Availability::Away, None));
    }
}
