//! Which handler answers which operation of a service.

use std::collections::HashMap;
use std::pin::Pin;

use bytes::Bytes;
use chime_model::{Api, Method, Operation, ServiceError, Validate, Violations};
use chime_wire::Route;
use http::{Request, Response};
use time::OffsetDateTime;

use crate::engine::credential::Credential;
use crate::engine::errors::{Result, common};
use crate::engine::events::Outbox;
use crate::engine::ids::Ids;

/// A service that the engine can serve.
pub(crate) trait Hosted: 'static {
    /// Its operations.
    const API: &'static Api;

    /// What its handlers work with: one call, and the state that it may see.
    type Call<'a>;

    /// Encodes an error of the service, which has a code and a request id.
    fn encode_error(error: ServiceError) -> Response<Bytes> {
        chime_wire::encode_error(&error)
    }
}

/// What everything that changes a state needs.
pub(crate) struct Moment<'a> {
    /// The time of the services, at which all that is due has been done.
    pub(crate) now: OffsetDateTime,
    pub(crate) ids: &'a mut Ids,
    /// Takes the events that the change causes.
    pub(crate) events: &'a mut Outbox,
}

/// What every call knows.
pub(crate) struct Context<'a> {
    pub(crate) caller: &'a Credential,
    /// The region that the request is signed for.
    pub(crate) region: &'a str,
    pub(crate) at: Moment<'a>,
}

/// A request that was routed and whose caller is known.
pub(crate) struct Exchange<'a> {
    pub(crate) caller: &'a Credential,
    pub(crate) region: &'a str,
    pub(crate) route: &'a Route,
    pub(crate) request: &'a Request<Bytes>,
}

/// A check that takes time. It runs before the handler, with the state unlocked.
pub(crate) type AsyncCheck = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Decodes and validates a request, and returns what is left to do with the state locked.
type Handler<S, T> = Box<dyn Fn(&Exchange<'_>) -> Result<Job<S, T>, Violations> + Send + Sync>;
type Job<S, T> = Box<dyn FnOnce(&mut <S as Hosted>::Call<'_>) -> Result<T>>;
/// Encodes an output, with the state unlocked again.
type Encode = Box<dyn FnOnce() -> Response<Bytes>>;

/// The handlers of a service, by the name of their operation.
pub(crate) struct Handlers<S: Hosted> {
    handlers: HashMap<&'static str, Handler<S, Encode>>,
    checks: HashMap<&'static str, Handler<S, Option<AsyncCheck>>>,
}

/// Lists the handlers of a file, each found by its request type, with the checks before them and
/// the modules below that have more.
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
        Self { handlers: HashMap::new(), checks: HashMap::new() }
    }

    /// Answers the operation of a request type with a function. All else that an operation needs
    /// is in its row.
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

    /// Has a function return a check that must pass before the handler of the same operation runs.
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

/// Runs work with the state `W` locked, and saves or undoes what it changes.
pub(crate) trait Run<W, R> {
    fn rules(&self) -> &R;

    fn run(
        &self,
        exchange: &Exchange<'_>,
        reads: bool,
        work: &mut dyn FnMut(&mut W, &R, Context<'_>) -> Result<()>,
    ) -> Result<()>;
}

/// A service over a state `W` with rules `R`, whatever its handlers work with.
pub(crate) trait HostedService<W, R>: Send + Sync {
    fn api(&self) -> &'static Api;

    /// Encodes an error of the service, which has a code and a request id.
    fn encode_error(&self, error: ServiceError) -> Response<Bytes>;

    /// The check that has to pass before a request is answered, if there is one.
    fn check(&self, engine: &dyn Run<W, R>, exchange: &Exchange<'_>) -> Result<Option<AsyncCheck>>;

    /// Answers a request by the handler of its operation.
    fn answer(&self, engine: &dyn Run<W, R>, exchange: &Exchange<'_>) -> Result<Response<Bytes>>;
}

/// Handlers, and what they see of a state.
pub(crate) struct Host<W, R, S: Hosted> {
    pub(crate) handlers: Handlers<S>,
    pub(crate) call: for<'a> fn(&'a mut W, &'a R, Context<'a>) -> Result<S::Call<'a>>,
    /// The error for a request that breaks constraints of its description.
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
        // A test of each service holds that no handler is missing.
        let handler = self.handlers.handlers.get(name).ok_or_else(|| {
            common("NotImplementedException", 501, format!("{name} has no handler here"))
        })?;
        Ok(self.run(engine, exchange, handler)?())
    }
}
