//! A server that follows a script, in memory and on the clock of its runtime.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use chime_client::BoxError;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::handshakes::Handshakes;
use super::message::{Content, Message};
use super::pipe::{Pipe, pipe};
use super::request::Request;
use super::script::{Connect, Delivery, Protocol, Response, Script};
use super::{http1, http2};

/// A server. Clones share its state.
#[derive(Clone)]
pub(crate) struct Server(Arc<Shared>);

struct Shared {
    protocol: Protocol,
    max_streams: Option<u32>,
    now: Box<dyn Fn() -> SystemTime + Send + Sync>,
    state: Mutex<State>,
}

struct State {
    connects: std::vec::IntoIter<Connect>,
    responses: std::vec::IntoIter<Response>,
    connections: u32,
    /// The offset of the server's clock.
    ahead: Duration,
    /// The access key ids of expired credentials.
    expired: HashSet<String>,
    events: Vec<Event>,
    acts: u32,
    /// The tasks of the connections, and of the requests over HTTP/2.
    tasks: Vec<JoinHandle<Result<(), BoxError>>>,
}

/// An event at the server.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A connection that fails or is slow.
    Connect(Connect),
    Request(ReceivedRequest),
}

/// A request, and what the server did with it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    /// The number of the connection that it came on.
    #[cfg_attr(not(feature = "http2"), expect(dead_code, reason = "the tests of HTTP/2 read it"))]
    pub(crate) connection: u32,
    /// The name of the account to create.
    pub(crate) name: String,
    pub(crate) invocation: String,
    pub(crate) response: Response,
    /// The number of the act; `None` if the service did not act.
    pub(crate) act: Option<u32>,
}

impl Server {
    /// A server that follows `script`, with this clock.
    pub(crate) fn new(
        script: Script,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            connects: script.connects.into_iter(),
            responses: script.responses.into_iter(),
            connections: 0,
            ahead: Duration::ZERO,
            expired: HashSet::new(),
            events: Vec::new(),
            acts: 0,
            tasks: Vec::new(),
        };
        let (protocol, max_streams) = (script.protocol, script.max_streams);
        let (now, state) = (Box::new(now), Mutex::new(state));
        Self(Arc::new(Shared { protocol, max_streams, now, state }))
    }

    pub(super) fn max_streams(&self) -> Option<u32> {
        self.0.max_streams
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        let request = |event| match event {
            Event::Request(request) => Some(request),
            Event::Connect(_) => None,
        };
        self.events().into_iter().filter_map(request).collect()
    }

    /// Waits until all tasks have ended, and panics if one of them did. Their errors are ignored: the
    /// client may close a connection at any time.
    pub(crate) async fn join(&self) {
        let tasks = std::mem::take(&mut self.state().tasks);
        for task in tasks {
            let _ = task.await.unwrap();
        }
    }

    pub(super) fn spawn(&self, task: impl Future<Output = Result<(), BoxError>> + Send + 'static) {
        self.state().tasks.push(tokio::spawn(task));
    }

    /// Opens a connection and returns the client's end of it.
    pub(crate) async fn connect(self) -> io::Result<Pipe> {
        let connect = self.state().connects.next().unwrap_or(Connect::Open);
        let protocol = self.0.protocol;
        let connect =
            if connect.needs_tls() && !protocol.is_tls() { Connect::Open } else { connect };
        if connect != Connect::Open {
            self.state().events.push(Event::Connect(connect));
        }
        match connect {
            Connect::Refused => return Err(io::ErrorKind::ConnectionRefused.into()),
            Connect::Silent => std::future::pending().await,
            Connect::Slow(time) => sleep(time).await,
            _ => {}
        }
        let (client, stream, reset) = pipe();
        let server = self.clone();
        self.spawn(async move {
            let connection = server.next_connection();
            if protocol == Protocol::Http1 {
                return http1::serve(&server, connection, stream, &reset).await;
            }
            let handshakes = Handshakes::get();
            let Some(stream) = handshakes.accept(connect, protocol, stream).await? else {
                return Ok(());
            };
            if protocol == Protocol::Http2 {
                http2::serve(&server, connection, stream, &reset).await
            } else {
                http1::serve(&server, connection, stream, &reset).await
            }
        });
        Ok(client)
    }

    fn next_connection(&self) -> u32 {
        let mut state = self.state();
        state.connections += 1;
        state.connections
    }

    /// Decides what to do with a request, and acts on it. No response leaves a dead connection.
    pub(super) fn receive(
        &self,
        connection: u32,
        is_dead: bool,
        request: &Request,
    ) -> ReceivedRequest {
        let mut state = self.state();
        let id = request.access_key_id();
        let mut response = if state.expired.contains(&id) {
            Response::new(Message::Expired, Delivery::Whole)
        } else if self.has_wrong_date(request, state.ahead) {
            Response::new(Message::ClockJumps, Delivery::Whole)
        } else {
            let fine = || Response::new(Message::Fine, Delivery::Whole);
            state.responses.next().unwrap_or_else(fine)
        };
        if is_dead {
            response.delivery = Delivery::Dead;
        }
        match response.message {
            _ if response.delivery.is_unprocessed() => {}
            Message::Expired => {
                state.expired.insert(id);
            }
            Message::ClockJumps if !self.has_wrong_date(request, state.ahead) => {
                let ahead = Duration::from_secs(20 * 60);
                state.ahead = if state.ahead.is_zero() { ahead } else { Duration::ZERO };
            }
            _ => {}
        }
        // A service does not act on a request whose signature it refuses.
        response.acts &= !matches!(response.message, Message::Expired | Message::ClockJumps);
        state.acts += u32::from(response.acts);
        let act = response.acts.then_some(state.acts);
        let (name, invocation) = (request.name(), request.invocation());
        let received = ReceivedRequest { connection, name, invocation, response, act };
        state.events.push(Event::Request(received.clone()));
        received
    }

    /// Whether the date of a request is wrong by five minutes or more.
    fn has_wrong_date(&self, request: &Request, ahead: Duration) -> bool {
        let now = (self.0.now)() + ahead;
        let dated = request.date();
        let apart = now.duration_since(dated).unwrap_or_else(|error| error.duration());
        apart >= Duration::from_secs(5 * 60)
    }

    fn date(&self) -> String {
        let ahead = self.state().ahead;
        httpdate::fmt_http_date((self.0.now)() + ahead)
    }

    pub(super) fn http1(&self, request: &ReceivedRequest) -> Vec<u8> {
        let act = request.act.unwrap_or_default();
        request.response.message.http1(&request.name, act, self.date())
    }

    pub(super) fn content(&self, request: &ReceivedRequest) -> Content {
        let act = request.act.unwrap_or_default();
        request.response.message.content(&request.name, act, self.date())
    }
}
