//! Amazon Chime for Rust: one client for every operation.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use chime_client::model::chime::{RoomMembershipRole, UpdateRoomMembershipRequest};
//! use chime_client::{Client, Config, Credentials};
//! use chime_local::{LocalChime, sample};
//!
//! // Against AWS: `Client::new(Config::load()?)?`. Here, a Chime inside this process.
//! let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
//! let client = Client::with_http_service(Config::new(key), LocalChime::sample())?;
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
//! [`Client::items`] and [`Client::pages`] follow a list to its end, and
//! [`Client::send_in_batches`] splits what is too much for one call, and [`Client::wait`] polls until
//! a resource is as wanted.
//!
//! A call is validated, encoded, signed, sent, retried where that helps, and decoded. The model
//! is `chime-model`, the stack that carries messages `chime-transport`; this crate joins the two.

mod batches;
mod client;
mod error;
mod generated;
mod hints;
mod pages;
mod wait;

pub use chime_model as model;
pub use chime_transport::{
    Attempts, BoxError, CallOptions, Clock, Config, ConfigError, Credentials, HttpClient,
    HttpService, Pool, Proxies, Random, RateKey, RateLimit, RateLimits, RetryMode, Roots, Stop,
};
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
