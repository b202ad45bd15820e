//! Waiters, which repeat a read request until the resource is in a given state.

use std::error::Error as StdError;
use std::fmt;
use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Duration;

use chime_model::waiter::{Waiter, WaiterInfo};
use chime_model::{Operation, OperationInfo};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{CallOptions, Client, Error};

/// The longest timeout of a wait, 30 years. A longer one may not fit into an `Instant`.
const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl Client {
    /// Waits until a resource is in a state, by repeating the request that reads it.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use chime_client::{Client, Config, Credentials};
    /// # use chime_local::{LocalChime, sample};
    /// # let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    /// # let local = LocalChime::sample();
    /// # let client = Client::with_http_service(Config::new(key), local.clone())?;
    /// use std::time::Duration;
    /// use chime_client::model::chime::*;
    /// use chime_client::model::waiter;
    ///
    /// let request = SearchAvailablePhoneNumbersRequest::new().area_code("206");
    /// let found = client.chime().search_available_phone_numbers(request).await?;
    /// let number = found.e164_phone_numbers.unwrap().remove(0);
    /// let request = CreatePhoneNumberOrderRequest::new(PhoneNumberProductType::BusinessCalling, [number]);
    /// let order = client.chime().create_phone_number_order(request).await?.phone_number_order.unwrap();
    /// # local.clock().advance(Duration::from_mins(1));
    /// let request = GetPhoneNumberOrderRequest::new(order.phone_number_order_id.unwrap());
    /// let wait = client.wait(request).timeout(Duration::from_secs(600));
    /// let order = wait.for_state(waiter::chime::PHONE_NUMBER_ORDER_SUCCESSFUL).await?;
    /// # assert!(order.phone_number_order.is_some());
    /// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn wait<O: Operation + Clone>(&self, request: O) -> Wait<O> {
        Wait { client: self.clone(), request, polls: Polls::default() }
    }

    /// As [`wait`](Self::wait), for an untyped request: see [`call`](Self::call).
    pub fn wait_call(&self, input: Map<String, Value>) -> Wait<Map<String, Value>> {
        Wait { client: self.clone(), request: input, polls: Polls::default() }
    }
}

/// A wait with its settings: see [`Client::wait`]. `for_state`, `until` or `for_info` starts it.
#[must_use = "no call is made until a state or condition is awaited"]
pub struct Wait<R> {
    client: Client,
    request: R,
    polls: Polls,
}

/// The pauses and the timeout of a wait.
#[derive(Clone, Copy, Debug)]
struct Polls {
    first: Duration,
    longest: Duration,
    timeout: Duration,
}

impl Default for Polls {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { first: seconds(2), longest: seconds(60), timeout: seconds(600) }
    }
}

// Without the request: an untyped one does not know which of its members are sensitive.
impl<R> fmt::Debug for Wait<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, polls, .. } = self;
        f.debug_struct("Wait").field("client", client).field("polls", polls).finish_non_exhaustive()
    }
}

impl<R> Wait<R> {
    /// Sets the first and the longest pause between calls. The pause doubles after each call, up to the
    /// longest. Each pause is shortened at random by up to a half. A pause near the end is shortened so
    /// that one more call starts before the timeout: earlier by the first pause, but at most by half of the
    /// timeout. Default: 2 s and 60 s.
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.polls = Polls { first, longest, ..self.polls };
        self
    }

    /// Sets the timeout of the whole wait, including its calls. A [`deadline`](CallOptions::deadline) of the
    /// client ends the wait too. Default: 10 minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.polls.timeout = timeout;
        self
    }
}

impl<O: Operation + Clone> Wait<O> {
    /// Waits for a known state, and returns the response that shows it.
    ///
    /// # Errors
    /// If a call fails, if the resource is in a state from which it cannot reach the awaited one, or if the
    /// timeout expires.
    pub async fn for_state(self, waiter: Waiter<O>) -> Result<O::Output, WaitError> {
        self.until(|outcome| match outcome {
            Ok(output) => {
                let document = serde_json::to_value(&output).unwrap_or_default();
                let state = document.as_object().and_then(|it| state_in(it, waiter.info.state));
                decide(waiter.info, state).map_break(|end| end.map(|()| output))
            }
            Err(error) => Break(Err(WaitError::Call(error))),
        })
        .await?
    }

