//! Services that are not ready yet, or never get ready.

use std::future::{Ready, pending, ready};
use std::sync::atomic::AtomicU32;
use std::task::{Context, Poll};

use super::*;

/// A service that responds with 503 first and then with 200. Like a service that has to connect,
/// `poll_ready` fails; here at the polls in `fails_at`.
struct Flaky {
    fails_at: &'static [u32],
    polls: Arc<AtomicU32>,
    /// Whether `poll_ready` succeeded since the last call. `None` before it was polled.
    state: Option<bool>,
    calls: Arc<AtomicU32>,
}

impl Clone for Flaky {
    fn clone(&self) -> Self {
        let (polls, calls) = (self.polls.clone(), self.calls.clone());
        Self { fails_at: self.fails_at, polls, state: None, calls }
    }
}

impl Service<Request<Bytes>> for Flaky {
    type Response = Response<Bytes>;
    type Error = &'static str;
    type Future = Ready<Result<Response<Bytes>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        let ready = match self.state {
            Some(true) => true,
            Some(false) => panic!("one that failed is not asked again"),
            None => !self.fails_at.contains(&self.polls.fetch_add(1, Ordering::Relaxed)),
        };
        self.state = Some(ready);
        Poll::Ready(if ready { Ok(()) } else { Err("not ready") })
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        self.state = None;
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        ready(Ok(status(if calls == 0 { 503 } else { 200 })))
    }
}

fn here() -> Endpoint {
    Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap()
}

/// Settings with fixed credentials, and with those of a provider, which a request waits for.
fn configs() -> [Config; 2] {
    let mut loading = config();
    let credentials = Credentials::new("AKID", "secret");
    loading.credentials = Some(SharedProvider::uncached(credentials));
    [config(), loading]
}

#[tokio::test(start_paused = true)]
async fn to_fail_at_getting_ready_is_to_fail_at_an_attempt_that_sent_nothing() {
    for (fails_at, expected) in [
        (&[][..], Ok(2)),
        (&[0], Ok(3)),
        (&[1], Ok(3)),
        (&[1, 2], Err(Stop::Attempts)),
        (&[0, 1, 2], Err(Stop::Attempts)),
    ] {
        for config in configs() {
            let flaky =
                Flaky { fails_at, polls: Arc::default(), state: None, calls: Arc::default() };
            let outcome = stack(&config, here(), flaky).unwrap().oneshot(post(false)).await;
            match (outcome, expected) {
                (Ok(response), Ok(made)) => {
                    assert_eq!(response.status(), 200);
                    assert_eq!(response.extensions().get::<Attempts>().unwrap().made, made);
                }
                (Err(error), Err(stop)) => {
                    assert_eq!((error.kind(), error.may_have_acted()), (ErrorKind::Connect, false));
                    assert_eq!(error.attempts().unwrap().stop, stop);
                }
                (outcome, expected) => panic!("{fails_at:?}: {outcome:?}, not {expected:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_its_time_though_its_connection_does_not_get_ready() {
    for config in configs() {
        let hanging = tower::service_fn(|_| pending::<Result<Response<Bytes>, BoxError>>());
        let one_at_a_time = tower::limit::ConcurrencyLimit::new(hanging, 1);
        let transport = stack(&config, here(), one_at_a_time).unwrap();
        let _first = tokio::spawn(transport.clone().oneshot(post(false)));
        tokio::task::yield_now().await;
        let started = tokio::time::Instant::now();
        let hasty = with(CallOptions::new().idempotent(false).timeout(Duration::from_secs(1)));
        let error = transport.oneshot(hasty).await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::from_secs(1));
        assert_eq!((error.kind(), error.may_have_acted()), (ErrorKind::OperationTimeout, false));
        assert!(!error.attempts().unwrap().may_have_acted);
    }
}
