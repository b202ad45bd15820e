//! The local Chime as a tower service.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use chime_model::ServiceError;
use chime_model::chime::API;
use chime_wire::Router;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName};
use http::{HeaderValue, Request, Response};
use time::OffsetDateTime;
use tokio::time::sleep;

use crate::chime::call::Call;
use crate::chime::state::State;
use crate::engine::auth::Callers;
use crate::engine::dates;
use crate::engine::dispatch::{Exchange, Handlers};
use crate::engine::faults::{Cut, CutPoint, Faults, Injector, Outcome, Verdict};
use crate::engine::ids::Ids;
use crate::engine::refusal::common;
use crate::engine::requests::{Requests, Seen};
use crate::engine::store::{Store, StoreError};
use crate::{Answered, Clock, ClockMode, Config, Credential, InvalidDocument};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An Amazon Chime of your own.
///
/// A clone shares the state of its original. It is a [`tower::Service`] of signed requests, always
/// ready: what it refuses is a response like any other, and it fails only where its
/// [faults](crate::faults) cut the connection. See [`serve`](Self::serve) for one that listens on a
/// port.
#[derive(Clone)]
pub struct LocalChime(Arc<Inner>);

/// What all clones share.
pub(crate) struct Inner {
    router: Router,
    handlers: Handlers,
    callers: Callers,
    config: Config,
    faults: Mutex<Injector>,
    /// Of its own, so that faults change no ids.
    dice: Mutex<fastrand::Rng>,
    /// Apart from the ids of resources, which must not depend on how many requests went before.
    request_ids: Mutex<Ids>,
    requests: Requests,
    store: Mutex<Store>,
    /// How time went at the start.
    initial_clock: ClockMode,
}

impl LocalChime {
    /// Sets up a Chime. With the default configuration it is empty.
    ///
    /// # Errors
    /// All that is wrong with the credentials, the seed and the faults.
    pub fn new(config: Config) -> Result<Self, InvalidDocument> {
        config.validate()?;
        let store = Store::in_memory(initial_state(&config));
        Ok(Self::with_store(config, store))
    }

    pub(crate) fn with_store(config: Config, store: Store) -> Self {
        let initial_clock = config.clock.mode();
        config.clock.set_mode(store.state.clock);
        Self(Arc::new(Inner {
            initial_clock,
            router: Router::new([&API]),
            handlers: Handlers::all(),
            callers: Callers::new(credentials(&config)),
            faults: Mutex::new(Injector::new(config.faults.clone())),
            dice: Mutex::new(fastrand::Rng::with_seed(config.random_seed)),
            request_ids: Mutex::new(Ids::new(!config.random_seed)),
            requests: Requests::default(),
            store: Mutex::new(store),
            config,
        }))
    }

    /// A Chime with the organisation of [`sample`](crate::sample) in it.
    #[must_use]
    pub fn sample() -> Self {
        let config = Config::sample();
        let store = Store::in_memory(initial_state(&config));
        Self::with_store(config, store)
    }

    /// Its clock, to move its time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.config.clock
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// What goes wrong on purpose, with how often it does so yet.
    #[must_use]
    pub fn faults(&self) -> Faults {
        lock(&self.0.faults).faults().clone()
    }

    /// Lets that go wrong from now on, in place of what did.
    ///
    /// # Errors
    /// All that makes no sense; then nothing changes.
    pub fn set_faults(&self, faults: Faults) -> Result<(), InvalidDocument> {
        faults.validate()?;
        *lock(&self.0.faults) = Injector::new(faults);
        Ok(())
    }

    /// The last 200 requests, the newest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Answered> {
        self.0.requests.list()
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, Cut> {
        let mut seen = Seen::new(self.clock().wall(), request.headers());
        let outcome = match self.0.respond(request, &mut seen).await {
            Ok(response) => Ok(self.finish(response)),
            Err(Failure::Refused(error)) => Ok(self.finish(chime_wire::encode_error(&error))),
            Err(Failure::Cut(cut)) => Err(cut),
        };
        self.0.note(seen.ended(outcome.as_ref()));
        outcome
    }

    /// The answer to a request that cannot be read.
    pub(crate) fn refuse(&self, headers: &HeaderMap, error: &ServiceError) -> Response<Bytes> {
        let seen = Seen::new(self.clock().wall(), headers);
        let response = self.finish(chime_wire::encode_error(error));
        self.0.note(seen.ended(Ok(&response)));
        response
    }

    /// Adds the headers that every answer has, one without a body included.
    pub(crate) fn finish(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        let headers = response.headers_mut();
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        if let Ok(id) = HeaderValue::try_from(lock(&self.0.request_ids).guid()) {
            headers.insert(REQUEST_ID, id);
        }
        let date = dates::format_http(self.0.config.clock.wall());
        let date = date.and_then(|date| HeaderValue::try_from(date).ok());
        if let Some(date) = date {
            headers.insert(DATE, date);
        }
        response
    }
}

