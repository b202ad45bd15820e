//! Dispatches requests to the handlers of the operations.

use std::pin::Pin;

use bytes::Bytes;
use chime_model::{Api, Operation, ServiceError, Validate, Violations};
use chime_wire::Route;
use http::{Request, Response};
use rustc_hash::FxHashMap;
use time::OffsetDateTime;

use crate::engine::credential::Credential;
use crate::engine::errors::{Result, common};
use crate::engine::events::Outbox;
use crate::engine::ids::Ids;

/// A service that the engine can serve.
pub(crate) trait Hosted: 'static {
    /// Its operations.
    const API: &'static Api;

    /// The argument of its handlers: the call and the state that it may access.
    type Call<'a>;

    /// Encodes an error of the service, which has a code and a request id.
    fn encode_error(error: ServiceError) -> Response<Bytes> {
        chime_wire::encode_error(&error)
    }
}

/// The time, ids and events that a change of the state needs.
pub(crate) struct Moment<'a> {
    /// The time of the services. Everything that is due at this time has been applied.
    pub(crate) now: OffsetDateTime,
    pub(crate) ids: &'a mut Ids,
    /// Receives the events that the change causes.
    pub(crate) events: &'a mut Outbox,
}

/// The context of a call.
pub(crate) struct Context<'a> {
    pub(crate) caller: &'a Credential,
    /// The region that the request is signed for.
    pub(crate) region: &'a str,
    pub(crate) at: Moment<'a>,
}

