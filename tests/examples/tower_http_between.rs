//! Layers of tower-http between ours: `TraceLayer` and a timeout between the retries and the
//! signature.
//!
//! They need bodies that implement `http_body::Body`, such as [`chime_transport::Body`], which the HTTP client
//! accepts and returns.
//!
//! `cargo run -p tests --example tower_http_between` runs it once; `cargo test` does the same.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use chime_local::{LocalChime, sample};
use chime_transport::endpoint::EndpointLayer;
use chime_transport::retry::{RetryLayer, RetryPolicy};
use chime_transport::sign::SignLayer;
use chime_transport::{Body, Config, Credentials, Endpoint, HttpClient};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

/// Lists the accounts of an emulator that listens on a local port. Returns the body of the response.
async fn list_accounts() -> Result<String, Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(LocalChime::sample().serve(listener, std::future::pending()));

    let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let endpoint = Endpoint::new(&url, "us-east-1", "chime")?;
    let scope = endpoint.scope().clone();
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(TraceLayer::new_for_http())
        // A response of this status counts as a failure that may have been acted on.
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(30)))
        .layer(EndpointLayer::new(endpoint))
        .layer(SignLayer::new(credentials, scope))
        .service(HttpClient::new(&Config::default()));

    let request = Request::get("/accounts").body(Body::default())?;
    let response = service.oneshot(request).await?;
    Ok(String::from_utf8(response.into_body().collect().await?.to_bytes().into())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", list_accounts().await?);
    Ok(())
}

#[test]
fn it_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let accounts = runtime.block_on(list_accounts()).unwrap();
    assert!(accounts.contains(sample::ENTERPRISE_ACCOUNT_ID), "{accounts}");
}
