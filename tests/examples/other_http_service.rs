//! The client over another HTTP service with a layer of its own: here an emulator behind a layer that counts
//! requests.
//!
//! `cargo run -p tests --example other_http_service` runs it once; `cargo test` does the same.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use chime_client::model::chime::ListRoomsRequest;
use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};
use http::Request;
use tower::{ServiceBuilder, ServiceExt};

/// Counts rooms. Returns the number of rooms, and the number of requests that were sent.
async fn count_rooms() -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    let service = ServiceBuilder::new()
        .map_request(move |request: Request<Bytes>| {
            counter.fetch_add(1, Ordering::Relaxed);
            request
        })
        .service(LocalChime::sample());

    let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let client = Client::with_http_service(Config::new(credentials), service)?;
    // A client is a tower service of every request, so that layers apply to typed calls too.
    let client = ServiceBuilder::new().concurrency_limit(8).service(client);
    let listed = client.oneshot(ListRoomsRequest::new(sample::ENTERPRISE_ACCOUNT_ID)).await?;
    Ok((listed.rooms.unwrap_or_default().len(), requests.load(Ordering::Relaxed)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (rooms, requests) = count_rooms().await?;
    println!("{rooms} room, {requests} request");
    Ok(())
}

#[test]
fn it_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(count_rooms()).unwrap(), (1, 1));
}