/// Work on the state `W` with rules `R`, which the engine runs with the state locked.
pub(crate) type Work<W, R, T> = Box<dyn FnOnce(&mut W, &R, Context<'_>) -> Result<T> + Send>;

/// Encodes an output, after the state is unlocked.
pub(crate) type Encode = Box<dyn FnOnce() -> Response<Bytes> + Send>;

/// An asynchronous check, which runs before the handler, with the state unlocked.
pub(crate) type AsyncCheck = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Decodes and validates a request, and returns its work.
type Prepare<W, R, T> =
    Box<dyn Fn(&Route<'_>, &Request<Bytes>) -> Result<Work<W, R, T>, Violations> + Send + Sync>;

/// A service over a state `W` with rules `R`, independent of the argument of its handlers.
pub(crate) trait HostedService<W, R>: Send + Sync {
    fn api(&self) -> &'static Api;

    /// Encodes an error of the service, which has a code and a request id.
    fn encode_error(&self, error: ServiceError) -> Response<Bytes>;

    /// The check that must pass before the [handler](Self::handler), if the operation has one.
    fn check(
        &self,
        rules: &R,
        route: &Route<'_>,
        request: &Request<Bytes>,
    ) -> Result<Option<Work<W, R, Option<AsyncCheck>>>>;

    /// The handler of the operation, with its decoded request.
    fn handler(
        &self,
        rules: &R,
        route: &Route<'_>,
        request: &Request<Bytes>,
    ) -> Result<Work<W, R, Encode>>;

    /// The operations that have no handler.
    #[cfg(test)]
    fn missing(&self) -> Vec<&'static str>;
}

/// Creates the argument of the handlers of a service from a state.
type CallOf<W, R, S> = for<'a> fn(&'a mut W, &'a R, Context<'a>) -> Result<<S as Hosted>::Call<'a>>;

/// The handlers and checks of a service, by the name of their operation.
pub(crate) struct Handlers<W, R, S: Hosted> {
    call: CallOf<W, R, S>,
    /// The error of a request that violates constraints of the model.
    invalid: fn(&R, &Violations) -> ServiceError,
    handlers: FxHashMap<&'static str, Prepare<W, R, Encode>>,
    checks: FxHashMap<&'static str, Prepare<W, R, Option<AsyncCheck>>>,
}

/// Defines the function `register` of a module, which adds its handlers and checks, and those of its
/// submodules. The request type of a handler determines its operation.
macro_rules! handlers {
    (
        $service:ty $(: $($handler:ident),+)? $(; check $check:ident)? $(; with $($below:ident),+)?
    ) => {
        pub(crate) fn register<W: 'static, R: 'static>(
            handlers: &mut $crate::engine::dispatch::Handlers<W, R, $service>,
        ) {
            $($(handlers.on($handler);)+)?
            $(handlers.check($check);)?
            $($($below::register(handlers);)+)?
        }
    };
}
pub(crate) use handlers;

impl<W: 'static, R: 'static, S: Hosted> Handlers<W, R, S> {
    pub(crate) fn new(
        call: CallOf<W, R, S>,
        invalid: fn(&R, &Violations) -> ServiceError,
        register: fn(&mut Self),
    ) -> Self {
        let (handlers, checks) = (FxHashMap::default(), FxHashMap::default());
        let mut new = Self { call, invalid, handlers, checks };
        register(&mut new);
        new
    }

    /// Adds the handler of the operation that its request type determines.
    pub(crate) fn on<O: Operation>(
        &mut self,
        handler: fn(&mut S::Call<'_>, O) -> Result<O::Output>,
    ) {
        let call = self.call;
        let prepare: Prepare<W, R, Encode> = Box::new(move |route, request| {
            let request: O = decode(route, request)?;
            Ok(Box::new(move |state, rules, context| {
                let output = handler(&mut call(state, rules, context)?, request)?;
                let encode: Encode = Box::new(move || chime_wire::encode_response::<O>(&output));
                Ok(encode)
            }))
        });
        self.handlers.insert(O::INFO.name, prepare);
    }

    /// Adds a function that returns a check. The check must pass before the handler of the same
    /// operation runs.
    pub(crate) fn check<O: Operation>(
        &mut self,
        check: fn(&mut S::Call<'_>, O) -> Result<Option<AsyncCheck>>,
    ) {
        let call = self.call;
        let prepare: Prepare<W, R, Option<AsyncCheck>> = Box::new(move |route, request| {
            let request: O = decode(route, request)?;
            Ok(Box::new(move |state, rules, context| {
                check(&mut call(state, rules, context)?, request)
            }))
        });
        self.checks.insert(O::INFO.name, prepare);
    }
}

fn decode<O: Operation>(route: &Route<'_>, request: &Request<Bytes>) -> Result<O, Violations> {
    let request: O = chime_wire::decode_request(route, request)?;
    request.validate()?;
    Ok(request)
}

impl<W: 'static, R: 'static, S: Hosted> HostedService<W, R> for Handlers<W, R, S> {
    fn api(&self) -> &'static Api {
        S::API
    }

    fn encode_error(&self, error: ServiceError) -> Response<Bytes> {
        S::encode_error(error)
    }

    fn check(
        &self,
        rules: &R,
        route: &Route<'_>,
        request: &Request<Bytes>,
    ) -> Result<Option<Work<W, R, Option<AsyncCheck>>>> {
        let prepare = self.checks.get(route.info.name);
        let work = prepare.map(|prepare| prepare(route, request)).transpose();
        work.map_err(|violations| (self.invalid)(rules, &violations))
    }

    fn handler(
        &self,
        rules: &R,
        route: &Route<'_>,
        request: &Request<Bytes>,
    ) -> Result<Work<W, R, Encode>> {
        let name = route.info.name;
        // A test checks that no handler is missing.
        let prepare = self.handlers.get(name).ok_or_else(|| {
            common("NotImplementedException", 501, format!("{name} is not implemented"))
        })?;
        prepare(route, request).map_err(|violations| (self.invalid)(rules, &violations))
    }

    #[cfg(test)]
    fn missing(&self) -> Vec<&'static str> {
        let names = S::API.operations.iter().map(|info| info.name);
        names.filter(|name| !self.handlers.contains_key(name)).collect()
    }
}
