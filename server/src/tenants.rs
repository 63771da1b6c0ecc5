//! Tenants: who may use what, and from where.

pub mod accounts;
pub mod country;
pub mod day;
pub mod hours;
mod known_origins;
pub mod origins;
mod settings;
mod setup;

pub use accounts::{Account, AccountError, Accounts, SealedKeys};
pub use hours::{BusinessHours, HoursError};
pub use known_origins::KnownOrigins;
pub use settings::{
    SettingsError, TenantSettings, checked_languages, checked_name, checked_timezone,
};
pub(crate) use setup::check as check_setup_link;
pub use setup::{FirstBusiness, SetupError, set_up};
