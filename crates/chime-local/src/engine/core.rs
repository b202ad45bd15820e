//! The engine: handles requests and owns the state.

mod calls;
mod events;
pub(crate) mod seeds;
mod upkeep;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chime_model::{Api, ServiceError};
use http::header::{CONTENT_TYPE, DATE, Entry, HeaderMap, RETRY_AFTER};
use http::{HeaderValue, Request, Response};
use tokio::time::sleep;

use self::calls::after_save;
use crate::engine::auth::Callers;
use crate::engine::clock::{Clock, ClockMode};
use crate::engine::control::token::ControlToken;
use crate::engine::credential::Credential;
use crate::engine::dates::HttpDates;
use crate::engine::document::InvalidDocument;
use crate::engine::errors::{Result, common};
use crate::engine::events::Publisher;
use crate::engine::faults::{Cut, CutPoint, Faults, Injector, Outcome, Verdict};
use crate::engine::ids::Ids;
use crate::engine::requests::{LoggedRequest, OnResponse, REQUEST_ID, Requests, Seen};
use crate::engine::routing::Routes;
use crate::engine::seeding::{Seed, Seeding};
use crate::engine::server::access::{Access, Connection};
use crate::engine::server::slots::Slots;
#[cfg(any(test, feature = "durable"))]
use crate::engine::store::StoreError;
use crate::engine::store::shared::SharedStore;
use crate::engine::store::{Intent, Root, State, Store};
use crate::engine::sts;
use crate::engine::world::World;

/// The configuration of an engine.
pub(crate) struct Setup<W: World> {
    pub(crate) credentials: Vec<Credential>,
    pub(crate) clock: Clock,
    pub(crate) random_seed: u64,
    pub(crate) rules: W::Rules,
    pub(crate) faults: Faults,
    pub(crate) on_response: Option<OnResponse>,
    pub(crate) access: Access,
    pub(crate) seed: W::Seed,
}

/// Serves the services of a world. Clones share all state.
pub(crate) struct Engine<W: World>(Arc<Inner<W>>);

impl<W: World> Clone for Engine<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Inner<W: World> {
    routes: Routes<W, W::Rules>,
    callers: Callers,
    control_token: ControlToken,
    setup: Setup<W>,
    faults: Mutex<Injector>,
    /// Separate from the ids, so that faults do not change them.
    fault_rng: Mutex<fastrand::Rng>,
    /// Separate from the ids of resources, so that these do not depend on the number of requests.
    request_ids: Mutex<Ids>,
    requests: Requests,
    dates: HttpDates,
    store: SharedStore<W>,
    slots: Arc<Slots>,
    initial_clock: ClockMode,
}

impl<W: World> Setup<W> {
    pub(crate) fn apis() -> Vec<&'static Api> {
        W::services().iter().map(|service| service.api()).collect()
    }

    /// The initial state.
    ///
    /// # Errors
    /// Returns all problems of the setup.
    fn initial_state(&self) -> Result<State<W>, InvalidDocument> {
        self.faults.check(&Self::apis())?;
        self.access.check()?;
        W::check(&self.rules)?;
        let callers = self.credentials.iter().enumerate();
        let checks = callers.map(|(i, credential)| {
            crate::engine::document::check_at(&format!("Credentials[{i}]"), credential)
        });
        checks.collect::<Result<(), _>>()?;
        let mut state = State::new(self.random_seed, self.clock.mode());
        let State { root, world, .. } = &mut state;
        let mut seeding = Seeding::new(self.clock.now(), &mut root.ids);
        seeds::apply(&mut seeding, world, &self.rules, self.seed.clone())?;
        Ok(state)
    }

    fn callers(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().chain(self.seed.credentials())
    }
}

/// Why the operation of a request returns no response.
enum Failure {
    Error(ServiceError),
    Cut(Cut),
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::Error(error)
    }
}

impl<W: World> Engine<W> {
    pub(crate) fn in_memory(setup: Setup<W>) -> Result<Self, InvalidDocument> {
        let state = setup.initial_state()?;
        Ok(Self::with_store(setup, SharedStore::in_memory(Store::in_memory(state))))
    }

    /// Creates an engine in memory from a valid setup. If the setup is invalid, the state is empty.
    pub(crate) fn of_valid(setup: Setup<W>) -> Self {
        let empty = |_| State::new(setup.random_seed, setup.clock.mode());
        let state = setup.initial_state().unwrap_or_else(empty);
        Self::with_store(setup, SharedStore::in_memory(Store::in_memory(state)))
    }

