//! The id of the request that is being answered, for the log, for the trail of
//! who did what, and for whom we ask on its behalf.

tokio::task_local! {
    static CURRENT: String;
}

/// Does work as a part of answering the request with this id.
pub(crate) fn scope<F: Future>(id: String, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(id, work)
}

/// The id of the request this task answers.
pub(crate) fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Keeps the request's id for what goes on in a task of its own.
pub(crate) fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> + use<F> {
    CURRENT.scope(current().unwrap_or_default(), work)
}
