//! What is kept, and for how long, on a clock that goes with the paused one of the tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;

use tokio::time::{advance, sleep};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

/// Takes a second for each load. What comes is a new key of this life, until `script` says else.
#[derive(Clone)]
struct Scripted {
    loads: Arc<AtomicUsize>,
    clock: Clock,
    life: Option<Duration>,
    script: Arc<Mutex<Vec<Step>>>,
}

/// What the next load does, the last one of the script first.
enum Step {
    Fail,
    Hang,
    Panic,
    /// Gives this key again.
    Same(&'static str),
}

impl Provider for Scripted {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            let count = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
            let step = self.script.lock().unwrap().pop();
            sleep(Duration::from_secs(1)).await;
            let credentials = match step {
                Some(Step::Fail) => return Err(CredentialsError::new("no luck")),
                Some(Step::Panic) => panic!("a provider with a bug"),
                Some(Step::Hang) => std::future::pending().await,
                Some(Step::Same(id)) => Credentials::new(id, "s"),
                None => Credentials::new(count.to_string(), "s"),
            };
            Ok(match self.life {
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
    assert_eq!([301, 300, 11].map(age), [Age::Fresh, Age::Early, Age::Early]);
    assert_eq!([10, 0, -1].map(age), [Age::Due, Age::Due, Age::Due]);
    assert_eq!(Age::of(&Credentials::new("a", "b"), now), Age::Fresh);
}

#[tokio::test(start_paused = true)]
async fn they_are_kept_until_shortly_before_they_expire() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - EARLY - Duration::from_secs(1)).await;
    assert_eq!(id(&cached).await, "1");
    assert_eq!(provider.count(), 1);
    advance(Duration::from_secs(2)).await;
    // Nobody waits for the next ones, and they are fetched once.
    let asked = Instant::now();
    assert_eq!([id(&cached).await, id(&cached).await], ["1", "1"]);
    assert_eq!(asked.elapsed(), Duration::ZERO);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(id(&cached).await, "2");
    assert_eq!(provider.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn those_that_are_due_are_waited_for() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - LATE).await;
    assert_eq!(id(&cached).await, "2");
    advance(2 * HOUR).await;
    assert_eq!(id(&cached).await, "3");
    assert_eq!(provider.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn those_without_an_expiry_stay() {
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
async fn a_caller_who_goes_away_does_not_end_the_load() {
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
async fn a_failure_is_told_and_not_kept() {
    let (cached, provider) = cached(Some(HOUR), vec![Step::Fail]);
    let other = cached.clone();
    let other = tokio::spawn(async move { id(&other).await });
    assert_eq!(id(&cached).await, "no luck");
    assert_eq!(other.await.unwrap(), "no luck");
    assert_eq!(provider.count(), 1);
    assert_eq!(id(&cached).await, "2");
}

#[tokio::test(start_paused = true)]
async fn while_the_old_ones_are_valid_a_failure_is_nobodys() {
    let script = vec![Step::Same("1"), Step::Fail, Step::Fail];
    let (cached, provider) = cached(Some(HOUR), script);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - EARLY).await;
    assert_eq!(id(&cached).await, "1");
    sleep(Duration::from_secs(2)).await;
    // It failed. After a rest, and not before it, the next one is tried.
    assert_eq!((id(&cached).await, provider.count()), ("1".to_owned(), 2));
    sleep(REST).await;
    assert_eq!(id(&cached).await, "1");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(provider.count(), 3);
    sleep(REST).await;
    assert_eq!(id(&cached).await, "1");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(id(&cached).await, "4");
}

#[tokio::test(start_paused = true)]
async fn at_the_end_the_old_ones_are_better_than_none() {
    let (cached, _) = cached(Some(HOUR), vec![Step::Same("1"), Step::Fail, Step::Fail]);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - Duration::from_secs(5)).await;
    assert_eq!(id(&cached).await, "1");
    advance(Duration::from_secs(5)).await;
    assert_eq!(id(&cached).await, "no luck");
}

#[tokio::test(start_paused = true)]
async fn refused_ones_are_replaced_once() {
    let (cached, provider) = cached(Some(HOUR), vec![]);
    let first = cached.load().await.unwrap();
    cached.refused(&first);
    assert_eq!(id(&cached).await, "2");
    // The others who had the first hear of it later: these are not theirs.
    cached.refused(&first);
    assert_eq!(id(&cached).await, "2");
    assert_eq!(provider.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_brought_nothing_new_is_not_followed_at_once() {
    let script = vec![Step::Same("1"), Step::Same("1")];
    let (cached, provider) = cached(Some(HOUR), script);
    for _ in 0..9 {
        cached.refused(&cached.load().await.unwrap());
    }
    assert_eq!((id(&cached).await, provider.count()), ("1".to_owned(), 2));
    advance(REST).await;
    cached.refused(&cached.load().await.unwrap());
    assert_eq!(id(&cached).await, "3");
}

#[tokio::test(start_paused = true)]
async fn refused_ones_do_not_come_back_when_a_load_fails() {
    let (cached, _) = cached(Some(HOUR), vec![Step::Same("1"), Step::Fail]);
    cached.refused(&cached.load().await.unwrap());
    assert_eq!(id(&cached).await, "no luck");
    assert_eq!(id(&cached).await, "3");
}

#[tokio::test(start_paused = true)]
async fn a_load_that_hangs_comes_to_its_end() {
    let (cached, provider) = cached(Some(HOUR), vec![Step::Hang]);
    let asked = Instant::now();
    assert_eq!(id(&cached).await, "loading credentials takes long");
    assert_eq!(asked.elapsed(), PATIENCE);
    assert_eq!(id(&cached).await, "loading credentials takes long");
    advance(Duration::from_secs(1)).await;
    // The third hears how the load ended, and the next one starts another.
    assert_eq!(id(&cached).await, "loading credentials took too long");
    assert_eq!(asked.elapsed(), LOAD);
    assert_eq!(id(&cached).await, "2");
    assert_eq!(provider.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_hangs_nobody() {
    let (cached, _) = cached(Some(HOUR), vec![Step::Panic]);
    let other = cached.clone();
    let other = tokio::spawn(async move { id(&other).await });
    let ids = [id(&cached).await, other.await.unwrap()];
    // Who only joined has another try.
    assert_eq!(ids, ["loading credentials broke off", "2"]);
}

fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap()
}

/// A load that began in this runtime and is not over.
fn begun(runtime: &tokio::runtime::Runtime) -> (Cached, Scripted) {
    runtime.block_on(async {
        let (cached, provider) = cached(None, vec![]);
        assert!(timeout(Duration::from_millis(1), cached.load()).await.is_err());
        (cached, provider)
    })
}

#[test]
fn a_load_whose_runtime_ends_is_begun_anew() {
    let (cached, provider) = begun(&runtime());
    assert_eq!(runtime().block_on(id(&cached)), "2");
    assert_eq!(provider.count(), 2);
}

#[test]
fn a_load_whose_runtime_stands_still_is_given_up() {
    let idle = runtime();
    let (cached, provider) = begun(&idle);
    runtime().block_on(async {
        for _ in 0..3 {
            assert_eq!(id(&cached).await, "loading credentials takes long");
        }
        advance(Duration::from_secs(1)).await;
        assert_eq!(id(&cached).await, "2");
    });
    assert_eq!(provider.count(), 2);
}

#[test]
fn without_a_runtime_there_is_an_error() {
    let mut load = Box::pin(async { cached(None, vec![]).0.load().await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = load.as_mut().poll(&mut context) else {
        panic!("it cannot be loaded")
    };
    assert!(error.to_string().contains("tokio"), "{error}");
}
