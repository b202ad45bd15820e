//! A cache for the credentials of a provider.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::{Credentials, CredentialsError, Load, Provider};
use crate::Clock;

/// The remaining lifetime at which a background refresh starts. AWS provides new credentials five
/// minutes before the old ones expire; an earlier refresh gets the old ones again.
const REFRESH_BEFORE: Duration = Duration::from_secs(5 * 60);
/// The remaining lifetime at which callers wait for new credentials, since a request takes some time to
/// reach the service, whose clock may be ahead. The same as in the AWS SDK for Rust.
const REPLACE_BEFORE: Duration = Duration::from_secs(10);
/// The time between two refreshes while credentials are valid.
const REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// How long a caller waits for a load. Less than the default attempt timeout (30 s), so that the error
/// names the credentials, and says that nothing was sent.
const WAIT_TIMEOUT: Duration = Duration::from_secs(20);
/// The timeout of a load. Longer than a caller waits, since a user may have to type a code. The next
/// caller waits for the same load.
const LOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Caches the credentials of a provider and refreshes them before they expire.
///
/// - A background refresh starts five minutes before the credentials expire. In the last ten seconds,
///   callers wait for new ones. While the old ones are valid, refreshes are at least five seconds apart,
///   and their errors are not reported to callers.
/// - All callers share one load. It is a task in the tokio runtime of the first caller, and continues
///   for up to a minute if all callers are dropped.
/// - Errors are not cached. Loading credentials that have already expired is an error.
#[derive(Clone)]
pub struct Cached(Arc<Shared>);

struct Shared {
    provider: Box<dyn Provider>,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Credentials>,
    /// Whether the service rejected the current credentials.
    rejected: bool,
    /// The load in progress and its start.
    load: Option<(LoadResult, Instant)>,
    /// No refresh of valid credentials starts before this time.
    next_refresh: Option<Instant>,
    /// Rejections before this time are ignored, since the last one led to the same credentials again.
    next_rejection: Option<Instant>,
}

type Outcome = Result<Credentials, CredentialsError>;
/// The result of a load in progress. Closed without a result if the runtime ends or the provider panics.
type LoadResult = watch::Receiver<Option<Outcome>>;

impl Cached {
    /// Creates a cache for `provider`. [`load`](Provider::load) checks expiry with `clock`.
    pub fn new(provider: impl Provider + 'static, clock: Clock) -> Self {
        Self(Arc::new(Shared { provider: Box::new(provider), clock, state: Mutex::default() }))
    }

    /// Returns credentials that are valid by this clock.
    pub(super) async fn get(&self, clock: &Clock) -> Outcome {
        let mut error = CredentialsError::new("loading credentials was aborted");
        // A load may be aborted, for example with the runtime of another caller. The next one is a task
        // in the runtime of this caller.
        for _ in 0..2 {
            let mut load = match self.0.next(clock)? {
                Next::Use(credentials) => return Ok(credentials),
                Next::Wait(load) => load,
            };
            tracing::debug!("waiting for credentials");
            let result = timeout(WAIT_TIMEOUT, load.wait_for(Option::is_some)).await;
            error = match result.map(|outcome| outcome.map(|outcome| outcome.clone())) {
                Ok(Ok(Some(Ok(credentials)))) => return Ok(credentials),
                Ok(Ok(Some(Err(error)))) => error,
                Ok(_) => continue,
                Err(_) => CredentialsError::new("credentials are still loading after 20 s"),
            };
            break;
        }
        let current = self.0.state().usable().cloned();
        current.and_then(|current| current.unexpired(clock).ok()).ok_or(error)
    }

    /// Marks the credentials as rejected if they are the current ones. Returns whether the next load may
    /// return others.
    pub(super) fn reject(&self, credentials: &Credentials) -> bool {
        let mut state = self.0.state();
        let are_current = state.current.as_ref().is_some_and(|current| current.are(credentials));
        if are_current && is_ahead(state.next_rejection) {
            return false;
        }
        state.rejected |= are_current;
        true
    }
}

impl Provider for Cached {
    fn load(&self) -> Load<'_> {
        Box::pin(self.get(&self.0.clock))
    }

    fn refused(&self, credentials: &Credentials) {
        self.reject(credentials);
    }
}

impl State {
    fn usable(&self) -> Option<&Credentials> {
        self.current.as_ref().filter(|_| !self.rejected)
    }
}

enum Next {
    Use(Credentials),
    Wait(LoadResult),
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves the state valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides what a caller does next. Starts a load if necessary.
    fn next(self: &Arc<Self>, clock: &Clock) -> Result<Next, CredentialsError> {
        let mut state = self.state();
        let load = state.load.clone().and_then(|(load, started)| {
            // In a runtime that is not running, a load does not end at its timeout.
            (load.has_changed().is_ok() && started.elapsed() <= LOAD_TIMEOUT).then_some(load)
        });
        if let Some(current) = state.usable().cloned() {
            let life = match current.expiry() {
                Some(expiry) => expiry.duration_since(clock.now()).unwrap_or_default(),
                None => Duration::MAX,
            };
            let is_fresh = life > REFRESH_BEFORE || is_ahead(state.next_refresh);
            if is_fresh && !life.is_zero() {
                return Ok(Next::Use(current));
            } else if life > REPLACE_BEFORE {
                if load.is_none() {
                    // Outside a runtime, a later caller starts the refresh.
                    let _ = self.start(&mut state, clock);
                }
                return Ok(Next::Use(current));
            }
        }
        load.map_or_else(|| self.start(&mut state, clock), Ok).map(Next::Wait)
    }

    fn start(
        self: &Arc<Self>,
        state: &mut State,
        clock: &Clock,
    ) -> Result<LoadResult, CredentialsError> {
        let runtime = Handle::try_current().map_err(|error| {
            CredentialsError::new("loading credentials needs a tokio runtime").with_source(error)
        })?;
        let (sender, load) = watch::channel(None);
        state.load = Some((load.clone(), Instant::now()));
        let (shared, clock) = (Arc::clone(self), clock.clone());
        runtime.spawn(async move {
            let outcome = match timeout(LOAD_TIMEOUT, shared.provider.load()).await {
                Ok(outcome) => outcome.and_then(|credentials| credentials.unexpired(&clock)),
                Err(_) => Err(CredentialsError::new("loading credentials took more than 60 s")),
            };
            shared.finish(&outcome);
            sender.send_replace(Some(outcome));
        });
        Ok(load)
    }

    fn finish(&self, outcome: &Outcome) {
        let mut state = self.state();
        let next = Instant::now() + REFRESH_INTERVAL;
        state.load = None;
        state.next_refresh = Some(next);
        match outcome {
            Ok(credentials) => {
                let same = state.current.as_ref().is_some_and(|current| current.are(credentials));
                state.next_rejection = (state.rejected && same).then_some(next);
                state.current = Some(credentials.clone());
                state.rejected = false;
                tracing::debug!(expiry = ?credentials.expiry(), "credentials were loaded");
            }
            Err(error) => tracing::warn!(%error, "credentials could not be loaded"),
        }
    }
}

fn is_ahead(time: Option<Instant>) -> bool {
    time.is_some_and(|time| Instant::now() < time)
}

// Does not show the credentials.
debug_by_name!(Cached);

#[cfg(test)]
mod tests;
