//! The clock of the credentials follows the paused clock of tokio.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;

use tokio::time::{advance, sleep};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

/// Takes a second for each load and returns new credentials with this life, unless `script` has a
/// step for the load.
#[derive(Clone)]
struct Scripted {
    loads: Arc<AtomicUsize>,
    clock: Clock,
    life: Option<Duration>,
    script: Arc<Mutex<Vec<Step>>>,
}

/// What a load does. The last step of the script is the next.
enum Step {
    Fail,
    Hang,
    Panic,
    /// Returns this access key id again.
    Same(&'static str),
    /// Returns credentials that expire after this time.
    Life(Duration),
}

impl Provider for Scripted {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            let count = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
            let step = self.script.lock().unwrap().pop();
            sleep(Duration::from_secs(1)).await;
            let mut life = self.life;
            let credentials = match step {
                Some(Step::Fail) => return Err(CredentialsError::new("no luck")),
                Some(Step::Panic) => panic!("a provider with a bug"),
                Some(Step::Hang) => std::future::pending().await,
                Some(Step::Same(id)) => Credentials::new(id, "s"),
                Some(Step::Life(short)) => {
                    life = Some(short);
                    Credentials::new(count.to_string(), "s")
                }
                None => Credentials::new(count.to_string(), "s"),
            };
            Ok(match life {
                Some(life) => credentials.with_expiry(self.clock.now() + life),
                None => credentials,
            })
        })
    }
}

impl Scripted {
    fn count(&self) -> usize {
        self.loads.load(Ordering::Relaxed)
    }
}

fn cached(life: Option<Duration>, mut script: Vec<Step>) -> (Cached, Scripted) {
    let start = Instant::now();
    let clock = Clock::new(move || UNIX_EPOCH + HOUR + start.elapsed());
    script.reverse();
    let script = Arc::new(Mutex::new(script));
    let provider = Scripted { loads: Arc::default(), clock: clock.clone(), life, script };
    (Cached::new(provider.clone(), clock), provider)
}

