//! Reads AWS CloudTrail's records of API calls into the types of this crate.
//!
//! CloudTrail writes the request and the response of a call with the first letter of each member in
//! lower case, and replaces sensitive values with a placeholder. [`request`] and [`response`] read
//! them; [`CloudTrailRecord`] is the whole record.
//!
//! If a hidden value is text, the member has the placeholder as its value. Any other hidden value counts as
//! absent, which is an error only if the member is required.
//!
//! ```
//! # #[cfg(feature = "meetings")] {
//! use chime_model::Operation;
//! use chime_model::cloud_trail::CloudTrailRecord;
//! use chime_model::meetings::UpdateAttendeeCapabilitiesRequest;
//!
//! let json = r#"{
//!     "eventTime": "2026-03-02T09:00:10Z", "eventSource": "chime.amazonaws.com",
//!     "eventName": "UpdateAttendeeCapabilities", "awsRegion": "us-east-1",
//!     "requestParameters": {
//!         "meetingId": "3f9c2a71", "attendeeId": "5b0e7d92",
//!         "capabilities": {"audio": "SendReceive", "video": "None", "content": "None"}
//!     },
//!     "responseElements": null
//! }"#;
//! let record: CloudTrailRecord = serde_json::from_str(json).unwrap();
//! if record.event_name == UpdateAttendeeCapabilitiesRequest::INFO.name {
//!     let request = record.request::<UpdateAttendeeCapabilitiesRequest>().unwrap().unwrap();
//!     assert_eq!(request.capabilities.audio.as_str(), "SendReceive");
//! }
//! # }
//! ```

mod members;
mod record;
#[cfg(test)]
#[cfg(all(
    feature = "chime",
    feature = "media-pipelines",
    feature = "meetings",
    feature = "messaging",
    feature = "voice"
))]
mod tests;

use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer};

use crate::{Operation, Value, ValueError};

pub use record::CloudTrailRecord;

/// Reads the `requestParameters` of a record as a request. Returns `None` if they are null.
///
/// # Errors
/// If a required member is missing or hidden, or if a value has the wrong type.
pub fn request<'de, O: Operation, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<O>, D::Error> {
    let Some(parameters) = Option::<Value>::deserialize(deserializer)? else { return Ok(None) };
    let parameters = members::renamed(O::INFO.input, parameters);
    O::deserialize(parameters).map(Some).map_err(D::Error::custom)
}

/// Reads the `responseElements` of a record as the response of an operation. Returns `None` if they are
/// null, as for calls that only read and for calls that failed.
///
/// # Errors
/// If a required member is missing or hidden, or if a value has the wrong type.
pub fn response<'de, O: Operation, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<O::Output>, D::Error> {
    let Some(elements) = Option::<Value>::deserialize(deserializer)? else { return Ok(None) };
    let read: Result<O::Output, ValueError> = match O::INFO.output {
        Some(structure) => O::Output::deserialize(members::renamed(structure, elements)),
        None => O::Output::deserialize(().into_deserializer()),
    };
    read.map(Some).map_err(D::Error::custom)
}
