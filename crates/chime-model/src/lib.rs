//! Amazon Chime as plain data.
//!
//! This crate is the vocabulary of the API and nothing else: the requests and responses of every
//! operation as serde types, a check of everything the API description demands of them, and one
//! row of facts per operation that a client, a server or a command line can be built from. It does
//! no IO and knows no HTTP library.
//!
//! ```
//! use chime_model::Validate;
//! use chime_model::chime::{RoomMembershipRole, UpdateRoomMembershipRequest};
//!
//! let request = UpdateRoomMembershipRequest::new("an-account", "a-room", "a-user")
//!     .role(RoomMembershipRole::Administrator);
//! assert!(request.validate().is_ok());
//! assert_eq!(serde_json::to_value(&request).unwrap()["Role"], "Administrator");
//!
//! let blank = UpdateRoomMembershipRequest::new("an-account", " ", "a-user");
//! assert_eq!(blank.validate().unwrap_err().to_string(), "RoomId: must not be blank");
//! ```
//!
//! # Where to look
//!
//! * [`chime`]: the types, one module per group of resources.
//! * [`Operation`] and [`OperationInfo`]: what a client or a server needs to know of an operation.
//! * [`Validate`]: all violations of a value at once.
//! * [`ServiceError`]: what the service answers when it refuses.

#[macro_use]
mod macros;

mod error;
mod generated;
mod operation;
mod phone_number;
mod sensitive;
mod shape;
pub mod timestamp;
mod validate;

pub use error::ServiceError;
pub use generated::{Exception, chime};
pub use operation::{Batch, Method, Operation, OperationInfo, Paging, Service};
pub use phone_number::InvalidPhoneNumber;
pub use sensitive::{Masked, SensitiveString};
pub use shape::{
    Describe, Enumeration, IntegerShape, ListShape, MemberInfo, Pattern, Place, Shape, Structure,
    TextShape,
};
pub use validate::{Rule, Validate, Violation, Violations, check};

/// The services that this crate describes.
pub static SERVICES: [&Service; 1] = [&chime::CHIME];
