//! A server that says the same to everyone, on a thread of its own.

use std::convert::Infallible;
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// As Chime answers `UpdateRoomMembership`.
pub(crate) const ANSWER: &str = concat!(
    r#"{"RoomMembership":{"InvitedBy":"arn:aws:iam::111122223333:user/local","#,
    r#""Member":{"AccountId":"c2d7a9f4-18b3-4e6a-8f21-5d90b7e3a612","Email":"bo@example.com","#,
    r#""FullName":"Bo Lindqvist","MemberId":"a94f06d2-7e15-4c3b-b8d9-20f6c5e1a773","#,
    r#""MemberType":"User"},"Role":"Administrator","#,
    r#""RoomId":"7f3d2b18-c6e4-4a90-9d57-e1b8a2c40f6d","#,
    r#""UpdatedTimestamp":"2025-11-23T15:08:15.000Z"}}"#,
);

/// Listens until the program ends, at the URL that it gives.
pub(crate) fn start() -> String {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let service = service_fn(answer);
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    format!("http://{}", receiver.recv().unwrap())
}

/// Reads what comes, and answers. hyper adds the date and the length.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::from(ANSWER));
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("x-amzn-requestid", "2f0c6c1e-6f0b-4c1f-9a51-0f2f6f4f7c11"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    Ok(response)
}
