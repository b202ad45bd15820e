//! The credentials cache on a paused clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;

use tokio::time::{advance, sleep};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

/// A provider whose loads take a second. Returns new credentials with this lifetime, unless `script` has
/// a step for the load.
#[derive(Clone)]
struct Scripted {
    loads: Arc<AtomicUsize>,
    clock: Clock,
    life: Option<Duration>,
    script: Arc<Mutex<Vec<Step>>>,
}

/// What a load does. The last step of the script comes first.
enum Step {
    Fail,
    Hang,
    Panic,
    /// Returns this access key id again.
    Same(&'static str),
    /// Returns credentials that have expired.
    Expired,
}

impl Provider for Scripted {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            let count = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
            let step = self.script.lock().unwrap().pop();
            sleep(Duration::from_secs(1)).await;
            let life =
                if matches!(step, Some(Step::Expired)) { Some(Duration::ZERO) } else { self.life };
            let credentials = match step {
                Some(Step::Fail) => return Err(CredentialsError::new("no luck")),
                Some(Step::Panic) => panic!("a provider with a bug"),
                Some(Step::Hang) => std::future::pending().await,
                Some(Step::Same(id)) => Credentials::new(id, "s"),
                Some(Step::Expired) | None => Credentials::new(count.to_string(), "s"),
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

/// Loads credentials that are valid for an hour, waits until this many seconds are left, loads again,
/// and once more after two seconds. Returns the results of the second and third load, the seconds that
/// the second takes, and the number of loads of the provider.
async fn with_left(left: u64, script: Vec<Step>) -> (String, String, u64, usize) {
    let (cached, provider) = cached(Some(HOUR), script);
    assert_eq!(id(&cached).await, "1");
    advance(HOUR - Duration::from_secs(left)).await;
    let asked = Instant::now();
    let (second, waited) = (id(&cached).await, asked.elapsed().as_secs());
    sleep(Duration::from_secs(2)).await;
    (second, id(&cached).await, waited, provider.count())
}

#[tokio::test(start_paused = true)]
async fn credentials_are_refreshed_before_they_expire() {
    let failing = || vec![Step::Same("1"), Step::Fail, Step::Fail];
    for (left, script, second, third, waited, loads) in [
        (303, vec![], "1", "1", 0, 1),
        (300, vec![], "1", "2", 0, 2),
        (11, vec![], "1", "2", 0, 2),
        (10, vec![], "2", "2", 1, 2),
        (0, vec![], "2", "2", 1, 2),
        // While the old ones are valid, they serve after an error.
        (300, failing(), "1", "1", 0, 2),
        (10, failing(), "1", "1", 1, 2),
        (0, failing(), "no luck", "no luck", 1, 3),
    ] {
        let expected = (second.to_owned(), third.to_owned(), waited, loads);
        assert_eq!(with_left(left, script).await, expected, "{left}");
    }
    let (cached, provider) = cached(None, vec![]);
    for _ in 0..2 {
        assert_eq!(id(&cached).await, "1");
        advance(1000 * HOUR).await;
    }
    assert_eq!(provider.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn refreshes_are_an_interval_apart_while_the_credentials_are_valid() {
    for (life, pause) in [(9, REFRESH_INTERVAL), (2, Duration::from_secs(2))] {
        let (cached, provider) = cached(Some(Duration::from_secs(life)), vec![]);
        for load in ["1", "2"] {
            for _ in 0..9 {
                assert_eq!(id(&cached).await, load);
            }
            advance(pause).await;
        }
        assert_eq!(provider.count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn callers_share_a_load_and_its_error() {
    for (step, expected) in [(Step::Fail, "no luck"), (Step::Same("1"), "1")] {
        let (cached, provider) = cached(Some(HOUR), vec![step]);
        // A dropped caller does not end the load.
        assert!(timeout(Duration::from_millis(400), cached.load()).await.is_err());
        let asked = Instant::now();
        let (one, other) = tokio::join!(id(&cached), id(&cached));
        assert_eq!((one.as_str(), other.as_str()), (expected, expected));
        assert_eq!((asked.elapsed(), provider.count()), (Duration::from_millis(600), 1));
    }
}

#[tokio::test(start_paused = true)]
async fn rejected_credentials_are_replaced_once() {
    let (cached, provider) = cached(Some(HOUR), vec![Step::Same("1"), Step::Fail]);
    let first = cached.load().await.unwrap();
    cached.refused(&first);
    assert_eq!([id(&cached).await, id(&cached).await], ["no luck", "3"]);
    // A late report about the first credentials does not concern the others.
    cached.refused(&first);
    assert_eq!((id(&cached).await, provider.count()), ("3".to_owned(), 3));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_blocks_no_caller() {
    for (script, expected) in [
        (vec![Step::Panic], "2"),
        (vec![Step::Panic, Step::Panic], "loading credentials was aborted"),
    ] {
        let (cached, _) = cached(Some(HOUR), script);
        let (one, other) = tokio::join!(id(&cached), id(&cached));
        assert_eq!((one.as_str(), other.as_str()), (expected, expected));
    }
}

#[test]
fn a_load_of_a_runtime_that_ends_or_is_idle_is_replaced() {
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap()
    };
    for ends in [true, false] {
        let first = runtime();
        let (cached, provider) = first.block_on(async {
            let (cached, provider) = cached(None, vec![]);
            assert!(timeout(Duration::from_millis(1), cached.load()).await.is_err());
            (cached, provider)
        });
        let idle = (!ends).then_some(first);
        runtime().block_on(async {
            if idle.is_some() {
                assert_eq!(id(&cached).await, "credentials are still loading after 20 s");
                advance(LOAD_TIMEOUT).await;
            }
            assert_eq!(id(&cached).await, "2");
        });
        assert_eq!(provider.count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_arrive_expired_are_an_error() {
    let (cached, provider) = cached(Some(HOUR), vec![Step::Expired]);
    let error = id(&cached).await;
    assert!(error.starts_with("the credentials have already expired"), "{error}");
    assert_eq!(id(&cached).await, "2");
    // They do not replace credentials that are still valid.
    provider.script.lock().unwrap().push(Step::Expired);
    advance(HOUR - REFRESH_BEFORE).await;
    assert_eq!(id(&cached).await, "2");
    sleep(Duration::from_secs(2)).await;
    assert_eq!((id(&cached).await, provider.count()), ("2".to_owned(), 3));
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

#[test]
fn without_a_runtime_loading_is_an_error() {
    let mut load = Box::pin(async { cached(None, vec![]).0.load().await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = load.as_mut().poll(&mut context) else {
        panic!("it cannot be loaded")
    };
    assert!(error.to_string().contains("tokio"), "{error}");
}
