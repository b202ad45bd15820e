//! The whole client over a connection that is not ours: any service of HTTP messages, with layers
//! of its own.
//!
//! `cargo run -p tests --example foreign_connection` runs it once; `cargo test` does the same.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use chime_client::model::chime::ListRoomsRequest;
use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};
use http::Request;
use tower::{ServiceBuilder, ServiceExt};

/// How many rooms there are, and how many messages it took to know.
async fn count_rooms() -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let messages = Arc::new(AtomicUsize::new(0));
    let counter = messages.clone();
    // In its place could be reqwest, a proxy's client, a recorder: whatever answers HTTP.
    let connection = ServiceBuilder::new()
        .map_request(move |request: Request<Bytes>| {
            counter.fetch_add(1, Ordering::Relaxed);
            request
        })
        .service(LocalChime::sample());

    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let client = Client::with_connection(Config::new(key), connection)?;
    // A client is a tower service of every request, so that layers apply to typed calls too.
    let client = ServiceBuilder::new().concurrency_limit(8).service(client);
    let answer = client.oneshot(ListRoomsRequest::new(sample::ENTERPRISE_ACCOUNT_ID)).await?;
    Ok((answer.rooms.unwrap_or_default().len(), messages.load(Ordering::Relaxed)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (rooms, messages) = count_rooms().await?;
    println!("{rooms} room, {messages} message");
    Ok(())
}

#[test]
fn it_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(count_rooms()).unwrap(), (1, 1));
}