impl Inner {
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    /// The same, with everything done that has become due, and the time. It is read with the state
    /// locked: whoever moves the clock back does so before or after, and nobody settles a state that
    /// was put back by the time of the one before.
    pub(crate) fn settled(&self) -> (MutexGuard<'_, Store>, OffsetDateTime) {
        let mut store = self.store();
        let now = self.config.clock.now();
        store.state.settle(now, &self.config.rules);
        (store, now)
    }

    /// Lets more of them call.
    pub(crate) fn admit(&self, credentials: &[Credential]) {
        self.callers.admit(credentials);
    }

    /// Starts once more with what the configuration says. If the store cannot, nothing changes.
    pub(crate) fn start_over(&self) -> Result<(), StoreError> {
        let mut store = self.store();
        let before = self.config.clock.mode();
        self.config.clock.set_mode(self.initial_clock);
        store.replace(initial_state(&self.config)).inspect_err(|_| {
            self.config.clock.set_mode(before);
        })?;
        self.callers.replace(credentials(&self.config));
        *lock(&self.faults) = Injector::new(self.config.faults.clone());
        *lock(&self.dice) = fastrand::Rng::with_seed(self.config.random_seed);
        Ok(())
    }

    /// The whole way of a request: route, caller, faults, handler.
    async fn respond(
        &self,
        request: &Request<Bytes>,
        seen: &mut Seen<'_>,
    ) -> Result<Response<Bytes>, Failure> {
        let route = self.router.route(request.method(), request.uri());
        let route = &route.ok_or_else(|| {
            common("UnknownOperationException", 404, "No operation has this method and path")
        })?;
        let operation = route.info.name;
        seen.operation = Some(operation);
        let caller = self.callers.identify(request, seen.time)?;
        let caller = &seen.caller.insert(caller).credential;
        let Verdict { delay, outcome } = self.decide(operation, caller, seen.time);
        if !delay.is_zero() {
            sleep(delay).await;
        }
        match outcome {
            Outcome::Refuse(error) => return Err(error.into()),
            Outcome::Cut(CutPoint::Before) => return Err(Cut { operation, applied: false }.into()),
            Outcome::Answer | Outcome::Cut(CutPoint::After) => {}
        }
        let exchange = Exchange { caller, route, request };
        if let Some(errand) = self.handlers.errand(self, &exchange)? {
            errand.await?;
        }
        let answer = self.handlers.answer(self, &exchange);
        if outcome == Outcome::Cut(CutPoint::After) {
            return Err(Cut { operation, applied: answer.is_ok() }.into());
        }
        Ok(answer?)
    }

    fn note(&self, answered: Answered) {
        if let Some(tell) = &self.config.on_answer {
            tell(&answered);
        }
        self.requests.note(answered);
    }

    fn decide(&self, operation: &str, caller: &Credential, now: OffsetDateTime) -> Verdict {
        let random = || lock(&self.dice).f64();
        lock(&self.faults).decide(operation, &caller.aws_account_id, now, random)
    }

    /// Keeps what changed, the time included.
    pub(crate) fn keep(&self, store: &mut Store) -> Result<(), StoreError> {
        store.state.clock = self.config.clock.mode();
        store.save()
    }

    /// Runs a handler with the state locked, and keeps what it changed.
    pub(crate) fn call<T>(
        &self,
        caller: &Credential,
        handler: impl FnOnce(&mut Call<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let (mut store, now) = self.settled();
        let rules = &self.config.rules;
        let State { ids, tenants, domains, phone_stock, owned_numbers, quiet_until, .. } =
            &mut store.state;
        let tenant = tenants.visit(&caller.aws_account_id);
        let mut call =
            Call { caller, now, rules, tenant, domains, phone_stock, owned_numbers, ids };
        let outcome = handler(&mut call);
        *quiet_until = call.tenant.inventory.next_due(rules).into_iter().chain(*quiet_until).min();
        self.keep(&mut store)?;
        outcome
    }
}

/// Who may call a Chime of that configuration at first.
fn credentials(config: &Config) -> impl Iterator<Item = &Credential> {
    config.credentials.iter().chain(&config.seed.credentials)
}

/// What a Chime of that configuration starts with.
pub(crate) fn initial_state(config: &Config) -> State {
    let mut state = State::new(config.random_seed, config.clock.mode());
    state.plant(config.seed.clone(), config.clock.now());
    state
}

/// Why a request has no answer of its operation.
enum Failure {
    Refused(ServiceError),
    Cut(Cut),
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::Refused(error)
    }
}

impl From<Cut> for Failure {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

/// What panics while it holds the lock must not take the service down with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl tower::Service<Request<Bytes>> for LocalChime {
    type Response = Response<Bytes>;
    type Error = Cut;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Cut>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cut>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let chime = self.clone();
        Box::pin(async move { chime.answer(&request).await })
    }
}

impl fmt::Debug for LocalChime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalChime").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
