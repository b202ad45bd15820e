//! Where Amazon Chime's data meets HTTP.
//!
//! Pure functions, both directions, for every operation: requests and responses become messages
//! of the `http` crate and come back from them. There is no IO and nothing asynchronous in here.
//! How a member travels is read from the row of its operation, so that a client and a server
//! cannot disagree.
//!
//! ```
//! use chime_model::chime::{CHIME, RoomMembershipRole, UpdateRoomMembershipRequest};
//! use chime_wire::{Router, decode_request, encode_request};
//!
//! let request = UpdateRoomMembershipRequest::new("an-account", "a-room", "a/user")
//!     .role(RoomMembershipRole::Member);
//! let message = encode_request(&request).unwrap();
//! assert_eq!(message.method(), "POST");
//! assert_eq!(message.uri(), "/accounts/an-account/rooms/a-room/memberships/a%2Fuser");
//! assert_eq!(message.body(), r#"{"Role":"Member"}"#);
//!
//! let route = Router::new([&CHIME]).route(message.method(), message.uri()).unwrap();
//! assert_eq!(route.info.name, "UpdateRoomMembership");
//! let decoded: UpdateRoomMembershipRequest = decode_request(&route, &message).unwrap();
//! assert_eq!(decoded, request);
//! ```
//!
//! The client's two functions have twins without types, which take the row and a JSON document:
//! [`encode_input`] and [`decode_document`]. Command lines and proxies are built on them.

mod document;
mod error;
mod request;
mod response;
mod router;
mod server;
mod text;

pub use document::{decode_document, without_nulls};
pub use error::{decode_error, encode_error};
pub use request::{encode_input, encode_request};
pub use response::{ResponseError, Undecodable, decode_response, encode_response, undecodable};
pub use router::{Route, Router};
pub use server::decode_request;
