//! The Amazon Chime APIs as plain data.
//!
//! This crate has the requests and responses of every operation as serde types, and validates them against
//! every constraint of the API description. It describes each operation in a row of facts, with which you can
//! build a client, a server or a command line. It does no IO and depends on no HTTP library.
//!
//! Each service is a feature and a module: [`chime`] (the default), `identity`, `media_pipelines`,
//! `meetings`, `messaging` and `voice`. The feature `all` turns on all of them. `sma` adds the events and
//! actions of SIP media applications, `jiff` and `chrono` convert timestamps, and `schemars` generates JSON
//! schemas.
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
//! # Serialization
//!
//! Every type serializes to and deserializes from the JSON of the API, and any other serde format with member
//! names, such as CBOR, YAML, or MessagePack with names. Unset members are left out, or written as null inside
//! [`WithNulls`]. When a type is deserialized, null counts as absent, unknown members are ignored, and
//! unknown enum values are kept. The feature `arbitrary_precision` of serde_json is not supported: with it,
//! numbers have another form, in which timestamps and [`Value`]s cannot be read.
//!
//! ```
//! use chime_model::chime::{ListRoomsResponse, Room};
//!
//! let json = r#"{"Rooms":[{"RoomId":"7f3d2b18","Name":"Plans","Colour":"red"}],"NextToken":null}"#;
//! let response: ListRoomsResponse = serde_json::from_str(json).unwrap();
//! let fixture = ListRoomsResponse::default()
//!     .rooms([Room::default().room_id("7f3d2b18").name("Plans")]);
//! assert_eq!(response, fixture);
//! ```
//!
//! # Validation
//!
//! [`Validate`] returns all violations of the API description at once: values that are missing, blank,
//! too long or out of range, lists with too many items, and text that does not match its pattern. It cannot
//! know whether a resource exists. [`check`] validates a JSON document, in which members can also be unknown
//! or have the wrong type.
//!
//! ```
//! use chime_model::chime::{BatchUpdateUserRequest, UpdateUserRequestItem};
//! use chime_model::{Rule, Validate};
//!
//! let items = vec![UpdateUserRequestItem::new("a-user"); 21];
//! let violations = BatchUpdateUserRequest::new("an-account", items).validate().unwrap_err();
//! let [violation] = violations.as_slice() else { panic!("one") };
//! assert_eq!(violation.path, "UpdateUserRequestItems");
//! assert_eq!(violation.rule, Rule::Size { min: None, max: Some(20), actual: 21 });
//! ```
//!
//! # Sensitive values
//!
//! Names, addresses, phone numbers and tokens are [`SensitiveString`]s. `Debug` redacts them at any
//! depth. They serialize as plain text, or redacted inside [`Masked`].
//!
//! # Operations as data
//!
//! [`Operation::INFO`] is the row of an operation. It has the name of the operation, and for each member its
//! part of the HTTP message, its constraints and its documentation. An [`Api`] lists the rows of a service.
//!
//! ```
//! use chime_model::chime::API;
//!
//! let row = API.operation("UpdateRoomMembership").unwrap();
//! assert_eq!(row.path, "/accounts/{accountId}/rooms/{roomId}/memberships/{memberId}");
//! let required = row.input.members.iter().filter(|member| member.required);
//! assert_eq!(required.map(|member| member.name).collect::<Vec<_>>(), ["AccountId", "RoomId", "MemberId"]);
//! ```
//!
//! # Overview
//!
//! * [`chime`]: the types of Amazon Chime, in one module per group of resources.
//! * [`Operation`] and [`OperationInfo`]: an operation as a trait and as a row of facts.
//! * [`Validate`]: validation of a request.
//! * [`ServiceError`]: the error that a service returns.
//! * [`waiter`]: the states that resources reach some time after a call.
//! * [`events`]: the events that the services send to EventBridge, SQS, SNS, Lambda and Kinesis.
//! * [`cloud_trail`]: CloudTrail's records of API calls as requests and responses.
//! * [`JoinInfo`]: the document that a client of the Chime SDK needs to join a meeting.
//! * `sma`: the events and actions of SIP media applications (feature `sma`).

#[cfg(feature = "schemars")]
pub mod schema;
#[macro_use]
#[allow(dead_code, unused_macros, reason = "without services there are no structures")]
mod members;
#[macro_use]
#[allow(unused_macros, reason = "a service need not use all of them")]
mod macros;
#[macro_use]
#[allow(dead_code, unused_macros, reason = "a service need not use all of them")]
mod phone_number;

pub mod cloud_trail;
mod error;
pub mod events;
mod generated;
#[cfg(feature = "meetings")]
mod join_info;
mod note;
mod nulls;
mod operation;
mod pattern;
mod sensitive;
mod shape;
#[cfg(feature = "sma")]
pub mod sma;
pub mod timestamp;
mod validate;
mod value;
#[allow(unused_imports, dead_code, unused_macros, reason = "not every service has waiters")]
pub mod waiter;

pub use error::ServiceError;
pub use generated::Exception;
#[cfg(feature = "chime")]
pub use generated::chime;
#[cfg(feature = "identity")]
pub use generated::identity;
#[cfg(feature = "media-pipelines")]
pub use generated::media_pipelines;
#[cfg(feature = "meetings")]
pub use generated::meetings;
#[cfg(feature = "messaging")]
pub use generated::messaging;
#[cfg(feature = "voice")]
pub use generated::voice;
#[cfg(feature = "meetings")]
pub use join_info::JoinInfo;
pub use nulls::WithNulls;
pub use operation::{
    Api, Batch, BatchOperation, Method, Operation, OperationInfo, PagedOperation, Paging, Service,
};
pub use pattern::Pattern;
pub use phone_number::{InvalidPhoneNumber, NUMBER_NEWTYPE};
pub use sensitive::{Masked, SensitiveMap, SensitiveString};
pub use shape::{
    Describe, Enumeration, ListShape, MapShape, MemberInfo, NumberShape, Place, Shape, Structure,
    TextShape, TimestampFormat,
};
pub use validate::{Rule, Validate, Violation, Violations, check, check_batches};
pub use value::{Value, ValueError};

/// The services whose features are on.
pub static SERVICES: &[&Service] = &[
    #[cfg(feature = "chime")]
    &chime::SERVICE,
    #[cfg(feature = "identity")]
    &identity::SERVICE,
    #[cfg(feature = "media-pipelines")]
    &media_pipelines::SERVICE,
    #[cfg(feature = "meetings")]
    &meetings::SERVICE,
    #[cfg(feature = "messaging")]
    &messaging::SERVICE,
    #[cfg(feature = "voice")]
    &voice::SERVICE,
];

/// The operations of the services whose features are on.
pub static APIS: &[&Api] = &[
    #[cfg(feature = "chime")]
    &chime::API,
    #[cfg(feature = "identity")]
    &identity::API,
    #[cfg(feature = "media-pipelines")]
    &media_pipelines::API,
    #[cfg(feature = "meetings")]
    &meetings::API,
    #[cfg(feature = "messaging")]
    &messaging::API,
    #[cfg(feature = "voice")]
    &voice::API,
];