    #[cfg(feature = "durable")]
    pub(crate) fn open(setup: Setup<W>, path: &std::path::Path) -> Result<Self, StoreError> {
        Self::durable(setup, |initial| Store::open(path, initial))
    }

    /// Creates an engine over a store that saves changes.
    #[cfg(any(test, feature = "durable"))]
    pub(crate) fn durable(
        setup: Setup<W>,
        open: impl FnOnce(State<W>) -> Result<Store<W>, StoreError>,
    ) -> Result<Self, StoreError> {
        let initial = setup.initial_state()?;
        let store = SharedStore::durable(open(initial)?).map_err(StoreError::Io)?;
        Ok(Self::with_store(setup, store))
    }

    fn with_store(setup: Setup<W>, store: SharedStore<W>) -> Self {
        let initial_clock = setup.clock.mode();
        let request_ids = {
            let mut store = store.lock();
            let Root { ids, clock } = &store.state.root;
            setup.clock.set_mode(*clock);
            let mut ids = ids.clone();
            if store.is_reopened {
                // The saved ids can be those that an earlier process began with, such as after a reset.
                ids.stir(&setup.clock.wall().unix_timestamp_nanos().to_be_bytes());
            }
            let (of_events, of_requests) = (ids.derive("events"), ids.derive("requests"));
            let rules = W::event_rules(&setup.rules);
            store.publisher = Publisher::new(rules, setup.random_seed, of_events);
            of_requests
        };
        Self(Arc::new(Inner {
            initial_clock,
            routes: Routes::new(W::services()),
            callers: Callers::new(setup.callers()),
            control_token: ControlToken::new(setup.access.control_token.clone()),
            faults: Mutex::new(Injector::new(setup.faults.clone())),
            fault_rng: Mutex::new(fastrand::Rng::with_seed(setup.random_seed)),
            request_ids: Mutex::new(request_ids),
            requests: Requests::default(),
            dates: HttpDates::default(),
            store,
            slots: Arc::default(),
            setup,
        }))
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.setup.clock
    }

    pub(crate) fn routes(&self) -> &Routes<W, W::Rules> {
        &self.0.routes
    }

    pub(crate) fn access(&self) -> &Access {
        &self.0.setup.access
    }

    pub(crate) fn control_token(&self) -> &ControlToken {
        &self.0.control_token
    }

    pub(crate) fn slots(&self) -> &Arc<Slots> {
        &self.0.slots
    }

    pub(crate) fn faults(&self) -> Faults {
        lock(&self.0.faults).faults().clone()
    }

    pub(crate) fn set_faults(&self, faults: Faults) -> Result<(), InvalidDocument> {
        faults.check(&Setup::<W>::apis())?;
        *lock(&self.0.faults) = Injector::new(faults);
        Ok(())
    }

    /// The rules of the services, such as their limits.
    pub(crate) fn rules(&self) -> &W::Rules {
        &self.0.setup.rules
    }

