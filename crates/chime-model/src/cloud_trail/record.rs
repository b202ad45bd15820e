//! The record of an API call.

use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use super::{request, response};
use crate::events::timestamps::IsoSeconds;
use crate::{Operation, SensitiveMap, Value, ValueError};

/// The record of an API call. In a log file, it is an item of `Records`. EventBridge delivers it as
/// the detail of `AWS API Call via CloudTrail`.
///
/// Its other members, such as `userIdentity`, are in [`other`](Self::other).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CloudTrailRecord {
    /// The service, such as `chime.amazonaws.com`.
    pub event_source: String,
    /// The operation, such as `CreateMeeting`.
    pub event_name: String,
    /// The time when the call was completed, to the second.
    #[serde(with = "As::<IsoSeconds>")]
    pub event_time: OffsetDateTime,
    /// The region of the call.
    pub aws_region: String,
    /// The request id of the call, as in the service's response.
    #[serde(rename = "requestID", skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The id of the record, a GUID.
    #[serde(rename = "eventID", skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The error code, if the call failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// A human-readable error message, if the call failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The members of the request: see [`request`](Self::request).
    pub request_parameters: Option<SensitiveMap<Value>>,
    /// The members of the response: see [`response`](Self::response).
    pub response_elements: Option<SensitiveMap<Value>>,
    /// All other members.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl CloudTrailRecord {
    /// Reads the request as that of an operation, whose name must be [`event_name`](Self::event_name).
    /// Returns `None` if the record has no request.
    ///
    /// # Errors
    /// If a required member is missing or hidden, or if a value has the wrong type.
    pub fn request<O: Operation>(&self) -> Result<Option<O>, ValueError> {
        request(members(&self.request_parameters))
    }

    /// Reads the response as that of an operation. Returns `None` if the record has no response, as for
    /// calls that only read.
    ///
    /// # Errors
    /// If a required member is missing or hidden, or if a value has the wrong type.
    pub fn response<O: Operation>(&self) -> Result<Option<O::Output>, ValueError> {
        response::<O, _>(members(&self.response_elements))
    }
}

fn members(members: &Option<SensitiveMap<Value>>) -> Value {
    members.as_ref().map_or(Value::Null, |members| Value::Map(members.expose().clone()))
}
