//! Our layers with those of somebody else's between them, which send a request more than once.

use std::future::{Ready, pending, ready};
use std::sync::atomic::{AtomicBool, AtomicUsize};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tower::util::BoxCloneSyncService;

use super::*;
use crate::timeout::{attempt_layer, call_layer};
use crate::{Connection, Pacing};

/// Retries once, at once, whatever happened.
#[derive(Clone)]
struct Blindly(u32);

impl<E> tower::retry::Policy<Request<Bytes>, Response<Bytes>, E> for Blindly {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Bytes>,
        _: &mut Result<Response<Bytes>, E>,
    ) -> Option<Ready<()>> {
        self.0 = self.0.checked_sub(1)?;
        Some(ready(()))
    }

    fn clone_request(&mut self, request: &Request<Bytes>) -> Option<Request<Bytes>> {
        Some(request.clone())
    }
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// It is never made.
    Silent,
    Refused,
    /// It closes once it had the request.
    Broken,
    /// It never answers.
    Hanging,
    Answers(u16),
}

/// A connection over these ways, one after another.
fn connection(ways: &[Way]) -> Connection {
    let ways: Arc<[Way]> = ways.into();
    let next = Arc::new(AtomicUsize::new(0));
    let dial = tower::service_fn(move |_| {
        let way = ways[next.fetch_add(1, Ordering::Relaxed)];
        async move {
            let (ours, theirs) = duplex(4096);
            match way {
                Way::Silent => pending().await,
                Way::Refused => return Err(std::io::ErrorKind::ConnectionRefused.into()),
                way => drop(tokio::spawn(serve(theirs, way))),
            }
            Ok::<_, std::io::Error>(ours)
        }
    });
    Connection::with_connector(&Config::default(), dial)
}

async fn serve(mut stream: DuplexStream, way: Way) {
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
    match way {
        Way::Answers(status) => {
            let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
        }
        Way::Hanging => pending().await,
        _ => {}
    }
}

fn full() -> Request<Bytes> {
    Request::post("http://localhost/accounts").body(Bytes::from("{}")).unwrap()
}

type Boxed = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, BoxError>;

/// A connection over these ways that is retried blindly: below a deadline alone, with pacing
/// inside, and with retries of ours outside.
fn retried(ways: &[Way]) -> [Boxed; 3] {
    let stack = ServiceBuilder::new().layer(call_layer(Some(Duration::from_secs(2))));
    let blindly = tower::retry::RetryLayer::new(Blindly(1));
    let alone = stack.clone().layer(blindly.clone());
    let pacing = alone.clone().layer(PacingLayer::new(&config().pacing));
    let retries = stack.layer(retry::layer(&config())).layer(blindly);
    [
        BoxCloneSyncService::new(alone.service(connection(ways))),
        BoxCloneSyncService::new(pacing.service(connection(ways))),
        BoxCloneSyncService::new(retries.service(connection(ways))),
    ]
}

#[tokio::test(start_paused = true)]
async fn what_was_with_the_service_once_may_have_been_acted_on() {
    for (first, expected) in [
        (Way::Broken, true),
        (Way::Answers(500), true),
        (Way::Refused, false),
        (Way::Answers(403), false),
        (Way::Answers(503), false),
    ] {
        for stack in retried(&[first, Way::Silent]) {
            let error = Error::from(stack.oneshot(full()).await.unwrap_err());
            assert_eq!(error.may_have_acted(), expected, "{first:?}");
        }
    }
    // The last error is not all there is to know.
    let [.., retries] = retried(&[Way::Broken, Way::Refused]);
    assert!(Error::from(retries.oneshot(full()).await.unwrap_err()).may_have_acted());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_elses_timeout_cuts_off_is_not_forgotten() {
    for (first, expected) in [(Way::Hanging, true), (Way::Silent, false)] {
        let service = ServiceBuilder::new()
            .layer(call_layer(Some(Duration::from_secs(2))))
            .layer(tower::retry::RetryLayer::new(Blindly(1)))
            .layer(tower::timeout::TimeoutLayer::new(Duration::from_millis(1500)))
            .layer(retry::layer(&config()))
            .service(connection(&[first, Way::Silent]));
        let error = Error::from(service.oneshot(full()).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::OperationTimeout);
        assert_eq!(error.may_have_acted(), expected, "{first:?}");
        let attempts = error.attempts().unwrap();
        assert_eq!((attempts.may_have_acted, attempts.stop), (expected, Stop::Deadline));
    }
}

/// A key that there is once, and then never again.
struct Once(AtomicBool);

impl Provider for Once {
    fn load(&self) -> Load<'_> {
        let first = !self.0.swap(true, Ordering::Relaxed);
        Box::pin(async move {
            if first { Ok(Credentials::new("AKID", "secret")) } else { pending().await }
        })
    }
}

