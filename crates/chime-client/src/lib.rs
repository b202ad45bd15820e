//! One client for every operation of Amazon Chime and the Amazon Chime SDK.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use chime_client::model::chime::{RoomMembershipRole, UpdateRoomMembershipRequest};
//! use chime_client::{Client, Config, Credentials};
//! use chime_local::{LocalChime, sample};
//!
//! // To call AWS, use `Client::new(Config::load()?)?`. This calls an emulator in the same process.
//! let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
//! let client = Client::with_http_service(Config::new(credentials), LocalChime::sample())?;
//!
//! let request = UpdateRoomMembershipRequest::new(
//!     sample::ENTERPRISE_ACCOUNT_ID,
//!     sample::ROOM_ID,
//!     sample::BO_ID,
//! )
//! .role(RoomMembershipRole::Administrator);
//! let changed = client.chime().update_room_membership(request).await?;
//! assert_eq!(changed.room_membership.unwrap().role, Some(RoomMembershipRole::Administrator));
//! # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! Each service has a Cargo feature and a view of the client: `client.meetings()` needs the feature
//! `meetings`. The feature `all` turns on all six services; `chime` is the default.
//!
//! - [`Client::items`] and [`Client::pages`] follow a list to its end.
//! - [`Client::send_in_batches`] splits a batch that is too large for one call.
//! - [`Client::wait`] polls until a resource has reached a state.
//!
//! The client validates, encodes, signs and sends each request, retries it if the error is transient and a
//! second attempt cannot do harm, and decodes the response. The types come from `chime-model`, and the
//! transport layers from `chime-transport`.

mod batches;
mod client;
mod error;
mod generated;
mod hints;
mod pages;
mod wait;

pub use chime_model as model;
pub use chime_transport::{
    Attempts, BoxError, CallOptions, Clock, Config, ConfigError, Credentials, Endpoint, HttpClient,
    HttpService, Pool, Proxies, Random, RateKey, RateLimit, RateLimits, RetryMode, Roots, Stop,
};
pub use chime_transport::{EndpointError, endpoint::InvalidUrl};
pub use chime_transport::{Error as TransportError, ErrorKind as TransportErrorKind};
pub use chime_transport::{credentials, rate_limit, retry, rustls};
pub use chime_wire::{Undecodable, request_id};

pub use batches::{BatchError, Batches};
pub use client::Client;
pub use error::{Error, ErrorKind};
#[allow(unused_imports, unreachable_pub, reason = "without a service there is no view")]
pub use generated::*;
pub use pages::{Items, Pages};
pub use wait::{Wait, WaitError};
