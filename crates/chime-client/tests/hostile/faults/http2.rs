//! The server's side of an HTTP/2 connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use chime_client::BoxError;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use super::frames::{Changes, Frames};
use super::message::Content;
use super::request::Request;
use super::script::{Delivery, End};
use super::server::{ReceivedRequest, Server};

/// What a request does to its connection.
enum Shutdown {
    Graceful,
    Abrupt(Reason),
    End(End),
}

/// What the requests of a connection share.
#[derive(Clone)]
struct Connection {
    server: Server,
    number: u32,
    changes: Arc<Changes>,
    /// The highest stream that was processed.
    processed: Arc<AtomicU32>,
    shutdown: UnboundedSender<Shutdown>,
}

/// Responds to the requests of a connection until it ends.
pub(super) async fn serve<S>(
    server: &Server,
    number: u32,
    stream: S,
    reset: &AtomicBool,
) -> Result<(), BoxError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let changes = Arc::<Changes>::default();
    let mut builder = h2::server::Builder::new();
    server.max_streams().map(|max| builder.max_concurrent_streams(max));
    let mut http2 = builder.handshake(Frames::new(stream, changes.clone())).await?;
    let (shutdown, mut shutdowns) = unbounded_channel();
    let (server, processed) = (server.clone(), Arc::default());
    let connection = Connection { server, number, changes, processed, shutdown };
    loop {
        tokio::select! {
            // What was sent before a shutdown is written first.
            biased;
            accepted = http2.accept() => {
                let Some(accepted) = accepted else { return Ok(()) };
                let (request, respond) = accepted?;
                connection.server.spawn(connection.clone().respond(request, respond));
            }
            Some(shutdown) = shutdowns.recv() => match shutdown {
                Shutdown::Graceful => http2.graceful_shutdown(),
                Shutdown::Abrupt(reason) => http2.abrupt_shutdown(reason),
                Shutdown::End(end) => {
                    reset.store(end == End::Reset, Relaxed);
                    return Ok(());
                }
            },
        }
    }
}

impl Connection {
    async fn respond(
        self,
        request: http::Request<RecvStream>,
        mut respond: SendResponse<Bytes>,
    ) -> Result<(), BoxError> {
        let (parts, mut stream) = request.into_parts();
        let mut body = Vec::new();
        while let Some(piece) = stream.data().await {
            body.extend(piece?);
        }
        let id = respond.stream_id().as_u32();
        if self.changes.excludes(id) {
            poll_fn(|cx| respond.poll_reset(cx)).await?;
            return Ok(());
        }
        let is_dead = self.changes.is_dead.load(Relaxed);
        let request = Request::new(parts.headers, body);
        let request = self.server.receive(self.number, is_dead, &request);
        let delivery = request.response.delivery;
        if delivery.is_unprocessed() {
            return self.decline(id, delivery, respond).await;
        }
        self.processed.fetch_max(id, Relaxed);
        let content = self.server.content(&request);
        match delivery {
            Delivery::Cut(share, end) => {
                let (mut respond, stream) = send_share(respond, content, share).await?;
                if end != End::Silence {
                    self.shut_down(Shutdown::End(end));
                }
                // Until the client gives up the request or closes the connection.
                match stream {
                    Some(mut stream) => poll_fn(|cx| stream.poll_reset(cx)).await?,
                    None => poll_fn(|cx| respond.poll_reset(cx)).await?,
                };
            }
            Delivery::ResetStream(share, reason) => {
                match send_share(respond, content, share).await? {
                    (_, Some(mut stream)) => stream.send_reset(reason),
                    (mut respond, None) => respond.send_reset(reason),
                }
            }
            Delivery::Dead => {
                self.changes.is_dead.store(true, Relaxed);
                poll_fn(|cx| respond.poll_reset(cx)).await?;
            }
            Delivery::GoAwayAbrupt(reason) => {
                self.shut_down(Shutdown::Abrupt(reason));
                poll_fn(|cx| respond.poll_reset(cx)).await?;
            }
            _ => self.send_whole(respond, content, &request).await?,
        }
        Ok(())
    }

    /// Declines a request that is not processed.
    async fn decline(
        &self,
        id: u32,
        delivery: Delivery,
        mut respond: SendResponse<Bytes>,
    ) -> Result<(), BoxError> {
        match delivery {
            // A GOAWAY must not exclude a higher stream that was processed.
            Delivery::GoAwayBelow(reason)
                if self.processed.load(Relaxed) < id && !self.changes.is_limited() =>
            {
                self.changes.limit(id.saturating_sub(2), reason);
                self.shut_down(Shutdown::Graceful);
                poll_fn(|cx| respond.poll_reset(cx)).await?;
            }
            _ => respond.send_reset(Reason::REFUSED_STREAM),
        }
        Ok(())
    }

    async fn send_whole(
        &self,
        respond: SendResponse<Bytes>,
        content: Content,
        request: &ReceivedRequest,
    ) -> Result<(), BoxError> {
        let (mut pause, mut size) = (Duration::ZERO, usize::MAX);
        match request.response.delivery {
            Delivery::Late(time) => sleep(time).await,
            Delivery::Drip(time) => (pause, size) = (time, 16),
            Delivery::GoAwayGraceful => self.shut_down(Shutdown::Graceful),
            _ => {}
        }
        let body = content.body.clone();
        let (_, mut stream) = send_head(respond, content)?;
        for piece in body.as_bytes().chunks(size) {
            if pause > Duration::ZERO {
                sleep(pause).await;
            }
            stream.send_data(piece.to_vec().into(), false)?;
        }
        stream.send_data(Bytes::new(), true)?;
        if request.response.delivery == Delivery::Last {
            self.shut_down(Shutdown::End(End::Closed));
        }
        Ok(())
    }

    fn shut_down(&self, shutdown: Shutdown) {
        // The connection may have ended.
        let _ = self.shutdown.send(shutdown);
    }
}

type Started<T> = (SendResponse<Bytes>, T);

/// Sends a share of the response: nothing, or the headers and a part of the body.
async fn send_share(
    respond: SendResponse<Bytes>,
    content: Content,
    share: u8,
) -> Result<Started<Option<SendStream<Bytes>>>, BoxError> {
    if share < 64 {
        return Ok((respond, None));
    }
    let part = content.body.as_bytes()[..content.body.len() * usize::from(share) / 256].to_vec();
    let (respond, mut stream) = send_head(respond, content)?;
    stream.send_data(part.into(), false)?;
    // A reset would drop what is not written yet.
    sleep(Duration::from_millis(1)).await;
    Ok((respond, Some(stream)))
}

fn send_head(
    mut respond: SendResponse<Bytes>,
    content: Content,
) -> Result<Started<SendStream<Bytes>>, BoxError> {
    for _ in 0..content.informational {
        respond.send_informational(http::Response::builder().status(103).body(())?)?;
    }
    let mut response = http::Response::builder().status(content.status);
    for (name, value) in content.headers {
        response = response.header(name, value);
    }
    let stream = respond.send_response(response.body(())?, false)?;
    Ok((respond, stream))
}