/// Time is over while the request waits in our layer for the second time, below retries that are
/// not ours and over a connection that tells nothing.
#[tokio::test(start_paused = true)]
async fn what_waits_may_have_been_sent_before() {
    let mut slow = Pacing::default();
    (slow.limits.rate, slow.limits.burst) = (Some(0.1), 1);
    let here = Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap();
    let stack = ServiceBuilder::new()
        .layer(call_layer(None))
        .layer(attempt_layer(Some(Duration::from_secs(2))))
        .layer(tower::retry::RetryLayer::new(Blindly(1)));
    for (answer, expected) in [(Err("broken"), true), (Ok(500), true), (Ok(503), false)] {
        let connection = tower::service_fn(move |_: Request<Bytes>| ready(answer.map(status)));
        let keys = SharedProvider::uncached(Once(AtomicBool::default()));
        let signed = stack
            .clone()
            .layer(endpoint::layer(here.clone()))
            .layer(sign::layer(keys, Clock::default()))
            .service(connection);
        let paced = stack.clone().layer(PacingLayer::new(&slow)).service(connection);
        for service in [BoxCloneSyncService::new(signed), BoxCloneSyncService::new(paced)] {
            let error = Error::from(service.oneshot(get()).await.unwrap_err());
            assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
            assert_eq!(error.may_have_acted(), expected, "{answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_timeout_around_the_retries_counts_all_of_them() {
    for (first, expected) in [(Way::Broken, true), (Way::Refused, false)] {
        let service = ServiceBuilder::new()
            .layer(call_layer(None))
            .layer(attempt_layer(Some(Duration::from_secs(2))))
            .layer(retry::layer(&config()))
            .service(connection(&[first, Way::Silent]));
        let mut request = full();
        request.extensions_mut().insert(Repeatable(true));
        let error = Error::from(service.oneshot(request).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
        assert_eq!(error.may_have_acted(), expected, "{first:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_without_retries_tells_what_was_under_way() {
    for (way, expected) in [(Way::Hanging, true), (Way::Silent, false)] {
        let [alone, ..] = retried(&[way]);
        let error = Error::from(alone.oneshot(full()).await.unwrap_err());
        assert_eq!(error.may_have_acted(), expected, "{way:?}");
        assert_eq!(error.attempts().unwrap().may_have_acted, expected, "{way:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_a_deadline_does_not_hide_what_was_sent_before() {
    for (first, expected) in [(Way::Broken, true), (Way::Refused, false)] {
        let [alone, ..] = retried(&[first, Way::Refused]);
        let error = Error::from(alone.oneshot(full()).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.may_have_acted(), expected, "{first:?}");
    }
    for (first, expected) in [(Way::Broken, Some(true)), (Way::Answers(403), None)] {
        let [alone, ..] = retried(&[first, Way::Answers(409)]);
        let refusal = alone.oneshot(full()).await.unwrap();
        let attempts = refusal.extensions().get::<Attempts>();
        assert_eq!(attempts.map(|attempts| attempts.may_have_acted), expected, "{first:?}");
    }
    let mut slow = Pacing::default();
    (slow.limits.rate, slow.limits.burst) = (Some(0.1), 1);
    let service = ServiceBuilder::new()
        .layer(call_layer(Some(Duration::from_secs(2))))
        .layer(tower::retry::RetryLayer::new(Blindly(1)))
        .layer(PacingLayer::new(&slow))
        .service(connection(&[Way::Broken]));
    let error = Error::from(service.oneshot(full()).await.unwrap_err());
    assert_eq!((error.kind(), error.may_have_acted()), (ErrorKind::Pacing, true));
    let told = error.to_string();
    assert!(told.starts_with("its turn to be sent again would have come after"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_one_connection_does_not_hide_what_another_one_sent() {
    let first = retry::layer(&config()).layer(connection(&[Way::Answers(403)]));
    let second = connection(&[Way::Broken]);
    let failover = tower::service_fn(move |request: Request<Bytes>| {
        let (first, second) = (first.clone(), second.clone());
        async move {
            let refusal = first.oneshot(request.clone()).await;
            second.oneshot(request).await.unwrap_err();
            refusal
        }
    });
    let response = call_layer(None).layer(failover).oneshot(full()).await.unwrap();
    let attempts = response.extensions().get::<Attempts>().unwrap();
    assert_eq!((attempts.made, attempts.may_have_acted), (1, true));
}

#[tokio::test(start_paused = true)]
async fn what_goes_on_in_a_task_of_its_own_sends_nothing_after_the_deadline() {
    let (came, mut has_come) = tokio::sync::mpsc::unbounded_channel();
    let dial = tower::service_fn(move |_| {
        let came = came.clone();
        async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let (ours, mut theirs) = duplex(4096);
            tokio::spawn(async move {
                let bytes = theirs.read(&mut [0; 4096]).await.unwrap_or_default();
                came.send(bytes).unwrap();
            });
            Ok::<_, std::io::Error>(ours)
        }
    });
    let connection = Connection::with_connector(&Config::default(), dial);
    let detached = tower::service_fn(move |request| {
        let exchange = tokio::spawn(connection.clone().oneshot(request));
        async move { exchange.await.unwrap() }
    });
    let here = Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap();
    let transport = stack(&config(), here, detached).unwrap();
    let mut request = post(false);
    request.extensions_mut().insert(CallTimeout(Some(Duration::from_secs(1))));
    let error = transport.oneshot(request).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_acted()), (ErrorKind::OperationTimeout, false));
    assert_eq!(has_come.recv().await, None, "not even a connection");
}
