//! Tenants as businesses: what they say about themselves, and when they are open.

pub mod country;
pub mod day;
pub mod hours;
pub(crate) mod http;
mod settings;
mod setup;
mod store;

pub use hours::{BusinessHours, HoursError};
pub use settings::{SettingsError, TenantSettings, checked_languages, checked_timezone};
pub(crate) use setup::check as check_setup_link;
pub use setup::{FirstBusiness, SetupError, set_up, setup_url};
pub use store::ListedTenant;
