//! Dispatches requests to the handlers of the operations.

use std::pin::Pin;

use bytes::Bytes;
use chime_model::{Api, Method, Operation, ServiceError, Validate, Violations};
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

/// A request with its route and its authenticated caller.
pub(crate) struct Exchange<'a> {
    pub(crate) caller: &'a Credential,
    pub(crate) region: &'a str,
    pub(crate) route: &'a Route<'a>,
    pub(crate) request: &'a Request<Bytes>,
}

/// An asynchronous check, which runs before the handler, with the state unlocked.
pub(crate) type AsyncCheck = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Decodes and validates a request, and returns the job to run with the state locked.
type Handler<S, T> = Box<dyn Fn(&Exchange<'_>) -> Result<Job<S, T>, Violations> + Send + Sync>;
type Job<S, T> = Box<dyn FnOnce(&mut <S as Hosted>::Call<'_>) -> Result<T>>;
/// Encodes an output, after the state is unlocked.
type Encode = Box<dyn FnOnce() -> Response<Bytes>>;

/// The handlers and checks of a service, by the name of their operation.
pub(crate) struct Handlers<S: Hosted> {
    handlers: FxHashMap<&'static str, Handler<S, Encode>>,
    checks: FxHashMap<&'static str, Handler<S, Option<AsyncCheck>>>,
}

/// Defines the function `register` of a module, which adds its handlers and checks, and those of its
/// submodules. The request type of a handler determines its operation.
macro_rules! handlers {
    ($service:ty: $($handler:ident),+ $(; check $check:ident)? $(; with $($below:ident),+)?) => {
        pub(crate) fn register(handlers: &mut $crate::engine::dispatch::Handlers<$service>) {
            $(handlers.on($handler);)+
            $(handlers.check($check);)?
            $($($below::register(handlers);)+)?
        }
    };
}
pub(crate) use handlers;

impl<S: Hosted> Handlers<S> {
    pub(crate) fn new() -> Self {
        Self { handlers: FxHashMap::default(), checks: FxHashMap::default() }
    }

    /// Adds the handler of the operation that its request type determines.
    pub(crate) fn on<O: Operation>(
        &mut self,
        handler: fn(&mut S::Call<'_>, O) -> Result<O::Output>,
    ) {
        let prepare = move |exchange: &Exchange<'_>| -> Result<Job<S, Encode>, Violations> {
            let request: O = decode(exchange)?;
            Ok(Box::new(move |call| {
                let output = handler(call, request)?;
                let encode: Encode = Box::new(move || chime_wire::encode_response::<O>(&output));
                Ok(encode)
            }))
        };
        self.handlers.insert(O::INFO.name, Box::new(prepare));
    }

    /// Adds a function that returns a check. The check must pass before the handler of the same
    /// operation runs.
    pub(crate) fn check<O: Operation>(
        &mut self,
        check: fn(&mut S::Call<'_>, O) -> Result<Option<AsyncCheck>>,
    ) {
        let prepare = move |exchange: &Exchange<'_>| -> Result<Job<S, _>, Violations> {
            let request: O = decode(exchange)?;
            Ok(Box::new(move |call| check(call, request)))
        };
        self.checks.insert(O::INFO.name, Box::new(prepare));
    }

    /// The operations that have no handler.
    #[cfg(test)]
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let names = S::API.operations.iter().map(|info| info.name);
        names.filter(|name| !self.handlers.contains_key(name)).collect()
    }
}

fn decode<O: Operation>(exchange: &Exchange<'_>) -> Result<O, Violations> {
    let request: O = chime_wire::decode_request(exchange.route, exchange.request)?;
    request.validate()?;
    Ok(request)
}

/// Runs work with the state `W` locked, and saves or undoes its changes.
pub(crate) trait Run<W, R> {
    fn rules(&self) -> &R;

    fn run(
        &self,
        exchange: &Exchange<'_>,
        reads: bool,
        work: &mut dyn FnMut(&mut W, &R, Context<'_>) -> Result<()>,
    ) -> Result<()>;
}

/// A service over a state `W` with rules `R`, independent of the argument of its handlers.
pub(crate) trait HostedService<W, R>: Send + Sync {
    fn api(&self) -> &'static Api;

    /// Encodes an error of the service, which has a code and a request id.
    fn encode_error(&self, error: ServiceError) -> Response<Bytes>;

    /// The check that must pass before [`answer`](Self::answer) is called, if there is one.
    fn check(&self, engine: &dyn Run<W, R>, exchange: &Exchange<'_>) -> Result<Option<AsyncCheck>>;

    /// Runs the handler of the operation of a request, and returns its response.
    fn answer(&self, engine: &dyn Run<W, R>, exchange: &Exchange<'_>) -> Result<Response<Bytes>>;
}

/// The handlers of a service, with the function that creates their argument from a state.
pub(crate) struct Host<W, R, S: Hosted> {
    pub(crate) handlers: Handlers<S>,
    pub(crate) call: for<'a> fn(&'a mut W, &'a R, Context<'a>) -> Result<S::Call<'a>>,
    /// The error of a request that violates constraints of the model.
    pub(crate) invalid: fn(&R, &Violations) -> ServiceError,
}

impl<W, R, S: Hosted> Host<W, R, S> {
    fn run<T>(
        &self,
        engine: &dyn Run<W, R>,
        exchange: &Exchange<'_>,
        handler: &Handler<S, T>,
    ) -> Result<T> {
        let invalid = |violations| (self.invalid)(engine.rules(), &violations);
        let mut job = Some(handler(exchange).map_err(invalid)?);
        let mut output = None;
        let reads = exchange.route.info.method == Method::Get;
        engine.run(exchange, reads, &mut |state, rules, context| {
            if let Some(job) = job.take() {
                output = Some(job(&mut (self.call)(state, rules, context)?)?);
            }
            Ok(())
        })?;
        output.ok_or_else(|| common("InternalFailure", 500, "The handler did not run"))
    }
}

impl<W, R, S: Hosted> HostedService<W, R> for Host<W, R, S> {
    fn api(&self) -> &'static Api {
        S::API
    }

    fn encode_error(&self, error: ServiceError) -> Response<Bytes> {
        S::encode_error(error)
    }

    fn check(&self, engine: &dyn Run<W, R>, exchange: &Exchange<'_>) -> Result<Option<AsyncCheck>> {
        let check = self.handlers.checks.get(exchange.route.info.name);
        check.map_or(Ok(None), |check| self.run(engine, exchange, check))
    }

    fn answer(&self, engine: &dyn Run<W, R>, exchange: &Exchange<'_>) -> Result<Response<Bytes>> {
        let name = exchange.route.info.name;
        // Each service has a test that no handler is missing.
        let handler = self.handlers.handlers.get(name).ok_or_else(|| {
            common("NotImplementedException", 501, format!("{name} is not implemented"))
        })?;
        Ok(self.run(engine, exchange, handler)?())
    }
}
