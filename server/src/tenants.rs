//! Tenants as businesses: what they say about themselves, and when they are open.

pub mod country;
pub mod day;
pub mod hours;
pub(crate) mod http;
mod settings;
mod setup;
mod store;

use axum::extract::FromRef;

use crate::domain::Domain;
use crate::ground::Ground;
use crate::people;
use crate::web::Shared;

pub use hours::{BusinessHours, HoursError};
pub use settings::{SettingsError, TenantSettings, checked_languages, checked_timezone};
pub(crate) use setup::check as check_setup_link;
pub use setup::{FirstBusiness, SetupError, set_up, setup_url};
pub use store::{ListedTenant, Tenants};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "tenant.changed",
            "tenant.created",
            "tenant.disabled",
            "tenant.enabled",
        ],
        ..Domain::new("tenants", http::routes)
    }
}
