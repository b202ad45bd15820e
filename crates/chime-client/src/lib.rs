//! Amazon Chime for Rust: one client for every operation.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use chime_client::model::chime::{RoomMembershipRole, UpdateRoomMembershipRequest};
//! use chime_client::{Client, Config};
//!
//! let client = Client::new(Config::from_env()?)?;
//! let request = UpdateRoomMembershipRequest::new("account-id", "room-id", "user-id")
//!     .role(RoomMembershipRole::Administrator);
//! let changed = client.update_room_membership(request).await?;
//! println!("{:?}", changed.room_membership);
//! # Ok(())
//! # }
//! ```
//!
//! A call is checked, encoded, signed, sent, tried again where that helps, and decoded. The model
//! is `chime-model`, the stack that carries messages `chime-transport`; this crate joins the two.

mod client;
mod error;
mod generated;

pub use chime_model as model;
pub use chime_transport::Error as TransportError;
pub use chime_transport::{
    Attempts, BoxError, Clock, Config, ConfigError, Connection, Credentials, Random, Stop,
};
pub use chime_wire::Undecodable;

pub use client::Client;
pub use error::{Error, ErrorKind};
