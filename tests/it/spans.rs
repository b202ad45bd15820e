//! Tests of tracing: spans and events of a call, and redaction.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::error::Error as _;
use std::io;
use std::sync::Once;
use std::time::Duration;

use bytes::Bytes;
use chime_client::credentials::SharedProvider;
use chime_client::model::APIS;
use chime_client::model::chime::*;
use chime_client::{CallOptions, Client, Config, Credentials, Endpoint, HttpService};
use chime_local::faults::{Fault, FaultError, Faults};
use chime_local::{LocalChime, sample};
use http::{Request, Response};
use proptest::prop_assert;
use tower::service_fn;
use tracing_subscriber::filter::{FilterExt, LevelFilter, Targets, dynamic_filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::model::{SECRET, insert_secrets};
use crate::strategies::{check_some, complete};

thread_local! {
    /// The log lines of a thread, and so of a test, that records them.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.get_or_insert_default().extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the log lines of a call at all levels, with the filter that the documentation recommends.
fn said(config: Config, chime: impl HttpService, call: impl AsyncFnOnce(Client)) -> String {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(listen);
    LINES.set(Some(Vec::new()));
    let client = Client::with_http_service(config, chime).unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(call(client));
    String::from_utf8(LINES.take().unwrap()).unwrap()
}

/// Sets a subscriber for the whole process. tracing caches the interest in each callsite, so a subscriber of one
/// thread can miss events of callsites that another thread reached first.
fn listen() {
    let here = dynamic_filter_fn(|_, _| LINES.with_borrow(Option::is_some));
    let all = Targets::new().with_default(LevelFilter::TRACE);
    let advised = all.with_target("aws_sigv4", LevelFilter::DEBUG);
    let lines = fmt::layer().with_ansi(false).with_writer(|| Lines);
    let lines = lines.with_filter(here.and(advised));
    tracing_subscriber::registry().with(lines).try_init().expect("no other test sets one");
}

fn key() -> Credentials {
    Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY)
}

#[test]
fn a_call_and_its_attempt_have_spans_without_personal_data() {
    let config = Config::new(key().with_session_token("a-session-token"));
    let said = said(config, LocalChime::sample(), async |client| {
        let request = ListUsersRequest::new("an-account-id").user_email("ana@example.com");
        // The emulator does not know the session token.
        assert_eq!(
            client.chime().list_users(request).await.unwrap_err().service().unwrap().status,
            403
        );
    });
    let call = r#"chime.call{rpc.system="aws-api" rpc.service="Chime" rpc.method="ListUsers" server.address="chime.us-east-1.amazonaws.com"}"#;
    assert!(said.contains(call), "{said}");
    for field in [
        "chime.attempt{http.request.method=\"GET\"",
        "http.response.status_code=403",
        "aws.request_id=",
        "error.type=\"UnrecognizedClientException\"",
    ] {
        assert!(said.contains(field), "{field} in {said}");
    }
    let secret = sample::SECRET_ACCESS_KEY;
    for hidden in ["ana", "an-account-id", secret, "a-session-token"] {
        assert!(!said.contains(hidden), "{hidden} in {said}");
    }
}

#[test]
fn an_error_with_an_invalid_name_is_recorded_by_its_status() {
    let long = "x".repeat(65);
    for code in ["ana@example.com", "no such user: ana", &*long, ""] {
        let body = Bytes::from(format!(r#"{{"code":"{code}"}}"#));
        let gateway = service_fn(move |_: Request<Bytes>| {
            let response = Response::builder().status(418).body(body.clone());
            std::future::ready(Ok::<_, Infallible>(response.unwrap()))
        });
        let said = said(Config::new(key()), gateway, async |client| {
            client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap_err();
        });
        assert!(said.contains("error.type=\"418\""), "{said}");
        assert!(code.is_empty() || !said.contains(code), "{said}");
    }
}

#[test]
fn a_call_that_ends_outside_of_its_attempts_records_the_error() {
    let silent = service_fn(|_: Request<Bytes>| {
        std::future::pending::<Result<Response<Bytes>, Infallible>>()
    });
    let mut config = Config::new(key());
    config.endpoint_url = Some("http://localhost:8080".to_owned());
    config.operation_timeout = Some(Duration::from_secs(1));
    let said = said(config, silent, async |client| {
        client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap_err();
    });
    for end in [
        r#"server.address="localhost" server.port=8080 error.type=OperationTimeout}"#,
        "the call received no response error=the call timed out",
    ] {
        assert!(said.contains(end), "{end} in {said}");
    }
}

#[test]
fn the_address_of_a_call_is_the_endpoint_of_its_options() {
    let said = said(Config::new(key()), LocalChime::sample(), async |client| {
        let endpoint = Endpoint::new("http://localhost:8080", "us-east-1", "chime").unwrap();
        let client = client.with_options(CallOptions::new().endpoint(endpoint));
        client.chime().list_accounts(ListAccountsRequest::new()).await.unwrap();
    });
    for shown in [
        r#"rpc.method="ListAccounts" server.address="localhost" server.port=8080"#,
        "endpoint=http://localhost:8080",
    ] {
        assert!(said.contains(shown), "{shown} in {said}");
    }
    assert!(!said.contains("amazonaws.com"), "{said}");
}

#[test]
fn every_delay_is_logged_with_its_reason() {
    let chime = LocalChime::sample();
    let failing = |exception: &str, times| Fault {
        error: Some(FaultError::new(exception)),
        times: Some(times),
        ..Fault::default()
    };
    let faults =
        vec![failing("ServiceUnavailableException", 1), failing("ThrottledClientException", 2)];
    chime.set_faults(Faults { faults, ..Faults::default() }).unwrap();
    let config = Config::new(SharedProvider::new(key()));
    let said = said(config, chime, async |client| {
        let call = || client.chime().list_accounts(ListAccountsRequest::new());
        let (one, two, three, four) = tokio::join!(call(), call(), call(), call());
        assert!(one.is_ok() && two.is_ok() && three.is_ok() && four.is_ok());
    });
    for reason in [
        "waiting for credentials",
        "retrying after a pause attempts=1 failure=Transient",
        "throttled",
        "waiting for a rate-limit slot",
        "http.request.resend_count=1",
    ] {
        assert!(said.contains(reason), "{reason} in {said}");
    }
}

/// The ways in which a call can end.
#[derive(Clone, Copy)]
enum End {
    Refused,
    Unreadable,
    Dropped,
}

fn ending(end: End) -> impl HttpService {
    service_fn(move |_: Request<Bytes>| {
        let response = |status, body| Response::builder().status(status).body(Bytes::from(body));
        std::future::ready(match end {
            End::Refused => Ok(response(400, r#"{"Code":"BadRequest"}"#).unwrap()),
            End::Unreadable => Ok(response(200, "[]").unwrap()),
            End::Dropped => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        })
    })
}

#[test]
fn events_and_errors_of_all_operations_contain_no_sensitive_values() {
    let mut config = Config::new(key()).without_pauses();
    config.region = Some("us-east-1".to_owned());
    let inserted = Cell::new(0);
    for info in APIS.iter().flat_map(|api| api.operations) {
        check_some(2, info.name, complete(info.input), |mut input| {
            if !insert_secrets(info.input, &mut input) {
                return Ok(());
            }
            inserted.set(inserted.get() + 1);
            for end in [End::Refused, End::Unreadable, End::Dropped] {
                for validates in [true, false] {
                    let mut errors = String::new();
                    let said = said(config.clone(), ending(end), async |client| {
                        let client = if validates { client } else { client.without_validation() };
                        let result = client.call(info, input.clone()).await;
                        let Err(error) = result else { return };
                        errors = format!("{error} {error:?} {error:#?}");
                        let mut cause = error.source();
                        while let Some(below) = cause {
                            errors += &format!(" {below} {below:?}");
                            cause = below.source();
                        }
                    });
                    for shown in [said, errors] {
                        prop_assert!(!shown.contains(SECRET), "{}", shown);
                    }
                }
            }
            Ok(())
        });
    }
    assert!(inserted.get() > 200, "calls with sensitive values: {}", inserted.get());
}