    /// Whether the demo credential is accepted.
    pub(crate) fn has_demo_credential(&self) -> bool {
        self.0.setup.callers().any(Credential::is_demo)
    }

    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        self.0.requests.list()
    }

    /// Accepts more credentials.
    pub(crate) fn admit(&self, credentials: &[Credential]) {
        self.0.callers.admit(credentials);
    }

    /// Locks the store after all changes are saved.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store<W>> {
        self.0.store.lock_saved()
    }

    /// Handles a request from this process.
    pub(crate) async fn handle(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, Cut> {
        self.handle_over(None, request).await
    }

    /// Handles a request; `connection` is `None` if it is from this process.
    pub(crate) async fn handle_over(
        &self,
        connection: Option<Connection>,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, Cut> {
        let mut seen = Seen::new(self.clock().wall(), request.headers());
        let outcome = match self.respond(connection, request, &mut seen).await {
            Ok(response) => Ok(self.finish(response)),
            Err(Failure::Error(error)) => Ok(self.finish(self.encode(error, &seen))),
            Err(Failure::Cut(cut)) => Err(cut),
        };
        self.note(seen.ended(outcome.as_ref()));
        outcome
    }

    /// Encodes the error of a call in the format of its service.
    fn encode(&self, mut error: ServiceError, seen: &Seen<'_>) -> Response<Bytes> {
        error.request_id = Some(lock(&self.0.request_ids).guid());
        // Errors that precede the service, such as those of the signature, have no code.
        let operation = seen.operation.filter(|_| error.code.is_some());
        match operation.and_then(|info| self.0.routes.service(info.service)) {
            Some(service) => service.encode_error(error),
            None => chime_wire::encode_error(&error),
        }
    }

    /// Responds with an error to a request that could not be read.
    pub(crate) fn error(&self, headers: &HeaderMap, error: &ServiceError) -> Response<Bytes> {
        let seen = Seen::new(self.clock().wall(), headers);
        let response = self.finish(chime_wire::encode_error(error));
        self.note(seen.ended(Ok(&response)));
        response
    }

    /// Adds the headers of every response, including those without a body.
    pub(crate) fn finish(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        let headers = response.headers_mut();
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        if let Entry::Vacant(vacant) = headers.entry(REQUEST_ID)
            && let Ok(id) = HeaderValue::try_from(lock(&self.0.request_ids).guid())
        {
            vacant.insert(id);
        }
        if let Some(date) = self.0.dates.of(self.clock().wall()) {
            headers.insert(DATE, date);
        }
        response
    }

    /// Finds the operation, authenticates the caller, applies fault rules, and runs the asynchronous
    /// check and then the handler.
    async fn respond(
        &self,
        connection: Option<Connection>,
        request: &Request<Bytes>,
        seen: &mut Seen<'_>,
    ) -> Result<Response<Bytes>, Failure> {
        let Inner { routes, callers, setup, .. } = &*self.0;
        if sts::is_for(request) {
            let id = lock(&self.0.request_ids).guid();
            let identified = callers.identify(request, sts::SIGNING_NAME, seen.time);
            let admitted = identified.and_then(|(caller, _)| {
                let caller = &seen.caller.insert(caller).credential;
                connection.map_or(Ok(()), |it| setup.access.admit(it, caller, request, routes))?;
                Ok(sts::respond(caller, &id))
            });
            return Ok(admitted.unwrap_or_else(|error| sts::refuse(&error, &id)));
        }
        let (service, route) = routes
            .find(request, connection.and_then(|it| it.service))
            .ok_or_else(|| common("UnknownOperationException", 404, routes.unknown(request)))?;
        let info = route.info;
        seen.operation = Some(info);
        let (caller, region) = callers.identify(request, info.service.signing_name, seen.time)?;
        let caller = &seen.caller.insert(caller).credential;
        if let Some(connection) = connection {
            setup.access.admit(connection, caller, request, routes)?;
        }
        let random = || lock(&self.0.fault_rng).f64();
        let verdict = lock(&self.0.faults).decide(info, &caller.aws_account_id, random);
        let Verdict { delay, retry_after, outcome } = verdict;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        let cut = |applied| Failure::Cut(Cut { operation: info.name, applied });
        match outcome {
            Outcome::Error(error) => {
                let mut response = self.encode(error, seen);
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(RETRY_AFTER, seconds.into());
                }
                return Ok(response);
            }
            Outcome::Cut(CutPoint::Before) => return Err(cut(false)),
            Outcome::Handle | Outcome::Cut(CutPoint::After) => {}
        }
        let check = service.check(self.rules(), &route, request)?;
        if let Some(check) = check {
            let (check, saved) = self.run(caller, region, Intent::Read, check);
            if let Some(check) = after_save(check, saved).await? {
                check.await?;
            }
        }
        let response = match service.handler(self.rules(), &route, request) {
            Ok(handler) => {
                let (encode, saved) =
                    self.run(caller, region, Intent::of(info.method.as_str()), handler);
                after_save(encode.map(|encode| encode()), saved).await
            }
            Err(error) => Err(error),
        };
        if outcome == Outcome::Cut(CutPoint::After) {
            return Err(cut(response.is_ok()));
        }
        Ok(response?)
    }

    fn note(&self, logged: LoggedRequest) {
        if let Some(tell) = &self.0.setup.on_response {
            tell(&logged);
        }
        self.0.requests.note(logged);
    }
}

/// Ignores poisoning, so that a panic in one request does not stop the service.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod services_tests;
#[cfg(test)]
mod tests;
