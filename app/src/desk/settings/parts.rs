//! What sections are made of: fields, a save button with its outcome, a
//! question before something that cannot be undone, a secret shown once, lists
//! that load page by page.

mod confirm;
mod empty;
mod errand;
mod field;
mod pages;
mod secret;
mod table;
mod timezone;

pub(in crate::desk) use super::texts::Texts;
pub(in crate::desk) use confirm::{Confirm, Question};
pub(in crate::desk) use empty::Empty;
pub(in crate::desk) use errand::{Errand, SaveButton, Status, Words};
pub(in crate::desk) use field::{CheckField, SelectField, TextArea, TextField};
pub(in crate::desk) use pages::{LoadMore, Loaded, Loading, Pages};
pub(in crate::desk) use secret::SecretBox;
pub(in crate::desk) use table::{Cell, Table};
pub(in crate::desk) use timezone::TimezoneField;
