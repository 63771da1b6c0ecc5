//! Handlers behind one type.
//!
//! Of a handler that it is given as it is, axum makes half a dozen types, and at each the
//! compiler proves once more that the handler's future, with everything it waits for, may be
//! sent: a third of the time this crate took to compile.

use std::sync::Arc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use futures_util::future::BoxFuture;

type Answering<S> = dyn Fn(Request, S) -> BoxFuture<'static, Response> + Send + Sync;

/// Some handler.
pub(crate) struct Boxed<S>(Arc<Answering<S>>);

impl<S> Clone for Boxed<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The handler, whichever it is; every route takes it like this.
pub(crate) fn boxed<T: 'static, S: 'static>(handler: impl Handler<T, S>) -> Boxed<S> {
    Boxed(Arc::new(move |request, state| {
        Box::pin(handler.clone().call(request, state))
    }))
}

impl<S: Send + 'static> Handler<(), S> for Boxed<S> {
    type Future = BoxFuture<'static, Response>;

    fn call(self, request: Request, state: S) -> Self::Future {
        (self.0)(request, state)
    }
}

/// The operations at one address, for the OpenAPI document and the router: as
/// [`utoipa_axum::routes`] has them, with [`boxed`] handlers.
macro_rules! routes {
    ($($handler:path),+ $(,)?) => {{
        use utoipa_axum::PathItemExt as _;
        let mut schemas = Vec::new();
        let mut paths = utoipa::openapi::path::Paths::new();
        let mut router = axum::routing::MethodRouter::new();
        $(
            let (path, item, methods) = utoipa_axum::routes!(@resolve_types $handler : schemas);
            router = methods.iter().fold(router, |router, method| {
                router.on(method.to_method_filter(), $crate::web::boxed($handler))
            });
            paths.add_path_operation(&path, methods, item);
        )+
        (schemas, paths, router)
    }};
}

pub(crate) use routes;
