//! The local Chime as a tower service.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use chime_model::ServiceError;
use chime_model::chime::CHIME;
use chime_wire::Router;
use http::header::{CONTENT_TYPE, DATE, HeaderName};
use http::{HeaderValue, Request, Response};
use time::OffsetDateTime;

use crate::call::Call;
use crate::config::Clock;
use crate::dispatch::{Exchange, Handlers};
use crate::ids::Ids;
use crate::refusal::common;
use crate::state::State;
use crate::{AwsAccount, Config, Credential, Organisation, Rules, auth, dates};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An Amazon Chime of your own.
///
/// A clone shares the state of its original. It is a [`tower::Service`] of signed requests, always
/// ready and never failing: what it refuses is a response like any other. See
/// [`serve`](Self::serve) for one that listens on a port.
#[derive(Clone)]
pub struct LocalChime(Arc<Inner>);

/// What all clones share.
pub(crate) struct Inner {
    router: Router,
    handlers: Handlers,
    credentials: HashMap<String, Credential>,
    clock: Clock,
    rules: Rules,
    /// Apart from the ids of resources, which must not depend on how many requests went before.
    request_ids: Mutex<Ids>,
    state: Mutex<State>,
}

impl LocalChime {
    /// Sets up a Chime. With the default configuration it is empty.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let keyed = |credential: Credential| (credential.access_key_id.clone(), credential);
        let chime = Self(Arc::new(Inner {
            router: Router::new([&CHIME]),
            handlers: Handlers::all(),
            credentials: config.credentials.into_iter().map(keyed).collect(),
            clock: config.clock,
            rules: config.rules,
            request_ids: Mutex::new(Ids::new(!config.seed)),
            state: Mutex::new(State {
                ids: Ids::new(config.seed),
                tenants: HashMap::new(),
                domains: HashMap::new(),
                owned_numbers: HashSet::new(),
            }),
        }));
        for organisation in config.organisations {
            chime.add(organisation);
        }
        for account in config.aws_accounts {
            chime.add_aws_account(account);
        }
        chime
    }

    /// A Chime with the organisation of [`sample`](crate::sample) in it.
    #[must_use]
    pub fn sample() -> Self {
        Self::new(Config::sample())
    }

    /// Adds what no operation can make: an account of any type with claimed domains, registered
    /// users, rooms and memberships. An account of the same id makes way, with all that it had, and
    /// so does a user with the same address.
    pub fn add(&self, organisation: Organisation) {
        let now = self.0.now();
        lock(&self.0.state).add(organisation, now);
    }

    /// Adds what no operation can make: meetings, phone numbers and orders in any state, settings of
    /// an AWS account. A number, an order or a meeting of the same id makes way. Add the users of
    /// numbers first.
    pub fn add_aws_account(&self, account: AwsAccount) {
        let now = self.0.now();
        lock(&self.0.state).add_aws_account(account, now);
    }

    #[cfg(test)]
    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Answers one request.
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let now = self.0.now();
        let response = self.0.respond(request, now);
        self.finish(response.unwrap_or_else(|error| chime_wire::encode_error(&error)), now)
    }

    /// The answer to a request that cannot be read.
    pub(crate) fn refuse(&self, error: &ServiceError) -> Response<Bytes> {
        self.finish(chime_wire::encode_error(error), self.0.now())
    }

    /// Adds the headers that every answer has, one without a body included.
    fn finish(&self, mut response: Response<Bytes>, now: OffsetDateTime) -> Response<Bytes> {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(id) = HeaderValue::try_from(lock(&self.0.request_ids).guid()) {
            headers.insert(REQUEST_ID, id);
        }
        let date = dates::format_http(now).and_then(|date| HeaderValue::try_from(date).ok());
        if let Some(date) = date {
            headers.insert(DATE, date);
        }
        response
    }
}

impl Inner {
    fn now(&self) -> OffsetDateTime {
        (self.clock)()
    }

    fn respond(
        &self,
        request: &Request<Bytes>,
        now: OffsetDateTime,
    ) -> Result<Response<Bytes>, ServiceError> {
        let route = self.router.route(request.method(), request.uri());
        let route = &route.ok_or_else(|| {
            common("UnknownOperationException", 404, "No operation has this method and path")
        })?;
        let caller = auth::caller(&self.credentials, request, now)?;
        self.handlers.answer(self, &Exchange { caller, now, route, request })
    }

    /// Runs a handler with the state locked.
    pub(crate) fn call<T>(
        &self,
        caller: &Credential,
        now: OffsetDateTime,
        handler: impl FnOnce(&mut Call<'_>) -> T,
    ) -> T {
        let mut state = lock(&self.state);
        state.settle(now, &self.rules);
        let State { ids, tenants, domains, owned_numbers } = &mut *state;
        let tenant = tenants.entry(caller.aws_account_id.clone()).or_default();
        let rules = &self.rules;
        handler(&mut Call { caller, now, rules, tenant, domains, owned_numbers, ids })
    }
}

/// What panics while it holds the lock must not take the service down with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl tower::Service<Request<Bytes>> for LocalChime {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Bytes>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        ready(Ok(self.answer(&request)))
    }
}

impl fmt::Debug for LocalChime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalChime").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
