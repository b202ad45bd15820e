//! Tests of the client with an emulator that cuts connections, throttles and fails on purpose.

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials, ErrorKind, Stop, TransportErrorKind};
use chime_local::faults::{CutPoint, Fault, FaultError, Faults, Throttle};
use chime_local::{Cut, LocalChime, sample};

/// A client of an emulator with these faults.
fn client(faults: Faults) -> (Client, LocalChime) {
    let chime = LocalChime::sample();
    chime.set_faults(faults).unwrap();
    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    (Client::with_http_service(Config::new(key), chime.clone()).unwrap(), chime)
}

fn once(fault: Fault) -> Faults {
    Faults { faults: vec![Fault { times: Some(1), ..fault }], ..Faults::default() }
}

fn cut(point: CutPoint) -> Fault {
    Fault { cut: Some(point), ..Fault::default() }
}

fn has_struck(chime: &LocalChime) -> bool {
    chime.faults().faults[0].times == Some(0)
}

async fn named(client: &Client, name: &str) -> usize {
    let listed = client.chime().list_accounts(ListAccountsRequest::new().name(name)).await.unwrap();
    listed.accounts.unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn an_idempotent_call_is_retried_after_a_cut() {
    for point in [CutPoint::Before, CutPoint::After] {
        let (client, chime) = client(once(cut(point)));
        assert_eq!(named(&client, "Lakeside Support").await, 1);
        assert!(has_struck(&chime));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_idempotent_is_not_retried_after_a_cut() {
    for (point, made) in [(CutPoint::Before, 0), (CutPoint::After, 1)] {
        let (client, _) = client(once(cut(point)));
        let error =
            client.chime().create_account(CreateAccountRequest::new("One")).await.unwrap_err();
        assert_eq!(error.attempts().unwrap().stop, Stop::Unsafe);
        assert!(error.may_have_acted());
        let ErrorKind::Transport(failure) = error.kind() else { panic!("{error}") };
        assert_eq!(failure.kind(), TransportErrorKind::Exchange);
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source.filter(|inner| !inner.is::<Cut>()) {
            source = inner.source();
        }
        let cut = source.and_then(|cut| cut.downcast_ref::<Cut>()).unwrap();
        assert_eq!(cut.applied(), made > 0);
        assert_eq!(named(&client, "One").await, made);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_retried_while_the_service_is_unavailable() {
    let error = FaultError::new("ServiceUnavailableException");
    let (client, chime) = client(once(Fault { error: Some(error), ..Fault::default() }));
    client.chime().create_account(CreateAccountRequest::new("One")).await.unwrap();
    assert!(has_struck(&chime));
    assert_eq!(named(&client, "One").await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_stays_throttled_fails_with_the_throttling_error() {
    let throttle = Some(Throttle { rate: 0.000_001, burst: 1 });
    let (client, chime) = client(Faults { throttle, ..Faults::default() });
    assert_eq!(named(&client, "Lakeside Support").await, 1);
    let error = client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap_err();
    assert_eq!(error.service().unwrap().status, 429);
    assert!(error.attempts().unwrap().made > 1);
    chime.set_faults(Faults::default()).unwrap();
    assert_eq!(named(&client, "Lakeside Support").await, 1);
}
