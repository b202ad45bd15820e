//! The server's side of an HTTP/1.1 connection.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use chime_client::BoxError;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, sink};
use tokio::time::sleep;

use super::request::Request;
use super::script::{Delivery, End};
use super::server::Server;

/// Responds to the requests of a connection until it ends.
pub(super) async fn serve<S>(
    server: &Server,
    connection: u32,
    mut stream: S,
    reset: &AtomicBool,
) -> Result<(), BoxError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(request) = Request::read(&mut stream).await? {
        let request = server.receive(connection, false, &request);
        let bytes = server.http1(&request);
        match deliver(&mut stream, &bytes, request.response.delivery).await? {
            None => {}
            Some(End::Closed) => break,
            Some(End::Reset) => {
                reset.store(true, Ordering::Relaxed);
                break;
            }
            Some(End::Silence) => {
                // Until the client closes the connection.
                copy(&mut stream, &mut sink()).await?;
                break;
            }
        }
    }
    Ok(())
}

/// Sends a response, and tells how the connection ends if it does.
async fn deliver<S: AsyncWrite + Unpin>(
    stream: &mut S,
    bytes: &[u8],
    delivery: Delivery,
) -> io::Result<Option<End>> {
    let mut end = None;
    match delivery {
        Delivery::Last => {
            stream.write_all(bytes).await?;
            stream.shutdown().await?;
            end = Some(End::Closed);
        }
        Delivery::Cut(share, how) => {
            stream.write_all(&bytes[..bytes.len() * usize::from(share) / 256]).await?;
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
        // The other deliveries need HTTP/2.
        _ => stream.write_all(bytes).await?,
    }
    stream.flush().await?;
    Ok(end)
}