async fn id(cached: &Cached) -> String {
    match cached.load().await {
        Ok(credentials) => credentials.access_key_id().to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn ages() {
    let now = UNIX_EPOCH + HOUR;
    let age = |left: i64| {
        let expiry = if left < 0 { now - HOUR } else { now + Duration::from_secs(left as u64) };
        Age::of(&Credentials::new("a", "b").with_expiry(expiry), now)
    };
    assert_eq!([301, 300, 11].map(age), [Age::Fresh, Age::Refresh, Age::Refresh]);
    assert_eq!([10, 1, 0, -1].map(age), [Age::Replace, Age::Replace, Age::Expired, Age::Expired]);
    assert_eq!(Age::of(&Credentials::new("a", "b"), now), Age::Fresh);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_refreshed_in_the_background_before_they_expire() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - REFRESH_BEFORE - Duration::from_secs(1)).await;
    assert_eq!(id(&cached).await, "1");
    assert_eq!(provider.count(), 1);
    advance(Duration::from_secs(2)).await;
    // No caller waits for the refresh, and there is one.
    let asked = Instant::now();
    assert_eq!([id(&cached).await, id(&cached).await], ["1", "1"]);
    assert_eq!(asked.elapsed(), Duration::ZERO);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(id(&cached).await, "2");
    assert_eq!(provider.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn callers_wait_for_new_credentials_just_before_the_old_ones_expire() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - REPLACE_BEFORE).await;
    assert_eq!(id(&cached).await, "2");
    advance(2 * HOUR).await;
    assert_eq!(id(&cached).await, "3");
    assert_eq!(provider.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_arrive_almost_expired_are_not_loaded_for_every_caller() {
    let (cached, provider) = cached(Some(REPLACE_BEFORE - Duration::from_secs(1)), vec![]);
    for _ in 0..9 {
        assert_eq!(id(&cached).await, "1");
    }
    assert_eq!(provider.count(), 1);
    advance(REFRESH_INTERVAL).await;
    assert_eq!([id(&cached).await, id(&cached).await], ["2", "2"]);
    assert_eq!(provider.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_short_life_ends_before_the_refresh_interval_does() {
    let (cached, provider) = cached(Some(Duration::from_secs(2)), vec![]);
    assert_eq!([id(&cached).await, id(&cached).await], ["1", "1"]);
    advance(Duration::from_secs(2)).await;
    assert_eq!((id(&cached).await, provider.count()), ("2".to_owned(), 2));
}

#[tokio::test(start_paused = true)]
async fn credentials_that_arrive_expired_are_an_error() {
    let expired = || Step::Life(Duration::ZERO);
    let (cached, provider) = cached(Some(HOUR), vec![expired()]);
    let error = id(&cached).await;
    assert!(error.starts_with("the credentials have already expired"), "{error}");
    assert_eq!(id(&cached).await, "2");
    // They do not replace credentials that are still valid.
    provider.script.lock().unwrap().push(expired());
    advance(HOUR - REFRESH_BEFORE).await;
    assert_eq!(id(&cached).await, "2");
    sleep(Duration::from_secs(2)).await;
    assert_eq!((id(&cached).await, provider.count()), ("2".to_owned(), 3));
}

#[tokio::test(start_paused = true)]
async fn credentials_without_an_expiry_are_loaded_once() {
    let (cached, provider) = cached(None, vec![]);
    assert_eq!(id(&cached).await, "1");
    advance(1000 * HOUR).await;
    assert_eq!(id(&cached).await, "1");
    assert_eq!(provider.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn callers_share_one_load() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    let calls: Vec<_> = (0..64).map(|_| cached.clone()).collect();
    let calls = calls.into_iter().map(|cached| tokio::spawn(async move { id(&cached).await }));
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), "1");
    }
    assert_eq!(provider.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_caller_does_not_end_the_load() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    let short = Duration::from_millis(400);
    for _ in 0..2 {
        assert!(timeout(short, cached.load()).await.is_err());
    }
    let asked = Instant::now();
    assert_eq!(id(&cached).await, "1");
    assert_eq!(asked.elapsed(), Duration::from_millis(200));
    assert_eq!(provider.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_reported_and_not_cached() {
    let (cached, provider) = cached(Some(HOUR), vec![Step::Fail]);
    let other = cached.clone();
    let other = tokio::spawn(async move { id(&other).await });
    assert_eq!(id(&cached).await, "no luck");
    assert_eq!(other.await.unwrap(), "no luck");
    assert_eq!(provider.count(), 1);
    assert_eq!(id(&cached).await, "2");
}

#[tokio::test(start_paused = true)]
async fn errors_of_a_background_refresh_are_not_reported() {
    let script = vec![Step::Same("1"), Step::Fail, Step::Fail];
    let (cached, provider) = cached(Some(HOUR), script);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - REFRESH_BEFORE).await;
    assert_eq!(id(&cached).await, "1");
    sleep(Duration::from_secs(2)).await;
    // It failed. The next refresh starts after an interval.
    assert_eq!((id(&cached).await, provider.count()), ("1".to_owned(), 2));
    sleep(REFRESH_INTERVAL).await;
    assert_eq!(id(&cached).await, "1");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(provider.count(), 3);
    sleep(REFRESH_INTERVAL).await;
    assert_eq!(id(&cached).await, "1");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(id(&cached).await, "4");
}

#[tokio::test(start_paused = true)]
async fn after_an_error_the_old_credentials_serve_until_they_expire() {
    let (cached, _) = cached(Some(HOUR), vec![Step::Same("1"), Step::Fail, Step::Fail]);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - Duration::from_secs(5)).await;
    assert_eq!(id(&cached).await, "1");
    advance(Duration::from_secs(5)).await;
    assert_eq!(id(&cached).await, "no luck");
}

#[tokio::test(start_paused = true)]
async fn rejected_credentials_are_replaced_once() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    let first = cached.load().await.unwrap();
    cached.refused(&first);
    assert_eq!(id(&cached).await, "2");
    // A late report about the first credentials does not concern the second.
    cached.refused(&first);
    assert_eq!(id(&cached).await, "2");
    assert_eq!(provider.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_that_led_to_the_same_credentials_delays_the_next() {
    let script = vec![Step::Same("1"), Step::Same("1")];
    let (cached, provider) = cached(Some(HOUR), script);
    for _ in 0..9 {
        cached.refused(&cached.load().await.unwrap());
    }
    assert_eq!((id(&cached).await, provider.count()), ("1".to_owned(), 2));
    advance(REFRESH_INTERVAL).await;
    cached.refused(&cached.load().await.unwrap());
    assert_eq!(id(&cached).await, "3");
}

#[tokio::test(start_paused = true)]
async fn rejected_credentials_do_not_serve_after_an_error() {
    let (cached, _) = cached(Some(HOUR), vec![Step::Same("1"), Step::Fail]);
    cached.refused(&cached.load().await.unwrap());
    assert_eq!(id(&cached).await, "no luck");
    assert_eq!(id(&cached).await, "3");
}

#[tokio::test(start_paused = true)]
async fn a_load_that_hangs_is_ended() {
    let (cached, provider) = cached(Some(HOUR), vec![Step::Hang]);
    let asked = Instant::now();
    assert_eq!(id(&cached).await, "credentials are still loading after 20 s");
    assert_eq!(asked.elapsed(), WAIT_TIMEOUT);
    assert_eq!(id(&cached).await, "credentials are still loading after 20 s");
    advance(Duration::from_secs(1)).await;
    // The third caller gets the error of the load, and the next one starts another.
    assert_eq!(id(&cached).await, "loading credentials took more than 60 s");
    assert_eq!(asked.elapsed(), LOAD_TIMEOUT);
    assert_eq!(id(&cached).await, "2");
    assert_eq!(provider.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_blocks_no_caller() {
    let (cached, _) = cached(Some(HOUR), vec![Step::Panic]);
    let other = cached.clone();
    let other = tokio::spawn(async move { id(&other).await });
    let ids = [id(&cached).await, other.await.unwrap()];
    // The caller who joined the load starts another.
    assert_eq!(ids, ["loading credentials was aborted", "2"]);
}

fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap()
}

/// Starts a load in this runtime and leaves it unfinished.
fn unfinished(runtime: &tokio::runtime::Runtime) -> (Cached, Scripted) {
    runtime.block_on(async {
        let (cached, provider) = cached(None, vec![]);
        assert!(timeout(Duration::from_millis(1), cached.load()).await.is_err());
        (cached, provider)
    })
}

#[test]
fn a_load_whose_runtime_ends_is_restarted() {
    let (cached, provider) = unfinished(&runtime());
    assert_eq!(runtime().block_on(id(&cached)), "2");
    assert_eq!(provider.count(), 2);
}

#[test]
fn a_load_whose_runtime_is_idle_is_abandoned() {
    let idle = runtime();
    let (cached, provider) = unfinished(&idle);
    runtime().block_on(async {
        for _ in 0..3 {
            assert_eq!(id(&cached).await, "credentials are still loading after 20 s");
        }
        advance(Duration::from_secs(1)).await;
        assert_eq!(id(&cached).await, "2");
    });
    assert_eq!(provider.count(), 2);
}

#[test]
fn without_a_runtime_loading_is_an_error() {
    let mut load = Box::pin(async { cached(None, vec![]).0.load().await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = load.as_mut().poll(&mut context) else {
        panic!("it cannot be loaded")
    };
    assert!(error.to_string().contains("tokio"), "{error}");
}
