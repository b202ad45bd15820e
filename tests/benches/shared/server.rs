//! Servers on separate threads, and requests to them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use bytes::Bytes;
use chime_client::{Client, Config};
use chime_model::Operation;
use http::{Extensions, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// A server at this address, which runs until the program ends.
pub(crate) struct Server(pub(crate) SocketAddr);

impl Server {
    /// Starts a hyper server that sends this response to every request.
    pub(crate) fn hyper(response: Response<Bytes>) -> Self {
        Self::start(async move |listener: TcpListener| {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let response = response.clone();
                let service = service_fn(move |request: Request<Incoming>| {
                    let response = response.clone().map(Full::new);
                    async move {
                        let _ = request.into_body().collect().await;
                        Ok::<_, Infallible>(response)
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        })
    }

    pub(crate) fn start<F: Future<Output = ()>>(
        serve: impl FnOnce(TcpListener) -> F + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            runtime().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                serve(listener).await;
            });
        });
        Self(receiver.recv().unwrap())
    }
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Returns the signed request that the client sends. The signature is valid for fifteen minutes.
pub(crate) fn signed<O>(config: Config, request: O) -> Request<Bytes>
where
    O: Operation + Serialize + Send + Sync + 'static,
{
    let sent = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&sent);
    let connection = tower::service_fn(move |mut request: Request<Bytes>| {
        // The extensions of the layers are not part of the request.
        *request.extensions_mut() = Extensions::new();
        *kept.lock().unwrap() = Some(request);
        async { Ok::<_, Infallible>(Response::new(Bytes::from_static(b"{}"))) }
    });
    let client = Client::with_http_service(config, connection).unwrap();
    let _ = runtime().block_on(client.send(request));
    sent.lock().unwrap().take().unwrap()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
