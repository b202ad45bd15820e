//! What tracing shows of a call, and what it must not.

use std::cell::RefCell;
use std::io;

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};
use tracing_subscriber::filter::{FilterExt, LevelFilter, Targets, dynamic_filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

thread_local! {
    /// What was said in a thread, and so in a test, that wants to know.
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

/// All that is said while `call` runs, at any level but for what the documentation says to leave out.
fn said(call: impl AsyncFnOnce(Client)) -> String {
    // For the whole process: a subscriber of one thread misses what another thread came by first.
    let here = dynamic_filter_fn(|_, _| LINES.with_borrow(Option::is_some));
    let all = Targets::new().with_default(LevelFilter::TRACE);
    let advised = all.with_target("aws_sigv4", LevelFilter::DEBUG);
    let lines = fmt::layer().with_ansi(false).with_writer(|| Lines);
    let lines = lines.with_filter(here.and(advised));
    tracing_subscriber::registry().with(lines).try_init().expect("no other test sets one");
    LINES.set(Some(Vec::new()));
    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let config = Config::new(key.with_session_token("a-session-token"));
    let client = Client::with_connection(config, LocalChime::sample()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call(client));
    String::from_utf8(LINES.take().unwrap()).unwrap()
}

#[test]
fn a_call_and_its_attempt_have_spans_and_nobody_is_named() {
    let said = said(async |client| {
        let request = ListUsersRequest::new("an-account-id").user_email("ana@example.com");
        // The session token is one that the local Chime does not know.
        assert_eq!(client.list_users(request).await.unwrap_err().service().unwrap().status, 403);
    });
    let call = r#"chime.call{rpc.system="aws-api" rpc.service="Chime" rpc.method="ListUsers"}"#;
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
