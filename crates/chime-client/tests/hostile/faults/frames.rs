//! A stream that changes the HTTP/2 frames that a server writes, for what `h2` does not do by itself.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use h2::Reason;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const HEADER: usize = 9;
const GOAWAY: u8 = 7;

/// What is changed.
pub(super) struct Changes {
    /// Whether all frames are dropped.
    pub(super) is_dead: AtomicBool,
    /// The highest last stream of a `GOAWAY`.
    last_stream: AtomicU32,
    reason: AtomicU32,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            is_dead: AtomicBool::new(false),
            last_stream: AtomicU32::new(u32::MAX),
            reason: AtomicU32::new(Reason::NO_ERROR.into()),
        }
    }
}

impl Changes {
    /// Whether a `GOAWAY` was limited.
    pub(super) fn is_limited(&self) -> bool {
        self.last_stream.load(Relaxed) < u32::MAX
    }

    /// Whether a `GOAWAY` says that this stream is not processed.
    pub(super) fn excludes(&self, stream: u32) -> bool {
        self.last_stream.load(Relaxed) < stream
    }

    /// Lets a `GOAWAY` include streams up to this one only, with this reason.
    pub(super) fn limit(&self, last_stream: u32, reason: Reason) {
        self.last_stream.store(last_stream, Relaxed);
        self.reason.store(reason.into(), Relaxed);
    }

    fn apply(&self, frame: &mut [u8]) {
        if frame[3] != GOAWAY || !self.is_limited() {
            return;
        }
        let payload = &mut frame[HEADER..];
        payload[..4].copy_from_slice(&self.last_stream.load(Relaxed).to_be_bytes());
        payload[4..8].copy_from_slice(&self.reason.load(Relaxed).to_be_bytes());
    }
}

pub(super) struct Frames<S> {
    stream: S,
    changes: Arc<Changes>,
    /// The frame that is not complete yet.
    incomplete: Vec<u8>,
    /// Complete frames to write.
    complete: Vec<u8>,
}

impl<S: AsyncWrite + Unpin> Frames<S> {
    pub(super) fn new(stream: S, changes: Arc<Changes>) -> Self {
        Self { stream, changes, incomplete: Vec::new(), complete: Vec::new() }
    }

    fn poll_complete(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.complete.is_empty() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.complete))?;
            self.complete.drain(..count);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Frames<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_complete(cx))?;
        let this = &mut *self;
        this.incomplete.extend(bytes);
        while let Some([a, b, c]) = this.incomplete.first_chunk() {
            let length = HEADER + u32::from_be_bytes([0, *a, *b, *c]) as usize;
            if this.incomplete.len() < length {
                break;
            }
            let mut frame: Vec<_> = this.incomplete.drain(..length).collect();
            this.changes.apply(&mut frame);
            if !this.changes.is_dead.load(Relaxed) {
                this.complete.extend(frame);
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_complete(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_complete(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Frames<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}
