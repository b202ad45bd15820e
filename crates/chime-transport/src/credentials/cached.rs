//! Credentials kept for as long as they are of use.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::{Credentials, CredentialsError, Load, Provider};
use crate::Clock;

/// From here on others are fetched while these serve. AWS has the next ones ready five minutes
/// before the old ones expire: asking earlier gets the old ones again.
const EARLY: Duration = Duration::from_secs(5 * 60);
/// From here on nobody signs with the old ones if others can be had: a request needs some time to
/// the service, whose clock may be a little ahead. As the Rust SDK has it.
const LATE: Duration = Duration::from_secs(10);
/// The pause after an early load, and after one that brought nothing new.
const REST: Duration = Duration::from_secs(5);
/// How long a caller waits: less than an attempt may take by default (30 s), so that it fails for
/// this reason, as a request that was never sent.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a load may take. More than a caller waits: someone may have to type a code, and the
/// next caller finds the load still under way.
const LOAD: Duration = Duration::from_secs(60);

/// Keeps what a provider gets until it is due, and asks for others in time.
///
/// One load runs at a time, for everyone who waits. It is a task of the tokio runtime that the
/// first of them runs in, so it comes to its end even if they all go away, after a minute at most.
/// While old credentials are valid, others are fetched in the background and a failure to do so is
/// nobody's; it is tried again after a moment. A failure is never kept.
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
    /// Whether the service refused the current ones.
    stale: bool,
    /// The load under way, and when it began.
    flight: Option<(Flight, Instant)>,
    /// No load before it that can wait.
    rest: Option<Instant>,
    /// No load before it because of a refusal: the last one of those brought nothing new.
    in_vain: Option<Instant>,
}

type Outcome = Result<Credentials, CredentialsError>;
/// A load under way; closed without an outcome if its runtime ended or it panicked.
type Flight = watch::Receiver<Option<Outcome>>;

impl Cached {
    /// Keeps what `provider` gets, by this clock.
    pub fn new(provider: impl Provider + 'static, clock: Clock) -> Self {
        Self(Arc::new(Shared { provider: Box::new(provider), clock, state: Mutex::default() }))
    }

    /// Gets credentials of use by this clock.
    pub(super) async fn get(&self, clock: &Clock) -> Outcome {
        let shared = &self.0;
        loop {
            let (mut flight, own) = match shared.next(clock)? {
                Next::Use(credentials) => return Ok(credentials),
                Next::Join(flight) => (flight, false),
                Next::Await(flight) => (flight, true),
            };
            tracing::debug!("waiting for credentials");
            let landed = timeout(PATIENCE, flight.wait_for(Option::is_some)).await;
            let landed = landed.map(|outcome| outcome.map(|outcome| outcome.clone()));
            let error = match landed {
                Ok(Ok(Some(Ok(credentials)))) => return Ok(credentials),
                Ok(Ok(Some(Err(error)))) => error,
                // Somebody else's, in another runtime perhaps: one of our own may do better.
                Ok(_) if !own => continue,
                Ok(_) => CredentialsError::new("loading credentials broke off"),
                Err(_) => CredentialsError::new("loading credentials takes long"),
            };
            return shared.fall_back(error, clock);
        }
    }
}

impl Provider for Cached {
    fn load(&self) -> Load<'_> {
        Box::pin(self.get(&self.0.clock))
    }

    fn refused(&self, credentials: &Credentials) {
        let mut state = self.0.state();
        let are_current = state.current.as_ref().is_some_and(|current| current.are(credentials));
        if are_current && !is_ahead(state.in_vain) {
            state.stale = true;
        }
    }
}

enum Next {
    Use(Credentials),
    Join(Flight),
    Await(Flight),
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // No line that holds it panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a caller has to do. Background loads start here.
    fn next(self: &Arc<Self>, clock: &Clock) -> Result<Next, CredentialsError> {
        let mut state = self.state();
        let flight = state.flight.clone().and_then(|(flight, begun)| {
            // A runtime that nobody drives any more does not end what takes too long.
            (flight.has_changed().is_ok() && begun.elapsed() <= LOAD).then_some(flight)
        });
        if let Some(current) = state.current.clone().filter(|_| !state.stale) {
            match Age::of(&current, clock.now()) {
                Age::Fresh => return Ok(Next::Use(current)),
                Age::Early => {
                    if flight.is_none() && !is_ahead(state.rest) {
                        // Outside a runtime it waits for the next caller, or until it is due.
                        let _ = self.start(&mut state);
                    }
                    return Ok(Next::Use(current));
                }
                Age::Due => {}
            }
        }
        match flight {
            Some(flight) => Ok(Next::Join(flight)),
            None => self.start(&mut state).map(Next::Await),
        }
    }

    fn start(self: &Arc<Self>, state: &mut State) -> Result<Flight, CredentialsError> {
        let runtime = Handle::try_current().map_err(|error| {
            CredentialsError::new("credentials can be loaded in a runtime of tokio only")
                .because(error)
        })?;
        let (sender, flight) = watch::channel(None);
        state.flight = Some((flight.clone(), Instant::now()));
        let shared = Arc::clone(self);
        runtime.spawn(async move {
            let outcome = timeout(LOAD, shared.provider.load()).await;
            let outcome = outcome.unwrap_or_else(|_| {
                Err(CredentialsError::new("loading credentials took too long"))
            });
            shared.land(&outcome);
            sender.send_replace(Some(outcome));
        });
        Ok(flight)
    }

    fn land(&self, outcome: &Outcome) {
        let mut state = self.state();
        let pause = Instant::now() + REST;
        state.flight = None;
        state.rest = Some(pause);
        match outcome {
            Ok(credentials) => {
                let same = state.current.as_ref().is_some_and(|current| current.are(credentials));
                state.in_vain = (state.stale && same).then_some(pause);
                state.current = Some(credentials.clone());
                state.stale = false;
                tracing::debug!(expiry = ?credentials.expiry(), "credentials were loaded");
            }
            Err(error) => tracing::warn!(%error, "credentials could not be loaded"),
        }
    }

    /// The old credentials instead of an error, for as long as they are valid.
    fn fall_back(&self, error: CredentialsError, clock: &Clock) -> Outcome {
        let state = self.state();
        let now = clock.now();
        let valid = |current: &Credentials| current.expiry().is_none_or(|expiry| now < expiry);
        state.current.clone().filter(|current| !state.stale && valid(current)).ok_or(error)
    }
}

fn is_ahead(time: Option<Instant>) -> bool {
    time.is_some_and(|time| Instant::now() < time)
}

#[derive(Debug, PartialEq, Eq)]
enum Age {
    Fresh,
    /// Time to look for others.
    Early,
    /// Not to be used if others can be had.
    Due,
}

impl Age {
    fn of(credentials: &Credentials, now: SystemTime) -> Self {
        let Some(expiry) = credentials.expiry() else { return Self::Fresh };
        match expiry.duration_since(now) {
            Ok(left) if left > EARLY => Self::Fresh,
            Ok(left) if left > LATE => Self::Early,
            _ => Self::Due,
        }
    }
}

/// Without the credentials: they are for signatures alone.
impl fmt::Debug for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cached")
    }
}

#[cfg(test)]
mod tests;
