//! Which revision of something a change is of.

use serde::Deserialize;

/// What a change of the whole is based on.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Revised {
    /// The `revision` that was read. When somebody else changed it since then, nothing is
    /// changed (409); without it, whatever is there is replaced.
    pub(crate) revision: Option<i64>,
}
