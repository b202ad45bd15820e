//! A server of bytes that follows a script, in the process and on the clock of its runtime.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use chime_client::BoxError;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::handshakes::Handshakes;
use super::pipe::{Pipe, pipe};
use super::request::Request;
use super::script::{Answer, Delivery, End, Message, Script, Way};

/// A server, and what it has seen. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Server(Arc<Shared>);

struct Shared {
    tls: Option<&'static Handshakes>,
    now: Box<dyn Fn() -> SystemTime + Send + Sync>,
    state: Mutex<State>,
}

struct State {
    ways: std::vec::IntoIter<Way>,
    answers: std::vec::IntoIter<Answer>,
    /// How far its clock is ahead.
    ahead: Duration,
    /// Keys that are not valid any more.
    expired: HashSet<String>,
    seen: Vec<Seen>,
    acts: u32,
    /// One for each connection.
    tasks: Vec<JoinHandle<Result<(), BoxError>>>,
}

/// What came to the server.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// A connection that was not to be, or took its time.
    Way(Way),
    Request(Met),
}

impl Seen {
    /// The name in a request that the service acted on.
    pub(crate) fn acted(&self) -> Option<String> {
        match self {
            Self::Request(met) => met.act.map(|_| met.name.clone()),
            Self::Way(_) => None,
        }
    }
}

/// A request, and what it met.
#[derive(Clone, Debug)]
pub(crate) struct Met {
    /// The name of the account that it wants.
    pub(crate) name: String,
    pub(crate) invocation: String,
    pub(crate) answer: Answer,
    /// The number of its act, if the service acted.
    pub(crate) act: Option<u32>,
}

impl Server {
    /// A server that follows `script`, by this clock.
    pub(crate) fn new(
        script: Script,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            ways: script.ways.into_iter(),
            answers: script.answers.into_iter(),
            ahead: Duration::ZERO,
            expired: HashSet::new(),
            seen: Vec::new(),
            acts: 0,
            tasks: Vec::new(),
        };
        Self(Arc::new(Shared {
            tls: script.tls.then(Handshakes::get),
            now: Box::new(now),
            state: Mutex::new(state),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// Waits until all connections have ended. Panics if one of their tasks did; that the client broke
    /// off is no failure.
    pub(crate) async fn ended(&self) {
        let tasks = std::mem::take(&mut self.state().tasks);
        for task in tasks {
            let _ = task.await.unwrap();
        }
    }

    /// Opens a connection: the client's end of it.
    pub(crate) async fn dial(self) -> io::Result<Pipe> {
        let way = self.state().ways.next().unwrap_or(Way::Open);
        let way = if self.0.tls.is_none() && way.is_of_tls() { Way::Open } else { way };
        if way != Way::Open {
            self.state().seen.push(Seen::Way(way));
        }
        match way {
            Way::Refused => return Err(io::ErrorKind::ConnectionRefused.into()),
            Way::Silent => std::future::pending().await,
            Way::Slow(time) => sleep(time).await,
            _ => {}
        }
        let (client, ours, reset) = pipe();
        let server = self.clone();
        let task = tokio::spawn(async move {
            let Some(tls) = self.0.tls else { return self.serve(ours, &reset).await };
            if let Some(stream) = tls.accept(way, ours).await? {
                self.serve(stream, &reset).await?;
            }
            Ok::<_, BoxError>(())
        });
        server.state().tasks.push(task);
        Ok(client)
    }

    /// Answers the requests of a connection until one of both ends it.
    async fn serve<S>(&self, mut stream: S, reset: &AtomicBool) -> Result<(), BoxError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while let Some(request) = Request::read(&mut stream).await? {
            let met = self.meet(&request);
            let ahead = self.state().ahead;
            let date = httpdate::fmt_http_date((self.0.now)() + ahead);
            let act = met.act.unwrap_or_default();
            let bytes = met.answer.message.render(&met.name, act, &date);
            match deliver(&mut stream, &bytes, met.answer.delivery).await? {
                None => {}
                Some(End::Closed) => break,
                Some(End::Reset) => {
                    reset.store(true, Ordering::Relaxed);
                    break;
                }
                Some(End::Silence) => {
                    // Until the client hangs up.
                    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Decides what a request meets.
    fn meet(&self, request: &Request) -> Met {
        let mut state = self.state();
        let key = request.key();
        let mut answer = if state.expired.contains(&key) {
            Answer::new(Message::Expired, Delivery::Whole)
        } else if self.is_off(request, state.ahead) {
            Answer::new(Message::ClockJumps, Delivery::Whole)
        } else {
            let fine = || Answer::new(Message::Fine, Delivery::Whole);
            state.answers.next().unwrap_or_else(fine)
        };
        match answer.message {
            Message::Expired => {
                state.expired.insert(key);
            }
            Message::ClockJumps if !self.is_off(request, state.ahead) => {
                let there = Duration::from_secs(20 * 60);
                state.ahead = if state.ahead.is_zero() { there } else { Duration::ZERO };
            }
            _ => {}
        }
        // What is no refusal any more for its signature is one for all else.
        answer.acts &= !matches!(answer.message, Message::Expired | Message::ClockJumps);
        state.acts += u32::from(answer.acts);
        let act = answer.acts.then_some(state.acts);
        let met = Met { name: request.name(), invocation: request.invocation(), answer, act };
        state.seen.push(Seen::Request(met.clone()));
        met
    }

    /// Whether a request has another date than the server, by five minutes or more.
    fn is_off(&self, request: &Request, ahead: Duration) -> bool {
        let now = (self.0.now)() + ahead;
        let dated = request.date();
        let apart = now.duration_since(dated).unwrap_or_else(|error| error.duration());
        apart >= Duration::from_secs(5 * 60)
    }
}

/// Writes `bytes` in its way, and tells how the connection ends, if it does.
async fn deliver<S: AsyncWrite + Unpin>(
    stream: &mut S,
    bytes: &[u8],
    delivery: Delivery,
) -> io::Result<Option<End>> {
    let mut end = None;
    match delivery {
        Delivery::Whole => stream.write_all(bytes).await?,
        Delivery::Last => {
            stream.write_all(bytes).await?;
            stream.shutdown().await?;
            end = Some(End::Closed);
        }
        Delivery::Cut(at, how) => {
            stream.write_all(&bytes[..bytes.len() * usize::from(at) / 256]).await?;
            end = Some(how);
        }
        Delivery::Late(time) => {
            sleep(time).await;
            stream.write_all(bytes).await?;
        }
        Delivery::Drip(pause) => {
            for piece in bytes.chunks(16) {
                sleep(pause).await;
                stream.write_all(piece).await?;
                stream.flush().await?;
            }
        }
    }
    stream.flush().await?;
    Ok(end)
}
