//! An axum service that calls Amazon Chime through only two layers of this stack: retries and signatures.
//!
//! `cargo run -p tests --example signing_in_axum` runs it once; `cargo test` does the same.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "an example shows what it does")]

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use bytes::Bytes;
use chime_local::{LocalChime, sample};
use chime_transport::endpoint::EndpointLayer;
use chime_transport::retry::{RetryLayer, RetryPolicy};
use chime_transport::sign::SignLayer;
use chime_transport::{Credentials, Endpoint, Error};
use http::{Request, Response, StatusCode};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};

type Chime = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, Error>;

/// Our two layers over any connection, here an emulator inside the process.
fn chime() -> Chime {
    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let endpoint = Endpoint::new("http://localhost", "us-east-1", "chime").expect("a URL");
    let scope = endpoint.scope().clone();
    let stack = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(EndpointLayer::new(endpoint))
        .layer(SignLayer::new(key, scope))
        .service(LocalChime::sample());
    BoxCloneSyncService::new(stack)
}

/// Signs a user out of all devices.
async fn log_out(State(chime): State<Chime>, Path(user): Path<String>) -> StatusCode {
    let account = sample::ENTERPRISE_ACCOUNT_ID;
    let uri = format!("/accounts/{account}/users/{user}?operation=logout");
    let request = Request::post(uri).body(Bytes::new());
    let Ok(request) = request else { return StatusCode::BAD_REQUEST };
    match chime.oneshot(request).await {
        Ok(response) => response.status(),
        Err(_) => StatusCode::BAD_GATEWAY,
    }
}

/// An existing service with one more route.
fn service() -> Router {
    Router::new().route("/users/{user}/log-out", post(log_out)).with_state(chime())
}

async fn log_out_of(user: &str) -> StatusCode {
    let uri = format!("/users/{user}/log-out");
    let request = Request::post(uri).body(axum::body::Body::empty()).expect("a request");
    let mut service = service();
    service.call(request).await.expect("it cannot fail").status()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("a user: {}", log_out_of(sample::ANA_ID).await);
    println!("nobody: {}", log_out_of("nobody").await);
}

#[test]
fn it_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(log_out_of(sample::ANA_ID)), StatusCode::NO_CONTENT);
    assert_eq!(runtime.block_on(log_out_of("nobody")), StatusCode::NOT_FOUND);
}
