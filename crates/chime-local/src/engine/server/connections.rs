//! The open connections of a server.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::exchange::{MAX_HEAD, Session, respond};
use super::progress::Progress;
use crate::engine::world::World;

/// How long to wait for room if no connection is idle.
const PAUSE: Duration = Duration::from_millis(100);

/// The open connections. All are closed when this is dropped.
pub(super) struct Connections<W: World> {
    tasks: JoinSet<()>,
    open: Vec<(Arc<Session<W>>, AbortHandle)>,
    graceful: GracefulShutdown,
}

impl<W: World> Connections<W> {
    pub(super) fn new() -> Self {
        Self { tasks: JoinSet::new(), open: Vec::new(), graceful: GracefulShutdown::new() }
    }

    /// Spawns a task that serves a connection until it ends, and then drops `slot`.
    pub(super) fn serve(
        &mut self,
        session: Session<W>,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        slot: impl Send + 'static,
    ) {
        let session = Arc::new(session);
        let shared = Arc::clone(&session);
        let service = service_fn(move |request| respond(Arc::clone(&shared), request));
        let stream = Progress { stream, waiting: Arc::clone(&session.waiting) };
        // hyper accepts up to 100 headers, and responds with 431 to more.
        let connection = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            // `Waiting` limits how long a head may take.
            .header_read_timeout(None)
            // Copying a small head and body to one buffer is faster than a vectored write.
            .writev(false)
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watch(connection);
        let task = self.tasks.spawn(async move {
            // Errors of one connection concern its client only.
            let _ = connection.await;
            drop(slot);
        });
        if self.open.len() == self.open.capacity() {
            self.forget_ended();
        }
        self.open.push((session, task));
    }

    /// Closes the connections that have waited too long for their clients. Call this once a second.
    pub(super) fn close_idle(&mut self) {
        for (session, task) in &self.open {
            if session.waiting.is_over() {
                task.abort();
            }
        }
        self.forget_ended();
    }

    /// Closes the connection that has waited for a head for the longest time, because the system has
    /// no resources for another one. Waits a moment if no connection waits for a head.
    pub(super) async fn make_room(&mut self) {
        self.forget_ended();
        let idle = self.open.iter().filter_map(|it| it.0.waiting.idle().map(|checks| (checks, it)));
        // Of several, the last maximum is the connection that was opened first.
        let longest = idle.rev().max_by_key(|(checks, _)| *checks);
        match longest {
            Some((_, (session, task))) if session.waiting.give_up() => {
                task.abort();
                self.tasks.join_next().await;
            }
            _ => sleep(PAUSE).await,
        }
    }

    fn forget_ended(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.open.retain(|(_, task)| !task.is_finished());
    }

    /// Waits until the requests in progress are handled.
    pub(super) async fn shutdown(self) {
        self.graceful.shutdown().await;
    }
}
