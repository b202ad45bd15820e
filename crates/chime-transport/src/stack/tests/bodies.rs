//! The layers over bodies and errors that are not ours.

use std::io;
use std::sync::Mutex;

use super::*;

/// A body of somebody else's: it cannot be cloned, read twice or looked into.
struct Streamed;

type Answer = Result<Response<Streamed>, io::Error>;

/// A connection that gives these statuses one after another; 0 is a connection that breaks.
fn connection(
    statuses: &'static [u16],
) -> impl Service<
    Request<&'static str>,
    Response = Response<Streamed>,
    Error = io::Error,
    Future = std::future::Ready<Answer>,
> + Clone {
    let statuses = Arc::new(Mutex::new(statuses.iter()));
    tower::service_fn(move |request: Request<&'static str>| {
        assert_eq!(*request.body(), "a body");
        std::future::ready(match *statuses.lock().unwrap().next().unwrap() {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            status => Ok(Response::builder().status(status).body(Streamed).unwrap()),
        })
    })
}

fn made(answer: Result<Response<Streamed>, BoxError>) -> (u16, u32) {
    let response = answer.unwrap();
    (response.status().as_u16(), response.extensions().get::<Attempts>().unwrap().made)
}

#[tokio::test(start_paused = true)]
async fn every_layer_carries_any_body_and_any_error() {
    let config = config();
    let here = Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap();
    let key = Credentials::new("AKIDEXAMPLE", "a-secret");
    let service = ServiceBuilder::new()
        .layer(timeout::call_layer(config.operation_timeout))
        .layer(headers::call_layer(&config))
        .layer(retry::layer(&config))
        .layer(PacingLayer::new(&config.pacing))
        .layer(TraceLayer)
        .layer(headers::attempt_layer(&config))
        .layer(timeout::attempt_layer(config.attempt_timeout))
        .layer(endpoint::layer(here))
        .layer(sign::layer(key, config.clock.clone()))
        .layer(skew::layer(config.clock.clone()))
        .service(connection(&[0, 503, 429, 200]));
    assert_eq!(made(service.oneshot(Request::new("a body")).await), (200, 4));
}

#[tokio::test(start_paused = true)]
async fn each_layer_stands_alone_over_any_body_and_any_error() {
    let config = config();
    let request = || Request::new("a body");
    let retried = retry::layer(&config).layer(connection(&[0, 503, 200]));
    assert_eq!(made(retried.oneshot(request()).await), (200, 3));
    let paced = PacingLayer::new(&config.pacing).layer(connection(&[429, 429, 200]));
    assert_eq!(paced.oneshot(request()).await.unwrap().status(), 200);
    let traced = TraceLayer.layer(connection(&[0]));
    assert!(traced.oneshot(request()).await.is_err_and(|error| error.is::<io::Error>()));
}

#[tokio::test(start_paused = true)]
async fn retries_and_pacing_without_a_deadline_know_how_often_a_request_was_sent() {
    let service = ServiceBuilder::new()
        .layer(retry::layer(&config()))
        .layer(PacingLayer::new(&config().pacing))
        .service(connection(&[429, 503, 429, 200]));
    assert_eq!(made(service.oneshot(Request::new("a body")).await), (200, 4));
}
