//! The client over your own hyper client. Its bodies are streams, so the adapter wraps the body of the request
//! and collects the body of the response.
//!
//! `cargo run -p tests --example hyper_below` runs it once; `cargo test` does the same.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use bytes::Bytes;
use chime_client::model::chime::ListAccountsRequest;
use chime_client::{BoxError, Client, Config, Credentials, HttpService};
use chime_local::{LocalChime, sample};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

/// No response of Amazon Chime is larger.
const MAX_RESPONSE_SIZE: usize = 16 << 20;

async fn send(
    client: legacy::Client<HttpConnector, Full<Bytes>>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, BoxError> {
    let response = client.request(request.map(Full::new)).await?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_RESPONSE_SIZE).collect().await?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

fn over_hyper() -> impl HttpService {
    let client = legacy::Client::builder(TokioExecutor::new()).build_http();
    tower::service_fn(move |request| send(client.clone(), request))
}

/// Counts the accounts of an emulator that listens on a local port.
async fn count_accounts() -> Result<usize, Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let mut config = Config::new(credentials);
    config.endpoint_url = Some(format!("http://{}", listener.local_addr()?));
    tokio::spawn(LocalChime::sample().serve(listener, std::future::pending()));

    let client = Client::with_http_service(config, over_hyper())?;
    Ok(client
        .chime()
        .list_accounts(ListAccountsRequest::new())
        .await?
        .accounts
        .map_or(0, |all| all.len()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{} accounts", count_accounts().await?);
    Ok(())
}

#[test]
fn it_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(count_accounts()).unwrap(), 2);
}
