//! Encodes and decodes Amazon Chime's requests and responses as HTTP messages.
//!
//! The functions work in both directions, for clients and servers, with the message types of the
//! `http` crate. They do no IO and are not async. Both directions use the row of the operation, which says
//! whether a member is in the path, the query, the body or a header.
//!
//! ```
//! use chime_model::chime::{API, RoomMembershipRole, UpdateRoomMembershipRequest};
//! use chime_wire::{Router, decode_request, encode_request};
//!
//! let request = UpdateRoomMembershipRequest::new("an-account", "a-room", "a/user")
//!     .role(RoomMembershipRole::Member);
//! let message = encode_request(&request).unwrap();
//! assert_eq!(message.method(), "POST");
//! assert_eq!(message.uri(), "/accounts/an-account/rooms/a-room/memberships/a%2Fuser");
//! assert_eq!(message.body(), r#"{"Role":"Member"}"#);
//!
//! let uri = message.uri();
//! let route = Router::new([&API]).route(message.method(), uri.path(), uri.query()).unwrap();
//! assert_eq!(route.info.name, "UpdateRoomMembership");
//! let decoded: UpdateRoomMembershipRequest = decode_request(&route, &message).unwrap();
//! assert_eq!(decoded, request);
//! ```
//!
//! [`encode_input`] and [`decode_document`] work without the types of an operation, for command lines and
//! proxies: they take a row and a JSON document.

mod document;
mod error;
mod foreign;
mod request;
mod response;
mod router;
mod server;
mod text;

pub use document::{decode_document, format_timestamps, without_nulls};
pub use error::{decode_error, encode_error, encode_error_with_request_id, request_id};
pub use request::{encode_input, encode_request};
pub use response::{ResponseError, Undecodable, decode_response, encode_response, undecodable};
pub use router::{Route, Router};
pub use server::decode_request;