    /// Waits until `condition` returns `Break`, and returns its value. The condition also receives the errors
    /// of calls, because a resource that was just created or deleted may or may not be found.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use chime_client::{Client, Config, Credentials};
    /// # use chime_local::{LocalChime, sample};
    /// # let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    /// # let client = Client::with_http_service(Config::new(key), LocalChime::sample())?;
    /// use std::ops::ControlFlow::{Break, Continue};
    /// use chime_client::model::chime::{GetUserRequest, RegistrationStatus};
    ///
    /// let request = GetUserRequest::new(sample::ENTERPRISE_ACCOUNT_ID, sample::ANA_ID);
    /// let user = client.wait(request).until(|outcome| match outcome.map(|it| it.user) {
    ///     Ok(Some(user)) if user.user_registration_status == Some(RegistrationStatus::Registered) => Break(Ok(user)),
    ///     Ok(_) => Continue(()),
    ///     Err(error) => Break(Err(error)),
    /// });
    /// println!("{} is registered", user.await??.user_id);
    /// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// If the timeout expires.
    pub async fn until<T>(
        self,
        mut condition: impl FnMut(Result<O::Output, Error>) -> ControlFlow<T>,
    ) -> Result<T, WaitError> {
        let Self { client, request, polls } = self;
        let next = async |client: &Client| condition(client.send(request.clone()).await);
        polls.run(client, O::INFO, next).await
    }
}

impl Wait<Map<String, Value>> {
    /// Waits for a known state, and returns the response that shows it.
    ///
    /// # Errors
    /// As for the typed [`for_state`](Wait::for_state).
    pub async fn for_info(
        self,
        waiter: &'static WaiterInfo,
    ) -> Result<Map<String, Value>, WaitError> {
        let Self { client, request, polls } = self;
        let next =
            async |client: &Client| match client.call(waiter.operation, request.clone()).await {
                Ok(response) => {
                    let state = state_in(response.body(), waiter.state);
                    decide(waiter, state).map_break(|end| end.map(|()| response.into_body()))
                }
                Err(error) => Break(Err(WaitError::Call(error))),
            };
        polls.run(client, waiter.operation, next).await?
    }
}

impl Polls {
    /// Repeats `next` until it breaks or the timeout expires.
    async fn run<T>(
        self,
        client: Client,
        info: &'static OperationInfo,
        mut next: impl AsyncFnMut(&Client) -> ControlFlow<T>,
    ) -> Result<T, WaitError> {
        let start = Instant::now();
        let own_end = start + self.timeout.min(LONGEST);
        let deadline = client.options.deadline.map(Instant::from_std);
        let end = deadline.map_or(own_end, |deadline| deadline.min(own_end));
        let client = client.with_options(CallOptions::new().deadline(end.into_std()));
        let timeout = end.duration_since(start);
        let longest = self.longest.min(timeout);
        let mut pause = self.first.min(longest);
        let last_call = end - pause.min(timeout / 2);
        loop {
            // The service of `Client::over` may not enforce the deadline. One that does is polled first here, so
            // that its own error is returned.
            match timeout_at(end, next(&client)).await {
                Ok(Break(value)) => return Ok(value),
                Ok(Continue(())) if Instant::now() < last_call => {}
                _ => return Err(WaitError::Timeout { operation: info.name }),
            }
            let jittered = pause.mul_f64(1.0 - client.random.fraction() / 2.0);
            sleep_until(last_call.min(Instant::now() + jittered)).await;
            pause = longest.min(pause * 2);
        }
    }
}

/// Decides whether the state of a resource ends the wait.
fn decide(waiter: &WaiterInfo, state: Option<&str>) -> ControlFlow<Result<(), WaitError>> {
    let Some(state) = state else { return Continue(()) };
    if waiter.success.contains(&state) {
        return Break(Ok(()));
    }
    if waiter.failure.contains(&state) {
        let (operation, state) = (waiter.operation.name, state.to_owned());
        return Break(Err(WaitError::State { operation, state }));
    }
    Continue(())
}

/// Returns the text at a path, in which `*` matches any member.
fn state_in<'a>(members: &'a Map<String, Value>, path: &[&str]) -> Option<&'a str> {
    let (first, rest) = path.split_first()?;
    let named = |name: &str| *first == "*" || *first == name;
    let mut found = members.iter().filter(|(name, _)| named(name)).map(|(_, value)| value);
    match rest {
        [] => found.find_map(Value::as_str),
        rest => found.find_map(|inner| state_in(inner.as_object()?, rest)),
    }
}

/// Why a wait ended without the awaited state.
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitError {
    /// A call failed, for example because the timeout of the wait expired during the call.
    Call(Error),
    /// The resource is in a state from which it cannot reach the awaited one.
    State {
        /// The operation that reads the resource.
        operation: &'static str,
        /// The state.
        state: String,
    },
    /// The last call before the timeout did not show the awaited state, or a call ignored the deadline.
    Timeout {
        /// The operation that reads the resource.
        operation: &'static str,
    },
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::State { operation, state } => {
                write!(
                    f,
                    "{operation}: the resource is in state {state} and cannot reach the awaited state"
                )
            }
            Self::Timeout { operation } => {
                write!(f, "{operation}: the awaited state was not reached in time")
            }
        }
    }
}

impl StdError for WaitError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Call(error) => error.source(),
            _ => None,
        }
    }
}
